"""Who has a resource, who wants it too, and what a person's ruling on that makes of them. Pure, as a course is.

Invariant: at most one holder, and none while a conflict is open that could act: its token is out of date from the
moment a rival is known. Every want is answered; a run that lost does not meet the run it lost to a second time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import BlastRadius, Escalation, EscalationKey, Kind, Rule, Target, Verdict, Waiting
from console.domain.identity import Role
from console.tower.book import Book
from console.tower.course import Course
from console.tower.lease_calls import News, Standing, Want
from console.tower.openings import MAX_TITLE, signed
from console.tower.schemas import errors

CONFLICT = "conflict"
NEITHER = "neither"
WAIT, STOP, REROUTE = "wait", "stop", "reroute"
MAX_WANTS = 20


@dataclass(slots=True)
class Rival:
    """One want and the last word on it. ``after`` is what others have done to the resource since it asked."""

    want: Want
    news: News | None = None
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a person decided: who goes first (nobody: neither does), and what becomes of the other."""

    decision_id: str
    by: str
    winner: str
    fate: str
    to: Target | None = None


@dataclass(slots=True)
class Register:
    """A lease's state. ``holder`` and ``waiting`` are keyed by :attr:`Want.who`, first come first.

    ``lost`` names for each run the one it lost to, while that one has the resource; ``rival`` is the other side of the
    open conflict. ``book`` holds the conflict and its receipts as a run's does.
    """

    resource: str
    book: Book
    holder: str = ""
    rival: str = ""
    rivals: dict[str, Rival] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    ruling: Ruling | None = None
    number: int = 0

    @property
    def is_idle(self) -> bool:
        """Whether nobody wants it."""
        return not self.rivals

    def put(self, want: Want) -> None:
        """Note a want; another one of the same step takes its place. Raises :class:`Refused` for one too many."""
        known = self.rivals.get(want.who)
        if known is None and len(self.rivals) >= MAX_WANTS:
            raise Refused(f"{MAX_WANTS} runs want {self.resource} already.", code=RefusalCode.BUSY)
        if known is None:
            self.rivals[want.who] = Rival(want)
        elif known.want.ask_id != want.ask_id:
            self.rivals[want.who] = Rival(want, after=known.after)
            if self.is_contested and want.who in {self.holder, self.rival}:
                # What was shown is no longer what is wanted: it is asked anew, about both as they are now.
                self.rival = ""
        elif want.who == self.holder and not self.is_contested:
            known.news = None  # it asks again since its token is out of date

    def leave(self, who: str, done: str = "") -> None:
        """A run needs it no longer; the others learn what it did."""
        if self.rivals.pop(who, None) is None:
            return
        if done:
            for one in self.rivals.values():
                one.after = done
        if who in {self.holder, self.rival}:
            self.rival = ""
        if who == self.holder:
            self.holder = ""
        run = _run(who)
        self.lost = {loser: winner for loser, winner in self.lost.items() if run not in {loser, winner}}

    def first(self, who: str) -> None:
        """A run goes first: it holds the resource, and has to be given a token anew."""
        self.rivals = {who: self.rivals.pop(who), **self.rivals}
        self.rivals[who].news = None
        self.holder = who

    def lose(self, loser: str, winner: str) -> None:
        """A run does not meet the one that it lost to again, as long as that has the resource."""
        self.lost[_run(loser)] = _run(winner)

    def to_grant(self) -> str:
        """Who has to be given a token: the first where nobody holds it, or the holder that has none."""
        if self.is_contested:
            return ""
        if not self.holder:
            return next(iter(self.rivals), "")
        return self.holder if self.rivals[self.holder].news is None else ""

    def next_rival(self) -> str:
        """Who has to be told apart from the holder by a person: of another run, and not told apart from it before."""
        if not self.holder or self.is_contested or self.ruling is not None:
            return ""
        mine = _run(self.holder)
        others = (one for one in self.rivals if one != self.holder and _run(one) != mine)
        return next((one for one in others if self.lost.get(_run(one)) != mine), "")

    def to_queue(self) -> str:
        """Who has not been told yet that it is not its turn."""
        return next((who for who, one in self.rivals.items() if one.news is None and who != self.holder), "")

    @property
    def is_contested(self) -> bool:
        """Whether a conflict is open, or about to be."""
        return bool(self.rival)

    def say(self, who: str, standing: Standing, **more: object) -> News:
        """The next word on a want."""
        self.number += 1
        one = self.rivals[who]
        bare = News(
            resource=self.resource,
            ask_id=one.want.ask_id,
            step=one.want.side.step,
            number=self.number,
            standing=standing,
            after=one.after,
        )
        one.news = replace(bare, **more)  # type: ignore[arg-type]  # fields of News
        return one.news

    def name(self, who: str) -> str:
        """A run as people know it."""
        return _run(who).rpartition("/")[0]


REGISTER: TypeAdapter[Register] = TypeAdapter(Register)


def open_conflict(course: Course, register: Register) -> None:
    """Ask which of both goes first. The holder is side A."""
    sides = (register.rivals[register.holder].want, register.rivals[register.rival].want)
    state = course.book.steps[CONFLICT]
    state.openings += 1
    now = course.now()
    key = EscalationKey(course.ref, CONFLICT, state.openings)
    course.book.open[CONFLICT] = signed(_escalation(register, sides, key, course.execution_id, now))
    course.book.moved_at = now


