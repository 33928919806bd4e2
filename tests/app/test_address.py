"""The address of a page: what a reader chose, and nothing that could hurt."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.address import LONGEST, USUAL, read, written

PAGES = {"step": 8, "follow": True, "paused": False}
BEGUN = {**USUAL, **PAGES, "a": "grpo", "b": "bae", "split": True}


def test_what_is_as_it_begins_takes_no_room():
    assert written(BEGUN) == '{"a":"grpo","b":"bae","split":true}'


def test_a_choice_survives_the_address():
    chosen = {**BEGUN, "pins": [{"sample": 1, "token": 20}], "scope": "locked", "limit": 0.5}
    assert {**USUAL, **read(written(chosen))} == {k: v for k, v in chosen.items() if k not in PAGES}


def test_an_address_that_would_be_too_long_is_not_written():
    assert written({**BEGUN, "expanded": list(range(LONGEST))}) == ""


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", "7", "null", '{"limit":1e999}', '{"limit":NaN}', "[" * LONGEST, "\ud800"],
)
def test_what_can_not_be_read_is_ignored(text):
    assert read(text) == {}


def test_parts_that_nobody_knows_are_left_out():
    assert read('{"a":"gae","step":3,"evil":"<script>"}') == {"a": "gae"}


@given(st.text(max_size=60))
def test_no_text_is_an_error(text):
    assert json.dumps(read(text), allow_nan=False)
