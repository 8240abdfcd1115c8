"""Marking spans of an answer in a real browser, with the mouse, by keyboard alone, in both themes and on a phone."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from backend.embedded.folder import running
from backend.settings import Settings
from tests.e2e.rest import Json, Rest
from tests.e2e.test_journey import log_in
from tests.installation import ROOT, RunningInstallation

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
ANSWER = (
    f"## Rain\n\nRain is **very wet {FAMILY} water** and it falls.\r\n\r\n"
    "- It falls \U0001f600 down, and never up.\n- It falls on `roof & tile` &amp; street.\n\n"
    "> \u05d2\u05e9\u05dd \u05d9\u05d5\u05e8\u05d3 \u05de\u05d4\u05e9\u05de\u05d9\u05dd\n"
)
DRAG = """([start, end]) => {
    const at = (text, after) => {
        const walker = document.createTreeWalker(document.querySelector(".spanned .paper"), NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const offset = walker.currentNode.data.indexOf(text);
            if (offset < 0) continue;
            const range = document.createRange();
            range.setStart(walker.currentNode, offset);
            range.setEnd(walker.currentNode, offset + text.length);
            const box = [...range.getClientRects()].at(after ? -1 : 0);
            return { x: after ? box.right - 0.5 : box.left + 0.5, y: box.top + box.height / 2 };
        }
    };
    return [at(start, false), at(end, true)];
}"""


@pytest.fixture(scope="module")
def marked(installation: RunningInstallation) -> Iterator[Rest]:
    """A project in which every first attempt says ``ANSWER``."""
    made = Rest(installation, "spans")
    made.import_prompts()
    made.sample()
    settings = running(Settings(data_dir=installation.data))
    assert settings is not None
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value().replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE rollouts SET text = %s WHERE project_id = (SELECT id FROM projects WHERE slug = %s)",
            (ANSWER, made.project),
        )
    yield made
    made.close()


def open_answer(page: Page, rest: Rest) -> Locator:
    log_in(page)
    page.goto(f"/{rest.project}/annotate")
    expect(page.get_by_text("and never up")).to_be_visible()
    return page.get_by_role("textbox", name="Your critique")


def drag(page: Page, start: str, end: str) -> None:
    first, last = page.evaluate(DRAG, [start, end])
    page.mouse.move(first["x"], first["y"])
    page.mouse.down()
    page.mouse.move(last["x"], last["y"], steps=5)
    page.mouse.up()


def spans(page: Page) -> Locator:
    return page.get_by_role("list", name="Spans").get_by_role("listitem")


def newest_spans(rest: Rest) -> list[Json]:
    found = rest.get("/api/projects/{p}/critiques?state=submitted")["items"][0]
    marked: list[Json] = found["revision"]["spans"]
    return marked


def saved(rest: Rest, count: int) -> None:
    """Wait until the server has a draft with so many spans and their notes."""

    def has_them(found: Json) -> bool:
        spans = found["items"][0]["draft"]["spans"]
        return len(spans) == count and all(span["note"] for span in spans)

    rest.wait("/api/projects/{p}/critiques?state=draft", has_them)


def test_a_selection_through_bold_text_and_emoji_is_submitted_as_the_exact_quote(page: Page, marked: Rest) -> None:
    critique = open_answer(page, marked)
    drag(page, "is ", " and")
    page.get_by_role("toolbar", name="Mark what is selected as").get_by_role("button", name="Critical").click()
    note = page.get_by_role("textbox", name="Note")
    expect(note).to_be_focused()
    note.fill("Water is not a family.")
    note.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(spans(page)).to_have_count(1)
    expect(spans(page)).to_contain_text("Water is not a family.")
    expect(spans(page)).to_contain_text("Critical")
    assert page.locator(".spanned mark").all_text_contents() == ["is ", f"very wet {FAMILY} water", " and"]
    critique.fill("Leave the family out.")
    critique.press("Control+Enter")
    expect(critique).to_have_value("")
    [span] = newest_spans(marked)
    quote = f"is **very wet {FAMILY} water** and"
    assert (span["anchor"]["quote"], span["note"], span["severity"]) == (quote, "Water is not a family.", "critical")
    assert ANSWER[span["anchor"]["start"] : span["anchor"]["end"]] == quote


def test_a_span_is_marked_kept_and_submitted_by_keyboard_alone(page: Page, marked: Rest) -> None:
    critique = open_answer(page, marked)
    expect(critique).to_be_focused()
    press = page.keyboard.press
    press("Alt+m")
    press("ArrowDown")
    press("ArrowDown")
    press("Home")
    for _ in range(3):
        press("ArrowRight")
    for _ in range(3):
        press("Shift+ArrowRight")
    press("Enter")
    expect(page.get_by_role("textbox", name="Note")).to_be_focused()
    page.keyboard.type("Is it a family?")
    press("Shift+Tab")
    press("ArrowRight")
    press("Enter")
    expect(page.get_by_role("button", name="Mark a span")).to_be_focused()
    saved(marked, 1)
    page.reload()
    expect(spans(page)).to_have_count(1)
    expect(spans(page)).to_contain_text("Is it a family?")
    expect(page.locator(".spanned mark")).to_have_text([f"very wet {FAMILY} water"])
    expect(critique).to_be_focused()
    page.keyboard.type("Plainer words.")
    press("Control+Enter")
    expect(critique).to_have_value("")
    [span] = newest_spans(marked)
    assert span["anchor"]["quote"] == f"very wet {FAMILY} water"
    assert (span["note"], span["severity"]) == ("Is it a family?", "critical")


def test_the_bar_of_a_selection_stays_until_the_person_points_elsewhere(page: Page, marked: Rest) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_answer(page, marked)
    bar = page.get_by_role("toolbar", name="Mark what is selected as")
    drop = "new Promise((done) => { getSelection().removeAllRanges(); setTimeout(done, 100); })"
    drag(page, "Rain is", "Rain is")
    expect(bar).to_be_visible()
    page.evaluate(drop)
    expect(bar).to_be_visible()
    page.get_by_text("First attempt").click()
    expect(bar).to_have_count(0)
    drag(page, "roof", "roof")
    expect(bar).to_be_visible()
    page.evaluate(drop)
    bar.get_by_role("button", name="Minor").click()
    expect(bar).to_have_count(0)
    page.keyboard.press("Escape")
    expect(spans(page)).to_have_count(1)
    expect(bar).to_have_count(0)
    page.get_by_role("button", name="Remove span 1").click()


def test_a_span_is_edited_removed_and_brought_back(page: Page, marked: Rest) -> None:
    open_answer(page, marked)
    drag(page, "roof", "street")
    page.get_by_role("button", name="Minor").click()
    page.get_by_role("textbox", name="Note").fill("Which roof?")
    page.keyboard.press("Escape")
    page.locator(".spanned mark").first.click()
    expect(page.get_by_role("textbox", name="Note")).to_have_value("Which roof?")
    page.get_by_role("dialog").get_by_text("Major").click()
    page.get_by_role("button", name="Done").click()
    expect(spans(page)).to_contain_text("`roof & tile` &amp; street")
    expect(spans(page)).to_contain_text("Major")
    page.get_by_role("button", name="Remove span 1").click()
    expect(spans(page)).to_have_count(0)
    expect(page.locator(".spanned mark")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(spans(page)).to_contain_text("Which roof?")
    saved(marked, 1)


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_spans_are_at_hand_in_both_themes_and_on_a_phone(page: Page, marked: Rest, look: str, tmp_path: Path) -> None:
    folder = Path(os.environ.get("REDRAFT_SCREENSHOTS", tmp_path))
    if look == "phone":
        page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    open_answer(page, marked)
    for _ in range(spans(page).count()):
        page.get_by_role("button", name="Remove span 1").click()
    drag(page, "Rain is", "Rain is")
    accept(page, folder / f"spans-bar-{look}.png")
    page.get_by_role("button", name="Minor").click()
    page.get_by_role("textbox", name="Note").fill("This is minor.")
    accept(page, folder / f"spans-note-{look}.png")
    page.keyboard.press("Escape")
    for start, end, severity in [("it falls", "falls", "Major"), ("never", "up", "Critical")]:
        drag(page, start, end)
        page.get_by_role("button", name=severity).click()
        page.get_by_role("textbox", name="Note").fill(f"This is {severity.lower()}.")
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Mark a span").click()
    page.keyboard.press("ArrowDown")
    accept(page, folder / f"spans-mode-{look}.png")
    page.keyboard.press("Escape")
    saved(marked, 3)
    for name in ("Edit in place", "Drop the edit"):
        page.get_by_role("button", name=name).click()
        expect(spans(page)).to_have_count(3)
    page.goto(f"/{marked.project}/review")
    page.get_by_role("link").filter(has_text="What is train thing").first.click()
    expect(spans(page).first).to_be_visible()
    accept(page, folder / f"spans-critique-{look}.png")


def accept(page: Page, picture: Path) -> None:
    """Keep a picture; the page must not scroll sideways and must have nothing for axe to say."""
    page.screenshot(path=picture, full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
