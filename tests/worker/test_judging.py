"""The judging job over a real database, with a judge that says what the test has it say."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from backend.database import Sessions, transaction
from backend.domain import bulk, bulk_changes, claims, feedback, guidelines, judgements, rules
from backend.domain.bulk import JudgeRequest
from backend.domain.claims import Claim
from backend.domain.judges import Judge
from backend.engine import EngineClient
from backend.errors import ConflictError, EngineUnavailableError
from backend.models import (
    AuthorKind,
    BulkChange,
    ChangeKind,
    Comparison,
    Critique,
    CritiqueRevision,
    CritiqueState,
    Job,
    Project,
    Rollout,
    RolloutSource,
    Split,
)
from backend.recipes.parts import Feedback
from tests import factories
from tests.fakes import FakeEngine
from worker.judging import judging
from worker.judging.judging import Endpoint
from worker.parallel import CancelledError

ANSWERS = [f"Answer number {number}." for number in range(6)]
ELSEWHERE = Judge(name="endpoint:wise", model="wise", checkpoint=None)


def wise(messages: list[dict[str, str]]) -> str | None:
    """Says three of six answers badly: no form, off the scale, several ratings. Rates no redraft but the first's."""
    read = messages[-1]["content"]
    for number, reply in enumerate(("I like it.", "Critique: Long.\nRating: 9", "Critique: L.\nRating: 1\nRating: 2")):
        if f"| Answer number {number}." in read:
            return reply
    return "Critique: Name the place.\nRating: 2" if "| " in read else None


@pytest.fixture(autouse=True)
def _wise(engine: FakeEngine) -> None:
    engine.says = wise


@pytest.fixture
def project_id(committed: Sessions) -> int:
    with transaction(committed) as session:
        project = factories.project(session, factories.user(session), overlap=1)
        for number, answer in enumerate(ANSWERS):
            factories.attempt(session, project, f"What is thing {number}?", answer)
        return project.id


@pytest.fixture
def client(engine: FakeEngine) -> EngineClient:
    return EngineClient(engine.url, None)


@pytest.fixture
def elsewhere() -> Iterator[FakeEngine]:
    with FakeEngine(base="wise", key="secret") as fake:
        fake.says = wise
        yield fake


def asked(sessions: Sessions, project_id: int, judge: Judge | None = None, **settings: object) -> Claim:
    with transaction(sessions) as session:
        project = session.get_one(Project, project_id)
        access = factories.access(project, session.query(factories.User).first())
        served = Judge(name="production", model=factories.BASE, checkpoint=factories.base(session))
        request = judgements.request_for(session, access, judge=judge or served, **settings)
        job = bulk.create(session, access, request=request)
        session.info.pop("outbox")
        claimed = claims.claim(session, Job, job.id)
        assert claimed is not None
        return claimed


