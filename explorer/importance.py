"""How much a completion's answer depends on each token before it. OAR, arXiv:2601.07408.

`perturbation` hides one token at a time behind the padding token and takes, in nats,

    I_j = KL(p || p_j)

p is the distribution of the answer and p_j that without token j: one row for each token.
`gradient` moves the embeddings e by a little noise and takes the slope there, for at the point
itself KL has none:

    I_j = |sum_h dKL(p || p_noisy) / de_jh  e_jh|

That is two forward passes and one backward pass for all tokens. Its numbers are of another size;
OAR's weights go by their proportion within a completion.
"""

import dataclasses
from typing import Annotated, Any, Literal

import torch
from torch import Tensor

from explorer import learn, peers, ragged
from explorer.answered import answer
from explorer.knobs import Slider
from explorer.policy import Policy, end_tokens
from explorer.rows import Rows, parts, rows
from explorer.types import Mask, Rollouts

NOISE = 1e-3  # standard deviation, in the units of the embeddings


def importance(
    policy: Policy,
    rollouts: Rollouts,
    *,
    measure: Literal["gradient", "perturbation"] = "gradient",
    readout: Literal["mean", "first"] = "mean",
    draws: Annotated[int, Slider(1, 16, 1, at_least=1)] = 1,
    seed: int = 0,
    micro: int = 8192,
) -> Rollouts:
    """The rollouts with `importance` of each sampled token before the answer, NaN elsewhere.

    A completion without an answer, or with nothing before it, has NaN everywhere.

    Args:
        measure: gradient takes three passes, perturbation as many as a completion has tokens.
        readout: mean is the softmax of the logits' mean over the answer's tokens, first the
            distribution of its first token.
        draws: noise vectors that the gradient's importance is the mean of; more are steadier.
        seed: of the noise.
        micro: tokens in one pass, padding included.

    Raises:
        ValueError: the rollouts lack the prompts' tokens or the text of the tokens.
    """
    home = rollouts.tokens.device
    rollouts = rollouts.to(policy.device)
    asked = answer(rollouts)
    said = peers.within(asked.float(), rollouts.sample)
    reached = peers.total(asked.float(), rollouts.sample) > 0
    hidden = rollouts.mask & reached & (said == 0)
    if readout == "first":
        asked = asked & (said == 1)
    found = torch.full(asked.shape, torch.nan, device=policy.device)
    draw = torch.Generator().manual_seed(seed)  # on the CPU: the same noise on every device
    for keep in learn.parts(rollouts, micro):
        own = keep[rollouts.sample]
        if not bool((hidden & own).any()):
            continue
        asks = _Question(policy, ragged.select(rollouts, keep), asked[own], hidden[own])
        moves = asks.slopes(draws, draw) if measure == "gradient" else asks.shifts(micro)
        found[hidden & own] = moves.to(found)
    return dataclasses.replace(rollouts, importance=found).to(home)


class _Question:
    """Some completions up to their answers, and what a policy says of these answers."""

    def __init__(self, policy: Policy, rollouts: Rollouts, asked: Mask, hidden: Mask) -> None:
        whole = rows(*parts(rollouts))
        places = whole.spread(asked)
        width = int(places.any(0).nonzero().amax()) + 1 if bool(places.any()) else 1
        self._policy = policy
        self._read = Rows(whole.ids[:, :width], whole.real[:, :width], whole.inside[:, :width])
        self._asked = places[:, :width]
        self._hidden = whole.spread(hidden)[:, :width]

    def slopes(self, draws: int, draw: torch.Generator) -> Tensor:
        """Importance of each hidden token by gradients."""
        embedding: Any = self._policy.model.get_input_embeddings()
        everyone = torch.arange(len(self._read.ids), device=self._read.ids.device)
        with torch.no_grad():
            clean = embedding(self._read.ids)
            before = self._said(everyone, inputs_embeds=clean)
        found = clean.new_zeros(clean.shape[:2])
        for _ in range(draws):
            noise = NOISE * torch.randn(clean.shape, generator=draw).to(clean)
            moved = (clean + noise * self._hidden[..., None]).requires_grad_()
            distance = _divergence(before, self._said(everyone, inputs_embeds=moved)).sum()
            (slope,) = torch.autograd.grad(distance, moved)
            found += (slope * clean).sum(-1).abs()
        return found[self._hidden] / draws

    @torch.no_grad()
    def shifts(self, micro: int) -> Tensor:
        """Importance of each hidden token by hiding it."""
        ids = self._read.ids
        everyone = torch.arange(len(ids), device=ids.device)
        before = torch.cat([self._said(w, input_ids=ids[w]) for w in _runs(everyone, ids, micro)])
        row, place = self._hidden.nonzero(as_tuple=True)
        found = []
        for run in _runs(torch.arange(len(row), device=ids.device), ids, micro):
            changed = ids[row[run]]
            changed[torch.arange(len(run), device=ids.device), place[run]] = self._blank()
            after = self._said(row[run], input_ids=changed)
            found.append(_divergence(before[row[run]], after))
        return torch.cat(found)

    def _said(self, which: Tensor, **inputs: Tensor) -> Tensor:
        """Log-probabilities of the answers in some rows, by the mean of their logits."""
        logits = self._policy.model(
            **inputs,
            attention_mask=self._read.real[which].long(),
            position_ids=self._read.place[which],
            use_cache=False,
        ).logits
        asked = self._asked[which][:, 1:]  # position j - 1 predicts position j
        row = asked.nonzero(as_tuple=True)[0]
        total = logits.new_zeros(len(which), logits.shape[-1])
        total = total.index_add(0, row, logits[:, :-1][asked])
        return (total / asked.sum(1, keepdim=True).clamp(min=1)).float().log_softmax(-1)

    def _blank(self) -> int:
        blank: Any = self._policy.tokenizer.pad_token_id
        return end_tokens(self._policy)[0] if blank is None else blank


def _divergence(before: Tensor, after: Tensor) -> Tensor:
    """KL(before || after) of each row of log-probabilities, in nats."""
    return (before.exp() * (before - after)).sum(-1)


def _runs(index: Tensor, ids: Tensor, micro: int) -> tuple[Tensor, ...]:
    """Pieces of an index into rows, of at most `micro` tokens."""
    return index.split(max(micro // ids.shape[1], 1))
