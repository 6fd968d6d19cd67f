"""What a student's process sees of the machine, for a test that asks as another user, too."""

from conftest import code, graded_test, notebook, solution
from sample_class import COURSE

from gradebox.judge.warm import WarmJudge

LIGHT = {"preload": ["numpy.random"]}
SOURCE = notebook(solution("a", "x = 1"), graded_test("a-check", "assert x == 1"))
LOOK = code(
    "import os, socket\n"
    "def can(what):\n"
    "    try:\n"
    "        return bool(what())\n"
    "    except OSError:\n"
    "        return False\n"
    f"print(can(lambda: os.listdir({str(COURSE / 'source')!r})), can(lambda: os.listdir('/proc')),\n"
    "      can(lambda: socket.create_connection(('192.0.2.1', 80), 1)), can(lambda: open('/usr/x', 'w')),\n"
    "      can(lambda: open('/tmp/x', 'w')), os.getpid())"
)


def seen_from_inside(settings: dict) -> list[str]:
    judge = WarmJudge(settings)
    try:
        graded = judge.grade(notebook(*SOURCE.cells, LOOK), SOURCE)
    finally:
        judge.close()
    assert graded.marks == {"a-check": 1}
    return graded.notebook.cells[-1].outputs[0].text.split()
