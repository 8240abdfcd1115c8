"""A lineage comes back as it went: byte for byte, and with nothing of the database it came from."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from backend import anchors
from backend.database import Sessions, transaction
from backend.domain import assignments, critiques, feedback, form_versions, guidelines, known_items, prompts, rules
from backend.domain.critiques import Draft
from backend.domain.known_items import Expectation
from backend.errors import ConflictError
from backend.models import (
    AuthorKind,
    Checkpoint,
    CheckpointState,
    Comparison,
    Critique,
    CritiqueState,
    Project,
    Prompt,
    Rollout,
    RolloutSource,
    Split,
    User,
    Verdict,
)
from tests import factories
from tests.worker import exchange_parts as parts
from worker.exchange.lineage_check import BadLinesError

CHARACTERS = st.sampled_from(
    ["a", "Z", " ", "\n", "\r\n", "é", "e\u0301", "😀", "👩‍👩‍👧", "\u2028", '"', "\\", "\\u0000", "=", "'", "\t"]
)
TEXTS = st.lists(CHARACTERS, min_size=1, max_size=6).map("".join)
RATINGS = st.none() | st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 1.0])
VALUES = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
    | st.lists(TEXTS, max_size=2)
)  # fmt: skip
FREE = st.dictionaries(TEXTS, VALUES, max_size=3)
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@st.composite
def critique_plans(draw: st.DrawFn) -> dict[str, object]:
    return {
        "kind": draw(st.sampled_from(list(AuthorKind))),
        "state": draw(st.sampled_from(list(CritiqueState))),
        "texts": draw(st.lists(st.tuples(TEXTS, RATINGS, st.none() | TEXTS, st.booleans()), min_size=0, max_size=3)),
        "redrafts": draw(st.lists(st.tuples(TEXTS, st.none() | st.sampled_from(list(Verdict)), RATINGS), max_size=2)),
        "reason": draw(st.none() | TEXTS),
    }


ATTEMPTS = st.tuples(TEXTS, st.lists(st.floats(-50, 0), max_size=4), st.lists(critique_plans(), max_size=2))
PROMPTS = st.tuples(
    st.lists(TEXTS, min_size=1, max_size=2), st.sampled_from(list(Split)), st.none() | TEXTS, FREE,
    st.lists(ATTEMPTS, max_size=2),
)  # fmt: skip
PLANS = st.lists(PROMPTS, max_size=4, unique_by=lambda plan: tuple(plan[0]))


def fill(sessions: Sessions, project_id: int, plans: list[tuple]) -> None:
    """A project as planned, made through the product's own functions where that is short."""
    with transaction(sessions) as session:
        project = session.get_one(Project, project_id)
        owner = session.query(User).first()
        base = factories.base(session)
        adapter = Checkpoint(
            name=f"adapter-{project_id}", project_id=project_id, parent_id=base.id, step=8, path="/a", sha256="a" * 64,
            state=CheckpointState.published,
        )  # fmt: skip
        session.add(adapter)
        session.flush()
        project.guidelines, project.overlap = "Be brief. 😀\r\n", 3
        people = iter(range(1000))
        revision_ids = []
        for messages, split, reference, metadata, attempts in plans:
            chat = [{"role": "user", "content": text} for text in messages]
            prompt = Prompt(
                project_id=project_id, messages=chat, reference=reference, details=metadata, split=split,
                content_hash=prompts.content_hash(chat),
            )  # fmt: skip
            session.add(prompt)
            session.flush()
            for answer, logprobs, planned in attempts:
                rollout = Rollout(
                    project_id=project_id, prompt_id=prompt.id, checkpoint_id=adapter.id, text=answer,
                    token_ids=list(range(len(logprobs))), logprobs=logprobs, sampling={"temperature": 1.0, "seed": 7},
                    finish_reason="stop", source=RolloutSource.attempt,
                )  # fmt: skip
                session.add(rollout)
                session.flush()
                for number, plan in enumerate(planned):
                    revision_ids += _critique(session, project, rollout, plan, number, people)
        for text in {"Be brief.", "Be kind."} if plans else ():
            rules.create(session, project_id=project_id, user_id=owner.id, text=text)
        items = feedback.usable(session, project_id=project_id, kinds=list(AuthorKind))
        feedback.freeze(session, project_id=project_id, items=items, rules=["Be brief."])
        feedback.freeze(session, project_id=project_id, items=items[:1])


