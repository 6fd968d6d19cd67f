"""Who is who: by keys, by names in either order with or without accents, and never by a guess."""

from datetime import UTC

import pytest
from lms_class import BY_ID, decomposed, roster

from gradebox.lms.interface import Who
from gradebox.lms.people import NOBODY, SEVERAL, People, Person, orders
from gradebox.lms.rosters import people_of, time_in


def people(tmp_path, *texts: str, known=()) -> People:
    paths = []
    for number, text in enumerate(texts):
        paths.append(tmp_path / f"roster-{number}.csv")
        paths[-1].write_text(text)
    return people_of(paths, known, UTC)


def named(name: str, **keys: str) -> Who:
    return Who(tuple(keys.items()), name)


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("Ada Lovelace", "ada"),
        ("Lovelace, Ada", "ada"),
        ("LOVELACE ADA", "ada"),
        ("lovelaceada", "ada"),
        ("Sean O\N{RIGHT SINGLE QUOTATION MARK}Brien", "obrien"),
        ("obrienseán", "obrien"),
        (decomposed("Seán O'Brien"), "obrien"),
        ("Zoe Muller-Ludenscheidt", "zoe"),
        ("Soren Los", "soren"),
        ("王小明", "wang"),
        ("לוי נועה", "noa"),
        ("Ann Lee", "ann"),
        ("Ann Leeds", "leeds"),
        (BY_ID["long"].in_canvas, "long"),
    ],
)
def test_a_name_is_known_in_any_order_and_spelling(tmp_path, name, student):
    assert people(tmp_path, roster()).find(named(name)).students == (student,)


@pytest.mark.parametrize("name", ["Jane Doe", "Doe, Jane", "doejane"])
def test_two_of_one_name_are_asked_for(tmp_path, name):
    found = people(tmp_path, roster()).find(named(name))
    assert found.students == () and found.kind == SEVERAL
    assert "jane or jane.2" in found.why


@pytest.mark.parametrize("name", ["", "?", "Ann", "Ann Le", "Jane", "Ada Lovelace King", "…"])
def test_a_part_of_a_name_is_nobodys(tmp_path, name):
    assert people(tmp_path, roster()).find(named(name, lms="9999")).kind == NOBODY


def test_a_key_decides_between_two_of_one_name(tmp_path):
    everybody = people(tmp_path, roster())
    assert everybody.find(named("doejane", lms="103")).students == ("jane.2",)
    assert everybody.find(named("doejane", email="JANE@example.org")).students == ("jane",)


def test_a_name_does_not_stand_against_another_key(tmp_path):
    """Another Ada Lovelace, who is not in the roster: her number says so."""
    assert people(tmp_path, roster()).find(named("Ada Lovelace", lms="999")).kind == NOBODY


def test_two_keys_of_two_people_are_asked_for(tmp_path):
    found = people(tmp_path, roster()).find(named("Ada Lovelace", lms="101", email="noa@example.org"))
    assert found.kind == SEVERAL and "ada or noa" in found.why


def test_an_lms_number_is_no_students_id():
    """Canvas's 4321 and a student whose number at the institution is 4321."""
    everybody = People({"4321": Person("4321")})
    assert everybody.find(named("", lms="4321")).kind == NOBODY
    assert everybody.find(named("", sid="4321")).students == ("4321",)
    assert everybody.find(named("", github="4321")).kind == NOBODY


def test_a_group_is_all_its_members(tmp_path):
    rows = (
        "id,lms_user_id,name,group\nada,1,Ada Lovelace,The Engines\nnoa,2,Noa Levi,The Engines\nann,3,Ann Lee,Others\n"
    )
    everybody = people(tmp_path, rows)
    assert everybody.find(named("theengines", lms="1")).students == ("ada", "noa")
    assert everybody.find(named("The Engines", pid="77")).students == ("ada", "noa")
    assert everybody.find(named("lovelaceada", lms="1")).students == ("ada",)


def test_a_teams_number_is_not_taken_for_a_students(tmp_path):
    rows = "id,email,name\nada,ada@x,Ada Lovelace\n"
    sheet = "Identifier,Full name,Email address,Status,Grade,Maximum grade\nParticipant 12,Ada Lovelace,ada@x,-,,4\n"
    found = people(tmp_path, rows, sheet).find(named("Team 4", pid="12"))
    assert found.kind == SEVERAL and "group" in found.why


def test_rosters_are_put_together_by_what_they_share(tmp_path):
    ours = "id,email\nada,ada@example.org\nnoa,noa@example.org\n"
    canvas = (
        "Student,ID,SIS User ID,SIS Login ID,Section,Homework (1)\n    Points Possible,,,,,20\n"
        '"Lovelace, Ada",101,s1,ada@example.org,A,\n"Levi, Noa",102,s2,noa,A,\n"Student, Test",9,,,A,\n'
    )
    everybody = people(tmp_path, canvas, ours)
    assert everybody.find(named("", lms="101")).students == ("ada",)
    assert everybody.find(named("", sid="s2")).students == ("noa",)
    assert everybody.find(named("Noa Levi")).students == ("noa",)


def test_an_lms_table_alone_gives_the_ids(tmp_path):
    canvas = 'Student,ID,SIS User ID,SIS Login ID,Section\n"Lovelace, Ada",101,s1,ada@example.org,A\n'
    assert people(tmp_path, canvas).find(named("", lms="101")).students == ("ada@example.org",)


def test_what_the_gradebook_knows_is_kept(tmp_path):
    known = [Person("ada", frozenset({("email", "ada@example.org")}))]
    everybody = people(tmp_path, "email,lms_user_id\nAda@example.org,101\n", known=known)
    assert everybody.find(named("", lms="101")).students == ("ada",)


def test_names_without_letters_have_no_order():
    assert orders("?! ...") == set()
    assert orders("Jane Mary Doe") == {"janemarydoe", "marydoejane", "doejanemary"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Saturday, 28 February 2026, 10:30 AM", "2026-02-28T10:30:00+00:00"),
        ("2026-02-28 10:30:00 -0800", "2026-02-28T10:30:00-08:00"),
        ("2026-02-28T10:30:00Z", "2026-02-28T10:30:00+00:00"),
        ("-", None),
        ("", None),
        ("03/04/2026 10:30", None),  # of March or of April
        ("10:30 AM", None),
        ("February 2026, 10:30", None),
        ("Samstag, 28. Februar 2026, 10:30", None),
        ("no submission 1", None),
    ],
)
def test_a_time_is_taken_where_it_leaves_nothing_open(text, says):
    found = time_in(text, UTC)
    assert (found and found.isoformat()) == says
