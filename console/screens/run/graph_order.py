"""The middle of the layered layout: what stands above what in each layer, and at which height.

Steps of a plan stand in layers; an edge over several layers gets a place in each that it passes, so that every line
joins neighbours. Crossings are reduced by the barycentre of neighbours, forth and back (Sugiyama, Tagawa, Toda 1981);
heights then follow the neighbours' by least squares, which for a fixed order is an isotonic regression. Invariants:
deterministic; heights keep order and distance, so nothing overlaps; the work is bounded whatever an engine says.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from console.screens.run.layers import Layers

SWEEPS = 8
LEVELLINGS = 6
MOST_BENDS = 4_000
MOST_COUNTED = 20_000
STEP_HEIGHT, BEND_HEIGHT, ROW_GAP = 50.0, 10.0, 28.0


@dataclass(frozen=True, slots=True)
class Chain:
    """An edge as the places it passes: its start, its bends, its end. ``edge`` is its number in the plan."""

    edge: int
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """Places in their layers, top to bottom. The first are the steps by position, the others are bends.

    ``unrouted`` are the numbers of edges for which there was no room: they are drawn straight.
    """

    layers: tuple[tuple[int, ...], ...]
    layer_of: tuple[int, ...]
    chains: tuple[Chain, ...]
    steps: int
    unrouted: tuple[int, ...] = ()

    def height(self, place: int) -> float:
        """How high a place is."""
        return STEP_HEIGHT if place < self.steps else BEND_HEIGHT


@dataclass(slots=True)
class _Joined:
    """Neighbours of each place in the layer before and after."""

    before: list[list[int]] = field(default_factory=list)
    after: list[list[int]] = field(default_factory=list)


def ordered(plan: Layers) -> Order:
    """Order the plan with few crossings."""
    order, joined = _with_bends(plan)
    best, fewest = order.layers, crossings(order.layers, joined.after)
    layers = [list(layer) for layer in order.layers]
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        _sweep(layers, joined, is_forward=sweep % 2 == 0)
        count = crossings(layers, joined.after)
        if count < fewest:
            best, fewest = tuple(tuple(layer) for layer in layers), count
    return Order(best, order.layer_of, order.chains, order.steps, order.unrouted)


def crossings(layers: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> int:
    """How many lines cross between neighbouring layers; counted up to a bound of lines each."""
    total = 0
    for layer, below in pairwise(layers):
        rank = {place: number for number, place in enumerate(below)}
        ends: list[int] = []
        lines = (rank[end] for place in layer for end in sorted(after[place], key=rank.__getitem__))
        for number, end in enumerate(lines):
            if number >= MOST_COUNTED:
                break
            total += len(ends) - bisect_right(ends, end)
            insort(ends, end)
    return total


def heights(order: Order, groups: Iterable[range]) -> list[float]:
    """The middle of each place, from 0 down. Layers of one group stand side by side and are levelled out together."""
    before, after = _neighbours(order)
    middle = [0.0] * len(order.layer_of)
    for group in groups:
        for number in group:
            _stack(order, order.layers[number], middle, [0.0] * len(order.layers[number]))
        for turn in range(LEVELLINGS):
            numbers = group if turn % 2 == 0 else reversed(group)
            beside = before if turn % 2 == 0 else after
            for number in numbers:
                layer = order.layers[number]
                wanted = [
                    _mean([middle[one] for one in beside[p] if order.layer_of[one] in group], middle[p]) for p in layer
                ]
                _stack(order, layer, middle, wanted)
        places = [place for number in group for place in order.layers[number]]
        top = min((middle[place] - order.height(place) / 2 for place in places), default=0.0)
        for place in places:
            middle[place] = round(middle[place] - top)
    return middle


def _with_bends(plan: Layers) -> tuple[Order, _Joined]:
    layer_of = [0] * len(plan.steps)
    layers: list[list[int]] = [list(column) for column in plan.columns]
    for number, column in enumerate(plan.columns):
        for position in column:
            layer_of[position] = number
    joined = _Joined([[] for _ in layer_of], [[] for _ in layer_of])
    chains: list[Chain] = []
    unrouted: list[int] = []
    spans = sorted(range(len(plan.edges)), key=lambda n: layer_of[plan.edges[n].end] - layer_of[plan.edges[n].start])
    for number in spans:
        edge = plan.edges[number]
        passed = range(layer_of[edge.start] + 1, layer_of[edge.end])
        if len(layer_of) - len(plan.steps) + len(passed) > MOST_BENDS:
            unrouted.append(number)
            continue
        places = [edge.start]
        for layer in passed:
            places.append(len(layer_of))
            layers[layer].append(len(layer_of))
            layer_of.append(layer)
            joined.before.append([])
            joined.after.append([])
        places.append(edge.end)
        for one, other in pairwise(places):
            joined.after[one].append(other)
            joined.before[other].append(one)
        chains.append(Chain(number, tuple(places)))
    chains.sort(key=lambda chain: chain.edge)
    made = tuple(tuple(layer) for layer in layers)
    return Order(made, tuple(layer_of), tuple(chains), len(plan.steps), tuple(sorted(unrouted))), joined


def _sweep(layers: list[list[int]], joined: _Joined, *, is_forward: bool) -> None:
    """Put each layer in the order of its neighbours' middles; what has none keeps its place as well as it can."""
    beside = joined.before if is_forward else joined.after
    numbers = range(1, len(layers)) if is_forward else range(len(layers) - 2, -1, -1)
    for number in numbers:
        rank = {place: at for at, place in enumerate(layers[number - 1 if is_forward else number + 1])}
        own = {place: at for at, place in enumerate(layers[number])}
        mean = {p: _mean([rank[one] for one in beside[p]], own[p]) for p in layers[number]}
        layers[number].sort(key=lambda place: (mean[place], own[place]))


def _stack(order: Order, layer: Sequence[int], middle: list[float], wanted: Sequence[float]) -> None:
    """Put a layer near the heights wanted, in its order and without touching: pool adjacent violators."""
    offsets, at = [], 0.0
    for number, place in enumerate(layer):
        if number:
            at += order.height(layer[number - 1]) / 2 + ROW_GAP + order.height(place) / 2
        offsets.append(at)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        total, count = want - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            before, members = pools.pop()
            total, count = total + before, count + members
        pools.append((total, count))
    place = 0
    for total, count in pools:
        for _ in range(count):
            middle[layer[place]] = total / count + offsets[place]
            place += 1


def _neighbours(order: Order) -> tuple[list[list[int]], list[list[int]]]:
    before: list[list[int]] = [[] for _ in order.layer_of]
    after: list[list[int]] = [[] for _ in order.layer_of]
    for chain in order.chains:
        for one, other in pairwise(chain.places):
            after[one].append(other)
            before[other].append(one)
    return before, after


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
