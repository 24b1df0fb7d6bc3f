"""The real data sets: fetched, checked and unpacked out of sight, and switched to by one rename.

A lesson's catalog uses a real set where its folder stands in the data folder. So the switch is a
name: `pascal_2007.building` while it is unpacked, `pascal_2007` while it is in use, and
`pascal_2007.off` while the twin is. Whatever fails before a rename changes nothing.
"""

import argparse
import errno
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from data_scripts.layouts import REAL, check_biwi, check_pascal
from data_scripts.published.archive import Archive, check
from data_scripts.published.fetch import Patience, fetch, forget
from data_scripts.published.unpack import survey, unpack
from data_scripts.storage import build_once, data_home, locked, need_room, rename

MIB = 1 << 20


@dataclass(frozen=True)
class RealSet:
    """A published data set: the archive, the folder in it (here it has the same name), what to
    accept before it is fetched, and the check of its layout: check(folder, cure) raises."""

    top: str
    archive: Archive
    licence: str
    check: Callable[[Path, str], None]

    def folder(self) -> Path:
        """Where it stands while it is in use."""
        return data_home() / self.top

    def aside(self) -> Path:
        """Where it stands while the twin is in use."""
        return data_home() / f"{self.top}.off"

    def accepted(self) -> Path:
        """The file that says that the licence was accepted."""
        return data_home() / f"{self.top}.licence"


# fastai publishes size and md5 of its archives; that md5 is of the first MiB only
PASCAL = RealSet(
    REAL["pascal"],
    Archive(
        "pascal_2007.tgz",
        ("https://s3.amazonaws.com/fast-ai-imagelocal/pascal_2007.tgz",),
        1_637_796_771,
        "433b4706eb7c42bd74e7f784e3fdf244",
        MIB,
    ),
    "PASCAL VOC 2007 are photographs from Flickr. Their owners keep their rights, and whoever uses "
    "them has to respect Flickr's terms of use: https://www.flickr.com/help/terms.",
    check_pascal,
)
BIWI = RealSet(
    REAL["biwi"],
    Archive(
        "biwi_head_pose.tgz",
        ("https://s3.amazonaws.com/fast-ai-imagelocal/biwi_head_pose.tgz",),
        452_316_199,
        "00f4ccf66e8cba184bc292fdc08fb237",
        MIB,
    ),
    "The BIWI Kinect head pose database is for research and education that is not commercial. It "
    "shows the faces of real people: do not pass them on and do not publish them.",
    check_biwi,
)


def add_options(parser: argparse.ArgumentParser) -> argparse._MutuallyExclusiveGroup:
    """The options of a command that can switch between the real set and the twin.

    Returns the group of those that exclude each other.
    """
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--real", action="store_true", help="fetch the real data set and use it")
    which.add_argument("--twin", action="store_true", help="use the twin again, keep the real set")
    parser.add_argument("--archive", type=Path, help="with --real: the archive is this file")
    parser.add_argument("--accept-licence", action="store_true", help="with --real: do not ask")
    return which


def switch(real: RealSet, chosen: argparse.Namespace, twin: Callable[[], Path]) -> Path | None:
    """Do what the options --real and --twin say. Returns the folder in use, None without them.

    Raises OSError or ValueError with cause and cure, the data in use being what it was before.
    """
    if chosen.real:
        return use_real(real, chosen.archive, chosen.accept_licence)
    if chosen.archive or chosen.accept_licence:
        raise ValueError(
            "--archive and --accept-licence go together with --real: add it, or leave them out."
        )
    return use_twin(real, twin) if chosen.twin else None


def use_real(
    real: RealSet,
    archive: Path | None = None,
    accept: bool = False,
    patience: Patience | None = None,
) -> Path:
    """The folder of the real set, after fetching it if it is nowhere on this computer.

    archive: the published one, on disk already; it stays there. accept: the licence is accepted.
    Errors: fetch.fetch, unpack.survey, storage.build_once, layouts; none leaves half a data set.
    """
    folder = real.folder()
    if real.aside().is_dir() and not folder.is_dir():
        real.check(real.aside(), f"Complete {real.aside()}, or delete it and repeat the command.")
        _rename_locked(real, real.aside(), folder)
    elif not folder.is_dir():
        if archive and not archive.is_file():
            raise FileNotFoundError(f"--archive {archive} is not a file: name the archive's.")
        try:
            _agree(real, accept)
            build = partial(_install, real, archive, patience)
            build_once(folder, build, 2 * real.archive.size // 1_000_000)
        except KeyboardInterrupt:
            sys.exit("Stopped. Repeat the command, and it goes on from here.")
    real.check(folder, f"Complete {folder}, or move it away and repeat the command.")
    forget(data_home() / f"{real.archive.name}.part")
    return folder


def use_twin(real: RealSet, twin: Callable[[], Path]) -> Path:
    """The folder of the twin, after putting the real set aside; it is not deleted."""
    folder = twin()  # first: where it cannot be built, the real set stays in use
    if real.folder().is_dir():
        if real.aside().exists():
            raise FileExistsError(f"{real.aside()} is there already. Move it away first.")
        _rename_locked(real, real.folder(), real.aside())
    return folder


def _rename_locked(real: RealSet, old: Path, new: Path) -> None:
    """Rename while no other process builds or renames it."""
    try:
        with locked(real.folder().with_name(f"{real.top}.lock")):  # build_once's
            if old.is_dir():
                rename(old, new)
    except OSError as error:
        cure = f"Close the lessons that use it, and allow writing in {data_home()}."
        if error.errno == errno.ENOLCK:  # nothing forbids the renaming itself
            cure = "End all other programs of the course, and rename it yourself."
        raise OSError(
            f"{old} cannot be renamed to {new.name} ({error.strerror}). {cure}"
        ) from error


def _agree(real: RealSet, accept: bool) -> None:
    """Show the licence until it was accepted once. ValueError when it is not."""
    if real.accepted().exists():
        return
    print(real.licence)
    if accept:
        return
    if not sys.stdin.isatty():
        raise ValueError("Nobody can be asked here. To accept these terms, add --accept-licence.")
    try:
        answer = input("Type yes to accept these terms: ")
    except EOFError:  # Ctrl-D
        answer = ""
    if answer.strip().lower() != "yes":
        raise ValueError("Not accepted: nothing was fetched, and nothing has changed.")


def _install(
    real: RealSet, archive: Path | None, patience: Patience | None, temporary: Path
) -> None:
    """Fill the temporary folder with the checked content of the archive."""
    home = temporary.parent
    real.accepted().write_text(f"Accepted:\n{real.licence}\n", encoding="utf-8")

    def inspect(file: Path) -> None:
        need_room(home, survey(file))

    if archive is None:
        archive = fetch(real.archive, home, inspect, patience)
    else:
        try:
            check(real.archive, archive)
            inspect(archive)
        except ValueError as error:
            cure = "Bring it anew, or leave --archive out: then it is fetched."
            raise ValueError(f"{error} {cure}") from error
    unpack(archive, temporary, real.top)
    cure = "delete it, and repeat the command without --archive."
    real.check(temporary, f"{archive} is not the archive of {real.top}: {cure}")
