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
        time_left=tr("{waiting:,} waiting", waiting=view.waiting) if view.waiting else "",
    )


def freshness(view: ConnectionView, now: datetime) -> str:
    """How old the newest data of a connection are."""
    if view.newest_at is None:
        return tr("Nothing was read yet.")
    told = age(view.newest_at, now)
    return (
        tr("The newest data are from just now.")
        if told == tr("just now")
        else tr("The newest data are {told} old.", told=told)
    )


def where_facts(view: ConnectionView) -> Iterator[tuple[str, Words]]:
    """Label and value of what was entered."""
    yield tr("Engine"), kind_name(view.config.kind)
    for label, name in ((tr("Address"), "address"), (tr("Namespace"), "namespace"), (tr("Server name"), "server_name")):
        value = text_setting(view, name)
        if value:
            yield label, data(value)
    for label, name in (
        ("CA", "ca_path"),
        (tr("Client certificate"), "client_cert_path"),
        (tr("Client key"), "client_key_path"),
    ):
        value = text_setting(view, name)
        if value:
            yield label, data(value)
    if view.config.kind == "langgraph":
        yield (
            tr("Assistants"),
            data(text_setting(view, "assistants")) if text_setting(view, "assistants") else tr("all of them"),
        )
    yield tr("Protection"), _protection(view)
    if view.config.secret_names:
        sent = tr(", sent as a bearer token") if view.config.settings.get("bearer") else ""
        yield tr("Secrets"), tr("API key, entered once; it is not shown again{sent}", sent=sent)


def _protection(view: ConnectionView) -> Words:
    if view.config.settings.get("tls"):
        return tr("TLS, the server’s certificate is verified")
    if view.config.settings.get("allow_plaintext"):
        return (
            strong(tr("None. "), Tone.HIGH),
            tr("You allowed it; everybody on the way can read and change what is sent."),
        )
    return tr("None; it stays on this machine")


def server_facts(view: ConnectionView) -> Iterator[tuple[str, Words]]:
    """Label and value of what answered."""
    server = view.server
    if server is None:
        return
    yield tr("Version"), one_line(server.version)
    yield tr("Identity"), data(server.identity)
    if abs(server.skew) > MOST_SKEW:
        side = tr("ahead of") if server.skew > timedelta(0) else tr("behind")
        yield (
            tr("Clock"),
            (strong(tr("{skew} {side} this machine", skew=long_span(abs(server.skew)), side=side), Tone.MEDIUM),),
        )


@dataclass(frozen=True, slots=True)
class AbilityLine:
    """One thing an engine can do, or cannot and why."""

    words: str
    is_able: bool
    reason: str = ""


def ability_lines(capable: Capabilities) -> tuple[AbilityLine, ...]:
    """Everything beyond listing that an engine may be able to do, with the reason where it cannot."""
    verdicts = ", ".join(sorted(tr(verdict) for verdict in capable.verdicts))
    lines = [AbilityLine(tr("decide: {verdicts}", verdicts=verdicts), is_able=True)] if capable.verdicts else []
    for ability in Ability:
        is_able = ability in capable.abilities
        lines.append(AbilityLine(tr(ability), is_able, "" if is_able else capable.lacks.get(ability, "")))
    if capable.race_window > timedelta(0):
        window = tr("{race_window:g} s", race_window=capable.race_window.total_seconds())
        lines.append(
            AbilityLine(tr("tell two decisions apart that come within {window}", window=window), is_able=False)
        )
    return tuple(lines)


def test_lines(test: TestState) -> tuple[CheckLine, ...]:
    """A test in lines."""
    if test.is_running:
        return (
            CheckLine(
                Went.RUNNING, tr("Trying to connect and to read…"), remark=tr("{seconds} s", seconds=test.seconds)
            ),
        )
    if test.was_cancelled:
        return (CheckLine(Went.STOPPED, tr("Cancelled. Nothing is known from this test.")),)
    if test.failed:
        return (CheckLine(Went.BAD, tr("The test could not be made."), test.failed),)
    return tuple(check_line(check) for check in test.checks)


def check_line(check: Check) -> CheckLine:
    """One line of a test."""
    took = tr("{took_ms:,} ms", took_ms=check.took_ms) if check.took_ms is not None else ""
    return CheckLine(Went[check.result.name], check.text, check.next_action, took)


def test_remark(test: TestState, now: datetime) -> str:
    """When a test ended."""
    if test.ended_at is None:
        return ""
    told = age(test.ended_at, now)
    return told if told == tr("just now") else tr("{told} ago", told=told)


def removal(view: ConnectionView) -> Words:
    """What removing a connection does, before it is done."""
    waiting = tr(" {waiting:,} items that wait there leave this inbox.", waiting=view.waiting) if view.waiting else ""
    return (
        strong(tr("Remove {name}? ", name=one_line(view.config.name))),
        tr(
            "Its settings and secrets are forgotten.{waiting} Nothing changes on the server: what waits there goes on ",
            waiting=waiting,
        ),
        tr("waiting. Your decisions and their receipts stay in the audit log; those not sent yet are not sent."),
    )


def trouble(view: ConnectionView) -> Words | None:
    """Why a connection is not live and what to do; nothing while it is well."""
    if view.health in {Health.LIVE, Health.CONNECTING} or not (view.message or view.next_action):
        return None
    return (strong(f"{tr(view.message)} "), tr(view.next_action))