def kept(sessions: Sessions) -> list[tuple[Critique, CritiqueRevision, Rollout]]:
    query = (
        select(Critique, CritiqueRevision, Rollout)
        .join(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        .join(Rollout, Rollout.id == Critique.rollout_id)
        .order_by(Rollout.id)
    )
    with transaction(sessions) as session:
        return [(c, revision, rollout) for c, revision, rollout in session.execute(query)]


def result(sessions: Sessions, claimed: Claim) -> dict[str, object]:
    with transaction(sessions) as session:
        return session.get_one(Job, claimed.row_id).result


def test_a_judge_critiques_and_rates_on_the_scale_and_what_it_could_not_is_counted_with_reasons(
    committed: Sessions, project_id: int, client: EngineClient
) -> None:
    claimed = asked(committed, project_id)
    judging.judge(committed, client, None, claimed)
    found = kept(committed)
    assert [rollout.text for *_, rollout in found] == ANSWERS[3:]
    for critique, revision, _ in found:
        assert (critique.author_kind, critique.state) == (AuthorKind.judge, CritiqueState.submitted)
        assert critique.author_name.startswith(f"{factories.BASE} · guidelines 0 · ")
        assert (revision.text, revision.rating) == ("Name the place.", 0.25)
    assert result(committed, claimed) == {
        "judged": 3,
        "unjudged": {
            "the reply does not begin with 'Critique:'": 1,
            "the rating is not on the scale": 1,
            "the reply has several lines 'Rating:'": 1,
        },
        "unrated": 0,
    }
    with transaction(committed) as session:
        assert session.get_one(Job, claimed.row_id).done == len(ANSWERS)


def test_a_judge_reads_guidelines_rules_scale_and_reference_greedily(
    committed: Sessions, project_id: int, client: EngineClient, engine: FakeEngine
) -> None:
    with transaction(committed) as session:
        project = session.get_one(Project, project_id)
        guidelines.save(session, project=project, text="Name the place first.", user_id=None)
        rules.create(session, project_id=project_id, user_id=session.query(factories.User).first().id, text="Be brief.")
        for rollout in session.scalars(select(Rollout)):
            session.get_one(factories.Prompt, rollout.prompt_id).reference = "It is in Rome."
    judging.judge(committed, client, None, asked(committed, project_id))
    payloads = [payload for path, payload in engine.requests if path == "/v1/chat/completions"]
    assert len(payloads) == len(ANSWERS)
    for payload in payloads:
        told, material = (message["content"] for message in payload["messages"])
        assert "Name the place first." in told
        assert "- Be brief." in told
        assert "1 (worst) to 5 (best)" in told
        assert "| It is in Rome." in material
        assert payload["temperature"] == 0.0
    assert {revision.guideline_version for _, revision, _ in kept(committed)} == {1}


def test_judging_twice_skips_what_was_judged_until_it_is_told_something_else(
    committed: Sessions, project_id: int, client: EngineClient, engine: FakeEngine
) -> None:
    judging.judge(committed, client, None, asked(committed, project_id))
    before = [(critique.id, revision.id) for critique, revision, _ in kept(committed)]
    engine.requests.clear()
    judging.judge(committed, client, None, asked(committed, project_id))
    assert [(critique.id, revision.id) for critique, revision, _ in kept(committed)] == before
    assert sum(path == "/v1/chat/completions" for path, _ in engine.requests) == 3  # those it could not judge
    with transaction(committed) as session:
        rules.create(session, project_id=project_id, user_id=session.query(factories.User).first().id, text="Be brief.")
    judging.judge(committed, client, None, asked(committed, project_id))
    assert len({critique.author_name for critique, *_ in kept(committed)}) == 2
    assert len(kept(committed)) == 6


def test_a_killed_job_goes_on_without_doubles_and_signs_as_it_began(
    committed: Sessions, project_id: int, client: EngineClient
) -> None:
    claimed = asked(committed, project_id)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "IN_FLIGHT", 1)
        patch.setattr(judgements, "write", dying_after(1, judgements.write))
        with pytest.raises(KeyboardInterrupt):
            judging.judge(committed, client, None, claimed)
    assert len(kept(committed)) == 1
    with transaction(committed) as session:
        rules.create(session, project_id=project_id, user_id=session.query(factories.User).first().id, text="Be brief.")
        session.get_one(Job, claimed.row_id).state = "queued"
        session.flush()
        again = claims.claim(session, Job, claimed.row_id)
    assert again is not None
    judging.judge(committed, client, None, again)
    assert [rollout.text for *_, rollout in kept(committed)] == ANSWERS[3:]
    assert len({critique.author_name for critique, *_ in kept(committed)}) == 1
    assert result(committed, again)["judged"] == 3


def dying_after(count: int, write: object) -> object:
    calls = []

    def dying(*given: object, **named: object) -> bool:
        if len(calls) == count:
            raise KeyboardInterrupt
        calls.append(1)
        return write(*given, **named)  # type: ignore[operator]

    return dying


def test_a_cancelled_job_writes_nothing_more(committed: Sessions, project_id: int, client: EngineClient) -> None:
    claimed = asked(committed, project_id)
    with transaction(committed) as session:
        claims.request_cancel(session, Job, claimed.row_id)
    with pytest.raises(CancelledError):
        judging.judge(committed, client, None, claimed)
    assert kept(committed) == []


