"""A person's day in a real browser: critique, redraft, submit, launch, watch, evaluate, promote, chat."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD
from tests.e2e.rest import Rest
from tests.installation import RunningInstallation

LONG = 120_000


@pytest.fixture(scope="module")
def collected(installation: RunningInstallation) -> Iterator[Rest]:
    """A project with prompts and first attempts; one answer is left for the browser."""
    made = Rest(installation, "journey")
    made.import_prompts()
    made.sample()
    made.annotate_all(leave=1)
    yield made
    made.close()


def log_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill("owner@redraft.local")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("navigation")).to_be_visible()


def test_a_wrong_password_is_said_beside_the_form_and_what_was_typed_stays(page: Page, collected: Rest) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill("owner@redraft.local")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("password is wrong")
    expect(page.get_by_label("E-mail")).to_have_value("owner@redraft.local")
    assert collected.project == "journey"


def test_from_a_critique_in_the_browser_to_a_served_model(page: Page, collected: Rest) -> None:
    log_in(page)
    page.goto("/journey/annotate")
    critique = page.get_by_label("Your critique", exact=True).get_by_role("textbox")
    critique.fill("Too long. Answer in one short sentence.")
    page.get_by_role("radio", name="2 of 5").first.check(force=True)
    expect(page.get_by_text(re.compile(r"Draft saved \d"))).to_be_visible()
    page.keyboard.press("Alt+R")
    better = page.get_by_role("button", name="better")
    expect(better).to_be_visible(timeout=LONG)
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(better).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Nothing to annotate now")).to_be_visible()

    page.goto("/journey/runs/new")
    page.locator("summary", has_text="Guards").click()
    page.get_by_role("checkbox", name="Enabled").uncheck()  # on a random model the probe scores are noise
    page.get_by_role("button", name="Launch").click(timeout=LONG)
    expect(page).to_have_url(re.compile(r"/runs/\d+$"))
    expect(page.locator(".badge", has_text="Done").first).to_be_visible(timeout=LONG)
    expect(page.locator(".uplot").first).to_be_visible()
    run_id = int(page.url.rsplit("/", 1)[1])
    checkpoint = collected.published(run_id)
    assert checkpoint["state"] == "published"
    assert checkpoint["lineage"]["authors"] == {"annotator": 6}

    page.goto(f"/journey/checkpoints/{checkpoint['id']}")
    promote = page.get_by_role("button", name="Promote to production").first
    expect(promote).to_be_disabled()
    page.get_by_role("button", name="Evaluate it").click()
    expect(page.get_by_text("Evaluated evaluation")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Evaluate what is served").click()
    expect(page.get_by_text("concise not worse")).to_be_visible(timeout=LONG)
    expect(promote).to_be_enabled(timeout=LONG)
    promote.click()
    expect(page.get_by_text("Production serves this checkpoint.")).to_be_visible()

    page.goto("/journey/evaluations")
    boxes = page.get_by_role("checkbox")
    expect(boxes).to_have_count(2)
    for box in boxes.all():
        box.check()
    page.get_by_role("link", name="Compare the two").click()
    expect(page.get_by_role("heading", name="Comparison")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(6)

    page.goto("/journey/playground")
    page.get_by_label("Your message").fill("What is a lung?")
    page.get_by_role("button", name="Send").click()
    answer = page.locator(".said.assistant")
    expect(answer).not_to_be_empty(timeout=LONG)

    page.goto("/journey/checkpoints")
    page.get_by_text("History").click()
    expect(page.get_by_text(checkpoint["name"]).first).to_be_visible()


def test_what_was_typed_survives_a_lost_network_and_a_reload(page: Page, collected: Rest) -> None:
    collected.http.post("/api/projects/journey/prompts/import", content=b'{"prompt": "What is a new thing?"}')
    collected.sample()
    log_in(page)
    page.goto("/journey/annotate")
    critique = page.get_by_label("Your critique", exact=True).get_by_role("textbox")
    expect(critique).to_be_visible()
    page.context.set_offline(True)
    critique.fill("Typed in a tunnel.")
    expect(page.get_by_text("kept in this browser")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text(re.compile(r"Draft saved \d"))).to_be_visible()
    page.context.set_offline(True)
    critique.fill("Typed in a tunnel, and more.")
    expect(page.get_by_text("kept in this browser")).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    expect(critique).to_have_value("Typed in a tunnel, and more.")


def test_a_login_that_ends_is_renewed_in_place_and_the_text_is_saved(page: Page, collected: Rest) -> None:
    log_in(page)
    page.goto(f"/{collected.project}/annotate")
    critique = page.get_by_label("Your critique", exact=True).get_by_role("textbox")
    expect(critique).to_be_visible()
    page.context.clear_cookies()
    critique.fill("Typed after the login ended.")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_label("E-mail").fill("owner@redraft.local")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog).to_be_hidden()
    expect(critique).to_have_value("Typed after the login ended.")
    expect(page.get_by_text(re.compile(r"Draft saved \d"))).to_be_visible(timeout=30_000)


def test_an_annotator_sees_which_words_the_critique_argues_against(page: Page, collected: Rest) -> None:
    collected.http.post("/api/projects/journey/prompts/import", content=b'{"prompt": "What is a map of words?"}')
    collected.sample()
    log_in(page)
    page.goto("/journey/annotate")
    critique = page.get_by_label("Your critique", exact=True).get_by_role("textbox")
    critique.fill("")
    page.get_by_role("button", name="What will it learn?").click()
    expect(page.get_by_text("Write what is wrong first")).to_be_visible()
    critique.fill("Too long: say it in one short sentence.")
    page.keyboard.press("Alt+w")
    learned = page.get_by_role("region", name="What it would learn from this critique")
    expect(learned.get_by_text("nats in all")).to_be_visible()
    assert learned.locator(".tokens .token").count() > 1
    learned.get_by_role("button", name="Show the numbers").click()
    expect(learned.locator(".tokens sub").first).to_be_visible()
    critique.fill("Something else.")
    expect(learned.get_by_text("has changed since")).to_be_visible()
