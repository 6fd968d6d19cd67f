"""nbgrader's own ways in and out keep working beside ours: its exchange, and zip_collect."""

import shutil

import pytest
from conftest import run
from lms_class import BY_ID, HandIn, blackboard, gradebox, laid_out, submitted, work, zipped


@pytest.mark.long
def test_what_the_exchange_collects_is_graded_and_our_pages_find_their_students(small, tmp_path):
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    with open(small / "nbgrader_config.py", "a") as config:
        config.write(f"c.Exchange.root = '{exchange}'\nc.CollectApp.check_owner = False\n")
    home = tmp_path / "student"
    home.mkdir()
    shutil.copy(small / "nbgrader_config.py", home)
    run("nbgrader", "release_assignment", "hw1", cwd=small)
    run("nbgrader", "fetch_assignment", "hw1", cwd=home)
    (home / "hw1" / "hw1.ipynb").write_bytes(work(small))
    (home / "hw1" / "own.html").write_text("<p>a page of the student's own</p>")
    run("nbgrader", "submit", "hw1", cwd=home)
    run("nbgrader", "collect", "hw1", cwd=small)
    (folder,) = (small / "submitted").glob("*/hw1")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {"timestamp.txt", "submission_secret.txt"} <= before.keys()

    for command in ("autograde", "feedback"):
        run("gradebox", command, "hw1", cwd=small)
    run("nbgrader", "release_feedback", "hw1", cwd=small)
    run("nbgrader", "fetch_feedback", "hw1", cwd=home)

    pages = {path.name: path.read_bytes() for path in home.glob("hw1/feedback/*/*.html")}
    made = (small / "feedback" / folder.parent.name / "hw1" / "hw1.html").read_bytes()
    assert pages["hw1.html"] == made and b"gradebox-marks" in made
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_collecting_from_an_lms_leaves_what_the_exchange_collected(small, tmp_path):
    place = small / "submitted" / "ada" / "hw1"
    own = {
        "hw1.ipynb": work(small, "wrong"),
        "timestamp.txt": b"2026-03-01 10:00:00 UTC",
        "submission_secret.txt": b"a",
    }
    laid_out(own, place)
    (tmp_path / "download.zip").write_bytes(zipped(blackboard([HandIn(BY_ID["ada"], work(small))])))

    said = gradebox(small, "collect", "hw1", tmp_path / "download.zip", "--roster=students.csv", "--timezone=UTC")

    assert "1 older attempt" in said.out
    assert {path.name: path.read_bytes() for path in place.iterdir()} == own


@pytest.mark.long
def test_zip_collect_of_nbgraders_keeps_working(small):
    with open(small / "nbgrader_config.py", "a") as config:
        config.write(
            "c.FileNameCollectorPlugin.named_regexp = (\n"
            "    r'.*_(?P<student_id>\\w+)_attempt_(?P<timestamp>[0-9\\-]+)_(?P<file_id>.*)')\n"
        )
    archive = small / "downloaded" / "hw1" / "archive"
    files = blackboard([HandIn(BY_ID["ada"], work(small), "hw1.ipynb")])
    laid_out({name.replace("mangled1", "hw1"): data for name, data in files.items()}, archive)

    run("nbgrader", "zip_collect", "hw1", cwd=small)

    assert submitted(small)["ada"]["hw1.ipynb"] == work(small)
    (small / "download.zip").write_bytes(zipped(files))
    said = gradebox(small, "collect", "hw1", "download.zip", "--roster=students.csv")
    assert "1 unchanged" in said.out