def is_due_anew(course: Course, since: datetime) -> bool:
    """Whether an open conflict ran out of time while no worker ran: this one last looked at ``since``, then now."""
    now, asked = course.now(), course.book.open.get(CONFLICT)
    grace = timedelta(minutes=course.plan.policy.grace_minutes)
    due_at = asked.row.due_at if asked is not None else None
    return due_at is not None and now - since > grace and since < due_at <= now


def due_anew(course: Course, register: Register) -> None:
    """Give the open conflict its time anew: nobody could decide it meanwhile."""
    sides = (register.rivals[register.holder].want, register.rivals[register.rival].want)
    asked = course.book.open[CONFLICT]
    course.book.open[CONFLICT] = replace(asked, row=replace(asked.row, due_at=_due_at(sides, course.now())))
    course.book.moved_at = course.now()


def ruling(register: Register, escalation: Escalation, decision: Decision) -> Ruling:
    """What a decision says about the conflict. Raises :class:`Refused` where it says nothing that can be done."""
    answer = decision.payload.get("answer")
    if found := errors(escalation.schema, answer):
        raise Refused("; ".join(found), code=RefusalCode.INVALID_PAYLOAD)
    said: dict[str, Json] = answer if isinstance(answer, dict) else {}
    winner, fate = str(said.get("winner")), str(said.get("loser"))
    if winner == NEITHER:
        if fate != STOP:
            raise Refused("Where neither goes first, both stop.", code=RefusalCode.INVALID_PAYLOAD)
        return Ruling(decision_id=decision.decision_id, by=decision.by.name, winner="", fate=STOP)
    both = (register.holder, register.rival)
    first = next(who for who in both if register.name(who) == winner)
    loser = next(who for who in both if who != first)
    to = _target(register.rivals[loser].want, str(said.get("to", ""))) if fate == REROUTE else None
    return Ruling(decision_id=decision.decision_id, by=decision.by.name, winner=first, fate=fate, to=to)


def target_name(target: Target) -> str:
    """A place to reroute to, as an answer names it."""
    return f"{target.kind}:{target.target_id}"


def _run(who: str) -> str:
    return who.rpartition("/")[0]


def _target(want: Want, named: str) -> Target:
    for target in want.side.targets:
        if target_name(target) == named:
            return target
    raise Refused("The loser’s plan does not allow to reroute it there.", code=RefusalCode.INVALID_PAYLOAD)


def _schema(sides: tuple[Want, Want]) -> dict[str, Json]:
    runs: list[Json] = [want.side.run.run_id for want in sides]
    targets: list[Json] = list(dict.fromkeys(target_name(to) for want in sides for to in want.side.targets))
    fates: list[Json] = [WAIT, STOP, *([REROUTE] if targets else [])]
    properties: dict[str, Json] = {
        "winner": {"type": "string", "title": "Who goes first", "enum": [*runs, NEITHER]},
        "loser": {"type": "string", "title": "What becomes of the other", "enum": fates},
    }
    if targets:
        properties["to"] = {"type": "string", "title": "Reroute the other to", "enum": targets}
    return {
        "type": "object",
        "properties": properties,
        "required": ["winner", "loser"],
        "additionalProperties": False,
    }


def _escalation(
    register: Register, sides: tuple[Want, Want], key: EscalationKey, opened_in: str, now: datetime
) -> Escalation:
    first, second = (want.side for want in sides)
    names = {side.business_key for side in (first, second)}
    what = first.business_key if first.business_key and len(names) == 1 else register.resource
    risk = max(first.risk, second.risk)
    row = Waiting(
        key=key,
        kind=Kind.CONFLICT,
        title=f"Two runs want {what}"[:MAX_TITLE],
        workflow=_joined(first.workflow, second.workflow),
        agent=_joined(first.agent, second.agent),
        risk=risk,
        opened_at=now,
        due_at=_due_at(sides, now),
        business_key=what[:MAX_TITLE],
        resource=register.resource,
    )
    text = f"Only one run at a time may be about to act on {register.resource}; both are held until a person decides."
    return Escalation(
        row=row,
        opened_in=opened_in,
        step=CONFLICT,
        owner=_joined(first.owner, second.owner),
        verdicts=(Verdict.ANSWER,),
        question=f"Which run goes first on {register.resource}, and what becomes of the other?",
        schema=_schema(sides),
        rule=Rule("one-run-at-a-time", 1, text),
        roles=_roles(sides),
        blast=BlastRadius(runs=(first.run.run_id, second.run.run_id), resources=(register.resource,)),
        sides=(replace(first, is_holder=True), replace(second, is_holder=False)),
    )


def _due_at(sides: tuple[Want, Want], now: datetime) -> datetime:
    return now + timedelta(minutes=min(want.due_minutes for want in sides))


def _roles(sides: tuple[Want, Want]) -> tuple[Role, ...]:
    """Who may decide on both; supervisors where nobody else may."""
    return tuple(role for role in sides[0].roles if role in sides[1].roles) or (Role.SUPERVISOR,)


def _joined(first: str, second: str) -> str:
    return first if first == second else f"{first} + {second}"
