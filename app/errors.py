"""Errors as the reader meets them: one sentence, and the page stays."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def told() -> Iterator[None]:
    """Show a ValueError, which every part of the explorer words as one sentence."""
    try:
        yield
    except ValueError as error:
        st.error(str(error), icon=":material/error:")
