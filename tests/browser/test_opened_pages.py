"""Feedback pages opened in Debian's chromium, where there is one: looks, keyboard, accessibility, and no harm done."""

import pytest
from chromium import SIZES, complaints
from feedback_class import SCALED, path_of
from sample_class import ATTENTION, MULTIHEAD

PAGES = [
    ("sample-scaling-forgotten", ATTENTION),
    ("sample-blank", ATTENTION),
    ("hostile", MULTIHEAD),
    ("crash", MULTIHEAD),
]
EVERY_PAGE = pytest.mark.parametrize(("student", "name"), PAGES, ids=[student for student, _ in PAGES])


@pytest.fixture
def opened(browser, graded):
    """Opens pages; keeps what they asked the network for and what dialogs they showed."""
    contexts = []

    def opened(student: str, name: str, size: str = "desktop", scheme: str = "light"):
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.dialogs = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("dialog", lambda dialog: (page.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(path_of(graded, student, name).as_uri(), wait_until="networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()


@EVERY_PAGE
def test_a_page_asks_for_nothing_and_runs_nothing(opened, student, name):
    page = opened(student, name)
    for details in page.locator("details > summary").all()[:5]:
        details.click()
    assert [url for url in page.asked if not url.startswith("data:")] == [page.url]
    assert page.dialogs == []
    assert page.title().endswith(f"{student} · feedback")
    assert page.locator("header").is_visible() and page.locator("h2#summary").is_visible()


def test_even_markup_that_slipped_through_could_not_run(opened, graded, tmp_path, browser):
    slipped = "<script>document.title = 'attacked'</script><img src=x onerror=\"document.title='attacked'\">"
    slipped += '<img src="http://attack.invalid/x.png"><iframe src="http://attack.invalid/"></iframe>'
    spoiled = tmp_path / "page.html"
    spoiled.write_text(path_of(graded, "crash").read_text().replace("<main>", f"<main>{slipped}"))
    page = browser.new_page()
    answered = []
    page.on("response", lambda response: answered.append(response.url))
    page.goto(spoiled.as_uri(), wait_until="networkidle")
    assert page.title().endswith("feedback")
    assert not [url for url in answered if "attack.invalid" in url]
    page.close()


@EVERY_PAGE
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_a_page(opened, student, name, size, scheme):
    page = opened(student, name, size, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    violations, passes = complaints(page)
    assert violations == []
    assert {"color-contrast", "heading-order", "image-alt"} <= passes
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]


def test_the_keyboard_leads_from_the_summary_to_the_cell_and_back(opened):
    page = opened("sample-scaling-forgotten", ATTENTION)
    for _ in range(30):
        page.keyboard.press("Tab")
        if "scaled dot-product" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    target = page.locator(":target")
    assert f"{SCALED}-check" in target.text_content()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Summary"
    page.keyboard.press("Enter")
    assert page.url.endswith("#summary")


def test_who_comes_from_the_index_finds_back_and_nobody_else_sees_a_link_there(opened, graded):
    page = opened("sample-blank", ATTENTION)
    assert not page.get_by_text("All feedback pages").is_visible()
    page.goto((graded / "feedback" / "index.html").as_uri())
    page.locator("tr", has_text="sample-blank").get_by_role("link").first.click()
    page.get_by_role("link", name="All feedback pages").click()
    assert page.title() == "Feedback pages"


def test_a_printed_page_keeps_code_whole_and_leaves_out_what_only_a_screen_can_use(opened):
    page = opened("sample-scaling-forgotten", ATTENTION, scheme="dark")
    page.emulate_media(media="print")
    wider = "Array.from(document.querySelectorAll('pre')).filter(pre => pre.scrollWidth > pre.clientWidth + 1).length"
    assert page.evaluate(wider) == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("a.back").first.is_visible()
    assert len(page.pdf(format="A4")) > 50_000
