"""How near the estimators are to the truth on one step: the answer, then the proof."""

import math
from typing import Any

import streamlit as st

from app import address, against, batch, valuing
from app.batch import Key
from explorer import compare, readme
from explorer.figures.agreement import MEASURES, agreement
from explorer.figures.plane import Dot, placed, plane
from explorer.figures.scatter import scatter
from explorer.runs import Run


def nearness(run: Run, at: Key) -> None:
    """Draw what is known against the truth, or offer to measure it."""
    if not against.has_truth(at):
        valuing.missing(at)
        return
    rows = against.rows(at)
    nearest, calmest, known = st.columns(3, gap="large")
    measure, scope = _choices(run, rows)
    behind = against.behind(at, measure, scope)
    own = {row["estimator"]: row for row in rows if row["scope"] == scope}
    with nearest:
        _nearest(own, measure, behind)
    with known:
        _known(own)
    _bars_and_dots(run, at, rows, measure, scope, behind)
    with calmest:
        st.caption("Least noisy gradient, all in the truth's unit")
        noise = against.noise(at)  # says here what takes so long
        noisy = compare.beside(rows, noise.noise) if noise else rows
        _calmest(placed(noisy))
    if noise:
        st.plotly_chart(plane(noisy), key="plane")
        st.caption(_told(at, noise.step, against.how(run, noise)))
    with st.expander("All numbers"):
        wide = {"unbiased": st.column_config.TextColumn(width=190)}
        st.dataframe(table(noisy, scope), hide_index=True, column_config=wide)


def name_of(scope: str, run: Run) -> str:
    """A part of the batch as people say it."""
    kind, _, rest = scope.partition(" ")
    blocks, outcomes = run.info.get("blocks", []), run.info.get("outcomes", [])
    if kind == "decile":
        return f"{10 * int(rest)} to {10 * int(rest) + 10} % of the way"
    if kind not in ("block", "stratum"):
        return "all tokens"
    block, _, outcome = rest.partition("/")
    told = blocks[int(block)] if int(block) < len(blocks) else f"block {block}"
    if outcome and -1 < int(outcome) < len(outcomes):
        return f"{told}, {outcomes[int(outcome)]} before it"
    return f"{told}, outcome {outcome}" if outcome else told


def table(rows: list[dict[str, Any]], scope: str) -> list[dict[str, Any]]:
    """One row an estimator for people who copy numbers, by the name of the column."""
    # What was logged is as biased as the run's own estimator.
    known = {name: row for name, row in readme.estimators().items() if name != "logged"}
    return [
        {
            "estimator": row["estimator"],
            "granularity": row["granularity"],
            "unbiased": known[row["estimator"]]["unbiased"] if row["estimator"] in known else "",
            "Pearson": row["pearson"],
            "Pearson, low": row["pearson_low"],
            "Pearson, high": row["pearson_high"],
            "Pearson, corrected": row["pearson_corrected"],
            "Spearman": row["spearman"],
            "equal signs": row["sign"],
            "left unexplained": row["unexplained"],
            "error, scaled": row["rmse_scaled"],
            "error": row["rmse"],
            "best scale": row["scale"],
            "gradient variance": row.get("variance"),
            "signal to noise": row.get("snr"),
        }
        for row in rows
        if row["scope"] == scope
    ]


def _choices(run: Run, rows: list[dict[str, Any]]) -> tuple[str, str]:
    one, two, _ = st.columns([1.2, 1.2, 1.6], gap="medium")
    measure = one.selectbox("Measure", list(MEASURES), format_func=MEASURES.__getitem__,
                            key="measure", bind="query-params")  # fmt: skip
    scopes = list(dict.fromkeys(row["scope"] for row in rows))
    scope = two.selectbox("Tokens", scopes, format_func=lambda s: name_of(s, run), key="scope",
                          bind="query-params")  # fmt: skip
    return measure or "pearson", scope or "all"


