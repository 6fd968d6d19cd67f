"""What an instructor owns: the notebooks in source/, their release, and the marks in nbgrader's gradebook.

Promise: what is wrong with the course is said in one line that tells what to do (`CourseError`), and nothing here
changes a mark.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "catalogue": ["catalogue_page", "exercises_behind"],
        "export": ["SafeCsv"],
        "grades": ["Points", "Record", "records"],
        "hints_command": ["HintsApp"],
        "marks": ["notebook_table", "read_marks"],
        "release": ["ColabBadge", "ExamMode"],
        "words": ["as_json", "cell_text", "lines", "markdown_text", "words"],
        "writing": ["write_whole"],
        "source": [
            "CourseError",
            "exercise_of",
            "exercises",
            "found",
            "place",
            "read_notebook",
            "source_assignments",
            "source_notebooks",
            "up_to_date",
        ],
    },
)
