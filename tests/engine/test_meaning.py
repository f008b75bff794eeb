"""What outputs mean: by ending, loss and targets, never by the numbers; and ONNX agrees."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from engine.data import Targets
from engine.data.preprocessing import Preprocessing
from engine.exporting.onnx_export import to_onnx
from engine.graph import Edge, Graph
from engine.layers import Average, Concatenate, Dense, Flatten, Input, Permute, Reshape
from engine.losses import (
    BinaryCrossentropy,
    Hinge,
    Loss,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from engine.training.answers import answer_of, answers, table_of, texts_of, titles_of
from engine.training.meaning import meaning_of, meanings_of
from tests.engine.every_output import Case, cases_of, every_loss, loss_name

LOSSES = pytest.mark.parametrize("loss", every_loss(), ids=loss_name)
TWO = Targets(classes=("no", "yes"), names=("answer",))
X = np.random.default_rng(2).normal(size=(60, 4)).astype(np.float32)


@LOSSES
def test_an_output_is_read_as_its_loss_says(loss: Loss) -> None:
    for case in cases_of(loss):
        check_reading(case)


def check_reading(case: Case) -> None:
    (answer,) = answers(case.network, X, case.targets, case.loss).values()
    expected = case.expected(X)
    np.testing.assert_allclose(answer.values, expected, rtol=2e-4, atol=1e-6)
    if case.task == "regression":
        assert answer.meaning.kind == "numbers"
        return
    assert answer.meaning.has_probabilities == case.is_probability
    single = (expected[:, 0] > case.threshold).astype(int)
    chosen = single if case.units == 1 else expected.argmax(axis=1)
    assert answer.classes == [case.classes[i] for i in chosen]
    if case.is_probability:
        top = expected.max(axis=1)
        sure = np.maximum(top, 1 - top) if case.units == 1 else top
        np.testing.assert_allclose(answer.confidence, sure, rtol=2e-4, atol=1e-6)
        assert all(text.endswith("%)") for text in answer.texts())
    else:
        assert answer.confidence is None
        assert list(answer.texts()) == answer.classes


@LOSSES
def test_the_exported_model_says_the_same(loss: Loss) -> None:
    for case in cases_of(loss):
        check_export(case)


def check_export(case: Case) -> None:
    network, targets = case.network, case.targets
    arrays = Preprocessing(kind="array", input_shape=(4,))
    model = to_onnx(network, arrays, targets, case.loss).SerializeToString()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    found = dict(zip(names, session.run(None, {"inputs": X}), strict=True))
    (answer,) = answers(network, X, targets, case.loss).values()
    if case.task == "regression":
        assert names == ["value"]
    else:
        values = "probabilities" if case.is_probability else "scores"
        assert names == [values, "label"]
        assert list(found["label"]) == answer.classes
    np.testing.assert_allclose(found[names[0]], answer.values, rtol=2e-4, atol=1e-5)


def one(activation: str, units: int = 1) -> Graph:
    return Graph.sequential((4,), [Dense.parse({"units": units, "activation": activation})])


def test_a_logit_between_0_and_1_is_no_probability() -> None:
    """It was taken for one: a wrong answer of 63.5 % was shown in green."""
    meaning = meaning_of(one("linear"), "dense", TWO, BinaryCrossentropy(from_logits=True))
    (text,) = answer_of(meaning, np.array([[0.365]], np.float32)).texts()
    assert text == "yes (59.0%)"


def test_sigmoids_are_not_shared_out_again() -> None:
    """A softmax of them made 15.7 % of 1.000."""
    targets = Targets(classes=("a", "b", "c"))
    meaning = meaning_of(one("sigmoid", 3), "dense", targets, BinaryCrossentropy())
    (text,) = answer_of(meaning, np.array([[0.2, 1.0, 0.9]], np.float32)).texts()
    assert meaning.kind == "independent"
    assert text == "b (100.0%)"


def test_a_margin_divides_at_0() -> None:
    meaning = meaning_of(one("linear"), "dense", TWO, Hinge())
    answer = answer_of(meaning, np.array([[-0.2], [0.3]], np.float32))
    assert answer.classes == ["no", "yes"]


@pytest.mark.parametrize("loss", [None, MeanSquaredError()], ids=["unknown", "mse"])
def test_without_a_loss_the_ending_decides(loss: Loss | None) -> None:
    assert meaning_of(one("sigmoid"), "dense", TWO, loss).kind == "probability"
    assert meaning_of(one("softmax", 2), "dense", TWO, loss).kind == "distribution"
    assert meaning_of(one("linear", 2), "dense", TWO, loss).kind == "scores"


def test_a_softmax_seen_through_other_layers() -> None:
    """Only where its rows stay whole do they still add up to 1."""
    targets, loss = Targets(classes=tuple("abcd")), MeanSquaredError()
    shares = Dense.parse({"units": 2, "activation": "softmax"})
    torn = Graph.sequential((2, 4), [shares, Flatten()])
    assert meaning_of(torn, torn.outputs[0], targets, loss).kind == "independent"
    whole = Graph.sequential((4,), [shares, Reshape(target_shape=(1, 2)), Flatten()])
    assert meaning_of(whole, whole.outputs[0], TWO, loss).kind == "distribution"
    turned = Graph.sequential((2, 4), [shares, Permute(dims=(2, 1)), Flatten()])
    assert meaning_of(turned, turned.outputs[0], targets, loss).kind == "independent"
    graph, start = Graph().add(Input(shape=(4,)))
    ends = []
    for _ in range(2):
        graph, end = graph.add(shares)
        graph = graph.connect(Edge(start, end))
        ends.append(end)
    for layer, kind in ((Average(), "distribution"), (Concatenate(), "scores")):
        merged, node = graph.add(layer)
        for port, end in enumerate(ends):
            merged = merged.connect(Edge(end, node, port))
        assert meaning_of(merged, node, targets, loss).kind == kind


def two_heads() -> Graph:
    graph, start = Graph().add(Input(shape=(4,)))
    for id, activation in (("fine", "softmax"), ("raw", "linear")):
        graph, head = graph.add(Dense.parse({"units": 2, "activation": activation}), id=id)
        graph = graph.connect(Edge(start, head))
    return graph


def test_every_output_answers_by_name() -> None:
    from engine.network import Network
    from engine.training.plan import Plan

    goal = {"type": "OutputLoss", "output": "raw", "loss": {"type": "scce", "from_logits": True}}
    plan, graph = Plan.parse({"outputs": [goal]}), two_heads()
    found = answers(Network(graph), X[:3], TWO, plan.objective)
    assert [each.meaning.kind for each in found.values()] == ["distribution"] * 2
    assert meanings_of(graph, TWO, plan.loss)["raw"].kind == "scores"
    titles = titles_of(graph)
    for text in texts_of(found, titles):
        assert text.startswith("fine: ")
        assert "; raw: " in text
    table = table_of(found, titles)
    assert list(table) == [
        f"{node}: {column}"
        for node in ("fine", "raw")
        for column in ("answer", "probability of no", "probability of yes")
    ]
    assert all(len(cells) == 3 for cells in table.values())


def test_numbers_and_reconstructions_as_columns() -> None:
    targets = Targets(task="regression", names=("a", "b"), offset=(1.0, 2.0), scale=(0.5, 0.1))
    meaning = meaning_of(one("linear", 2), "dense", targets, MeanSquaredError())
    answer = answer_of(meaning, np.array([[1.0, 1.0]], np.float32))
    assert answer.columns() == {"a": [3.0], "b": [12.0]}
    again = Targets(
        task="regression", are_inputs=True, shape=(4,), offset=(0.0,) * 4, scale=(2.0,) * 4
    )
    meaning = meaning_of(one("linear", 4), "dense", again, MeanSquaredError())
    answer = answer_of(meaning, X[:2] + 2, X[:2])
    np.testing.assert_allclose(answer.columns()["error"], [1, 1], rtol=1e-6)
    assert "an error of 1 " in next(answer.texts())


def test_more_outputs_than_classes_are_numbered() -> None:
    loss = SparseCategoricalCrossentropy()
    meaning = meaning_of(one("softmax", 4), "dense", TWO, loss)
    answer = answer_of(meaning, np.eye(4, dtype=np.float32))
    assert answer.classes == ["no", "yes", "output 3", "output 4"]
