"""Trained networks as files."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from engine.data import Dataset, Targets
from engine.data.preprocessing import Preprocessing
from engine.errors import EngineError, ProjectError
from engine.exporting import export_onnx
from engine.graph import Edge, Graph
from engine.layers import Dense, Input
from engine.losses import CategoricalHinge, SparseCategoricalCrossentropy
from engine.network import Network
from engine.project import Project, read_project, write_project
from engine.project.trained import (
    TrainedModel,
    model_path,
    place_of_weights,
    read_trained,
    read_trained_for,
    write_trained,
    write_with_weights,
)
from engine.training.answers import answers
from engine.training.events import EpochDone
from engine.training.fitting import plan_problems
from engine.training.history import History
from engine.training.plan import Plan


def trained() -> TrainedModel:
    rng = np.random.default_rng(0)
    data = Dataset.from_arrays(rng.normal(size=(12, 3)), np.arange(12) % 2)
    network = Network(Graph.sequential((3,), [Dense(units=4), Dense(units=2)]), seed=3)
    plan = Plan(loss=SparseCategoricalCrossentropy(from_logits=True))
    history = History()
    for epoch in (1, 2):
        done = EpochDone(epoch, 2, 3 * epoch, {"loss": 1.0}, {"loss": float("nan")}, 1.0, 9.0)
        history.add_epoch(done)
    return TrainedModel.of(network, data, plan, history)


def test_all_of_it_comes_back(tmp_path: Path) -> None:
    model, path = trained(), tmp_path / "p.runs" / "model.safetensors"
    write_trained(model, path)
    back = read_trained(path)
    assert back.graph == model.graph
    assert back.preprocessing == model.preprocessing
    assert back.targets == model.targets
    assert back.losses == {"dense_1": SparseCategoricalCrossentropy(from_logits=True)}
    assert back.epochs == 2
    assert back.history.to_json() == model.history.to_json()
    x = np.ones((2, 3), np.float32)
    np.testing.assert_array_equal(back.network().predict(x), model.network().predict(x))


def in_one_file(folder: Path) -> Path:
    model, path = trained(), folder / "p.netsmith"
    write_with_weights(Project(graph=model.graph, title="One"), model, path)
    return path


def test_project_and_weights_in_one_file(tmp_path: Path) -> None:
    path = in_one_file(tmp_path)
    project = read_project(path)
    assert (project.title, project.graph) == ("One", trained().graph)
    assert place_of_weights(path) == path
    back = read_trained_for(path, project)
    for name, weights in trained().weights.items():
        np.testing.assert_array_equal(back.weights[name], weights)
    assert [each.name for each in tmp_path.iterdir()] == ["p.netsmith"]


def test_weights_without_a_project_are_no_project(tmp_path: Path) -> None:
    path = tmp_path / "p.netsmith"
    write_trained(trained(), path)
    with pytest.raises(ProjectError, match="holds weights without a project"):
        read_project(path)


@given(st.data())
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_mangled_file_of_both_is_refused_in_words(tmp_path: Path, data: st.DataObject) -> None:
    path = in_one_file(tmp_path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with suppress(EngineError):
        read_trained_for(path, read_project(path))


def test_lost_weights_are_named(tmp_path: Path) -> None:
    model, path = trained(), tmp_path / "p.netsmith"
    write_project(Project(graph=model.graph, was_trained=True), path)
    project = read_project(path)
    assert project.was_trained
    with pytest.raises(ProjectError, match=r"no p\.runs/model\.safetensors beside it"):
        read_trained_for(path, project)


def test_only_outputs_that_were_trained_from_logits_miss_a_softmax(tmp_path: Path) -> None:
    graph, start = Graph().add(Input(shape=(3,)))
    for id in ("raw", "margin"):
        graph, head = graph.add(Dense(units=3), id=id)
        graph = graph.connect(Edge(start, head))
    rng = np.random.default_rng(0)
    data = Dataset.from_arrays(rng.normal(size=(12, 3)), np.arange(12) % 3)
    goals = [{"type": "OutputLoss", "output": "raw", "loss": {"type": "scce", "from_logits": True}}]
    plan = Plan.parse({"loss": "CategoricalHinge", "outputs": goals, "metrics": ["accuracy"]})
    assert not plan_problems(graph, data, plan)
    write_trained(TrainedModel.of(Network(graph), data, plan), tmp_path / "m.safetensors")
    back = read_trained(tmp_path / "m.safetensors")
    assert back.losses["raw"].expects_logits
    assert isinstance(back.losses["margin"], CategoricalHinge)
    x = data.train.x
    said = answers(back.network(), x, back.targets, back.objective)
    np.testing.assert_allclose(said["raw"].values.sum(axis=-1), 1, rtol=1e-6)
    np.testing.assert_array_equal(said["margin"].values, back.network().predict(x)[1])
    report = export_onnx(
        back.network(),
        tmp_path / "m.onnx",
        preprocessing=back.preprocessing,
        targets=back.targets,
        loss=back.objective,
    )
    assert report.verification.is_good


def test_files_that_say_it_of_all_outputs_at_once_are_read(tmp_path: Path) -> None:
    logits = SparseCategoricalCrossentropy(from_logits=True)
    for said, meant in ((True, {"dense": logits}), (False, {}), (["dense"], {"dense": logits})):
        path = damaged(tmp_path, about(from_logits=said), **KERNEL, **BIAS)
        assert read_trained(path).losses == meant


def test_other_tools_can_open_the_weights(tmp_path: Path) -> None:
    write_trained(trained(), tmp_path / "m.safetensors")
    weights = load_file(tmp_path / "m.safetensors")
    assert {name: each.shape for name, each in weights.items()} == {
        "dense/kernel": (3, 4),
        "dense/bias": (4,),
        "dense_1/kernel": (4, 2),
        "dense_1/bias": (2,),
    }


def test_it_lies_beside_the_project() -> None:
    assert model_path(Path("a/iris.netsmith")) == Path("a/iris.runs/model.safetensors")


def test_the_weights_are_copies() -> None:
    network = Network(Graph.sequential((3,), [Dense(units=2)]))
    data = Dataset.from_arrays(np.zeros((4, 3)), np.arange(4) % 2)
    model = TrainedModel.of(network, data, Plan())
    network.weights["dense/kernel"][...] = 0
    assert model.weights["dense/kernel"].any()


def test_a_changed_network_is_told_apart(tmp_path: Path) -> None:
    model, project = trained(), tmp_path / "p.netsmith"
    write_trained(model, model_path(project))
    graph = model.graph
    other_name = Project(graph=graph.change("dense", title="Other name"))
    assert read_trained_for(project, other_name).epochs == 2
    for changed, words in (
        (
            graph.change("dense", layer=Dense(units=4, activation="tanh")),
            "dense has different settings",
        ),
        (graph.add(Dense())[0], "dense_2 is new"),
        (graph.remove(["dense_1"]), "dense_1 is gone"),
        (graph.disconnect(graph.edges[:1]), "wires are different"),
    ):
        with pytest.raises(ProjectError, match=words) as caught:
            read_trained_for(project, Project(graph=changed))
        assert caught.value.fix == "Train the network again."


def test_an_untrained_project_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="has not been trained yet"):
        read_trained(tmp_path / "p.runs" / "model.safetensors")


def damaged(tmp_path: Path, about: dict[str, str], **weights: np.ndarray) -> Path:
    path = tmp_path / "m.safetensors"
    save_file(weights, path, metadata=about)
    return path


def about(**changes: object) -> dict[str, str]:
    parts = {
        "graph": Graph.sequential((3,), [Dense(units=2)]).to_json(),
        "preprocessing": Preprocessing().to_json(),
        "targets": Targets().to_json(),
        "from_logits": False,
        "history": History().to_json(),
    }
    plain = {"format": "netsmith model", "version": "1"}
    return {**plain, **{name: json.dumps(each) for name, each in {**parts, **changes}.items()}}


KERNEL = {"dense/kernel": np.zeros((3, 2), np.float32)}
BIAS = {"dense/bias": np.zeros(2, np.float32)}


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (KERNEL, "lacks the weight 'dense/bias'"),
        ({**KERNEL, **BIAS, "more": np.zeros(1, np.float32)}, "a weight 'more' that nothing uses"),
        ({"dense/kernel": np.zeros((3, 9), np.float32), **BIAS}, "is 3 × 9, but the network needs"),
        ({"dense/kernel": np.zeros((3, 2)), **BIAS}, "is of type F64"),
    ],
)
def test_weights_of_another_network_are_refused(
    tmp_path: Path, weights: dict[str, np.ndarray], words: str
) -> None:
    with pytest.raises(ProjectError, match=words):
        read_trained(damaged(tmp_path, about(), **weights))


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({}, "none that Netsmith has trained"),
        ({**about(), "version": "7"}, "has version '7'"),
        ({**about(), "graph": "{"}, "not JSON"),
        (about(graph={"nodes": {"a": {"layer": "Dense"}}}), "has a problem"),
        (about(targets={"task": "guessing"}), "Task|task"),
        (about(preprocessing=3), "Preprocessing cannot be"),
        (about(history=3), "history"),
    ],
)
def test_metadata_is_not_trusted(tmp_path: Path, metadata: dict[str, str], words: str) -> None:
    with pytest.raises(ProjectError, match=words) as caught:
        read_trained(damaged(tmp_path, metadata, **KERNEL, **BIAS))
    assert caught.value.fix


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    write_trained(trained(), path)
    content = path.read_bytes()
    for bad in (content[:-5], content[:20], b"", b"x" * 100):
        path.write_bytes(bad)
        with pytest.raises(ProjectError, match="damaged"):
            read_trained(path)
