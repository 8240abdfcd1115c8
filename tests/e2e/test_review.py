"""A reviewer returns a critique, its author mends it; several critiques of one answer are settled side by side."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Page, expect

from backend import anchors
from tests.e2e.rest import Json, Rest
from tests.e2e.test_journey import log_in as log_in_as_owner
from tests.installation import RunningInstallation

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "an annotator's long password"
LOOKS = {"light": (1280, 860), "dark": (1280, 860), "phone": (390, 844)}


class Annotator:
    """A member of a project who works over HTTP."""

    def __init__(self, rest: Rest, name: str) -> None:
        self.rest, self.email = rest, f"{name.lower()}-{rest.project}@example.org"
        url = rest.installation.url
        invitation = rest.send("POST", "/api/projects/{p}/invitations", {"email": self.email, "role": "annotator"})
        self.http = httpx2.Client(base_url=url, headers={"Origin": url}, timeout=60)
        self.http.post(
            "/api/invitations/accept", json={"token": invitation["token"], "name": name, "password": PASSWORD}
        )
        login = self.http.post("/api/login", json={"email": self.email, "password": PASSWORD}).json()
        self.http.headers["X-CSRF"] = login["csrf_token"]

    def critique(self, text: str, rating: float, *quarters: int) -> Json:
        """Critique the next answer; ``quarters`` of its text are marked."""
        taken = self.http.post(f"/api/projects/{self.rest.project}/assignments/next").json()
        answer = taken["rollout"]["text"]
        spans = [{"anchor": marked(answer, place), "note": "Why?", "severity": "major"} for place in quarters]
        draft = {"text": text, "rating": rating, "tags": ["too long"], "edit": None, "spans": spans}
        done = self.http.post(
            f"/api/critiques/{taken['critique']['id']}/submit",
            json={"draft": draft, "version": taken["critique"]["draft_version"]},
            headers={"Idempotency-Key": str(uuid4())},
        )
        assert done.is_success, done.text
        found: Json = done.json()
        return found


def marked(answer: str, quarter: int) -> dict[str, Any]:
    start, end = (len(answer) * place // 4 for place in (quarter, quarter + 1))
    return asdict(anchors.anchor(answer, start, max(end, start + 1)))


def project_for_two(installation: RunningInstallation, name: str) -> tuple[Rest, Annotator, Annotator]:
    made = Rest(installation, name)
    made.send("PATCH", "/api/projects/{p}", {"overlap": 2})
    made.import_prompts(3)
    made.sample()
    return made, Annotator(made, "Ann"), Annotator(made, "Ben")


@pytest.fixture(scope="module")
def reviewed(installation: RunningInstallation) -> Iterator[tuple[Rest, Annotator, Annotator]]:
    made, ann, ben = project_for_two(installation, "reviewed")
    yield made, ann, ben
    close_all(made, ann, ben)


@pytest.fixture(scope="module")
def disputed(installation: RunningInstallation) -> Iterator[Rest]:
    made, ann, ben = project_for_two(installation, "disputed")
    for number in range(3):
        ann.critique("Far too long. One short sentence, please.", 0.25 * number, 0, 2)
        ben.critique("Too long, and the second word is beside the point.", 0.25, 1, 2)
    job = made.send("POST", "/api/projects/{p}/verifications", {"verifier": "concise", "split": "train"})
    assert made.wait(f"/api/jobs/{job['id']}")["state"] == "succeeded"
    yield made
    close_all(made, ann, ben)


def close_all(made: Rest, *people: Annotator) -> None:
    made.close()
    for person in people:
        person.http.close()


def become(page: Page, email: str) -> None:
    page.context.clear_cookies()
    page.goto("/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log in")).to_have_count(0)


def test_a_returned_critique_comes_back_mended_and_is_accepted(
    page: Page, reviewed: tuple[Rest, Annotator, Annotator]
) -> None:
    rest, ann, _ = reviewed
    critique = ann.critique("Too long.", 0.25)
    log_in_as_owner(page)
    page.goto(f"/{rest.project}/review/{critique['id']}")
    said = page.get_by_role("region", name="Critique", exact=True)
    expect(said.get_by_text("Too long.")).to_be_visible()
    expect(said.get_by_role("button", name="Return")).to_be_visible()
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Return this critique")
    dialog.get_by_label("What should its author mend?").fill("Say which part is too long.")
    dialog.get_by_role("button", name="Return").click()
    expect(said.get_by_text("returned", exact=True)).to_be_visible()

    become(page, ann.email)
    page.goto(f"/{rest.project}/annotate")
    note = page.get_by_role("region", name="Returned to you")
    expect(note.get_by_text("Say which part is too long.")).to_be_visible()
    page.get_by_role("button", name="My history").click()
    history = page.get_by_role("dialog", name="My history")
    expect(history.get_by_role("listitem").first).to_contain_text("Returned to you")
    history.get_by_role("button", name="Close").click()
    page.get_by_role("textbox", name="Your critique").fill("Too long: drop the second half.")
    page.keyboard.press("Control+Enter")
    expect(note).to_have_count(0)

    page.context.clear_cookies()
    log_in_as_owner(page)
    page.goto(f"/{rest.project}/review/{critique['id']}")
    expect(said.get_by_text("Too long: drop the second half.")).to_be_visible()
    expect(said.get_by_role("button", name="Accept")).to_be_visible()
    page.keyboard.press("a")
    expect(said.get_by_text("accepted", exact=True)).to_be_visible()
    happened = page.get_by_role("region", name="History").get_by_role("listitem")
    expect(happened.last).to_contain_text("accepted it")
    expect(happened.filter(has=page.locator("ins")).first).to_contain_text("drop the second half")


def test_critiques_of_one_answer_are_settled_side_by_side_by_keyboard(page: Page, disputed: Rest) -> None:
    log_in_as_owner(page)
    page.goto(f"/{disputed.project}/review")
    page.get_by_role("link", name="Side by side").click()
    rows = page.get_by_role("region", name="List of answers").get_by_role("listitem")
    expect(rows).to_have_count(3)
    expect(rows.nth(2)).to_contain_text("of 5")
    page.keyboard.press("j")
    page.keyboard.press("o")
    cards = page.get_by_role("article")
    expect(cards).to_have_count(3)
    expect(cards.nth(2)).to_contain_text("verifier (code)")
    expect(page.locator(".paper mark").first).to_be_visible()
    page.keyboard.press("j")
    expect(cards.nth(1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("a")
    expect(cards.nth(1).get_by_text("accepted", exact=True)).to_be_visible()
    page.keyboard.press("k")
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Correct this critique")
    dialog.get_by_label("The critique as it should be").fill("Too long: one sentence is enough.")
    dialog.get_by_role("button", name="Save correction").click()
    expect(cards.nth(0).get_by_text("corrected", exact=True)).to_be_visible()
    expect(cards.nth(0)).to_contain_text("one sentence is enough")
    page.get_by_role("link", name="All answers").click()
    expect(rows).to_have_count(2)
    rollout = rows.first.get_by_role("link").get_attribute("href") or ""
    said = disputed.get(f"/api/rollouts/{rollout.rsplit('/', 1)[1]}/critiques")["critiques"]
    assert [one["review"] for one in said] == ["unreviewed"] * 3
    page.get_by_role("button", name="All", exact=True).click()
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("settled")
    page.reload()
    expect(page.get_by_role("button", name="All", exact=True)).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_of_the_review_fit_both_themes_and_a_phone(
    page: Page, disputed: Rest, look: str, tmp_path: Path
) -> None:
    width, height = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    log_in_as_owner(page)
    contested = disputed.get("/api/projects/{p}/adjudications?is_open=false")["items"]
    newest = disputed.get("/api/projects/{p}/critiques?author_kind=annotator")["items"][-1]["id"]
    shown = {
        "list": "review",
        "answers": "review/answers",
        "side-by-side": f"review/answers/{contested[0]['rollout_id']}",
        "agreement": "review/agreement",
        "critique": f"review/{newest}",
    }
    for name, path in shown.items():
        page.goto(f"/{disputed.project}/{path}")
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        expect(page.locator(".card").first).to_be_visible()
        expect(page.locator(".skeleton:visible")).to_have_count(0, timeout=60_000)
        folder = Path(os.environ.get("REDRAFT_SCREENSHOTS", tmp_path))
        page.screenshot(path=folder / f"review-{name}-{look}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run()")["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
