"""LaSeR's verdict: group.md section 10."""

import dataclasses

import pytest
import tiny
import torch
from torch.testing import assert_close

from explorer.catalog import NotMeasured
from explorer.policy import Policy
from explorer.types import Rollouts
from explorer.verdict import REFERENCE, Verdict, balanced


def judged(policy: Policy, **changes) -> Rollouts:
    drawn = tiny.rollouts(policy)
    correct = torch.arange(len(drawn.rewards)) % 3 == 0
    told = {"correct": correct, "finished": torch.ones_like(correct)} | changes
    return dataclasses.replace(drawn, **told)


def calibrated(policy: Policy, rollouts: Rollouts) -> Verdict:
    found = Verdict()
    found.calibrate(policy, rollouts)
    return found


def gradient(policy: Policy, verdict: Verdict, rollouts: Rollouts, micro: int = 8192):
    policy.model.zero_grad()
    verdict.pull(policy, rollouts, micro=micro)
    return [None if p.grad is None else p.grad.clone() for p in policy.model.parameters()]


def after(policy: Policy, rollouts: Rollouts) -> torch.Tensor:
    """Logits of what follows each completion, one by one."""
    rows = []
    for i, group in enumerate(rollouts.group.tolist()):
        ids = [*rollouts.prompt_tokens[group], *rollouts.tokens[rollouts.sample == i].tolist()]
        rows.append(policy.model(input_ids=torch.tensor([ids])).logits[0, -1])
    return torch.stack(rows)


def test_right_and_wrong_count_alike():
    assert_close(balanced(torch.tensor([1.0, 0, 0, 0])), torch.tensor([2.0, 2 / 3, 2 / 3, 2 / 3]))
    assert_close(balanced(torch.tensor([1.0, 0, 1, 0])), torch.ones(4))
    assert_close(balanced(torch.zeros(3)), torch.full((3,), 0.5))


def test_example():
    verdicts, correct = torch.tensor([0.9, 0.2, 0.6, 0.8]), torch.tensor([1.0, 0, 0, 1])
    loss = (balanced(correct) * (verdicts - correct).square()).mean()
    assert_close(loss, torch.tensor(0.1125))


def test_it_begins_at_0_far_from_everything_that_is_said():
    policy = tiny.policy()
    rollouts = judged(policy)
    verdict = calibrated(policy, rollouts)
    assert verdict.token == after(policy, rollouts).log_softmax(-1).mean(0).argmin()
    assert verdict.reference < REFERENCE + 1
    verdicts = verdict.read(policy, rollouts)
    assert_close(verdicts.mean(), torch.tensor(0.0), atol=1e-5, rtol=0)
    assert verdicts.abs().max() > 0


@pytest.mark.parametrize("micro", [1, 40, 8192])
def test_it_is_read_after_the_end(micro):
    policy = tiny.policy()
    rollouts = judged(policy)
    verdict = calibrated(policy, rollouts)
    logits = after(policy, rollouts).detach()
    logits[:, verdict.token] += verdict.offset
    expected = 0.1 * (logits.log_softmax(-1)[:, verdict.token] - verdict.reference)
    assert_close(verdict.read(policy, rollouts, micro=micro), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("micro", [1, 40])
def test_parts_pull_as_the_whole(micro):
    policy = tiny.policy()
    rollouts = judged(policy)
    verdict = calibrated(policy, rollouts)
    whole = gradient(policy, verdict, rollouts)
    assert_close(gradient(policy, verdict, rollouts, micro), whole, atol=1e-7, rtol=1e-4)


def test_the_pull_separates_right_from_wrong():
    policy = tiny.policy()
    rollouts = judged(policy)
    verdict = calibrated(policy, rollouts)
    optimizer = torch.optim.AdamW(policy.model.parameters(), lr=3e-2)
    for _ in range(40):
        optimizer.zero_grad()
        verdict.pull(policy, rollouts)
        optimizer.step()
    verdicts, correct = verdict.read(policy, rollouts), rollouts.correct
    assert verdicts[correct].mean() > verdicts[~correct].mean() + 0.3


def test_what_was_cut_off_pulls_nothing():
    policy = tiny.policy()
    cut = judged(policy, finished=torch.zeros(12, dtype=torch.bool))
    verdict = calibrated(policy, cut)  # on all of them, as none ended
    assert verdict.token >= 0
    assert all(grad is None or not grad.any() for grad in gradient(policy, verdict, cut))


@pytest.mark.parametrize("field", ["correct", "finished"])
def test_what_it_needs_is_named(field):
    policy = tiny.policy()
    rollouts = judged(policy)
    verdict = calibrated(policy, rollouts)
    with pytest.raises(NotMeasured, match=field):
        verdict.pull(policy, dataclasses.replace(rollouts, **{field: None}))
