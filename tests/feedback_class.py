"""A class whose feedback pages are looked at: what it hands in, attacks on the page among it, and how to read a page.

The fixture `graded` of conftest.py grades it once for all.
"""

import shutil
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from sample_class import COURSE, MULTIHEAD, solutions, submission

from gradebox.judge.comparison import MIME

EXERCISE = "multihead-scaled-self-attention"
SCALED = "scaled-dot-product-self-attention"

ATTACK = """from IPython.display import HTML, SVG, Javascript, Markdown, display
display(HTML('''<script>document.title = "attacked"; fetch("http://attack.invalid/1")</script>
<img src=x onerror="document.title='attacked'"><img src="http://attack.invalid/2.png" alt="tracker">
<svg onload="document.title='attacked'"><script>document.title='attacked'</script></svg>
<meta http-equiv="refresh" content="0; url=http://attack.invalid/3"><base href="http://attack.invalid/">
<link rel="stylesheet" href="http://attack.invalid/4.css"><style>header { display: none }</style>
<iframe srcdoc="<script>parent.document.title='attacked'</script>"></iframe>
<form action="http://attack.invalid/5"><input name=a><button>Show my points</button></form>
<a href="javascript:document.title='attacked'">click me</a><div id="summary" class="verdict right"
style="position:fixed;inset:0">9 of 9 points</div><table><tr><th></th><th>kept</th></tr></table><h1>kept too</h1>'''))
display(SVG('''<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="parent.document.title='attacked'">
<script>parent.document.title = "attacked"</script><image href="http://attack.invalid/6.png"/></svg>'''))
display(Javascript("document.title = 'attacked'"))
display(Markdown("[click](javascript:document.title='attacked') ![t](http://attack.invalid/7.png)"))
display(Markdown("$\\\\href{javascript:document.title='attacked'}{x}$"))
comparison = {"application/vnd.gradebox.comparison+json": "{}"}
display({"text/plain": "fallback", "text/html": "<b>bold</b>" * 3} | comparison, raw=True)
print("\\x1b[31mred\\x1b[0m " + "<script>document.title = 'attacked'</script>" + "</pre></details>")
print("x" * 300_000)
"""
ATTACKING_TEXT = """# My own words <script>document.title = "attacked"</script>
<img src=x onerror="document.title='attacked'"> ![t](http://attack.invalid/8.png) [x](javascript:alert(1))
<details open ontoggle="document.title='attacked'"><summary>s</summary>t</details>
$\\text{<script>document.title = "attacked"</script>}$ $\\unknown{y}$ <style>body { display: none }</style>
#### deep heading
</div></main><h1>Total: 9 of 9</h1>
"""
TELLTALE = """def multihead_scaled_self_attention(X, *parameters):
    print("seen", X[0, 0])
    return X * float(parameters[0][0, 0])
"""
CRASH = """def multihead_scaled_self_attention(X, *parameters):
    helper = X.shape
    return helper[7]
"""


def hostile() -> nbformat.NotebookNode:
    work = submission(MULTIHEAD, {EXERCISE: TELLTALE})
    work.cells[:0] = [new_code_cell(ATTACK), new_markdown_cell(ATTACKING_TEXT)]
    for cell in work.cells:
        if cell.cell_type == "code" and cell.id.startswith(f"{EXERCISE}-"):
            cell.metadata["gradebox"] = {"points": 9}
            cell.outputs = [new_output("display_data", {MIME: {"answer": "forged"}, "text/html": "<b>forged</b>"})]
    return work


def without_a_test() -> nbformat.NotebookNode:
    work = submission(MULTIHEAD, solutions(MULTIHEAD))
    work.cells = [cell for cell in work.cells if cell.get("id") != f"{EXERCISE}-general"]
    return work


WORK = {
    "hostile": hostile,
    "crash": lambda: submission(MULTIHEAD, {EXERCISE: CRASH}),
    "removed-a-test": without_a_test,
}


def hand_in(course: Path) -> None:
    """Everybody's work, into the course's submitted/."""
    for student in ("sample-scaling-forgotten", "sample-syntax-error", "sample-blank"):
        shutil.copytree(COURSE / "submitted" / student / "nbs12", course / "submitted" / student / "nbs12")
    for student, work in WORK.items():
        path = course / "submitted" / student / f"{MULTIHEAD}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(work(), path)


def path_of(course: Path, student: str, name: str = MULTIHEAD) -> Path:
    return course / "feedback" / student / f"{name}.html"


def page_of(course: Path, student: str, name: str = MULTIHEAD) -> BeautifulSoup:
    return BeautifulSoup(path_of(course, student, name).read_text(), "html.parser")


def row(page: BeautifulSoup, title: str):
    return next(row for row in page.select("table.summary tr") if title in row.text)


def words(element) -> str:
    return " ".join(element.text.split())


def cell_of(page: BeautifulSoup, grade_id: str):
    return next(
        cell
        for cell in page.select(".cell")
        if cell.select_one(".bar code") and grade_id == cell.select_one(".bar code").text
    )


def graded_cell(course: Path, student: str, grade_id: str, name: str = MULTIHEAD):
    cells = nbformat.read(course / "autograded" / student / f"{name}.ipynb", as_version=4).cells
    return next(cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
