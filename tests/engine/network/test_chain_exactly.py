"""Chains of Dense layers against the layers one by one, in whole numbers: see whole_numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.graph import Edge, Graph
from engine.layers import Dense, Input, Layer
from engine.network import chain_tasks
from engine.parallel import using_threads
from tests.engine.network.whole_numbers import chains, check, network_of
from tests.engine.test_network import built, dense, image

pytest.importorskip("numba", reason="there is no numba")

WIDTHS = [1, 7, 16, 33, 128]
BATCHES = [1, 2, 3, 31, 32, 33, 100, 300]


@pytest.fixture(params=["as it is", "cut into pieces"])
def cuts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two threads; and products in as many pieces as there may be, however small."""
    if request.param == "cut into pieces":
        monkeypatch.setattr(chain_tasks, "PIECE_FROM", 1)
        monkeypatch.setattr(chain_tasks, "SPREAD_FROM", 1)
    with using_threads(2):
        yield


def sequence(rng: np.random.Generator, depth: int) -> Graph:
    """Dense layers of any width, with a bias or without, and relu or nothing after them."""
    layers = [
        Dense(
            units=int(rng.choice(WIDTHS)),
            activation=rng.choice(["relu", "linear"]),
            use_bias=bool(rng.integers(2)),
        )
        for _ in range(depth)
    ]
    return Graph.sequential((int(rng.choice(WIDTHS)),), layers)


@pytest.mark.usefixtures("cuts")
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 6])
def test_a_chain_of_any_size(depth: int, batch: int) -> None:
    for seed in range(3):
        rng = np.random.default_rng([depth, batch, seed])
        network = network_of(sequence(rng, depth), rng)
        assert [len(each) for each in chains(network)] == [depth]
        check(network, batch, rng)


@pytest.mark.usefixtures("cuts")
@pytest.mark.parametrize("width", WIDTHS)
def test_one_width_after_another(width: int) -> None:
    rng = np.random.default_rng(width)
    for other in WIDTHS:
        layers = [Dense(units=each, activation="relu") for each in (width, other, width)]
        check(network_of(Graph.sequential((other,), layers), rng), 65, rng)


def test_wide_layers_are_cut_by_themselves() -> None:
    rng = np.random.default_rng(0)
    layers = [Dense(units=each, activation="relu") for each in (515, 260, 10)]
    network = network_of(Graph.sequential((700,), layers), rng)
    part = network._parts[0]
    with using_threads(4):
        for batch in (32, 100):
            for _ in range(10):  # for pieces to meet in time
                check(network, batch, rng)
            assert len(part._forward(batch)[0].rows) > len(layers)  # type: ignore[attr-defined]


def test_no_samples() -> None:
    rng = np.random.default_rng(0)
    network = network_of(sequence(rng, 3), rng)
    check(network, 0, rng)
    assert not network.gradients.any()


# In a graph