def test_redrafts_are_rated_by_the_judge_or_kept_unrated_and_never_made_twice(
    committed: Sessions, project_id: int, client: EngineClient, engine: FakeEngine
) -> None:
    def rates_one(messages: list[dict[str, str]]) -> str | None:
        read = messages[-1]["content"]
        if "| answer to: What is thing" in read:
            return "Critique: Good.\nRating: 5" if "thing 3?" in read else "Fine."
        return wise(messages)

    engine.says = rates_one
    claimed = asked(committed, project_id, redraft=True)
    judging.judge(committed, client, None, claimed)
    judging.judge(committed, client, None, asked(committed, project_id, redraft=True))
    with transaction(committed) as session:
        redrafts = session.scalars(select(Rollout).where(Rollout.source == RolloutSource.redraft)).all()
        assert len(redrafts) == 3
        assert list(session.scalars(select(Comparison.rating))) == [1.0]
    assert result(committed, claimed)["unrated"] == 2
    with transaction(committed) as session:  # a job that goes on after its end was not noted
        session.get_one(Job, claimed.row_id).state = "queued"
        session.flush()
        again = claims.claim(session, Job, claimed.row_id)
    assert again is not None
    judging.judge(committed, client, None, again)
    assert result(committed, again)["unrated"] == 2


def test_a_judge_takes_no_place_of_the_overlap(committed: Sessions, project_id: int, client: EngineClient) -> None:
    with transaction(committed) as session:
        before = list(session.scalars(select(Rollout.wanted).order_by(Rollout.id)))
    judging.judge(committed, client, None, asked(committed, project_id))
    with transaction(committed) as session:
        assert list(session.scalars(select(Rollout.wanted).order_by(Rollout.id))) == before == [True] * len(ANSWERS)


def test_training_reads_a_judge_only_where_the_recipe_names_judges(
    committed: Sessions, project_id: int, client: EngineClient
) -> None:
    judging.judge(committed, client, None, asked(committed, project_id))

    def used(**said: object) -> int:
        kinds = [AuthorKind(author) for author in Feedback(**said).authors]
        with transaction(committed) as session:
            return len(feedback.usable(session, project_id=project_id, kinds=kinds))

    assert used() == 0
    assert used(authors=("annotator", "judge")) == 3


def test_the_operators_judge_is_asked_with_its_key_and_without_what_only_engines_know(
    committed: Sessions, project_id: int, client: EngineClient, elsewhere: FakeEngine
) -> None:
    asks = EngineClient(f"{elsewhere.url}/v1/", SecretStr("secret"), called="judge", plain=True)
    judging.judge(committed, client, Endpoint(asks, "wise"), asked(committed, project_id, ELSEWHERE))
    payloads = [payload for path, payload in elsewhere.requests if path == "/v1/chat/completions"]
    assert {payload["model"] for payload in payloads} == {"wise"}
    assert not {"logprobs", "return_token_ids"} & {name for payload in payloads for name in payload}
    assert {critique.author_name.split(" · ")[0] for critique, *_ in kept(committed)} == {"endpoint:wise"}


def test_a_wrong_key_fails_the_job_with_the_servers_words_but_not_its_address(
    committed: Sessions, project_id: int, client: EngineClient, elsewhere: FakeEngine
) -> None:
    asks = EngineClient(elsewhere.url, SecretStr("wrong"), called="judge", plain=True)
    with pytest.raises(EngineUnavailableError, match="The judge failed: Unauthorized") as refused:
        judging.judge(committed, client, Endpoint(asks, "wise"), asked(committed, project_id, ELSEWHERE))
    assert "127.0.0.1" not in str(refused.value)


def test_a_judge_that_is_busy_is_asked_again_and_in_the_end_the_job_fails(
    committed: Sessions, project_id: int, client: EngineClient, elsewhere: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "WAITS_SECONDS", (0.01, 0.01))
    asks = EngineClient(elsewhere.url, SecretStr("secret"), called="judge", plain=True)
    elsewhere.busy = 2
    judging.judge(committed, client, Endpoint(asks, "wise"), asked(committed, project_id, ELSEWHERE))
    assert len(kept(committed)) == 3
    elsewhere.busy = 1000
    with pytest.raises(EngineUnavailableError, match="too many requests"):
        judging.judge(committed, client, Endpoint(asks, "wise"), asked(committed, project_id, ELSEWHERE))


