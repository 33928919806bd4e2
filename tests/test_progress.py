"""Rows pass a bar."""

from explorer.progress import follow


def test_all_rows_come_back_and_the_bar_ends_full(capsys):
    rows = [{"step": i, "loss": 1 / i, "kl": None} for i in range(1, 5)]
    assert follow(iter(rows), "train", steps=4, facts=("loss", "kl")) == rows
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "train" in seen.err and "4/4" in seen.err and "loss 0.25" in seen.err
    assert "kl" not in seen.err
