"""The graph as a value: random edits, files, and what wiring forbids."""

from __future__ import annotations

import json
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine import layers
from engine.diagnosis import diagnose
from engine.errors import EngineError, SettingError, WiringError
from engine.graph import MAX_INPUTS, MAX_NAME, MAX_NODES, Edge, Graph, UnknownLayer
from engine.layers import Activation, Add, Concatenate, Dense, Flatten, Input, Layer

LAYERS: list[Layer | UnknownLayer] = [
    Input(shape=(4,)),
    Dense(units=4),
    Flatten(),
    Activation(),
    Add(),
    Concatenate(),
    UnknownLayer("Hologram", {"type": "Hologram", "depth": [1, {"a": None}]}),
    UnknownLayer("Mirror", "Mirror"),
]


def arity(layer: Layer | UnknownLayer) -> int | None:
    return layer.arity[1] if isinstance(layer, Layer) else None


class Edits(RuleBasedStateMachine):
    """Random histories; every graph that ever was must stay as it was."""

    def __init__(self) -> None:
        super().__init__()
        self.graph = Graph()
        self.past: list[tuple[Graph, str]] = []

    def become(self, graph: Graph) -> None:
        self.past.append((self.graph, json.dumps(self.graph.to_json())))
        self.graph = graph

    def some(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(list(self.graph.nodes)))

    @rule(layer=st.sampled_from(LAYERS), title=st.text(max_size=5))
    def add(self, layer: Layer | UnknownLayer, title: str) -> None:
        graph, new = self.graph.add(layer, title=title)
        assert new not in self.graph.nodes
        assert graph.nodes[new].layer == layer
        self.become(graph)

    @precondition(lambda self: self.graph.nodes)
    @rule(data=st.data(), port=st.integers(0, 3))
    def connect(self, data: st.DataObject, port: int) -> None:
        edge = Edge(self.some(data), self.some(data), port)
        reason = self.graph.why_not_wire(edge)
        if reason is not None:
            with pytest.raises(WiringError):
                self.graph.connect(edge)
            assert reason.endswith(".")
            return
        before = self.graph.edges
        graph = self.graph.connect(edge)
        assert edge in graph.edges
        lost = set(before) - set(graph.edges)
        assert all(old[1:] == edge[1:] for old in lost), "only what held the port goes"
        self.become(graph)

    @precondition(lambda self: self.graph.edges)
    @rule(data=st.data())
    def disconnect(self, data: st.DataObject) -> None:
        gone = data.draw(st.sets(st.sampled_from(self.graph.edges)))
        graph = self.graph.disconnect(gone)
        assert set(graph.edges) == set(self.graph.edges) - gone
        self.become(graph)

    @precondition(lambda self: self.graph.nodes)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        gone = data.draw(st.sets(st.sampled_from(list(self.graph.nodes)), max_size=2))
        graph = self.graph.remove(gone)
        assert set(graph.nodes) == set(self.graph.nodes) - gone
        assert not any(end in gone for edge in graph.edges for end in edge[:2])
        self.become(graph)

    @precondition(lambda self: self.graph.nodes)
    @rule(data=st.data(), layer=st.sampled_from(LAYERS))
    def change(self, data: st.DataObject, layer: Layer | UnknownLayer) -> None:
        node = self.some(data)
        graph = self.graph.change(node, layer=layer)
        assert graph.nodes[node].layer == layer
        assert list(graph.nodes) == list(self.graph.nodes)
        assert [e[:2] for e in graph.edges] == [e[:2] for e in self.graph.edges]
        self.become(graph)

    @invariant()
    def order_is_topological(self) -> None:
        place = {node: index for index, node in enumerate(self.graph.order)}
        assert sorted(place) == sorted(self.graph.nodes)
        assert all(place[edge.source] < place[edge.target] for edge in self.graph.edges)

    @invariant()
    def ports_are_sound(self) -> None:
        ends = [edge[1:] for edge in self.graph.edges]
        pairs = [edge[:2] for edge in self.graph.edges]
        assert len(set(ends)) == len(ends)
        assert len(set(pairs)) == len(pairs)
        for node in self.graph.nodes:
            ports = [edge.port for edge in self.graph.into[node]]
            assert ports == sorted(ports)
            assert self.graph.free_port(node) not in ports

    @invariant()
    def files_bring_it_back(self) -> None:
        text = json.dumps(self.graph.to_json())
        again = Graph.from_json(json.loads(text))
        assert again == self.graph
        assert json.dumps(again.to_json()) == text

    @invariant()
    def diagnosis_is_total(self) -> None:
        found = diagnose(self.graph)
        assert all(problem.node in {None, *self.graph.nodes} for problem in found.problems)
        for node in self.graph.nodes:
            sick = {edge.source for edge in self.graph.into[node]} - set(found.shapes)
            assert node in found.shapes or found.of(node) or sick
            assert not (node in found.shapes and sick)

    def teardown(self) -> None:
        for graph, text in self.past:
            assert json.dumps(graph.to_json()) == text


