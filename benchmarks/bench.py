"""Stock nbgrader and gradebox side by side: speed, the bare limit, memory, and who stops which attack.

Works in temporary folders; nothing is written into the repository.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import mean

sys.path.append(str(Path(__file__).parent.parent / "tests"))
os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")})
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

from attackers import SUBMITTED, TARGET, WALL_SECONDS, both_attacked, possible
from classes import GRADERS, PARTS, Run, grade_class, make_class
from collecting import collecting_seconds
from courses import autograde_peak, autograde_seconds, make_courses
from graders import Bare, Times, all_timed, course_config, submissions, warm_start
from made_up_class import ASSIGNMENT as MADE_UP
from made_up_class import make
from other_courses import peers_timed
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sample_class import NOTEBOOKS, SAMPLES, source
from startup import startup_seconds

from gradebox.classroom.report import show
from gradebox.sandbox.walls import Sandbox

MIB = 2**20
ASSIGNMENTS = sorted({notebook.split("/")[0] for notebook in NOTEBOOKS})
MEMORY_STUDENT = "sample-full-marks"


def main() -> None:
    options = arguments()
    if not options.only_class and not options.only_start:
        times, start = measured(options.submissions)
        speed(times, start)
        bare_limit(times)
        peers()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        starting(Path(folder), options.before)
        if options.only_start:
            return
        courses = make_courses(Path(folder))
        if not options.only_class:
            whole_command(courses)
            memory(courses)
            collecting(courses["gradebox"], Path(folder), max(options.growth, default=0))
            reporting(Path(folder))
        whole_class(courses, Path(folder), options.class_size)
        growing_class(courses, Path(folder), options.growth)
        if options.attacks and not options.only_class:
            attacks(courses["stock"])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    number = "how many submissions of each notebook to grade, from the sample class over and over (20)"
    parser.add_argument("--submissions", type=positive, default=20, metavar="N", help=number)
    size = "students of the class that is graded as a whole, by stock nbgrader too (200; 0: leave it out)"
    parser.add_argument("--class-size", type=int, default=200, metavar="N", help=size)
    growth = "classes that show whether a submission costs more in a larger one (20 200 2000)"
    parser.add_argument("--growth", type=positive, nargs="*", default=[20, 200, 2000], metavar="N", help=growth)
    only = "leave out all but the class as a whole (no)"
    parser.add_argument("--only-class", action="store_true", help=only)
    start = "leave out all but what the command takes to start (no)"
    parser.add_argument("--only-start", action="store_true", help=start)
    before = "an earlier version in the history, whose start is timed beside this one's (a845b18; '': none)"
    parser.add_argument("--before", default="a845b18", metavar="COMMIT", help=before)
    attacks = "hand in every attack in tests/judge/attacks to both graders, which takes many minutes (yes)"
    parser.add_argument("--attacks", action=argparse.BooleanOptionalAction, default=True, help=attacks)
    return parser.parse_args()


def positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("has to be 1 or more")
    return number


# --- tables -------------------------------------------------------------------------------------------------


def measured(number: int) -> tuple[dict[str, list[Times]], float]:
    """Times of every submission by notebook, and the seconds gradebox took to start."""
    config, sandbox = course_config(), Sandbox()
    start = warm_start(config)
    bare = Bare([*sandbox.preload, *sandbox.preload_if_used])
    times: dict[str, list[Times]] = {notebook: [] for notebook in NOTEBOOKS}
    for notebook, found in times.items():
        bare.seconds(source(notebook))
        doing = f"Grading {short(notebook)}"
        for turn, (student, submitted) in progress(submissions(notebook, number), doing, number):
            found.append(all_timed(config, bare, notebook, submitted, stock_first=turn % 2 == 0))
            tell(f"  {student}: stock {found[-1].stock:.2f} s, gradebox {found[-1].gradebox:.3f} s")
    bare.close()
    return times, start


def speed(times: dict[str, list[Times]], start: float) -> None:
    columns = ("notebook", "stock", "gradebox", "times faster", "same marks")
    table = new_table("Seconds for one submitted notebook", *columns)
    for notebook, found in times.items():
        stock, ours = mean(each.stock for each in found), mean(each.gradebox for each in found)
        same = sum(each.same_marks for each in found)
        table.add_row(short(notebook), *compared(stock, ours), f"{same} of {len(found)}")
    table.caption = (
        "nbgrader's Execute, which starts a kernel for every notebook, and gradebox's, sandbox on, which "
        "finds its judges warm. Starting them and grading the instructor's own notebooks took "
        f"{start:.1f} s, once. Load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; where it is "
        "over 1 or 2, others were at work and only the ratios count."
    )
    show(table)


def bare_limit(times: dict[str, list[Times]]) -> None:
    """What running the cells alone takes: no grader can be faster."""
    table = new_table("Seconds over the bare limit", "notebook", "bare", "gradebox", "gradebox / bare")
    for notebook, found in times.items():
        bare, ours = mean(each.bare for each in found), mean(each.gradebox for each in found)
        table.add_row(short(notebook), f"{bare:.3f}", f"{ours:.3f}", f"{ours / bare:.2f}")
    table.caption = "Bare: students' cells and tests in one warm interpreter, pictures drawn, no isolation."
    show(table)


def peers() -> None:
    """Courses of other kinds."""
    tell("Grading courses of other kinds")
    table = new_table("Other people's kinds of course", "course", "tests apart", "stock", "gradebox", "times faster")
    for each in peers_timed():
        table.add_row(each.course, f"{each.apart} of {each.tests}", *compared(each.stock, each.gradebox))
    table.caption = "Small courses from tests/peers/; seconds for the instructor's own notebook, medians."
    show(table)


def starting(folder: Path, before: str) -> None:
    """What an instructor waits for who grades one submission again."""
    tell("Starting 'gradebox autograde', again and again")
    found = startup_seconds(folder, before)
    table = new_table("Seconds of 'gradebox autograde nbs12' in a course that was graded before", "", *found)
    for what in found["now"]:
        table.add_row(what, *(f"{seconds[what]:.2f}" for seconds in found.values()))
    table.caption = "The whole command; medians, the versions turn by turn."
    show(table)


def whole_command(courses: dict[str, Path]) -> None:
    """What an instructor waits for who types ``nbgrader autograde``."""
    columns = ("assignment", "submissions", "stock", "gradebox", "times faster")
    table = new_table("Seconds for one submission with 'nbgrader autograde'", *columns)
    for assignment in ASSIGNMENTS:
        handed_in = sum(any(name.startswith(assignment) for name in sample.notebooks) for sample in SAMPLES)
        seconds = {}
        for name, course in courses.items():
            tell(f"nbgrader autograde {assignment}, {name}")
            seconds[name] = autograde_seconds(course, assignment) / handed_in
        table.add_row(assignment, str(handed_in), *compared(seconds["stock"], seconds["gradebox"]))
    table.caption = (
        "The sample class once, all notebooks of the assignment: the whole command, with nbgrader's start, its "
        "gradebook and files, and the start of the warm judges."
    )
    show(table)


def memory(courses: dict[str, Path]) -> None:
    table = new_table("Peak memory in MiB", "assignment", "stock", "gradebox")
    at_least = False
    for assignment in ASSIGNMENTS:
        peaks = []
        for name, course in courses.items():
            tell(f"Memory of nbgrader autograde {assignment}, {name}")
            peaks.append(autograde_peak(course, assignment, MEMORY_STUDENT))
        table.add_row(assignment, *(f"{'≥ ' * peak.unreadable}{peak.memory / MIB:.0f}" for peak in peaks))
        at_least = at_least or any(peak.unreadable for peak in peaks)
    table.caption = (
        f"PSS of 'nbgrader autograde' and all processes below it, every 50 ms, on {MEMORY_STUDENT}."
        + " ≥: some processes could not be looked into." * at_least
    )
    show(table)


def collecting(course: Path, folder: Path, size: int) -> None:
    """What comes before a night of grading."""
    if not size:
        return
    tell(f"Collecting a class of {size}")
    with tempfile.TemporaryDirectory(dir=folder) as place:
        shutil.copytree(course, place, dirs_exist_ok=True)
        found = collecting_seconds(Path(place), size)
    table = new_table(
        f"Seconds for a class of {size} in a zip of Canvas's, nbs12", "", "seconds", "submissions a second"
    )
    for what, seconds in found.items():
        table.add_row(what, f"{seconds:.1f}", f"{size / seconds:.0f}")
    table.caption = "The whole command: with its start, the roster, and the report."
    show(table)


def reporting(folder: Path, size: int = 300, figures: int = 200_000) -> None:
    """What comes after it."""
    tell(f"The page of a class of {size}")
    course = folder / "made-up"
    make(course, size, figures=figures)
    begin = time.perf_counter()
    subprocess.run(["gradebox", "report", MADE_UP], cwd=course, check=True, stdout=subprocess.DEVNULL)
    table = new_table(f"The page of a class of {size}, two notebooks each with pictures of {figures:,} bytes", "", "")
    table.add_row("seconds of 'gradebox report'", f"{time.perf_counter() - begin:.1f}")
    table.add_row("size, kB", f"{(course / 'feedback' / f'{MADE_UP}.html').stat().st_size / 1000:.0f}")
    show(table)


def whole_class(courses: dict[str, Path], folder: Path, size: int) -> None:
    """What a night of grading takes."""
    if not size:
        return
    runs: dict[str, Run] = {}
    for grader in GRADERS:
        tell(f"A class of {size} with {grader}")
        with tempfile.TemporaryDirectory(dir=folder) as place:
            runs[grader] = grade_class(make_class(courses[course_of(grader)], Path(place), size), grader)
    columns = ("seconds", "per second", "times stock", "once warm", "times stock", "peak MiB")
    table = new_table(f"A class of {size}, nbs12", "grader", *columns)
    stock = runs["stock nbgrader"].rate
    for grader, run in runs.items():
        warm = (f"{run.steady:.1f}", f"{run.steady / stock:.1f}") if run.steady else ("", "")
        times = f"{run.rate / stock:.1f}"
        table.add_row(grader, f"{run.seconds:.1f}", f"{run.rate:.2f}", times, *warm, f"{run.memory / MIB:.0f}")
    table.caption = (
        "The whole command on a new class, two notebooks each: with its start, the gradebook and the files. Once "
        f"warm: without the start. Load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors."
    )
    show(table)
    parts(f"Milliseconds of CPU for one submission of the class of {size}", runs)


def parts(title: str, runs: dict[str, Run]) -> None:
    table = new_table(title, "", *PARTS)
    for name, run in runs.items():
        if run.cpu:
            table.add_row(name, *(f"{1000 * run.cpu[part]:.2f}" for part in PARTS))
    table.caption = (
        "student: the sandboxed process; judge: the tests; worker: reading, repairs, nbgrader's own steps; gradebook "
        "and files: what the one writer does."
    )
    show(table)


def growing_class(courses: dict[str, Path], folder: Path, sizes: list[int]) -> None:
    """Whether a submission costs more where there are many."""
    runs = {}
    for size in sizes:
        tell(f"A class of {size} with gradebox")
        with tempfile.TemporaryDirectory(dir=folder) as place:
            runs[str(size)] = grade_class(make_class(courses["gradebox"], Path(place), size), "gradebox, 2 workers")
    if runs:
        parts("Milliseconds of CPU for one submission in classes of several sizes, 2 workers", runs)


def course_of(grader: str) -> str:
    return "stock" if grader.startswith("stock") else "gradebox"


def attacks(course: Path) -> None:
    title = f"Points for '{TARGET}', of {possible():g}"
    table = new_table(title, "attack", "stock", "gradebox")
    for _, (name, stock, ours) in progress(both_attacked(course), "Attacking", len(SUBMITTED)):
        tell(f"  {name}: stock {stock}, gradebox {ours}")
        table.add_row(name, stock, ours)
    table.caption = (
        "An attack has no answer and deserves 0. grader down: it ended with an error and gave no marks. "
        f"timeout: it was still busy after {WALL_SECONDS} s. Many attacks (wire_..., answer_...) aim at "
        "gradebox's own parts and find nothing to hold on to in stock nbgrader."
    )
    show(table)


# --- helpers ------------------------------------------------------------------------------------------------


def new_table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", caption_justify="left")
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def compared(stock: float, ours: float) -> tuple[str, str, str]:
    return f"{stock:.2f}", f"{ours:.3f}", f"{stock / ours:.1f}"


def short(notebook: str) -> str:
    """The notebook's number, 10.3 for nbs10/10_3_2D_Convolution, or its name if it has none."""
    words = Path(notebook).name.split("_")
    return ".".join(words[:2]) if words[0].isdigit() else " ".join(words)


def progress(items: Iterable, doing: str, number: int) -> Iterator[tuple[int, object]]:
    """The items with their numbers from 0: a bar on a terminal, a line each elsewhere."""
    console = Console(stderr=True)
    if console.is_terminal:
        yield from enumerate(track(items, description=doing, total=number, console=console, transient=True))
        return
    for turn, item in enumerate(items):
        tell(f"{doing} {turn + 1}/{number}")
        yield turn, item


def tell(line: str) -> None:
    """Say how far we are, beside the tables and not among them."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
