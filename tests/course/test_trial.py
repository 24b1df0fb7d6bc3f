"""Whatever a learner's code does, `check` answers and the notebook goes on."""

import builtins
import copy
import io
import math
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from jupyter_client.manager import start_new_kernel
from lessons import pretend

from lessonlib import metrics
from lessonlib.course.exercises import asking as exercises
from lessonlib.course.exercises import comparing, trial
from lessonlib.course.exercises.asking import check, grade
from lessonlib.course.exercises.grading import Exercise, judge
from lessonlib.course.exercises.trial import Printed, interrupt_main
from lessonlib.course.progress.history import history

QUICKLY = """
from lessonlib.course import check
from lessonlib.course.exercises import trial
trial.SECONDS = 0.5
"""

pytestmark = pytest.mark.usefixtures("home")


def double(x):
    return 2 * x


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """One exercise, and little patience."""
    exercise = Exercise(double, cases=((1,), (2,)))
    pretend(exercise, monkeypatch)
    monkeypatch.setattr(trial, "SECONDS", 0.2)


@pytest.fixture(autouse=True)
def handler():
    """After every test the handler of Ctrl-C is the one that was there before."""
    before = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) is before


# --- loops


def endless(x):
    while True:
        pass


def endless_but_for_exceptions(x):
    while True:
        try:
            x += 1
        except Exception:
            return 0


def endless_but_for_ctrl_c(x):
    while True:
        try:
            x += 1
        except KeyboardInterrupt:
            return 0


def swallows_once(x):
    try:
        endless(x)
    except BaseException:
        endless(x)


@pytest.mark.parametrize(
    "answer", [endless, endless_but_for_exceptions, endless_but_for_ctrl_c, swallows_once]
)
def test_an_endless_loop_is_stopped_and_its_line_named(answer, capsys):
    check("any", answer)
    said = capsys.readouterr().out
    assert "nothing within" in said and "a loop never end?" in said
    assert "  in:       " in said and "(line " in said
    assert history()[-1]["mistake"] == "no result in time"


def test_windows_way_to_interrupt_stops_a_loop_too(monkeypatch):
    monkeypatch.delattr(signal, "pthread_kill", raising=False)
    assert "nothing within" in grade("any", endless)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="Windows does not wake a sleeper")
def test_a_program_that_sleeps_is_woken():
    begin = time.perf_counter()
    assert "nothing within" in grade("any", lambda x: time.sleep(60))
    assert time.perf_counter() - begin < 30


def test_no_interrupt_is_left_over_when_the_time_is_up_just_as_the_answer_comes(monkeypatch):
    monkeypatch.setattr(trial, "SECONDS", 0.02)
    for hundredths in range(30):

        def almost(x, seconds=0.017 + hundredths / 5000):
            end = time.perf_counter() + seconds / 2
            while time.perf_counter() < end:
                pass
            return 2 * x

        assert grade("any", almost)[0] in "✓✗?"
        time.sleep(0.001)


def test_an_answer_is_charged_with_nothing_but_what_it_takes_itself(monkeypatch):
    """The solution, the answer and a known mistake together take longer than an answer may."""

    def slowly(x):
        time.sleep(0.5)
        return 2 * x

    def tripled(x):
        time.sleep(0.5)
        return 3 * x

    monkeypatch.setattr(trial, "SECONDS", 0.9)
    exercise = Exercise(slowly, ((1,),), (("tripled", tripled),), {"tripled": "Two, not three."})
    assert judge("any", exercise, slowly).state == "right"
    assert "Two, not three." in judge("any", exercise, tripled).text


def test_a_known_mistake_that_is_late_itself_is_not_named():
    exercise = Exercise(double, ((1,),), (("endless", endless),), {"endless": "Not four."})
    verdict = judge("any", exercise, endless)
    assert verdict.state == "not checked" and "Not four." not in verdict.text
    assert "cannot be looked at within 5 seconds. Run the cell again" in verdict.text


