"""The app: `explorer demo`, or `streamlit run app/main.py -- RUNS`."""

from pathlib import Path

import streamlit as st

from app import compare, estimators, live

icon = Path(__file__).with_name("icon.svg").read_text(encoding="utf-8")
st.set_page_config(page_title="Advantage Explorer", page_icon=icon, layout="wide")
st.html(Path(__file__).with_name("page.css"))
pages = [
    st.Page(live.page, title="Live", icon=":material/monitoring:", url_path="live", default=True),
    st.Page(estimators.page, title="Estimators", icon=":material/function:", url_path="estimators"),
    st.Page(compare.page, title="Compare", icon=":material/balance:", url_path="compare"),
]
st.navigation(pages, position="top").run()
