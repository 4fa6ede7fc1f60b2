"""What a verdict carries, checked before it is signed: its shape, its size, and the item's own schema."""

from __future__ import annotations

from collections.abc import Mapping

from console.domain.canonical import Json, canonical
from console.domain.decision import MAX_PAYLOAD_BYTES
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Escalation, Verdict
from console.domain.risk import Friction
from console.domain.rules import NEEDS_PAYLOAD, friction
from console.infra.schema import read_schema

SAID = frozenset({"reason", "shown", "over_claim", "together"})
RESULT = "result"
OPTIONAL = {Verdict.COMPLETE: RESULT}
CORRECT_IT = "Correct it and decide again."


def check_payload(escalation: Escalation, verdict: Verdict, payload: Mapping[str, Json]) -> None:
    """Raise :class:`Refused` (``invalid-payload``) with the first thing that is wrong."""
    needed = NEEDS_PAYLOAD.get(verdict)
    if needed is not None and needed not in payload:
        raise _wrong(f"“{verdict}” needs “{needed}”.")
    unknown = payload.keys() - SAID - {needed or "", OPTIONAL.get(verdict, "")}
    if unknown:
        raise _wrong(f"“{verdict}” does not take “{min(unknown)}”.")
    for name in sorted(SAID & payload.keys()):
        if not isinstance(payload[name], str):
            raise _wrong(f"“{name}” has to be text.")
    if verdict is Verdict.COMPLETE:
        _check_completion(payload)
    if friction(escalation.row.risk, verdict) >= Friction.REASON and not str(payload.get("reason", "")).strip():
        raise _wrong(f"A decision of {escalation.row.risk.word} risk needs a reason.")
    if verdict is Verdict.EDIT:
        _check_arguments(escalation, payload["arguments"])
    if verdict is Verdict.ANSWER:
        _check_schema(escalation.schema, payload["answer"], "The answer")
    if verdict is Verdict.REROUTE:
        _check_target(escalation, payload["to"])
    _check_size(payload)


def _check_completion(payload: Mapping[str, Json]) -> None:
    if not isinstance(payload.get(RESULT, {}), Mapping):
        raise _wrong(f"“{RESULT}” has to be an object.")
    if not str(payload.get("reason", "")).strip():
        raise _wrong("Say how it was done: what is completed by hand needs a reason.")


def _check_arguments(escalation: Escalation, arguments: Json) -> None:
    if not isinstance(arguments, Mapping):
        raise _wrong("The arguments have to be an object.")
    if escalation.proposal is not None:
        _check_schema(escalation.proposal.schema, arguments, "The arguments")


def _check_schema(source: Mapping[str, Json], value: Json, what: str) -> None:
    if not source:
        return
    problems = read_schema(source).problems(value)
    if problems:
        first = problems[0]
        where = ".".join(str(part) for part in first.path)
        raise _wrong(f"{what} cannot be sent: {f'“{where}” ' if where else 'it '}{first.words}.")


def _check_target(escalation: Escalation, to: Json) -> None:
    known = {(str(target.kind), target.target_id) for target in escalation.targets}
    if not isinstance(to, Mapping) or (to.get("kind"), to.get("id")) not in known:
        raise _wrong("The plan names no such place to reroute to.")


def _check_size(payload: Mapping[str, Json]) -> None:
    try:
        size = len(canonical(payload))
    except ValueError as error:
        raise _wrong(f"What it carries cannot be signed: {error}.") from error
    if size > MAX_PAYLOAD_BYTES:
        limit = MAX_PAYLOAD_BYTES // 1024
        raise _wrong(f"What it carries is {size // 1024} KB large; at most {limit} KB can be sent.")


def _wrong(message: str) -> Refused:
    return Refused(message, code=RefusalCode.INVALID_PAYLOAD, next_action=CORRECT_IT)
