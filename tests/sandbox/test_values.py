"""The border between the two processes: what crosses arrives equal, whatever else is refused."""

import sys

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradebox.sandbox.values import MAX_DEPTH, BadMessage, CannotCross, pack, unpack

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
    | st.complex_numbers(allow_nan=False)
)  # fmt: skip
KEYS = st.none() | st.booleans() | st.integers() | st.text() | st.binary()
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.sets(KEYS)
        | st.frozensets(KEYS)
        | st.dictionaries(KEYS, inner)
    ),
    max_leaves=20,
)
ARRAYS = hnp.arrays(
    dtype=hnp.integer_dtypes() | hnp.floating_dtypes() | hnp.complex_number_dtypes() | hnp.boolean_dtypes()
    | hnp.unicode_string_dtypes(max_len=4) | hnp.datetime64_dtypes(),
    shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)  # fmt: skip


@given(VALUES)
def test_plain_values_arrive_equal_and_of_the_same_type(value):
    arrived = unpack(pack(value))
    assert arrived == value
    assert type(arrived) is type(value)


@given(ARRAYS)
def test_arrays_arrive_equal(array):
    arrived = unpack(pack(array))
    assert (arrived.dtype, arrived.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(arrived, array)
    assert arrived.flags.writeable


@given(hnp.from_dtype(np.dtype("float32")) | hnp.from_dtype(np.dtype("int16")))
def test_numpy_scalars_keep_their_type(scalar):
    arrived = unpack(pack(scalar))
    assert type(arrived) is type(scalar)
    np.testing.assert_array_equal(arrived, scalar)


def test_subclasses_arrive_as_what_they_are_based_on():
    class Liar(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    class Sly(np.ndarray):
        pass

    assert type(unpack(pack(Liar(3)))) is float
    assert type(unpack(pack(np.ones(2).view(Sly)))) is np.ndarray


@pytest.mark.parametrize(
    "value",
    [object(), len, lambda: 0, np.array([object()]), [1, {2: np}], np.zeros(2, "i4,f8")],
    ids=["object", "builtin", "function", "object array", "module inside", "record array"],
)
def test_other_things_do_not_cross(value):
    with pytest.raises(CannotCross):
        pack(value)


def test_other_things_cross_as_handles_where_the_sender_has_some():
    message = pack([1, len], handle={len: 7}.get)
    assert unpack(message, from_handle=lambda number: f"handle {number}") == [1, "handle 7"]
    with pytest.raises(BadMessage):
        unpack(message)


def test_large_and_deep_values_do_not_cross():
    deep: list = []
    for _ in range(MAX_DEPTH + 2):
        deep = [deep]
    endless: list = []
    endless.append(endless)
    for value in (deep, endless, np.zeros(10**6), "x" * 10**6, [0] * 10**6):
        with pytest.raises(CannotCross):
            pack(value, max_bytes=10**5)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_bad_message(data):
    try:
        unpack(data, from_handle=str)
    except BadMessage:
        return


@given(VALUES | ARRAYS, st.data())
def test_spoiled_messages_give_a_value_or_bad_message(value, data):
    message = bytearray(pack(value))
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    try:
        unpack(bytes(message), from_handle=str)
    except BadMessage:
        return


@pytest.mark.parametrize("error", [SystemError, MemoryError, AssertionError, OverflowError, ImportError])
def test_what_numpy_makes_of_spoiled_bytes_is_a_bad_message(error, monkeypatch):
    """Some of its errors are about itself, and which bytes lead to them changes with its version."""

    def spoiled(*_):
        raise error("error return without exception set")

    message = pack(np.arange(3))
    monkeypatch.setattr("gradebox.sandbox.values.np.frombuffer", spoiled)
    with pytest.raises(BadMessage, match=error.__name__):
        unpack(message)


def test_a_tensor_is_a_bad_message_where_torch_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(BadMessage):
        unpack(msgpack.packb(["tensor", "float64", [2], bytes(16), False]))
