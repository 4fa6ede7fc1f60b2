"""The filter of the list of runs, as it outlives the window."""

from __future__ import annotations

import json

from console.screens import Memory
from console.screens.runs.finding import Chip, Filter, Order

REMEMBERED = "runs.filter"


def remember(memory: Memory, asked: Filter) -> None:
    """Keep a filter for the next time."""
    memory.set(REMEMBERED, _written(asked))


def _written(asked: Filter) -> str:
    chips = sorted(str(chip) for chip in asked.chips)
    return json.dumps(
        {"chips": chips, "workflow": asked.workflow, "connection": asked.connection_id, "order": asked.order.name}
    )


def remembered(memory: Memory) -> Filter:
    """The filter of the last time, as far as it can be read; words that were looked for are not kept."""
    try:
        kept = json.loads(memory.get(REMEMBERED, "{}"))
        return Filter(
            chips=frozenset(Chip(each) for each in kept.get("chips", [])),
            workflow=str(kept.get("workflow", "")),
            connection_id=str(kept.get("connection", "")),
            order=Order[kept.get("order", Order.URGENT.name)],
        )
    except (ValueError, KeyError, AttributeError, TypeError):
        return Filter()
