"""Renders the release as static pages: `make pages` writes them into site/.

A notebook's page is its release, gaps and all, with the pictures and the printed text of the solved one. So the
instructor's notebook is run here, and of that run only what the cells show is kept; its text never comes near a page.
Sphinx (conf.py) makes pages of these notebooks, of an index with a card for each, and of the documents in docs/.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import nbformat
from jinja2 import StrictUndefined, Template
from markdown_it import MarkdownIt
from math_core import LatexToMathML
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import is_grade, is_solution
from traitlets.config import Config

from gradebox.course import CourseError

HERE = Path(__file__).resolve().parent
COURSE = HERE.parent.parent
# A row of the README's table says in which order the notebooks come, and what each is about.
ROW = re.compile(r"^\| \[.+?\]\(release/(.+?)\.ipynb\) \| (.+?) \|", re.MULTILINE)
BADGE = re.compile(r"\[!\[Open in Colab\]\(.+?\)\]\((.+?)\)")
MINUTES = re.compile(r"^#.*\((\d+) min · \d+ points?\)", re.MULTILINE)
ENTITY = re.compile(r"&(?!amp;|lt;|gt;)\w+;")  # that HTML knows and XML does not
TITLE = re.compile(r"#@title (.+)")
# Two dots to a pixel, so that pictures stay sharp when they are enlarged.
SHARP = "from matplotlib_inline.backend_inline import set_matplotlib_formats\nset_matplotlib_formats('retina')"
NOTE = """\n
```{note}
This page shows the notebook as you get it. The pictures and printed numbers are those of the solved one: what you will
see when your code is right.
```"""

markdown = MarkdownIt().use(dollarmath_plugin)
mathml = LatexToMathML(fancy_error=False).convert_with_local_state


@dataclass(frozen=True)
class Card:
    """What the index says about a notebook."""

    title: str
    name: str  # as in nbs12/12_1_Self_Attention
    about: str
    minutes: int
    points: float
    colab: str


def build(site: Path, only: list[str]) -> None:
    """Make the pages in a folder of their own and put them in the place of the old ones when all of them are good."""
    with tempfile.TemporaryDirectory() as work:
        pages, built = Path(work, "pages"), Path(work, "site")
        not_for_students = shutil.ignore_patterns(HERE.name, "catalogue.md")
        shutil.copytree(COURSE / "docs", pages / "docs", ignore=not_for_students)
        write_pages(pages, only)
        sphinx = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", "-n", "-c", HERE]
        if subprocess.run([*sphinx, pages, built]).returncode:
            raise CourseError("The pages are not built: mend what Sphinx says above.")
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(built, site, ignore=shutil.ignore_patterns(".doctrees", ".buildinfo"))


def write_pages(pages: Path, only: list[str]) -> None:
    """Write what Sphinx reads: a notebook for each of the release, the release to download, and the index."""
    cards = []
    rows = dict(ROW.findall((COURSE / "README.md").read_text()))
    for path in (COURSE / "release").glob("*/*.ipynb"):
        if str(path.relative_to(COURSE / "release").with_suffix("")) not in rows:
            raise CourseError(f"README.md's table has no row for release/{path.parent.name}/{path.name}.")
    for name in only or rows:
        source, release = (nbformat.read(COURSE / step / f"{name}.ipynb", 4) for step in ("source", "release"))
        page, colab = page_of(name, release, solved(source))
        for path, notebook in ((pages / f"{name}.ipynb", page), (pages / "release" / f"{name}.ipynb", release)):
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, path)
        title, text = page.cells[0].source.splitlines()[0], "\n".join(cell.source for cell in release.cells)
        points = sum(cell.metadata.nbgrader.points for cell in release.cells if is_grade(cell))
        about = rows[name][0].upper() + rows[name][1:] + "."
        cards.append(Card(title.strip("# "), name, about, sum(map(int, MINUTES.findall(text))), points, colab))
    index = Template((HERE / "index.md.j2").read_text(), undefined=StrictUndefined, trim_blocks=True)
    documents = sorted(path.name for path in (pages / "docs").glob("*.md"))
    (pages / "index.md").write_text(index.render(cards=cards, documents=documents))


def solved(source: NotebookNode) -> NotebookNode:
    """The instructor's notebook after a run; the tests, which show nothing, are left out."""
    cells = [cell for cell in source.cells if is_solution(cell) or not is_grade(cell)]
    ran = nbformat.from_dict({**source, "cells": [new_code_cell(SHARP), *cells]})
    sockets = Config(KernelManager={"transport": "ipc"})  # of this user's alone; a kernel warns of others
    NotebookClient(ran, timeout=300, kernel_name="python3", config=sockets).execute()
    return ran


