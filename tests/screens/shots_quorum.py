"""Pictures of deciding together and with friction: ``python -m tests.screens.shots_quorum FOLDER [WORDS]``.

Taken in the real window on the scripted engine, light and dark, at the design's size and at the smallest; WORDS choose
among their names.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from console.domain.decision import Decision
from console.domain.escalation import Claim, EscalationKey, Target, TargetKind, Verdict
from console.domain.identity import Person
from console.domain.risk import Risk
from console.engines.fake.samples import MINUTE, PRIYA, Script, plain, price, refund
from console.engines.fake.server import FakeServer
from console.qtkit.theme import Mode, Theme
from tests.screens.stage import DANA, JONAS, until
from tests.screens.windowed import Desktop, desktop, in_window

SIZES = ((1_440, 900), (1_100, 700))
K = Qt.Key
Shoot = Callable[[str], Awaitable[None]]


class Morning:
    """One server with what waits for two persons, and for one."""

    def __init__(self) -> None:
        self.server = FakeServer("tower-eu")
        script = Script(self.server)
        self.price = script.open(41, -6, price(), workflow="pricing-release", business_key="plan pro-eu")
        batch = dataclasses.replace(
            plain("Pay batch 88, €212,400 to 31 payees", Risk.CRITICAL, "payout-agent"), required_approvals=2
        )
        self.batch = script.open(12, 18, batch, workflow="payouts", business_key="batch 88")
        own = dataclasses.replace(
            plain("Delete 312 customer accounts", Risk.CRITICAL, "janitor"),
            required_approvals=2,
            initiator=DANA.person_id,
            handed_to=Target(TargetKind.PERSON, PRIYA.person_id, PRIYA.name),
            expires_in=120 * MINUTE,
        )
        self.own = script.open(90, -9, own, workflow="retention")
        self.refund = script.open(4, 6.5, refund(), workflow="refunds", business_key="order 4711")
        for number in range(6):
            title = f"Archive batch {number + 1} of 6"
            script.open(70 + number, 400, plain(title, Risk.LOW, "archive-agent"), workflow="retention")
        edited = {"plan": "pro-eu", "month": 56.0, "year": 560.0, "start": "2026-12-15", "notice_days": 30}
        before = {"start": "2026-12-01"}
        self.server.change(self.price, **before)
        self.by(JONAS, self.price, Verdict.EDIT, arguments=edited, reason="Legal confirmed 30 days’ notice.", ago=21)
        self.by(PRIYA, self.own, Verdict.APPROVE, reason="Closed for over ten years.", ago=50)
        self.server.claim(self.refund, Claim(JONAS, datetime.now(UTC) + 8 * MINUTE))

    def by(self, person: Person, key: EscalationKey, verdict: Verdict, *, ago: int, **payload: object) -> None:
        """Somebody decided at another desk, some minutes ago."""
        content, then = self.server.escalation(key), datetime.now(UTC) - ago * MINUTE
        clock, self.server.clock = self.server.clock, lambda: then
        decision = Decision(
            decision_id=f"by-{person.person_id}-{key.item_id}",
            key=key,
            opened_in=content.opened_in,
            digest=content.row.digest,
            verdict=verdict,
            payload=payload,  # type: ignore[arg-type]  # JSON, as the callers give it
            by=person,
            key_id="0" * 16,
            signed_at=then,
            valid_until=then + 9 * MINUTE,
            audit_head="0" * 64,
        )
        self.server.decide(decision)
        self.server.clock = clock


async def see(desk: Desktop, key: EscalationKey) -> None:
    """Open an item, on a slow machine too."""
    desk.hosting.inbox.open(key.item_id)
    await until(lambda: desk.state.listing.selected_id == key.item_id and desk.state.is_armed, 60)


async def queue(desk: Desktop, morning: Morning, shoot: Shoot) -> None:
    """The queue, an edit that would void the first signature, and then nothing left to sign."""
    desk.hosting.inbox.seeking.toggle_to_sign()
    await until(lambda: desk.state.listing.is_to_sign and len(desk.state.listing.rows) == 1, 60)
    await see(desk, morning.price)
    desk.key(K.Key_A)
    desk.type("pro-e")
    await shoot("queue")
    desk.type("u")
    desk.key(K.Key_Escape)
    desk.key(K.Key_E)
    await until(lambda: desk.state.form is not None, 60)
    await shoot("queue-edit")
    desk.key(K.Key_Escape)
    desk.key(K.Key_A)
    desk.type("Checked the notice period with Legal")
    desk.key(K.Key_Return)
    await until(lambda: desk.state.emptiness is not None, 60)
    await shoot("queue-empty")
    desk.hosting.inbox.deciding.undo()
    desk.hosting.inbox.seeking.show_all()


async def own(desk: Desktop, morning: Morning, shoot: Shoot) -> None:
    """What I started, and cannot approve."""
    await see(desk, morning.own)
    await shoot("own")
    desk.key(K.Key_A)
    await shoot("own-pressed")
    desk.key(K.Key_Escape)


async def signed(desk: Desktop, morning: Morning, shoot: Shoot) -> None:
    """What I have signed, and another person has to."""
    await see(desk, morning.batch)
    desk.key(K.Key_A)
    desk.type("payout-agent/1")
    desk.key(K.Key_Return)
    desk.type("Agrees with the payment file")
    desk.key(K.Key_Return)
    await until(lambda: any("Signed 1 of 2" in row.said for row in desk.state.handled), 90)
    desk.hosting.inbox.show_new()
    await see(desk, morning.batch)
    await until(lambda: bool(desk.state.bar.hindrance), 60)
    await shoot("signed")


async def templates(desk: Desktop, morning: Morning, shoot: Shoot) -> None:
    """Another's claim at high risk, and the reasons to pick from."""
    await see(desk, morning.refund)
    await shoot("claimed")
    deciding = desk.hosting.inbox.deciding
    for reason in ("Seen in the PSP report", "Agreed with the customer by phone"):
        deciding.set_reason(reason)
        deciding.keep_reason()
    deciding.set_reason("Double capture confirmed")
    desk.view.bar.templates.click()
    await until(lambda: QApplication.activePopupWidget() is not None, 60)
    await shoot("templates")
    popup = QApplication.activePopupWidget()
    assert popup is not None
    popup.close()


