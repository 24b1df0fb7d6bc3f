"""Points move with their pixels: a blob drawn at the point, and torchvision, are the oracles."""

import numpy as np
import pytest
import torch
from blobs import blob_picture, blobs, centroid, well_inside
from PIL import Image, ImageOps
from torch.nn.functional import affine_grid, grid_sample
from torchvision.transforms.v2 import functional as tv
from torchvision.tv_tensors import Image as TvImage
from torchvision.tv_tensors import KeyPoints

from lessonlib.engine.transforms import (
    RandomGeometry,
    RandomResizedCrop,
    Resize,
    box_matrix,
    pad_box,
)
from lessonlib.geometry import (
    affine_matrices,
    center_box,
    move_points,
    random_crop_box,
    sampling_matrix,
)
from lessonlib.points import scale_points, unscale_points

HEIGHT, WIDTH = 150, 200


def one(**changed):
    """One sampling matrix of a 3:4 picture, of nothing but what is given."""
    numbers = {"half_width": 1, "half_height": 1, "center_x": 0, "center_y": 0, "flip": 1,
               "degrees": 0, "zoom": 1}  # fmt: skip
    numbers = {name: torch.tensor([float(x)]) for name, x in (numbers | changed).items()}
    return sampling_matrix(**numbers, aspect=WIDTH / HEIGHT)


def moved(point, matrix, size=(HEIGHT, WIDTH)):
    """Where a sampling matrix [1, 2, 3] leads a point, in pixels of a result of this size."""
    scaled = scale_points(torch.tensor([[point]]), (HEIGHT, WIDTH))
    return unscale_points(move_points(scaled, matrix), size)[0, 0]


@pytest.mark.parametrize(
    "min_scale, max_rotate, max_zoom", [(1, 0, 1), (1, 30, 1.4), (0.35, 15, 1)]
)
def test_a_blob_stays_within_a_fifth_of_a_pixel_of_its_point(min_scale, max_rotate, max_zoom):
    torch.manual_seed(0)
    points = torch.rand(300, 2) * torch.tensor([WIDTH - 80, HEIGHT - 80]) + 40
    pictures = blobs(points, HEIGHT, WIDTH).unsqueeze(1)
    tfm = RandomGeometry((120, 160), min_scale, max_rotate=max_rotate, max_zoom=max_zoom)
    results, scaled = tfm.move(pictures, scale_points(points, (HEIGHT, WIDTH)).unsqueeze(1))
    places = unscale_points(scaled[:, 0], (120, 160)).numpy()
    errors = [
        np.linalg.norm(centroid(result[0], reach=24) - place)
        for result, place in zip(results, places, strict=True)
        if well_inside(place, 120, 160, 28)
    ]
    assert len(errors) >= 100 and max(errors) < 0.2


@pytest.mark.parametrize("size", [(150, 200), (200, 150), (301, 247), (90, 260)])
@pytest.mark.parametrize(
    "tfm",
    [Resize((96, 128)), Resize((96, 128), "pad"), Resize((96, 128), "squish"), Resize(101, "pad"),
     RandomResizedCrop((96, 128), min_scale=0.5), RandomResizedCrop(90)],
    ids=lambda tfm: f"{type(tfm).__name__}-{getattr(tfm, 'method', '')}{tfm.size[1]}",
)  # fmt: skip
def test_a_blob_stays_with_its_point_in_every_item_transform(tfm, size):
    torch.manual_seed(0)
    seen = 0
    for _ in range(30):
        point = torch.rand(2) * torch.tensor([size[1] - 60, size[0] - 60]) + 30
        picture = blob_picture([point] * 3, *size, sigma=6)
        result, scaled = tfm.move(picture, scale_points(point[None], size))
        place = unscale_points(scaled, tfm.size)[0].numpy()
        if well_inside(place, *tfm.size, 26):
            seen += 1
            distance = centroid(np.asarray(result)[..., 0], 24) - place
            assert np.linalg.norm(distance) < 0.2
    assert seen >= 2


def test_a_flip_agrees_with_torchvision():
    for x, y in [(0.0, 0.0), (10.0, 20.0), (199.0, 149.0), (33.25, 7.5)]:
        theirs = tv.horizontal_flip(KeyPoints([[x, y]], canvas_size=(HEIGHT, WIDTH)))
        torch.testing.assert_close(moved((x, y), one(flip=-1)), theirs[0].as_subclass(torch.Tensor))


