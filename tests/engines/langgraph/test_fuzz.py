"""Whatever an interrupt holds, it is shown, and nothing is sent that the middleware would choke on.

``CLEARANCE_FUZZ`` sets how many payloads are tried; the suite tries few.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from console.domain.digest import escalation_digest
from console.domain.escalation import Verdict
from console.engines.langgraph import schemas, threads, waits

MOST = int(os.environ.get("CLEARANCE_FUZZ", "50"))
SERVER = "langgraph:fuzz"
FUZZED = settings(max_examples=MOST, deadline=None, suppress_health_check=list(HealthCheck))

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
DECISIONS = st.sampled_from(["approve", "edit", "reject", "respond", "explode", 7, None])


def sometimes(sound: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What it should be, and now and then anything."""
    return st.one_of(sound, sound, sound, JSON)


ARGUMENTS = st.dictionaries(st.text(max_size=5), JSON)
ACTION = st.fixed_dictionaries(
    {
        "name": sometimes(st.sampled_from(["pay", "mail"])),
        "args": sometimes(st.dictionaries(st.text(max_size=5), JSON)),
    },
    optional={"description": JSON},
)
CONFIG = st.fixed_dictionaries(
    {
        "action_name": sometimes(st.sampled_from(["pay", "mail"])),
        "allowed_decisions": sometimes(st.lists(DECISIONS, max_size=5)),
    }
)
BATCHED = st.fixed_dictionaries(
    {"action_requests": sometimes(st.lists(ACTION, max_size=4)), "review_configs": sometimes(st.lists(CONFIG))}
)
PER_CALL = st.fixed_dictionaries(
    {"type": st.just("tool_approval"), "name": sometimes(st.just("pay")), "args": sometimes(st.just({"a": 1}))}
)
PERMITS = st.dictionaries(st.sampled_from(list(schemas.BY_PERMIT)), sometimes(st.booleans()))
REQUEST = st.fixed_dictionaries(
    {
        "action_request": sometimes(st.fixed_dictionaries({"action": st.just("pay"), "args": sometimes(st.just({}))})),
        "config": sometimes(PERMITS),
    }
)
VALUES = st.one_of(JSON, BATCHED, PER_CALL, st.lists(REQUEST, max_size=3), REQUEST)
SCHEMAS = st.one_of(
    st.none(),
    JSON,
    st.fixed_dictionaries({"oneOf": st.lists(JSON), "$defs": st.dictionaries(st.text(max_size=5), JSON)}),
    st.just({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}),
    st.just({"$ref": "https://example.org/schema.json"}),
)
INTERRUPTS = st.fixed_dictionaries(
    {"id": sometimes(st.uuids().map(lambda each: each.hex)), "value": VALUES}, optional={"response_schema": SCHEMAS}
)


def thread_of(*interrupts: object, **others: object) -> threads.Thread:
    """A thread as a list tells of it."""
    raw = {
        "thread_id": "fuzz",
        "status": "interrupted",
        "metadata": {"graph_id": "pay"},
        "state_updated_at": datetime(2026, 11, 21, 8, tzinfo=UTC).isoformat(),
        "interrupts": {"task": list(interrupts)},
        **others,
    }
    made = threads.thread(raw)
    assert made is not None
    return made


@FUZZED
@given(st.lists(INTERRUPTS, min_size=1, max_size=3))
@example([{"id": "a" * 32, "value": "x" * 600_000}])
@example([{"id": "a" * 32, "value": {"action_requests": [], "review_configs": []}}])
@example([{"id": "a" * 32, "value": {"question": "?", "deep": json.loads("[" * 300 + "]" * 300)}}])
def test_every_interrupt_is_shown_whatever_it_holds(interrupts: list[dict[str, Any]]) -> None:
    thread = thread_of(*interrupts)
    found = waits.waits(thread, thread.interrupts)
    rows = waits.rows(thread, SERVER)
    assert len(rows) == len(found) >= len(interrupts)
    assert all(row.title for row in rows)
    for wait in found:
        item = waits.item(wait, SERVER)
        assert item.key.run.server == SERVER
        if item.row.problem:
            continue
        assert item.row.digest == escalation_digest(item)
        assert item.verdicts
        if item.proposal is None:
            assert item.verdicts == (Verdict.ANSWER,)
            assert item.question
        else:
            # What was proposed is shown as it came, or it is no proposal.
            assert item.proposal.arguments == wait.part.arguments


@FUZZED
@given(VALUES)
def test_what_looks_like_a_convention_and_is_none_says_so_and_shows_its_raw_form(value: object) -> None:
    (wait, *_) = waits.waits(thread := thread_of({"id": "a" * 32, "value": value}), thread.interrupts)
    part = wait.part
    if part.form is schemas.Form.FREE and isinstance(value, dict) and "action_requests" in value:
        assert part.problem or "review_configs" not in value
        assert wait.problem or json.dumps("action_requests") in part.question or len(part.question) >= schemas.MOST_TEXT


@FUZZED
@given(JSON, JSON, JSON)
def test_a_thread_is_read_whatever_else_is_in_it(metadata: object, interrupts: object, at: object) -> None:
    thread = thread_of(metadata=metadata, interrupts=interrupts, state_updated_at=at, updated_at=at, error=metadata)
    for row in waits.rows(thread, SERVER):
        assert row.title
    assert threads.thread(interrupts) is None or isinstance(interrupts, dict)
