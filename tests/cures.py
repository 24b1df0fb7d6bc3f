"""How test_cures.py writes a message down: what provokes it, what its cure says, that done."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import lessonlib

ROOT = Path(lessonlib.__file__).parents[1]
PACKAGES = "lessonlib", "data_scripts"


class Case(NamedTuple):
    """where: "module.function" that raises. fault: raises the message. words: a part of its cure,
    as a regular expression. cured: the same call after what the cure says; raises nothing."""

    where: str
    fault: Callable[..., object]
    words: str
    cured: Callable[..., object]

    def try_out(self, *given: object) -> None:
        """given: what both calls get, such as a folder of files."""
        try:
            self.fault(*given)
        except Exception as error:
            message = str(error).replace("\n", " ")
        else:
            raise AssertionError(f"{self.where}: the fault is not noticed")
        assert re.search(self.words, message), message
        self.cured(*given)


@cache
def messages() -> Counter:
    """How many errors each function of the library raises, by "module.function".

    module: such as "models" or "course.commands.copies" (of lessonlib), or
    "data_scripts.published.fetch".
    """
    found = Counter()
    for path in sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = ".".join(parts).removeprefix("lessonlib.")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                raised = [
                    step
                    for step in ast.walk(node)
                    if isinstance(step, ast.Raise) and isinstance(step.exc, ast.Call)
                ]
                found[f"{module}.{node.name}"] += len(raised)
    return +found


def unaccounted(cases: Iterable[Case], elsewhere: dict) -> list[str]:
    """The functions that raise more messages than are tried out or stand in the table."""
    known = Counter(case.where for case in cases)
    known.update({where: count for where, (count, _) in elsewhere.items()})
    return [f"{where}: {n} messages" for where, n in messages().items() if known[where] < n]
