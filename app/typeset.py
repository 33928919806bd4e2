"""Equations of docstrings as LaTeX: `A_t = delta_t + gamma lam A_{t+1}   (eq. 16)`.

Docstrings are read in editors, so they hold plain signs; here Greek names become Greek letters,
words stay upright, and the number of the equation moves to the margin.
"""

import re

from app.division import BRACED, SCRIPTS, closing, divide

_LETTERS = (
    "alpha", "beta", "gamma", "delta", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda",
    "Sigma", "Phi", "Psi", "Omega",
)  # fmt: skip
_GREEK = {name: rf"\{name}" for name in _LETTERS} | {
    "eps": r"\varepsilon",
    "epsilon": r"\varepsilon",
    "lam": r"\lambda",
}
_OPERATORS = {name: rf"\{name}" for name in ("sum", "prod", "min", "max", "log", "exp", "sup")} | {
    "asin": r"\arcsin"
}
_SIGNS = {
    "!=": r"\neq ", "<=": r"\le ", ">=": r"\ge ", "->": r"\to ", "<-": r"\gets ", "~": r"\sim ",
    "...": r"\dots ", "*": r"\cdot ", "·": r"\cdot ", "×": r"\times ", "≈": r"\approx ",
    "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "^": r"\hat{}",
    "||": r"\Vert ", "−": "-",
}  # fmt: skip
_PLAIN = r"(?:[a-z]-)?[A-Za-z][a-z]+(?:-[a-z]+)*(?:'s)?(?![A-Za-z0-9_^(\['])"
_VERB = rf"(?:sum|min|max)(?= {_PLAIN})"  # "the weights sum to 1" is no sum over weights
_WORD = rf"(?:{_VERB}|(?!(?:{'|'.join(_GREEK | _OPERATORS)})\b){_PLAIN})"
_TOKEN = re.compile(
    rf"(?P<text>{_WORD}(?:(?: a)? {_WORD})*)"
    rf"|(?P<name>[A-Za-z]+)(?P<index>[0-9]*)(?P<primes>'*)(?P<scripts>{SCRIPTS}*)"
    rf"|(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<power>{SCRIPTS}*)"
    rf"|(?P<close>[)\]}}])(?P<raised>{SCRIPTS}+)"
    r"|(?P<given> \| )|(?P<wide>(?<=[,;]) {2,})|(?P<space> +)"
    rf"|(?P<sign>{'|'.join(map(re.escape, sorted(_SIGNS, key=len, reverse=True)))}|.)"
)
_REFERENCE = re.compile(r"\s{2,}\((?P<where>(?:eq|sec|alg|app|tab|fig|thm|prop)[^()]*)\)\s*$", re.I)


def latex(equation: str) -> str:
    """A block of equations, one a line, aligned at the first equals sign."""
    equation = re.sub(r"\b(and|in|of|or|over|the|to)\n\s*", r"\1 ", equation)  # a wrapped sentence
    parts = re.split(r"\n|(?<=[,;])\s{2,}(?!\()", equation)  # where there is room, a new line
    lines = [line.strip() for line in parts if line.strip()]
    return r"\begin{aligned}" + r"\\[0.4em]".join(map(_line, lines)) + r"\end{aligned}"


def _line(line: str) -> str:
    where = _REFERENCE.search(line)
    body = line[: where.start()] if where else line
    left, equals, right = body.partition(" = ")
    text = f"{inline(left)} &= {inline(right)}" if equals else f"&{inline(body)}"
    return text + (rf" && \text{{\small {where['where']}}}" if where else "")


def inline(text: str) -> str:
    """One formula without alignment."""
    if divided := divide(text):
        before, above, below, after = map(inline, divided)
        gap = "" if after[:1] in ",;" else " "
        return rf"{before} \frac{{{above}}}{{{below}}}{gap}{after}".strip()
    if root := re.search(r"\bsqrt(?=\()", text):
        end = closing(text, root.end())
        inside = inline(text[root.end() + 1 : end])
        return (
            rf"{inline(text[: root.start()])} \sqrt{{{inside}}} {inline(text[end + 1 :])}".strip()
        )
    tex = "".join(map(_token, _TOKEN.finditer(text))).strip()
    return re.sub(r"(?<=\()\\;|\\; ?(?=[,;)])", "", tex)  # no room where a bracket or a comma is


def _token(token: re.Match[str]) -> str:
    if words := token["text"]:
        return rf"\;\text{{{words}}}\;" if " " in words or len(words) > 1 else words
    if name := token["name"]:
        shown = _name(name, token.string[token.end() : token.end() + 1]) + token["primes"]
        index = f"_{{{token['index']}}}" if token["index"] else ""
        return shown + index + _scripts(token["scripts"])
    if close := token["close"]:
        return _SIGNS.get(close, close) + _scripts(token["raised"])
    if number := token["number"]:
        return number + _scripts(token["power"])
    if token["given"]:
        return r" \mid "
    if token["wide"]:
        return r"\qquad "
    if token["space"]:
        return " "
    sign = token["sign"]
    return _SIGNS.get(sign, sign)


def _name(name: str, after: str) -> str:
    if name in _GREEK or name in _OPERATORS:
        return (_GREEK | _OPERATORS)[name] + " "
    if len(name) == 1:
        return name
    return rf"\operatorname{{{name}}}" if after in ("(", "[") else rf"\mathrm{{{name}}}"


def _scripts(scripts: str) -> str:
    found = re.findall(rf"([_^])(?:({BRACED})|([<>]?=?[A-Za-z0-9*]+))", scripts)
    return "".join(f"{kind}{{{_script(braced[1:-1] or plain)}}}" for kind, braced, plain in found)


def _script(text: str) -> str:
    word = text.isalpha() and len(text) > 1 and text not in _GREEK
    return rf"\text{{{text}}}" if word else inline(text)
