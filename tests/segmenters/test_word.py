import pytest
import torch

from explorer.segmenters.word import word


@pytest.mark.parametrize(
    "words",
    [
        ["I ", "don't ", "know, ", "3.14 ", "or ", "1,000!"],
        ["7+", "15=", "22;"],
        ["一", "加", "one"],
    ],
    ids=lambda words: words[0],
)
def test_words(words):
    text = "".join(words)
    begins = word(list(text), torch.zeros(len(text)).long()).tolist()
    at = [t for t, first in enumerate(begins) if first]
    assert [text[a:b] for a, b in zip(at, [*at[1:], len(text)], strict=True)] == words


def test_a_space_in_front_of_a_word_belongs_to_its_token():
    begins = word(["The", " c", "at", " sat"], torch.zeros(4).long())
    assert begins.tolist() == [True, True, False, True]
