"""Who reads a docstring of the library learns shapes and errors; of a formula also its source."""

import ast
import re

import pytest
from sources import BUILT, LIBRARY

FILES = [*BUILT, *sorted((LIBRARY / "engine").glob("[!_]*.py"))]
SHAPE = re.compile(r"\[[^\]]*\]|shape|0-d|numbers?\b")
ERRORS = re.compile(r"Error|[Rr]aises")


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def named_calls(node):
    return {call.func.id for call in calls(node) if isinstance(call.func, ast.Name)}


def calls(node):
    return (part for part in ast.walk(node) if isinstance(part, ast.Call))


def raising_guards():
    """The guards that may raise, themselves or by another."""
    guards = {
        node.name: node
        for path in (LIBRARY / "guards").glob("*.py")
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef)
    }
    found = {
        name
        for name, node in guards.items()
        if any(isinstance(part, ast.Raise) for part in ast.walk(node))
    }
    while more := {name for name, node in guards.items() if named_calls(node) & found} - found:
        found |= more
    return found - {"teach"}  # which makes the error that others raise


RAISING = raising_guards()


def public_functions():
    """(name, definition) of every function and method without an underscore."""
    for path in FILES:
        for node in tree_of(path).body:
            inside = node.body if isinstance(node, ast.ClassDef) else [node]
            for one in inside:
                if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
                    yield f"{path.stem}.{getattr(node, 'name', '')}.{one.name}", one


FUNCTIONS = dict(public_functions())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_docstring_tells_shapes_and_errors(name):
    function = FUNCTIONS[name]
    text = ast.get_docstring(function)
    assert text, "there is none"
    annotations = [one.annotation for one in function.args.args if one.arg not in ("self", "cls")]
    told = [ast.unparse(one) for one in (*annotations, function.returns) if one]
    bare = None in annotations and "torch" in ast.unparse(function)
    if bare or any("Tensor" in one for one in told):
        assert SHAPE.search(text), "no shape is told"
    raises = any(isinstance(part, ast.Raise) for part in ast.walk(function))
    if raises or named_calls(function) & RAISING:
        assert ERRORS.search(text), "no error is told"


@pytest.mark.parametrize(
    "name, year",
    {
        "metrics.wilson_interval.wilson_interval": 1927,
        "losses.huber_loss.huber_loss": 1964,
        "learner.Learner.fit_one_cycle": 2017,
    }.items(),
)
def test_a_formula_has_its_source(name, year):
    assert f"({year})" in ast.get_docstring(FUNCTIONS[name])


def test_all_functions_are_looked_at():
    assert len(FUNCTIONS) > 250 and "learner.Learner.fit" in FUNCTIONS and len(RAISING) > 40
