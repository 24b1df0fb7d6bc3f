"""Every figure of the course. Matplotlib is imported only when something is drawn."""

import io
from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from lessonlib.show.looks import COLOURS, MARKS, PAPER, look
from lessonlib.show.pixels import to_rgb, upright


def style() -> None:
    """Set matplotlib's defaults for the course: size, resolution, colours, a quiet grid."""
    import matplotlib as mpl
    from cycler import cycler

    lines = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
    mpl.rcParams.update(
        {
            "figure.figsize": (7, 3.5),
            "figure.dpi": 80,
            "figure.constrained_layout.use": True,
            # The line style is the second cue beside the colour.
            "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=lines),
            "axes.grid": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "grid.color": "#e8e8e8",
            "image.cmap": "cividis",
        }
    )


def show_images(
    images: Sequence[Any],
    titles: Sequence[str] = (),
    columns: int = 4,
    points: dict[str, Any] | None = None,
) -> None:
    """Draw pictures side by side, each under its title.

    The titles are also the alternative text, for those who cannot see the pictures.
    images: PIL pictures, arrays [height, width, 3] or tensors [3, height, width]
        (uint8, or floats from 0 to 1).
    points: by name, "target" or "prediction", the points of each picture, scaled to −1…1.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display

    columns = min(columns, len(images))
    rows = ceil(len(images) / columns)
    figure, axes = plt.subplots(rows, columns, figsize=(2.4 * columns, 2.3 * rows), squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, image in zip(axes.flat, images, strict=False):
        axis.imshow(as_array(image))
    for axis, title in zip(axes.flat, titles, strict=False):
        axis.set_title(title, fontsize=10)
    for name, of_pictures in (points or {}).items():
        for axis, image, some in zip(axes.flat, images, of_pictures, strict=False):
            draw_points(axis, as_array(image).shape, some, name)
    if points:
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    marked = f" with a {' and a '.join(points)}" if points else ""
    alt = " · ".join(titles).replace("\n", " ").strip(" ·") or f"{len(images)} pictures{marked}"
    display(as_output(figure, alt))


def draw_points(axis: Any, shape: Sequence[int], points: Any, name: str) -> None:
    """Mark the scaled points that lie in a picture of this shape (height, width, …)."""
    from matplotlib.patheffects import withStroke

    height, width = shape[:2]
    x, y = np.asarray(points, dtype=float).reshape(-1, 2).T
    x, y = ((x + 1) * width - 1) / 2, ((y + 1) * height - 1) / 2
    rim = [withStroke(linewidth=5, foreground="white")] if name == "target" else []
    axis.plot(x, y, linestyle="", **MARKS[name], path_effects=rim, label=name)
    axis.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))  # points outside stay outside


def as_output(figure: Any, alt: str) -> Any:
    """A figure for a notebook, closed, or it would be shown again when the cell ends.

    Lines get two pixels for one, so that they are sharp on every screen. A figure with photographs
    is a JPEG: a fifth of a PNG's size.
    """
    import matplotlib.pyplot as plt
    from IPython.display import Image
    from matplotlib.transforms import Bbox

    shown = [image for axis in figure.axes for image in axis.images]
    buffer, photographs = io.BytesIO(), any(np.ndim(image.get_array()) == 3 for image in shown)
    if photographs:  # cut in height only: what is in the middle of its column stays there
        figure.draw_without_rendering()
        tight = figure.get_tightbbox().padded(0.1)
        row = Bbox.from_bounds(0, tight.y0, figure.get_figwidth(), tight.height)
        smaller = {"quality": 65, "optimize": True, "progressive": True}
        figure.savefig(
            buffer, format="jpeg", bbox_inches=Bbox.union([tight, row]), pil_kwargs=smaller
        )
    else:
        figure.savefig(buffer, format="png", bbox_inches="tight", dpi=2 * figure.dpi)
    plt.close(figure)
    return Image(buffer.getvalue(), retina=not photographs, alt=" ".join(alt.split()))


def show_figure(alt: str) -> None:
    """Show the open figure; alt: a text for those who cannot see it."""
    import matplotlib.pyplot as plt
    from IPython.display import display

    if "inline" in plt.get_backend():
        display(as_output(plt.gcf(), alt))
    else:  # no notebook: a window, or nothing
        plt.show()


def show_heatmap(table: pd.DataFrame, title: str, xlabel: str, ylabel: str) -> None:
    """Draw a table of numbers as coloured cells with the numbers in them; NaN is grey.

    table: its index names the rows, its columns name the columns.
    """
    import matplotlib.pyplot as plt

    values = table.to_numpy(dtype=float)
    _, axis = plt.subplots(figsize=(6, 5))
    axis.imshow(values)
    axis.set_facecolor("lightgrey")  # NaN; white would be brighter than the largest number
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axis.set_xticks(range(table.shape[1]), table.columns, rotation=45, ha="right")
    axis.set_yticks(range(table.shape[0]), table.index)
    axis.grid(visible=False)
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value):
            colour = "black" if value > middle else "white"
            axis.text(column, row, f"{value:g}", ha="center", va="center", color=colour)
    rows, columns = (", ".join(map(str, names)) for names in (table.index, table.columns))
    show_figure(f"{title}: a table with the rows {rows} and the columns {columns}")


def as_array(image: Any) -> np.ndarray:
    """A PIL picture, an array or a tensor [3, height, width] as an array [height, width, 3]."""
    if isinstance(image, Image.Image):  # grey would be drawn in matplotlib's colours
        return np.asarray(to_rgb(upright(image)))
    if hasattr(image, "permute"):
        image = image.permute(1, 2, 0).cpu()
    return np.asarray(image)


def plot_curves(
    x: Sequence[float],
    curves: dict[str, Sequence[float]],
    title: str,
    xlabel: str,
    ylabel: str,
    points: Sequence[tuple[float, float, str]] = (),
    log: bool = False,
    log_x: bool = False,
) -> None:
    """Draw named curves over x, with points (x, y, text) on them; log, log_x: logarithmic axes.

    A text stands above its point; where it would meet the text before, on the other side.
    """
    import matplotlib.pyplot as plt

    _, axis = plt.subplots()
    for name, y in curves.items():
        axis.plot(np.asarray(x), np.asarray(y), label=name, **look(name))
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axis.set(xscale="log" if log_x else "linear", yscale="log" if log else "linear")
    axis.get_xlim()  # settles the limits, which transData does not
    left, height = -np.inf, 6
    for x_point, y_point, text in points:
        before, left = left, axis.transData.transform((x_point, y_point))[0]
        height = -8 - height if abs(left - before) < 8 * len(text) + 10 else 6
        axis.plot(x_point, y_point, marker="o", color="black")
        spot, beside = (x_point, y_point), (8, height)
        axis.annotate(text, spot, beside, textcoords="offset points", bbox=PAPER)
    if not log_x and all(float(place).is_integer() for place in x):
        axis.xaxis.get_major_locator().set_params(integer=True)  # there is no epoch 1.5
    axis.legend()
    show_figure(f"{title}: {', '.join(curves)}. Across: {xlabel}; up: {ylabel}")


def plot_bars(
    heights: dict[str, float], title: str, ylabel: str, lines: dict[str, float] | None = None
) -> None:
    """Draw a bar for each name, and named horizontal lines across."""
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots()
    axis.bar(list(heights), list(heights.values()), color=COLOURS[5], edgecolor="black")
    for (name, y), dashes in zip((lines or {}).items(), ("-", "--", ":"), strict=False):
        axis.axhline(y, color=COLOURS[1], linestyle=dashes, label=name)
    if lines:  # the key has a place of its own: it would lie on a bar or a line
        figure.legend(loc="outside lower center", ncols=len(lines))
    axis.set(title=title, ylabel=ylabel)
    lines_named = f"; lines for {', '.join(lines)}" if lines else ""
    show_figure(f"{title}: bars for {', '.join(heights)}{lines_named}. Up: {ylabel}")
