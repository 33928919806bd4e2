"""What is trained beside the policy to foretell rewards, and fills fields that estimators read."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from explorer import ragged
from explorer.checkpoint import Beside
from explorer.critic import Critic
from explorer.joint import ZipRC
from explorer.policy import Policy
from explorer.types import Rollouts
from explorer.verdict import Verdict

REGRESSIONS = 8  # a step, each on its share of the batch; one on the whole learns too slowly
LONGEST = 1.0  # longer gradients are cut to this length
Reads = Critic | ZipRC


@dataclass(frozen=True, eq=False, kw_only=True)
class Predictors:
    """Those that a run needs, by the field that they fill, and the optimizers of their own."""

    readers: dict[str, Reads]
    optimizers: dict[str, torch.optim.Optimizer]
    verdict: Verdict | None

    @torch.no_grad()
    def fill(self, policy: Policy, rollouts: Rollouts, *, micro: int) -> Rollouts:
        """The rollouts with what each predictor says of them, before it learns from them."""
        found: dict[str, Any] = {name: own.values(rollouts) for name, own in self.readers.items()}
        if self.verdict is not None:
            if self.verdict.token < 0:
                self.verdict.calibrate(policy, rollouts, micro=micro)
            found["self_reward"] = self.verdict.read(policy, rollouts, micro=micro)
        return dataclasses.replace(rollouts, **found)

    def learn(self, rollouts: Rollouts) -> None:
        """Several regressions of each reader, each on its share of the samples."""
        for name, own in self.readers.items():
            if not self.optimizers[name].state:
                own.settle(rollouts)
            _learn(own, self.optimizers[name], rollouts)

    def pull(self, policy: Policy, rollouts: Rollouts, *, micro: int) -> None:
        """Add the gradient of what the policy itself is trained to say, if it is."""
        if self.verdict is not None:
            self.verdict.pull(policy, rollouts, micro=micro)

    def parts(self) -> Beside:
        """What has to be kept to go on with: modules, with their optimizers."""
        kept: dict[str, tuple[nn.Module, torch.optim.Optimizer | None]] = {}
        kept |= {name: (own, self.optimizers[name]) for name, own in self.readers.items()}
        return kept if self.verdict is None else kept | {"self_reward": (self.verdict, None)}


def predictors(fields: set[str], policy: Policy, *, lr: float, limit: int, seed: int) -> Predictors:
    """New ones for those of `fields` that a predictor fills.

    Args:
        lr: of their own AdamW.
        limit: tokens of the longest completion.
        seed: of their first weights.
    """
    embedding: Any = policy.model.get_input_embeddings()
    vocabulary = embedding.num_embeddings
    readers: dict[str, Reads] = {}
    if "values" in fields:
        readers["values"] = Critic(vocabulary, seed).to(policy.device)
    if "zip_values" in fields:
        readers["zip_values"] = ZipRC(vocabulary, limit, seed).to(policy.device)
    return Predictors(
        readers=readers,
        optimizers={
            name: torch.optim.AdamW(own.parameters(), lr=lr, weight_decay=0.0)
            for name, own in readers.items()
        },
        verdict=Verdict().to(policy.device) if "self_reward" in fields else None,
    )


def _learn(predictor: Reads, optimizer: torch.optim.Optimizer, rollouts: Rollouts) -> None:
    place = torch.arange(len(rollouts.rewards), device=rollouts.rewards.device)
    for share in range(REGRESSIONS):
        part = ragged.select(rollouts, place % REGRESSIONS == share)
        if not bool(part.mask.any()):
            continue
        optimizer.zero_grad()
        predictor.loss(part)[part.mask].mean().backward()
        clip_grad_norm_(predictor.parameters(), LONGEST)
        optimizer.step()
