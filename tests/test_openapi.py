"""The API's description is a file, so that a change of the API is a visible change."""

from pathlib import Path

from backend.openapi import document

GOLDEN = Path(__file__).parent / "golden" / "openapi.json"


def test_the_api_is_what_the_golden_file_says() -> None:
    assert document() == GOLDEN.read_text(), "The API changed; run `make openapi` and look at the difference."
