"""Kill the mutant: the learner writes a test that tells a wrong version from the right one.

A mutant dies by an AssertionError of the test, or by an exception that the mutant itself raises,
where a call gave something else than on the right code.
Any other exception of the test does not count: it may be a slip of the one who wrote it.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from lessonlib.course.exercises.comparing import alike, brief
from lessonlib.course.exercises.grading import NONE, Exercise, Mistake, Verdict
from lessonlib.course.exercises.trial import (
    SECONDS,
    OutOfTime,
    Printed,
    attempt,
    is_stub,
    libraries_as_before,
    limited,
)
from lessonlib.guards.teaching import failing_line

RIGHT_FAILS = "Your test fails on the right code"
BREAKS = "Your test breaks on the mutant"
SURVIVES = "The mutant survives: your test cannot tell them apart."
LATE = Mistake(
    "no_result", f"Your test did not end within {SECONDS} seconds. Does a loop never end?"
)
NO_FUNCTION = Mistake("no_function", "A test is a function. Give check its name, without brackets.")
NEVER_CALLED = Mistake(
    "never_called", "Your test never calls the function that it is given as its argument."
)
NO_ASSERT = Mistake("no_assert", "There is no assert in your test, so nothing can make it fail.")
RETURNED = Mistake(
    "returned", "Your test gives something back, and nobody looks at it. Write assert, not return."
)
SAME = Mistake(
    "same_on_both",
    "For all that you tried the two give the same. Try something on which they must differ.",
)
DEMANDS_IT = Mistake(
    "demands_the_mistake", "On the mutant it passes: your test demands the mistake."
)
FAILS_ON_BOTH = Mistake(
    "fails_on_both", "It fails on the mutant as well. Work out by hand what must come out."
)
CHANGES = Mistake(
    "depends_on_chance",
    "Run again, it failed: let nothing in your test depend on chance or on an earlier run.",
)
STUMBLES = Mistake(
    "stumbles",
    "Only an assert, or an error inside the mutant, kills. Say by assert what must come out.",
)
CALLS = 1000  # so many of a test's calls are looked at


class Run(NamedTuple):
    """What came of a test: what it gave or raised, and each call (arguments, named, result)."""

    came: Any
    calls: list[tuple]

    @property
    def failed(self) -> bool:
        return isinstance(self.came, BaseException)


@dataclass(frozen=True, kw_only=True)
class Kill(Exercise):
    """An exercise whose answer is a test: a function of one argument, the function to test.

    solution: a test that passes on `right` and fails on `mutant`.
    blind: pairs of a mistake's id and a condition on the arguments: where all calls of a test
        fulfil it, the mutant survives.
    told: beside those mistakes "lenient": what else to tell a test that accepts two results
        which differ.
    """

    right: Callable
    mutant: Callable
    blind: tuple[tuple[str, Callable], ...]

    def verdict(self, exercise_id: str, answer: Any) -> Verdict:
        """Run the test on the right code, on the mutant, and on the right code again."""
        printed, versions = Printed(), (self.right, self.mutant, self.right)
        try:
            right, mutant, again = limited(
                lambda: [
                    run(answer, version, page)
                    for version, page in zip(versions, (printed, Printed(), Printed()), strict=True)
                ]
            )
        except OutOfTime as error:
            shown, mistake = place(error), LATE
        else:
            if answer is None or is_stub(right.came):
                return Verdict("not tried yet", f"○ {exercise_id}: not tried yet")
            shown, mistake = limited(lambda: self.wrong_with(answer, right, mutant, again))
        state, mark = ("not yet", "✗") if mistake else ("right", "✓")
        note = [f"printed:  {printed}"] if printed.count else []
        told = [mistake.text] if mistake else []
        lines = [f"{mark} {exercise_id}: {state}", *shown, *note, *told]
        return Verdict(state, "\n  ".join(lines), mistake or NONE)

    def wrong_with(
        self, answer: Any, right: Run, mutant: Run, again: Run
    ) -> tuple[list, Mistake | None]:
        """Lines about a test, and its mistake; None when it kills."""
        if not callable(answer):
            return [], NO_FUNCTION
        if right.failed or again.failed:
            error = right.came if right.failed else again.came
            return [f"{RIGHT_FAILS}: {brief(error)}", *place(error)], on_the_right(right, mutant)
        if not mutant.failed:
            shown, mistake = self.missed_by(answer, right, mutant)
            return [SURVIVES, *shown], mistake
        own = any(mutant.came is result for *_, result in mutant.calls)
        if own or isinstance(mutant.came, AssertionError):
            seen = self.differing(right, mutant) or len(mutant.calls) >= CALLS
            return [], None if seen else CHANGES
        return [f"{BREAKS}: {brief(mutant.came)}", *place(mutant.came)], STUMBLES

    def missed_by(self, test: Callable, right: Run, mutant: Run) -> tuple[list[str], Mistake]:
        """Of a test that passes on both: a call of it with both results, and its mistake."""
        pairs = list(zip(right.calls, mutant.calls, strict=False))
        if not pairs:
            return [], NEVER_CALLED
        if not asserts(test):
            return [], NO_ASSERT if right.came is None else RETURNED
        differing = self.differing(right, mutant)
        (arguments, named, one), (*_, other) = (differing or pairs)[0]
        given = [*map(brief, arguments), *(f"{name}={brief(x)}" for name, x in named.items())]
        shown = [
            "for:      " + ", ".join(given),
            f"right:    {brief(one)}",
            f"mutant:   {brief(other)}",
        ]
        for name, asked in self.blind:
            if all(map(fulfils(asked), right.calls)):
                return shown, self.mistake(name)
        return shown, self.mistake("lenient") if differing else SAME

    def differing(self, right: Run, mutant: Run) -> list[tuple]:
        """The calls that gave something else on the mutant: what no test can do without."""
        pairs = zip(right.calls, mutant.calls, strict=False)
        return [pair for pair in pairs if not alike(pair[0][2], pair[1][2], self.rtol)]


def run(test: Any, version: Callable, printed: Printed) -> Run:
    """Let a test loose on one version of the function, and note how it calls it."""
    calls = []

    def suspect(*arguments, **named):
        try:
            result = version(*arguments, **named)
        except Exception as error:
            calls.append((arguments, named, error))
            raise
        calls.append((arguments, named, result))
        del calls[CALLS:]
        return result

    with libraries_as_before():
        return Run(attempt(test, (suspect,), printed), calls)


def on_the_right(right: Run, mutant: Run) -> Mistake:
    """The mistake of a test that fails on the right code."""
    if not right.failed:
        return CHANGES
    if not isinstance(right.came, AssertionError):
        raised = type(right.came).__name__
        return Mistake("raised", f"It raised {raised} before it could say anything.")
    if not right.calls:
        return NEVER_CALLED
    return FAILS_ON_BOTH if mutant.failed else DEMANDS_IT


def fulfils(asked: Callable) -> Callable[[tuple], bool]:
    """Whether a call fulfils a condition on its arguments; not if it cannot even be asked."""

    def holds(call: tuple) -> bool:
        arguments, named, _ = call
        try:
            return bool(asked(*arguments, **named))
        except Exception:
            return False

    return holds


def place(error: BaseException) -> list[str]:
    """The learner's line that led to an error, if there is one."""
    line = failing_line(error)
    return [f"in:       {line}"] if line else []


def asserts(test: Callable) -> bool:
    """Whether a test can fail on purpose; True where its source is not known."""
    try:
        tree = ast.dump(ast.parse(textwrap.dedent(inspect.getsource(test))))
    except Exception:
        return True
    return any(sign in tree for sign in ("Assert(", "Raise(", "id='assert", "attr='assert"))
