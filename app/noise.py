"""How noisy the gradient is under some estimators, read off the step's score table.

One table: variance, noise scale and signal to noise, a row an estimator, with bars on one scale a
column and 95 % intervals over prompts. It is plain HTML, so that it follows a slider at once.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from app import batch, stored, tier
from app.batch import Entry, Key
from explorer import contributions
from explorer.figures.noise_parts import noise_parts
from explorer.noise import Noise, t_quantile
from explorer.paired import Estimate
from explorer.runs import Run, open_run

COLUMNS = {
    "Gradient variance": "of the batch's gradient; a zero advantage has none",
    "Noise scale": "prompts whose batch has as much noise as signal",
    "Signal to noise": "of this batch; the more, the better",
}
STYLE = """<style>
.noise { border-collapse: collapse; font-variant-numeric: tabular-nums; line-height: 1.35; }
.noise :is(th, td) { text-align: left; padding: 0.4rem 1.4rem 0 0; vertical-align: bottom; }
.noise th { font-weight: 600; }
.noise th small { display: block; font-weight: 400; opacity: 0.8; }
.noise :is(td, td small) { white-space: nowrap; }
.noise td small { opacity: 0.8; }
.noise .scale { position: relative; height: 0.75rem; width: 100%; max-width: 150px; }
.noise .scale i { position: absolute; }
.noise .bar { top: 2px; bottom: 2px; background: #0a9a76; opacity: 0.75; }
.noise .zero { top: 0; bottom: 0; border-left: 1px solid currentColor; opacity: 0.5; }
.noise .reach { top: 50%; border-top: 1.5px solid currentColor; }
</style>"""
Bar = tuple[float, float, float]  # value, and the ends of its interval


def noise(at: Key, entries: Sequence[Entry]) -> None:
    """Draw the table of some estimators on a step's rollouts, or on those of the nearest step that
    has scores; those that can not be served are left out. With two of them, say how the second
    compares with the first."""
    which = stored.near(at)
    if which is None:
        st.caption(missing(at))
        return
    lacking = batch.lacking(which.key, tuple(entries))
    served = [entry for entry in entries if entry.label not in lacking]
    if not served:
        return
    found = {entry.label: stored.noise(which, entry) for entry in served}
    st.html(STYLE + _table(found))
    st.caption(_source(at, which, found))
    if len(served) == 2:
        first, second = served
        told = _compared(*stored.beside(which, second, first))
        st.markdown(f"{second.label} beside {first.label}: {told}.")


def parts(run: Run, at: Key, entries: Sequence[Entry]) -> None:
    """Draw in which blocks and strata the noise of a step sits, a bar an estimator."""
    which = stored.at(at)
    if which is None:
        st.caption(missing(at))
        return
    lacking = batch.lacking(at, tuple(entries))
    names = {"blocks": run.info.get("blocks", ()), "outcomes": run.info.get("outcomes", ())}
    shares = {
        entry.label: contributions.parts(stored.parts(which, entry), batch.rollouts(at), **names)
        for entry in entries
        if entry.label not in lacking
    }
    if shares := {label: own for label, own in shares.items() if own}:
        st.plotly_chart(noise_parts(shares), key="noise_parts")


def missing(at: Key) -> str:
    """Why a step has no table, and how to get one."""
    run = open_run(at.folder)
    known = stored.steps(run)
    others = f" (there is one of step {', '.join(map(str, known))})" if known else ""
    return (
        f"The gradient's noise is read off a table of scores, and step {at.step} has none{others}: "
        "a trainer with more `score_share` makes more; while the step's policy is kept, so does "
        f"`explorer variance {run.folder} --step {at.step} --tier sketch`."
    )


def _table(found: dict[str, Noise]) -> str:
    bars = {label: _bars(one) for label, one in found.items()}
    head = "".join(f"<th>{title}<small>{note}</small></th>" for title, note in COLUMNS.items())
    body = ""
    for label, own in bars.items():
        cells = ""
        for place, bar in enumerate(own):
            column = [row[place] for row in bars.values()]
            cells += f"<td>{_drawn(bar, column)}{_told(bar)}</td>"
        body += f"<tr><th>{escape(label)}</th>{cells}</tr>"
    return f'<table class="noise"><tr><td></td>{head}</tr>{body}</table>'


def _bars(one: Noise) -> tuple[Bar, Bar, Bar]:
    """The interval of the variance is that of its logarithm; that of the noise scale follows from
    the ratio's: one without a positive signal is infinite."""
    reach = math.inf
    if one.variance > 0 and math.isfinite(one.variance_sem):
        reach = math.exp(min(t_quantile(one.groups - 1) * one.variance_sem / one.variance, 50.0))
    size = one.noise_scale * one.snr if one.snr > 0 else math.nan  # the batch's prompts
    return (
        (one.variance, one.variance / reach, one.variance * reach),
        (one.noise_scale, _over(size, one.high), _over(size, one.low)),
        (one.snr, one.low, one.high),
    )


def _over(size: float, ratio: float) -> float:
    return size / ratio if ratio > 0 else math.inf


def _drawn(bar: Bar, column: Sequence[Bar]) -> str:
    """The bar and its interval on the scale of the column; what lies beyond is cut off."""
    known = [abs(value) for value, _, _ in column if math.isfinite(value)]
    if not math.isfinite(bar[0]) or not any(known):
        return ""
    top = 1.5 * max(known)
    least = -top if any(min(value, low) < 0 for value, low, _ in column) else 0.0

    def x(value: float) -> float:
        return 100 * (min(max(value, least), top) - least) / (top - least)

    def span(kind: str, a: float, b: float) -> str:
        left, right = sorted((x(a), x(b)))
        return f'<i class="{kind}" style="left: {left:.1f}%; width: {right - left:.1f}%"></i>'

    value, low, high = bar
    reach = "" if math.isnan(low) or math.isnan(high) else span("reach", low, high)
    parts = span("bar", 0, value) + span("zero", 0, 0) + reach
    return f'<div class="scale" aria-hidden="true">{parts}</div>'


def _told(bar: Bar) -> str:
    value, low, high = bar
    if math.isnan(value):
        return "nothing to tell"
    if math.isinf(value):
        return "no signal seen"
    ends = f"{low:.2g} to {high:.2g}".replace("inf", "∞")
    return f"{value:.3g} <small>({ends})</small>".replace("-", "−").replace("nan", "?")


def _source(at: Key, which: stored.At, found: Mapping[str, Noise]) -> str:
    table = stored.held(which)
    other = "" if which.key.step == at.step else f", the nearest to {at.step} that has scores"
    how = tier.measured(next(iter(found.values())), batch.rollouts(which.key))
    parts = [f"Step {which.key.step}{other}", how, "95 % intervals over prompts"]
    if table.made.get("metric") == "adam":
        parts.append("lengths in the metric of Adam's step")
    if any(one.high - one.low > 4 * abs(one.snr) for one in found.values()):
        parts.append("few prompts: the intervals say more than the numbers")
    return "; ".join(parts) + "."


def _compared(ratio: Estimate, cosine: float) -> str:
    """The noise of one batch is common to both, so their ratio is known better than either."""
    told = "whether its signal stands out more these prompts can not tell"
    if all(map(math.isfinite, (ratio.value, ratio.low, ratio.high))):
        ends = f"{ratio.low:.2f} to {ratio.high:.2f}".replace("-", "−")
        told = f"signal to noise **{ratio.value:.2f}** times as large ({ends})"
    if math.isfinite(cosine):
        told = f"on this batch the two updates have a cosine of **{cosine:.2f}**; {told}"
    return told.replace("-", "−")
