"""Tables that are written from nothing: everybody's marks as CSV or as a spreadsheet, for people and for small LMSs."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from gradebox.course import CourseError, cell_text
from gradebox.lms.marks import Graded
from gradebox.lms.tables import rounded

Rows = Sequence[Sequence[str | Decimal | None]]
ABOUT = ("id", "last_name", "first_name", "email")


def everything(graded: Iterable[Graded], possible: Decimal, provisional: bool) -> Rows:
    """All that is known of everybody, a row each."""
    graded = list(graded)
    exercises = list(dict.fromkeys(name for each in graded for name in each.exercises))
    kinds = sorted({kind for each in graded for kind in each.keys} - {*ABOUT, "pid"})
    head = [*ABOUT, *kinds, "handed_in", *exercises, "late_penalty", "score", "max_score", "waits", "comments"]
    rows: list[list] = [head]
    for each in graded:
        rows.append(
            [
                *(each.student, each.last, each.first, each.email),
                *(each.keys.get(kind, "") for kind in kinds),
                f"{each.when:%Y-%m-%d %H:%M:%S}" if each.when else "",
                *(each.exercises.get(name) for name in exercises),
                *(each.penalty, score(each, provisional), possible, "by hand" if each.waits else "", each.comments),
            ]
        )
    return rows


def score(each: Graded, provisional: bool) -> Decimal | None:
    """Nothing for who waits for a grade by hand, unless that is asked for."""
    return rounded(each.points) if provisional or not each.waits else None


def as_csv(rows: Rows) -> bytes:
    text = io.StringIO()
    sheet = csv.writer(text)
    for row in rows:
        sheet.writerow(
            ["" if cell is None else plain(cell) if isinstance(cell, Decimal) else cell_text(cell) for cell in row]
        )
    return text.getvalue().encode("utf-8", "backslashreplace")


def plain(value: Decimal) -> str:
    """A number as everybody reads it."""
    return f"{value.normalize():f}"


def as_xlsx(rows: Rows) -> bytes:
    """A spreadsheet in which text is text, whatever it begins with. Raises CourseError without openpyxl."""
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
    except ImportError as error:
        raise CourseError("--to xlsx needs openpyxl: pip install 'gradebox[xlsx]', or use --to csv.") from error
    book = Workbook(write_only=True)
    sheet = book.create_sheet("marks")
    sheet.freeze_panes = "B2"
    for row in rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, float(value) if isinstance(value, Decimal) else cell_text(value or ""))
            if not isinstance(value, Decimal):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()
