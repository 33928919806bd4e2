"""A page with a token view and a button, for the browser test of the Streamlit shim."""

import sys
from pathlib import Path

import streamlit as st

sys.path += [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from view.made import BLOCKS, OUTCOMES, batch, credits

from app.token_view import token_view
from explorer.view.wire import pack

st.set_page_config(layout="wide")
seed = st.session_state.setdefault("seed", 0)
if st.button("next batch"):
    st.session_state.seed += 1
rollouts = batch(prompts=2, samples=6, seed=st.session_state.seed)
state = token_view(
    pack(rollouts, credits(rollouts), step=st.session_state.seed, blocks=BLOCKS, outcomes=OUTCOMES),
    key="view",
)
st.write(f"Python saw: {state.get('a')}, {len(state.get('pins', []))} pins")
