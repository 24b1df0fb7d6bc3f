"""The BCE microscope of lesson 10: the graph of one cell, its slopes, and where a step goes.

As in widgets.py, `draw_…` functions turn values into HTML and an Explorer calls them.
"""

import math
from html import escape

from ipywidgets import FloatSlider, ToggleButtons

from lessonlib.explorers.explorer import Explorer, slider
from lessonlib.scalar import Scalar, backward, cell_cost, in_order
from lessonlib.show.figures import COLOURS

STEP, WIDE, HIGH = 86, 70, 58  # pixels: from box to box, a box's width and height
RIGHT, SWAPPED = COLOURS[0], COLOURS[1]


def columns_of(nodes: list[Scalar]) -> dict[Scalar, int]:
    """How many operations lead to each number; a constant stands beside what uses it."""
    columns: dict[Scalar, int] = {}
    for node in nodes:
        columns[node] = max((columns[parent] + 1 for parent in node.parents), default=0)
    for node in nodes:
        for parent in node.parents:
            if is_constant(parent):
                columns[parent] = columns[node] - 1
    return columns


def is_constant(node: Scalar) -> bool:
    """Whether it is a number written into the formula, such as the 1 of 1 + e⁻ˣ."""
    return not node.parents and node.name == f"{node.value:g}"


def draw_graph(result: Scalar) -> str:
    """The graph of a result after `backward`, left to right, as SVG: values above, grads below."""
    nodes = in_order(result)
    columns = columns_of(nodes)
    spots = {node: (6 + STEP * columns[node], 84 if is_constant(node) else 8) for node in nodes}
    arrows, boxes = "", ""
    for node, (x, y) in spots.items():
        for parent in node.parents:
            left, top = spots[parent]
            arrows += (
                f'<path d="M{left + WIDE} {top + HIGH / 2}L{x} {y + HIGH / 2}" stroke="#777"/>'
            )
        boxes += draw_box(node, x, y)
    width = 12 - STEP + WIDE + STEP * (1 + max(columns.values()))
    alt = f"{len(nodes)} numbers in a row; the result is {signed(result.value)}."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 150" width="{width}" '
        f'style="max-width:100%" role="img" aria-label="{alt}" font-size="12" '
        f'font-family="sans-serif"><rect width="{width}" height="150" fill="white"/>'
        f"{arrows}{boxes}</svg>"
    )


def draw_box(node: Scalar, x: float, y: float) -> str:
    """A number's box: its name, its value, its grad."""
    fill, middle = "#eee" if is_constant(node) else "white", x + WIDE / 2
    return (
        f'<rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" fill="{fill}" stroke="#444"/>'
        f'<g text-anchor="middle"><text x="{middle}" y="{y + 15}" font-weight="bold">'
        f'{escape(node.name)}</text><text x="{middle}" y="{y + 32}">{signed(node.value)}</text>'
        f'<text x="{middle}" y="{y + 50}" fill="{RIGHT}" font-style="italic">'
        f"{signed(node.grad)}</text></g>"
    )


def signed(value: float) -> str:
    """A number with three decimals and a real minus, without a negative zero."""
    return f"{round(value, 3) + 0.0:.3f}".replace("-", "−")


def step_of(logit: float, there: bool, swapped: bool) -> float:
    """Where gradient descent with a learning rate of 1 moves the logit."""
    x = Scalar(logit, "x")
    backward(cell_cost(x, there, swapped))
    return -x.grad


def draw_steps(logit: float, there: bool) -> str:
    """One step of descent from this logit, with the right cost and with the swapped one."""

    def place(value: float) -> float:
        return 240 + 24 * value

    ticks = "".join(
        f'<text x="{place(t)}" y="112" text-anchor="middle">{t}</text>'
        f'<path d="M{place(t)} 92v5" stroke="#777"/>'
        for t in range(-8, 9, 4)
    )
    arrows, said = "", []
    for y, name, colour, swapped in ((34, "right", RIGHT, False), (66, "swapped", SWAPPED, True)):
        step = step_of(logit, there, swapped)
        start, end, head = place(logit), place(logit + 2 * step), 7 if step > 0 else -7
        arrows += (
            f'<path d="M{start:.1f} {y}H{end:.1f}" stroke="{colour}" stroke-width="3"/>'
            f'<path d="M{end + head:.1f} {y}l{-head} -6v12z" fill="{colour}"/>'
            f'<circle cx="{start:.1f}" cy="{y}" r="4"/>'
            f'<text x="6" y="{y + 4}" fill="{colour}" font-weight="bold">{name}</text>'
        )
        said.append(f"{name} {'up' if step > 0 else 'down'} by {abs(step):.3f}")
    alt = f"One step from logit {logit:g}: {', '.join(said)}."
    return (
        f'<svg viewBox="0 0 480 136" width="480" style="max-width:100%" role="img" '
        f'aria-label="{alt}" font-size="12" font-family="sans-serif">'
        f'<rect width="480" height="136" fill="white"/><path d="M40 92H440" stroke="black"/>'
        f'{ticks}{arrows}<text x="240" y="130" text-anchor="middle">logit (arrows twice as long)'
        f"</text></svg><p>{alt}</p>"
    )


def draw_microscope(logit: float, target: int, loss: str) -> str:
    """The whole page for a logit, a target of 0 or 1 and the "right" or the "swapped" loss."""
    x = Scalar(logit, "x")
    cost = cell_cost(x, there=bool(target), swapped=loss == "swapped")
    backward(cost)
    p = 1 / (1 + math.exp(-logit))
    return (
        f"{draw_graph(cost)}<p>In each box: what is computed, its value, and <i>its grad</i>: how "
        f"fast the cost on the right changes with it. At the logit x it is {signed(x.grad)}; "
        f"by the formula p − y: {signed(p)} − {target} = {signed(p - target)}.</p>"
        f"{draw_steps(logit, bool(target))}"
    )


def bce_microscope() -> Explorer:
    """Move a logit, switch the target and the loss: the graph, its grads, a step of descent."""
    return Explorer(
        draw_microscope,
        logit=slider(FloatSlider, "logit", value=1.0, min=-6, max=6, step=0.25),
        target=ToggleButtons(options=[0, 1], value=1, description="target"),
        loss=ToggleButtons(options=["right", "swapped"], value="right", description="loss"),
    )
