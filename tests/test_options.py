"""Settings typed on a command line."""

from typing import Annotated, Literal

import pytest

from explorer import catalog, options
from explorer.knobs import Slider, knobs


def leaf(
    *,
    lam: Annotated[float, Slider(0.0, 1.0, at_least=0.0, at_most=1.0)] = 0.95,
    low: Annotated[float, Slider(-1.0, 0.0)] = 0.0,
    divide_by_std: bool = True,
    baseline: Literal["group", "none"] = "group",
) -> None:
    """Nothing."""


KNOBS = knobs(leaf)


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ("", {}),
        ("--lam 0.5", {"lam": 0.5}),
        ("--lam=0.5 --baseline none", {"lam": 0.5, "baseline": "none"}),
        ("--low -1", {"low": -1.0}),
        ("--divide-by-std", {"divide_by_std": True}),
        ("--divide_by_std false --lam 1", {"divide_by_std": False, "lam": 1.0}),
        ("--no-divide-by-std --lam 1", {"divide_by_std": False, "lam": 1.0}),
    ],
)
def test_words_become_settings(words, chosen):
    assert options.settings(words.split(), KNOBS) == chosen


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--lan 0.5", "there is no option '--lan'; did you mean --lam?"),
        ("--x 1", "there is no option '--x'; there are --lam, --low, --divide-by-std, --baseline"),
        ("lam 1", "there is no option 'lam'; did you mean --lam?"),
        ("--lam", "--lam needs a value"),
        ("--lam 2", "lam must lie in [0, 1]; got 2.0"),
    ],
)
def test_words_that_are_no_settings_get_a_sentence(words, sentence):
    with pytest.raises(ValueError) as caught:
        options.settings(words.split(), KNOBS)
    assert str(caught.value) == sentence


def test_estimators_come_with_settings_of_their_own():
    assert options.estimators("grpo, grpo:divide_by_std=false:eps=0") == {
        "grpo": ("grpo", {}),
        "grpo:divide_by_std=false:eps=0": ("grpo", {"divide_by_std": False, "eps": 0.0}),
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("grpp", "estimators has no 'grpp'; did you mean grpo?"),
        ("grpo:ep=1", "there is no option '--ep'; did you mean --eps?"),
        (" , ", "name at least one estimator, such as grpo"),
    ],
)
def test_estimators_that_are_none_get_a_sentence(text, sentence):
    with pytest.raises(ValueError) as caught:
        options.estimators(text)
    assert str(caught.value) == sentence


def test_every_setting_of_every_estimator_can_be_typed():
    for name in catalog.names("estimators"):
        offered = catalog.settings(catalog.load("estimators", name))
        words = [f"--{knob.name.replace('_', '-')}={knob.default}" for knob in offered]
        assert options.settings(words, offered) == {knob.name: knob.default for knob in offered}
