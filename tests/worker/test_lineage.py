"""A lineage comes back as it went: byte for byte, and with nothing of the database it came from."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from backend.database import Sessions, create_engine_from, create_sessions, transaction
from backend.domain import (
    agreement,
    assignments,
    critique_history,
    feedback,
    form_versions,
    guidelines,
    known_items,
    pairs,
    reviews,
    rules,
    win_rates,
)
from backend.errors import ConflictError
from backend.models import (
    AuthorKind,
    Checkpoint,
    CheckpointState,
    ComparisonSet,
    Critique,
    CritiqueState,
    KnownItem,
    Project,
    Prompt,
    QueueOrder,
    Rollout,
    Snapshot,
    User,
)
from tests import factories
from tests.conftest import create_database
from tests.worker import exchange_parts as parts
from tests.worker import lineage_parts
from tests.worker.lineage_parts import PLANS, Plans
from worker.exchange.lineage_check import BadLinesError

SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
WHEN = "2026-01-01T00:00:00Z"
NUMBERS = count(1)


@pytest.fixture(scope="module")
def shared(postgres_url: str, template: str) -> Iterator[Sessions]:
    """One database for all tests here; each makes projects of its own."""
    engine = create_engine_from(create_database(postgres_url, template))
    yield create_sessions(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def went(shared: Sessions, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The lineage of a project with one of everything."""
    before = parts.new_project(shared, "before")
    lineage_parts.fill(shared, before, lineage_parts.ONE_OF_EVERYTHING)
    return parts.lineage(shared, tmp_path_factory.mktemp("went"), before)


@pytest.fixture
def empty(shared: Sessions) -> int:
    """A new project without anything."""
    return parts.new_project(shared, f"empty-{next(NUMBERS)}")


@pytest.fixture
def after(shared: Sessions, tmp_path: Path, went: bytes, empty: int) -> int:
    """The project that the lineage was imported into."""
    parts.import_file(shared, tmp_path, empty, went, content="lineage")
    return empty


@given(plans=PLANS)
@settings(max_examples=12, deadline=None, suppress_health_check=SLOW)
def test_a_lineage_imported_into_an_empty_project_is_exported_as_the_same_bytes(
    shared: Sessions, tmp_path: Path, plans: Plans
) -> None:
    before, after = (parts.new_project(shared, f"law-{next(NUMBERS)}") for _ in range(2))
    lineage_parts.fill(shared, before, plans)
    went = parts.lineage(shared, tmp_path, before)
    parts.import_file(shared, tmp_path, after, went, content="lineage")
    assert parts.lineage(shared, tmp_path, after) == went


def test_one_of_everything_comes_back_as_the_same_bytes_from_an_empty_installation(
    committed: Sessions, tmp_path: Path, went: bytes
) -> None:
    there = parts.new_project(committed, "there")
    parts.import_file(committed, tmp_path, there, went, content="lineage")
    assert parts.lineage(committed, tmp_path, there) == went


