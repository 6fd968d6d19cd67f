"""What a run of the grader shows: progress while it works, and at its end what became of everybody."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.measure import Measurement
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from gradebox.classroom.classroom import Classroom
from gradebox.classroom.gradebook import Late
from gradebox.classroom.grading import GRADED, REFUSED, REPAIRED
from gradebox.course import words
from gradebox.judge import Proof

LINE_SECONDS = 1.0  # between two lines where there is no terminal; what was not simply graded is always told
MOST_ROWS = 50  # of the table of repairs
MOST_WHAT = 2000  # characters of a reason, or of all repairs of a submission
WIDEST = 100  # characters of a reason before it goes on in the next line


class Report:
    """One run over one assignment."""

    def __init__(self, classroom: Classroom, total: int):
        self.classroom = classroom
        self.total = total
        self.records: list[dict] = []
        self.count: Counter[str] = Counter()
        self.begin = time.monotonic()
        self.told = 0.0
        self.console = Console(markup=False, emoji=False)
        self.bar: Progress | None = None
        self.said: list[str] = []  # by rehearsals
        self.late: list[Late] = []  # penalties that were changed without grading again

    def rehearsed(self, proofs: dict[str, Proof]) -> None:
        """Tell what the instructor's notebooks have shown; the report at the end has it, too."""
        self.said = [f"{name}: {line}" for name, proof in proofs.items() for line in proof.said()]
        for line in self.said:
            print(f"{self.classroom.name}/{words(line, MOST_WHAT)}", flush=True)

    # --- while it works -----------------------------------------------------------------------------------------

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """A bar on a terminal, lines elsewhere. Gives the function that tells what keeps the grader waiting."""
        self.begin = time.monotonic()
        if not self.console.is_terminal:
            yield lambda text: print(text, flush=True)
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}", markup=False),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console) as self.bar:
            self.task = self.bar.add_task(f"Grading {self.classroom.name}", total=self.total, state="")
            yield self.bar.console.print

    def add(self, record: dict) -> None:
        """Take note of a submission that is done."""
        self.records.append(record)
        self.count[record["state"]] += 1
        if self.bar is not None:
            self.bar.update(self.task, advance=1, state=f"{self.rate():.1f}/s, {self.count[REFUSED]} refused")
            return
        now = time.monotonic()
        if record["state"] == GRADED and now - self.told < LINE_SECONDS and 1 < len(self.records) < self.total:
            return
        self.told = now
        left = (self.total - len(self.records)) / self.rate()
        what = f": {words(record['reason'])}" if record["reason"] else ""
        print(
            f"Grading {self.classroom.name} {len(self.records)}/{self.total} ({self.rate():.1f}/s, {left:.0f} s left, "
            f"{self.count[REFUSED]} refused): {words(record['student'])} {record['state']}{what}",
            flush=True,
        )

    def rate(self) -> float:
        return len(self.records) / max(1e-6, time.monotonic() - self.begin)

    # --- at the end ---------------------------------------------------------------------------------------------

    def show(self) -> None:
        """A table of what this run has done, and one of what the instructor may want to look at."""
        name = self.classroom.name
        everybody = len(self.classroom.handed_in)
        table = Table(title=f"{name} · {self.classroom.log.path.name}", title_justify="left", title_style="bold")
        for column in ("handed in", "unchanged", GRADED, REPAIRED, REFUSED, "seconds", "per second"):
            table.add_column(column, justify="right")
        seconds = time.monotonic() - self.begin
        counts = [str(self.count[state]) for state in (GRADED, REPAIRED, REFUSED)]
        rate = f"{len(self.records) / seconds:.1f}" if self.records else ""
        table.add_row(str(everybody), str(everybody - self.total), *counts, f"{seconds:.1f}", rate)
        table.caption_justify = "left"
        table.caption = "\n".join(words(line, MOST_WHAT) for line in self.said)
        show(table)
        for each in self.late:
            changed = f"{each.before or 0:g} \N{RIGHTWARDS ARROW} {each.now or 0:g}"
            print(f"Late penalty of {words(each.student)}, {words(each.notebook)}: {changed}")
        self.show_odd()

    def show_odd(self) -> None:
        """Who was refused, in this run or before, and who was repaired in this one, or something is to be said of."""
        handed_in = {each.student for each in self.classroom.handed_in}
        known = [record for record in self.classroom.log.records.values() if record["student"] in handed_in]
        odd = [record for record in known if record["state"] == REFUSED]
        odd += [record for record in self.records if record["state"] == REPAIRED]
        odd += [record for record in self.records if record["state"] == GRADED and record.get("remarks")]
        if not odd:
            return
        table = Table(show_header=True)
        table.add_column("student", no_wrap=True)
        table.add_column("state", no_wrap=True)
        table.add_column("what", overflow="fold", max_width=WIDEST)
        for record in odd[:MOST_ROWS]:
            repairs = [repair for said in record["repairs"].values() for repair in said]
            what = words(record["reason"] or " ".join([*record.get("remarks", ()), *repairs]), MOST_WHAT)
            table.add_row(words(record["student"]), record["state"], what)
        if len(odd) > MOST_ROWS:
            table.caption = f"and {len(odd) - MOST_ROWS} more, see {self.classroom.log.path.name}"
        show(table)


def show(table) -> None:
    """Print a table; where the output is no terminal, as wide as it needs. Text is text: rich's markup is off."""
    console = Console(markup=False, emoji=False)
    if not console.is_terminal:
        console.width = Measurement.get(console, console.options.update(width=1000), table).maximum
    console.print(table)
