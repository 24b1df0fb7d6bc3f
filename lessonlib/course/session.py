"""The set-up cell that every lesson begins with."""

import random

import numpy as np
import torch

from lessonlib import show

SEED = 42


def start(lesson: str) -> None:
    """Fix the random numbers and the look of the figures, so that every run shows the same.

    lesson: its number as two digits, "04".
    """
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    show.style()
    print(f"Lesson {lesson} is ready. Random numbers start from seed {SEED}.")
