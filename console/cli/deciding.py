"""`clearance decide`: one verdict from a command line, bound to the digest that was shown, answered by its receipt."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from console.cli import text
from console.cli.exits import BY_STATE, Exit
from console.domain.decision import DecisionState
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Verdict
from console.domain.risk import Friction, Risk
from console.domain.rules import NEEDS_PAYLOAD, friction

if TYPE_CHECKING:
    import argparse

    from console.domain.canonical import Json
    from console.domain.escalation import Escalation, Target
    from console.services.desk import Desk
    from console.services.views import ItemView

SHORTEST_DIGEST = 16
HOW = "Run the same command in a terminal, with nothing piped into it, and type the verdict when it asks."


class Stop(Exception):
    """Ends the command with a status and a line that says why."""

    def __init__(self, status: Exit, line: str) -> None:
        super().__init__(line)
        self.status = status
        self.line = line


async def decide(desk: Desk, arguments: argparse.Namespace) -> int:
    """Decide and wait for the receipt; prints what became of it and returns the exit status."""
    verdict = Verdict(arguments.verdict)
    try:
        view = await desk.refresh(arguments.item_id)
        digest, escalation = _still_waiting(view, arguments)
        _check_risk(escalation, verdict)
        payload = _payload(escalation, verdict, arguments)
        _check_friction(escalation, verdict, payload)
        made = await desk.decide(arguments.item_id, verdict, digest, payload, is_hold=False)
        settled = await desk.settled(made.decision.decision_id, arguments.wait, until_confirmed=True)
        if settled.state is DecisionState.CONFIRMED:
            settled = await desk.settled(made.decision.decision_id, arguments.wait)
    except Stop as stop:
        print(stop.line, file=sys.stderr)
        return stop.status
    except Refused as refusal:
        print(f"{refusal.message} {refusal.next_action}", file=sys.stderr)
        return Exit.SUPERSEDED if refusal.code in RefusalCode.SUPERSEDING else Exit.REFUSED
    print(text.as_json(settled) if arguments.json else text.decision(settled))
    return BY_STATE[settled.state]


def _still_waiting(view: ItemView | None, arguments: argparse.Namespace) -> tuple[str, Escalation]:
    if view is None:
        raise Stop(Exit.NOT_FOUND, f"No item {arguments.item_id}; see: clearance inbox")
    if not view.is_open:
        raise Stop(Exit.SUPERSEDED, "It does not wait any more; somebody was first. Nothing was sent.")
    if view.escalation is None:
        raise Stop(Exit.NOT_FOUND, f"{arguments.item_id} cannot be read: {text.one_line(view.error, 400)}")
    _check_digest(view.digest, arguments.digest, arguments.item_id)
    return view.digest, view.escalation


def _check_digest(digest: str, named: str, item_id: str) -> None:
    if len(named) < SHORTEST_DIGEST:
        raise Stop(Exit.USAGE, f"Name at least {SHORTEST_DIGEST} digits of the digest; see: clearance show {item_id}")
    if not digest.startswith(named.lower()):
        line = f"The digest given is not that of what is shown now, {digest}: another item’s, or it has changed since."
        raise Stop(Exit.SUPERSEDED, f"{line} Nothing was sent. Look again: clearance show {item_id}")


def _check_risk(escalation: Escalation, verdict: Verdict) -> None:
    if escalation.row.risk is Risk.CRITICAL and friction(escalation.row.risk, verdict) is Friction.TYPED_NAME:
        raise Stop(Exit.REFUSED, "Critical items are approved at the window only, where all of it is shown.")


def _check_friction(escalation: Escalation, verdict: Verdict, payload: dict[str, Json]) -> None:
    if friction(escalation.row.risk, verdict) < Friction.REASON:
        return
    if not payload.get("reason"):
        raise Stop(Exit.USAGE, f"A {escalation.row.risk.word}-risk item needs a reason: --reason TEXT")
    if not sys.stdin.isatty():
        line = f"A {escalation.row.risk.word}-risk item is decided on a terminal only, where it can ask."
        raise Stop(Exit.REFUSED, f"{line} Nothing was sent. {HOW}")
    print(f"{escalation.row.risk.word} risk: {text.one_line(escalation.row.title, 100)}")
    if input(f"Type {verdict} to go on: ").strip() != str(verdict):
        raise Stop(Exit.REFUSED, "Not confirmed. Nothing was sent.")


def _payload(escalation: Escalation, verdict: Verdict, arguments: argparse.Namespace) -> dict[str, Json]:
    payload: dict[str, Json] = {}
    if arguments.reason:
        payload["reason"] = arguments.reason
    needed = NEEDS_PAYLOAD.get(verdict)
    if needed == "to":
        target = _target(escalation, arguments.to)
        payload["to"] = {"kind": str(target.kind), "id": target.target_id}
    elif needed is not None:
        if not arguments.payload:
            raise Stop(Exit.USAGE, f"“{verdict}” needs --payload FILE with the {needed} as JSON.")
        payload[needed] = _read_json(arguments.payload)
    elif verdict is Verdict.COMPLETE and arguments.payload:
        payload["result"] = _read_json(arguments.payload)
    elif arguments.payload or arguments.to:
        raise Stop(Exit.USAGE, f"“{verdict}” takes neither --payload nor --to.")
    return payload


def _target(escalation: Escalation, named: str) -> Target:
    for target in escalation.targets:
        if named in {target.target_id, f"{target.kind}:{target.target_id}"}:
            return target
    choices = ", ".join(f"{target.kind}:{target.target_id}" for target in escalation.targets) or "nobody"
    raise Stop(Exit.USAGE, f"Name where to reroute: --to with one of {choices}")


def _read_json(source: str) -> Json:
    try:
        content = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
        value: Json = json.loads(content)
    except (OSError, ValueError) as error:
        raise Stop(Exit.USAGE, f"{source} cannot be read as JSON: {error}") from error
    return value
