"""The embedded stores and the supervisor's pieces."""

import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from backend.embedded import redis as redis_module
from backend.embedded.folder import environment
from backend.embedded.parts import parts_of
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.processes import EmbeddedError, kept_secret
from backend.embedded.redis import EmbeddedRedis
from backend.settings import Settings


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def test_postgres_keeps_its_data_over_a_restart(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "pg")
    with psycopg.connect(plain(server.start())) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('still here')")
    server.stop()
    with psycopg.connect(plain(server.start())) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("still here",)
    server.stop()


def test_postgres_refuses_a_wrong_password(postgres_url: str) -> None:
    wrong = plain(postgres_url).replace("@", "x@", 1)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(wrong)


def test_redis_refuses_nobody_with_the_password_and_keeps_its_data(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "redis")
    with Redis.from_url(server.start()) as client:
        client.set("word", "still here")
    server.stop()
    with Redis.from_url(server.start()) as client:
        assert client.get("word") == b"still here"
    server.stop()


def test_stores_end_when_their_starter_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib; from backend.embedded.postgres import EmbeddedPostgres as P; "
        "from backend.embedded.redis import EmbeddedRedis as R; base = pathlib.Path(sys.argv[1]); "
        "p, r = P(base / 'pg'), R(base / 'redis'); p.start(); r.start(); "
        "print(p._child.pid, r._child.pid, flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pids = [int(word) for word in starter.stdout.readline().split()]
    starter.kill()
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + 20
    while any(_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [_alive(pid) for pid in pids] == [False, False]


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False


def test_postgres_takes_over_a_folder_from_a_server_that_was_left_running(tmp_path: Path) -> None:
    left = EmbeddedPostgres(tmp_path / "pg")
    with psycopg.connect(plain(left.start())) as connection:
        connection.execute("CREATE TABLE kept (word text)")
    taking_over = EmbeddedPostgres(tmp_path / "pg")
    with psycopg.connect(plain(taking_over.start())) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert left._child is not None
    assert left._child.poll() is not None
    taking_over.stop()


def test_postgres_spares_another_program_that_got_the_number_of_its_old_process(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "pg")
    server.start()
    server.stop()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        (tmp_path / "pg" / "data" / "postmaster.pid").write_text(f"{other.pid}\n{tmp_path}/pg/data\n")
        with psycopg.connect(plain(server.start())) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert other.poll() is None
        other.kill()
    server.stop()


def test_an_interrupted_first_start_is_made_good(tmp_path: Path) -> None:
    half = tmp_path / "pg" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(tmp_path / "pg")
    with psycopg.connect(plain(server.start())) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server.stop()


def test_two_servers_never_write_one_append_only_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_module, "STOP_SECONDS", 0.3)
    first, second = EmbeddedRedis(tmp_path / "redis"), EmbeddedRedis(tmp_path / "redis")
    first.start()
    with pytest.raises(EmbeddedError, match="does not end"):
        second.start()
    first.stop()
    with Redis.from_url(second.start()) as client:
        assert client.ping() is True
    second.stop()


def test_a_secret_is_made_once_and_readable_by_us_alone(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "secret"
    assert kept_secret(file) == kept_secret(file)
    assert len(kept_secret(file)) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_training_gives_way_to_serving_and_neither_spins(tmp_path: Path) -> None:
    parts = {part.name: part for part in parts_of(Settings(cpu_threads=4), local_engine=tmp_path)}
    assert parts["worker-train"].command[:2] == ["nice", "-n"]
    assert parts["engine"].command[0] != "nice"
    for name in ("engine", "worker-train"):
        assert parts[name].env["OMP_NUM_THREADS"] == "4"
        assert parts[name].env["OMP_WAIT_POLICY"] == "PASSIVE"


def test_every_setting_reaches_the_child_processes() -> None:
    given = {
        "database_url": "postgresql+psycopg://a@b/c", "redis_url": "redis://x", "engine_url": "http://e",
        "engine_key": "k", "public_url": "https://p", "judge_url": "http://j", "judge_model": "m", "judge_key": "k",
    }  # fmt: skip
    names = {name.removeprefix("REDRAFT_").lower() for name in environment(Settings(**given))}
    assert names == set(Settings.model_fields) - {"cpu_threads"}
