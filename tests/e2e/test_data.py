"""A reviewer finds things among everything collected, changes many at once, and takes it back."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.rest import Rest
from tests.e2e.test_journey import log_in
from tests.e2e.test_spans import AXE
from tests.installation import RunningInstallation

LOOKS = {"light": (1280, 860), "dark": (1280, 860), "phone": (390, 844)}
MANY = 900


@pytest.fixture(scope="module")
def collected(installation: RunningInstallation) -> Iterator[Rest]:
    """A project with thousands of prompts and a few critiques."""
    made = Rest(installation, "data")
    made.import_prompts(3)
    made.sample()
    made.annotate_all()
    made.import_prompts(MANY)
    yield made
    made.close()


def test_find_by_words_and_filters_select_by_keyboard_tag_undo_and_keep_the_view(page: Page, collected: Rest) -> None:
    log_in(page)
    page.goto(f"/{collected.project}/data?list=prompts")
    rows = page.locator(".data-row")
    expect(rows.first).to_be_visible()
    assert rows.count() < 60  # thousands of prompts, and only those one sees are on the page
    page.keyboard.press("/")
    page.keyboard.type('"train thing" 1 or 2')
    page.get_by_role("button", name="Critiques", exact=True).click()
    page.get_by_label("Add a filter").select_option("Rating at most")
    page.get_by_role("spinbutton", name="Rating at most").fill("0.1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.get_by_role("button", name="Remove the filter Rating at most").click()
    expect(rows.first).to_contain_text("Too long")

    page.get_by_role("button", name="Prompts", exact=True).click()
    page.get_by_label("Add a filter").select_option("Split")
    page.get_by_role("combobox", name="Split", exact=True).select_option("probe")
    page.get_by_role("searchbox").fill("probe")
    expect(page.get_by_text("100 loaded, more below")).to_be_visible()
    expect(rows.first).to_contain_text("probe thing")
    page.get_by_role("searchbox").press("Escape")
    for key in ("j", "x", "j", "j", "v"):
        page.keyboard.press(key)
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_label("Tag", exact=True).fill("checked")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").get_by_text("3 prompts tagged.")).to_be_visible()
    expect(page.get_by_text("# checked")).to_have_count(3)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 3 are as they were.")).to_be_visible()
    expect(page.get_by_text("# checked")).to_have_count(0)

    page.get_by_role("button", name="Save this view").click()
    page.get_by_label("Name of the view").fill("Probes")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name of the view")).to_have_count(0)
    page.goto(f"/{collected.project}/data")
    page.get_by_label("Open a view").select_option("Probes")
    expect(rows.first).to_contain_text("probe thing")
    page.locator(".data-list").evaluate("list => list.scrollTo(0, 1e6)")
    expect(page.get_by_text("200 loaded, more below")).to_be_visible()


def test_everything_that_matches_is_tagged_in_the_background_and_taken_back(page: Page, collected: Rest) -> None:
    log_in(page)
    page.goto(f"/{collected.project}/data?list=prompts")
    page.get_by_role("button", name="Select all that match").click()
    expect(page.get_by_text("All 2,700 that match are selected")).to_be_visible()
    page.get_by_label("Tag", exact=True).fill("counted")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2,700 prompts tagged.")).to_be_visible(timeout=30_000)
    expect(page.locator(".data-row").first).to_contain_text("# counted")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 2,700 are as they were.")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("# counted")).to_have_count(0)


def test_selected_answers_are_verified_by_code_and_that_is_taken_back(page: Page, collected: Rest) -> None:
    log_in(page)
    page.goto(f"/{collected.project}/data?list=rollouts&source=attempt")
    for place in (0, 1):
        page.locator(".data-row input").nth(place).check()
    page.get_by_role("button", name="Queue for verification").click()
    expect(page.get_by_text("2 answers verified by code.")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("link", name="2 critiques")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 critiques that it wrote are discarded")).to_be_visible()
    expect(page.get_by_role("link", name="1 critique")).to_have_count(3)


def test_prompts_and_critiques_are_walked_through_by_keyboard_on_their_own_pages(page: Page, collected: Rest) -> None:
    log_in(page)
    page.goto(f"/{collected.project}/prompts")
    page.get_by_role("button", name="probe", exact=True).click()
    page.get_by_role("searchbox").fill('"thing number 899"')
    expect(page.get_by_text("1 in all")).to_be_visible()
    page.get_by_role("searchbox").press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("dl.prompt-details")).to_contain_text("What is probe thing number 899?")
    page.goto(f"/{collected.project}/review?state=submitted&author_kind=annotator")
    expect(page.get_by_role("combobox", name="Kind of author")).to_have_value("annotator")
    page.get_by_role("combobox", name="Review").select_option("accepted")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.get_by_role("combobox", name="Review").select_option("")
    expect(page.get_by_text("3 in all")).to_be_visible()
    for key in ("j", "j", "o"):
        page.keyboard.press(key)
    expect(page.get_by_role("region", name="Critique", exact=True)).to_contain_text("Too long")


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_fits_both_themes_and_a_phone_and_axe_has_nothing_to_say(
    page: Page, collected: Rest, look: str, tmp_path: Path
) -> None:
    width, height = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    log_in(page)
    shown = {"rollouts": "data?list=rollouts&rating_to=0.5", "critiques": "data?list=critiques&split=train"}
    for name, path in {**shown, "list-prompts": "prompts?split=probe", "list-review": "review"}.items():
        page.goto(f"/{collected.project}/{path}")
        expect(page.locator(".data-row").first).to_be_visible()
        if name in shown:
            page.locator(".data-row input").first.check()
            expect(page.get_by_text("1 selected")).to_be_visible()
        else:
            page.locator(".data-row summary, .data-row a").first.focus()
        if name == "list-prompts":
            page.locator(".data-row summary").first.click()
            expect(page.locator("dl.prompt-details")).to_be_visible()
        folder = Path(os.environ.get("REDRAFT_SCREENSHOTS", tmp_path))
        page.screenshot(path=folder / f"data-{name}-{look}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run()")["violations"]
        assert found == [], [(rule["id"], rule["nodes"][0]["html"]) for rule in found]
