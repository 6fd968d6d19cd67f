"""What a graded cell shows: outputs the student's side claims to have, and errors in words."""

from nbformat import NotebookNode, from_dict

from gradebox.sandbox import Familiar, StudentError, StudentGone, StudentTooSlow

MAX_OUTPUTS = 1000  # of one cell
# Errors whose words are about types and names. Others hold what a test works with, as a ValueError the text that is no
# number, which may be an answer of the student's.
OF_TYPES = (ArithmeticError, AttributeError, ImportError, IndexError, NameError, SyntaxError, TypeError)
SLACK = 1000  # the student's side keeps to the limit too, and adds a word about it


def new_output(kind: str, **content) -> NotebookNode:
    """As nbformat's, without its check against the schema, which takes longer than most cells."""
    return from_dict({"output_type": kind, **content})


def error_output(
    error: BaseException, reason: str = "", familiar: Familiar | None = None, source: str = ""
) -> NotebookNode:
    """An error as it is shown: what the student's code raised with its own lines, all else in a sentence.

    familiar -- what the student's process may be quoted with, see `sandbox.familiar`; None: with anything
    source   -- the test's
    """
    if isinstance(error, StudentError):
        ename, evalue, *lines = map(whole_characters, (error.ename, error.told, *error.lines))
    elif isinstance(error, (StudentGone, StudentTooSlow)):
        ename, evalue, lines = "Stopped", str(error), []
    else:
        ename, evalue = type(error).__name__, ": ".join(filter(None, (told_words(error, familiar, source), reason)))
        lines = error.__cause__.lines if isinstance(error.__cause__, StudentError) else []
    return new_output(
        "error", ename=ename, evalue=evalue, traceback=[*lines, f"{ename}: {evalue}" if evalue else ename]
    )


def told_words(error: BaseException, familiar: Familiar | None, source: str) -> str:
    """As much of an error's message as may be told. What a test asserts is its author's to say."""
    words = words_of(error)
    if familiar is None or isinstance(error, AssertionError):
        return words
    return familiar.sentence(words, source) if isinstance(error, OF_TYPES) else familiar.message(words)


def words_of(error: BaseException) -> str:
    """The message of an error. An object of the student's may be in it and be asked what it says of itself."""
    try:
        return whole_characters(str(error))
    except BaseException as second:  # it may raise anything, take too long, or end its process
        return f"[an object of the student's own that does not say what it is: {type(second).__name__}]"


def shown(claims: list, limit: int) -> list[NotebookNode]:
    """Outputs a student's process claims to have, as far as they are outputs, and up to a limit of bytes."""
    outputs = []
    for claim in claims[:MAX_OUTPUTS] if isinstance(claims, list) else []:
        output = claimed_output(claim) if isinstance(claim, dict) else None
        if output is not None:
            limit -= len(output.text) if "text" in output else sum(map(len, output.data.values()))
            if limit < -SLACK:
                outputs.append(
                    new_output("stream", name="stdout", text="[More output than is kept; the rest is left out.]\n")
                )
                break
            outputs.append(output)
    return outputs


def claimed_output(claim: dict) -> NotebookNode | None:
    kind, name = (claim[key] if type(claim.get(key)) is str else "" for key in ("output_type", "name"))
    text, data = claim.get("text"), claim.get("data")
    if kind == "stream" and name in ("stdout", "stderr") and type(text) is str:
        return new_output("stream", name=name, text=whole_characters(text))
    if kind in ("display_data", "execute_result") and type(data) is dict:
        strings = {mime: content for mime, content in data.items() if type(mime) is str and type(content) is str}
        data = {whole_characters(mime): whole_characters(content) for mime, content in strings.items()}
        more = {"execution_count": count_of(claim)} if kind == "execute_result" else {}
        return new_output(kind, data=data, metadata={}, **more)
    return None


def count_of(claim: dict) -> int | None:
    count = claim.get("execution_count")
    return count if type(count) is int and 0 <= count < 2**31 else None


def whole_characters(text: str) -> str:
    """Text that can be written: half of a surrogate pair has no place in UTF-8."""
    return text.encode("utf-8", "replace").decode()


def as_graded(outputs: list[NotebookNode], points: float) -> list[NotebookNode]:
    """A test cell's outputs: neighbouring prints joined; stderr as stdout, which costs nothing in nbgrader.

    More partial credit than the cell has points, for which nbgrader gives up on a submission, is an error here.
    """
    joined: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "execute_result" and _number(output) > points:
            joined.append(error_output(ValueError(f"partial credit of {_number(output):g}, over {points:g} points")))
        if output.output_type == "stream":
            output.name = "stdout"
            if joined and joined[-1].output_type == "stream":
                joined[-1].text += output.text
                continue
        joined.append(output)
    return joined


def _number(output: NotebookNode) -> float:
    try:
        return float(output.data.get("text/plain", ""))
    except ValueError:
        return 0.0
