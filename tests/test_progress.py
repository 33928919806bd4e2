"""Rows pass a bar."""

from explorer.progress import follow, share


def test_all_rows_come_back_and_the_bar_ends_full(capsys):
    rows = [{"step": i, "loss": 1 / i, "kl": None} for i in range(1, 5)]
    assert follow(iter(rows), "train", steps=4, facts=("loss", "kl")) == rows
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "train" in seen.err and "4/4" in seen.err and "loss 0.25" in seen.err
    assert "kl" not in seen.err


def test_a_share_of_the_work_moves_a_bar(capsys):
    with share("table") as tell:
        tell(0.5)
        tell(1.0)
    assert "table" in capsys.readouterr().err


def test_no_work_no_bar(capsys):
    with share("table"):
        pass
    assert "table" not in capsys.readouterr().err
