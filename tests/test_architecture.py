"""The directions of dependency, as contracts: import-linter's, and what only a fresh process can show."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_import_contract_holds() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_the_backend_starts_without_loading_a_model_library() -> None:
    code = (
        "import sys, backend.app, backend.jobs; "
        "print([m for m in ('torch', 'transformers', 'peft', 'numpy', 'worker') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_recipes_and_contexts_load_without_the_rest_of_the_backend() -> None:
    code = (
        "import sys, backend.recipes, backend.contexts; "
        "print(sorted({m.split('.')[1] for m in sys.modules if m.startswith('backend.')}))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['contexts', 'recipes']"
