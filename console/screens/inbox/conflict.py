"""A conflict between two runs: both sides next to each other, and who goes first.

Invariant: what differs is told from what is the same, line by line; nothing is chosen beforehand, and a ruling is whole
or not sent. Naming a winner approves nothing: that is said where it is chosen. Pure; every text is bounded.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from console.domain.ages import short_clock
from console.domain.canonical import Json
from console.domain.escalation import Escalation, Side, Target, Verdict
from console.domain.language import counted, tr
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, Words, quiet, strong
from console.screens.inbox import content as c
from console.screens.inbox.values import Shown, brief

NEITHER = "neither"
WAIT, STOP, REROUTE = "wait", "stop", "reroute"
LETTERS = ("A", "B")
KEYS = ("←", "→", "↓")
TONES = (Tone.ACCENT, Tone.HIGH)
SIDES = 2
CELL = 300
NAME = 60
MOST_ARGUMENTS = 12
MOST_CAVEATS = 3
SIDE_RUN = "side:"
CHOOSE_FIRST = tr("Choose who goes first: ← for A, → for B, Shift+↓ for neither.")


class Pick(enum.Enum):
    """Who goes first."""

    FIRST = 0
    SECOND = 1
    NEITHER = 2


@dataclass(frozen=True, slots=True)
class Option:
    """One way to rule: who goes first."""

    pick: Pick
    title: str
    text: str
    key: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Fate:
    """One thing that may become of the loser. ``to`` is where it is rerouted, if it is."""

    name: str
    label: str
    is_chosen: bool
    to: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What can be chosen about the open conflict, and what is; ``fates`` come once there is a loser."""

    options: tuple[Option, ...]
    fates: tuple[Fate, ...]
    label: str


def is_conflict(escalation: Escalation | None) -> bool:
    """Whether this is asked as two sides of which one goes first; another engine's conflict is asked as it says."""
    if escalation is None or len(escalation.sides) != SIDES or Verdict.ANSWER not in escalation.verdicts:
        return False
    wanted = {*(side.run.run_id for side in escalation.sides), NEITHER}
    return wanted <= set(_offered(escalation, "winner")) and STOP in _offered(escalation, "loser")


def ruling(escalation: Escalation, answer: Json) -> Ruling:
    """What is offered, with what is chosen so far."""
    picked = _picked(escalation, answer)
    said = answer if isinstance(answer, dict) else {}
    loser = _loser(escalation, picked)
    fates = tuple(_fates(escalation, loser, said)) if loser is not None else ()
    return Ruling(tuple(_options(escalation, picked, said)), fates, label(escalation, answer))


def chosen(escalation: Escalation, answer: Json, pick: Pick) -> dict[str, Json]:
    """The answer with this one first; what becomes of the other stays as it was said, where that is possible."""
    said = answer if isinstance(answer, dict) else {}
    if pick is Pick.NEITHER:
        return {"winner": NEITHER, "loser": STOP}
    winner = escalation.sides[pick.value].run.run_id
    was_neither = said.get("winner") == NEITHER
    fate = STOP if was_neither or said.get("loser") not in {WAIT, STOP} else said["loser"]
    return {"winner": winner, "loser": fate}


def fated(escalation: Escalation, answer: Json, fate: str, to: str = "") -> Json:
    """The answer with this fate of the loser; unchanged while nobody is first."""
    if _loser(escalation, _picked(escalation, answer)) is None or not isinstance(answer, dict):
        return answer
    return {"winner": answer["winner"], "loser": fate} | ({"to": to} if fate == REROUTE else {})


def next_fate(escalation: Escalation, answer: Json) -> Json:
    """The answer with the next fate that is offered."""
    fates = ruling(escalation, answer).fates
    place = next((number for number, fate in enumerate(fates) if fate.is_chosen), -1)
    if not fates:
        return answer
    following = fates[(place + 1) % len(fates)]
    return fated(escalation, answer, following.name, following.to)


def is_whole(escalation: Escalation, answer: Json) -> bool:
    """Whether the answer says everything."""
    picked = _picked(escalation, answer)
    if picked is Pick.NEITHER:
        return True
    return picked is not None and any(fate.is_chosen for fate in ruling(escalation, answer).fates)


def label(escalation: Escalation, answer: Json) -> str:
    """What the primary button says."""
    picked = _picked(escalation, answer)
    if picked is None:
        return tr("Rule")
    if picked is Pick.NEITHER:
        return tr("Stop both")
    said = answer if isinstance(answer, dict) else {}
    winner, loser = LETTERS[picked.value], LETTERS[1 - picked.value]
    fate = {
        WAIT: tr("{loser} waits", loser=loser),
        STOP: tr("stop {loser}", loser=loser),
        REROUTE: tr("reroute {loser}", loser=loser),
    }
    return tr("Let {winner} go first, {fate}", winner=winner, fate=fate.get(str(said.get("loser")), loser))


def sides(escalation: Escalation, now: datetime, *, is_over: bool = False) -> c.Sides:
    """Both sides, line by line."""
    heads = tuple(_head(side, place, now) for place, side in enumerate(escalation.sides[:SIDES]))
    return c.Sides(heads, tuple(_lines(escalation.sides[0], escalation.sides[1])), is_held=not is_over)


def shown(escalation: Escalation) -> Shown:
    """How much of what is signed about both sides is shown."""
    proposals = [side.proposal for side in escalation.sides]
    names = {name for proposal in proposals for name in proposal.arguments}
    texts = [_said(value) for proposal in proposals for value in proposal.arguments.values()]
    is_cut = len(names) > MOST_ARGUMENTS or any(len(text) > CELL for text in texts)
    return Shown.CUT if is_cut else Shown.ALL


