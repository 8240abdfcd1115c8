"""The annotator's desk against the real server: what a refusal leaves, and what the browser has to load."""

import gzip
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Response, expect

from tests.e2e.rest import Rest
from tests.e2e.test_journey import log_in
from tests.installation import RunningInstallation

SHELL_BUDGET = 200_000
ANNOTATE_BUDGET = 280_000


@pytest.fixture(scope="module")
def desk(installation: RunningInstallation) -> Iterator[Rest]:
    made = Rest(installation, "desk")
    made.import_prompts()
    made.sample()
    yield made
    made.close()


def loaded_by(page: Page, address: str, ready: str) -> int:
    """Bytes of scripts and styles, compressed, that opening an address loads."""
    sizes: list[int] = []

    def count(response: Response) -> None:
        if "/assets/" in response.url:
            sizes.append(len(gzip.compress(response.body(), 9)))

    page.on("response", count)
    page.goto(address)
    expect(page.get_by_role("textbox", name=ready)).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.remove_listener("response", count)
    return sum(sizes)


def test_the_pages_stay_within_their_budgets(page: Page, desk: Rest) -> None:
    shell = loaded_by(page, "/", "E-mail")
    log_in(page)
    annotate = loaded_by(page, f"/{desk.project}/annotate", "Your critique")
    assert 0 < shell <= SHELL_BUDGET
    assert shell < annotate <= ANNOTATE_BUDGET


def test_a_refused_submission_leaves_a_draft_that_goes_on_being_saved(page: Page, desk: Rest) -> None:
    log_in(page)
    page.goto(f"/{desk.project}/annotate")
    critique = page.get_by_role("textbox", name="Your critique")
    critique.press("Control+Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    critique.fill("Too long. Answer in one short sentence.")
    expect(page.get_by_text(re.compile(r"Draft saved \d"))).to_be_visible()
    expect(page.get_by_text("changed elsewhere")).to_have_count(0)
    page.get_by_role("radio", name="2 of 5").first.check(force=True)
    critique.press("Control+Enter")
    expect(critique).to_have_value("")


def test_a_submission_right_after_a_refused_one_is_taken(page: Page, desk: Rest) -> None:
    log_in(page)
    page.goto(f"/{desk.project}/annotate")
    critique = page.get_by_role("textbox", name="Your critique")
    critique.press("Control+Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    critique.fill("Say it in one sentence.")
    critique.press("Control+Enter")
    expect(critique).to_have_value("")
    expect(page.get_by_text("changed elsewhere")).to_have_count(0)
