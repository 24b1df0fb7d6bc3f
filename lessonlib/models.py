"""New heads for a body, and the parameters in groups. Built in notebooks 05 and 07.

A body turns pictures [batch, 3, height, width] into features [batch, channels, h, w]; a head
turns features into one row of activations per picture.
"""

from typing import TYPE_CHECKING

import torch
from torch import nn

from lessonlib.guards.teaching import teach

if TYPE_CHECKING:
    from lessonlib.engine.loaders import TfmdDataLoaders


class ConcatPool(nn.Module):
    """The largest and the mean value of each channel: [n, c, h, w] to [n, 2c]."""

    def forward(self, features):
        """Features [n, c, h, w] to [n, 2c]."""
        return torch.cat([features.amax(dim=(2, 3)), features.mean(dim=(2, 3))], dim=1)


class SigmoidRange(nn.Module):
    """Activations squeezed into the open interval from low to high."""

    def __init__(self, low: float, high: float):
        super().__init__()
        self.low, self.high = low, high

    def forward(self, x):
        """Activations of any shape, squeezed."""
        return sigmoid_range(x, self.low, self.high)


def sigmoid_range(x, low, high):
    """sigmoid(x) stretched to the open interval from low to high.

    x: float, any shape; low, high: numbers. Built in notebook 07.
    """
    return torch.sigmoid(x) * (high - low) + low


def create_head(channels, n_out, bias=None, y_range=None):
    """Pooling, batch norm, dropout and one linear layer; [n, channels, h, w] to [n, n_out].

    bias: where the activations start, float [n_out], such as the base rates' logits; then an
    untrained head already knows how frequent each class is.
    """
    linear = nn.Linear(2 * channels, n_out)
    nn.init.zeros_(linear.bias)
    if bias is not None:
        linear.bias.data = torch.as_tensor(bias, dtype=torch.float32).clone()
    layers = [ConcatPool(), nn.BatchNorm1d(2 * channels), nn.Dropout(0.25), linear]
    return nn.Sequential(*layers, *([SigmoidRange(*y_range)] if y_range else []))


class SoftArgmax(nn.Module):
    """Where a map is highest: [n, maps, h, w] to scaled points [n, maps, 2], (x, y).

    Each map becomes a heatmap, weights that add up to 1, by the softmax over its cells; the point
    is the mean of the cells' centres with these weights. Built in notebook 07.
    """

    def forward(self, maps):
        """Maps [n, maps, h, w] to points [n, maps, 2]."""
        heat = maps.flatten(2).softmax(dim=2).view(maps.shape)
        rows, columns = (cell_centres(n).to(maps) for n in maps.shape[2:])
        x, y = (heat.sum(dim=2) * columns).sum(dim=2), (heat.sum(dim=3) * rows).sum(dim=2)
        return torch.stack([x, y], dim=2)


def cell_centres(n):
    """The scaled centres of n cells in a row: (2k + 1) / n − 1.

    Returns float [n]. Built in notebook 07.
    """
    return (2 * torch.arange(n) + 1) / n - 1


def create_point_head(channels, n_points=1, y_range=None, hidden=32):
    """A head that keeps positions: a 3×3 layer, one map per point, soft-argmax, a 2×2 layer.

    [n, channels, h, w] to scaled points [n, n_points, 2]. Without the batch norm a body's large
    features make the softmax pick one cell at once, and then it has no slope to learn by. The
    mean of a heatmap hardly reaches the edges, so the last layer may stretch it. It starts at
    1, or before a sigmoid range, whose slope in the middle is a quarter of its width, at
    4.4 / width.
    Built in notebook 07.
    """
    look = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
    stretch = nn.Linear(2, 2)
    stretch.weight.data = torch.eye(2) * (4.4 / (y_range[1] - y_range[0]) if y_range else 1.0)
    nn.init.zeros_(stretch.bias)
    layers = [look, nn.BatchNorm2d(hidden), nn.ReLU(), nn.Conv2d(hidden, n_points, 1), SoftArgmax()]
    return nn.Sequential(*layers, stretch, *([SigmoidRange(*y_range)] if y_range else []))


class VisionModel(nn.Module):
    """A body and a head. While the body is frozen it neither learns nor keeps a graph."""

    def __init__(self, body: nn.Module, head: nn.Module):
        super().__init__()
        self.body, self.head, self.frozen = body, head, False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pictures [n, 3, height, width] to the head's activations, such as [n, classes]."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            features = self.body(x)
        return self.head(features)

    def train(self, mode: bool = True) -> "VisionModel":
        """A frozen body stays in eval mode, so its batch norms keep ImageNet's statistics."""
        super().train(mode)
        self.body.train(mode and not self.frozen)
        return self


def param_groups(model: nn.Module) -> list[list[nn.Parameter]]:
    """The parameters from early to late: the body's two groups and the head; else all in one.

    One that several layers share is in the earliest of their groups.
    """
    if not isinstance(model, VisionModel):
        return [list(model.parameters())]
    groups, known = [], set()
    for part in (*model.body.children(), model.head):
        groups.append([param for param in part.parameters() if param not in known])
        known.update(groups[-1])
    return groups


def base_rate_bias(targets: torch.Tensor) -> torch.Tensor:
    """The logits of each class's share of the targets, [n, classes] multi-hot, to [classes].

    A class that never or always occurs counts as half an item short of that.
    """
    rate = (targets.sum(dim=0) + 0.5) / (len(targets) + 1)
    return torch.log(rate / (1 - rate))


def n_out(dls: "TfmdDataLoaders") -> int:
    """How many activations a model needs for these loaders' targets.

    Raises TeachingError where they are no tensors.
    """
    if dls.vocab is not None:
        return len(dls.vocab)
    target = dls.one_batch()[dls.n_inp]
    if not isinstance(target, torch.Tensor):
        raise teach(
            "The targets are no tensors, so there is nothing to train for.",
            "give the target a block, such as MultiCategoryBlock or RegressionBlock.",
            "03, Other targets",
        )
    return target[0].numel()
