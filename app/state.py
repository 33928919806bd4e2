"""How far a run is: its state, its steps, the time that is left, and the buttons that steer it."""

import statistics
import time
from typing import Any, Literal

import streamlit as st

from explorer.runs import Run, Wanted

Colour = Literal["green", "orange", "blue", "gray", "red"]
COLOURS: dict[str, Colour] = {
    "running": "green", "paused": "orange", "finished": "blue", "stopped": "gray", "failed": "red",
}  # fmt: skip
SILENT = 30  # seconds without a word from a running trainer that are worth a remark


def active(status: dict[str, Any]) -> bool:
    """Whether the trainer is at work or waits to be."""
    return status["state"] in ("running", "paused")


def bar(run: Run, status: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Name, state, buttons and progress of a run, and why it failed if it did."""
    state = status["state"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(run.folder.name, anchor=False, width="content")
        st.badge(state, color=COLOURS[state])
        st.caption(facts(run.info), width="stretch")
        if active(status):
            _buttons(run, state)
        else:
            st.caption(progress(status, rows), width="content")
    if state == "failed":
        st.error(status["message"] or "The trainer failed without a word.")
    if active(status) and status["steps"]:
        st.progress(min(1.0, status["step"] / status["steps"]), progress(status, rows))
    if state == "running" and (silence := time.time() - status["updated"]) > SILENT:
        st.warning(f"The trainer on {status['host']} has said nothing for {clock(silence)}.")


def facts(info: dict[str, Any]) -> str:
    """What was trained, on what and how, in one line."""
    config = info.get("config", {})
    parts = [info.get("task"), info.get("estimator")]
    parts += [f"{config[k]} {k}" for k in ("prompts", "samples") if k in config]
    parts += [f"seed {info['seed']}"] if "seed" in info else []
    return "  ·  ".join(str(part) for part in parts if part)


def progress(status: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """Step of steps, seconds a step, and the time that is left at the pace of the last twenty."""
    parts = [f"step {status['step']} of {status['steps']}"]
    paces = [row["seconds"] for row in rows[-20:] if row.get("seconds") is not None]
    if paces:
        pace = statistics.median(paces)
        parts.append(f"{pace:.2g} s a step")
        if active(status):
            parts.append(f"{clock(pace * (status['steps'] - status['step']))} left")
    return "  ·  ".join(parts)


def clock(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"


def _buttons(run: Run, state: str) -> None:
    paused = state == "paused"
    wanted: list[tuple[str, Wanted, str, str, bool]] = [
        ("Pause", "pause", ":material/pause:", "After the step that is being done", paused),
        ("Step", "step", ":material/skip_next:", "Do one step, then pause", not paused),
        ("Resume", "run", ":material/play_arrow:", "Go on", not paused),
        ("Stop", "stop", ":material/stop:", "End the run; what is done is kept", False),
    ]
    for label, to, icon, why, off in wanted:
        st.button(label, key=f"control.{to}", icon=icon, help=why, disabled=off,
                  on_click=run.set_control, args=(to,))  # fmt: skip
