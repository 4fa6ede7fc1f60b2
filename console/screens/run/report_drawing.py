"""The graph and the timeline of a run as inline SVG, from the same geometry as the window's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from console.domain.run import Step, StepStatus
from console.screens.run.graph import LineWords, is_exception, second_line, title
from console.screens.run.graph_layout import STEP_WIDTH, Line, drawing
from console.screens.run.graph_order import STEP_HEIGHT
from console.screens.run.layers import Layers
from console.screens.run.markup import Markup, tag
from console.screens.run.state import DASHED
from console.screens.run.timeline import Doing, Timeline, ticks

COLUMNS = 4
MOST_STEPS = 500
NAME, SECOND = 22, 26
WIDTH, LABEL, ROW, BAR = 1_000.0, 190.0, 24.0, 12.0
ARROW = 7.0
BAR_CLASS = {Doing.WORKED: "worked", Doing.FAILED: "failed", Doing.WAITED: "waited"}
STATUS_CLASS = {
    StepStatus.DONE: "ok",
    StepStatus.RUNNING: "accent",
    StepStatus.GATE: "person",
    StepStatus.FAILED: "crit",
    StepStatus.TO_DO: "quiet",
    StepStatus.NOT_TAKEN: "quiet",
}


def graph_svg(
    plan: Layers, words: Mapping[tuple[str, str], LineWords], waits: Mapping[str, datetime], now: datetime
) -> Markup:
    """The plan as a drawing."""
    drawn = drawing(plan, COLUMNS)
    parts = [_line(plan, line, words) for line in drawn.lines]
    for box in drawn.boxes:
        step = plan.steps[box.position]
        kind = f"step {STATUS_CLASS[step.status]}{' dashed' if step.status in DASHED else ''}"
        parts.append(
            tag(
                "g",
                tag("rect", x=box.x, y=box.y, width=STEP_WIDTH, height=STEP_HEIGHT, rx=6, class_=kind),
                tag("text", _cut(title(step), NAME), x=box.x + 10, y=box.y + 21, class_="name"),
                tag("text", _cut(_told(step, now, waits.get(step.step_id)), SECOND), x=box.x + 10, y=box.y + 39),
                tag("title", f"{title(step, 200)}, {step.status}"),
            )
        )
    return _svg(parts, drawn.width, drawn.height, "The plan with its status")


def timeline_svg(timeline: Timeline, now: datetime) -> Markup:
    """The run over time."""
    window, room = timeline.window(now), WIDTH - LABEL - 20
    parts: list[Markup] = []
    height = ROW * (len(timeline.rows) + 1)
    for moment, word in ticks(window, room):
        x = LABEL + window.x(moment, room)
        parts.append(tag("line", x1=x, x2=x, y1=ROW, y2=height, class_="grid"))
        parts.append(tag("text", word, x=x - 18, y=16, class_="quiet"))
    for number, row in enumerate(timeline.rows, 1):
        parts.append(tag("text", _cut(row.title, 2 * NAME), x=0, y=ROW * number + 16))
        for bar in row.bars:
            left = LABEL + window.x(bar.start, room)
            wide = max(2.0, LABEL + window.x(bar.end or window.end, room) - left)
            shape = tag(
                "rect",
                x=round(left, 1),
                y=ROW * number + (ROW - BAR) / 2,
                width=round(wide, 1),
                height=BAR,
                rx=2,
                class_=BAR_CLASS[bar.doing],
            )
            parts.append(tag("g", shape, tag("title", f"{row.title}: {bar.words(now)}")))
    return _svg(parts, WIDTH, height, "The run over time")


def _line(plan: Layers, line: Line, words: Mapping[tuple[str, str], LineWords]) -> Markup:
    is_dashed = not line.is_taken or line.is_back or is_exception(plan, line.start, line.end)
    points = " ".join(f"{x:g},{y:g}" for x, y in line.points)
    parts = [tag("polyline", points=points, class_="edge dashed" if is_dashed else "edge"), _arrow(line)]
    told = words.get((plan.steps[line.start].step_id, plan.steps[line.end].step_id))
    if told is not None:
        x, y = line.label
        parts.append(tag("text", told.size, x=x, y=y - 6, class_="label"))
        if told.note:
            parts.append(tag("text", told.note, x=x, y=y + 15, class_="label high" if told.is_losing else "label"))
    return tag("g", *parts)


def _arrow(line: Line) -> Markup:
    (before_x, before_y), (x, y) = line.points[-2:]
    across = (x > before_x) - (x < before_x)
    down = 0 if across else (y > before_y) - (y < before_y)
    base = (x - ARROW * across, y - ARROW * down)
    side = (down * ARROW / 2, across * ARROW / 2)
    corners = ((x, y), (base[0] + side[0], base[1] + side[1]), (base[0] - side[0], base[1] - side[1]))
    return tag("polygon", points=" ".join(f"{a:g},{b:g}" for a, b in corners), class_="arrow")


def _svg(parts: list[Markup], width: float, height: float, name: str) -> Markup:
    box = f"0 0 {width:g} {height:g}"
    return tag("svg", *parts, viewBox=box, width=width, height=height, role="img", aria_label=name)


def _told(step: Step, now: datetime, since: datetime | None) -> str:
    """The status in words, for whoever prints it in grey, and what the window shows below the name."""
    return ": ".join(dict.fromkeys((str(step.status), second_line(step, now, since))))


def _cut(words: str, limit: int) -> str:
    return words if len(words) <= limit else words[: limit - 1] + "…"
