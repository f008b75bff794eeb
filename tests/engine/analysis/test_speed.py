"""Predicted times: what they are made of, and that a measurement gives sensible ones."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from engine.activations import Activation
from engine.analysis import calibration
from engine.analysis.calibration import measure_layers, measure_network, measure_speed
from engine.analysis.speed import (
    FALLBACK,
    Pass,
    Prediction,
    Rate,
    Speed,
    Work,
    family_of,
    step_seconds,
    work_of,
)
from engine.errors import Cancelled
from engine.graph import Edge, Graph, grouped
from engine.layers import Conv2D, Dense, Embedding, Flatten, Input, Layer, MaxPooling2D
from engine.optimizers import Optimizer
from engine.training import Plan

DENSE = Rate(base=1e-3, per_multiply_add=1e-6)
SPEED = Speed(
    {"Dense": DENSE, FALLBACK: Rate(base=5e-4)},
    {"relu": Rate(per_number=1e-5)},
    {"Adam": Rate(base=2e-3, per_number=1e-7)},
    step=4e-3,
)


def two_dense() -> Graph:
    return Graph.sequential((10,), [Dense(units=20, activation="relu"), Dense(units=5)])


def test_a_layer_is_predicted_from_its_work():
    graph, plan = two_dense(), Plan(batch_size=4)
    found = Prediction(graph, plan, SPEED)
    # The first layer needs no gradient of its input: two thirds of the products.
    first = 2 / 3 * (1e-3 + 4 * 200 * 1e-6) + 4 * 20 * 1e-5 + 220 * 1e-7
    assert found.of("dense") == pytest.approx(first)
    assert found.of("dense_1") == pytest.approx(1e-3 + 4 * 100 * 1e-6 + 105 * 1e-7)


def test_a_step_is_its_layers_and_what_every_step_takes():
    graph, plan = two_dense(), Plan(batch_size=4)
    found = Prediction(graph, plan, SPEED)
    layers = sum(found.of(id) or 0.0 for id in graph.nodes)
    assert step_seconds(graph, plan, SPEED) == pytest.approx(4e-3 + 2e-3 + layers)
    assert step_seconds(Graph(), plan, SPEED) is None


def test_more_samples_take_longer_but_not_their_overhead():
    graph = two_dense()
    few, many = (Prediction(graph, Plan(batch_size=size), SPEED).of("dense_1") for size in (4, 8))
    assert few is not None
    assert many is not None
    assert few < many < 2 * few


def test_what_is_frozen_and_first_only_goes_forward():
    graph = Graph.sequential((10,), [Dense(units=20, trainable=False), Dense(units=5)])
    found = Prediction(graph, Plan(batch_size=4), SPEED)
    assert found.of("dense") == pytest.approx(1 / 3 * (1e-3 + 4 * 200 * 1e-6))


def test_a_group_takes_what_its_layers_take():
    graph, plan = two_dense(), Plan(batch_size=4)
    single = Prediction(graph, plan, SPEED)
    whole, id = grouped(graph, ["dense", "dense_1"])
    seconds = Prediction(whole, plan, SPEED).of(id)
    both = [single.of(node) or 0.0 for node in ("dense", "dense_1")]
    assert seconds == pytest.approx(sum(both), rel=1e-6)


def test_without_a_shape_there_is_no_time():
    graph, id = two_dense().add(Dense())
    assert Prediction(graph, Plan(), SPEED).of(id) is None
    assert step_seconds(graph, Plan(), SPEED) is None


def test_facts_tell_when_a_time_is_another():
    graph = two_dense()
    before = Prediction(graph, Plan(batch_size=4), SPEED).facts("dense_1")
    assert Prediction(graph, Plan(batch_size=4, epochs=3), SPEED).facts("dense_1") == before
    assert Prediction(graph, Plan(batch_size=8), SPEED).facts("dense_1") != before
    frozen = graph.change("dense", layer=Dense(units=20, activation="relu", trainable=False))
    assert Prediction(frozen, Plan(batch_size=4), SPEED).facts("dense_1") != before


def test_a_convolution_gathers_unless_it_is_small():
    five, three = Conv2D(filters=8, kernel_size=5), Conv2D(filters=8, kernel_size=3)
    assert family_of(five) != family_of(three)
    work = work_of(five, ((12, 12, 4),))
    assert work.multiply_adds == 8 * 8 * 5 * 5 * 4 * 8
    assert work.gathered == 8 * 8 * 5 * 5 * 4
    assert work_of(three, ((12, 12, 4),)).gathered == 0


@pytest.fixture(scope="module")
def measured() -> Speed:
    return measure_speed(1)


def test_everything_that_can_be_used_is_measured(measured):
    layers = {kind: made for kind, made in Layer.palette().items() if kind != "Group"}
    samples = {"Embedding": {"input_dim": 3}}
    for kind, made in layers.items():
        family = family_of(made(**samples.get(kind, {})))
        assert family in measured.layers, kind
    assert set(measured.activations) == set(Activation.kinds) - {"linear"}
    assert set(measured.optimizers) == set(Optimizer.kinds)
    assert measured.step > 0
    assert 0.5 <= measured.crowding <= 2


def test_rates_are_never_negative(measured):
    for rate in (*measured.layers.values(), *measured.activations.values()):
        assert min(rate.base, rate.per_multiply_add, rate.per_number, rate.per_gathered) >= 0
        assert rate.seconds(Work(1e6, 1e6, 1e6), 32) > 0


def test_a_large_network_takes_longer_than_a_small_one(measured):
    small = Graph.sequential((28, 28, 1), [Flatten(), Dense(units=10)])
    large = Graph.sequential(
        (28, 28, 1),
        [Conv2D(filters=32), MaxPooling2D(), Conv2D(filters=64), Flatten(), Dense(units=128)],
    )
    one, other = (step_seconds(each, Plan(), measured) for each in (small, large))
    assert one is not None
    assert other is not None
    assert one < other / 5


class Breaking:
    """A progress that breaks the work off when it is told of it the third time."""

    def __init__(self) -> None:
        self.told = 0

    def __call__(self, done: int, total: int, what: str) -> None:
        self.told += 1
        if self.told == 3:
            raise Cancelled


def test_a_measurement_can_be_broken_off(measured):
    for measure in (measure_speed, partial(measure_layers, measured, deep(), Plan())):
        breaking = Breaking()
        with pytest.raises(Cancelled):
            measure(threads=1, progress=breaking)
        assert breaking.told == 3


def deep() -> Graph:
    layers: list[Layer] = [Conv2D(filters=4), MaxPooling2D(), Flatten(), Dense(units=3)]
    return Graph.sequential((9, 9, 1), layers)


def test_the_layers_of_a_network_are_timed_once(measured):
    graph, plan = deep(), Plan(batch_size=4)
    known = measure_layers(measured, graph, plan, 1)
    ways = set(Prediction(graph, plan, measured).passes())
    assert {way.layer.kind for way in ways} == {"Conv2D", "MaxPooling2D", "Flatten", "Dense"}
    assert set(known.factors) == {(way, 4) for way in ways}
    assert all(factor > 0 for factor in known.factors.values())
    assert measure_layers(known, graph, plan, 1) is known
    assert len(measure_layers(known, graph, Plan(batch_size=8), 1).factors) == 2 * len(ways)


def test_what_was_timed_is_predicted():
    graph, plan = two_dense(), Plan(batch_size=4)
    first, second = Prediction(graph, plan, SPEED).passes()
    assert [way.passes_back for way in (first, second)] == [False, True]
    slow = replace(SPEED, factors={(second, 4): 3.0})
    before, after = (Prediction(graph, plan, each) for each in (SPEED, slow))
    assert after.of("dense") == before.of("dense")
    moving = 105 * 1e-7
    assert (after.of("dense_1") or 0) - moving == pytest.approx(
        3 * ((before.of("dense_1") or 0) - moving)
    )
    # Another batch size was not timed.
    assert Prediction(graph, Plan(batch_size=8), slow).of("dense_1") == Prediction(
        graph, Plan(batch_size=8), SPEED
    ).of("dense_1")


def test_layers_in_groups_are_timed_as_well(measured):
    graph, plan = two_dense(), Plan(batch_size=4)
    whole, _ = grouped(graph, ["dense", "dense_1"])
    flat = {way.layer for way in Prediction(graph, plan, measured).passes()}
    assert {way.layer for way in Prediction(whole, plan, measured).passes()} == flat


def branching() -> Graph:
    """Two inputs, of words and of numbers, a group and two outputs."""
    graph, words = Graph().add(Input(shape=(5,)))
    graph, numbers = graph.add(Input(shape=(4,)))
    graph, found = graph.add(Embedding(input_dim=7, output_dim=2))
    graph, flat = graph.add(Flatten())
    graph, one = graph.add(Dense(units=3))
    graph, other = graph.add(Dense(units=2))
    for source, target in ((words, found), (found, flat), (flat, one), (numbers, other)):
        graph = graph.connect(Edge(source, target, 0))
    return grouped(graph, [found, flat])[0]


@pytest.mark.parametrize("graph", [two_dense(), branching()], ids=["chain", "branching"])
def test_what_layers_take_together_is_that_of_the_network(measured, graph):
    plan = Plan(batch_size=4)
    known = measure_network(replace(measured, crowding=77.0), graph, plan, 1)
    assert 1 / calibration.MOST_CROWDED <= known.crowding <= calibration.MOST_CROWDED
    one, two = (step_seconds(graph, plan, replace(known, crowding=times)) for times in (1, 2))
    assert one is not None
    assert two is not None
    assert two > one


def test_a_network_that_cannot_run_or_is_large_is_not_timed(measured):
    large = Graph.sequential((256, 256, 3), [Conv2D(filters=64)])
    broken = two_dense().add(Dense())[0]
    for graph in (Graph(), broken, large):
        assert measure_network(measured, graph, Plan(), 1) is measured


def test_a_costly_layer_is_timed_with_fewer_samples(measured, monkeypatch):
    timed: list[int] = []

    def seconds(way: Pass, batch: int) -> float:
        timed.append(batch)
        return 1e-3

    monkeypatch.setattr(calibration, "_pass_seconds", seconds)
    graph = Graph.sequential((256, 256, 3), [Conv2D(filters=64)])
    known = measure_layers(measured, graph, Plan(batch_size=4096), 1)
    assert 1 <= timed[0] < 64
    assert [batch for _, batch in known.factors] == [4096]


def test_fitting_finds_the_rates_it_was_given():
    true = Rate(1e-5, 2e-9, 3e-8)
    works = [Work(a, b) for a, b in ((1e3, 1e2), (1e6, 1e3), (1e4, 1e5), (1e5, 1e4), (1e6, 1e5))]
    found = calibration._fitted((work, 8, true.seconds(work, 8)) for work in works)
    for work in works:
        assert found.seconds(work, 8) == pytest.approx(true.seconds(work, 8), rel=0.02)


def test_data_counts_too(measured):
    graph = Graph.sequential((28, 28, 3), [Flatten(), Dense(units=2)])
    seconds = Prediction(graph, Plan(batch_size=256), measured).of("input")
    assert seconds is not None
    assert seconds > 0
    assert family_of(Input(shape=(3,))) == "Input"
