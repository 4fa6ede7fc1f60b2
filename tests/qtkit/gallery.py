"""Every widget of the kit on one sheet, light and dark, as pictures to be looked at.

Run as ``python -m tests.qtkit.gallery FOLDER``; it needs no display. Not a test: what is right here is judged by eye,
beside the pictures of the design.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_SCALE_FACTOR", "2")

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from console.domain.canonical import Json
from console.infra.schema import read_schema
from console.qtkit.arguments import Argument, ArgumentGrid
from console.qtkit.buttons import Button, Kind
from console.qtkit.datatext import DataText
from console.qtkit.fields import Field, SearchField
from console.qtkit.form import Form
from console.qtkit.gauges import Ring, Share, ShareBar, Track
from console.qtkit.marks import Avatar, IconMark, KeyCap
from console.qtkit.notes import EmptyState, Note, StatusItem, Strip
from console.qtkit.panes import Card, Edge, Ground, Pane, column, row
from console.qtkit.pills import Chip, Pill
from console.qtkit.rowdata import HandledRow, HeadingRow, InboxRow, RowMark
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowpaint import draw_handled_row, draw_heading_row, draw_inbox_row
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.sections import Block, Fact, IconLine, Section, TimeLine
from console.qtkit.tables import Change, ChangeTable
from console.qtkit.tabs import RailItem, Tabs, TabSpec
from console.qtkit.text import Text
from console.qtkit.theme import Mode, Theme
from console.qtkit.tokens import Height, Space, Style, Tone, Width
from console.qtkit.words import Span, data, link, quiet, spans, strong


def across(*widgets: QWidget, gap: int = Space.GRID) -> QHBoxLayout:
    """Lay widgets out in a row that ends where they end."""
    made = row(spacing=gap)
    for widget in widgets:
        made.addWidget(widget)
    made.addStretch(1)
    return made


def buttons() -> QWidget:
    """Every kind of button in every state, and Qt's own controls."""
    pane = Pane(Ground.SUNKEN, margins=(20, 12, 20, 12), spacing=12)
    blocked = Button("Answer", key="W")
    blocked.set_blocked("This engine cannot carry an answer.")
    unarmed = Button("Approve", key="A", kind=Kind.PRIMARY)
    unarmed.set_armed(False)
    pane.box.addLayout(
        across(
            Button("Approve", key="A", kind=Kind.PRIMARY),
            Button("Edit…", key="E"),
            Button("Reject", key="R", kind=Kind.DANGER),
            Button("Reroute…", key="T"),
            blocked,
            Button("", "ellipsis"),
            Text("5 s undo", Style.SMALL, Tone.QUIET),
        )
    )
    paused = Button("Pause", "pause", is_small=True)
    paused.set_blocked("Take command first.")
    pane.box.addLayout(
        across(
            unarmed,
            Button("Take command", key="C", kind=Kind.OUTLINED, is_small=True),
            paused,
            Button("Copy summary", "copy", is_small=True),
            Button("Templates", is_small=True, has_menu=True),
            Button("Stop the other 7", "circle-pause", kind=Kind.DANGER, is_small=True),
            Button("Start the demo", "play", kind=Kind.PRIMARY),
        )
    )
    reason = Field("Reason", prefix="Reason", placeholder="Required at high risk, or pick a template")
    reason.setText("Double capture confirmed in the PSP report of 20 Nov")
    reason.set_trailing(Button("Templates", is_small=True, has_menu=True))
    pane.box.addWidget(reason)
    typed = Field("Name", is_data=True)
    typed.setText("pro-e")
    typed.set_hint("1 to go")
    typed.setFixedWidth(200)
    pane.box.addLayout(across(typed, Field("Comment", placeholder="Comment, kept with the item", key="M")))
    search = SearchField("Search", ["Words or fields: ", data('risk:high age>10m "ACME"')], "/")
    used = SearchField("Search", "", "/")
    used.setText("needs:my-signature")
    pane.box.addLayout(across(search, used))
    return pane


