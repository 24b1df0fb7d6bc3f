"""The exercises of lesson 05: what is right, what it is tried on, what people really write."""

from functools import partial
from math import cos, pi

import torch
from torch import nn

from lessonlib.course.exercises.grading import Exercise
from lessonlib.course.exercises.killing import Kill

PARAMETERS = Exercise(
    solution=6148,
    mistakes=(
        ("one_pooling", 3076),
        ("linear_only", 4100),
        ("bias_forgotten", 6144),
        ("batch_norm_has_two", 5124),
        ("batch_norm_only", 2048),
    ),
)


def epoch_loss(losses, sizes):
    total = sum(loss * size for loss, size in zip(losses, sizes, strict=True))
    return total / sum(sizes)


EPOCH_LOSS = Exercise(
    solution=epoch_loss,
    cases=(
        ([0.2, 0.5], [3, 1]),
        ([0.4, 0.4, 0.1], [64, 64, 2]),
        ([0.5], [7]),
        ([1.0, 0.0], [1, 99]),
    ),
    mistakes=(
        ("mean_of_means", lambda losses, sizes: sum(losses) / len(losses)),
        ("sum_for_mean", lambda losses, sizes: epoch_loss(losses, sizes) * sum(sizes)),
        (
            "divided_by_batches",
            lambda losses, sizes: epoch_loss(losses, sizes) * sum(sizes) / len(sizes),
        ),
        ("unweighted_sum", lambda losses, sizes: sum(losses) / sum(sizes)),
        (
            "last_batch_lost",
            lambda losses, sizes: epoch_loss(losses[:-1], sizes[:-1]) if losses[1:] else losses[0],
        ),
    ),
)


