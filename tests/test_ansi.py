"""Lines of tokens on colours: wrapped to the width, the sign told without the colour too."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from explorer.ansi import DEEPEST, NEGATIVE, legend, paint, signs, wrap

CONSOLE = Console()
LINE = [("ab", -2.0), ("cd", 1.0), ("e", 0.0), ("f", math.nan), ("g", 4.0)]


def styles(colours):
    """The style of each span of LINE at a limit of 2, by its text."""
    return {span[0]: paint([span], 2.0, colours).get_style_at_offset(CONSOLE, 0) for span in LINE}


def test_the_largest_negative_is_the_deepest_vermillion_and_underlined():
    style = styles("truecolor")["ab"]
    assert style.bgcolor.triplet == tuple(round(255 + DEEPEST * (c - 255)) for c in NEGATIVE)
    assert style.underline and not style.bold


def test_zero_is_white_and_what_was_not_sampled_has_no_background():
    at = styles("truecolor")
    assert at["e"].bgcolor.triplet == (255, 255, 255) and not at["e"].underline
    assert at["f"].bgcolor is None


def test_beyond_the_limit_is_bold_and_no_deeper():
    at = styles("truecolor")
    assert at["g"].bold and not at["cd"].bold
    limited = paint([("g", 2.0)], 2.0, "truecolor").get_style_at_offset(CONSOLE, 0)
    assert limited.bgcolor == at["g"].bgcolor


def test_sixteen_colours_tell_the_sign():
    at = styles("standard")
    assert at["ab"].bgcolor.name == "red" and at["ab"].underline
    assert at["cd"].bgcolor.name == at["g"].bgcolor.name == "blue"
    assert at["e"].bgcolor is None


def test_without_colours_there_are_signs_and_no_styles():
    assert signs(LINE, 2.0) == "--++ ·+"
    assert not any(styles(None).values())


def test_a_sign_is_as_wide_as_its_token():
    assert signs([("漢字", -1.0), ("x", 1.0)], 1.0) == "----+"


@pytest.mark.parametrize("colours", ["truecolor", "standard", None])
def test_the_legend_has_the_limit_at_both_ends(colours):
    text = legend(1.25, colours).plain
    assert text.startswith("-1.25 ") and "+1.25" in text


def test_a_line_breaks_after_a_newline_and_where_it_is_full():
    lines = wrap([("ab↵", 1.0), ("cdef", -1.0)], 3)
    assert ["".join(text for text, _ in line) for line in lines] == ["ab↵", "cde", "f"]


@given(
    st.lists(st.tuples(st.text("ab漢↵", max_size=6), st.floats(-1, 1)), max_size=6),
    st.integers(2, 9),
)
def test_lines_fit_and_lose_nothing(spans, width):
    lines = wrap(spans, width)
    assert all(sum(cell_len(text) for text, _ in line) <= width for line in lines)
    joined = [(c, value) for line in lines for text, value in line for c in text]
    assert joined == [(c, value) for text, value in spans for c in text]