def page_of(name: str, release: NotebookNode, ran: NotebookNode) -> tuple[NotebookNode, str]:
    """The release with what the run showed, without how to hand in, and the address that opens it in Colab."""
    outputs = {cell.id: cell.get("outputs", []) for cell in ran.cells}
    # The header is not in the source, the tests are not in the run.
    wanted = outputs.keys() | {cell.id for cell in release.cells if is_grade(cell)}
    page = nbformat.from_dict({**release, "cells": [cell for cell in release.cells if cell.id in wanted]})
    page.metadata.language_info = {"name": "python", "pygments_lexer": "ipython3"}
    page.cells[0].source, colab = with_links(name, page.cells[0].source)
    for number, cell in enumerate(page.cells):
        if cell.cell_type != "code":
            continue
        cell.outputs = list(shown(outputs.get(cell.id, []), is_solution(cell)))
        about = {}
        if title := TITLE.match(cell.source):
            about |= {"code_prompt_show": title[1], "code_prompt_hide": title[1]}
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            about["image"] = {"alt": caption(name, cell, page.cells[number + 1 : number + 2])}
        cell.metadata["mystnb"] = about
    return page, colab


def with_links(name: str, opener: str) -> tuple[str, str]:
    """The first cell with links in words, as a badge would be fetched from another host."""
    colab = BADGE.search(opener)
    if colab is None:
        raise CourseError(f"The first cell of release/{name}.ipynb has no Colab badge: write <!-- colab --> into it.")
    links = f"[Open in Colab]({colab[1]}) · {{download}}`Download the notebook </release/{name}.ipynb>`"
    return opener.replace(colab[0], links) + NOTE, colab[1]


def shown(outputs: list[NotebookNode], is_answer: bool) -> Iterator[NotebookNode]:
    """The pictures, and what cells print that are not the student's: there it could be the answer."""
    for output in outputs:
        data = output.get("data", {})
        if "image/png" in data:
            width = {name: size for name, size in output.metadata.get("image/png", {}).items() if name == "width"}
            yield new_output("display_data", {"image/png": data["image/png"]}, metadata={"image/png": width})
        elif output.get("name") == "stdout" and not is_answer:
            yield output
        elif "text/plain" in data and not is_answer:
            yield new_output("display_data", {"text/plain": data["text/plain"]})


def caption(name: str, cell: NotebookNode, below: list[NotebookNode]) -> str:
    """What a picture shows, in the words of the text right below its cell: its first paragraph or list."""
    tokens = markdown.parse(below[0].source) if below and below[0].cell_type == "markdown" else []
    if not tokens or tokens[0].type not in ("paragraph_open", "bullet_list_open", "ordered_list_open"):
        raise CourseError(
            f"{name}: the cell '{cell.id}' draws a picture. Write a text cell right below it that says what it shows; "
            "it is what those hear who do not see it."
        )
    ends = next(number for number, token in enumerate(tokens, 1) if token.level == 0 and token.nesting < 0)
    words = {"math_inline": lambda part: spoken(part.content), "softbreak": lambda part: " "}
    return " ".join(
        "".join(words.get(part.type, lambda part: part.content)(part) for part in token.children)
        for token in tokens[:ends]
        if token.type == "inline"
    )


def spoken(latex: str) -> str:
    """A formula on one line, as one would type it: \\mathbf{A}_1 is A_1, \\sqrt{D} is √(D)."""
    signs = {"msub": "{}_{}", "msup": "{}^{}", "msubsup": "{}_{}^{}", "mfrac": "({})/({})", "msqrt": "√({})"}

    def line(element: ElementTree.Element) -> str:
        tag = element.tag.rpartition("}")[2]
        parts = [line(child) for child in element]
        if tag == "msqrt":
            parts = ["".join(parts)]
        return signs[tag].format(*parts) if tag in signs else (element.text or "").strip() + "".join(parts)

    xml = ENTITY.sub(lambda match: unescape(match[0]), mathml(latex, displaystyle=False))
    # Bold and slanted letters of mathematics are letters of their own, which a screen reader may pass over.
    typed = unicodedata.normalize("NFKC", line(ElementTree.fromstring(xml)))
    return typed.replace("^\N{PRIME}", "\N{PRIME}").replace("\N{FUNCTION APPLICATION}", " ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", metavar="NOTEBOOK", help="these alone, as in nbs12/12_1_Self_Attention")
    parser.add_argument("--into", type=Path, default=COURSE / "site", metavar="FOLDER", help="in place of site/")
    options = parser.parse_args()
    try:
        build(options.into, options.only)
    except CourseError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
