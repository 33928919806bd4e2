"""Dr. GRPO: group.md example E1."""

from example import E1, near, of_samples

from explorer import catalog
from explorer.estimators.dr_grpo import dr_grpo
from explorer.types import Rollouts


def test_e1():
    near(catalog.run(dr_grpo, E1).advantage, of_samples(0.5, -0.5, -0.5, 0.5), atol=0)


def test_groups_are_compared_with_themselves():
    # means 0.75 and 0.25; the lone sample of group 2 gets nothing
    rollouts = Rollouts.from_lists(
        tokens=[[1], [1], [1], [1], [1]], rewards=[1, 0.5, 0.5, 0, 1], group=[0, 1, 0, 1, 2]
    )
    near(catalog.run(dr_grpo, rollouts).advantage, [0.25, 0.25, -0.25, -0.25, 0], atol=0)
