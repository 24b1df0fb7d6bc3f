"""Unpack an archive that a stranger made: only folders and files, and only where they belong.

tarfile reads; the files are written here, because a data set needs less than tarfile can do. Its
filter "data" lets links in, drops the slash of an absolute path instead of refusing it, sets the
modes that the archive says, and is missing before Python 3.11.4. What is written here has no
links, devices, owners or modes.
"""

import gzip
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from tqdm.auto import tqdm

MEMBERS = 100_000  # BIWI has 31,000
DEPTH = 10  # folders within folders
STRETCH = 4  # photographs hardly shrink: an archive that grows more than this is a bomb
BLOCK = 4096  # what a file takes on the disk comes in such pieces
LONGEST = 200  # bytes of a name with its folders; Windows takes some 260 with all that is above
NOT_A_NAME = re.compile(r'.*[<>"|?*].*|.*[. ]|(con|prn|aux|nul|com\d|lpt\d)(\..*)?', re.IGNORECASE)
# tarfile raises ValueError for numbers that are none, RecursionError for heads of heads of heads
UNREADABLE = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, RecursionError)
Member = tuple[tuple[str, ...], tarfile.TarInfo, IO[bytes] | None]  # its path, head and content


class ArchiveError(ValueError):
    """An archive that is damaged, or that holds what no data set needs."""


def survey(file: Path) -> int:
    """Read a whole .tgz without writing anything. Returns the bytes its content takes on a disk.

    Reading to the end also checks gzip's own checksum, which covers every byte.
    Raises ArchiveError naming the file and what is wrong with it.
    """
    with _opened(file, "Checking") as members:
        return sum(-(-member.size // BLOCK) * BLOCK for _, member, _ in members)


def unpack(file: Path, folder: Path, top: str) -> None:
    """Write what lies in the folder `top` of a .tgz into `folder`; the rest of it is left out.

    Raises ArchiveError as `survey` does, OSError when the disk refuses. What is written until then
    stays: call it for a folder that nobody looks at yet.
    """
    with _opened(file, "Unpacking") as members:
        for parts, member, content in members:
            if parts[:1] != (top,) or len(parts) == 1:
                continue
            place = folder.joinpath(*parts[1:])
            if member.isdir():
                place.mkdir(parents=True, exist_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("wb") as target:
                    shutil.copyfileobj(content, target)


@contextmanager
def _opened(file: Path, doing: str) -> Iterator[Iterator[Member]]:
    """The members of a .tgz, with a progress bar. Errors while they are read: ArchiveError."""
    size = file.stat().st_size
    try:
        with file.open("rb") as packed:
            with tqdm.wrapattr(packed, "read", total=size, desc=doing) as watched:
                yield _allowed(gzip.GzipFile(fileobj=watched), STRETCH * size + (1 << 20))
    except ArchiveError as error:
        raise ArchiveError(f"{file} is refused: {error}.") from None
    except UNREADABLE as error:
        raise ArchiveError(f"{file} is damaged or cut off ({error}).") from error


def _allowed(stream: IO[bytes], most: int) -> Iterator[Member]:
    """Every member, after a look at its name and kind; then the rest of the stream."""
    limited, files, folders = _Limited(stream, most), set(), set()
    with tarfile.open(fileobj=limited, mode="r|") as tar:
        for number, member in enumerate(tar, 1):
            if number > MEMBERS:
                raise ArchiveError(f"it holds more than {MEMBERS} files")
            if not 0 <= member.size <= limited.left:  # tarfile would take hours to skip 2**63
                raise ArchiveError(f"{member.name!r} claims {member.size} bytes")
            parts = _parts(member)
            _claim(member, [part.casefold() for part in parts], files, folders)
            yield parts, member, tar.extractfile(member)
    while limited.read(1 << 20):  # behind tar's end: the checksum is at gzip's
        pass


def _parts(member: tarfile.TarInfo) -> tuple[str, ...]:
    """The path of a member within the archive. ArchiveError when it leads elsewhere."""
    plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE)
    if not plain or member.issparse():
        raise ArchiveError(f"{member.name!r} is neither a file nor a folder")
    parts = PurePosixPath(member.name).parts
    outside = member.name.startswith("/") or ".." in parts or len(parts) > DEPTH
    if outside or set(member.name) & set("\\:\0"):  # C:\\x, \\\\server and x.jpg:y of Windows too
        raise ArchiveError(f"{member.name!r} does not lie in the archive's own folders")
    named = member.name.isprintable() and len(member.name.encode()) <= LONGEST
    if not named or any(map(NOT_A_NAME.fullmatch, parts)):
        raise ArchiveError(f"{member.name!r} is a name that not every system can write")
    return parts


def _claim(member: tarfile.TarInfo, parts: list[str], files: set, folders: set) -> None:
    """Note a member's place. ArchiveError when another has it, also where A and a are the same."""
    above, place = {tuple(parts[:end]) for end in range(1, len(parts))}, tuple(parts)
    if above & files or place in files or (place in folders and not member.isdir()):
        raise ArchiveError(f"{member.name!r} stands where another of its files does")
    folders |= above
    (folders if member.isdir() else files).add(place)


class _Limited:
    """A stream that ends in ArchiveError when more than `left` bytes come out of it."""

    def __init__(self, stream: IO[bytes], left: int):
        self.stream, self.left = stream, left

    def read(self, size: int) -> bytes:
        data = self.stream.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise ArchiveError("far more comes out of it than photographs can hold")
        return data
