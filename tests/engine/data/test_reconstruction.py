"""The inputs themselves as targets: what data becomes, and what is done with it all the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from engine.data import Dataset, DataSetup, Part, prepare, sources
from engine.diagnosis import diagnose
from engine.exporting import export_onnx
from engine.layers import Run
from engine.losses import MeanSquaredError
from engine.metrics import RootMeanSquaredError
from engine.network import Network
from engine.starter import starter_graph
from engine.templates import MLP, Autoencoder, LeNet5, Template
from engine.training import BatchDone, Finished, Plan, train
from engine.training.fitting import plan_problems
from engine.training.following import follow_data
from engine.training.plan_fixes import suggest_plan

NUMBERS = Plan(epochs=1, loss=MeanSquaredError(), metrics=(RootMeanSquaredError(),))


def reconstruction(source: Any, base: Path = Path(), **more: Any) -> Dataset:
    return prepare(DataSetup(source=source, task="reconstruction", **more), base)


@pytest.fixture
def table(tmp_path: Path) -> Dataset:
    rows = [f"{i * i % 17},{100 * i},{'ab'[i % 2]},{i % 3}" for i in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["n,big,letter,class", *rows]))
    return reconstruction(sources.CsvFile(path="t.csv", target="class"), tmp_path)


def parts_of(data: Dataset) -> list[Part]:
    return [data.train, data.validation, data.test]


def test_pictures_are_their_own_targets() -> None:
    data = reconstruction(sources.BuiltIn(name="digits"))
    assert data.targets.task == "regression"
    assert data.targets.output_shape == data.input_shape == (8, 8, 1)
    assert data.targets.size == 64
    assert all(part.y is part.x and len(part) for part in parts_of(data))
    assert data.samples.classes, "what a picture shows stays known"


def test_their_numbers_are_told_as_they_were_read() -> None:
    data = reconstruction(sources.BuiltIn(name="digits"))
    raw = data.raw("test", 3)
    np.testing.assert_allclose(data.targets.in_units(data.test.y[3]), raw, rtol=1e-6)


def test_each_channel_has_its_own_unit(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal([10, 0, -5], [3, 1, 9], (40, 6, 5, 3))
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(40) % 2)
    standard = [{"type": "Standardize"}]
    data = reconstruction(sources.NpzFile(path="x.npz"), tmp_path, steps=standard)
    assert len(data.targets.scale) == 3
    seen, raw = data.targets.in_units(data.train.y), data.samples.array[data.indices["train"]]
    np.testing.assert_allclose(seen, raw, atol=1e-4)


def test_a_table_gives_back_its_columns(table: Dataset) -> None:
    assert table.targets.names == ("n", "big", "letter = a", "letter = b")
    assert table.targets.output_shape == (4,)
    first = table.raw("train", 0)
    assert isinstance(first, dict)
    n, big, *letter = table.targets.in_units(table.train.y[:1])[0]
    assert (n, big) == pytest.approx((first["n"], first["big"]), rel=1e-4, abs=1e-4)
    assert letter == [first["letter"] == "a", first["letter"] == "b"]


def test_one_class_is_enough(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=np.random.default_rng(0).random((30, 4)), y=np.zeros(30, int))
    data = reconstruction(sources.NpzFile(path="x.npz"), tmp_path)
    assert data.targets.names == ("x1", "x2", "x3", "x4")


@pytest.mark.parametrize("kind", [MLP, LeNet5, Autoencoder])
def test_templates_and_the_starter_draw_again(kind: type[Template]) -> None:
    data = reconstruction(sources.BuiltIn(name="digits"))
    for graph in (kind().graph(data), starter_graph(data)):
        assert not plan_problems(graph, data, NUMBERS)
        *_, last = train(Network(graph), data, NUMBERS)
        assert isinstance(last, Finished)
        assert last.outcome == "completed"
        assert 0 < last.test[NUMBERS.metrics[0].name] < 16, "in the unit of a pixel"
        (comparison,) = last.comparisons.values()
        assert comparison.true.shape[1] == 1


def test_learning_draws_better() -> None:
    data = reconstruction(sources.BuiltIn(name="digits"))
    net = Network(Autoencoder().graph(data))
    (output,) = net.graph.outputs
    before = net.loss(data.test.x, {output: data.test.y}, MeanSquaredError()).loss
    for _ in train(net, data, NUMBERS.changed(epochs=8)):
        pass
    after = net.loss(data.test.x, {output: data.test.y}, MeanSquaredError()).loss
    assert after < 0.6 * before


def test_a_network_for_classes_is_offered_an_end_that_fits() -> None:
    digits = prepare(DataSetup(source=sources.BuiltIn(name="digits")))
    again = reconstruction(sources.BuiltIn(name="digits"))
    graph, plan = follow_data(starter_graph(digits), Plan(), again, digits.targets)
    assert plan.loss == MeanSquaredError()
    (problem,) = plan_problems(graph, again, plan)
    assert "input to reconstruct is 8 × 8 × 1" in problem.what
    assert "64 units and a Reshape" in problem.todo
    assert problem.fixes[0].graph is not None
    mended = problem.fixes[0].graph
    assert not plan_problems(mended, again, plan)
    assert diagnose(mended).shapes[mended.outputs[0]] == (8, 8, 1)


def test_an_autoencoder_on_classes_is_offered_the_input_as_target() -> None:
    data = prepare(DataSetup(source=sources.BuiltIn(name="digits")))
    graph = Autoencoder().graph(data)
    first = plan_problems(graph, data, Plan())[0]
    fix = first.fixes[0]
    assert fix.data is not None
    assert fix.plan is not None
    assert not plan_problems(graph, prepare(fix.data), fix.plan)


def test_other_losses_are_refused_in_words() -> None:
    data = reconstruction(sources.BuiltIn(name="digits"))
    problems = plan_problems(Autoencoder().graph(data), data, Plan())
    assert problems[0].fixes[0].plan == suggest_plan(data, Plan())


def test_gradients_and_export_know_the_unit(tmp_path: Path) -> None:
    data = reconstruction(sources.BuiltIn(name="digits"))
    net = Network(Autoencoder(hidden=(12,), code=4).graph(data), seed=1)
    (output,) = net.graph.outputs
    judged = net.loss_and_gradients(
        data.train.x[:8], {output: data.train.y[:8]}, MeanSquaredError(), Run(training=True)
    )
    assert judged.outputs[output].shape == (8, 8, 8, 1)
    file = tmp_path / "again.onnx"
    export_onnx(net, file, preprocessing=data.preprocessing, targets=data.targets)
    session = onnxruntime.InferenceSession(file)
    raw = data.samples.array[:5]
    name = session.get_inputs()[0].name
    kind = {"tensor(uint8)": np.uint8}.get(session.get_inputs()[0].type, np.float32)
    (found,) = session.run(None, {name: raw.astype(kind)})
    wanted = data.targets.in_units(net.predict(data.preprocessing.apply(raw)))
    np.testing.assert_allclose(found, wanted, atol=1e-3)


def test_a_picture_as_target_from_arrays() -> None:
    x = np.random.default_rng(0).random((20, 5, 6, 2), np.float32)
    data = Dataset.from_arrays(x, x[..., :1])
    assert data.targets.output_shape == (5, 6, 1)
    assert not data.targets.are_inputs
    graph = starter_graph(data)
    assert any(isinstance(event, BatchDone) for event in train(Network(graph), data, NUMBERS))
