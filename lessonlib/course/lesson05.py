"""The exercises of lesson 05: what is asked, what people really write, what to tell them."""

from functools import partial
from math import cos, pi

import torch
from torch import nn

from lessonlib.course.exercises import Exercise
from lessonlib.course.killing import Kill

PARAMETERS = Exercise(
    solution=6148,
    hints=(
        "Pooling has no parameters, but it gives two numbers for each channel.",
        "Batch norm: two for each of 1,024 inputs. Linear: 1,024 for each of 4 outputs, and a "
        "bias for each output.",
    ),
    mistakes=(
        (3076, "You forgot that pooling gives two numbers per channel, so there are 1,024 inputs."),
        (4100, "That is the linear layer alone. The batch norm has parameters too."),
        (6144, "Nearly: each of the four outputs has a bias as well."),
        (5124, "A batch norm has two parameters for each input: a factor and a shift."),
        (2048, "That is the batch norm alone. Add the linear layer."),
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
    hints=(
        "A mean loss of 0.2 over 3 items is a sum of 0.6. What is the sum over all items?",
        "Multiply each loss by its size, add these up, and divide by the number of all items.",
    ),
    mistakes=(
        (
            lambda losses, sizes: sum(losses) / len(losses),
            "That is the average of the averages: a batch of 1 counts as much as a batch of 3.",
        ),
        (
            lambda losses, sizes: epoch_loss(losses, sizes) * sum(sizes),
            "That is the sum over all items. Divide it by how many there are.",
        ),
        (
            lambda losses, sizes: epoch_loss(losses, sizes) * sum(sizes) / len(sizes),
            "You divided by the number of batches. Divide by the number of items.",
        ),
        (
            lambda losses, sizes: sum(losses) / sum(sizes),
            "Each loss is a mean already: multiply it by the size of its batch first.",
        ),
        (
            lambda losses, sizes: epoch_loss(losses[:-1], sizes[:-1]) if losses[1:] else losses[0],
            "The last batch is left out. It is small, but its items count.",
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
    hints=(
        "The first step of the two loops is equal, the second is not. What is left over from the "
        "first?",
        "backward() adds to weight.grad what it finds. The training loop of this lesson has a "
        "fourth line.",
        "After the step: weight.grad = None.",
    ),
    mistakes=(
        (
            train_without_zero_grad,
            "The gradients still add up from batch to batch. There is no optimizer of this "
            "weight, so empty its gradient by hand: weight.grad = None.",
        ),
        (
            train_with_an_optimizer,
            "There is no optimizer here. What zero_grad does, do by hand: weight.grad = None.",
        ),
        (
            train_uphill,
            "The step goes uphill: the gradient says which way is worse, so subtract it.",
        ),
        (
            train_before_looking,
            "The weight never moves: is the gradient emptied before the step instead of after?",
        ),
        (train_with_sums, "Your loss is the sum of the batch. Keep its mean."),
        (train_on_the_first, "Only the first batch is used: is the return inside the loop?"),
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
    hints=(
        "Compute the step of the peak first. Is the step before it or behind it?",
        "Before the peak the rate is lr_max times step / peak: the share of the way up.",
        "Behind it: lr_max · (end − step) / (end − peak), where end is steps − 1.",
    ),
    mistakes=(
        (triangle_of_steps, "Steps count from 0, so the last one is steps − 1, not steps."),
        (
            triangle_with_a_whole_peak,
            "The peak may lie between two steps: take pct_start * (steps - 1) without rounding.",
        ),
        (triangle_of_cosines, "These are half waves of a cosine. Straight lines are asked for."),
        (triangle_in_the_middle, "The peak is in the middle: the argument pct_start is not used."),
        (triangle_that_only_rises, "It never falls. Behind the peak it has to come down to 0."),
        (triangle_from_a_25th, "It starts at lr_max / 25, as one_cycle does. Here it starts at 0."),
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
NOT_PROBABILITIES = (
    (
        lambda logits: logits,
        "These are activations. A sigmoid makes probabilities of them.",
    ),
    (
        lambda logits: logits.softmax(dim=1),
        "Softmax makes the classes compete. Each class has its own yes or no: sigmoid.",
    ),
    (
        lambda logits: logits.sigmoid() > 0.5,
        "That is the decision. The probabilities are asked for, without a threshold.",
    ),
)
PROBABILITIES = Exercise(
    solution=probabilities,
    compared=with_mode,
    cases=(
        (a_model(True), PICTURES),
        (a_model(True), PICTURES[:2] * 3),
        (a_model(False), PICTURES),
    ),
    hints=(
        "In training mode a batch norm takes mean and spread of the batch that it sees.",
        "model.eval() makes it use what it learned. model.training tells the mode to go back to.",
    ),
    mistakes=(
        (
            lambda model, x: model(x).sigmoid(),
            "The model is still in training mode: each answer depends on the rest of the batch.",
        ),
        (
            lambda model, x: model.train()(x).sigmoid(),
            "train() is the wrong way round: answers are asked for in eval mode.",
        ),
        *(
            (partial(asked, leave=mode), "The model comes back in another mode.")
            for mode in (False, True)
        ),
        *(
            (partial(asked, activation=activation, leave=mode), message)
            for activation, message in NOT_PROBABILITIES
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
    hints=(
        "When does the mean of the batches' means differ from the mean of all items?",
        "Take two batches of different sizes and different means, such as [0, 0, 0] and [1].",
    ),
    blind=(
        (
            lambda batches: len({len(batch) for batch in batches}) == 1,
            "Your batches are all of one size: there the mean of the means is right. Make one "
            "shorter.",
        ),
        (
            lambda batches: torch.stack([batch.mean() for batch in batches]).std() < 1e-6,
            "Your batches all have the same mean, and any way of averaging gives that.",
        ),
    ),
    lenient="The two means differ, and your assert accepts both. Work out the right one by hand.",
)

EXERCISES = {
    "parameters": PARAMETERS,
    "epoch_loss": EPOCH_LOSS,
    "train": TRAIN,
    "triangle": TRIANGLE,
    "probabilities": PROBABILITIES,
    "kill_mean_of_means": KILL_MEAN_OF_MEANS,
}
