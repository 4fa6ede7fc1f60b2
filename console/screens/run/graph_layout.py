"""The plan as a drawing: boxes and lines in px, for the window and for the report.

Layers go from left to right; where they do not fit the width they turn at the edge and come back in the band below, as
a furrow is ploughed, so that a usual plan is read without scrolling. Invariants: boxes never touch; a line that goes
forward leads from a layer to a later one and, like every routed line, runs between the boxes; the same plan and width
give the same drawing. Pure; bounded as its layers are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from console.screens.run.graph_order import STEP_HEIGHT, Order, heights, ordered
from console.screens.run.layers import Layers

STEP_WIDTH, WIDEST, GAP = 160.0, 208.0, 84.0
MARGIN = 20.0
BAND_GAP = 56.0
LANE = 12.0
SNAP = 6.0
HALF = 4.0
NEAR, FAR = 0.32, 0.68

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """The upper left corner of a step; all are as wide as the drawing says and ``STEP_HEIGHT`` high."""

    position: int
    x: float
    y: float
    layer: int


@dataclass(frozen=True, slots=True)
class Line:
    """An edge as a line through points; ``label`` is the middle of its words.

    ``is_back`` where it leads back to an earlier layer.
    """

    start: int
    end: int
    points: tuple[Point, ...]
    is_taken: bool
    is_back: bool = False
    label: Point = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of it, with margins."""

    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    width: float = 0.0
    height: float = 0.0
    step_width: float = STEP_WIDTH