def test_a_crop_agrees_with_torchvision():
    torch.manual_seed(0)
    for _ in range(50):
        left, top, right, bottom = box = random_crop_box(WIDTH, HEIGHT, 0.2)
        point = (torch.rand(2) * 140).tolist()
        keypoints = KeyPoints([point], canvas_size=(HEIGHT, WIDTH), dtype=torch.float32)
        size = bottom - top, right - left
        theirs = tv.crop(keypoints, top, left, *size)
        ours = moved(point, box_matrix(box, WIDTH, HEIGHT), size)
        if well_inside(ours, *size, 0):  # torchvision clamps the others to the edge
            torch.testing.assert_close(ours, theirs[0].as_subclass(torch.Tensor), atol=1e-3, rtol=0)


def test_after_a_resize_we_are_where_the_blob_is_and_torchvision_half_a_pixel_off():
    point, size = (61.0, 83.0), (300, 400)
    picture = TvImage(blobs([point], HEIGHT, WIDTH))
    seen = centroid(tv.resize(picture, size, antialias=True)[0], 40)
    theirs = tv.resize(KeyPoints([point], canvas_size=(HEIGHT, WIDTH), dtype=torch.float32), size)
    ours = moved(point, one(), size)
    assert np.linalg.norm(seen - ours.numpy()) < 0.05
    assert 0.6 < np.linalg.norm(seen - theirs[0].numpy()) < 0.8  # half a pixel in x and in y


def test_after_a_turn_we_are_where_the_blob_is_and_turn_as_torchvision_does():
    point = (61.0, 53.0)
    picture = TvImage(blobs([point], HEIGHT, WIDTH))
    turned = tv.rotate(picture, 20, interpolation=tv.InterpolationMode.BILINEAR)
    ours = moved(point, one(degrees=20)).numpy()
    assert np.linalg.norm(centroid(turned[0]) - ours) < 0.05
    theirs = tv.rotate(KeyPoints([point], canvas_size=(HEIGHT, WIDTH), dtype=torch.float32), 20)
    assert 0.1 < np.linalg.norm(theirs[0].numpy() - ours) < 1.5


def test_a_point_goes_where_the_grid_says_that_its_pixel_came_from():
    torch.manual_seed(0)
    matrices = affine_matrices(50, (60, 80), min_scale=0.4, max_rotate=40)
    grid = affine_grid(matrices, [50, 1, 60, 80], align_corners=False)
    rows, columns = torch.randint(0, 60, (50,)), torch.randint(0, 80, (50,))
    sources = grid[torch.arange(50), rows, columns]
    results = unscale_points(move_points(sources.unsqueeze(1), matrices), (60, 80))[:, 0]
    torch.testing.assert_close(results, torch.stack([columns, rows], 1).float(), atol=1e-3, rtol=0)


def test_scaled_places_are_those_of_grid_sample():
    picture = torch.rand(1, 1, 30, 40)
    x, y = torch.meshgrid(torch.arange(40.0), torch.arange(30.0), indexing="xy")
    grid = scale_points(torch.stack([x, y], dim=-1), (30, 40)).unsqueeze(0)
    torch.testing.assert_close(grid_sample(picture, grid, align_corners=False), picture)


def test_several_points_of_a_picture_move_like_single_ones():
    torch.manual_seed(0)
    points, matrices = torch.rand(8, 5, 2) * 2 - 1, affine_matrices(8, (60, 80))
    together = move_points(points, matrices)
    for i in range(8):
        for k in range(5):
            alone = move_points(points[i, k].view(1, 2), matrices[i])
            torch.testing.assert_close(together[i, k], alone[0])


@pytest.mark.parametrize("width, height", [(500, 375), (375, 500), (301, 20), (33, 300), (97, 97)])
@pytest.mark.parametrize("size", [(96, 128), (128, 128), (37, 211)])
def test_resize_cuts_and_pads_as_pillow_does(width, height, size):
    torch.manual_seed(0)
    picture = tv.to_pil_image(torch.rand(3, height, width))
    for method, pillows in (("crop", ImageOps.fit), ("pad", ImageOps.pad)):
        theirs = pillows(picture, size[::-1], Image.Resampling.BILINEAR)
        assert (np.asarray(Resize(size, method)(picture)) == np.asarray(theirs)).all()


def test_boxes_have_the_proportions_asked_for():
    for width, height in [(500, 375), (375, 500), (97, 97)]:
        left, top, right, bottom = center_box(width, height, 4 / 3)
        assert (right - left) / (bottom - top) == pytest.approx(4 / 3)
        assert (left + right, top + bottom) == pytest.approx((width, height))
        left, top, right, bottom = pad_box(width, height, 160, 120)
        assert left <= 0 and top <= 0 and right >= width and bottom >= height