def qt_controls() -> QWidget:
    """Qt's own controls under the style sheet."""
    pane = Pane(Ground.SURFACE, margins=(20, 12, 20, 12), spacing=12)
    combo = QComboBox()
    combo.addItems(["Client certificate in the system keyring", "API key"])
    plain = QPushButton("Test again")
    default = QPushButton("Connect")
    default.setProperty("kind", "primary")
    off = QPushButton("Not now")
    off.setEnabled(False)
    pane.box.addLayout(across(combo, plain, default, off))
    on, half, choice, other, grey = (
        QCheckBox("Tool call"),
        QCheckBox("Some"),
        QRadioButton("A"),
        QRadioButton("B"),
        QCheckBox("Off"),
    )
    on.setChecked(True)
    half.setCheckState(Qt.CheckState.PartiallyChecked)
    choice.setChecked(True)
    grey.setEnabled(False)
    line = QLineEdit("tower.eu.example:7233")
    wrong = QLineEdit("x")
    wrong.setProperty("invalid", True)
    spin, date, bar = QSpinBox(), QDateEdit(), QProgressBar()
    bar.setValue(40)
    bar.setTextVisible(False)
    pane.box.addLayout(across(on, half, QCheckBox("State change"), grey, choice, other))
    pane.box.addLayout(across(line, wrong, spin, date, bar))
    return pane


def marks() -> QWidget:
    """Pills, chips, key caps, avatars, gauges."""
    pane = Pane(Ground.SURFACE, margins=(20, 12, 20, 12), spacing=12)
    pane.box.addLayout(
        across(
            Pill("Critical risk", "shield-alert", Tone.CRITICAL, is_solid=True),
            Pill("High risk", "octagon-alert", Tone.HIGH),
            Pill("Medium risk", "triangle-alert", Tone.MEDIUM),
            Pill("Low risk", "circle-dot", Tone.LOW),
            Pill("Needs your signature, 2 of 2", "signature", Tone.PERSON),
            Pill("1 of 2", "circle-check", Tone.OK),
            Pill("held", "circle-pause", Tone.SECOND),
        )
    )
    on = Chip("Today")
    on.setChecked(True)
    removable = Chip("from propose-entries on", is_removable=True)
    removable.setChecked(True)
    off = Chip("Finance")
    off.setEnabled(False)
    pane.box.addLayout(
        across(
            Chip("Mine"),
            on,
            Chip("Risk", has_menu=True),
            removable,
            Chip("Waits 21", icon="hourglass", tone=Tone.PERSON),
            Chip("Failed 66", icon="octagon-x", tone=Tone.CRITICAL),
            off,
        )
    )
    ring = Ring("held")
    ring.start(4, 5)
    track = Track("confidence", 0.82)
    track.setFixedWidth(88)
    pane.box.addLayout(
        across(
            KeyCap("A"),
            KeyCap("Ctrl K"),
            KeyCap("N", Tone.ACCENT),
            Avatar("Dana Kern", 32),
            Avatar("Priya Nair", 24),
            Avatar("Marta Keller", 24, is_pending=True),
            ring,
            track,
            Text([strong("82 %"), quiet("  on the last 50 like this: right 86 %")], Style.SMALL),
            IconMark("git-merge", Tone.HIGH, "conflict"),
        )
    )
    shares = (Share("approved", 38, Tone.LOW), Share("rejected", 4, Tone.CRITICAL), Share("edited", 4, Tone.MEDIUM))
    pane.box.addWidget(ShareBar(shares))
    return pane


