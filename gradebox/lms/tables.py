"""A table in a text file (CSV, or separated by tabs), of which single cells change and everything else stays as it is.

Order, quotes, line ends, encoding, byte-order mark, what stands outside the cells: whatever is not written by `put` is
the same byte for byte, because cells are cut out of the text and not written anew.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from gradebox.course import CourseError

MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))  # of byte order
SEPARATORS = ",;\t"
NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)")
CENT = Decimal("0.01")  # what an LMS keeps of a mark
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Cell:
    text: str
    begin: int  # in the file's text
    end: int
    quoted: bool


@dataclass
class Table:
    """A table and the file it stands in."""

    file: str  # its name
    separator: str
    rows: list[list[Cell]]
    content: str
    encoding: str
    mark: bytes
    new: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def header(self) -> list[str]:
        return [plain(cell.text) for cell in self.rows[0]]

    def text(self, row: int, column: int) -> str:
        """What stands in a cell; nothing if the row is too short."""
        cells = self.rows[row]
        return cells[column].text.strip() if column < len(cells) else ""

    def put(self, row: int, column: int, text: str) -> None:
        """Write into a cell. Raises CourseError if the row does not reach so far."""
        if column >= len(self.rows[row]):
            raise CourseError(f"{self.file}, row {row + 1} has no column {column + 1}: download it again.")
        self.new[row, column] = text

    def data(self) -> bytes:
        """The file with what was put into it."""
        parts, done = [], 0
        for (row, column), text in sorted(self.new.items()):
            cell = self.rows[row][column]
            quote = cell.quoted or any(each in text for each in (self.separator, '"', "\n"))
            escaped = text.replace('"', '""')
            parts += [self.content[done : cell.begin], f'"{escaped}"' if quote else text]
            done = cell.end
        return self.mark + "".join([*parts, self.content[done:]]).encode(self.encoding)


def read_table(path: Path) -> Table:
    """Raises CourseError if there is no table in the file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from error
    if data.startswith((b"PK", b"\xd0\xcf")):
        raise CourseError(f"{path} is a spreadsheet's own file: save it as CSV, or download it as CSV.")
    if len(data) > MOST_BYTES:
        raise CourseError(f"{path} is too large for a table of students: is it the right file?")
    mark, encoding, content = decoded(data, path)
    first = content.lstrip().partition("\n")[0]
    separator = max(SEPARATORS, key=re.sub(r'"[^"]*"', "", first).count)
    rows = [row for row in cells(content, separator) if any(cell.text.strip() for cell in row)]
    if len(rows) < 2 or len(rows[0]) < 2:
        raise CourseError(f"{path} is no table with a row of titles and rows of students: is it the right file?")
    return Table(path.name, separator, rows, content, encoding, mark)


def decoded(data: bytes, path: Path) -> tuple[bytes, str, str]:
    """A file's mark of byte order, encoding and text."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return mark, encoding, _text(data[len(mark) :], encoding, path)
    if data[1:2] == b"\0":
        return b"", "utf-16-le", _text(data, "utf-16-le", path)
    try:
        return b"", "utf-8", data.decode()
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes  # seldom needed

        best = from_bytes(
            data, cp_isolation=["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp932", "gb18030"]
        ).best()
        encoding = best.encoding if best else "cp1252"
        return b"", encoding, _text(data, encoding, path)


def _text(data: bytes, encoding: str, path: Path) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise CourseError(f"{path} is not text in {encoding}: download it again as CSV in UTF-8.") from error
    if text.encode(encoding) != data:
        raise CourseError(f"{path} cannot be written as it is in {encoding}: download it again as CSV in UTF-8.")
    return text


def cells(content: str, separator: str) -> Iterator[list[Cell]]:
    """A text's rows of cells. Quotes work as in CSV; one that is never closed is a letter like others."""
    pattern = re.compile(
        rf'(?:"(?P<quoted>(?:[^"]++|"")*+)")?(?P<rest>[^{re.escape(separator)}\r\n]*)'
        rf"(?P<stop>{re.escape(separator)}|\r\n|\r|\n|\Z)"
    )
    row: list[Cell] = []
    place = 0
    while place <= len(content):
        found = pattern.match(content, place)
        quoted = found["quoted"] is not None
        text = (found["quoted"].replace('""', '"') if quoted else "") + found["rest"]
        row.append(Cell(text, found.start(), found.end("rest"), quoted))
        if found["stop"] != separator:
            yield row
            row = []
        if not found["stop"]:
            return
        place = found.end()


def plain(title: str) -> str:
    """A title of a column to compare with: words in small letters."""
    text = unicodedata.normalize("NFKC", title).casefold()
    return " ".join(re.findall(r"[^\W_]+", text))


def number(text: str) -> Decimal | None:
    """What a cell says, with a decimal point or comma; None if that is no number."""
    text = text.strip().replace("\N{NO-BREAK SPACE}", "")
    return Decimal(text.replace(",", ".")) if NUMBER.fullmatch(text) else None


def written(points: Decimal, comma: bool = False) -> str:
    """A number of points for an LMS: to the cent, without zeros that say nothing or separators of thousands."""
    text = f"{rounded(points):f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text


def rounded(points: Decimal) -> Decimal:
    return points.quantize(CENT, ROUND_HALF_UP)
