"""A model judges answers and proposes a rule, in a real browser."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.rest import Rest
from tests.e2e.test_journey import log_in
from tests.e2e.test_pages import AXE
from tests.e2e.test_rules import SAID, criticised_project
from tests.installation import RunningInstallation

LOOKS = {"light": (1280, 860), "dark": (1280, 860), "phone": (390, 844)}


@pytest.fixture(scope="module")
def judged(installation: RunningInstallation) -> Iterator[Rest]:
    made = criticised_project(installation, "judged")
    yield made
    made.close()


def test_an_admin_has_a_model_judge_and_is_told_what_could_not_be_judged(page: Page, judged: Rest) -> None:
    log_in(page)
    page.goto(f"/{judged.project}/prompts")
    page.get_by_role("button", name="Verify or judge").click()
    dialog = page.get_by_role("dialog", name="Critiques by code or by a model")
    expect(dialog.get_by_role("radio", name="concise")).to_be_checked()
    dialog.get_by_role("radio", name="A model (a judge)").check()
    judge = dialog.get_by_label("Model that judges")
    expect(judge).to_have_value("endpoint:wise")
    assert judge.locator("option").all_text_contents()[:2] == [
        "wise (another server, set by the operator)", "production (tiny)",
    ]  # fmt: skip
    dialog.get_by_role("button", name="Start judging").click()
    expect(dialog).to_be_hidden()
    jobs = page.get_by_role("region", name="Jobs")
    line = jobs.get_by_role("listitem").filter(has_text="Judge endpoint:wise (model) · train · with redrafts")
    expect(line.get_by_text("Done")).to_be_visible(timeout=60_000)
    told = f"1 of {len(SAID)} answers could not be judged: the reply does not begin with 'Critique:' (1)."
    expect(line.get_by_text(told)).to_be_visible()
    said = judged.get("/api/projects/{p}/critiques?author_kind=judge")["items"]
    assert len(said) == len(SAID) - 1
    page.goto(f"/{judged.project}/review/{said[0]['id']}")
    expect(page.get_by_text("Name the place, as a model would.").first).to_be_visible()
    expect(page.get_by_text("judge (model)").first).to_be_visible()


def test_how_far_a_judge_agrees_with_people_stands_on_the_page_agreement(page: Page, judged: Rest) -> None:
    log_in(page)
    page.goto(f"/{judged.project}/review/agreement")
    pairs = page.get_by_role("row").filter(has_text="endpoint:wise · guidelines 0").filter(has_text="owner")
    expect(pairs.first).to_contain_text(str(len(SAID) - 1))


def test_chosen_answers_can_be_judged_and_it_can_be_taken_back(page: Page, judged: Rest) -> None:
    log_in(page)
    page.goto(f"/{judged.project}/data?list=rollouts&source=attempt")
    page.locator(".data-row input").first.check()
    page.get_by_label("Verifier or judge").select_option("production")
    page.get_by_role("button", name="Queue for judging").click()
    # The model that is served here is a random one, whose words have no form.
    expect(page.get_by_text("0 answers judged by a model. 1 left as they were.")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: it was stopped, and 0 critiques that it wrote are discarded.")).to_be_visible()


def propose(page: Page, judged: Rest) -> None:
    log_in(page)
    page.goto(f"/{judged.project}/rules")
    page.get_by_role("button", name=re.compile("^Let a model propose a rule from these: .*long")).click()


def answer(route: Route, *events: str) -> None:
    body = "".join(f"{event}\n\n" for event in events)
    route.fulfill(status=200, headers={"Content-Type": "text/event-stream"}, body=body)


DONE = 'event: done\ndata: {"text": "Answer in one sentence.", "judge": "endpoint:wise"}'
DELTA = 'event: delta\ndata: {"text": "Answer in one sen"}'


def test_a_proposed_rule_lands_in_the_box_and_is_saved_only_by_a_person(page: Page, judged: Rest) -> None:
    propose(page, judged)
    form = page.get_by_role("form", name="Write a rule")
    box = form.get_by_label("Rule", exact=True)
    expect(box).to_have_value("Answer in one sentence.")
    expect(form.get_by_text("Proposed by the model endpoint:wise.")).to_be_visible()
    assert judged.get("/api/projects/{p}/rules") == []
    box.fill("Answer in one short sentence.")
    form.get_by_role("button", name="Propose again").click()
    expect(form.get_by_role("button", name="Put it into the box")).to_be_visible()
    expect(box).to_have_value("Answer in one short sentence.")
    form.get_by_role("button", name="Save rule").click()
    expect(page.get_by_text("proposed by endpoint:wise (model)")).to_be_visible()
    (rule,) = judged.get("/api/projects/{p}/rules")
    assert (rule["text"], rule["author"]) == ("Answer in one short sentence.", "Owner")
    assert rule["proposed_by"] == "endpoint:wise"
    judged.send("POST", f"/api/rules/{rule['id']}/retire", {})


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ("away", "The engine is away."),
        ("midway", "The engine stopped."),
        ("cut", "The proposal broke off before its end."),
    ],
)
def test_when_the_model_fails_it_is_said_and_what_was_written_stays(
    page: Page, judged: Rest, refusal: str, said: str
) -> None:
    failures = {
        "away": lambda route: route.fulfill(
            status=503, json={"code": "engine_unavailable", "message": "The engine is away.", "details": {}}
        ),
        "midway": lambda route: answer(
            route, DELTA, 'event: error\ndata: {"code": "engine_unavailable", "message": "The engine stopped."}'
        ),
        "cut": lambda route: answer(route, DELTA),
    }
    log_in(page)
    page.route("**/rules/proposals", failures[refusal])
    page.goto(f"/{judged.project}/rules")
    page.get_by_role("button", name="Write a rule", exact=True).click()
    box = page.get_by_role("form", name="Write a rule").get_by_label("Rule", exact=True)
    box.fill("My own words.")
    page.get_by_role("button", name=re.compile("^Let a model propose a rule from these: .*long")).click()
    expect(page.get_by_text(said)).to_be_visible()
    expect(box).to_have_value("My own words.")
    page.unroute("**/rules/proposals")
    page.route("**/rules/proposals", lambda route: answer(route, DONE))
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="Put it into the box").click()
    expect(box).to_have_value("Answer in one sentence.")


@pytest.mark.parametrize("look", LOOKS)
def test_judging_looks_right_and_axe_has_nothing_to_say(
    page: Page, judged: Rest, look: str, tmp_path: Path
) -> None:  # fmt: skip
    width, height = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    folder = Path(os.environ.get("REDRAFT_SCREENSHOTS", tmp_path))
    propose(page, judged)
    expect(page.get_by_text("Proposed by the model endpoint:wise.")).to_be_visible()
    check(page, folder / f"propose-{look}.png")
    page.goto(f"/{judged.project}/review/agreement")
    expect(page.get_by_text("endpoint:wise · guidelines 0").first).to_be_visible()
    check(page, folder / f"agreement-{look}.png")
    page.goto(f"/{judged.project}/prompts")
    expect(page.get_by_text(re.compile("could not be judged"))).to_have_count(2)
    check(page, folder / f"jobs-{look}.png")
    page.get_by_role("button", name="Verify or judge").click()
    page.get_by_role("radio", name="A model (a judge)").check()
    expect(page.get_by_label("Model that judges")).to_be_visible()
    check(page, folder / f"dialog-{look}.png")


def check(page: Page, picture: Path) -> None:
    page.screenshot(path=picture, full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.evaluate(AXE.read_text())
    assert page.evaluate("axe.run()")["violations"] == []
