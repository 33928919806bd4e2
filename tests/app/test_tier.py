"""How a noise was measured, in words."""

import dataclasses

import made
import pytest

from app.tier import measured, over
from explorer.noise import Noise
from explorer.variance import TIERS

NOISE = Noise(
    variance=1.0, signal=1.0, noise_scale=1.0, snr=1.0, low=0.0, high=2.0, groups=3, tier="exact"
)


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_has_its_words(tier):
    told = measured(dataclasses.replace(NOISE, tier=tier), made.rollouts(1, skill=0.5))
    assert told.startswith(f"{tier} tier (")
    assert told.endswith(f"{3 * made.SAMPLES} completions of 3 prompts")


def test_a_part_of_the_batch_and_a_batch_that_is_gone_are_said():
    part = dataclasses.replace(NOISE, groups=2)
    told = measured(part, made.rollouts(1, skill=0.5))
    assert told.endswith(f"{2 * made.SAMPLES} completions of 2 of 3 prompts")
    assert measured(part, None).endswith("(whole gradients), 2 prompts")


def test_curves_name_the_usual_tier_and_where_there_is_another():
    rows = [{"step": k, "variance": {"grpo": {"tier": "exact"}}} for k in (1, 2, 3)]
    rows += [{"step": 4}, {"step": 5, "variance": {"grpo": {"tier": "sketch"}}}]
    assert over(rows, ["grpo"]) == "Curves: exact tier, sketch tier at step 5."
    assert over(rows, ["bae"]) == ""
    sketched = [{"step": k, "variance": {"bae": {"tier": "tail"}}} for k in range(6, 11)]
    assert over(rows + sketched, ["grpo", "bae"]) == (
        "Curves: tail tier, exact tier at steps 1, 2, 3, sketch tier at step 5."
    )
