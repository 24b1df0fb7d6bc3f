"""Nothing up our sleeve: what a lesson builds in a cell tagged `export` is what lessonlib has."""

import ast
from importlib import import_module

import pytest
from sources import BUILT, LIBRARY, build, definitions, exports

MOSTLY = "data block getters losses metrics thresholds points".split()
GUARDS = sorted((LIBRARY / "guards").glob("[!_]*.py"))
WORK_METHODS = {"__iter__", "__next__", "__getitem__", "__call__", "encodes", "decodes"}
CHECKS = {
    name
    for module in (import_module(f"lessonlib.guards.{path.stem}") for path in GUARDS)
    for name, thing in vars(module).items()
    if callable(thing) and thing.__module__ == module.__name__ and not name.startswith("_")
} | {"is_as_published"}


class Bare(ast.NodeTransformer):
    """Takes docstrings, annotations and argument checks out of a definition."""

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        node.returns, node.type_params = None, []
        node.body = self.without_docstring(node.body)
        return node

    def visit_ClassDef(self, node):
        self.generic_visit(node)
        node.type_params = []
        node.body = self.without_docstring(node.body)
        return node

    def visit_arg(self, node):
        node.annotation = None
        return node

    def visit_AnnAssign(self, node):
        if node.value is None:  # the field of a dataclass: its name stays
            return ast.Expr(node.target)
        return ast.Assign(targets=[node.target], value=self.visit(node.value))

    def visit_Expr(self, node):
        called = getattr(node.value, "func", None)
        name = getattr(called, "id", None)
        if getattr(getattr(called, "value", None), "id", None) == "tensors":
            name = called.attr
        return None if name in CHECKS else node

    def visit_With(self, node):
        self.generic_visit(node)
        names = {getattr(getattr(one.context_expr, "func", None), "id", None) for one in node.items}
        return node.body if names <= CHECKS else node

    @staticmethod
    def without_docstring(body):
        first = body[0] if body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            body = body[1:]
        return body or [ast.Pass()]


def bare(definition):
    """A definition as text that is equal for definitions that do the same steps."""
    copy = ast.parse(ast.unparse(definition)).body[0]
    return ast.unparse(ast.fix_missing_locations(Bare().visit(copy)))


def library(paths):
    """The functions and classes of these files, by name."""
    found = {}
    for path in paths:
        found |= definitions(ast.parse(path.read_text(encoding="utf-8")).body)
    return found


def difference(node, owner, known):
    """What keeps an exported definition from being the library's; "" when nothing does."""
    if owner:
        known = definitions(known[owner].body) if owner in known else {}
    name = f"{owner}.{node.name}" if owner else node.name
    if node.name not in known:
        return f"lessonlib has no {name}"
    mine, theirs = bare(node), bare(known[node.name])
    return "" if mine == theirs else f"{name} differs\n\nlesson:\n{mine}\n\nlessonlib:\n{theirs}"


def is_exported(node, whole, methods):
    """Whether a lesson builds it: whole, or a class by the methods that do its work.

    Those are all of WORK_METHODS that the class has, and at least one method.
    """
    if node.name in whole or isinstance(node, ast.FunctionDef):
        return node.name in whole
    built = methods.get(node.name, set())
    return bool(built) and WORK_METHODS & set(definitions(node.body)) <= built


def test_what_the_lessons_export_is_what_lessonlib_has():
    known = library([*BUILT, *(LIBRARY / "engine").glob("*.py")])
    found = [(lesson, difference(node, owner, known)) for lesson, owner, node in exports()]
    assert not [f"{lesson}: {text}" for lesson, text in found if text]


def test_an_export_cell_defines_something():
    for source in build.find_sources():
        for cell in build.read_source(source).cells:
            if any(tag.startswith("export") for tag in cell.metadata.get("tags", [])):
                assert definitions(ast.parse(cell.source).body), cell.id


@pytest.mark.parametrize("path", BUILT, ids=lambda path: path.stem)
def test_most_of_a_file_at_the_top_is_built_in_a_lesson(path):
    whole, methods = set(), {}
    for _, owner, node in exports():
        whole |= set() if owner else {node.name}
        methods.setdefault(owner, set()).add(node.name)
    public = [node for name, node in library([path]).items() if not name.startswith("_")]
    missing = [node.name for node in public if not is_exported(node, whole, methods)]
    allowed = 0.2 if path.stem in MOSTLY else 0.4
    assert len(missing) <= allowed * len(public), f"no lesson exports {', '.join(missing)}"


# --- the comparison itself

MODULE = '''
def share(preds: Tensor, targets: Tensor, thresh: float = 0.5) -> Tensor:
    """Share of single decisions that are right."""
    same_shape(preds, targets)
    tensors.no_nan(preds, "preds")
    right: Tensor = (preds > thresh) == targets.bool()
    return right.float().mean()

class Walker:
    """Walks."""
    step: int = 1

    def __init__(self, items: list) -> None:
        """Keep the items."""
        self.items = items

    def __iter__(self):
        yield from self.items
'''
LESSON = """
def share(preds, targets, thresh=0.5):
    right = (preds > thresh) == targets.bool()
    return right.float().mean()
"""
KNOWN = definitions(ast.parse(MODULE).body)


def compare(code, owner=""):
    return difference(ast.parse(code).body[0], owner, KNOWN)


def test_docstrings_annotations_and_checks_make_no_difference():
    assert compare(LESSON) == ""


@pytest.mark.parametrize(
    "old, new",
    [
        ("preds > thresh", "preds >= thresh"),
        ("thresh=0.5", "thresh=0.2"),
        ("targets.bool()", "targets"),
        (".mean()", ".sum()"),
        ("    right =", "    print(preds)\n    right ="),
        ("    right =", "    other_check(preds)\n    right ="),
        ("def share", "@cache\ndef share"),
        ("preds, targets, thresh", "targets, preds, thresh"),
    ],
)
def test_a_modified_function_is_noticed(old, new):
    assert old in LESSON
    assert compare(LESSON.replace(old, new)).startswith("share differs")


def test_a_function_that_lessonlib_lacks_is_noticed():
    assert compare("def other(): return 1") == "lessonlib has no other"
    assert compare("def __len__(self): return 1", "Walker") == "lessonlib has no Walker.__len__"
    assert compare("def __len__(self): return 1", "Runner") == "lessonlib has no Runner.__len__"


def test_methods_are_compared_with_those_of_the_class():
    assert compare("def __iter__(self):\n    yield from self.items", "Walker") == ""
    assert compare("def __iter__(self):\n    return iter(self.items)", "Walker")


def test_a_class_is_compared_whole():
    assert compare(ast.unparse(KNOWN["Walker"]).replace('"""Walks."""', "")) == ""
    assert compare(ast.unparse(KNOWN["Walker"]).replace("step: int = 1", "step = 2"))


def test_a_class_counts_as_exported_by_the_methods_that_do_its_work():
    walker = KNOWN["Walker"]
    assert is_exported(walker, {"Walker"}, {})
    assert is_exported(walker, set(), {"Walker": {"__iter__"}})
    assert not is_exported(walker, set(), {"Walker": {"__init__"}})
    assert not is_exported(walker, set(), {})
    assert not is_exported(KNOWN["share"], set(), {"share": {"share"}})