Edits.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestEdits = Edits.TestCase


def test_sequential_is_a_chain() -> None:
    graph = Graph.sequential((4,), [Dense(units=2), Dense(units=3)])
    assert graph.order == ("input", "dense", "dense_1")
    assert (graph.inputs, graph.outputs) == (("input",), ("dense_1",))
    assert diagnose(graph).shapes["dense_1"] == (3,)


@pytest.mark.parametrize("id", ["block/dense", "n" * 300, "\udcff"])
def test_ids_that_no_file_could_hold_are_refused(id: str) -> None:
    with pytest.raises(WiringError, match="cannot be the name of a node"):
        Graph().add(Dense(units=2), id=id)
    with pytest.raises(WiringError, match="for a title"):
        Graph().add(Dense(units=2), title="t" * 300)
    graph, node = Graph().add(Dense(units=2))
    with pytest.raises(WiringError, match="for a title"):
        graph.change(node, title="\udcff")


def test_loops_are_refused() -> None:
    graph = Graph.sequential((4,), [Dense(), Dense(), Add()])
    for edge in (Edge("add", "dense"), Edge("dense", "dense"), Edge("add", "add", 1)):
        reason = graph.why_not_wire(edge)
        assert reason is not None
        assert "loop" in reason
        with pytest.raises(WiringError, match="loop"):
            graph.connect(edge)


def test_ports_are_refused() -> None:
    graph, other = Graph.sequential((4,), [Dense(), Add()]).add(Input(shape=(4,)))
    refused = {
        Edge(other, "dense", 1): "takes 1 input",
        Edge(other, "dense", -1): "no input number",
        Edge(other, "add", MAX_INPUTS): "no input number",
        Edge("dense", "input"): "loop",
        Edge(other, "input"): "has no input",
        Edge("dense", "add", 1): "already connected",
        Edge("dense", "nowhere"): "no node called 'nowhere'",
    }
    for edge, words in refused.items():
        with pytest.raises(WiringError, match=words):
            graph.connect(edge)


def test_a_taken_port_is_given_over() -> None:
    graph, other = Graph.sequential((4,), [Dense()]).add(Input(shape=(4,)))
    graph = graph.connect(Edge(other, "dense", 0))
    assert graph.edges == (Edge(other, "dense", 0),)


def test_a_layer_with_fewer_ports_keeps_what_it_can() -> None:
    graph = Graph.sequential((4,), [Dense(), Add()])
    graph = graph.connect(Edge("input", "add", 5)).disconnect([Edge("dense", "add", 0)])
    graph = graph.change("add", layer=Dense())
    assert graph.into["add"] == (Edge("input", "add", 0),)


@pytest.mark.parametrize("kind", ["Dense", "Input", "Subtract"])
def test_a_file_brings_back_more_wires_than_a_layer_takes(kind: str) -> None:
    """As they are after another layer was put in its place, until somebody mends it."""
    graph = Graph.sequential((4,), [Dense(), Dense(), Concatenate()])
    for port, source in enumerate(("input", "dense")):
        graph = graph.connect(Edge(source, "concatenate", port + 1))
    graph = graph.change("concatenate", layer=Layer.kind_named(kind)())
    assert len(graph.into["concatenate"]) == 3
    assert Graph.from_json(graph.to_json()) == graph
    cut = graph.disconnect([Edge("dense_1", "concatenate", 0)])
    assert Graph.from_json(cut.to_json()) == cut
    assert [problem.node for problem in diagnose(graph).problems if problem.node] == ["concatenate"]


