"""Text that comes token by token is the text of all tokens, whole characters at a time."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from tests.tiny_model import make_tiny_model
from worker.engine.text import Decode, TextStream


@pytest.fixture(scope="module")
def decode(tmp_path_factory: pytest.TempPathFactory) -> Decode:
    folder: Path = make_tiny_model(tmp_path_factory.mktemp("model"))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return lambda ids: str(tokenizer.decode(list(ids), skip_special_tokens=True))


@given(ids=st.lists(st.integers(0, 439), max_size=40))
def test_the_pieces_add_up_to_the_whole(decode: Decode, ids: list[int]) -> None:
    stream = TextStream(decode)
    assert "".join([*(stream.add(token) for token in ids), stream.end()]) == decode(ids)


def bytes_as_text(ids: list[int]) -> str:
    return bytes(ids).decode(errors="replace")


def test_a_character_comes_when_its_last_byte_does() -> None:
    stream = TextStream(lambda ids: bytes_as_text(list(ids)))
    assert [stream.add(byte) for byte in "aé😀".encode()] == ["a", "", "é", "", "", "", "😀"]


def test_an_unfinished_character_is_shown_at_the_end() -> None:
    stream = TextStream(lambda ids: bytes_as_text(list(ids)))
    assert [stream.add(byte) for byte in "é".encode()[:1]] == [""]
    assert stream.end() == "\ufffd"


@given(text=st.text("ab", max_size=12), stops=st.lists(st.text("ab", min_size=1, max_size=3), max_size=2))
def test_nothing_of_a_stop_word_is_ever_shown(text: str, stops: list[str]) -> None:
    stream = TextStream(lambda ids: bytes_as_text(list(ids)), tuple(stops))
    heard = itertools.takewhile(lambda _: stream.stopped_by is None, text.encode())
    shown = [*(stream.add(byte) for byte in heard), stream.end()]
    ends = [text.index(stop) + len(stop) for stop in stops if stop in text]
    first = min(ends, default=len(text))
    stopping = [stop for stop in stops if text[:first].endswith(stop)]
    expected = min((text[: first - len(stop)] for stop in stopping), key=len, default=text)
    assert "".join(shown) == expected
    assert (stream.stopped_by is not None) == bool(ends)
