"""The client of the engine, over real HTTP."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr

from backend.engine import EngineClient, Generated, Sampling
from backend.errors import EngineUnavailableError, InvalidError
from backend.settings import Settings
from tests.fakes import FakeEngine

HELLO = [{"role": "user", "content": "hello there"}]


@pytest.fixture
def fake() -> Iterator[FakeEngine]:
    with FakeEngine() as engine:
        yield engine


@pytest.fixture
def client(fake: FakeEngine) -> EngineClient:
    return EngineClient(fake.url, None)


def test_a_chat_gives_text_tokens_and_logprobs(client: EngineClient) -> None:
    answer = client.chat("base", HELLO, Sampling())
    assert answer == Generated("answer to: hello there", (6, 4, 6, 6), (-1.0,) * 4, "stop", (5, 5))


def test_a_stream_adds_up_to_the_chat(client: EngineClient) -> None:
    whole = client.chat("base", HELLO, Sampling())
    deltas = list(client.chat_stream("base", HELLO, Sampling()))
    assert "".join(delta.text for delta in deltas) == whole.text
    assert tuple(token for delta in deltas for token in delta.token_ids) == whole.token_ids
    assert [delta.finish_reason for delta in deltas] == [None, None, None, "stop"]


def test_closing_a_stream_ends_it_at_the_engine(fake: FakeEngine, client: EngineClient) -> None:
    fake.delay = 0.02
    stream = client.chat_stream("base", [{"role": "user", "content": "word " * 200}], Sampling(max_tokens=200))
    next(stream)
    del stream
    until = time.monotonic() + 3
    while fake.cut_off == 0 and time.monotonic() < until:
        time.sleep(0.01)
    assert fake.cut_off == 1


def test_an_adapter_is_loaded_once(fake: FakeEngine, client: EngineClient) -> None:
    for _ in range(3):
        client.ensure_adapter("tuned", "/adapters/tuned")
    assert fake.loads == ["tuned"]
    assert sum(path == "/v1/models" for path, _ in fake.requests) == 1
    assert client.chat("tuned", HELLO, Sampling()).text == "tuned answer to: hello there"


def test_the_base_model_is_never_loaded(fake: FakeEngine, client: EngineClient) -> None:
    client.ensure_adapter("base", "/models/base")
    assert fake.loads == []


def test_threads_that_need_the_same_adapter_load_it_once(fake: FakeEngine, client: EngineClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.ensure_adapter("tuned", "/adapters/tuned"), range(8)))
    assert fake.loads == ["tuned"]


def test_an_adapter_comes_back_after_the_engine_restarted(fake: FakeEngine, client: EngineClient) -> None:
    client.ensure_adapter("tuned", "/adapters/tuned")
    fake.restart()
    assert client.chat("tuned", HELLO, Sampling()).text.startswith("tuned")
    fake.restart()
    assert next(iter(client.chat_stream("tuned", HELLO, Sampling()))).text == "tuned"
    fake.restart()
    assert client.score("tuned", [1], [2]) == [-1.0]
    fake.restart()
    status, _ = client.forward("/v1/chat/completions", {"model": "tuned", "messages": HELLO})
    assert status == 200
    assert fake.loads == ["tuned"] * 5


def test_an_unloaded_adapter_is_gone(client: EngineClient) -> None:
    client.ensure_adapter("tuned", "/adapters/tuned")
    client.unload_adapter("tuned")
    assert client.models() == ["base"]
    with pytest.raises(InvalidError, match="does not exist"):
        client.chat("tuned", HELLO, Sampling())


def test_scoring_gives_a_value_per_response_token(client: EngineClient) -> None:
    assert client.score("base", [1, 2], [3, 4, 5]) == [-1.0, -1.0, -1.0]
    assert client.score("base", [1, 2], []) == []


def test_a_first_token_without_a_prompt_cannot_be_scored(client: EngineClient) -> None:
    with pytest.raises(InvalidError, match="at least one prompt token"):
        client.score("base", [], [3, 4])


def test_a_chat_is_tokenized_by_the_engine(client: EngineClient) -> None:
    assert client.tokenize_chat("base", HELLO) == [5, 5]


def test_a_failing_engine_is_unavailable(fake: FakeEngine, client: EngineClient) -> None:
    fake.broken = True
    with pytest.raises(EngineUnavailableError, match="broken on purpose"):
        client.chat("base", HELLO, Sampling())
    with pytest.raises(EngineUnavailableError, match="broken on purpose"):
        next(client.forward_stream("/v1/chat/completions", {"model": "base", "messages": HELLO, "stream": True}))
    with pytest.raises(EngineUnavailableError, match="broken on purpose"):
        client.forward("/v1/chat/completions", {"model": "base", "messages": HELLO})
    assert not client.healthy()


def test_an_engine_that_is_not_there_is_unavailable() -> None:
    with FakeEngine() as gone:
        url = gone.url
    client = EngineClient(url, None)
    with pytest.raises(
        EngineUnavailableError, match=r"cannot be reached: the connection was refused; check that it runs"
    ):
        client.models()
    assert not client.healthy()


def test_a_refusal_speaks_with_the_engines_words(client: EngineClient) -> None:
    with pytest.raises(InvalidError, match="The model `nobody` does not exist"):
        client.chat("nobody", HELLO, Sampling())
    with pytest.raises(InvalidError, match="The model `nobody` does not exist"):
        next(client.forward_stream("/v1/chat/completions", {"model": "nobody", "messages": HELLO, "stream": True}))


def test_the_gateway_hands_refusals_through(client: EngineClient) -> None:
    status, answer = client.forward("/v1/chat/completions", {"model": "nobody", "messages": HELLO})
    assert status == 404
    assert answer == {"error": {"message": "The model `nobody` does not exist.", "code": 404}}


def test_a_forwarded_stream_arrives_unchanged(client: EngineClient) -> None:
    payload = {"model": "base", "messages": HELLO, "stream": True}
    received = b"".join(client.forward_stream("/v1/chat/completions", payload))
    assert received.endswith(b"data: [DONE]\n\n")
    assert received.count(b"data: ") == 5


def test_the_key_is_sent() -> None:
    with FakeEngine(key="secret") as fake:
        assert EngineClient(fake.url, SecretStr("secret")).models() == ["base"]
        with pytest.raises(InvalidError, match="Unauthorized"):
            EngineClient(fake.url, None).models()


def test_sampling_survives_being_stored() -> None:
    for sampling in (Sampling(), Sampling(0.0, 0.5, 7, 11)):
        assert Sampling.from_json(sampling.as_json()) == sampling
    assert Sampling.from_json({"judge": "x"}) == Sampling()


def test_neither_a_key_nor_a_host_stands_in_what_is_said_of_trouble() -> None:
    for url, key in (("http://127.0.0.1:9", "sk-SECRET\n"), ("http://secret-host.invalid", "sk-SECRET")):
        judge = EngineClient(url, SecretStr(key), called="judge", plain=True)
        with pytest.raises(EngineUnavailableError) as raised:
            judge.chat("wise", HELLO, Sampling())
        assert "SECRET" not in raised.value.message
        assert "secret-host" not in raised.value.message


@pytest.mark.parametrize("name", ["engine_key", "judge_key"])
@pytest.mark.parametrize("key", ["sk SECRET", "sk\nSECRET", "sk\x00SECRET", "SECRET\u00e9"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(name: str, key: str) -> None:
    with pytest.raises(ValueError, match=f"REDRAFT_{name.upper()} must be one word") as raised:
        Settings.model_validate({name: key})
    assert "SECRET" not in str(raised.value)


def test_the_line_end_after_a_key_is_no_part_of_it() -> None:
    settings = Settings.model_validate({"judge_key": " sk-1\r\n", "engine_key": "\n"})
    assert settings.judge_key == SecretStr("sk-1")
    assert settings.engine_key is None
