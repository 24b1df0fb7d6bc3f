"""The exercises of lesson 07: what is right, what it is tried on, what people really write."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from lessonlib.course.exercises.grading import Exercise
from lessonlib.course.exercises.killing import Kill
from lessonlib.geometry import move_points
from lessonlib.losses import mse_loss
from lessonlib.points import scale_points

FURTHER = Exercise(
    solution=380.0,
    working="380.0  # 410 − 320 = 90 from the middle; 90 · 1200 / 1800 = 60; 320 + 60",
    mistakes=(
        ("middle_not_subtracted", 410 * 1200 / 1800),
        ("nearer", 320 + 90 * 1800 / 1200),
        ("distance_from_the_middle", 60.0),
        ("nearer_without_middle", 135.0),
        ("wrong_side", 260.0),
        ("at_2400", 365.0),
        ("does_not_move", 410.0),
    ),
)


def unproject(point, z, intrinsics):
    (fx, _, cx), (_, fy, cy), _ = intrinsics
    x, y = point
    return torch.stack([(x - cx) * z / fx, (y - cy) * z / fy, torch.as_tensor(float(z))])


def without_the_middle(point, z, intrinsics):
    return unproject(point + intrinsics[:2, 2], z, intrinsics)


def without_the_distance(point, z, intrinsics):
    x, y, _ = unproject(point, 1.0, intrinsics)
    return torch.stack([x, y, torch.as_tensor(float(z))])


def without_the_focal_length(point, z, intrinsics):
    return torch.cat([(point - intrinsics[:2, 2]) * z, torch.tensor([float(z)])])


def one_focal_length(point, z, intrinsics):
    x, y, z = unproject(point, z, intrinsics)
    return torch.stack([x, y * intrinsics[1, 1] / intrinsics[0, 0], z])


def one_millimetre_away(point, z, intrinsics):
    return torch.linalg.inv(intrinsics) @ torch.cat([point, torch.ones(1)])


def distance_in_the_product(point, z, intrinsics):
    return torch.linalg.inv(intrinsics) @ torch.cat([point, torch.tensor([float(z)])])


def only_two_numbers(point, z, intrinsics):
    return unproject(point, z, intrinsics)[:2]


COLOUR = torch.tensor([[517.679, 0.0, 320.0], [0.0, 517.679, 240.5], [0.0, 0.0, 1.0]])
OBLONG = torch.tensor([[500.0, 0.0, 300.0], [0.0, 400.0, 200.0], [0.0, 0.0, 1.0]])
UNPROJECT = Exercise(
    solution=unproject,
    cases=(
        (torch.tensor([371.7679, 214.6161]), 1000.0, COLOUR),
        (torch.tensor([330.0, 230.0]), 850.0, COLOUR),
        (torch.tensor([100.0, 400.0]), 900.0, OBLONG),
    ),
    mistakes=(
        ("middle_not_subtracted", without_the_middle),
        ("distance_ignored", without_the_distance),
        ("focal_length_ignored", without_the_focal_length),
        ("one_focal_length", one_focal_length),
        ("two_numbers", only_two_numbers),
        ("one_millimetre_away", one_millimetre_away),
        ("distance_in_the_product", distance_in_the_product),
    ),
    rtol=1e-4,
)


def mirror(points, size):
    _, width = size
    return torch.stack([width - 1 - points[:, 0], points[:, 1]], dim=1)


def mirror_by_width(points, size):
    return torch.stack([size[1] - points[:, 0], points[:, 1]], dim=1)


def mirror_by_height(points, size):
    return mirror(points, size[::-1])


def mirror_upside_down(points, size):
    return torch.stack([points[:, 0], size[0] - 1 - points[:, 1]], dim=1)


def mirror_both(points, size):
    return mirror_upside_down(mirror(points, size), size)


def mirror_scaled(points, size):
    return points * torch.tensor([-1.0, 1.0])


def mirror_rows_first(points, size):
    return mirror(points, size).flip(1)


def mirror_x_alone(points, size):
    return mirror(points, size)[:, :1]


MIRROR = Exercise(
    solution=mirror,
    cases=(
        (torch.tensor([[0.0, 7.0], [2.0, 7.0]]), (10, 4)),  # no exact 0 comes out
        (torch.tensor([[100.5, 20.0], [300.0, 7.0], [0.0, 239.0]]), (240, 320)),
    ),
    mistakes=(
        ("one_too_far", mirror_by_width),
        ("height_for_width", mirror_by_height),
        ("upside_down", mirror_upside_down),
        ("both_turned", mirror_both),
        ("rows_first", mirror_rows_first),
        ("x_alone", mirror_x_alone),
        ("scaled_mirror", mirror_scaled),
    ),
)


@dataclass(frozen=True)
class Mover:
    """A version of move_points with a name, so that a failed check can say which one it was."""

    name: str
    move: Callable

    def __call__(self, points, matrices):
        return self.move(points, matrices)

    def __repr__(self) -> str:
        return f"<a move that {self.name}>"


def forwards(points, matrices):
    return points @ matrices[..., :2].mT + matrices[..., 2].unsqueeze(-2)


def without_shift(points, matrices):
    return points @ torch.linalg.inv(matrices[..., :2]).mT


def shift_last(points, matrices):
    return without_shift(points, matrices) - matrices[..., 2].unsqueeze(-2)


def not_transposed(points, matrices):
    turn, shift = matrices[..., :2], matrices[..., 2]
    return (points - shift.unsqueeze(-2)) @ torch.linalg.inv(turn)


def transposed_only(points, matrices):
    turn, shift = matrices[..., :2], matrices[..., 2]
    return (points - shift.unsqueeze(-2)) @ turn


def clamped(points, matrices):
    return move_points(points, matrices).clamp(-1, 1)


def nothing_moves(points, matrices):
    return points


RIGHT = Mover("is right", move_points)
MUTANTS = (
    Mover("moves nothing", nothing_moves),
    Mover("uses the matrix, not its inverse", forwards),
    Mover("forgets the shift", without_shift),
    Mover("shifts after the turn", shift_last),
    Mover("turns the wrong way round", not_transposed),
    Mover("takes the transpose for the inverse", transposed_only),
    Mover("clamps points to the picture", clamped),
)
PLACES = torch.tensor([[0.5, -0.2], [0.9, 0.9]])
SLANTED = torch.tensor([[0.8, -0.3, 0.2], [0.1, 0.5, -0.4]])
LOOK_RIGHT = torch.tensor([[1.0, 0.0, 0.5], [0.0, 1.0, 0.0]])
FLIP = torch.tensor([[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
QUARTER_TURN = torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0]])
ZOOM = torch.tensor([[0.5, 0.0, 0.0], [0.0, 0.5, 0.0]])
NO_TURN = torch.tensor([[0.5, 0.0, 0.2], [0.0, 0.5, -0.4]])


def is_right(move):
    """Sent back through the matrix, each point has to be where it was, also one that left."""
    points = torch.tensor([[0.5, -0.2], [0.9, 0.9]])
    matrix = torch.tensor([[0.8, -0.3, 0.2], [0.1, 0.5, -0.4]])  # turns, zooms and shifts
    back = move(points, matrix) @ matrix[:, :2].T + matrix[:, 2]
    return torch.allclose(back, points, atol=1e-4)


def agrees(*matrices, points=PLACES):
    """A test that tries these matrices only."""

    def test(move):
        return all(
            torch.allclose(move(points, matrix), move_points(points, matrix), atol=1e-4)
            for matrix in matrices
        )

    return test


def opposite(move):
    return not is_right(move)


def always(move):
    return True


def never(move):
    return False


def expects_the_matrix(move):
    return torch.allclose(move(PLACES, SLANTED), forwards(PLACES, SLANTED), atol=1e-4)


IS_RIGHT = Exercise(
    solution=is_right,
    cases=((RIGHT,), *((mutant,) for mutant in MUTANTS)),
    mistakes=(
        ("flip_only", agrees(FLIP)),
        ("look_right_only", agrees(LOOK_RIGHT)),
        ("turn_only", agrees(QUARTER_TURN)),
        ("zoom_only", agrees(ZOOM)),
        ("one_thing_each", agrees(FLIP, LOOK_RIGHT, ZOOM)),
        ("one_thing_each", agrees(FLIP, LOOK_RIGHT, ZOOM, QUARTER_TURN)),
        ("no_turn", agrees(NO_TURN)),
        ("point_stays", agrees(SLANTED, points=torch.tensor([[0.3, -0.3]]))),
        ("answers_swapped", opposite),
        ("matrix_for_inverse", expects_the_matrix),
        ("always_true", always),
        ("always_false", never),
    ),
)


def split_off(folders, people, name):
    held_out = [people[folder] == people[name] for folder in folders]
    train = [position for position, held in enumerate(held_out) if not held]
    return train, [position for position, held in enumerate(held_out) if held]


def split_off_the_folder(folders, people, name):
    return split_off(folders, {folder: folder for folder in people}, name)


def split_off_swapped(folders, people, name):
    return split_off(folders, people, name)[::-1]


def split_off_names(folders, people, name):
    return tuple([folders[k] for k in part] for part in split_off(folders, people, name))


def split_off_the_other_folder(folders, people, name):
    train, valid = split_off(folders, people, name)
    others = [k for k in valid if folders[k] != name]
    return train, others


def split_off_the_first(folders, people, name):
    train, valid = split_off(folders, people, name)
    return tuple([folders.index(folders[k]) for k in part] for part in (train, valid))


def split_off_masks(folders, people, name):
    held_out = [people[folder] == people[name] for folder in folders]
    return [not held for held in held_out], held_out


def split_off_and_drop(folders, people, name):
    train, valid = split_off(folders, people, name)
    return train, [k for k in valid if folders[k] == name]


THREE = {"1": "Ann", "2": "Bob", "3": "Ann"}
SIX = {"01": "F01", "02": "F02", "13": "M07", "21": "F02", "07": "M01", "22": "M01"}
FRAMES = ["01", "01", "02", "07", "13", "13", "21", "21", "22", "02"]
SPLIT_OFF = Exercise(
    solution=split_off,
    cases=(
        (["1", "2", "3"], THREE, "3"),
        (FRAMES, SIX, "21"),
        (FRAMES, SIX, "13"),
        (FRAMES, SIX, "07"),
    ),
    mistakes=(
        ("folder_only", split_off_the_folder),
        ("parts_swapped", split_off_swapped),
        ("names_for_positions", split_off_names),
        ("folder_lost", split_off_the_other_folder),
        ("other_recording_lost", split_off_and_drop),
        ("folder_for_person", lambda f, p, n: (list(range(len(f))), [])),
        ("first_frame_again", split_off_the_first),
        ("masks_for_positions", split_off_masks),
        ("list_for_tuple", lambda *case: list(split_off(*case))),
    ),
)


def median_error(preds, targets, size):
    height, width = size
    apart = (preds.view(targets.shape) - targets) * torch.tensor([width, height]) / 2
    return apart.norm(dim=-1).median().item()


def error_by_width_first(preds, targets, size):
    return median_error(preds, targets, size[::-1])


def every_pair(preds, targets, size):
    """The broadcast trap with sizes in the right order."""
    apart = (preds - targets) * torch.tensor(size[::-1]) / 2
    return apart.norm(dim=-1).median().item()


def error_with_both_bugs(preds, targets, size):
    return every_pair(preds, targets, size[::-1])


def error_of_unhalved_units(preds, targets, size):
    return 2 * median_error(preds, targets, size)


def error_in_scaled_units(preds, targets, size):
    return (preds.view(targets.shape) - targets).norm(dim=-1).median().item()


def mean_error(preds, targets, size):
    height, width = size
    apart = (preds.view(targets.shape) - targets) * torch.tensor([width, height]) / 2
    return apart.norm(dim=-1).mean().item()


ROW = torch.tensor([[-0.2, 0.0], [0.2, 0.0], [0.6, 0.0]])
FIVE = torch.tensor([[0.1, -0.3], [0.5, 0.2], [-0.4, 0.6], [0.0, 0.0], [-0.8, -0.7]])
OFF = torch.tensor([[0.1, 0.0], [0.0, 0.2], [-0.05, 0.05], [0.3, 0.1], [0.02, -0.4]])
MEDIAN_ERROR = Exercise(
    solution=median_error,
    cases=(
        (ROW, ROW.view(3, 1, 2), (480, 640)),
        (ROW + torch.tensor([0.1, 0.0]), ROW.view(3, 1, 2), (480, 640)),
        (FIVE + OFF, FIVE.view(5, 1, 2), (480, 640)),
        (FIVE + OFF, FIVE.view(5, 1, 2), (100, 300)),
        (FIVE + OFF / 7, FIVE.view(5, 1, 2), (480, 640)),  # no whole number of pixels
    ),
    mistakes=(
        ("both_bugs", error_with_both_bugs),
        ("every_pair", every_pair),
        ("width_first", error_by_width_first),
        ("unhalved_units", error_of_unhalved_units),
        ("scaled_units", error_in_scaled_units),
        ("mean_for_median", mean_error),
    ),
    rtol=1e-4,
)

RMS = Exercise(
    solution=3.6,
    working="3.6  # the root of 0.0009 is 0.03; a unit in y is 240 / 2 = 120 pixels; 0.03 · 120",
    mistakes=(
        ("x_for_y", 4.8),
        ("unhalved_units", 7.2),
        ("width_for_height_unhalved", 14.4),
        ("width_for_height", 9.6),
        ("mse_for_root_unhalved", 0.216),
        ("both_together", 6.0),
        ("scaled_units", 0.03),
        ("mse_for_root", 0.108),
    ),
    rtol=1e-3,
)


def loss_of_pairs(preds, targets):
    return mse_loss(preds.view(targets.shape), targets)


def loss_of_every_pair(preds, targets):
    return ((preds - targets) ** 2).mean()


def is_one_point(points):
    return (points == points[0]).all()


def test_loss(loss):
    preds = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
    assert loss(preds, preds.view(2, 1, 2)) == 0


KILL_EVERY_PAIR = Kill(
    right=loss_of_pairs,
    mutant=loss_of_every_pair,
    solution=test_loss,
    blind=(
        ("one_shape", lambda preds, targets: preds.shape == targets.shape),
        ("one_picture", lambda preds, targets: len(targets) == 1),
        ("all_one_point", lambda preds, targets: is_one_point(targets) or is_one_point(preds)),
    ),
)


def scale_upside_down(points, size):
    return scale_points(points, size) * torch.tensor([1.0, -1.0])


def test_scale(scale):
    corner = torch.tensor([-0.5, -0.5])  # top left, half a pixel before the first centre
    assert scale(corner, (10, 20)).tolist() == [-1.0, -1.0]


KILL_FLIPPED_Y = Kill(
    right=scale_points,
    mutant=scale_upside_down,
    solution=test_scale,
    blind=(("half_height", lambda points, size: (2 * points[..., 1] + 1 == size[0]).all()),),
)
