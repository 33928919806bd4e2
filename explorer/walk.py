"""Continuations of many prefixes at once, with every distinct state computed once.

All prefixes of a prompt lie in one tree of states, and so do all continuations. The walk goes
through that tree level by level. A state is a row of the batch, however many continuations, of
whatever prefixes, pass through it: each draws its own next token from the row's probabilities, and
those that draw the same token from the same row go on as one row. So the continuations are as
independent as if each had been sampled alone, and the policy sees a state, those of the shared
prefixes included, exactly once.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from explorer.policy import Policy, end_tokens
from explorer.positions import Prefix
from explorer.types import Completion


@dataclass(frozen=True)
class Ending:
    """How some continuations ended: the whole completion, prefix included."""

    group: int
    completion: Completion
    times: dict[int, int]  # how many continuations of each prefix, by its place in the list


@torch.no_grad()
def walk(
    policy: Policy,
    prefixes: Sequence[Prefix],
    times: int,
    *,
    prompts: Sequence[list[int]],
    completions: Sequence[list[int]],
    max_new_tokens: int,
    temperature: float,
    seed: int,
) -> list[Ending]:
    """Continue each prefix `times` times, to the end.

    `prompts` are the token ids of each group, `completions` those of each sample that a prefix is
    of. A completion of `max_new_tokens` tokens, prefix included, is cut off.

    Raises:
        ValueError: a temperature that is not positive, or weights that give no probabilities.
    """
    if not temperature > 0:
        raise ValueError(f"the value of a state needs a positive temperature; got {temperature}")
    dice = torch.Generator(policy.device).manual_seed(seed)
    ends = torch.tensor(end_tokens(policy), device=policy.device)
    groups = sorted({prefix.group for prefix in prefixes})
    level = _Level(policy, groups, [prompts[g] for g in groups])
    reach: dict[int, int] = defaultdict(int)  # how far each sample's own tokens are followed
    for prefix in prefixes:
        reach[prefix.sample] = max(reach[prefix.sample], prefix.length)
    trunk = {p.sample: groups.index(p.group) for p in prefixes}  # the row of each sample's state
    row = start = torch.zeros(0, dtype=torch.int64, device=policy.device)  # of each continuation
    found: list[Ending] = []
    for depth in range(max_new_tokens + 1):
        here = [n for n, prefix in enumerate(prefixes) if prefix.length == depth]
        begin = torch.tensor([[trunk[prefixes[n].sample], n] for n in here for _ in range(times)])
        begin = begin.view(-1, 2).to(row)
        row, start = torch.cat([row, begin[:, 0]]), torch.cat([start, begin[:, 1]])
        if depth == max_new_tokens:
            break
        token = _draw(level.logits / temperature, row, dice)
        over = torch.isin(token, ends)
        found += level.endings(row[over], start[over], token[over])
        row, start, token = row[~over], start[~over], token[~over]
        trunk = {i: r for i, r in trunk.items() if reach[i] > depth}
        if not len(row) and not trunk:
            return found
        theirs = torch.tensor([[r, completions[i][depth]] for i, r in trunk.items()])
        theirs = theirs.view(-1, 2).to(row)
        below = level.descend(torch.cat([row, theirs[:, 0]]), torch.cat([token, theirs[:, 1]]))
        if depth + 1 < max_new_tokens:
            level.forward()
        row, followed = below[: len(row)], below[len(row) :]
        trunk = dict(zip(trunk, followed.tolist(), strict=True))
    return found + level.endings(row, start, None)


class _Level:
    """The distinct states of one length: their tokens, cache and next-token logits."""

    def __init__(self, policy: Policy, groups: list[int], prompts: list[list[int]]) -> None:
        self.policy, self.device = policy, policy.device
        rows = [torch.tensor(ids, device=self.device) for ids in prompts]
        ids = pad_sequence(rows, batch_first=True, padding_side="left")
        ones = [torch.ones_like(row) for row in rows]
        self.real = pad_sequence(ones, batch_first=True, padding_side="left")
        self.group = torch.tensor(groups, device=self.device)
        self.tokens = ids.new_zeros(len(rows), 0)
        self.ids, self.place = ids, (self.real.cumsum(1) - 1).clamp(min=0)
        self.cache: Any = None
        self.parent = torch.arange(len(rows), device=self.device)
        self.forward()

    def forward(self) -> None:
        """Logits of the next token; the cache follows the states from parents to children."""
        if self.cache is not None and not _same(self.parent, self.cached):
            self.cache.batch_select_indices(self.parent)
        output = self.policy.model(
            input_ids=self.ids,
            attention_mask=self.real,
            position_ids=self.place,
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        self.logits, self.cache = output.logits[:, -1].float(), output.past_key_values
        self.cached = len(self.ids)

    def descend(self, row: Tensor, token: Tensor) -> Tensor:
        """Go on to the states that follow; the row of each pair there."""
        words = self.logits.shape[1]
        keys, below = torch.unique(row * words + token, return_inverse=True)
        self.parent, last = keys // words, keys % words
        self.group, self.place = self.group[self.parent], self.place[self.parent, -1:] + 1
        self.tokens = torch.cat([self.tokens[self.parent], last[:, None]], 1)
        self.real = torch.cat([self.real[self.parent], torch.ones_like(last)[:, None]], 1)
        self.ids = last[:, None]
        return below

    def endings(self, row: Tensor, start: Tensor, token: Tensor | None) -> list[Ending]:
        """One for each distinct completion that ends here, with `token` or cut off without."""
        last = torch.zeros_like(row) if token is None else token
        triples, counts = torch.unique(torch.stack([row, last, start]), dim=1, return_counts=True)
        times: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
        for (r, t, n), count in zip(triples.T.tolist(), counts.tolist(), strict=True):
            times[r, t][n] = count
        rows = [r for r, _ in times]
        texts, group = self.tokens[rows].tolist(), self.group[rows].tolist()
        if token is not None:
            texts = [[*text, t] for text, (_, t) in zip(texts, times, strict=True)]
        return [
            Ending(g, Completion(text, [], token is not None), of_prefix)
            for g, text, of_prefix in zip(group, texts, times.values(), strict=True)
        ]


def _same(parent: Tensor, rows: int) -> bool:
    """Whether every row goes on as itself."""
    return len(parent) == rows and bool((parent.diff() == 1).all())


def _draw(logits: Tensor, row: Tensor, dice: torch.Generator) -> Tensor:
    """One token for each entry of `row`, from that row's probabilities, by inverting their sum."""
    rows, words = logits.shape
    reached = logits.double().softmax(-1).cumsum(-1)
    if not bool(reached.isfinite().all()):
        raise ValueError("the policy's probabilities are no numbers: its weights are broken")
    # Row r fills (r, r + 1]: one sorted array for all rows, no copy of a row for each entry.
    reached = reached / reached[:, -1:] + torch.arange(rows, device=logits.device)[:, None]
    chance = torch.rand(len(row), generator=dice, device=logits.device, dtype=torch.float64)
    wanted = row + chance * (1 - 1e-9)
    place = torch.searchsorted(reached.flatten(), wanted, right=True)
    return place - row * words
