"""Chains of Dense layers in training, against the layers one by one."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import numpy as np
import pytest

from engine.activations import Activation
from engine.data import Dataset
from engine.graph import Graph
from engine.layers import Dense, Run
from engine.losses import MeanAbsoluteError, SparseCategoricalCrossentropy
from engine.network import Network, chain, chain_tasks
from engine.optimizers import SGD, Adam, Optimizer
from engine.parallel import using_threads
from engine.training import Finished, Plan, train
from engine.training.health import Probe
from tests.engine.network.whole_numbers import chains, network_of, passed
from tests.engine.test_network import built, dense, image

pytest.importorskip("numba", reason="there is no numba")

Array = np.ndarray[Any, Any]


def without_chains(graph: Graph) -> Network:
    """With the other compiled loops, so that chains alone make a difference."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain, "loops_for", lambda *arrays: None)
        network = Network(graph)
    assert not chains(network)
    return network


def mlp(*units: int, inputs: int = 20) -> Graph:
    inner = [Dense(units=each, activation="relu") for each in units[:-1]]
    return Graph.sequential((inputs,), [*inner, Dense(units=units[-1])])


def normal(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


# Ten steps

D = dense(16, "relu")
L1L2 = {"type": "L1L2", "l1": 0.01, "l2": 0.02}
SLOW = {**D, "learning_rate_factor": 0.25}
NORMED = {"type": "MaxNorm", "max_value": 0.5}
NETWORKS: dict[str, tuple[dict[str, Any], list[str], int]] = {
    "plain": ({"a": D, "b": D, "c": D}, ["a b", "b c", "c out"], 1),
    "penalized weights": (
        {"a": {**D, "kernel_regularizer": L1L2, "bias_regularizer": L1L2}, "b": D},
        ["a b", "b out"],
        1,
    ),
    "a penalized output in the middle": (
        {"a": D, "b": {**D, "activity_regularizer": L1L2}, "c": D},
        ["a b", "b c", "c out"],
        2,
    ),
    "limited weights": (
        {"a": {**D, "kernel_constraint": NORMED}, "b": {**D, "bias_constraint": "NonNeg"}},
        ["a b", "b out"],
        1,
    ),
    "dropout": ({"a": D, "drop": {"type": "Dropout", "rate": 0.4}}, ["a drop", "drop out"], 2),
    "noise": ({"a": D, "noise": "GaussianNoise", "b": D}, ["a noise", "noise b", "b out"], 2),
    "normalized": (
        {"a": dense(16, "linear"), "norm": "BatchNormalization", "b": D},
        ["a norm", "norm b", "b out"],
        2,
    ),
    "other rates": ({"a": D, "b": SLOW, "c": D}, ["a b", "b c", "c out"], 1),
    "a frozen layer": (
        {"a": D, "b": {**D, "trainable": False}, "c": D},
        ["a b", "b c", "c out"],
        2,
    ),
    "a layer used twice": (
        {"a": D, "b": D, "again": {"type": "Shared", "of": "b"}},
        ["a b", "b again", "again out"],
        2,
    ),
    "a branch": (
        {"a": D, "b": D, "c": D, "sum": "Add"},
        ["a b", "b c", "a sum", "c sum 1", "sum out"],
        3,
    ),
    "curves": (
        {"a": dense(16, "tanh"), "b": dense(16, "gelu"), "c": dense(16, "selu"), "d": D},
        ["a b", "b c", "c d", "d out"],
        4,
    ),
}  # fmt: skip


def ten_steps(network: Network, optimizer: Optimizer) -> tuple[list[float], Array, list[bytes]]:
    """The losses, the weights, and the bits of everything after each step."""
    x, labels = normal(33, 12), np.arange(33) % 5
    state, rng, losses, bits = optimizer.start(network.trained), np.random.default_rng(0), [], []
    for step in range(1, 11):
        judgment = network.loss_and_gradients(
            x, {"out": labels}, SparseCategoricalCrossentropy(), Run(training=True, rng=rng)
        )
        bits.append(network.gradients.tobytes())
        optimizer.step(
            network.trained, network.gradients, state, step, 0.02, network.slices, network.factors
        )
        network.constrain()
        losses.append(judgment.loss)
        bits.append(network.trained.tobytes())
    return losses, network.trained, bits


def network_named(name: str) -> tuple[Graph, int]:
    nodes, edges, count = NETWORKS[name]
    every = {"x": image(12), **nodes, "out": dense(5, "softmax")}
    return built(every, ["x a", *edges]), count


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(
    # Adam divides what is nearly zero by what is nearly zero, rounding and all; not with this.
    "optimizer",
    [SGD(momentum=0.9), Adam(epsilon=0.01)],
    ids=["SGD", "Adam"],
)
def test_ten_steps(name: str, optimizer: Optimizer) -> None:
    graph, count = network_named(name)
    network = Network(graph)
    assert len(chains(network)) == count
    losses, weights, _ = ten_steps(network, optimizer)
    expected, known, _ = ten_steps(without_chains(graph), optimizer)
    np.testing.assert_allclose(losses, expected, rtol=2e-6)
    np.testing.assert_allclose(weights, known, rtol=0, atol=2e-6)
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_watcher_changes_no_bit(name: str) -> None:
    graph, _ = network_named(name)
    plain, watched = Network(graph), Network(graph)
    watched.watcher = Probe(watched)
    assert ten_steps(plain, SGD())[2] == ten_steps(watched, SGD())[2]


def test_a_watcher_sees_the_same() -> None:
    graph, _ = network_named("a branch")
    seen = []
    for network in (Network(graph), without_chains(graph)):
        probe = network.watcher = Probe(network)
        ten_steps(network, SGD())
        seen.append(probe.result())
    ours, theirs = seen
    assert {("a", "b"), ("b", "c"), ("a", "sum")} <= ours.gradients.keys()
    assert ours.gradients == pytest.approx(theirs.gradients, rel=1e-5)
    assert ours.updates == pytest.approx(theirs.updates, rel=1e-5)
    assert ours.dead == theirs.dead


# Threads


@pytest.mark.parametrize("name", ["plain", "a branch", "dropout", "penalized weights"])
def test_the_number_of_threads_changes_no_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_tasks, "PIECE_FROM", 1)
    monkeypatch.setattr(chain_tasks, "SPREAD_FROM", 1)
    graph, _ = network_named(name)
    found = []
    for threads in (1, 2, 4):
        with using_threads(threads):
            found.append(ten_steps(Network(graph), Adam())[2])
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("batch", [32, 100])
def test_threads_do_not_get_in_each_others_way(batch: int) -> None:
    """One pass right after the other, so that the threads that help are there."""
    network = Network(mlp(515, 260, 10, inputs=300))
    x, dy = normal(batch, 300), (network.graph.outputs[0], normal(batch, 10), False)
    found = set()
    for threads, times in ((1, 1), (2, 300)):
        with using_threads(threads):
            for _ in range(times):
                network.gradients.fill(np.nan)
                tape = network.forward(x, Run())
                network.backward(tape, [dy])
                found.add((tape.values[-1].tobytes(), network.gradients.tobytes()))
    assert len(found) == 1