def columns_in(width: float) -> int:
    """How many layers stand side by side in so many px; two at least."""
    return max(2, int((width - 2 * MARGIN + GAP) // (STEP_WIDTH + GAP)))


def width_in(width: float, columns: int) -> float:
    """How wide a step may be where so many stand side by side in so many px: within bounds, in whole px."""
    return max(STEP_WIDTH, min(WIDEST, (width - 2 * MARGIN + GAP) // max(1, columns) - GAP))


def drawing(plan: Layers, columns: int, step_width: float = STEP_WIDTH) -> Drawing:
    """Draw a plan with at most so many layers side by side."""
    if not plan.steps:
        return Drawing()
    return _Draughtsman(plan, ordered(plan), max(1, columns), step_width).draw()


class _Draughtsman:
    def __init__(self, plan: Layers, order: Order, columns: int, step_width: float) -> None:
        self._plan = plan
        self._wide = step_width
        self._order = order
        count = len(order.layers)
        self._columns = min(columns, count)
        self._bands = [range(start, min(start + columns, count)) for start in range(0, count, columns)]
        self._middle = heights(order, self._bands)
        self._back_lanes = self._count_back()
        self._tops = self._place_bands()
        self._lanes = self._assign_lanes()
        self._outgoing = Counter(edge.start for edge in plan.edges)

    def draw(self) -> Drawing:
        boxes = tuple(
            Box(position, self._left(layer), self._y(position) - STEP_HEIGHT / 2, layer)
            for position, layer in enumerate(self._order.layer_of[: self._order.steps])
        )
        lines = [self._forward(chain.edge, chain.places) for chain in self._order.chains]
        lines += [self._straight(number) for number in self._order.unrouted]
        lines += self._returning()
        right = max((x for line in lines for x, _ in line.points), default=0.0)
        width = max(self._columns * (self._wide + GAP) - GAP + 2 * MARGIN, right + HALF)
        return Drawing(boxes, tuple(lines), width, self._bottom + MARGIN, self._wide)

    # Where things are

    def _band(self, layer: int) -> int:
        return layer // len(self._bands[0])

    def _is_mirrored(self, layer: int) -> bool:
        return self._band(layer) % 2 == 1

    def _left(self, layer: int) -> float:
        column = layer % len(self._bands[0])
        column = self._columns - 1 - column if self._is_mirrored(layer) else column
        return self._margin + column * (self._wide + GAP)

    @property
    def _margin(self) -> float:
        """The left margin, with the lanes of lines that lead back over bands."""
        return MARGIN + (LANE * self._outer if self._outer else 0.0)

    def _y(self, place: int) -> float:
        return self._tops[self._band(self._order.layer_of[place])] + self._middle[place]

    def _entry(self, layer: int) -> float:
        """The x at which lines come into a layer."""
        return self._left(layer) + (self._wide if self._is_mirrored(layer) else 0.0)

    def _exit(self, layer: int) -> float:
        return self._left(layer) + (0.0 if self._is_mirrored(layer) else self._wide)

    def _count_back(self) -> dict[int, int]:
        """How many lines lead back below each band; those over bands are counted in ``_outer`` too."""
        lanes: dict[int, int] = {}
        self._outer = 0
        for edge in self._plan.back:
            bands = {self._band(self._order.layer_of[place]) for place in (edge.start, edge.end)}
            self._outer += len(bands) > 1
            for band in bands:
                lanes[band] = lanes.get(band, 0) + 1
        return lanes

    def _place_bands(self) -> list[float]:
        tops, at = [], MARGIN
        self._floors: list[float] = []
        for number, band in enumerate(self._bands):
            tops.append(at)
            places = [place for layer in band for place in self._order.layers[layer]]
            at += max((self._middle[place] + self._order.height(place) / 2 for place in places), default=0.0)
            self._floors.append(at)
            at += LANE * (self._back_lanes.get(number, 0) + 1 if self._back_lanes.get(number) else 0)
            self._bottom = at
            at += BAND_GAP
        return tops

    def _assign_lanes(self) -> dict[tuple[int, int], float]:
        """For each layer and each place in it from which lines bend, where in the gap behind it they do: 0 to 1."""
        begin = {
            one for chain in self._order.chains for one, other in pairwise(chain.places) if self._bends(one, other)
        }
        lanes: dict[tuple[int, int], float] = {}
        for number, layer in enumerate(self._order.layers):
            bending = [place for place in layer if place in begin]
            for at, place in enumerate(bending):
                share = (at + 1) / (len(bending) + 1)
                lanes[number, place] = NEAR + (FAR - NEAR) * share
        return lanes

    def _bends(self, one: int, other: int) -> bool:
        return abs(self._y(one) - self._y(other)) > SNAP

    # Lines

    def _forward(self, number: int, places: tuple[int, ...]) -> Line:
        edge = self._plan.edges[number]
        pieces = [self._piece(one, other) for one, other in pairwise(places)]
        # At the end where fewer lines meet, so that the words of two edges do not fall together.
        is_shared = self._outgoing.get(edge.start, 0) > 1
        label = _label(pieces[-1], is_late=True) if is_shared else _label(pieces[0], is_late=False)
        points = [point for piece in pieces for point in piece]
        return Line(edge.start, edge.end, _tidy(points), edge.is_taken, label=label)

    def _piece(self, one: int, other: int) -> list[Point]:
        """From a place to one in the next layer."""
        first, second = self._order.layer_of[one], self._order.layer_of[other]
        start, end = (self._exit(first), self._y(one)), (self._entry(second), self._y(other))
        share = self._lanes.get((first, one), 0.5)
        if self._band(first) == self._band(second):
            if not self._bends(one, other):
                return [start, (end[0], start[1])]
            across = start[0] + (end[0] - start[0]) * share
            return [start, (across, start[1]), (across, end[1]), end]
        if self._is_facing(one, other):
            middle = self._left(first) + self._wide / 2
            return [(middle, start[1] + STEP_HEIGHT / 2), (middle, end[1] - STEP_HEIGHT / 2)]
        out = -1 if self._is_mirrored(first) else 1
        around = start[0] + out * (MARGIN - HALF) * share
        return [start, (around, start[1]), (around, end[1]), end]

    def _is_facing(self, one: int, other: int) -> bool:
        """Whether nothing stands between a step and one in the band below it."""
        first, second = self._order.layer_of[one], self._order.layer_of[other]
        are_steps = max(one, other) < self._order.steps
        return are_steps and self._order.layers[first][-1] == one and self._order.layers[second][0] == other

    def _straight(self, number: int) -> Line:
        edge = self._plan.edges[number]
        points = (
            (self._exit(self._order.layer_of[edge.start]), self._y(edge.start)),
            (self._entry(self._order.layer_of[edge.end]), self._y(edge.end)),
        )
        return Line(edge.start, edge.end, points, edge.is_taken, label=points[1])

    def _returning(self) -> Iterable[Line]:
        """Lines that lead back: below the band, in lanes of their own; over bands around the left edge."""
        used: dict[int, int] = {}
        outer = 0
        for edge in self._plan.back:
            layers = [self._order.layer_of[place] for place in (edge.start, edge.end)]
            bands = [self._band(layer) for layer in layers]
            lanes = []
            for band in dict.fromkeys(bands):
                used[band] = used.get(band, 0) + 1
                lanes.append(self._floors[band] + LANE * used[band])
            out, into = (-1.0 if self._is_mirrored(layer) else 1.0 for layer in layers)
            first = (self._exit(layers[0]), self._y(edge.start) + STEP_HEIGHT / 4)
            last = (self._entry(layers[1]), self._y(edge.end) + STEP_HEIGHT / 4)
            aside, beside = first[0] + out * LANE, last[0] - into * LANE
            points = [first, (aside, first[1]), (aside, lanes[0])]
            if len(lanes) > 1:
                outer += 1
                edge_x = MARGIN + LANE * (outer - 1)
                points += [(edge_x, lanes[0]), (edge_x, lanes[1])]
            points += [(beside, lanes[-1]), (beside, last[1]), last]
            label = ((points[2][0] + points[3][0]) / 2, lanes[0])
            yield Line(edge.start, edge.end, _tidy(points), edge.is_taken, is_back=True, label=label)


def _label(piece: list[Point], *, is_late: bool) -> Point:
    """The middle of the gap that a piece crosses, at the height of its end or of its beginning."""
    (left, top), (right, bottom) = piece[0], piece[-1]
    if len(piece) == 2:  # noqa: PLR2004 - straight
        return (left + right) / 2, (top + bottom) / 2
    return ((left + right) / 2 if left != right else piece[1][0]), bottom if is_late else top


def _tidy(points: list[Point]) -> tuple[Point, ...]:
    """The points without those that lie on the way between their neighbours."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        while len(kept) > 1 and (_between(kept[-2], kept[-1], point, 0) or _between(kept[-2], kept[-1], point, 1)):
            kept.pop()
        kept.append(point)
    return tuple(kept)


def _between(one: Point, other: Point, third: Point, axis: int) -> bool:
    return one[axis] == other[axis] == third[axis]
