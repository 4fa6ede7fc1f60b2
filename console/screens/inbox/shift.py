"""Coming back and leaving, in words: what happened since, and the note for whoever is next. Pure; texts are bounded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from console.domain.ages import left, short_clock, span
from console.domain.decision import DecisionState
from console.qtkit.words import plain
from console.screens.inbox.handled import ASTRAY
from console.screens.inbox.said import told
from console.screens.inbox.values import brief
from console.services.views import ConnectionView, DecisionView, HandOver, InboxRow, Since

TITLE = 100
NAME = 60


def since_words(since: Since, now: datetime) -> str:
    """What happened, in one line; empty where nothing did."""
    if not since:
        return ""
    parts = []
    if since.new:
        worst = max(since.new)
        count = sum(since.new.values())
        parts.append(
            f"{count:,} new, {since.new[worst]:,} {worst.word}" if len(since.new) > 1 else f"{count:,} new {worst.word}"
        )
    if since.overdue:
        parts.append(f"{since.overdue:,} fell due")
    astray = sum(count for state, count in since.decisions.items() if state in ASTRAY)
    if astray:
        parts.append(f"{astray:,} of yours went astray")
    done = since.decisions.get(DecisionState.CARRIED_OUT, 0)
    if done:
        parts.append(f"{done:,} of yours carried out")
    if since.gone:
        parts.append(f"{since.gone:,} wait no longer")
    return f"Since {short_clock(since.left_at, now)}: {', '.join(parts)}" if parts else ""


def note(hand_over: HandOver) -> str:
    """The note, as plain text that reads well anywhere."""
    now = hand_over.at
    lines = [
        f"Hand-over by {brief(hand_over.by.name, NAME)}, {now.astimezone():%d %b %Y %H:%M}",
        f"{hand_over.waiting:,} waiting; {hand_over.decided:,} decided at this desk in the last 12 hours.",
    ]
    lines += _part("High or critical", (_item(row, now) for row in hand_over.urgent))
    lines += _part("Overdue as well", (_item(row, now) for row in hand_over.overdue))
    lines += _part("I was on these", (_item(row, now) for row in hand_over.mine))
    lines += _part("Put off", (_item(row, now) for row in hand_over.put_off))
    lines += _part("Decided, and not at its end", (_decision(view) for view in hand_over.open_ended))
    lines += _part(
        "Connections",
        (
            f"{brief(view.config.name, NAME)}: {view.health}. {brief(view.message, TITLE)}"
            for view in hand_over.troubled
        ),
    )
    return "\n".join([*lines, "", "What to watch:", ""])


def _part(title: str, lines: Iterable[str]) -> list[str]:
    found = [f"- {line}" for line in lines]
    return ["", f"{title}:", *found] if found else []


def _item(row: InboxRow, now: datetime) -> str:
    waiting = row.waiting
    due = f", {left(waiting.due_at, now)}" if waiting.due_at is not None else ""
    back = f", back {short_clock(row.snoozed_until, now)}" if row.snoozed_until and row.snoozed_until > now else ""
    where = f"{brief(waiting.workflow, NAME)} · {brief(row.connection, NAME)}"
    age = span(now - waiting.opened_at)
    return f"{brief(waiting.title, TITLE)} ({waiting.risk.word}, {where}, {age} old{due}{back}) [{row.item_id}]"


def _connection(view: ConnectionView) -> str:
    return f"{brief(view.config.name, NAME)}: {view.health}. {brief(view.message, TITLE)}".strip()


def _decision(view: DecisionView) -> str:
    return f"{brief(view.title, TITLE)}: {plain(told(view))} [{view.item_id}]"
