"""Watching a step: the numbers are right, and the run is the same as without."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from engine.data import Dataset
from engine.graph import Edge, Graph, grouped
from engine.layers import Add, Conv2D, Dense, Flatten, Run
from engine.losses import MeanSquaredError
from engine.network import Network
from engine.training import Control, Look, Plan, Seen, train
from engine.training.glances import BARS, MAPS, SIDE, glance
from engine.training.health import Health, Probe


def branching() -> Graph:
    """input → a → (b, add), b → add → out: a shortcut around b."""
    graph = Graph.sequential((3,), [Dense(units=4, activation="relu"), Dense(units=4)])
    graph, add = graph.add(Add())
    graph, out = graph.add(Dense(units=1))
    for edge in (Edge("dense", add, 0), Edge("dense_1", add, 1), Edge(add, out)):
        graph = graph.connect(edge)
    return graph


def watched(network: Network, x: np.ndarray, y: np.ndarray) -> Health:
    probe = network.watcher = Probe(network)
    target = {network.graph.outputs[0]: y}
    network.loss_and_gradients(x, target, MeanSquaredError(), Run(training=True))
    network.watcher = None
    network.trained -= 0.01 * network.gradients
    return probe.result()


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)


def test_gradients_are_the_slopes_of_the_loss(x):
    network = Network(branching(), dtype=np.float64)
    y = np.ones((16, 1))
    found = watched(network, x.astype(np.float64), y).gradients
    network = Network(branching(), dtype=np.float64)
    # Of what flows into the last layer, by central differences of its weights' product.
    last = network.weights["dense_2/kernel"]
    out = network.outputs_of(x, ["add", "dense_2"])
    slope = 2 * (out["dense_2"] - y) / len(x) @ last.T
    assert found["add", "dense_2"] == pytest.approx(np.linalg.norm(slope))
    assert found["dense", "add"] == pytest.approx(np.linalg.norm(slope))
    through = slope @ network.weights["dense_1/kernel"].T
    assert found["dense", "dense_1"] == pytest.approx(np.linalg.norm(through))
    assert ("input", "dense") not in found  # nothing before it learns


def test_updates_are_relative_to_the_weights(x):
    network = Network(branching(), seed=1)
    before = network.copy_weights()
    found = watched(network, x, np.ones((16, 1), np.float32)).updates
    for node in ("dense", "dense_1", "dense_2"):
        names = [f"{node}/kernel", f"{node}/bias"]
        way = np.sqrt(sum(((network.weights[n] - before[n]) ** 2).sum() for n in names))
        length = np.sqrt(sum((before[n] ** 2).sum() for n in names))
        assert found[node] == pytest.approx(way / length, rel=1e-4)
    assert set(found) == {"dense", "dense_1", "dense_2"}


def test_dead_units_are_those_that_never_fire(x):
    network = Network(branching())
    network.weights["dense/bias"][:3] = -100
    network.weights["dense/bias"][3] = 100
    assert watched(network, x, np.ones((16, 1), np.float32)).dead == {"dense": 0.75}


def test_dead_maps_count_as_units():
    graph = Graph.sequential(
        (6, 6, 1), [Conv2D(filters=4, activation="relu"), Flatten(), Dense(units=1)]
    )
    network = Network(graph)
    network.weights["conv2d/bias"][:1] = -100
    network.weights["conv2d/bias"][1:] = 100
    x = np.random.default_rng(0).normal(size=(8, 6, 6, 1)).astype(np.float32)
    assert watched(network, x, np.ones((8, 1), np.float32)).dead == {"conv2d": 0.25}


def test_a_group_stands_for_all_in_it(x):
    plain = watched(Network(branching()), x, np.ones((16, 1), np.float32))
    graph, id = grouped(branching(), ["dense_1"])
    network = Network(graph)
    network.load_weights(
        {name: Network(branching()).weights[name.replace(f"{id}/", "")] for name in network.weights}
    )
    found = watched(network, x, np.ones((16, 1), np.float32))
    assert found.gradients["dense", id] == pytest.approx(plain.gradients["dense", "dense_1"])
    assert found.gradients[id, "add"] == pytest.approx(plain.gradients["dense_1", "add"])
    assert found.updates[id] == pytest.approx(plain.updates["dense_1"])
    assert found.updates[id] == found.updates[f"{id}/dense_1"]


def test_what_lies_in_a_group_has_its_own_names_there(x):
    y = np.ones((16, 1), np.float32)
    plain = watched(Network(branching()), x, y)
    graph, id = grouped(branching(), ["dense_1", "add"])
    network = Network(graph)
    network.load_weights(
        {name: Network(branching()).weights[name.replace(f"{id}/", "")] for name in network.weights}
    )
    inside = watched(network, x, y).within(f"{id}/")
    # The Input inside stands for what arrives.
    for wire, same in {
        ("input", "dense_1"): ("dense", "dense_1"),
        ("dense_1", "add"): ("dense_1", "add"),
        ("input", "add"): ("dense", "add"),
    }.items():
        assert inside.gradients[wire] == pytest.approx(plain.gradients[same])
    assert inside.updates == {"dense_1": pytest.approx(plain.updates["dense_1"])}
    assert plain.within("") is plain


def test_the_wire_of_a_bypassed_layer_is_told(x):
    graph = branching().change("dense_1", bypassed=True)
    found = watched(Network(graph), x, np.ones((16, 1), np.float32))
    assert found.gradients["dense_1", "add"] == found.gradients["dense", "add"] > 0


class Nosy(Control):
    """Asks for everything after every batch."""

    def take_look(self) -> Look:
        nodes = ("dense", "dense_1", "gone")
        return Look(np.ones((1, 3), np.float32), glances=nodes, health=True, asker="me")


def run(control: Control) -> tuple[np.ndarray, list[Seen]]:
    rng = np.random.default_rng(0)
    data = Dataset.from_arrays(rng.normal(size=(64, 3)), rng.normal(size=(64, 1)))
    network = Network(branching())
    plan = Plan(loss=MeanSquaredError(), metrics=(), epochs=2, batch_size=16)
    events: Iterator[object] = train(network, data, plan, control)
    return network.trained, [each for each in events if isinstance(each, Seen)]


def test_watching_does_not_change_the_run():
    plain, _ = run(Control())
    seen_by_nosy, seen = run(Nosy())
    assert np.array_equal(plain, seen_by_nosy)
    assert len(seen) == 8


def test_an_answer_tells_who_asked_and_what_it_took():
    _, seen = run(Nosy())
    assert {each.asker for each in seen} == {"me"}
    assert seen[0].health is None  # from now on steps are watched
    assert all(each.health is not None for each in seen[1:])
    assert all(set(each.glances) == {"dense", "dense_1"} for each in seen)
    assert all(each.seconds > 0 for each in seen)


def test_every_asker_gets_an_answer():
    control = Control()
    for asker in ("one", "other"):
        control.look(Look(np.empty(0), asker=asker))
    control.look(Look(np.empty(0), health=True, asker="one"))
    found = [control.take_look(), control.take_look(), control.take_look()]
    assert [each and (each.asker, each.health) for each in found] == [
        ("one", True),
        ("other", False),
        None,
    ]


@pytest.mark.parametrize(
    ("shape", "small"),
    [
        ((5,), (5,)),
        ((500,), (BARS,)),
        ((), (1,)),
        ((8, 8, 3), (8, 8, 3)),
        ((64, 40, 32), (SIDE, SIDE, MAPS)),
        ((30, 12), (SIDE, 12, 1)),
        ((4, 4, 4, 2), (4, 4, MAPS)),
    ],
)
def test_glances_are_small(shape, small):
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    found = glance(values)
    assert found.shape == small
    assert found.dtype == np.float32
    assert not np.shares_memory(found, values)


def test_a_spike_is_seen_among_many_numbers():
    values = np.zeros(1000, np.float32)
    values[617] = -7
    assert glance(values).min() == -7
