"""The command: gradebox similar."""

import gradebox.lean  # noqa: F401, I001  (before what imports nbgrader)

from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import is_solution
from rich.table import Table

from gradebox.alike.comparing import Answer, Pair, alike, groups
from gradebox.alike.page import similar_page
from gradebox.classroom import show
from gradebox.command import CourseApp
from gradebox.course import CourseError, found, place, read_notebook, source_notebooks, words, write_whole

MOST_ROWS = 30  # of the table on the terminal; the page has all


class SimilarApp(CourseApp):
    name = "gradebox similar"
    description = """Show answers that are more alike than two people working alone would write

    Compares the graded answers exercise by exercise, without names, constants, comments and lay-out, and against what
    the release, the instructor's solution and the rest of the class have. What it shows is a place to look, not a
    verdict: feedback/ASSIGNMENT-similar.html has the answers side by side, for instructors only. docs/similar.md says
    what it finds and what it cannot. Nothing that students wrote is run.
    """
    examples = """
        gradebox similar            all assignments in source/ that are graded
        gradebox similar nbs12      one of them
    """
    aliases = {name: CourseApp.aliases[name] for name in ("log-level", "course-dir")}  # noqa: RUF012
    flags = {name: what for name, what in CourseApp.flags.items() if name not in ("force", "no-sandbox")}  # noqa: RUF012

    def run(self, assignment: str) -> None:
        exercises: dict[str, tuple[list[Answer], list[Answer]]] = {}
        paths = source_notebooks(self.coursedir, assignment)
        for path in paths:
            for name, what in self.exercises_of(assignment, path).items():
                exercises[name if len(paths) == 1 else f"{path.stem}: {name}"] = what
        students = {answer.student for answers, _ in exercises.values() for answer in answers}
        if not students and self.extra_args:
            raise CourseError(f"Nothing of '{assignment}' is graded yet: run 'gradebox autograde {assignment}'.")
        if not students:
            return
        pairs = alike(exercises)
        page = Path(self.coursedir.root, self.coursedir.feedback_directory, f"{assignment}-similar.html")
        write_whole(page, similar_page(assignment, pairs, len(students)).encode("utf-8", "backslashreplace"))
        self.tell(assignment, pairs, len(students), page)

    def exercises_of(self, assignment: str, source: Path) -> dict[str, tuple[list[Answer], list[Answer]]]:
        """Of every solution cell what the class wrote, and what the instructor did: release and solution."""
        instructors = read_notebook(source)
        release = place(self.coursedir, self.coursedir.release_directory, ".", assignment) / source.name
        known = [instructors, *([read_notebook(release)] if release.exists() else [])]
        exercises = {
            name: (
                [],
                [
                    Answer("", text, code)
                    for notebook in known
                    for other, text, code in cells(notebook)
                    if other == name
                ],
            )
            for name, _, _ in cells(instructors)
        }
        for student, _, path in found(
            self.coursedir, self.coursedir.autograded_directory, None, assignment, source.name
        ):
            answers = {name: Answer(student, text, code) for name, text, code in cells(read_notebook(path))}
            for name in answers.keys() & exercises.keys():
                exercises[name][0].append(answers[name])
        return exercises

    def tell(self, assignment: str, pairs: list[Pair], students: int, page: Path) -> None:
        where = f"{self.coursedir.feedback_directory}/{page.name}"
        if not pairs:
            print(f"{assignment}: of {students} students no two answers stand out. See {where}")
            return
        table = Table(title=f"{assignment}: a place to look, not a verdict", title_justify="left", title_style="bold")
        for column in ("students", "exercises, and how much of what is not everybody's is shared"):
            table.add_column(column, overflow="fold")
        table.add_column("bits", justify="right")
        for pair in pairs[:MOST_ROWS]:
            parts = ", ".join(f"{words(part.exercise)} {100 * part.share:.0f} %" for part in pair.parts)
            table.add_row(" and ".join(map(words, pair.students)), parts, f"{pair.bits:.0f}")
        show(table)
        if len(pairs) > MOST_ROWS:
            print(f"and {len(pairs) - MOST_ROWS} more")
        for group in groups(pairs):
            print(f"A group of {len(group)}: {', '.join(map(words, group))}")
        print(f"Side by side: {where}")


def cells(notebook: NotebookNode) -> list[tuple[str, str, bool]]:
    """The solution cells: grade_id, text, whether it is code."""
    return [
        (cell.metadata.nbgrader.grade_id, cell.source, cell.cell_type == "code")
        for cell in notebook.cells
        if is_solution(cell)
    ]
