"""The coverage of every analysis as one SVG, by hand: a dot, its noise, and the band aimed at."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT = 900, 470, 60
ROW, TOP, BOTTOM = 26, 64, 44
LOWEST = 0.15
AIM = (0.935, 0.965)
INK, FAINT, BAND, GOOD, BAD = "#1a1a1a", "#767676", "#d9ead3", "#1b6e3c", "#b3261e"


@dataclass(frozen=True)
class Dot:
    """One line of the plot. `heading` opens a new block when it differs from the line before."""

    heading: str
    label: str
    coverage: float
    noise: float
    published: bool


def draw_coverage(dots: Sequence[Dot]) -> str:
    """The SVG document: no script, no style sheet, text for readers who can't see it."""
    body: list[str] = []
    y, heading = TOP, ""
    for dot in dots:
        if dot.heading != heading:
            heading = dot.heading
            y += ROW
            body.append(_text(12, y, heading, weight="bold"))
        y += ROW
        body += _row(dot, y)
    height = y + BOTTOM
    return "\n".join([_opening(height), *_axis(height), *body, "</svg>\n"])


def _x(coverage: float) -> float:
    share = (max(coverage, LOWEST) - LOWEST) / (1 - LOWEST)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _opening(height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'font-family="sans-serif" font-size="14">\n'
        "<title>Coverage of nominal 95 % intervals in repeated samples</title>\n"
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    )


def _axis(height: float) -> list[str]:
    low, high = _x(AIM[0]), _x(AIM[1])
    bottom = height - BOTTOM + 12
    parts = [
        f'<rect x="{low:.1f}" y="{TOP}" width="{high - low:.1f}" height="{bottom - TOP}" '
        f'fill="{BAND}"/>',
        _text(12, 30, "Share of nominal 95 % intervals that hold the truth", size=18),
        _text(12, 50, "filled: published by default; open: for comparison", ink=FAINT),
        _text((low + high) / 2, TOP - 6, "93.5–96.5 %", anchor="middle", ink=GOOD),
    ]
    for percent in (20, 40, 60, 80, 100):
        x = _x(percent / 100)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}" stroke="#e0e0e0"/>')
        parts.append(_text(x, bottom + 18, f"{percent} %", anchor="middle", ink=FAINT))
    return parts


def _row(dot: Dot, y: float) -> list[str]:
    x, ink = _x(dot.coverage), GOOD if AIM[0] <= dot.coverage <= AIM[1] else BAD
    low, high = _x(dot.coverage - 2 * dot.noise), _x(min(1.0, dot.coverage + 2 * dot.noise))
    return [
        _text(28, y, dot.label),
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y - 5}" y2="{y - 5}" stroke="{ink}" '
        'stroke-width="2"/>',
        f'<circle cx="{x:.1f}" cy="{y - 5}" r="5" stroke="{ink}" stroke-width="2" '
        f'fill="{ink if dot.published else "#ffffff"}"/>',
        _text(WIDTH - 8, y, f"{100 * dot.coverage:.1f}", anchor="end", ink=ink),
    ]


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 14,
    weight: str = "normal",
    anchor: str = "start",
    ink: str = INK,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{ink}">{escape(words)}</text>'
    )
