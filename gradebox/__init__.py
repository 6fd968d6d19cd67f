"""A grading engine for nbgrader courses, with a folder for each party. Imports go down this list only, by the doors:

    app.py       the command line
    lms/         in and out of the course: what an LMS hands out and takes back
    overview/    the class at a glance: its page, and the index of all feedback pages
    alike/       answers that are more alike than two people working alone would write
    classroom/   a whole assignment: find submissions, hand them out, write what comes back, report
    feedback/    what a student reads
    course/      what an instructor owns: source, release, marks in the gradebook
    exercises/   what an author writes against: cases, truth, mistakes, comparison
    judge/       the trusted side of one notebook
    sandbox/     the border: walls and limits, the values that may cross, the handle on a student's process
    untrusted/   the other side

What courses and hidden tests import by name: `gradebox.checks`, `gradebox.execute`, `gradebox.export`,
`gradebox.feedback`, `gradebox.release`. docs/architecture.md follows a submission through the rooms.
"""

import sys

__version__ = "0.1.0"

# Where this module can be found, jsonschema builds a grammar for international addresses on import: a second of every
# process's start, for a check that no notebook's schema asks for.
sys.modules.setdefault("rfc3987_syntax", None)
