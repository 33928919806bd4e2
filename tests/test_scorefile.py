import pytest
import torch
from torch.testing import assert_close

from explorer import scorefile


def table(seed: int = 0) -> torch.Tensor:
    return 30 * torch.randn(50, 8, generator=torch.Generator().manual_seed(seed))


def test_what_is_written_is_read_within_half_precision(tmp_path):
    path = scorefile.path_of(tmp_path, 12)
    assert path.name == "step=000012.safetensors"
    scorefile.write(path, table(), tier="sketch", seed=3)
    stored = scorefile.read(path)
    assert stored.shape == (50, 8)
    assert stored.made == {"tier": "sketch", "seed": "3"}
    assert_close(stored[0:50], table(), rtol=2**-10, atol=1e-4)
    assert_close(stored[7:9], table()[7:9], rtol=2**-10, atol=1e-4)
    assert list(path.parent.iterdir()) == [path]


def test_whoever_may_read_the_run_may_read_its_tables(tmp_path):
    (tmp_path / "run.json").write_text("{}")
    path = scorefile.path_of(tmp_path, 1)
    scorefile.write(path, table())
    assert path.stat().st_mode == (tmp_path / "run.json").stat().st_mode


@pytest.mark.parametrize("size", [1e-12, 1e12])
def test_very_small_and_very_large_scores_keep_their_digits(tmp_path, size):
    path = tmp_path / "scores.safetensors"
    scorefile.write(path, table() * size)
    back = scorefile.read(path)[0:50]
    assert (back - table() * size).abs().max() < 2**-10 * size * table().abs().max()


def test_a_table_of_zeros_is_zero(tmp_path):
    path = tmp_path / "scores.safetensors"
    scorefile.write(path, torch.zeros(3, 2))
    assert not scorefile.read(path)[0:3].any()


def test_what_is_no_table_is_refused(tmp_path):
    path = tmp_path / "scores.safetensors"
    with pytest.raises(ValueError, match="is not a score table"):
        scorefile.read(path)
    path.write_bytes(b"no")
    with pytest.raises(ValueError, match="is not a score table"):
        scorefile.read(path)
