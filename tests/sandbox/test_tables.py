"""pandas' objects and sparse matrices arrive as they were, column by column, or stay where they are."""

import contextlib
import importlib
import sys
import warnings
from random import Random

import msgpack
import numpy as np
import pytest

from gradebox.sandbox.values import BadMessage, CannotCross, pack, unpack

pd = pytest.importorskip("pandas")
DAYS = pd.date_range("2024-01-01", periods=3, tz="Europe/Berlin")
COLUMNS = {
    "whole": pd.Series([1, 2, 3]),
    "missing": pd.Series([1.5, np.nan, np.inf], name="m"),
    "text": pd.Series(["a", None, np.nan]),
    "mixed": pd.Series([1, "a", (2, 3)], dtype=object),
    "lists": pd.Series([[1, 2], [3, 4], []]),
    "NA": pd.Series([1, pd.NA, 3], dtype="Int64"),
    "objects": pd.Series([pd.NA, pd.NaT, pd.Timestamp("2024-02-03")], dtype=object),
    "strings": pd.Series(["a", pd.NA, "c"], dtype="string"),
    "truth": pd.Series([True, None, False], dtype="boolean"),
    "dates": pd.Series(pd.to_datetime(["2024-01-01", None, "2024-01-03"])),
    "zoned": pd.Series(DAYS),
    "times": pd.Series(pd.to_timedelta([1, None, 3], unit="h")),
    "category": pd.Series(["b", "a", None], dtype=pd.CategoricalDtype(["b", "a", "z"], ordered=True)),
    "index": pd.Series([1, 2, 3], index=["x", "y", "y"]),
    "several": pd.Series(range(4), index=pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["l", None])),
    "empty": pd.Series([], dtype="float32"),
}
INDEXES = [pd.RangeIndex(2, 8, 3, name="r"), pd.Index([1, 2]), pd.Index(["a", None], name="i"), DAYS, pd.Index([])]


@pytest.mark.parametrize("name", COLUMNS)
def test_series_arrive_equal(name):
    pd.testing.assert_series_equal(unpack(pack(COLUMNS[name])), COLUMNS[name])


@pytest.mark.parametrize("index", INDEXES, ids=str)
def test_indexes_arrive_equal(index):
    arrived = unpack(pack(index))
    pd.testing.assert_index_equal(arrived, index, exact=True)
    assert getattr(arrived, "freq", None) == getattr(index, "freq", None)


def test_missing_values_stay_apart():
    arrived = unpack(pack(pd.Series([None, np.nan, pd.NaT, pd.NA], dtype=object))).tolist()
    assert arrived[0] is None and isinstance(arrived[1], float) and arrived[2] is pd.NaT and arrived[3] is pd.NA


def test_tables_arrive_equal():
    short = {name: column for name, column in COLUMNS.items() if len(column) == 3 and column.index.is_unique}
    for table in (
        pd.DataFrame(short),
        pd.DataFrame([[1, 2.5], [3, 4.5]], columns=["same", "same"], index=["a", "a"]),
        pd.DataFrame({"a": [1, 1], "b": [2, 3]}).groupby("a").agg(["sum", "mean"]),
        pd.DataFrame(index=[1, 2]),
        pd.DataFrame({("a", "b"): [1], ("a", "c"): [2.0]}),
        pd.DataFrame(),
    ):
        pd.testing.assert_frame_equal(unpack(pack(table)), table)


def test_moments_arrive_equal():
    for value in (DAYS[0], pd.Timestamp("2024-01-01 12:00"), pd.Timedelta("3h")):
        arrived = unpack(pack(value))
        assert arrived == value and type(arrived) is type(value)


@pytest.mark.parametrize(
    "value",
    [pd.Series([len]), pd.DataFrame({"a": [object()]}), pd.period_range("2024", periods=2, freq="M")],
    ids=["functions", "objects", "periods"],
)
def test_tables_of_other_things_stay_where_they_are_as_a_whole(value):
    with pytest.raises(CannotCross):
        pack(value)
    assert unpack(pack([value], lambda part: 7), from_handle=lambda number: number) == [7]


