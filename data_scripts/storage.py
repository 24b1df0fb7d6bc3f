"""Where data sets live on disk, and building one so that nobody ever sees half of it."""

import csv
import errno
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import reduce
from operator import and_
from pathlib import Path

from filelock import FileLock
from platformdirs import user_data_path

ROOT = Path(__file__).resolve().parents[1]
DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
FULL = {errno.ENOSPC, errno.EDQUOT}
NOT_A_FOLDER = {errno.EEXIST, errno.ENOTDIR}


def data_home() -> Path:
    """The folder of all data sets: LESSONLIB_DATA, else the user's own data folder.

    It may be shared by many, and it may be read-only once its data sets are built.
    """
    return chosen_folder("LESSONLIB_DATA") or user_data_path("lessonlib") / "data"


def chosen_folder(variable: str) -> Path | None:
    """The folder that an environment variable names, if it is set.

    A relative path begins in the folder of the course: a notebook does not run in the folder of
    the terminal, and both have to mean the same one.
    """
    chosen = os.environ.get(variable)
    return ROOT / Path(chosen).expanduser() if chosen else None


def build_once(folder: Path, build: Callable[[Path], object], megabytes: int) -> Path:
    """Return `folder`, after building it if it is not there yet.

    build(temporary) fills an empty folder beside `folder`; only a finished one is renamed to
    `folder`. So a build that is killed leaves nothing that looks finished, and the next call
    starts over. Of two processes, the second waits for the first and takes its folder.
    megabytes: the room that the finished folder takes, for the error message.
    Raises OSError (PermissionError where the system refuses) naming folder, cause and cure.
    """
    folder = Path(folder)
    if folder.is_dir():  # first of all: a finished folder works in a read-only place, without lock
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.with_name(folder.name + ".lock")):
            if not folder.is_dir():
                _build_beside(folder, build)
    except OSError as error:
        raise _explained(error, folder, megabytes) from error
    return folder


@contextmanager
def locked(path: Path, **options) -> Iterator[None]:
    """Hold filelock's lock between programs. OSError where the disk knows no locks."""
    lock = FileLock(path, **options)
    try:
        lock.acquire()
    except NotImplementedError as error:
        raise OSError(errno.ENOLCK, "the disk knows no locks") from error
    try:
        yield
    finally:
        lock.release()


def install(name: str, build: Callable[[Path], object], megabytes: int) -> Path:
    """Build a real data set where the catalog looks for it: data_home() / name.

    Raises FileExistsError when one stands there already, else what build_once raises.
    """
    folder = data_home() / name
    if folder.exists():
        raise FileExistsError(
            f"{folder} is there already. Move it away or delete it, and run this command again."
        )
    return build_once(folder, build, megabytes)


def _build_beside(folder: Path, build: Callable[[Path], object]) -> None:
    """Build in a temporary sibling, which is on the same disk, and rename it."""
    if os.path.lexists(folder):  # a file, or a link to nowhere: it would end the renaming
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    temporary = folder.with_name(folder.name + ".building")
    if temporary.exists():  # we hold the lock, so its builder was killed
        shutil.rmtree(temporary)
    temporary.mkdir()
    try:
        build(temporary)
        rename(temporary, folder)
    except BaseException:  # Ctrl-C too
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def rename(temporary: Path, folder: Path) -> None:
    """os.replace, with patience: a Windows virus scanner holds new files open for a moment."""
    for pause in (0.1, 0.5, 2.0):
        try:
            return os.replace(temporary, folder)
        except PermissionError:
            time.sleep(pause)
    os.replace(temporary, folder)


def write_whole(path: Path, content: bytes, alone: bool = False, like: Path | None = None) -> None:
    """Write a file so that at every moment it is the old one or the new one, never half of it.

    A link stays one: the file behind it is written. Who may read the file stays as it was.
    alone: nobody else writes it now, so one name does for the part, and of what killed programs
    leave there is at most one.
    like: another file; whoever may not read that one shall not read this one either.
    """
    path = behind_link(path)
    part = path.with_name(f"{path.name}.part" if alone else f"{path.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)  # of a killed program; it may be protected from writing
        with part.open("wb") as file:
            with suppress(OSError):  # before there is anything to read; some disks cannot
                models = (path if path.exists() else part, like)
                allow_only(part, [one for one in models if one and one.exists()])
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        rename(part, path)
    except BaseException:
        with suppress(OSError):  # the cause is what matters
            part.unlink(missing_ok=True)
        raise


def allow_only(file: Path, models: Sequence[Path]) -> None:
    """Let a file be read, written and run only by whom each of the models allows it."""
    file.chmod(reduce(and_, (stat.S_IMODE(one.stat().st_mode) for one in models)))


def behind_link(path: Path) -> Path:
    """The file that a link leads to, whether it is there or not; any other path as it is."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def need_room(folder: Path, size: int) -> None:
    """OSError when the disk of `folder` has less than `size` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise OSError(
            f"{folder} needs {as_megabytes(size)} MB, and {as_megabytes(free)} MB are free. Free "
            "the rest, or set the environment variable LESSONLIB_DATA to a folder on another disk."
        )


def as_megabytes(size: int) -> str:
    """A number of bytes for a reader, rounded up: 1637796771 is "1,638"."""
    return f"{-(-size // 1_000_000):,}"


def _explained(error: OSError, folder: Path, megabytes: int) -> OSError:
    """The same error as one sentence with cause and cure; an unknown one comes back as it is.

    So does the error of a file that lies elsewhere, such as an archive or an original to convert.
    """
    if error.filename and not _in_line(Path(error.filename), folder.parent):
        return error
    cure = f"set the environment variable LESSONLIB_DATA to a folder with {megabytes} MB free"
    if error.errno in DENIED:
        return PermissionError(
            f"{folder} cannot be built: {folder.parent} may not be written to. "
            f"Allow it, or {cure} that you may write to."
        )
    if error.errno in FULL:
        return OSError(
            f"{folder} cannot be built: the disk is full. Free {megabytes} MB there, or {cure}."
        )
    if error.errno in NOT_A_FOLDER:
        return OSError(
            f"{folder} cannot be built: {error.filename} is a file, but a folder is needed there. "
            f"Move the file away, or {cure}."
        )
    if error.errno == errno.ENOLCK:
        return OSError(
            f"{folder} cannot be built: the disk of {folder.parent} knows no locks, which keep two "
            f"programs from building at once. To use another disk, {cure}."
        )
    return error


def _in_line(one: Path, other: Path) -> bool:
    """Whether one of two paths is the other, or lies in it."""
    return one.is_relative_to(other) or other.is_relative_to(one)


def write_csv(path: Path, header: str, rows: Iterable[tuple]) -> None:
    """Write rows under a header of names with commas between them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")  # the same bytes on every system
        writer.writerow(header.split(","))
        writer.writerows(rows)
