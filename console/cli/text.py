"""Items, decisions and connections as lines of text. Whatever an engine wrote is made visible before it is printed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.domain.ages import left, span
from console.domain.digest import escalation_digest
from console.domain.display import clip, visible
from console.services.views import CheckResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.domain.escalation import Approval, Escalation
    from console.services.views import Check, ConnectionView, DecisionView, InboxPage, InboxRow, ItemView

FIELD_LIMIT = 2_000
MOST_SIGNED = 10
KEEP_ONE = (
    "Keep a key first: clearance keys new --file. If your window is open, keep the key that it signs with instead: "
    "File, Signing key…"
)


def one_line(text: str, width: int) -> str:
    """Foreign text in one line of at most ``width`` characters, nothing hidden in it."""
    flat = visible(" ".join(text.split()))
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def inbox(page: InboxPage, now: datetime, *, is_to_sign: bool = False) -> str:
    """The inbox as a table, most urgent first; ``is_to_sign`` where only second signatures were asked for."""
    if not page.rows:
        return "Nothing needs your signature after another’s." if is_to_sign else "Nothing waits for a person."
    lines = [f"{'ID':12}  {'RISK':8}  {'AGE':>5}  {'LEFT':>9}  {'WHAT':46}  WORKFLOW · AGENT · CONNECTION"]
    lines += [_row(row, now) for row in page.rows]
    if page.total > len(page.rows):
        lines.append(f"… and {page.total - len(page.rows)} more; --limit shows them.")
    return "\n".join(lines)


def _row(row: InboxRow, now: datetime) -> str:
    waiting = row.waiting
    time_left = left(waiting.due_at, now) if waiting.due_at is not None else "-"
    where = one_line(f"{waiting.workflow} · {waiting.agent} · {row.connection}", 60)
    if waiting.required_approvals > 1:
        where += f" · signed {waiting.approvals} of {waiting.required_approvals}"
    age = span(now - waiting.opened_at)
    return f"{row.item_id}  {waiting.risk.word:8}  {age:>5}  {time_left:>9}  {one_line(waiting.title, 46):46}  {where}"


def item(view: ItemView) -> str:
    """One item in full: what, why, what may be said to it, and the digest that a decision has to name."""
    escalation = view.escalation
    if escalation is None:
        return f"{view.item_id} could not be read: {visible(view.error) or 'no answer yet'}"
    row = escalation.row
    lines = [visible(row.title), f"{row.risk.word} risk · {row.kind} · {row.workflow} · {row.agent}", ""]
    lines += [*_fields(_what(escalation)), "", *_fields(_why(escalation)), ""]
    lines += _fields(
        [
            ("Verdicts", ", ".join(str(verdict) for verdict in escalation.verdicts)),
            ("", "withdraw, by who has approved it" if escalation.approvals else ""),
            ("Reroute to", ", ".join(f"{target.kind}:{target.target_id}" for target in escalation.targets)),
            ("Connection", f"{view.connection.config.name} ({view.connection.health})"),
            ("Run", row.key.run.run_id),
            ("Digest", view.digest),
        ]
    )
    if not view.is_open:
        lines.append("It does not wait any more.")
    if view.error:
        lines.append(f"Could not be read just now: {visible(view.error)}")
    return "\n".join(lines)


def command(escalation: Escalation) -> str:
    """One thing that may be done at any time, in one line: id, verdict, the digest as `decide` takes it, and what."""
    digest = escalation_digest(escalation)[:16]
    verdict = str(escalation.verdicts[0]) if escalation.verdicts else ""
    return f"{escalation.key.item_id}  {verdict:<8}  {digest}  {one_line(escalation.row.title, 80)}"


def _what(escalation: Escalation) -> list[tuple[str, str]]:
    proposal = escalation.proposal
    fields = [("Problem", escalation.row.problem), ("Question", escalation.question), ("Failure", escalation.failure)]
    if escalation.schema:
        fields.append(("Answer as", json.dumps(escalation.schema, ensure_ascii=False)))
    if proposal is None:
        return fields
    fields += [("Tool", proposal.tool), ("Resource", proposal.resource), ("Summary", proposal.summary)]
    fields.append(("Arguments", json.dumps(proposal.arguments, ensure_ascii=False, indent=2)))
    fields += [("Changes", f"{change.label}: {change.before} → {change.after}") for change in proposal.changes]
    fields.append(("Undo", proposal.reversal if proposal.is_reversible else "cannot be undone"))
    return fields


def _why(escalation: Escalation) -> list[tuple[str, str]]:
    rule = escalation.rule
    fields = [("Rule", f"{rule.name}, version {rule.version}: {rule.text}")] if rule is not None else []
    if escalation.confidence is not None:
        fields.append(("Confidence", f"{escalation.confidence:.0%}"))
    fields += [("Caveat", caveat) for caveat in escalation.caveats]
    fields += [("Open", question) for question in escalation.open_questions]
    if escalation.row.required_approvals > 1:
        fields.append(("Approvals", f"{escalation.row.approvals} of {escalation.row.required_approvals}"))
    if escalation.handed_to is not None:
        fields.append(("Handed to", f"{escalation.handed_to.label}, when it fell due"))
    if escalation.expires_at is not None:
        at = escalation.expires_at.astimezone().strftime("%Y-%m-%d %H:%M")
        fields.append(("Rejects", f"itself at {at} if nobody decides"))
    fields += [("Signed", _signed(approval)) for approval in escalation.approvals[:MOST_SIGNED]]
    return fields


def _signed(approval: Approval) -> str:
    """What one person saw, changed and wrote."""
    at = approval.at.astimezone().strftime("%Y-%m-%d %H:%M")
    lines = [f"{approval.by.name} ({approval.by.role}), {at}, saw {approval.digest[:16]}"]
    lines += [f"changed {change.label}: {change.before} → {change.after}" for change in approval.changes]
    return "\n".join([*lines, f"wrote “{approval.reason}”"] if approval.reason else lines)


def _fields(pairs: Iterable[tuple[str, str]]) -> list[str]:
    lines: list[str] = []
    for label, value in pairs:
        if not value:
            continue
        first, *others = clip(visible(value), FIELD_LIMIT).text.splitlines() or [""]
        lines.append(f"{label:12} {first}")
        lines += [f"{'':12} {other}" for other in others]
    return lines


def decision(view: DecisionView) -> str:
    """What became of a decision, in one or two lines."""
    parts = [f"{view.state}: {view.decision.verdict} “{one_line(view.title, 80)}”"]
    if view.receipt is not None and view.receipt.effect is not None:
        parts.append(f"effect {visible(view.receipt.effect.effect_id)}")
    if view.message:
        parts.append(visible(view.message))
    line = " · ".join(parts)
    return f"{line}\n{visible(view.next_action)}" if view.next_action else line


def connections(views: Iterable[ConnectionView]) -> str:
    """All connections, one a line, with what to do where one is not live."""
    lines = []
    for view in views:
        address = view.config.settings.get("address", "")
        line = f"{view.config.name:20}  {view.config.kind:10}  {address!s:28}  {view.health:10}  {view.waiting} waiting"
        lines.append(line)
        lines += [f"{'':22}{visible(text)}" for text in (view.message, view.next_action) if text]
    return "\n".join(lines) or "No connection yet. Add one: clearance connections add NAME --address HOST:PORT"


MARKS = {CheckResult.GOOD: "ok  ", CheckResult.WARNING: "note", CheckResult.BAD: "bad "}


def checks(results: Iterable[Check]) -> str:
    """The lines of a connection's test."""
    lines = []
    for check in results:
        lines.append(f"{MARKS[check.result]}  {visible(check.text)}")
        if check.next_action:
            lines.append(f"      {visible(check.next_action)}")
    return "\n".join(lines)


def as_json(value: object) -> str:
    """Any of the desk's views as indented JSON: times in ISO 8601, lengths of time in seconds, risk from 1 to 4."""
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=2)


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, AbstractSet):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
