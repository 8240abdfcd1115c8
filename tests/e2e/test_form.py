"""An admin edits the critique form, annotators work under it, and an old critique stays under its own."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.rest import Rest
from tests.e2e.test_journey import log_in
from tests.e2e.test_spans import accept
from tests.installation import RunningInstallation

LOOKS = {"light": (1280, 860), "dark": (1280, 860), "phone": (390, 844)}
ASKED = [
    {"kind": "choice", "key": "cause", "label": "What is the cause?", "options": ["Ignorance", "Carelessness"]},
    {"kind": "scale", "key": "sure", "label": "How sure are you?", "points": 3, "labels": ["guess", "likely", "sure"],
     "help": "Be honest."},
    {"kind": "choices", "key": "seen", "label": "What did you check?", "options": ["Facts", "Tone", "Length"],
     "shown_when": {"question": "sure", "values": [3]}, "required": True},
    {"kind": "yes_no", "key": "again", "label": "Would you read it again?"},
]  # fmt: skip


def criticise(rest: Rest, text: str, **draft: object) -> int:
    critique = rest.send("POST", "/api/projects/{p}/assignments/next", {})["critique"]
    body = {"draft": {"text": text, **draft}, "version": critique["draft_version"]}
    rest.send("POST", f"/api/critiques/{critique['id']}/submit", body, **{"Idempotency-Key": str(uuid4())})
    return int(critique["id"])


def put_form(rest: Rest, questions: list[dict[str, object]]) -> None:
    base = rest.get("/api/projects/{p}/form")["number"]
    form = {"questions": questions, "tags": ["wrong", "too long"]}
    rest.send("PUT", "/api/projects/{p}/form", {"form": form, "base": base})


@pytest.fixture(scope="module")
def asked(installation: RunningInstallation) -> Iterator[Rest]:
    made = Rest(installation, "form")
    made.import_prompts()
    made.sample()
    yield made
    made.close()


def test_an_admin_edits_the_form_an_annotator_answers_under_it_and_an_old_critique_keeps_its_own(
    page: Page, asked: Rest
) -> None:
    old = criticise(asked, "Too long.", rating=0.5)
    log_in(page)
    page.goto(f"/{asked.project}/project")
    page.get_by_role("link", name="Open the form").click()
    editor = page.get_by_role("form", name="Critique form")
    editor.get_by_label("Points", exact=True).fill("3")
    editor.get_by_label("Kind of the new question").select_option("One of several")
    editor.get_by_role("button", name="Add a question").click()
    page.keyboard.type("How bad is it?")
    editor.get_by_label("Options, one a line").fill("small\nlarge")
    editor.get_by_label("Kind of the new question").select_option("Words")
    editor.get_by_role("button", name="Add a question").click()
    page.keyboard.type("Why so bad?")
    why = editor.get_by_role("listitem").nth(1)
    why.get_by_label("Shown").select_option(label="only where “How bad is it?” is answered with")
    why.get_by_label("large").check()
    why.get_by_label("small").uncheck()
    why.get_by_label("An answer is required").check()
    expect(page.get_by_text("New: choice_1, text_1")).to_be_visible()
    editor.get_by_role("button", name="Move up: Why so bad?").press("ArrowUp")
    expect(page.get_by_role("alert")).to_contain_text("no earlier question")
    expect(editor.get_by_role("button", name="Move down: Why so bad?")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("alert")).to_have_count(0)
    preview = page.get_by_role("region", name="Preview")
    preview.get_by_label("large").check()
    expect(preview.get_by_label("Why so bad? (required)")).to_be_visible()
    editor.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Saved as version 2")).to_be_visible()

    page.goto(f"/{asked.project}/annotate")
    box = page.get_by_role("textbox", name="Your critique")
    box.fill("Names no cause.")
    group = page.get_by_role("group", name="How bad is it?")
    group.get_by_label("small").focus()
    page.keyboard.press("2")
    expect(group.get_by_label("large")).to_be_checked()
    box.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="this needs an answer").first).to_be_visible()
    page.get_by_label("Why so bad? (required)").fill("It misleads.")
    box.press("Control+Enter")
    expect(box).to_have_value("")

    newest = asked.get("/api/projects/{p}/critiques")["items"][0]
    if newest["state"] != "submitted":
        newest = asked.get("/api/projects/{p}/critiques")["items"][1]
    page.goto(f"/{asked.project}/review/{newest['id']}")
    expect(page.get_by_text("It misleads.")).to_be_visible()
    page.goto(f"/{asked.project}/review/{old}")
    said = page.get_by_role("region", name="Critique")
    expect(said.get_by_text("3 of 5")).to_be_visible()
    expect(said.get_by_text("Answered under version 1 of the form")).to_be_visible()


def test_a_draft_that_meets_a_new_form_is_carried_over_and_says_so(page: Page, asked: Rest) -> None:
    put_form(asked, ASKED)
    log_in(page)
    page.goto(f"/{asked.project}/annotate")
    box = page.get_by_role("textbox", name="Your critique")
    box.fill("Half said.")
    page.get_by_label("Carelessness").check()
    expect(page.get_by_text(re.compile(r"Draft saved \d"))).to_be_visible()
    put_form(asked, ASKED[1:])
    box.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="The form has changed")).to_be_visible()
    expect(page.get_by_role("region", name="Answers to questions that are no longer asked")).to_contain_text("Careless")
    page.get_by_role("radio", name="2 of 3: likely").check(force=True)
    box.press("Control+Enter")
    expect(box).to_have_value("")
    found = asked.get("/api/projects/{p}/critiques?state=submitted")["items"][0]
    assert found["revision"]["answers"] == {"cause": "Carelessness", "sure": 2}


@pytest.mark.parametrize("look", LOOKS)
def test_form_and_desk_fit_both_themes_and_a_phone(page: Page, asked: Rest, look: str, tmp_path: Path) -> None:
    put_form(asked, ASKED)
    width, height = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    log_in(page)
    folder = Path(os.environ.get("REDRAFT_SCREENSHOTS", tmp_path))
    page.goto(f"/{asked.project}/form")
    page.get_by_role("form").get_by_label("Tags, separated by commas").fill("wrong, too long, tone")
    expect(page.get_by_text("No draft is open").or_(page.get_by_text("will go on under the new form"))).to_be_visible()
    accept(page, folder / f"form-{look}.png")
    page.goto(f"/{asked.project}/annotate")
    page.get_by_role("radio", name="3 of 3: sure").check(force=True)
    expect(page.get_by_role("group", name="What did you check?")).to_be_visible()
    accept(page, folder / f"form-desk-{look}.png")
