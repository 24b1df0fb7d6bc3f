"""What test_cures.py tries out, in a folder: messages about fetching, switching and building.

A case gets a folder that is new, and in use as LESSONLIB_DATA is home/ in it, with a twin.
"""

import argparse
import errno
import io
import os
import shutil
import sys
from contextlib import contextmanager

from bad_server import STEADY, fails, pascal_files, sends, serving, tgz
from cures import Case
from real_sets import TWIN, real_set

from data_scripts import bears, biwi, pascal
from data_scripts.published import real
from data_scripts.storage import build_once, data_home, install

DATA = tgz(pascal_files())
NOWHERE = "http://127.0.0.1:9/pascal_2007.tgz"
SET = real_set(DATA, NOWHERE)


def brought(folder, data=DATA):
    """The archive on a stick."""
    (folder / "stick.tgz").write_bytes(data)
    return folder / "stick.tgz"


def from_stick(folder, data=DATA):
    return real.use_real(real_set(data, NOWHERE), brought(folder, data), accept=True)


def cut_off(folder):
    real.use_real(SET, brought(folder, DATA[:-9]), accept=True)


def damaged_in_the_middle(folder):
    """Where the published md5 does not look."""
    data = bytearray(DATA)
    data[len(data) // 2] ^= 1
    real.use_real(SET, brought(folder, bytes(data)), accept=True)


def fetched(*answers):
    def fetch(folder, data=DATA):
        with serving(*answers) as server:
            real.use_real(real_set(data, server.url), accept=True, patience=STEADY)

    return fetch


def switched(*options):
    def switch(folder):
        parser = argparse.ArgumentParser()
        real.add_options(parser)
        brought(folder)
        chosen = [str(folder / one) if one == "stick.tgz" else one for one in options]
        real.switch(SET, parser.parse_args(chosen), lambda: data_home() / TWIN)

    return switch


@contextmanager
def typing(text, is_terminal=True):
    """Somebody types, or nobody is there."""
    before, sys.stdin = sys.stdin, io.StringIO(text)
    sys.stdin.isatty = lambda: is_terminal
    try:
        yield
    finally:
        sys.stdin = before


def answered(text, is_terminal=True, *more):
    def answer(folder):
        with typing(text, is_terminal):
            switched("--real", "--archive", "stick.tgz", *more)(folder)

    return answer


def with_a_picture_missing():
    files = pascal_files()
    files.popitem()
    return tgz(files)


def damaged(folder, aside=False):
    """The real set lacks its table, in use or put aside."""
    place = from_stick(folder)
    (place / "train.csv").rename(folder / "train.csv")
    if aside:
        place.rename(SET.aside())
    real.use_real(SET)


def completed(folder):
    place = next(one for one in (SET.folder(), SET.aside()) if one.is_dir())
    (folder / "train.csv").rename(place / "train.csv")
    real.use_real(SET)


def moved_away(folder):
    SET.folder().rename(folder / "elsewhere")
    from_stick(folder)


def deleted(folder):
    shutil.rmtree(SET.aside())
    from_stick(folder)


def two_real_sets(folder):
    from_stick(folder)
    SET.aside().mkdir()
    switched("--twin")(folder)


def one_real_set(folder):
    SET.aside().rename(folder / "elsewhere")
    switched("--twin")(folder)


def build(folder):
    return build_once(data_home() / "built" / "here", lambda temporary: None, 5)


def file_in_the_way(place):
    def built(folder):
        (data_home() / place).parent.mkdir(exist_ok=True)
        (data_home() / place).write_text("", encoding="utf-8")
        build(folder)

    return built


def file_moved_away(place):
    def built(folder):
        (data_home() / place).rename(folder / "away")
        build(folder)

    return built


def refused(number):
    def built(folder):
        def refuse(temporary):
            raise OSError(number, os.strerror(number), str(temporary / "1.jpg"))

        build_once(data_home() / "built" / "here", refuse, 5)

    return built


def elsewhere(folder):
    before = os.environ["LESSONLIB_DATA"]
    os.environ["LESSONLIB_DATA"] = str(folder / "elsewhere")
    try:
        build(folder)
    finally:
        os.environ["LESSONLIB_DATA"] = before


def installed(folder):
    install("built", lambda temporary: None, 5)


def installed_twice(folder):
    installed(folder)
    installed(folder)


ONCE, IN_THE_WAY = "data_scripts.storage.build_once", "Move the file away"
SEEDS = {"seed": 0}, {"seed": 2**32 - 1}
SWITCHING = [
    Case(
        "data_scripts.published.real.switch",
        switched("--archive", "stick.tgz", "--accept-licence"),
        "go together with --real: add it",
        switched("--archive", "stick.tgz", "--accept-licence", "--real"),
    ),
    Case(
        "data_scripts.published.real.switch",
        switched("--twin", "--accept-licence"),
        "or leave them out",
        switched("--twin"),
    ),
    Case(
        "data_scripts.published.real.use_real",
        lambda folder: real.use_real(SET, folder),
        "name the archive's",
        from_stick,
    ),
    Case(
        "data_scripts.layouts._check_csv",
        lambda folder: damaged(folder, aside=True),
        r"Complete .*pascal_2007.off",
        completed,
    ),
    Case(
        "data_scripts.layouts._check_csv",
        lambda folder: damaged(folder, aside=True),
        "or delete it and repeat",
        deleted,
    ),
    Case("data_scripts.layouts._check_csv", damaged, r"Complete .*pascal_2007,", completed),
    Case("data_scripts.layouts._check_csv", damaged, "or move it away and repeat", moved_away),
    Case(
        "data_scripts.layouts._check_pictures",
        lambda folder: from_stick(folder, with_a_picture_missing()),
        "is not the archive of pascal_2007: delete it, and repeat the command without --archive",
        fetched(sends(DATA)),
    ),
    Case("data_scripts.published.real._install", cut_off, "Bring it anew", from_stick),
    Case(
        "data_scripts.published.real._install",
        damaged_in_the_middle,
        "damaged.*leave --archive out",
        fetched(sends(DATA)),
    ),
    Case("data_scripts.published.real.use_twin", two_real_sets, "Move it away first", one_real_set),
    Case(
        "data_scripts.published.real._agree",
        answered("", is_terminal=False),
        "add --accept-licence",
        answered("", False, "--accept-licence"),
    ),
    Case("data_scripts.published.real._agree", answered("no\n"), "Not accepted", answered("yes\n")),
    Case(
        "data_scripts.published.fetch.fetch",
        fetched(fails(503)),
        "Repeat the command later, or in another network. Or",
        fetched(sends(DATA)),
    ),
    Case(
        "data_scripts.published.fetch.fetch",
        fetched(sends(DATA, cut=len(DATA) // 2), fails(503)),
        "it goes on after 1 MB",
        fetched(sends(DATA)),
    ),
    Case(
        "data_scripts.published.fetch.fetch",
        fetched(fails(404)),
        "add --archive and that file",
        switched("--real", "--accept-licence", "--archive", "stick.tgz"),
    ),
]
BUILDING = [
    Case(ONCE, file_in_the_way("built"), IN_THE_WAY, file_moved_away("built")),
    Case(
        "data_scripts.storage._build_beside",
        file_in_the_way("built/here"),
        rf"built.here is a file.*{IN_THE_WAY}",
        file_moved_away("built/here"),
    ),
    *(
        Case(ONCE, fault, r"set the environment variable LESSONLIB_DATA.* 5 MB free", elsewhere)
        for fault in (file_in_the_way("built"), refused(errno.EROFS), refused(errno.ENOSPC))
    ),
    Case(ONCE, refused(errno.EACCES), "Allow it", build),
    Case(ONCE, refused(errno.ENOSPC), "Free 5 MB there", build),
    Case(
        "data_scripts.storage.install",
        installed_twice,
        "Move it away",
        lambda folder: [(data_home() / "built").rename(folder / "away"), installed(folder)],
    ),
    Case(
        "data_scripts.storage.install",
        installed_twice,
        "or delete it",
        lambda folder: [shutil.rmtree(data_home() / "built"), installed(folder)],
    ),
    *(
        Case(
            f"data_scripts.{twin.__name__.partition('.')[2]}.plan",
            lambda folder, twin=twin: twin.plan(0),
            f"count must be at least {least}.*seed between 0 and 4294967295",
            lambda folder, twin=twin, least=least: [twin.plan(least, **seed) for seed in SEEDS],
        )
        for twin, least in {bears: 10, biwi: 24, pascal: 1}.items()
    ),
]
DOWNLOADS = [*SWITCHING, *BUILDING]
