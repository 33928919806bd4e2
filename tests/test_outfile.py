"""A file that somebody asked for."""

import pytest

from explorer import outfile


def test_there_is_room(tmp_path):
    out = tmp_path / "out.HTML"
    assert outfile.room(out, False, (".html", ".csv")) == out
    assert outfile.page(out, False) == out
    assert outfile.page(None, False) is None


def test_another_kind(tmp_path):
    with pytest.raises(ValueError, match=r"out\.png must end in \.html or \.csv, which says"):
        outfile.room(tmp_path / "out.png", True, (".html", ".csv"))


def test_a_file_that_is_there(tmp_path):
    out = tmp_path / "out.html"
    out.write_text("mine")
    with pytest.raises(ValueError, match="exists; choose another name, or replace it with --force"):
        outfile.page(out, False)
    assert outfile.page(out, True) == out


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match=r"there is no folder .*deep to write out\.html in"):
        outfile.page(tmp_path / "deep" / "out.html", True)
