"""What is said when worker processes could not load a dataset."""

import io
import pickle
import sys
from multiprocessing import get_start_method
from typing import Any

from lessonlib.guards.teaching import teach


def can_be_sent(dataset: Any, num_workers: int) -> None:
    """TeachingError when worker processes could not make the dataset anew from its pickle."""
    if num_workers == 0 or get_start_method() == "fork":
        return
    file = io.BytesIO()
    pickler = NamesOfNotebook(file)
    try:
        pickler.dump(dataset)
    except Exception as error:  # whatever a learner's object raises
        raise not_sent(
            f"that failed: {error}. A lambda, or a function defined inside another, has no name "
            "to be found by"
        ) from error
    if pickler.found and not hasattr(sys.modules["__main__"], "__file__"):
        raise not_sent(f"{pickler.found[0]} is defined in the notebook, which they do not have")


class NamesOfNotebook(pickle.Pickler):
    """A pickler that remembers which functions and classes are of the program itself."""

    def __init__(self, file: io.BytesIO):
        super().__init__(file)
        self.found: list[str] = []

    def reducer_override(self, thing: Any) -> Any:
        if getattr(thing, "__module__", None) == "__main__" and hasattr(thing, "__qualname__"):
            self.found.append(thing.__qualname__)
        return NotImplemented


def not_sent(why: str) -> Exception:
    return teach(
        f"Worker processes get the dataset by pickling it, and {why}.",
        "define getters with def in a .py file that you import, or use num_workers=0.",
        "03, Getters",
    )
