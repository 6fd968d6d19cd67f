"""`nbgrader export`, safe to open: nbgrader's own columns, in quotes where they need them, and no formulas."""

import csv

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from gradebox.course.words import cell_text

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


class SafeCsv(ExportPlugin):
    """Writes what nbgrader's CsvExportPlugin writes; but a comma in a name stays in its cell, and ``=1+1`` is text."""

    def export(self, gradebook: Gradebook) -> None:
        with open(self.to or "grades.csv", "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow(COLUMNS)
            for assignment in gradebook.assignments:
                for student in gradebook.students:
                    if wanted(assignment.name, self.assignment) and wanted(student.id, self.student):
                        row = self.row(gradebook, assignment, student)
                        sheet.writerow(["" if cell is None else cell_text(cell) for cell in row])

    def row(self, gradebook: Gradebook, assignment, student) -> list:
        who = [student.id, student.last_name, student.first_name, student.email]
        try:
            found = gradebook.find_submission(assignment.name, student.id)
        except MissingEntry:
            return [assignment.name, assignment.duedate, None, *who, 0.0, 0.0, 0.0, assignment.max_score]
        penalty = found.late_submission_penalty
        score = max(0.0, found.score - penalty)
        marks = found.score, penalty, score, assignment.max_score
        return [assignment.name, assignment.duedate, found.timestamp, *who, *marks]


def wanted(name: str, chosen: list) -> bool:
    return not chosen or name in map(str, chosen)
