import torch

from explorer import catalog
from explorer.segmenters.steps import steps
from explorer.types import Rollouts


def test_the_steps_of_the_task():
    rollouts = Rollouts.from_lists(
        tokens=[[1, 1, 1], [1, 1]],
        rewards=[0, 0],
        group=[0, 0],
        segment=[[0, 1, 1], [0, 0]],
    )
    assert catalog.run(steps, rollouts).tolist() == [True, True, False, True, False]


def test_a_sample_starts_a_step():
    segment = torch.tensor([0, 0, 0])
    assert steps(segment, torch.tensor([0, 0, 1])).tolist() == [True, False, True]
