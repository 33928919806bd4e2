"""Calibration, by the worked example F of the paper's metrics."""

import math

import pytest
import torch

from explorer.calibration import brier, ece

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
