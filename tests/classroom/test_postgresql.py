"""The gradebook in PostgreSQL: a real server, started here on loopback, and nbgrader's own commands on it."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
import regraded_class
from conftest import graded_test, run
from lms_class import gradebox
from nbgrader.api import Gradebook
from small_class import ASSIGNMENT, NAME, RIGHT, ROWS, WRONG, grade, hand_in, log, rows
from sqlalchemy import create_engine, text

SERVER_USER = "postgres"  # made by Debian's package; the server refuses to be run by root
OWN_BIN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def as_server(*command: str, **options) -> subprocess.CompletedProcess:
    prefix = ["runuser", "-u", SERVER_USER, "--"] if os.getuid() == 0 else []
    return subprocess.run(
        [*prefix, *command], check=True, capture_output=True, text=True, cwd="/", timeout=3600, **options
    )


@pytest.fixture(scope="module")
def server():
    """Address of a fresh server; gone afterwards."""
    if not OWN_BIN:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    if os.getuid() == 0 and SERVER_USER not in (user.pw_name for user in pwd.getpwall()):
        pytest.skip("root cannot run PostgreSQL, and there is no user 'postgres'")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="gradebox-postgresql-"))
    data, commands = folder / "data", OWN_BIN[-1]
    if os.getuid() == 0:
        shutil.chown(folder, SERVER_USER)
    try:
        as_server(str(commands / "initdb"), "-D", str(data), "-A", "trust", "-U", "grader", "--no-sync", "-E", "UTF8")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
        # Its output would hold our pipe open for as long as it runs.
        as_server(str(commands / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield f"postgresql://grader@127.0.0.1:{port}"
        finally:
            as_server(str(commands / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def database(server, request):
    """A database of one's own."""
    name = f"gradebook_{abs(hash(request.node.name))}"
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    return f"{server}/{name}"


def rows_in(database: str) -> dict[str, list[tuple]]:
    with Gradebook(database, "dl") as gradebook, gradebook.engine.connect() as connection:
        return {
            what: sorted((tuple(row) for row in connection.execute(text(query))), key=repr)
            for what, query in ROWS.items()
        }


def test_a_class_graded_into_postgresql_has_the_rows_it_has_in_sqlite(course, database):
    hand_in(course, "ada", RIGHT, timestamp="2026-01-09 12:00:00 UTC")
    hand_in(course, "bob", WRONG)
    grade(course)
    run("gradebox", "release", ASSIGNMENT, "--db", database, cwd=course)

    grade(course, "--db", database)

    ours, sqlite = rows_in(database), rows(course)
    assert [(*row[:3], row[3] and float(row[3]), *row[4:6], bool(row[6])) for row in ours["grades"]] == [
        (*row[:6], bool(row[6])) for row in sqlite["grades"]
    ]
    for what in ("comments", "students", "courses"):
        assert ours[what] == sqlite[what]
    assert {record["state"] for record in log(course).values()} == {"graded"}

    run("gradebox", "release", "nbs10", "--db", database, cwd=course)  # an earlier assignment, to be compared with
    reports = []
    for where in ([], ["--db", database]):
        run("gradebox", "report", ASSIGNMENT, *where, cwd=course)
        reports.append({path.name: path.read_bytes() for path in (course / "feedback").glob("*.csv")})
    assert reports[0] == reports[1] and len(reports[0]) == 3


@pytest.mark.long
def test_a_persons_grade_in_postgresql_stands_and_nbgrader_exports_it(course, database):
    path = hand_in(course, "ada", WRONG)
    run("gradebox", "release", ASSIGNMENT, "--db", database, cwd=course)
    grade(course, "--db", database)
    with Gradebook(database, "dl") as gradebook:
        by_hand = gradebook.find_grade("multihead-scaled-self-attention-values", NAME, ASSIGNMENT, "ada")
        by_hand.manual_score, by_hand.needs_manual_grade = 2.0, False
        gradebook.db.commit()

    for again in (path.touch, lambda: hand_in(course, "ada", RIGHT)):
        again()
        assert "ada graded" in grade(course, "--db", database)

        with Gradebook(database, "dl") as gradebook:
            by_hand = gradebook.find_grade("multihead-scaled-self-attention-values", NAME, ASSIGNMENT, "ada")
            said = by_hand.score, by_hand.auto_score, by_hand.needs_manual_grade
            assert said == ((2.0, 0.0, False) if again == path.touch else (2.0, 3.0, True))
    run("nbgrader", "export", "--db", database, cwd=course)
    assert ",ada," in (course / "grades.csv").read_text()


def test_cells_are_added_and_removed_in_postgresql_and_what_people_gave_goes_only_by_force(small, database):
    """With `--force`: there is no copy of it."""
    assert gradebox(small, "release", "hw1", "--db", database).status == 0
    regraded_class.hand_in(small, "ada", "waits")
    assert gradebox(small, "autograde", "hw1", "--workers=1", "--db", database).status == 0
    with Gradebook(database, "small") as gradebook:
        by_hand = gradebook.find_grade("why", "hw1", "hw1", "ada")
        by_hand.manual_score, by_hand.needs_manual_grade = 0.5, False
        gradebook.db.commit()

    def change(cells, notebook):
        notebook.remove(cells["why"])
        cells["double-values"].metadata.nbgrader.grade_id = "double-negative"
        notebook.append(graded_test("double-zero", "assert double(0) == 0", 3))

    regraded_class.edit(small, change)
    refused = gradebox(small, "release", "hw1", "--migrate", "--db", database)
    assert refused.status == 1 and "say it again with --force" in refused.err
    assert "ada: hw1, why: 0.5 points" in refused.out
    assert gradebox(small, "release", "hw1", "--migrate", "--force", "--db", database).status == 0
    with Gradebook(database, "small") as gradebook:
        found = {row.name: row.auto_score for row in gradebook.find_submission_notebook("hw1", "hw1", "ada").grades}
    assert found == {"double-check": 1, "double-negative": 2, "double-zero": None}


def test_a_server_that_is_not_there_is_named_in_one_line(course):
    hand_in(course, "ada")
    nowhere = "postgresql://grader@127.0.0.1:9/gradebook"
    refused = run("gradebox", "autograde", ASSIGNMENT, "--db", nowhere, cwd=course, check=False)
    assert refused.returncode != 0 and refused.stdout == ""
    (line,) = refused.stderr.strip().splitlines()
    assert "cannot be opened" in line and "--db" in line
    assert not (course / "autograded").exists()
