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
MANY = 400


@pytest.fixture(scope="module")
def collected(installation: RunningInstallation) -> Iterator[Rest]:
    """A project with hundreds of prompts and a few critiques."""
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
    assert rows.count() < 60  # hundreds of prompts, and only those one sees are on the page
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


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_fits_both_themes_and_a_phone_and_axe_has_nothing_to_say(
    page: Page, collected: Rest, look: str, tmp_path: Path
) -> None:
    width, height = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    log_in(page)
    for listed in ("rollouts", "critiques"):
        page.goto(f"/{collected.project}/data?list={listed}&split=train&rating_to=0.5")
        page.locator(".data-row input").first.check()
        expect(page.get_by_text("1 selected")).to_be_visible()
        folder = Path(os.environ.get("REDRAFT_SCREENSHOTS", tmp_path))
        page.screenshot(path=folder / f"data-{listed}-{look}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run()")["violations"]
        assert found == [], [(rule["id"], rule["nodes"][0]["html"]) for rule in found]
