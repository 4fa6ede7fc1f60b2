"""What an interrupt asks for, read from its value: the conventions in use, and for all others a form for plain JSON.

A value is hostile: agents write it. Invariants: reading never raises, for any JSON; one that looks like one of the
conventions and cannot be read as one is asked for as plain JSON, and says so in ``problem``; what is offered is what
the value itself allows, never more.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from console.domain.canonical import Json
from console.domain.escalation import Verdict
from console.engines.langgraph.line import Node

_V = Verdict
MOST_PARTS = 50
MOST_TEXT = 20_000
MOST_WORDS = 160
BY_DECISION = {"approve": _V.APPROVE, "edit": _V.EDIT, "reject": _V.REJECT, "respond": _V.ANSWER}
BY_PERMIT = {"allow_accept": _V.APPROVE, "allow_edit": _V.EDIT, "allow_ignore": _V.REJECT, "allow_respond": _V.ANSWER}
ORDER = (_V.APPROVE, _V.EDIT, _V.REJECT, _V.ANSWER)
ASKING = ("question", "prompt", "message", "query", "text", "instruction", "description")
USUAL = "Tool execution requires approval"
MESSAGE: dict[str, Json] = {
    "type": "object",
    "properties": {"message": {"type": "string", "title": "Answer", "minLength": 1}},
    "required": ["message"],
    "additionalProperties": False,
}
ANYTHING: dict[str, Json] = {"type": ["object", "array", "string", "number", "boolean", "null"], "title": "Answer"}
PLAIN = {"boolean": bool, "integer": int, "number": float, "string": str}


class Form(enum.Enum):
    """Which convention a value keeps, and so which answer it takes."""

    BATCHED = "middleware, one interrupt a turn"
    PER_CALL = "middleware, one interrupt a call"
    INBOX = "agent inbox"
    FREE = "any JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing to decide: the ``place``-th, from 0, of ``count`` that one interrupt asks for.

    ``tool`` and ``arguments`` are of what an agent wants to do; without a tool it is a ``question``. ``edits`` is the
    schema of arguments, ``answers`` that of an answer, ``checks`` that of all that is sent back.
    """

    form: Form
    title: str
    verdicts: tuple[Verdict, ...]
    place: int = 0
    count: int = 1
    tool: str = ""
    summary: str = ""
    arguments: Mapping[str, Json] = field(default_factory=dict)
    question: str = ""
    edits: Mapping[str, Json] = field(default_factory=dict)
    answers: Mapping[str, Json] = field(default_factory=dict)
    checks: Mapping[str, Json] = field(default_factory=dict)
    problem: str = ""


def parts(value: object, response_schema: object = None) -> tuple[Part, ...]:
    """All that an interrupt asks for, one or more; ``value`` and schema are fit to be decoded."""
    schema = response_schema if isinstance(response_schema, Mapping) else {}
    try:
        found = _batched(value) or _per_call(value, schema) or _inbox(value)
    except _UnreadableError as error:
        return (_free(value, schema, f"It looks like {error.form.value}, and {error.why}."),)
    return found or (_free(value, schema),)


class _UnreadableError(Exception):
    """A value that begins like a convention and does not go on like it."""

    def __init__(self, form: Form, why: str) -> None:
        super().__init__(why)
        self.form = form
        self.why = why


def _batched(value: object) -> tuple[Part, ...]:
    if not isinstance(value, Mapping) or "action_requests" not in value or "review_configs" not in value:
        return ()
    requests, configs = _list(value["action_requests"]), _list(value["review_configs"])
    if not requests or len(requests) > MOST_PARTS:
        raise _UnreadableError(Form.BATCHED, f"asks for {len(requests)} actions")
    allowed = {config.get("action_name"): config.get("allowed_decisions") for config in configs if _is_named(config)}
    found = []
    for place, request in enumerate(requests):
        if not isinstance(request, Mapping) or not isinstance(request.get("name"), str):
            raise _UnreadableError(Form.BATCHED, f"its action {place + 1} has no name")
        arguments = request.get("args", request.get("arguments"))
        if not isinstance(arguments, Mapping):
            raise _UnreadableError(Form.BATCHED, f"its action {place + 1} has no arguments")
        verdicts = _verdicts(_list(allowed.get(request["name"])))
        if not verdicts:
            raise _UnreadableError(Form.BATCHED, f"nothing says how action {place + 1} may be decided")
        found.append(
            _call(
                Form.BATCHED,
                request["name"],
                arguments,
                request.get("description"),
                verdicts,
                _inferred(arguments),
                place=place,
                count=len(requests),
            )
        )
    return tuple(found)


def _per_call(value: object, schema: Mapping[str, Json]) -> tuple[Part, ...]:
    if not isinstance(value, Mapping) or value.get("type") != "tool_approval":
        return ()
    name, arguments = value.get("name"), value.get("args")
    if not isinstance(name, str) or not isinstance(arguments, Mapping):
        raise _UnreadableError(Form.PER_CALL, "names no tool with arguments")
    branches = {_kind_of(schema, branch): branch for branch in (_list(schema.get("oneOf")) or [schema])}
    verdicts = _verdicts(list(branches))
    if not verdicts:
        raise _UnreadableError(Form.PER_CALL, "its schema allows no decision that is known here")
    edits = _arguments_of(schema, branches.get("edit")) or _inferred(arguments)
    return (_call(Form.PER_CALL, name, arguments, value.get("description"), verdicts, edits, checks=schema),)


