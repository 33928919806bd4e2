import pytest

from explorer import journal

SUBJECT = {"n": 4, "seed": 0}


def test_rows_come_back_in_order(tmp_path):
    path = tmp_path / "deep" / "journal.jsonl"
    assert journal.replay(path, SUBJECT) == []
    journal.append(path, {"step": 1, "mean": [0.5, float("inf")]})
    journal.append(path, {"step": 2})
    assert journal.replay(path, SUBJECT) == [{"step": 1, "mean": [0.5, float("inf")]}, {"step": 2}]


def test_a_torn_line_is_cut_off(tmp_path):
    path = tmp_path / "journal.jsonl"
    journal.replay(path, SUBJECT)
    journal.append(path, {"step": 1})
    whole = path.read_bytes()
    for torn in (b"{", b'{"step": 2', b'{"step": 2}'):
        path.write_bytes(whole + torn)
        assert journal.replay(path, SUBJECT) == [{"step": 1}]
        assert path.read_bytes() == whole
    path.write_bytes(b'{"n": 4')
    assert journal.replay(path, SUBJECT) == []
    assert journal.replay(path, SUBJECT) == []


def test_a_journal_of_something_else_is_refused(tmp_path):
    path = tmp_path / "journal.jsonl"
    journal.replay(path, SUBJECT)
    with pytest.raises(ValueError, match="was begun with another seed"):
        journal.replay(path, SUBJECT | {"seed": 1})
