"""The ONNX builder on its own."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from engine.exporting.builder import ML, ML_OPSET, OPSET, OnnxBuilder


def session(g: OnnxBuilder) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(g.build().SerializeToString())


def test_a_dense_layer_runs_for_any_batch_size() -> None:
    g = OnnxBuilder("tiny")
    kernel = np.arange(6, dtype=np.float32).reshape(3, 2)
    x = g.input("x", (3,))
    with g.inside("dense"):
        y = g.op("MatMul", x, g.weight("kernel", kernel))
    g.output(y, "y", (2,))
    for rows in (1, 5):
        data = np.ones((rows, 3), np.float32)
        (result,) = session(g).run(["y"], {"x": data})
        np.testing.assert_array_equal(result, data @ kernel)


def test_names_are_the_nodes_names_and_never_clash() -> None:
    g = OnnxBuilder()
    x = g.input("x", (2,))
    names = []
    for _ in range(2):
        with g.inside("dense_1"):
            names.append(g.weight("kernel", np.ones((2, 2), np.float32)))
            x = g.op("MatMul", x, names[-1])
    g.output(x, "y", (2,))
    assert names[0] == "dense_1/kernel"
    assert len({each.name for each in g.build().graph.initializer}) == 2


def test_equal_constants_are_stored_once() -> None:
    g = OnnxBuilder()
    assert g.constant(np.array([0, -1])) == g.constant(np.array([0, -1]))
    assert g.constant(np.float32(2)) != g.constant(np.float32(3))
    assert g.constant(np.array([1], np.int64)) != g.constant(np.array(1, np.int64))


def test_double_precision_does_not_get_in() -> None:
    g = OnnxBuilder()
    x = g.input("x", (2,))
    g.output(g.op("Mul", x, g.constant(np.array(0.5))), "y", (2,))
    (result,) = session(g).run(None, {"x": np.array([[2, 4]], np.float32)})
    np.testing.assert_array_equal(result, [[1, 2]])


def test_the_opsets_are_those_that_are_stated() -> None:
    g = OnnxBuilder()
    x = g.input("x", (), "int64")
    label = g.op("LabelEncoder", x, domain=ML, keys_int64s=[0, 1], values_strings=["no", "yes"])
    g.output(label, "label", (), "string")
    model = g.build({"classes": "[]"})
    assert {each.domain: each.version for each in model.opset_import} == {"": OPSET, ML: ML_OPSET}
    assert model.producer_name == "netsmith"
    (result,) = onnxruntime.InferenceSession(model.SerializeToString()).run(
        None, {"x": np.array([1, 0])}
    )
    assert list(result) == ["yes", "no"]


def test_a_graph_that_does_not_fit_together_is_refused() -> None:
    g = OnnxBuilder()
    x = g.input("x", (3,))
    g.output(g.op("MatMul", x, g.constant(np.ones((2, 2), np.float32))), "y", (2,))
    with pytest.raises(Exception, match="MatMul"):
        g.build()
