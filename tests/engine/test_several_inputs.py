"""Networks whose Inputs share the columns of a table between them."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine.analysis.gradient_check import check_gradients
from engine.cli.commands import main
from engine.data import Dataset, DataSetup, prepare, sources
from engine.errors import ShapeError
from engine.exporting import export_onnx
from engine.graph import Edge, Graph
from engine.layers import Concatenate, Dense, Embedding, Flatten, Input, Layer
from engine.network import Network
from engine.project import Project, read_project, write_project
from engine.project.trained import TrainedModel
from engine.training import BatchDone, Plan, train
from engine.training.feeding import places_taken
from engine.training.fitting import plan_problems
from engine.training.following import follow_data
from engine.training.range_test import find_rate

Array = np.ndarray[Any, Any]
PLAN = Plan.parse({"epochs": 2, "loss": "mse", "metrics": ["mae"], "optimizer": "SGD"})


@pytest.fixture
def setup() -> DataSetup:
    return DataSetup(source=sources.CsvFile(path="t.csv", target="price"))


@pytest.fixture
def data(tmp_path: Path, setup: DataSetup) -> Dataset:
    rng = np.random.default_rng(0)
    rows = [
        f"{size:.3f},{age:.3f},{['red', 'green', 'blue'][i % 3]},{3 * size - age + i % 3:.3f}"
        for i, (size, age) in enumerate(rng.normal(size=(80, 2)))
    ]
    (tmp_path / "t.csv").write_text("\n".join(["size,age,color,price", *rows]))
    return prepare(setup, tmp_path)


def two_inputs(
    first: tuple[str, ...] = ("color", "age"), second: tuple[str, ...] = ("size",)
) -> Graph:
    """Two Inputs, a layer behind each, joined."""
    graph, join = Graph().add(Concatenate())
    for port, (columns, width) in enumerate(((first, 4), (second, 1))):
        graph, start = graph.add(Input(shape=(width,), columns=columns))
        graph, side = graph.add(Dense(units=3, activation="tanh"))
        graph = graph.connect(Edge(start, side)).connect(Edge(side, join, port))
    graph, out = graph.add(Dense(units=1))
    return graph.connect(Edge(join, out))


def test_each_input_takes_its_columns(data: Dataset) -> None:
    graph = two_inputs()
    assert data.preprocessing.output_names[2:] == ("color = blue", "color = green", "color = red")
    assert places_taken(graph, data.preprocessing) == {"input": (2, 3, 4, 1), "input_1": (0,)}
    assert not plan_problems(graph, data, PLAN)
    net = Network(graph, seed=1)
    for _ in train(net, data, PLAN):
        pass
    x = data.test.x
    np.testing.assert_array_equal(net.predict(x), net.predict((x[:, [2, 3, 4, 1]], x[:, [0]])))
    # Each side knows nothing of the other's columns.
    other = x.copy()
    other[:, 1:] += 1
    sides = [net.outputs_of(each, ("dense", "dense_1")) for each in (x, other)]
    np.testing.assert_array_equal(sides[0]["dense_1"], sides[1]["dense_1"])
    assert (sides[0]["dense"] != sides[1]["dense"]).any()


def test_training_is_that_of_keras_with_two_inputs(data: Dataset, keras: ModuleType) -> None:
    graph = two_inputs()
    net = Network(graph, seed=1)
    ends = [keras.Input((4,)), keras.Input((1,))]
    sides = [keras.layers.Dense(3, "tanh"), keras.layers.Dense(3, "tanh")]
    out = keras.layers.Dense(1)
    joined = keras.layers.Concatenate()([side(end) for side, end in zip(sides, ends, strict=True)])
    model = keras.Model(ends, out(joined))
    model.compile(keras.optimizers.SGD(0.01), "mse")
    for node, layer in (("dense", sides[0]), ("dense_1", sides[1]), ("dense_2", out)):
        layer.set_weights([net.weights[f"{node}/{name}"].copy() for name in ("kernel", "bias")])
    x, y = data.train.x, data.train.y
    how = PLAN.changed(shuffle=False)
    losses = [each.loss for each in train(net, data, how) if isinstance(each, BatchDone)]
    for _ in range(how.epochs):
        for start in range(0, len(x), 32):
            part = x[start : start + 32]
            model.train_on_batch([part[:, [2, 3, 4, 1]], part[:, [0]]], y[start : start + 32])
    assert len(losses) == 2 * -(-len(x) // 32)
    for node, layer in (("dense", sides[0]), ("dense_1", sides[1]), ("dense_2", out)):
        np.testing.assert_allclose(
            net.weights[f"{node}/kernel"], np.asarray(layer.kernel.value), rtol=1e-4, atol=1e-6
        )


def test_it_is_exported_saved_checked_and_tried(data: Dataset, tmp_path: Path) -> None:
    net = Network(two_inputs(), seed=1)
    for _ in train(net, data, PLAN):
        pass
    model = TrainedModel.of(net, data, PLAN)
    again = model.network()
    np.testing.assert_array_equal(again.predict(data.test.x), net.predict(data.test.x))
    report = export_onnx(
        again,
        tmp_path / "m.onnx",
        preprocessing=data.preprocessing,
        targets=data.targets,
        verify_on=data.samples.take(data.indices["test"]),
    )
    assert report.verification.is_good
    checks = list(check_gradients(net, data.train, data.targets, PLAN))
    assert {each.verdict for each in checks} == {"right"}
    assert list(find_rate(Network(two_inputs()), data, PLAN, steps=5))


def test_it_works_on_the_command_line(
    data: Dataset, setup: DataSetup, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "p.netsmith"
    write_project(Project(graph=two_inputs(), data=setup, plan=PLAN), file)
    assert read_project(file).graph == two_inputs()
    assert main(["train", str(file), "--export", str(tmp_path / "m.onnx")]) == 0
    assert main(["check", str(file)]) == 0
    capsys.readouterr()
    (tmp_path / "new.csv").write_text("age,color,size\n0.5,red,1.5\n")
    assert main(["predict", str(file), str(tmp_path / "new.csv")]) == 0
    assert "price" in capsys.readouterr().out


def test_columns_that_are_not_there_are_told(data: Dataset) -> None:
    graph = two_inputs(second=("weight",))
    (problem,) = plan_problems(graph, data, PLAN)
    assert "takes the column 'weight', which the data does not have" in problem.what
    assert problem.todo == "Its columns are size, age, color."
    mended = problem.fixes[0].graph
    assert mended is not None
    assert not plan_problems(mended, data, PLAN)


def test_pictures_have_no_columns() -> None:
    data = Dataset.from_arrays(np.zeros((6, 4, 4, 1)), np.arange(6) % 2)
    graph, start = Graph().add(Input(shape=(4, 4, 1), columns=("size",)))
    for layer in (Flatten(), Dense(units=2, activation="softmax")):
        graph, new = graph.add(layer)
        graph, start = graph.connect(Edge(start, new)), new
    (problem,) = plan_problems(graph, data, Plan())
    assert problem.todo == "It has no columns."


def test_a_shape_that_is_not_that_of_the_columns_is_mended(data: Dataset) -> None:
    graph = two_inputs(first=("age",))
    (problem,) = plan_problems(graph, data, PLAN)
    assert "takes 4, but what it takes of a sample is 1" in problem.what
    mended = problem.fixes[0].graph
    assert mended is not None
    assert not plan_problems(mended, data, PLAN)


def test_other_data_keeps_the_columns_that_it_has(data: Dataset) -> None:
    rng = np.random.default_rng(0)
    iris = prepare(DataSetup(source=sources.BuiltIn(name="iris")))
    followed, _ = follow_data(two_inputs(), PLAN, iris, data.targets)
    layers = [followed.nodes[node].layer for node in followed.inputs]
    assert layers == [Input(shape=(4,)), Input(shape=(4,))]
    fewer = Dataset.from_arrays(rng.normal(size=(9, 2)), rng.normal(size=9))
    followed, _ = follow_data(two_inputs(first=("age",)), PLAN, data, fewer.targets)
    assert followed.nodes["input"].layer == Input(shape=(1,), columns=("age",))


def test_samples_without_the_columns_are_refused(data: Dataset) -> None:
    net = Network(two_inputs(), places=places_taken(two_inputs(), data.preprocessing))
    assert net.takes((5,))
    assert not net.takes((4,))
    with pytest.raises(ShapeError, match="takes place 5 of the last axis, but samples are 3"):
        net.predict(np.zeros((2, 3)))
    # Nobody has said which columns: no silent guess.
    with pytest.raises(ShapeError, match="takes samples of 4, but these are 5"):
        Network(two_inputs()).predict(np.zeros((2, 5)))


def test_only_the_column_of_an_embedding_must_hold_words(tmp_path: Path) -> None:
    rows = [f"{i % 7},{i / 3:.2f},{i % 5 + i / 9:.2f}" for i in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["word,size,price", *rows]))
    source = sources.CsvFile(path="t.csv", target="price")
    data = prepare(DataSetup(source=source, steps=()), tmp_path)
    graph, join = Graph().add(Concatenate())
    sides: list[list[Layer]] = [[Embedding(input_dim=7, output_dim=2), Flatten()], []]
    for port, (column, side) in enumerate(zip(("word", "size"), sides, strict=True)):
        graph, last = graph.add(Input(shape=(1,), columns=(column,)))
        for layer in side:
            graph, new = graph.add(layer)
            graph, last = graph.connect(Edge(last, new)), new
        graph = graph.connect(Edge(last, join, port))
    graph, out = graph.add(Dense(units=1))
    graph = graph.connect(Edge(join, out))
    assert not plan_problems(graph, data, PLAN)
    *_, last_event = train(Network(graph), data, PLAN.changed(optimizer=PLAN.optimizer))
    assert last_event.outcome == "completed"
    small = graph.change("embedding", layer=Embedding(input_dim=5, output_dim=2))
    assert "the data has the number 6" in plan_problems(small, data, PLAN)[0].what