def review() -> QWidget:
    """The review pane's sections."""
    pane = Pane(Ground.SURFACE)
    head = Pane(Ground.SURFACE, margins=(20, 12, 20, 12), spacing=4)
    first = row()
    first.addWidget(Pill("High risk", "octagon-alert", Tone.HIGH))
    first.addWidget(Text(["Checkpoint at gate ", strong("refund-approval", Tone.SECOND)], Style.SMALL, Tone.SECOND), 1)
    first.addWidget(Text(Span("Claimed by you, 14 min left", icon="user-check"), Style.SMALL, Tone.SECOND).keep_whole())
    second = row()
    second.addWidget(Text("Refund €4,200.00 to ACME GmbH", Style.TITLE), 1)
    second.addWidget(Text(Span("6 min left", icon="hourglass", is_strong=True), Style.BODY, Tone.HIGH).keep_whole())
    head.box.addLayout(first)
    head.box.addLayout(second)
    where: list[str | Span] = [
        "refunds · refund-agent · tower-eu · ",
        Span("order 4711", is_data=True, tone=Tone.ACCENT, link="o"),
    ]
    head.box.addWidget(Text([*where, " · ", quiet("read 1 s ago")], Style.SMALL, Tone.SECOND))
    pane.box.addWidget(head)
    what = Section("If you approve")
    what.content.addWidget(
        Text(
            [
                Span("payments.refund", is_data=True, is_strong=True),
                " sends €4,200.00 back to the card. ",
                Span("Cannot be undone", is_strong=True, tone=Tone.HIGH, icon="lock"),
                " after the 22:00 settlement.",
            ],
            max_lines=0,
        )
    )
    what.content.addWidget(
        ArgumentGrid(
            (
                Argument("order", "4711"),
                Argument("invoice", "INV-20931"),
                Argument("amount", "4200.00 EUR", is_strong=True),
                Argument("to", "card ···· 3021"),
                Argument("reason", "duplicate_charge"),
                Argument("notify", "true"),
                Argument("memo", "Customer wrote twice.\nThe second capture is 41 s after the first. " + "Long. " * 30),
            )
        )
    )
    what.content.addWidget(
        ChangeTable(
            (
                Change("Order 4711, captured", "€8,400.00", "€4,200.00"),
                Change("ACME GmbH, open credit", "€4,200.00", "€0.00"),
                Change(
                    "Refunds today, limit €10,000", "€5,310.00", "€9,510.00", Span("final", icon="lock", tone=Tone.HIGH)
                ),
            )
        )
    )
    pane.box.addWidget(what)
    why = Section("Why you")
    why.content.addWidget(
        Text(
            [
                "Rule ",
                link("refund-limit", "rule"),
                ": over ",
                strong("€1,000"),
                " a person decides. This is ",
                strong("€4,200"),
                ".",
            ]
        )
    )
    why.content.addWidget(
        IconLine(
            "triangle-alert",
            [strong("Caveat"), " from payment-lookup: “3-D Secure result of the second capture was not read.”"],
            Tone.MEDIUM,
        )
    )
    pane.box.addWidget(why)
    wrong = Section("If it is wrong,\nand who else")
    wrong.content.addWidget(
        Note(
            [
                strong("Another run wants order 4711."),
                " support-agent asks to refund the same €4,200 (3 min ago, langgraph-cs). ",
                "Both together would pay ACME €8,400.",
            ],
            "git-merge",
            Tone.HIGH,
            action="Open conflict",
            target="conflict",
        )
    )
    pane.box.addWidget(wrong)
    led = Section("What led here")
    led.content.setSpacing(0)
    led.content.addWidget(TimeLine("10:46", "file-text", "Ticket ZD-58213 opened the run: “We were charged twice”"))
    led.content.addWidget(
        TimeLine("10:47", "wrench", [data("psp.captures"), " found two captures 41 s apart, same card"])
    )
    led.content.addWidget(
        TimeLine("10:47", "arrow-left-right", ["payment-lookup handed over 3.1 KB, ", strong("1 caveat")], Tone.MEDIUM)
    )
    pane.box.addWidget(led)
    return pane


