"""The app: `explorer demo`, or `streamlit run app/main.py -- RUNS`."""

from pathlib import Path

import streamlit as st

from app import compare, estimators, live

icon = Path(__file__).with_name("icon.svg").read_text(encoding="utf-8")
st.set_page_config(page_title="Advantage Explorer", page_icon=icon, layout="wide")
# Streamlit leaves room above the page for a header that the pages do not need.
st.html("<style>.stMainBlockContainer { padding-top: 4.2rem }</style>")
pages = [
    st.Page(live.page, title="Live", icon=":material/monitoring:", url_path="live", default=True),
    st.Page(estimators.page, title="Estimators", icon=":material/function:", url_path="estimators"),
    st.Page(compare.page, title="Compare", icon=":material/balance:", url_path="compare"),
]
st.navigation(pages, position="top").run()