def _critique(session, project, rollout, plan, number, people) -> list[int]:  # noqa: ANN001 - as planned above
    author = None
    if plan["kind"] == AuthorKind.annotator:
        name = f"p{project.id}-{next(people)}"
        author = User(email=f"{name}@example.org", name=name, password_hash="-")
        session.add(author)
        session.flush()
    critique = Critique(
        project_id=project.id, rollout_id=rollout.id, author_kind=plan["kind"], author_id=author and author.id,
        author_name=author.name if author else f"code {number}", state=CritiqueState.draft, reason=plan["reason"],
    )  # fmt: skip
    session.add(critique)
    session.flush()
    made = []
    for text, rating, edit, marked in plan["texts"]:
        spans = [{"anchor": anchors.anchor(rollout.text, 0, 1).__dict__, "note": text, "severity": "major"}]
        draft = Draft(text=text + "!", rating=rating, edit=edit, tags=["long"], spans=spans if marked else [])
        critique.draft = draft.model_dump()
        made.append(critiques.freeze(session, critique=critique).id)
    if made:
        critique.state = plan["state"]
        critique.submitted_at = func.clock_timestamp() if plan["state"] == CritiqueState.submitted else None
        for text, verdict, rating in plan["redrafts"]:
            redraft = factories.redraft(session, critique, text)
            session.add(Comparison(critique_id=critique.id, redraft_id=redraft.id, verdict=verdict, rating=rating))
    session.flush()
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    return tmp_path


def plan_of_one() -> list[tuple]:
    plan = {
        "kind": AuthorKind.annotator, "state": CritiqueState.submitted, "reason": None,
        "texts": [("Too long", 0.25, None, True), ("Far too long", 0.0, "Water. 😀", True)],
        "redrafts": [("Falling water.", Verdict.better, None)],
    }  # fmt: skip
    return [(["What is rain?\r\n😀"], Split.train, None, {"b": 1, "a": 0.5}, [("😀 is water.", [-0.5, -1e-7], [plan])])]


@given(plans=PLANS)
@settings(max_examples=12, deadline=None, suppress_health_check=SLOW)
def test_a_lineage_imported_into_an_empty_project_is_exported_as_the_same_bytes(
    committed: Sessions, tmp_path: Path, plans: list[tuple]
) -> None:
    number = len(list(tmp_path.iterdir()))
    with transaction(committed) as session:
        count = session.query(Project).count()
    before = parts.new_project(committed, f"before-{count}-{number}")
    after = parts.new_project(committed, f"after-{count}-{number}")
    fill(committed, before, plans)
    went = parts.lineage(committed, tmp_path, before)
    parts.import_file(committed, tmp_path, after, went, content="lineage")
    assert parts.lineage(committed, tmp_path, after) == went


@pytest.fixture
def went(committed: Sessions, folder: Path) -> bytes:
    """The lineage of a project ``before`` with one of everything; ``after`` is empty."""
    before = parts.new_project(committed, "before")
    parts.new_project(committed, "after")
    fill(committed, before, plan_of_one())
    return parts.lineage(committed, folder, before)


