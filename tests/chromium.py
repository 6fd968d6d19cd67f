"""What the tests share that open pages in Debian's chromium."""

import shutil

CHROMIUM = shutil.which("chromium")
_QUIET = ("background-networking", "component-update", "sync")
FLAGS = ["--no-sandbox", "--no-first-run", *(f"--disable-{what}" for what in _QUIET)]
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


def complaints(page) -> tuple[list[tuple[str, list[str]]], set[str]]:
    """What axe-core finds wrong with a page, and the names of the rules it found kept."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response
    violations = [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found["violations"]]
    return violations, {rule["id"] for rule in found["passes"]}
