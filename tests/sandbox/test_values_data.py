"""Data beyond numbers and lists: it arrives equal, missing values and types included, or stays where it is."""

import collections
import datetime
import enum
import fractions
import pathlib
import zoneinfo
from decimal import Decimal

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradebox.sandbox.values import BadMessage, CannotCross, pack, unpack

Point = collections.namedtuple("Point", "x y")
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
PARTS = (
    st.decimals() | st.fractions() | st.dates() | st.times() | st.datetimes() | st.timedeltas()
    | st.datetimes(timezones=st.sampled_from([datetime.UTC, BERLIN, datetime.timezone(datetime.timedelta(hours=-3))]))
    | st.builds(range, st.integers(-99, 99), st.integers(-99, 99), st.integers(1, 9))
    | st.builds(slice, st.none() | st.integers(), st.none() | st.integers())
    | st.builds(Point, st.integers(), st.text())
)  # fmt: skip


@given(PARTS)
def test_exact_numbers_dates_and_records_arrive_equal(value):
    arrived = unpack(pack(value))
    assert repr(arrived) == repr(value)  # NaN, too, and the zone
    assert type(arrived).__name__ == type(value).__name__


@pytest.mark.parametrize(
    "value",
    [
        *(collections.Counter("abca"), collections.OrderedDict(b=1, a=2), collections.deque([1, 2], 3)),
        *(pathlib.Path("a/b.csv"), int, ValueError, Exception, np.float32, np.dtype("<f4"), BERLIN, datetime.UTC),
    ],
    ids=repr,
)
def test_other_small_data_arrives_equal(value):
    arrived = unpack(pack(value))
    assert arrived == value and type(arrived) is type(value)


def test_named_tuples_are_one_type_on_the_other_side_and_read_by_name():
    one, other = unpack(pack([Point(1, 2), Point(3, 4)]))
    assert type(one) is type(other) and (one.x, one[1]) == (1, 2)
    assert one == (1, 2) and repr(one) == "Point(x=1, y=2)"


@pytest.mark.parametrize("fields", [["x y"], ["class"], ["_x"], ["x", "x"], ["ﬁ"], ["x=print()"], [1], list("ab")])
def test_named_tuples_with_odd_names_are_refused(fields):
    with pytest.raises(BadMessage):
        unpack(msgpack.packb(["named", "Point", fields, 1]))


def test_members_of_enumerations_keep_their_names_as_handles():
    class Color(enum.IntEnum):
        RED = 1

    assert unpack(pack(Color.RED, handle=lambda value: 7), from_handle=lambda number: number) == 7


@pytest.mark.parametrize(
    "value",
    [range(10**9), Decimal("1e99999"), fractions.Fraction(2**70000, 3), collections.deque([len]), pathlib.Path("a")],
    ids=["long range", "large exponent", "long fraction", "functions inside", "unknown there"],
)
def test_what_is_too_large_or_unknown_there_stays_where_it_is(value):
    with pytest.raises(CannotCross):
        pack(value, known=())
    assert unpack(pack(value, lambda part: 7, known=()), from_handle=lambda number: number) == 7


@pytest.mark.parametrize(
    "tree",
    [
        *(["range", 0, 10**18, 1], ["range", 0, 1, 0], ["data", "fraction", 1, 0], ["data", "decimal", "1e999999999"]),
        *(["data", "deque", ["range", 0, 10**6, 1], None], ["data", "datetime", 1, 2], ["data", "zone", "../../etc"]),
        *(["array", "<M8[0s]", [1], bytes(8)], ["scalar", "<m8[0D]", bytes(8)], ["dtype", "<M8[00ns]"]),
        *(["data", "path", 3], ["data", "__import__", "os"], ["type", "eval"], ["number type", "load"]),
    ],
    ids=str,
)
def test_forged_data_is_refused(tree):
    with pytest.raises(BadMessage):
        unpack(msgpack.packb(tree))


@given(PARTS, st.data())
def test_spoiled_data_gives_a_value_or_bad_message(value, data):
    message = bytearray(pack(value))
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    try:
        unpack(bytes(message), from_handle=str)
    except BadMessage:
        return
