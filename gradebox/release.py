"""What our release step adds to nbgrader's own: the badge that opens a notebook in Colab."""

from urllib.parse import quote

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import TraitError, Unicode, validate

PLACEHOLDER = "<!-- colab -->"


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
