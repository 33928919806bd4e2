"""Every estimator shared with TRL gives TRL's numbers.

Checked with TRL 1.16.0, accelerate 1.15.0 and datasets 5.2.0:

    .venv/bin/uv pip install --no-deps trl==1.16.0 accelerate==1.15.0 datasets==5.2.0 \\
        psutil multiprocess dill xxhash

TRL's numbers sit inside methods of its trainers, which are called as they are (`trl_trainer`). In
float64 and to 1e-6. Where TRL departs, the tests at the end say how.
"""

import dataclasses

import pytest
import tiny
import torch
import trl_trainer
from batches import batches
from hypothesis import given
from hypothesis import strategies as st
from padded import close, padded

from explorer import catalog, peers, policy
from explorer.ragged import sampled_only
from explorer.types import Rollouts

pytestmark = [
    pytest.mark.reference("trl"),
    pytest.mark.slow,
    # TRL calls what transformers is about to rename.
    pytest.mark.filterwarnings("ignore:.*activation_checkpointing:FutureWarning"),
]


def ours(name: str, rollouts: Rollouts, **chosen):
    return catalog.run(catalog.load("estimators", name), rollouts, **chosen).advantage


@pytest.mark.parametrize(
    ("mine", "chosen", "theirs", "settings"),
    [
        ("grpo", {"eps": 1e-4}, "GRPO", {"scale_rewards": "group"}),
        ("dr_grpo", {}, "GRPO", {"scale_rewards": "none"}),
        ("rloo", {}, "RLOO", {"beta": 0.0}),
    ],
)
@given(rollouts=batches())
def test_estimators_that_compare_within_the_group(mine, chosen, theirs, settings, rollouts):
    """Groups of one included, which get 0 in both."""
    close(ours(mine, rollouts, **chosen), trl_trainer.advantages(theirs, rollouts, **settings))


@given(rollouts=batches(), beta=st.sampled_from([0.05, 1.0]))
def test_rloo_with_the_distance_from_the_reference_in_its_reward(rollouts, beta):
    whole = sampled_only(rollouts)
    k1 = catalog.load("objectives", "kl")(whole.old_logprobs, whole.ref_logprobs, estimator="k1")
    distance = torch.zeros_like(rollouts.rewards).index_add_(0, whole.sample, k1)
    penalised = dataclasses.replace(rollouts, rewards=rollouts.rewards - beta * distance)
    close(ours("rloo", penalised), trl_trainer.advantages("RLOO", rollouts, beta=beta))


def test_logprobs_and_entropy():
    """In float32, as the policy is. TRL pads prompts on the left."""
    trainer = trl_trainer.trainer("GRPO")
    drawn = tiny.rollouts(policy.load(device="cpu"))
    layout = padded(drawn)
    prompts = [drawn.prompt_tokens[g] for g in drawn.group.tolist()]
    widest = max(map(len, prompts))
    left = torch.tensor([[0] * (widest - len(p)) + p for p in prompts])
    seen = torch.tensor([[0] * (widest - len(p)) + [1] * len(p) for p in prompts])
    ids, mask = layout.pad(drawn.tokens), layout.mask.long()
    logprobs, entropy, _ = trainer._get_per_token_logps_and_entropies(
        trainer.model,
        torch.cat([left, ids], 1),
        torch.cat([seen, mask], 1),
        ids.shape[1],
        compute_entropy=True,
    )
    close(drawn.old_logprobs, layout.flat(logprobs), 1e-5)
    close(drawn.entropy, layout.flat(entropy), 1e-5)


# Where TRL departs.


@given(rollouts=batches())
def test_trl_divides_by_the_spread_of_the_rewards_of_the_batch(rollouts):
    """Centred in the group and in units of how far all rewards lie apart, easy prompts and hard."""
    unit = peers.std(rollouts.rewards, torch.zeros_like(rollouts.group)) + 1e-4
    theirs = trl_trainer.advantages("GRPO", rollouts, scale_rewards="batch")
    close(theirs, ours("dr_grpo", rollouts) / unit[rollouts.sample])


@given(rollouts=batches())
def test_gdpo_of_trl_adds_to_the_deviation_and_not_to_the_variance(rollouts):
    """1e-4 to the spread over the batch, where verl has 1e-8 under the root."""
    gdpo = catalog.load("estimators", "gdpo")
    credit = catalog.run(gdpo, rollouts, over="completions", eps=1e-4)
    alone = peers.count(rollouts.group, rollouts.rewards) == 1
    theirs = trl_trainer.advantages(
        "GRPO",
        rollouts,
        rollouts.reward_parts,
        multi_objective_aggregation="normalize_then_sum",
    )
    spread = credit.scale.square().sub(1e-8).clamp(min=0).sqrt()
    mine = credit.advantage * credit.scale / (spread + 1e-4)
    kept = ~alone[rollouts.sample]
    close(mine[kept], theirs[kept])
