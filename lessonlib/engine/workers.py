"""Processes that load items and stay: each item is always loaded by the same one.

So what a process remembers of its items is of use in the next epoch. The processes are torch's.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch.utils.data

from lessonlib.data import collate


class Workers:
    """num_workers processes with a copy of the dataset each; they start with the first batch."""

    def __init__(self, dataset: Sequence, batches: Sequence[list[int]], num_workers: int):
        self.shares, self.num_workers, self.busy = Shares(batches, num_workers), num_workers, False
        self.loader = torch.utils.data.DataLoader(
            dataset,
            batch_sampler=self.shares,
            collate_fn=share,
            num_workers=num_workers,
            persistent_workers=True,
        )

    def __iter__(self) -> Iterator[tuple]:
        """An epoch of collated batches, in order. Only one at a time."""
        self.busy = True
        try:
            self.shares.asked.clear()
            loaded = iter(self.loader)
            for first in loaded:
                parts = [first, *(next(loaded) for _ in range(self.num_workers - 1))]
                items = [iter(rows(part)) for part in parts]
                positions = self.shares.asked.popleft()
                yield collate([next(items[i % self.num_workers]) for i in positions])
        finally:
            self.busy = False


class Shares:
    """Of each batch the positions for each process: torch hands them out in turn.

    asked: the batches whose items are on their way.
    """

    def __init__(self, batches: Sequence[list[int]], num_workers: int):
        self.batches, self.num_workers = batches, num_workers
        self.asked: deque[list[int]] = deque()

    def __len__(self) -> int:
        return len(self.batches) * self.num_workers

    def __iter__(self) -> Iterator[list[int]]:
        for positions in self.batches:
            self.asked.append(positions)
            for worker in range(self.num_workers):
                yield [i for i in positions if i % self.num_workers == worker]


def share(items: list) -> Any:
    """A process's items of a batch as one message; None when it has none of them."""
    return collate(items) if items else None


def rows(batch: Any) -> Iterable:
    """The items of a collated batch."""
    if isinstance(batch, tuple) and batch and not isinstance(batch[0], str):
        return zip(*map(rows, batch), strict=True)
    return () if batch is None else batch
