"""What is sent back to an interrupt for what a person decided, checked before it leaves.

A malformed answer is kept by the server and breaks the thread for every answer after it, so nothing leaves here that
the interrupt's own convention or schema has something against. Raises :class:`Refused` (``invalid-payload``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Verdict
from console.engines.langgraph.schemas import Form, Part
from console.infra.schema import read_schema

_V = Verdict


def answer(parts: Sequence[Part], decisions: Sequence[Decision]) -> Json:
    """The value that resumes an interrupt with these parts, decided in the same order."""
    form = parts[0].form
    said = [MAKE[form](part, decision) for part, decision in zip(parts, decisions, strict=True)]
    if form is Form.BATCHED:
        return {"decisions": said}
    if form is Form.INBOX:
        return said
    checked(parts[0].checks, said[0])
    return said[0]


def check(part: Part, decision: Decision) -> None:
    """Raise if this decision could not be sent for this part."""
    if decision.verdict not in part.verdicts:
        raise Refused(f"This takes no “{decision.verdict}”.", code=RefusalCode.NOT_ALLOWED)
    said = MAKE[part.form](part, decision)
    checked(part.checks, said)


def checked(schema: Mapping[str, Json], value: Json) -> None:
    """Raise if a schema that can be used has something against a value."""
    problems = read_schema(schema).problems(value) if schema else ()
    if problems:
        where = ".".join(map(str, problems[0].path))
        raise _wrong(f"The answer does not fit what is asked for: {where and f'“{where}” '}{problems[0].words}.")


def _of_middleware(part: Part, decision: Decision) -> Json:
    if decision.verdict is _V.APPROVE:
        return {"type": "approve"}
    if decision.verdict is _V.EDIT:
        return {"type": "edit", "edited_action": {"name": part.tool, "args": _arguments(part, decision)}}
    if decision.verdict is _V.REJECT:
        return {"type": "reject"} | ({"message": decision.reason} if decision.reason else {})
    return {"type": "respond", "message": _message(decision)}


def _of_inbox(part: Part, decision: Decision) -> Json:
    if decision.verdict is _V.APPROVE:
        return {"type": "accept", "args": None}
    if decision.verdict is _V.EDIT:
        return {"type": "edit", "args": {"action": part.tool, "args": _arguments(part, decision)}}
    if decision.verdict is _V.REJECT:
        return {"type": "ignore", "args": None}
    return {"type": "response", "args": _message(decision)}


def _of_anything(_part: Part, decision: Decision) -> Json:
    if "answer" not in decision.payload:
        raise _wrong("There is no answer.")
    return decision.payload["answer"]


MAKE: dict[Form, Callable[[Part, Decision], Json]] = {
    Form.BATCHED: _of_middleware,
    Form.PER_CALL: _of_middleware,
    Form.INBOX: _of_inbox,
    Form.FREE: _of_anything,
}


def _arguments(part: Part, decision: Decision) -> Json:
    """Edited arguments, as far as they can be checked here; the tool checks the rest when it is called."""
    edited = decision.payload.get("arguments")
    if not isinstance(edited, dict):
        raise _wrong("The arguments have to be an object.")
    checked(part.edits, edited)
    return edited


def _message(decision: Decision) -> str:
    """What is answered in a tool's place: a text, or the one in a form's field."""
    said = decision.payload.get("answer")
    message = said.get("message") if isinstance(said, dict) else said
    if not isinstance(message, str) or not message.strip():
        raise _wrong("The answer has to be a text.")
    return message


def _wrong(message: str) -> Refused:
    return Refused(message, code=RefusalCode.INVALID_PAYLOAD, next_action="Correct it and decide again.")
