"""A causal language model as a policy: load it, save it, and measure its tokens.

Any folder that transformers reads will do; weights are safetensors, never pickles. transformers is
imported when a policy is loaded: that takes seconds, and many who import this module load none.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from explorer.rows import parts, rows
from explorer.types import PerToken, PerTokenTop, Rollouts, TopTokens

if TYPE_CHECKING:
    import transformers

SHIPPED = Path(__file__).parent / "assets" / "policy"


@dataclass(frozen=True, eq=False, kw_only=True)
class Policy:
    """A model and its tokenizer."""

    model: "transformers.PreTrainedModel"
    tokenizer: "transformers.PreTrainedTokenizerBase"
    device: torch.device
    name: str = "policy"


@dataclass(frozen=True, eq=False, kw_only=True)
class Scores:
    """What one forward pass says of every token, with gradient."""

    logprobs: PerToken  # nats
    entropy: PerToken  # nats
    sum_pi_sq: PerToken
    top_tokens: TopTokens | None = None  # those of the rollouts, or else the likeliest now
    top_logprobs: PerTokenTop | None = None  # of these, without gradient


def load(path: str | Path = SHIPPED, *, device: str = "auto") -> Policy:
    """The policy in a folder, in float32; by default the tiny one that the package carries.

    The name of a model that was downloaded before works too. Nothing is fetched, and no code that
    came with the weights is run.

    Args:
        path: a folder with config.json, safetensors and a tokenizer.
        device: auto takes a GPU if there is one; else cpu, cuda, cuda:1 and so on.

    Raises:
        ValueError: no such folder, files that can not be read, or no such device.
    """
    where = pick_device(device)
    try:
        model, tokenizer, lacking = _read(str(path))
    except Exception as error:  # the readers raise a dozen kinds, some of them bare
        if not Path(path).is_dir():
            raise ValueError(
                f"there is no model folder {path}; give one with config.json, safetensors and a "
                "tokenizer, or the name of a model that was downloaded before"
            ) from error
        reason = str(error).strip().split("\n")[0]
        raise ValueError(
            f"the model in {path} can not be read; write the folder again or take another: {reason}"
        ) from error
    if lacking:
        raise ValueError(f"the weights in {path} lack {lacking[0]}; write the folder again")
    return Policy(
        # Without dropout: sampling and learning see one policy.
        model=model.to(where).eval(),  # pyright: ignore[reportArgumentType]
        tokenizer=tokenizer,
        device=where,
        name=Path(path).name,
    )


def _read(
    path: str,
) -> tuple["transformers.PreTrainedModel", "transformers.PreTrainedTokenizerBase", list[str]]:
    """The model, its tokenizer and the names of the weights that the folder lacks."""
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # a bar for each of a thousand checkpoints hides our own
    # Weights that are lacking would be drawn at random, with no more than a warning.
    model, report = AutoModelForCausalLM.from_pretrained(  # pyright: ignore[reportGeneralTypeIssues]
        path,
        dtype=torch.float32,
        use_safetensors=True,
        local_files_only=True,
        output_loading_info=True,
    )
    tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
    return model, tokenizer, sorted(report["missing_keys"])


def save(policy: Policy, folder: str | Path) -> None:
    """Write the model and its tokenizer, for `load` and for any HF engine."""
    policy.model.save_pretrained(folder)
    policy.tokenizer.save_pretrained(folder)


def pick_device(name: str) -> torch.device:
    """The device of that name; `auto` is a GPU if there is one, else the CPU.

    Raises:
        ValueError: there is no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ValueError(f"there is no device {name!r}; take auto, cpu or cuda") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ValueError(
            f"device {name} needs a GPU, and {torch.cuda.device_count()} are here; take auto or cpu"
        )
    return device


