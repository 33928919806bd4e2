"""KTAE: GRPO plus what each token id tells of being right. Sun et al. 2025, arXiv:2505.16826.

The authors' code departs from the formulas as restated by others (the setting `form`): a
two-sided p for a point probability, the strength divided by h1 + h2, the result doubled. Its p is
rounded to float32 and misses most tables whose p is 1; here they are found.
"""

import math
from typing import Annotated, Literal

import torch
from torch import Tensor

from explorer import peers
from explorer.knobs import Slider
from explorer.types import Credit, GroupOfSample, PerSample, PerToken, SampleOfToken, TokenIds

K1, B = 2.0, 0.5  # how soon a frequency saturates, and how much a class's length corrects it
TINY = 1e-5  # frequency that stands for never


def ktae(
    tokens: TokenIds,
    rewards: PerSample,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    form: Literal["code", "paper"] = "code",
    h1: Annotated[float, Slider(0.0, 4.0, 0.1, at_least=0.0)] = 1.0,
    h2: Annotated[float, Slider(0.0, 4.0, 0.1, at_least=0.0)] = 1.0,
    h3: Annotated[float, Slider(0.0, 4.0, 0.1, at_least=0.0)] = 1.0,
    eps: Annotated[float, Slider(0.0, 0.01, 0.0001, at_least=0.0)] = 1e-6,
) -> Credit:
    """GRPO, plus a bonus for token ids that right completions have and wrong ones lack.

        A_{i,t} = A_i + key(o_{i,t}),    key(v) = sigmoid((h1 F + h2 IG) D) - 1/2
        F = exp(-2 p), p of Fisher's test;    IG: bits that v tells of being right
        D = asin sqrt(share of right with v) - asin sqrt(share of wrong) + h3 (T/W - W/T)

    T and W are saturated frequencies of v in right (reward > 0) and wrong completions. The bonus
    depends on id and group only, whoever says it. An id that one side never has gets nearly the
    largest bonus, however rare it is. A group all right, or all wrong, gets 0.

    Args:
        form: code uses the two-sided test and doubles the bonus, paper follows the restatement.
        h1: weight of the test; 0 ignores how surprising the split is.
        h2: weight of the information gain; 0 ignores how telling the token is.
        h3: weight of how often the token occurs; 0 counts only whether it does.
        eps: added to the spread of the rewards; large ones mute close groups.
    """
    mean, unit = peers.mean_and_unit(rewards, group, eps)
    bonus = rewards.new_empty(len(tokens))
    for some in peers.pieces(peers.at(group.int(), sample)):  # sorting takes much memory
        strengths = {"form": form, "h1": h1, "h2": h2, "h3": h3}
        key = _keys(peers.at(tokens, some), rewards, group, peers.at(sample, some), **strengths)
        bonus.index_copy_(0, some, key)
    return Credit(
        target=peers.at(rewards, sample),
        baseline=peers.at(mean, sample),
        scale=peers.at(unit, sample),
        bonus=bonus,
        peers=peers.at(group.int(), sample),
    )


def _keys(
    tokens: TokenIds,
    rewards: PerSample,
    group: GroupOfSample,
    sample: SampleOfToken,
    *,
    form: str,
    h1: float,
    h2: float,
    h3: float,
) -> PerToken:
    """key(o_{i,t}), doubled in the form of the code, for all tokens of some groups."""
    prompt = peers.at(group, sample)
    ids, word = torch.unique(peers.classes((prompt, tokens)), return_inverse=True)
    words, groups = max(len(ids), 1), int(group.max()) + 1
    of_prompt = torch.zeros(words, dtype=group.dtype, device=group.device)
    of_prompt[word] = prompt
    wrong = (rewards <= 0).long()
    said = torch.unique(sample * words + word)  # pairs of a completion and an id it has
    having = _counts(said % words, wrong[said // words], words)
    completions = _counts(group, wrong, groups)[of_prompt]
    occurrences = _counts(word, peers.at(wrong, sample), words)
    length = _counts(prompt, peers.at(wrong, sample), groups)[of_prompt]

    # Few tables are different: each is tested once.
    counts = torch.cat([having, completions], 1)
    table = peers.classes(tuple(counts.long().unbind(1)))
    tables = counts.new_zeros(int(table.max()) + 1, 4)
    tables[table] = counts
    p = _fisher(tables, two_sided=form == "code")
    surprise = (-2 * p).exp().where(p < 1 - 1e-6, 0.0)
    strength = (h1 * surprise + h2 * _gain(tables))[table]
    if form == "code":
        strength = strength / max(h1 + h2, TINY)
    direction = _direction(having / completions.clamp(min=1), occurrences, length, h3)
    key = (strength * direction / 2).tanh() / 2  # the sigmoid minus 1/2, exactly odd
    key = key.where((completions > 0).all(1), 0.0).to(rewards.dtype)
    return (2 * key if form == "code" else key)[word]


def _counts(index: Tensor, wrong: Tensor, size: int) -> Tensor:
    """How often each index occurs in right (column 0) and wrong (column 1) completions."""
    return torch.bincount(2 * index + wrong, minlength=2 * size).view(size, 2).double()


def _direction(share: Tensor, occurrences: Tensor, length: Tensor, h3: float) -> Tensor:
    """D: above 0 for an id that right completions have more often."""
    frequency = occurrences / length.clamp(min=1)
    relative = length / length.mean(1, keepdim=True).clamp(min=0.5)
    saturated = frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * relative))
    right, wrong = saturated.unbind(1)
    angle = share.sqrt().asin()
    return angle[:, 0] - angle[:, 1] + h3 * (right / (wrong + TINY) - wrong / (right + TINY))


def _fisher(tables: Tensor, *, two_sided: bool) -> Tensor:
    """Fisher's test of tables (right with v, wrong with v, right, wrong): p, or the point's."""
    a, b, right, wrong = tables.unbind(1)

    def chance(k: Tensor) -> Tensor:
        """That k of the a + b completions with v are right, were v drawn at random."""
        drawn = (a + b).expand_as(k)
        every = _log_choose(right + wrong, drawn)
        return (_log_choose(right, k) + _log_choose(wrong, drawn - k) - every).exp()

    observed = chance(a)
    if not two_sided:
        return observed
    each = torch.arange(int(right.max()) + 1, device=a.device, dtype=a.dtype)
    others = chance(each[:, None].expand(-1, len(a)))
    # Equally rare tables count, however their last digits were rounded.
    return others.where(others <= observed * (1 + 1e-9), 0.0).sum(0).clamp(max=1)


def _gain(tables: Tensor) -> Tensor:
    """Information gain in bits: how much knowing of v tells of being right."""
    a, b, right, wrong = tables.unbind(1)
    n = right + wrong
    having = a + b
    known = having * _entropy(a, b) + (n - having) * _entropy(right - a, wrong - b)
    return _entropy(right, wrong) - known / n.clamp(min=1)


def _entropy(x: Tensor, y: Tensor) -> Tensor:
    n = (x + y).clamp(min=1)
    return (torch.special.entr(x / n) + torch.special.entr(y / n)) / math.log(2)


def _log_choose(n: Tensor, k: Tensor) -> Tensor:
    """Log of the binomial coefficient; -inf for k below 0 or above n."""
    return (n + 1).lgamma() - (k + 1).lgamma() - (n - k + 1).lgamma()
