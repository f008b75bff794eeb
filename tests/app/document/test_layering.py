"""The layered layout: columns follow the data, nothing covers anything, long wires are straight."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from app.document.layering import StoppedError, layered
from app.document.places import COLUMN_WIDTH, GRID, NODE_HEIGHT, NODE_WIDTH
from engine.graph import Edge, Graph, Node
from engine.layers import Add, Concatenate, Dense, Input


def residual(blocks: int) -> Graph:
    graph, last = Graph().add(Input(shape=(8,)))
    for _ in range(blocks):
        graph, one = graph.add(Dense(units=8))
        graph, two = graph.add(Dense(units=8))
        graph, add = graph.add(Add())
        for edge in (Edge(last, one), Edge(one, two), Edge(two, add, 0), Edge(last, add, 1)):
            graph = graph.connect(edge)
        last = add
    return graph


def branches(count: int) -> Graph:
    graph, last = Graph().add(Input(shape=(8,)))
    graph, end = graph.add(Concatenate())
    for branch in range(count):
        before = last
        for _ in range(branch % 3 + 1):
            graph, new = graph.add(Dense(units=8))
            graph, before = graph.connect(Edge(before, new)), new
        graph = graph.connect(Edge(before, end, branch))
    return graph


def any_graph(size: int, seed: int = 0) -> Graph:
    rng = random.Random(seed)
    edges = [
        Edge(f"n{source}", f"n{target}", port)
        for target in range(1, size)
        for port, source in enumerate(
            sorted({rng.randrange(max(0, target - 8), target) for _ in range(rng.randrange(3))})
        )
    ]
    return Graph({f"n{i}": Node(f"n{i}", Add()) for i in range(size)}, tuple(edges))


GRAPHS = {
    "empty": Graph(),
    "one": Graph().add(Dense())[0],
    "chain": Graph.sequential((8,), [Dense() for _ in range(9)]),
    "residual": residual(4),
    "branches": branches(6),
    "any": any_graph(150),
    "others": any_graph(60, seed=3),
}


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_data_flows_to_the_right_and_no_card_covers_another(graph: Graph) -> None:
    places = layered(graph, graph.nodes)
    assert places.keys() == graph.nodes.keys()
    for edge in graph.edges:
        assert places[edge.target][0] - places[edge.source][0] >= COLUMN_WIDTH
    for one, other in combinations(places.values(), 2):
        assert abs(one[0] - other[0]) > NODE_WIDTH or abs(one[1] - other[1]) > NODE_HEIGHT
    assert all(value % GRID == 0 for at in places.values() for value in at)
    assert not places or min(places.values()) >= (0, 0)


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_it_is_the_same_every_time(graph: Graph) -> None:
    turned = Graph(graph.nodes, tuple(reversed(graph.edges)))
    assert layered(graph, graph.nodes) == layered(graph, set(graph.nodes))
    assert layered(turned, graph.nodes).keys() == graph.nodes.keys()


def test_a_chain_is_one_straight_row() -> None:
    places = layered(GRAPHS["chain"], GRAPHS["chain"].nodes)
    assert {y for _, y in places.values()} == {0.0}


def test_a_wire_that_skips_nodes_is_straight_and_passes_beside_them() -> None:
    graph = residual(4)
    places = layered(graph, graph.nodes)
    skipping = [
        edge
        for edge in graph.edges
        if places[edge.target][0] - places[edge.source][0] > COLUMN_WIDTH
    ]
    assert len(skipping) == 4
    for edge in skipping:
        (left, row), (right, end) = places[edge.source], places[edge.target]
        assert row == end
        beneath = row + NODE_HEIGHT / 2
        for x, y in places.values():
            assert not (left < x < right and y <= beneath <= y + NODE_HEIGHT)


def test_branches_side_by_side_do_not_cross() -> None:
    graph = branches(6)
    places = layered(graph, graph.nodes)
    last = [places[edge.source][1] for edge in graph.into["concatenate"]]
    first = [places[edge.target][1] for edge in graph.out_of["input"]]
    assert len(set(last)) == len(last)
    assert len(set(first)) == len(first)


def test_parts_without_wires_between_stand_below_each_other() -> None:
    graph = Graph.sequential((8,), [Dense(), Dense()])
    graph, other = graph.add(Dense())
    places = layered(graph, graph.nodes)
    assert places[other][0] == 0
    assert places[other][1] > NODE_HEIGHT


def test_some_nodes_are_laid_out_by_themselves() -> None:
    graph = GRAPHS["chain"]
    some = list(graph.nodes)[2:5]
    assert list(layered(graph, some)) == some


def test_a_large_graph_can_be_given_up() -> None:
    graph = any_graph(3_000)
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 10

    with pytest.raises(StoppedError):
        layered(graph, graph.nodes, stop)


def test_thousands_of_nodes_are_laid_out() -> None:
    graph = any_graph(4_000)
    assert len(set(layered(graph, graph.nodes).values())) == 4_000
