"""The colours: readable text in both themes, and two signs that colour blindness keeps apart."""

import re

import numpy as np
import pytest

from explorer.view.bundle import FOLDER

SOURCE = (FOLDER / "scale.js").read_text()
STYLES = (FOLDER / "view.css").read_text()
PALETTES = {
    name.strip('"'): ([int(x) for x in minus.split(",")], [int(x) for x in plus.split(",")], cap)
    for name, minus, plus, cap in re.findall(
        r"^  (\S.*?): \{ minus: \[(.*?)\], plus: \[(.*?)\], cap: ([\d.]+) \}", SOURCE, re.MULTILINE
    )
}
INK = re.search(r"--ae-ink: light-dark\((#\w{6}), (#\w{6})\)", STYLES)
# Streamlit's, JupyterLab's and our own pages.
PAGES = {"light": ["#ffffff"], "dark": ["#0e1117", "#111111"]}

# Machado, Oliveira and Fernandes 2009, table 1, full severity.
BLIND = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def rgb(text: str) -> np.ndarray:
    return np.array([int(text[k : k + 2], 16) for k in (1, 3, 5)], float)


def linear(colour: np.ndarray) -> np.ndarray:
    c = np.clip(colour / 255, 0, 1)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(p: np.ndarray, q: np.ndarray) -> float:
    high, low = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] for c in (p, q)), reverse=True)
    return float((high + 0.05) / (low + 0.05))


def lab(light: np.ndarray) -> np.ndarray:
    to_xyz = [
        [0.4124, 0.3576, 0.1805],
        [0.2126, 0.7152, 0.0722],
        [0.0193, 0.1192, 0.9505],
    ]
    t = np.array(to_xyz) @ np.clip(light, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def over(colour: list[int], page: np.ndarray, alpha: float) -> np.ndarray:
    return alpha * np.array(colour, float) + (1 - alpha) * page


def test_the_palettes_were_read():
    assert set(PALETTES) >= {"vermillion and blue", "high contrast", "grey"}
    assert PALETTES["vermillion and blue"][:2] == ([213, 94, 0], [0, 114, 178])


@pytest.mark.parametrize("theme", PAGES)
@pytest.mark.parametrize("name", PALETTES)
def test_text_is_readable_on_the_strongest_colour(name, theme):
    assert INK
    ink = rgb(INK[1] if theme == "light" else INK[2])
    minus, plus, cap = PALETTES[name]
    wanted = 6.5 if name == "high contrast" else 4.5
    for page in map(rgb, PAGES[theme]):
        for colour in (minus, plus):
            assert contrast(ink, over(colour, page, float(cap))) >= wanted


@pytest.mark.parametrize("eyes", BLIND)
@pytest.mark.parametrize("name", sorted(set(PALETTES) - {"grey"}))
def test_the_signs_differ_for_every_eye(name, eyes):
    minus, plus, _ = PALETTES[name]
    page = rgb("#ffffff")
    seen = [lab(np.array(BLIND[eyes]) @ linear(over(c, page, 0.6))) for c in (minus, plus)]
    # Signed palettes that are in use elsewhere fall to 5 (magenta, green) and 27 (red, green).
    assert np.linalg.norm(seen[0] - seen[1]) >= 40


def test_the_test_can_fail():
    red, green = ([200, 40, 40], [40, 140, 40])
    seen = [
        lab(np.array(BLIND["deutan"]) @ linear(over(c, rgb("#ffffff"), 0.6))) for c in (red, green)
    ]
    assert np.linalg.norm(seen[0] - seen[1]) < 40