def test_a_lineage_holds_one_canonical_line_per_record_and_no_ids(went: bytes) -> None:
    lines = went.decode().split("\n")[:-1]
    kinds = [json.loads(line)["kind"] for line in lines]
    assert kinds == [
        "redraft-lineage", "project", "checkpoint", "checkpoint", "prompt", "rollout", "rollout", "critique", "rule",
        "rule", "snapshot", "item", "snapshot", "item", "end",
    ]  # fmt: skip
    for line in lines:
        canonical = json.dumps(json.loads(line), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert line == canonical
    redraft, critique = json.loads(lines[6]), json.loads(lines[7])
    assert (redraft["parent"], redraft["revision"], critique["rollout"]) == (0, [0, 2], 0)
    assert [revision["text"] for revision in critique["revisions"]] == ["Too long!", "Far too long!"]
    assert critique["comparisons"][0]["redraft"] == 1
    assert '"id"' not in went.decode()


def test_people_are_kept_by_name_without_a_login_and_count_towards_the_overlap(
    committed: Sessions, folder: Path, went: bytes
) -> None:
    after = parts.project_id(committed, "after")
    with transaction(committed) as session:
        people = session.query(User).count()
    parts.import_file(committed, folder, after, went, content="lineage")
    with transaction(committed) as session:
        critique = session.scalars(select(Critique).where(Critique.project_id == after)).one()
        assert (critique.author_id, critique.imported, critique.author_kind) == (None, True, AuthorKind.annotator)
        assert critique.author_name.startswith("p")
        assert session.query(User).count() == people
        assert [row.author for row in rules.listed(session, project_id=after, state="active")] == ["owner", "owner"]
        project, owner = session.get_one(Project, after), session.query(User).first()
        session.execute(update(Project).where(Project.id == after).values(overlap=1))
        session.refresh(project)
        assert assignments.lease_next(session, project=project, user=owner, minutes=1) is None
        project.overlap = 2
        assert assignments.lease_next(session, project=project, user=owner, minutes=1) is not None


def test_weights_that_are_not_here_are_known_by_hash_and_never_served(
    committed: Sessions, folder: Path, went: bytes
) -> None:
    after = parts.project_id(committed, "after")
    parts.import_file(committed, folder, after, went, content="lineage")
    with transaction(committed) as session:
        found = session.scalars(select(Checkpoint).where(Checkpoint.project_id == after)).one()
        assert (found.sha256, found.state, found.step) == ("a" * 64, CheckpointState.absent, 8)
        assert found.parent_id == factories.base(session).id


def test_the_same_lineage_twice_changes_nothing_and_another_needs_an_empty_project(
    committed: Sessions, folder: Path, went: bytes
) -> None:
    after = parts.project_id(committed, "after")
    parts.import_file(committed, folder, after, went, content="lineage")
    assert parts.import_file(committed, folder, after, went, content="lineage") == {"records": 0, "duplicates": 1}
    other = parts.lineage(committed, folder, parts.new_project(committed, "third"))
    with pytest.raises(ConflictError, match="empty project"):
        parts.import_file(committed, folder, after, other, content="lineage")


def test_an_import_that_was_committed_before_its_worker_died_is_not_done_again(
    committed: Sessions, folder: Path, went: bytes
) -> None:
    after = parts.project_id(committed, "after")
    request = parts.stored(folder, went, content="lineage")
    claim = parts.claimed(committed, after, request)
    parts.importing.import_file(committed, folder, claim)
    parts.importing.import_file(committed, folder, claim)
    with transaction(committed) as session:
        assert session.query(Prompt).filter_by(project_id=after).count() == 1


def changed(went: bytes, line: int, **fields: object) -> bytes:
    lines = went.split(b"\n")
    record = {**json.loads(lines[line - 1]), **fields}
    lines[line - 1] = json.dumps(record).encode()
    return b"\n".join(lines)


BAD = [
    (1, {"version": 2}, "version"),
    (1, {"kind": "other"}, "line 1"),
    (2, {"overlap": 0}, "overlap"),
    (2, {"guidelines": "a\x00b"}, "NUL"),
    (2, {"more": 1}, "more"),
    (3, {"sha256": "short"}, "sha256"),
    (3, {"step": -1}, "step"),
    (5, {"messages": []}, "messages"),
    (5, {"messages": [{"role": "robot", "content": "x"}]}, "role"),
    (5, {"messages": [{"role": "user", "content": "\x00"}]}, "NUL"),
    (5, {"metadata": {"a": ["\x00"]}}, "NUL"),
    (5, {"split": "test"}, "split"),
    (5, {"created_at": "2026-01-01T00:00:00"}, "created_at"),
    (6, {"prompt": 7}, "no prompt 7"),
    (6, {"checkpoint": "b" * 64}, "no checkpoint"),
    (6, {"parent": 5}, "no rollout 5"),
    (6, {"token_ids": [-1]}, "token_ids"),
    (6, {"logprobs": ["x"]}, "logprobs"),
    (6, {"state": "streaming"}, "state"),
    (6, {"source": "run"}, "source"),
    (6, {"finish_reason": "x" * 17}, "finish_reason"),
    (7, {"revision": [0, 9]}, "no revision 9"),
    (7, {"revision": [4, 1]}, "not written under critique 0"),
    (8, {"rollout": 9}, "no rollout 9"),
    (8, {"author_kind": "robot"}, "author_kind"),
    (8, {"author_name": "x" * 201}, "author_name"),
    (8, {"state": "lost"}, "state"),
    (8, {"revisions": [], "comparisons": []}, "at least one"),
    (9, {"position": "first"}, "position"),
    (9, {"sources": [{"critique": 3, "revision": 1, "created_at": "2026-01-01T00:00:00Z"}]}, "no critique 3"),
    (11, {"sha256": "c" * 64}, "not what was hashed"),
    (11, {"size": 3}, "not what was hashed"),
    (12, {"critique": 3}, "no critique 3"),
    (12, {"redraft": 3}, "no rollout 3"),
    (12, {"redraft_reward": 2}, "redraft_reward"),
    (15, {"lines": 3}, "line 15"),
]


@pytest.mark.parametrize(("line", "fields", "reason"), BAD, ids=str)
def test_a_bad_field_is_named_with_its_line_and_nothing_is_kept(
    committed: Sessions, folder: Path, went: bytes, line: int, fields: dict[str, object], reason: str
) -> None:
    after = parts.project_id(committed, "after")
    with pytest.raises(BadLinesError) as refused:
        parts.import_file(committed, folder, after, changed(went, line, **fields), content="lineage")
    assert reason in refused.value.message
    with transaction(committed) as session:
        assert session.query(Prompt).filter_by(project_id=after).count() == 0


def test_spans_that_do_not_stand_in_the_answer_are_refused(committed: Sessions, folder: Path, went: bytes) -> None:
    after = parts.project_id(committed, "after")
    moved = went.replace(b'"end":1', b'"end":2')
    with pytest.raises(BadLinesError, match=r"line 8: Span 1 does not match"):
        parts.import_file(committed, folder, after, moved, content="lineage")


def test_a_file_that_was_cut_off_is_refused(committed: Sessions, folder: Path, went: bytes) -> None:
    after = parts.project_id(committed, "after")
    cut = b"\n".join(went.split(b"\n")[:-3]) + b"\n"
    with pytest.raises(BadLinesError, match="cut off"):
        parts.import_file(committed, folder, after, cut, content="lineage")


def test_moments_survive_to_the_microsecond(committed: Sessions, folder: Path, went: bytes) -> None:
    stamp = datetime(2020, 2, 29, 23, 59, 59, 7, tzinfo=UTC) + timedelta(microseconds=1)
    after = parts.project_id(committed, "after")
    parts.import_file(
        committed, folder, after, changed(went, 5, created_at=stamp.isoformat()), content="lineage"
    )  # fmt: skip
    assert b'"created_at":"2020-02-29T23:59:59.000008Z"' in parts.lineage(committed, folder, after)


def test_what_became_a_known_item_after_a_snapshot_comes_back_as_known(committed: Sessions, folder: Path) -> None:
    before, after = (parts.new_project(committed, slug) for slug in ("before", "after"))
    fill(committed, before, plan_of_one())
    with transaction(committed) as session:
        access = factories.access(session.get_one(Project, before), session.query(User).first())
        number = session.scalars(select(Critique.id).where(Critique.project_id == before)).one()
        known_items.mark_gold(session, access, critique_id=number, expectation=Expectation(0.0, 1.0, "", False))
    went = parts.lineage(committed, folder, before)
    parts.import_file(committed, folder, after, went, content="lineage")
    assert parts.lineage(committed, folder, after) == went
    with transaction(committed) as session:
        assert feedback.usable(session, project_id=after, kinds=list(AuthorKind)) == []
        assert session.query(Rollout).filter_by(project_id=after, source=RolloutSource.known).count() == 1


def test_scale_tags_and_guidelines_come_as_versions_that_the_desk_shows(committed: Sessions, folder: Path) -> None:
    before, after = (parts.new_project(committed, slug) for slug in ("before", "after"))
    with transaction(committed) as session:
        project = session.get_one(Project, before)
        form_versions.set_scale(session, project=project, points=7, tags=["long"], user_id=None)
        guidelines.save(session, project=project, text="Be brief.", user_id=None)
    parts.import_file(committed, folder, after, parts.lineage(committed, folder, before), content="lineage")
    with transaction(committed) as session:
        form = form_versions.current(session, project_id=after).form
        assert (form.rating.points, form.tags) == (7, ["long"])
        number = guidelines.newest(session, project_id=after)
        assert guidelines.text_of(session, project_id=after, number=number) == "Be brief."
