"""The map shows every estimator once, in its place, as a link."""

import re
from itertools import pairwise

import pytest

from explorer import catalog, needs
from explorer.figures.overview import overview


@pytest.fixture(scope="module")
def places() -> dict:
    """Where each name stands."""
    found = {}
    for note in overview(link=lambda name: f"to/{name}").layout.annotations:
        for address, name in re.findall(r'<a href="([^"]+)"[^>]*>(\w+)</a>', note.text):
            assert address == f"to/{name}"
            assert name not in found
            found[name] = note
    return found


def test_every_estimator_is_there(places):
    assert set(places) == set(catalog.names("estimators"))


def test_the_finer_is_to_the_right_and_the_dearer_below(places):
    for one in needs.places():
        for other in needs.places():
            here, there = places[one.name], places[other.name]
            if needs.GRAINS.index(one.granularity) < needs.GRAINS.index(other.granularity):
                assert here.x < there.x
            if needs.NEEDS.index(one.need) < needs.NEEDS.index(other.need):
                assert here.y > there.y


def test_no_two_names_overlap(places):
    """Names of a column are a line apart, those with passes below them two."""
    spots = sorted((note.x, -note.y, "<br>" in note.text) for note in places.values())
    below = [(a, b[1] - a[1]) for a, b in pairwise(spots) if a[0] == b[0]]
    line = min(gap for _, gap in below)
    assert len(below) > 15
    for (_, _, passes), gap in below:
        assert gap > (1.9 if passes else 0.9) * line > 0


def test_passes_stand_below_the_name(places):
    assert "N a step" in places["vine"].text
    assert "<br>" not in places["grpo"].text


def test_a_name_leads_to_its_file():
    text = " ".join(note.text for note in overview().layout.annotations)
    assert 'href="explorer/estimators/grpo.py"' in text
