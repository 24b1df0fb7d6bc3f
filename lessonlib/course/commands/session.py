"""The set-up cell that every lesson begins with."""

import random

import numpy as np
import torch
from IPython import get_ipython
from IPython.display import display

from lessonlib.explorers import handles
from lessonlib.show import figures

SEED = 42


def start(lesson: str) -> None:
    """Fix the random numbers and the look of the figures, so that every run shows the same, and
    let sliders say their names.

    lesson: its number as two digits, "04".
    """
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    figures.style()
    if get_ipython():
        display({"text/html": handles.SCRIPT, "text/plain": ""}, raw=True)
    print(f"Lesson {lesson} is ready. Random numbers start from seed {SEED}.")
