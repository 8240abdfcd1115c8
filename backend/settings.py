"""Every setting of the installation, read once from the environment (prefix ``REDRAFT_``). Nothing else reads it."""

from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Typed settings; an unsafe value is refused with the cure in the message."""

    model_config = SettingsConfigDict(env_prefix="REDRAFT_", extra="ignore", frozen=True, hide_input_in_errors=True)

    data_dir: Path = Field(Path("data"), description="Folder of everything that is kept outside the database.")
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL, as postgresql+psycopg://user:password@host/name. Unset: an embedded server."
    )
    redis_url: SecretStr | None = Field(
        None, description="Redis, as redis://:password@host:port/0. Unset: an embedded server."
    )
    engine_url: str | None = Field(
        None, description="Base URL of a vLLM server, such as http://engine:8000. Unset: the bundled local engine."
    )
    engine_key: SecretStr | None = Field(None, description="Bearer key that the engine asks for, if any.")
    judge_url: str | None = Field(
        None, description="Base URL of an OpenAI-compatible server whose model judges, such as https://host/v1."
    )
    judge_model: str | None = Field(
        None, min_length=1, max_length=120, description="The name of the model at REDRAFT_JUDGE_URL."
    )
    judge_key: SecretStr | None = Field(None, description="Bearer key that the judge's server asks for, if any.")
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8700, ge=0, le=65535, description="Port of the web server.")
    public_url: str | None = Field(
        None, description="The URL people type, when it differs from host and port. https turns on Secure cookies."
    )
    base_model: str = Field(
        "smollm2-135m-instruct", description="Name of the registered base model that this installation serves."
    )
    cpu_threads: int | None = Field(
        None, ge=2, description="Cores that engine and training share; training gives way. Unset: all of them."
    )
    session_days: int = Field(14, ge=1, le=90, description="A login ends after this many days.")
    lease_minutes: float = Field(10.0, gt=0, le=120, description="An assignment is held this long after a heartbeat.")
    export_days: float = Field(7.0, gt=0, description="The file of an export is kept for this many days.")
    run_stale_seconds: float = Field(
        30.0, ge=5, description="A running job without a heartbeat for this long is taken over."
    )

    @field_validator("engine_key", "judge_key")
    @classmethod
    def _check_key(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        """A key goes into a header; the space and line ends around one read from a file are no part of it."""
        said = key.get_secret_value().strip() if key else ""
        if not all("!" <= character <= "~" for character in said):
            raise ValueError(
                f"REDRAFT_{(info.field_name or '').upper()} must be one word of ASCII characters, without spaces or "
                "control characters."
            )
        return SecretStr(said) if said else None

    @model_validator(mode="after")
    def _check_urls(self) -> Self:
        if self.database_url and not self.database_url.get_secret_value().startswith("postgresql+psycopg://"):
            raise ValueError("REDRAFT_DATABASE_URL must start with postgresql+psycopg:// (PostgreSQL only).")
        if self.redis_url and not self.redis_url.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("REDRAFT_REDIS_URL must start with redis://, rediss:// or unix://.")
        if self.engine_url and not self.engine_url.startswith(("http://", "https://")):
            raise ValueError("REDRAFT_ENGINE_URL must start with http:// or https://.")
        if self.judge_url and not self.judge_url.startswith(("http://", "https://")):
            raise ValueError("REDRAFT_JUDGE_URL must start with http:// or https://.")
        if (self.judge_url is None) != (self.judge_model is None):
            raise ValueError("A judge of its own needs both REDRAFT_JUDGE_URL and REDRAFT_JUDGE_MODEL.")
        return self

    @property
    def checkpoints_dir(self) -> Path:
        """Folder of published adapters, which the trainer writes and the engine reads."""
        return self.data_dir.resolve() / "checkpoints"

    @property
    def reading_lock(self) -> Path:
        """File that the bundled engine holds a lock on while it reads a prompt for somebody who waits."""
        return self.data_dir.resolve() / "engine.reading"

    @property
    def models_dir(self) -> Path:
        """Folder of base models that were prepared here."""
        return self.data_dir.resolve() / "models"

    @property
    def runs_dir(self) -> Path:
        """Folder of training states from which runs resume."""
        return self.data_dir.resolve() / "runs"

    @property
    def exports_dir(self) -> Path:
        """Folder of finished exports, which worker ``io`` writes and the web server sends."""
        return self.data_dir.resolve() / "exports"

    @property
    def uploads_dir(self) -> Path:
        """Folder of files that wait to be imported."""
        return self.data_dir.resolve() / "uploads"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings."""
    return Settings()
