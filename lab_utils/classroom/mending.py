"""What a student must not change, put back: locked cells as they were, and cells that were deleted.

A test that was edited would judge nothing, and without its cell there is nothing to judge. So before an answer is run, every
marked cell of the source is looked for by its name; the student's own cells stay where and as they are.
"""

from copy import deepcopy

from lab_utils.classroom import assignments


def mend(notebook, source):
    """Return (a copy of `notebook` with all marked cells of `source`, what was put back).

    Parameters
    ----------
    notebook : NotebookNode
        As it was handed in.
    source : NotebookNode
        Of :func:`lab_utils.classroom.assignments.source`.

    Returns
    -------
    NotebookNode
        Its locked cells are those that students get, without hidden tests.
    list of (str, str)
        (grade_id, "edited", "deleted" or "doubled").
    """
    made, changes = deepcopy(notebook), _loosen_doubles(notebook)
    _loosen(made)
    place = -1
    for original in source.cells:
        name = assignments.grade_id(original)
        if not name:
            continue
        wanted, found = assignments.for_students(original), _find(made, name)
        if found is None:
            made.cells.insert(place + 1, wanted)
            changes.append((name, "deleted"))
            found = place + 1
        elif assignments.is_locked(original):
            cell = made.cells[found]
            if cell.source.strip() != wanted.source.strip() or cell.cell_type != wanted.cell_type:
                changes.append((name, "edited"))
            made.cells[found] = wanted
        place = found
    return made, changes


def _find(notebook, name):
    return next((place for place, cell in enumerate(notebook.cells) if assignments.grade_id(cell) == name), None)


def _loosen_doubles(notebook):
    names = [assignments.grade_id(cell) for cell in notebook.cells]
    return [(name, "doubled") for name in dict.fromkeys(names) if name and names.count(name) > 1]


def _loosen(notebook):
    """Take the mark from every copy of a cell but its first: a copy is the student's own."""
    seen = set()
    for cell in notebook.cells:
        name = assignments.grade_id(cell)
        if name in seen:
            del cell.metadata["nbgrader"]
        elif name:
            seen.add(name)
