"""Tables in every encoding and with every separator: what is not written stays, byte for byte; and no formulas."""

import csv
import io
import sqlite3
from decimal import Decimal

import pytest
from conftest import run
from hypothesis import given
from hypothesis import strategies as st

from gradebox.course import CourseError, cell_text
from gradebox.lms.tables import cells, number, read_table, written

TEXT = 'Name;"Points ""so far""";Größe\r\n"Müller; Zoë";;1,5\r\n\r\n"two\nlines";"3";\r\n'
ENCODINGS = {
    "utf-8": (TEXT.encode(), "utf-8"),
    "utf-8 with a mark": (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8"),
    "utf-16": (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16-le"),
    "utf-16, the other way": (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be"),
    "utf-16 without a mark": (TEXT.encode("utf-16-le"), "utf-16-le"),
    "windows": (TEXT.encode("cp1252"), "cp1252"),
}


@pytest.mark.parametrize("kind", ENCODINGS)
def test_only_the_cells_that_are_written_change(tmp_path, kind):
    data, encoding = ENCODINGS[kind]
    (tmp_path / "table.csv").write_bytes(data)
    table = read_table(tmp_path / "table.csv")
    assert table.data() == data
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Name", 'Points "so far"', "Größe"],
        ["Müller; Zoë", "", "1,5"],
        ["two\nlines", "3", ""],
    ]
    table.put(1, 1, "2,5")
    table.put(2, 1, "4")
    changed = TEXT.replace('Zoë";;', 'Zoë";2,5;').replace('"3"', '"4"')
    assert table.data() == data.replace(TEXT.encode(encoding), changed.encode(encoding))


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8), min_size=2)
    ),
    st.sampled_from(",;\t"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_whatever_is_written_as_csv_is_read_as_it_was(rows, separator, quoting):
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=quoting).writerows(rows)
    found = [[cell.text for cell in row] for row in cells(text.getvalue(), separator)]
    assert found == [*rows, [""]]


@given(st.text(max_size=60), st.sampled_from(",;\t"))
def test_the_cells_of_any_text_at_all_leave_nothing_of_it_out(text, separator):
    found = list(cells(text, separator))
    assert found and sum(len(row) for row in found) >= 1
    place = 0
    for cell in (cell for row in found for cell in row):
        assert cell.begin >= place
        assert not text[place : cell.begin].strip(f"{separator}\r\n")
        place = cell.end
    assert place == len(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", "1"), ("1.5", "1.5"), ("1,5", "1.5"), (" 17.50 ", "17.5"), (".5", "0.5"), ("-2", "-2")],
)
def test_numbers_with_a_point_or_a_comma(text, value):
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "-", "EX", "1.2.3", "1,234.5", "nan", "inf", "1e5", "½"])
def test_what_is_no_number(text):
    assert number(text) is None


@pytest.mark.parametrize(
    ("points", "says"), [("10", "10"), ("0", "0"), ("17.333333", "17.33"), ("2.675", "2.68"), ("1200.50", "1200.5")]
)
def test_points_are_written_to_the_cent_and_plainly(points, says):
    assert written(Decimal(points), comma=False) == says
    assert written(Decimal(points), comma=True) == says.replace(".", ",")


def test_text_that_is_no_table_is_an_error_in_a_line(tmp_path):
    for data in (b"", b"a\n", b"\n\n\n", b"only one line, with commas", b"\xff\xfe\xff"):
        (tmp_path / "table.csv").write_bytes(data)
        with pytest.raises(CourseError):
            read_table(tmp_path / "table.csv")


@given(st.text())
def test_no_text_is_a_formula_in_a_cell(text):
    cell = cell_text(text)
    assert not cell.strip().startswith(("=", "+", "-", "@", "\t", "\r"))
    assert "\n" not in cell and "\0" not in cell


def test_nbgraders_export_writes_no_formula_and_keeps_commas_in_their_cells(small):
    with sqlite3.connect(small / "gradebook.db") as database:
        database.execute("insert into student (id, last_name, first_name) values ('=1+1', 'Doe, Jane', '@SUM(A1)')")
    run("nbgrader", "export", cwd=small)
    rows = list(csv.DictReader(io.StringIO((small / "grades.csv").read_text())))
    assert [row["assignment"] for row in rows] == ["hw1", "hw2"]
    assert {(row["student_id"], row["last_name"], row["first_name"]) for row in rows} == {
        ("'=1+1", "Doe, Jane", "'@SUM(A1)")
    }
    assert rows[0]["max_score"] == "4.0" and rows[0]["score"] == "0.0"
