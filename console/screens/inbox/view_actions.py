"""What a person can do in the inbox, as actions of the window: with a menu, a key, and whether it can be done now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from console.domain.escalation import INTERVENING, Verdict
from console.domain.language import tr
from console.screens import Action
from console.screens.inbox.conflict import Pick
from console.screens.inbox.saved import MOST
from console.screens.inbox.verdicts import DOING, KEYS, action_id
from console.screens.inbox.view_evidence import export_evidence

if TYPE_CHECKING:
    from console.screens.inbox.view import InboxView

ON_RUN = INTERVENING | {Verdict.RETRY, Verdict.SKIP, Verdict.CANCEL}
NOT_HERE = tr("The open item does not take this.")
NO_ITEM = tr("No item is open.")
NOT_DECIDED = tr("You have decided nothing on the open item.")
PAGE = 8
ICONS = {
    Verdict.APPROVE: "check",
    Verdict.EDIT: "pencil",
    Verdict.REJECT: "x",
    Verdict.REROUTE: "shuffle",
    Verdict.ANSWER: "question",
    Verdict.RETRY: "rotate-ccw",
    Verdict.SKIP: "skip-forward",
    Verdict.CANCEL: "ban",
    Verdict.PAUSE: "circle-pause",
    Verdict.RESUME: "circle-play",
    Verdict.RESET: "history",
    Verdict.COMPLETE: "square-check",
    Verdict.WITHDRAW: "undo-2",
}


def actions(view: InboxView) -> tuple[Action, ...]:
    """All of them, in the order of the menus."""
    return (
        *_deciding(view),
        *(replace(each, is_rare=True) for each in _grouped("conflict", _ruling(view))),
        *_grouped("item", _item(view)),
        *_grouped("copy", _elsewhere(view)),
        *_grouped("together", _together(view)),
        *_moving(view),
        *_seeing(view),
        *_views(view),
    )


def _grouped(group: str, made: Sequence[Action]) -> list[Action]:
    """Actions that stand together in their menu, apart from others."""
    return [replace(each, group=group) for each in made]


def _deciding(view: InboxView) -> list[Action]:
    presenter = view.presenter

    def can(verdict: Verdict) -> bool:
        button = presenter.state.bar.button(verdict)
        return button is not None and not button.blocked

    def why_not(verdict: Verdict) -> str:
        button = presenter.state.bar.button(verdict)
        return button.blocked if button is not None else NOT_HERE if presenter.state.item else NO_ITEM

    made = [
        Action(
            action_id=action_id(verdict),
            text=DOING[verdict].capitalize() if verdict is not Verdict.EDIT else tr("Edit, then approve"),
            run=view.pressing(verdict),
            keys=(KEYS[verdict],),
            menu=tr("Item"),
            icon=ICONS[verdict],
            can_run=partial(can, verdict),
            why_not=partial(why_not, verdict),
            group="run" if verdict in ON_RUN else "proposal",
            is_rare=verdict in INTERVENING,
        )
        for verdict in sorted(Verdict, key=lambda each: each in ON_RUN)
    ]
    undo = Action(
        action_id="inbox.undo",
        text=tr("Undo the last decision"),
        run=presenter.deciding.undo,
        keys=("U",),
        menu=tr("Edit"),
        icon="undo-2",
        can_run=lambda: presenter.state.can_undo,
    )
    return [*made, undo]


def _ruling(view: InboxView) -> list[Action]:
    deciding = view.presenter.deciding
    is_conflict = lambda: view.presenter.state.ruling is not None  # noqa: E731 - one question, asked of four actions
    picks = (
        ("first", tr("Let side A go first"), Pick.FIRST, "Left"),
        ("second", tr("Let side B go first"), Pick.SECOND, "Right"),
        ("neither", tr("Let neither side go first"), Pick.NEITHER, "Shift+Down"),
    )
    made = [
        Action(
            action_id=f"inbox.rule.{name}",
            text=text,
            run=partial(deciding.rule, pick),
            keys=(keys,),
            menu=tr("Item"),
            icon="conflict",
            can_run=is_conflict,
        )
        for name, text, pick, keys in picks
    ]
    loser = Action(
        action_id="inbox.rule.loser",
        text=tr("What becomes of the other side"),
        run=partial(deciding.rule_loser, ""),
        keys=("L",),
        menu=tr("Item"),
        icon="shuffle",
        can_run=is_conflict,
    )
    return [*made, loser]


def _item(view: InboxView) -> list[Action]:
    presenter = view.presenter
    return [
        Action(
            action_id="inbox.claim",
            text=tr("Claim, or release"),
            run=presenter.reading.claim,
            keys=("C",),
            menu=tr("Item"),
            icon="user-check",
            can_run=lambda: presenter.state.can_claim,
        ),
        Action(
            action_id="inbox.assign",
            text=tr("Hand to somebody…"),
            run=presenter.assigning.begin,
            keys=("Shift+C",),
            menu=tr("Item"),
            icon="user",
            can_run=lambda: presenter.state.can_claim,
        ),
        Action(
            action_id="inbox.put_off",
            text=tr("Put off…, or have back"),
            run=view.put_off,
            keys=("S",),
            menu=tr("Item"),
            icon="alarm-clock",
            can_run=lambda: presenter.later.can_begin,
        ),
        Action(
            action_id="inbox.reason",
            text=tr("Give a reason"),
            run=view.focus_reason,
            keys=("Shift+R",),
            menu=tr("Item"),
            icon="pencil",
            can_run=lambda: presenter.state.item is not None,
        ),
        Action(
            action_id="inbox.comment",
            text=tr("Comment"),
            run=view.focus_comment,
            keys=("M",),
            menu=tr("Item"),
            icon="message-square",
            can_run=lambda: presenter.state.can_comment,
        ),
    ]


def _elsewhere(view: InboxView) -> list[Action]:
    """What takes a person, or the name of an item, to another place."""
    presenter = view.presenter
    is_open = lambda: presenter.state.item is not None  # noqa: E731 - one question, asked of several actions
    return [
        Action(
            action_id="inbox.copy_id",
            text=tr("Copy the item's id"),
            run=view.copy_id,
            keys=("Ctrl+Shift+C",),
            menu=tr("Item"),
            icon="copy",
            can_run=is_open,
        ),
        Action(
            action_id="inbox.copy_receipt",
            text=tr("Copy the receipt of the decision"),
            run=view.copy_receipt,
            menu=tr("Item"),
            icon="badge-check",
            can_run=lambda: presenter.state.item is not None and presenter.state.item.decision is not None,
        ),
        Action(
            action_id="inbox.export_evidence",
            text=tr("Export evidence of the decision…"),
            run=partial(export_evidence, view),
            menu=tr("Item"),
            icon="file-text",
            found_by=tr("receipt audit proof signature save"),
            can_run=lambda: bool(presenter.proving.decision_id),
            why_not=lambda: NOT_DECIDED if presenter.state.item is not None else NO_ITEM,
        ),
        Action(
            action_id="inbox.copy_link",
            text=tr("Copy a link to the item"),
            run=view.copy_link,
            keys=("Ctrl+Shift+L",),
            menu=tr("Item"),
            icon="link",
            can_run=is_open,
        ),
        Action(
            action_id="inbox.run",
            text=tr("Open the full trail"),
            run=presenter.reading.open_run,
            keys=("O",),
            menu=tr("Run"),
            icon="scroll-text",
            can_run=is_open,
        ),
    ]


def _together(view: InboxView) -> list[Action]:
    presenter = view.presenter
    has_rows = lambda: bool(presenter.state.listing.rows)  # noqa: E731 - one question, asked of several actions
    return [
        Action(
            action_id="inbox.mark",
            text=tr("Mark, or unmark (Space in the list)"),
            run=presenter.mark,
            menu=tr("Item"),
            icon="square-check",
            can_run=has_rows,
        ),
        Action(
            action_id="inbox.mark_alike",
            text=tr("Mark all that are alike"),
            run=presenter.mark_alike,
            keys=("=",),
            menu=tr("Item"),
            icon="layers",
            can_run=has_rows,
        ),
        Action(
            action_id="inbox.unfold",
            text=tr("Show those alike one by one, or as one row"),
            run=presenter.unfold,
            keys=("V",),
            menu=tr("Item"),
            icon="layers",
            can_run=has_rows,
        ),
        Action(
            action_id="inbox.together",
            text=tr("Decide together…"),
            run=view.decide_together,
            keys=("B",),
            menu=tr("Item"),
            icon="layers",
            can_run=has_rows,
        ),
    ]


def _moving(view: InboxView) -> list[Action]:
    presenter = view.presenter
    steps = (
        ("next", tr("Next item"), 1, ("J",), "chevron-down"),
        ("previous", tr("Previous item"), -1, ("K",), "chevron-up"),
    )
    return [
        Action(
            action_id=f"inbox.{name}",
            text=text,
            run=partial(presenter.move, step),
            keys=keys,
            menu=tr("Go"),
            icon=icon,
            is_repeating=True,
        )
        for name, text, step, keys, icon in steps
    ]


def _views(view: InboxView) -> list[Action]:
    seeking = view.presenter.seeking

    def has(place: int) -> bool:
        return place < len(view.presenter.state.views)

    figures = [
        Action(
            action_id=f"inbox.view.{place + 1}",
            text=tr("Show view {place}", place=place + 1),
            run=partial(seeking.choose, place),
            keys=(str(place + 1),),
            menu=tr("View"),
            can_run=partial(has, place),
        )
        for place in range(MOST)
    ]
    save = Action(
        action_id="inbox.view.save",
        text=tr("Save what is shown as a view…"),
        run=view.save_view,
        keys=("Ctrl+D",),
        menu=tr("View"),
        icon="star",
        can_run=lambda: view.presenter.state.can_save_view,
    )
    put_off = Action(
        action_id="inbox.put_off.show",
        text=tr("Show what is put off"),
        run=seeking.toggle_put_off,
        keys=("G, Z",),
        menu=tr("View"),
        icon="alarm-clock",
    )
    return [*figures, save, put_off]


def _seeing(view: InboxView) -> list[Action]:
    return [
        Action(
            action_id="inbox.hand_over",
            text=tr("Hand over…"),
            run=view.hand_over,
            keys=("Ctrl+H",),
            menu=tr("File"),
            icon="users",
        ),
        Action(
            action_id="inbox.search",
            text=tr("Search"),
            run=view.focus_search,
            keys=("/",),
            menu=tr("Edit"),
            icon="search",
        ),
        Action(
            action_id="inbox.search.clear",
            text=tr("Clear search and filters"),
            run=view.clear_search,
            keys=("Ctrl+L",),
            menu=tr("Edit"),
            icon="x",
            can_run=lambda: view.presenter.state.listing.is_filtered,
        ),
        Action(
            action_id="inbox.to_sign",
            text=tr("Needs my second signature"),
            run=view.presenter.seeking.toggle_to_sign,
            keys=("G, S",),
            menu=tr("View"),
            icon="signature",
        ),
        Action(
            action_id="inbox.new",
            text=tr("Show what is new"),
            run=view.presenter.show_new,
            keys=("N",),
            menu=tr("View"),
            icon="chevron-up",
        ),
        Action(
            action_id="inbox.tray",
            text=tr("Fold or unfold what was handled"),
            run=view.list.tray.turn,
            keys=("F7",),
            menu=tr("View"),
            icon="chevron-down",
        ),
        Action(
            action_id="inbox.context",
            text=tr("Fold or unfold the context"),
            run=view.toggle_context,
            keys=("F8",),
            menu=tr("View"),
            icon="panel-right",
        ),
    ]
