"""Somebody compares answers side by side in a real browser, blind, and a reviewer reads the result."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.rest import Rest
from tests.e2e.test_journey import log_in
from tests.installation import RunningInstallation

LOOKS = {"light": (1280, 860), "dark": (1280, 860), "phone": (390, 844)}


@pytest.fixture(scope="module")
def answered_twice(installation: RunningInstallation) -> Iterator[Rest]:
    """A project with two first attempts at every prompt."""
    made = Rest(installation, "compared")
    made.import_prompts(4)
    body = {"split": "train", "max_tokens": 12, "per_prompt": 2}
    job = made.send("POST", "/api/projects/{p}/rollouts/sample", body)
    assert made.wait(f"/api/jobs/{job['id']}")["state"] == "succeeded"
    yield made
    made.close()


def test_from_a_new_comparison_over_blind_answers_to_its_result_by_keyboard(page: Page, answered_twice: Rest) -> None:
    log_in(page)
    page.goto(f"/{answered_twice.project}/compare")
    page.get_by_role("button", name="New comparison").first.click()
    form = page.get_by_role("form", name="New comparison")
    form.get_by_label("Name").fill("Two tries")
    form.get_by_label("What to compare").select_option("Two first attempts at each prompt")
    form.get_by_role("button", name="Start comparison").click()
    expect(form.get_by_role("alert")).to_contain_text("two first attempts")  # the split is still 'eval'
    form.get_by_label("Prompts of the split").select_option("train")
    form.get_by_role("checkbox", name="Tell who wrote which").check()
    form.get_by_role("button", name="Start comparison").click()
    page.get_by_role("link", name="Compare: Two tries").click()

    expect(page.get_by_role("region", name="First answer")).to_be_visible()
    expect(page.get_by_role("region", name="Second answer")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Say first which answer is better")
    page.keyboard.press("6")
    expect(page.get_by_role("radio", name="Second better")).to_be_checked()
    page.keyboard.press("w")
    page.keyboard.type("It keeps to the point.")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.reload()
    expect(page.get_by_role("radio", name="Second better")).to_be_checked()
    expect(page.get_by_label("Why?")).to_have_value("It keeps to the point.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("region", name="Who wrote which")).to_contain_text("Second better")
    expect(page.get_by_text("Submitting")).to_have_count(0)
    page.keyboard.press("Control+Enter")

    for key in ("4", "1"):
        expect(page.get_by_label("Why?")).to_have_value("")
        page.keyboard.press(key)
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("region", name="Who wrote which")).to_be_visible()
        page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Why?")).to_have_value("")
    page.keyboard.press("s")
    page.get_by_label("Why? (a few words, optional)").fill("Not my field")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing left to compare here")).to_be_visible()

    page.goto("/compared/evaluations")
    page.get_by_role("region", name="Blind comparisons by people").get_by_role("link", name="Two tries").click()
    wins = page.get_by_role("region", name="A preferred to B")
    expect(wins).to_contain_text("3 answers on 3 prompts")
    expect(page.get_by_text("It keeps to the point.")).to_be_visible()
    page.get_by_role("button", name="the same").click()
    expect(page.get_by_text("It keeps to the point.")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_of_a_comparison_fit_both_themes_and_a_phone(
    page: Page, answered_twice: Rest, look: str, tmp_path: Path
) -> None:
    width, height = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    log_in(page)
    body = {"name": f"Looks {look}", "overlap": 2, "source": {"kind": "attempts", "split": "train", "n": 9}}
    number = answered_twice.send("POST", "/api/projects/{p}/comparison-sets", body)["id"]
    folder = Path(os.environ.get("REDRAFT_SCREENSHOTS", tmp_path))
    for name in ("compare", f"compare/{number}", f"compare/{number}/result", "evaluations"):
        page.goto(f"/compared/{name}")
        expect(page.get_by_role("heading", level=1).first).to_be_attached()
        expect(page.locator(".skeleton:visible")).to_have_count(0)
        if name == f"compare/{number}":
            page.keyboard.press("2")
            page.keyboard.press("w")
            page.keyboard.type("Shorter, and it answers what was asked.")
        page.screenshot(path=folder / f"{name.split('/')[-1]}-{look}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        if name == f"compare/{number}":
            page.keyboard.press("Control+Enter")
            expect(page.get_by_label("Why?")).to_have_value("")
