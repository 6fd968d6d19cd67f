"""A right submission as each editor saves it: what it adds to the file, leaves out and writes in another order."""

import json
import re
from collections.abc import Callable

import nbformat

EDITORS: dict[str, Callable[[dict], bytes]] = {}


def editor(name: str):
    """A function that takes the release, filled in, as JSON, and gives the file that the editor leaves behind."""

    def add(save):
        EDITORS[name] = save
        return save

    return add


def code_cells(raw: dict) -> list[dict]:
    return [cell for cell in raw["cells"] if cell["cell_type"] == "code"]


def picture(raw: dict) -> dict:
    """The first cell that draws."""
    return next(cell for cell in code_cells(raw) if "plt.subplots" in "".join(cell["source"]))


def drawn() -> dict:
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==\n"
    data = {"image/png": png, "text/plain": ["<Figure size 900x440 with 1 Axes>"]}
    return {"output_type": "display_data", "data": data, "metadata": {}}


@editor("Colab")
def saved_by_colab(raw):
    """Format 4.0, the ids in the metadata, its own marks beside ours, outputs with a height, two blanks."""
    for number, cell in enumerate(raw["cells"]):
        name = cell.pop("id")
        about = {"id": name if number % 2 else f"kX{number:010}", **cell["metadata"]}
        if cell["cell_type"] == "code":
            about |= {
                "outputId": "0c0ffee0-c52b-4c0a-8d36-1dbb4e31f0aa",
                "colab": {"base_uri": "https://localhost:8080/"},
            }
            about["executionInfo"] = {"status": "ok", "timestamp": 1700000000000 + number, "user_tz": -60}
        raw["cells"][number] = {
            "cell_type": cell["cell_type"],
            "source": cell["source"],
            "metadata": about,
            **({"execution_count": number, "outputs": []} if cell["cell_type"] == "code" else {}),
        }
    cell = picture(raw)
    cell["outputs"] = [drawn()]
    cell["metadata"]["colab"]["height"] = 467
    scratch = {"cell_type": "code", "metadata": {"id": "Zz9"}, "source": [], "execution_count": None, "outputs": []}
    whole = {
        "nbformat": 4,
        "nbformat_minor": 0,
        "metadata": {
            "colab": {"provenance": [], "toc_visible": True, "collapsed_sections": ["kX0000000000"]},
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python"},
            "accelerator": "GPU",
        },
        "cells": [*raw["cells"], scratch],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False).encode()


@editor("VS Code")
def saved_by_vs_code(raw):
    """Its own ids for new cells, a language for each cell, keys in alphabetical order, the kernel of an environment."""
    for number, cell in enumerate(code_cells(raw), 1):
        cell["execution_count"] = number
        cell["metadata"] = {**cell["metadata"], "vscode": {"languageId": "python"}}
    picture(raw)["outputs"] = [drawn()]
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "#VSC-1a2b3c4d",
        "metadata": {},
        "outputs": [],
        "source": [],
    }
    raw["cells"].append(cell)
    raw["metadata"] = {
        "kernelspec": {"display_name": ".venv (3.12.4)", "language": "python", "name": "python3"},
        "language_info": {
            "codemirror_mode": {"name": "ipython", "version": 3},
            "file_extension": ".py",
            "name": "python",
            "version": "3.12.4",
        },
    }
    return json.dumps(raw, indent=1, ensure_ascii=False, sort_keys=True).encode()


