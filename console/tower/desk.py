"""An agent's desk: the state it was handed, the lookups it may make, and the trail of what it did with them.

Invariant: whatever the agent's code reads or asks is recorded here by itself, so that a hand-off tells what was used
and the trail holds every call. A lookup outside grant or scope is not made; it is a :class:`Violation`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn, overload

from pydantic import TypeAdapter

from console.domain.canonical import Json, canonical, sha256_hex
from console.domain.run import TrailEntry, TrailKind
from console.tower import business
from console.tower.bounds import argument_errors, breaches, redacted, resource_of
from console.tower.messages import AgentCall, Outcome
from console.tower.payloads import FOLDER, Payloads, fitting
from console.tower.schemas import schema_problems
from console.tower.staff import Report, StaffedPlan, ToolUse, Workplace

CHARACTERS_PER_TOKEN = 4
EUROS_PER_TOKEN = 0.000_012
MAX_PATCH_BYTES = 256 * 1024
MAX_OUTCOME_BYTES = 1_900_000
MAX_SHOWN_RESULT = 20_000
SHOWN_ITEMS = 5
MAX_REMARKS = 20
MAX_REMARK = 500
AMOUNT = re.compile(r"-?[0-9]+\.[0-9]{2}")
ENTRY: TypeAdapter[TrailEntry] = TypeAdapter(TrailEntry)


class Violation(Exception):
    """An agent left its bounds; nothing was done."""


class Missing(KeyError):
    """The state has no such fact; perhaps the step that finds it was skipped."""

    def __str__(self) -> str:
        return f"the state has no “{self.args[0]}”"


class Handed(Mapping[str, Json]):
    """The state as handed over; remembers which keys were read."""

    def __init__(self, facts: Mapping[str, Json]) -> None:
        self._facts = facts
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Json:
        self.read.add(key)
        if key not in self._facts:
            raise Missing(key)
        return self._facts[key]

    def __contains__(self, key: object) -> bool:
        if isinstance(key, str):
            self.read.add(key)
        return key in self._facts

    def __iter__(self) -> Iterator[str]:
        self.read.update(self._facts)
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


class Told(Sequence[str]):
    """Caveats or open questions as handed over; remembers which were read. To count them is not to read them."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._texts = texts
        self._read: set[int] = set()

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        places = range(len(self._texts))[index]
        self._read.update([places] if isinstance(places, int) else places)
        return self._texts[index]

    def __len__(self) -> int:
        return len(self._texts)

    @property
    def heard(self) -> tuple[str, ...]:
        """Those that were read."""
        return tuple(text for place, text in enumerate(self._texts) if place in self._read)

    @property
    def dropped(self) -> tuple[str, ...]:
        """Those that nobody read."""
        return tuple(text for place, text in enumerate(self._texts) if place not in self._read)


@dataclass(frozen=True, slots=True)
class Spent:
    """What an entry of the trail took, where it was measured: tokens, and euros."""

    tokens: int
    cost: float


