"""What the threshold cockpits are drawn with: small charts as SVG text, and the page's style.

Text is quick enough to be drawn anew at every slider move.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch

from lessonlib.show.looks import BAND, CHEAP, LOOKS, NAMES
from lessonlib.show.markup import style

LEFT, WIDTH = 46, 360  # pixels: where threshold 0 lies, and how far 1 is from it
STYLE = style("cockpit")


@dataclass(frozen=True)
class Panel:
    """A part of a chart: from `top` to `bottom` in pixels, for values from high to low."""

    top: int
    bottom: int
    low: float
    high: float

    def y(self, value: float) -> float:
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


SHARES = Panel(166, 306, 0, 1)  # where precision, recall and F1 are drawn


def x(threshold: float) -> float:
    return LEFT + threshold * WIDTH


def picture(height: int, alt: str, *parts: str, font: int = 12) -> str:
    """A whole picture of 420 pixels' width, or less where there is less room."""
    return (
        f'<svg viewBox="0 0 420 {height}" width="420" style="max-width:100%" role="img" '
        f'aria-label="{alt}" font-size="{font}" font-family="sans-serif">'
        f'<rect width="420" height="{height}" fill="white"/>{"".join(parts)}</svg>'
    )


def frame(panel: Panel, ticks: Iterable[float], number: str = "{:g}") -> str:
    """A panel's two axes with the numbers of the left one."""
    labels = "".join(
        f'<text x="{LEFT - 6}" y="{panel.y(tick) + 4:.1f}" text-anchor="end">'
        f"{number.format(tick)}</text>"
        for tick in ticks
    )
    return (
        f'<path d="M{LEFT} {panel.top}V{panel.bottom}h{WIDTH}" fill="none" stroke="#888"/>{labels}'
    )


def threshold_axis(bottom: int) -> str:
    """The numbers and the name of the axis below."""
    ticks = "".join(
        f'<path d="M{x(tick / 5):.0f} {bottom}v4" stroke="#888"/>'
        f'<text x="{x(tick / 5):.0f}" y="{bottom + 24}" text-anchor="middle">{tick / 5:g}</text>'
        for tick in range(6)
    )
    return f'{ticks}<text x="{x(0.5):.0f}" y="{bottom + 40}" text-anchor="middle">threshold</text>'


def curve_lines(panel: Panel, curve, names: Iterable[str]) -> str:
    """Curves of a ThresholdCurve: at every pixel the exact value at that pixel's threshold."""
    pixels = torch.linspace(0, 1, WIDTH + 1, dtype=curve.thresholds.dtype)
    rows = (torch.searchsorted(curve.thresholds, pixels, right=True) - 1).clamp(min=0)
    return "".join(line(panel, getattr(curve, name)[rows].tolist(), name) for name in names)


def line(panel: Panel, values: Iterable[float], name: str) -> str:
    """One value a pixel, from the left; what lies outside the panel is left out."""
    path, pen_is_down = [], False
    for pixel, value in enumerate(values):
        if panel.holds(value):
            path.append(f"{'L' if pen_is_down else 'M'}{LEFT + pixel} {panel.y(value):.1f}")
        pen_is_down = panel.holds(value)
    return f'<path d="{"".join(path)}" {stroke(name)}/>'


def dot(panel: Panel, threshold: float, value: float, name: str) -> str:
    """Where a curve stands at the slider's threshold."""
    if not panel.holds(value):
        return ""
    return (
        f'<circle cx="{x(threshold):.1f}" cy="{panel.y(value):.1f}" r="5" '
        f'fill="{LOOKS[NAMES[name]][0]}" stroke="white" stroke-width="1.5"/>'
    )


def stroke(name: str) -> str:
    """How a curve's line looks, as attributes of an SVG path."""
    colour, dashes = LOOKS[NAMES.get(name, name)]
    pixels = " ".join(f"{2 * width:g}" for width in dashes)
    return f'stroke="{colour}" stroke-width="2" stroke-dasharray="{pixels}" fill="none"'


def key(left: float, y: float, names: Iterable[str]) -> str:
    """Which line is which, in one row."""
    return "".join(
        f'<path d="M{left + 110 * place} {y - 4}h26" {stroke(name)}/>'
        f'<text x="{left + 110 * place + 32}" y="{y}">{NAMES[name]}</text>'
        for place, name in enumerate(names)
    )


def upright(threshold: float, top: int, bottom: int) -> str:
    """Where the slider stands."""
    return f'<path d="M{x(threshold):.1f} {top}V{bottom}" stroke="black"/>'


def best_mark(threshold: float, top: int) -> str:
    return f'<path d="M{x(threshold):.1f} {top + 1}l-5 -8h10z"/>'


def cheap_mark(threshold: float, bottom: int) -> str:
    place = f"M{x(threshold):.1f} {bottom + 1}"
    return f'<path d="{place}l-6 10h12z" fill="{CHEAP}" stroke="black"/>'


def accuracy_panel(curve, nothing: float) -> Panel:
    """From below the baseline to above the best; from 0 on, all accuracies would look alike."""
    best = curve.accuracy.max().item()
    reach = max(best - nothing, 0.005)
    return Panel(26, 126, best - 1.8 * reach, best + 0.15 * reach)


def background(curve, nothing: float, band: tuple[float, float]) -> str:
    """What does not move: accuracy with its baseline above, precision, recall and F1 below.

    curve: a ThresholdCurve; nothing: the accuracy of saying nothing; band: of the best threshold.
    """
    panel, shares = accuracy_panel(curve, nothing), ("precision", "recall", "f1")
    left, right = map(x, band)
    y = panel.y(nothing)
    return "".join(
        (
            f'<rect x="{left:.1f}" y="{panel.top}" width="{max(right - left, 1):.1f}" '
            f'height="{SHARES.bottom - panel.top}" fill="{BAND}" opacity=".35"/>',
            frame(panel, (nothing, curve.accuracy.max().item()), "{:.3f}"),
            frame(SHARES, (0, 0.5, 1)),
            threshold_axis(SHARES.bottom),
            f'<path d="M{LEFT} {y:.1f}h{WIDTH}" {stroke("saying nothing")}/>',
            f'<text x="{x(0.3):.0f}" y="{y + 15:.1f}">saying nothing</text>',
            key(LEFT, 16, ("accuracy",)),
            f'<rect x="{LEFT + 95}" y="6" width="26" height="11" fill="{BAND}" opacity=".5"/>',
            f'<text x="{LEFT + 127}" y="16">90 % band of the best threshold</text>',
            key(LEFT, 156, shares),
            curve_lines(panel, curve, ("accuracy",)),
            curve_lines(SHARES, curve, shares),
        )
    )