def test_a_job_for_another_model_than_the_operators_is_refused(
    committed: Sessions, project_id: int, client: EngineClient, elsewhere: FakeEngine
) -> None:
    asks = EngineClient(elsewhere.url, None, called="judge", plain=True)
    for endpoint in (None, Endpoint(asks, "other")):
        with pytest.raises(ConflictError, match="no longer the one in the settings"):
            judging.judge(committed, client, endpoint, asked(committed, project_id, ELSEWHERE))
    assert elsewhere.requests == []


def test_a_request_that_the_server_refuses_is_counted(
    committed: Sessions, project_id: int, client: EngineClient, elsewhere: FakeEngine
) -> None:
    asks = EngineClient(elsewhere.url, SecretStr("secret"), called="judge", plain=True)
    elsewhere.refuses = "too long"
    claimed = asked(committed, project_id, ELSEWHERE)
    judging.judge(committed, client, Endpoint(asks, "wise"), claimed)
    assert result(committed, claimed)["unjudged"] == {"the judge's server refused the request": len(ANSWERS)}


def test_two_jobs_of_one_judge_keep_one_judgement_of_an_answer(committed: Sessions, project_id: int) -> None:
    first, second = asked(committed, project_id), asked(committed, project_id)
    with transaction(committed) as session:
        request = JudgeRequest.model_validate(session.get_one(Job, first.row_id).request)
        rollout = session.scalars(select(Rollout).order_by(Rollout.id.desc())).first()
        assert rollout is not None
        for claimed, is_new in ((first, True), (second, False)):
            said = judgements.write(
                session, rollout=rollout, request=request, text="Long.\x00", rating=0.5, job_id=claimed.row_id
            )
            assert said is is_new
    assert [revision.text for _, revision, _ in kept(committed)] == ["Long.\ufffd"]


def test_chosen_answers_are_judged_taken_back_and_put_in_force_again_as_they_stood(
    committed: Sessions, project_id: int, client: EngineClient, engine: FakeEngine
) -> None:
    def chosen() -> tuple[int, Claim]:
        with transaction(committed) as session:
            access = factories.access(session.get_one(Project, project_id), session.query(factories.User).first())
            judge = Judge(name="production", model=factories.BASE, checkpoint=factories.base(session))
            ids = sorted(session.scalars(select(Rollout.id)))[2:5]
            made = bulk_changes.apply(
                session, access, kind=ChangeKind.judge, ids=ids, value="production",
                judging=judgements.request_for(session, access, judge=judge),
            )  # fmt: skip
            session.info.pop("outbox")
            claimed = claims.claim(session, Job, made.job.id if made.job else 0)
        assert claimed is not None
        return made.change.id, claimed

    change_id, claimed = chosen()
    judging.judge(committed, client, None, claimed)
    first = kept(committed)
    assert [rollout.text for *_, rollout in first] == ANSWERS[3:5]
    with transaction(committed) as session:
        access = factories.access(session.get_one(Project, project_id), session.query(factories.User).first())
        assert bulk_changes.undo(session, access, session.get_one(BulkChange, change_id)).changed == 2
    assert {critique.state for critique, *_ in kept(committed)} == {CritiqueState.discarded}
    engine.requests.clear()
    _, again = chosen()
    judging.judge(committed, client, None, again)
    assert [(critique.state, revision.id) for critique, revision, _ in kept(committed)] == [
        (CritiqueState.submitted, revision.id) for _, revision, _ in first
    ]
    assert sum(path == "/v1/chat/completions" for path, _ in engine.requests) == 1


def test_only_answers_of_the_split_are_judged(committed: Sessions, project_id: int, client: EngineClient) -> None:
    judging.judge(committed, client, None, asked(committed, project_id, split=Split.eval))
    assert kept(committed) == []
