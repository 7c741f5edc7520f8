"""What can go wrong.

For a caller: one small tree, translated into HTTP in one place (`http/problems.py`). Status on the class, text once.
`Invalid` carries complaints as codes; their texts are localized at the edge. For the operator: `Refused`.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple


class Complaint(NamedTuple):
    """One thing wrong with one field: a key of `http.texts.TEXTS` and the number its text names, if any."""

    code: str
    bound: int | None = None


class Complaints(dict[str, list[Complaint]]):
    """All that is wrong with an input, by dotted path (`metadata.email`); empty = nothing.

    At most MOST paths: an input can be wrong in half a million places, and nobody reads that.
    """

    MOST: ClassVar[int] = 100

    def add(self, path: str, code: str, bound: int | None = None) -> None:
        complaint = Complaint(code, bound)
        if path in self:
            if complaint not in self[path]:
                self[path].append(complaint)
        elif len(self) < self.MOST:
            self[path] = [complaint]


class Refused(Exception):
    """One line that says why the operator's wish was not carried out."""


class Problem(Exception):
    """Something the caller is told. `message` is fixed English."""

    status: ClassVar[int] = 500
    message: ClassVar[str] = "Server Error"


class Unauthenticated(Problem):
    status = 401
    message = "Unauthenticated."


class Forbidden(Problem):
    status = 403
    message = "This action is unauthorized."


class NotFound(Problem):
    """No such record, or one of another company: the same answer, no hint."""

    status = 404
    message = "No query results for model."


class RequestTimeout(Problem):
    """The client did not finish sending its request."""

    status = 408
    message = "Request Timeout"


class PayloadTooLarge(Problem):
    status = 413
    message = "Payload Too Large"


class Invalid(Problem):
    status = 422
    message = "The given data was invalid."

    def __init__(self, complaints: Complaints) -> None:
        super().__init__(self.message)
        self.complaints = complaints


class TooManyRequests(Problem):
    status = 429
    message = "Too Many Attempts."

    def __init__(self, *, resets_at: int, retry_after: int) -> None:
        """When the window ends, in seconds since the epoch, and how many seconds that is from now."""
        super().__init__(self.message)
        self.resets_at = resets_at
        self.retry_after = retry_after


class Unavailable(Problem):
    """The database or the store of files cannot be reached, is full, or is too slow; a retry may go through."""

    status = 503
    message = "Service Unavailable"


class KeyProblem(Problem):
    """Something is wrong with the Idempotency-Key; the contract names these `error`, not `message`."""


class KeyMalformed(KeyProblem):
    status = 400
    message = "Idempotency-Key must be 1 to 255 visible ASCII characters"


class KeyReused(KeyProblem):
    status = 422
    message = "Idempotency-Key reused with different request payload"


class KeyBusy(KeyProblem):
    status = 409
    message = "A request with this Idempotency-Key is still being processed"
