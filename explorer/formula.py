"""The one formula of every estimator, A = weight (target - baseline) / scale + bonus, filled in."""

from torch import Tensor

from explorer.types import Credit

NAMES = ("weight", "target", "baseline", "scale", "bonus")


def terms(credit: Credit, token: int) -> dict[str, float]:
    """The terms of a token's advantage, and the advantage itself."""
    found = {}
    for name in (*NAMES, "advantage"):
        value = getattr(credit, name)
        found[name] = float(value[token]) if isinstance(value, Tensor) else float(value)
    return found


def filled(credit: Credit, token: int) -> str:
    """LaTeX: each number stands over the name of its term; what changes nothing is left out."""
    t = terms(credit, token)
    difference = f"{_named(t, 'target')} - {_named(t, 'baseline')}"
    if t["scale"] != 1:
        body = rf"\frac{{{difference}}}{{{_named(t, 'scale')}}}"
        body = rf"{_named(t, 'weight')} \cdot {body}" if t["weight"] != 1 else body
    elif t["weight"] != 1:
        body = rf"{_named(t, 'weight')} \cdot \left({difference}\right)"
    else:
        body = difference
    if t["bonus"]:
        body += f" + {_named(t, 'bonus')}"
    sign = "+" if t["advantage"] > 0 else ""
    return rf"A = {body} = \mathbf{{{sign}{number(t['advantage'])}}}"


def number(value: float) -> str:
    """Four significant digits as LaTeX, without needless zeros."""
    text = f"{value:.4g}"
    if "e" in text:
        digits, power = text.split("e")
        return rf"{digits} \cdot 10^{{{int(power)}}}"
    return text


def _named(t: dict[str, float], name: str) -> str:
    value = number(t[name])
    shown = rf"({value})" if t[name] < 0 and name in ("baseline", "bonus") else value
    return rf"\underbrace{{{shown}}}_{{\text{{{name}}}}}"
