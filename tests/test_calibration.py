"""Calibration, by the worked example F of the paper's metrics."""

import math

import pytest
import torch

from explorer.calibration import brier, ece, reliability

CONFIDENCE = torch.tensor([0.05, 0.95, 1.0, 0.95, 0.35, 0.35])
CORRECT = torch.tensor([0.0, 1.0, 1.0, 0.0, 0.0, 1.0])


def test_by_hand():
    # bins 0, 9, 10, 9, 3, 3: (0.05 + |1 - 1.9| + 0 + |1 - 0.7|) / 6
    assert ece(CONFIDENCE, CORRECT) == pytest.approx(1.25 / 6)
    assert brier(CONFIDENCE, CORRECT) == pytest.approx(1.4525 / 6)


def test_every_tenth_opens_its_own_bin():
    # Were 0.3 in the bin below, its gap would be balanced by that of 0.25.
    confidence = torch.tensor([0.3, 0.25])
    assert ece(confidence, torch.tensor([1.0, 0.0])) == pytest.approx((0.7 + 0.25) / 2)
    tenths = torch.arange(11) / 10
    assert ece(tenths, torch.zeros(11)) == pytest.approx(0.5)


def test_what_is_not_stated_does_not_count():
    nan = float("nan")
    more = torch.cat([CONFIDENCE, torch.tensor([nan])]), torch.cat([CORRECT, torch.ones(1)])
    assert ece(*more) == ece(CONFIDENCE, CORRECT)
    assert brier(*more) == brier(CONFIDENCE, CORRECT)
    assert math.isnan(ece(torch.tensor([nan]), torch.ones(1)))
    assert math.isnan(brier(torch.tensor([nan]), torch.ones(1)))


def test_reliability_is_what_the_calibration_error_sums_up():
    confidence = torch.tensor([0.3, 0.35, 0.3, 1.0, 1.0, 0.05, math.nan])
    correct = torch.tensor([0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0])
    rows = reliability(confidence, correct)
    assert [row["samples"] for row in rows] == [1, 3, 2]
    assert [row["right"] for row in rows] == pytest.approx([0.0, 2 / 3, 0.5])
    assert rows[1]["confidence"] == pytest.approx(0.95 / 3)
    gaps = [row["samples"] * abs(row["right"] - row["confidence"]) for row in rows]
    assert sum(gaps) / 6 == pytest.approx(ece(confidence, correct))


def test_the_interval_of_a_share_is_wilson_s():
    # 1 of 2 right: middle 1/2, half width z / (1 + z^2/2) sqrt(1/8 + z^2/16)
    row = reliability(torch.tensor([0.5, 0.5]), torch.tensor([1.0, 0.0]))[0]
    reach = 1.96 / (2 * math.sqrt(2 + 1.96**2))
    assert (row["right_low"], row["right_high"]) == pytest.approx((0.5 - reach, 0.5 + reach))


def test_nothing_stated_has_no_rows():
    assert reliability(torch.tensor([math.nan]), torch.tensor([1.0])) == []
