"""Searching what was collected, saved views, and changing many things at once with a way back."""

import pytest
from sqlalchemy.orm import Session

from backend import anchors
from backend.database import transaction
from backend.domain import bulk_changes, critiques, reviews, search, verifications, views
from backend.domain.bulk import VerifyRequest
from backend.domain.critiques import Draft
from backend.domain.filters import Filter
from backend.domain.spans import Span
from backend.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from backend.models import (
    AuthorKind,
    ChangeKind,
    Critique,
    CritiqueState,
    Job,
    JournalEntry,
    Listed,
    Project,
    Prompt,
    Role,
    Rollout,
    RolloutSearch,
    Severity,
    Split,
    User,
    WorkState,
)  # fmt: skip
from backend.verifiers import Verdict
from tests import factories
from tests.backend.api import Api, Caller

DATA = "/api/projects/demo/data"
QUESTIONS = ("What is rain?", "What is snow?", "What is fog?")


class Collected:
    """Three answered prompts; two people say different things of the first, a verifier something of the second."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.owner = factories.user(session)
        self.project = factories.project(session, self.owner, overlap=2)
        self.access = factories.access(self.project, self.owner)
        self.people = [factories.member(session, self.project, f"{name}@example.org") for name in ("ann", "ben")]
        self.rain, self.snow, self.fog = (
            factories.attempt(session, self.project, text, f"{text[8:-1].title()} is weather.") for text in QUESTIONS
        )
        self.by_ann = self.says(self.rain, self.people[0], text="Too long.", rating=0.0, tags=["too long"], marked=True)
        self.by_ben = self.says(self.rain, self.people[1], text="Quite brief.", rating=0.75, tags=[])
        critiques.add_by_code(session, rollout=self.snow, kind=AuthorKind.verifier, name="v", text="Wrong.", rating=1.0)

    def says(
        self, rollout: Rollout, person: User, *, text: str, rating: float, tags: list[str], marked: bool = False
    ) -> Critique:
        spans = [Span(anchor=anchors.anchor(rollout.text, 0, 4), note="", severity=Severity.major)] if marked else []
        draft = Draft(text=text, rating=rating, tags=tags, spans=spans)
        critique = Critique(
            project_id=self.project.id, rollout_id=rollout.id, author_kind=AuthorKind.annotator, author_id=person.id,
            author_name=person.name, draft=draft.model_dump(),
        )  # fmt: skip
        self.session.add(critique)
        self.session.flush()
        critiques.submit(self.session, project=self.project, critique=critique, key=f"key {critique.id:08}")
        return critique

    def prompt(self, rollout: Rollout) -> Prompt:
        return self.session.get_one(Prompt, rollout.prompt_id)

    def rollouts(self, **wanted: object) -> list[int]:
        found = search.rollouts(
            self.session, project_id=self.project.id, wanted=Filter.model_validate(wanted), before=None, limit=50
        )
        return [row.rollout.id for row in found]

    def critiques(self, **wanted: object) -> list[int]:
        found = search.critiques(
            self.session, project_id=self.project.id, wanted=Filter.model_validate(wanted), before=None, limit=50
        )
        return [row.critique.id for row in found]

    def prompts(self, **wanted: object) -> list[int]:
        found = search.prompts(
            self.session, project_id=self.project.id, wanted=Filter.model_validate(wanted), before=None, limit=50
        )
        return [row.prompt.id for row in found]

    def change(
        self, kind: ChangeKind, *things: Prompt | Critique | Rollout, value: str | None = None
    ) -> bulk_changes.Outcome:
        ids = [thing.id for thing in things]
        return bulk_changes.apply(self.session, self.access, kind=kind, ids=ids, value=value)


@pytest.fixture
def it(session: Session) -> Collected:
    return Collected(session)


def test_words_are_found_in_prompt_answer_and_critiques_together(it: Collected) -> None:
    assert it.rollouts(words="snow") == [it.snow.id]
    assert it.rollouts(words="rain weather brief") == [it.rain.id]
    assert it.rollouts(words='"too long"') == [it.rain.id]
    assert it.rollouts(words="fog or snow") == [it.fog.id, it.snow.id]
    assert it.rollouts(words="weather -long") == [it.fog.id, it.snow.id]
    assert it.rollouts(words="nowhere") == []
    assert it.prompts(words="fog") == [it.fog.prompt_id]
    assert len(it.critiques(words="rain")) == 2


def test_what_is_searched_follows_what_is_written(it: Collected) -> None:
    it.fog.text = "Fog is a cloud."
    it.says(it.fog, it.people[0], text="Add an umbrella.", rating=0.5, tags=[])
    assert it.rollouts(words="cloud umbrella") == [it.fog.id]
    it.session.delete(it.by_ann)
    it.session.flush()
    assert it.rollouts(words="long") == []


def test_people_disagree_by_the_spread_of_their_submitted_ratings(it: Collected) -> None:
    assert it.rollouts(spread_from=0.75) == [it.rain.id]
    assert it.rollouts(spread_from=0.8) == []
    critiques.put_aside(it.session, project=it.project, critique=it.by_ben, state=CritiqueState.discarded, reason="")
    assert it.session.query(RolloutSearch).filter_by(rollout_id=it.rain.id).one().spread is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"rating_from": 0.5, "author_kind": "annotator"}, {"ben"}),
        ({"rating_to": 0.5}, {"ann"}),
        ({"author_kind": "verifier"}, {"v"}),
        ({"tag": "too long"}, {"ann"}),
        ({"tag": "too long", "rating_from": 0.5}, set()),
        ({"has_span": True}, {"ann"}),
        ({"has_span": False}, {"ben", "v"}),
        ({"severity": "major"}, {"ann"}),
        ({"severity": "critical"}, set()),
        ({"state": "submitted"}, {"ann", "ben", "v"}),
        ({"split": "eval"}, set()),
        ({"source": "attempt"}, {"ann", "ben", "v"}),
        ({"checkpoint_id": 10**9}, set()),
    ],
)
def test_all_conditions_on_critiques_hold_of_one_and_the_same(
    it: Collected, wanted: dict[str, object], found: set[str]
) -> None:
    ids = it.critiques(**wanted)
    rows = it.session.query(Critique).filter(Critique.id.in_(ids)).all()
    assert {row.author_name for row in rows} == found
    on_critiques = wanted.keys() & {"split", "source", "checkpoint_id"} == set()
    if on_critiques:
        assert set(it.rollouts(**wanted)) == {row.rollout_id for row in rows}


def test_an_author_is_found_by_number(it: Collected) -> None:
    assert it.critiques(author_id=it.people[0].id) == [it.by_ann.id]


def test_prompts_are_found_by_metadata_tag_and_split_and_so_are_their_rollouts(it: Collected) -> None:
    it.prompt(it.snow).details = {"topic": "cold", "level": 3, "hard": True}
    it.prompt(it.snow).tags = ["checked"]
    it.prompt(it.fog).split = Split.eval
    it.session.flush()
    for key, value in (("topic", "cold"), ("level", "3"), ("hard", "true")):
        assert it.rollouts(metadata_key=key, metadata_value=value) == [it.snow.id]
        assert it.prompts(metadata_key=key, metadata_value=value) == [it.snow.prompt_id]
    assert it.rollouts(metadata_key="topic", metadata_value="warm") == []
    assert it.rollouts(prompt_tag="checked") == [it.snow.id]
    assert it.rollouts(split="eval") == [it.fog.id]


def test_many_prompts_are_found_like_few(it: Collected, monkeypatch: pytest.MonkeyPatch) -> None:
    few = it.rollouts(split="train")
    monkeypatch.setattr(search, "FEW", 0)
    assert it.rollouts(split="train") == few


def test_pages_follow_one_another_without_a_gap_or_a_double(it: Collected) -> None:
    seen: list[int] = []
    before = None
    while found := search.rollouts(it.session, project_id=it.project.id, wanted=Filter(), before=before, limit=2):
        seen += [row.rollout.id for row in found]
        before = seen[-1]
    assert seen == [it.fog.id, it.snow.id, it.rain.id]


def test_another_projects_things_are_not_found(it: Collected) -> None:
    other = factories.project(it.session, it.owner, "other")
    factories.submitted(it.session, other, factories.attempt(it.session, other), it.people[0])
    assert len(it.rollouts()) == 3
    assert len(it.critiques()) == 3
    assert len(it.prompts()) == 3


def test_a_change_of_many_prompts_is_one_entry_and_can_be_undone_once(it: Collected) -> None:
    rain, snow, fog = (it.prompt(rollout) for rollout in (it.rain, it.snow, it.fog))
    fog.tags = ["old", "weather"]
    outcome = it.change(ChangeKind.tag, rain, snow, fog, value="  weather ")
    assert [prompt.tags for prompt in (rain, snow, fog)] == [["weather"], ["weather"], ["old", "weather"]]
    assert (outcome.changed, outcome.left) == (2, 1)
    snow.tags = ["weather", "cold"]
    undone = bulk_changes.undo(it.session, it.access, outcome.change)
    assert [prompt.tags for prompt in (rain, snow, fog)] == [[], ["weather", "cold"], ["old", "weather"]]
    assert (undone.changed, undone.left) == (1, 1)
    with pytest.raises(ConflictError):
        bulk_changes.undo(it.session, it.access, outcome.change)
    actions = [entry.action for entry in it.session.query(JournalEntry).order_by(JournalEntry.id)]
    assert [action for action in actions if action.startswith("bulk.")] == ["bulk.tag", "bulk.undone"]


def test_prompts_move_to_another_split_and_back(it: Collected) -> None:
    rain = it.prompt(it.rain)
    outcome = it.change(ChangeKind.move, rain, value="eval")
    assert rain.split == Split.eval
    bulk_changes.undo(it.session, it.access, outcome.change)
    assert rain.split == Split.train
    it.change(ChangeKind.tag, rain, value="one")
    it.change(ChangeKind.untag, rain, value="one")
    assert rain.tags == []


def test_critiques_are_discarded_and_come_back_only_where_their_place_is_free(it: Collected) -> None:
    outcome = it.change(ChangeKind.discard, it.by_ann, it.by_ben)
    assert {it.by_ann.state, it.by_ben.state} == {CritiqueState.discarded}
    for name in ("cho", "dan"):
        person = factories.member(it.session, it.project, f"{name}@example.org")
        it.says(it.rain, person, text="Fine.", rating=1.0, tags=[])
    undone = bulk_changes.undo(it.session, it.access, outcome.change)
    assert (undone.changed, undone.left) == (0, 2)
    it.project.overlap = 3
    assert it.change(ChangeKind.restore, it.by_ann, it.by_ben).changed == 1


def test_a_draft_is_neither_discarded_nor_restored_in_bulk(it: Collected) -> None:
    draft = Critique(
        project_id=it.project.id, rollout_id=it.fog.id, author_kind=AuthorKind.annotator, author_id=it.owner.id,
        author_name="owner",
    )  # fmt: skip
    it.session.add(draft)
    it.session.flush()
    assert it.change(ChangeKind.discard, draft).changed == 0
    critiques.put_aside(it.session, project=it.project, critique=draft, state=CritiqueState.discarded, reason="")
    assert it.change(ChangeKind.restore, draft).changed == 0


def test_what_its_author_withdrew_is_brought_back_by_nobody_else(it: Collected) -> None:
    outcome = it.change(ChangeKind.discard, it.by_ann)
    discard = {"project": it.project, "state": CritiqueState.discarded, "reason": "I was wrong."}
    for critique in (it.by_ann, it.by_ben):
        critiques.put_aside(it.session, critique=critique, **discard)
    assert bulk_changes.undo(it.session, it.access, outcome.change).changed == 0
    assert it.change(ChangeKind.restore, it.by_ann, it.by_ben).changed == 0
    assert {it.by_ann.state, it.by_ben.state} == {CritiqueState.discarded}


def test_what_is_wrong_or_foreign_is_not_changed(it: Collected) -> None:
    rain = it.prompt(it.rain)
    for kind, value in ((ChangeKind.move, "all"), (ChangeKind.tag, " "), (ChangeKind.tag, "x" * 51)):
        with pytest.raises(InvalidError):
            it.change(kind, rain, value=value)
    other = factories.project(it.session, it.owner, "other")
    with pytest.raises(NotFoundError):
        it.change(ChangeKind.tag, rain, factories.prompt(it.session, other), value="mine")
    assert rain.tags == []


def test_a_view_is_its_owners_until_it_is_shared(it: Collected) -> None:
    rita, ben = (
        factories.access(it.project, factories.member(it.session, it.project, f"{name}@x.org", role), role)
        for name, role in (("rita", Role.reviewer), ("boss", Role.reviewer))
    )

    def save(*, shared: bool, words: str = "rain") -> None:
        wanted = Filter(words=words)
        views.save(it.session, rita, name="Wet", listed=Listed.critiques, wanted=wanted, is_shared=shared)

    save(shared=False)
    (mine,) = views.visible(it.session, rita)
    assert views.visible(it.session, ben) == []
    with pytest.raises(NotFoundError):
        views.delete(it.session, ben, mine[0])
    save(shared=True, words="snow")
    ((seen, owner),) = views.visible(it.session, ben)
    assert (seen.filter, owner) == ({"words": "snow"}, "rita")
    with pytest.raises(ForbiddenError):
        views.delete(it.session, ben, seen)
    views.delete(it.session, it.access, seen)
    assert views.visible(it.session, rita) == []


def test_a_person_has_a_bounded_number_of_views(it: Collected, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_VIEWS", 1)
    for _ in range(2):
        views.save(it.session, it.access, name="A", listed=Listed.prompts, wanted=Filter(), is_shared=False)
    with pytest.raises(ConflictError):
        views.save(it.session, it.access, name="B", listed=Listed.prompts, wanted=Filter(), is_shared=False)


def collected(api: Api) -> Caller:
    """A reviewer of a project with one critique."""
    with transaction(api.sessions) as session:
        project = session.query(Project).filter_by(slug="demo").one()
        rollout = factories.attempt(session, project)
        factories.submitted(session, project, rollout, session.query(User).first())  # type: ignore[arg-type]
    return api.member("rita", Role.reviewer)


def test_the_lists_views_and_changes_work_over_the_api(api: Api) -> None:
    rita = collected(api)
    (rollout,) = rita.get(f"{DATA}/rollouts?words=rain&limit=1").json()["items"]
    assert rita.get(f"{DATA}/rollouts?limit=1").json()["next"] == rollout["id"]
    (critique,) = rita.get(f"{DATA}/critiques?rating_to=0").json()["items"]
    assert (critique["text"], critique["author"]["kind"]) == ("Too long.", "annotator")
    assert rita.get(f"{DATA}/critiques?before={critique['id']}").json() == {"items": [], "next": None}
    view = {"name": "Low", "listed": "critiques", "filter": {"rating_to": 0.25}, "is_shared": True}
    assert rita.put("/api/projects/demo/views", view).status_code == 204
    (saved,) = rita.get("/api/projects/demo/views").json()
    assert (saved["filter"], saved["is_mine"]) == ({"rating_to": 0.25}, True)
    body = {"kind": "tag", "ids": [rollout["prompt_id"]], "value": "seen"}
    change = rita.post("/api/projects/demo/changes", body).json()
    assert rita.get(f"{DATA}/prompts?prompt_tag=seen").json()["items"][0]["tags"] == ["seen"]
    assert rita.post(f"/api/changes/{change['id']}/undo").json()["changed"] == 1
    assert rita.call("DELETE", f"/api/views/{saved['id']}").status_code == 204


def test_roles_and_projects_bound_what_one_may_find_and_change(api: Api) -> None:
    rita = collected(api)
    prompt = rita.get(f"{DATA}/prompts").json()["items"][0]["id"]
    move = {"kind": "move", "ids": [prompt], "value": "eval"}
    assert rita.post("/api/projects/demo/changes", move).status_code == 403
    change = api.owner().post("/api/projects/demo/changes", move).json()
    assert rita.post(f"/api/changes/{change['id']}/undo").status_code == 403
    ann = api.member("ann")
    for path in ("rollouts", "critiques", "prompts/count"):
        assert ann.get(f"{DATA}/{path}").status_code == 403
    with transaction(api.sessions) as session:
        factories.project(session, factories.user(session, "stranger@example.org"), "other")
    stranger = api.login("stranger@example.org")
    assert stranger.post(f"/api/changes/{change['id']}/undo").status_code == 404
    assert stranger.post("/api/projects/other/changes", {**move}).status_code == 404
    assert stranger.get(f"{DATA}/rollouts").status_code == 404


def test_unknown_fields_and_values_out_of_range_are_refused(api: Api) -> None:
    owner = api.owner()
    for query in (
        "password=1", "prompt.owner=1", "split=all", "rating_from=2", "spread_from=-1", "author_id=0", "limit=0",
        "limit=201", "before=0", "before=9223372036854775808", "metadata_key=topic", "state=lost", "has_span=perhaps",
        "severity=bad", "tag=", f"words={'x' * 201}",
    ):  # fmt: skip
        assert owner.get(f"{DATA}/rollouts?{query}").status_code == 422, query
    assert owner.get(f"{DATA}/rollouts?words=%00").status_code == 400
    view = {"name": "x", "listed": "rollouts", "filter": {}}
    for wrong in ({"name": " "}, {"listed": "users"}, {"filter": {"password": "x"}}, {"owner_id": 1}):
        assert owner.put("/api/projects/demo/views", {**view, **wrong}).status_code == 422, wrong
    change = {"kind": "tag", "ids": [1], "value": "x"}
    for wrong in ({"kind": "drop"}, {"ids": []}, {"ids": [0]}, {"ids": [1] * 2001}, {"value": "x" * 101}):
        assert owner.post("/api/projects/demo/changes", {**change, **wrong}).status_code == 422, wrong


def doing(it: Collected, outcome: bulk_changes.Outcome) -> Job:
    """Does the job of a change, as the worker does."""
    assert outcome.job is not None
    while bulk_changes.go_on(it.session, outcome.job):
        pass
    return outcome.job


def test_more_than_one_request_can_change_is_changed_and_taken_back_by_a_job(
    it: Collected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 2)
    monkeypatch.setattr(bulk_changes, "BATCH", 2)
    rain, snow, fog = (it.prompt(rollout) for rollout in (it.rain, it.snow, it.fog))
    fog.tags = ["seen"]
    outcome = it.change(ChangeKind.tag, rain, snow, fog, value="seen")
    assert (outcome.changed, snow.tags) == (0, [])
    job = doing(it, outcome)
    assert [prompt.tags for prompt in (rain, snow, fog)] == [["seen"]] * 3
    assert (job.done, job.total, job.result) == (3, 3, {"changed": 2, "left": 1})
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 1)
    rain.tags = ["seen", "wet"]
    undone = bulk_changes.undo(it.session, it.access, outcome.change)
    assert doing(it, undone).result == {"changed": 1, "left": 1}
    assert [prompt.tags for prompt in (rain, snow, fog)] == [["seen", "wet"], [], ["seen"]]
    actions = [entry.action for entry in it.session.query(JournalEntry).order_by(JournalEntry.id)]
    assert [action for action in actions if action.startswith(("bulk.", "job."))] == ["bulk.tag", "bulk.undone"]


def test_undoing_half_a_change_cancels_its_job_and_takes_back_the_half(
    it: Collected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 2)
    monkeypatch.setattr(bulk_changes, "BATCH", 2)
    prompts = [it.prompt(rollout) for rollout in (it.rain, it.snow, it.fog)]
    outcome = it.change(ChangeKind.move, *prompts, value="probe")
    assert outcome.job is not None
    assert bulk_changes.go_on(it.session, outcome.job)
    assert bulk_changes.undo(it.session, it.access, outcome.change).changed == 2
    assert outcome.job.state == WorkState.cancelled
    assert {prompt.split for prompt in prompts} == {Split.train}


def test_everything_that_a_filter_finds_is_changed_and_too_much_is_refused(it: Collected) -> None:
    def found(listed: Listed, subject: Listed, most: int = 10, **wanted: object) -> list[int]:
        return search.subjects(
            it.session, project_id=it.project.id, listed=listed, wanted=Filter.model_validate(wanted), subject=subject,
            most=most,
        )  # fmt: skip

    assert sorted(found(Listed.critiques, Listed.critiques, words="rain")) == sorted([it.by_ann.id, it.by_ben.id])
    assert found(Listed.critiques, Listed.prompts, words="rain") == [it.rain.prompt_id]
    assert sorted(found(Listed.rollouts, Listed.prompts, words="fog or snow")) == sorted(
        [it.fog.prompt_id, it.snow.prompt_id]
    )
    assert found(Listed.rollouts, Listed.rollouts, rating_to=0.5) == [it.rain.id]
    with pytest.raises(InvalidError, match="narrow"):
        found(Listed.prompts, Listed.prompts, most=2)
    with pytest.raises(InvalidError, match="holds no"):
        found(Listed.prompts, Listed.critiques)
    counted = [
        search.count(it.session, project_id=it.project.id, listed=Listed.prompts, wanted=Filter(), most=most)
        for most in (2, 9)
    ]
    assert counted == [3, 3]


def test_a_review_state_is_found(it: Collected) -> None:
    reviews.accept(
        it.session, critique=it.by_ann, user_id=it.owner.id, revision_id=it.by_ann.current_revision_id or 0
    )  # fmt: skip
    assert it.critiques(review="accepted") == [it.by_ann.id]
    assert it.by_ann.id not in it.critiques(review="unreviewed")


def test_selected_answers_are_queued_for_a_verifier_and_what_it_wrote_is_discarded_by_undo(it: Collected) -> None:
    outcome = it.change(ChangeKind.verify, it.rain, it.fog, value="concise")
    assert outcome.job is not None
    request = VerifyRequest.model_validate(outcome.job.request)
    asked = verifications.unverified(it.session, project_id=it.project.id, request=request)
    assert [rollout.id for rollout, _ in asked] == [it.rain.id, it.fog.id]
    for rollout in (it.rain, it.fog):
        verdict = Verdict(rating=1.0, critique="Right.")
        verifications.write(it.session, rollout=rollout, verifier="concise", verdict=verdict, job_id=outcome.job.id)
    first, second = (
        it.session.get_one(Critique, number) for number in it.critiques(words="right", author_kind="verifier")
    )
    reviews.accept(it.session, critique=first, user_id=it.owner.id, revision_id=first.current_revision_id or 0)
    undone = bulk_changes.undo(it.session, it.access, outcome.change)
    it.session.expire_all()
    assert (undone.changed, undone.left) == (1, 1)
    assert (first.state, second.state) == (CritiqueState.submitted, CritiqueState.discarded)
    assert outcome.job.state == WorkState.cancelled
    actions = [entry.action for entry in it.session.query(JournalEntry).order_by(JournalEntry.id)]
    assert [action for action in actions if action.startswith(("bulk.", "job."))] == ["bulk.verify", "bulk.undone"]


def test_what_was_discarded_is_verified_again_only_where_it_is_chosen(it: Collected) -> None:
    outcome = it.change(ChangeKind.verify, it.fog, value="concise")
    assert outcome.job is not None
    job = outcome.job
    verdict = Verdict(rating=1.0, critique="Right.")
    verifications.write(it.session, rollout=it.fog, verifier="concise", verdict=verdict, job_id=job.id)
    bulk_changes.undo(it.session, it.access, outcome.change)
    again = it.change(ChangeKind.verify, it.fog, value="concise")
    chosen = VerifyRequest(verifier="concise", split=None, change_id=again.change.id)
    assert len(verifications.unverified(it.session, project_id=it.project.id, request=chosen)) == 1
    every = VerifyRequest(verifier="concise")
    ids = [row.id for row, _ in verifications.unverified(it.session, project_id=it.project.id, request=every)]
    assert it.fog.id not in ids
    verdict = Verdict(rating=0.0, critique="Wrong now.")
    verifications.write(it.session, rollout=it.fog, verifier="concise", verdict=verdict, job_id=job.id)
    it.session.expire_all()
    (number,) = it.critiques(words='"wrong now"')
    assert it.session.get_one(Critique, number).state == CritiqueState.submitted


def test_a_filter_is_counted_and_changed_over_the_api(api: Api) -> None:
    rita = collected(api)
    assert rita.get(f"{DATA}/rollouts/count?words=rain").json() == {"count": 1, "is_more": False}
    body = {"kind": "tag", "listed": "rollouts", "filter": {"words": "rain"}, "value": "wet"}
    change = rita.post("/api/projects/demo/changes", body).json()
    assert (change["changed"], change["job_id"]) == (1, None)
    (prompt,) = rita.get(f"{DATA}/prompts?prompt_tag=wet").json()["items"]
    assert (prompt["attempts"], prompt["critiques"]) == (1, 1)
    whole = rita.get(f"/api/prompts/{prompt['id']}").json()
    assert whole["messages"] == [{"role": "user", "content": "What is rain?"}]
    verify = {"kind": "verify", "listed": "rollouts", "filter": {}, "value": "concise"}
    assert rita.post("/api/projects/demo/changes", verify).status_code == 403
    owner = api.owner()
    queued = owner.post("/api/projects/demo/changes", verify).json()
    job = owner.get(f"/api/jobs/{queued['job_id']}").json()
    assert (job["kind"], job["state"], job["total"]) == ("verify", "queued", 1)
    assert owner.post(f"/api/changes/{queued['id']}/undo").json()["undone"]
    assert owner.get(f"/api/jobs/{queued['job_id']}").json()["state"] == "cancelled"
    assert owner.post("/api/projects/demo/changes", {**verify, "value": "nobody"}).status_code == 400
    viewer = api.member("vera", Role.viewer)
    assert viewer.get(f"{DATA}/prompts").status_code == 200
    assert viewer.get(f"{DATA}/prompts/count").status_code == 403


def test_a_change_names_ids_or_a_filter_and_not_both(api: Api) -> None:
    owner = api.owner()
    tag = {"kind": "tag", "value": "x"}
    for wrong in (
        {}, {"ids": [1], "listed": "prompts", "filter": {}}, {"filter": {}}, {"listed": "prompts"},
        {"ids": [1], "listed": "prompts"}, {"listed": "users", "filter": {}},
        {"listed": "prompts", "filter": {"password": "x"}},
    ):  # fmt: skip
        assert owner.post("/api/projects/demo/changes", {**tag, **wrong}).status_code == 422, wrong
    assert owner.get(f"{DATA}/users/count").status_code == 422
    assert owner.get("/api/prompts/999999").status_code == 404
