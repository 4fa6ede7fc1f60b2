"""Items as nobody should send them, each made from a sound one: what every engine's decoding has to live through."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from console.domain.digest import escalation_digest
from console.domain.escalation import Escalation, EscalationKey, Kind, Proposal, Verdict, Waiting
from console.domain.risk import Risk
from console.domain.run import RunRef

_ITEM = TypeAdapter(Escalation)
MEGABYTE = 1_000_000


def sound(run: RunRef, native_id: str = "gate", **proposal: Any) -> Escalation:  # noqa: ANN401  # fields of a proposal
    """A sound item of a run, with its digest; ``proposal`` sets fields of what it proposes."""
    row = Waiting(
        key=EscalationKey(run, native_id, 1),
        kind=Kind.CHECKPOINT,
        title=f"Pay {native_id}",
        workflow="hostile",
        agent="somebody",
        risk=Risk.HIGH,
        opened_at=datetime(2026, 11, 21, 8, tzinfo=UTC),
    )
    fields = {"tool": "pay", "arguments": {"amount": "240.00"}, "resource": "order/4711", "summary": "Pay"} | proposal
    item = Escalation(
        row=row,
        opened_in="execution",
        step=native_id,
        owner="Finance",
        verdicts=(Verdict.APPROVE, Verdict.EDIT, Verdict.REJECT),
        proposal=Proposal(**fields),
    )
    return dataclasses.replace(item, row=dataclasses.replace(row, digest=escalation_digest(item)))


def as_json(item: Escalation) -> dict[str, Any]:
    """The item as it travels."""
    return dict(_ITEM.dump_python(item, mode="json"))


def without(name: str) -> Callable[[dict[str, Any]], object]:
    """What makes an item that lacks a part."""
    return lambda raw: {key: value for key, value in raw.items() if key != name}


def with_part(**parts: object) -> Callable[[dict[str, Any]], object]:
    """What makes an item of which parts are something else."""
    return lambda raw: raw | parts


def with_proposal(**parts: object) -> Callable[[dict[str, Any]], object]:
    """What makes an item whose proposal is something else, and whose digest is as before."""
    return lambda raw: raw | {"proposal": raw["proposal"] | parts}


def with_row(**parts: object) -> Callable[[dict[str, Any]], object]:
    """What makes an item whose row is something else."""
    return lambda raw: raw | {"row": raw["row"] | parts}


def nested(depth: int) -> object:
    """Lists in lists."""
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


# By name: how the item is made, and a word of the problem that it has to show.
HOSTILE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "nothing": (lambda _: None, "not an object"),
    "number": (lambda _: 5, "not an object"),
    "list": (lambda raw: [raw], "not an object"),
    "empty": (lambda _: {}, "“row”"),
    "no-row": (without("row"), "“row”"),
    "no-verdicts": (without("verdicts"), "“verdicts”"),
    "wrong-confidence": (with_part(confidence="very"), "“confidence”"),
    "wrong-verdict": (with_part(verdicts=["approve", "explode"]), "“verdicts.1”"),
    "wrong-arguments": (with_proposal(arguments=["amount", 5]), "“proposal.arguments”"),
    "wrong-risk": (with_row(risk="enormous"), "“row.risk”"),
    "zoneless": (with_row(opened_at="2026-11-21T08:00:00"), "zone"),
    "no-number": (with_proposal(arguments={"amount": float("inf")}), "signed"),
    "too-precise": (with_proposal(arguments={"amount": 2**60}), "signed"),
    "half-a-character": (with_proposal(arguments={"text": "\ud800"}), "signed"),
    "other-digest": (with_proposal(arguments={"amount": "999999.00"}), "digests differ"),
    "argument-of-1.5-MB": (with_proposal(arguments={"text": "x" * (MEGABYTE * 3 // 2)}), "512 KB"),
    "many-small-arguments": (with_proposal(arguments={"list": list(range(200_000))}), "512 KB"),
    "line-of-a-million": (with_part(question="x" * MEGABYTE), "512 KB"),
    "nested": (with_proposal(arguments={"deep": nested(300)}), "nested"),
    "remote-schema": (with_proposal(schema={"$ref": "https://example.org/schema.json"}), "example.org"),
    "remote-schema-inside": (
        with_proposal(schema={"properties": {"a": {"$ref": "file:///etc/passwd"}}}),
        "file:///etc/passwd",
    ),
}

# What is odd to look at and still whole: it has no problem, and screens make it visible.
ODD: dict[str, dict[str, Any]] = {
    "bidi": {"summary": "pay \u202e0042 € \u2066now"},
    "image": {"summary": '<img src="file:///etc/passwd">', "arguments": {"text": '<img src="file:///x.png">'}},
    "long-line": {"arguments": {"text": "x" * 100_000}},
    "own-schema": {"schema": {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object"}}}},
}
