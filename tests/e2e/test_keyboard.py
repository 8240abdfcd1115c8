"""The whole annotate journey with the keyboard alone, once with the network cut in the middle."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PASSWORD
from tests.e2e.rest import Rest
from tests.installation import RunningInstallation

LONG = 60_000
ASKED = {"kind": "choice", "key": "cause", "label": "What is the cause?", "options": ["Ignorance", "Carelessness"]}
SAVED = re.compile(r"Draft saved \d")


def project_with_a_form(installation: RunningInstallation, name: str) -> Rest:
    """A project with six answers, a scale, two tags and one question."""
    made = Rest(installation, name)
    made.import_prompts()
    made.sample()
    form = {"questions": [ASKED], "tags": ["wrong", "too long"]}
    made.send("PUT", "/api/projects/{p}/form", {"form": form, "base": made.get("/api/projects/{p}/form")["number"]})
    return made


@pytest.fixture(scope="module")
def keyed(installation: RunningInstallation) -> Iterator[Rest]:
    made = project_with_a_form(installation, "keyboard")
    yield made
    made.close()


@pytest.fixture(scope="module")
def cut_off(installation: RunningInstallation) -> Iterator[Rest]:
    made = project_with_a_form(installation, "cutoff")
    yield made
    made.close()


class Keyboard:
    """Somebody at the desk who has no mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.press = page.keyboard.press
        self.type = page.keyboard.type
        self.critique = page.get_by_role("textbox", name="Your critique")

    def log_in(self, project: str) -> None:
        self.page.goto(f"/{project}/annotate")
        self.tab_to(self.page.get_by_label("E-mail"))
        self.type("owner@redraft.local")
        self.press("Tab")
        self.type(PASSWORD)
        self.press("Enter")
        expect(self.critique).to_be_focused()

    def tab_to(self, target: Locator, *, back: bool = False) -> None:
        """Tab until something has the focus; within two rounds it must come."""
        expect(target).to_be_visible()
        for _ in range(60):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"the Tab key does not lead to {target}")

    def group(self, name: str) -> Locator:
        return self.page.get_by_role("group", name=name, exact=True)

    def mark_a_span(self, note: str) -> None:
        self.press("Alt+M")
        self.press("Shift+ArrowRight")
        self.press("Enter")
        expect(self.page.get_by_role("textbox", name="Note")).to_be_focused()
        self.type(note)
        self.press("Enter")
        expect(self.page.get_by_role("list", name="Spans").get_by_role("listitem")).to_contain_text(note)

    def rate_tag_and_answer(self) -> None:
        self.press("c")
        self.press("Tab")
        self.press("2")
        expect(self.page.get_by_role("radio", name="2 of 5").first).to_be_checked()
        self.press("Tab")
        self.press("Tab")
        self.press("Space")
        expect(self.page.get_by_role("button", name="too long")).to_have_attribute("aria-pressed", "true")
        self.press("Tab")
        self.press("2")
        expect(self.group("What is the cause?").get_by_label("Carelessness")).to_be_checked()

    def redraft_and_judge(self) -> None:
        self.press("Alt+R")
        better = self.page.get_by_role("button", name="better")
        expect(better).to_be_visible(timeout=LONG)
        self.press("1")
        expect(better).to_have_attribute("aria-pressed", "true")

    def edit_in_place(self, text: str) -> None:
        self.press("Alt+E")
        expect(self.page.get_by_role("textbox", name="The answer as it should be")).to_be_focused()
        self.press("Control+A")
        self.type(text)

    def submitted(self) -> None:
        expect(self.page.get_by_role("status").get_by_text("Submitted.")).to_be_visible()
        expect(self.critique).to_have_value("")
        expect(self.critique).to_be_focused()


