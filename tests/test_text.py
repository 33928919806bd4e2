"""Cuts in text, told to tokens."""

import re

import torch
from hypothesis import given
from hypothesis import strategies as st

from explorer import peers
from explorer.text import starts_after

COMMA = re.compile(",")


def starts(pieces, sample=None, pattern=COMMA):
    sample = torch.tensor([0] * len(pieces) if sample is None else sample).long()
    return torch.nonzero(starts_after(pattern, pieces, sample)).flatten().tolist()


def test_the_text_after_a_match_opens():
    assert starts(["a", ",", "b", ",c"]) == [0, 2, 3]


def test_a_token_across_the_cut_belongs_to_the_later_segment():
    assert starts(["a", "b,c", "d"]) == [0, 1]


def test_a_token_without_text_stays_with_what_came_before():
    assert starts(["a,", "", "b"]) == [0, 2]


def test_a_match_across_tokens():
    assert starts(["a<", "/x", ">b", "c"], pattern=re.compile("</x>")) == [0, 2]


def test_a_match_never_reaches_into_the_next_sample():
    assert starts(["a", "<", "/", "x"], sample=[0, 0, 1, 1], pattern=re.compile("</")) == [0, 2]
    assert starts(["a", ",", "b", "c"], sample=[0, 0, 1, 1]) == [0, 2]


def test_nothing():
    assert starts([]) == []


@given(
    pieces=st.lists(st.text(alphabet="ab,", max_size=4), max_size=8),
    samples=st.lists(st.integers(0, 2), min_size=8, max_size=8),
)
def test_each_character_after_a_cut_lies_in_a_token_that_starts(pieces, samples):
    sample = torch.tensor(sorted(samples)[: len(pieces)]).long()
    begins = starts_after(COMMA, pieces, sample)
    assert begins[peers.starts(sample)].all()
    before = {}
    for t, piece in enumerate(pieces):
        text = before.get(int(sample[t]), "") + piece
        inside = text[:-1][-len(piece) :] if piece else ""
        first_of_sample = bool(peers.starts(sample)[t])
        assert bool(begins[t]) == (first_of_sample or "," in inside)
        before[int(sample[t])] = text
