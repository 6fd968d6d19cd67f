"""The engine as others install it: a wheel and an sdist of gradebox alone, which run in an environment of their own."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
from conftest import made_once, run
from sample_class import COURSE


@pytest.fixture(scope="module")
def dist(tmp_path_factory) -> Path:
    def build(folder: Path) -> None:
        run("python", "-m", "build", "--no-isolation", "--outdir", str(folder), str(COURSE), cwd=folder)

    return made_once("dist", build, tmp_path_factory)


def wheel(dist: Path) -> Path:
    return next(dist.glob("*.whl"))


def test_the_wheel_holds_the_engine_and_nothing_of_the_course(dist):
    names = zipfile.ZipFile(wheel(dist)).namelist()
    assert {name.split("/")[0] for name in names} == {
        "gradebox",
        next(n for n in names if "dist-info" in n).split("/")[0],
    }
    assert {"gradebox/py.typed", "gradebox/feedback/templates/feedback.html.j2"} <= set(names)


def test_the_sdist_holds_no_notebook_and_no_test(dist):
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        parts = {part for name in archive.getnames() for part in Path(name).parts[1:]}
    assert parts & {"tests", "source", "release", "submitted", "mistakes"} == set()
    assert {"LICENSE", "pyproject.toml"} <= parts


def test_another_build_of_the_same_files_is_the_same_bytes(dist, tmp_path):
    """From another folder, at another time, in another order."""
    shutil.copytree(COURSE / "gradebox", tmp_path / "again" / "gradebox", copy_function=shutil.copyfile)
    for name in ("pyproject.toml", "LICENSE", ".gitignore"):
        shutil.copyfile(COURSE / name, tmp_path / "again" / name)
    run("python", "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(tmp_path / "again"), cwd=tmp_path)
    for built in dist.iterdir():
        assert built.read_bytes() == (tmp_path / built.name).read_bytes(), built.name


def test_metadata_gives_ranges_and_what_is_optional(dist):
    archive = zipfile.ZipFile(wheel(dist))
    about = message_from_string(archive.read(next(n for n in archive.namelist() if n.endswith("METADATA"))).decode())
    required = about.get_all("Requires-Dist")
    assert about["Requires-Python"] == ">=3.11" and about["License-Expression"] == "MIT"
    assert about.get_payload().startswith("# gradebox")
    assert set(about.get_all("Provides-Extra")) == {"dask", "postgresql", "torch", "watch", "xlsx"}
    assert not [each for each in required if "==" in each.split(";")[0]]
    for optional in ("distributed", "openpyxl", "psycopg", "torch"):
        assert all("extra ==" in each for each in required if each.startswith(optional))


@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"])
def test_it_installs_into_an_environment_of_its_own_and_runs(dist, pattern, tmp_path):
    """Its requirements are lent by this environment; test_with_all_it_requires fetches them."""
    venv.create(tmp_path / "venv")
    libraries = next((tmp_path / "venv").glob("lib/python*/site-packages"))
    # Behind its own packages, and without following our own .pth files: the gradebox it finds is the one installed.
    (libraries / "lent.pth").write_text(sysconfig.get_paths()["purelib"])
    python = tmp_path / "venv" / "bin" / "python"
    install(python, "--no-deps", "--no-build-isolation", str(next(dist.glob(pattern))))
    code = "import gradebox; print(gradebox.__file__)"
    where = subprocess.check_output([python, "-c", code], text=True, cwd=tmp_path, env=elsewhere())
    assert Path(where.strip()).is_relative_to(libraries)
    assert_it_runs(tmp_path / "venv")


@pytest.mark.long
def test_with_all_it_requires(dist, tmp_path):
    venv.create(tmp_path / "venv")
    install(tmp_path / "venv" / "bin" / "python", str(wheel(dist)))
    assert_it_runs(tmp_path / "venv")


def install(python: Path, *what: str) -> None:
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "--quiet"]
    done = subprocess.run([*pip, "install", *what], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def elsewhere() -> dict[str, str]:
    """An environment without what a course's nbgrader_config.py, read by an earlier test, has put into this one."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def assert_it_runs(environment: Path) -> None:
    done = subprocess.run([environment / "bin" / "gradebox", "--help"], capture_output=True, text=True, env=elsewhere())
    assert done.returncode == 0, done.stderr
    assert "autograde" in done.stdout
    assert "mistakes" not in os.listdir(next(environment.glob("lib/python*/site-packages")))


def test_extras_are_loaded_only_where_they_are_used():
    code = (
        "import gradebox.app, gradebox.classroom.classroom, gradebox.lms.exporting, sys\n"
        "print({'distributed', 'openpyxl', 'psycopg', 'torch'} & set(sys.modules))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def test_what_workers_are_forked_from_has_no_threads():
    """numpy alone starts one for each core."""
    code = "import gradebox.app, gradebox.classroom.commands, os; print(len(os.listdir('/proc/self/task')))"
    free = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    assert subprocess.check_output([sys.executable, "-c", code], text=True, env=free).strip() == "1"
