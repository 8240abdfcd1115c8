"""What the queries of a lineage share: rows as records, moments as text, lists gathered in order."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, cast, func, select
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement, SQLColumnExpression

from backend.models import User
from worker.exchange import reading
from worker.exchange.reading import Fields, Query


def stream(session: Session, kind: str, query: Query) -> Iterator[Fields]:
    """The rows of a query as records."""
    for fields in reading.stream(session, query):
        fields["kind"] = kind
        yield fields


def moment(column: object) -> ColumnElement[str]:
    """A moment as text in UTC to the microsecond."""
    return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


def named(user_id: object, name: object) -> ColumnElement[str]:
    """Who it was by name: the user's of this installation, or the one that came with an import."""
    of_user = select(User.name).where(User.id == user_id).correlate_except(User).scalar_subquery()
    return func.coalesce(of_user, name)


def author_name(table: Any) -> ColumnElement[str]:  # noqa: ANN401 - any table that is WrittenBySomebody
    """The author of a row by name."""
    return named(table.author_id, table.author_name).label("author_name")


def gathered(order: SQLColumnExpression[int], **fields: object) -> Select[list[Fields]]:
    """A subquery's rows as one JSON list, in order."""
    record = func.json_build_object(*[part for field in fields.items() for part in field])
    return select(func.coalesce(func.json_agg(aggregate_order_by(record, order)), cast([], JSON)))