def test_names_are_those_of_keras() -> None:
    graph = Graph()
    for kind in ("MaxPooling2D", "Dense", "Dense", "GlobalAveragePooling2D", "Conv2D", "Dense"):
        graph, _ = graph.add(Layer.parse({"type": kind}))
    assert list(graph.nodes) == [
        "max_pooling2d",
        "dense",
        "dense_1",
        "global_average_pooling2d",
        "conv2d",
        "dense_2",
    ]
    with pytest.raises(WiringError, match="two nodes called 'dense'"):
        graph.add(Dense(), id="dense")


def test_values_cannot_be_written_to() -> None:
    graph = Graph.sequential((4,), [Dense()])
    with pytest.raises(TypeError):
        graph.nodes["x"] = graph.nodes["dense"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        graph.edges = ()  # type: ignore[misc]


def test_unknown_layers_survive() -> None:
    data = {
        "nodes": {
            "input": {"layer": {"type": "Input", "shape": [4], "columns": []}},
            "far": {"layer": {"type": "Warp", "factor": 9, "inner": {"type": "Dense"}}},
            "bare": {"layer": "Warp", "title": "Ahead"},
        },
        "edges": [["input", "far", 0], ["input", "bare", 3], ["far", "bare", 1]],
    }
    graph = Graph.from_json(data)
    assert isinstance(graph.nodes["far"].layer, UnknownLayer)
    assert graph.to_json() == data
    assert [problem.node for problem in diagnose(graph).problems] == ["far", "bare"]


NODE = {"layer": {"type": "Dense"}}
BAD_FILES: dict[str, Any] = {
    "nothing": None,
    "number": 5,
    "no nodes": {},
    "list of nodes": {"nodes": []},
    "node is no table": {"nodes": {"a": 5}},
    "node without layer": {"nodes": {"a": {}}},
    "layer without type": {"nodes": {"a": {"layer": {}}}},
    "layer type is a number": {"nodes": {"a": {"layer": {"type": 5}}}},
    "bad setting": {"nodes": {"a": {"layer": {"type": "Dense", "units": 0}}}},
    "unknown setting": {"nodes": {"a": {"layer": {"type": "Dense", "size": 1}}}},
    "empty name": {"nodes": {"": NODE}},
    "name of a weight": {"nodes": {"a/kernel": NODE}},
    "long name": {"nodes": {"a" * (MAX_NAME + 1): NODE}},
    "name that no file can hold": {"nodes": {"\ud800": NODE}},
    "title is a list": {"nodes": {"a": {**NODE, "title": [1]}}},
    "long title": {"nodes": {"a": {**NODE, "title": "x" * (MAX_NAME + 1)}}},
    "too many nodes": {"nodes": dict.fromkeys(map(str, range(MAX_NODES + 1)), NODE)},
    "edges are a number": {"nodes": {"a": NODE}, "edges": 5},
    "edges are nothing": {"nodes": {"a": NODE}, "edges": None},
    "edge is a number": {"nodes": {"a": NODE}, "edges": [5]},
    "edge is short": {"nodes": {"a": NODE}, "edges": [["a", "a"]]},
    "port is true": {"nodes": {"a": NODE, "b": NODE}, "edges": [["a", "b", True]]},
    # JSON itself takes at most 4,300 digits.
    "port is huge": {"nodes": {"a": NODE, "b": NODE}, "edges": [["a", "b", 10**4000]]},
    "port is negative": {"nodes": {"a": NODE, "b": NODE}, "edges": [["a", "b", -1]]},
    "port is none": {"nodes": {"a": NODE, "b": NODE}, "edges": [["a", "b", MAX_INPUTS]]},
    "unknown node": {"nodes": {"a": NODE}, "edges": [["a", "b", 0]]},
    "edge to itself": {"nodes": {"a": NODE}, "edges": [["a", "a", 0]]},
    "loop": {"nodes": {"a": NODE, "b": NODE}, "edges": [["a", "b", 0], ["b", "a", 0]]},
    "port taken twice": {
        "nodes": {"a": NODE, "b": NODE, "c": NODE},
        "edges": [["a", "c", 0], ["b", "c", 0]],
    },
    "connected twice": {
        "nodes": {"a": NODE, "b": {"layer": "Add"}},
        "edges": [["a", "b", 0], ["a", "b", 1]],
    },
}


def assert_two_sentences(error: EngineError) -> None:
    assert error.what.endswith(".")
    assert error.fix.endswith(".")
    assert len(str(error)) < 800


@pytest.mark.parametrize("data", BAD_FILES.values(), ids=BAD_FILES)
def test_bad_files_are_refused_in_two_sentences(data: Any) -> None:
    with pytest.raises((WiringError, SettingError)) as caught:
        Graph.from_json(data)
    assert_two_sentences(caught.value)


def test_the_node_of_a_bad_setting_is_named() -> None:
    with pytest.raises(SettingError, match="Node 'a': Units is 0") as caught:
        Graph.from_json(BAD_FILES["bad setting"])
    assert caught.value.node == "a"


def test_a_loop_names_a_node_in_it() -> None:
    nodes = dict.fromkeys("zabc", NODE)
    edges = [["a", "b", 0], ["b", "c", 0], ["c", "a", 0], ["b", "z", 0]]
    with pytest.raises(WiringError, match="loop") as caught:
        Graph.from_json({"nodes": nodes, "edges": edges})
    assert caught.value.node in {"a", "b", "c"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)
kinds = st.sampled_from([*Layer.kinds, "Warp"])
names = st.sampled_from("abcd")
odd_layer = st.one_of(
    anything,
    kinds,
    st.builds(
        lambda kind, more: {"type": kind, **more},
        kinds,
        st.dictionaries(
            st.sampled_from([name for each in Layer.kinds.values() for name in each.settings()]),
            anything,
            max_size=2,
        ),
    ),
)
odd_node = anything | st.fixed_dictionaries({"layer": odd_layer}, optional={"title": anything})
odd_edge = anything | st.tuples(names, names, st.integers(-1, 3)).map(list)
odd_graph = st.fixed_dictionaries(
    {"nodes": st.dictionaries(names, odd_node) | anything},
    optional={"edges": st.lists(odd_edge, max_size=5) | anything},
)


@settings(max_examples=200, deadline=None)
@given(odd_graph | anything)
def test_no_json_breaks_the_reader(data: Any) -> None:
    try:
        graph = Graph.from_json(data)
    except EngineError as error:
        assert_two_sentences(error)
        return
    diagnose(graph)
    assert Graph.from_json(json.loads(json.dumps(graph.to_json()))) == graph


def test_large_files_are_read_in_time() -> None:
    nodes: dict[str, Any] = {"n0": {"layer": {"type": "Input", "shape": [4]}}}
    nodes |= {f"n{i}": {"layer": {"type": "Dense", "units": 4}} for i in range(1, 5000)}
    edges = [[f"n{i}", f"n{i + 1}", 0] for i in range(4999)]
    began = perf_counter()
    graph = Graph.from_json({"nodes": nodes, "edges": edges})
    assert not diagnose(graph).problems
    assert perf_counter() - began < 5


def test_every_layer_can_stand_in_a_file() -> None:
    graph = Graph()
    for name in layers.Layer.kinds:
        graph, _ = graph.add(Layer.parse(name))
    assert Graph.from_json(json.loads(json.dumps(graph.to_json()))) == graph


def test_what_lies_behind_a_node_is_what_its_data_gets_to() -> None:
    graph, a = Graph.sequential((4,), [Dense(units=4)]).add(Dense(units=4))
    graph, b = graph.add(Add())
    for edge in (Edge("dense", a), Edge("dense", b), Edge(a, b, 1)):
        graph = graph.connect(edge)
    for node in graph.nodes:
        reached = {id for id in graph.nodes if id != node and graph.reaches(node, id)}
        assert graph.behind(node) == reached
    assert graph.behind("dense") == {a, b}
