"""Writing memo and search attributes, by which a workflow with something open is found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio import workflow

from console.domain.canonical import Json
from console.tower import views, wire
from console.tower.course import Course


def publish(course: Course, published: dict[str, Any], decided: Sequence[dict[str, Json]] = ()) -> dict[str, Any]:
    """Write what differs from what was published; returns what is published now.

    ``decided`` is what people decided in a run that has ended.
    """
    memo = views.memo(course).model_copy(update={"decided": list(decided)})
    is_new_memo = memo != published.get("memo")
    if is_new_memo:
        workflow.upsert_memo({wire.MEMO_KEY: memo})
    attributes = views.attributes(course)
    changed = [name for name, value in attributes.items() if published.get(name) != value]
    if changed or is_new_memo:
        updates = [views.update_of(name, attributes[name]) for name in changed]
        workflow.upsert_search_attributes([*updates, views.update_of("ClearanceChangedAt", workflow.now())])
    return {**attributes, "memo": memo}
