"""Rows about leaves and settings."""

import pytest

from explorer import catalog, leaves


@pytest.mark.parametrize("kind", ["estimators", "segmenters", "objectives", "tasks"])
def test_a_row_a_leaf(kind):
    table = leaves.table(kind)
    assert [row["name"] for row in table] == catalog.names(kind)
    assert all(row["what"].endswith(".") for row in table)


def test_a_row_has_what_the_leaf_reads():
    row = next(row for row in leaves.table("estimators") if row["name"] == "grpo")
    assert row["reads"] == "rewards, group, sample"


def test_settings_have_bounds_and_meanings():
    rows = leaves.settings(catalog.settings(catalog.load("estimators", "gae")))
    gamma = next(row for row in rows if row["setting"] == "gamma")
    assert (gamma["default"], gamma["values"]) == (1.0, "0 to 1")
    assert gamma["meaning"]


def test_every_kind_is_found_by_its_name():
    assert leaves.kind_of("tasks") == "tasks"
    with pytest.raises(ValueError, match="no kind 'task'; there are estimators, "):
        leaves.kind_of("task")
