"""What Temporal's client reports, told as the four errors; the one place where that is decided.

The client fails to connect with ``RuntimeError`` and its reason in the text only, later calls with ``RPCError`` and a
status. Each is mapped by what the caller can do next, with words and a next action for a person. A status says surely
"not delivered" only where the connection was never made or the server turned the call away unread.
"""

from __future__ import annotations

from temporalio.service import RPCError, RPCStatusCode

from console.domain.errors import Denied, RefusalCode, Refused, Uncertain, Unreachable
from console.engines.temporal.settings import TemporalSettings

UNREADABLE = "unreadable"
NOT_CONNECTED = ("tcp connect error", "dns error", "connect timed out", "ConnectError")
NO_WORKER = "no poller seen"
START_WORKER = "Start a worker: clearance worker --address {address} --namespace {namespace}."
CHECK_KEY = "Check the API key or client certificate of this connection."
CHECK_VERSION = "Check the address; Temporal has to be of version 1.25 or later."
REJECTED = "The server at {at} does not let this connection in."
TOO_MUCH = "The server at {at} is asked too much at once just now."
NOT_TEMPORAL = "The server at {at} does not know a call that Clearance needs: it is not Temporal, or too old."


# What the client's text contains, the error, its words and what would help.
CONNECTING: tuple[tuple[tuple[str, ...], type[Unreachable | Denied], str, str], ...] = (
    (("dns error",), Unreachable, "No machine is known by the name {host}.", "Check the address."),
    (
        ("tcp connect error",),
        Unreachable,
        "Nothing answers at {at}.",
        "Check that the server runs and that the port is right.",
    ),
    (
        ("InvalidContentType",),
        Denied,
        "The server at {at} does not speak TLS.",
        "Switch TLS off for this connection, or on at the server.",
    ),
    (
        ("NotValidForName",),
        Denied,
        "The certificate at {at} is for another name.",
        "Set the server name of this connection to the one in the certificate.",
    ),
    (("Expired",), Denied, "The certificate at {at} has expired.", "Renew it on the server."),
    (
        ("InvalidCertificate",),
        Denied,
        "The certificate at {at} is not from an authority known here.",
        "Add the authority's certificate to this connection.",
    ),
    (
        ("PrivateKeyParseError", "CertificateParseError"),
        Denied,
        "A certificate or key of this connection cannot be read.",
        "Give certificates and key in PEM form, without a passphrase.",
    ),
    (("fatal alert",), Denied, "The server at {at} turned this connection's certificate away.", CHECK_KEY),
    (("code: Unauthenticated", "code: PermissionDenied"), Denied, REJECTED, CHECK_KEY),
    (("code: Unimplemented",), Denied, NOT_TEMPORAL, CHECK_VERSION),
)


def connecting(text: str, settings: TemporalSettings, *, speaks_tls: bool) -> Unreachable | Denied:
    """Why no connection came about, from the client's own text; ``speaks_tls`` tells what answers at the address."""
    at = settings.address
    if speaks_tls and not settings.is_encrypted:
        return Denied(f"The server at {at} speaks TLS only.", next_action="Switch TLS on for this connection.")
    for marks, kind, words, next_action in CONNECTING:
        if any(mark in text for mark in marks):
            return kind(words.format(at=at, host=settings.host), next_action=next_action)
    if settings.is_encrypted and "after connection" in text:
        return Unreachable(
            f"The server at {at} breaks the connection off.",
            next_action="Check the port, and whether the server asks for a client certificate.",
        )
    return Unreachable(
        f"What answers at {at} does not answer as a Temporal server.", next_action="Check the address and the port."
    )


def reading(error: RPCError, settings: TemporalSettings) -> Unreachable | Denied | Refused:
    """What a failed call means for someone who only read, or asked for something that may be asked again."""
    at = settings.address
    if error.status is RPCStatusCode.UNAUTHENTICATED or error.status is RPCStatusCode.PERMISSION_DENIED:
        return Denied(REJECTED.format(at=at), next_action=CHECK_KEY)
    if error.status is RPCStatusCode.UNIMPLEMENTED:
        return Denied(NOT_TEMPORAL.format(at=at), next_action=CHECK_VERSION)
    if error.status is RPCStatusCode.NOT_FOUND:
        if "amespace" in error.message:
            return Denied(
                f"There is no namespace “{settings.namespace}” at {at}.",
                next_action="Correct the namespace of this connection, or create it there.",
            )
        return Refused("The server no longer has this run.", code=RefusalCode.UNKNOWN)
    if error.status is RPCStatusCode.INVALID_ARGUMENT and "search attribute" in error.message:
        return missing_attributes(settings, "")
    if error.status is RPCStatusCode.INVALID_ARGUMENT:
        return Refused(f"The server cannot answer this: {error.message}", code=UNREADABLE)
    if NO_WORKER in error.message:
        return no_worker(settings)
    if error.status in {RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}:
        return Unreachable(f"The server at {at} did not answer in time.")
    if error.status is RPCStatusCode.RESOURCE_EXHAUSTED:
        return Unreachable(TOO_MUCH.format(at=at), next_action="Nothing needs doing: it is asked again by itself.")
    return Unreachable(f"The server at {at} does not answer: {error.message}.")


def delivering(error: RPCError, settings: TemporalSettings) -> Unreachable | Denied | Refused | Uncertain:
    """What a failed call means for the decision it carried. A run that is gone is the caller's to find out about."""
    if error.status is RPCStatusCode.UNAVAILABLE and any(mark in error.message for mark in NOT_CONNECTED):
        return Unreachable(f"Nothing answers at {settings.address}.")
    if error.status in {RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED}:
        return reading(error, settings)
    if error.status is RPCStatusCode.NOT_FOUND and "amespace" in error.message:
        return reading(error, settings)
    if error.status is RPCStatusCode.RESOURCE_EXHAUSTED:
        return Unreachable(f"The server takes no more decisions just now: {error.message}.")
    if error.status in {RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION}:
        return Refused(f"The server refused it: {error.message}", code=RefusalCode.NOT_ALLOWED)
    if error.status in {RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}:
        return Uncertain("The decision was sent, and no answer came in time.")
    return Uncertain(f"The connection broke after the decision was sent: {error.message}.")


def no_worker(settings: TemporalSettings) -> Unreachable:
    """The server answers, and nobody there does the work."""
    return Unreachable(
        f"No worker answers on task queue “{settings.task_queue}”.",
        next_action=START_WORKER.format(address=settings.address, namespace=settings.namespace),
    )


def missing_attributes(settings: TemporalSettings, names: str) -> Denied:
    """The namespace was not prepared; ``names`` lists what it lacks, if known."""
    return Denied(
        f"The namespace “{settings.namespace}” has no search attributes for Clearance{names and f' ({names})'}.",
        next_action=f"Run: clearance tower setup --address {settings.address} --namespace {settings.namespace}.",
    )
