"""How long a training will take on this computer, from timed batches."""

import copy
import time
from typing import TYPE_CHECKING

from lessonlib.engine.bars import duration, html, in_notebook, show_live
from lessonlib.engine.lr_finder import endless, restored

if TYPE_CHECKING:
    from lessonlib.engine.learner import Learner


def say_how_long(learn: "Learner", epochs: int, freeze_epochs: int) -> None:
    """Show how long `fine_tune` will take, unless the learner has a page of its own."""
    if learn.progress_page:
        return
    seconds = epochs * seconds_per_epoch(learn, frozen=False)
    seconds += freeze_epochs * seconds_per_epoch(learn, frozen=True)
    said = f"About {duration(seconds)} in all on this computer, if it stays as busy as now."
    if in_notebook():
        show_live(html(said))
    else:
        print(said, flush=True)


def seconds_per_epoch(learn: "Learner", frozen: bool) -> float:
    """An estimate: batches of validation take about as long as training ones with a frozen body."""
    still = seconds_per_batch(learn, frozen=True)
    moving = still if frozen else seconds_per_batch(learn, frozen=False)
    return moving * len(learn.dls.train) + still * len(learn.dls.valid)


def seconds_per_batch(learn: "Learner", frozen: bool) -> float:
    """The time of one training batch. The learner, and what it draws, stay as they are."""
    trial = copy.copy(learn)  # of a subclass too, whatever that is made from
    trial.model = copy.deepcopy(learn.model)
    trial.set_frozen(frozen)
    for _ in range(2):  # only the second time counts: in the first, pictures are opened
        with restored(trial):
            optimizer, begin = trial.optimizer(1e-6), time.perf_counter()
            trial.step(*next(endless(trial)), optimizer, "the trial")
            seconds = time.perf_counter() - begin
    return seconds
