"""The app: `explorer demo`, or `streamlit run app/main.py -- RUNS`."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import streamlit as st


def opened(name: str) -> Callable[[], None]:
    """The page of a module, which is imported when it is shown: on a server that has just started
    that takes seconds, and words are better than an empty window."""

    def page() -> None:
        with st.spinner("Starting: the first page of a server loads PyTorch …"):
            module = import_module(f"app.{name}")
        module.page()

    return page


icon = Path(__file__).with_name("icon.svg").read_text(encoding="utf-8")
st.set_page_config(page_title="Advantage Explorer", page_icon=icon, layout="wide")
st.html(Path(__file__).with_name("page.css"))
pages = [
    st.Page(opened(name), title=name.title(), icon=sign, url_path=name, default=name == "live")
    for name, sign in {
        "live": ":material/monitoring:",
        "estimators": ":material/function:",
        "compare": ":material/balance:",
    }.items()
]
st.navigation(pages, position="top").run()
