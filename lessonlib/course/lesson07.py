"""The exercises of lesson 07: what is asked, what people really write, what to tell them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from lessonlib.course.exercises import Exercise
from lessonlib.course.killing import Kill
from lessonlib.geometry import move_points
from lessonlib.losses import mse_loss
from lessonlib.points import scale_points

FURTHER = Exercise(
    solution=380.0,
    working="380.0  # 410 − 320 = 90 from the middle; 90 · 1200 / 1800 = 60; 320 + 60",
    hints=(
        "Only the distance from the middle, column 320, shrinks.",
        "It is multiplied by the old distance from the camera over the new one: 1200 / 1800.",
    ),
    mistakes=(
        (410 * 1200 / 1800, "The columns are not counted from the middle: take 320 off first."),
        (320 + 90 * 1800 / 1200, "The other way round: what is further away comes nearer."),
        (60.0, "That is the distance from the middle. In which column is it?"),
        (135.0, "The other way round: it comes nearer. And add the middle again."),
        (260.0, "To the right of the middle it stays to the right."),
        (365.0, "Half as far from the middle: that would be at 2,400 mm."),
        (410.0, "It moves along the camera's axis, not along its own line of sight."),
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
    hints=(
        "Start from u = fx · x / z + cx and solve it for x; likewise for y.",
        "x = (u − cx) · z / fx, where fx is intrinsics[0, 0] and cx is intrinsics[0, 2].",
    ),
    mistakes=(
        (without_the_middle, "Pixels are counted from the corner: take the middle off first."),
        (without_the_distance, "The result does not depend on z: further away, it is further out."),
        (without_the_focal_length, "The focal length is missing: pixels are no millimetres."),
        (one_focal_length, "It works for this camera. Another may have a second focal length, fy."),
        (only_two_numbers, "A place in space has three numbers: give z as well."),
        (one_millimetre_away, "This place is 1 mm away. All three numbers have to be times z."),
        (distance_in_the_product, "The product takes (u, v, 1). Multiply what it gives by z."),
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
    hints=(
        "Where does the first column go? In a picture 4 pixels wide, to which number?",
        "Column 0 becomes column 3, and 3 is width − 1.",
    ),
    mistakes=(
        (mirror_by_width, "One pixel too far: column 0 becomes width − 1, not width."),
        (mirror_by_height, "That is the height. size is (height, width)."),
        (mirror_upside_down, "That turns top to bottom. Left to right changes x."),
        (mirror_both, "Left to right changes x only; y stays."),
        (mirror_rows_first, "x and y are swapped: a point is (x, y), the column first."),
        (mirror_x_alone, "A point has two numbers: give y as well, [n, 2]."),
        (mirror_scaled, "−x is for scaled coordinates. These are pixels, from 0 on."),
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
ONE_EACH = "Each of your matrices does one thing. Take one that turns, zooms and shifts at once."


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
    hints=(
        "A test is as good as its example. Which matrix makes all of these differ: the matrix and "
        "its inverse, the inverse and the transpose, shifting before and after?",
        "Take one that turns, zooms and shifts, such as [[0.8, −0.3, 0.2], [0.1, 0.5, −0.4]], and "
        "a point that leaves the picture, such as (0.9, 0.9).",
        "What must come out? Send the result q through the matrix: T q + s has to be the point "
        "that you started with.",
    ),
    mistakes=(
        (agrees(FLIP), "You try a flip only. It is its own inverse and has no shift."),
        (
            agrees(LOOK_RIGHT),
            "None of your matrices turns and shifts at once: the order of the two goes unnoticed.",
        ),
        (
            agrees(QUARTER_TURN),
            "You try a turn only: its transpose is its inverse, and it has no shift.",
        ),
        (agrees(ZOOM), "You try a zoom only: wrong turns and forgotten shifts go unnoticed."),
        (agrees(FLIP, LOOK_RIGHT, ZOOM), ONE_EACH),
        (agrees(FLIP, LOOK_RIGHT, ZOOM, QUARTER_TURN), ONE_EACH),
        (agrees(NO_TURN), "Your matrix does not turn: the wrong way round goes unnoticed."),
        (
            agrees(SLANTED, points=torch.tensor([[0.3, -0.3]])),
            "Your point stays in the picture: one that clamps goes unnoticed. Try one that leaves.",
        ),
        (opposite, "True and False are swapped: True means that it is right."),
        (expects_the_matrix, "You expect the matrix itself. A point goes by its inverse."),
        (always, "Your test finds nothing: it says True to every version."),
        (never, "Your test says False to every version, also to the right one."),
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
    hints=(
        "Who is it? people[name]. And who is in a frame? people[folder].",
        "A frame is held out when people[folder] == people[name]. enumerate gives the positions.",
    ),
    mistakes=(
        (
            split_off_the_folder,
            "Only the folder is held out. The same person still trains in another one.",
        ),
        (split_off_swapped, "The two lists are swapped: training first."),
        (split_off_names, "These are folders. A splitter gives positions."),
        (split_off_the_other_folder, "The folder itself is nowhere: hold out both recordings."),
        (split_off_and_drop, "The other recording is nowhere: hold it out as well."),
        (
            lambda f, p, n: (list(range(len(f))), []),
            "name is a folder. Who is in it? people[name].",
        ),
        (split_off_the_first, "index gives the first frame of a folder, again and again."),
        (split_off_masks, "These are True and False. Asked are positions: 0, 1, 2 …"),
        (
            lambda *case: list(split_off(*case)),
            "The lists are right, but in a list. Give a tuple: return train, valid.",
        ),
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
    hints=(
        "Print the shape of preds − targets. How many errors should there be for three points?",
        "Give both one shape: preds.view(targets.shape). And which of size's two numbers belongs "
        "to x?",
    ),
    mistakes=(
        (
            error_with_both_bugs,
            "Both bugs are still there: every prediction meets every target, and x meets the "
            "height.",
        ),
        (every_pair, "Every prediction still meets every target: [n, 2] − [n, 1, 2] is [n, n, 2]."),
        (error_by_width_first, "x is multiplied by the height. size is (height, width)."),
        (error_of_unhalved_units, "Twice too large: from −1 to 1 there are two units."),
        (error_in_scaled_units, "That is in scaled units. How many pixels is one, in x and in y?"),
        (mean_error, "That is the mean distance. Asked is the median."),
    ),
    rtol=1e-4,
)

RMS = Exercise(
    solution=3.6,
    working="3.6  # the root of 0.0009 is 0.03; a unit in y is 240 / 2 = 120 pixels; 0.03 · 120",
    hints=(
        "Take the root first: it is in scaled units.",
        "In y, a scaled unit is half the height: 120 pixels.",
    ),
    mistakes=(
        (4.8, "That is x: half of 320 times 0.03. Asked is y."),
        (7.2, "Twice too large. From −1 to 1 there are two units, and the height is 240, not 480."),
        (14.4, "That is 0.03 of 480. The height is 240, and from −1 to 1 there are two units."),
        (9.6, "That is 0.03 of the width. Asked is y, and from −1 to 1 there are two units."),
        (0.216, "That is the MSE times 240. Take the root first; a unit is half the height."),
        (6.0, "That is both together. Asked is y alone."),
        (0.03, "That is the root in scaled units. How many pixels is a unit in y?"),
        (0.108, "That is the MSE times 120. Take the root first."),
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
    hints=(
        "[n, 2] − [n, 1, 2] is [n, n, 2]: how many differences are there for two pictures?",
        "Predictions that are all exactly right cost 0. Does that hold for the mutant, with two "
        "pictures whose points differ?",
    ),
    blind=(
        (
            lambda preds, targets: preds.shape == targets.shape,
            "Your two tensors have one shape. Give predictions [n, 2] and targets [n, 1, 2], as "
            "they come in training.",
        ),
        (
            lambda preds, targets: len(targets) == 1,
            "You tried one picture, and one prediction can only meet one target. Try two.",
        ),
        (
            lambda preds, targets: is_one_point(targets) or is_one_point(preds),
            "Your points are all the same point, so it does not matter which meets which.",
        ),
    ),
    lenient="The two losses differ, and your assert accepts both. Which predictions must cost 0?",
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
    hints=(
        "In pictures y grows downwards. Which of a picture's edges is y = −1?",
        "Take a point near the top, for example (−0.5, −0.5), which is the corner itself. What "
        "must come out?",
    ),
    blind=(
        (
            lambda points, size: (2 * points[..., 1] + 1 == size[0]).all(),
            "At half the height up and down are the same. Try a point near the top.",
        ),
    ),
    lenient="The results differ in y, and your assert does not notice. Which y is at the top?",
)

EXERCISES = {
    "further": FURTHER,
    "unproject": UNPROJECT,
    "mirror": MIRROR,
    "is_right": IS_RIGHT,
    "split_off": SPLIT_OFF,
    "median_error": MEDIAN_ERROR,
    "rms": RMS,
    "kill_every_pair": KILL_EVERY_PAIR,
    "kill_flipped_y": KILL_FLIPPED_Y,
}