async def queued(desk: Desktop, morning: Morning, shoot: Shoot) -> None:
    """A decision that waits for its engine says until when it holds."""
    await see(desk, morning.refund)
    morning.server.go_away()
    await until(lambda: "away" in desk.state.bar.warning or "on it" in desk.state.bar.warning, 60)
    row = next(row for row in desk.state.listing.rows if "Archive" in row.waiting.title)
    desk.hosting.inbox.select(row.item_id)
    await until(lambda: desk.state.is_armed, 60)
    desk.key(K.Key_A)
    await until(lambda: any("holds until" in each.said for each in desk.state.handled), 90)
    await shoot("queued")


STORIES = (queue, own, signed, templates, queued)


async def whole(theme: Theme, folder: Path, words: Sequence[str]) -> None:
    for size in SIZES:
        for mode in (Mode.LIGHT, Mode.DARK):
            theme.set_mode(mode)
            for story in STORIES:
                if words and story.__name__ not in words:
                    continue
                morning = Morning()
                with tempfile.TemporaryDirectory() as data:
                    async with desktop(theme, Path(data), [morning.server], size=size) as desk:

                        async def shoot(name: str, end: str = f"_{mode.value}_{size[0]}.png") -> None:
                            await asyncio.sleep(0.8)
                            _picture(desk).save(str(folder / (name + end)))

                        await story(desk, morning, shoot)


def _picture(desk: Desktop) -> QPixmap:
    """The window, with the menu that is open over it."""
    taken = desk.window.grab()
    popup = QApplication.activePopupWidget()
    if popup is not None:
        painter = QPainter(taken)
        painter.drawPixmap(desk.window.mapFromGlobal(popup.pos()), popup.grab())
        painter.end()
    return taken


if __name__ == "__main__":
    app = QApplication(sys.argv)
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    in_window(app, whole(Theme(app, Mode.LIGHT), target, sys.argv[2:]))
