"""What went wrong on the way to a server, in words of our own: an exception's text may hold a key or a host."""

import socket
import ssl
from collections.abc import Iterator

_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLError, "TLS failed"),
    (socket.gaierror, "its name is not known"),
    (ConnectionRefusedError, "the connection was refused"),
    (TimeoutError, "it timed out"),
)


def kind_of(error: BaseException) -> str:
    """The kind of trouble, from the types of the error and of what caused it alone.

    >>> kind_of(ConnectionRefusedError("http://secret:1"))
    'the connection was refused'
    >>> kind_of(ValueError("Bearer secret"))
    'the connection failed'
    """
    for cause in _causes(error):
        for kind, words in _KINDS:
            if isinstance(cause, kind):
                return words
    return "the connection failed"


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
