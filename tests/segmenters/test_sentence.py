import pytest
import torch

from explorer.segmenters.sentence import sentence


def sentences(text: str, **settings) -> list[str]:
    """The text cut, with one token a character."""
    begins = sentence(list(text), torch.zeros(len(text)).long(), **settings).tolist()
    parts = []
    for character, first in zip(text, begins, strict=True):
        if first:
            parts.append("")
        parts[-1] += character
    return parts


@pytest.mark.parametrize(
    "parts",
    [
        ["It is 3.14.", " So?!", " Yes"],
        ['He said "no."', " (Why?)", " Nobody knows… ", "and so on"][:2],
        ["Wait...", " what"],
        ["一加一等于二。", "对吗？", "“对！”", "好"],
        ["First line\n", "second line.", "\n\n", "third"],
        ["7+15=22;", "22-4=18;", "done"],
    ],
    ids=lambda parts: parts[0].strip(),
)
def test_sentences(parts):
    assert sentences("".join(parts)) == parts


def test_semicolons_are_a_choice():
    assert sentences("a; b. c", semicolons=False) == ["a; b.", " c"]


def test_a_token_that_holds_two_sentences_belongs_to_the_later():
    begins = sentence(["One", ". T", "wo"], torch.zeros(3).long())
    assert begins.tolist() == [True, True, False]
