"""Means, spreads and sums among peers."""

import numpy as np
import pytest
import torch
from batches import batches
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from explorer import catalog, peers

X = torch.tensor([1.0, 2.0, 4.0, 8.0])
BY = torch.tensor([0, 1, 0, 1])


def test_every_entry_stands_for_its_class():
    assert_close(peers.total(X, BY), torch.tensor([5.0, 10.0, 5.0, 10.0]))
    assert_close(peers.count(BY, X), torch.tensor([2.0, 2.0, 2.0, 2.0]))
    assert_close(peers.mean(X, BY), torch.tensor([2.5, 5.0, 2.5, 5.0]))


def test_spread_by_hand():
    # deviations 1.5 and 3: squares 2 * 2.25 and 2 * 9
    assert_close(peers.std(X, BY, ddof=0), torch.tensor([1.5, 3.0, 1.5, 3.0]))
    assert_close(peers.std(X, BY) ** 2, torch.tensor([4.5, 18.0, 4.5, 18.0]))


def test_a_class_of_one_has_no_spread_and_unit_1():
    alone = torch.arange(4)
    assert not peers.std(X, alone).any()
    assert_close(peers.unit(X, alone, eps=0.5), torch.ones(4))
    assert_close(peers.unit(X, BY, eps=0.5, ddof=0), torch.tensor([2.0, 3.5, 2.0, 3.5]))


def test_mean_and_unit_are_those_that_are_asked_for_one_by_one():
    mean, unit = peers.mean_and_unit(X, BY, eps=0.5)
    assert_close(mean, peers.mean(X, BY))
    assert_close(unit, peers.unit(X, BY, eps=0.5))
    assert_close(peers.mean_and_std(X, BY)[1], peers.std(X, BY))


def test_a_mean_by_weight():
    # (1 * 1 + 4 * 3) / 4, and nothing that weighs
    weight = torch.tensor([1.0, 0.0, 3.0, 0.0])
    assert_close(peers.weighted(X, weight, BY), torch.tensor([3.25, 0.0, 3.25, 0.0]))


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pieces_part_the_entries_class_by_class(size, monkeypatch):
    monkeypatch.setattr(peers, "PIECE", size)
    index = torch.tensor([4, 0, 4, 1, 0, 4])
    parts = [part.tolist() for part in peers.pieces(index)]
    assert sorted(entry for part in parts for entry in part) == list(range(6))
    of = [set(index[part].tolist()) for part in parts]
    assert sum(map(len, of)) == len(set.union(*of))  # no class is in two of them
    assert len(parts) == {1: 3, 2: 3, 3: 2, 100: 1}[size]


@pytest.mark.parametrize("name", ["ktae", "oar"])
@given(rollouts=batches())
def test_what_works_in_pieces_gives_what_the_whole_gives(name, rollouts):
    leaf = catalog.load("estimators", name)
    whole = catalog.run(leaf, rollouts).advantage
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peers, "PIECE", 2)
        assert_close(catalog.run(leaf, rollouts).advantage, whole)


def test_classes_of_several_indices():
    outcome = torch.tensor([0, 0, 1, 0])
    assert_close(peers.mean(X, (BY, outcome)), torch.tensor([1.0, 5.0, 4.0, 5.0]))


@pytest.mark.parametrize("far", [2**62, -(2**62)])
def test_classes_of_hashes_do_not_collide(far):
    hashes = torch.tensor([far, far, 7, -1])
    assert peers.classes((BY, hashes)).unique().numel() == 4
    assert_close(peers.total(X, hashes), torch.tensor([3.0, 3.0, 4.0, 8.0]))


@given(st.integers(1, 40), st.floats(-1e6, 1e6))
def test_the_mean_of_equal_numbers_is_that_number(n, x):
    same = torch.full((n,), x, dtype=torch.float64)
    index = torch.zeros(n, dtype=torch.int64)
    assert (peers.mean(same, index) == x).all()
    assert not peers.std(same, index).any()


def test_spread_far_from_zero():
    x = torch.tensor([1e8 - 1, 1e8, 1e8 + 1], dtype=torch.float64)
    assert_close(peers.std(x, torch.zeros(3, dtype=torch.int64)), torch.ones(3).double())


def test_whitening():
    # squares 4 + 0 + 4, over 2
    center, unit = peers.whitening(torch.tensor([0.0, 2.0, 4.0]), eps=0.0)
    assert center == unit == 2
    assert peers.whitening(torch.full((3,), 0.1), eps=0.0)[1] == 1


def test_extremes():
    low, high = peers.extremes(X, BY)
    assert low.tolist() == [1, 2, 1, 2]
    assert high.tolist() == [4, 8, 4, 8]


