"""The index of feedback pages: everybody's, linked both ways, kept up to date by gradebox feedback."""

import shutil

import pytest
from bs4 import BeautifulSoup
from lms_class import CLASS, KINDS, gradebox, laid_out, work


@pytest.fixture
def course(graded_small, tmp_path):
    folder = tmp_path / "course"
    shutil.copytree(graded_small, folder)
    return folder


def index(course):
    return BeautifulSoup((course / "feedback" / "index.html").read_text(), "html.parser")


def rows(course):
    return {row.th.contents[0].strip(): row for row in index(course).select("tbody tr")}


def test_everybody_is_in_it_with_a_link_to_every_page_and_back(course):
    found = rows(course)
    assert [*found] == sorted(student.id for student in CLASS)
    for student in CLASS:
        (link,) = found[student.id].select("a")
        path = (course / "feedback" / link["href"]).resolve()
        assert link["href"].endswith("hw1.html#to-the-index")
        page = BeautifulSoup((course / "feedback" / link["href"].partition("#")[0]).read_text(), "html.parser")
        back = page.select_one("#to-the-index a")["href"]
        assert (path.parent / back).resolve() == course.resolve() / "feedback" / "index.html"


def test_who_waits_or_earned_nothing_is_noted_and_can_be_chosen_without_a_script(course):
    found = rows(course)
    for student in CLASS:
        noted = set(found[student.id].get("class", []))
        assert ("waits" in noted, "nothing" in noted) == (KINDS[student.id] == "waits", KINDS[student.id] == "wrong")
    assert not index(course).select("script")
    assert {"students-all", "students-waits", "students-nothing"} <= {
        each["id"] for each in index(course).select("input")
    }
    assert ".listing:has(#students-waits:checked) tbody tr:not(.waits)" in index(course).style.string


def test_feedback_brings_it_up_to_date(course):
    (course / "feedback" / "index.html").unlink()
    laid_out({"hw2.ipynb": work(course, "right", "hw2")}, course / "submitted" / "ada" / "hw2")
    assert gradebox(course, "autograde", "hw2", "--workers=1").status == 0
    assert gradebox(course, "feedback", "hw2").status == 0
    assert [link["href"] for link in rows(course)["ada"].select("a")] == [
        f"ada/{name}/{name}.html#to-the-index" for name in ("hw1", "hw2")
    ]
    assert not index(course).select("a[href='hw1.html']")
    assert gradebox(course, "report", "hw1").status == 0
    assert [link["href"] for link in index(course).select("li a")] == ["hw1.html"]
    page = BeautifulSoup((course / "feedback" / "hw1.html").read_text(), "html.parser")
    assert page.select_one("nav a")["href"] == "index.html"


def test_an_assignment_whose_source_is_broken_costs_the_others_nothing(course):
    (course / "source" / "hw2" / "hw2.ipynb").write_text("{")
    said = gradebox(course, "feedback", "hw1")
    assert said.status == 0 and "Leaving hw2 out of the index: " in said.err
    assert len(rows(course)) == len(CLASS)


def test_a_page_handed_out_names_nobody_else_and_shows_no_link_to_what_its_student_lacks(course):
    text = (course / "feedback" / "ada" / "hw1" / "hw1.html").read_text()
    assert "jane" not in text
    assert ".to-the-index { display: none;" in text and ".to-the-index:target { display: block; }" in text
