"""How well `gradebox similar` finds copies, and whom it names wrongly: PYTHONPATH=tests python benchmarks/similar.py

Classes of people who answer three exercises in their own way (tests/alike_class.py); one in twenty hands in
somebody else's answers in disguise. Found: of the copies, how many are named. Wrongly named: honest pairs in a class.
"""

import random
import sys
import time

from alike_class import DISGUISES, EXERCISES, handed_in, honest

from gradebox.alike import alike

COPIED = {"one exercise (attention)": ["attention"], "one (convolution)": ["convolution"], "all three": list(EXERCISES)}
COPIES = 30  # for each figure, at least


def trial(size: int, copied: list[str], disguise, seed: int) -> tuple[int, int, int]:
    """Copies that are named, copies there are, honest pairs that are named."""
    # Not those that the thresholds were found with.
    work = {f"s{number}": honest(2_000_000 + size * seed + number) for number in range(size)}
    students = random.Random(seed).sample(sorted(work), 2 * (size // 20))
    copies = {tuple(sorted(pair)) for pair in zip(students[::2], students[1::2], strict=True)}
    for one, other in copies:
        work[other] |= {name: disguise(work[one][name]) for name in copied}
    named = {tuple(sorted(pair.students)) for pair in alike(handed_in(work))}
    return len(named & copies), len(copies), len(named - copies)


def table(size: int) -> list[str]:
    lines, false, right, classes, seconds = [], 0, 0, 0, 0.0
    for title, disguise in DISGUISES.items():
        row = []
        for copied in COPIED.values():
            found = there = seed = 0
            while there < COPIES:
                begin = time.perf_counter()
                named, copies, wrong = trial(size, copied, disguise, seed)
                seconds += time.perf_counter() - begin
                found, there, false, seed = found + named, there + copies, false + wrong, seed + 1
            row.append(f"{100 * found / there:.0f} %")
            right, classes = right + found, classes + seed
        lines.append(f"| {title} | {' | '.join(row)} |")
    head = [f"| changed in the copy, class of {size} | {' | '.join(COPIED)} |", f"| ---{' | ---' * len(COPIED)} |"]
    precision = f"{100 * right / max(1, right + false):.0f} % of the pairs that are named are copies"
    wrongly = f"{false / classes:.1f} of {size * (size - 1) // 2} honest pairs in a class are named wrongly"
    return [*head, *lines, "", f"{precision}; {wrongly}. {seconds / classes:.1f} s for a class."]


if __name__ == "__main__":
    for size in map(int, sys.argv[1:] or ["30", "300"]):
        print("\n".join(table(size)), end="\n\n", flush=True)
