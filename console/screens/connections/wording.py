"""What the screen of the connections says: rows, facts, abilities, results of a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.ages import age, long_span
from console.domain.display import one_line
from console.domain.language import tr
from console.engines.port import Ability, Capabilities
from console.qtkit.checkdata import CheckLine, Went
from console.qtkit.rowdata import InboxRow
from console.qtkit.tokens import Tone
from console.qtkit.words import Words, data, strong
from console.screens.connections.state import HEALTH_LOOKS, KIND_NAMES, TestState
from console.services.views import Check, ConnectionView, Health

MOST_SKEW = timedelta(minutes=2)


def kind_name(kind: str) -> str:
    """The engine's name as people write it."""
    return KIND_NAMES.get(kind, one_line(kind))


def text_setting(view: ConnectionView, name: str) -> str:
    """One of the engine's settings as text; empty where it is not set."""
    value = view.config.settings.get(name)
    return one_line(value) if isinstance(value, str) else ""


def connection_row(view: ConnectionView, now: datetime) -> InboxRow:
    """A connection in the list: health, kind, address, newest data, how much waits there."""
    word, icon, tone = HEALTH_LOOKS[view.health]
    where = (kind_name(view.config.kind), text_setting(view, "address"), text_setting(view, "namespace"))
    return InboxRow(
        row_id=view.config.connection_id,
        icon=icon,
        tone=tone,
        risk_word=word,
        title=view.config.name,
        where=" · ".join(part for part in where if part),
        age=age(view.newest_at, now) if view.newest_at is not None else "",
        time_left=f"{view.waiting:,} waiting" if view.waiting else "",
    )


def freshness(view: ConnectionView, now: datetime) -> str:
    """How old the newest data of a connection are."""
    if view.newest_at is None:
        return "Nothing was read yet."
    told = age(view.newest_at, now)
    return "The newest data are from just now." if told == "just now" else f"The newest data are {told} old."


def where_facts(view: ConnectionView) -> Iterator[tuple[str, Words]]:
    """Label and value of what was entered."""
    yield "Engine", kind_name(view.config.kind)
    for label, name in (("Address", "address"), ("Namespace", "namespace"), ("Server name", "server_name")):
        value = text_setting(view, name)
        if value:
            yield label, data(value)
    for label, name in (
        ("CA", "ca_path"),
        ("Client certificate", "client_cert_path"),
        ("Client key", "client_key_path"),
    ):
        value = text_setting(view, name)
        if value:
            yield label, data(value)
    if view.config.kind == "langgraph":
        yield (
            "Assistants",
            data(text_setting(view, "assistants")) if text_setting(view, "assistants") else "all of them",
        )
    yield "Protection", _protection(view)
    if view.config.secret_names:
        sent = ", sent as a bearer token" if view.config.settings.get("bearer") else ""
        yield "Secrets", f"API key, entered once; it is not shown again{sent}"


def _protection(view: ConnectionView) -> Words:
    if view.config.settings.get("tls"):
        return "TLS, the server’s certificate is verified"
    if view.config.settings.get("allow_plaintext"):
        return (strong("None. ", Tone.HIGH), "You allowed it; everybody on the way can read and change what is sent.")
    return "None; it stays on this machine"


def server_facts(view: ConnectionView) -> Iterator[tuple[str, Words]]:
    """Label and value of what answered."""
    server = view.server
    if server is None:
        return
    yield "Version", one_line(server.version)
    yield "Identity", data(server.identity)
    if abs(server.skew) > MOST_SKEW:
        side = "ahead of" if server.skew > timedelta(0) else "behind"
        yield "Clock", (strong(f"{long_span(abs(server.skew))} {side} this machine", Tone.MEDIUM),)


@dataclass(frozen=True, slots=True)
class AbilityLine:
    """One thing an engine can do, or cannot and why."""

    words: str
    is_able: bool
    reason: str = ""


def ability_lines(capable: Capabilities) -> tuple[AbilityLine, ...]:
    """Everything beyond listing that an engine may be able to do, with the reason where it cannot."""
    verdicts = ", ".join(sorted(tr(verdict) for verdict in capable.verdicts))
    lines = [AbilityLine(f"decide: {verdicts}", is_able=True)] if capable.verdicts else []
    for ability in Ability:
        is_able = ability in capable.abilities
        lines.append(AbilityLine(tr(ability), is_able, "" if is_able else capable.lacks.get(ability, "")))
    if capable.race_window > timedelta(0):
        window = f"{capable.race_window.total_seconds():g} s"
        lines.append(AbilityLine(f"tell two decisions apart that come within {window}", is_able=False))
    return tuple(lines)


def test_lines(test: TestState) -> tuple[CheckLine, ...]:
    """A test in lines."""
    if test.is_running:
        return (CheckLine(Went.RUNNING, "Trying to connect and to read…", remark=f"{test.seconds} s"),)
    if test.was_cancelled:
        return (CheckLine(Went.STOPPED, "Cancelled. Nothing is known from this test."),)
    if test.failed:
        return (CheckLine(Went.BAD, "The test could not be made.", test.failed),)
    return tuple(check_line(check) for check in test.checks)


def check_line(check: Check) -> CheckLine:
    """One line of a test."""
    took = f"{check.took_ms:,} ms" if check.took_ms is not None else ""
    return CheckLine(Went[check.result.name], check.text, check.next_action, took)


def test_remark(test: TestState, now: datetime) -> str:
    """When a test ended."""
    if test.ended_at is None:
        return ""
    told = age(test.ended_at, now)
    return told if told == "just now" else f"{told} ago"


def removal(view: ConnectionView) -> Words:
    """What removing a connection does, before it is done."""
    waiting = f" {view.waiting:,} items that wait there leave this inbox." if view.waiting else ""
    return (
        strong(f"Remove {one_line(view.config.name)}? "),
        f"Its settings and secrets are forgotten.{waiting} Nothing changes on the server: what waits there goes on ",
        "waiting. Your decisions and their receipts stay in the audit log; those not sent yet are not sent.",
    )


def trouble(view: ConnectionView) -> Words | None:
    """Why a connection is not live and what to do; nothing while it is well."""
    if view.health in {Health.LIVE, Health.CONNECTING} or not (view.message or view.next_action):
        return None
    return (strong(f"{view.message} "), view.next_action)
