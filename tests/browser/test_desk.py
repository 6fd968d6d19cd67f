"""The desk: nbgrader's formgrader and JupyterLab with our engine, used in Debian's chromium as people use them."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest
from playwright.sync_api import expect
from sample_class import ATTENTION, UNSCALED, solutions, submission

ASSIGNMENT, NAME = ATTENTION.split("/")
STUDENT = "ada"
NO_NBGRADER = {
    f"nbgrader.server_extensions.{name}": False
    for name in ("assignment_list", "course_list", "formgrader", "validate_assignment")
}
PATIENCE = 600_000  # ms until a page gives up; none of them is expected to need it
MACHINE = 28  # points that a machine gives for 12.1


@contextlib.contextmanager
def lab(folder: Path, *options: str):
    """A JupyterLab server in a folder; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    private = {name: str(folder / f".{name.lower()}") for name in ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR")}
    log = open(folder / ".lab.log", "w")  # noqa: SIM115  (the server's until it ends)
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", *settings, *options],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=os.environ | private,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        while not answers(f"{address}/api/status"):
            assert server.poll() is None, (folder / ".lab.log").read_text()
        yield address
    finally:
        server.kill()  # asked nicely it waits for kernels that are still starting, at times for ever
        server.wait()
        log.close()


def answers(address: str) -> bool:
    with contextlib.suppress(URLError, ConnectionError), urlopen(address):
        return True
    return False


@pytest.fixture(scope="module")
def desk(browser, released_course, tmp_path_factory):
    """A course in which one student has handed in, not graded yet, and the instructor's server in it."""
    folder = tmp_path_factory.mktemp("desk") / "course"
    shutil.copytree(released_course, folder)
    handed_in = folder / "submitted" / STUDENT / ASSIGNMENT
    handed_in.mkdir(parents=True)
    cells = solutions(ATTENTION) | {"scaled-dot-product-self-attention": UNSCALED}
    nbformat.write(submission(ATTENTION, cells), handed_in / f"{NAME}.ipynb")
    with lab(folder) as address:
        yield folder, address


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def press(page, icon: str, row: str) -> str:
    """Press one of the formgrader's icons in a row of its table; the first words of the window that opens when done."""
    page.locator("tr", has_text=row).locator(f".glyphicon-{icon}").click()
    window = page.locator(".modal.in")
    said = window.locator(".modal-body p").first.inner_text()
    window.locator("button", has_text="OK").click()
    expect(window).to_be_hidden()
    return said


def test_an_evening_at_the_formgrader(desk, page):
    """Release, autograde, a grade by hand and feedback, each by its button."""
    folder, address = desk
    release = folder / "release" / ASSIGNMENT / f"{NAME}.ipynb"
    release.unlink()
    page.goto(f"{address}/formgrader/manage_assignments")
    assert press(page, "education", ASSIGNMENT).startswith("Successfully created the student version")
    assert release.exists()

    page.goto(f"{address}/formgrader/manage_submissions/{ASSIGNMENT}")
    assert press(page, "flash", STUDENT).startswith("Successfully autograded")
    row = page.locator("tr", has_text=STUDENT)
    expect(row).to_contain_text(f"{MACHINE - 6} / ")
    expect(row).to_contain_text("needs manual grading")

    page.goto(f"{address}/formgrader/gradebook/{ASSIGNMENT}/{NAME}")
    page.locator("td a", has_text="Submission").click()
    expect(page.get_by_text("This is the unscaled version").first).to_be_visible()
    expect(page.locator("img[src^='data:image/png']").first).to_be_visible()
    page.wait_for_load_state("networkidle")  # or nobody listens to the field yet
    with page.expect_response(lambda answer: "/formgrader/api/grade/" in answer.url and answer.request.method == "PUT"):
        page.locator("input#positional-encoding").fill("3.5")
        page.locator("input#positional-encoding").blur()

    page.goto(f"{address}/formgrader/manage_submissions/{ASSIGNMENT}")
    expect(page.locator("tr", has_text=STUDENT)).to_contain_text(f"{MACHINE - 6 + 3.5} / ")
    assert press(page, "comment", STUDENT).startswith("Successfully generated feedback")
    feedback = folder / "feedback" / STUDENT / ASSIGNMENT / f"{NAME}.html"
    page.goto(feedback.as_uri())
    expect(page.locator(".score")).to_contain_text(f"{MACHINE - 6 + 3.5}")


def test_the_sidebar_reads_our_sources(desk, page):
    """Ids, points and kinds of cells, in JupyterLab's Create Assignment."""
    _, address = desk
    page.goto(f"{address}/lab/tree/source/{ASSIGNMENT}/{NAME}.ipynb")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.locator("li[title='Nbgrader Create Assignment']").click()
    expect(page.locator(".nbgrader-TotalPointsInput")).to_have_value(f"{MACHINE + 4:g}")
    ids = page.locator(".nbgrader-CellId input").evaluate_all("inputs => inputs.map(input => input.value)")
    assert {"softmax", "softmax-check", "positional-encoding"} <= set(ids)


def test_a_student_validates_a_blank_release(desk, page):
    """The button says which check fails and shows no hidden test."""
    _, address = desk
    page.goto(f"{address}/lab/tree/release/{ASSIGNMENT}/{NAME}.ipynb?reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.locator(".jp-NotebookPanel-toolbar >> text=Validate").click()
    said = page.locator(".jp-Dialog").inner_text()
    assert "The following cell failed" in said and "#@title Check exercise 1" in said
    assert "mistakes" not in said


def test_a_student_without_nbgrader_meets_a_plain_notebook(page, released_course, tmp_path):
    """Folded cells, no red, and nothing that asks for nbgrader."""
    shutil.copy(released_course / "release" / ASSIGNMENT / f"{NAME}.ipynb", tmp_path)
    config = tmp_path / ".jupyter_config_dir" / "labconfig"
    config.mkdir(parents=True)
    (config / "page_config.json").write_text('{"disabledExtensions": {"@jupyter/nbgrader": true}}')
    with lab(tmp_path, f"--ServerApp.jpserver_extensions={NO_NBGRADER}") as address:
        page.goto(f"{address}/doc/tree/{NAME}.ipynb")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        expect(page.get_by_text("Helpers: run this cell, there is nothing to read in it")).to_be_visible()
        expect(page.locator(".jp-NotebookPanel-toolbar >> text=Validate")).to_have_count(0)
