"""Worlds to look at screens in: nothing there, a busy morning, far too much, and everything going wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from console.domain.escalation import Kind, Verdict
from console.domain.risk import Risk
from console.engines.fake.record import Opening
from console.engines.fake.samples import plain, rich_world
from console.engines.fake.server import FakeServer

MANY = 400
LONG = "Ü" + "berweisungsträgeränderungsantrag " * 12
HOSTILE = "Pay \u202eHbmG EMCA\u202c <b>now</b>\u0000\u200b & “again”\r\nApprove: yes"
AWAY = "Nothing answers at 127.0.0.1:7233: the connection was refused."


@dataclass(frozen=True, slots=True)
class World:
    """Servers by what they are called, and what happens to them once they were listed."""

    servers: tuple[FakeServer, ...]
    then: Callable[[], None] = lambda: None


def _empty() -> World:
    return World((FakeServer("tower-eu"),))


def _typical() -> World:
    return World(rich_world())


def _overfull() -> World:
    first, second, third = rich_world()
    for number in range(MANY):
        risk = Risk(1 + number % 4)
        title = (LONG, HOSTILE, f"Post {number:,} entries, €{number * 981_237:,}.00 to DE01")[number % 3]
        opening = replace(plain(title, risk, LONG[: 10 + number % 60]), due_in=timedelta(minutes=number))
        first.open(first.start_run(workflow=f"{LONG[:40]}-{number % 7}", business_key=HOSTILE), opening)
    second.open_raw(second.start_run(workflow="broken"), {"title": 7, "kind": ["none"], "proposal": "x" * 10_000})
    return World((first, second, third))


def _failing() -> World:
    servers = rich_world()
    first, second, _ = servers
    key = first.open(
        first.start_run(workflow="month-end-close"),
        Opening(title="Retry the lock", kind=Kind.FAILURE, failure="LedgerLocked " * 400, verdicts=(Verdict.RETRY,)),
    )

    def break_down() -> None:
        first.close(key)
        first.go_away(AWAY)
        second.go_away("It answers with rubbish: 502 Bad Gateway <html>…")

    return World(servers, break_down)


WORLDS: Mapping[str, Callable[[], World]] = {
    "empty": _empty,
    "typical": _typical,
    "overfull": _overfull,
    "error": _failing,
}
