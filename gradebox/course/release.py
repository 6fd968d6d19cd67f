"""What our release step adds to nbgrader's own: the badge that opens a notebook in Colab, and the exam mode."""

import ast
import itertools
import re
from datetime import datetime, timedelta
from urllib.parse import quote

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import Bool, TraitError, Unicode, validate

PLACEHOLDER = "<!-- colab -->"
TIME_PLACEHOLDER = "<!-- exam time -->"
CLOCK = "%H:%M"


class ColabBadge(NbGraderPreprocessor):
    """Puts the Colab badge where a source notebook says ``<!-- colab -->``.

    The comment is invisible in JupyterLab, so source notebooks name no repository; a course that moves changes
    one line of nbgrader_config.py.
    """

    repository = Unicode(help="GitHub repository that holds release/, as owner/name").tag(config=True)
    branch = Unicode("main", help="Branch of that repository the badges point to").tag(config=True)

    @validate("repository")
    def _owner_and_name(self, proposal):
        if proposal["value"].count("/") != 1:
            raise TraitError(f"ColabBadge.repository is {proposal['value']!r}, expected 'owner/name'")
        return proposal["value"]

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        names = resources["nbgrader"]
        path = quote(f"release/{names['assignment']}/{names['notebook']}.ipynb")
        badge = (
            "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
            f"(https://colab.research.google.com/github/{self.repository}/blob/{self.branch}/{path})"
        )
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                cell.source = cell.source.replace(PLACEHOLDER, badge)
        return nb, resources


class ExamMode(NbGraderPreprocessor):
    """Turns a notebook to learn with into an exam: no hints, and a line that says when time is up.

    Left out are the ``slips`` of the checks' ``compare`` and the folded hints in the text. The line stands where the
    notebook says ``<!-- exam time -->``; its minutes are those of the headings, "(12 min · 4 points)".
    """

    enabled = Bool(False, help="Whether to leave out the hints").tag(config=True)
    start = Unicode("", help="When the exam begins, as HH:MM. Without, students fill it in.").tag(config=True)

    @validate("start")
    def _clock_time(self, proposal):
        if proposal["value"]:
            try:
                datetime.strptime(proposal["value"], CLOCK)
            except ValueError:
                raise TraitError(f"The exam begins at {proposal['value']!r}, expected a time like '09:00'") from None
        return proposal["value"]

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        headings = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
        minutes = sum(map(int, re.findall(r"^#.*\((\d+) min · \d+ points?\)", headings, re.MULTILINE)))
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                cell.source = without_folded_hints(cell.source).replace(TIME_PLACEHOLDER, self.time_line(minutes))
            elif is_grade(cell):
                cell.source = without_slips(cell.source)
        return nb, resources

    def time_line(self, minutes: int) -> str:
        if not self.start:
            return f"\n**{minutes} minutes.** Begun at \\_\\_:\\_\\_, over at \\_\\_:\\_\\_"
        begin = datetime.strptime(self.start, CLOCK)
        return f"\n**{minutes} minutes: from {begin:{CLOCK}} to {begin + timedelta(minutes=minutes):{CLOCK}}.**"


def without_folded_hints(text: str) -> str:
    return re.sub(r"\n*<details><summary>Hint.*?</details>", "", text, flags=re.DOTALL)


def without_slips(source: str) -> str:
    """A check cell without the ``slips`` of its calls of ``compare``; everything else stays as it was written."""
    calls = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "compare"
    ]
    text = source.encode()  # ast counts in bytes
    starts = [0, *(match.end() for match in re.finditer(rb"\n", text))]
    cuts = []
    for call in calls:
        arguments = sorted([*call.args, *call.keywords], key=lambda node: (node.lineno, node.col_offset))
        for before, argument in itertools.pairwise(arguments):
            if isinstance(argument, ast.keyword) and argument.arg == "slips":
                cuts.append(tuple(starts[node.end_lineno - 1] + node.end_col_offset for node in (before, argument)))
    for begin, end in sorted(cuts, reverse=True):
        text = text[:begin] + text[end:]
    return text.decode()
