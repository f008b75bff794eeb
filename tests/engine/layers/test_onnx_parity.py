"""Every layer in ONNX Runtime, with random weights, against the engine."""

from __future__ import annotations

import numpy as np
import pytest

import engine.layers as ns
from engine.activations import Activation
from engine.exporting.builder import OnnxBuilder
from engine.exporting.onnx_export import to_onnx
from engine.graph import Graph
from engine.network import Network

ort = pytest.importorskip("onnxruntime")


def run_onnx(builder: OnnxBuilder, feeds: dict[str, np.ndarray]) -> np.ndarray:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(builder.build().SerializeToString(), options)
    return session.run(None, feeds)[0]


def test_layers_compute_the_same(sample):
    w, xs = sample.weights(), sample.inputs()
    builder = OnnxBuilder()
    feeds = {f"x{index}": x for index, x in enumerate(xs)}
    names = [builder.input(name, shape) for name, shape in zip(feeds, sample.shapes, strict=True)]
    with builder.inside("node"):
        y = sample.layer.to_onnx(builder, w, *names)
    shape = sample.layer.output_shape(sample.shapes)
    builder.output(y, "y", shape)
    ours = sample.forward(w, xs, training=False)
    np.testing.assert_allclose(run_onnx(builder, feeds), ours, rtol=1e-5, atol=1e-5)


VERSIONS = [
    Activation.parse(value)
    for value in (
        *Activation.kinds,
        {"type": "gelu", "approximate": True},
        {"type": "elu", "alpha": 0.3},
        {"type": "relu", "max_value": 2},
        {"type": "relu", "threshold": 1},
        {"type": "relu", "max_value": 3, "negative_slope": 0.1, "threshold": 0.7},
        {"type": "softmax", "axis": 1},
        {"type": "log_softmax", "axis": 1},
    )
]


@pytest.mark.parametrize("activation", VERSIONS, ids=lambda each: str(each.to_json()))
def test_activations_compute_the_same(activation):
    rng = np.random.default_rng(7)
    x = (4 * rng.standard_normal((6, 5, 3))).astype(np.float32)
    builder = OnnxBuilder()
    name = builder.input("x", (5, 3))
    with builder.inside("node"):
        builder.output(activation.to_onnx(builder, name), "y", (5, 3))
    ours = activation.forward(x)
    np.testing.assert_allclose(run_onnx(builder, {"x": x}), ours, rtol=1e-5, atol=2e-6)


def test_a_network_of_layers_that_need_shapes_computes_the_same():
    layers = [
        ns.Conv1D(filters=6, padding="causal", activation="relu"),
        ns.GroupNormalization(groups=3),
        ns.BatchNormalization(axis=1),
        ns.Reshape(target_shape=(4, 2, 6)),
        ns.Conv2DTranspose(filters=4, strides=2, padding="same", activation="tanh"),
        ns.LayerNormalization(),
        ns.SpatialDropout2D(),
        ns.DepthwiseConv2D(strides=2),
        ns.Flatten(),
    ]
    network = Network(Graph.sequential((8, 2), layers), seed=1)
    x = np.random.default_rng(2).standard_normal((5, 8, 2)).astype(np.float32)
    session = ort.InferenceSession(to_onnx(network).SerializeToString())
    found = session.run(None, {session.get_inputs()[0].name: x})[0]
    np.testing.assert_allclose(found, network.predict(x), rtol=1e-5, atol=1e-5)
