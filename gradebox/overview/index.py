"""The index of feedback pages: everybody's, of every assignment, with what they are noted for."""

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from gradebox.course import CourseError, source_assignments, words, write_whole
from gradebox.overview.gathered import earlier, gathered, natural
from gradebox.overview.page import INDEX, feedback_pages, folder_of, quote, rendered
from gradebox.overview.report import Person, Report, report_of
from gradebox.overview.settings import ClassPages


@dataclass(frozen=True)
class Work:
    """One student's of one assignment."""

    person: Person
    total: float | None
    possible: float
    kinds: tuple[str, ...]


@dataclass
class Row:
    """One student's of all assignments; None where they have none."""

    id: str
    name: str
    works: list[Work | None] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        return list(dict.fromkeys(kind for work in self.works if work for kind in work.kinds))


@dataclass(frozen=True)
class Listed:
    """An assignment in the index's head."""

    name: str
    graded: int
    pages: int
    page: str  # of the class, if it is there


def write_index(coursedir: CourseDirectory, gradebook: Gradebook, settings: ClassPages) -> Path:
    """Write feedback/index.html anew, from all assignments in source/ that somebody has handed in.

    One whose own notebooks cannot be read is left out, and said so: it is no fault of the others.
    """
    folder = folder_of(coursedir)
    reports = []
    for assignment in sorted(source_assignments(coursedir), key=natural):
        try:
            known = gathered(coursedir, gradebook, assignment)
        except CourseError as error:
            print(f"Leaving {words(assignment)} out of the index: {words(error)}", file=sys.stderr)
            continue
        if known.handed:
            before = earlier(gradebook, assignment)
            reports.append(report_of(known, before, feedback_pages(coursedir, assignment), settings.formgrader))
    rows = rows_of(reports)
    used = Counter(kind for row in rows for kind in row.kinds)
    listed = [listed_as(report, folder) for report in reports]
    page = rendered("index.html.j2", settings.scripts, assignments=listed, rows=rows, used=used)
    path = folder / f"{INDEX}.html"
    write_whole(path, page.encode("utf-8", "backslashreplace"))
    return path


def rows_of(reports: list[Report]) -> list[Row]:
    rows: dict[str, Row] = {}
    for place, report in enumerate(reports):
        for each in report.students:
            row = rows.setdefault(each.person.id, Row(each.person.id, each.person.name))
            row.works += [None] * (place - len(row.works))
            row.works.append(Work(each.person, each.total, report.possible, each.kinds))
    for row in rows.values():
        row.works += [None] * (len(reports) - len(row.works))
    return [rows[student] for student in sorted(rows)]


def listed_as(report: Report, folder: Path) -> Listed:
    page = f"{report.assignment}.html"
    pages = sum(len(each.person.pages) for each in report.students)
    return Listed(report.assignment, report.graded, pages, quote(page) if (folder / page).is_file() else "")