def test_who_does_not_use_pandas_gets_no_table(monkeypatch):
    message = pack(pd.Series([1]))
    with pytest.raises(CannotCross):
        pack(pd.Series([1]), known=())
    monkeypatch.delitem(sys.modules, "pandas")
    monkeypatch.setattr(importlib, "import_module", lambda name: pytest.fail("loaded") if name == "pandas" else TABLES)
    with pytest.raises(BadMessage, match="not in use"):
        unpack(message)


def array(values, dtype="<i8"):
    data = np.asarray(values, dtype)
    return ["array", dtype, [*data.shape], data.tobytes()]


TABLES = importlib.import_module("gradebox.sandbox.tables")
TWO = ["tables", "steps", ["range", 0, 2, 1], None]
FORGED = {
    "columns of different lengths": ["tables", "frame", TWO, TWO, ["list", array([1, 2]), array([1])]],
    "too few columns": ["tables", "frame", TWO, TWO, ["list", array([1, 2])]],
    "an index that is none": ["tables", "series", array([1]), ["list", 1], None],
    "another length than the index": ["tables", "series", array([1, 2, 3]), TWO, None],
    "codes out of reach": ["tables", "category", array([5, 10**9]), TWO, False],
    "levels out of reach": ["tables", "levels", ["list", TWO], ["list", array([7])], ["list", None]],
    "two dimensions": ["tables", "series", array([[1, 2], [3, 4]]), TWO, None],
    "a range for a list": ["tables", "index", ["range", 0, 10**6, 1], None, None],
    "a dtype of the sender's": ["tables", "index", ["tuple", "Sparse[int]", ["list", 1]], None, None],
    "a zone that is a path": ["tables", "index", ["tuple", "zoned", "/etc/passwd", array([1], "<i8")], None, None],
    "a frequency that is none": ["tables", "index", array([1, 9], "<M8[ns]"), None, "99D"],
    "multiples of a unit of time": ["tables", "moment", array([1], "<M8[4s]")],
    "no time at all as a unit": ["tables", "moment", array([1], "<M8[0s]")],
    "a method's name": ["tables", "__init__", 1],
}


@pytest.mark.parametrize("what", FORGED)
def test_forged_tables_are_refused(what):
    with pytest.raises(BadMessage):
        unpack(msgpack.packb(FORGED[what]), from_handle=str)


# --- sparse matrices ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "dia"])
@pytest.mark.parametrize("kind", ["matrix", "array"])
def test_sparse_matrices_arrive_equal(form, kind):
    sparse = pytest.importorskip("scipy.sparse")
    value = getattr(sparse, f"{form}_{kind}")(np.array([[0, 1.5, 0], [2, 0, 0]]))
    arrived = unpack(pack(value))
    assert type(arrived) is type(value) and arrived.dtype == value.dtype
    np.testing.assert_array_equal(arrived.toarray(), value.toarray())


@pytest.mark.parametrize(
    "parts",
    [
        *(([10**12, 1], [1], [0], [0]), ([2, 2], [1], [5], [0]), ([2, 2], [1, 2], [0], [0]), ([2, 2], [1], [-1], [0])),
        *(([2], [1], [0], [0]), ([-1, 2], [1], [0], [0])),
    ],
    ids=["huge", "row out of reach", "lengths differ", "negative row", "flat", "negative size"],
)
def test_forged_sparse_matrices_are_refused(parts):
    pytest.importorskip("scipy.sparse")
    shape, *arrays = parts
    with pytest.raises(BadMessage):
        unpack(msgpack.packb(["tables", "sparse", "csr", False, ["list", *shape], *map(array, arrays)]))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_spoiled_messages_give_a_value_or_bad_message(seed):
    """Bytes of one message at places of it, too: a unit of time becomes another sooner than by chance alone."""
    random = Random(seed)
    times = [pd.Timestamp("2020"), pd.date_range("2020", periods=3, tz="Europe/Berlin"), np.zeros(3, "M8[s]")]
    tables = [pd.DataFrame({"a": [1, 2], "b": ["x", None]}), pd.Series([1], dtype="Int64"), pd.Categorical(["a"])]
    messages = [pack(value) for value in (*times, *tables)]
    for _ in range(20_000):
        message = bytearray(random.choice(messages))
        for _ in range(random.randint(1, 4)):
            byte = random.choice((random.randrange(256), random.choice(message)))
            message[random.randrange(len(message))] = byte
        with contextlib.suppress(BadMessage), warnings.catch_warnings(action="ignore"):
            unpack(bytes(message), from_handle=str)
