"""Settings of the pages that show a whole class."""

from traitlets import Bool, Unicode
from traitlets.config import Configurable


class ClassPages(Configurable):
    """The class page (gradebox report) and the index of feedback pages."""

    scripts = Bool(
        False,
        help="Whether tables can be sorted and searched on the page: by one script in it, the only one that its "
        "Content-Security-Policy lets run. Without it there is none.",
    ).tag(config=True)
    formgrader = Unicode(
        "http://localhost:8888/formgrader", help="Where the formgrader is: links to what waits for a grade by hand"
    ).tag(config=True)