def test_a_lineage_holds_one_canonical_line_per_record_and_no_ids(went: bytes) -> None:
    lines = went.decode().split("\n")[:-1]
    assert [json.loads(line)["kind"] for line in lines] == [
        "redraft-lineage", "project", "form", "form", "guidelines", "checkpoint", "checkpoint", "prompt", "rollout",
        "rollout", "rollout", "rollout", "critique", "known-item", "comparison-set", "pair", "comparison-set", "rule",
        "rule", "snapshot", "item", "snapshot", "item", "end",
    ]  # fmt: skip
    for line in lines:
        canonical = json.dumps(json.loads(line), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert line == canonical
    redraft, critique = json.loads(lines[9]), json.loads(lines[12])
    assert (redraft["parent"], redraft["revision"], critique["rollout"]) == (0, [0, 2], 0)
    assert [revision["text"] for revision in critique["revisions"]] == ["Too long!", "Far too long!", "Corrected 😀"]
    assert critique["comparisons"][0]["redraft"] == 1
    assert '"id"' not in went.decode()


def test_people_are_kept_by_name_without_a_login_and_count_towards_the_overlap(
    shared: Sessions, tmp_path: Path, went: bytes, empty: int
) -> None:
    with transaction(shared) as session:
        people = session.query(User).count()
    parts.import_file(shared, tmp_path, empty, went, content="lineage")
    with transaction(shared) as session:
        assert session.query(User).count() == people
        critique = session.scalars(select(Critique).where(Critique.project_id == empty)).one()
        assert (critique.author_id, critique.imported, critique.author_kind) == (None, True, AuthorKind.annotator)
        assert critique.author_name.startswith("p")
        assert [row.author for row in rules.listed(session, project_id=empty, state="active")] == ["owner", "owner"]
        rollout = session.get_one(Rollout, critique.rollout_id)
        project = session.get_one(Project, empty)
        assert rollout.wanted
        assignments.change_overlap(session, project=project, overlap=1)
        session.refresh(rollout)
        assert not rollout.wanted


def test_a_correction_and_its_review_keep_the_reviewers_name_and_agreement_reads_the_authors_own_words(
    shared: Sessions, after: int
) -> None:
    with transaction(shared) as session:
        critique = session.scalars(select(Critique).where(Critique.project_id == after)).one()
        latest = reviews.latest(session, critique_id=critique.id)
        assert (latest.verdict, latest.note, latest.reviewer[0]) == ("corrected", "Look again. 😀", "p")
        events = critique_history.of(session, critique=critique)
        assert [(event.what, event.who == latest.reviewer) for event in events] == [
            ("begun", False), ("written", False), ("written", False), ("redrafted", False), ("written", True),
            ("corrected", True),
        ]  # fmt: skip
        own = session.scalar(select(agreement.last_own_revision()).where(Critique.id == critique.id))
        assert own != critique.current_revision_id
        assert critique.draft["text"] == "Corrected 😀"


def test_form_and_guidelines_in_force_are_those_of_the_file(shared: Sessions, after: int) -> None:
    with transaction(shared) as session:
        project = session.get_one(Project, after)
        now = form_versions.current(session, project_id=after)
        assert (now.number, now.author) == (2, "owner")
        assert [question.key for question in now.form.questions] == ["clear", "why", "which"]
        assert (project.tags, project.guidelines) == (["long"], "Be brief. 😀\r\n")
        assert guidelines.text_of(session, project_id=after, number=1) == project.guidelines
        assert project.queue_order == QueueOrder.disagreement


def test_a_deleted_critique_is_deleted_there_too_and_can_be_restored(
    shared: Sessions, tmp_path: Path, went: bytes, empty: int
) -> None:
    deleted = changed(went, 13, state="deleted", state_before_deletion="submitted")
    parts.import_file(shared, tmp_path, empty, deleted, content="lineage")
    assert parts.rows(shared, tmp_path, empty, shape="critique") == []
    with transaction(shared) as session:
        critique = session.scalars(select(Critique).where(Critique.project_id == empty)).one()
        project, owner = session.get_one(Project, empty), session.query(User).first()
        reviews.restore(session, access=factories.access(project, owner), critique=critique)
        assert critique.state == CritiqueState.submitted
    assert parts.rows(shared, tmp_path, empty, shape="critique")[0]["critique"] == "Corrected 😀"


def test_a_returned_critique_holds_no_place_since_nobody_can_hand_it_in(
    shared: Sessions, tmp_path: Path, went: bytes, empty: int
) -> None:
    returned = changed(went, 13, state="draft", review="returned")
    parts.import_file(shared, tmp_path, empty, changed(returned, 2, overlap=1), content="lineage")
    with transaction(shared) as session:
        critique = session.scalars(select(Critique).where(Critique.project_id == empty)).one()
        assert session.get_one(Rollout, critique.rollout_id).wanted


def test_known_items_are_handed_out_and_preferences_counted_there_too(shared: Sessions, after: int) -> None:
    with transaction(shared) as session:
        item = session.scalars(select(KnownItem).where(KnownItem.project_id == after)).one()
        project, owner = session.get_one(Project, after), session.query(User).first()
        assert known_items.next_for(session, project=project, user=owner) == item.rollout_id
        sets = session.scalars(
            select(ComparisonSet).where(ComparisonSet.project_id == after).order_by(ComparisonSet.id)
        ).all()
        found, answered = win_rates.of_set(session, sets[0])
        assert found.a_wins.n == 1
        assert answered[0].given[0].author.startswith("p")
        row = pairs.of_project(session, project_id=after, user_id=owner.id, set_id=sets[0].id)[0]
        assert (row.pairs, row.submitted, row.left) == (1, 1, 1)
        named = [
            session.get_one(Checkpoint, side).sha256 for side in (sets[1].checkpoint_a_id, sets[1].checkpoint_b_id)
        ]
        assert named == ["0" * 64, lineage_parts.ADAPTER]


def test_snapshots_name_the_prompts_of_the_project_that_they_came_to(shared: Sessions, after: int) -> None:
    with transaction(shared) as session:
        prompt = session.scalars(select(Prompt).where(Prompt.project_id == after)).one()
        assert prompt.tags == ["weather"]
        for snapshot in session.scalars(select(Snapshot).where(Snapshot.project_id == after)):
            assert (snapshot.train_prompt_ids, snapshot.probe_prompt_ids) == ([prompt.id], [])
            items = feedback.load(session, snapshot_id=snapshot.id)
            assert feedback.snapshot_hash(items, snapshot.rules) == snapshot.sha256


def test_weights_that_are_not_here_are_known_by_hash_and_never_served(shared: Sessions, after: int) -> None:
    with transaction(shared) as session:
        found = session.scalars(select(Checkpoint).where(Checkpoint.project_id == after)).one()
        assert (found.sha256, found.state, found.step) == (lineage_parts.ADAPTER, CheckpointState.absent, 8)
        assert found.parent_id == factories.base(session).id


def test_the_same_lineage_twice_changes_nothing_and_another_needs_an_empty_project(
    shared: Sessions, tmp_path: Path, went: bytes, after: int
) -> None:
    assert parts.import_file(shared, tmp_path, after, went, content="lineage") == {"records": 0, "duplicates": 1}
    other = parts.lineage(shared, tmp_path, parts.new_project(shared, f"other-{next(NUMBERS)}"))
    with pytest.raises(ConflictError, match="empty project"):
        parts.import_file(shared, tmp_path, after, other, content="lineage")


def test_an_import_that_was_committed_before_its_worker_died_is_not_done_again(
    shared: Sessions, tmp_path: Path, went: bytes, empty: int
) -> None:
    claim = parts.claimed(shared, empty, parts.stored(tmp_path, went, content="lineage"))
    parts.importing.import_file(shared, tmp_path, claim)
    parts.importing.import_file(shared, tmp_path, claim)
    with transaction(shared) as session:
        assert session.query(Prompt).filter_by(project_id=empty).count() == 1


def changed(went: bytes, line: int, **fields: object) -> bytes:
    """The file with fields of one line changed; ``list__field`` changes that of the first of a list."""
    lines = went.split(b"\n")
    record = json.loads(lines[line - 1])
    for name, value in fields.items():
        listed, _, first = name.partition("__")
        if first:
            record[listed][0][first] = value
        else:
            record[listed] = value
    lines[line - 1] = json.dumps(record).encode()
    return b"\n".join(lines)


BAD = [
    (1, {"version": 2}, "version"),
    (1, {"kind": "other"}, "line 1"),
    (2, {"overlap": 0}, "overlap"),
    (2, {"practice_items": -1}, "practice_items"),
    (2, {"known_every": 1001}, "known_every"),
    (2, {"queue_order": "random"}, "queue_order"),
    (2, {"routing": "nobody"}, "routing"),
    (2, {"skill_field": ""}, "skill_field"),
    (2, {"open_critiques": None}, "open_critiques"),
    (2, {"more": 1}, "more"),
    (3, {"content": None}, "content"),
    (4, {"content": {"tags": ["a", "a"]}}, "tags"),
    (4, {"content": {"tags": ["\x00"]}}, "NUL"),
    (4, {"author_name": "x" * 201}, "author_name"),
    (5, {"text": "a\x00b"}, "NUL"),
    (6, {"sha256": "short"}, "sha256"),
    (6, {"step": -1}, "step"),
    (8, {"messages": []}, "messages"),
    (8, {"messages": [{"role": "robot", "content": "x"}]}, "role"),
    (8, {"messages": [{"role": "user", "content": "\x00"}]}, "NUL"),
    (8, {"metadata": {"a": ["\x00"]}}, "NUL"),
    (8, {"split": "test"}, "split"),
    (8, {"tags": [1]}, "tags"),
    (8, {"created_at": "2026-01-01T00:00:00"}, "created_at"),
    (9, {"prompt": 7}, "no prompt 7"),
    (9, {"checkpoint": "b" * 64}, "no checkpoint"),
    (9, {"parent": 5}, "no rollout 5"),
    (9, {"token_ids": [-1]}, "token_ids"),
    (9, {"logprobs": ["x"]}, "logprobs"),
    (9, {"state": "streaming"}, "state"),
    (9, {"source": "lottery"}, "source"),
    (9, {"finish_reason": "x" * 17}, "finish_reason"),
    (13, {"rollout": 9}, "no rollout 9"),
    (13, {"author_kind": "robot"}, "author_kind"),
    (13, {"author_name": "x" * 201}, "author_name"),
    (13, {"state": "lost"}, "state"),
    (13, {"state": "deleted"}, "state_before_deletion"),
    (13, {"state_before_deletion": "draft"}, "state_before_deletion"),
    (13, {"state": "deleted", "state_before_deletion": "deleted"}, "before it was deleted"),
    (13, {"review": "lost"}, "review"),
    (13, {"review": "returned"}, "returned critique is a draft"),
    (13, {"revisions": [], "reviews": [], "comparisons": []}, "at least one"),
    (13, {"reviews__revision": 4}, "reviews"),
    (13, {"reviews__verdict": "unreviewed"}, "verdict"),
    (13, {"reviews__reviewer_name": None}, "reviewer_name"),
    (13, {"revisions__answers": {"other": "x"}}, "no form has a question 'other'"),
    (13, {"revisions__answers": {"why": "\x00"}}, "NUL"),
    (13, {"revisions__form_version": 3}, "no version 3 of the form"),
    (13, {"revisions__guideline_version": 2}, "no version 2 of the guidelines"),
    (13, {"revisions__corrector_name": "x" * 201}, "corrector_name"),
    (13, {"first_submitted_at": 1.5}, "first_submitted_at"),
    (14, {"rollout": 0}, "not 'known'"),
    (14, {"rollout": 9}, "no rollout 9"),
    (14, {"original": 9}, "no rollout 9"),
    (14, {"known_kind": "silver"}, "known_kind"),
    (14, {"known_kind": "gold", "rating_low": None}, "range"),
    (14, {"rating_low": 0.5}, "above the highest"),
    (14, {"words": "tea"}, "words"),
    (14, {"author_name": None}, "author_name"),
    (15, {"checkpoint_a": "a" * 64}, "two checkpoints or names none"),
    (15, {"overlap": 21}, "overlap"),
    (17, {"checkpoint_b": "b" * 64}, "no checkpoint"),
    (16, {"a": 9}, "no rollout 9"),
    (16, {"b": 0}, "not two answers to one prompt"),
    (16, {"preferences__choice": 8}, "choice"),
    (16, {"preferences__choice": None}, "submitted preference has one"),
    (16, {"preferences__state": "draft"}, "state"),
    (18, {"position": "first"}, "position"),
    (18, {"sources": [{"critique": 3, "revision": 1, "created_at": WHEN}]}, "no critique 3"),
    (20, {"sha256": "c" * 64}, "not what was hashed"),
    (20, {"size": 3}, "not what was hashed"),
    (20, {"train_prompts": [5]}, "no prompt 5"),
    (20, {"probe_prompts": [-1]}, "probe_prompts"),
    (21, {"critique": 3}, "no critique 3"),
    (21, {"redraft": 5}, "no rollout 5"),
    (21, {"redraft_reward": 2}, "redraft_reward"),
    (24, {"lines": 3}, "line 24"),
]


@pytest.fixture(scope="module")
def target(shared: Sessions) -> int:
    """A project that stays empty: nothing of a bad file is kept."""
    return parts.new_project(shared, "target")


@pytest.mark.parametrize(("line", "fields", "reason"), BAD, ids=str)
def test_a_bad_field_is_named_with_its_line_and_nothing_is_kept(
    shared: Sessions, tmp_path: Path, went: bytes, target: int, line: int, fields: dict[str, object], reason: str
) -> None:
    with pytest.raises(BadLinesError) as refused:
        parts.import_file(shared, tmp_path, target, changed(went, line, **fields), content="lineage")
    assert f"line {line}" in refused.value.message
    assert reason in refused.value.message
    with transaction(shared) as session:
        assert session.query(Prompt).filter_by(project_id=target).count() == 0
        assert form_versions.current(session, project_id=target).author is None


@pytest.mark.parametrize(
    ("revision", "line", "reason"),
    [([0, 9], 12, "at or before it, a rollout's revision: critique 0 has no revision 9"),
     ([4, 1], 13, "rollout 1 was not written under critique 0")],
)  # fmt: skip
def test_a_redraft_under_a_revision_that_is_not_there_is_named_where_that_is_known(
    shared: Sessions, tmp_path: Path, went: bytes, target: int, revision: list[int], line: int, reason: str
) -> None:
    with pytest.raises(BadLinesError, match=f"line {line}: {reason}"):
        parts.import_file(shared, tmp_path, target, changed(went, 10, revision=revision), content="lineage")


def test_a_question_never_changes_its_kind_under_the_same_key(
    shared: Sessions, tmp_path: Path, went: bytes, target: int
) -> None:
    asked = {"questions": [{"key": "clear", "label": "Is it?", "kind": "text"}]}
    with pytest.raises(BadLinesError, match="line 4: content: 'Is it clear"):
        parts.import_file(shared, tmp_path, target, changed(went, 3, content=asked), content="lineage")


@pytest.mark.parametrize("line", [13, 14])
def test_spans_that_do_not_stand_in_the_answer_are_refused(
    shared: Sessions, tmp_path: Path, went: bytes, target: int, line: int
) -> None:
    lines = went.split(b"\n")
    lines[line - 1] = lines[line - 1].replace(b'"end":1', b'"end":2')
    with pytest.raises(BadLinesError, match=rf"line {line}: Span 1 does not match"):
        parts.import_file(shared, tmp_path, target, b"\n".join(lines), content="lineage")


def test_a_pair_stands_behind_its_set_and_the_file_begins_with_a_form(
    shared: Sessions, tmp_path: Path, went: bytes, target: int
) -> None:
    lines = went.split(b"\n")
    for without, reason in (({14, 16}, "a pair follows"), ({2, 3}, "first three lines")):
        left = [line for number, line in enumerate(lines) if number not in without]
        with pytest.raises(BadLinesError, match=reason):
            parts.import_file(shared, tmp_path, target, b"\n".join(left), content="lineage")


def test_a_file_that_was_cut_off_is_refused(shared: Sessions, tmp_path: Path, went: bytes, target: int) -> None:
    cut = b"\n".join(went.split(b"\n")[:-3]) + b"\n"
    with pytest.raises(BadLinesError, match="cut off"):
        parts.import_file(shared, tmp_path, target, cut, content="lineage")


def test_moments_survive_to_the_microsecond(shared: Sessions, tmp_path: Path, went: bytes, empty: int) -> None:
    stamp = datetime(2020, 2, 29, 23, 59, 59, 7, tzinfo=UTC) + timedelta(microseconds=1)
    moved = changed(went, 8, created_at=stamp.isoformat())
    parts.import_file(shared, tmp_path, empty, moved, content="lineage")
    assert b'"created_at":"2020-02-29T23:59:59.000008Z"' in parts.lineage(shared, tmp_path, empty)
