"""The plan in layers, whatever an engine says of it."""

from __future__ import annotations

from console.domain.run import Step, StepStatus
from console.screens.run.layers import Edge, done_count, layers


def step(step_id: str, *after: str, status: StepStatus = StepStatus.TO_DO) -> Step:
    return Step(step_id=step_id, title=step_id, after=after, status=status)


def names(steps: list[Step]) -> list[list[str]]:
    made = layers(steps)
    return [[made.steps[position].step_id for position in column] for column in made.columns]


def test_steps_stand_one_layer_after_the_latest_before_them() -> None:
    steps = [
        step("bank"),
        step("erp"),
        step("match", "bank", "erp"),
        step("post", "match"),
        step("report", "bank", "post"),
    ]
    assert names(steps) == [["bank", "erp"], ["match"], ["post"], ["report"]]


def test_edges_are_taken_once_the_run_came_over_them() -> None:
    steps = [step("a", status=StepStatus.DONE), step("b", "a", status=StepStatus.GATE), step("c", "b")]
    assert layers(steps).edges == (Edge(0, 1, is_taken=True), Edge(1, 2, is_taken=False))


def test_unknown_names_and_a_step_after_itself_are_left_out() -> None:
    assert names([step("a", "nobody"), step("b", "b", "a")]) == [["a"], ["b"]]


def test_every_step_comes_out_once_where_the_plan_goes_in_circles() -> None:
    steps = [step("a", "c"), step("b", "a"), step("c", "b"), step("d", "c")]
    made = layers(steps)
    assert sorted(position for column in made.columns for position in column) == [0, 1, 2, 3]
    assert all(edge.start != edge.end for edge in made.edges)


def test_a_chain_of_thousands_needs_no_recursion() -> None:
    chain = [step("s0"), *(step(f"s{number}", f"s{number - 1}") for number in range(1, 5_000))]
    assert len(layers(chain[::-1]).columns) == 5_000


def test_no_steps_make_no_layers() -> None:
    assert layers([]).columns == ()


def test_done_steps_are_counted() -> None:
    assert done_count([step("a", status=StepStatus.DONE), step("b", status=StepStatus.FAILED)]) == 1
