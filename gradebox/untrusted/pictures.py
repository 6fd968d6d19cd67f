"""Figures as PNG, drawn once: not at all where the instructor's own notebook has drawn the same figure already.

Drawing takes most of the time of a notebook with pictures. Two figures with the same artists, data and settings give
the same picture, and to look at what a figure is made of takes a fraction of drawing it. So the rehearsal's pictures
are kept by what their figures are made of, and a student's figure that is made of the same is not drawn again. Any
other is.
"""

import copyreg
import hashlib
import io
import pickle
from binascii import b2a_base64

import matplotlib
import numpy as np
from IPython.core.pylabtools import print_figure
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import TransformNode
from PIL import Image

SIGNIFICANT = 12  # digits of a number that a figure shows; right answers differ in the last ones
MOST_BYTES = 8 * 2**20  # of pictures kept


class Pictures:
    """The pictures of one notebook.

    known -- what a figure is made of -> its picture, from the rehearsal; None where nobody will look
    drawn -- the same, of what this process has drawn; None where nobody asks for it
    """

    def __init__(self):
        self.known: dict[str, str] | None = {}
        self.drawn: dict[str, str] | None = None

    def png(self, figure: Figure) -> str | None:
        """A figure as a PNG in base64, cut to what is drawn; None if there is nothing in it, or nobody will look."""
        if self.known is None or not (figure.axes or figure.lines):
            return None
        made_of = fingerprint(figure) if self.known or self.drawn is not None else ""
        if made_of in self.known:
            return self.known[made_of]
        picture = drawn(figure)
        if self.drawn is not None and made_of and sum(map(len, self.drawn.values())) < MOST_BYTES:
            self.drawn[made_of] = picture
        return picture


def fingerprint(figure: Figure) -> str:
    """Of all that a figure is made of and all settings; empty if that cannot be told."""
    seen = io.BytesIO()
    pickler = pickle.Pickler(seen, protocol=5)
    pickler.dispatch_table = copyreg.dispatch_table | dict.fromkeys(kinds_of(TransformNode), node) | ARRAYS
    try:
        pickler.dump(figure)
    except Exception:  # whatever a part of it does on being looked at: then it is drawn
        return ""
    if b"__main__" in seen.getvalue():  # it draws with code of the notebook's own, which may do anything
        return ""
    return hashlib.sha256(seen.getvalue() + repr(sorted(matplotlib.rcParams.items())).encode()).hexdigest()


# What a figure is made of is written down as pickle does it, the same way in every process, and never read.


def node(part: TransformNode) -> tuple:
    """Without who depends on it, which it knows by addresses in memory."""
    return (
        type,
        (type(part).__name__, (), {}),
        {name: value for name, value in vars(part).items() if name != "_parents"},
    )


def array(part: np.ndarray) -> tuple:
    if part.dtype.kind != "f":
        return part.__reduce__()
    return bytes, (rounded(np.asarray(part)).tobytes(), repr((np.shape(part), np.ma.getmaskarray(part).tobytes())))


ARRAYS = dict.fromkeys((np.ndarray, np.float64, np.float32, np.ma.MaskedArray), array)


def kinds_of(kind: type) -> set[type]:
    """A class and all below it."""
    return {kind}.union(*map(kinds_of, kind.__subclasses__()))


def rounded(values: np.ndarray) -> np.ndarray:
    """To so many significant digits."""
    with np.errstate(all="ignore"):
        size = np.floor(np.log10(np.abs(values)))
        unit = np.where(np.isfinite(size), 10.0 ** (size - SIGNIFICANT), 1.0)
        return np.where(np.isfinite(size), np.round(values / unit), values) * unit


def drawn(figure: Figure) -> str:
    """As IPython makes it, in half the time.

    To cut a figure matplotlib draws it twice, once to measure and once to keep. Here it is drawn once and the picture
    cut; only a drawing that reaches beyond its figure needs the second pass.
    """
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    reach = figure.get_tightbbox(canvas.get_renderer()).padded(matplotlib.rcParams["savefig.pad_inches"])
    width, height = canvas.get_width_height()
    pixels = Image.frombuffer("RGBA", (width, height), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    left, bottom = np.floor(reach.min * figure.dpi).astype(int)
    right, top = np.ceil(reach.max * figure.dpi).astype(int)
    if left < 0 or bottom < 0 or right > width or top > height or pixels.getchannel("A").getextrema()[0] < 255:
        return print_figure(figure, base64=True, bbox_inches=reach)
    with io.BytesIO() as file:
        cut = pixels.crop((left, height - top, right, height - bottom))
        cut.convert("RGB").save(file, "png", compress_level=1)
        return b2a_base64(file.getvalue(), newline=False).decode("ascii")
