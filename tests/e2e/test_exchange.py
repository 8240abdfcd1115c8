"""An admin exports preferences and the lineage, and imports the lineage into an empty project."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.rest import Rest
from tests.e2e.test_journey import log_in
from tests.installation import ROOT, RunningInstallation

LOOKS = {"light": (1280, 860), "dark": (1280, 860), "phone": (390, 844)}
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def critiqued(installation: RunningInstallation) -> Iterator[Rest]:
    made = Rest(installation, "exchange")
    made.import_prompts(2)
    made.sample()
    made.annotate_all()
    yield made
    made.close()


def test_an_export_is_downloaded_and_a_lineage_comes_back_in_another_project(
    page: Page, critiqued: Rest, installation: RunningInstallation, tmp_path: Path
) -> None:
    empty = Rest(installation, "emptied")
    log_in(page)
    page.goto(f"/{critiqued.project}/project")
    page.get_by_role("region", name="Import and export").get_by_role("link", name="Open").click()
    exports = page.get_by_role("region", name="Exports")
    expect(exports).to_contain_text("No export yet")
    page.get_by_role("radio", name="Preferences").check()
    page.get_by_role("button", name="Start export").click()
    expect(exports).to_contain_text("2 rows", timeout=30_000)
    with page.expect_download() as started:
        exports.get_by_role("link", name="Download").click()
    rows = [json.loads(line) for line in Path(started.value.path()).read_text().splitlines()]
    assert [sorted(row) for row in rows] == [["chosen", "prompt", "rejected", "source", "split"]] * 2
    page.get_by_role("radio", name="Lineage").first.check()
    page.get_by_role("button", name="Start export").click()
    expect(exports.get_by_role("link", name="Download")).to_have_count(2, timeout=30_000)
    with page.expect_download() as started:
        exports.get_by_role("link", name="Download").first.click()
    file = tmp_path / "went.jsonl"
    started.value.save_as(file)
    page.goto("/emptied/exchange")
    page.get_by_role("radio", name="Lineage of another project").check()
    page.get_by_role("button", name="Start import").click()
    expect(page.get_by_text("Choose a file first.")).to_be_visible()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Start import").click()
    expect(page.get_by_role("region", name="Imports")).to_contain_text("went.jsonl", timeout=30_000)
    expect(page.get_by_role("region", name="Imports")).to_contain_text("imported", timeout=30_000)
    assert len(empty.get("/api/projects/{p}/critiques")["items"]) == 2
    job = empty.send("POST", "/api/projects/{p}/exports", {"shape": "lineage"})
    assert empty.wait(f"/api/projects/emptied/exports/{job['id']}")["state"] == "succeeded"
    assert empty.http.get(f"/api/projects/emptied/exports/{job['id']}/file").content == file.read_bytes()
    empty.close()


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_is_accessible_and_fits(page: Page, critiqued: Rest, look: str, tmp_path: Path) -> None:
    width, height = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    log_in(page)
    page.goto(f"/{critiqued.project}/exchange")
    expect(page.get_by_role("heading", name="Imports")).to_be_visible()
    expect(page.locator(".skeleton:visible")).to_have_count(0)
    page.screenshot(path=Path(os.environ.get("REDRAFT_SCREENSHOTS", tmp_path)) / f"exchange-{look}.png", full_page=True)
    page.evaluate(AXE.read_text())
    assert page.evaluate("axe.run().then(found => found.violations.map(each => each.id))") == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
