"""Everything with a slider: a pure function that draws, and one thin class that calls it.

A `draw_…` function turns values into HTML (with SVG pictures in it); an Explorer puts controls
above what it returns. All text that comes from data is escaped.
"""

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path

import pandas as pd
import torch
from ipywidgets import Button, Checkbox, FloatSlider, IntSlider, IntText, ToggleButtons
from PIL import Image, ImageDraw

from lessonlib.data import DataLoader
from lessonlib.engine.images import as_image, open_image
from lessonlib.explorers.explorer import Explorer, slider
from lessonlib.geometry import random_crop_box
from lessonlib.guards.splits import yes_or_no
from lessonlib.guards.tensors import no_missing_labels
from lessonlib.losses import binary_cross_entropy
from lessonlib.show.figures import COLOURS

BLUE, ORANGE, GREEN = COLOURS[:3]
CROP_COLOURS = (*COLOURS, "#FFFFFF")


def as_data_uri(image: Image.Image) -> str:
    """A PIL picture of any mode as the text of an <img>'s src."""
    buffer = io.BytesIO()
    as_image(image).save(buffer, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def img(image: Image.Image, alt: str, width: int) -> str:
    return f'<img src="{as_data_uri(image)}" alt="{escape(alt)}" width="{width}">'


# A threshold over one picture's probabilities (lesson 00)


def draw_labels(image: Image.Image, probabilities: dict[str, float], threshold: float) -> str:
    """A picture beside its probabilities as bars; those above the threshold become labels."""
    line = f"position:absolute;top:-3px;bottom:-3px;border-left:3px dashed {ORANGE}"
    rows = "".join(
        f'<tr><th style="text-align:right;padding-right:.6em">{escape(name)}</th>'
        '<td style="width:16em"><div style="position:relative">'
        f'<div style="width:{probability:.0%};height:1.3em;'
        f'background:{BLUE if probability > threshold else "#888"}"></div>'
        f'<div style="{line};left:{threshold:.0%}"></div></div></td>'
        f'<td>{probability:.2f}</td><td style="white-space:nowrap">'
        f"{'✓ yes' if probability > threshold else '– no'}</td></tr>"
        for name, probability in probabilities.items()
    )
    said = [name for name, probability in probabilities.items() if probability > threshold]
    answer = escape(", ".join(said)) or "nothing that I know"
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:1.5em;align-items:center">'
        f"{img(image, 'the picture that is being labelled', 260)}<table>{rows}</table></div>"
        f"<p>Above {threshold:.2f}, the dashed line, this picture shows: <b>{answer}</b>.</p>"
    )


def label_explorer(image: Image.Image, probabilities: dict[str, float]) -> Explorer:
    """Move a threshold and watch which labels a picture gets."""
    return Explorer(
        lambda threshold: draw_labels(image, probabilities, threshold),
        threshold=slider(FloatSlider, "threshold", value=0.5, min=0, max=1, step=0.05),
    )


# One row of a table of pictures (lesson 01)


def draw_row(df: pd.DataFrame, folder: Path, row: int) -> str:
    """The picture of the row at a position, with its file name, labels and split."""
    item = df.iloc[row]
    labels = escape(", ".join(item["labels"].split())) or "no label at all"
    split = "validation" if item["is_valid"] else "training"
    name = escape(item["fname"])
    image = open_image(folder / item["fname"])
    return (
        f"{img(image, f'picture {name}: {labels}', 320)}"
        f"<p>df.iloc[{row}] is <code>{name}</code>, for {split}: <b>{labels}</b></p>"
    )


def row_explorer(df: pd.DataFrame, folder: str | Path) -> Explorer:
    """Walk through a table of pictures, row by row.

    df has the columns fname, labels and is_valid; folder holds the pictures.
    """
    no_missing_labels(df["labels"])
    yes_or_no(df["is_valid"])
    return Explorer(
        lambda row: draw_row(df, Path(folder), row),
        row=slider(IntSlider, "row (position)", value=0, min=0, max=len(df) - 1),
    )


# Which items share a batch (lesson 02)


def draw_batches(items: Sequence, batch_size: int, shuffle: bool, drop_last: bool) -> str:
    """One line of boxes for each batch of an epoch, and what drop_last leaves out."""
    loader = DataLoader(items, batch_size, shuffle, drop_last, seed=0)
    lines = "".join(
        f'<tr><th style="text-align:right;padding-right:.6em">batch {number}</th><td>'
        + "".join(
            f'<span style="display:inline-block;width:1.6em;margin:1px;text-align:center;'
            f'color:white;background:{BLUE}">{escape(str(item))}</span>'
            for item in batch
        )
        + f"</td><td>{len(batch)} items</td></tr>"
        for number, batch in enumerate(loader)
    )
    given = sum(len(positions) for positions in loader.batches)
    return (
        f"<table>{lines}</table><p>{len(loader)} batches, {given} of {len(items)} items; "
        f"left out: {len(items) - given}.</p>"
    )


