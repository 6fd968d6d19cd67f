"""The class report: how many students fell for what, counted from the hints in their graded notebooks."""

from collections import Counter
from collections.abc import Iterable, Sequence

from nbformat import NotebookNode
from nbgrader.utils import is_grade
from rich.table import Table

from gradebox.course import exercise_of, words
from gradebox.feedback import message_of, nothing_yet

READS = "Your code reads"
UNKNOWN = "wrong in a way that is not in the catalogue"


def diagnoses(notebook: NotebookNode, known: Sequence[str] = ()) -> set[tuple[str, str]]:
    """Exercises of a graded notebook that failed, each with the hints its tests gave, or UNKNOWN without any.

    known -- sentences of the catalogue: a hint of two of them, for two slips at once, counts as both
    """
    failed: dict[str, set[str]] = {}
    unwritten: set[str] = set()
    for cell in notebook.cells:
        if not is_grade(cell):
            continue
        exercise = exercise_of(cell.metadata.nbgrader.grade_id)
        if nothing_yet(cell):
            unwritten.add(exercise)
        for output in cell.get("outputs", []):
            if output.output_type == "error" and output.ename != "NotImplementedError":  # that is: nothing written
                hint = message_of(output)[1]
                own = "" if known and not hint.startswith(READS) else hint  # of one student's line or cases alone
                failed.setdefault(exercise, set()).update([each for each in known if each in hint] or [own])
    return {
        (exercise, hint)
        for exercise, hints in failed.items()
        for hint in (hints - {""} or ({UNKNOWN} if exercise not in unwritten else ()))
    }


def told(notebooks: Iterable[tuple[str, NotebookNode]], known: Sequence[str] = ()) -> dict[tuple[str, str], list[str]]:
    """Which students were told what about which exercise.

    notebooks -- with the student whose it is
    """
    who: dict[tuple[str, str], list[str]] = {}
    for student, notebook in notebooks:
        for found in diagnoses(notebook, known):
            who.setdefault(found, []).append(student)
    return who


def counted(notebooks: Iterable[NotebookNode], known: Sequence[str] = ()) -> Counter[tuple[str, str]]:
    """How many of the notebooks were told what about which exercise."""
    return Counter(found for notebook in notebooks for found in diagnoses(notebook, known))


def class_table(title: str, notebooks: list[NotebookNode], exercises: list[str], known: Sequence[str] = ()) -> Table:
    """One row for every mistake of an exercise, the commonest first."""
    told = counted(notebooks, known)
    table = Table(title=title, title_justify="left", title_style="bold", caption_justify="left")
    table.add_column("exercise", no_wrap=True)
    table.add_column(f"of {len(notebooks)}", justify="right")
    table.add_column("what they were told")
    for exercise in exercises:
        rows = [(number, hint) for (name, hint), number in told.items() if name == exercise]
        for number, hint in sorted(rows, key=lambda row: (-row[0], row[1])):
            table.add_row(words(exercise), str(number), words(hint))
    return table
