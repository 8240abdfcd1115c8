"""Tokens to text while they come: characters of several tokens are held back until they are whole, stop words too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

UNFINISHED = "\ufffd"  # what a decoder shows for bytes that are not yet a character

Decode = Callable[[Sequence[int]], str]


@dataclass
class TextStream:
    """The text of a growing answer. ``stopped_by`` is the stop word that ended it, which is no part of the text."""

    decode: Decode
    stops: tuple[str, ...] = ()
    stopped_by: str | None = None
    _ids: list[int] = field(default_factory=list)
    _context: int = 0  # tokens from here on are decoded, since a token's text may depend on the one before
    _shown: int = 0  # tokens whose text is out
    _held: str = ""

    def add(self, token_id: int) -> str:
        """The text that is certain now."""
        self._ids.append(token_id)
        return self._release(self._text_of_new(last=False), last=False)

    def end(self) -> str:
        """The rest, when no token follows."""
        return self._release(self._text_of_new(last=True), last=True)

    def _text_of_new(self, *, last: bool) -> str:
        before = self.decode(self._ids[self._context : self._shown])
        after = self.decode(self._ids[self._context :])
        if len(after) <= len(before) or (after.endswith(UNFINISHED) and not last):
            return ""
        self._context, self._shown = self._shown, len(self._ids)
        return after[len(before) :]

    def _release(self, new: str, *, last: bool) -> str:
        if self.stopped_by is not None:
            return ""
        text = self._held + new
        found = [(text.index(stop), stop) for stop in self.stops if stop in text]
        if found:
            at, self.stopped_by = min(found)
            self._held = ""
            return text[:at]
        kept = 0 if last else max((len(stop) - 1 for stop in self.stops), default=0)
        certain = max(0, len(text) - kept)
        self._held = text[certain:]
        return text[:certain]