def _nearest(own: dict[str, dict[str, Any]], measure: str, behind: list[dict[str, Any]]) -> None:
    st.caption("Nearest to the truth")
    if not behind:
        st.markdown("### none that can be told")
        return
    best = behind[0]["estimator"]
    st.markdown(f"### {best}")
    st.caption(f"{MEASURES[measure]} {_ends(own[best], measure)}. {_tied(behind)}")


def _calmest(dots: list[Dot]) -> None:
    if not dots:
        st.markdown("### not measured")
        return
    first, *others = sorted(dots, key=lambda dot: dot.noise)
    within = sum(dot.noise <= first.noise * first.noise_factor for dot in others)
    st.markdown(f"### {', '.join(first.names[:3])}")
    st.caption(
        f"Variance {first.noise:.2g}, known within a factor of {first.noise_factor:.1f}, which "
        f"{within} of {len(others)} others lie in."
    )


def _known(own: dict[str, dict[str, Any]]) -> None:
    st.caption("How well the truth itself is known")
    first = next(iter(own.values()))
    share = first["reliability"]
    st.markdown(f"### {share:.0%}" if share > 0 else "### not at all")
    st.caption(
        f"of its spread over {first['tokens']:,.0f} tokens of {first['prompts']:.0f} prompts is "
        "real, the rest is the noise of the continuations."
    )


def _ends(row: dict[str, Any], measure: str) -> str:
    return f"{row[measure]:.2f} ({row[f'{measure}_low']:.2f} to {row[f'{measure}_high']:.2f})"


def _tied(behind: list[dict[str, Any]]) -> str:
    """Who can not be told apart from the nearest one."""
    tied = [row["estimator"] for row in behind[1:] if not row["apart"]]
    if not tied:
        return "All others are surely farther."
    if len(tied) == len(behind) - 1:
        return "This batch can not tell it apart from any other."
    return f"This batch can not tell it apart from {', '.join(tied)}; the others are farther."


def _bars_and_dots(
    run: Run,
    at: Key,
    rows: list[dict[str, Any]],
    measure: str,
    scope: str,
    behind: list[dict[str, Any]],
) -> None:
    left, right = st.columns([1.15, 1], gap="large")
    with left:
        nearest = [row["estimator"] for row in behind if not row["apart"]]
        # The truth agrees with itself.
        others = [row for row in rows if row["estimator"] != against.TRUTH]
        st.plotly_chart(agreement(others, measure, scope, nearest), key="bars")
    with right:
        names = list(dict.fromkeys(row["estimator"] for row in rows))
        address.one("against", names, behind[0]["estimator"] if behind else names[0])
        chosen, switch = st.columns([1.4, 1], vertical_alignment="bottom")
        name = chosen.selectbox("Estimator", names, key="against") or names[0]
        address.put("against", name)
        scaled = switch.toggle("Best scale", True, key="scaled", bind="query-params",
                               help="Times the number that brings it nearest.")  # fmt: skip
        rollouts = batch.rollouts(at)
        here = dict(compare.scopes(rollouts))[scope]
        truth = against.truth(at).where(here, math.nan)
        part = None
        if rollouts.block is not None:
            part = [
                name_of(f"block {k}", run) if k >= 0 else "neither" for k in rollouts.block.tolist()
            ]
        estimate = against.credits(at)[name].advantage
        figure = scatter(estimate, truth, name=name, scaled=scaled, pieces=rollouts.pieces,
                         part=part)  # fmt: skip
        st.plotly_chart(figure, key="scatter")


def _told(at: Key, step: int, how: str) -> str:
    """What the plane shows, in words."""
    where = "" if step == at.step else f" of step {step}, the nearest measured"
    return (
        "Below is nearer to the truth, left is calmer. Across: the variance of the batch gradient "
        "after the estimator is brought into the truth's unit. Up: the share of the true "
        "advantage that no rescaling of it explains, bias and scatter together; what is told one "
        "number for a whole completion stays near 1. Ellipses: 95 % over prompts. Estimators that "
        f"read the measured values are left out, for they share the truth's errors. "
        f"The noise{where}: {how}."
    )
