"""Exports: each shape against what a person would write down, each format read back, and files that survive crashes."""

import csv
import json
import os
import time
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from sqlalchemy import select

from backend import anchors
from backend.database import Sessions, transaction
from backend.domain import claims, critiques, exchange, known_items, reviews
from backend.domain.claims import StaleClaimError
from backend.domain.critiques import Draft
from backend.domain.exchange import ExportRequest, ExportShape
from backend.domain.known_items import Expectation
from backend.models import (
    AuthorKind,
    Comparison,
    Critique,
    CritiqueRevision,
    CritiqueState,
    Job,
    Project,
    Prompt,
    Rollout,
    RolloutSource,
    Split,
    User,
    Verdict,
    WorkState,
)
from tests import factories
from tests.worker import exchange_parts as parts
from worker.exchange import exporting, files
from worker.exchange.writers import harmless
from worker.parallel import CancelledError

ASKED = [{"role": "user", "content": "What is rain?"}]
EVIL = "=HYPERLINK(1)"


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def critique(sessions: Sessions, project_id: int, **fields: object) -> None:
    """A submitted critique of "Rain is water." with redrafts ``(text, verdict, rating)``."""
    redrafts = fields.pop("redrafts", [])
    question = fields.pop("question", "What is rain?")
    kind = fields.pop("kind", None)
    with transaction(sessions) as session:
        project, owner = session.get_one(Project, project_id), session.query(User).first()
        rollout = factories.attempt(session, project, question)
        if kind is not None:
            critiques.add_by_code(session, rollout=rollout, kind=kind, name="concise", text="Long.", rating=0.0)
            return
        found = factories.submitted(session, project, rollout, owner)
        draft = Draft.model_validate({"text": "Too long.", **fields})
        revision = session.get_one(CritiqueRevision, found.current_revision_id)
        for name, value in draft.model_dump().items():
            setattr(revision, name, value)
        for text, verdict, rating in redrafts:
            redraft = factories.redraft(session, found, text)
            session.add(Comparison(critique_id=found.id, redraft_id=redraft.id, verdict=verdict, rating=rating))


@pytest.fixture
def project(committed: Sessions) -> int:
    return parts.new_project(committed, "demo")


@pytest.fixture
def telling(committed: Sessions, project: int) -> int:
    """One critique with an edit, a better and a worse redraft; one unrated and unjudged."""
    span = {"anchor": vars(anchors.anchor("Rain is water.", 0, 4)), "note": "What kind?", "severity": "minor"}
    critique(
        committed, project, rating=0.25, edit="Water falls.", tags=["long"], spans=[span],
        redrafts=[("Drops fall.", Verdict.better, None), ("Wet.", Verdict.worse, 0.1), ("Hm.", Verdict.same, None)],
    )  # fmt: skip
    critique(committed, project)
    return project


def test_sft_is_the_conversation_with_the_edited_else_the_better_else_the_perfect_answer(
    committed: Sessions, tmp_path: Path, telling: int
) -> None:
    critique(committed, telling, redrafts=[("Drops.", None, 0.75)], rating=0.5)
    critique(committed, telling, rating=1.0)
    assert parts.rows(committed, tmp_path, telling, shape="sft") == [
        {"messages": [*ASKED, *said("Water falls.")], "source": "edit", "split": "train"},
        {"messages": [*ASKED, *said("Drops.")], "source": "redraft", "split": "train"},
        {"messages": [*ASKED, *said("Rain is water.")], "source": "attempt", "split": "train"},
    ]


def test_dpo_prefers_edits_and_better_redrafts_and_the_attempt_over_worse_ones(
    committed: Sessions, tmp_path: Path, telling: int
) -> None:
    pairs = [
        ("edit", "Water falls.", "Rain is water."),
        ("redraft", "Drops fall.", "Rain is water."),
        ("attempt", "Rain is water.", "Wet."),
        ("redrafts", "Drops fall.", "Wet."),
    ]
    assert parts.rows(committed, tmp_path, telling, shape="dpo") == [
        {"prompt": ASKED, "chosen": said(good), "rejected": said(bad), "source": source, "split": "train"}
        for source, good, bad in pairs
    ]


