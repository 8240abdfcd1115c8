"""Large files of prompts: three formats, bad lines by number and reason, and no prompt twice."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from backend.database import Sessions, transaction
from backend.domain import claims
from backend.errors import InvalidError
from backend.models import Job, Prompt, Split
from tests.worker import exchange_parts as parts
from worker.exchange import importing

CHAT = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is snow?\u2028Cold?"}]
LINES = [
    {"prompt": "What is rain?\r\n😀", "reference": "Water.", "metadata": {"topic": "weather"}, "split": "probe"},
    {"messages": CHAT},
]


@pytest.fixture
def project(committed: Sessions) -> int:
    return parts.new_project(committed, "demo")


def found(sessions: Sessions) -> list[Prompt]:
    with transaction(sessions) as session:
        return list(session.scalars(select(Prompt).order_by(Prompt.id)))


def written(file_format: str, folder: Path) -> bytes:
    file = folder / f"prompts.{file_format}"
    if file_format == "parquet":
        columns = ["prompt", "messages", "reference", "metadata", "split"]
        rows = [{name: line.get(name) for name in columns} for line in LINES]
        pq.write_table(pa.Table.from_pylist(rows), file)
    elif file_format == "csv":
        chat = json.dumps(CHAT).replace('"', '""')
        file.write_bytes(
            (
                "\ufeffprompt,messages,reference,metadata,split\r\n"
                '"What is rain?\r\n😀",,Water.,"{""topic"":""weather""}",probe\r\n'
                f',"{chat}",,,\r\n'
            ).encode()
        )
    else:
        file.write_text("\n\n".join(json.dumps(line, ensure_ascii=False) for line in LINES))
    return file.read_bytes()


@pytest.mark.parametrize("file_format", ["jsonl", "csv", "parquet"])
def test_prompts_come_in_from_every_format_once(
    committed: Sessions, tmp_path: Path, project: int, file_format: str
) -> None:
    raw = written(file_format, tmp_path)
    result = parts.import_file(committed, tmp_path, project, raw, content="prompts", format=file_format)
    assert (result["records"], result["duplicates"]) == (2, 0)
    rain, snow = found(committed)
    assert (rain.messages[0]["content"], rain.reference, rain.details) == (
        "What is rain?\r\n😀", "Water.", {"topic": "weather"},
    )  # fmt: skip
    assert (rain.split, snow.split, snow.messages) == (Split.probe, Split.train, CHAT)
    again = parts.import_file(committed, tmp_path, project, raw, content="prompts", format=file_format)
    assert (again["records"], again["duplicates"]) == (0, 2)


BAD = {
    "not json": b"nonsense",
    "neither form": b"{}",
    "both forms": json.dumps({"prompt": "a", "messages": CHAT}).encode(),
    "empty prompt": b'{"prompt": ""}',
    "role": b'{"messages": [{"role": "robot", "content": "a"}]}',
    "last is not the user's": b'{"messages": [{"role": "assistant", "content": "a"}]}',
    "reference": b'{"prompt": "a", "reference": 7}',
    "metadata": b'{"prompt": "a", "metadata": []}',
    "split": b'{"prompt": "a", "split": "test"}',
    "unknown field": b'{"prompt": "a", "colour": "red"}',
    "not utf-8": b'{"prompt": "\xff"}',
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_reported_with_its_number_and_nothing_is_kept_unless_asked(
    committed: Sessions, tmp_path: Path, project: int, bad: bytes
) -> None:
    raw = b'{"prompt": "Good?"}\n\n' + bad + b"\n"
    claim = parts.claimed(committed, project, parts.stored(tmp_path, raw, content="prompts"))
    with pytest.raises(InvalidError, match=r"1 of 2 lines .*line 3: .+"):
        importing.import_file(committed, tmp_path, claim)
    assert found(committed) == []
    with transaction(committed) as session:
        (error,) = session.get_one(Job, claim.row_id).result["errors"]
    assert error["line"] == 3
    kept = parts.import_file(committed, tmp_path, project, raw, content="prompts", keep_good=True)
    assert (kept["records"], kept["refused"], kept["errors"]) == (1, 1, [error])


def test_a_csv_with_an_unknown_column_or_bad_json_says_so(committed: Sessions, tmp_path: Path, project: int) -> None:
    raw = b"prompt,colour\nWhat?,red\n"
    with pytest.raises(InvalidError, match="line 2: colour"):
        parts.import_file(committed, tmp_path, project, raw, content="prompts", format="csv")
    raw = b"prompt,metadata\nWhat?,nonsense\n"
    with pytest.raises(InvalidError, match="line 2: metadata"):
        parts.import_file(committed, tmp_path, project, raw, content="prompts", format="csv")


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_a_file_of_another_format_is_named(committed: Sessions, tmp_path: Path, project: int, file_format: str) -> None:
    with pytest.raises(InvalidError, match="The file is not"):
        parts.import_file(committed, tmp_path, project, b'"a\xff', content="prompts", format=file_format)


def test_an_import_that_goes_on_after_a_crash_counts_every_prompt_once(
    committed: Sessions, tmp_path: Path, project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    raw = b"\n".join(json.dumps({"prompt": f"What is {number}?"}).encode() for number in range(5))
    request = parts.stored(tmp_path, raw, content="prompts")
    first = parts.claimed(committed, project, request)
    store = importing._store

    def die(*arguments: object) -> None:
        store(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "_store", die)
    with pytest.raises(KeyboardInterrupt):
        importing.import_file(committed, tmp_path, first)
    assert len(found(committed)) == 2
    monkeypatch.setattr(importing, "_store", store)
    with transaction(committed) as session:
        claims.hand_back(session, Job, first)
        second = claims.claim(session, Job, first.row_id)
    importing.import_file(committed, tmp_path, second)
    result = parts.finished(committed, second).result
    assert (result["records"], result["duplicates"], len(found(committed))) == (5, 0, 5)
    assert not (tmp_path / request.file).exists()


def test_an_upload_that_is_gone_is_said_to_be(committed: Sessions, tmp_path: Path, project: int) -> None:
    request = parts.stored(tmp_path, b"{}", content="prompts")
    (tmp_path / request.file).unlink()
    with pytest.raises(InvalidError, match="upload it again"):
        importing.import_file(committed, tmp_path, parts.claimed(committed, project, request))


def test_what_is_told_of_bad_lines_stays_short_however_much_is_wrong(
    committed: Sessions, tmp_path: Path, project: int
) -> None:
    bad = json.dumps({"messages": [{"role": "nobody", "content": ""}] * 500})
    raw = "\n".join([bad] * 150).encode()
    result = parts.import_file(committed, tmp_path, project, raw, content="prompts", keep_good=True)
    assert (result["refused"], len(result["errors"])) == (150, 100)
    assert max(len(error["reason"]) for error in result["errors"]) <= importing.LONGEST_REASON


@pytest.mark.parametrize("file_format", ["jsonl", "csv", "parquet"])
def test_a_small_file_that_unfolds_to_very_much_is_refused(
    committed: Sessions, tmp_path: Path, project: int, file_format: str
) -> None:
    long = "x" * (importing.prompt_lines.LONGEST_PROMPT + 1)
    file = tmp_path / "bomb"
    if file_format == "parquet":
        pq.write_table(pa.table({"prompt": [long] * 200}), file)
    else:
        file.write_text(f"prompt\r\n{long}\r\n" if file_format == "csv" else json.dumps({"prompt": long}))
    with pytest.raises(InvalidError, match="longer than 1 MiB"):
        parts.import_file(committed, tmp_path, project, file.read_bytes(), content="prompts", format=file_format)
