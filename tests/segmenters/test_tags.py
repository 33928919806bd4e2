import torch

from explorer.segmenters.tags import tags


def starts(*pieces: str) -> list[int]:
    begins = tags(list(pieces), torch.zeros(len(pieces)).long())
    return torch.nonzero(begins).flatten().tolist()


def test_tags_that_are_tokens():
    pieces = ["<reasoning>", "7", "+", "</reasoning>", "<answer>", "8", "</answer>", "!"]
    assert starts(*pieces) == [0, 4, 7]


def test_a_tag_spelled_over_several_tokens():
    assert starts("a", "<", "think", ">", "b", "</", "think", ">", "c", "d") == [0, 1, 8]


def test_a_tag_with_attributes():
    assert starts("a", '<tool name="', 'x">', "b", "</tool", ">", "c") == [0, 1, 6]


def test_text_around_a_tag_in_one_token_goes_to_the_later_part():
    assert starts("a", "b<think>c", "d</think>e", "f") == [0, 1, 2]


def test_less_than_is_no_tag():
    assert starts("a", "<", " b", " and", " c", ">", "d", "1<2", ">") == [0]
