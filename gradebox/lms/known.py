"""The learning management systems there are, those with the most telling names first."""

from collections.abc import Callable, Iterable, Sequence

from gradebox.course import CourseError
from gradebox.lms.archives import is_litter
from gradebox.lms.blackboard import Blackboard
from gradebox.lms.brightspace import Brightspace
from gradebox.lms.canvas import Canvas
from gradebox.lms.folders import Folders
from gradebox.lms.github import GitHub
from gradebox.lms.google import Google
from gradebox.lms.gradescope import Gradescope
from gradebox.lms.interface import Aside, Lms, Piece
from gradebox.lms.moodle import Moodle

KNOWN: dict[str, Lms] = {
    each.name: each
    for each in (Moodle(), Gradescope(), Blackboard(), Canvas(), Brightspace(), GitHub(), Google(), Folders())
}
MOST_NAMED = 40  # characters of a file's name in an error


def recognised(
    names: Sequence[str], text: Callable[[str], str], wanted: str = ""
) -> tuple[Lms, dict[str, Piece | Aside]]:
    """Whose download this is, and what its files are.

    wanted -- the name of an LMS, to take its word; otherwise the one that knows most files, by name, is taken

    Raises CourseError if it is nobody's.
    """
    telling = [name for name in names if not is_litter(name)]
    if not telling:
        raise CourseError("There is no file in it. Download it again.")
    for lms in [KNOWN[wanted]] if wanted else KNOWN.values():
        for root in roots(telling):
            inside = [name[len(root) :] for name in names if name.startswith(root)]
            read = lms.read(inside, lambda name, root=root: text(root + name))
            if 2 * sum(name[len(root) :] in read for name in telling) > len(telling):
                return lms, {root + name: found for name, found in read.items()}
    example = min(telling)[:MOST_NAMED]
    if wanted:
        raise CourseError(f"These are not files as {KNOWN[wanted].title} names them (“{example}”): leave --from away.")
    raise CourseError(f"Nobody is known to name files like “{example}”: unpack it, one folder for each student.")


def roots(names: Iterable[str]) -> list[str]:
    """Where the files may begin: at the top, or below folders that all of them lie in."""
    found = [""]
    names = list(names)
    while all("/" in name[len(found[-1]) :] for name in names):
        heads = {name[: name.index("/", len(found[-1])) + 1] for name in names}
        if len(heads) > 1:
            break
        found.append(heads.pop())
    return found
