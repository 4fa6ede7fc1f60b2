"""The drawing of a plan: nothing overlaps, lines go forward and between the boxes, it is bounded and deterministic."""

from __future__ import annotations

import os
import random
from itertools import pairwise

import pytest

from console.domain.run import Step, StepStatus
from console.screens.run.graph_layout import STEP_WIDTH, Box, Drawing, Line, columns_in, drawing, width_in
from console.screens.run.graph_order import MOST_BENDS, STEP_HEIGHT, crossings, ordered
from console.screens.run.layers import Layers, downstream, layers
from tests.screens.run.scene import STEPS, step

SEED = int(os.environ["CLEARANCE_SEED"])


def world() -> random.Random:
    return random.Random(SEED)  # noqa: S311 - repeatable, not secret


def plan(count: int, rng: random.Random, reach: int = 6) -> Layers:
    """A plan of so many steps, each after a few of those shortly before it."""
    steps = []
    for number in range(count):
        earlier = range(max(0, number - reach), number)
        after = rng.sample(earlier, min(len(earlier), rng.randint(0, 3)))
        steps.append(step(f"s{number}", StepStatus.DONE, *(f"s{one}" for one in sorted(after))))
    return layers(steps)


def overlaps(drawn: Drawing) -> list[tuple[Box, Box]]:
    boxes = sorted(drawn.boxes, key=lambda box: box.y)
    return [
        (one, other)
        for number, one in enumerate(boxes)
        for other in boxes[number + 1 :]
        if other.y < one.y + STEP_HEIGHT and abs(one.x - other.x) < STEP_WIDTH
    ]


def runs_through(line: Line, box: Box) -> bool:
    """Whether a line passes a box that is neither of its ends, or touches it."""
    if box.position in {line.start, line.end}:
        return False
    left, right, top, bottom = box.x - 2, box.x + STEP_WIDTH + 2, box.y - 2, box.y + STEP_HEIGHT + 2
    return any(
        max(one[0], other[0]) > left
        and min(one[0], other[0]) < right
        and max(one[1], other[1]) > top
        and min(one[1], other[1]) < bottom
        for one, other in pairwise(line.points)
    )


@pytest.mark.parametrize("columns", [2, 4, 7, 1_000])
def test_boxes_never_touch_and_lines_run_between_them(columns: int) -> None:
    rng = world()
    for count in (1, 2, 9, 40, 90):
        given = plan(count, rng)
        drawn = drawing(given, columns)
        assert [box.position for box in drawn.boxes] == list(range(count))
        assert not overlaps(drawn)
        assert not [(line, box) for line in drawn.lines for box in drawn.boxes if runs_through(line, box)]
        for x, y in [(box.x, box.y) for box in drawn.boxes] + [at for line in drawn.lines for at in line.points]:
            assert 0 <= x <= drawn.width
            assert 0 <= y <= drawn.height


def test_every_edge_is_drawn_once_and_leads_to_a_later_layer() -> None:
    given = plan(60, world())
    drawn = drawing(given, 4)
    layer = {box.position: box.layer for box in drawn.boxes}
    assert sorted((line.start, line.end) for line in drawn.lines) == sorted((e.start, e.end) for e in given.edges)
    assert all(layer[line.start] < layer[line.end] for line in drawn.lines)


def test_the_furrow_turns_at_the_edge() -> None:
    drawn = drawing(layers(STEPS), 4)
    at = {STEPS[box.position].step_id: box for box in drawn.boxes}
    across = [at[name].x for name in ("match-open-items", "propose-entries", "check-entries")]
    assert across == sorted(across)
    back = [at[name].x for name in ("controller-approval", "post-entries", "reconcile", "report")]
    assert back == sorted(back, reverse=True)
    assert at["controller-approval"].x == at["check-entries"].x
    assert at["controller-approval"].y > at["check-entries"].y + STEP_HEIGHT
    down = next(line for line in drawn.lines if STEPS[line.end].step_id == "controller-approval")
    assert len({x for x, _ in down.points}) == 1 or len(down.points) == 4


def test_crossings_are_reduced() -> None:
    """Two chains whose steps are named against each other: as given they cross in every gap, drawn they do not."""
    steps = [step("a0", StepStatus.DONE), step("b0", StepStatus.DONE)]
    for number in range(1, 8):
        pair = [step(f"{name}{number}", StepStatus.DONE, f"{name}{number - 1}") for name in "ab"]
        steps += pair if number % 2 else reversed(pair)
    given = layers(steps)
    order = ordered(given)
    after: list[list[int]] = [[] for _ in steps]
    for edge in given.edges:
        after[edge.start].append(edge.end)
    assert crossings(given.columns, after) == 6
    assert crossings(order.layers, after) == 0


def test_a_cycle_is_drawn_as_a_line_back_around_the_boxes() -> None:
    steps = [
        step("match", StepStatus.DONE, "investigate"),
        step("check", StepStatus.DONE, "match"),
        step("investigate", StepStatus.NOT_TAKEN, "check"),
        step("post", StepStatus.TO_DO, "check"),
    ]
    for columns in (2, 4):
        drawn = drawing(layers(steps), columns)
        back = [line for line in drawn.lines if line.is_back]
        assert len(back) == 1
        assert len(drawn.lines) == 4
        assert not [box for box in drawn.boxes if runs_through(back[0], box)]


def test_five_hundred_steps_are_drawn_within_bounds_and_always_alike() -> None:
    given = plan(500, world())
    assert drawing(given, 5) == drawing(given, 5)
    every = layers([step(f"s{n}", StepStatus.DONE, *(f"s{one}" for one in range(n))) for n in range(120)])
    order = ordered(every)
    assert len(order.layer_of) <= 120 + MOST_BENDS
    assert order.unrouted
    drawn = drawing(every, 4)
    assert len(drawn.lines) == len(every.edges)
    assert not overlaps(drawn)


def test_what_comes_after_a_step_is_found_over_all_edges() -> None:
    given = layers(STEPS)
    names = {STEPS[position].step_id for position in downstream(given, 2)}
    assert names == {
        "propose-entries", "check-entries", "investigate", "controller-approval", "post-entries", "reconcile", "report",
    }  # fmt: skip
    assert downstream(given, len(STEPS) - 1) == frozenset()


def test_odd_plans_are_drawn_too() -> None:
    assert drawing(Layers(), 4) == Drawing()
    alone = drawing(layers([Step(step_id="a", title="a", after=("a", "nobody"))]), 4)
    assert len(alone.boxes) == 1
    assert columns_in(10) == 2
    assert columns_in(974) == 4
    assert [width_in(width, 4) for width in (400, 974, 1_100, 4_000)] == [160, 170, 202, 208]
    wide = drawing(layers(STEPS), 4, 208)
    assert not overlaps(wide)
    assert max(box.x for box in wide.boxes) + wide.step_width <= wide.width
