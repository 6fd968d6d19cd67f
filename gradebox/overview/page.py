"""Writes the class page, and its numbers as JSON and CSV; each whole or not at all."""

import base64
import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup, escape
from nbgrader.coursedir import CourseDirectory

from gradebox.classroom import UNKNOWN
from gradebox.course import CourseError, cell_text, found, words, write_whole
from gradebox.feedback import page_environment
from gradebox.overview.report import ExerciseRow, Report

INDEX = "index"
MOST_WHAT = 2000  # characters of what is said about somebody
MOST_OPEN = 12  # people in a list that is not folded away
QUOTED = re.compile("`([^`]+)`")
DIGITS = 6  # of numbers in the files


def folder_of(coursedir: CourseDirectory) -> Path:
    return Path(coursedir.root, coursedir.feedback_directory)


def feedback_pages(coursedir: CourseDirectory, assignment: str) -> Callable[[str], dict[str, str]]:
    """Gives a student's feedback pages: addresses by notebook, as a page in feedback/ leads there."""
    pages: dict[str, dict[str, str]] = {}
    for student, _, path in found(coursedir, coursedir.feedback_directory, None, assignment, "*.html"):
        address = os.path.relpath(path, folder_of(coursedir))
        pages.setdefault(student, {})[path.stem] = quote(address, errors="surrogateescape")
    return lambda student: pages.get(student, {})


def write_report(folder: Path, report: Report, scripts: bool) -> list[Path]:
    """Write all files of a report. Returns their paths, the page's first.

    Raises CourseError if the assignment is called as the index of feedback pages.
    """
    if report.assignment == INDEX:
        raise CourseError(
            f"The page of an assignment called '{INDEX}' would be the index of feedback pages: rename it."
        )
    base = report.assignment if report.named else f"{report.assignment}.anonymous"
    texts = {
        f"{base}.html": rendered("report.html.j2", scripts, **shown(report)),
        f"{base}.json": json.dumps(rounded(report.as_json()), ensure_ascii=False, indent=1) + "\n",
        f"{base}.csv": as_csv(exercise_table(report)),
        f"{base}.mistakes.csv": as_csv(mistake_table(report)),
    }
    if report.named:
        texts[f"{base}.students.csv"] = as_csv(student_table(report))
    for name, text in texts.items():
        write_whole(folder / name, text.encode("utf-8", "backslashreplace"))
    return [folder / name for name in texts]


# --- the page -------------------------------------------------------------------------------------------------------


def rendered(template: str, scripts: bool, **about) -> str:
    """A page. The one script there may be is named by its hash in the page's Content-Security-Policy."""
    script = environment.loader.get_source(environment, "tables.js")[0] if scripts else ""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template(template).render(script=Markup(script), script_hash=digest, **about)


def shown(report: Report) -> dict:
    """What the template needs."""
    from gradebox.overview import charts  # and matplotlib, which takes long to load: the index has no charts

    analysed = [row for row in report.exercises if row.item.mean is not None]
    named = [each for each in report.mistakes if each.sentence != UNKNOWN]
    drawn = []
    for number, notebook in enumerate(dict.fromkeys(row.notebook for row in analysed)):
        rows = [row for row in analysed if row.notebook == notebook]
        drawn.append((notebook, charts.exercises_chart(rows, number)))
    return {
        "report": report,
        "totals": charts.totals_chart(report.bars, report.spread, report.possible)
        if report.spread and report.possible
        else "",
        "charts": drawn,
        "commonest": sorted(named, key=lambda each: (-each.students, each.exercise, each.sentence))[:3],
        "hardest": sorted(analysed, key=lambda row: (row.item.mean, row.exercise))[:3],
        "odd": [row for row in report.exercises if row.item.warning],
        "several": len({row.notebook for row in report.exercises}) > 1,
        "most_open": MOST_OPEN,
        "most_what": MOST_WHAT,
    }


WRITTEN = str.maketrans({"%": "\N{NARROW NO-BREAK SPACE}%", "-": "\N{MINUS SIGN}"})


def share(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.0%}".translate(WRITTEN)


def signed(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.2f}".translate(WRITTEN)


def points(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.4g}"


def sentence(text: str) -> Markup:
    """What students were told, with the names in it as code."""
    return Markup(QUOTED.sub(r"<code>\1</code>", str(escape(words(text, MOST_WHAT)))))


environment = page_environment("gradebox.overview")
environment.filters |= {"share": share, "signed": signed, "points": points, "sentence": sentence, "words": words}


# --- the files ------------------------------------------------------------------------------------------------------


def rounded(value):
    """The same without digits that say nothing."""
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list | tuple) else value


def as_csv(rows: Iterable[Iterable]) -> str:
    """A table that every spreadsheet opens and none computes."""
    text = io.StringIO()
    sheet = csv.writer(text)
    for row in rows:
        cells = ("" if cell is None else cell_text(cell) if isinstance(cell, str) else rounded(cell) for cell in row)
        sheet.writerow(cells)
    return text.getvalue()


def exercise_table(report: Report) -> Iterable[Iterable]:
    head = [
        *("students", "mean", "everything", "partly", "nothing", "correlation", "correlation_from", "correlation_to"),
        *("strongest", "weakest", "adds", "alpha_without", "warning"),
    ]
    yield ["notebook", "exercise", "possible", "waiting", *head]
    for row in report.exercises:
        yield [row.notebook, row.exercise, row.possible, row.waiting, *(getattr(row.item, name) for name in head)]


def mistake_table(report: Report) -> Iterable[Iterable]:
    yield ["notebook", "exercise", "students", "sentence", "who"][: 5 if report.named else 4]
    for each in report.mistakes:
        who = [" ".join(person.id for person in each.people)] if report.named else []
        yield [each.notebook, each.exercise, each.students, each.sentence, *who]


def student_table(report: Report) -> Iterable[Iterable]:
    yield ["student", "name", "total", *map(title, report.exercises), "noted"]
    for row in report.students:
        yield [row.person.id, row.person.name, row.total, *row.exercises, " ".join(row.kinds)]


def title(row: ExerciseRow) -> str:
    return f"{row.notebook}: {row.exercise}"
