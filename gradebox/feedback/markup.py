"""Turns what students and instructors wrote into HTML that cannot do harm: markdown, formulas, outputs.

Everything here treats its input as hostile. What comes out holds no script, no style, no form, loads nothing and has
no class or id that the page around it could take for its own; the page's Content-Security-Policy stands behind that.
"""

import base64
import binascii
import functools
import re
from html import escape, unescape

import nh3
from markupsafe import Markup
from math_core import LatexError, LatexToMathML
from mistune.plugins import import_plugin
from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from gradebox.course import lines

MAX_TEXT = 20_000  # characters of one output, of a cell's source
MOST_REFERENCES = 20_000  # &amp; and its like in markup; cleaning takes a time that grows with their square
MAX_FORMULA = 2_000  # characters: the converter has no limit of its own on nesting, and ends the process
SAME_FOR_ALL = 500  # cells kept converted: most of a notebook is the same for the whole class
SHORT_LINE, SHORT_FORMULA = 30, 24  # characters that a phone shows without scrolling
IMAGES = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8", "image/gif": b"GIF8"}
PICTURES = ("image/svg+xml", *IMAGES)

_HTML = {
    *("a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "h1", "h2", "h3"),
    *("h4", "h5", "h6", "hr", "i", "img", "kbd", "li", "mark", "ol", "p", "pre", "s", "small", "span", "strong"),
    *("sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
}
_MATH = {
    *("math", "menclose", "merror", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom"),
    *("mprescripts", "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd"),
    *("mtext", "mtr", "munder", "munderover"),
}
_MATH_ATTRIBUTES = {
    *("accent", "accentunder", "columnalign", "columnspan", "depth", "display", "displaystyle", "fence", "form"),
    *("height", "largeop", "linethickness", "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "notation"),
    *("rowspan", "rspace", "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width"),
}
_HEADINGS = re.compile(r"<(/?)h([1-6])>")
_CLEAN_ATTRIBUTES = {
    **{tag: _MATH_ATTRIBUTES for tag in _MATH},
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan"},
    "ol": {"start"},
}


def _keep_attribute(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src":
        return value if re.match(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,", value) else None
    if attribute == "href":
        return value if re.match(r"https?://|mailto:", value, re.IGNORECASE) else None
    return value


_clean = nh3.Cleaner(
    tags=_HTML | _MATH,
    attributes=_CLEAN_ATTRIBUTES,
    attribute_filter=_keep_attribute,
    url_schemes={"http", "https", "mailto", "data"},
    link_rel="noopener noreferrer",
).clean
_mathml = LatexToMathML(fancy_error=False).convert_with_local_state


def formula(latex: str, block: bool = False) -> str:
    """LaTeX as MathML, which browsers draw by themselves; as it stands where it cannot be converted."""
    if len(latex) <= MAX_FORMULA:
        try:
            return _mathml(latex, displaystyle=block)
        except LatexError:
            pass
    return f"<code>{escape(latex)}</code>"


class _Renderer(IPythonRenderer):
    """Markdown as nbconvert reads it, formulas as MathML, pictures only where they are part of the notebook."""

    def block_math(self, body: str) -> str:
        return formula(body, block=True)

    def inline_math(self, body: str) -> str:
        return formula(body)

    def latex_environment(self, name: str, body: str) -> str:
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre>{escape(code)}</pre>"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        attachment = self.attachments.get(url.removeprefix("attachment:"), {}) if url[:11] == "attachment:" else {}
        found = next((picture(mime, attachment[mime], text) for mime in PICTURES if mime in attachment), None)
        if found is None and url.startswith("data:"):
            found = f'<img src="{escape(url)}" alt="{escape(text)}">'
        return found or escape(text) or "(picture)"


def markdown(text: str, attachments: dict | None = None, level: int = 2) -> tuple[Markup, int]:
    """Markdown as HTML.

    level -- of the last heading above it on the page
    Returns the HTML and the level of its own last heading. Headings step down one level at a time whatever the author
    did, so that a screen reader's outline holds.
    """
    return _in_outline(_converted(text, attachments) if attachments else _remembered(text), level)


def _converted(text: str, attachments: dict) -> str:
    renderer = _Renderer(escape=False, exclude_anchor_links=True, attachments=attachments)
    plugins = [import_plugin(name) for name in MarkdownWithMath.DEFAULT_PLUGINS]
    try:
        return harmless(MarkdownWithMath(renderer, plugins=plugins).render(shortened(text)))
    except RecursionError:
        return _pre(escape(shortened(text)))


@functools.lru_cache(maxsize=SAME_FOR_ALL)
def _remembered(text: str) -> str:
    return _converted(text, {})


def _in_outline(html: str, level: int) -> tuple[Markup, int]:
    last = level

    def moved(match: re.Match) -> str:
        nonlocal last
        if not match[1]:
            last = min(int(match[2]) + 2, last + 1, 6)
        return f"<{match[1]}h{last}>"

    return Markup(_HEADINGS.sub(moved, html)), last


def flat(html: str) -> Markup:
    """HTML without headings: those of an output or a comment are no part of the page's outline."""
    return Markup(_HEADINGS.sub(r"<\1p>", html))


def harmless(html: str) -> str:
    """HTML with nothing left in it that runs, loads, styles or navigates by itself, and every picture named."""
    html = _clean("&".join(html[: 50 * MAX_TEXT].split("&")[:MOST_REFERENCES]))
    html = re.sub(r"<img(?![^>]* src=)[^>]*>", "", html)
    html = re.sub(r"<img(?![^>]* alt=)", '<img alt="Picture"', html)
    html = re.sub(r"<th([^>]*)>\s*</th>", r"<td\1></td>", html)
    html = html.replace("<table>", '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>')
    html = html.replace("</table>", "</table></div>")
    html = re.sub(r"<pre>(.*?)</pre>", lambda match: _pre(match[1]), html, flags=re.DOTALL)
    return re.sub(r'<math display="block".*?</math>', _wide_formula, html, flags=re.DOTALL)


def _pre(inner: str, kind: str = "", label: str = "Text") -> str:
    """Preformatted text; one with long lines scrolls by itself, so the keyboard has to reach it."""
    longest = max(map(len, unescape(re.sub(r"<[^>]*>", "", inner)).split("\n")))
    scrolls = f' tabindex="0" role="group" aria-label="{label}"' if longest > SHORT_LINE else ""
    return f'<pre class="{kind}"{scrolls}>{inner}</pre>'


def _wide_formula(match: re.Match) -> str:
    if len(re.sub(r"<[^>]*>", "", match[0])) <= SHORT_FORMULA:
        return match[0]
    return f'<span class="scroll" tabindex="0" role="group" aria-label="Equation">{match[0]}</span>'


@functools.lru_cache(maxsize=SAME_FOR_ALL)
def code(source: str) -> Markup:
    """Python, coloured."""
    html = highlight(lines(shortened(source)), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    return Markup(_pre(html.rstrip("\n"), "code", "Code"))


def text(content: str, kind: str = "text") -> Markup:
    """Plain text as a terminal would leave it: no colours, lines overwritten by a progress bar gone."""
    rows = strip_ansi(content).split("\n")
    content = "\n".join(row.rstrip("\r").rpartition("\r")[2] for row in rows)
    content = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", content)
    return Markup(_pre(escape(shortened(content).rstrip("\n")), kind, "Output"))


def shortened(content: str) -> str:
    if len(content) <= MAX_TEXT:
        return content
    return f"{content[:MAX_TEXT]}\n... {len(content) - MAX_TEXT} more characters are not shown here."


def picture(mime: str, content: object, alternative: str) -> str | None:
    """A picture as part of the page; nothing if it is not what its type says. In an <img> no script of an SVG runs."""
    if not isinstance(content, str):
        return None
    if mime == "image/svg+xml" and content.lstrip()[:1] == "<":
        data = content.encode("utf-8", "replace")
    else:
        try:
            data = base64.b64decode(content)
        except (binascii.Error, ValueError):
            return None
        if not data.startswith(IMAGES.get(mime, b"<")):
            return None
    encoded = base64.b64encode(data).decode()
    return f'<img src="data:{mime};base64,{encoded}" alt="{escape(alternative)}">'


def rich(data: NotebookNode, alternative: str) -> Markup | None:
    """The best of an output's forms that the page can show, nothing if there is none."""
    for mime in PICTURES:
        found = picture(mime, data[mime], alternative) if mime in data else None
        if found:
            return Markup(found)
    if isinstance(data.get("text/html"), str):
        return flat(harmless(data["text/html"]))
    if isinstance(data.get("text/markdown"), str):
        return flat(markdown(data["text/markdown"])[0])
    if isinstance(data.get("text/latex"), str):
        return Markup(harmless(formula(data["text/latex"].strip().strip("$"), block=True)))
    if isinstance(data.get("text/plain"), str):
        return text(data["text/plain"])
    return None
