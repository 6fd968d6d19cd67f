"""What `gradebox collect` takes for a class in Canvas: two notebooks of real size from everybody."""

import subprocess
import time
import zipfile
from pathlib import Path

from sample_class import COURSE, MULTIHEAD

ASSIGNMENT = MULTIHEAD.split("/")[0]


def collecting_seconds(course: Path, size: int) -> dict[str, float]:
    """Seconds by what there is to do, in a course that was released.

    course -- may be written into
    """
    notebooks = {path.name: path.read_text() for path in sorted((COURSE / "release" / ASSIGNMENT).glob("*.ipynb"))}
    download, again = course / "download.zip", course / "again.zip"
    for path, mark, changed in ((download, "", size), (again, " again", size // 20)):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(size):
                serial = 2 * number + (10 * size if mark and number < changed else 0)
                for place, (name, text) in enumerate(notebooks.items()):
                    work = text.replace("YOUR CODE HERE", f"{number}{mark if number < changed else ''}")
                    archive.writestr(f"studentx{number}_{1000 + number}_{10_000 + serial + place}_{name}", work)
    (course / "class.csv").write_text(
        "id,name,lms_user_id\n" + "".join(f"s{number},X{number} Student,{1000 + number}\n" for number in range(size))
    )
    seconds = {"collect": timed(course, download), "collect it again": timed(course, download)}
    return seconds | {f"collect it with {size // 20} that are newer": timed(course, again)}


def timed(course: Path, download: Path) -> float:
    begin = time.perf_counter()
    command = ["gradebox", "collect", ASSIGNMENT, str(download), "--roster=class.csv"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}")
    return time.perf_counter() - begin
