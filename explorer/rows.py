"""Prompts with their completions as the padded rows that a network reads."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from explorer import ragged
from explorer.types import Rollouts


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows [samples, width], padded on the right. Position j - 1 predicts position j."""

    ids: Tensor
    real: Tensor  # False in the padding
    inside: Tensor  # a completion's token stands here

    @property
    def place(self) -> Tensor:
        """Position in the row, from 0."""
        return torch.arange(self.ids.shape[1], device=self.ids.device).expand_as(self.ids)

    def before(self, output: Tensor) -> Tensor:
        """What is said before each completion token, one completion after another."""
        return output[:, :-1][self.inside[:, 1:]]

    def spread(self, x: Tensor) -> Tensor:
        """A number of each completion token in its place, 0 elsewhere."""
        return x.new_zeros(self.ids.shape).masked_scatter(self.inside, x)


def rows(prompts: Sequence[Sequence[int]], completions: Sequence[Tensor]) -> Rows:
    """One row a sample: its prompt and its completion."""
    own = [torch.cat([c.new_tensor(p), c]) for p, c in zip(prompts, completions, strict=True)]
    ids = pad_sequence(own, batch_first=True)
    ends = torch.tensor([len(row) for row in own], device=ids.device)
    starts = torch.tensor([len(prompt) for prompt in prompts], device=ids.device)
    place = torch.arange(ids.shape[1], device=ids.device)
    real = place < ends[:, None]
    return Rows(ids, real, real & (place >= starts[:, None]))


def parts(rollouts: Rollouts) -> tuple[list[list[int]], list[Tensor]]:
    """The tokens of each sample's prompt, and those of its completion.

    Raises:
        ValueError: the rollouts lack the prompts' tokens.
    """
    known = rollouts.prompt_tokens
    if known is None or not all(known):
        raise ValueError("a policy reads the tokens of every prompt; record prompt_tokens")
    prompts = [known[g] for g in rollouts.group.tolist()]
    return prompts, list(rollouts.tokens.split(ragged.lengths(rollouts).tolist()))
