"""What a leaf says of itself."""

import pytest

from app.about import about
from explorer import catalog
from explorer.estimators.grpo import grpo
from explorer.estimators.sae import sae

ESTIMATORS = catalog.names("estimators")


def test_the_first_line_is_taken_apart():
    told = about(grpo)
    assert told.title == "Group Relative Policy Optimization, outcome supervision"
    assert (told.source, told.arxiv) == ("Shao et al. 2024", "2402.03300")
    assert told.link == "https://arxiv.org/abs/2402.03300"
    assert told.path == "explorer/estimators/grpo.py"
    assert not told.reconstruction


def test_a_reconstruction_is_a_label_and_no_part_of_the_title():
    told = about(sae)
    assert told.reconstruction
    assert told.title == "Segmental Advantage Estimation"


def test_settings_are_left_to_the_widgets():
    kinds, texts = zip(*about(grpo).body, strict=True)
    assert kinds[0] == "equation"
    assert not any("divide_by_std:" in text for text in texts)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_has_a_title_a_source_and_a_summary(name):
    told = about(catalog.load("estimators", name))
    assert told.title[0].isupper() and "arXiv" not in told.title + told.source
    assert told.summary.endswith(".")
    assert "reconstruction" not in told.title.lower()
