"""Where the links of the review and the context lead: to an item, a run, more of what is folded, or the clipboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from console.domain.escalation import Verdict
from console.screens.inbox.conflict import SIDE_RUN
from console.screens.inbox.header import OPEN_RUN
from console.screens.inbox.reaching import OPEN_ITEM
from console.screens.inbox.ticket import COPY
from console.screens.inbox.view_blocks import COPY_RECEIPT, EVIDENCE, FOLD, WITHDRAW
from console.screens.inbox.view_evidence import export_evidence
from console.screens.inbox.view_review import BACK, COPY_ID, DISMISS

if TYPE_CHECKING:
    from console.screens.inbox.view import InboxView


def follow(view: InboxView, target: str) -> None:
    """Do what a link says."""
    if target in WHOLE:
        WHOLE[target](view)
        return
    for beginning, run in BEGUN.items():
        if target.startswith(beginning):
            run(view, target.removeprefix(beginning))
            return


def _withdraw(view: InboxView) -> None:
    # From where Enter confirms it.
    view.focus_list()
    view.press(Verdict.WITHDRAW)


WHOLE: Mapping[str, Callable[[InboxView], object]] = {
    OPEN_RUN: lambda view: view.presenter.reading.open_run(),
    BACK: lambda view: view.presenter.go_back(),
    DISMISS: lambda view: view.presenter.reading.dismiss(),
    COPY_ID: lambda view: view.copy_id(),
    COPY_RECEIPT: lambda view: view.copy_receipt(),
    EVIDENCE: export_evidence,
    WITHDRAW: _withdraw,
}
BEGUN: Mapping[str, Callable[[InboxView, str], object]] = {
    FOLD: lambda view, name: view.presenter.reading.unfold(name),
    OPEN_ITEM: lambda view, item_id: view.presenter.open(item_id),
    SIDE_RUN: lambda view, place: view.presenter.reading.open_side(int(place)),
    COPY: lambda _view, text: QGuiApplication.clipboard().setText(text),
}
