"""Pictures with a blob in each colour, at points that are known to a fraction of a pixel."""

import numpy as np
import torch
from PIL import Image

SIGMA = 4.0


def blobs(points, height, width, sigma=SIGMA):
    """Floats 0 to 1 [points, height, width]: around each point (x, y) a round blob."""
    rows, columns = torch.arange(height).view(-1, 1), torch.arange(width).view(1, -1)
    return torch.stack(
        [(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2)).exp() for x, y in points]
    )


def blob_picture(points, height, width, sigma=SIGMA):
    """Three points as an RGB picture: the first one's blob is red, then green, then blue."""
    pixels = blobs(points, height, width, sigma) * 255
    return Image.fromarray(pixels.round().byte().permute(1, 2, 0).numpy())


def centroid(picture, reach=16):
    """Where the blob of a picture [height, width] is: (x, y), from the pixels near its brightest.

    The neighbourhood keeps a mirrored copy at the edge from counting.
    """
    picture = np.asarray(picture)
    row, column = np.unravel_index(picture.argmax(), picture.shape)
    top, left = max(row - reach, 0), max(column - reach, 0)
    weights = picture[top : row + reach + 1, left : column + reach + 1].astype(float)
    rows, columns = np.indices(weights.shape)
    x, y = (weights * columns).sum() / weights.sum(), (weights * rows).sum() / weights.sum()
    return np.array([left + x, top + y])


def well_inside(point, height, width, margin):
    x, y = point
    return margin <= x <= width - 1 - margin and margin <= y <= height - 1 - margin
