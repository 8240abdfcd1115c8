"""Every page of the router opens with content in it, without an error, in both themes and on a phone.

Screenshots are kept where asked for.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend import anchors
from tests.e2e.rest import Rest
from tests.e2e.test_form import criticise, put_form
from tests.e2e.test_journey import log_in
from tests.e2e.test_review import Annotator
from tests.installation import ROOT, RunningInstallation

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
ROUTER = (ROOT / "frontend" / "src" / "router.tsx").read_text()
ROUTES = set(re.findall(r'(?:page\(|path: )"([^"]+)"', ROUTER)) - {"/$project"}
LOOKS = {"light": (1280, 860), "dark": (1280, 860), "phone": (390, 844)}
QUESTION = {"kind": "choice", "key": "cause", "label": "What is the cause?", "options": ["Haste", "Carelessness"]}


@pytest.fixture(scope="module")
def addresses(installation: RunningInstallation) -> Iterator[dict[str, str]]:
    """A project with a little of everything, and where each route of the router finds some of it."""
    made = Rest(installation, "pages")
    made.import_prompts(4)
    body = {"split": "train", "max_tokens": 8, "per_prompt": 2}
    done(made, "/api/jobs", made.send("POST", "/api/projects/{p}/rollouts/sample", body))
    put_form(made, [QUESTION])
    critiques = [
        criticise(
            made, "Names no cause, and is far too long.", rating=0.25, tags=["wrong"], answers={"cause": "Haste"}
        ),
        criticise(made, "Too long, by far.", rating=0.5, answers={"cause": "Haste"}),
    ]
    made.annotate_all(leave=1)
    verifying = {"verifier": "concise", "redraft": False}
    done(made, "/api/jobs", made.send("POST", "/api/projects/{p}/verifications", verifying))
    judge(made)
    known(made, *critiques)
    made.send("PATCH", "/api/projects/{p}", {"guidelines": "Be kind.\n\nSay what is wrong."})
    made.send("POST", "/api/projects/{p}/rules", {"text": "Be brief.", "critique_ids": critiques})
    source = {"kind": "attempts", "split": "train", "n": 3}
    compared = made.send("POST", "/api/projects/{p}/comparison-sets", {"name": "Two tries", "source": source})["id"]
    prefer(made, compared)
    made.send("POST", "/api/projects/{p}/exports", {"shape": "sft"})
    run = made.launch(steps=2)
    checkpoint = made.published(run)["id"]
    base = next(c["id"] for c in made.get("/api/projects/{p}/checkpoints")["items"] if c["kind"] == "base")
    a, b = (
        made.send("POST", "/api/projects/{p}/evaluations", {"checkpoint_id": number}) for number in (base, checkpoint)
    )
    for evaluation in (a, b):
        done(made, "/api/evaluations", evaluation)
    rollout = made.get("/api/projects/{p}/adjudications?is_open=false")["items"][0]["rollout_id"]
    found = {"set": compared, "critique": critiques[0], "rollout": rollout, "run": run, "checkpoint": checkpoint}
    numbers = {**found, "a": a["id"], "b": b["id"]}
    yield {route: address(route, made.project, numbers) for route in ROUTES}
    made.close()


def done(made: Rest, path: str, work: dict[str, object]) -> None:
    found = made.wait(f"{path}/{work['id']}")
    assert found["state"] == "succeeded", found["error"]


def judge(made: Rest) -> None:
    """Accept what the verifier said first."""
    row = made.get("/api/projects/{p}/critiques?author_kind=verifier")["items"][0]
    made.send("POST", f"/api/critiques/{row['id']}/accept", {"revision_id": row["revision"]["id"], "note": "Right."})


def known(made: Rest, gold: int, seeded: int) -> None:
    """A gold item, a seeded one, and somebody who has met them."""
    made.send("POST", "/api/projects/{p}/known-items/gold", {"critique_id": gold, "rating_low": 0, "rating_high": 0.5})
    rollout = made.get(f"/api/critiques/{seeded}")["rollout"]["id"]
    mistake = {"anchor": asdict(anchors.anchor("Rain is fire.", 8, 12)), "note": "", "severity": "major"}
    body = {"rollout_id": rollout, "text": "Rain is fire.", "mistakes": [mistake], "words": ["fire"]}
    made.send("POST", "/api/projects/{p}/known-items/seeded", body)
    made.send("PUT", "/api/projects/{p}/known-items/settings", {"practice_items": 0, "known_every": 1})
    ann = Annotator(made, "Ann")
    ann.critique("There is no fire in rain.", 0.25, 3)
    ann.http.close()


def prefer(made: Rest, compared: int) -> None:
    """Answer one pair."""
    given = made.send("POST", f"/api/comparison-sets/{compared}/next", {})["preference"]
    body = {"draft": {"choice": 2, "text": "It is shorter."}, "version": given["draft_version"]}
    made.send("POST", f"/api/preferences/{given['id']}/submit", body, **{"Idempotency-Key": "a pair of the pages"})


def address(route: str, project: str, numbers: dict[str, int]) -> str:
    """Where a route leads in the project; fails for a route that asks for what the project does not hold."""
    path = re.sub(r"\$(\w+)", lambda name: str(numbers[name[1]]), route)
    return path if path.startswith("/") else f"/{project}/{path}"


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_opens_with_its_heading_without_sideways_scrolling_and_axe_has_nothing_to_say(
    page: Page, addresses: dict[str, str], look: str, tmp_path: Path
) -> None:
    width, height = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    log_in(page)
    folder = Path(os.environ.get("REDRAFT_SCREENSHOTS", tmp_path))
    wrong: dict[str, object] = {}
    for route, path in sorted(addresses.items()):
        page.goto(path)
        expect(page.get_by_role("heading", level=1).first).to_be_attached()
        expect(page.locator(".skeleton:visible")).to_have_count(0, timeout=60_000)
        page.screenshot(path=folder / f"{route.strip('/').replace('/', '-') or 'home'}-{look}.png", full_page=True)
        if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
            wrong[route] = "scrolls sideways"
        page.evaluate(AXE.read_text())
        if found := page.evaluate("axe.run()")["violations"]:
            wrong[f"{route} (axe)"] = [(rule["id"], [node["html"] for node in rule["nodes"]][:3]) for rule in found]
    assert wrong == {}


def test_the_routes_are_read_from_the_router() -> None:
    assert len(ROUTES) > 25
    assert {"/", "/invitation", "review", "runs/$run", "evaluations/$a/$b"} <= ROUTES
