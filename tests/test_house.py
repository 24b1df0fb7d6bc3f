"""The house: who may import whom, what is imported when, and that its map is true."""

import ast
import re
import subprocess
import sys

import pytest
from importlinter.cli import lint_imports
from sources import BUILT, DEFINITIONS, LIBRARY, REPO, build, exports, program

import lessonlib

ENGINE = sorted((LIBRARY / "engine").glob("[!_]*.py"))
NOTEBOOKS = re.compile(r"[Bb]uilt\s+in\s+notebooks?\s+((?:\d\d(?:,\s*|\s+and\s+)?)+)")


# --- who imports what


def imported_by(code):
    """The names of all modules that a new Python has imported after this code."""
    asked = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, cwd=REPO)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_every_contract_of_pyproject_is_kept(monkeypatch, capsys):
    monkeypatch.chdir(REPO)
    assert lint_imports(cache_dir=None) == 0, capsys.readouterr().out


def test_a_loss_brings_six_modules_of_the_project_at_most():
    modules = imported_by("import lessonlib.losses")
    ours = {name for name in modules if name.partition(".")[0] in ("lessonlib", "data_scripts")}
    assert "lessonlib.losses" in ours and len(ours) <= 6, ours


def test_the_library_itself_brings_no_torch():
    assert not imported_by("import lessonlib") & {"torch", "pandas", "PIL"}


def test_exercises_and_questions_are_read_without_torch():
    modules = imported_by(
        "from lessonlib.course.exercises.tasks import tasks\n"
        "from lessonlib.course.quizzes.questions import topics\n"
        "assert tasks() and topics()"
    )
    assert not modules & {"torch", "numpy", "pandas", "PIL", "IPython", "ipywidgets"}


def test_the_commands_that_mend_an_installation_need_little_of_it():
    modules = imported_by("import lessonlib.__main__")
    assert {"lessonlib.course.commands.doctor", "lessonlib.course.commands.copies"} <= modules
    assert not modules & {"torch", "numpy", "pandas", "PIL", "IPython", "ipywidgets"}


def test_what_computes_brings_no_widget_and_no_figure():
    files = [path.relative_to(REPO).with_suffix("") for path in (*BUILT, *ENGINE)]
    modules = imported_by("\n".join(f"import {'.'.join(file.parts)}" for file in files))
    assert "lessonlib.engine.learner" in modules
    assert not modules & {"ipywidgets", "IPython", "matplotlib"}


# --- the names that lessons import


def test_editors_know_the_same_names_in_the_same_places():
    tree = ast.parse((LIBRARY / "__init__.py").read_text(encoding="utf-8"))
    known = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 0
        for alias in node.names
        if node.module.startswith("lessonlib.")
    }
    assert known == {name: f"lessonlib.{place}" for name, place in lessonlib.PLACES.items()}
    assert all(hasattr(lessonlib, name) for name in lessonlib.__all__)
    assert set(lessonlib.__all__) <= set(dir(lessonlib))


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="lessonlib has no 'Datablock'"):
        lessonlib.Datablock  # noqa: B018


def test_each_name_stands_with_the_lesson_that_builds_it_or_needs_it_first():
    begun, whole, needed = {}, set(), {}
    for lesson, owner, node in exports():
        begun.setdefault(owner or node.name, lesson[:2])
        whole |= set() if owner else {node.name}
    for source in build.find_sources():
        for cell in build.read_source(source).cells:
            if cell.cell_type == "code":
                code = re.sub(r"^%.*$", "", cell.source, flags=re.MULTILINE)
                for node in ast.walk(ast.parse(code)):
                    if isinstance(node, ast.ImportFrom) and node.module == "lessonlib":
                        for alias in node.names:
                            needed.setdefault(alias.name, build.name_of(source))
    lesson_of = {
        name: lesson
        for lesson, places in lessonlib.BROUGHT.items()
        for names in places.values()
        for name in names.split()
    }
    part_by_part = {name: min(lesson, begun.get(name, lesson)) for name, lesson in needed.items()}
    assert lesson_of == part_by_part | {name: begun[name] for name in whole}


# --- the map


def test_the_map_is_what_the_code_says():
    told = (LIBRARY / "README.md").read_text(encoding="utf-8")
    assert told == program("library_map").page(), "run: python notebooks/library_map.py"


def notebooks_of(node):
    """The lessons that a docstring names as those where this was built."""
    return set(re.findall(r"\d\d", " ".join(NOTEBOOKS.findall(ast.get_docstring(node) or ""))))


def definitions_of(module):
    """(class name or "", definition) of all functions, classes and methods."""
    for node in module.body:
        if isinstance(node, DEFINITIONS):
            yield "", node
            if isinstance(node, ast.ClassDef):
                yield from ((node.name, one) for one in node.body if isinstance(one, DEFINITIONS))


@pytest.mark.parametrize("path", [*BUILT, *ENGINE], ids=lambda path: path.stem)
def test_built_in_notebook_is_true_in_both_directions(path):
    """A definition without a word about it is meant by what its module says."""
    built = {}
    for lesson, owner, node in exports():
        built.setdefault((owner, node.name), set()).add(lesson[:2])
    module = ast.parse(path.read_text(encoding="utf-8"))
    for owner, node in definitions_of(module):
        own, lessons = notebooks_of(node), built.get((owner, node.name), set())
        methods = [found for (whose, _), found in built.items() if whose == node.name]
        assert own <= lessons.union(*methods), f"{node.name} was not built in {own - lessons}"
        assert not lessons or lessons & (own or notebooks_of(module)), f"{node.name}: {lessons}"
