"""One prompt's completions in a terminal, each once for every estimator, under each other."""

from collections.abc import Iterator

import torch
from rich.text import Text
from torch import Tensor

from explorer import peers
from explorer.ansi import legend, paint, signs, wrap
from explorer.glyphs import visible
from explorer.ragged import of_group
from explorer.types import Credit, PerToken, Rollouts


def show(
    rollouts: Rollouts,
    credits: dict[str, Credit],
    *,
    group: int,
    samples: int | None = None,
    outcomes: tuple[str, ...] = (),
    width: int = 100,
    colours: str | None = "truecolor",
) -> Iterator[Text]:
    """The lines of one group: its prompt, its strata with their completions, a legend.

    A stratum is the samples of the group with the same outcome before the last block: those that
    the Outcome-Conditioned Baseline averages over. `samples` is how many of each are shown, None
    for all; `outcomes` are the names of the outcomes; `colours` is what the terminal can do, as
    rich names it, None if nothing.

    Raises:
        ValueError: there is no such group.
    """
    groups = int(rollouts.group.max()) + 1
    if not 0 <= group < groups:
        raise ValueError(f"there is no group {group}; the rollouts have groups 0 to {groups - 1}")
    part = of_group(rollouts, group)
    here = (rollouts.group == group)[rollouts.sample]
    texts = [visible(x) for x in part.pieces or [f"<{token}>" for token in part.tokens.tolist()]]
    advantages = {name: _sampled(c.advantage, rollouts)[here] for name, c in credits.items()}
    baselines = {name: _sampled(c.baseline, rollouts)[here] for name, c in credits.items()}
    limits = {name: limit(advantage) for name, advantage in advantages.items()}
    margin = max(map(len, credits), default=0) + 1

    yield Text(f"group {group}  {visible(part.prompts[0]) if part.prompts else ''}", style="bold")
    for outcome, members in _strata(part):
        yield Text(_heading(part, outcome, members, outcomes, baselines), style="bold")
        for i in members[:samples].tolist():
            yield Text(_facts(part, i), style="dim")
            its = (part.sample == i).nonzero().flatten().tolist()
            for name, advantage in advantages.items():
                spans = [(texts[t], float(advantage[t])) for t in its]
                for j, line in enumerate(wrap(spans, max(width - margin, 8))):
                    label = ("" if j else name).ljust(margin)
                    yield Text(label) + paint(line, limits[name], colours)
                    if colours is None:
                        yield Text(" " * margin + signs(line, limits[name]))
    for name in credits:
        yield Text(name.ljust(margin)) + legend(limits[name], colours)


def liveliest(rollouts: Rollouts) -> int:
    """The group whose rewards differ most."""
    spread = peers.std(rollouts.rewards, rollouts.group, ddof=0)
    return int(rollouts.group[spread.argmax()])


def limit(advantage: PerToken) -> float:
    """The size that 99 % of the advantages do not exceed; 1 if all are zero. NaN is left out."""
    sizes = advantage[~advantage.isnan()].abs()
    return (float(torch.quantile(sizes, 0.99)) if len(sizes) else 0.0) or 1.0


def _sampled(x: PerToken, rollouts: Rollouts) -> PerToken:
    return x.masked_fill(~rollouts.mask, torch.nan)


def _strata(part: Rollouts) -> list[tuple[int | None, Tensor]]:
    """The outcome before the last block and the samples that have it, for each outcome."""
    if part.outcomes is None or part.block_rewards is None or part.outcomes.shape[1] < 2:
        return [(None, torch.arange(len(part.rewards)))]
    last = part.outcomes[:, -1]
    return [(int(o), (last == o).nonzero().flatten()) for o in last.unique()]


def _heading(
    part: Rollouts,
    outcome: int | None,
    members: Tensor,
    names: tuple[str, ...],
    baselines: dict[str, PerToken],
) -> str:
    """Outcome, size and mean reward of a stratum, and what its tokens are compared with."""
    text, reward, tokens = "", part.rewards, torch.isin(part.sample, members)
    if outcome is not None and part.block_rewards is not None:
        reward = part.block_rewards[:, -1]
        text = f"outcome {visible(names[outcome] if outcome < len(names) else str(outcome))}  "
        if part.block is not None:
            tokens &= part.block == part.block_rewards.shape[1] - 1
    mean = float(reward[members].nanmean())
    text += f"n = {len(members)}  mean reward{' of the last block' if text else ''} {mean:+.3g}"
    compared = [f"{name} {_range(x[tokens])}" for name, x in baselines.items()]
    return text + (f"  baseline: {', '.join(compared)}" if compared else "")


def _range(x: Tensor) -> str:
    known = x[~x.isnan()]
    if not len(known):
        return "none"
    return " to ".join(dict.fromkeys(f"{float(end):+.3g}" for end in known.aminmax()))


def _facts(part: Rollouts, i: int) -> str:
    text = f"sample {i}  reward {float(part.rewards[i]):+.3g}"
    if part.block_rewards is not None:
        text += "  blocks " + " ".join(f"{r:+.3g}" for r in part.block_rewards[i].tolist())
    if part.finished is not None and not bool(part.finished[i]):
        text += "  cut off"
    return text
