"""What each LMS makes of a file's name, read from the names alone."""

from datetime import UTC, datetime

import pytest
from lms_class import BY_ID, HandIn, gradescope

from gradebox.lms.interface import Aside, Piece, Who
from gradebox.lms.known import KNOWN, recognised


def read(lms: str, *names: str, texts=None) -> dict:
    return KNOWN[lms].read(names, lambda name: (texts or {}).get(name, ""))


def piece(lms: str, name: str, **options) -> Piece:
    return read(lms, name, **options)[name]


CANVAS = {
    "doejane_4321_98765_hw1.ipynb": ("4321", "doejane", "hw1.ipynb", False),
    "doejane_LATE_4321_98765_hw1-1.ipynb": ("4321", "doejane", "hw1-1.ipynb", True),
    "doejane_4321_98765_my_1_2_LATE_hw.ipynb": ("4321", "doejane", "my_1_2_LATE_hw.ipynb", False),
    "van_der_berg_4321_98765_a b.ipynb": ("4321", "van_der_berg", "a b.ipynb", False),
    "לוינועה_4321_98765_hw1.ipynb": ("4321", "לוינועה", "hw1.ipynb", False),
    "_4321_98765_hw1.ipynb": ("4321", "", "hw1.ipynb", False),
    "Doe_Jane_4321_98765.ipynb": ("4321", "Doe_Jane", "Doe_Jane.ipynb", False),
}


@pytest.mark.parametrize("name", CANVAS)
def test_canvas(name):
    number, who, file, late = CANVAS[name]
    assert piece("canvas", name) == Piece((Who((("lms", number),), who),), file, late=late, order=98765)


@pytest.mark.parametrize("name", ["doejane_4321_text.html", "doejane_LATE_4321_link.html"])
def test_canvas_typed_texts_are_no_files(name):
    assert not piece("canvas", name).open


def test_canvas_anonymous_files_are_open():
    assert piece("canvas", "anon_aB3x_98765_hw1.ipynb").open


MOODLE = {
    "Jane Doe_1234567_assignsubmission_file_/hw1.ipynb": ("Jane Doe", "hw1.ipynb"),
    "Jane Doe_1234567_assignsubmission_file/hw1.ipynb": ("Jane Doe", "hw1.ipynb"),
    "Jane Doe_1234567_assignsubmission_file/a/b_9_assignsubmission_file_/hw1.ipynb": (
        "Jane Doe",
        "a/b_9_assignsubmission_file_/hw1.ipynb",
    ),
    "Jane Doe_1234567_assignsubmission_file_hw1.ipynb": ("Jane Doe", "hw1.ipynb"),
    "Jane Doe_1234567_assignsubmission_file_x_9_assignsubmission_file_hw1.ipynb": (
        "Jane Doe",
        "x_9_assignsubmission_file_hw1.ipynb",
    ),
    "Teilnehmer/in_1234567_assignsubmission_file/hw1.ipynb": None,
    "O'Brien Seán_1234567_assignsubmission_file_/two words.ipynb": ("O'Brien Seán", "two words.ipynb"),
}


@pytest.mark.parametrize("name", MOODLE)
def test_moodle(name):
    if MOODLE[name] is None:
        assert read("moodle", name) == {}
    else:
        who, file = MOODLE[name]
        assert piece("moodle", name) == Piece((Who((("pid", "1234567"),), who),), file)


def test_moodle_typed_texts_and_teams_without_a_number():
    assert not piece("moodle", "Jane Doe_1_assignsubmission_onlinetext_/onlinetext.html").open
    assert piece("moodle", "Default group_assignsubmission_file/hw1.ipynb").open


def test_moodle_with_user_names_before_the_names():
    assert piece("moodle", "jdoe_Jane Doe_7_assignsubmission_file_/a.ipynb").who == (
        Who((("pid", "7"), ("login", "jdoe")), "Jane Doe"),
    )


BLACKBOARD = {
    "Homework 1_jane_attempt_2024-03-01-12-00-00_hw1.ipynb": "jane",
    "Home_work_1_jane_attempt_2024-03-01-12-00-00_hw1.ipynb": "jane",
    "Homework 1_j_doe_attempt_2024-03-01-12-00-00_hw1.ipynb": "j_doe",
}


