"""LaSeR: group.md section 10."""

import dataclasses

import torch
from example import E1, near, of_samples

from explorer import catalog
from explorer.estimators.grpo import grpo
from explorer.estimators.laser import laser

VERDICTS = dataclasses.replace(  # 0.1 * (log pi(z) + 23)
    E1,
    self_reward=0.1 * (torch.tensor([-14.0, -21, -17, -15], dtype=torch.float64) + 23),
    finished=torch.ones(4, dtype=torch.bool),
)


def test_example():
    near(catalog.run(laser, VERDICTS).advantage, of_samples(0.86825, -0.91671, -0.7875, 0.83595))


def test_the_policys_verdict_alone():
    expected = of_samples(0.88833, -1.37287, -0.08076, 0.5653)
    near(catalog.run(laser, VERDICTS, tau=1.0).advantage, expected)


def test_verdicts_that_hardly_differ_are_not_trusted():
    near(
        catalog.run(laser, VERDICTS, spread=0.5).advantage,
        catalog.run(grpo, E1).advantage.tolist(),
    )


def test_an_unfinished_answer_is_judged_wrong():
    # verdicts 1, 0, clipped and cut off: mean 1/2, spread 1/sqrt(2)
    two = dataclasses.replace(
        VERDICTS,
        group=torch.tensor([0, 0, 1, 1]),
        self_reward=torch.tensor([7.0, 0.9, 0.0, 0.0], dtype=torch.float64),
        finished=torch.tensor([True, False, True, True]),
    )
    near(catalog.run(laser, two, tau=1.0).advantage[:5], [0.70711] * 2 + [-0.70711] * 3)
