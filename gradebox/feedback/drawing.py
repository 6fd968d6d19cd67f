"""Draws what a check compared: the student's array, the expected one, and how far they are apart, as inline SVG.

Colours come from maps whose lightness grows evenly, so they survive grey printing and every colour vision; small arrays
have their numbers written into the squares, and every picture has a sentence in its place for who cannot see it.
"""

import math
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from gradebox.judge import MAX_NUMBERS

MAX_SIDE = 24  # squares drawn in one direction; of larger arrays the part around the largest difference
DARK_TO_LIGHT = ("#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838")  # values
LIGHT_TO_DARK = ("#ffffff", "#f9d5c0", "#ec9f7d", "#cf6247", "#9b2f2a", "#5c0f1c")  # differences
NOT_A_NUMBER = "#d9d9d9"
MINUS = "\N{MINUS SIGN}"

Number = float | None
Grid = list[list[Number]]


@dataclass(frozen=True)
class Array:
    """An array as it came with the outputs: untrusted, so checked when it is read."""

    shape: tuple[int, ...]
    values: list[Number]

    @classmethod
    def read(cls, claim: object) -> "Array | None":
        """The array, or nothing if the claim is not one."""
        shape, values = (claim.get("shape"), claim.get("values")) if isinstance(claim, dict) else (None, None)
        if not isinstance(shape, list) or not isinstance(values, list) or not 1 < len(values) <= MAX_NUMBERS:
            return None
        if not 0 < len(shape) <= 8 or not all(type(side) is int and side > 0 for side in shape):
            return None
        numbers = all(value is None or (type(value) in (int, float) and math.isfinite(value)) for value in values)
        return cls(tuple(shape), values) if numbers and math.prod(shape) == len(values) else None

    def slices(self) -> list[Grid]:
        """The array as a list of matrices, over all but its last two axes. A vector is a matrix with one row."""
        rows, columns = (1, *self.shape)[-2:]
        lines = [self.values[start : start + columns] for start in range(0, len(self.values), columns)]
        return [lines[start : start + rows] for start in range(0, len(lines), rows)]

    def place(self, number: int) -> str:
        """Index of a slice, as numpy writes it: slice 5 of (2, 4, 5, 3) is [1, 1]."""
        index = []
        for side in reversed(self.shape[:-2]):
            number, position = divmod(number, side)
            index.append(position)
        return f"[{', '.join(map(str, reversed(index)))}]"


def drawn(comparison: object) -> Markup | None:
    """The picture of a comparison; nothing if it does not hold two arrays."""
    claim = comparison if isinstance(comparison, dict) else {}
    answer, expected = Array.read(claim.get("answer")), Array.read(claim.get("expected"))
    if answer is None or expected is None:
        return None
    ours, theirs = expected.slices(), answer.slices()
    if answer.shape != expected.shape:
        note = f"The shapes differ: yours is {answer.shape}, the expected one {expected.shape}. "
        if len(ours) > 1 or len(theirs) > 1:
            note += "Shown is the first slice of each. "
        return _figure(note, [("Yours", theirs[0]), ("Expected", ours[0])], None, (0, 0))
    gaps = [_difference(mine, true) for mine, true in zip(theirs, ours, strict=True)]
    worst = max(range(len(gaps)), key=lambda number: _largest(gaps[number]))
    note = ""
    if len(gaps) > 1:
        wrong = sum(_largest(gap) > 0 for gap in gaps)
        note += (
            f"Shown is the slice {answer.place(worst)} of an array of shape {answer.shape}, where the difference is "
            f"largest; {wrong} of {len(gaps)} slices differ. "
        )
    corner = _corner(gaps[worst])
    return _figure(note, [("Yours", theirs[worst]), ("Expected", ours[worst])], gaps[worst], corner)


def _difference(mine: Grid, true: Grid) -> Grid:
    def gap(a: Number, b: Number) -> Number:
        # Both rounded to six digits, so what is left of equal numbers is nothing or far below the eye.
        if a is None or b is None:
            return None
        return 0.0 if math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-9) else a - b

    return [[gap(a, b) for a, b in zip(*lines, strict=True)] for lines in zip(mine, true, strict=True)]


def _largest(gap: Grid) -> float:
    return max(math.inf if value is None else abs(value) for row in gap for value in row)