def test_what_has_come_counts_though_the_time_is_up_then(monkeypatch):
    real = trial.Watch

    def watch(seconds):
        made = real(seconds)
        real_set = made.over.set

        def interrupted():
            made.over.set = real_set
            raise trial.OutOfTime

        made.over.set = interrupted
        return made

    monkeypatch.setattr(trial, "Watch", watch)
    assert trial.watched(lambda: 5, 60) == 5


def test_a_real_ctrl_c_between_two_steps_gets_out_too():
    class Interrupted(Exercise):
        def verdict(self, exercise_id, answer):
            interrupt_main()
            return super().verdict(exercise_id, answer)

    with pytest.raises(KeyboardInterrupt):
        judge("any", Interrupted(double, ("Add.",), ((1,),)), double)


def test_code_that_catches_everything_is_told_how_to_be_stopped(monkeypatch, capsys):
    waits = iter([False, False, False, False])
    watch = trial.Watch(0)
    monkeypatch.setattr(watch.over, "wait", lambda seconds: next(waits, True))
    monkeypatch.setattr(trial, "interrupt_main", lambda: None)
    watch.run()
    assert capsys.readouterr().out.count("Interrupt the kernel") == 1


def test_in_another_thread_the_answer_is_checked_without_a_limit():
    said = []
    thread = threading.Thread(target=lambda: said.append(grade("any", double)))
    thread.start()
    thread.join()
    assert said == ["✓ any: right"]


# --- Ctrl-C, exit and other exceptions


@pytest.mark.parametrize("answer", [endless, endless_but_for_exceptions])
def test_a_real_ctrl_c_gets_out(answer, monkeypatch):
    monkeypatch.setattr(trial, "SECONDS", 20)
    timer = threading.Timer(0.1, interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt) as caught:
        check("any", answer)
    assert caught.type is KeyboardInterrupt and not history()
    timer.join()


def raises(error):
    def answer(x):
        raise error

    return answer


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        SystemExit(3),
        MemoryError(),
        RecursionError("too deep"),
        GeneratorExit(),
        BaseException("odd"),
        KeyError("labels"),
    ],
)
def test_whatever_is_raised_is_shown_short_with_its_line(error):
    said = grade("any", raises(error)).splitlines()
    assert said[2].startswith(f"  you gave: {type(error).__name__}")
    assert said[3].startswith("  in:       raise error (line ")
    assert len(said) == 5


def test_the_line_is_the_learners_own_not_the_librarys():
    def answer(x):
        return textwrap.dedent(x)

    assert "in:       return textwrap.dedent(x) (line " in grade("any", answer)
    assert "in:  " not in grade("any", int.bit_length.__get__)


def test_a_recursion_without_end_is_an_exception_like_others():
    def answer(x):
        return answer(x)

    assert "RecursionError" in grade("any", answer)


@pytest.mark.parametrize("leave", [sys.exit, builtins.__dict__.get("exit", sys.exit)])
def test_leaving_does_not_leave(leave, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())  # site's exit closes it
    assert "SystemExit" in grade("any", lambda x: leave())


class Hostile:
    """A value that cannot be looked at."""

    def __init__(self, error):
        self.error = error

    def __repr__(self):
        raise self.error

    __eq__ = __str__ = __len__ = __repr__
    __hash__ = None


class Endless:
    def __repr__(self):
        return endless(1)


@pytest.mark.parametrize("value", [Hostile(ValueError()), Hostile(SystemExit()), Endless()])
def test_a_result_that_cannot_be_shown_does_not_get_out(value, capsys):
    check("any", value)
    check("any", lambda x: value)
    said = capsys.readouterr().out
    assert said.count("not yet") + said.count("cannot be looked at") == 2


@pytest.mark.parametrize("error", [SystemExit(), KeyboardInterrupt(), ValueError()])
def test_a_right_answer_that_cannot_be_shown_is_right(error):
    class Doubling(Hostile):
        def __call__(self, x):
            return 2 * x

    check("any", Doubling(error))
    assert history()[-1]["right"] is True and "cannot be shown" in history()[-1]["answer"]


