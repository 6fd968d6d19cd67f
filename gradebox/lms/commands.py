"""The commands: gradebox collect, export and gradescope."""

import gradebox.lean  # noqa: F401, I001  (before what imports nbgrader)

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.tz import tzlocal
from nbgrader.converters import Autograde
from rich.console import Console
from rich.progress import track
from traitlets import Bool, Enum, List, Unicode, default

from gradebox.classroom import asked_for, open_gradebook, show, the_only_writer
from gradebox.command import CourseApp
from gradebox.course import CourseError, words
from gradebox.lms.archives import opened
from gradebox.lms.collecting import IN_TIME, LAST, Rules, collect
from gradebox.lms.downloads import read_download
from gradebox.lms.known import KNOWN
from gradebox.lms.people import Person, key
from gradebox.lms.report import ABSENT, EMPTY, OPEN, STRANGER, Row, as_csv, summary, to_look_at
from gradebox.lms.rosters import people_of
from gradebox.lms.submitted import Submitted


class LmsApp(CourseApp):
    """What the commands share that know students by the names an LMS has for them."""

    aliases = {name: CourseApp.aliases[name] for name in ("log-level", "db", "course-dir")}  # noqa: RUF012
    flags = {name: what for name, what in CourseApp.flags.items() if name not in ("force", "no-sandbox")}  # noqa: RUF012

    roster = List(
        Unicode(),
        help="Tables that say who is who: nbgrader's own (id, first_name, last_name, email, lms_user_id), or an LMS's. "
        "Several are put together. Without one: the gradebook's students, and whom earlier downloads have named.",
    ).tag(config=True)
    timezone = Unicode("", help="Zone of times that do not say it, like Europe/Berlin (default: this machine's)").tag(
        config=True
    )
    partial = Bool(False, help="Whether what is left open is no failure").tag(config=True)

    @property
    def zone(self) -> tzinfo:
        if not self.timezone:
            return tzlocal()
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CourseError(f"There is no time zone “{self.timezone}”: name one like Europe/Berlin.") from error

    def arguments(self, *names: str) -> list[str]:
        if len(self.extra_args) != len(names):
            raise CourseError(f"Say it like this: {self.name} {' '.join(names)}. See '{self.name} --help'.")
        return self.extra_args

    def people(self, gradebook, submitted: Submitted):
        known = [*gradebook_people(gradebook), *submitted.known_people()]
        return people_of(map(Path, self.roster), known, self.zone)

    def end(self, left_open: int) -> None:
        """Raises CourseError if something was left open and that was not asked for."""
        if left_open and not self.partial:
            raise CourseError(
                f"{left_open} {'are' if left_open > 1 else 'is'} left open (first in the table above); everything else "
                "is done. With --partial that is no failure."
            )


def gradebook_people(gradebook) -> Iterator[Person]:
    """The students whom the gradebook knows, by what it knows of them."""
    for student in gradebook.students:
        about = {"email": student.email, "lms": student.lms_user_id}
        name = ", ".join(filter(None, [student.last_name, student.first_name]))
        keys = frozenset((kind, key(value)) for kind, value in about.items() if value)
        yield Person(student.id, keys, frozenset(filter(None, [name])))


class CollectApp(LmsApp):
    name = "gradebox collect"
    description = """Take what an LMS hands out, a zip or a folder, into submitted/

    Finds out by itself which LMS it is from, who handed in what, which file is which notebook, and which attempt
    counts. Whoever is not certain is told, never guessed. Collecting again changes nothing but what has become newer.
    Every file of the download is accounted for in submitted/.collected/ASSIGNMENT.csv.
    """
    examples = """
        gradebox collect nbs12 ~/Downloads/submissions.zip --roster students.csv
        gradebox collect nbs12 submissions.zip --roster gradebook-export.csv --dry-run
                                              who is who from the LMS's own table; nothing is written
        gradebox collect nbs12 submissions.zip --roster students.csv --roster worksheet.csv
                                              Moodle: its grading worksheet knows the numbers and the times
        gradebox collect nbs12 clones/ --from github --attempts in-time
    """
    aliases = LmsApp.aliases | {
        "from": "CollectApp.lms",
        "roster": "CollectApp.roster",
        "attempts": "CollectApp.attempts",
        "timezone": "CollectApp.timezone",
    }
    flags = LmsApp.flags | {
        "dry-run": ({"CollectApp": {"dry_run": True}}, "Say what would be done, and write nothing."),
        "partial": ({"CollectApp": {"partial": True}}, "What is left open is no failure."),
        "force": ({"BaseConverter": {"force": True}}, "Take what is not known to be newer than what is there."),
    }
    lms = Enum(["", *KNOWN], "", help="Which LMS it is from (default: found out)").tag(config=True)
    attempts = Enum(
        [LAST, IN_TIME], LAST, help="Which of several attempts counts: the last, or the last before the deadline"
    ).tag(config=True)
    dry_run = Bool(False, help="Whether to write nothing").tag(config=True)

    @default("classes")
    def _classes_default(self):
        return [*super()._classes_default(), CollectApp, Autograde]

    def start_all(self, assignments: list[str]) -> None:
        assignment, path = self.arguments("ASSIGNMENT", "FILE_OR_FOLDER")
        converter = Autograde(coursedir=self.coursedir, parent=self)
        rules = Rules(self.zone, self.attempts, converter.force, not self.dry_run)
        with (
            the_only_writer(Path(self.coursedir.root)),
            open_gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook,
            opened(Path(path)) as entries,
        ):
            wanted = asked_for(self.coursedir, converter, assignment, gradebook)
            submitted = Submitted(self.coursedir, assignment)
            download = read_download(entries, self.people(gradebook, submitted), rules.zone, self.lms)
            handing_in = collect(download, submitted, wanted, rules)
            rows = download.rows + [
                row for each in shown(handing_in, len(download.attempts), assignment) for row in each
            ]
            counted = Counter(row.kind for row in rows)
            if counted[STRANGER] and counted[EMPTY] == len(download.attempts):
                raise CourseError(
                    f"{path}: no file in it is {' or '.join(wanted.notebooks)}. Is it another assignment's download?"
                )
            rows += [Row(ABSENT, student=student) for student in download.absent]
            if rules.write:
                submitted.close(as_csv(rows))
        self.tell(rows, download.lms.title, "" if self.dry_run else f", see {submitted.report_path}")

    def tell(self, rows: list[Row], title: str, where: str) -> None:
        if table := to_look_at(rows, where):
            show(table)
        did = "Would collect" if self.dry_run else "Collected"
        zone = self.timezone or f"this machine's, {datetime.now(self.zone):%Z}"
        print(f"{did} from {title} (times without a zone: {zone}): {words(summary(rows))}{where}")
        self.end(sum(row.kind in OPEN for row in rows))


def shown(work: Iterator, total: int, what: str) -> Iterator:
    """The same, with a bar on a terminal."""
    console = Console()
    yield from track(work, f"Collecting {what}", total, console=console, disable=not console.is_terminal)
