"""Who may use the cores: a training has them to itself, all other tests share them."""

import os
from contextlib import contextmanager

from filelock import FileLock

from data_scripts.storage import data_home

WAITING = "WORKERS_THAT_WAIT"  # the variable that tells a test's processes whom a training holds up


def lock_of(name):
    folder = data_home() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / f"{name}.lock")


@contextmanager
def busy(worker):
    """While a test of this worker runs. It does not begin while a training has the cores."""
    own = lock_of(worker)
    with lock_of("turnstile"):
        own.acquire()
    try:
        yield
    finally:
        own.release()


@contextmanager
def all_cores():
    """Wait until each of the other workers has finished its test, and hold them up."""
    others = os.environ.get(WAITING, "").split()
    locks = [lock_of(name) for name in ("turnstile", *others)] if others else []
    try:
        for lock in locks:
            lock.acquire()
        yield
    finally:
        for lock in locks:
            lock.release()
