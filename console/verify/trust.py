"""What can be wrong with a signature or a log, as one error with a code."""

from __future__ import annotations


class Distrusted(Exception):
    """Something signed does not count. ``code`` is one of :class:`Doubt`; ``message`` says why, for a person."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class Doubt:
    """Why something signed does not count."""

    SIGNATURE = "bad-signature"
    UNREGISTERED = "unregistered-key"
    REVOKED = "revoked-key"
    EXPIRED_KEY = "expired-key"
    OTHER_PERSON = "other-person"
    OTHER_PLACE = "other-place"
    OTHER_CONTENT = "other-content"
    ROLE = "wrong-role"
    DUTIES = "separation-of-duties"
    QUORUM = "quorum"
    EXPIRED = "expired"
    REGISTRY = "broken-registry"
