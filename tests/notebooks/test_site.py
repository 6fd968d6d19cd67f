"""The static pages of `make pages`: nothing given away, nothing dead, every picture put into words."""

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from conftest import locked
from nbformat.v4 import new_markdown_cell, new_notebook, new_output
from nbgrader.utils import is_grade, is_solution
from sample_class import BEGIN, COURSE, END, MULTIHEAD, NOTEBOOKS, source

from docs.pages import build
from gradebox.course import CourseError

WHOLE = [pytest.mark.long, pytest.mark.torch]
# One notebook's site in the normal run, everybody's in the long one.
EVERY_SITE = pytest.mark.parametrize("only", [(MULTIHEAD,), pytest.param((), marks=WHOLE)], ids=["sample", "whole"])
SECRET = re.compile(rf"{BEGIN}\n(.*?){END}|### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg=="


class Page(HTMLParser):
    """What a page holds: the lines one reads, the names one can link to, links, pictures, and what it loads."""

    def __init__(self, path: Path):
        super().__init__()
        self.path, self.text, self.ids = path, "", set()
        self.links, self.pictures, self.loaded = [], [], []
        self.feed(path.read_text())

    def handle_starttag(self, tag, pairs):
        about = dict(pairs)
        self.ids.add(about.get("id"))
        if tag == "a" and "href" in about:
            self.links.append(about["href"])
        elif tag == "img":
            self.pictures.append(about)
        if tag in ("img", "script", "link", "iframe", "source"):
            self.loaded += [about[name] for name in ("src", "href") if name in about]

    def handle_data(self, text):
        self.text += text

    @property
    def lines(self) -> set[str]:
        return {line.strip() for line in self.text.splitlines()}


def pages_of(site: Path) -> dict[Path, Page]:
    theirs = site / "_static"  # the theme's
    return {path: Page(path) for path in site.rglob("*.html") if theirs not in path.parents}


def secrets(notebook: str) -> set[str]:
    """Lines that stand in solutions and hidden tests and nowhere else in the instructor's notebook."""
    hidden, given = set(), set()
    for cell in source(notebook).cells:
        written = is_solution(cell) and cell.cell_type == "markdown"
        found = cell.source if written else "".join("".join(match) for match in SECRET.findall(cell.source))
        rest = "" if written else SECRET.sub("", cell.source)
        hidden |= {line.strip() for line in found.splitlines()}
        given |= {line.strip() for line in rest.splitlines()}
    return hidden - given - {""}


@EVERY_SITE
def test_no_page_gives_a_solution_or_a_hidden_test_away(sites, only):
    site = sites(*only)
    for notebook in only or NOTEBOOKS:
        secret = secrets(notebook)
        page = Page(site / f"{notebook}.html")
        assert "...  # YOUR CODE HERE" in page.lines and not secret & page.lines
        (download,) = site.glob(f"_downloads/*/{Path(notebook).name}.ipynb")
        assert download.read_bytes() == (COURSE / "release" / f"{notebook}.ipynb").read_bytes()
        long = [line for line in secret if len(line) > 20]
        assert long
        for path in (path for path in site.rglob("*") if path.suffix in (".html", ".js", ".ipynb", ".txt", ".inv")):
            text = path.read_text(errors="replace")
            text = json.dumps(json.loads(text), ensure_ascii=False) if path.suffix == ".ipynb" else text
            assert not [line for line in long if line in text or html.escape(line) in text], path


@EVERY_SITE
def test_every_link_leads_somewhere_and_nothing_is_loaded_from_elsewhere(sites, only):
    site = sites(*only)
    pages = pages_of(site)
    inside = 0
    for path, page in pages.items():
        for address in page.links + page.loaded:
            link = urlsplit(address)
            if link.scheme:
                assert link.scheme in ("https", "mailto") and address not in page.loaded, f"{path}: {address}"
                continue
            target = (path.parent / unquote(link.path)).resolve() if link.path else path
            assert target.is_file(), f"{path}: {address}"
            if link.fragment and target in pages:
                assert unquote(link.fragment) in pages[target].ids, f"{path}: {address}"
            inside += 1
    assert inside > 20 * len(pages)


@EVERY_SITE
def test_every_picture_says_what_it_shows(sites, only):
    site = sites(*only)
    for notebook in only or NOTEBOOKS:
        pictures = Page(site / f"{notebook}.html").pictures
        drawing = [cell for cell in source(notebook).cells if cell.id.endswith("-picture") and "show(" in cell.source]
        assert len(pictures) >= len(drawing) > 0
        for picture in pictures:
            assert len(picture["alt"].split()) >= 8 and not re.search(r"[$\\*`]|^_", picture["alt"]), picture


@EVERY_SITE
def test_the_index_has_a_card_for_each_notebook_and_the_documents(sites, only):
    site = sites(*only)
    index = Page(site / "index.html")
    for notebook in only or NOTEBOOKS:
        points = sum(cell.metadata.nbgrader.points for cell in source(notebook).cells if is_grade(cell))
        assert re.search(rf"\d+ minutes of exercises · {points:g} points", index.text)
        assert f"{notebook}.html" in index.links
        assert [link for link in index.links if link.endswith(f"/release/{notebook}.ipynb")], "no link to Colab"
    for document in (COURSE / "docs").glob("*.md"):
        # The catalogue holds solutions.
        assert (f"docs/{document.stem}.html" in index.links) == (document.stem != "catalogue")


def a_notebook(*below):
    opener = new_markdown_cell("# A notebook\n[![Open in Colab](badge.svg)](https://colab.example/it)", id="title")
    cells = [opener, locked("waves-picture", "plt.plot(x)"), *below]
    return new_notebook(cells=cells)


def drawn(notebook):
    picture = new_output("display_data", {"image/png": PIXEL, "text/plain": "<Figure>"})
    ran = nbformat.from_dict(notebook)
    ran.cells[1].outputs = [picture]
    return ran


@pytest.mark.parametrize("below", [[], [locked("next", "x")], [new_markdown_cell("## Next", id="next")]])
def test_a_picture_that_nobody_put_into_words_stops_the_build_and_is_named(below):
    notebook = a_notebook(*below)
    with pytest.raises(CourseError, match="waves/Waves: the cell 'waves-picture' draws a picture"):
        build.page_of("waves/Waves", notebook, drawn(notebook))


def test_the_words_of_a_picture_are_the_paragraph_or_list_below_it():
    text = "Head *1* and $\\mathbf{A}_1^T$, `x` over\n$\\frac{a}{\\sqrt{D_q}}$ ([book](https://udlbook.com)).\n\nMore."
    notebook = a_notebook(new_markdown_cell(text, id="waves-picture-text"))
    page, colab = build.page_of("waves/Waves", notebook, drawn(notebook))
    assert page.cells[1].metadata.mystnb.image.alt == "Head 1 and A_1^T, x over (a)/(√(D_q)) (book)."
    assert colab == "https://colab.example/it"

    listed = a_notebook(new_markdown_cell("- **Left:** waves.\n- Right: a\n  line.\n\nMore.", id="waves-picture-text"))
    page, _ = build.page_of("waves/Waves", listed, drawn(listed))
    assert page.cells[1].metadata.mystnb.image.alt == "Left: waves. Right: a line."


def test_a_students_cell_shows_pictures_and_no_numbers():
    printed, result = new_output("stream", text="6.28"), new_output("execute_result", {"text/plain": "6.28"})
    picture = new_output("display_data", {"image/png": PIXEL, "text/plain": "<Figure>"})
    assert [list(output.data) for output in build.shown([printed, picture, result], is_answer=True)] == [["image/png"]]
    assert len(list(build.shown([printed, picture, result], is_answer=False))) == 3


@pytest.mark.long
def test_a_dead_link_and_a_wrong_formula_stop_the_build(monkeypatch, tmp_path, capfd):
    course = tmp_path / "course"
    for folder in ("docs", "release/nbs12", "source/nbs12"):
        (course / folder).mkdir(parents=True)
    for path in ("README.md", f"release/{MULTIHEAD}.ipynb", f"source/{MULTIHEAD}.ipynb"):
        (course / path).write_bytes((COURSE / path).read_bytes())
    (course / "docs" / "about.md").write_text("# About\n\n[How](how.md) $\\nosuchsign$\n")
    monkeypatch.setattr(build, "COURSE", course)
    with pytest.raises(CourseError, match="mend what Sphinx says"):
        build.build(tmp_path / "site", [MULTIHEAD])
    complaints = capfd.readouterr().err
    assert "how.md" in complaints and "This formula cannot be drawn" in complaints
    assert not (tmp_path / "site").exists()
