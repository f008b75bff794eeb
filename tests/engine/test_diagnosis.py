"""Diagnosis: a shape or words for every node, and fixes that mend."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagnosis import (
    Problem,
    diagnose,
    insert_on_edge,
    mends_for_connection,
    summary_line,
    why_not_connect,
)
from engine.errors import SettingError
from engine.graph import Edge, Graph, UnknownLayer
from engine.layers import Activation as ActivationLayer
from engine.layers import Add, Concatenate, Conv2D, Dense, Flatten, Input, Layer, Reshape

SHAPES = [(), (1,), (5,), (9,), (4, 4), (6, 6, 1), (8, 8, 3), (2, 2, 2, 2)]


def _settings_of(kind: type[Layer]) -> st.SearchStrategy[dict[str, Any]]:
    """Small, often odd, values for the settings that decide shapes."""
    values: dict[str, st.SearchStrategy[Any]] = {
        "units": st.integers(1, 9),
        "filters": st.integers(1, 6),
        "groups": st.integers(1, 3),
        "axis": st.integers(-4, 4),
        "shape": st.sampled_from(SHAPES),
        "target_shape": st.lists(st.integers(-1, 9), max_size=4).map(tuple),
        "padding": st.sampled_from(["valid", "same"]),
        "kernel_size": st.integers(1, 5),
        "pool_size": st.integers(1, 5),
        "strides": st.integers(1, 4),
        "dilation_rate": st.integers(1, 3),
        "activation": st.sampled_from(["linear", "softmax", "relu"]),
    }
    known = {name: values[name] for name in kind.settings() if name in values}
    return st.fixed_dictionaries({}, optional=known)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Graphs with every layer and wires that need not make sense."""
    graph, _ = Graph().add(Input(shape=draw(st.sampled_from(SHAPES))))
    for _ in range(draw(st.integers(0, 7))):
        kind = draw(st.sampled_from(list(Layer.kinds.values())))
        try:
            layer: Layer | UnknownLayer = kind.parse(draw(_settings_of(kind)))
        except SettingError:
            layer = UnknownLayer("Warp", {"type": "Warp"})
        graph, new = graph.add(layer)
        for port in range(draw(st.integers(0, 2))):
            edge = Edge(draw(st.sampled_from(list(graph.nodes))), new, port)
            if graph.why_not_wire(edge) is None:
                graph = graph.connect(edge)
    return graph


def assert_in_words(problem: Problem) -> None:
    assert problem.what.endswith("."), problem.what
    assert problem.todo.endswith("."), problem.todo


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_every_node_has_a_shape_or_words(graph: Graph) -> None:
    found = diagnose(graph)
    for problem in found.problems:
        assert_in_words(problem)
    for node in graph.nodes:
        sick_sources = [e.source for e in graph.into[node] if e.source not in found.shapes]
        if node in found.shapes:
            assert not sick_sources
            assert node in found.weights
            assert all(size > 0 for size in found.shapes[node])
        elif sick_sources:
            assert all(p.what.startswith(graph.nodes[node].name) for p in found.of(node)), (
                "downstream of a complaint only a node's own wiring is talked about"
            )
        else:
            assert found.of(node)


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_every_fix_mends_its_problem(graph: Graph) -> None:
    for problem in diagnose(graph).problems:
        for fix in problem.fixes:
            assert fix.label
            assert fix.graph is not None
            mended = diagnose(fix.graph)
            left = {(each.node, each.what) for each in mended.problems}
            assert (problem.node, problem.what) not in left
            if problem.node is not None:
                assert not mended.of(problem.node), fix.label
                assert problem.node in mended.shapes, fix.label


@settings(max_examples=100, deadline=None)
@given(graphs(), st.data())
def test_what_may_be_connected_does_not_complain(graph: Graph, data: st.DataObject) -> None:
    nodes = st.sampled_from(list(graph.nodes))
    edge = Edge(data.draw(nodes), data.draw(nodes), data.draw(st.integers(0, 2)))
    reason = why_not_connect(graph, edge)
    mends = mends_for_connection(graph, edge)
    if graph.why_not_wire(edge):
        assert reason == graph.why_not_wire(edge)
        assert not mends
        return
    wired = diagnose(graph.connect(edge))
    complaints = [str(p.what) for p in wired.of(edge.target)]
    layer = graph.nodes[edge.target].layer
    if isinstance(layer, Layer) and len(graph.connect(edge).into[edge.target]) >= layer.arity[0]:
        assert bool(reason) == bool(complaints), (reason, complaints)
    if reason:
        assert any(reason.startswith(what) for what in complaints)
    for mend in mends:
        assert mend.graph is not None
        assert not diagnose(mend.graph).of(edge.target)


def test_downstream_stays_quiet() -> None:
    graph = Graph.sequential((28, 28), [Conv2D(), Flatten(), Dense(), Dense()])
    assert [problem.node for problem in diagnose(graph).problems] == ["conv2d"]


def test_flatten_is_not_needed_before_dense_as_in_keras() -> None:
    graph = Graph.sequential((28, 28, 1), [Dense(units=3)])
    assert diagnose(graph).shapes["dense"] == (28, 28, 3)


