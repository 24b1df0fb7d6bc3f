"""The run of a learner who goes from exercise to exercise: a notebook made out of a lesson's."""

import ast
import builtins
import re
import symtable

import nbformat

from lessonlib.course.exercises.asking import find, solution

CHECK = re.compile(r'^check\("([^"]+)"')


def short_run(notebook, solved):
    """Set-up, export and exercise cells of a lesson; after each check a hint and the solution.

    solved: the ids of the exercises whose cell holds what `solution` shows. Of the other cells
    only the imports are left, but for those that make a name which a cell that is left uses.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kept = {0}
    for n, cell in enumerate(cells):
        tags = "".join(cell.metadata.get("tags", []))
        if tags == "exercise":
            exercise_id = checked(cells[n + 1])
            kept.add(n + 1)
            if exercise_id in solved:
                cell.source = answered(cell.source, exercise_id)
        if tags:
            kept.add(n)
        if checked(cell):
            cell.source = re.sub("^# (hint|solution)", r"\1", cell.source, flags=re.MULTILINE)
    kept = with_makers(cells, kept)
    for n in set(range(len(cells))) - kept:
        cells[n].source = imports(cells[n].source)
    return nbformat.v4.new_notebook(cells=[cell for cell in cells if cell.source])


def checked(cell):
    """The id of the exercise that a cell checks, if it is such a cell."""
    found = CHECK.match(cell.source)
    return found and found[1]


def answered(stub, exercise_id):
    """An exercise's cell with what `solution` shows, under the name that the check reads."""
    name = "" if callable(find(exercise_id).solution) else stub.partition("=")[0] + "= "
    return name + solution(exercise_id).data


def imports(code):
    """The import statements of a cell."""
    found = [one for one in ast.parse(code).body if isinstance(one, ast.Import | ast.ImportFrom)]
    return "\n".join(map(ast.unparse, found))


def with_makers(cells, kept):
    """These cells and, of each name that they use, the last cell before that makes it."""
    names, kept, waiting = [names_of(cell.source) for cell in cells], set(kept), list(kept)
    while waiting:
        n = waiting.pop()
        for name in names[n][0]:
            makers = [m for m in range(n) if name in names[m][1]]
            if makers and name not in names[makers[-1]][2] and makers[-1] not in kept:
                kept.add(makers[-1])
                waiting.append(makers[-1])
    return kept


def names_of(code):
    """The names that a cell takes from other cells, that it leaves to them, and that it imports."""
    table = symtable.symtable(code, "cell", "exec")
    names = {one.get_name(): one for one in table.get_symbols()}
    made = {name for name, one in names.items() if one.is_assigned() or one.is_imported()}
    used, tables = set(names), list(table.get_children())
    while tables:
        inner = tables.pop()
        used |= {one.get_name() for one in inner.get_symbols() if one.is_global()}
        tables += inner.get_children()
    imported = {name for name in made if names[name].is_imported()}
    return used - made - vars(builtins).keys(), made, imported
