"""What tests read of lessons and library. The notebooks' folder is no package."""

import ast
import importlib.util
from functools import cache
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
NOTEBOOKS = REPO / "notebooks"

LIBRARY = REPO / "lessonlib"
BUILT = sorted(LIBRARY.glob("[!_]*.py"))  # a file at the top is what lessons built
DEFINITIONS = (ast.FunctionDef, ast.ClassDef)


def program(name):
    """A program beside the notebooks, as a module."""
    spec = importlib.util.spec_from_file_location(name, NOTEBOOKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = program("build")


def definitions(body):
    return {node.name: node for node in body if isinstance(node, DEFINITIONS)}


@cache
def exports():
    """(lesson, class name or "", definition) of everything in the export cells."""
    return [
        (source.parent.name, owner, node)
        for source in build.find_sources()
        for cell in build.read_source(source).cells
        for kind, _, owner in (tag.partition(":") for tag in cell.metadata.get("tags", []))
        if kind == "export"
        for node in definitions(ast.parse(cell.source).body).values()
    ]
