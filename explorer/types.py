"""The nouns: a batch of rollouts, the credit an estimator gives, and the axes of both.

A batch is flat. Every array has one leading axis and index arrays say who belongs to whom:

    tokens     completion tokens, one completion after another
    samples    completions; `sample[t]` is the sample of token t
    groups     prompts; `group[i]` is the group (prompt) of sample i
    segments   runs of tokens inside one sample; `segment[t]` is the segment of token t
    blocks     parts of a completion that have a reward of their own; `block[t]` is -1 in none
    parts      pieces that the reward of a segment is a weighted sum of
    reward_parts   rewards that the reward of a completion is made of
    nodes      nodes of a sampled tree; `parent[n]` is -1 at a root

None means not measured. NaN in a measured float array means not measured here. Zero is a number.
This is the only file that spells axes.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

TokenIds = Int[Tensor, "tokens"]
Mask = Bool[Tensor, "tokens"]
PerToken = Float[Tensor, "tokens"]
SampleOfToken = Int[Tensor, "tokens"]
BlockOfToken = Int[Tensor, "tokens"]
SegmentOfToken = Int[Tensor, "tokens"]
Starts = Bool[Tensor, "tokens"]
Classes = Int[Tensor, "tokens"]
NodeOfToken = Int[Tensor, "tokens"]
PerTokenTop = Float[Tensor, "tokens top"]
TopTokens = Int[Tensor, "tokens top"]
PerSample = Float[Tensor, "samples"]
GroupOfSample = Int[Tensor, "samples"]
Finished = Bool[Tensor, "samples"]
Correct = Bool[Tensor, "samples"]
PerSampleBlock = Float[Tensor, "samples blocks"]
PerTokenBlock = Float[Tensor, "tokens blocks"]
OutcomePerBlock = Int[Tensor, "samples blocks"]
PerSamplePart = Float[Tensor, "samples reward_parts"]
PerSegmentPart = Float[Tensor, "segments parts"]
StateOfSegment = Int[Tensor, "segments"]
ParentOfNode = Int[Tensor, "nodes"]
PerNode = Float[Tensor, "nodes"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Rollouts:
    """Completions sampled from one policy, with what was measured on them.

    Change one with `dataclasses.replace`. Log-probabilities and entropies are in nats. `values[t]`
    is the value of the state *before* token t. `outcomes[i, k]` is the outcome of sample i's text
    before block k, so column 0 is constant.

    In a sampled tree a root is a prompt and holds no tokens, and a leaf ends one completion. A
    completion holds all tokens from the root to its leaf, but `mask` is True in the first one that
    went through a node only: what several share was sampled once, and is credited once.
    """

    tokens: TokenIds
    mask: Mask  # the policy sampled it; tool output and padding are False
    sample: SampleOfToken
    rewards: PerSample
    group: GroupOfSample
    logprobs: PerToken | None = None  # of the sampler, at its temperature
    old_logprobs: PerToken | None = None  # of the policy before the update
    ref_logprobs: PerToken | None = None  # of the reference policy
    entropy: PerToken | None = None
    sum_pi_sq: PerToken | None = None  # sum over the vocabulary of pi squared
    values: PerToken | None = None  # of the critic
    mc_values: PerToken | None = None  # Monte-Carlo, with `mc_sem` its standard error
    mc_sem: PerToken | None = None
    mc_block_values: PerTokenBlock | None = None  # the share of each block's reward in mc_values
    mc_block_sem: PerTokenBlock | None = None
    zip_values: PerToken | None = None  # expected reward, by a predictor of reward and length
    importance: PerToken | None = None  # how much the answer depends on this token; nats if hidden
    block: BlockOfToken | None = None
    segment: SegmentOfToken | None = None
    logged_advantages: PerToken | None = None  # what the trainer wrote
    block_rewards: PerSampleBlock | None = None
    outcomes: OutcomePerBlock | None = None
    finished: Finished | None = None  # ended by itself, not cut off
    correct: Correct | None = None  # the answer is right
    confidence: PerSample | None = None  # that the answer is right, as stated; NaN: not stated
    greedy_reward: PerSample | None = None  # of the greedy completion of the same prompt
    reward_parts: PerSamplePart | None = None  # the rewards that `rewards` is made of
    self_reward: PerSample | None = None  # the policy's own verdict on its answer
    anchor: PerSample | None = None  # mean reward that the history of the run lets expect
    segment_rewards: PerSegmentPart | None = None
    state: StateOfSegment | None = None  # hash of what the policy saw before the segment
    node: NodeOfToken | None = None  # of the sampled tree, in which this token was sampled
    parent: ParentOfNode | None = None  # numbered before its children
    node_rewards: PerNode | None = None  # of the completion that ends in a leaf; NaN elsewhere
    top_tokens: TopTokens | None = None  # the sampler's likeliest tokens, K for each token
    top_logprobs: PerTokenTop | None = None  # of those, under the sampler
    pieces: list[str] | None = None  # text of each token
    prompts: list[str] | None = None  # text of each group's prompt
    answers: list[str] | None = None  # the right answer to each prompt
    prompt_tokens: list[list[int]] | None = None

    def to(self, device: torch.device | str) -> "Rollouts":
        """Move every array to `device`."""
        return self._each(lambda x: x.to(device))

    def double(self) -> "Rollouts":
        """Every float array in float64."""
        return self._each(lambda x: x.double() if x.is_floating_point() else x)

    def _each(self, change: Any) -> "Rollouts":
        arrays = {name: getattr(self, name) for name in axes()}
        changed = {k: change(v) for k, v in arrays.items() if isinstance(v, Tensor)}
        return dataclasses.replace(self, **changed)

    @classmethod
    def from_lists(
        cls,
        *,
        tokens: Sequence[Sequence[int]],
        rewards: Sequence[float],
        group: Sequence[int],
        dtype: torch.dtype = torch.float32,
        **fields: Any,
    ) -> "Rollouts":
        """Build a batch from ragged lists: one inner list a sample for what is on the token axis.

        `mask` defaults to all sampled. `segment` counts from 0 inside each sample, and what is on
        the segment axis holds one entry for each of them. None in a list of floats means not
        measured here.

        Raises:
            ValueError: lengths that do not match, with the sample that is wrong; a reward that is
                not a finite number; a field that does not exist.
        """
        samples = len(tokens)
        lengths = [len(row) for row in tokens]
        given = dict(fields, tokens=tokens, rewards=rewards, group=group)
        if unknown := sorted(set(given) - set(axes())):
            raise ValueError(f"Rollouts has no field {unknown[0]!r}; it has {', '.join(axes())}")
        built: dict[str, Any] = {}
        for name, value in given.items():
            if value is None:
                continue
            axis = axes()[name]
            if axis == "groups":
                built[name] = list(value)
                continue
            if axis == "nodes":
                built[name] = _tensor(name, value, dtype)
                continue
            if len(value) != samples:
                raise ValueError(f"{name} has {len(value)} samples, but tokens has {samples}")
            if axis == "tokens":
                for i, row in enumerate(value):
                    if len(row) != lengths[i]:
                        raise ValueError(
                            f"{name} of sample {i} has {len(row)} tokens, not {lengths[i]}"
                        )
                value = [x for row in value for x in row]
            elif axis == "segments":
                value = [x for row in value for x in row]
            built[name] = value if name == "pieces" else _tensor(name, value, dtype)
        if given.get("segment") is not None:
            on_segments = [n for n in built if axes()[n] == "segments"]
            built["segment"] = _global(given["segment"], {n: given[n] for n in on_segments})
        built.setdefault("mask", torch.ones(sum(lengths), dtype=torch.bool))
        index = torch.arange(samples).repeat_interleave(torch.tensor(lengths, dtype=torch.int64))
        if not_finite := torch.nonzero(~torch.isfinite(built["rewards"])).flatten().tolist():
            i = not_finite[0]
            raise ValueError(f"the reward of sample {i} is {rewards[i]}; rewards must be finite")
        return cls(sample=index, **built)


@dataclass(frozen=True)
class Completion:
    """What an engine sampled after one prompt.

    The token that ended it is its last token. `logprobs` are in nats, of the distribution that was
    sampled from, temperature included.
    """

    tokens: list[int]
    logprobs: list[float]
    finished: bool  # ended by itself, not cut off
    mask: list[bool] | None = None  # False: a reply, not sampled; None: all are sampled


@dataclass(frozen=True, eq=False, kw_only=True)
class Credit:
    """What an estimator gives each token: A = weight * (target - baseline) / scale + bonus.

    Where `peers` is given, the baseline of a token is the mean target of its class: the mean over
    samples of the mean over their segments. -1 is no class.
    """

    target: PerToken  # what this token is credited with, in rewards
    baseline: PerToken  # what it is compared with, in rewards
    scale: PerToken | float = 1.0  # the unit of the difference
    weight: PerToken | float = 1.0  # share of the difference that the token gets
    bonus: PerToken | float = 0.0  # added after scaling
    peers: Classes | None = None  # tokens whose mean is the baseline share a number

    @property
    def advantage(self) -> PerToken:
        """weight * (target - baseline) / scale + bonus, in units of `scale`."""
        advantage = self.target - self.baseline  # a fresh array, so that the rest needs no other
        if _tells(self.weight, 1.0):
            advantage.mul_(self.weight)
        if _tells(self.scale, 1.0):
            advantage.div_(self.scale)
        if _tells(self.bonus, 0.0):
            advantage.add_(self.bonus)
        return advantage


def _tells(part: PerToken | float, nothing: float) -> bool:
    """Whether a part of the credit may change anything."""
    return isinstance(part, Tensor) or part != nothing


def axes() -> dict[str, str]:
    """The leading axis of every field of `Rollouts`, read from its annotation."""
    return _AXES


def _axis(name: str, annotation: Any) -> str:
    if name in ("pieces",):
        return "tokens"
    for kind in get_args(annotation) or (annotation,):
        if dims := getattr(kind, "dim_str", ""):
            return dims.split()[0]
    return "groups"


_AXES = {name: _axis(name, kind) for name, kind in get_type_hints(Rollouts).items()}
_INTEGER = {"tokens", "sample", "group", "block", "segment", "outcomes", "state"}
_INTEGER |= {"node", "parent", "top_tokens"}
_TRUTH = {"mask", "finished", "correct"}


def _tensor(name: str, value: Any, dtype: torch.dtype) -> Tensor:
    kind = torch.int64 if name in _INTEGER else torch.bool if name in _TRUTH else dtype
    if isinstance(value, Tensor):
        return value.to(kind)
    nan = float("nan")
    rows = [
        [nan if x is None else x for x in row]
        if isinstance(row, Sequence)
        else nan
        if row is None
        else row
        for row in value
    ]
    return torch.tensor(rows, dtype=kind)


def _global(segment: Sequence[Sequence[int]], others: dict[str, Sequence[Any]]) -> Tensor:
    """Number the segments of all samples through; `segment` counts inside each sample."""
    offset, flat = 0, []
    for i, row in enumerate(segment):
        flat += [offset + s for s in row]
        named = max(row, default=-1) + 1
        counts = {name: len(of_samples[i]) for name, of_samples in others.items()}
        if short := [name for name, count in counts.items() if count < named]:
            raise ValueError(
                f"sample {i} names segment {named - 1}, but has {counts[short[0]]} {short[0]}"
            )
        if len(set(counts.values())) > 1:
            raise ValueError(f"sample {i} has unequal numbers of segments: {counts}")
        offset += max(counts.values(), default=named)
    return torch.tensor(flat, dtype=torch.int64)
