"""Pieces concatenate to the decoded text, whatever the tokenizer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from explorer.pieces import pieces_of


def byte_level() -> PreTrainedTokenizerFast:
    """One token a byte, as byte-level BPE falls back to."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE({c: i for i, c in enumerate(alphabet)}, []))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=core)


def metaspace() -> PreTrainedTokenizerFast:
    """Words that begin with a space, which is dropped at the start of a text."""
    core = Tokenizer(models.WordLevel({"▁a": 0, "▁b": 1, "c": 2}, unk_token="c"))
    core.decoder = decoders.Metaspace()
    return PreTrainedTokenizerFast(tokenizer_object=core)


BYTES, WORDS = byte_level(), metaspace()


@given(st.text(max_size=8))
def test_characters_of_several_bytes(text):
    ids = BYTES(text)["input_ids"]
    pieces = pieces_of(BYTES)(ids)
    assert len(pieces) == len(ids)
    assert "".join(pieces) == text


def test_the_last_byte_has_the_character():
    assert pieces_of(BYTES)(BYTES("a𝛑b")["input_ids"]) == ["a", "", "", "", "𝛑", "b"]


def test_a_character_that_was_cut_off_is_shown_as_such():
    ids = BYTES("a𝛑")["input_ids"][:-1]
    assert pieces_of(BYTES)(ids) == ["a", "", "", "\ufffd"]


@given(st.lists(st.sampled_from([0, 1, 2]), max_size=6))
def test_a_space_belongs_to_the_word_after_it(ids):
    assert "".join(pieces_of(WORDS)(ids)) == WORDS.decode(ids)


def test_words():
    assert pieces_of(WORDS)([0, 1, 2, 0]) == ["a", " b", "c", " a"]


@pytest.mark.parametrize("ids", [[], [0]])
def test_short_ones(ids):
    assert pieces_of(WORDS)(ids) == ["a"] * len(ids)
