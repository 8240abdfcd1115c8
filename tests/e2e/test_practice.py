"""A reviewer makes known items, a new annotator practises on them, and the guidelines say what changed."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.rest import Rest
from tests.e2e.test_form import LOOKS, criticise
from tests.e2e.test_journey import log_in
from tests.e2e.test_spans import accept
from tests.installation import RunningInstallation

ANNOTATOR = "nora@example.org"
PASSWORD = "an annotator's long password"


@pytest.fixture(scope="module")
def trained(installation: RunningInstallation) -> Iterator[Rest]:
    made = Rest(installation, "practice")
    made.import_prompts()
    made.sample()
    made.send("PATCH", "/api/projects/{p}", {"guidelines": "Be kind.\n\nSay what is wrong."})
    criticise(made, "Names no cause.", rating=0.25, tags=["wrong"])
    criticise(made, "Too long.")
    invitation = made.send("POST", "/api/projects/{p}/invitations", {"email": ANNOTATOR, "role": "annotator"})
    body = {"token": invitation["token"], "name": "Nora", "password": PASSWORD}
    url = installation.url
    httpx2.post(f"{url}/api/invitations/accept", json=body, headers={"Origin": url}).raise_for_status()
    yield made
    made.close()


def log_in_as_annotator(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(ANNOTATOR)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("textbox", name="Your critique")).to_be_visible()


def test_a_reviewer_makes_gold_and_a_seeded_mistake_and_sets_how_they_are_handed_out(page: Page, trained: Rest) -> None:
    log_in(page)
    seeded_from, gold_by = trained.get("/api/projects/{p}/critiques")["items"]
    page.goto(f"/{trained.project}/review/{seeded_from['id']}")
    page.get_by_text("Put a mistake into a copy of this answer").click()
    seeding = page.get_by_role("form", name="Put a mistake into a copy of this answer")
    seeding.get_by_label("The answer with a mistake in it").fill("Rain is fire.")
    seeding.get_by_label("The answer with a mistake in it").evaluate("box => box.setSelectionRange(8, 12)")
    seeding.get_by_role("button", name="Mark the selection as the mistake").click()
    expect(seeding.get_by_label("Words that name the mistake")).to_have_value("fire")
    seeding.get_by_role("button", name="Make the item").click()
    expect(seeding.get_by_text("Made. It stands under Quality.")).to_be_visible()
    page.goto(f"/{trained.project}/review/{gold_by['id']}")
    page.get_by_text("Make this answer a gold item").click()
    gold = page.get_by_role("form", name="Make this answer a gold item")
    gold.get_by_role("radio", name="1 of 5").first.check(force=True)
    gold.get_by_label("What to learn from it").fill("It should name the **cause**.")
    gold.get_by_label("Use it for practice, with feedback").check()
    gold.get_by_role("button", name="Make it gold").click()
    expect(gold.get_by_text("Made. It stands under Quality.")).to_be_visible()
    page.goto(f"/{trained.project}/review")
    page.get_by_role("link", name="Quality").click()
    page.get_by_label("Practice items for a new annotator").fill("1")
    page.get_by_label("One of how many answers is a known one").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    found = trained.get("/api/projects/{p}/known-items")
    assert [(item["kind"], item["is_practice"], item["words"]) for item in found["items"]] == [
        ("gold", True, []),
        ("seeded", False, ["fire"]),
    ]


def test_a_new_annotator_practises_with_feedback_and_then_works_on(page: Page, trained: Rest, tmp_path: Path) -> None:
    log_in_as_annotator(page)
    page.goto(f"/{trained.project}/annotate")
    expect(page.get_by_text("Practice 1 of 1")).to_be_visible()
    expect(page.get_by_text("Guideline v1 · not read yet")).to_be_visible()
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("dialog").get_by_text("Say what is wrong.")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    box = page.get_by_role("textbox", name="Your critique")
    box.fill("It is fine.")
    page.get_by_role("group", name="Rating of the answer").get_by_role("radio", name="5 of 5").check(force=True)
    box.press("Control+Enter")
    expect(page.get_by_text("Your rating is not in the expected range.")).to_be_visible()
    expect(page.get_by_role("row", name="Rating of the answer 1 of 5 to 2 of 5 5 of 5")).to_be_visible()
    expect(page.get_by_text("missing: wrong")).to_be_visible()
    accept(page, Path(os.environ.get("REDRAFT_SCREENSHOTS", tmp_path)) / "practice.png")
    trained.send("PATCH", "/api/projects/{p}", {"guidelines": "Be kind and brief.\n\nSay what is wrong."})
    page.get_by_role("button", name="Next answer").click()
    expect(page.get_by_text("Rain is fire.")).to_be_visible()
    expect(page.get_by_text("Practice")).to_have_count(0)
    expect(page.get_by_text("changed since you read v1")).to_be_visible()
    page.get_by_role("button", name="Read what changed").click()
    expect(page.get_by_role("dialog").locator("ins")).to_contain_text("brief")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_text("changed since you read")).to_have_count(0)
    box.fill("There is no fire in rain.")
    box.press("Control+Enter")
    expect(page.get_by_text("Rain is fire.")).to_have_count(0)
    [row] = trained.get("/api/projects/{p}/quality")
    assert (row["name"], row["practice"]["passed"], row["seeded"]["passed"]) == ("Nora", 0, 1)


@pytest.mark.parametrize("look", LOOKS)
def test_quality_guidelines_and_known_items_fit_both_themes_and_a_phone(
    page: Page, trained: Rest, look: str, tmp_path: Path
) -> None:
    width, height = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    log_in(page)
    folder = Path(os.environ.get("REDRAFT_SCREENSHOTS", tmp_path))
    page.goto(f"/{trained.project}/quality")
    expect(page.get_by_role("rowheader", name="Nora").or_(page.get_by_text("Nobody has"))).to_be_visible()
    accept(page, folder / f"quality-{look}.png")
    page.goto(f"/{trained.project}/project")
    page.get_by_text("Compare two versions").click()
    expect(page.locator("ins").first).to_be_visible()
    expect(page.locator(".skeleton:visible")).to_have_count(0)
    accept(page, folder / f"guidelines-{look}.png")
    critique = trained.get("/api/projects/{p}/critiques?state=submitted")["items"][-1]
    page.goto(f"/{trained.project}/review/{critique['id']}")
    page.get_by_text("Put a mistake into a copy of this answer").click()
    page.get_by_text("Make this answer a gold item").click()
    accept(page, folder / f"make-known-{look}.png")


def test_an_annotator_is_offered_only_the_pages_that_have_something_for_them(page: Page, trained: Rest) -> None:
    log_in_as_annotator(page)
    page.goto(f"/{trained.project}/rules")
    pages = page.get_by_role("navigation", name="Main")
    expect(pages.get_by_role("link", name="Compare")).to_be_visible()
    expect(pages.get_by_role("link", name="Review")).to_have_count(0)
    expect(pages.get_by_role("link", name="Data")).to_have_count(0)