def test_kto_labels_one_answer_at_a_time_and_leaves_ties_out(committed: Sessions, tmp_path: Path, telling: int) -> None:
    labels = [
        ("attempt", "Rain is water.", False), ("edit", "Water falls.", True), ("redraft", "Drops fall.", True),
        ("redraft", "Wet.", False),
    ]  # fmt: skip
    assert parts.rows(committed, tmp_path, telling, shape="kto") == [
        {"prompt": ASKED, "completion": said(text), "label": label, "source": source, "split": "train"}
        for source, text, label in labels
    ]


def test_reward_is_every_rated_answer(committed: Sessions, tmp_path: Path, telling: int) -> None:
    assert parts.rows(committed, tmp_path, telling, shape="reward") == [
        {"prompt": ASKED, "completion": said("Rain is water."), "rating": 0.25, "source": "attempt", "split": "train"},
        {"prompt": ASKED, "completion": said("Wet."), "rating": 0.1, "source": "redraft", "split": "train"},
    ]


def test_critique_is_every_critique_with_its_spans_and_author(
    committed: Sessions, tmp_path: Path, telling: int
) -> None:
    first, second = parts.rows(committed, tmp_path, telling, shape="critique")
    assert first == {
        "prompt": ASKED, "response": "Rain is water.", "critique": "Too long.", "rating": 0.25, "tags": ["long"],
        "spans": [{"start": 0, "end": 4, "quote": "Rain", "note": "What kind?", "severity": "minor"}],
        "edit": "Water falls.", "author_kind": "annotator", "author_name": "owner", "split": "train",
    }  # fmt: skip
    assert (second["spans"], second["rating"], second["edit"]) == ([], None, None)


def test_revision_is_every_judged_redraft_with_the_critique_it_was_written_under(
    committed: Sessions, tmp_path: Path, telling: int
) -> None:
    with transaction(committed) as session:
        found = session.scalars(select(Critique).order_by(Critique.id)).first()
        found.draft = {**found.draft, "text": "A later text."}
        critiques.freeze(session, critique=found)
    better, worse, same = parts.rows(committed, tmp_path, telling, shape="revision")
    assert better == {
        "prompt": ASKED, "attempt": "Rain is water.", "critique": "Too long.", "redraft": "Drops fall.",
        "spans": [{"start": 0, "end": 4, "quote": "Rain", "note": "What kind?", "severity": "minor"}],
        "verdict": "better", "attempt_rating": 0.0, "redraft_rating": None, "author_kind": "annotator",
        "author_name": "owner", "split": "train",
    }  # fmt: skip
    assert (worse["verdict"], worse["redraft_rating"], same["verdict"]) == ("worse", 0.1, "same")


def test_filters_keep_what_was_asked_for(committed: Sessions, tmp_path: Path, project: int) -> None:
    critique(committed, project)
    critique(committed, project, kind=AuthorKind.verifier)
    with transaction(committed) as session:
        session.query(Prompt).update({"split": Split.probe})
    critique(committed, project, question="What is snow?")
    with transaction(committed) as session:
        session.scalars(select(Critique).order_by(Critique.id.desc())).first().state = CritiqueState.discarded

    def count(**filters: object) -> int:
        return len(parts.rows(committed, tmp_path, project, shape="critique", **filters))

    assert count() == 2
    assert count(author_kind="verifier") == 1
    assert count(author_kind="judge") == 0
    assert count(split="probe") == 2
    assert count(split="train") == 0
    assert count(split="train", state="discarded") == 1
    assert count(since="2000-01-01T00:00:00Z") == 2
    assert count(since="2100-01-01T00:00:00+02:00") == 0


