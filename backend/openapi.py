"""Prints the API's description, from which the web app's client is generated: ``python -m backend.openapi``."""

import json

from pydantic import SecretStr

from backend.app import create_app
from backend.settings import Settings


def document() -> str:
    """The OpenAPI document as stable JSON text; no connection is made."""
    settings = Settings(
        database_url=SecretStr("postgresql+psycopg://nobody@localhost/none"), engine_url="http://localhost"
    )
    return json.dumps(create_app(settings).openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(document(), end="")
