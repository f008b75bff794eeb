"""A layered layout: data flows to the right, wires are short, straight and cross little; no Qt.

The steps are Sugiyama, Tagawa and Toda's (1981): every node gets a column by its longest
path, a wire that skips columns gets a place to pass through in each of them, the order
within columns is improved by barycenters, and rows are given after Brandes and Köpf (2001).
Long wires come first when things are put in one row, so that they pass beside the cards
and not behind them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from itertools import pairwise
from statistics import median

from app.document.places import COLUMN_WIDTH, ROW_HEIGHT, snapped
from engine.graph import Graph
from engine.project.project import Point

_SWEEPS = 12
_LANE = 40.0
"""The height that a passing wire takes of a column."""
_BETWEEN = 60.0
"""The room between parts that are not connected."""
_LONGEST = 200
"""A wire that skips more columns gets no places to pass through: there would be too many."""

Stop = Callable[[], bool]
Layers = list[list[int]]


class StoppedError(Exception):
    """Nobody waits for the result any more."""


def _never() -> bool:
    return False


def layered(graph: Graph, nodes: Collection[str], stop: Stop = _never) -> dict[str, Point]:
    """Places for these nodes, the top left one at (0, 0), on the grid.

    Raises:
        StoppedError: ``stop`` returned True meanwhile.
    """
    wanted = set(nodes)
    placed: dict[str, Point] = {}
    top = 0.0
    for part in _connected(graph, wanted):
        places = _Part(graph, part, stop).places()
        low = min(y for _, y in places.values())
        for id, (x, y) in places.items():
            placed[id] = x, snapped(y - low + top)
        top = max(y for _, y in placed.values()) + ROW_HEIGHT + _BETWEEN
    return placed


def _connected(graph: Graph, wanted: set[str]) -> Iterable[list[str]]:
    """The parts that no wire connects, each in the order of the graph; the first one first."""
    part_of: dict[str, int] = {}
    for id in graph.order:
        if id not in wanted or id in part_of:
            continue
        stack = [id]
        part_of[id] = len(part_of)
        while stack:
            each = stack.pop()
            around = [e.source for e in graph.into[each]] + [e.target for e in graph.out_of[each]]
            for other in around:
                if other in wanted and other not in part_of:
                    part_of[other] = part_of[each]
                    stack.append(other)
    parts: dict[int, list[str]] = defaultdict(list)
    for id in graph.order:
        if id in wanted:
            parts[part_of[id]].append(id)
    return parts.values()


class _Part:
    """One connected part. Vertices are numbers: nodes first, then places for passing wires."""

    def __init__(self, graph: Graph, nodes: list[str], stop: Stop) -> None:
        self._nodes, self._stop = nodes, stop
        number = {id: index for index, id in enumerate(nodes)}
        edges = sorted(
            {
                (number[edge.source], number[edge.target], edge.port)
                for id in nodes
                for edge in graph.into[id]
                if edge.source in number
            }
        )
        self._rank = _ranks(len(nodes), [(a, b) for a, b, _ in edges])
        self._after: dict[int, list[int]] = defaultdict(list)
        self._before: dict[int, list[int]] = defaultdict(list)
        for source, target, _ in sorted(edges, key=lambda edge: (edge[1], edge[2])):
            self._lead(source, target)

    def places(self) -> dict[str, Point]:
        """Where every node goes."""
        layers: Layers = [[] for _ in range(max(self._rank) + 1)]
        for vertex, rank in enumerate(self._rank):
            layers[rank].append(vertex)
        rows = _rows(self._ordered(layers), self._before, self._after, self._is_lane, self._stop)
        return {
            id: (self._rank[index] * COLUMN_WIDTH, rows[index])
            for index, id in enumerate(self._nodes)
        }

    def _is_lane(self, vertex: int) -> bool:
        return vertex >= len(self._nodes)

    def _lead(self, source: int, target: int) -> None:
        """Lead a wire through every column on its way."""
        last = source
        columns = range(self._rank[source] + 1, self._rank[target])
        for rank in columns if len(columns) <= _LONGEST else ():
            self._rank.append(rank)
            self._join(last, len(self._rank) - 1)
            last = len(self._rank) - 1
        if self._rank[target] - self._rank[last] == 1:
            self._join(last, target)

    def _join(self, source: int, target: int) -> None:
        self._after[source].append(target)
        self._before[target].append(source)

    def _ordered(self, layers: Layers) -> Layers:
        """The order within columns with the fewest crossings of some sweeps to and fro."""
        best, fewest = layers, self._crossings(layers)
        for sweep in range(_SWEEPS):
            if not fewest:
                break
            forward = sweep % 2 == 0
            near = self._before if forward else self._after
            layers = [list(layer) for layer in layers]
            for index in range(len(layers)) if forward else reversed(range(len(layers))):
                self._check()
                beside = index - 1 if forward else index + 1
                if 0 <= beside < len(layers):
                    _sort_by_neighbors(layers[index], layers[beside], near)
            count = self._crossings(layers)
            if count < fewest:
                best, fewest = layers, count
        return best

    def _crossings(self, layers: Layers) -> int:
        total = 0
        for upper, lower in pairwise(layers):
            self._check()
            place = {vertex: index for index, vertex in enumerate(lower)}
            ends = [
                end
                for vertex in upper
                for end in sorted(place[each] for each in self._after[vertex])
            ]
            total += _inversions(ends, len(lower))
        return total

    def _check(self) -> None:
        if self._stop():
            raise StoppedError


def _ranks(count: int, edges: list[tuple[int, int]]) -> list[int]:
    """The column of each vertex, which are numbered in topological order."""
    before, after = defaultdict(list), defaultdict(list)
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    ranks = [0] * count
    for vertex in range(count):
        ranks[vertex] = max((ranks[each] + 1 for each in before[vertex]), default=0)
    # A beginning stands right before what it feeds.
    for vertex in range(count):
        if not before[vertex] and after[vertex]:
            ranks[vertex] = min(ranks[each] for each in after[vertex]) - 1
    return ranks


def _sort_by_neighbors(layer: list[int], beside: list[int], near: dict[int, list[int]]) -> None:
    place = {vertex: float(index) for index, vertex in enumerate(beside)}
    own = {vertex: float(index) for index, vertex in enumerate(layer)}
    wanted = {
        vertex: sum(place[each] for each in near[vertex]) / len(near[vertex])
        if near[vertex]
        else own[vertex]
        for vertex in layer
    }
    layer.sort(key=lambda vertex: (wanted[vertex], own[vertex]))


def _inversions(ends: list[int], size: int) -> int:
    """How many pairs stand in the wrong order; a tree of counts (Barth et al. 2004)."""
    tree, total = [0] * (size + 1), 0
    for seen, end in enumerate(ends):
        at, lower = end + 1, 0
        while at:
            lower += tree[at]
            at &= at - 1
        total += seen - lower
        at = end + 1
        while at <= size:
            tree[at] += 1
            at += at & -at
    return total


def _rows(
    layers: Layers,
    before: dict[int, list[int]],
    after: dict[int, list[int]],
    is_lane: Callable[[int], bool],
    stop: Stop,
) -> dict[int, float]:
    """The row of each vertex: the middle of four layouts, each pushed to another corner."""
    found: list[dict[int, float]] = []
    for backward in (False, True):
        for upward in (False, True):
            if stop():
                raise StoppedError
            turned = [layer[::-1] if upward else layer for layer in layers]
            turned = turned[::-1] if backward else turned
            near, far = (after, before) if backward else (before, after)
            root = _blocks(turned, near, far, is_lane)
            rows = _compacted(turned, root, is_lane)
            found.append({v: -row for v, row in rows.items()} if upward else rows)
    tight = min(found, key=lambda rows: max(rows.values()) - min(rows.values()))
    for index, rows in enumerate(found):
        edge = max if index % 2 else min
        shift = edge(tight.values()) - edge(rows.values())
        found[index] = {vertex: row + shift for vertex, row in rows.items()}
    return {v: median(rows[v] for rows in found) for v in tight}


def _blocks(
    layers: Layers,
    near: dict[int, list[int]],
    far: dict[int, list[int]],
    is_lane: Callable[[int], bool],
) -> dict[int, int]:
    """What stands in one row: the first vertex of the row of each."""
    root = {vertex: vertex for layer in layers for vertex in layer}
    long_on = {v for v in root if any(is_lane(each) for each in far[v])}
    for upper, lower in pairwise(layers):
        place = {vertex: index for index, vertex in enumerate(upper)}
        taken = _held_by_lanes(upper, lower, near, is_lane)
        last = -1
        for vertex in lower:
            lanes = [each for each in near[vertex] if is_lane(each)]
            if is_lane(vertex) or lanes:
                beside = lanes or near[vertex]
            else:
                # What leads on to a long wire stays in its row.
                beside = [each for each in near[vertex] if each not in long_on]
            some = sorted(place[each] for each in beside)
            for index in some[(len(some) - 1) // 2 : len(some) // 2 + 1]:
                if index > last and not _crosses(taken, index, vertex):
                    root[vertex] = root[upper[index]]
                    last = index
                    break
    return root


Held = list[tuple[int, int, int]]


def _held_by_lanes(
    upper: list[int],
    lower: list[int],
    near: dict[int, list[int]],
    is_lane: Callable[[int], bool],
) -> dict[int, tuple[int, int]]:
    """Between which places of the upper column each vertex may be in a row with one: wires
    that pass on must not be crossed."""
    place = {vertex: index for index, vertex in enumerate(upper)}
    bounds: dict[int, tuple[int, int]] = {}
    low = -1
    waiting: list[int] = []
    for vertex in lower:
        passes = [place[each] for each in near[vertex] if is_lane(each)] if is_lane(vertex) else []
        if passes:
            for each in waiting:
                bounds[each] = bounds[each][0], passes[0]
            waiting, low = [], max(low, passes[0])
        else:
            waiting.append(vertex)
            bounds[vertex] = low, len(upper)
    return bounds


def _crosses(bounds: dict[int, tuple[int, int]], index: int, vertex: int) -> bool:
    if vertex not in bounds:
        return False
    low, high = bounds[vertex]
    return not low < index < high


def _compacted(
    layers: Layers, root: dict[int, int], is_lane: Callable[[int], bool]
) -> dict[int, float]:
    """Rows that are as near to each other as may be."""
    gaps: dict[int, dict[int, float]] = defaultdict(dict)
    above: dict[int, dict[int, float]] = defaultdict(dict)
    for layer in layers:
        for one, other in pairwise(layer):
            gap = (
                (_LANE if is_lane(one) else ROW_HEIGHT) + (_LANE if is_lane(other) else ROW_HEIGHT)
            ) / 2
            a, b = root[one], root[other]
            gaps[a][b] = max(gap, gaps[a].get(b, 0.0))
            above[b][a] = gaps[a][b]
    order = _topological(set(root.values()), gaps, above)
    rows: dict[int, float] = {}
    for block in order:
        rows[block] = max((rows[each] + gap for each, gap in above[block].items()), default=0.0)
    # Back toward what comes below, as far as there is room.
    for block in reversed(order):
        room = min((rows[each] - gap for each, gap in gaps[block].items()), default=None)
        if room is not None:
            rows[block] = max(rows[block], room)
    return {vertex: rows[block] for vertex, block in root.items()}


def _topological(
    blocks: set[int], gaps: dict[int, dict[int, float]], above: dict[int, dict[int, float]]
) -> list[int]:
    waiting = {block: len(above[block]) for block in blocks}
    ready = sorted(block for block, count in waiting.items() if not count)
    for block in ready:
        for each in gaps[block]:
            waiting[each] -= 1
            if not waiting[each]:
                ready.append(each)
    return ready