def context() -> QWidget:
    """The context pane's blocks and the rail."""
    holder = QWidget()
    sides = row(spacing=0)
    holder.setLayout(sides)
    rail = Pane(Ground.APP, Edge.RIGHT, margins=(6, 8, 6, 8), spacing=4)
    rail.setFixedWidth(Width.RAIL)
    for text, icon in (
        ("Inbox", "inbox"),
        ("Runs", "workflow"),
        ("Insights", "insights"),
        ("Audit", "audit"),
        ("Connections", "plug"),
    ):
        item = RailItem(text, icon, rail)
        item.setChecked(text == "Inbox")
        item.set_badge(24 if text == "Inbox" else 0)
        rail.box.addWidget(item)
    rail.box.addStretch(1)
    sides.addWidget(rail)
    right = Pane(Ground.SUNKEN)
    rule = Block("Rule", "scale")
    rule.content.addWidget(Text("refund-limit, version 7", Style.STRONG))
    rule.content.addWidget(
        Text(
            "Refunds over €1,000 wait for an operator, over €5,000 for two people.",
            Style.SMALL,
            Tone.SECOND,
            max_lines=0,
        )
    )
    rule.content.addWidget(
        Text(Span("Enforced by tower, before the effect", icon="shield-check"), Style.SMALL, Tone.OK)
    )
    owner = Block("Owner of refund-agent", "user-check", "on call")
    owner.content.addLayout(across(Avatar("Priya Nair"), Text("Priya Nair, Payments")))
    right.box.addWidget(rule)
    right.box.addWidget(owner)
    strip = Strip(key="N")
    strip.set_words("3 new, highest is medium", "Show")
    right.box.addWidget(strip)
    empty = EmptyState(
        "inbox", "Nothing waits for you", "What an agent asks appears here.", action="Show all 24", key="1"
    )
    right.box.addWidget(empty, 1)
    sides.addWidget(right, 1)
    return holder


def run_head() -> QWidget:
    """A run's header, tabs, and the status line."""
    pane = Pane(Ground.SURFACE, margins=(20, 12, 20, 0), spacing=8)
    pane.box.addLayout(
        across(
            Text("Month-end close, October 2026, DE01", Style.TITLE),
            Pill("Waits for a person", "hourglass", Tone.PERSON),
        )
    )
    pane.box.addLayout(
        across(
            Fact("Business key", data("2026-10 / DE01")),
            Fact("Started by", "schedule, 06:02"),
            Fact("Weakest step", Span("match-open-items, 88 %", icon="triangle-alert"), Tone.MEDIUM),
            gap=28,
        )
    )
    pane.box.addWidget(
        Note(
            [
                strong("Not moving: waits 3 h 12 min for a supervisor."),
                " Gate ",
                data("controller-approval"),
                " needs 2 signatures and has 1.",
            ],
            "hourglass",
            Tone.PERSON,
            action="Open the escalation",
            target="e",
        )
    )
    pane.box.addWidget(
        Tabs(
            (
                TabSpec("trail", "Trail", "128"),
                TabSpec("state", "State", "rev 42"),
                TabSpec("graph", "Graph"),
                TabSpec("handoffs", "Hand-offs", "2 dropped", "triangle-alert", Tone.HIGH),
            )
        )
    )
    views = Tabs(
        (
            TabSpec("1", "All", "24", key="1"),
            TabSpec("2", "Mine", "4", key="2"),
            TabSpec("3", "2nd signature", "2", key="3"),
        ),
        gap=14,
    )
    pane.box.addWidget(views)
    status = Pane(Ground.APP, Edge.TOP, is_row=True, margins=(12, 1, 12, 0), spacing=20)
    status.setFixedHeight(Height.STATUS)
    for icon, tone, name, text in (
        ("circle-check", Tone.OK, "tower-eu", "live, 1 s old"),
        ("triangle-alert", Tone.MEDIUM, "prefect-ops", "slow, newest data 2 min old"),
        ("send", Tone.SECOND, "", "Decisions on their way: 1 held · 0 sending · 0 uncertain"),
    ):
        item = StatusItem()
        item.set_status(icon, tone, name, text)
        status.box.addWidget(item)
    status.box.addStretch(1)
    pane.box.addWidget(
        DataText("Result", '{"order": "4711", "hidden": "\u202e"}\n' * 3 + "x" * 30_000, fitting_lines=4)
    )
    card = Card()
    card.box.addWidget(Text("A card", Style.SMALL_STRONG))
    chosen = Card()
    chosen.set_selected(True)
    chosen.box.addWidget(Text("The chosen card", Style.SMALL_STRONG))
    cards = row()
    cards.addWidget(card)
    cards.addWidget(chosen)
    pane.box.addLayout(cards)
    pane.box.addWidget(status)
    return pane


