"""Leaks: what stands on both sides of a split."""

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from lessonlib.data import Datasets
from lessonlib.engine.xray import SPLITS
from lessonlib.guards.teaching import teach
from lessonlib.guards.tensors import shortened


def leaks(dsets: Datasets, key: Callable | None = None) -> pd.DataFrame:
    """The groups that stand on both sides of a split: a row each, with how many items on each.

    key: a function of an item. Without it, items with the same file content are a group; the
    first part's getter must give the path of a file then.
    """
    get_key = key or (lambda item: content_hash(dsets.tfms[0][0](item)))
    items = Datasets(dsets.items)
    counts = [Counter(get_key(items[i][0]) for i in split) for split in dsets.splits]
    both = sorted(counts[0].keys() & counts[1].keys())
    return pd.DataFrame(
        {
            name: [count[group] for group in both]
            for name, count in zip(SPLITS, counts, strict=True)
        },
        index=pd.Index(both, name="group"),
    )


def content_hash(path: Any) -> str:
    """A short name for the bytes of a file: equal for copies, whatever they are called.

    Raises TeachingError for what is no path.
    """
    if not isinstance(path, str | Path):
        raise teach(
            f"The first getter gives {shortened(path)}, which is no path of a file to compare.",
            "say what makes a group: leaks(dsets, key=lambda item: …).",
            "03, Leaks",
        )
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
