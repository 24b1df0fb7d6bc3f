"""The slider of lesson 05: learning rates over a training run, one curve per group.

As in widgets.py, a `draw_…` function turns values into HTML and an Explorer calls it.
"""

import torch
from ipywidgets import FloatSlider, ToggleButtons

from lessonlib.engine.learner import spread
from lessonlib.explorers.explorer import Explorer, slider
from lessonlib.show.figures import COLOURS

GROUPS = ("early layers", "late layers", "head")
DASHES = ("8 4", "2 3", "")  # beside the colour, as a second cue
STEPS = 60


def one_cycle_rates(
    pct_start: float = 0.25, div: float = 25.0, ratio: float = 1.0, steps: int = STEPS
) -> dict[str, list[float]]:
    """torch's one-cycle learning rates at each step, for each group; the head's peak is 1.

    pct_start: the share of the steps that rise. div: the peak divided by the start. ratio: the
    head's rate divided by that of the early layers.
    """
    weights = [[torch.zeros(1, requires_grad=True)] for _ in GROUPS]
    peaks = spread(slice(1 / ratio, 1.0), len(GROUPS))
    optimizer = torch.optim.SGD([{"params": weight} for weight in weights], lr=1.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, peaks, total_steps=steps, pct_start=pct_start, div_factor=div,
        cycle_momentum=False,
    )  # fmt: skip
    rows = []
    for _ in range(steps):
        rows.append(schedule.get_last_lr())
        optimizer.step()
        schedule.step()
    return dict(zip(GROUPS, map(list, zip(*rows, strict=True)), strict=True))


def draw_one_cycle(pct_start: float, div: float, ratio: float) -> str:
    """A curve for each group of layers, and its start, its peak and the step of the peak."""
    rates = one_cycle_rates(pct_start, div, ratio)
    curves, cells = "", ""
    for (name, rate), colour, dash in zip(rates.items(), COLOURS, DASHES, strict=False):
        points = " ".join(
            f"{45 + step * 390 / (STEPS - 1):.1f},{210 - y * 190:.1f}"
            for step, y in enumerate(rate)
        )
        curves += (
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5" '
            f'stroke-dasharray="{dash}"/>'
        )
        key = (
            f'<svg width="44" height="12" aria-hidden="true"><path d="M2 6H42" stroke="{colour}" '
            f'stroke-width="2.5" stroke-dasharray="{dash}"/></svg>'
        )
        cells += (
            f'<tr><th style="text-align:left">{key} {name}</th><td>{rate[0]:.4f}</td>'
            f"<td>{max(rate):.4f}</td><td>{rate.index(max(rate)) + 1}</td></tr>"
        )
    alt = f"Three curves: up for {pct_start:.0%} of {STEPS} steps, from 1/{div:g}, then down to 0."
    return f"""<div style="display:flex;flex-wrap:wrap;gap:1.5em;align-items:center">
<svg viewBox="0 0 460 250" width="460" role="img" aria-label="{alt}" font-size="12">
<rect width="460" height="250" fill="white"/>
<path d="M45 10V210H440" fill="none" stroke="black"/>
<text x="38" y="24" text-anchor="end">1</text><text x="38" y="214" text-anchor="end">0</text>
<text x="45" y="228" text-anchor="middle">1</text>
<text x="435" y="228" text-anchor="middle">{STEPS}</text>
<text x="240" y="242" text-anchor="middle">step</text>
<text x="52" y="16">learning rate (the head's largest is 1)</text>{curves}
</svg>
<table style="border-spacing:.8em 0"><tr><th>group</th><th>start</th><th>peak</th>
<th>peak at step</th></tr>{cells}</table></div>
<p>{alt}</p>"""


def one_cycle_explorer() -> Explorer:
    """Move the share that rises, the start, and the spread over the groups."""
    return Explorer(
        draw_one_cycle,
        pct_start=slider(FloatSlider, "pct_start", value=0.25, min=0.05, max=0.95, step=0.05),
        div=slider(FloatSlider, "div", value=25.0, min=1, max=50, step=1),
        ratio=ToggleButtons(options=[1, 10, 100], value=10, description="head : early"),
    )
