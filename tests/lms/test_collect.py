"""A download of any LMS becomes submitted/: everybody's own work, every file accounted for, nobody guessed."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from lms_class import (
    BY_ID,
    CLASS,
    DUE,
    MAKERS,
    HandIn,
    NotSaidToBeUtf8,
    asked,
    brightspace,
    canvas,
    gradebox,
    gradescope,
    laid_out,
    moodle,
    moodle_table,
    report,
    roster,
    submitted,
    timestamp,
    work,
    zipped,
)
from nbgrader.coursedir import CourseDirectory

from gradebox.course import cell_text
from gradebox.lms import collecting
from gradebox.lms.archives import Entry
from gradebox.lms.collecting import Rules
from gradebox.lms.downloads import read_download
from gradebox.lms.people import People
from gradebox.lms.submitted import Submitted

TWINS = {"google": {"jane", "jane.2"}}  # who cannot be told apart by what an LMS says
ALL = {student.id for student in CLASS}


def rosters(course, lms: str) -> list[str]:
    if lms == "moodle":
        (course / "worksheet.csv").write_bytes(moodle_table({}))
        return ["--roster=students.csv", "--roster=worksheet.csv"]
    if lms == "github":
        (course / "students.csv").write_text(roster("id", "github_username"))
    return ["--roster=students.csv"]


@pytest.mark.parametrize("lms", MAKERS)
@pytest.mark.parametrize("packed", [True, False], ids=["zip", "folder"])
def test_everybodys_work_is_found_and_the_lms_is_recognised(small, tmp_path, lms, packed):
    files = MAKERS[lms]([HandIn(each, work(small, mark=each.id)) for each in CLASS])
    download = tmp_path / "download.zip"
    download.write_bytes(zipped(files, NotSaidToBeUtf8)) if packed else laid_out(files, download)

    said = gradebox(small, "collect", "hw1", download, "--timezone=UTC", *rosters(small, lms))

    twins = TWINS.get(lms, set())
    assert submitted(small) == {student: {"hw1.ipynb": work(small, mark=student)} for student in sorted(ALL - twins)}, (
        said
    )
    assert said.status == bool(twins)
    assert f"from {lms}".lower() in said.out.lower().replace("a folder for each student", "folders")
    assert {row["kind"] for row in report(small).values()} <= {
        *("taken", "left out", "two people's"),
        *(("handed in nothing",) if twins else ()),
    }
    told = files if packed else [name.replace("/.git/HEAD", "/.git") for name in files]  # a repository's files as one
    assert {cell_text(name) for name in told} <= report(small).keys()
    has_time = lms not in ("canvas", "github", "google", "folders")
    assert {bool(timestamp(small, each)) for each in ALL - twins} == {has_time}
    if has_time:
        assert timestamp(small, "ada").startswith("2026-02-28 10:30:")


@pytest.mark.parametrize("lms", MAKERS)
def test_collecting_again_changes_nothing(small, tmp_path, lms):
    files = MAKERS[lms]([HandIn(BY_ID[each], work(small)) for each in ("ada", "noa")])
    (tmp_path / "download.zip").write_bytes(zipped(files))
    command = "collect", "hw1", tmp_path / "download.zip", *rosters(small, lms)
    gradebox(small, *command)
    before = {path: path.stat().st_mtime_ns for path in (small / "submitted").glob("*/hw1/*")}
    assert before

    said = gradebox(small, *command)

    assert said.status == 0
    assert "2 unchanged" in said.out
    assert {path: path.stat().st_mtime_ns for path in (small / "submitted").glob("*/hw1/*")} == before


def collect(course, files, *arguments, name="download.zip"):
    path = course.parent / name
    path.write_bytes(zipped(files))
    return gradebox(course, "collect", "hw1", path, "--roster=students.csv", *arguments)


def test_a_dry_run_says_the_same_and_writes_nothing(small):
    files = canvas([HandIn(BY_ID["ada"], work(small)), HandIn(replace(BY_ID["noa"], number=9), work(small))])
    before = sorted(small.rglob("*"))

    said = collect(small, files, "--dry-run")

    assert "Would collect from Canvas" in said.out and "1 taken" in said.out and "nobody's" in said.out
    assert said.status == 1
    assert sorted(small.rglob("*")) == before


def test_a_newer_attempt_replaces_and_the_old_one_is_kept_until_the_new_one_is_graded(small):
    first = HandIn(BY_ID["ada"], work(small, "wrong"))
    collect(small, canvas([first]))
    second = replace(first, data=work(small), serial=2)

    said = collect(small, canvas([second]))

    assert "1 taken, newer" in said.out
    assert submitted(small)["ada"]["hw1.ipynb"] == second.data
    kept = small / "submitted" / ".collected" / "earlier" / "hw1" / "ada" / "hw1.ipynb"
    assert kept.read_bytes() == first.data

    laid_out({"hw1.ipynb": second.data}, small / "autograded" / "ada" / "hw1")  # as grading leaves it
    collect(small, canvas([second]))
    assert not kept.exists()


def test_an_older_attempt_does_not_replace_a_newer_one(small):
    first = HandIn(BY_ID["ada"], work(small, "wrong"))
    second = replace(first, data=work(small), serial=2)
    collect(small, canvas([second]))

    said = collect(small, canvas([first]))

    assert said.status == 0 and "1 older attempt" in said.out
    assert submitted(small)["ada"]["hw1.ipynb"] == second.data


def test_what_may_be_newer_is_asked_for_and_force_takes_it(small):
    def folders(data):
        return {"ada/hw1.ipynb": data, "noa/hw1.ipynb": work(small)}

    collect(small, folders(work(small, "wrong")))

    said = collect(small, folders(work(small)))
    assert said.status == 1 and "--force" in said.out
    assert submitted(small)["ada"]["hw1.ipynb"] == work(small, "wrong")

    assert collect(small, folders(work(small)), "--force").status == 0
    assert submitted(small)["ada"]["hw1.ipynb"] == work(small)


def test_what_an_instructor_mended_stays_as_it_is(small):
    collect(small, canvas([HandIn(BY_ID["ada"], b"{broken")]))
    (small / "submitted" / "ada" / "hw1" / "hw1.ipynb").write_bytes(work(small))

    assert "1 unchanged" in collect(small, canvas([HandIn(BY_ID["ada"], b"{broken")])).out
    assert submitted(small)["ada"]["hw1.ipynb"] == work(small)


@pytest.mark.parametrize(("which", "kind"), [("last", "wrong"), ("in-time", "right")])
def test_the_last_attempt_counts_or_the_last_in_time(small, which, kind):
    set_due(small)
    attempts = [
        HandIn(BY_ID["ada"], work(small, "waits"), when=DUE - timedelta(days=2), serial=1),
        HandIn(BY_ID["ada"], work(small, "right"), when=DUE - timedelta(days=1), serial=2),
        HandIn(BY_ID["ada"], work(small, "wrong"), when=DUE + timedelta(hours=3), serial=3),
    ]

    said = collect(small, brightspace(attempts), f"--attempts={which}", "--timezone=UTC")

    assert submitted(small)["ada"] == {"hw1.ipynb": work(small, kind)}
    assert "2 older attempt" in said.out
    assert ("late by 3 h" in said.out) == (which == "last")


def set_due(course) -> None:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db", "small") as gradebook:
        gradebook.update_or_create_assignment("hw1", duedate=DUE.replace(tzinfo=None))


def test_an_attempt_without_the_notebook_does_not_stand_for_one_with_it(small):
    first = HandIn(BY_ID["ada"], work(small), when=DUE - timedelta(days=2))
    second = HandIn(BY_ID["ada"], b"%PDF-1.4", name="thoughts.pdf", when=DUE - timedelta(days=1), serial=2)

    collect(small, brightspace([first, second]))

    assert submitted(small)["ada"]["hw1.ipynb"] == first.data


def test_who_hands_in_no_notebook_is_listed_with_what_there_was(small):
    said = collect(small, canvas([HandIn(BY_ID["ada"], b"%PDF", "essay.pdf"), HandIn(BY_ID["noa"], work(small))]))
    assert said.status == 1 and list(submitted(small)) == ["noa"]
    assert report(small)["lovelaceada_101_101001_essay.pdf"]["kind"] == "not a notebook"
    assert report(small)["ada"]["kind"] == "no notebook at all"


def test_canvas_says_that_it_is_late_but_not_by_how_much(small):
    said = collect(small, canvas([HandIn(BY_ID["ada"], work(small), when=DUE + timedelta(days=1))]))
    assert "late, says Canvas, but not by how much" in said.out.replace("\n", " ")
    assert timestamp(small, "ada") == ""


def test_a_timestamp_of_the_students_own_decides_nothing_and_is_told(small):
    packed = zipped({"hw1.ipynb": work(small), "timestamp.txt": b"2001-01-01 00:00:00 UTC"})
    said = collect(small, brightspace([HandIn(BY_ID["ada"], packed, name="all.zip")]), "--timezone=UTC")

    assert timestamp(small, "ada").startswith("2026-02-28 10:30")
    assert "2001-01-01" in said.out and "not used" in said.out


def test_times_of_moodle_come_from_its_worksheet(small):
    (small / "worksheet.csv").write_bytes(moodle_table({}))
    files = moodle([HandIn(BY_ID["ada"], work(small))])
    collect(small, files, "--roster=worksheet.csv", "--timezone=Europe/Berlin")
    assert timestamp(small, "ada").startswith("2026-02-28 09:30")


def test_an_lms_own_ids_are_the_students_where_nobody_is_known_yet(small):
    (small.parent / "download.zip").write_bytes(zipped(canvas([HandIn(BY_ID["ada"], work(small))])))
    said = gradebox(small, "collect", "hw1", small.parent / "download.zip")
    assert said.status == 0 and list(submitted(small)) == ["101"]

    again = gradebox(small, "collect", "hw1", small.parent / "download.zip")
    assert "1 unchanged" in again.out


def test_a_run_that_was_killed_is_taken_up_by_the_next(small, monkeypatch):
    """Its folders are whole, and the book that it did not come to write is written then."""
    files = canvas([HandIn(BY_ID[each], work(small, mark=each)) for each in ("ada", "noa", "wang")])
    put = Submitted.put

    def killed_at_noa(store, student, *what):
        if student == "noa":
            raise KeyboardInterrupt
        put(store, student, *what)

    with monkeypatch.context() as patch:
        patch.setattr(Submitted, "put", killed_at_noa)
        assert collect(small, files).status == 130
    assert list(submitted(small)) == ["ada"]

    said = collect(small, files).out
    assert "2 taken" in said and "1 unchanged" in said
    assert {student: data["hw1.ipynb"] for student, data in submitted(small).items()} == {
        each: work(small, mark=each) for each in ("ada", "noa", "wang")
    }
    assert "3 unchanged" in collect(small, files).out


# --- groups --------------------------------------------------------------------------------------------------------


def test_a_groups_work_is_handed_in_for_every_member(small):
    ada, noa, ann = BY_ID["ada"], BY_ID["noa"], BY_ID["ann"]
    lines = ["id,lms_user_id,name,group", "ada,101,Ada Lovelace,The Engines", "noa,108,Noa Levi,The Engines"]
    (small / "students.csv").write_text("\n".join([*lines, "ann,104,Ann Lee,Others"]) + "\n")
    files = {"theengines_101_7_hw1.ipynb": work(small, mark="engines")} | canvas([HandIn(ann, work(small))])

    said = collect(small, files)

    assert said.status == 0
    assert submitted(small)[ada.id] == submitted(small)[noa.id] == {"hw1.ipynb": work(small, mark="engines")}
    assert "together with noa" in said.out


def test_all_whom_gradescope_names_have_handed_in(small):
    files = gradescope([HandIn(BY_ID["ada"], work(small))], {"ada": [BY_ID["ada"], BY_ID["soren"]]})
    assert collect(small, files).status == 0
    assert list(submitted(small)) == ["ada", "soren"]


def test_what_a_group_hands_in_without_being_one_in_the_roster_is_its_representatives_and_told(small):
    said = collect(small, {"theengines_101_7_hw1.ipynb": work(small)})
    assert list(submitted(small)) == ["ada"]
    assert "handed in as “theengines”" in said.out


# --- what it costs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [50, 200])
def test_every_file_is_read_once_and_none_looked_into_twice(small, monkeypatch, size):
    """Seconds are the benchmark's (`make bench`); here, that the work grows with the class and no faster."""
    read, parsed = Counter(), []
    monkeypatch.setattr("gradebox.classroom.asked.read_submitted", parsed.append)
    entries = []
    for number in range(size):
        name = f"student{number}_{number + 1}_{number + 1000}_hw1.ipynb"

        def data(name=name):
            read[name] += 1
            return work_on_it

        entries.append(Entry(name, data))
    work_on_it = work(small)
    store = Submitted(CourseDirectory(root=str(small)), "hw1")
    for _ in range(2):  # and again
        read.clear()
        download = read_download(entries, People({}), UTC)
        rows = [row for each in collecting.collect(download, store, asked(small), Rules(UTC)) for row in each]
        assert len(rows) == size
        assert read == Counter(entry.name for entry in entries)
    assert parsed == [] and len(submitted(small)) == size
