"""Equations of docstrings as LaTeX: `A_t = delta_t + gamma lam A_{t+1}   (eq. 16)`.

Docstrings are read in editors, so they hold plain signs; here Greek names become Greek letters,
words stay upright, and the number of the equation moves to the margin.
"""

import re

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
_OPERATORS = {name: rf"\{name}" for name in ("sum", "prod", "min", "max", "log", "exp", "sup")}
_SIGNS = {
    "!=": r"\neq ", "<=": r"\le ", ">=": r"\ge ", "->": r"\to ", "<-": r"\gets ", "~": r"\sim ",
    "...": r"\dots ", "*": r"\cdot ", "·": r"\cdot ", "×": r"\times ", "≈": r"\approx ",
    "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "^": r"\hat{}",
    "||": r"\Vert ", "|": r"\mid ", "−": "-",
}  # fmt: skip
_SCRIPTS = r"(?:[_^](?:\{[^{}]*\}|[<>]?=?[A-Za-z0-9*]+))"
_PLAIN = r"[A-Za-z][a-z]+(?:-[a-z]+)*(?![A-Za-z_^(\[])"
_VERB = rf"(?:sum|min|max)(?= {_PLAIN})"  # "the weights sum to 1" is no sum over weights
_WORD = rf"(?:{_VERB}|(?!(?:{'|'.join(_GREEK | _OPERATORS)})\b){_PLAIN})"
_TOKEN = re.compile(
    rf"(?P<text>{_WORD}(?:(?: a)? {_WORD})*)"
    rf"|(?P<name>[A-Za-z]+)(?P<scripts>{_SCRIPTS}*)"
    rf"|(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<power>{_SCRIPTS}*)"
    rf"|(?P<close>[)\]}}])(?P<raised>{_SCRIPTS}+)"
    r"|(?P<wide>(?<=[,;]) {2,})|(?P<space> +)"
    rf"|(?P<sign>{'|'.join(map(re.escape, sorted(_SIGNS, key=len, reverse=True)))}|.)"
)
_NAME = rf"(?:[A-Za-z0-9.]+{_SCRIPTS}*)?"
_REFERENCE = re.compile(r"\s{2,}\((?P<where>(?:eq|sec|alg|app|tab|fig|thm|prop)[^()]*)\)\s*$", re.I)


def latex(equation: str) -> str:
    """A block of equations, one a line, aligned at the first equals sign."""
    lines = [line.strip() for line in equation.splitlines() if line.strip()]
    return r"\begin{aligned}" + r"\\[0.4em]".join(map(_line, lines)) + r"\end{aligned}"


def _line(line: str) -> str:
    where = _REFERENCE.search(line)
    body = line[: where.start()] if where else line
    left, equals, right = body.partition(" = ")
    text = f"{inline(left)} &= {inline(right)}" if equals else f"&{inline(body)}"
    return text + (rf" && \text{{\small {where['where']}}}" if where else "")


def inline(text: str) -> str:
    """One formula without alignment."""
    if divided := _fraction(text):
        before, above, below, after = map(inline, divided)
        return rf"{before} \frac{{{above}}}{{{below}}} {after}".strip()
    if root := re.search(r"\bsqrt(?=\()", text):
        end = _closing(text, root.end())
        inside = inline(text[root.end() + 1 : end])
        return (
            rf"{inline(text[: root.start()])} \sqrt{{{inside}}} {inline(text[end + 1 :])}".strip()
        )
    return "".join(map(_token, _TOKEN.finditer(text))).strip()


def _fraction(text: str) -> tuple[str, str, str, str] | None:
    """What stands before, above, below and after the outermost division."""
    depth = [text[:i].count("(") - text[:i].count(")") for i in range(len(text))]
    slashes = [i for i, sign in enumerate(text) if sign == "/"]
    if not slashes:
        return None
    at = min(slashes, key=lambda i: (depth[i], i))
    left, right = text[:at].rstrip(), text[at + 1 :].lstrip()
    start, end = _operand_before(left), _operand_after(right)
    return left[:start], _bare(left[start:]), _bare(right[:end]), right[end:]


def _operand_before(text: str) -> int:
    start = len(text)
    if text.endswith(")"):
        depth = 0
        for start in range(len(text) - 1, -1, -1):
            depth += {")": 1, "(": -1}.get(text[start], 0)
            if not depth:
                break
    name = re.search(_NAME + "$", text[:start])
    return name.start() if name else start


def _operand_after(text: str) -> int:
    name = re.match(_NAME, text)
    end = name.end() if name else 0
    return _closing(text, end) + 1 if text[end : end + 1] == "(" else end


def _closing(text: str, opening: int) -> int:
    """Place of the bracket that closes the one at `opening`."""
    depth = 0
    for i in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if not depth:
            return i
    return len(text) - 1


def _bare(text: str) -> str:
    """An operand without the brackets that a bar makes needless."""
    return text[1:-1] if text[:1] == "(" and _closing(text, 0) == len(text) - 1 else text


def _token(token: re.Match[str]) -> str:
    if words := token["text"]:
        return rf"\;\text{{{words}}}\;" if " " in words or len(words) > 1 else words
    if name := token["name"]:
        return _name(name, token.string[token.end() : token.end() + 1]) + _scripts(token["scripts"])
    if close := token["close"]:
        return _SIGNS.get(close, close) + _scripts(token["raised"])
    if number := token["number"]:
        return number + _scripts(token["power"])
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
    found = re.findall(r"([_^])(?:\{([^{}]*)\}|([<>]?=?[A-Za-z0-9*]+))", scripts)
    return "".join(f"{kind}{{{_script(braced or plain)}}}" for kind, braced, plain in found)


def _script(text: str) -> str:
    word = text.isalpha() and len(text) > 1 and text not in _GREEK
    return rf"\text{{{text}}}" if word else inline(text)