def test_showing_an_answer_takes_no_longer_than_trying_it():
    class Doubling(Endless):
        def __call__(self, x):
            return 2 * x

    check("any", Doubling())
    assert history()[-1]["right"] is True and "OutOfTime" in history()[-1]["answer"]


# --- prints and names


def test_of_a_flood_of_prints_the_beginning_is_shown():
    def answer(x):
        for number in range(3_000):
            print("line", number)
        print("error", file=sys.stderr)
        return 2 * x

    said = grade("any", answer)
    assert said.startswith("✓ any: right\n  printed:  line 0\n            line 1\n")
    assert len(said) < 900 and said.endswith(" more characters)")


def test_what_is_printed_is_counted():
    printed = Printed(longest=5)
    for text in ("ab", "cdef", "g" * 1000):
        printed.write(text)
    assert str(printed) == "abcde … (1,001 more characters)"


THERE = "before"


def test_names_that_an_answer_deletes_or_overwrites_are_as_before():
    def answer(x):
        global THERE, NEW
        NEW = 1
        del THERE
        globals()["grade"] = None
        builtins.isinstance = builtins.len = None
        del builtins.zip
        return 2 * x

    length = len
    assert grade("any", answer) == "✓ any: right"
    assert THERE == "before" and "NEW" not in globals() and grade is not None
    assert len is length and isinstance(1, int) and list(zip([1], [2], strict=True)) == [(1, 2)]


def overwrites(owner, name):
    def answer(x):
        setattr(owner, name, lambda *arguments, **named: True)
        return 0

    return answer


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (torch, "log"),
        (torch.nn.functional, "relu"),
        (torch.Tensor, "sigmoid"),
        (torch.Tensor, "__eq__"),
        (np, "allclose"),
        (pd.Series, "equals"),
        (math, "log"),
        (copy, "deepcopy"),
        (builtins, "isinstance"),
        (comparing, "same"),
        (exercises, "judge"),
        (metrics, "accuracy_multi"),
    ],
)
def test_what_an_answer_overwrites_makes_nothing_right_and_comes_back(owner, name):
    before = getattr(owner, name)
    said = grade("any", overwrites(owner, name))
    assert getattr(owner, name) is before and "not yet" in said
    assert grade("any", double) == "✓ any: right"


def test_a_function_that_an_answer_deletes_comes_back():
    def answer(x):
        del torch.log
        return 2 * x

    assert grade("any", answer) == "✓ any: right" and torch.log(torch.ones(1)) == 0


def test_what_a_library_loads_meanwhile_stays(monkeypatch):
    monkeypatch.delattr(torch, "freshly_loaded", raising=False)

    def answer(x):
        torch.freshly_loaded = 1
        return 2 * x

    assert grade("any", answer) == "✓ any: right" and torch.freshly_loaded == 1
    del torch.freshly_loaded


def settings():
    return (
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.get_default_dtype(),
        torch.get_num_threads(),
        np.geterr(),
        warnings.filters[:],
        sys.getrecursionlimit(),
    )


def strange():
    torch.set_grad_enabled(False)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(2)
    np.seterr(all="raise")
    warnings.simplefilter("error")
    sys.setrecursionlimit(900)


def test_settings_that_an_answer_leaves_are_as_before():
    def answer(x):
        strange()
        return 2 * x

    before = settings()
    assert grade("any", answer) == "✓ any: right"
    assert settings() == before


def test_each_case_begins_with_the_usual_settings_whatever_the_notebook_has(monkeypatch):
    begun = []

    def answer(x):
        begun.append((torch.is_grad_enabled(), torch.tensor(0.5).dtype, np.geterr()["invalid"]))
        strange()
        return 2 * x

    threads = torch.get_num_threads()
    with warnings.catch_warnings(), np.errstate(), torch.no_grad(), torch.inference_mode():
        strange()
        before = settings()
        try:
            assert grade("any", answer) == "✓ any: right"
            assert settings() == before
        finally:
            sys.setrecursionlimit(1000)
            torch.set_default_dtype(torch.float32)
            torch.set_num_threads(threads)
    assert begun == [(True, torch.float32, "warn")] * 2