def lede(escalation: Escalation) -> Words:
    """What a person should know before they look."""
    what = brief(escalation.row.business_key or escalation.row.resource, NAME)
    return [
        strong(tr("Both are held")),
        tr(" until somebody decides who goes first on {what}. ", what=what),
        quiet(tr("Going first approves nothing: the proposal still needs its own approval.")),
    ]


def _offered(escalation: Escalation, name: str) -> list[str]:
    properties = escalation.schema.get("properties")
    found = properties.get(name) if isinstance(properties, dict) else None
    offered = found.get("enum") if isinstance(found, dict) else None
    return [one for one in offered if isinstance(one, str)] if isinstance(offered, list) else []


def _picked(escalation: Escalation, answer: Json) -> Pick | None:
    winner = answer.get("winner") if isinstance(answer, dict) else None
    if winner == NEITHER:
        return Pick.NEITHER
    runs = [side.run.run_id for side in escalation.sides[:SIDES]]
    return Pick(runs.index(winner)) if isinstance(winner, str) and winner in runs else None


def _loser(escalation: Escalation, picked: Pick | None) -> Side | None:
    if picked is None or picked is Pick.NEITHER:
        return None
    return escalation.sides[1 if picked is Pick.FIRST else 0]


def _options(escalation: Escalation, picked: Pick | None, said: dict[str, Json]) -> Iterator[Option]:
    for place, side in enumerate(escalation.sides[:SIDES]):
        winner, loser = LETTERS[place], LETTERS[1 - place]
        fate = {WAIT: tr("waits"), REROUTE: tr("is rerouted")}.get(str(said.get("loser")), tr("stops"))
        fate = fate if picked is Pick(place) else tr("gives way")
        text = tr("{agent} goes on; {loser} {fate}.", agent=brief(side.agent, NAME), loser=loser, fate=fate)
        yield Option(Pick(place), tr("{winner} goes first", winner=winner), text, KEYS[place], picked is Pick(place))
    what = brief(escalation.row.business_key or escalation.row.resource, NAME)
    text = tr("Both stop; {what} stays as it is.", what=what)
    yield Option(Pick.NEITHER, tr("Neither"), text, f"⇧{KEYS[2]}", picked is Pick.NEITHER)


def _fates(escalation: Escalation, loser: Side, said: dict[str, Json]) -> Iterator[Fate]:
    offered = _offered(escalation, "loser")
    fate = said.get("loser")
    yield Fate(STOP, tr("stops, and goes on without it"), fate == STOP)
    if WAIT in offered:
        yield Fate(WAIT, tr("waits, and proposes anew"), fate == WAIT)
    if REROUTE in offered:
        for target in loser.targets[:4]:
            name = _target_name(target)
            if name in _offered(escalation, "to"):
                is_chosen = fate == REROUTE and said.get("to") == name
                yield Fate(REROUTE, tr("goes to {label}", label=brief(target.label, NAME)), is_chosen, name)


def _target_name(target: Target) -> str:
    return f"{target.kind}:{target.target_id}"


def _head(side: Side, place: int, now: datetime) -> c.SideHead:
    about = [f"{brief(side.owner, NAME)} · {brief(side.workflow, NAME)}"]
    about.append(f"{(tr('had it first') if side.is_holder else tr('came second'))}, {short_clock(side.at, now)}")
    run = Span(brief(side.run.run_id, NAME), is_data=True, tone=Tone.ACCENT, link=f"{SIDE_RUN}{place}")
    return c.SideHead(LETTERS[place], TONES[place], brief(side.agent, NAME), [run], " · ".join(about))


def _lines(first: Side, second: Side) -> Iterator[c.SideLine]:
    yield _line(tr("Run"), first.title, second.title)
    yield _line(
        tr("Does"), first.proposal.summary or first.proposal.tool, second.proposal.summary or second.proposal.tool
    )
    names = list(dict.fromkeys((*first.proposal.arguments, *second.proposal.arguments)))
    for name in names[:MOST_ARGUMENTS]:
        values = [_said(side.proposal.arguments.get(name)) for side in (first, second)]
        yield _line(name, *values, is_data=True)
    if len(names) > MOST_ARGUMENTS:
        more = tr("and {counted} more", counted=counted(len(names) - MOST_ARGUMENTS, "argument"))
        yield _line("", more, more)
    if first.risk is not second.risk:
        yield _line(tr("Risk"), tr(first.risk.word), tr(second.risk.word))
    yield _line(tr("Confidence"), _share(first.confidence), _share(second.confidence))
    yield _line(tr("Caveats"), _caveats(first), _caveats(second))
    yield _line(
        tr("Run’s state"),
        tr("revision {revision} when proposed", revision=first.revision),
        tr("revision {revision} when proposed", revision=second.revision),
    )
    yield _line(tr("Can be undone"), _undone(first), _undone(second))


def _line(name: str, first: str, second: str, *, is_data: bool = False) -> c.SideLine:
    differs = first != second
    cells = tuple(
        Span(brief(text, CELL) or "—", is_strong=differs, is_data=is_data and bool(text)) for text in (first, second)
    )
    return c.SideLine(brief(name, NAME), cells, differs)


def _said(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _share(confidence: float | None) -> str:
    return tr("not told") if confidence is None else f"{confidence:.0%}".replace("%", " %")


def _caveats(side: Side) -> str:
    if not side.caveats:
        return tr("none")
    told = "; ".join(brief(each, CELL // MOST_CAVEATS) for each in side.caveats[:MOST_CAVEATS])
    return f"{len(side.caveats)}: {told}"


def _undone(side: Side) -> str:
    word = tr("yes") if side.proposal.is_reversible else tr("no")
    return f"{word}: {side.proposal.reversal}" if side.proposal.reversal else word
