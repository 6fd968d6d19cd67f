"""Marks into a table of an LMS's own, cell by cell: never lower than what is there, never what the LMS would drop."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from gradebox.course import CourseError
from gradebox.lms.interface import Sheet, Who
from gradebox.lms.marks import Graded
from gradebox.lms.people import SEVERAL, People, key
from gradebox.lms.report import HIGHER, NOT_THERE, OTHER_WORDS, OVER, SAME, WAITS, WRITTEN, Row
from gradebox.lms.tables import Table, number, rounded, written

NOTHING = ("", "-", "\N{EN DASH}", "\N{EM DASH}")  # in a cell that waits for a mark


@dataclass(frozen=True)
class Wanted:
    """What the instructor has asked for."""

    overwrite: bool = False  # lower marks, too
    provisional: bool = False  # marks that wait for a grade by hand, too


def fill(
    table: Table, sheet: Sheet, graded: Mapping[str, Graded], possible: Decimal, people: People, wanted: Wanted
) -> Iterator[Row]:
    """Write marks into a table; yields what became of each.

    possible -- points here; where the LMS has another maximum, marks are scaled to it

    Raises CourseError if the table is another assignment's, or nobody in it was graded.
    """
    refuse_another_assignment(table, sheet, people)
    factor = factor_of(sheet, possible, table)
    rows, unsure = rows_of(sheet, people, table)
    yield from unsure
    if not graded.keys() & rows.keys():
        raise CourseError(f"{table.file}: no row is anybody's who was graded. Is it the right file?")
    comma = has_comma(table, sheet)
    for student, mark in graded.items():
        where = rows.get(student, [])
        if not where:
            yield Row(
                NOT_THERE, student=student, what=f"has {written(mark.points * factor)}: download the table again?"
            )
        elif len(where) > 1:
            yield Row(SEVERAL, student=student, what=f"rows {' and '.join(str(row + 1) for row in where)} are theirs")
        else:
            yield put(table, sheet, where[0], mark, factor, comma, wanted)


def put(table: Table, sheet: Sheet, row: int, mark: Graded, factor: Decimal, comma: bool, wanted: Wanted) -> Row:
    there = table.text(row, sheet.column)
    old, new = number(there), rounded(mark.points * factor)
    points = written(new)
    if mark.waits and not wanted.provisional:
        return Row(WAITS, student=mark.student, what=f"{points} so far")
    if old is None and there not in NOTHING:
        return Row(OTHER_WORDS, student=mark.student, what=f"“{there}” stays, and {points} is not written")
    if sheet.most is not None and new > Decimal(str(sheet.most)):
        return Row(
            OVER, student=mark.student, what=f"{points} is over {sheet.most:g}, and is not written: enter it by hand"
        )
    if old is not None and rounded(old) == new:
        return Row(SAME, student=mark.student)
    if old is not None and old > new and not wanted.overwrite:
        return Row(HIGHER, student=mark.student, what=f"{there} stays, and {points} is not written (--overwrite does)")
    table.put(row, sheet.column, written(new, comma))
    return Row(WRITTEN, student=mark.student, what=points)


def rows_of(sheet: Sheet, people: People, table: Table) -> tuple[dict[str, list[int]], list[Row]]:
    """Rows by student; and those of which it is not certain whose they are."""
    rows: dict[str, list[int]] = defaultdict(list)
    unsure = []
    for row, who in sheet.rows:
        found = people.find(Who(who.keys, who.name))
        if len(found.students) == 1:
            rows[found.students[0]].append(row)
        elif found.kind == SEVERAL or found.students:
            unsure.append(Row(SEVERAL, f"{table.file}, row {row + 1}", what=found.why or f"{who} is a group"))
    return rows, unsure


def refuse_another_assignment(table: Table, sheet: Sheet, people: People) -> None:
    """Moodle's numbers are one assignment's: where none is known, it is another's."""
    known = {value for person in people.everybody.values() for value in person.has("pid")}
    there = {key(value) for _, who in sheet.rows for kind, value in who.keys if kind == "pid"}
    if known and there and not known & there:
        raise CourseError(f"{table.file} has other numbers than the download had: it is another assignment's.")


def factor_of(sheet: Sheet, possible: Decimal, table: Table) -> Decimal:
    """What marks are multiplied by."""
    if sheet.most is None or Decimal(str(sheet.most)) == possible:
        return Decimal(1)
    if not possible or not sheet.most:
        raise CourseError(
            f"{table.file} gives {sheet.most:g} points and the notebooks {written(possible)}: set the points there."
        )
    return Decimal(str(sheet.most)) / possible


def has_comma(table: Table, sheet: Sheet) -> bool:
    """Whether the table writes decimals with a comma, as its own numbers show."""
    columns = [sheet.column, *([] if sheet.beside is None else [sheet.beside])]
    cells = [table.text(row, column) for row, _ in sheet.rows for column in columns]
    numbers = [cell for cell in cells if number(cell) is not None]
    return any("," in cell for cell in numbers) and not any("." in cell for cell in numbers)
