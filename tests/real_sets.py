"""A data folder with a twin in it, and what has to be true of it after every switch."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from bad_server import STEADY, pascal_files, published

from data_scripts.layouts import check_pascal
from data_scripts.pascal import VERSION
from data_scripts.published.real import RealSet, use_real
from data_scripts.storage import data_home
from lessonlib.engine import catalog

TWIN = f"pascal_twin_v{VERSION}"
NOTES = {"pascal_2007.licence", "pascal_2007.lock"}
PART = {"pascal_2007.tgz.part", "pascal_2007.tgz.part.etag"}


def real_set(data: bytes, *urls: str) -> RealSet:
    """A set whose archive is this, published at these addresses."""
    return RealSet("pascal_2007", published(data, *urls), "The terms.", check_pascal)


def listing(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path in it."""
    files = (path for path in folder.rglob("*") if not path.is_dir())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def gets(real: RealSet, files: dict[str, bytes] | None = None, **options) -> None:
    """The real set is fetched, byte for byte, is in use, and nothing else is left."""
    folder = use_real(real, accept=True, **({"patience": STEADY} | options))
    expected = pascal_files() if files is None else files
    assert {f"pascal_2007/{name}": data for name, data in listing(folder).items()} == expected
    assert catalog.source("pascal") == "real" and catalog.pascal() == folder
    assert {path.name for path in data_home().iterdir()} == {TWIN, "pascal_2007"} | NOTES


def refuses(real: RealSet, message: str, left: Iterable[str] = (), **options) -> str:
    """It raises this message, the twin is in use as before, and only what may be is left."""
    before = listing(data_home() / TWIN)
    with pytest.raises((OSError, ValueError), match=message) as caught:
        use_real(real, accept=True, **({"patience": STEADY} | options))
    assert catalog.source("pascal") == "twin" and listing(catalog.pascal()) == before
    names = {path.name for path in data_home().iterdir()}
    assert names - NOTES == {TWIN} | set(left)
    return str(caught.value)
