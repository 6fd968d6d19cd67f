"""Tables that are data: pandas' objects column by column, scipy's sparse matrices, as arrays, lists and plain values.

`write` says a thing in terms of the values' format, `read` makes it of them again. Neither loads a library of its own
accord: who sends one has it loaded, who receives it says whether it may be. A column of objects crosses as a list of
plain values, so that missing ones stay what they were: None, NaN, NaT or pandas' NA.
"""

import importlib
import re
import sys
from typing import Any

import numpy as np

from gradebox.sandbox.data import zone

MAX_SIDE = 1_000_000  # rows or columns of a sparse matrix: some formats take memory for each
_EXTENSIONS = {
    *("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64"),
    *("Float32", "Float64", "boolean", "string", "str"),
}
_SPARSE = ("csr", "csc", "coo", "lil", "dok", "dia")
_FREQUENCY = re.compile(r"[A-Za-z0-9\-]{1,20}")
_PLAIN = "biufcmM"  # kinds of dtypes whose arrays cross as they are


def write(value: Any) -> tuple | None:
    """``(kind, parts...)``; None for what is not one of these."""
    sparse, pandas = sys.modules.get("scipy.sparse"), sys.modules.get("pandas")
    if sparse is not None and sparse.issparse(value):
        return _write_sparse(sparse, value)
    return None if pandas is None else _write_pandas(pandas, value)


def read(load: bool, kind: str, *parts: Any) -> Any:
    """The value of some parts. They are a stranger's: raises ValueError, TypeError or KeyError if they make none."""
    return _READ[kind](_library("scipy.sparse" if kind == "sparse" else "pandas", load), *parts)


def _library(name: str, load: bool) -> Any:
    if name not in sys.modules and not load:
        raise ValueError(f"{name} is not in use here")
    return importlib.import_module(name)


def _write_pandas(pandas: Any, value: Any) -> tuple | None:
    if value is pandas.NA or value is pandas.NaT:
        return ("missing", "NA" if value is pandas.NA else "NaT")
    if isinstance(value, pandas.DataFrame):
        columns = [_column(pandas, value.iloc[:, number]) for number in range(value.shape[1])]
        return None if None in map(_kind, columns) else ("frame", value.columns, value.index, columns)
    if isinstance(value, pandas.Series):
        column = _column(pandas, value)
        return None if column is None else ("series", column, value.index, value.name)
    if isinstance(value, pandas.RangeIndex):
        return ("steps", range(value.start, value.stop, value.step), value.name)
    if isinstance(value, pandas.MultiIndex):
        return ("levels", [*value.levels], [np.asarray(codes) for codes in value.codes], [*value.names])
    if isinstance(value, pandas.Index):
        column = _column(pandas, value)
        return None if column is None else ("index", column, value.name, getattr(value, "freqstr", None))
    if isinstance(value, pandas.Categorical):
        return ("category", np.asarray(value.codes), value.categories, bool(value.ordered))
    if isinstance(value, (pandas.Timestamp, pandas.Timedelta)):
        return ("moment", _column(pandas, pandas.Index([value])))
    return None


def _kind(column: Any) -> type | None:
    """For a search for None among arrays, which answer ``==`` with arrays."""
    return None if column is None else type(column)


def _column(pandas: Any, column: Any) -> Any:
    """A Series or Index as a plain array, a list, a Categorical, or ``(dtype, parts)``; None if it is none of these."""
    dtype, array = column.dtype, column.array
    if isinstance(array, pandas.Categorical):
        return array
    if isinstance(dtype, pandas.DatetimeTZDtype):
        name = str(dtype.tz)
        if not _is_zone(name):
            return None
        return ("zoned", name, np.asarray(array.tz_convert("UTC").tz_localize(None)))
    if isinstance(dtype, np.dtype):
        plain = np.asarray(array)
        return plain if dtype.kind in _PLAIN else [*plain] if dtype.kind == "O" else None
    return (dtype.name, [*array]) if dtype.name in _EXTENSIONS else None


def _is_zone(name: str) -> bool:
    try:
        return zone(name) is not None
    except (LookupError, ValueError, OSError):
        return False


