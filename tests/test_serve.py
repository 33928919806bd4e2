"""Where the app lies and where it is served; tests/test_wheel.py serves it."""

import socket

import pytest

from explorer import serve


def test_the_app_of_a_clone_is_beside_the_package():
    assert (serve.home() / "app" / "main.py").is_file()


def test_a_package_without_its_app_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(serve, "_HERE", tmp_path / "explorer")
    with pytest.raises(ValueError, match="came without the app"):
        serve.home()


def test_a_port_that_is_taken_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert serve.free(port) > port


def test_without_streamlit_there_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(serve, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="the app needs Streamlit; pip install"):
        serve.app(tmp_path, None, 8501)