def _inbox(value: object) -> tuple[Part, ...]:
    requests = [value] if isinstance(value, Mapping) else _list(value)
    if not requests or not all(isinstance(each, Mapping) and "action_request" in each for each in requests):
        return ()
    if len(requests) > MOST_PARTS:
        raise _UnreadableError(Form.INBOX, f"asks for {len(requests)} actions")
    found = []
    for place, request in enumerate(requests):
        action, config = request["action_request"], request.get("config")
        name = action.get("action") if isinstance(action, Mapping) else None
        arguments = action.get("args") if isinstance(action, Mapping) else None
        if not isinstance(name, str) or not isinstance(arguments, Mapping) or not isinstance(config, Mapping):
            raise _UnreadableError(Form.INBOX, f"its request {place + 1} names no action with arguments")
        allowed = {verdict for permit, verdict in BY_PERMIT.items() if config.get(permit) is True}
        if not allowed:
            raise _UnreadableError(Form.INBOX, f"its request {place + 1} allows nothing")
        found.append(
            _call(
                Form.INBOX,
                name,
                arguments,
                request.get("description"),
                tuple(verdict for verdict in ORDER if verdict in allowed),
                _inferred(arguments),
                place=place,
                count=len(requests),
            )
        )
    return tuple(found)


def _free(value: object, schema: Mapping[str, Json], problem: str = "") -> Part:
    """A question with whatever is to be read of it; without a schema any JSON is an answer."""
    asked = (
        next((value[name] for name in ASKING if _is_text(value.get(name))), "") if isinstance(value, Mapping) else ""
    )
    words = value if isinstance(value, str) else asked
    rest = {name: each for name, each in value.items() if each is not asked} if isinstance(value, Mapping) else value
    shown = [str(words)] if words else []
    if not isinstance(value, str) and (rest or not words):
        shown.append(json.dumps(rest, ensure_ascii=False, indent=2))
    text = "\n\n".join(shown).strip() or "It asks for an answer and does not say to what."
    first = str(words).strip().partition("\n")[0] or "An interrupt asks for an answer"
    return Part(
        form=Form.FREE,
        title=_cut(first, MOST_WORDS),
        verdicts=(_V.ANSWER,),
        question=_cut(text, MOST_TEXT),
        answers=schema or ANYTHING,
        checks=schema,
        problem=problem,
    )


def _call(
    form: Form,
    name: str,
    arguments: Mapping[str, Json],
    description: object,
    verdicts: tuple[Verdict, ...],
    edits: Mapping[str, Json],
    *,
    place: int = 0,
    count: int = 1,
    checks: Mapping[str, Json] | None = None,
) -> Part:
    """What an agent wants to do. What LangChain itself says of every call tells nobody anything, and is left out."""
    said = description.strip() if isinstance(description, str) and not description.startswith(USUAL) else ""
    listed = ", ".join(f"{key} {_short(each)}" for key, each in arguments.items())
    title = f"{name}: {listed}" if listed else name
    return Part(
        form=form,
        title=_cut(title, MOST_WORDS),
        verdicts=verdicts,
        place=place,
        count=count,
        tool=name,
        summary=_cut(listed, MOST_WORDS) or "without arguments",
        arguments=arguments,
        question=_cut(said, MOST_TEXT),
        edits=edits,
        answers=MESSAGE if _V.ANSWER in verdicts else {},
        checks=checks or {},
    )


def _verdicts(decisions: Sequence[object]) -> tuple[Verdict, ...]:
    allowed = {BY_DECISION[each] for each in decisions if isinstance(each, str) and each in BY_DECISION}
    return tuple(verdict for verdict in ORDER if verdict in allowed)


def _kind_of(schema: Node, branch: object) -> str:
    """The decision that a branch of a schema describes; empty where it describes none."""
    kind = _within(schema, branch, "properties", "type", "const")
    return kind if isinstance(kind, str) else ""


def _arguments_of(schema: Node, branch: object) -> Mapping[str, Json]:
    """The schema of the arguments in an edit, with the definitions that it may refer to."""
    found = _within(schema, branch, "properties", "edited_action", "properties", "args")
    definitions = schema.get("$defs")
    if not isinstance(found, Mapping):
        return {}
    return dict(found) | ({"$defs": definitions} if isinstance(definitions, Mapping) else {})


def _within(schema: Node, node: object, *names: str) -> object:
    """What lies under these names, references followed on the way; ``None`` where nothing does."""
    for name in (*names, ""):
        for _ in range(8):
            target = node.get("$ref") if isinstance(node, Mapping) else None
            if not isinstance(target, str) or not target.startswith("#/$defs/"):
                break
            definitions = schema.get("$defs")
            node = definitions.get(target.removeprefix("#/$defs/")) if isinstance(definitions, Mapping) else None
        if name:
            node = node.get(name) if isinstance(node, Mapping) else None
    return node


def _inferred(arguments: Mapping[str, Json]) -> dict[str, Json]:
    """Fields for plain arguments as they are; the tool's own schema is not told, and checks them when it is called."""
    properties: dict[str, Json] = {}
    for name, value in arguments.items():
        kind = next((kind for kind, type_ in PLAIN.items() if type(value) is type_), "")
        properties[str(name)] = {"type": kind} if kind else {}
    return {"type": "object", "properties": properties}


def _is_named(config: object) -> bool:
    return isinstance(config, Mapping) and isinstance(config.get("action_name"), str)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _cut(" ".join(text[: MOST_WORDS * 2].split()), 40)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
