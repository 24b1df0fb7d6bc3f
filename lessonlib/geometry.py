"""Where the pixels of a result come from, and where points go: boxes, matrices, one rule.

Places in a picture are (x, y) from −1, the left and top edge, to 1, the right and bottom edge
(align_corners=False). A sampling matrix leads from a place in the result to a place in the
picture; a point goes the other way, by the inverse of the same matrix. Built in notebook 07.
"""

from math import exp, log, sqrt

import torch


def in_picture(points):
    """Which scaled points lie in the picture or on its edge: float [..., 2] to bool [...].

    Built in notebook 07.
    """
    return (points.abs() <= 1).all(dim=-1)


def move_points(points, matrices):
    """Where in the result points of a picture are: the inverse of the sampling matrices.

    points: places in the picture, float [..., n, 2]. matrices: [..., 2, 3]. Returns places in the
    result, float [..., n, 2]; those that left it lie outside −1…1. Built in notebook 07.
    """
    turn, shift = matrices[..., :2], matrices[..., 2]
    return (points - shift.unsqueeze(-2)) @ torch.linalg.inv(turn).mT


def sampling_matrix(half_width, half_height, center_x, center_y, flip, degrees, zoom, aspect):
    """Sampling matrices [n, 2, 3]: a crop, and within it a flip, a turn and a zoom.

    All are floats [n] but aspect, the result's width / height. half_width, half_height, center_x,
    center_y: the crop, as places in the picture. flip: −1 mirrors, 1 does not. degrees: the
    picture turns counter-clockwise. zoom: 1 for none, 2 for twice as large.
    The turn is one in pixels, so x is stretched by the aspect before it and back after it.
    Built in notebook 07.
    """
    angle = degrees.deg2rad()
    cos, sin = angle.cos() / zoom, angle.sin() / zoom
    row_x = [half_width * flip * cos, -half_width * sin / aspect, center_x]
    row_y = [half_height * flip * sin * aspect, half_height * cos, center_y]
    return torch.stack([torch.stack(row_x, dim=1), torch.stack(row_y, dim=1)], dim=1)


def _uniform(n, low, high):
    """n random numbers between low and high."""
    return torch.empty(n).uniform_(low, high)


def affine_matrices(n, size, min_scale=1.0, do_flip=True, max_rotate=10.0, max_zoom=1.1):
    """Random sampling matrices [n, 2, 3], one for each picture of a batch.

    A crop of the share s of the area has half the width √s·√r and half the height √s/√r, where
    the distortion r lies between 3/4 and 4/3 unless s is 1. size: (height, width) of the result.
    """
    height, width = size
    share = _uniform(n, min_scale, 1)
    ratio = _uniform(n, log(3 / 4), log(4 / 3)).exp() if min_scale < 1 else torch.ones(n)
    half_w = (share * ratio).sqrt().clamp(max=1)
    half_h = (share / ratio).sqrt().clamp(max=1)
    center_x, center_y = _uniform(n, -1, 1) * (1 - half_w), _uniform(n, -1, 1) * (1 - half_h)
    flip = torch.where(torch.rand(n) < 0.5, -1.0, 1.0) if do_flip else torch.ones(n)
    degrees, zoom = _uniform(n, -max_rotate, max_rotate), _uniform(n, 1, max_zoom)
    return sampling_matrix(half_w, half_h, center_x, center_y, flip, degrees, zoom, width / height)


def center_box(width, height, aspect):
    """The largest centred box (left, top, right, bottom) whose width / height is aspect."""
    w, h = min(width, height * aspect), min(height, width / aspect)
    left, top = (width - w) / 2, (height - h) / 2
    return left, top, left + w, top + h


def random_crop_box(width, height, min_scale=0.08, ratio=(3 / 4, 4 / 3)):
    """A random box (left, top, right, bottom) in pixels inside a picture.

    Its area is min_scale to 1 of the picture's, evenly drawn; its width / height lies in ratio,
    evenly drawn on a logarithmic scale, so that 4:3 is as likely as 3:4. When ten draws do not fit,
    the largest centred box of an allowed ratio. torch's random numbers are used as in torchvision's
    RandomResizedCrop, so one seed gives the same box. width, height: whole numbers of pixels, as
    the four of the box. Built in notebook 03.
    """
    low, high = ratio
    for _ in range(10):
        area = width * height * torch.empty(1).uniform_(min_scale, 1).item()
        aspect = exp(torch.empty(1).uniform_(log(low), log(high)).item())
        w, h = round(sqrt(area * aspect)), round(sqrt(area / aspect))
        if 0 < w <= width and 0 < h <= height:
            top = torch.randint(0, height - h + 1, (1,)).item()
            left = torch.randint(0, width - w + 1, (1,)).item()
            return left, top, left + w, top + h
    w, h = min(width, round(height * high)), min(height, round(width / low))
    left, top = (width - w) // 2, (height - h) // 2
    return left, top, left + w, top + h