def test_what_is_exported_is_as_corrected_and_neither_deleted_nor_returned_nor_known(
    committed: Sessions, tmp_path: Path, project: int
) -> None:
    for text in ("unreviewed", "accepted", "corrected", "returned", "deleted", "known"):
        critique(committed, project, text=text, rating=0.0)
    with transaction(committed) as session:
        made, reviewer = session.get_one(Project, project), factories.user(session, "reviewer@example.org")
        found = {draft: c for c, draft in session.execute(
            select(Critique, CritiqueRevision.text)
            .join(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        )}  # fmt: skip
        said = {
            text: {"critique": c, "user_id": reviewer.id, "revision_id": c.current_revision_id}
            for text, c in found.items()
        }
        reviews.accept(session, **said["accepted"])
        reviews.correct(session, **said["corrected"], draft=Draft(text="As it should be.", edit="Drops."))
        reviews.give_back(session, **said["returned"], note="Say more.")
        reviews.delete(session, project=made, critique=found["deleted"], user_id=reviewer.id)
        session.get_one(Rollout, found["known"].rollout_id).source = RolloutSource.known

    def texts(**filters: object) -> list[object]:
        return [row["critique"] for row in parts.rows(committed, tmp_path, project, shape="critique", **filters)]

    assert texts() == ["unreviewed", "accepted", "As it should be."]
    assert texts(reviewed="accepted") == ["accepted", "As it should be."]
    assert texts(state="draft") == []
    assert [row["source"] for row in parts.rows(committed, tmp_path, project, shape="dpo")] == ["edit"]


def test_a_csv_holds_no_formula_and_reads_back(committed: Sessions, tmp_path: Path, project: int) -> None:
    critique(committed, project, text=EVIL, edit='two\r\nlines, "quoted" 😀', rating=0.0)
    file = parts.export(committed, tmp_path, project, ExportRequest(shape="critique", format="csv"))
    with file.open(newline="", encoding="utf-8") as opened:
        (row,) = csv.DictReader(opened)
    assert row["critique"] == f"'{EVIL}"
    assert row["edit"] == 'two\r\nlines, "quoted" 😀'
    assert (row["rating"], json.loads(row["prompt"])) == ("0.0", ASKED)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d"])
def test_every_start_of_a_formula_is_made_harmless(start: str) -> None:
    assert harmless(f"{start}1") == f"'{start}1"


@pytest.mark.parametrize("shape", [shape for shape in ExportShape if shape != ExportShape.lineage])
def test_parquet_and_the_dataset_folder_hold_the_rows_of_the_json_lines(
    committed: Sessions, tmp_path: Path, telling: int, shape: ExportShape
) -> None:
    expected = parts.rows(committed, tmp_path, telling, shape=shape)
    file = parts.export(committed, tmp_path, telling, ExportRequest(shape=shape, format="parquet"))
    assert pq.read_table(file).to_pylist() == expected
    packed = parts.export(committed, tmp_path, telling, ExportRequest(shape=shape, format="hf"))
    with zipfile.ZipFile(packed) as opened:
        opened.extractall(tmp_path / "folder")
    assert pq.read_table(tmp_path / "folder" / "data" / "train-00000-of-00001.parquet").to_pylist() == expected
    card = yaml.safe_load((tmp_path / "folder" / "README.md").read_text().split("---\n")[1])
    assert card["configs"][0]["data_files"] == [{"split": "train", "path": "data/train-*"}]
    (split,) = card["dataset_info"]["splits"]
    assert (split["name"], split["num_examples"], split["num_bytes"] > 0) == ("train", len(expected), True)
    assert [feature["name"] for feature in card["dataset_info"]["features"]] == list(expected[0])


def test_a_dataset_folder_has_a_file_per_split_and_an_empty_one_is_still_readable(
    committed: Sessions, tmp_path: Path, project: int
) -> None:
    request = ExportRequest(shape="critique", format="hf")
    with zipfile.ZipFile(parts.export(committed, tmp_path, project, request)) as packed:
        assert packed.namelist() == ["README.md", "data/train-00000-of-00001.parquet"]
    critique(committed, project)
    with transaction(committed) as session:
        session.query(Prompt).update({"split": Split.eval})
    critique(committed, project, question="What is snow?")
    with zipfile.ZipFile(parts.export(committed, tmp_path, project, request)) as packed:
        names = packed.namelist()
    assert names == ["README.md", "data/eval-00000-of-00001.parquet", "data/train-00000-of-00001.parquet"]
    assert not list(tmp_path.glob("*.part"))


def test_the_job_says_rows_size_and_hash_of_the_file(committed: Sessions, tmp_path: Path, telling: int) -> None:
    claim = parts.claimed(committed, telling, ExportRequest(shape="dpo"))
    exporting.export(committed, tmp_path, claim)
    job = parts.finished(committed, claim)
    file = exchange.path_of(tmp_path, job)
    assert job.result == {"rows": 4, "bytes": file.stat().st_size, "sha256": exchange.sha256_of(file)}
    assert (job.done, job.total) == (2, 2)


def test_an_export_whose_worker_died_is_made_afresh_and_the_dead_ones_part_is_removed(
    committed: Sessions, tmp_path: Path, telling: int
) -> None:
    first = parts.claimed(committed, telling, ExportRequest(shape="dpo"))
    with transaction(committed) as session:
        path = exchange.path_of(tmp_path, session.get_one(Job, first.row_id))
    files.part_of(path, first.attempt).write_text("half a line")
    with transaction(committed) as session:
        claims.hand_back(session, Job, first)
        second = claims.claim(session, Job, first.row_id)
    exporting.export(committed, tmp_path, second)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert len(path.read_text().splitlines()) == 4
    with pytest.raises(StaleClaimError):
        exporting.export(committed, tmp_path, first)


def test_an_export_that_was_overtaken_while_it_wrote_moves_nothing(
    committed: Sessions, tmp_path: Path, telling: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = parts.claimed(committed, telling, ExportRequest(shape="dpo"))

    def overtaken(_part: Path) -> None:
        with transaction(committed) as session:
            claims.hand_back(session, Job, first)
            claims.claim(session, Job, first.row_id)

    monkeypatch.setattr(files, "persist", overtaken)
    with pytest.raises(StaleClaimError):
        exporting.export(committed, tmp_path, first)
    assert list(tmp_path.iterdir()) == []


def test_an_export_stops_where_somebody_asked_for_it(committed: Sessions, tmp_path: Path, telling: int) -> None:
    claim = parts.claimed(committed, telling, ExportRequest(shape="dpo"))
    with transaction(committed) as session:
        claims.request_cancel(session, Job, claim.row_id)
    with pytest.raises(CancelledError):
        exporting.export(committed, tmp_path, claim)


def test_old_files_are_swept_and_new_ones_stay(tmp_path: Path) -> None:
    old, new = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    old.touch()
    new.touch()
    long_ago = time.time() - 8 * files.DAY_SECONDS
    os.utime(old, (long_ago, long_ago))
    assert files.sweep(tmp_path, days=7) == 1
    assert files.sweep(tmp_path / "nowhere", days=7) == 0
    assert [file.name for file in tmp_path.iterdir()] == [new.name]


def test_a_failed_export_is_no_file(committed: Sessions, tmp_path: Path, telling: int) -> None:
    claim = parts.claimed(committed, telling, ExportRequest(shape="dpo"))
    with transaction(committed) as session:
        job = claims.finish(session, Job, claim, state=WorkState.failed, error="no space")
    with pytest.raises(exchange.ConflictError, match="failed"):
        exchange.finished_file(tmp_path, job)


@pytest.mark.parametrize("shape", [shape for shape in ExportShape if shape != ExportShape.lineage])
def test_known_items_are_in_no_export_to_train_on(
    committed: Sessions, tmp_path: Path, telling: int, shape: ExportShape
) -> None:
    with transaction(committed) as session:
        access = factories.access(session.get_one(Project, telling), session.query(User).first())
        for number in session.scalars(select(Critique.id)).all():
            known_items.mark_gold(session, access, critique_id=number, expectation=Expectation(0.0, 1.0, "", False))
    assert parts.rows(committed, tmp_path, telling, shape=shape) == []
