"""The geometry studio of lesson 07: turn, zoom, shift and mirror a picture, and its point with it.

As in widgets.py, a `draw_…` function turns values into HTML and an Explorer calls it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from ipywidgets import Checkbox, DOMWidget, FloatSlider, ToggleButtons
from PIL import Image
from torch.nn.functional import affine_grid, grid_sample
from torchvision.transforms.functional import pil_to_tensor, to_pil_image

from lessonlib.explorers.explorer import Explorer, slider
from lessonlib.explorers.widgets import as_data_uri
from lessonlib.geometry import in_picture, move_points, sampling_matrix
from lessonlib.points import scale_points, unscale_points
from lessonlib.show.figures import COLOURS

BLUE, ORANGE = COLOURS[:2]
MOVES, STAYS = "moves along", "stays"
EDGE = 0.2  # the share of a picture that is shown around it, for points that have left
CORNERS = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])


class Moved(NamedTuple):
    """matrix: the sampling matrix [2, 3]. image: the result. point: scaled, in it, float [2]."""

    matrix: torch.Tensor
    image: Image.Image
    point: torch.Tensor


def studio_matrix(
    rotate: float, zoom: float, shift_x: float, shift_y: float, flip: bool, aspect: float
) -> torch.Tensor:
    """The sampling matrix [2, 3] of the studio's controls; aspect: width / height.

    rotate: degrees, counter-clockwise. shift_x, shift_y: the place in the picture, −1…1, that is
    the middle of the result.
    """
    values = (1, 1, shift_x, shift_y, -1 if flip else 1, rotate, zoom)
    return sampling_matrix(*(torch.tensor([float(value)]) for value in values), aspect)[0]


def moved(image: Image.Image, point: Sequence[float], target: str, **controls) -> Moved:
    """A picture and its point (x, y) in pixels after one affine; what was outside is black.

    target: MOVES sends the point along, STAYS leaves its numbers as they are.
    """
    matrix = studio_matrix(aspect=image.width / image.height, **controls)
    pixels = pil_to_tensor(image)[None] / 255
    grid = affine_grid(matrix[None], list(pixels.shape), align_corners=False)
    result = to_pil_image(grid_sample(pixels, grid, align_corners=False)[0])
    place = scale_points(
        torch.tensor(point, dtype=torch.float32)[None], (image.height, image.width)
    )
    if target == MOVES:
        place = move_points(place, matrix)
    return Moved(matrix, result, place[0])


def draw_geometry(
    image: Image.Image, point: Sequence[float], source: str, target: str, **controls
) -> str:
    """The picture with what the result shows of it, the result with the point, both matrices.

    source: the picture as the text of an <img>'s src, which is always the same.
    """
    size = image.height, image.width
    matrix, result, place = moved(image, point, target, **controls)
    before = torch.tensor(point, dtype=torch.float32)
    after = unscale_points(place, size)
    window = unscale_points(move_back(CORNERS, matrix), size)
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in window.tolist())
    frame = (
        f'<polygon points="{outline}" fill="none" stroke="{ORANGE}" stroke-width="3" '
        'stroke-dasharray="8 4"/>'
    )
    seen = bool(in_picture(place))
    where = "in the result" if seen else "outside the result: it does not count"
    numbers = "{:.1f}, {:.1f}"
    left = panel(source, size, before, frame, "the picture; dashed, what the result shows of it")
    right = panel(as_data_uri(result), size, after, "", "the result")
    inverse = torch.linalg.inv(torch.cat([matrix, torch.tensor([[0.0, 0.0, 1.0]])]))[:2]
    return (
        f'<div style="display:flex;flex-wrap:wrap;gap:1em">{left}{right}</div>'
        '<div style="display:flex;flex-wrap:wrap;gap:2em">'
        f"{table('sampling matrix: result to picture', matrix, 'forth')}"
        f"{table('its inverse: picture to result', inverse, 'back')}</div>"
        f'<p>The point is at <b class="geo-before">{numbers.format(*before.tolist())}</b> in the '
        f'picture; the target says <b class="geo-after">{numbers.format(*after.tolist())}</b>, '
        f'<span class="geo-where">{where}</span>.</p>'
    )


def move_back(points: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """Where in the picture places [n, 2] of the result come from: the matrix as it is."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def panel(source: str, size: tuple[int, int], point: torch.Tensor, marks: str, title: str) -> str:
    """A picture with room around it, marks on it and a cross at the point, in pixels."""
    height, width = size
    x, y = point.tolist()
    box = f"{-EDGE * width} {-EDGE * height} {(1 + 2 * EDGE) * width} {(1 + 2 * EDGE) * height}"
    cross = f"M{x - 9:.1f} {y:.1f}h18M{x:.1f} {y - 9:.1f}v18"
    return (
        f'<figure style="margin:0"><svg viewBox="{box}" width="420" role="img" '
        f'aria-label="{title}; the cross is at {x:.0f}, {y:.0f}">'
        # pixel k reaches from k − 0.5 to k + 0.5
        f'<image href="{source}" x="-0.5" y="-0.5" width="{width}" height="{height}"/>{marks}'
        f'<path d="{cross}" stroke="white" stroke-width="5"/>'
        f'<path d="{cross}" stroke="{BLUE}" stroke-width="2.5"/></svg>'
        f"<figcaption>{title}</figcaption></figure>"
    )


def table(title: str, matrix: torch.Tensor, name: str) -> str:
    """A matrix [2, 3] as an HTML table under its title."""
    rows = "".join(
        "<tr>" + "".join(f"<td style='padding:0 .6em'>{v:.3f}</td>" for v in row) + "</tr>"
        for row in (matrix + 0.0).tolist()
    )
    return (
        f'<table class="geo-{name}" style="text-align:right">'
        f'<caption style="white-space:nowrap">{title}</caption>{rows}</table>'
    )


def geometry_studio(image: Image.Image, point: Sequence[float]) -> Explorer:
    """Turn, zoom, shift and mirror a picture; its point (x, y), in pixels, goes along or stays."""
    source = as_data_uri(image)

    def draw(**controls) -> str:
        return draw_geometry(image, point, source, **controls)

    return Explorer(draw, **studio_controls())


def studio_controls() -> dict[str, DOMWidget]:
    """The studio's labelled controls, by the names of draw_geometry's arguments."""
    shift = {"value": 0.0, "min": -1, "max": 1, "step": 0.05}
    return {
        "rotate": slider(FloatSlider, "rotate", value=0.0, min=-180, max=180, step=5),
        "zoom": slider(FloatSlider, "zoom", value=1.0, min=0.5, max=3, step=0.1),
        "shift_x": slider(FloatSlider, "shift x", **shift),
        "shift_y": slider(FloatSlider, "shift y", **shift),
        "flip": Checkbox(value=False, description="flip"),
        "target": ToggleButtons(options=[MOVES, STAYS], value=MOVES, description="target"),
    }
