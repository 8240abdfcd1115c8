"""One family of errors; every failure that a caller sees is ``{code, message, details}``."""

from typing import ClassVar


class DomainError(Exception):
    """A refusal with a machine-readable code, an HTTP status and a message that says the cure."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class NotFoundError(DomainError):
    """The thing does not exist, or not for this person."""

    code = "not_found"
    status = 404


class NotAuthenticatedError(DomainError):
    """No valid login or key came with the request."""

    code = "not_authenticated"
    status = 401


class ForbiddenError(DomainError):
    """The person is known but their role does not allow this."""

    code = "forbidden"
    status = 403


class ConflictError(DomainError):
    """The thing is not in the state that the request assumes."""

    code = "conflict"
    status = 409


class InvalidError(DomainError):
    """Well-formed but not acceptable; ``details`` names the field and the message the cure."""

    code = "invalid"
    status = 400


class MismatchError(DomainError):
    """Well-formed, but it does not fit what it speaks of; ``details`` names the field."""

    code = "mismatch"
    status = 422


class EngineUnavailableError(DomainError):
    """The inference engine does not answer, or answered with a failure of its own."""

    code = "engine_unavailable"
    status = 503
