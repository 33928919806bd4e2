"""Docstring equations as LaTeX."""

import pytest

from app.about import about
from app.typeset import inline, latex
from explorer import catalog

ESTIMATORS = catalog.names("estimators")


def squeezed(text: str) -> str:
    return text.replace(" ", "")


@pytest.mark.parametrize(
    ("plain", "tex"),
    [
        ("gamma lam A_{t+1}", r"\gamma \lambda A_{t+1}"),
        ("r_i - mean(r)", r"r_{i} - \operatorname{mean}(r)"),
        ("(r_i - mean(r)) / (std(r) + eps)",
         r"\frac{r_{i} - \operatorname{mean}(r)}{\operatorname{std}(r) + \varepsilon}"),
        ("n/(n-1) (r_i - b)", r"\frac{n}{n-1} (r_{i} - b)"),
        ("((a/b) + c) / d", r"\frac{(\frac{a}{b}) + c}{d}"),
        ("sum_{j != i} r_j", r"\sum_{j \neq i} r_{j}"),
        ("(r - mu)^2", r"(r - \mu)^{2}"),
        ("sqrt(var(G) + eps)", r"\sqrt{\operatorname{var}(G) + \varepsilon}"),
        ("sum_j l_j r_j / sum_j l_j", r"\frac{\sum_{j} l_{j} r_{j}}{\sum_{j} l_{j}}"),
        ("1 - beta (n - tau) / (1 - tau)", r"1 - \beta \frac{n - \tau}{1 - \tau}"),
        ("r_i - a b / c + d", r"r_{i} - \frac{a b}{c} + d"),
        ("-1 / (1 + N)", r"- \frac{1}{1 + N}"),
        ("V(s_{t_{k+1}})", r"V(s_{t_{k+1}})"),
        ("r'_i + h1", "r'_{i} + h_{1}"),
        ("exp(|d|)", r"\exp(|d|)"),
        ("pi(y | s)", r"\pi(y \mid s)"),
        ("p of Fisher's test", r"p \;\text{of Fisher's test}\;"),
        ("X_<k", "X_{<k}"),
        ("R_corr", r"R_{\text{corr}}"),
        ("{j : o_k^j = 1}", r"\{j : o_{k}^{j} = 1\}"),
        ("1 inside of one", r"1 \;\text{inside of one}\;"),
        ("the weights sum to 1", r"\;\text{the weights sum to}\; 1"),
    ],
)  # fmt: skip
def test_by_hand(plain, tex):
    assert squeezed(inline(plain)) == squeezed(tex)


def test_lines_are_aligned_at_the_first_equals_sign_and_references_stand_apart():
    tex = latex("mu     = r\nA = r - mu = 0        (eq. 11, 12)")
    assert squeezed(tex) == squeezed(
        r"\begin{aligned}\mu &= r\\[0.4em]A &= r - \mu = 0"
        r" && \text{\small eq. 11, 12}\end{aligned}"
    )


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_has_an_equation_with_balanced_braces(name):
    equations = [text for kind, text in about(catalog.load("estimators", name)).body
                 if kind == "equation"]  # fmt: skip
    assert equations or name == "logged"  # which says what somebody else computed
    for equation in equations:
        tex = latex(equation).replace(r"\{", "").replace(r"\}", "")
        depth = 0
        for sign in tex:
            depth += {"{": 1, "}": -1}.get(sign, 0)
            assert depth >= 0
        assert depth == 0
