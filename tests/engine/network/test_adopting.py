"""Weights that still fit stay, layer by layer; the others are drawn, and it is said which."""

from __future__ import annotations

import numpy as np
import pytest

from engine.graph import Edge, Graph, Group
from engine.layers import Dense, Layer
from engine.network import Adopted, Network, adoptable, weight_shapes

BODY = Graph.sequential(
    (6,),
    [
        Dense(units=5).changed(activation="relu"),
        Layer.parse("BatchNormalization"),
        Dense(units=4).changed(activation="softmax"),
    ],
)
DENSE, NORM, HEAD = BODY.order[1:]


def trained() -> Network:
    network = Network(BODY, seed=3)
    rng = np.random.default_rng(1)
    network.load_weights(
        {n: rng.normal(size=w.shape).astype(np.float32) for n, w in network.weights.items()}
    )
    return network


def change(graph: Graph, node: str, **settings: object) -> Graph:
    layer = graph.nodes[node].layer
    assert isinstance(layer, Layer)
    return graph.change(node, layer=layer.changed(**settings))


def adopted(graph: Graph) -> tuple[Network, Network, Adopted]:
    source, network = trained(), Network(graph, seed=8)
    return source, network, network.adopt(source.weights, source.graph)


def test_a_new_head_is_drawn_and_all_else_stays() -> None:
    source, network, found = adopted(change(BODY, HEAD, units=9))
    assert found.kept == (DENSE, NORM)
    assert found.drawn == (HEAD,)
    assert not found.same_trained
    assert found.in_words == f"Kept: {DENSE}, {NORM}. Drawn: {HEAD}."
    for name, weight in network.weights.items():
        if not name.startswith(f"{HEAD}/"):
            np.testing.assert_array_equal(weight, source.weights[name])
    fresh = Network(network.graph, seed=8).weights
    for name in (f"{HEAD}/kernel", f"{HEAD}/bias"):
        np.testing.assert_array_equal(network.weights[name], fresh[name])


def test_a_frozen_layer_keeps_its_weights_but_moments_no_longer_fit() -> None:
    source, network, found = adopted(change(BODY, DENSE, trainable=False))
    assert (found.kept, found.drawn) == ((DENSE, NORM, HEAD), ())
    assert not found.same_trained
    assert network.trainable_count < source.trainable_count
    for name, weight in network.weights.items():
        np.testing.assert_array_equal(weight, source.weights[name])


def test_another_activation_keeps_everything() -> None:
    _, _, found = adopted(change(BODY, DENSE, activation="tanh"))
    assert found.same_trained
    assert not found.drawn


def test_a_bias_that_belonged_to_another_kernel_is_drawn_with_it() -> None:
    wider = Graph.sequential((7,), [BODY.nodes[each].layer for each in BODY.order[1:]])
    _, network, found = adopted(wider)
    assert found.drawn == (DENSE,)
    assert not network.weights[f"{DENSE}/bias"].any()


def test_a_bias_that_was_not_there_is_drawn_alone() -> None:
    without = change(BODY, HEAD, use_bias=False)
    source, network = Network(without, seed=1), Network(BODY, seed=2)
    found = network.adopt(source.weights, without)
    assert found.drawn == (f"{HEAD}/bias",)
    np.testing.assert_array_equal(
        network.weights[f"{HEAD}/kernel"], source.weights[f"{HEAD}/kernel"]
    )


def test_a_layer_of_another_type_draws_even_where_shapes_are_the_same() -> None:
    other = BODY.change(NORM, layer=Layer.parse("LayerNormalization"))
    _, _, found = adopted(other)
    assert found.drawn == (NORM,)


def test_titles_are_what_it_says() -> None:
    titled = change(BODY, HEAD, units=2).change(HEAD, title="Head")
    found = adoptable(titled, weight_shapes(BODY), BODY)
    assert found.drawn == ("Head",)


def test_layers_in_groups_are_matched_by_their_way() -> None:
    inside = Graph.sequential((4,), [Dense(units=4)])
    graph = Graph.sequential((4,), [Group(body=inside, repeat=2), Dense(units=2)])
    network = Network(change(graph, graph.order[-1], units=3), seed=4)
    source = Network(graph, seed=5)
    found = network.adopt(source.weights, graph)
    assert len(found.kept) == 2
    shared = [name for name in source.weights if name.startswith(graph.order[1])]
    assert len(shared) == 4
    for name in shared:
        np.testing.assert_array_equal(network.weights[name], source.weights[name])


def test_bypassed_and_shared_layers_have_no_weights_of_their_own() -> None:
    square = Graph.sequential((4,), [Dense(units=4), Dense(units=4)])
    first, second = square.order[1:]
    bypassed = square.change(first, bypassed=True)
    shared, again = square.add(Layer.parse({"type": "Shared", "of": first}))
    shared = shared.connect(Edge(second, again))
    for graph in (square, bypassed, shared):
        network = Network(graph)
        assert weight_shapes(graph) == {n: w.shape for n, w in network.weights.items() if w.size}
    found = adoptable(bypassed, weight_shapes(square), square)
    assert (found.kept, found.drawn) == ((second,), ())
    back = adoptable(square, weight_shapes(bypassed), bypassed)
    assert (back.kept, back.drawn) == ((second,), (first,))


def test_many_names_are_counted() -> None:
    deep = Graph.sequential((3,), [Dense(units=3)] * 9)
    found = adoptable(deep, weight_shapes(deep), deep)
    assert found.in_words.endswith("and 3 more.")


@pytest.mark.parametrize("weights", [{}, {"other/kernel": np.zeros((2, 2))}])
def test_weights_of_nothing_here_leave_all_as_drawn(weights: dict[str, np.ndarray]) -> None:
    network, fresh = Network(BODY, seed=1), Network(BODY, seed=1)
    assert network.adopt(weights).kept == ()
    for name, weight in network.weights.items():
        np.testing.assert_array_equal(weight, fresh.weights[name])
