"""A part of a large data set, so that a lesson keeps its minutes: 2,000 of 5,011 pictures, say.

The offline twins are as large as that part, so of them nothing is left out.
"""

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

from lessonlib.engine.training_time import seconds_per_epoch

if TYPE_CHECKING:
    from lessonlib.engine.learner import Learner


def in_proportion(groups: Iterable[Hashable], most: int) -> list[int]:
    """Positions of `most` items in ascending order, or of all if there are not more.

    groups: the group of each item, such as is_valid, or the recording of a frame. Each group keeps
    its share (to less than one item, but never none), taken evenly from its first item to its
    last. The same arguments always give the same positions.
    """
    members: dict[Hashable, list[int]] = {}
    for position, group in enumerate(groups):
        members.setdefault(group, []).append(position)
    total, before, chosen = sum(map(len, members.values())), 0, []
    if most >= total:
        return list(range(total))
    for places in members.values():
        after = before + len(places)
        keep = max(1, round(after * most / total) - round(before * most / total))
        chosen += [places[(2 * k + 1) * len(places) // (2 * keep)] for k in range(keep)]
        before = after
    return sorted(chosen)


def tell_part(learn: "Learner", total: int, epochs: int, recipe: str) -> None:
    """Print which part of `total` pictures a learner has, how long all would train, and how to
    take all. Prints nothing for a learner that has them all.

    epochs: how often the lesson trains on them. recipe: the name of the function that made learn.
    """
    part = len(learn.dls.dsets)
    if part >= total:
        return
    minutes = epochs * total / part * seconds_per_epoch(learn, frozen=False) / 60
    print(
        f"Your data set has {total:,} pictures. To train with all of them would take at most about "
        f"{max(1, round(minutes)):,} min here (one batch was timed). This lesson takes {part:,} of "
        f"them, in proportion. To take all, write {recipe}(folder, most={total})."
    )