D = dense(9, "relu")
GRAPHS: dict[str, tuple[Graph, list[list[str]]]] = {
    "a frozen layer in the middle": (
        built(
            {"x": image(5), "a": D, "b": {**D, "trainable": False}, "c": D, "d": D},
            ["x a", "a b", "b c", "c d"],
        ),
        [["a"], ["c", "d"]],
    ),
    "a frozen layer at the start": (
        built(
            {"x": image(5), "a": {**D, "trainable": False}, "b": D, "c": D}, ["x a", "a b", "b c"]
        ),
        [["b", "c"]],
    ),
    "a frozen layer at the end": (
        built(
            {"x": image(5), "a": D, "b": D, "c": {**D, "trainable": False}}, ["x a", "a b", "b c"]
        ),
        [["a", "b"]],
    ),
    "all frozen but one": (
        built(
            {
                "x": image(5),
                "a": {**D, "trainable": False},
                "b": D,
                "c": {**D, "trainable": False},
            },
            ["x a", "a b", "b c"],
        ),
        [["b"]],
    ),
    "a layer used twice": (
        built(
            {"x": image(9), "a": D, "b": D, "again": {"type": "Shared", "of": "a"}, "c": D},
            ["x a", "a b", "b again", "again c"],
        ),
        [["a", "b"], ["c"]],
    ),
    "a layer used three times, side by side": (
        built(
            {"x": image(9), "a": D, "one": {"type": "Shared", "of": "a"}, "sum": "Add"}
            | {"two": {"type": "Shared", "of": "a"}, "out": D},
            ["x a", "x one", "one two", "a sum", "two sum 1", "sum out"],
        ),
        [["a"], ["out"]],
    ),
    "a branch off the middle": (
        built(
            {"x": image(5), "a": D, "b": D, "c": D, "d": D, "e": D, "sum": "Add", "out": D},
            ["x a", "a b", "b c", "c d", "b e", "d sum", "e sum 1", "sum out"],
        ),
        [["a", "b"], ["c", "d"], ["e"], ["out"]],
    ),
    "around a layer": (
        built(
            {"x": image(9), "a": D, "b": D, "sum": "Add", "c": D},
            ["x a", "a b", "a sum", "b sum 1", "sum c"],
        ),
        [["a"], ["b"], ["c"]],
    ),
    "several outputs": (
        built(
            {"x": image(5), "a": D, "b": D, "one": D, "two": dense(3, "linear"), "c": D}
            | {"three": dense(4, "relu", use_bias=False)},
            ["x a", "a b", "b one", "b two", "b c", "c three"],
        ),
        [["a", "b"], ["one"], ["two"], ["c", "three"]],
    ),
    "rows of a picture": (
        built(
            {"x": image(4, 3), "rows": D, "flat": "Flatten", "a": D, "b": D},
            ["x rows", "rows flat", "flat a", "a b"],
        ),
        [["a", "b"]],
    ),
    "dropout between": (
        built(
            {"x": image(5), "a": D, "b": D, "drop": {"type": "Dropout", "rate": 0.5}, "c": D}
            | {"drop2": {"type": "Dropout", "rate": 0.75}, "d": D},
            ["x a", "a b", "b drop", "drop c", "c drop2", "drop2 d"],
        ),
        [["a", "b"], ["c"], ["d"]],
    ),
    "activations of their own": (
        built(
            {"x": image(5), "a": dense(9, "linear"), "act": "Activation", "b": D}
            | {"c": dense(9, {"type": "relu", "max_value": 6})}
            | {"d": dense(9, {"type": "relu", "negative_slope": 0.5}), "e": D},
            ["x a", "a act", "act b", "b c", "c d", "d e"],
        ),
        [["a"], ["b", "c"], ["d"], ["e"]],
    ),
}


@pytest.mark.usefixtures("cuts")
@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("batch", [1, 5, 66])
def test_a_graph(name: str, batch: int) -> None:
    graph, expected = GRAPHS[name]
    rng = np.random.default_rng(batch)
    network = network_of(graph, rng)
    assert chains(network) == expected
    check(network, batch, rng)
    check(network, batch, rng, drops=batch)


@pytest.mark.parametrize("asked", [["one"], ["two"], ["three"], ["one", "three"], []])
def test_outputs_that_are_not_asked_for_have_no_gradient(asked: list[str]) -> None:
    rng = np.random.default_rng(0)
    check(network_of(GRAPHS["several outputs"][0], rng), 7, rng, asked=asked)


def test_a_network_is_used_again_with_other_batches() -> None:
    """More sizes than are kept, one after the other and again."""
    rng = np.random.default_rng(0)
    network = network_of(sequence(rng, 3), rng)
    for batch in (*range(1, 13), *range(1, 13)):
        check(network, batch, rng)


# Any graph


def drawn_graph(data: st.DataObject) -> Graph:
    """Dense layers, activations, sums and whatever is put side by side, one after another."""
    graph, last = Graph().add(Input(shape=(data.draw(st.sampled_from([1, 4, 6])),)))
    widths = {last: graph.nodes[last].layer.shape[0]}  # type: ignore[union-attr]
    for _ in range(data.draw(st.integers(1, 8))):
        # Most often the last one, so that chains come about.
        sources = st.one_of(st.just(last), st.sampled_from([*widths]))
        first, second = data.draw(sources), data.draw(sources)
        kind = data.draw(st.sampled_from(["Dense", "Dense", "Activation"]))
        layer: dict[str, Any] = {"type": kind}
        width, into = widths[first], [first]
        if kind == "Dense":
            width = data.draw(st.sampled_from([1, 4, 6]))
            layer |= {
                "units": width,
                "activation": data.draw(st.sampled_from(["relu", "relu", "linear"])),
                "use_bias": data.draw(st.booleans()),
                "trainable": data.draw(st.integers(0, 5)) > 0,
            }
        elif first != second:
            is_sum = widths[first] == widths[second]
            layer = {"type": "Add" if is_sum else "Concatenate"}
            width, into = width if is_sum else width + widths[second], [first, second]
        graph, last = graph.add(Layer.parse(layer))
        for port, source in enumerate(into):
            graph = graph.connect(Edge(source, last, port))
        widths[last] = width
    return graph


@pytest.mark.usefixtures("cuts")
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_graph(data: st.DataObject) -> None:
    graph = drawn_graph(data)
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    batch = data.draw(st.sampled_from([1, 2, 5, 70]))
    outputs = [id for id in graph.outputs if data.draw(st.integers(0, 5))]
    check(network_of(graph, rng), batch, rng, asked=outputs)
