"""Feedback pages as a zip that an LMS takes back, by the names that the download had."""

import io
import zipfile
from collections.abc import Iterable, Mapping

from nbgrader.coursedir import CourseDirectory

from gradebox.course import place
from gradebox.lms.interface import Lms
from gradebox.lms.report import NO_PAGE, NO_WAY, PAGE, Row
from gradebox.lms.submitted import HandedIn

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same pages make the same zip


def pages_zip(
    coursedir: CourseDirectory,
    assignment: str,
    students: Iterable[str],
    notebooks: Iterable[str],
    book: Mapping[str, HandedIn],
    lms: Lms | None,
) -> tuple[bytes, list[Row]]:
    """The zip, and what became of each student's pages.

    lms -- None, or one that takes no pages: a folder for each student
    """
    rows, data = [], io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for student in students:
            folder = place(coursedir, coursedir.feedback_directory, student, assignment)
            for notebook in notebooks:
                path = folder / f"{notebook}.html"
                if not path.is_file():
                    rows.append(Row(NO_PAGE, student=student, what=f"{notebook}: run 'gradebox feedback' first"))
                elif not (name := name_of(student, notebook, book.get(student), lms)):
                    rows.append(Row(NO_WAY, student=student, what=f"not by a file that {lms.title} gave out"))
                else:
                    rows.append(Row(PAGE, name, student))
                    if name not in archive.NameToInfo:  # a group's
                        archive.writestr(zipfile.ZipInfo(name, EPOCH), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return data.getvalue(), rows


def name_of(student: str, notebook: str, handed_in: HandedIn | None, lms: Lms | None) -> str:
    if lms is None or not lms.takes_pages:
        return f"{student}/{notebook}.html"
    if handed_in is None or handed_in.lms != lms.name or notebook not in handed_in.origins:
        return ""
    return lms.page(handed_in.origins[notebook], notebook, handed_in.keys)