def train(start, batches, lr):
    weight = torch.tensor(start, requires_grad=True)
    for x, y in batches:
        loss = ((weight * x - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            weight -= lr * weight.grad
        weight.grad = None  # what optimizer.zero_grad() does
    return weight.item()


def train_without_zero_grad(start, batches, lr):
    weight, total = start, 0.0
    for x, y in batches:
        total += slope(weight, x, y)
        weight -= lr * total
    return weight


def train_with_an_optimizer(start, batches, lr):
    raise NameError("name 'optimizer' is not defined")


def train_uphill(start, batches, lr):
    return train(start, batches, -lr)


def train_with_sums(start, batches, lr):
    weight = start
    for x, y in batches:
        weight -= lr * slope(weight, x, y) * len(x)
    return weight


def train_before_looking(start, batches, lr):
    return start


def train_on_the_first(start, batches, lr):
    return train(start, batches[:1], lr)


def slope(weight, x, y):
    """The gradient of the mean squared error of weight · x."""
    return (2 * (weight * x - y) * x).mean().item()


TRIPLE = (torch.tensor([1.0, 2.0]), torch.tensor([3.0, 6.0]))
OTHER = (torch.tensor([-1.0, 0.5]), torch.tensor([2.0, 1.0]))
TRAIN = Exercise(
    solution=train,
    cases=((0.0, [TRIPLE] * 20, 0.1), (1.0, [TRIPLE, OTHER, TRIPLE], 0.05), (2.0, [OTHER], 0.1)),
    rtol=1e-4,
    mistakes=(
        ("gradients_add_up", train_without_zero_grad),
        ("optimizer_used", train_with_an_optimizer),
        ("uphill", train_uphill),
        ("emptied_before_the_step", train_before_looking),
        ("sum_for_mean", train_with_sums),
        ("first_batch_only", train_on_the_first),
    ),
)


def triangle(step, steps, lr_max, pct_start):
    peak, end = pct_start * (steps - 1), steps - 1
    if step <= peak:
        return lr_max * step / peak
    return lr_max * (end - step) / (end - peak)


def triangle_of_steps(step, steps, lr_max, pct_start):
    return triangle(step, steps + 1, lr_max, pct_start)


def triangle_with_a_whole_peak(step, steps, lr_max, pct_start):
    end = steps - 1
    return triangle(step, steps, lr_max, int(pct_start * end) / end)


def triangle_of_cosines(step, steps, lr_max, pct_start):
    straight = triangle(step, steps, 1.0, pct_start)
    return lr_max * (1 - cos(pi * straight)) / 2


def triangle_in_the_middle(step, steps, lr_max, pct_start):
    return triangle(step, steps, lr_max, 0.5)


def triangle_that_only_rises(step, steps, lr_max, pct_start):
    return lr_max * step / (pct_start * (steps - 1))


def triangle_from_a_25th(step, steps, lr_max, pct_start):
    rate = triangle(step, steps, lr_max, pct_start)
    return max(rate, lr_max / 25 + rate * 24 / 25) if step < pct_start * (steps - 1) else rate


TRIANGLE = Exercise(
    solution=triangle,
    cases=(
        *((step, 5, 1.0, 0.5) for step in range(5)),
        *((step, 11, 0.003, 0.3) for step in (0, 2, 3, 4, 10)),
        (30, 101, 0.01, 0.75),
        *((step, 6, 1.0, 0.5) for step in (2, 3)),
    ),
    mistakes=(
        ("ends_at_steps", triangle_of_steps),
        ("whole_peak", triangle_with_a_whole_peak),
        ("cosine", triangle_of_cosines),
        ("peak_in_the_middle", triangle_in_the_middle),
        ("only_rises", triangle_that_only_rises),
        ("starts_at_a_25th", triangle_from_a_25th),
    ),
)


def probabilities(model, x):
    mode = model.training
    model.eval()
    with torch.no_grad():
        answer = model(x).sigmoid()
    model.train(mode)
    return answer


def asked(model, x, activation=torch.sigmoid, leave=None):
    """The answer in eval mode; then the model goes back to its own mode, or to `leave`."""
    mode = model.training if leave is None else leave
    answer = activation(model.eval()(x))
    model.train(mode)
    return answer


def with_mode(answer, model, x):
    """What is compared: the answer, and the mode in which the model comes back."""
    return answer, "training mode" if model.training else "eval mode"


def a_model(mode):
    """A batch norm that has seen a few pictures, and a linear layer, with fixed weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2))
        model(torch.randn(8, 3) * 2 + 1)
    return model.train(mode)


PICTURES = torch.tensor([[3.0, 0.0, 1.0], [1.0, -2.0, 0.5]])
NOT_PROBABILITIES = {
    "sigmoid_missing": lambda logits: logits,
    "softmax": lambda logits: logits.softmax(dim=1),
    "decision": lambda logits: logits.sigmoid() > 0.5,
}
PROBABILITIES = Exercise(
    solution=probabilities,
    compared=with_mode,
    cases=(
        (a_model(True), PICTURES),
        (a_model(True), PICTURES[:2] * 3),
        (a_model(False), PICTURES),
    ),
    mistakes=(
        ("training_mode", lambda model, x: model(x).sigmoid()),
        ("modes_swapped", lambda model, x: model.train()(x).sigmoid()),
        *(("mode_changed", partial(asked, leave=mode)) for mode in (False, True)),
        *(
            (name, partial(asked, activation=activation, leave=mode))
            for name, activation in NOT_PROBABILITIES.items()
            for mode in (None, False)
        ),
    ),
)


def mean_of_all(batches):
    return torch.cat(batches).mean()


def mean_of_means(batches):
    return torch.stack([batch.mean() for batch in batches]).mean()


def test_mean_loss(mean_loss):
    batches = [torch.tensor([0.0, 0.0, 0.0]), torch.tensor([1.0])]
    assert mean_loss(batches) == 0.25


KILL_MEAN_OF_MEANS = Kill(
    right=mean_of_all,
    mutant=mean_of_means,
    solution=test_mean_loss,
    blind=(
        ("equal_sizes", lambda batches: len({len(batch) for batch in batches}) == 1),
        (
            "equal_means",
            lambda batches: torch.stack([batch.mean() for batch in batches]).std() < 1e-6,
        ),
    ),
)
