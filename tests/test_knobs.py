"""Settings read from a signature, and values of them read from text."""

from typing import Annotated, Literal

import pytest

from explorer.knobs import Slider, knobs


def leaf(
    *,
    share: Annotated[float, Slider(0.0, 1.0, at_least=0.0, at_most=2.0)] = 0.5,
    count: Annotated[int, Slider(1, 8, at_least=1)] = 4,
    flag: bool = True,
    baseline: Literal["group", "none"] = "group",
) -> None:
    """Nothing.

    Args:
        share: how much.
    """


KNOBS = {knob.name: knob for knob in knobs(leaf)}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("share", "1", 1.0),
        ("share", "5e-1", 0.5),
        ("count", "8", 8),
        ("flag", "False", False),
        ("baseline", "none", "none"),
    ],
)
def test_text_becomes_a_value(name, text, value):
    parsed = KNOBS[name].parse(text)
    assert parsed == value and type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("share", "2.5", r"share must lie in \[0, 2\]; got 2.5"),
        ("share", "nan", r"share must lie in \[0, 2\]; got nan"),
        ("share", "much", "share must be a number; got 'much'"),
        ("count", "0", r"count must lie in \[1, inf\]; got 0"),
        ("count", "1.5", "count must be a whole number; got 1.5"),
        ("flag", "maybe", "flag must be true or false; got 'maybe'"),
        ("baseline", "ocb", "baseline must be one of group, none; got 'ocb'"),
    ],
)
def test_text_that_is_no_value_gets_a_sentence(name, text, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        KNOBS[name].parse(text)


def test_meaning_stands_in_the_docstring():
    assert KNOBS["share"].help == "how much." and KNOBS["count"].help == ""


def test_a_setting_without_bounds_is_refused():
    def unbounded(*, x: float = 1.0) -> None: ...

    with pytest.raises(TypeError, match="'x' needs a Slider"):
        knobs(unbounded)
