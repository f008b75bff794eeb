"""What is wrong but can be computed is trained after consent, and says what comes of it."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine.cli.commands import main
from engine.data import Dataset, DataSetup, prepare
from engine.data.csv_file import CsvFile
from engine.diagnosis import blocking
from engine.errors import PlanError
from engine.graph import Graph
from engine.layers import Dense, Layer
from engine.losses import Loss
from engine.network import Network
from engine.project import Project, write_project
from engine.training import EpochDone, Finished, Plan, train
from engine.training.encoding import can_compare, encode_targets
from engine.training.fitting import plan_problems
from engine.training.train import refuse
from tests.engine.every_output import ENDINGS, every_loss, loss_name

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 4)).astype(np.float32)
DATA = {
    "two classes": Dataset.from_arrays(X, np.arange(12) % 2),
    "three classes": Dataset.from_arrays(X, np.arange(12) % 3),
    "one class": Dataset.from_arrays(X, np.zeros(12, int), classes=("only",)),
    "a number": Dataset.from_arrays(X, RNG.normal(size=(12, 1))),
    "three numbers": Dataset.from_arrays(X, RNG.normal(size=(12, 3))),
}


def net(units: int, activation: str = "linear") -> Graph:
    return Graph.sequential((4,), [Dense.parse({"units": units, "activation": activation})])


@pytest.mark.parametrize("loss", every_loss(), ids=loss_name)
@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_only_what_cannot_be_computed_is_refused(loss: Loss, data: Dataset) -> None:
    metric = "mae" if data.targets.task == "regression" else "accuracy"
    plan = Plan.parse({"loss": loss.to_json(), "metrics": [metric], "epochs": 1, "batch_size": 5})
    for ending, units in product(ENDINGS, (1, 2, 3, 5)):
        graph = net(units, ending)
        problems = plan_problems(graph, data, plan)
        if blocking(problems):
            assert not can_compare(data.targets, loss, (units,))
            assert not is_computed(graph, data, loss)
            with pytest.raises(PlanError):
                list(train(Network(graph), data, plan, anyway=True))
            continue
        if problems:
            with pytest.raises(PlanError, match="Or train it anyway: "):
                list(train(Network(graph), data, plan))
        for each in problems:
            assert each.anyway.endswith(".")
        *_, last = train(Network(graph), data, plan, anyway=True)
        assert isinstance(last, Finished)
        assert last.outcome in ("completed", "diverged")


def is_computed(graph: Graph, data: Dataset, loss: Loss) -> bool:
    """Whether the engine's own arithmetic gives a loss and gradients of the right shapes."""
    network, part = Network(graph), data.train
    (node,), classes = graph.outputs, len(data.targets.classes)
    try:
        y = encode_targets(part.y, loss.target, classes, network.shapes[node])
        with np.errstate(all="ignore"):
            value, grad = loss.value_and_grad(y, network.predict(part.x), loss.expects_logits)
    except (ValueError, IndexError):
        return False
    return grad.shape == (len(part), *network.shapes[node]) and np.ndim(value) == 0


def course(units: int, ending: str, **last: Any) -> Graph:
    """A network of the course that ends in a single unit."""
    layers = [
        {"type": "Dense", "units": units, "activation": "relu"},
        {"type": "Dense", "units": 1, "activation": ending, **last},
    ]
    return Graph.sequential((4,), [Layer.parse(each) for each in layers])


def course_plan(metric: str) -> Plan:
    loss = {"type": "CategoricalCrossentropy", "from_logits": True}
    return Plan.parse({"loss": loss, "metrics": [metric], "epochs": 5})


def epochs_of(graph: Graph, data: Dataset, plan: Plan) -> tuple[Network, list[EpochDone]]:
    network = Network(graph)
    events = list(train(network, data, plan, anyway=True))
    return network, [each for each in events if isinstance(each, EpochDone)]


def wine(shared_data: Path) -> Dataset:
    setup = {"source": {"type": "CsvFile", "path": str(shared_data / "wine_quality.csv")}}
    setup["source"] |= {"target": "quality"}
    return prepare(DataSetup.parse({**setup, "task": "classification"}))


def test_one_softmax_unit_for_seven_classes_has_loss_0_and_accuracy_1(shared_data: Path) -> None:
    data = wine(shared_data)
    assert len(data.targets.classes) == 7
    width = data.input_shape[0]
    layers = [Dense.parse({"units": n, "activation": "relu"}) for n in (12, 12)]
    graph = Graph.sequential(
        (width,), [*layers, Dense.parse({"units": 1, "activation": "softmax"})]
    )
    plan = course_plan("categorical_accuracy")
    problems = plan_problems(graph, data, plan)
    assert not blocking(problems)
    assert "the loss is 0 and the categorical accuracy 1 whatever" in problems[0].anyway
    network, epochs = epochs_of(graph, data, plan)
    for done in epochs:
        for scores in (done.train, done.validation):
            assert scores["loss"] == 0
            assert scores["categorical accuracy"] == 1
    np.testing.assert_array_equal(network.trained, Network(graph).trained)