def test_a_network_may_predict_while_it_is_learning() -> None:
    network = Network(mlp(64, 32, 3))
    x = normal(200, 20)
    expected = network.predict(x)
    labels, found = np.arange(200) % 3, []

    def predict() -> None:
        found.extend(network.predict(x) for _ in range(50))

    others = [threading.Thread(target=predict) for _ in range(3)]
    for each in others:
        each.start()
    gradients = set()
    for _ in range(50):
        network.loss_and_gradients(
            x,
            {network.graph.outputs[0]: labels},
            SparseCategoricalCrossentropy(from_logits=True),
            Run(True),
        )
        gradients.add(network.gradients.tobytes())
    for each in others:
        each.join(30)
    assert len(found) == 150
    assert all(each.tobytes() == expected.tobytes() for each in found)
    assert len(gradients) == 1


# What a chain ends in


@pytest.mark.parametrize("is_output", [True, False], ids=["of the network", "of a chain"])
@pytest.mark.parametrize("kind", Activation.kinds)
def test_any_activation_at_the_end(kind: str, is_output: bool) -> None:
    """Of whole numbers, so that what goes into it is the same to the last bit."""
    after = [] if is_output else [Dense(units=3)]
    layers = [Dense(units=7, activation="relu"), Dense(units=6, activation=kind), *after]
    network = network_of(Graph.sequential((5,), layers), np.random.default_rng(0))
    other = without_chains(network.graph)
    other.load_weights(network.weights)
    assert sum(map(len, chains(network))) == len(layers)
    rng = np.random.default_rng(1)
    x, end = rng.integers(-1, 2, (9, 5)), network.graph.outputs[0]
    dys = {end: normal(9, *network.shapes[end])}
    found, expected = (passed(each, x, dys) for each in (network, other))
    for name in ("dense", "dense_1"):
        assert found[name].tobytes() == expected[name].tobytes()
    size = np.abs(expected["gradients"]).max()
    for name in (end, "gradients"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-5, atol=1e-6 * size)


# What goes in


@pytest.mark.parametrize(
    "turned",
    [
        np.asfortranarray,
        lambda x: np.repeat(x, 2, axis=0)[::2],
        lambda x: x.astype(np.float64),
        lambda x: np.broadcast_to(x, x.shape),
    ],
    ids=["columns first", "every other row", "double precision", "read only"],
)
def test_samples_may_lie_in_memory_as_they_like(turned: Any) -> None:
    network = Network(mlp(9, 4))
    x, dys = normal(6, 20), {network.graph.outputs[0]: normal(6, 4)}
    tape = network.forward(x, Run())
    network.backward(tape, [(id, dy, False) for id, dy in dys.items()])
    expected = tape.values[-1].copy(), network.gradients.copy()
    tape = network.forward(turned(x), Run())
    network.backward(tape, [(id, turned(dy).astype(np.float32), False) for id, dy in dys.items()])
    assert tape.values[-1].tobytes() == expected[0].tobytes()
    assert network.gradients.tobytes() == expected[1].tobytes()