def _array(pandas: Any, column: Any) -> Any:
    """An array for pandas of what `_column` said."""
    if type(column) is list:
        return np.fromiter(column, object, len(column))
    if type(column) is tuple:
        kind, *parts = column
        if kind == "zoned":
            name, moments = parts
            if type(name) is not str or not _is_zone(name):  # pandas would look for it in ways of its own
                raise ValueError("an unknown time zone")
            return pandas.DatetimeIndex(_flat(moments)).tz_localize("UTC").tz_convert(name).array
        if kind in _EXTENSIONS and type(parts[0]) is list:
            return pandas.array(parts[0], dtype=kind)
        raise ValueError("a column of an unknown kind")
    return column if isinstance(column, pandas.Categorical) else _flat(column)


def _flat(array: Any) -> np.ndarray:
    if type(array) is not np.ndarray or array.ndim != 1:
        raise TypeError("expected a flat array")
    if array.dtype.kind in "mM" and np.datetime_data(array.dtype)[1] != 1:
        raise TypeError("a multiple of a unit of time, which pandas does not know")
    return array


def _read_frame(pandas: Any, names: Any, index: Any, columns: list) -> Any:
    names, index = _index(pandas, names), _index(pandas, index)
    arrays = [_array(pandas, column) for column in columns]
    if len(names) != len(arrays) or any(len(array) != len(index) for array in arrays):
        raise ValueError("a table of columns of different lengths")
    series = {number: pandas.Series(array, index, dtype=array.dtype) for number, array in enumerate(arrays)}
    table = pandas.DataFrame(series, index)
    table.columns = names
    return table


def _read_series(pandas: Any, column: Any, index: Any, name: Any) -> Any:
    array = _array(pandas, column)
    return pandas.Series(array, _index(pandas, index), dtype=array.dtype, name=name)


def _index(pandas: Any, value: Any) -> Any:
    if not isinstance(value, pandas.Index):
        raise TypeError("expected an index")
    return value


def _read_index(pandas: Any, column: Any, name: Any, frequency: str | None) -> Any:
    array = _array(pandas, column)
    index = pandas.Index(array, dtype=array.dtype, name=name)
    if frequency is not None and _FREQUENCY.fullmatch(frequency):
        index.freq = frequency  # which pandas compares with the moments
    return index


def _read_steps(pandas: Any, steps: range, name: Any) -> Any:
    return pandas.RangeIndex(steps, name=name)


def _read_levels(pandas: Any, levels: list, codes: list, names: list) -> Any:
    levels = [_index(pandas, level) for level in levels]
    return pandas.MultiIndex(levels, [_flat(part) for part in codes], names=names, verify_integrity=True)


def _read_category(pandas: Any, codes: np.ndarray, categories: Any, ordered: bool) -> Any:
    return pandas.Categorical.from_codes(_flat(codes), _index(pandas, categories), ordered=bool(ordered))


def _read_missing(pandas: Any, name: str) -> Any:
    return {"NA": pandas.NA, "NaT": pandas.NaT}[name]


def _read_moment(pandas: Any, column: Any) -> Any:
    return pandas.Index(_array(pandas, column))[0]


def _write_sparse(sparse: Any, value: Any) -> tuple | None:
    if value.format not in _SPARSE or value.ndim != 2:
        return None
    parts = value.tocoo()
    return ("sparse", value.format, isinstance(value, sparse.sparray), [*value.shape], parts.data, parts.row, parts.col)


def _read_sparse(sparse: Any, form: str, is_array: bool, shape: list, *parts: np.ndarray) -> Any:
    data, row, column = map(_flat, parts)
    if form not in _SPARSE or len(shape) != 2 or not all(type(side) is int and side <= MAX_SIDE for side in shape):
        raise ValueError("a sparse matrix of an odd form or size")
    if form == "dia" and len(data) > 0 and len({*(column - row).tolist()}) * shape[1] > MAX_SIDE:
        raise ValueError("a sparse matrix with too many diagonals")
    kind = sparse.coo_array if is_array else sparse.coo_matrix
    return kind((data, (row, column)), shape=shape).asformat(form)


_READ = {
    "frame": _read_frame,
    "series": _read_series,
    "index": _read_index,
    "steps": _read_steps,
    "levels": _read_levels,
    "category": _read_category,
    "missing": _read_missing,
    "moment": _read_moment,
    "sparse": _read_sparse,
}