@given(st.integers(1, 12), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_quantile_is_numpys(n, q, seed):
    x = torch.rand(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    index = torch.arange(n) % 3 + 5  # classes 0 to 4 are empty
    for c in index.unique():
        expected = np.quantile(x[index == c].numpy(), q)
        assert_close(
            peers.quantile(x, index, q)[index == c], torch.full_like(x, expected)[index == c]
        )


def test_starts_ends_and_positions():
    sample = torch.tensor([0, 0, 2, 2, 2])
    assert peers.starts(sample).tolist() == [True, False, True, False, False]
    assert peers.ends(sample).tolist() == [False, True, False, False, True]
    assert peers.position(sample).tolist() == [0, 1, 0, 1, 2]


def test_lengths_of_samples():
    sample = torch.tensor([0, 0, 2, 2, 2])
    assert peers.lengths(sample, 4).tolist() == [2, 0, 3, 0]


# Samples 0 and 2 are of one group, 1 is alone; sample 3 outruns 4, which has no token.
ABREAST = torch.tensor([0, 0, 0, 1, 2, 2, 3])
PROMPT = torch.tensor([7, 9, 7, 8, 8])


def test_a_mean_over_the_tokens_at_the_same_place():
    # places of prompt 7: (1 + 16) / 2, (2 + 3 * 32) / 4, and 4 alone
    x = 2.0 ** torch.arange(7)
    weight = torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0, 3.0, 0.0])
    mean = peers.abreast(x, weight, ABREAST, PROMPT)
    assert_close(mean, torch.tensor([8.5, 24.5, 4.0, 8.0, 8.5, 24.5, 0.0]))


def test_tokens_at_places_that_no_other_sample_reaches():
    assert peers.unmatched(ABREAST, PROMPT).tolist() == [2, 6]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=6), st.integers(1, 3))
def test_unmatched_tokens_are_alone_at_their_place(lengths, groups):
    sample = torch.arange(len(lengths)).repeat_interleave(torch.tensor(lengths))
    group = torch.arange(len(lengths)) % groups
    here = (group[sample], peers.position(sample))
    alone = peers.count(here, sample) == 1
    several = peers.count(group, sample)[sample] > 1
    assert set(peers.unmatched(sample, group).tolist()) == set(
        (alone & several).nonzero().flatten().tolist()
    )


def test_the_first_of_each_sample():
    sample = torch.tensor([0, 0, 2, 2, 2])
    assert peers.first(torch.arange(5.0), sample).tolist() == [0, 0, 2, 2, 2]


def test_the_nearest_that_is_here_before_and_after():
    """Sample 1 has no token, sample 2 none that is here."""
    sample = torch.tensor([0, 0, 0, 0, 2, 3, 3])
    here = torch.tensor([False, True, False, True, False, True, False])
    x, end = torch.arange(7.0), torch.tensor([10.0, 11.0, 12.0, 13.0])
    assert peers.upcoming(x, here, sample, end).tolist() == [1, 3, 3, 10, 12, 13, 13]
    before = peers.latest(x, here, sample).nan_to_num(-1)
    assert before.tolist() == [-1, 1, 1, 3, -1, 5, 5]


def test_running_sums_stay_inside_their_sample():
    x = torch.tensor([1.0, 2.0, 4.0, 8.0])
    sample = torch.tensor([0, 0, 1, 1])
    assert_close(peers.within(x, sample), torch.tensor([1.0, 3.0, 4.0, 12.0]))
    assert_close(peers.tail(x, 0.5, sample), torch.tensor([2.0, 2.0, 8.0, 8.0]))
    decay = torch.tensor([0.0, 9.0, 2.0, 9.0])
    assert_close(peers.tail(x, decay, sample), torch.tensor([1.0, 2.0, 20.0, 8.0]))


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_a_hole_spoils_only_the_running_sums_after_it_in_its_sample(bad):
    x = torch.tensor([1.0, 1.0, bad, 1.0, 1.0])
    sample = torch.tensor([0, 1, 1, 1, 2])
    expected = torch.tensor([1.0, 1.0, torch.nan, torch.nan, 1.0])
    assert_close(peers.within(x, sample), expected, equal_nan=True)


def test_running_sums_do_not_see_how_much_came_before():
    x = torch.tensor([1e6, 1e6, 0.25, 0.5], dtype=torch.float32)
    sample = torch.tensor([0, 0, 1, 1])
    assert peers.within(x, sample)[2:].tolist() == [0.25, 0.75]


@given(st.lists(st.integers(1, 150), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
def test_tail_is_the_recursion(lengths, seed):
    dice = torch.Generator().manual_seed(seed)
    sample = torch.arange(len(lengths)).repeat_interleave(torch.tensor(lengths))
    x = torch.randn(len(sample), generator=dice, dtype=torch.float64)
    decay = torch.rand(len(sample), generator=dice, dtype=torch.float64)
    y = torch.zeros(len(sample) + 1, dtype=torch.float64)
    for t in reversed(range(len(sample))):
        inside = t + 1 < len(sample) and sample[t + 1] == sample[t]
        y[t] = x[t] + (decay[t] * y[t + 1] if inside else 0)
    assert_close(peers.tail(x, decay, sample), y[:-1])


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_a_hole_spoils_only_what_comes_before_it_in_its_sample(bad):
    x = torch.tensor([1.0, 1.0, bad, 1.0, 1.0])
    sample = torch.tensor([0, 1, 1, 1, 2])
    expected = torch.tensor([1.0, torch.nan, torch.nan, 1.0, 1.0])
    assert_close(peers.tail(x, 1.0, sample), expected, equal_nan=True)


def test_no_tokens():
    nothing, none = torch.zeros(0), torch.zeros(0, dtype=torch.int64)
    assert len(peers.tail(nothing, 1.0, none)) == len(peers.mean(nothing, none)) == 0
    assert len(peers.within(nothing, none)) == len(peers.abreast(nothing, nothing, none, none)) == 0
    assert len(peers.upcoming(nothing, none.bool(), none, torch.ones(2))) == 0
    assert len(peers.unmatched(none, none)) == 0
    assert len(peers.position(none)) == len(peers.classes((none, none))) == 0
