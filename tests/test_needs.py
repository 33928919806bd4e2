"""What estimators need is told of all of them."""

import pytest

from explorer import catalog, needs
from explorer.types import axes

PLACES = {place.name: place for place in needs.places()}


def test_every_field_is_free_or_has_its_cost():
    names = catalog.names("estimators")
    read = {f for name in names for f in catalog.reads(catalog.load("estimators", name))}
    assert read <= needs.FREE | set(needs.COST) <= set(axes())
    assert needs.FREE & set(needs.COST) == set()


def test_every_cost_is_of_a_known_need():
    assert {cost.need for cost in needs.COST.values()} == set(needs.NEEDS[1:])


def test_every_estimator_has_its_place():
    assert list(PLACES) == catalog.names("estimators")
    assert {place.granularity for place in PLACES.values()} == set(needs.GRAINS)
    assert sum(map(len, needs.cells().values())) == len(PLACES)


@pytest.mark.parametrize(
    ("name", "need", "passes"),
    [
        ("grpo", "nothing more", "0"),
        ("bae", "rewards of parts", "0"),
        ("icpo_style", "log-probabilities", "0"),
        ("sae", "a critic", "1 a completion"),
        ("remax", "rollouts of its own", "1 a prompt"),
        ("vine", "rollouts of its own", "N a step"),
        ("spo_chain", "rollouts of its own", "N a segment"),
        ("true_advantage", "rollouts of its own", "N a token"),
    ],
)
def test_the_dearest_field_decides_and_passes_are_counted_where_they_are_taken(name, need, passes):
    assert (PLACES[name].need, PLACES[name].passes) == (need, passes)


def test_two_fields_of_one_pass_are_one_pass():
    assert PLACES["otb"].passes == "1 a completion"
    assert PLACES["otb"].why.count("sum_pi_sq") == 1
