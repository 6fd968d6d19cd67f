"""The page's charts: matplotlib's SVG, made part of the page. Figures are objects of their own, without pyplot.

Colours are the page's (its dark and printed ones, too), so a chart is drawn in stand-ins that become names of colours
in the style sheet; they differ in lightness, so grey paper and every eye can tell them apart. Text stays text. Each
chart has a sentence in its place for who cannot see it, and the page has its numbers as a table.
"""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape

from markupsafe import Markup
from matplotlib import rc_context, rcdefaults, rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gradebox.overview.numbers import Bar, Spread
from gradebox.overview.report import ExerciseRow

WIDTH = 4.4  # inches of 72 units: as wide as a phone shows without making it smaller
INK, SOFT, LINE, BARS = "#010203", "#010204", "#010205", "#010206"
SHARES = {"everything": "#010207", "partly": "#010208", "nothing": "#010209"}
COLOURS = {
    INK: "ink",
    SOFT: "soft",
    LINE: "line",
    BARS: "bars",
    **{colour: f"share-{name}" for name, colour in SHARES.items()},
}
DROPPED = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL
)
FONT = re.compile(r"font-family: [^;\"]*;?|font: (\d+)px [^;\"]*")
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "gradebox", "font.size": 11, "text.parse_math": False}


@contextmanager
def as_shipped() -> Iterator[None]:
    """matplotlib with its own settings, whatever the user's file says (a TeX that is not there, another font)."""
    with rc_context():
        rcdefaults()
        rcParams.update(STYLE)
        yield


@as_shipped()
def totals_chart(bars: Sequence[Bar], spread: Spread, possible: float) -> Markup:
    """How many students have how many points, with the median."""
    figure, axes = drawing(2.5)
    starts, counts = [bar.start for bar in bars], [bar.students for bar in bars]
    width = bars[0].end - bars[0].start
    axes.bar(starts, counts, width * 0.9, align="edge", color=BARS)
    axes.axvline(spread.median, color=INK, linewidth=1.5, linestyle=(0, (4, 3)))
    right = spread.median > bars[-1].end * 0.7
    axes.annotate(
        f"median {spread.median:.4g}",
        (spread.median, 1),
        (-6 if right else 6, 2),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="right" if right else "left",
        color=INK,
    )
    axes.set_xlim(0, bars[-1].end)
    axes.set_xlabel(f"points, of {possible:.4g}", color=INK)
    axes.set_ylabel("students", color=INK)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.grid(axis="y", color=LINE, linewidth=0.7)
    return svg(figure, "totals", said_of_totals(bars, spread, possible))


def said_of_totals(bars: Sequence[Bar], spread: Spread, possible: float) -> str:
    counted = "; ".join(f"{bar}: {bar.students}" for bar in bars if bar.students)
    return f"Students by points of {possible:.4g}, median {spread.median:.4g}. {counted}."


@as_shipped()
def exercises_chart(rows: Sequence[ExerciseRow], number: int) -> Markup:
    """Of every exercise how many students have everything, a part, nothing.

    number -- of the chart on its page
    """
    figure, axes = drawing(0.42 * len(rows) + 0.55)
    for place, row in enumerate(rows):
        left = 0.0
        for name, colour in SHARES.items():
            share = getattr(row.item, name) * 100
            axes.barh(place, share, 0.42, left, color=colour, edgecolor=INK, linewidth=0.6)
            left += share
        axes.annotate(
            row.exercise,
            (0, place - 0.3),
            (0, 1),
            textcoords="offset points",
            color=INK,
            va="bottom",
            annotation_clip=False,
        )
    axes.set_xlim(0, 100)
    axes.set_ylim(len(rows) - 0.5, -0.75)
    axes.set_yticks([])
    axes.set_xticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100 %"])
    axes.spines["left"].set_visible(False)
    said = "; ".join(
        f"{row.exercise}: {row.item.everything:.0%} everything, {row.item.partly:.0%} a part, "
        f"{row.item.nothing:.0%} nothing"
        for row in rows
    )
    return svg(figure, f"exercises-{number}", f"Students by what they earned of an exercise. {said}.")


def drawing(height: float) -> tuple[Figure, Axes]:
    figure = Figure((WIDTH, height), layout="constrained")
    axes = figure.add_subplot()
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(SOFT)
    axes.tick_params(colors=INK, length=3)
    axes.set_axisbelow(True)
    figure.patch.set_visible(False)
    axes.patch.set_visible(False)
    return figure, axes


def svg(figure: Figure, name: str, told: str) -> Markup:
    """A figure as part of the page: ids of its own, the page's colours and font, a sentence for who cannot see it."""
    data = io.StringIO()
    figure.savefig(data, format="svg", metadata={"Creator": None, "Date": None, "Format": None, "Type": None})
    text = DROPPED.sub("", data.getvalue()).strip()
    text = re.sub(r'\bid="([^"]*)"', rf'id="{name}-\1"', text)
    text = re.sub(r'((?:xlink:)?href="|url\()#', rf"\1#{name}-", text)
    for stand_in, colour in COLOURS.items():
        text = text.replace(stand_in, f"var(--{colour})")
    text = FONT.sub(lambda found: f"font-size: {found[1]}px" if found[1] else "", text)
    return Markup(text.replace("<svg ", f'<svg class="chart" role="img" aria-label="{escape(told)}" ', 1))
