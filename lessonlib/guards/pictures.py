"""Checks of the files of pictures, with the cause and the cure.

Pillow's decoders raise half a dozen kinds of errors, and none says what to do.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from numbers import Real
from pathlib import Path

from PIL import Image

BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def share_of_area(min_scale: float) -> None:
    """ValueError unless a crop may take such a share of a picture."""
    if not isinstance(min_scale, Real) or not 0 < min_scale <= 1:
        raise ValueError(
            f"min_scale is {min_scale!r}, but it must be above 0 and at most 1. Give 0.5 for crops "
            "of at least half the area."
        )


def at_least(least: float, **values: float) -> None:
    """ValueError when a largest change is below the value that changes nothing."""
    for name, value in values.items():
        if not isinstance(value, Real) or not least <= value < inf:
            raise ValueError(
                f"{name} is {value!r}, but it must be a number of at least {least}. Give {least}, "
                "which changes nothing, or more."
            )


def is_there(path: Path) -> None:
    """FileNotFoundError when there is no such picture, ValueError when its file is empty."""
    if not path.is_file():
        raise FileNotFoundError(f"The picture {path} {why_missing(path)}")
    if path.stat().st_size == 0:
        raise ValueError(
            f"The picture {path} is empty (0 bytes). Copy it anew or remove its row or the file."
        )


def is_open(image: Image.Image) -> None:
    """ValueError when a picture was closed before anybody looked at its pixels."""
    if getattr(image, "tile", []) and getattr(image, "fp", None) is None:
        raise ValueError(
            "The picture is closed. Give its path, or use it inside the block of its `with`."
        )


def why_missing(path: Path) -> str:
    """A folder, a link to nowhere, a number that lost its zeros, or another reason."""
    if path.is_dir():
        return "is a folder, not a file. Is a cell blank where its file name should be?"
    if path.is_symlink():
        return f"is a link to {os.readlink(path)}, which is missing. Mend or remove the link."
    if not path.parent.is_dir():
        return (
            f"is missing, and so is the folder {path.parent}. Is its name right? One that does not "
            "begin at the disk's root is looked for beside this notebook."
        )
    bare = path.name.lstrip("0")
    with_zeros = sorted(p.name for p in path.parent.glob("0*") if p.name.lstrip("0") == bare)
    if with_zeros:
        return (
            f"is missing, but {with_zeros[0]} is there: pandas reads a column of such names as "
            'numbers, without zeros. Say what it is: pd.read_csv(path, dtype={"fname": str}), '
            "with the column's own name for fname."
        )
    return "is missing. Does the file name in the csv match the folder?"


@contextmanager
def explained(name: str | Path) -> Iterator[None]:
    """What Pillow or the system raises inside becomes a ValueError with the cause and the cure."""
    try:
        yield
    except BOMBS:
        raise ValueError(
            f"The picture {name} has more than {Image.MAX_IMAGE_PIXELS:,} pixels and could fill "
            "the memory (a decompression bomb). Make it smaller or remove its row or the file."
        ) from None
    except Exception as error:
        raise ValueError(f"{name} cannot be read as a picture ({error}). {cure(error)}") from error


def cure(error: Exception) -> str:
    if is_the_computers(error):
        return "The picture may be fine: free some memory, or allow yourself to read the file."
    return (
        "It is truncated or something else; copy it anew, save it as a PNG in a program that shows "
        "it, or remove its row or the file."
    )


def is_the_computers(error: BaseException | None) -> bool:
    """Whether the memory or the system is at fault: Pillow's own errors have no number of it."""
    return isinstance(error, MemoryError) or getattr(error, "errno", None) is not None
