"""The folder is the registry, and `run` hands over what a signature names."""

import dataclasses
from typing import Annotated

import pytest
import torch
from torch.testing import assert_close

from explorer import catalog
from explorer.knobs import By
from explorer.types import Credit, PerToken, Rollouts, SampleOfToken, SegmentOfToken

GAP = Rollouts.from_lists(
    tokens=[[1, 2, 3], [4]],
    rewards=[1, 0],
    group=[0, 0],
    mask=[[True, False, True], [True]],
    logprobs=[[-0.1, -9.0, -9.0], [-0.1]],
    values=[[0.5, 99.0, 0.25], [0.5]],
)


def values(values: PerToken, sample: SampleOfToken) -> Credit:
    """Hands back what it was given."""
    return Credit(target=values, baseline=values / 2, scale=values, peers=sample)


def cut(segment: Annotated[SegmentOfToken, By("low_probability")], sample: SampleOfToken) -> Credit:
    """Shows the segments that were cut for it."""
    nothing = torch.zeros(len(sample))
    return Credit(target=nothing, baseline=nothing, peers=segment)


def test_every_leaf_is_a_function_of_its_files_name():
    for kind in ("estimators", "segmenters", "objectives", "aggregations", "tasks", "engines"):
        for name in catalog.names(kind):
            assert catalog.load(kind, name).__name__ == name
            assert catalog.load(kind, name).__doc__


def test_every_setting_is_explained():
    for name in catalog.names("estimators"):
        for knob in catalog.settings(catalog.load("estimators", name)):
            assert knob.help, f"{name}: {knob.name}"
            assert knob.check(knob.default) == knob.default


def test_the_nearest_name_is_offered():
    with pytest.raises(ValueError, match="estimators has no 'gpro'; did you mean grpo"):
        catalog.load("estimators", "gpro")
    with pytest.raises(ValueError, match="estimators has no 'xyz'; there are"):
        catalog.load("estimators", "xyz")


def test_unsampled_tokens_are_taken_out_and_zeros_put_back():
    credit = catalog.run(values, GAP)
    assert_close(credit.target, torch.tensor([0.5, 0.0, 0.25, 0.5]))
    assert_close(credit.advantage, torch.tensor([0.5, 0.0, 0.5, 0.5]))
    assert credit.peers.tolist() == [0, -1, 0, 1]


def test_a_segmenter_cuts_the_sampled_tokens():
    # the unsampled token is as unlikely as the third, but only the third starts a segment
    assert catalog.run(cut, GAP).peers.tolist() == [0, -1, 1, 2]
    assert catalog.run(cut, GAP, segmenter="whole").peers.tolist() == [0, -1, 0, 1]


def test_the_segments_of_an_estimator_are_known_of_the_whole_batch():
    # an unsampled token belongs to the segment before it
    assert_close(catalog.cut(cut, GAP), torch.tensor([0, 0, 1, 2], dtype=torch.int32))
    assert_close(catalog.cut(cut, GAP, p=0.0), torch.tensor([0, 0, 0, 1], dtype=torch.int32))
    assert catalog.cut(values, GAP) is None


def test_the_segmenters_fields_and_settings_count_as_the_estimators():
    assert catalog.reads(cut) == ("sample", "logprobs")
    assert catalog.reads(cut, "whole") == ("sample",)
    assert catalog.settings(cut)[0].name == "p"
    assert catalog.settings(cut, "whole") == ()
    assert catalog.run(cut, GAP, p=0.0).peers.tolist() == [0, -1, 0, 1]


def test_what_is_missing_is_named_with_the_way_to_measure_it():
    bare = dataclasses.replace(GAP, values=None)
    assert catalog.missing(values, bare) == ["values"]
    with pytest.raises(catalog.NotMeasured) as error:
        catalog.run(values, bare)
    assert str(error.value) == (
        "values reads 'values', which these rollouts lack; "
        "train with --critic, or with an estimator that has one, such as gae"
    )


def test_settings_are_checked():
    with pytest.raises(ValueError, match="values has no setting 'lam'; it has none"):
        catalog.run(values, GAP, lam=1.0)
    with pytest.raises(ValueError, match=r"p must lie in \[0, 1\]; got 2"):
        catalog.run(cut, GAP, p=2.0)
    with pytest.raises(ValueError, match="values cuts no segments, so leave out 'whole'"):
        catalog.run(values, GAP, segmenter="whole")


def test_a_setting_that_the_segmenter_shares_is_one_setting():
    spo_chain = catalog.load("estimators", "spo_chain")
    names = [knob.name for knob in catalog.settings(spo_chain)]
    assert names.count("rho") == 1
    assert {"mask", "interval"} <= set(names)