class Desk:
    """One turn of one agent. ``caveats`` and ``open_questions`` are what those before it warned of and left open.

    ``model`` names the language model that thinks for the agent; empty where none does.
    """

    def __init__(self, call: AgentCall, staffed: StaffedPlan, place: Workplace) -> None:
        self.call = call
        self.parameters = call.parameters
        self.note = call.note
        self.state = Handed(call.state)
        self.caveats = Told(call.caveats)
        self.open_questions = Told(call.open_questions)
        self.partial = ""
        self.model = ""
        self._staffed = staffed
        self._place = place
        self._spec = staffed.plan.agent(call.agent)
        self._trail: list[TrailEntry] = []
        self._matters: list[int] = []
        self._calls: list[str] = []

    def fact(self, name: str) -> dict[str, Json]:
        """A fact that is an object. Raises :class:`Missing` or :class:`TypeError`."""
        value = self.state[name]
        if not isinstance(value, dict):
            raise TypeError(f"{name} is not an object")
        return value

    def prompt(self, text: str, *, spent: Spent | None = None) -> None:
        """Record what the agent was asked. What it took is estimated from its length unless told."""
        self._add(TrailKind.PROMPT, f"Prompt to {self._name()}", text, spent=spent or _estimated(text))

    def reason(self, title: str, text: str = "", *, matters: bool = False, spent: Spent | None = None) -> None:
        """Record a thought; it is also what a live view shows while the agent works."""
        self.partial = text or title
        self._add(TrailKind.REASONING, title, text, spent=spent or _estimated(title + text), matters=matters)

    def respond(self, text: str, *, spent: Spent | None = None) -> None:
        """Record the agent's answer."""
        self._add(TrailKind.RESPONSE, f"Response of {self._name()}", text, spent=spent or _estimated(text))

    async def look_up(self, tool: str, *, says: str = "", **arguments: Json) -> dict[str, Json]:
        """Call a read-only tool. ``says`` words the entry, with ``{name}`` of the result; it then is one that matters.

        Raises :class:`Violation` outside the agent's bounds, and whatever the tool raises.
        """
        spec = self._staffed.plan.tool(tool)
        try:
            found = argument_errors(spec, arguments) or breaches(self._spec, spec, arguments, self.parameters)
        except ValueError as error:
            self._refuse(tool, str(error))
        if spec.acts:
            found = (f"{tool} acts; an agent may only propose it.",)
        if found:
            self._refuse(tool, " ".join(found))
        self._calls.append(f"{tool} {sha256_hex(arguments)[:16]}")
        function = self._staffed.tools[tool]
        about: dict[str, Json] = {"tool": tool, "resource": resource_of(spec, arguments)}
        about["arguments"] = redacted(spec, arguments)

        def use() -> dict[str, Json]:
            with closing(business.connect(self._place.business)) as db, db:
                at = self._place.clock()
                return function(
                    ToolUse(db=db, data=self._place.data, seed=self._place.seed, arguments=arguments, at=at)
                )

        try:
            result = await asyncio.to_thread(use)
        except Exception as error:
            data: dict[str, Json] = {**about, "error": str(error)}
            self._add(TrailKind.TOOL_CALL, f"{tool} failed: {error}", data=data, is_failed=True)
            raise
        title = says.format_map(_readable(result)) if says else tool
        self._add(TrailKind.TOOL_CALL, title, data={**about, "result": _cut(result)}, matters=bool(says))
        return result

    def outcome(self, report: Report) -> Outcome:
        """The report with all that the desk recorded.

        Raises :class:`ValueError` for what the run could not hold or sign: beyond the caps, or without canonical form.
        """
        patch = dict(report.patch or {})
        _check(report, patch)
        if patch:
            names = ", ".join(patch)
            self._add(TrailKind.STATE_CHANGE, f"Found {names}", data=patch)
        for text in report.caveats:
            self._add(TrailKind.NOTE, f"Caveat: {text}", matters=True)
        self._add_hand_off()
        tokens = sum(entry.tokens for entry in self._trail)
        outcome = Outcome(
            trail=self.trail(),
            patch=patch,
            relied_on=tuple(sorted(self.state.read)),
            heard_caveats=self.caveats.heard,
            heard_questions=self.open_questions.heard,
            proposals=report.proposals,
            question=report.question,
            back_to=report.back_to,
            confidence=report.confidence,
            caveats=report.caveats,
            open_questions=report.open_questions,
            calls=tuple(self._calls),
            tokens=tokens,
            cost=round(sum(entry.cost for entry in self._trail), 6),
            led_here=tuple(self._matters),
        )
        size = len(outcome.model_dump_json())
        if size > MAX_OUTCOME_BYTES:
            raise ValueError(f"an outcome of {size // 1000:,} KB; {MAX_OUTCOME_BYTES // 1000:,} are the most")
        return outcome

    def trail(self) -> list[dict[str, Json]]:
        """The entries so far, as JSON."""
        payloads = Payloads(self._place.business.parent / FOLDER)
        return fitting(payloads, self.call.run.chain_id, self._trail)

    def _name(self) -> str:
        return f"{self.call.agent} ({self.model})" if self.model else self.call.agent

    def _add_hand_off(self) -> None:
        sources = sorted({step for step in self.call.made_by.values() if step != self.call.step})
        if not sources:
            return
        used = [key for key in self.call.state if key in self.state.read]
        dropped = [key for key in self.call.state if key not in self.state.read]
        title = f"{', '.join(sources)} handed over {len(self.call.state)} parts, {len(used)} were used"
        data: dict[str, Json] = {"from": sources, "to": self.call.step, "used": used, "dropped": dropped}
        data["caveats"], data["open_questions"] = list(self.call.caveats), list(self.call.open_questions)
        data["dropped_caveats"] = list(self.caveats.dropped)
        data["dropped_questions"] = list(self.open_questions.dropped)
        self._add(TrailKind.HAND_OFF, title, data=data)

    def _refuse(self, tool: str, why: str) -> NoReturn:
        """Record that a lookup was not made, and end the turn with it."""
        self._add(TrailKind.GUARDRAIL, f"{tool} was refused", why, data={"tool": tool}, is_failed=True)
        raise Violation(why)

    def _add(
        self,
        kind: TrailKind,
        title: str,
        text: str = "",
        *,
        data: dict[str, Json] | None = None,
        spent: Spent | None = None,
        matters: bool = False,
        is_failed: bool = False,
    ) -> None:
        if matters:
            self._matters.append(len(self._trail))
        call = self.call
        entry = TrailEntry(
            entry_id=f"{call.step}.{call.occurrence}.{call.attempt}.{len(self._trail) + 1}",
            at=self._place.clock(),
            kind=kind,
            title=title,
            text=text,
            step=call.step,
            agent=call.agent,
            attempt=call.attempt,
            data=data or {},
            tokens=spent.tokens if spent else 0,
            cost=round(spent.cost, 6) if spent else 0.0,
            is_failed=is_failed,
        )
        self._trail.append(entry)


