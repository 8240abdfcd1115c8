"""A running installation and a real browser."""

import os
import shutil
from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.fakes import FakeEngine
from tests.installation import RunningInstallation

CHROMIUM = os.environ.get("REDRAFT_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "a password for the tests"


def judges(messages: list[dict[str, str]]) -> str:
    """What the operator's judge says: a rule where one is asked for, a verdict, and of thing number 0 no verdict."""
    asked = messages[-1]["content"]
    if asked.endswith("The sentence:"):
        return "Answer in one sentence."
    return "I like it." if "thing number 0?" in asked else "Critique: Name the place, as a model would.\nRating: 2"


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstallation]:
    """One installation for all journeys, with a judge, and the owner's password changed to ``PASSWORD``."""
    with FakeEngine(base="wise") as judge:
        judge.says = judges
        env = {"REDRAFT_JUDGE_URL": f"{judge.url}/v1", "REDRAFT_JUDGE_MODEL": "wise"}
        with RunningInstallation(tmp_path_factory.mktemp("installation"), env=env) as running:
            choose_password(running)
            yield running


def choose_password(installation: RunningInstallation) -> None:
    """Change the owner's one-time password to ``PASSWORD``."""
    with httpx2.Client(base_url=installation.url, headers={"Origin": installation.url}) as http:
        login = {"email": "owner@redraft.local", "password": installation.password}
        csrf = http.post("/api/login", json=login).json()["csrf_token"]
        body = {"current": installation.password, "new": PASSWORD}
        assert http.post("/api/password", json=body, headers={"X-CSRF": csrf}).status_code == 204


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium of the machine."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, installation: RunningInstallation) -> Iterator[Page]:
    """A fresh page; an error in the browser's console fails the test."""
    context = browser.new_context(base_url=installation.url, viewport={"width": 1280, "height": 860})
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.set_default_timeout(20_000)
    yield opened
    context.close()
    assert problems == []
