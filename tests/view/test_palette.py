"""The colours: readable text in both themes, and two signs that colour blindness keeps apart."""

import json
import re
import subprocess

import numpy as np
import pytest

from explorer.view.bundle import FOLDER

STYLES = (FOLDER / "view.css").read_text()
INK = re.search(r"--ae-ink: light-dark\((#\w{6}), (#\w{6})\)", STYLES)
# Streamlit's, JupyterLab's and our own pages; the first of each is the one of the measured numbers.
PAGES = {"light": ["#ffffff"], "dark": ["#0e1117", "#111111"]}
NAMES = ("vermillion and blue", "high contrast", "orange and purple", "grey")
ALL = (*NAMES, "noise")
READ = """
const { PALETTES, colourOf } = await import(`${folder}/scale.js`);
const { inkOf } = await import(`${folder}/paint.js`);
const { NOISE, rampInWords, stripColour } = await import(`${folder}/pixels.js`);
const bins = Array.from({ length: 35 }, (_, k) => k - 17);
const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
const seen = (name, p) => ({
  ...p,
  words: rampInWords(name),
  text: bins.filter(Boolean).map((bin) => [...numbers(colourOf(bin, p)), inkOf(bin)]),
  strips: [false, true].map((dark) => bins.map((bin) => stripColour(bin, p, dark))),
});
const all = Object.entries({ ...PALETTES, noise: NOISE }).map(([name, p]) => [name, seen(name, p)]);
console.log(JSON.stringify(Object.fromEntries(all)));
"""

# Machado, Oliveira and Fernandes 2009, table 1, full severity.
BLIND = {
    "normal": np.eye(3).tolist(),
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
# CIE76 of minus and plus at 60 % for these eyes, on white and on Streamlit's dark page.
APART = {
    "vermillion and blue": {"light": (74, 61, 71, 79), "dark": (77, 66, 75, 69)},
    "orange and purple": {"light": (69, 67, 71, 45), "dark": (78, 74, 79, 55)},
}


@pytest.fixture(scope="module")
def palettes(node):
    """Every palette as the view's own modules make it."""
    command = [
        node,
        "--input-type=module",
        "-e",
        f"const folder = {json.dumps(str(FOLDER))};{READ}",
    ]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


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


def over(colour, page: np.ndarray, alpha: float) -> np.ndarray:
    return alpha * np.array(colour, float) + (1 - alpha) * page


def ink(theme: str) -> np.ndarray:
    assert INK
    return rgb(INK[1] if theme == "light" else INK[2])


def apart(eyes: str, *colours: np.ndarray) -> float:
    p, q = (lab(np.array(BLIND[eyes]) @ linear(c)) for c in colours)
    return float(np.linalg.norm(p - q))


def test_the_palettes_were_read(palettes):
    assert tuple(palettes) == ALL
    assert palettes[NAMES[0]]["minus"] == [213, 94, 0]
    assert palettes[NAMES[0]]["plus"] == [0, 114, 178]


@pytest.mark.parametrize("theme", PAGES)
@pytest.mark.parametrize("name", ALL)
def test_text_is_readable_on_every_colour(palettes, name, theme):
    wanted = 7 if name in ("high contrast", "noise") else 4.5
    for page in map(rgb, PAGES[theme]):
        for *colour, alpha, _ in palettes[name]["text"]:
            assert contrast(ink(theme), over(colour, page, alpha)) >= wanted


@pytest.mark.parametrize("theme", PAGES)
@pytest.mark.parametrize("name", ALL)
def test_the_line_that_tells_the_sign_stands_out_from_every_colour(palettes, name, theme):
    for page in map(rgb, PAGES[theme]):
        for *colour, alpha, share in palettes[name]["text"]:
            background = over(colour, page, alpha)
            assert contrast(over(ink(theme), background, share), background) >= 3


@pytest.mark.parametrize("theme", PAGES)
@pytest.mark.parametrize("name", APART)
def test_the_signs_differ_for_every_eye(palettes, name, theme):
    page = rgb(PAGES[theme][0])
    signs = [over(palettes[name][sign], page, 0.6) for sign in ("minus", "plus")]
    # Signed palettes that are in use elsewhere fall to 5 (magenta, green) and 27 (red, green).
    got = [apart(eyes, *signs) for eyes in BLIND]
    np.testing.assert_allclose(got, APART[name][theme], atol=1)


@pytest.mark.parametrize("theme", PAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_strip_tells_the_sign(palettes, name, theme):
    page = rgb(PAGES[theme][0])
    strip = [over(c, page, a / 255) for *c, a in palettes[name]["strips"][theme == "dark"]]
    for eyes in BLIND:
        assert apart(eyes, strip[0], strip[-1]) >= 40
        # The strongest differs clearly from zero, and from the page beside the strip.
        assert min(apart(eyes, strip[k], strip[17]) for k in (0, -1)) >= 25
    if theme == "dark":
        assert min(contrast(strip[k], page) for k in (0, -1)) >= (4.5 if name != "grey" else 1.5)
        assert min(contrast(strip[k], page) for k in (16, 18)) >= 1.2


@pytest.mark.parametrize("theme", PAGES)
def test_noise_has_a_ramp_of_its_own_that_every_eye_can_follow(palettes, theme):
    page = rgb(PAGES[theme][0])
    strips, signs = (palettes[n]["strips"][theme == "dark"] for n in ("noise", NAMES[0]))
    ramp, signed = ([over(c, page, a / 255) for *c, a in one] for one in (strips, signs))
    light = [lab(linear(colour))[0] for colour in ramp[17:]]
    assert sorted(light, reverse=theme == "light") == light  # the more, the farther from the page
    for eyes in BLIND:
        assert apart(eyes, ramp[-1], ramp[17]) >= 50
        assert apart(eyes, ramp[-1], ramp[0]) >= 25
        assert apart(eyes, ramp[-1], signed[0]) >= 30  # what vermillion says is not said here
    assert apart("normal", ramp[-1], signed[-1]) >= 40


def test_the_ramp_is_named_by_its_palette(palettes):
    said = [palettes[name]["words"] for name in NAMES]
    assert said[0] == "vermillion is negative, blue is positive, no colour is zero"
    assert said[1] == said[0]
    assert said[2].startswith("orange is negative, purple is positive")
    assert palettes["noise"]["words"].startswith("purple adds noise, grey takes it away")
    assert "in the strips dark is negative and light is positive" in said[3]


def test_the_test_can_fail():
    red, green = (over(c, rgb("#ffffff"), 0.6) for c in ([200, 40, 40], [40, 140, 40]))
    assert apart("deutan", red, green) < 40
