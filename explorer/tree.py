"""Rollouts that share prefixes: a tree below each prompt, for spo_tree and tree_rl.

A node is a run of tokens sampled after its parent. Nodes of one level are sampled together.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from explorer import catalog
from explorer.pieces import pieces_of
from explorer.policy import Policy
from explorer.rollouts import judge, prompt_tokens
from explorer.task import Problem, Task
from explorer.types import Completion, Rollouts


@dataclass(frozen=True, kw_only=True)
class _Branch:
    """What was sampled from a prompt down to one node."""

    problem: int
    path: tuple[int, ...]  # the nodes below the root
    parts: tuple[Completion, ...]  # what was sampled in each of them

    @property
    def whole(self) -> Completion:
        return Completion(
            [token for part in self.parts for token in part.tokens],
            [logprob for part in self.parts for logprob in part.logprobs],
            bool(self.parts) and self.parts[-1].finished,
        )


def sample(
    policy: Policy,
    task: Task,
    problems: list[Problem],
    *,
    branches: Sequence[int] = (3, 3),
    length: int = 16,
    max_new_tokens: int = 80,
    temperature: float = 1.0,
    seed: int = 0,
    engine: str = "transformers",
) -> Rollouts:
    """A judged completion for every leaf, and where in the tree each token stands.

    Tokens that several completions share are masked in all but the first, so that estimators see
    each of them once. SPO-tree's default is (6, 6, 6).

    Args:
        branches: children of a node, level by level.
        length: tokens of a node above the last level; the last one runs to the end.
        max_new_tokens: a longer completion is cut off, unfinished.
        temperature: of the sampler.
        seed: another one gives other completions.

    Raises:
        ValueError: levels above the last that leave it no tokens.
    """
    if not branches or length * (len(branches) - 1) >= max_new_tokens:
        raise ValueError(
            f"{len(branches)} levels with nodes of {length} tokens do not fit into "
            f"{max_new_tokens}; give at least one level, shorter nodes or more tokens"
        )
    prompts = prompt_tokens(policy, problems)
    parent = [-1] * len(problems)
    open_ = [_Branch(problem=g, path=(), parts=()) for g in range(len(problems))]
    leaves: list[_Branch] = []
    for level, children in enumerate(branches):
        last = level + 1 == len(branches)
        found = catalog.load("engines", engine)(
            policy,
            [prompts[branch.problem] + branch.whole.tokens for branch in open_],
            samples=children,
            max_new_tokens=max_new_tokens - level * length if last else length,
            temperature=temperature,
            seed=seed * len(branches) + level,
        )
        grown = []
        for branch, parts in zip(open_, found, strict=True):
            for part in parts:
                path = (*branch.path, len(parent))
                grown.append(dataclasses.replace(branch, path=path, parts=(*branch.parts, part)))
                parent.append(branch.path[-1] if branch.path else branch.problem)
        leaves += [branch for branch in grown if last or branch.parts[-1].finished]
        open_ = [branch for branch in grown if not branch.parts[-1].finished]
    rollouts = _judged(task, problems, leaves, parent, pieces_of(policy.tokenizer))
    return dataclasses.replace(rollouts, prompt_tokens=prompts)


def _judged(
    task: Task,
    problems: list[Problem],
    leaves: list[_Branch],
    parent: list[int],
    pieces: Callable[[list[int]], list[str]],
) -> Rollouts:
    leaves = sorted(leaves, key=lambda branch: (branch.problem, branch.path))
    completions = [
        [branch.whole for branch in leaves if branch.problem == g] for g in range(len(problems))
    ]
    rollouts = judge(task, problems, completions, pieces)
    node, mask, seen = [], [], set()
    for branch in leaves:
        for name, part in zip(branch.path, branch.parts, strict=True):
            node += [name] * len(part.tokens)
            mask += [name not in seen] * len(part.tokens)
            seen.add(name)
    rewards = torch.full((len(parent),), torch.nan)
    rewards[[branch.path[-1] for branch in leaves]] = rollouts.rewards
    return dataclasses.replace(
        rollouts,
        node=torch.tensor(node).long(),
        mask=torch.tensor(mask).bool(),
        parent=torch.tensor(parent).long(),
        node_rewards=rewards,
    )