INBOX: tuple[InboxRow | HeadingRow, ...] = (
    HeadingRow(row_id="h1", title="Overdue", count="2", remark="by urgency", has_menu=True),
    InboxRow(
        row_id="1",
        icon="shield-alert",
        tone=Tone.CRITICAL,
        risk_word="Critical",
        title="Raise Pro EU price to €56",
        where="pricing-release · pricing-agent · tower-eu",
        age="41 m",
        time_left="6 m over",
        is_over=True,
        is_solid=True,
        marks=(RowMark("signature", "1 of 2", Tone.PERSON),),
    ),
    InboxRow(
        row_id="2",
        icon="octagon-alert",
        tone=Tone.HIGH,
        risk_word="High",
        title="Post 3 entries, €1,284,310 to DE01",
        where="month-end-close · ledger-agent · tower-eu",
        age="1 h",
        time_left="2 m over",
        is_over=True,
        marks=(RowMark("user-check", "Jonas"),),
    ),
    HeadingRow(row_id="h2", title="Due soon", count="4"),
    InboxRow(
        row_id="3",
        icon="octagon-alert",
        tone=Tone.HIGH,
        risk_word="High",
        title="Refund €4,200 to ACME GmbH",
        where="refunds · refund-agent · tower-eu",
        age="4 m",
        time_left="6 m left",
        marks=(RowMark("git-merge", tone=Tone.HIGH),),
    ),
    InboxRow(
        row_id="4",
        icon="octagon-alert",
        tone=Tone.HIGH,
        risk_word="High",
        title="Roll back checkout-api to v2.13.4",
        where="incident-response · sre-agent · prefect-ops",
        age="3 m",
        time_left="7 m left",
        stale_age="2 m old",
    ),
    InboxRow(
        row_id="5",
        icon="triangle-alert",
        tone=Tone.MEDIUM,
        risk_word="Medium",
        title="Send dunning letter 2 to 12 customers of the northern region",
        where="receivables · dunning-agent · tower-eu",
        age="11 m",
        time_left="14 m left",
        marks=(RowMark("layers", "12 alike"),),
    ),
    InboxRow(
        row_id="6",
        icon="circle-dot",
        tone=Tone.LOW,
        risk_word="Low",
        title="Close 38 tickets without reply",
        where="support-triage · janitor · langgraph-cs",
        age="1 h",
        time_left="6 h left",
    ),
)

HANDLED = (
    HandledRow(
        row_id="a",
        icon="circle",
        tone=Tone.ACCENT,
        title="Refund €89 to Lena Brandt",
        age="just now",
        words=spans(["Approved, ", strong("held: sends in 4 s", Tone.ACCENT)]),
        action="Undo",
        action_key="U",
        ring_share=0.7,
    ),
    HandledRow(
        row_id="b",
        icon="check-check",
        tone=Tone.OK,
        title="Post accrual €18,400 to 4410",
        age="2 m",
        words=spans(["confirmed 10:50:02 → ", strong("carried out", Tone.OK), " 10:50:03"]),
        remark="JE-88213",
    ),
)


def paint_inbox(painter: QPainter, rect: QRect, row: InboxRow | HeadingRow, look: Look) -> None:
    """Paint a row of the inbox or a heading."""
    if isinstance(row, InboxRow):
        draw_inbox_row(painter, rect, row, look)
    else:
        draw_heading_row(painter, rect, row, look)