def test_a_day_at_the_desk_needs_no_mouse(page: Page, keyed: Rest) -> None:
    at = Keyboard(page)
    at.log_in(keyed.project)
    at.type("Too long. One short sentence.")
    at.mark_a_span("This says nothing.")
    at.rate_tag_and_answer()
    at.redraft_and_judge()
    at.edit_in_place("Rain is water that falls.")
    at.press("Control+Enter")
    at.submitted()
    [done] = keyed.get("/api/projects/{p}/critiques?state=submitted")["items"]
    said = done["revision"]
    assert (said["text"], said["edit"]) == ("Too long. One short sentence.", "Rain is water that falls.")
    assert (said["rating"], said["tags"], said["answers"]) == (0.25, ["too long"], {"cause": "Carelessness"})
    assert [span["note"] for span in said["spans"]] == ["This says nothing."]
    assert [row["verdict"] for row in keyed.get(f"/api/critiques/{done['id']}")["redrafts"]] == ["better"]

    # The history, and up again.
    at.tab_to(page.get_by_role("button", name="My history"), back=True)
    at.press("Enter")
    again = page.get_by_role("dialog").get_by_role("button", name="Take it up again")
    at.tab_to(again)
    at.press("Enter")
    expect(at.critique).to_have_value("Too long. One short sentence.")
    at.press("Control+Enter")
    at.submitted()

    # Skip with a reason, postpone, discard.
    at.type("I cannot judge this.")
    at.press("Escape")
    at.press("s")
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    at.type("Not my field")
    at.press("Enter")
    expect(page.get_by_role("status").get_by_text("Skipped.")).to_be_visible()
    expect(at.critique).to_have_value("")
    at.type("Half a thought.")
    at.press("Escape")
    at.press("p")
    expect(page.get_by_role("status").get_by_text("Postponed")).to_be_visible()
    expect(at.critique).to_have_value("")
    at.type("A mistake of mine.")
    at.press("Escape")
    at.press("d")
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    at.press("Enter")
    expect(page.get_by_role("status").get_by_text("Discarded.")).to_be_visible()
    own = {row["draft"]["text"]: row for row in keyed.get("/api/projects/{p}/critiques")["items"]}
    assert (own["I cannot judge this."]["state"], own["I cannot judge this."]["reason"]) == ("skipped", "Not my field")
    assert own["Half a thought."]["postponed_at"] is not None
    assert own["A mistake of mine."]["state"] == "discarded"

    # What was postponed comes back last.
    while keyed.get("/api/projects/{p}/progress")["to_annotate"] > 3:
        expect(at.critique).to_have_value("")
        at.type("Shorter.")
        before = keyed.get("/api/projects/{p}/progress")["mine_submitted"]
        at.press("Control+Enter")
        keyed.wait("/api/projects/{p}/progress", lambda found, n=before: found["mine_submitted"] > n)
    expect(at.critique).to_have_value("Half a thought.")


def test_the_same_day_with_the_network_cut_in_the_middle_loses_nothing(page: Page, cut_off: Rest) -> None:
    at = Keyboard(page)
    at.log_in(cut_off.project)
    at.type("Too long.")
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.context.set_offline(True)
    at.type(" One short sentence.")
    at.mark_a_span("In the tunnel.")
    at.rate_tag_and_answer()
    expect(page.get_by_text("kept in this browser")).to_be_visible()
    at.press("Alt+R")
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    at.press("Control+Enter")
    expect(page.get_by_text("this was not done")).to_be_visible()
    assert cut_off.get("/api/projects/{p}/critiques?state=submitted")["items"] == []
    page.context.set_offline(False)
    expect(page.get_by_text(SAVED)).to_be_visible()
    at.redraft_and_judge()
    at.tab_to(page.locator(".desk-bottom").get_by_role("button", name="Try again"))
    at.press("Enter")
    at.submitted()
    [done] = cut_off.get("/api/projects/{p}/critiques?state=submitted")["items"]
    assert done["revision"]["text"] == "Too long. One short sentence."
    assert (done["revision"]["rating"], done["revision"]["tags"]) == (0.25, ["too long"])
    assert [span["note"] for span in done["revision"]["spans"]] == ["In the tunnel."]


def test_after_a_rating_with_the_mouse_the_digits_judge_the_redraft(page: Page, cut_off: Rest) -> None:
    at = Keyboard(page)
    at.log_in(cut_off.project)
    at.type("Shorter.")
    page.keyboard.press("Alt+R")
    worse = page.get_by_role("button", name="worse")
    expect(worse).to_be_visible(timeout=LONG)
    fourth = at.group("Rating of the answer").get_by_role("radio", name="4 of 5")
    fourth.click(force=True)
    at.press("3")
    expect(worse).to_have_attribute("aria-pressed", "true")
    expect(fourth).to_be_checked()


def test_an_edit_that_was_dropped_is_there_again_when_the_editing_goes_on(page: Page, cut_off: Rest) -> None:
    at = Keyboard(page)
    at.log_in(cut_off.project)
    at.edit_in_place("Rain falls.")
    at.press("Alt+E")
    edit = page.get_by_role("textbox", name="The answer as it should be")
    expect(edit).to_have_count(0)
    at.press("Alt+E")
    expect(edit).to_have_value("Rain falls.")


def test_the_last_submit_is_taken_back_with_a_key_and_counts_once_when_submitted_again(
    page: Page, cut_off: Rest
) -> None:
    at = Keyboard(page)
    at.log_in(cut_off.project)
    before = cut_off.get("/api/projects/{p}/progress")["mine_submitted"]
    at.press("Control+A")
    at.type("Submitted too early.")
    at.press("Control+Enter")
    at.submitted()
    at.press("Alt+Z")
    expect(at.critique).to_have_value("Submitted too early.")
    assert cut_off.get("/api/projects/{p}/progress")["mine_submitted"] == before
    at.type(" Now it is ready.")
    at.press("Control+Enter")
    at.submitted()
    page.get_by_role("button", name="Undo").click()
    expect(at.critique).to_have_value(re.compile("Now it is ready"))
    at.press("Control+Enter")
    at.submitted()
    assert cut_off.get("/api/projects/{p}/progress")["mine_submitted"] == before + 1
