"""The class page and the index opened in Debian's chromium: looks, keyboard, tables, accessibility."""

import shutil

import pytest
from chromium import SIZES, complaints
from lms_class import gradebox
from made_up_class import ASSIGNMENT
from made_up_class import SIZES as ODD


@pytest.fixture(scope="module")
def pages(made_up, tmp_path_factory):
    """feedback/ of a class of 300 without scripts and with them; of a class of 60, and that without names."""
    course = tmp_path_factory.mktemp("overview") / "course"
    shutil.copytree(made_up(300)[0], course)
    small = course.with_name("small")
    shutil.copytree(made_up(60)[0], small)
    for flags in ([], ["--anonymous"]):
        assert gradebox(small, "report", ASSIGNMENT, *flags).status == 0
    kept = {"small": small / "feedback"}
    for name, flags in (("plain", []), ("scripts", ["--scripts"])):
        assert gradebox(course, "report", ASSIGNMENT, *flags).status == 0
        kept[name] = course / f"feedback-{name}"
        shutil.copytree(course / "feedback", kept[name], ignore=shutil.ignore_patterns("zq*"))
    return kept


@pytest.fixture
def opened(browser, pages):
    contexts = []

    def opened(path: str, kind: str = "plain", size: str = "desktop", scheme: str = "light"):
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.goto((pages[kind] / path).as_uri(), wait_until="networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("kind", ["small", pytest.param("plain", marks=pytest.mark.long)])
@pytest.mark.parametrize("path", [f"{ASSIGNMENT}.html", "index.html"])
@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_everybody_can_use_the_pages(opened, kind, path, size, scheme):
    page = opened(path, kind, size, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    violations, passes = complaints(page)
    assert violations == []
    assert {"color-contrast", "heading-order", "label"} <= passes
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    assert (page.asked, page.said) == ([page.url], [])


def test_everybody_can_use_the_page_without_names(opened):
    page = opened(f"{ASSIGNMENT}.anonymous.html", "small", "phone")
    assert complaints(page)[0] == []
    assert page.locator("a[href^='index']").count() == 0


def visible(page) -> int:
    return page.locator(".listing tbody tr").locator("visible=true").count()


@pytest.mark.parametrize("kind", ["late", "repaired", "waits"])
def test_who_is_noted_for_something_can_be_chosen_without_a_script(opened, kind):
    page = opened("index.html")
    assert visible(page) == 300
    page.check(f"#students-{kind}")
    assert visible(page) == ODD[kind]
    page.check("#students-all")
    assert visible(page) == 300


def test_tables_can_be_sorted_and_searched_where_scripts_are_allowed(opened):
    page = opened(f"{ASSIGNMENT}.html", "scripts")
    assert page.said == []
    exercises = page.locator("table.sortable").first
    exercises.locator("th button", has_text="Earned").click()
    hardest_last = exercises.locator("tbody th code").all_inner_texts()
    exercises.locator("th button", has_text="Earned").click()
    hardest_first = exercises.locator("tbody th code").all_inner_texts()
    assert "modes" in hardest_first[:2] and "force" in hardest_last[:1]
    page.locator("input[type=search]").fill("quillon123")
    assert visible(page) == 1
    page.locator("input[type=search]").fill("quillon ZQ000")
    assert visible(page) == 10


def test_a_slipped_script_does_not_run_even_where_ours_may(opened, pages, browser):
    spoiled = pages["scripts"] / "spoiled.html"
    text = (pages["scripts"] / f"{ASSIGNMENT}.html").read_text()
    spoiled.write_text(text.replace("<main>", "<main><script>document.title = 'attacked'</script>"))
    page = opened("spoiled.html", "scripts")
    assert page.title() != "attacked" and page.locator("th button").count() > 0


def test_a_printed_page_is_light_and_whole(opened):
    page = opened(f"{ASSIGNMENT}.html", scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("nav").is_visible() and not page.locator(".chooser").first.is_visible()
    assert len(page.pdf(format="A4")) > 50_000
