"""A reviewer turns what critiques keep saying into rules of the project."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.rest import Rest
from tests.e2e.test_journey import log_in as log_in_as_owner
from tests.installation import RunningInstallation

REVIEWER = "rita@example.org"
PASSWORD = "a reviewer's long password"
SAID = [
    "Too long.",
    "Far too long. One short sentence.",
    "Way too long. Please be brief.",
    "Use metric units.",
    "Please give metric units.",
    "Paris is not in Italy.",
]
LOOKS = {"light": (1280, 860), "dark": (1280, 860), "phone": (390, 844)}


def criticised_project(installation: RunningInstallation, name: str) -> Rest:
    """A project whose answers got the critiques ``SAID``."""
    made = Rest(installation, name)
    made.import_prompts(len(SAID))
    made.sample()
    for text in SAID:
        critique = made.send("POST", "/api/projects/{p}/assignments/next", {})["critique"]
        draft = {"text": text, "rating": 0.25, "tags": [], "edit": None}
        body = {"draft": draft, "version": critique["draft_version"]}
        made.send("POST", f"/api/critiques/{critique['id']}/submit", body, **{"Idempotency-Key": str(uuid4())})
    return made


@pytest.fixture(scope="module")
def criticised(installation: RunningInstallation) -> Iterator[Rest]:
    made = criticised_project(installation, "rules")
    invitation = made.send("POST", "/api/projects/{p}/invitations", {"email": REVIEWER, "role": "reviewer"})
    body = {"token": invitation["token"], "name": "Rita", "password": PASSWORD}
    url = installation.url
    accepted = httpx2.post(f"{url}/api/invitations/accept", json=body, headers={"Origin": url})
    assert accepted.is_success, accepted.text
    yield made
    made.close()


@pytest.fixture(scope="module")
def ruled(installation: RunningInstallation) -> Iterator[Rest]:
    made = criticised_project(installation, "ruled")
    linked = [row["id"] for row in made.get("/api/projects/{p}/critiques")["items"]][:1]
    for text in ("Be brief.", "Use metric units.", "Unbroken" * 30, "Write as for a child."):
        number = made.send("POST", "/api/projects/{p}/rules", {"text": text, "critique_ids": linked})["id"]
    made.send("PATCH", f"/api/rules/{number}", {"text": "Write as for a child of ten."})
    made.send("POST", f"/api/rules/{number}/retire", {})
    yield made
    made.close()


def log_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(REVIEWER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("navigation")).to_be_visible()


def texts_of_rules(page: Page) -> list[str]:
    return page.get_by_role("region", name="Active rules").locator(".rule-text").all_text_contents()


def test_a_reviewer_writes_rules_from_recurring_critiques_orders_edits_retires_and_restores_them(
    page: Page, criticised: Rest
) -> None:
    log_in(page)
    page.get_by_role("link", name="Rules").click()
    expect(page.get_by_role("heading", name="No rule yet")).to_be_visible()
    recurring = page.get_by_role("region", name="Recurring critiques")
    expect(recurring.get_by_text("3 critiques")).to_be_visible()
    recurring.get_by_role("button", name="Write a rule from these: Way too long").click()
    form = page.get_by_role("form", name="Write a rule")
    expect(form.get_by_text("Will be linked to 3 critiques")).to_be_visible()
    expect(form.get_by_role("textbox", name="Rule")).to_be_focused()
    page.keyboard.type("Answer in one short sentence.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").get_by_text("Rule written.")).to_be_visible()
    expect(recurring.get_by_text("3 critiques")).to_have_count(0)
    expect(recurring.get_by_text("2 critiques")).to_be_visible()

    page.get_by_role("button", name="Write a rule", exact=True).click()
    form.get_by_role("textbox", name="Rule").fill("answer in one short SENTENCE.")
    form.get_by_role("button", name="Save rule").click()
    expect(form.get_by_role("alert")).to_contain_text("says so already")
    form.get_by_role("textbox", name="Rule").fill("Use metric units.")
    form.get_by_role("button", name="Save rule").click()
    expect(page.get_by_text("Use metric units.").first).to_be_visible()
    expect(form).to_have_count(0)
    recurring.get_by_role("button", name="Write a rule from these").click()
    form.get_by_label("Or link them to a rule that there is").select_option("Use metric units.")
    form.get_by_role("button", name="Link them").click()
    expect(page.get_by_text("No two critiques say much the same yet.")).to_be_visible()

    assert texts_of_rules(page) == ["Answer in one short sentence.", "Use metric units."]
    page.get_by_role("button", name="Move up: Use metric units.").press("ArrowUp")
    expect(page.get_by_role("status").get_by_text("Moved to place 1 of 2.")).to_be_attached()
    expect(page.get_by_role("button", name="Move down: Use metric units.")).to_be_focused()
    page.reload()
    expect(page.get_by_role("region", name="Active rules").get_by_role("listitem").first).to_contain_text("metric")

    page.get_by_role("button", name="Edit: Use metric units.").click()
    page.get_by_role("form", name="Edit: Use metric units.").get_by_role("textbox").fill("Use metric units only.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Edit: Use metric units only.")).to_be_focused()
    page.get_by_text("changed once").click()
    expect(page.locator(".rule-before")).to_have_text("Use metric units.")

    page.get_by_role("button", name="Retire: Use metric units only.").click()
    expect(page.get_by_text("1 retired rule")).to_be_visible()
    assert texts_of_rules(page) == ["Answer in one short sentence."]
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 retired rule")).to_have_count(0)
    expect(page.get_by_role("button", name="Write a rule", exact=True)).to_be_focused()
    assert texts_of_rules(page) == ["Use metric units only.", "Answer in one short sentence."]

    page.get_by_text("3 critiques").click()
    page.get_by_role("link", name="Way too long. Please be brief.").click()
    expect(page.get_by_role("region", name="Critique").get_by_text("Way too long. Please be brief.")).to_be_visible()
    found = criticised.get("/api/projects/{p}/rules")
    assert [(rule["text"], rule["author"], rule["critiques"]) for rule in found] == [
        ("Use metric units only.", "Rita", 2),
        ("Answer in one short sentence.", "Rita", 3),
    ]


@pytest.mark.parametrize("look", LOOKS)
def test_the_rules_page_fits_both_themes_and_a_phone_with_everything_unfolded(
    page: Page, ruled: Rest, look: str, tmp_path: Path
) -> None:
    width, height = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    log_in_as_owner(page)
    page.goto(f"/{ruled.project}/rules")
    page.get_by_text("1 retired rule").click()
    page.get_by_text("changed once").click()
    for summary in page.get_by_text("1 critique", exact=True).all():
        summary.click()
    page.get_by_role("button", name="Edit: Use metric units.").click()
    page.get_by_role("button", name="Write a rule from these: Way too long").click()
    expect(page.get_by_text("Will be linked to 3 critiques")).to_be_visible()
    expect(page.locator(".skeleton:visible")).to_have_count(0)
    page.screenshot(path=Path(os.environ.get("REDRAFT_SCREENSHOTS", tmp_path)) / f"rules-{look}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_server_that_does_not_answer_is_said_and_asked_again(page: Page, ruled: Rest) -> None:
    log_in_as_owner(page)
    page.route("**/rules/recurring", lambda route: route.abort())
    page.goto(f"/{ruled.project}/rules")
    recurring = page.get_by_role("region", name="Recurring critiques")
    expect(recurring.get_by_role("alert")).to_contain_text("does not answer", timeout=60_000)
    page.unroute("**/rules/recurring")
    recurring.get_by_role("button", name="Try again").click()
    expect(recurring.get_by_text("3 critiques")).to_be_visible()
    expect(recurring.get_by_role("alert")).to_have_count(0)