@pytest.mark.parametrize(
    ("shape", "layer", "label"),
    [
        ((28, 28), Conv2D(), "Insert Reshape before conv2d"),
        ((784,), Conv2D(), "Insert Reshape before conv2d"),
        ((), Dense(), "Insert Reshape before dense"),
    ],
)
def test_shapes_that_can_be_mended(shape: tuple[int, ...], layer: Layer, label: str) -> None:
    (problem,) = diagnose(Graph.sequential(shape, [layer])).problems
    assert label in [fix.label for fix in problem.fixes]


def test_sums_of_different_sizes_can_be_mended() -> None:
    graph = Graph.sequential((4,), [Dense(units=4), Dense(units=6)])
    graph, add = graph.add(Add())
    graph = graph.connect(Edge("dense", add, 0)).connect(Edge("dense_1", add, 1))
    (problem,) = diagnose(graph).problems
    assert "4" in problem.what
    assert "6" in problem.what
    assert len(problem.fixes) >= 2
    for fix in problem.fixes:
        assert fix.graph is not None
        assert not diagnose(fix.graph).problems


def test_two_of_three_equal_inputs_are_not_mended_by_one_layer() -> None:
    """A fix adapts one wire; that another input has the same shape does not help."""
    graph = Graph.sequential((4,), [ActivationLayer(), Dense(units=6)])
    graph, add = graph.add(Add())
    for port, source in enumerate(("input", "activation", "dense")):
        graph = graph.connect(Edge(source, add, port))
    (problem,) = diagnose(graph).problems
    inserted = [fix.label for fix in problem.fixes if fix.label.startswith("Insert")]
    assert inserted == ["Insert Dense between dense and add"]
    for fix in problem.fixes:
        assert fix.graph is not None
        assert not diagnose(fix.graph).problems, fix.label


def test_another_layer_in_place_of_a_sum_has_wires_left_over() -> None:
    graph = Graph.sequential((4,), [Dense(units=4), Add()])
    graph = graph.connect(Edge("input", "add", 1)).change("add", layer=Dense())
    (problem,) = diagnose(graph).problems
    assert problem.what == "add has 2 wires, but takes 1 input."
    assert problem.fixes[0].graph is not None
    assert not diagnose(problem.fixes[0].graph).problems
    (problem,) = diagnose(graph.change("add", layer=Input(shape=(3,)))).of("add")
    assert problem.what == "add has 2 wires, but takes no inputs."


def test_sizes_beyond_the_limits_of_a_layer_are_no_obstacle() -> None:
    """A fix whose own settings would be refused is not offered, and nothing is raised."""
    huge = Graph.sequential((65_536, 65_536, 4), [Flatten(), Conv2D()])
    (problem,) = diagnose(huge).problems
    assert problem.node == "conv2d"
    assert problem.fixes == ()
    wide, flat = Graph.sequential((400, 400), [Flatten()]).add(Add())
    wide = wide.connect(Edge("input", flat, 0)).connect(Edge("flatten", flat, 1))
    (problem,) = diagnose(wide).problems
    assert len(problem.fixes) == 2


def test_missing_wires_are_told() -> None:
    graph, _ = Graph.sequential((4,), [Dense()]).add(Dense())
    (problem,) = diagnose(graph).problems
    assert problem.what == "dense_1 has no input."
    graph = Graph.sequential((4,), [Concatenate()])
    (problem,) = diagnose(graph).problems
    assert problem.what == "concatenate has 1 of at least 2 inputs."


def test_titles_are_used_in_words() -> None:
    graph = Graph.sequential((4,), [Add()]).change("add", title="Shortcut")
    assert diagnose(graph).problems[0].what.startswith("Shortcut has")


def test_a_graph_without_input_can_be_mended() -> None:
    graph, _ = Graph().add(Dense())
    problem = diagnose(graph).problems[0]
    assert problem.node is None
    assert problem.fixes[0].graph is not None
    assert problem.fixes[0].graph.inputs == ("input",)
    assert diagnose(Graph()).problems == ()


def test_too_many_parameters_are_told_before_they_are_drawn() -> None:
    graph = Graph.sequential((65_536,), [Dense(units=10), Dense(units=65_536), Dense(units=65_536)])
    (problem,) = diagnose(graph).problems
    assert problem.node == "dense_2"
    assert f"{65_536**2 + 65_536:,}" in problem.what


def test_inserting_on_a_wire() -> None:
    graph = Graph.sequential((4,), [Dense(), Add()]).connect(Edge("input", "add", 1))
    wired, new = insert_on_edge(graph, Edge("input", "add", 1), Reshape())
    assert set(wired.edges) == {
        Edge("input", "dense", 0),
        Edge("dense", "add", 0),
        Edge("input", new, 0),
        Edge(new, "add", 1),
    }


def test_summaries() -> None:
    graph, lone = Graph.sequential((4,), [Dense(units=300)]).add(Dense())
    assert summary_line(graph, "input") == "4"
    assert summary_line(graph, "dense") == "300 · 1,500 parameters"
    assert summary_line(graph, lone) == "no shape yet"


def test_the_same_graph_is_diagnosed_once() -> None:
    graph = Graph.sequential((4,), [Dense()])
    assert diagnose(graph) is diagnose(graph)
