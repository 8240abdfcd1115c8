"""What may come between an annotator and a submission: time, a restart, another tab. Nothing typed is lost."""

import re
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from backend.embedded.folder import running
from backend.embedded.processes import free_port
from backend.settings import Settings
from tests.e2e.conftest import choose_password
from tests.e2e.rest import Rest
from tests.e2e.test_journey import log_in
from tests.e2e.test_review import Annotator
from tests.installation import RunningInstallation

SAVED = re.compile(r"Draft saved \d")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstallation]:
    """An installation that may be restarted, on a port that stays."""
    env = {"REDRAFT_PORT": str(free_port())}
    with RunningInstallation(tmp_path_factory.mktemp("interrupted"), env=env) as started:
        choose_password(started)
        yield started


@pytest.fixture
def page(browser: Browser, own: RunningInstallation) -> Iterator[Page]:
    context = browser.new_context(base_url=own.url, viewport={"width": 1280, "height": 860})
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    yield opened
    context.close()


def project(own: RunningInstallation, name: str, *, prompts: int = 1) -> Rest:
    made = Rest(own, name)
    made.import_prompts(prompts)
    made.sample()
    return made


def end_leases(own: RunningInstallation) -> None:
    """As if all who hold an answer had been silent for too long."""
    settings = running(Settings(data_dir=own.data))
    assert settings is not None
    assert settings.database_url is not None
    with psycopg.connect(settings.database_url.get_secret_value().replace("+psycopg", "")) as connection:
        connection.execute("UPDATE critiques SET lease_expires_at = now() - interval '1 hour' WHERE state = 'draft'")


def test_what_is_being_submitted_cannot_be_changed_unseen_and_a_failure_gives_it_back(
    page: Page, own: RunningInstallation
) -> None:
    rest = project(own, "submitting", prompts=2)
    log_in(page)
    page.goto("/submitting/annotate")
    critique = page.get_by_role("textbox", name="Your critique")
    critique.fill("All of it.")
    critique.press("End")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/submit", hold)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Submitting ...")).to_be_disabled()
    page.keyboard.type(" And more.")
    expect(critique).to_have_value("All of it.")
    expect(critique).to_have_attribute("readonly", "")
    held.pop().abort()
    expect(page.get_by_role("button", name="Submit and next")).to_be_enabled()
    page.keyboard.type(" And more.")
    expect(critique).to_have_value("All of it. And more.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Submitting ...")).to_be_disabled()
    held.pop().continue_()
    expect(critique).to_have_value("")
    page.keyboard.type("The next.")
    expect(critique).to_have_value("The next.")
    [submitted] = rest.get("/api/projects/{p}/critiques?state=submitted")["items"]
    assert submitted["revision"]["text"] == "All of it. And more."
    rest.close()


def test_who_was_too_slow_is_told_so_keeps_the_text_and_the_answer_has_one_critique(
    page: Page, own: RunningInstallation
) -> None:
    rest = project(own, "slow")
    ben = Annotator(rest, "Ben")
    log_in(page)
    page.goto("/slow/annotate")
    critique = page.get_by_role("textbox", name="Your critique")
    critique.fill("My slow words.")
    expect(page.get_by_text(SAVED)).to_be_visible()
    end_leases(own)
    ben.critique("The fast words.", 0.5)
    ben.http.close()
    critique.press("End")
    page.keyboard.type(" And more.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("somebody else has taken it")
    submitted = rest.get("/api/projects/{p}/critiques?state=submitted")["items"]
    assert [row["draft"]["text"] for row in submitted] == ["The fast words."]
    assert rest.get("/api/projects/{p}/progress")["critiques"]["annotator"] == 1
    expect(page.get_by_role("button", name="Next answer")).to_be_focused()
    page.get_by_role("button", name="My history").click()
    expect(page.get_by_role("dialog")).to_contain_text("My slow words. And more.")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Next answer").click()
    expect(page.get_by_role("heading", name="Nothing to annotate now")).to_be_visible()
    rest.close()


def test_what_was_typed_while_the_server_restarts_is_saved_and_submitted(page: Page, own: RunningInstallation) -> None:
    rest = project(own, "restart")
    log_in(page)
    page.goto("/restart/annotate")
    critique = page.get_by_role("textbox", name="Your critique")
    critique.fill("Before.")
    expect(page.get_by_text(SAVED)).to_be_visible()
    own.stop()
    critique.fill("Typed while nobody listened.")
    expect(page.get_by_text("kept in this browser")).to_be_visible()
    critique.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("this was not done")
    own.output.clear()
    own.start()
    rest.reconnect()
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Nothing to annotate now")).to_be_visible()
    [row] = rest.get("/api/projects/{p}/critiques?state=submitted")["items"]
    assert row["draft"]["text"] == "Typed while nobody listened."
    rest.close()


def test_two_tabs_on_one_answer_show_both_texts_and_submit_once(page: Page, own: RunningInstallation) -> None:
    rest = project(own, "tabs", prompts=2)
    log_in(page)
    page.goto("/tabs/annotate")
    critique = page.get_by_role("textbox", name="Your critique")
    expect(critique).to_be_visible()
    other = page.context.new_page()
    other.goto("/tabs/annotate")
    there = other.get_by_role("textbox", name="Your critique")
    there.fill("From the other tab.")
    expect(other.get_by_text(SAVED)).to_be_visible()
    critique.fill("From this tab.")
    conflict = page.get_by_role("alert", name="This draft was changed elsewhere")
    expect(conflict).to_contain_text("From the other tab.")
    expect(conflict).to_contain_text("From this tab.")
    conflict.get_by_role("button", name="Keep this one").click()
    expect(page.get_by_text(SAVED)).to_be_visible()
    critique.press("Control+Enter")
    expect(critique).to_have_value("")
    there.press("Control+Enter")
    expect(other.get_by_role("alert")).to_contain_text("submitted")
    other.get_by_role("button", name="Next answer").click()
    expect(there).to_have_value("")
    [row] = rest.get("/api/projects/{p}/critiques?state=submitted")["items"]
    assert row["draft"]["text"] == "From this tab."
    rest.close()