@pytest.mark.parametrize("name", BLACKBOARD)
def test_blackboard(name):
    login = BLACKBOARD[name]
    receipt = name[: name.index("_hw1")] + ".txt"
    text = (
        f"Name: Jane Doe ({login})\r\nAssignment: x\r\nFiles:\r\n"
        "\tOriginal filename: my hw.ipynb\r\n\tFilename: hw1.ipynb\r\n"
    )
    found = read("blackboard", name, receipt, texts={receipt: text})
    when = datetime(2024, 3, 1, 12)
    assert found[name] == Piece((Who((("login", login),)),), "my hw.ipynb", "2024-03-01-12-00-00", when)
    assert isinstance(found[receipt], Aside)


def test_blackboard_a_students_own_text_is_no_receipt():
    name = "Homework_jane_attempt_2024-03-01-12-00-00_notes.txt"
    assert piece("blackboard", name).file == "notes.txt"


BRIGHTSPACE = {
    "Mar 1, 2024 926 PM": datetime(2024, 3, 1, 21, 26),
    "Mar 1, 2024 1200 PM": datetime(2024, 3, 1, 12, 0),
    "Mar 1, 2024 1205 AM": datetime(2024, 3, 1, 0, 5),
    "September 24, 2024 115 PM": datetime(2024, 9, 24, 13, 15),
    "1 mars, 2024 2126": None,
    "Feb 30, 2024 926 PM": None,
}


@pytest.mark.parametrize("when", BRIGHTSPACE)
@pytest.mark.parametrize("between", ["/", " - "], ids=["folders", "flat"])
def test_brightspace(when, between):
    folder = f"397063-2557369 - Jane - Marie Doe - {when}"
    expected = Piece((Who((("lms", "397063"),), "Jane - Marie Doe"),), "my - hw.ipynb", folder, BRIGHTSPACE[when])
    assert piece("brightspace", f"{folder}{between}my - hw.ipynb") == expected


def test_brightspace_a_number_of_two_people_is_nobodys():
    names = [f"1-{number} - {who} - Mar 1, 2024 926 PM/a.ipynb" for number, who in ((1, "Jane"), (2, "Ada"))]
    assert {each.who[0].keys for each in read("brightspace", *names).values()} == {()}


def test_gradescope_groups_and_odd_metadata():
    files = gradescope(
        [HandIn(BY_ID["ada"], b"{}"), HandIn(BY_ID["noa"], b"{}")], {"ada": [BY_ID["ada"], BY_ID["soren"]]}
    )
    names = [name.partition("/")[2] for name in files]
    text = files["assignment_9_export/submission_metadata.yml"].decode()
    found = KNOWN["gradescope"].read(names, lambda name: text)
    ada = found["submission_91011/hw1.ipynb"]
    assert [each.name for each in ada.who] == ["Ada Lovelace", "Søren Łoś"]
    assert ada.who[0].keys == (("email", "ada@example.org"), ("sid", "010199"))
    assert ada.when == datetime(2026, 2, 28, 10, 30, 0, 678901, tzinfo=UTC)
    lost = KNOWN["gradescope"].read(["submission_1/a.ipynb", "submission_metadata.yml"], lambda name: "[]")
    assert lost["submission_1/a.ipynb"].open


@pytest.mark.parametrize("text", ["a: [", "- " * 100_000, "a: &a [*a]", "\0"])
def test_gradescope_metadata_that_cannot_be_read_are_an_error_in_a_line(text):
    from gradebox.course import CourseError

    try:
        found = KNOWN["gradescope"].read(["submission_1/a.ipynb", "submission_metadata.yml"], lambda name: text)
    except CourseError as error:
        assert "download it again" in str(error)
    else:
        assert found["submission_1/a.ipynb"].open


@pytest.mark.parametrize("root", ["", "export/", "a/b/c/"])
def test_what_lies_in_folders_of_its_own_is_recognised(root):
    names = [f"{root}doejane_1_{number}_hw1.ipynb" for number in range(3)] + ["__MACOSX/._x", f"{root}.DS_Store"]
    lms, found = recognised(names, lambda name: "")
    assert lms.name == "canvas" and set(found) == set(names[:3])


def test_github_names_are_what_differs():
    names = [f"hw-1-{login}/{file}" for login in ("jane-doe", "janet", "x") for file in ("hw1.ipynb", ".git/HEAD")]
    found = read("github", *names)
    assert {each.who[0].keys[0][1] for each in found.values()} == {"jane-doe", "janet", "x"}


def test_google_copies():
    assert piece("google", "Copy of Jane Doe - hw1.ipynb") == Piece((Who(name="Jane Doe"),), "hw1.ipynb")
