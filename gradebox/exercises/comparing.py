"""Whether an answer is the truth, and if not, in what way: in words that give neither away."""

import sys
from typing import Any

import numpy as np

from gradebox.sandbox import Handle, StudentError, modest, type_of

KINDS = {"b": "truth values", "S": "bytes", "U": "text", "M": "dates", "m": "times", "O": "objects", "V": "records"}


def same(one: Any, other: Any, atol: float = 0.0) -> bool:
    """Whether two values are of the same shape and equal, up to a tolerance. NaN equals NaN, a handle only itself."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(same(a, b, atol) for a, b in zip(one, other, strict=True))
    mine, theirs = as_array(one), as_array(other)
    if mine is None or theirs is None:
        return one is other
    if mine.shape != theirs.shape:
        return False
    if mine.dtype == theirs.dtype and mine.tobytes() == theirs.tobytes():
        return True  # most are, and comparing numbers takes fifty times as long
    if mine.dtype.kind in "fiucb" and theirs.dtype.kind in "fiucb":
        return bool(np.allclose(mine, theirs, rtol=atol, atol=atol, equal_nan=True))
    return mine.dtype.kind == theirs.dtype.kind and bool((mine == theirs).all())


def comparable(value: Any) -> bool:
    """Whether a value holds nothing but numbers, arrays, tensors and text."""
    if isinstance(value, (list, tuple)):
        return all(map(comparable, value))
    return as_array(value) is not None


def as_array(value: Any) -> np.ndarray | None:
    """Numbers, arrays and tensors as an array; None for everything else."""
    if is_tensor(value):
        return value.detach().numpy()
    return np.asarray(value) if isinstance(value, (np.ndarray, np.generic, bool, int, float, complex, str)) else None


def array_of_list(value: Any) -> np.ndarray | None:
    """A list of numbers, however nested, as an array; None for everything else."""
    try:
        return np.array(value) if isinstance(value, (list, tuple)) else None
    except (TypeError, ValueError, RuntimeError):  # rows of different lengths, no numbers, trained tensors
        return None


def is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def difference(answer: Any, truth: Any, atol: float) -> str:
    """How an answer differs from the truth, as a sentence that gives neither away; empty if it does not."""
    if isinstance(truth, (list, tuple)):
        if not isinstance(answer, (list, tuple)):
            return f"{what_is(answer)} came back, where {len(truth)} results were expected."
        if len(answer) != len(truth):
            return f"The length is {len(answer)}, it should be {len(truth)}."
        complaints = (difference(a, t, atol) for a, t in zip(answer, truth, strict=True))
        return next((f"Result {number}: {text}" for number, text in enumerate(complaints, 1) if text), "")
    true = as_array(truth)
    if (listed := array_of_list(answer)) is not None and true.shape and not difference(listed, truth, atol):
        return ""  # the visible checks take lists as well
    if read := reading(answer, truth, atol):
        return read[1]
    if (complaint := wrong_kind(answer, truth, true)) or (complaint := wrong_shape(as_array(answer), true)):
        return complaint
    return wrong_numbers(as_array(answer), true, atol)


def reading(answer: Any, truth: Any, atol: float) -> tuple[str, str] | None:
    """Another reading of the text by which an answer is right: its name and a sentence; None if there is none.

    The names are what an exercise may accept: pair, extra-axis, transposed.
    """
    true = as_array(truth)
    if true is None or true.dtype.kind not in "fiuc":
        return None
    if isinstance(answer, tuple):
        for place, item in zip(("first", "second", "third"), answer, strict=False):
            if not difference(item, truth, atol):
                return "pair", f"A tuple came back. Its {place} item is right: return that alone."
        return None
    found = as_array(answer)
    if found is None or not found.shape or found.dtype.kind not in "fiuc":
        return None
    shapes = f"The shape is {found.shape}, it should be {true.shape}: the numbers are right, but"
    if found.shape != true.shape and np.squeeze(found).shape == np.squeeze(true).shape:
        if same(np.squeeze(found), np.squeeze(true), atol):
            return "extra-axis", f"{shapes} there is an axis of length 1 too many or too few."
    elif found.ndim > 1 and found.T.shape == true.shape and not same(found, true, atol) and same(found.T, true, atol):
        what = "The numbers are right, but" if found.shape == true.shape else shapes
        return "transposed", f"{what} rows and columns are swapped (transposed)."
    return None


def wrong_kind(answer: Any, truth: Any, true: np.ndarray) -> str:
    wanted = "a tensor" if is_tensor(truth) else "an array" if true.shape else "a number"
    if true.dtype.kind == "U":
        wanted = "text"
    if answer is None:
        return "Nothing came back: does your code end with a return?"
    if as_array(answer) is None or is_tensor(answer) != is_tensor(truth):
        return f"{what_is(answer)} came back, where {wanted} was expected."
    kind = as_array(answer).dtype.kind
    if kind == "c" and true.dtype.kind != "c":
        return "Complex numbers came back, where real ones were expected."
    held, expected = KINDS.get(kind, "numbers"), KINDS.get(true.dtype.kind, "numbers")
    return f"The result holds {held}, where {expected} were expected." if held != expected else ""


def what_is(value: Any) -> str:
    """What something is, for the beginning of a sentence."""
    kind = type_of(value) if isinstance(value, Handle) else type(value).__name__
    if kind in ("function", "method", "builtin_function_or_method"):
        return "A function, not called,"
    if kind == "generator":
        return "A generator (your function has a yield, not a return)"
    if is_tensor(value):
        return "A torch tensor"
    if isinstance(value, (list, tuple)):
        nested = any(isinstance(item, (list, tuple)) for item in value)
        return f"A {'list' if isinstance(value, list) else 'tuple'}{' of lists' if nested else ''}"
    if isinstance(value, np.ndarray):
        return "An array"
    if isinstance(value, (bool, int, float, complex, np.generic)):
        return "A single number"
    return f"An object of type {kind}"


def cannot_cross(error: Exception) -> str:
    """The sentence for an answer that holds what no answer may hold; empty for any other error."""
    if isinstance(error, StudentError) and error.ename == "CannotCross":
        return f"What came back is no array of numbers{f': {error.told}' if error.told else ''}."
    return ""


def wrong_shape(answer: np.ndarray, true: np.ndarray) -> str:
    if answer.shape == true.shape:
        return ""
    if not answer.shape:
        return f"A single number came back, where an array of shape {true.shape} was expected."
    found = answer.shape if modest(answer.shape) else "another one"
    return f"The shape is {found}, it should be {true.shape}."


def wrong_numbers(answer: np.ndarray, true: np.ndarray, atol: float) -> str:
    if true.dtype.kind not in "fiuc":
        return "" if (answer == true).all() else "The result is not the expected one."
    if not (finite := np.isfinite(answer) | ~np.isfinite(true)).all():
        return f"{np.sum(~finite)} of {finite.size} numbers are not finite (NaN or infinite), {first_at(~finite)}."
    answer = answer.astype(np.promote_types(answer.dtype, np.float64))
    with np.errstate(invalid="ignore"):
        gap = np.where(answer == true, 0, np.abs(answer - true))  # infinite where infinity is right
    wrong = ~(gap <= atol * (1 + np.abs(np.where(np.isfinite(true), true, 0))))
    if not wrong.any():
        return ""
    if same(answer, true, 1e-4):
        return "The numbers are right to a few digits only: does some step round, or compute in float32?"
    if not answer.shape:
        return "The number is not right."
    largest = tuple(map(int, np.unravel_index(np.argmax(gap), gap.shape)))
    return (
        f"{wrong.sum()} of {wrong.size} numbers are wrong, {first_at(wrong)}; the largest difference is at {largest}."
    )


def first_at(wrong: np.ndarray) -> str:
    return f"the first at index {tuple(map(int, np.argwhere(wrong)[0]))}" if wrong.ndim else "the only one"