def test_one_sigmoid_unit_for_three_classes_learns_its_penalty_only() -> None:
    """Its accuracy is the share of the first class: 0 is predicted throughout, or 1."""
    from sklearn.datasets import load_iris

    iris = load_iris()
    rows = np.random.default_rng(1).permutation(150)
    first, rest = rows[:112], rows[112:]
    held_out = iris.data[rest], iris.target[rest]
    data = Dataset.from_arrays(iris.data[first], iris.target[first], validation=held_out)
    penalty = {"type": "L1L2", "l1": 0.001, "l2": 0.001}
    graph = course(2, "sigmoid", kernel_regularizer=penalty)
    network, epochs = epochs_of(graph, data, course_plan("accuracy"))
    losses = [done.train["loss"] for done in epochs]
    assert losses == sorted(losses, reverse=True), "the penalty falls"
    assert 0 < losses[-1] < 0.01
    assert epochs[-1].validation["loss"] == pytest.approx(network.penalty())
    guess = int(network.predict(data.validation.x)[0, 0] > 0.5)
    share = float((data.validation.y == guess).mean())
    assert epochs[-1].validation["accuracy"] == pytest.approx(share)


@pytest.mark.filterwarnings("ignore:In loss categorical_crossentropy", "ignore::UserWarning")
@pytest.mark.parametrize(
    ("ending", "metric"), [("softmax", "categorical_accuracy"), ("sigmoid", "accuracy")]
)
def test_keras_learns_the_same_of_a_column_of_classes(
    keras: ModuleType, ending: str, metric: str
) -> None:
    """Keras broadcasts nothing here: a column of numbers beside a column of outputs."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(60, 4)).astype(np.float32), np.arange(60) % 7
    penalty = {"type": "L1L2", "l1": 0.001, "l2": 0.001}
    graph = course(3, ending, kernel_regularizer=penalty)
    plan = course_plan(metric).changed(shuffle=False, batch_size=20, epochs=3)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(3, "relu"),
            keras.layers.Dense(1, ending, kernel_regularizer=keras.regularizers.L1L2(0.001, 0.001)),
        ]
    )
    start = Network(graph)
    model.set_weights([each.copy() for each in start.weights.values()])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(epsilon=1e-7), loss=loss, metrics=[metric])
    told = model.fit(x, y[:, None], batch_size=20, epochs=3, shuffle=False, verbose=0)
    network, epochs = epochs_of(graph, Dataset.from_arrays(x, y), plan)
    ours = [list(done.train.values()) for done in epochs]
    theirs = list(zip(told.history["loss"], told.history[metric], strict=True))
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    for mine, their in zip(network.weights.values(), model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, their, rtol=1e-4, atol=1e-6)


def test_one_number_is_compared_with_every_output_as_in_keras(keras: ModuleType) -> None:
    rng = np.random.default_rng(3)
    y, p = rng.normal(size=(6, 1)).astype(np.float32), rng.normal(size=(6, 4)).astype(np.float32)
    loss = Loss.parse("mse")
    value, _ = loss.value_and_grad(encode_targets(y, "numbers", 0, (4,)), p, False)
    theirs = keras.losses.MeanSquaredError()(y, p)
    assert value == pytest.approx(float(theirs), rel=1e-5)


def test_what_cannot_be_computed_comes_first() -> None:
    graph = net(2, "softmax")
    problems = plan_problems(graph, DATA["three classes"], Plan.parse({"metrics": ["mae"]}))
    with pytest.raises(PlanError, match="MAE is for regression"):
        refuse(problems, anyway=True)


def test_the_command_asks_and_says_what_was_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "\n".join(f"{i % 5},{i % 7 / 2},{'abc'[i % 3]}" for i in range(60))
    Path("t.csv").write_text(f"u,v,kind\n{rows}\n")
    graph = Graph.sequential((2,), [Dense.parse({"units": 1, "activation": "softmax"})])
    plan = course_plan("categorical_accuracy").changed(epochs=1)
    data = DataSetup(source=CsvFile(path="t.csv", target="kind"))
    write_project(Project(graph=graph, data=data, plan=plan), Path("p.netsmith"))
    assert main(["train", "p.netsmith"]) == 2
    told = capsys.readouterr().err
    assert "dense outputs 1, but the 3 classes" in told
    assert "Or train it with --anyway" in told
    assert main(["train", "p.netsmith", "--anyway"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Trained anyway: dense outputs 1, but the 3 classes with this loss need 3." in told
    assert "0.0000" in told
    from engine.project.trained import model_path, read_trained

    (first, *_) = read_trained(model_path(Path("p.netsmith"))).history.notes
    assert first.startswith("dense outputs 1")
