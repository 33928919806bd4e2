"""How noisy the gradient is under some estimators, read off the step's score table.

One table: variance, noise scale and signal to noise, a row an estimator, with bars on one scale a
column and 95 % intervals over prompts. It is plain HTML, so that it follows a slider at once.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from app import batch, stored
from app.batch import Entry, Key
from explorer import contributions
from explorer.figures.noise_parts import noise_parts
from explorer.noise import Noise, t_quantile
from explorer.paired import Estimate
from explorer.runs import Run, open_run

WIDE = 150  # pixels of a bar's cell
COLUMNS = {
    "Gradient variance": "of the batch's gradient; a zero advantage has none",
    "Noise scale": "prompts whose batch has as much noise as signal",
    "Signal to noise": "of this batch; the more, the better",
}
STYLE = """<style>
.noise { border-collapse: collapse; font-variant-numeric: tabular-nums; line-height: 1.35; }
.noise :is(th, td) { text-align: left; padding: 0.2rem 1.4rem 0.2rem 0; white-space: nowrap; }
.noise th { font-weight: 600; vertical-align: bottom; }
.noise th small { display: block; font-weight: 400; opacity: 0.8; white-space: normal; }
.noise td small { opacity: 0.8; }
.noise svg { display: block; margin: 0.15rem 0; }
.noise .bar { fill: #0a9a76; opacity: 0.75; }
.noise .reach { stroke-width: 1.5; }
</style>"""
Bar = tuple[float, float, float]  # value, and the ends of its interval


def noise(at: Key, entries: Sequence[Entry]) -> None:
    """Draw the table of some estimators on a step's rollouts; those that can not be served are
    left out. With two of them, say how the second compares with the first."""
    which = stored.at(at)
    if which is None:
        st.caption(missing(at))
        return
    lacking = batch.lacking(at, tuple(entries))
    served = [entry for entry in entries if entry.label not in lacking]
    if not served:
        return
    found = {entry.label: stored.noise(which, entry) for entry in served}
    st.html(STYLE + _table(found))
    st.caption(_source(which, found))
    if len(served) == 2:
        first, second = served
        ratio, cosine = stored.beside(which, second, first)
        st.markdown(_compared(second.label, first.label, ratio, cosine))


def parts(run: Run, at: Key, entries: Sequence[Entry]) -> None:
    """Draw in which blocks and strata the noise sits, a bar an estimator."""
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
    others = f"Steps with one: {', '.join(map(str, known))}. " if known else ""
    return (
        f"Step {at.step} has no score table, from which the gradient's noise is read. {others}"
        "A trainer with more `score_share` makes more; while the step's policy is kept, so does "
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
    return f'<table class="noise"><tr><th></th>{head}</tr>{body}</table>'


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
        return WIDE * (min(max(value, least), top) - least) / (top - least)

    value, low, high = bar
    left, width = min(x(0), x(value)), abs(x(value) - x(0))
    whisker = ""
    if not (math.isnan(low) or math.isnan(high)):
        whisker = f'<path d="M{x(low):.1f} 6H{x(high):.1f}" stroke="currentColor" class="reach"/>'
    return (
        f'<svg width="{WIDE}" height="12" aria-hidden="true">'
        f'<rect x="{left:.1f}" y="2" width="{width:.1f}" height="8" class="bar"/>'
        f'<path d="M{x(0):.1f} 0V12" stroke="currentColor" opacity="0.5"/>{whisker}</svg>'
    )


def _told(bar: Bar) -> str:
    value, low, high = bar
    if math.isnan(value):
        return "nothing to tell"
    if math.isinf(value):
        return "no signal seen"
    ends = f"{low:.2g} to {high:.2g}".replace("inf", "∞")
    return f"{value:.3g} <small>({ends})</small>".replace("-", "−").replace("nan", "?")


def _source(which: stored.At, found: Mapping[str, Noise]) -> str:
    table = stored.held(which)
    prompts = f"{table.groups} of {table.batch}" if table.groups < table.batch else f"{table.batch}"
    parts = [f"Step {which.key.step}, from the scores of {prompts} prompts, 95 % intervals"]
    if table.made.get("tier") == "tail":
        parts.append("gradients of the last layers only")
    if table.made.get("metric") == "adam":
        parts.append("lengths in the metric of Adam's step")
    if any(one.high - one.low > 4 * abs(one.snr) for one in found.values()):
        parts.append("few prompts: the intervals say more than the numbers")
    return "; ".join(parts) + "."


def _compared(name: str, reference: str, ratio: Estimate, cosine: Estimate) -> str:
    """What is common to both drops out, so their ratio is known better than either."""
    told = []
    if math.isfinite(ratio.value):
        told.append(f"signal to noise **{ratio.value:.2f}** times as large ({_ends(ratio)})")
    if math.isfinite(cosine.value):
        told.append(f"cosine of the directions **{cosine.value:.2f}** ({_ends(cosine)})")
    if not told:
        return f"{name} beside {reference}: this batch shows no signal to compare by."
    return f"{name} beside {reference}: {', '.join(told)}."


def _ends(one: Estimate) -> str:
    return f"{one.low:.2f} to {one.high:.2f}".replace("inf", "∞").replace("nan", "?")