def items(value: Json) -> list[Json]:
    """The items of a list; none of anything else."""
    return value if isinstance(value, list) else []


def dicts(value: Json) -> list[dict[str, Json]]:
    """The objects in a list."""
    return [one for one in items(value) if isinstance(one, dict)]


def _check(report: Report, patch: dict[str, Json]) -> None:
    size = len(canonical(patch))
    if size > MAX_PATCH_BYTES:
        raise ValueError(f"findings of {size // 1024} KB; {MAX_PATCH_BYTES // 1024} are the most")
    for remarks in (report.caveats, report.open_questions):
        if len(remarks) > MAX_REMARKS or any(len(text) > MAX_REMARK for text in remarks):
            raise ValueError(f"more than {MAX_REMARKS} caveats or questions, or one of over {MAX_REMARK} characters")
        canonical(list(remarks))
    for proposed in report.proposals:
        canonical([proposed.summary, proposed.arguments])
    if report.question is not None:
        canonical([report.question.text, report.question.schema, report.question.suggestion])
        if found := schema_problems(report.question.schema):
            raise ValueError(f"the question's schema: {found[0]}")


def _estimated(text: str) -> Spent:
    tokens = max(1, len(text) // CHARACTERS_PER_TOKEN)
    return Spent(tokens, tokens * EUROS_PER_TOKEN)


def _cut(result: dict[str, Json]) -> Json:
    """A result as the trail keeps it: long lists by their beginning, so that a ledger is not stored in each entry."""
    shown: dict[str, Json] = {}
    for name, value in result.items():
        if isinstance(value, list) and len(value) > SHOWN_ITEMS:
            shown[name] = [*value[:SHOWN_ITEMS], f"… and {len(value) - SHOWN_ITEMS} more"]
        elif isinstance(value, str) and len(value) > MAX_SHOWN_RESULT:
            shown[name] = value[:MAX_SHOWN_RESULT] + "…"
        else:
            shown[name] = value
    return shown


def _readable(result: dict[str, Json]) -> dict[str, Json]:
    """The values of a result as words show them: amounts with separators."""
    return {
        name: f"{Decimal(value):,.2f}" if isinstance(value, str) and AMOUNT.fullmatch(value) else value
        for name, value in result.items()
    }
