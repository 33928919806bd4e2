"""Score tables of the last layers of a large model, from one forward and one short backward pass.

After the last attention has mixed the positions, each token's log-probability depends on one
position only, so its gradient by a weight matrix there has rank one: delta_t x_t', with x_t what
entered the layer and delta_t the gradient of what left it (Goodfellow 2015, arXiv:1510.01799).
Directions of rank one project it without ever forming it:

    Z[t, r] = sum_layers (u_r . delta_t)(w_r . x_t) / sqrt(R),      u_r, w_r in {-1, +1}

Inner products stay unbiased; their error is up to twice that of full directions, sqrt(8 / R).
The tail is a part of the gradient: it compares estimators, and its numbers are its own.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, nn

from explorer import ragged
from explorer.policy import Policy, score
from explorer.types import Rollouts


def tail_table(
    policy: Policy,
    rollouts: Rollouts,
    *,
    width: int = 512,
    seed: int = 0,
    temperature: float = 1.0,
    progress: Callable[[float], None] | None = None,
) -> Float[Tensor, "tokens width"]:
    """Projected scores by the weight matrices after the last mixing of positions.

    Args:
        width: directions R; inner products are off by up to sqrt(8 / R) of the norms.
        seed: of the directions.
        temperature: at which the policy sampled.
        progress: is told the share that is done.

    Raises:
        ValueError: the model has no attention followed by linear layers, or mixes positions
            after it.
    """
    layers = list(tail_layers(policy).values())
    draw = torch.Generator().manual_seed(seed)
    left = [_signs(layer.out_features, width, layer, draw) for layer in layers]
    right = [_signs(layer.in_features, width, layer, draw) for layer in layers]
    rows = []
    for i in range(len(rollouts.rewards)):
        x, delta = factors(policy, ragged.of_sample(rollouts, i), layers, temperature)
        parts = zip(x, delta, left, right, strict=True)
        rows.append(torch.stack([(d @ u) * (a @ w) for a, d, u, w in parts]).sum(0).float())
        if progress is not None:
            progress((i + 1) / len(rollouts.rewards))
    return torch.cat(rows).to(rollouts.tokens.device) / width**0.5


def factors(
    policy: Policy, one: Rollouts, layers: list[nn.Linear], temperature: float = 1.0
) -> tuple[list[Tensor], list[Tensor]]:
    """x_t and delta_t of each layer for the tokens of a rollout of one sample."""
    entered: list[Tensor] = []
    left: list[Tensor] = []

    def keep(_: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        entered.append(inputs[0].detach()[0])
        left.append(output)

    with _hooked(layers, keep):
        logprobs = score(policy, one, temperature=temperature).logprobs
    # Position t - 1 predicts token t; what follows the last token predicts nothing.
    span = slice(-len(logprobs) - 1, -1)
    deltas = torch.autograd.grad(logprobs.sum(), left)
    return [x[span] for x in entered], [d[0][span] for d in deltas]


def tail_layers(policy: Policy) -> dict[str, nn.Linear]:
    """The linear layers through which nothing passes from one position to another any more.

    They begin with the projection that ends the last attention, in the order of a forward pass.

    Raises:
        ValueError: no attention followed by linear layers, or positions mix after it.
    """
    linear = {n: m for n, m in policy.model.named_modules() if isinstance(m, nn.Linear)}
    names = {id(module): name for name, module in linear.items()}
    called: list[str] = []
    outputs: list[Tensor] = []

    def note(module: nn.Module, _: tuple[Tensor, ...], output: Tensor) -> None:
        called.append(names[id(module)])
        outputs.append(output)

    probe = torch.arange(3, device=policy.device)[None]
    with _hooked(linear.values(), note):
        logits = policy.model(input_ids=probe).logits
    attends = [i for i, name in enumerate(called) if "attn" in name or "attention" in name]
    if not attends:
        raise ValueError(
            "the model has no linear layer inside an attention, so its tail is unknown; "
            "use the sketch tier"
        )
    tail = called[attends[-1] :]
    back = torch.autograd.grad(logits[0, -1].sum(), outputs[attends[-1] :])
    for name, gradient in zip(tail, back, strict=True):
        if gradient[0, :-1].any():
            raise ValueError(f"positions mix after {name}, so it has no tail; use the sketch tier")
    return {name: linear[name] for name in tail}


def has_tail(policy: Policy) -> bool:
    """Whether there are layers after the last mixing of positions, as `tail_layers` finds them."""
    try:
        return bool(tail_layers(policy))
    except ValueError:
        return False


@contextmanager
def _hooked(layers: Iterable[nn.Module], hook: Callable) -> Iterator[None]:
    handles = [layer.register_forward_hook(hook) for layer in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _signs(size: int, width: int, like: nn.Linear, draw: torch.Generator) -> Tensor:
    signs = 2 * torch.empty(size, width).bernoulli_(generator=draw) - 1
    return signs.to(like.weight)
