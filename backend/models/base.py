"""What all tables share: naming convention, column types, and the state of long work."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import BigInteger, DateTime, Enum, ForeignKey, Identity, MetaData, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Json = dict[str, object]


class Base(DeclarativeBase):
    """Every table has a bigint ``id`` and names its constraints by one convention."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[object, object]] = {
        StrEnum: Enum(StrEnum, native_enum=False, length=16),
        datetime: DateTime(timezone=True),
        int: BigInteger,
        Json: JSONB,
        list[str]: JSONB,
        list[int]: JSONB,
        list[float]: JSONB,
        list[Json]: JSONB,
        list[dict[str, str]]: JSONB,
    }

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)


class Created:
    """When the row was made, by the database's clock."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class WrittenBySomebody:
    """Who wrote it: a user, or in an import a name without a user."""

    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str | None] = mapped_column(String(200))


ONE_AUTHOR = "(author_id IS NULL) = (author_name IS NOT NULL)"
ONE_AUTHOR_AT_MOST = "author_id IS NULL OR author_name IS NULL"


class WorkState(StrEnum):
    """The life of long work; the last three are final."""

    queued = "queued"
    running = "running"
    succeeded = "succeeded"
    failed = "failed"
    cancelled = "cancelled"


class Work(Created):
    """Long work that a worker claims: fenced by ``attempt``, alive while ``heartbeat_at`` is fresh."""

    state: Mapped[WorkState] = mapped_column(default=WorkState.queued, index=True)
    attempt: Mapped[int] = mapped_column(default=0)
    heartbeat_at: Mapped[datetime | None]
    queued_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
