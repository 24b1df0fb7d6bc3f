"""Which files lie in a folder: linked folders count, what programs hide does not."""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

from data_scripts.layouts import is_hidden


def visible_files(folder: str | Path) -> list[Path]:
    """All files in a folder and the folders in it, without hidden ones.

    A linked folder is one like any other, unless it leads back to where it lies. A folder that
    may not be read is left out with a warning. Raises FileNotFoundError for no folder.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder. Which one holds your pictures?")
    return list(_files_in(folder, frozenset()))


def _files_in(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    """above: the folders that this one lies in, by their real names; a link may lead to one."""
    real = folder.resolve()
    if real in above:
        return
    try:
        entries = list(os.scandir(folder))
    except PermissionError as error:
        warnings.warn(f"{folder} is left out: it cannot be read ({error.strerror}).", stacklevel=4)
        return
    for entry in entries:
        if is_hidden(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False) or (entry.is_symlink() and os.path.isdir(entry)):
            yield from _files_in(folder / entry.name, above | {real, *real.parents})
        else:
            yield folder / entry.name
