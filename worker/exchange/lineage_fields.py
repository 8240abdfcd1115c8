"""What the fields of a lineage's records are made of, and how a record becomes a line."""

import json
import math
from typing import Annotated, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from backend.domain.critiques import MAX_TEXT
from backend.domain.spans import MAX_SPANS, Span
from backend.forms import Answer, Form, Key


def canonical(record: dict[str, object]) -> bytes:
    """A record as the one line that it can be: keys in order, no spaces, UTF-8."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("text must not hold NUL characters")
    return text


Tree = TypeVar("Tree")


def _storable(value: Tree) -> Tree:
    pending: list[object] = [value]
    while pending:
        found = pending.pop()
        if isinstance(found, BaseModel):
            pending.append(found.model_dump())
        elif isinstance(found, dict):
            pending += [*found, *found.values()]
        elif isinstance(found, list):
            pending += found
        elif isinstance(found, str):
            _without_nul(found)
        elif isinstance(found, float) and not math.isfinite(found):
            raise ValueError("numbers must be finite")
    return value


Text = Annotated[str, AfterValidator(_without_nul)]
Body = Annotated[Text, Field(max_length=MAX_TEXT)]
Name = Annotated[Text, Field(max_length=200)]
Free = Annotated[dict[str, object], AfterValidator(_storable)]
Answers = Annotated[dict[Key, Answer], AfterValidator(_storable)]
FormContent = Annotated[Form, AfterValidator(_storable)]
Spans = Annotated[list[Span], Field(max_length=MAX_SPANS), AfterValidator(_storable)]
Moment = Annotated[AwareDatetime, Field(strict=True)]
Place = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Unit = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Record(BaseModel):
    """A line, or a part of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
