"""Every page opens without an error, in both themes and on a phone; screenshots are kept where asked for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.rest import Rest
from tests.e2e.test_journey import log_in
from tests.installation import RunningInstallation

PAGES = [
    "annotate", "compare", "review", "review/answers", "review/agreement", "quality", "form", "exchange", "data",
    "rules", "prompts", "runs", "runs/new", "checkpoints", "evaluations", "playground", "project", "password",
]  # fmt: skip
LOOKS = {"light": (1280, 860), "dark": (1280, 860), "phone": (390, 844)}


@pytest.fixture(scope="module")
def filled(installation: RunningInstallation) -> Iterator[Rest]:
    made = Rest(installation, "pages")
    made.import_prompts()
    made.sample()
    made.annotate_all(leave=1)
    yield made
    made.close()


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_opens_with_its_heading_and_without_sideways_scrolling(
    page: Page, filled: Rest, look: str, tmp_path: Path
) -> None:
    width, height = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    log_in(page)
    folder = Path(os.environ.get("REDRAFT_SCREENSHOTS", tmp_path))
    for name in PAGES:
        page.goto(f"/{filled.project}/{name}")
        expect(page.get_by_role("heading", level=1).first).to_be_attached()
        expect(page.locator(".skeleton:visible")).to_have_count(0, timeout=60_000)
        page.screenshot(path=folder / f"{name.replace('/', '-')}-{look}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
