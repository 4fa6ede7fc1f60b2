"""From a key press to a decision: drafts, frictions, the desk's answer, and taking it back.

Invariant: nothing is decided unless the keys are armed, the verdict is open, and `next_need` has nothing left to ask;
the digest that travels is that of the item on screen. Refusals of the desk stay with the item, in its own words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from console.domain.canonical import Json
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Escalation, Target, Verdict
from console.domain.language import tr
from console.qtkit.keycaps import label_of
from console.screens import OpenKey
from console.screens.inbox.board import Workplace
from console.screens.inbox.conflict import (
    CHOOSE_FIRST,
    Pick,
    Ruling,
    chosen,
    fated,
    is_conflict,
    is_whole,
    next_fate,
    ruling,
)
from console.screens.inbox.content import FormBlock
from console.screens.inbox.decision_bar import (
    KEPT,
    Bar,
    Draft,
    Intent,
    Need,
    Situation,
    bar,
    next_need,
    payload,
    unspent,
)
from console.screens.inbox.duties import voided
from console.screens.inbox.early import Early
from console.screens.inbox.handled import undoable
from console.screens.inbox.reasons import Reasons
from console.screens.inbox.verdicts import is_over
from console.services.views import DecisionView

ENTRIES = {Verdict.EDIT: "arguments", Verdict.ANSWER: "answer"}
FORMS = frozenset(ENTRIES)
AT_ONCE = frozenset({Verdict.PAUSE, Verdict.WITHDRAW})
MOST_DRAFTS = 200
SEND = "Ctrl Enter"


class Deciding:
    """The decision bar's part of the presenter. ``is_armed`` and ``on_decided`` come from the others."""

    def __init__(self, place: Workplace, reasons: Reasons) -> None:
        self._place = place
        self._board = place.board
        self._reasons = reasons
        self._drafts: dict[str, Draft] = {}
        self._intent: Intent | None = None
        self._problem = ""
        self._is_busy = False
        self.early = Early(place)
        self.is_armed: Callable[[], bool] = lambda: False
        self.on_decided: Callable[[DecisionView], None] = lambda _view: None
        self.on_undone: Callable[[DecisionView], None] = lambda _view: None

    def press(self, verdict: Verdict) -> None:
        """A verdict's key or button. Goes through if nothing else is needed, else asks for the first thing that is."""
        button, item = self._bar().button(verdict), self._place.board.state.item
        if button is None or self._is_busy or item is None:
            return
        is_unread = item.escalation is None and not item.error
        if button.blocked and not is_unread:
            self._intent, self._problem = None, button.blocked
            self.draw()
            return
        if is_unread or not self.is_armed():
            self.early.tell(label_of(button.key) or button.label)
            return
        self.early.forget()
        if self._intent is None or self._intent.verdict is not verdict:
            self._intent, self._problem = Intent(verdict=verdict), ""
        escalation = self._conflict()
        if escalation is not None and verdict is Verdict.ANSWER:
            answer = self._draft().answer
            if not is_whole(escalation, answer):
                self._intent, self._problem = None, CHOOSE_FIRST
                self.draw()
                return
            self._intent = replace(self._intent, payload={"answer": answer})
        self._go_on()

    def rule(self, pick: Pick) -> None:
        """Who goes first in the open conflict; nothing is sent by that."""
        if (escalation := self._conflict()) is not None:
            self._answer_with(chosen(escalation, self._draft().answer, pick))

    def rule_loser(self, fate: str, to: str = "") -> None:
        """What becomes of the one that does not go first; without a name the next one that is offered."""
        if (escalation := self._conflict()) is not None:
            answer = self._draft().answer
            self._answer_with(fated(escalation, answer, fate, to) if fate else next_fate(escalation, answer))

    def enter(self) -> None:
        """Enter: confirms what waits for it, or goes on to what is needed next."""
        if self._intent is None or self._is_busy or not self._is_in_time("Enter"):
            return
        if self._need() is Need.ENTER:
            self._intent = replace(self._intent, is_confirmed=True)
        self._go_on()

    def enter_field(self, *, is_name: bool = False) -> None:
        """Enter in the reason or the typed name: the pending verdict; in the name the primary one, which it is for.

        A reason may be for any verdict, so that without a pending one it is only kept, at any risk.
        """
        shown = self._bar()
        if self._intent is None and not is_name:
            self._problem = KEPT if self._draft().reason.strip() else ""
            self.draw()
        elif self._intent is None and shown.in_bar:
            self.press(shown.in_bar[0].verdict)
        else:
            self.enter()

    def back(self) -> None:
        """Esc: nothing is pending any more; what was entered is kept."""
        self._intent, self._problem = None, ""
        self.draw()

    def set_reason(self, reason: str) -> None:
        """The reason as it stands in its field."""
        self._keep(replace(self._draft(), reason=reason))
        self._problem = ""
        self.draw()

    def set_typed(self, typed: str) -> None:
        """The typed name as it stands in its field."""
        self._keep(replace(self._draft(), typed=typed))
        self._problem = ""
        self.draw()

    def set_entry(self, value: Json) -> None:
        """The form as it stands, kept until it is sent."""
        intent = self._intent
        if intent is None or intent.verdict not in FORMS:
            return
        name = ENTRIES[intent.verdict]
        draft = self._draft()
        self._keep(replace(draft, edited=value) if intent.verdict is Verdict.EDIT else replace(draft, answer=value))
        if intent.payload is not None and intent.payload.get(name) != value:
            # What was about to go is not what stands there any more.
            self._intent = replace(intent, payload=None, is_confirmed=False)
            self.draw()

    def submit(self, value: Json) -> None:
        """The form was sent; it checked the value against its schema."""
        if self._intent is None or self._intent.verdict not in FORMS or self._is_busy:
            return
        if not self._is_in_time(SEND):
            return
        self.set_entry(value)
        name = ENTRIES[self._intent.verdict]
        self._intent = replace(self._intent, payload={name: value}, is_confirmed=True)
        self._go_on()

    def choose(self, target: Target) -> None:
        """A target to reroute to was picked."""
        if self._intent is None or self._intent.verdict is not Verdict.REROUTE or not self._is_in_time("Enter"):
            return
        to: dict[str, Json] = {"kind": str(target.kind), "id": target.target_id}
        self._intent = replace(self._intent, payload={"to": to}, to=target, is_confirmed=True)
        self._go_on()

    def keep_reason(self) -> None:
        """Keep the reason as it stands in its field as a template."""
        self._reasons.keep(self._draft().reason)
        self.draw()

    def remove_reason(self, reason: str) -> None:
        """Offer a template no more."""
        self._reasons.remove(reason)
        self.draw()

    def undo(self, decision_id: str = "") -> None:
        """Take back a held decision: this one, or the newest."""
        decisions = self._board.state.decisions
        chosen = next((each for each in decisions if each.decision.decision_id == decision_id), undoable(decisions))
        if chosen is None:
            self._board.put(notice=tr("Nothing can be undone: what was decided has been sent."))
        else:
            self._place.ask(self._undo(chosen))

    def on_item(self, *, is_same: bool, has_changed: bool) -> None:
        """Another item is on screen, or another version of it: what was only pressed is void, what was typed stays."""
        if not is_same:
            self._intent, self._problem = None, ""
        elif has_changed and self._intent is not None:
            keeps_form = self._has_form()
            self._intent = replace(self._intent, payload=None, is_confirmed=False) if keeps_form else None
        self.draw()

    def draw(self) -> None:
        """Put the bar as it is now."""
        made = self._bar()
        intent = made.intent
        is_entry = intent is not None and made.need is Need.ENTRY
        is_picking = is_entry and intent is not None and intent.verdict is Verdict.REROUTE
        self._board.put(
            bar=made,
            form=self._form() if self._has_form() else None,
            ruling=self._ruling(),
            is_picking=is_picking,
            templates=self._reasons.offered(),
            can_undo=undoable(self._board.state.decisions) is not None,
        )

    def _is_in_time(self, key: str) -> bool:
        """Whether what confirms a verdict counts; where it came too early, that is said."""
        if self.is_armed():
            self.early.forget()
            return True
        self.early.tell(key)
        return False

    def _has_form(self) -> bool:
        """Whether a form is open: until what it holds was sent, so that what goes is in sight."""
        item, intent = self._board.state.item, self._intent
        is_ruled = item is None or is_conflict(item.escalation)
        return intent is not None and intent.verdict in FORMS and not is_ruled

    def _conflict(self) -> Escalation | None:
        """The open item, if it is a conflict that can be ruled here."""
        item = self._board.state.item
        escalation = item.escalation if item is not None and not self._is_busy else None
        return escalation if item is not None and is_conflict(escalation) and not is_over(item) else None

    def _answer_with(self, answer: Json) -> None:
        self._keep(replace(self._draft(), answer=answer))
        self._intent, self._problem = None, ""
        self.draw()

    def _go_on(self) -> None:
        """Decide if nothing is needed any more, else show what is."""
        if self._intent is not None and self._need() is Need.NOTHING:
            self._is_busy = True
            self._place.ask(self._decide(self._intent, self._situation()))
        self.draw()

    async def _decide(self, intent: Intent, situation: Situation) -> None:
        item = situation.item
        # What is to stop should not go on for the seconds in which it could be undone, nor another person be first.
        is_hold = intent.verdict not in AT_ONCE
        said = payload(situation, intent)
        try:
            view = await self._place.desk.decide(item.item_id, intent.verdict, item.digest, said, is_hold=is_hold)
        except Refused as refusal:
            self._intent, self._problem, self._is_busy = None, f"{tr(refusal.message)} {tr(refusal.next_action)}", False
            self.draw()
            if refusal.code == RefusalCode.KEY_LOCKED:
                self._place.navigate(OpenKey())
            return
        except BaseException:
            self._is_busy = False
            raise
        self._intent, self._problem, self._is_busy = None, "", False
        self._reasons.remember(situation.draft.reason)
        self._drafts[item.item_id] = replace(situation.draft, typed="")
        self.on_decided(view)

    async def _undo(self, view: DecisionView) -> None:
        if await self._place.desk.undo(view.decision.decision_id):
            self.on_undone(view)
        else:
            self._board.put(notice=tr("Too late to undo: it has been sent."))

    def _bar(self) -> Bar:
        item = self._board.state.item
        return Bar() if item is None else bar(self._situation())

    def _need(self) -> Need:
        return Need.NOTHING if self._intent is None else next_need(self._situation(), self._intent)

    def _situation(self) -> Situation:
        state = self._board.state
        if state.item is None:
            raise LookupError("no item is open")
        return Situation(
            item=state.item,
            person=self._board.state.person,
            now=self._place.clock.now(),
            shown=state.reviewed.shown,
            draft=self._draft(),
            intent=self._intent,
            is_busy=self._is_busy,
            problem=self._problem,
        )

    def _ruling(self) -> Ruling | None:
        item = self._board.state.item
        escalation = item.escalation if item is not None and not is_over(item) else None
        return ruling(escalation, self._draft().answer) if escalation is not None and is_conflict(escalation) else None

    def _form(self) -> FormBlock | None:
        state = self._board.state
        escalation = state.item.escalation if state.item is not None else None
        if escalation is None or self._intent is None or self._intent.verdict not in FORMS:
            return None
        draft = self._draft()
        if self._intent.verdict is Verdict.EDIT and escalation.proposal is not None:
            proposal = escalation.proposal
            value = proposal.arguments if draft.edited is None else draft.edited
            remark = voided(escalation, state.person)
            return FormBlock(proposal.schema, value, proposal.arguments, tr("Arguments"), remark)
        answer = escalation.suggestion if draft.answer is None else draft.answer
        return FormBlock(escalation.schema, answer, escalation.suggestion, tr("Answer"))

    def _draft(self) -> Draft:
        item = self._board.state.item
        return Draft() if item is None else unspent(self._drafts.get(item.item_id, Draft()), item.decision)

    def _keep(self, draft: Draft) -> None:
        """Keep what was entered with its item. A few drafts are kept; the oldest is forgotten first."""
        item = self._board.state.item
        if item is None:
            return
        self._drafts.pop(item.item_id, None)
        self._drafts[item.item_id] = draft
        while len(self._drafts) > MOST_DRAFTS:
            del self._drafts[next(iter(self._drafts))]
