"""What a failed call means, mapped by what the caller can do next, with words and a next action for a person.

"Surely not delivered" is said only where no connection came about, or the server turned the request away.
"""

from __future__ import annotations

import json

import httpx

from console.domain.errors import Denied, RefusalCode, Refused, Uncertain, Unreachable
from console.engines.langgraph.settings import LangGraphSettings

UNREADABLE = "unreadable"
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
MAX_WORDS = 300
CHECK_KEY = "Check the API key of this connection, and whether the server wants it as a bearer token."
CHECK_ADDRESS = "Check the address and the port; a LangGraph server answers at /info."
FAILING = frozenset({500, 502, 503, 504})


def failed(error: httpx.HTTPError, settings: LangGraphSettings, *, was_sent: bool) -> Unreachable | Uncertain | Denied:
    """Why a call got no answer; ``was_sent`` tells that it would have changed something."""
    at = settings.address
    if "CERTIFICATE_VERIFY_FAILED" in str(error) or "WRONG_VERSION_NUMBER" in str(error):
        what = "is not one known here" if "CERTIFICATE" in str(error) else "is not spoken there"
        return Denied(f"TLS to {at} failed: its certificate {what}.", next_action="Check TLS and the CA certificate.")
    if isinstance(error, NOT_SENT):
        return Unreachable(f"Nothing answers at {at}.", next_action="Check that the server runs, and its address.")
    if was_sent:
        return Uncertain(f"The connection broke after it was sent, or no answer came: {type(error).__name__}.")
    if isinstance(error, httpx.TimeoutException):
        return Unreachable(f"The server at {at} did not answer in time.")
    return Unreachable(f"The connection to {at} broke: {type(error).__name__}.")


def answered(
    status: int, body: bytes, settings: LangGraphSettings, *, was_sent: bool
) -> Unreachable | Denied | Refused | Uncertain:
    """Why a request was turned away, by the status of the answer; who fails may have done it before."""
    words = detail(body)
    at = settings.address
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return Denied(
            f"The server at {at} does not let this connection in{words and f': {words}'}.", next_action=CHECK_KEY
        )
    if status == httpx.codes.NOT_FOUND:
        return Refused(words or "The server does not have it.", code=RefusalCode.UNKNOWN)
    if status == httpx.codes.CONFLICT:
        return Refused(
            words or "The thread is busy.", code=RefusalCode.BUSY, next_action="It is tried again by itself."
        )
    if status in FAILING and was_sent:
        return Uncertain(f"It was sent, and the server failed over it ({status}){words and f': {words}'}.")
    if status in FAILING or status == httpx.codes.TOO_MANY_REQUESTS:
        return Unreachable(f"The server at {at} fails just now ({status}){words and f': {words}'}.")
    return Refused(f"The server refused it ({status}): {words or 'it gives no reason'}", code=RefusalCode.NOT_ALLOWED)


def unreadable(what: str) -> Refused:
    """The server answered, and its answer makes no sense here."""
    return Refused(
        f"The server's answer cannot be read: {what[:MAX_WORDS]}", code=UNREADABLE, next_action=CHECK_ADDRESS
    )


def detail(body: bytes) -> str:
    """What the server says of a failure, cut; nothing where it says nothing that can be read."""
    try:
        told = json.loads(body[:65_536])
    except (ValueError, RecursionError):
        return ""
    words = told.get("detail") if isinstance(told, dict) else None
    return (words if isinstance(words, str) else json.dumps(words))[:MAX_WORDS] if words else ""