def lists() -> QWidget:
    """The inbox with its tray."""
    holder = Pane(Ground.SURFACE, is_row=True, spacing=20)
    inbox_model = RowModel[InboxRow | HeadingRow](
        lambda row: row.row_id, lambda row: row.said, lambda row: isinstance(row, InboxRow)
    )
    inbox = RowTable(
        inbox_model, paint_inbox, lambda row, _: 56 if isinstance(row, InboxRow) else 24, "Inbox", usual_height=56
    )
    tray_model = RowModel[HandledRow](lambda row: row.row_id, lambda row: row.said)
    tray = RowTable(tray_model, draw_handled_row, lambda _, __: 52, "Handled", usual_height=52)
    left = column(spacing=0)
    left.addWidget(inbox)
    left.addWidget(tray)
    inbox.setFixedSize(400, 6 * 56 + 2 * 24)
    tray.setFixedSize(400, 104)
    holder.box.addLayout(left)
    holder.box.addStretch(1)
    inbox.apply(INBOX)
    inbox.set_current("3")
    tray.apply(HANDLED)
    return holder


REFUND: dict[str, Json] = {
    "type": "object",
    "required": ["order", "amount", "reason"],
    "properties": {
        "order": {"type": "string", "title": "Order", "description": "As on the invoice"},
        "amount": {"type": "number", "title": "Amount", "minimum": 0.01, "maximum": 10000},
        "reason": {"enum": ["duplicate_charge", "goodwill"], "title": "Reason"},
        "notify": {"type": "boolean", "title": "Tell the customer"},
        "due": {"type": "string", "format": "date", "title": "Due"},
        "memo": {"type": "string", "maxLength": 2000, "title": "Memo"},
        "lines": {
            "type": "array",
            "title": "Lines",
            "items": {
                "type": "object",
                "required": ["sku"],
                "properties": {"sku": {"type": "string"}, "count": {"type": "integer"}, "tax": {"enum": ["19", "7"]}},
            },
        },
        "to": {
            "type": "object",
            "title": "Paid to",
            "properties": {"card": {"type": "string"}, "name": {"type": "string"}},
        },
    },
}


def forms() -> QWidget:
    """A form with a change, a mistake and a table, and one whose schema cannot be used."""
    pane = Pane(Ground.SURFACE, margins=(20, 12, 20, 12), spacing=24)
    came: dict[str, Json] = {
        "order": "4711",
        "amount": 4200.0,
        "reason": "duplicate_charge",
        "notify": True,
        "memo": "Customer wrote twice.",
        "lines": [{"sku": "A-100", "count": 1, "tax": "19"}, {"sku": "B-20", "count": 2, "tax": "7"}],
        "to": {"card": "···· 3021", "name": "ACME GmbH"},
        "trace": {"id": 7},
    }
    form = Form(read_schema(REFUND), came)
    form.field("order").set_value("4712")
    form.field("amount").set_value(20000.0)
    pane.box.addWidget(form)
    form.problems()
    pane.box.addWidget(Form(read_schema({"$ref": "http://schemas.example/refund.json"}), {"order": "4711"}))
    return pane


SHEETS = {
    "buttons": (buttons, 860),
    "qt": (qt_controls, 760),
    "marks": (marks, 860),
    "review": (review, 640),
    "context": (context, 400),
    "lists": (lists, 1100),
    "forms": (forms, 640),
    "run": (run_head, 900),
}


def draw(folder: Path) -> None:
    """Write a picture of every sheet in both themes into the folder."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme = Theme(app, Mode.LIGHT)
    folder.mkdir(parents=True, exist_ok=True)
    for mode in (Mode.LIGHT, Mode.DARK):
        theme.set_mode(mode)
        for name, (make, width) in SHEETS.items():
            sheet = make()
            sheet.setFixedWidth(width)
            sheet.show()
            app.processEvents()
            sheet.resize(width, max(sheet.heightForWidth(width), sheet.sizeHint().height()))
            app.processEvents()
            sheet.grab().save(str(folder / f"{name}_{mode.value}.png"))
            sheet.close()


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
