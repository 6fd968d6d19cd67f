"""How Sphinx makes the pages of `make pages`: no script or font from another host, formulas as MathML."""

import re

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.util import logging

project = html_title = "Deep-learning notebooks"
language = "en"
extensions = ["myst_nb", "sphinx_design"]
exclude_patterns = ["release"]  # there to be downloaded
templates_path = ["templates"]

nb_execution_mode = "off"  # build.py has run them
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 3
highlight_language = "none"  # of the documents; notebooks say theirs

html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "footer_start": [],
    "footer_end": [],
}
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system has it
html_sidebars = {"**": ["contents"]}
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_copy_source = html_show_sourcelink = html_use_index = False
html_math_renderer = "mathml"

convert = LatexToMathML(fancy_error=False).convert_with_local_state
FITS_A_PHONE = 24  # letters of a formula
EMPTY_HEADING = re.compile(r"<th[^>]*>\s*(<p></p>)?\s*</th>")
log = logging.getLogger(__name__)


def mathml(node: nodes.Node, block: bool) -> str:
    """A formula as browsers draw it by themselves; one that cannot be converted stops the build."""
    try:
        return convert(node.astext(), displaystyle=block)
    except LatexError as error:
        log.warning("This formula cannot be drawn: %s", error, location=node)
        return ""


def inline_math(page, node: nodes.math) -> None:
    page.body.append(mathml(node, block=False))
    raise nodes.SkipNode


def block_math(page, node: nodes.math_block) -> None:
    formula = mathml(node, block=True)
    # One that is wider than a phone scrolls by itself, so the keyboard has to reach it.
    wide = len(re.sub(r"<[^>]*>", "", formula)) > FITS_A_PHONE
    scrolls = ' tabindex="0" role="group" aria-label="Equation"' if wide else ""
    page.body.append(f'<div class="equation"{scrolls}>{formula}</div>\n')
    raise nodes.SkipNode


def for_those_who_listen(app, name, template, context, doctree) -> None:
    """A folded cell's name is what it does, and the empty corner of a table is no heading."""
    body = context.get("body", "").replace(' aria-label="Toggle hidden content"', "")
    context["body"] = EMPTY_HEADING.sub("<td></td>", body)


def setup(app) -> None:
    app.add_html_math_renderer("mathml", (inline_math, None), (block_math, None))
    app.connect("html-page-context", for_those_who_listen)
