"""Work done in a fork of this process, so that nothing of it stays here but the answer."""

import json
import os
import traceback
from collections.abc import Callable

from gradebox.judge.pipes import die_with_parent, read_message, write_message


def aside(work: Callable[[], dict], meanwhile: Callable[[], None]) -> dict:
    """What ``work`` gives, as JSON has it, done in a fork.

    meanwhile -- done here, once the fork is made

    Raises RuntimeError with the fork's own words if the work raises. What ends the fork ends this process, too.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            die_with_parent()
            os.close(ours)
            with os.fdopen(theirs, "wb") as answers:
                write_message(answers, answer_of(work))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(theirs)
    meanwhile()
    with os.fdopen(ours, "rb") as answers:
        try:
            answer = json.loads(read_message(answers))
        except EOFError:
            answer = None
    _, status = os.waitpid(child, 0)
    if answer is None:
        os._exit(max(1, abs(os.waitstatus_to_exitcode(status))))
    if "raised" in answer:
        raise RuntimeError(answer["raised"])
    return answer


def answer_of(work: Callable[[], dict]) -> bytes:
    try:
        answer = work()
    except BaseException:  # whatever it was is for the process that waits to tell
        answer = {"raised": traceback.format_exc()}
    return json.dumps(answer).encode()