@editor("JupyterLab 4")
def saved_by_jupyterlab(raw):
    """Times of every run, what the property inspector adds, a new cell with an id of its own."""
    for number, cell in enumerate(code_cells(raw), 1):
        cell["execution_count"] = number
        moment = f"2026-03-01T23:{number:02}:00.000000Z"
        cell["metadata"] |= {
            "execution": {"iopub.execute_input": moment, "shell.execute_reply": moment},
            "editable": cell["metadata"].get("editable", True),
            "slideshow": {"slide_type": ""},
            "collapsed": False,
        }
        cell["metadata"].setdefault("tags", [])
    picture(raw)["outputs"] = [drawn()]
    new = {"cell_type": "code", "id": "5f3c9a4e-2d0c-4e8e-9f6a-5d3b1c7e8f90", "metadata": {"trusted": True}}
    raw["cells"].append(new | {"execution_count": None, "outputs": [], "source": []})
    raw["metadata"] |= {"toc-showtags": False, "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}}}
    return (json.dumps(raw, indent=1, ensure_ascii=False) + "\n").encode()


@editor("Kaggle")
def saved_by_kaggle(raw):
    """On one line, the format of 4.4, with a mark of its own on each cell and on the notebook."""
    for cell in raw["cells"]:
        del cell["id"]
        cell["metadata"] |= {"_uuid": "8f2839f25d086af736a60e9eeb907d3b93b6e0e5", "trusted": True}
        cell["source"] = "".join(cell["source"])
    raw["metadata"]["kaggle"] = {"accelerator": "none", "dataSources": [], "isInternetEnabled": False}
    raw |= {"nbformat_minor": 4}
    return json.dumps(raw).encode()


@editor("Deepnote")
def saved_by_deepnote(raw):
    """A number of its own for each cell, hashes, and a last cell that advertises."""
    for number, cell in enumerate(raw["cells"]):
        cell["metadata"] |= {"cell_id": f"{number:05}-0f1e2d3c", "deepnote_cell_type": cell["cell_type"]}
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"source_hash": "b623e53d", "execution_start": 1700000000000, "execution_millis": 12}
        del cell["id"]
    words = "<a href='https://deepnote.com'>Created in deepnote.com</a>"
    raw["cells"].append({"cell_type": "markdown", "metadata": {"created_in_deepnote_cell": True}, "source": words})
    raw["metadata"] |= {"deepnote_notebook_id": "1a2b3c", "deepnote_execution_queue": []}
    return json.dumps(raw | {"nbformat_minor": 0}, indent=2).encode()


@editor("CoCalc")
def saved_by_cocalc(raw):
    """Collapsed and scrolled outputs, short ids, no trust in the order of the keys."""
    for number, cell in enumerate(raw["cells"]):
        cell["id"] = f"{number:06x}"
        cell["metadata"]["cocalc"] = {"outputs": {}}
    for cell in code_cells(raw):
        cell["metadata"] |= {"collapsed": False, "scrolled": True}
    raw["metadata"]["kernelspec"] = {"argv": ["/usr/bin/python3"], "display_name": "Python 3 (system-wide)",
                                     "env": {}, "language": "python", "name": "python3"}  # fmt: skip
    return json.dumps(dict(reversed(raw.items())), indent=1).encode()


@editor("PyCharm")
def saved_by_pycharm(raw):
    """Its own name in each cell, runs with their times, markdown that collapses."""
    for cell in raw["cells"]:
        cell["metadata"]["collapsed"] = False
        if cell["cell_type"] == "code":
            cell["metadata"]["ExecuteTime"] = {
                "end_time": "2026-03-01T22:00:00.1Z",
                "start_time": "2026-03-01T22:00:00Z",
            }
            cell["metadata"]["pycharm"] = {"name": "#%%\n", "is_executing": False}
        else:
            cell["metadata"]["pycharm"] = {"name": "#%% md\n"}
    return json.dumps(raw, indent=1, ensure_ascii=False).encode()


@editor("Noteable")
def saved_by_noteable(raw):
    """Marks under its own name, and four blanks for each level."""
    for cell in raw["cells"]:
        cell["metadata"] |= {"noteable": {"cell_type": cell["cell_type"], "output_collection_id": None}}
    raw["metadata"]["noteable"] = {"last_transaction_id": "f00"}
    raw["metadata"]["selected_hardware_size"] = "small"
    return json.dumps(raw, indent=4, ensure_ascii=False).encode()


@editor("a formatter")
def saved_by_a_formatter(raw):
    """Blanks at line ends gone, a line end at the end of each cell: an extension that formats on saving."""
    for cell in raw["cells"]:
        text = re.sub(r"[ \t]+$", "", "".join(cell["source"]), flags=re.MULTILINE)
        cell["source"] = (text + "\n").splitlines(keepends=True)
    return nbformat.writes(nbformat.from_dict(raw)).encode()
