import math

import torch
from torch.testing import assert_close

from explorer.paired import against, cosine, snr_ratio


def groups(n: int, seed: int = 0) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(n, 30, generator=draw, dtype=torch.float64) + 0.5


def test_an_estimator_is_as_good_as_itself():
    h = groups(12)
    same = snr_ratio(h @ h.T, h @ h.T)
    assert_close((same.value, same.low, same.high), (1.0, 1.0, 1.0))
    assert_close(cosine(h @ h.T, h @ h.T, h @ h.T).value, 1.0)


def test_a_factor_changes_neither():
    h = groups(12)
    found = snr_ratio(9 * h @ h.T, h @ h.T)
    assert_close((found.value, found.low, found.high), (1.0, 1.0, 1.0))
    found = cosine(9 * h @ h.T, -3 * h @ h.T, h @ h.T)
    assert_close((found.value, found.low, found.high), (-1.0, -1.0, -1.0))


def test_added_noise_is_seen():
    h = groups(24)
    loud = h + 2 * torch.randn(24, 30, generator=torch.Generator().manual_seed(9)).double()
    found = snr_ratio(loud @ loud.T, h @ h.T)
    assert found.low < 0.25 < found.high < 0.6  # spread 1 + 4, so about 1 / 5
    assert found.low < found.value < found.high
    turned = cosine(loud @ loud.T, loud @ h.T, h @ h.T)
    assert turned.low < 1 < turned.high  # the noise has no direction


def test_a_turn_is_seen():
    # half of the coordinates are dropped: the angle's cosine is sqrt(1/2)
    h = groups(64)
    part = h * (torch.arange(30) < 15)
    found = cosine(part @ part.T, part @ h.T, h @ h.T)
    assert found.low < math.sqrt(0.5) < found.high < 0.9


def test_a_pair_of_copies_is_no_witness():
    # orthogonal groups have no signal, however often one is drawn twice
    eye = torch.eye(6, dtype=torch.float64)
    assert math.isnan(snr_ratio(eye, eye).value)
    assert math.isnan(cosine(eye, eye, eye).value)


def test_two_gradients_without_signal_have_no_angle():
    # both signals are negative; their product is not
    h = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5]], dtype=torch.float64)
    assert math.isnan(cosine(h @ h.T, h @ h.T, h @ h.T).value)


def test_rows_against_a_reference():
    h = {"a": groups(12), "b": 2 * groups(12)}
    rows = against(lambda a, b: h[a] @ h[b].T, h, "a")
    assert [row["estimator"] for row in rows] == ["a", "b"]
    for row in rows:
        assert_close((row["snr_ratio"], row["cosine"]), (1.0, 1.0))
        assert row["cosine_low"] <= row["cosine"] <= row["cosine_high"] + 1e-9


def test_a_reference_without_signal_leaves_the_ratio_open():
    # whether prompts agree hangs on one of them: some resamples show no signal
    h = torch.tensor([[3.0, 0.0], [1.0, 1.0], [0.0, -2.0], [1.0, 0.0]], dtype=torch.float64)
    found = snr_ratio(torch.ones(4, 4).double() + torch.eye(4).double(), h @ h.T)
    assert found.high == math.inf
    assert found.low > 0
