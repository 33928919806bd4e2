"""Settings are read from signatures."""

import math
from typing import Annotated, Literal

import pytest

from explorer import knobs
from explorer.knobs import By, Knob, Slider


def estimator(
    rewards: int,
    segment: Annotated[int, By("low_probability")],
    *,
    lam: Annotated[float, Slider(0.5, 1.0, 0.1, at_least=0.0, at_most=1.0)] = 0.95,
    steps: Annotated[int, Slider(1, 8, at_least=1)] = 2,
    side: Literal["start", "end"] = "start",
    whiten: bool = False,
) -> None:
    """Nothing.

    Args:
        lam: 0 trusts the critic,
            1 trusts the reward.
        side: of the boundary.

    Raises:
        ValueError: never.
    """


LAM, STEPS, SIDE, WHITEN = knobs.knobs(estimator)


def test_the_signature_is_the_declaration():
    assert knobs.inputs(estimator) == ("rewards", "segment")
    assert knobs.segmenter(estimator) == "low_probability"
    assert Knob("side", "start", "of the boundary.", options=("start", "end")) == SIDE
    assert LAM.help == "0 trusts the critic, 1 trusts the reward."
    assert Slider(1, 8, at_least=1) == STEPS.slider
    assert WHITEN.help == ""


@pytest.mark.parametrize(
    ("knob", "value"), [(LAM, 0), (LAM, 0.1), (STEPS, 99), (SIDE, "end"), (WHITEN, True)]
)
def test_valid_values_come_back(knob, value):
    assert knob.check(value) == value


@pytest.mark.parametrize(
    ("knob", "value", "sentence"),
    [
        (LAM, 1.5, "lam must lie in [0, 1]; got 1.5"),
        (LAM, math.nan, "lam must lie in [0, 1]; got nan"),
        (LAM, "1", "lam must be a number; got '1'"),
        (LAM, True, "lam must be a number; got True"),
        (STEPS, 1.5, "steps must be a whole number; got 1.5"),
        (STEPS, 0, "steps must lie in [1, inf]; got 0"),
        (SIDE, "left", "side must be one of start, end; got 'left'"),
        (WHITEN, 1, "whiten must be true or false; got 1"),
    ],
)
def test_invalid_values_are_one_sentence(knob, value, sentence):
    with pytest.raises(ValueError) as error:
        knob.check(value)
    assert str(error.value) == sentence


def test_a_setting_without_bounds_is_a_mistake_of_the_author():
    def unbounded(*, lam: float = 1.0) -> None: ...

    with pytest.raises(TypeError, match="'lam' needs a Slider"):
        knobs.knobs(unbounded)


def test_a_text_is_any_text():
    def cut(*, pattern: str = ";") -> None:
        pass

    (knob,) = knobs.knobs(cut)
    assert knob.parse("3") == "3"
    with pytest.raises(ValueError, match="pattern must be a text; got 3"):
        knob.check(3)
