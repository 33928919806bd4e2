"""True values along completions."""

from math import nan

from explorer.figures.trajectories import trajectories
from explorer.types import Rollouts


def test_a_line_a_completion_ends_at_its_reward():
    rollouts = Rollouts.from_lists(
        tokens=[[1, 2, 3], [1, 4]],
        rewards=[1.0, 0.0],
        group=[0, 0],
        mc_values=[[0.5, nan, 0.75], [0.5, 0.25]],
    )
    ahead, behind = trajectories(rollouts).data
    assert ahead.x == (0, 2, 3, None) and ahead.y == (0.5, 0.75, 1.0, None)
    assert behind.x == (0, 1, 2, None) and behind.y == (0.5, 0.25, 0.0, None)