def test_nothing_that_comes_in_is_written_to() -> None:
    network = Network(mlp(9, 8, 4))
    x, labels = normal(6, 20), np.arange(6) % 4
    before = x.copy(), network.trained.copy()
    loss = SparseCategoricalCrossentropy(from_logits=True)
    network.loss_and_gradients(x, {network.graph.outputs[0]: labels}, loss, Run(training=True))
    assert x.tobytes() == before[0].tobytes()
    assert network.trained.tobytes() == before[1].tobytes()


def test_what_a_chain_puts_out_is_not_overwritten_by_the_next_batch() -> None:
    network = Network(mlp(9, 8, 4))
    first = network.forward(normal(6, 20), Run())
    copies = [each.copy() for each in first.values]
    network.forward(normal(6, 20, seed=1), Run())
    for value, copy in zip(first.values, copies, strict=True):
        np.testing.assert_array_equal(value, copy)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_spoil_what_they_spoil_one_by_one(bad: float) -> None:
    graph = mlp(9, 8, 4)
    network, other = Network(graph), without_chains(graph)
    x, labels = normal(40, 20), np.arange(40) % 4
    x[3, 5] = bad
    found = []
    for each in (network, other):
        with np.errstate(all="ignore"):
            judgment = each.loss_and_gradients(
                x,
                {graph.outputs[0]: labels},
                SparseCategoricalCrossentropy(from_logits=True),
                Run(training=True),
            )
        (outputs,) = judgment.outputs.values()
        found.append((np.isfinite(judgment.loss), np.isfinite(outputs).all(axis=1).tolist()))
        assert not np.isfinite(each.gradients).all()
    assert found[0] == found[1] == (False, [index != 3 for index in range(40)])


# Where a run stops


def stopped(network: Network, x: Array, y: Array, **more: Any) -> str:
    plan = Plan.parse({"epochs": 1, "batch_size": 4, "loss": "mae", "metrics": [], **more})
    end = list(train(network, Dataset.from_arrays(x, y), plan))[-1]
    assert isinstance(end, Finished)
    assert end.outcome == "diverged"
    return end.note


@pytest.mark.parametrize("bad", ["dense", "dense_1", "dense_2", "dense_3"])
def test_a_run_that_diverges_names_the_layer_within_a_chain(bad: str) -> None:
    network = Network(mlp(6, 5, 4, 1, inputs=2))
    assert [len(each) for each in chains(network)] == [4]
    network.weights[f"{bad}/bias"][0] = np.nan
    assert f"epoch 1, batch 1, first at {bad}." in stopped(network, normal(12, 2), normal(12, 1))


def test_a_gradient_that_overflows_within_a_chain_names_its_layer() -> None:
    """Values stay finite, and so does the last layer's gradient; the first one's does not."""
    network = Network(mlp(1, 1, 1, inputs=1))
    for name, value in (("dense", 1e-10), ("dense_1", 1e-19), ("dense_2", 1e38)):
        network.weights[f"{name}/kernel"][...] = value
    note = stopped(network, np.full((4, 1), 1e20, np.float32), np.zeros((4, 1), np.float32))
    assert (
        "gradient grew without limit in epoch 1, batch 1, first in the gradient of dense_1" in note
    )


@pytest.mark.parametrize("bad", [1, 2, 3])
def test_a_run_that_diverges_names_the_batch(bad: int) -> None:
    """The relu lets through what only one sample has."""
    network = Network(Graph.sequential((1,), [Dense(units=1, activation="relu"), Dense(units=1)]))
    for weight in network.weights.values():
        weight[...] = 0
    network.weights["dense_1/kernel"][...] = 1e38
    network.weights["dense/kernel"][...] = 1
    x = np.full((12, 1), -1, np.float32)
    x[4 * bad - 2] = 1e30
    note = stopped(network, x, np.zeros((12, 1), np.float32), shuffle=False)
    assert f"epoch 1, batch {bad}, first at dense_1." in note


# Memory


def test_a_network_is_freed_when_it_is_let_go() -> None:
    network = Network(mlp(9, 8, 4))
    for batch in range(1, 12):
        network.loss_and_gradients(
            normal(batch, 20),
            {network.graph.outputs[0]: normal(batch, 4)},
            MeanAbsoluteError(),
            Run(training=True),
        )
    gone = weakref.ref(network.trained)
    gc.disable()
    try:
        del network
        assert gone() is None
    finally:
        gc.enable()
