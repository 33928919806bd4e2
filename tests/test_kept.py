"""Which policy sampled a step."""

import dataclasses

import pytest
import tiny
import torch

from explorer import checkpoint, kept, policy
from explorer.config import Config
from explorer.pieces import pieces_of
from explorer.policy import SHIPPED
from explorer.runs import create

MODEL = tiny.policy()
ROLLOUTS = tiny.rollouts(MODEL)


@pytest.fixture
def run(tmp_path):
    """A run that began with a tiny policy and kept the one after 3 updates."""
    policy.save(MODEL, tmp_path / "policy")
    config = Config(policy=str(tmp_path / "policy"))
    made = create(tmp_path / "run", {"config": dataclasses.asdict(config)})
    checkpoint.write(made.folder, 3, MODEL, torch.optim.SGD(MODEL.model.parameters()))
    for step in range(1, 6):
        made.write(step, ROLLOUTS)
    return made


def test_the_policy_that_sampled_or_the_next_one(run):
    assert kept.policies(run) == {
        0: run.folder.parent / "policy",
        3: run.folder / "checkpoints" / "step=000003",
    }
    found = {step: kept.sampler(run, step, ROLLOUTS, device="cpu")[0] for step in (1, 3, 4)}
    assert found == {1: 0, 3: 3, 4: 3}
    assert kept.served(run) == [1, 3, 4]


def test_a_step_without_one_names_those_that_have_one(run):
    with pytest.raises(ValueError, match="for step 2, only for step 1, 3 and 4; name a policy"):
        kept.sampler(run, 2, ROLLOUTS)


def test_a_named_policy_is_taken_for_any_step(run):
    updates, _ = kept.sampler(run, 5, ROLLOUTS, folder=run.folder.parent / "policy", device="cpu")
    assert updates is None


def test_a_policy_of_another_tokenizer_is_refused(run):
    pieces = ["w3"] * len(ROLLOUTS.tokens)
    for other in (
        dataclasses.replace(ROLLOUTS, tokens=ROLLOUTS.tokens + tiny.WORDS),
        dataclasses.replace(ROLLOUTS, prompt_tokens=[[99]] * 4),
        dataclasses.replace(ROLLOUTS, pieces=pieces),
    ):
        with pytest.raises(ValueError, match="reads other tokens than these rollouts have"):
            kept.sampler(run, 1, other, device="cpu")


def test_what_the_tokenizer_spells_is_accepted(run):
    first = ROLLOUTS.tokens[ROLLOUTS.sample == 0].tolist()
    pieces = pieces_of(MODEL.tokenizer)(first) + ["?"] * (len(ROLLOUTS.tokens) - len(first))
    spelt = dataclasses.replace(ROLLOUTS, pieces=pieces)
    assert kept.sampler(run, 1, spelt, device="cpu")[0] == 0


def test_another_trainer_s_run_has_no_policies(tmp_path):
    made = create(tmp_path / "other", {})
    assert kept.policies(made) == {} and kept.config_of(made) is None


def test_the_shipped_policy_is_where_training_began(tmp_path):
    made = create(tmp_path / "run", {"config": {}})
    assert kept.policies(made) == {0: SHIPPED}


def test_a_setting_of_another_version_is_named(tmp_path):
    made = create(tmp_path / "run", {"config": {"magic": 1}})
    with pytest.raises(ValueError, match="the setting 'magic', which this version does not have"):
        kept.config_of(made)
