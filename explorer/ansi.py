"""A line of tokens on the colours of their advantages, in a terminal with many, few or no colours.

A token lies on vermillion where its advantage is negative (and is underlined), on blue where it is
positive, the deeper the larger; white is zero. What the policy did not sample has no background.
Beyond the limit the colour goes no deeper and the text is bold. Sixteen colours tell the sign only.
Without colours the background is left out, and `signs` gives a line to stand under the text.
"""

import math

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

NEGATIVE, POSITIVE = (0xD5, 0x5E, 0x00), (0x00, 0x72, 0xB2)  # Okabe and Ito: told apart by all
DEEPEST = 0.85  # of the colour over white, so that black text keeps a contrast of 4.5
FAINTEST = 0.05  # of the limit; less is not told from zero
SIXTEEN = ("standard", "windows")  # as rich calls the terminals that have no more

Span = tuple[str, float]  # visible text and its advantage; NaN: not sampled


def wrap(spans: list[Span], width: int) -> list[list[Span]]:
    """Lines of at most `width` cells, broken after a newline's glyph too; a long span is cut."""
    lines: list[list[Span]] = [[]]
    room = width
    for text, value in spans:
        piece = ""
        for character in text:
            if cell_len(character) > room:
                lines[-1].append((piece, value))
                lines.append([])
                piece, room = "", width
            piece += character
            room = 0 if character == "↵" else room - cell_len(character)
        lines[-1].append((piece, value))
    return lines


def paint(line: list[Span], limit: float, colours: str | None) -> Text:
    """The line with each span on the colour of its advantage."""
    return Text.assemble(*((text, _style(value / limit, colours)) for text, value in line))


def signs(line: list[Span], limit: float) -> str:
    """A sign for every cell of the line: + raised, - lowered, · not sampled, blank for zero."""
    return "".join(_sign(value / limit) * cell_len(text) for text, value in line).rstrip()


def legend(limit: float, colours: str | None) -> Text:
    """What the colours mean, with the limit at both ends."""
    if colours is None:
        return Text(f"-{limit:.3g} to {limit:+.3g}; - lowered, + raised, · not sampled")
    scale = [("  ", limit * step / 4) for step in range(-4, 5)]
    ends = f" {limit:+.3g}  underlined: lowered, bold: beyond"
    return Text(f"-{limit:.3g} ") + paint(scale, limit, colours) + Text(ends)


def _style(share: float, colours: str | None) -> Style:
    """Of an advantage in units of the limit."""
    if math.isnan(share) or colours is None:
        return Style()
    size = abs(share)
    ink = NEGATIVE if share < 0 else POSITIVE
    mark = Style(underline=size > FAINTEST and share < 0, bold=size > 1 + 1e-6)
    if colours in SIXTEEN:
        back = Style(color="bright_white", bgcolor="red" if share < 0 else "blue")
        return mark + back if size > FAINTEST else Style()
    depth = DEEPEST * min(size, 1.0) if size > FAINTEST else 0.0
    back = ",".join(str(round(255 + depth * (tone - 255))) for tone in ink)
    return mark + Style(color="rgb(0,0,0)", bgcolor=f"rgb({back})")


def _sign(share: float) -> str:
    if math.isnan(share):
        return "·"
    return " " if abs(share) <= FAINTEST else "+" if share > 0 else "-"