def batch_explorer(items: Sequence) -> Explorer:
    """Move the batch size, shuffle, drop the last batch: what does an epoch consist of?"""
    return Explorer(
        lambda **values: draw_batches(items, **values),
        batch_size=slider(IntSlider, "batch size", value=8, min=1, max=len(items)),
        shuffle=Checkbox(value=False, description="shuffle"),
        drop_last=Checkbox(value=False, description="drop last"),
    )


# One cell of binary cross-entropy (lesson 04)


def bce_cell(logit: float, target: int) -> dict[str, float]:
    """Probability, loss and gradient of the loss for one logit and one target."""
    probability = torch.tensor(logit).sigmoid().item()
    loss = binary_cross_entropy(torch.tensor([logit]), torch.tensor([float(target)])).item()
    return {"probability": probability, "loss": loss, "gradient": probability - target}


def draw_bce(logit: float, target: int) -> str:
    """The loss curve for this target, the point on it, its slope, and the three numbers."""
    numbers = bce_cell(logit, target)

    def place(x: float, y: float) -> tuple[float, float]:
        return 40 + (x + 8) * 25, 210 - y * 24

    points = (place(x / 4, bce_cell(x / 4, target)["loss"]) for x in range(-32, 33))
    curve = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = place(logit, numbers["loss"])
    (x1, y1), (x2, y2) = (
        place(logit + step, numbers["loss"] + step * numbers["gradient"]) for step in (-3, 3)
    )
    ticks = "".join(
        f'<text x="{place(t, 0)[0]}" y="228" text-anchor="middle">{t}</text>'
        for t in range(-8, 9, 4)
    ) + "".join(
        f'<text x="32" y="{place(-8, t)[1] + 4}" text-anchor="end">{t}</text>'
        for t in range(0, 9, 4)
    )
    cells = "".join(
        f'<tr><th style="text-align:left;padding-right:1em">{name}</th>'
        f'<td style="text-align:right" class="bce-{name}">{value:.3f}</td></tr>'
        for name, value in numbers.items()
    )
    alt = f"Loss against logit for target {target}; the point is at logit {logit:g}."
    return f"""<div style="display:flex;flex-wrap:wrap;gap:1.5em;align-items:center">
<svg viewBox="0 0 460 250" width="460" role="img" aria-label="{alt}" font-size="12">
<rect width="460" height="250" fill="white"/>
<path d="M40 10V210H440" fill="none" stroke="black"/>{ticks}
<text x="240" y="245" text-anchor="middle">logit</text><text x="46" y="16">loss</text>
<polyline points="{curve}" fill="none" stroke="{BLUE}" stroke-width="2"/>
<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"
 stroke="{ORANGE}" stroke-width="2" stroke-dasharray="6 3"/>
<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{ORANGE}"/>
</svg>
<table style="font-size:1.1em">{cells}</table></div>
<p>Target {target}: the object is {"there" if target else "not there"}. The dashed line's slope is
the gradient, probability − target.</p>"""


def bce_explorer() -> Explorer:
    """Move a logit and switch the target: probability, loss and gradient of one cell."""
    return Explorer(
        draw_bce,
        logit=slider(FloatSlider, "logit", value=0.0, min=-8, max=8, step=0.5),
        target=ToggleButtons(options=[0, 1], value=1, description="target"),
    )


# Random crops (lesson 02, and 03's crop laboratory)


def draw_crops(image: Image.Image, min_scale: float, seed: int) -> str:
    """The picture with eight random crop boxes on it, and the crops, each in its box's colour."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        boxes = [random_crop_box(*image.size, min_scale) for _ in range(8)]
    marked, crops = image.copy(), ""
    pen = ImageDraw.Draw(marked)
    for number, (box, colour) in enumerate(zip(boxes, CROP_COLOURS, strict=True), start=1):
        pen.rectangle(box, outline=colour, width=3)
        crop = img(image.resize((96, 96), box=box), f"random crop {number}", 96)
        crops += f'<span style="border:4px solid {colour};line-height:0">{crop}</span>'
    shares = [(r - left) * (b - top) / (image.width * image.height) for left, top, r, b in boxes]
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:1em;align-items:flex-start">'
        f"{img(marked, 'the whole picture with the eight crop boxes', 300)}"
        '<div style="max-width:432px;display:flex;flex-wrap:wrap;gap:4px;align-items:flex-start">'
        f"{crops}</div></div>"
        f"<p>The crops keep from {min(shares):.0%} to {max(shares):.0%} of the picture's area.</p>"
    )


def crop_explorer(image: Image.Image) -> Explorer:
    """Move min_scale: how much of a picture do random crops keep?"""
    seed = IntText(description="draw again", layout={"display": "none"})
    explorer = Explorer(
        lambda min_scale, seed: draw_crops(image, min_scale, seed),
        min_scale=slider(FloatSlider, "min_scale", value=0.35, min=0.05, max=1.0, step=0.05),
        seed=seed,
    )
    again = Button(description="draw again")
    again.on_click(lambda _button: seed.set_trait("value", seed.value + 1))
    *controls, page = explorer.children
    explorer.children = (*controls, again, page)
    return explorer