def test_a_lost_stdout_is_found_again(capsys):
    def answer(x):
        sys.stdout = sys.stderr = None
        return 2 * x

    check("any", answer)
    assert capsys.readouterr().out == "✓ any: right\n"


def test_what_is_compared_may_fail_as_well(monkeypatch):
    exercise = Exercise(double, ((1,),), compared=lambda result, x: result.shape)
    pretend(exercise, monkeypatch)
    assert "not yet" in grade("any", lambda x: type("Shapeless", (), {})())


# --- in a kernel

HOSTILE = (
    "exit()",
    "quit()",
    "import sys; sys.exit(1)",
    "while True: pass",
    "global check; del check",
    "print('x' * 10**7)",
    "import os; os.close(0); raise KeyboardInterrupt",
)


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel(kernel_name="python3", stderr=subprocess.DEVNULL)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def say(client, code):
    """What a cell printed; an error fails the test."""
    texts = []

    def hear(message):
        texts.append(message["content"].get("text", ""))

    reply = client.execute_interactive(code, output_hook=hear, timeout=60)
    assert reply["content"]["status"] == "ok", reply["content"]
    assert not reply["content"]["payload"]  # nothing asks JupyterLab to end the kernel
    return "".join(texts)


def test_a_kernel_survives_whatever_a_cell_defines(kernel):
    say(kernel, f"{QUICKLY}alive = 42")
    for body in HOSTILE:
        said = say(kernel, f"def logit(p):\n    {body}\n\ncheck('04.logit', logit)")
        assert said.startswith("✗ 04.logit: not yet") and len(said) < 2000, body
    assert say(kernel, "print(alive)") == "42\n"


def test_a_kernel_survives_whatever_a_test_for_a_mutant_does(kernel):
    say(kernel, f"{QUICKLY}alive = 42")
    mutant = "04.kill_swapped_where"
    for body in HOSTILE:
        said = say(kernel, f"def test_bce(loss):\n    {body}\n\ncheck('{mutant}', test_bce)")
        assert said.startswith(f"✗ {mutant}: not yet") and len(said) < 2000, body
    body = "import torch\n    loss(torch.ones(1), torch.ones(1))"
    said = say(kernel, f"def test_bce(loss):\n    {body}\n\ncheck('{mutant}', test_bce)")
    assert "There is no assert in your test" in said
    assert say(kernel, "print(alive)") == "42\n"


@pytest.mark.parametrize("leave", ["exit()", "quit()"])
def test_a_value_that_leaves_when_it_is_shown_does_not_end_the_kernel(kernel, leave):
    code = f"class Leaves:\n    def __repr__(self):\n        {leave}\n\n"
    code += "from lessonlib.course import check\nalive = 42\n"
    for answer in ("Leaves()", "lambda p: Leaves()", "lambda p: [Leaves()]"):
        said = say(kernel, f"{code}check('04.logit', {answer})")
        assert said.startswith(("✗", "?"))
        assert say(kernel, "print(alive)") == "42\n"
    mutant = "check('04.kill_swapped_where', lambda loss: loss(Leaves(), 1))"
    assert say(kernel, code + mutant).startswith(("✗", "?"))
    assert say(kernel, "print(alive)") == "42\n"


def test_in_a_kernel_the_line_is_that_of_the_cell(kernel):
    say(kernel, "from lessonlib.course import check")
    said = say(
        kernel,
        "def logit(p):\n    odds = p\n    return odds / 0 + [1][p]\n\n\ncheck('04.logit', logit)",
    )
    assert "  in:       return odds / 0 + [1][p] (line 3)\n" in said
