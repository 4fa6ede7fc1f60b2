"""What a person can do in the list of runs, as actions of the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.domain.escalation import Verdict
from console.domain.language import tr
from console.screens import Action

if TYPE_CHECKING:
    from console.screens.runs.view import RunsView

MENU = tr("Run")


def actions(view: RunsView) -> tuple[Action, ...]:
    """All of them, in the order of the menu."""
    return (*_moving(view), *_doing(view))


def _moving(view: RunsView) -> list[Action]:
    presenter = view.presenter
    moving = (
        ("next", tr("Next run"), partial(view.step, 1), ("J",)),
        ("previous", tr("Previous run"), partial(view.step, -1), ("K",)),
        ("next-group", tr("Next group of failures"), partial(presenter.on_step_group, 1), ("]",)),
        ("previous-group", tr("Previous group of failures"), partial(presenter.on_step_group, -1), ("[",)),
    )
    return [
        Action(action_id=f"runs.{name}", text=text, run=run, keys=keys, menu=MENU, is_repeating=True)
        for name, text, run, keys in moving
    ]


def _doing(view: RunsView) -> list[Action]:
    presenter = view.presenter

    def has_run() -> bool:
        return presenter.state.selected is not None

    def has_chosen() -> bool:
        return bool(presenter.state.chosen)

    def has_group() -> bool:
        return presenter.state.group is not None

    def is_there() -> bool:
        return True

    offered = (
        # Enter is the table's own key: in a field it means something else.
        ("open", tr("Open the run"), presenter.on_open, "", "workflow", has_run),
        ("item", tr("Open what waits in the run"), view.open_item, "O", "inbox", has_run),
        ("search", tr("Find runs"), view.focus_search, "/", "search", is_there),
        ("mark", tr("Mark the run, or unmark it"), presenter.on_mark, "X", "square-check", has_run),
        ("mark-group", tr("Mark all that failed alike"), presenter.on_mark_group, "Shift+X", "layers", is_there),
        ("retry", tr("Retry what is chosen…"), partial(presenter.on_act, Verdict.RETRY), "Y", "rotate-ccw", has_chosen),
        (
            "reroute",
            tr("Reroute what is chosen…"),
            partial(presenter.on_act, Verdict.REROUTE),
            "T",
            "shuffle",
            has_chosen,
        ),
        ("pause", tr("Pause what is chosen…"), partial(presenter.on_act, Verdict.PAUSE), "P", "pause", has_chosen),
        ("resume", tr("Resume what is chosen…"), presenter.on_resume, "Shift+P", "circle-play", has_chosen),
        ("cancel", tr("Cancel what is chosen…"), partial(presenter.on_act, Verdict.CANCEL), "", "ban", has_chosen),
        ("note", tr("Write a note on this failure"), presenter.on_write, "E", "book-open", has_group),
        ("order", tr("Order the runs the other way"), presenter.on_order, "", "chevrons-up-down", is_there),
        ("older", tr("List older runs"), presenter.on_more, "", "history", is_there),
        ("back", tr("Close what is open, or go back"), presenter.on_back, "Esc", "", is_there),
    )
    return [
        Action(
            action_id=f"runs.{name}",
            text=text,
            run=run,
            keys=(key,) if key else (),
            menu=MENU,
            icon=icon,
            can_run=can_run,
        )
        for name, text, run, key, icon, can_run in offered
    ]
