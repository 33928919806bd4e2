"""HA-DW: group.md section 5."""

import pytest
from example import near

from explorer import catalog
from explorer.estimators.ha_dw import ha_dw
from explorer.types import Rollouts


@pytest.mark.parametrize(
    ("lam", "rare", "often"), [(1.3, 2.50384, 0.50622), (1.5, 2.88905, 0.5841)]
)
def test_hard_and_easy_prompts(lam, rare, often):
    rollouts = Rollouts.from_lists(
        tokens=[[1]] * 8,
        rewards=[1, 0, 0, 0, 1, 1, 1, 0],
        group=[0] * 4 + [1] * 4,
        anchor=[0.5] * 8,
    )
    expected = [rare, -often, -often, -often, often, often, often, -rare]
    near(catalog.run(ha_dw, rollouts, lam=lam).advantage, expected)


def test_as_hard_as_expected_is_lam_and_not_1():
    rollouts = Rollouts.from_lists(
        tokens=[[1]] * 2, rewards=[1, 0], group=[0, 0], anchor=[0.5, 0.5]
    )
    credit = catalog.run(ha_dw, rollouts, lam=1.25)
    near(credit.weight, [1.25, 1.25])
    near(credit.advantage, [0.88388, -0.88388])  # 1.25 / sqrt(2)
