"""The search language of the inbox: words, phrases in quotes, and fields (``agent:refund risk>=high age>10m "ACME"``).

Everything that is asked for has to hold; a minus before it turns it around; commas in a field's value mean any of them.
Invariant: every text is a search. What cannot be read is left out of it and named in :attr:`Search.problems`, with what
could stand there instead.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from console.domain.escalation import Kind
from console.domain.language import tr
from console.domain.risk import Risk

MAX_TEXT = 1_000
MAX_TERMS = 20
MAX_OFFERED = 8
LONGEST = 10_000_000
# One letter begins too many words that are no field.
FEWEST = 2


class Field(enum.StrEnum):
    """What can be asked for by name; ``TEXT`` is a word or phrase anywhere."""

    TEXT = ""
    TITLE = "title"
    AGENT = "agent"
    WORKFLOW = "workflow"
    KEY = "key"
    RESOURCE = "resource"
    RUN = "run"
    CONNECTION = "connection"
    CLAIMED = "claimed"
    RISK = "risk"
    KIND = "kind"
    IS = "is"
    AGE = "age"
    DUE = "due"


class Aspect(enum.StrEnum):
    """What ``is:`` can ask for."""

    MINE = "mine"
    UNCLAIMED = "unclaimed"
    OVERDUE = "overdue"
    SOON = "soon"
    SECOND = "second"
    SNOOZED = "put-off"


MEANINGS: Mapping[Field, str] = {
    Field.TITLE: tr("words of the title"),
    Field.AGENT: tr("who asks"),
    Field.WORKFLOW: tr("kind of work"),
    Field.KEY: tr("business key, as order 4711"),
    Field.RESOURCE: tr("what it is about"),
    Field.RUN: tr("the engine’s id of the run"),
    Field.CONNECTION: tr("name of the connection"),
    Field.CLAIMED: tr("who is on it"),
    Field.RISK: tr("low, medium, high, critical; risk>=high"),
    Field.KIND: tr("checkpoint, question, failure, …"),
    Field.IS: tr("mine, unclaimed, overdue, put-off, …"),
    Field.AGE: tr("how old: age>10m"),
    Field.DUE: tr("time left: due<1h"),
}
WORDS: Mapping[Aspect, str] = {
    Aspect.MINE: tr("claimed by me"),
    Aspect.UNCLAIMED: tr("nobody is on it"),
    Aspect.OVERDUE: tr("its time is over"),
    Aspect.SOON: tr("due within 15 minutes"),
    Aspect.SECOND: tr("needs my second signature"),
    Aspect.SNOOZED: tr("put off until later"),
}
ALSO: Mapping[str, Aspect] = {"snoozed": Aspect.SNOOZED, "putoff": Aspect.SNOOZED}
TEXTS = frozenset(
    {Field.TITLE, Field.AGENT, Field.WORKFLOW, Field.KEY, Field.RESOURCE, Field.RUN, Field.CONNECTION, Field.CLAIMED}
)
KINDS = tuple(kind for kind in Kind if kind is not Kind.COMMAND)

TERM = re.compile(r'(?P<sign>-?)(?:(?P<field>[A-Za-z]+)(?P<op>:|>=|<=|=|>|<))?(?P<value>"[^"]*"?|[^\s"]*)')
LENGTH = re.compile(r"(\d{1,7})([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

Value: TypeAlias = str | Risk | Kind | Aspect | timedelta


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing asked for: that a field is one of ``values``, or compares to the only one as ``op`` says.

    Texts are case-folded. ``op`` is ``:`` or one of ``>=``, ``<=``, ``>``, ``<``; the latter with risks and times.
    """

    field: Field
    op: str
    values: tuple[Value, ...]
    is_not: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """What a text asks for, and in words what of it could not be read."""

    conditions: tuple[Condition, ...] = ()
    problems: tuple[str, ...] = ()

    def asks(self, aspect: Aspect) -> bool:
        """Whether it wants what stands so."""
        return any(each.field is Field.IS and aspect in each.values and not each.is_not for each in self.conditions)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that could stand where a person writes: ``text`` takes the place of ``start`` to the cursor."""

    text: str
    words: str
    start: int


class _Unread(Exception):
    """A term that means nothing."""


def parse(text: str) -> Search:
    """What a text asks for."""
    conditions: list[Condition] = []
    problems: list[str] = []
    for found in TERM.finditer(text[:MAX_TEXT]):
        if not found.group():
            continue
        if len(conditions) == MAX_TERMS:
            problems.append(tr("Only the first {max_terms} terms count.", max_terms=MAX_TERMS))
            break
        try:
            made = _condition(found)
        except _Unread as unread:
            problems.append(str(unread))
        else:
            if made is not None:
                conditions.append(made)
    return Search(tuple(conditions), tuple(problems))


def suggest(text: str, cursor: int, known: Mapping[Field, Sequence[str]]) -> tuple[Suggestion, ...]:
    """What could be meant by the word at the cursor, at most :data:`MAX_OFFERED`; ``known`` are values seen so far."""
    start = max(text.rfind(" ", 0, cursor) + 1, 0)
    word = text[start:cursor].removeprefix("-")
    start = cursor - len(word)
    name, colon, begun = word.partition(":")
    if not colon:
        names = [each for each in MEANINGS if str(each).startswith(word.casefold())] if len(word) >= FEWEST else []
        return tuple(Suggestion(f"{each}:", MEANINGS[each], start) for each in names[:MAX_OFFERED])
    field = _field(name)
    if field is None:
        return ()
    begun = begun.rpartition(",")[2]
    wanted = begun.removeprefix('"').casefold()
    at = cursor - len(begun)
    choices = _choices(field, known)
    return tuple(
        Suggestion(_quoted(value), words, at) for value, words in choices if wanted in value.casefold() and value
    )[:MAX_OFFERED]


def _condition(found: re.Match[str]) -> Condition | None:
    is_not, op = found["sign"] == "-", {None: ":", "=": ":"}.get(found["op"], found["op"])
    raw = found["value"].strip('"').casefold()
    if found["field"] is None:
        return Condition(Field.TEXT, ":", (raw,), is_not) if raw else None
    field = _field(found["field"])
    if field is None:
        raise _Unread(
            tr(
                "“{field}” is no field: {listed}.",
                field=found["field"],
                listed=", ".join(str(each) for each in MEANINGS),
            )
        )
    if not raw:
        return None
    parts = (raw,) if found["value"].startswith('"') else tuple(each for each in raw.split(",") if each)
    if field in {Field.AGE, Field.DUE}:
        plain = ">" if field is Field.AGE else "<"
        return Condition(field, plain if op == ":" else op, (_length(field, raw),), is_not)
    if field is Field.RISK:
        return Condition(field, op, tuple(_risk(each) for each in parts), is_not)
    if op != ":":
        raise _Unread(tr("Only risk, age and due compare; write {field}:{raw}.", field=field, raw=raw))
    if field in TEXTS:
        return Condition(field, op, parts, is_not)
    return Condition(field, op, tuple(_choice(field, each) for each in parts), is_not)


def _field(name: str) -> Field | None:
    return next((each for each in MEANINGS if str(each) == name.casefold()), None)


def _risk(word: str) -> Risk:
    for risk in Risk:
        if risk.word.startswith(word):
            return risk
    raise _Unread(tr("“{word}” is no risk: {listed}.", word=word, listed=", ".join(risk.word for risk in Risk)))


def _choice(field: Field, word: str) -> Kind | Aspect:
    offered: Sequence[Kind | Aspect] = KINDS if field is Field.KIND else tuple(Aspect)
    for each in offered:
        if str(each) == word:
            return each
    if field is Field.IS and word in ALSO:
        return ALSO[word]
    raise _Unread(
        tr(
            "“{word}” is nothing that {field}: knows: {listed}.",
            word=word,
            field=field,
            listed=", ".join(str(each) for each in offered),
        )
    )


def _length(field: Field, word: str) -> timedelta:
    found = LENGTH.fullmatch(word)
    if found is None:
        raise _Unread(tr("“{word}” is no time: write {field}>10m, with s, m, h or d.", word=word, field=field))
    return timedelta(seconds=min(int(found[1]) * SECONDS[found[2]], LONGEST))


def _choices(field: Field, known: Mapping[Field, Sequence[str]]) -> list[tuple[str, str]]:
    if field is Field.RISK:
        return [(risk.word, "") for risk in reversed(Risk)]
    if field is Field.KIND:
        return [(str(kind), "") for kind in KINDS]
    if field is Field.IS:
        return [(str(aspect), WORDS[aspect]) for aspect in Aspect]
    if field in {Field.AGE, Field.DUE}:
        return []
    return [(value, "") for value in known.get(field, ())]


def _quoted(value: str) -> str:
    plain = value.replace('"', "")
    return f'"{plain}"' if re.search(r"[\s,]", plain) else plain
