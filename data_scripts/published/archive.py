"""What is published about an archive, and the check of a file against it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Archive:
    """A published .tgz: its name here, addresses to try in turn, bytes, and md5 of the first
    `md5_bytes` of them."""

    name: str
    urls: tuple[str, ...]
    size: int
    md5: str
    md5_bytes: int


def check(archive: Archive, file: Path) -> None:
    """ValueError when a file has not the published size or md5."""
    size = file.stat().st_size
    if size != archive.size:
        raise ValueError(
            f"{file} is not {archive.name} of {archive.urls[0]}: "
            f"it has {size:,} bytes instead of {archive.size:,}."
        )
    check_md5(archive, file)


def check_md5(archive: Archive, file: Path) -> None:
    """ValueError when the beginning that the published md5 covers is another."""
    with file.open("rb") as opened:
        found = hashlib.md5(opened.read(archive.md5_bytes), usedforsecurity=False).hexdigest()
    if found != archive.md5:
        raise ValueError(
            f"{file} is not {archive.name} of {archive.urls[0]}: its md5 is wrong, "
            f"{found} instead of {archive.md5}."
        )
