"""Zips that bomb, lead out or are cut off, rosters that contradict themselves: a line each, nothing half-written."""

import io
import os
import zipfile

import pytest
from lms_class import (
    BY_ID,
    HandIn,
    canvas,
    gradebox,
    laid_out,
    link_in_zip,
    report,
    roster,
    submitted,
    work,
    zipped,
)

ADA = "lovelaceada_101_101001"


def collect(course, data: bytes, *arguments):
    (course.parent / "download.zip").write_bytes(data)
    return gradebox(course, "collect", "hw1", course.parent / "download.zip", "--roster=students.csv", *arguments)


def complaint(said) -> str:
    assert said.status == 1 and said.out == ""
    (line,) = said.err.splitlines()
    return line


def encrypted(files) -> bytes:
    """Members that say they are; no program of ours makes real ones."""
    data = bytearray(zipped(files))
    for header, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.find(header)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(header, place + 4)
    return bytes(data)


def bomb() -> bytes:
    return zipped({"hw1.ipynb": b"0" * (100 * 2**20)})


def deep() -> bytes:
    data = b"{}"
    for name in ("hw1.ipynb", *["a.zip"] * 4):
        data = zipped({name: data})
    return data


def spoilt(files) -> bytes:
    data = zipped(files)
    return data[:60] + b"\xff" * 30 + data[90:]


BAD = {
    "bomb": (bomb, "zip bomb"),
    "out": (lambda: zipped({"../../../evil.ipynb": b"{}"}), "leads out"),
    "absolute": (lambda: zipped({"/etc/evil.ipynb": b"{}"}), "absolute"),
    "drive": (lambda: zipped({"C:\\evil.ipynb": b"{}"}), "absolute"),
    "link": (lambda: link_in_zip("hw1.ipynb", "/etc/passwd"), "link"),
    "encrypted": (lambda: encrypted({"hw1.ipynb": b"{}"}), "encrypted"),
    "cut off": (lambda: zipped({"hw1.ipynb": os.urandom(5000)})[:3000], "cut off"),
    "spoilt": (lambda: spoilt({"hw1.ipynb": os.urandom(500)}), "damaged"),
    "deep": (deep, "other zips"),
    "many": (lambda: zipped({f"{number}.txt": b"" for number in range(5001)}), "more than 5000 files"),
    "empty": (lambda: zipped({}), "nothing in it"),
    "long name": (lambda: zipped({"a" * 250 + ".ipynb": b"{}"}), "240 bytes"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_archive_costs_its_student_only(small, kind):
    make, why = BAD[kind]
    noa = HandIn(BY_ID["noa"], work(small))

    said = collect(small, zipped({f"{ADA}_all.zip": make()} | canvas([noa])))

    assert submitted(small) == {"noa": {"hw1.ipynb": noa.data}}
    assert said.status == 1 and "left open" in said.err
    lost = [row for row in report(small).values() if row["kind"] == "cannot be read"]
    assert lost and all(row["student"] == "ada" for row in lost)
    assert any(why in row["what"] for row in lost), lost
    assert not [path for path in small.parent.rglob("*evil*")]
    assert collect(small, zipped({f"{ADA}_all.zip": make()} | canvas([noa])), "--partial").status == 0


def test_what_is_right_in_a_bad_archive_is_taken(small):
    packed = io.BytesIO(zipped({"hw1.ipynb": work(small), "data/a.txt": b"1"}))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("../b.txt", "2")
    collect(small, zipped({f"{ADA}_all.zip": packed.getvalue()}))
    assert submitted(small)["ada"] == {"hw1.ipynb": work(small), "data/a.txt": b"1"}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (zipped({"a": b"b"})[:40], "cut off or damaged"),
        (b"", "neither a zip nor a folder"),
        (b"hello", "neither a zip nor a folder"),
        (zipped({}), "no file in it"),
        (zipped({"a.ipynb": b"{}", "b.ipynb": b"{}"}), "one folder for each student"),
    ],
    ids=["cut off", "empty", "text", "no files", "no names"],
)
def test_a_download_that_is_none_is_one_line(small, data, says):
    assert says in complaint(collect(small, data))
    assert not (small / "submitted").exists()


def test_another_assignments_download_is_one_line_and_nothing_is_written(small):
    data = zipped(canvas([HandIn(BY_ID[each], work(small, assignment="hw2")) for each in ("ada", "noa")]))
    assert "another assignment's download" in complaint(collect(small, data))
    assert not (small / "submitted").exists()


def test_the_word_for_another_lms_is_one_line(small):
    data = zipped(canvas([HandIn(BY_ID["ada"], work(small))]))
    assert "not files as Moodle names them" in complaint(collect(small, data, "--from=moodle"))


ROSTERS = {
    "twice": ("id,email\nada,a@x\nnoa,b@x\nada,c@x\n", "row 2 and row 4 both have the id “ada”"),
    "same address": ("id,email\nada,a@x\nnoa,a@x\n", "both have the email"),
    "no columns": ("points,when\n1,2\n", "no column that says who is who"),
    "no rows": ("id,email\n", "no table"),
    "names only": ("name,group\nAda Lovelace,a\n", "no column that says who is who"),
    "a folder's name": ("id,name\n../ada,Ada\n", "cannot be a student's id"),
    "hidden": ("id,name\n.ada,Ada\n", "cannot be a student's id"),
    "a spreadsheet": ("PK\x03\x04", "save it as CSV"),
}


@pytest.mark.parametrize("kind", ROSTERS)
def test_a_roster_that_contradicts_itself_is_one_line(small, kind):
    text, says = ROSTERS[kind]
    (small / "students.csv").write_text(text)
    said = collect(small, zipped(canvas([HandIn(BY_ID["ada"], work(small))])))
    assert says in complaint(said)
    assert not (small / "submitted").exists()


def test_links_and_devices_in_a_folder_are_not_followed(small, tmp_path):
    download = laid_out({"ada/hw1.ipynb": work(small), "noa/hw1.ipynb": work(small)}, tmp_path / "download")
    (download / "ada" / "shadow.txt").symlink_to("/etc/shadow")
    (download / "ann").symlink_to(download / "ada")
    os.mkfifo(download / "noa" / "pipe")

    said = gradebox(small, "collect", "hw1", download, "--roster=students.csv")

    assert said.status == 1
    assert {student: sorted(files) for student, files in submitted(small).items()} == {
        "ada": ["hw1.ipynb"],
        "noa": ["hw1.ipynb"],
    }
    assert report(small)["ada/shadow.txt"]["kind"] == "cannot be read"
    assert report(small)["noa/pipe"]["kind"] == "cannot be read"


def test_those_who_are_nobody_are_listed_with_what_to_write(small):
    (small / "students.csv").write_text(roster(students=[BY_ID["noa"]]))
    said = collect(small, zipped(canvas([HandIn(BY_ID[each], work(small)) for each in ("ada", "noa")])))
    assert said.status == 1
    assert "write 101 into the roster's column lms_user_id" in " ".join(said.out.replace("│", " ").split())
    assert list(submitted(small)) == ["noa"]
