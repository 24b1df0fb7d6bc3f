"""Runs a learner's code so that the notebook survives whatever it does.

What cannot be stopped from here: a loop that catches every exception (`except:`), a computation
inside C code until it returns, and code that ends the process itself (`os._exit`).
"""

import _thread
import builtins
import copy
import dis
import io
import math
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

import numpy as np
import pandas as pd
import torch
from IPython import get_ipython
from torch import nn

from lessonlib.course.exercises.comparing import whole
from lessonlib.guards.teaching import is_learners

# What answers and the course compute with, beside this library: an answer may overwrite parts.
USED = (copy, math, random, np, pd, pd.DataFrame, pd.Series)
USED += (torch, torch.Tensor, nn, nn.Module, nn.functional)
SECONDS = 5
STUBBORN = (
    "Your code does not stop: it catches every exception, or computes inside a library. Press ■ "
    "(Interrupt the kernel) or, if that does not help, ↻ (Restart the kernel)."
)


class OutOfTime(BaseException):
    """Raised in code that takes too long; no Exception, so that `except Exception` lets it by."""


class Stopped(KeyboardInterrupt):
    """The learner pressed Ctrl-C or ■; a KeyboardInterrupt that code raises itself is no such."""


class Printed(io.TextIOBase):
    """What code printed: the beginning, however much it was."""

    def __init__(self, longest: int = 300):
        self.longest, self.kept, self.count = longest, "", 0

    def write(self, text: str) -> int:
        self.kept += text[: self.longest - len(self.kept)]
        self.count += len(text)
        return len(text)

    def __str__(self) -> str:
        more = self.count - len(self.kept)
        text = self.kept.rstrip("\n").replace("\n", "\n            ")
        return whole(text) + (f" … ({more:,} more characters)" if more else "")


def attempt(function: Callable, arguments: tuple, printed: Printed) -> Any:
    """The function's result, or whatever it raised; names and settings are as before.

    Stopped and OutOfTime get through.
    """
    namespaces = vars(builtins), getattr(function, "__globals__", {})
    before = [(names, names.copy()) for names in namespaces]
    with redirect_stdout(printed), redirect_stderr(printed), usual_settings():
        try:
            return function(*arguments)
        except (OutOfTime, Stopped):
            raise
        except BaseException as error:
            return error
        finally:  # first of all, and without a builtin: that may be what was overwritten
            for names, saved in before:
                names.update(saved)
                for name in names.keys() - saved.keys():
                    del names[name]


@contextmanager
def libraries_as_before() -> Iterator[None]:
    """Undo what an answer overwrites in what it computes with."""
    own = [one for name, one in sys.modules.copy().items() if name.startswith("lessonlib.")]
    before = [(owner, vars(owner).copy()) for owner in (*USED, *own)]
    try:
        yield
    finally:
        for owner, saved in before:
            restore(owner, saved)


def restore(owner: Any, saved: dict[str, Any]) -> None:
    """Give a module its functions and classes back, a class all its own; what is new stays.

    New in a class may not be what it inherits.
    """
    names, bases = vars(owner), getattr(owner, "__mro__", ())[1:]
    for name, value in saved.items():
        if names.get(name) is not value and (bases or callable(value)):
            setattr(owner, name, value)
    for name in names.keys() - saved.keys() if bases else ():
        if any(name in vars(base) for base in bases):
            delattr(owner, name)


@contextmanager
def usual_settings() -> Iterator[None]:
    """Gradients, warnings and numbers as after a start; then those of the notebook are back.

    One thread: for small cases, several wait longer than they compute.
    """
    threads, dtype, depth = (
        torch.get_num_threads(),
        torch.get_default_dtype(),
        sys.getrecursionlimit(),
    )
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float32)
    try:
        with (
            torch.inference_mode(False),
            torch.enable_grad(),
            np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"),
            warnings.catch_warnings(),
        ):
            yield
    finally:
        torch.set_num_threads(threads)
        torch.set_default_dtype(dtype)
        sys.setrecursionlimit(depth)


@contextmanager
def exit_raises() -> Iterator[None]:
    """Let exit() and quit() raise SystemExit; in a notebook they would end the kernel."""
    shell = get_ipython()
    if shell is None:
        yield
        return
    shell.ask_exit = sys.exit
    try:
        yield
    finally:
        del shell.ask_exit  # the class's own is back


@contextmanager
def ctrl_c_stops() -> Iterator[None]:
    """Let Ctrl-C or ■ raise Stopped, also between two calls of `limited`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous or signal.default_int_handler)


def stop(number: int, frame: Any) -> None:
    raise Stopped


def limited(function: Callable[[], Any], seconds: float | None = None) -> Any:
    """Call the function; OutOfTime when it takes longer, Stopped when the learner interrupts.

    Only the main thread can be interrupted, which is where a notebook runs its cells.
    """
    with exit_raises():
        if threading.current_thread() is not threading.main_thread():
            return function()
        return watched(function, SECONDS if seconds is None else seconds)


def watched(function: Callable[[], Any], seconds: float) -> Any:
    """`limited`, in the main thread. A result that is there counts, though the time is up then."""
    watch, result = Watch(seconds), []
    previous = signal.signal(signal.SIGINT, watch.interrupted)
    try:
        try:
            watch.start()
            result.append(function())
        finally:
            watch.over.set()
    except OutOfTime:
        if not result:
            raise
    finally:  # reached even if the time is up between the two
        watch.over.set()
        watch.join()
        signal.signal(signal.SIGINT, previous or signal.default_int_handler)
    return result[0]


class Watch(threading.Thread):
    """Interrupts the main thread when the time is up, and again if that was swallowed."""

    def __init__(self, seconds: float):
        super().__init__(daemon=True)
        self.seconds, self.over, self.late, self.screen = seconds, threading.Event(), 0, sys.stdout

    def run(self) -> None:
        while not self.over.wait(1 if self.late else self.seconds):
            self.late += 1
            if self.late == 3:
                print(STUBBORN, file=self.screen, flush=True)
            interrupt_main()

    def interrupted(self, number: int, frame: Any) -> None:
        """The handler of the signal while the watch runs."""
        if not self.late:
            raise Stopped
        if not self.over.is_set():
            raise OutOfTime


def interrupt_main() -> None:
    """What Ctrl-C does. A real signal, where there are such, wakes a sleeping program too."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    else:
        _thread.interrupt_main()


def is_stub(error: Any) -> bool:
    """Whether it is a `raise NotImplementedError` in the answer itself.

    torch raises the same where a kernel lacks a dtype, and so may what the answer calls.
    """
    if type(error) is not NotImplementedError:
        return False
    steps = [error.__traceback__]
    while steps[-1].tb_next:
        steps.append(steps[-1].tb_next)
    own = [step for step in steps if is_learners(step.tb_frame.f_code.co_filename)]
    last = steps[-1]
    instruction = last.tb_frame.f_code.co_code[last.tb_lasti]
    return own == [last] and instruction == dis.opmap["RAISE_VARARGS"]
