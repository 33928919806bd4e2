import pytest
import torch

from explorer import catalog
from explorer.segmenters.regex import regex
from explorer.types import Rollouts

ONE = Rollouts.from_lists(
    tokens=[[1, 2, 3, 4]], rewards=[0], group=[0], pieces=[["7+5", "=12", ";Wait", " no"]]
)


def starts(**settings) -> list[int]:
    return torch.nonzero(catalog.run(regex, ONE, **settings)).flatten().tolist()


def test_after_a_match():
    assert starts() == [0, 1, 2]
    assert starts(pattern=";") == [0, 2]


def test_before_a_match():
    assert starts(pattern="(?= no)") == [0, 3]


def test_what_is_no_pattern_is_named():
    with pytest.raises(ValueError, match=r"'\(' is not a regular expression"):
        starts(pattern="(")