def score(
    policy: Policy,
    rollouts: Rollouts,
    *,
    temperature: float = 1.0,
    micro: int = 8192,
    top: int = 0,
) -> Scores:
    """Log-probability, entropy and sum of pi squared of every token, given what precedes it.

    Differentiable. Forward passes of bounded size bound the memory only without gradient; with it,
    hand over fewer samples.

    Args:
        temperature: of the softmax; near 0 the likeliest token takes all.
        micro: tokens in one forward pass, padding included; small ones need less memory.
        top: likeliest tokens to name at each position, where the rollouts do not name them.

    Raises:
        ValueError: the rollouts lack the prompts' tokens, or the temperature is not positive.
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be positive; got {temperature}")
    rollouts = rollouts.to(policy.device)
    prompts, completions = parts(rollouts)
    sizes = [len(own) for own in completions]
    totals = [len(prompt) + size for prompt, size in zip(prompts, sizes, strict=True)]
    named = rollouts.top_tokens.split(sizes) if rollouts.top_tokens is not None else None
    done = []
    for first, stop in _runs(totals, micro):
        chosen = torch.cat(named[first:stop]) if named is not None else top
        own = completions[first:stop]
        done.append(_forward(policy, prompts[first:stop], own, temperature, chosen))
    given = [name for name, value in vars(done[0]).items() if value is not None]
    return Scores(**{name: torch.cat([getattr(part, name) for part in done]) for name in given})


def measure(
    policy: Policy, rollouts: Rollouts, *, temperature: float = 1.0, top: int = 0
) -> Rollouts:
    """The rollouts with old_logprobs, entropy and sum_pi_sq.

    Args:
        temperature: of the softmax.
        top: likeliest tokens to name at each position, with their log-probabilities.
    """
    with torch.no_grad():
        scores = score(policy, rollouts, temperature=temperature, top=top)
    back = rollouts.tokens.device
    found = {f.name: getattr(scores, f.name) for f in dataclasses.fields(scores)}
    found["old_logprobs"] = found.pop("logprobs")
    if rollouts.top_tokens is not None:
        found["top_logprobs"] = None  # the rollouts hold the sampler's
    return dataclasses.replace(
        rollouts, **{k: v.to(back) for k, v in found.items() if v is not None}
    )


def end_tokens(policy: Policy) -> list[int]:
    """The tokens that end a completion."""
    ends: Any = getattr(policy.model.generation_config, "eos_token_id", None)
    if ends is None:
        ends = policy.tokenizer.eos_token_id
    return [] if ends is None else [ends] if isinstance(ends, int) else list(ends)


def _forward(
    policy: Policy,
    prompts: list[list[int]],
    completions: Sequence[Tensor],
    temperature: float,
    top: Tensor | int,
) -> Scores:
    """Scores of the tokens of some samples, one after another; `top` names tokens, or how many."""
    read = rows(prompts, completions)
    output = policy.model(
        input_ids=read.ids,
        attention_mask=read.real.long(),
        position_ids=read.place,
        use_cache=False,
    )
    logits = read.before(output.logits).float() / temperature
    log_pi = logits.log_softmax(-1)
    pi = log_pi.exp()
    logprobs = log_pi.gather(-1, read.ids[read.inside][:, None]).squeeze(-1)
    tokens = top
    if isinstance(tokens, int):
        tokens = log_pi.detach().topk(min(tokens, log_pi.shape[1])).indices
    return Scores(
        logprobs=logprobs,
        entropy=torch.special.entr(pi).sum(-1),
        sum_pi_sq=(pi * pi).sum(-1),
        top_tokens=tokens if tokens.shape[1] else None,
        top_logprobs=log_pi.detach().gather(-1, tokens) if tokens.shape[1] else None,
    )


def _runs(totals: list[int], micro: int) -> Iterator[tuple[int, int]]:
    """Runs of samples that pad to at most `micro` tokens, or are one."""
    first, longest = 0, 0
    for i, total in enumerate(totals):
        longest = max(longest, total)
        if i > first and longest * (i + 1 - first) > micro:
            yield first, i
            first, longest = i, total
    if totals:
        yield first, len(totals)
