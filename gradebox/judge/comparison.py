"""What a failed check compared: the two arrays, kept with its outputs for the feedback page to draw.

Only checks whose whole text the student has seen are kept; nothing of a hidden test ever is.
"""

from types import FrameType

from nbformat import NotebookNode, from_dict

MIME = "application/vnd.gradebox.comparison+json"
CHECK = "-check"  # ends the grade_id of a visible check
HIDDEN = "HIDDEN TESTS"  # in the line that begins what only the instructor sees
HELPER = "compare"  # the notebook's own function compare(answer, expected, ...)
MAX_NUMBERS = 4096  # of one array
DIGITS = 6


def comparison(name: str, source: str, error: BaseException) -> list[NotebookNode]:
    """The output to add to a failed check: the arrays of the helper that raised, or none.

    name, source -- the check's grade_id and the instructor's text
    error        -- what it raised; its traceback leads to the helper
    """
    if not name.endswith(CHECK) or HIDDEN in source:
        return []
    frame = _helper(error)
    arrays = {side: _numbers(frame.f_locals.get(side)) for side in ("answer", "expected")} if frame else {}
    if not arrays or None in arrays.values():
        return []
    data = {"text/plain": "Both arrays are drawn on the feedback page.", MIME: arrays}
    return [from_dict({"output_type": "display_data", "data": data, "metadata": {}})]


def _helper(error: BaseException) -> FrameType | None:
    step, found = error.__traceback__, None
    while step is not None:
        if step.tb_frame.f_code.co_name == HELPER:
            found = step.tb_frame
        step = step.tb_next
    return found


def _numbers(array: object) -> dict | None:
    """An array as its shape and rounded numbers (None for what is not finite); nothing if it is no array to draw."""
    import numpy as np  # the feedback page, which needs the names above, never comes here

    if type(array) is not np.ndarray or array.dtype.kind not in "fiu" or not 1 < array.size <= MAX_NUMBERS:
        return None
    values = [float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None for value in array.ravel().tolist()]
    return {"shape": list(array.shape), "values": values}
