"""How many of each thing a project holds, kept so that nobody counts them."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base


class Tally(Base):
    """So many more, or fewer, of a thing in a project; the sum over its rows is how many there are.

    Written by the database itself (triggers of the migration ``bulk``), one row a statement, so that nobody waits for
    anybody to count; added up now and then by the sweep. No foreign key: checking it would lock the project's row.
    """

    __tablename__ = "tallies"
    __table_args__ = (Index(None, "project_id", "counted", postgresql_include=["n"]),)

    project_id: Mapped[int]
    counted: Mapped[str] = mapped_column(String(32))
    n: Mapped[int]
