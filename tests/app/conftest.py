"""The app on a folder of runs, run headless by Streamlit's own tester."""

import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import made
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

Open = Callable[..., AppTest]


@pytest.fixture
def runs(tmp_path, monkeypatch) -> Path:
    """A folder with one finished run in it, named `small`."""
    made.run(tmp_path / "small")
    monkeypatch.setattr(sys, "argv", ["main.py", str(tmp_path)])
    st.cache_data.clear()
    st.cache_resource.clear()
    return tmp_path


@pytest.fixture
def open_page(runs) -> Open:
    """Open a page at an address such as `live?run=small&step=2`."""

    def opened(address: str) -> AppTest:
        page, _, query = address.partition("?")
        test = AppTest.from_string(f"from app import {page}\n{page}.page()", default_timeout=60)
        for name, values in parse_qs(query, keep_blank_values=True).items():
            test.query_params[name] = values
        return test.run()

    return opened
