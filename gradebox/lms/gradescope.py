"""Gradescope. Down: submission_987654/hw1.ipynb and submission_metadata.yml. Up: nothing; see `lms.autograder`.

The metadata are written by Ruby: names of fields begin with a colon, and are kept so here.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from gradebox.course import CourseError
from gradebox.lms.interface import Aside, Lms, Piece, Sheet, Who
from gradebox.lms.marks import Graded
from gradebox.lms.sheets import Rows, score
from gradebox.lms.tables import Table, number

METADATA = "submission_metadata.yml"
FILE = re.compile(r"(?P<submission>submission_\d+)/(?P<file>.+)", re.DOTALL)
COLUMNS = {
    "first name": "first",
    "last name": "last",
    "name": "name",
    "sid": "sid",
    "email": "email",
    "submission time": "when",
}


class Gradescope(Lms):
    name = "gradescope"
    title = "Gradescope"
    takes_marks = True
    may_be_made = True
    uploads = "Gradescope takes no marks from files: 'gradebox gradescope' grades there. This one is for your records."
    page_uploads = "Gradescope takes no pages from files: this zip has a folder for each student."

    def read(self, names: Sequence[str], text: Callable[[str], str]) -> dict[str, Piece | Aside]:
        if METADATA not in names:
            return {}
        about = metadata(text(METADATA))
        found: dict[str, Piece | Aside] = {METADATA: Aside("Gradescope's own list")}
        for name in names:
            if not (one := FILE.fullmatch(name)):
                continue
            submission = about.get(one["submission"])
            if isinstance(submission, dict) and (who := submitters(submission)):
                when = submission.get(":created_at")
                when = when if isinstance(when, datetime) else None
                if when is not None and when.tzinfo is None:
                    when = when.replace(tzinfo=UTC)
                found[name] = Piece(who, one["file"], one["submission"], when, order=int(one["submission"][11:]))
            else:
                found[name] = Aside(f"nobody is named for {one['submission']} in {METADATA}", open=True)
        return found

    def columns(self, table: Table) -> dict[int, str] | None:
        if not {"sid", "email"} <= set(table.header) or "submission id" not in table.header:
            return None
        return {place: COLUMNS[title] for place, title in enumerate(table.header) if title in COLUMNS}

    def sheet(self, table: Table, wanted: str) -> Sheet:
        columns = self.columns(table)
        if columns is None or "total score" not in table.header:
            raise CourseError(f"{table.file} is no table of marks of Gradescope's (Review Grades, Download Grades).")
        rows = []
        for row in range(1, len(table.rows)):
            cells = {kind: table.text(row, place) for place, kind in columns.items()}
            keys = tuple((kind, cells[kind]) for kind in ("email", "sid") if cells.get(kind))
            name = cells.get("name") or f"{cells.get('first', '')} {cells.get('last', '')}".strip()
            rows.append((row, Who(keys, name)))
        most = [number(table.text(row, table.header.index("max points"))) for row, _ in rows]
        known = [points for points in most if points is not None]
        return Sheet(table.header.index("total score"), rows, float(max(known)) if known else None)

    def made(self, title: str, graded: Sequence[Graded], provisional: bool) -> Rows:
        rows = [["First Name", "Last Name", "SID", "Email", title]]
        for each in graded:
            email, sid = each.keys.get("email") or each.email, each.keys.get("sid") or each.student
            rows.append([each.first, each.last, sid, email, score(each, provisional)])
        return rows


def metadata(text: str) -> dict:
    """What the list says: by submission. Raises CourseError if it cannot be read."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        """Data only; Ruby's own types, which say nothing about who handed in, are left empty."""

    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    try:
        found = yaml.load(text, Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CourseError(f"{METADATA} cannot be read ({type(error).__name__}): download it again.") from error
    return found if isinstance(found, dict) else {}


def submitters(submission: dict) -> tuple[Who, ...]:
    """Those who handed it in together. Earlier attempts, in ``:history:``, are not in the download."""
    listed = submission.get(":submitters")
    named = []
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict):
            keys = [
                (kind, str(each[field])) for kind, field in (("email", ":email"), ("sid", ":sid")) if each.get(field)
            ]
            named.append(Who(tuple(keys), str(each.get(":name") or "")))
    return tuple(named)
