"""TRL's own trainers on the shipped policy; the test says what was sampled, scored and measured."""

import copy
from functools import cache
from importlib import import_module
from typing import Any

import torch
from padded import padded
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from explorer import policy
from explorer.ragged import sampled_only
from explorer.types import Rollouts

PARTS = 2  # reward functions of a trainer


@cache
def trainer(name: str) -> Any:
    """`GRPO`, `RLOO` or `GMPO`, with TRL's defaults."""
    from datasets import Dataset

    shipped = policy.load(device="cpu")
    small = {"num_generations": 2, "per_device_train_batch_size": 2}
    here = {"use_cpu": True, "bf16": False, "report_to": []}
    package = import_module("trl.experimental.gmpo" if name == "GMPO" else "trl")
    return getattr(package, f"{name}Trainer")(
        model=shipped.model,
        reward_funcs=[lambda **_: [0.0]] * PARTS,
        args=getattr(package, f"{name}Config")(output_dir="unused", **small, **here),
        train_dataset=Dataset.from_list([{"prompt": "1+1="}]),
        processing_class=shipped.tokenizer,
    )


def advantages(name: str, rollouts: Rollouts, parts: Tensor | None = None, **settings) -> Tensor:
    """What the trainer gives each token that was sampled, from rewards or from `parts` of them.

    TRL's groups are of one size. What a smaller group lacks is filled up with completions that no
    reward function could score, which TRL leaves out of its statistics.
    """
    whole = sampled_only(rollouts)
    rows, width = _rows(rollouts.group.tolist())
    tokens = [torch.nonzero(whole.sample == (0 if i is None else i)).flatten() for i in rows]
    rewards = rollouts.rewards
    known = torch.stack([rewards, torch.zeros_like(rewards)], 1) if parts is None else parts
    none = torch.full((PARTS,), torch.nan, dtype=known.dtype)

    def measured(model, *_, **__):
        x = whole.ref_logprobs if model == "reference" else whole.old_logprobs
        return pad_sequence([x[t] for t in tokens], batch_first=True), None, None

    changed = _chosen(name, settings | {"num_generations_eval": width, "ref_model": "reference"})
    ids, prompts = [whole.tokens[t].tolist() for t in tokens], [[0]] * len(rows)
    sampled = (prompts, ids, ids) if name == "RLOO" else (prompts, ids, None, ids, *[None] * 4)
    changed._generate = lambda _: sampled
    scores = torch.stack([none if i is None else known[i] for i in rows])
    changed._calculate_rewards = lambda *_: scores
    changed._get_per_token_logps_and_entropies = measured
    given = changed._generate_and_score_completions([{"prompt": ""}] * len(rows))["advantages"]
    of_sample = given[[rows.index(i) for i in range(len(rewards))]]
    return of_sample[rollouts.sample].where(rollouts.mask, 0.0)


def loss(name: str, whole: Rollouts, new: Tensor, advantage: Tensor, **settings) -> Tensor:
    """What the trainer minimises; `advantage` is of tokens or of completions."""
    layout = padded(whole)
    changed = _chosen(name, settings)
    measured = (layout.pad(new), torch.zeros_like(layout.mask), None)
    changed._get_per_token_logps_and_entropies = lambda *_, **__: measured
    prompts = torch.ones(len(whole.rewards), 1, dtype=torch.int64)
    inputs = {
        "prompt_ids": prompts,
        "prompt_mask": prompts,
        "completion_ids": layout.pad(whole.tokens),
        "completion_mask": layout.mask,
        "num_items_in_batch": layout.mask.sum(),
        "old_per_token_logps": layout.pad(whole.old_logprobs),
        "old_logps": layout.pad(whole.old_logprobs).sum(1),
        "ref_per_token_logps": layout.pad(whole.ref_logprobs),
        "advantages": advantage if len(advantage) == len(prompts) else layout.pad(advantage),
    }
    return changed._compute_loss(changed.model, inputs)


def _chosen(name: str, settings: dict[str, Any]) -> Any:
    """A trainer with other settings, on itself or on its `args`, wherever it looks for them."""
    changed = copy.copy(trainer(name))
    changed.args = copy.copy(changed.args)
    for key, value in settings.items():
        setattr(changed if hasattr(changed, key) else changed.args, key, value)
    return changed


def _rows(group: list[int]) -> tuple[list[int | None], int]:
    """Samples in the order of their groups, None where a group is smaller than the largest."""
    members = [[i for i, g in enumerate(group) if g == h] for h in sorted(set(group))]
    width = max(map(len, members))
    return [i for m in members for i in [*m, *[None] * (width - len(m))]], width