def _corner(gap: Grid) -> tuple[int, int]:
    """Where to begin to draw, so that the largest difference is in the part that is drawn."""
    rows, columns = len(gap), len(gap[0])
    places = ((i, j) for i in range(rows) for j in range(columns))
    row, column = max(places, key=lambda at: math.inf if gap[at[0]][at[1]] is None else abs(gap[at[0]][at[1]]))
    return (
        max(0, min(row - MAX_SIDE // 2, rows - MAX_SIDE)),
        max(0, min(column - MAX_SIDE // 2, columns - MAX_SIDE)),
    )


def _figure(note: str, values: list[tuple[str, Grid]], gap: Grid | None, corner: tuple[int, int]) -> Markup:
    numbers = [value for _, grid in values for row in grid for value in row if value is not None]
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    grids = [values[0][1], values[1][1]] + ([gap] if gap else [])
    if any(len(grid) > MAX_SIDE or len(grid[0]) > MAX_SIDE for grid in grids):
        note += f"Only {MAX_SIDE} rows and columns from index {corner} on are drawn. "
    if high > low:
        note += f"Dark is {low:.3g}, bright is {high:.3g}".replace("-", MINUS)
        note += "; in the difference, darker is further off." if gap else "."
    panels = [
        _panel(title, grid, corner, lambda value: _shade(DARK_TO_LIGHT, value - low, high - low), "")
        for title, grid in values
    ]
    if gap:
        far = max((abs(value) for row in gap for value in row if value is not None), default=0.0)
        panels.append(_panel("Difference", gap, corner, lambda value: _shade(LIGHT_TO_DARK, abs(value), far), "+"))
    return Markup(
        f'<figure class="comparison"><div class="panels">{"".join(panels)}</div>'
        f"<figcaption>{escape(note)}</figcaption></figure>"
    )


def _panel(title: str, grid: Grid, corner: tuple[int, int], colour, sign: str) -> str:
    """One matrix as squares, with row and column numbers beside them."""
    top, left = corner
    part = [row[left : left + MAX_SIDE] for row in grid[top : top + MAX_SIDE]]
    rows, columns = len(part), len(part[0])
    side = 44 if columns <= 6 else 26 if columns <= 12 else 14
    edge = 18 if side > 14 else 0
    layout = _format(part, sign)
    shapes = []
    for i, row in enumerate(part):
        for j, value in enumerate(row):
            fill, ink = (NOT_A_NUMBER, "#000") if value is None else colour(value)
            x, y = edge + j * side, edge + i * side
            shapes.append(f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="{fill}"/>')
            if side == 44:
                shapes.append(
                    f'<text x="{x + 22}" y="{y + 26}" fill="{ink}" class="number">{_written(value, layout)}</text>'
                )
    if edge:
        shapes += [
            f'<text x="{edge + j * side + side // 2}" y="12" class="index">{left + j}</text>' for j in range(columns)
        ]
        shapes += [
            f'<text x="8" y="{edge + i * side + side // 2 + 4}" class="index">{top + i}</text>' for i in range(rows)
        ]
    width, height = edge + columns * side, edge + rows * side
    return (
        f'<div class="panel"><p>{title}</p><svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(_told(title, grid, sign))}">{"".join(shapes)}</svg></div>'
    )


def _shade(colours: tuple[str, ...], value: float, whole: float) -> tuple[str, str]:
    """A colour between the given ones, and the ink that can be read on it."""
    position = (value / whole if whole > 0 else 0.0) * (len(colours) - 1)
    step = min(int(position), len(colours) - 2)
    start, end = (bytes.fromhex(colour[1:]) for colour in colours[step : step + 2])
    mixed = [round(a + (b - a) * (position - step)) for a, b in zip(start, end, strict=True)]
    light = sum(weight * (part / 255) ** 2.2 for weight, part in zip((0.2126, 0.7152, 0.0722), mixed, strict=True))
    return f"#{bytes(mixed).hex()}", "#000" if light > 0.18 else "#fff"


def _format(grid: Grid, sign: str) -> str:
    """One format for all numbers of a matrix, so that they can be compared: three digits of the largest."""
    largest = max((abs(value) for row in grid for value in row if value is not None), default=0.0)
    power = math.floor(math.log10(largest)) if largest else 0
    return f"{sign}.0e" if not -3 <= power < 5 else f"{sign}.{min(max(2 - power, 0), 3)}f"


def _written(value: Number, layout: str) -> str:
    if value is None:
        return "?"
    return "0" if value == 0 else f"{value:{layout}}".replace("-", MINUS)


def _told(title: str, grid: Grid, sign: str) -> str:
    """The matrix in words: its numbers if they are few, else what stands out."""
    rows, columns = len(grid), len(grid[0])
    size = f"{title}, {rows} by {columns}"
    if rows * columns <= 36:
        layout = _format(grid, sign)
        return f"{size}: " + "; ".join(
            f"row {i}: " + ", ".join(_written(value, layout) for value in row) for i, row in enumerate(grid)
        )
    numbers = [value for row in grid for value in row if value is not None]
    if sign:
        wrong = sum(value != 0 for value in numbers)
        return f"{size}: {wrong} of {rows * columns} numbers differ, by up to {max(map(abs, numbers), default=0):.4g}"
    return f"{size}: numbers from {min(numbers, default=0):.4g} to {max(numbers, default=0):.4g}"
