"""The static pages of `make pages`, opened in Debian's chromium at the width of a desktop and of a phone."""

import pytest
from chromium import SIZES, complaints
from sample_class import MULTIHEAD, NOTEBOOKS

WHOLE = [pytest.mark.long, pytest.mark.torch]
DOCUMENTS = [f"docs/{name}" for name in ("architecture", "scaling", "writing-exercises")]
PAGES = [pytest.param((MULTIHEAD,), page, id=page) for page in ("index", MULTIHEAD, "docs/security", "search")]
PAGES += [pytest.param((), page, marks=WHOLE, id=f"whole-{page}") for page in ("index", *NOTEBOOKS, *DOCUMENTS)]
EVERY_PAGE = pytest.mark.parametrize(("only", "name"), PAGES)
SCHEMES = ["light", pytest.param("dark", marks=pytest.mark.long)]


@pytest.fixture
def opened(browser, sites):
    """Opens pages; keeps what they asked the network for, and what the browser complained of."""
    contexts = []

    def opened(only, name, size="desktop", scheme="light"):
        width, height = SIZES[size]
        # What fades in has less contrast until it is there.
        still = {"color_scheme": scheme, "reduced_motion": "reduce"}
        context = browser.new_context(viewport={"width": width, "height": height}, **still)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.errors = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto((sites(*only) / f"{name}.html").as_uri(), wait_until="networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()


@EVERY_PAGE
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_everybody_can_use_a_page_of_the_site(opened, only, name, size, scheme):
    page = opened(only, name, size, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    violations, passes = complaints(page)
    assert violations == []
    assert {"color-contrast", "heading-order", "document-title"} <= passes
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]


@EVERY_PAGE
def test_a_page_of_the_site_needs_nothing_but_its_folder(opened, only, name):
    page = opened(only, name)
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    assert page.errors == []
    blank = "Array.from(document.images).filter(image => !image.complete || !image.naturalWidth).length"
    assert page.evaluate(blank) == 0


def test_formulas_are_drawn_by_the_browser_and_folded_cells_say_what_they_hold(opened):
    page = opened((MULTIHEAD,), MULTIHEAD)
    assert page.locator("math").count() > 50 and page.locator("math merror").count() == 0
    check = page.locator("details:has-text('Check exercise 1')").first
    assert check.locator("pre").is_hidden()
    check.locator("summary").click()
    assert check.locator("pre").is_visible()


def test_the_search_finds_a_notebook_without_a_network(opened):
    page = opened((MULTIHEAD,), "search")
    page.goto(f"{page.url}?q=heads", wait_until="networkidle")
    page.locator("#search-results a").first.wait_for()
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
