"""The example projects: they open, they have no problems, they learn, they leave as ONNX."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from engine.data import Dataset, prepare
from engine.diagnosis import diagnose
from engine.errors import ProjectError
from engine.exporting import export_onnx, samples_to_compare
from engine.graph import Edge
from engine.layers import Add
from engine.network import Network
from engine.project import Project, project_to_text, read_project
from engine.project.examples import ORDER, examples, find_example
from engine.training import EpochDone, Finished, train
from engine.training.fitting import plan_problems

NAMES = [each.name for each in examples()]

# What held-out data has to reach: accuracy at least, error at most.
GOALS = {
    "spiral": ("binary accuracy", 0.97),
    "iris": ("accuracy", 0.9),
    "digits": ("accuracy", 0.95),
    "digits-cnn": ("accuracy", 0.95),
    "two-branches": ("accuracy", 0.95),
    "diabetes": ("RMSE", 60.0),
}


@cache
def project(name: str) -> Project:
    return read_project(find_example(name).path)


@cache
def data(name: str) -> Dataset:
    setup = project(name).data
    assert setup is not None
    return prepare(setup)


def trained(name: str, **plan: object) -> tuple[Network, list[EpochDone], Finished]:
    each = project(name)
    chosen = each.plan.changed(**plan)
    network, epochs = Network(each.graph, seed=chosen.seed), []
    for event in train(network, data(name), chosen):
        if isinstance(event, EpochDone):
            epochs.append(event)
    assert isinstance(event, Finished)
    return network, epochs, event


def test_there_are_enough_and_all_have_their_place() -> None:
    assert len(NAMES) >= 6
    assert tuple(NAMES) == ORDER
    for each in examples():
        assert each.title
        assert 40 < len(each.description) < 200


def test_an_example_that_is_not_there() -> None:
    with pytest.raises(ProjectError, match="no example called 'nothing'"):
        find_example("nothing")


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_ready_to_run(name: str) -> None:
    each = project(name)
    assert each.data is not None
    assert not diagnose(each.graph).problems
    assert not plan_problems(each.graph, data(name), each.plan)
    assert project_to_text(each) == find_example(name).path.read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_its_nodes_have_places_that_do_not_overlap(name: str) -> None:
    each = project(name)
    assert set(each.positions) == set(each.graph.nodes)
    places = list(each.positions.values())
    for number, (x, y) in enumerate(places):
        assert all(abs(x - a) >= 200 or abs(y - b) >= 90 for a, b in places[:number])
    for edge in each.graph.edges:
        assert each.positions[edge.source][0] < each.positions[edge.target][0]


@pytest.mark.parametrize("name", GOALS)
def test_it_learns_and_leaves_as_the_same_network(name: str, tmp_path: Path) -> None:
    network, _, finished = trained(name)
    metric, goal = GOALS[name]
    score = finished.test[metric]
    assert score <= goal if metric == "RMSE" else score >= goal
    report = export_onnx(
        network,
        tmp_path / "model.onnx",
        preprocessing=data(name).preprocessing,
        targets=data(name).targets,
        verify_on=samples_to_compare(data(name)),
    )
    assert report.verification.largest_difference <= 1e-5
    assert report.verification.samples >= 20


@pytest.mark.parametrize("name", ["iris", "digits", "digits-cnn"])
def test_the_same_seed_gives_the_same_numbers(name: str) -> None:
    (one, first, _), (two, second, _) = (trained(name, epochs=2) for _ in range(2))
    assert [(each.train, each.validation) for each in first] == [
        (each.train, each.validation) for each in second
    ]
    assert all((one.weights[key] == two.weights[key]).all() for key in one.weights)


def test_the_two_branches_meet_in_an_add() -> None:
    graph = project("two-branches").graph
    (add,) = [id for id, node in graph.nodes.items() if isinstance(node.layer, Add)]
    assert len(graph.into[add]) == 2
    assert len(graph.out_of["input"]) == 2
    assert Edge("input", "flatten") in graph.edges


# The cost over all points at epochs 50, 100, …, 1000 as the course printed it.
COSTS = (
    *(0.20451498, 0.18978047, 0.17674752, 0.16521966, 0.15502314, 0.14600423, 0.13802695),
    *(0.13097109, 0.12473025, 0.11921034, 0.11432809, 0.110009864, 0.10619057, 0.102812536),
    *(0.09982491, 0.0971825, 0.09484547, 0.092778556, 0.09095054, 0.08933392),
)


def test_the_line_takes_the_way_that_was_printed(tmp_path: Path) -> None:
    """From the line of epoch 50 on, one point per step, as the course did it.

    Its cost is sum(error²) / (2 · 17) for each single point, so its rate of 0.01
    is a rate of 0.01 / 34 for the mean squared error.
    """
    each, points = project("linear-regression"), data("linear-regression").train
    assert each.plan.batch_size == 1
    assert not each.plan.shuffle
    assert each.plan.epochs == 1000
    network = Network(each.graph)
    kernel, bias = network.weights["dense/kernel"], network.weights["dense/bias"]
    kernel[...], bias[...] = 0.44925448, -0.6348799

    def cost() -> float:
        return float(np.square(network.predict(points.x) - points.y).sum() / (2 * len(points)))

    events = train(network, data("linear-regression"), each.plan.changed(epochs=950))
    # The generator trains between two events, so each cost is that of its epoch.
    printed = (event for event in events if isinstance(event, EpochDone) and not event.epoch % 50)
    found = [cost(), *(cost() for _ in printed)]
    # The course computed in float32 as well, and rounds differently.
    np.testing.assert_allclose(found, COSTS, rtol=2e-5)
    assert float(kernel[0, 0]) == pytest.approx(0.3118712, abs=5e-5)
    assert float(bias[0]) == pytest.approx(0.353446, abs=5e-5)
    report = export_onnx(network, tmp_path / "line.onnx")
    assert report.verification.largest_difference <= 1e-5


def test_the_line_is_on_its_way_to_the_least_squares() -> None:
    points = data("linear-regression").train
    slope, intercept = np.polyfit(points.x[:, 0].astype(float), points.y[:, 0].astype(float), 1)
    assert slope == pytest.approx(0.251635, abs=1e-6)
    assert intercept == pytest.approx(0.798801, abs=1e-5)
