"""Where the pixels of a result come from, and where points go: boxes, matrices, one rule.

Places in a picture are (x, y) from −1, the left and top edge, to 1, the right and bottom edge
(align_corners=False). A sampling matrix leads from a place in the result to a place in the
picture; a point goes the other way, by the inverse of the same matrix. Built in notebook 07.
"""

from math import exp, log, sqrt

import torch


def move_points(points, matrices):
    """Where in the result points of a picture are: the inverse of the sampling matrices.

    points: places in the picture, float [..., n, 2]. matrices: [..., 2, 3]. Returns places in the
    result, float [..., n, 2]; those that left it lie outside −1…1. Built in notebook 07.
    """
    turn, shift = matrices[..., :2], matrices[..., 2]
    return (points - shift.unsqueeze(-2)) @ torch.linalg.inv(turn).mT


def box_matrix(box, width, height):
    """The sampling matrix [2, 3] of a result that shows this box of a picture, and nothing else.

    box: (left, top, right, bottom) in pixel edges: the whole picture is (0, 0, width, height).
    Built in notebook 07.
    """
    left, top, right, bottom = box
    row_x = [(right - left) / width, 0.0, (left + right) / width - 1]
    row_y = [0.0, (bottom - top) / height, (top + bottom) / height - 1]
    return torch.tensor([row_x, row_y])


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


def uniform(n, low, high):
    """n random numbers between low and high."""
    return torch.empty(n).uniform_(low, high)


def affine_matrices(n, size, min_scale=1.0, do_flip=True, max_rotate=10.0, max_zoom=1.1):
    """Random sampling matrices [n, 2, 3], one for each picture of a batch.

    A crop of the share s of the area has half the width √s·√r and half the height √s/√r, where
    the distortion r lies between 3/4 and 4/3 unless s is 1. size: (height, width) of the result.
    """
    height, width = size
    share = uniform(n, min_scale, 1)
    ratio = uniform(n, log(3 / 4), log(4 / 3)).exp() if min_scale < 1 else torch.ones(n)
    half_w = (share * ratio).sqrt().clamp(max=1)
    half_h = (share / ratio).sqrt().clamp(max=1)
    center_x, center_y = uniform(n, -1, 1) * (1 - half_w), uniform(n, -1, 1) * (1 - half_h)
    flip = torch.where(torch.rand(n) < 0.5, -1.0, 1.0) if do_flip else torch.ones(n)
    degrees, zoom = uniform(n, -max_rotate, max_rotate), uniform(n, 1, max_zoom)
    return sampling_matrix(half_w, half_h, center_x, center_y, flip, degrees, zoom, width / height)


def center_box(width, height, aspect):
    """The largest centred box (left, top, right, bottom) whose width / height is aspect."""
    w, h = min(width, height * aspect), min(height, width / aspect)
    left, top = (width - w) / 2, (height - h) / 2
    return left, top, left + w, top + h


def pad_box(width, height, out_width, out_height):
    """The box, larger than the picture, that a result with black edges shows.

    The picture takes whole pixels of the result, as with Pillow's ImageOps.pad, and at least one
    in each direction, however narrow it is.
    """
    scale = min(out_width / width, out_height / height)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = round((out_width - w) / 2), round((out_height - h) / 2)
    x, y = width / w, height / h  # pixels of the picture for one of the result
    return -left * x, -top * y, (out_width - left) * x, (out_height - top) * y


def random_crop_box(width, height, min_scale=0.08, ratio=(3 / 4, 4 / 3)):
    """A random box (left, top, right, bottom) in pixels inside a picture.

    Its area is min_scale to 1 of the picture's, evenly drawn; its width / height lies in ratio,
    evenly drawn on a logarithmic scale, so that 4:3 is as likely as 3:4. When ten draws do not
    fit, the largest centred box of an allowed ratio. torch's random numbers are used as in
    torchvision's RandomResizedCrop, so one seed gives the same box.
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
