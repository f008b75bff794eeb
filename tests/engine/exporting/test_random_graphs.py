"""Random networks, and all settings of pooling, in ONNX Runtime and onnx's own evaluator."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

import engine.layers as ns
from engine.errors import EngineError, ExportError
from engine.exporting import export_onnx
from engine.graph import Edge, Graph
from engine.layers import Layer
from engine.network import Network
from tests.engine.exporting.random_graphs import CHOICES, compare, random_graph

pytest.importorskip("onnxruntime")
PICTURES, SEQUENCES = [(8, 7, 2), (5, 6, 1), (1, 4, 2)], [(9, 4), (5, 1), (1, 3), (8, 2)]
SETTINGS = [
    (cls, size, stride, padding, shape)
    for cls in (ns.MaxPooling2D, ns.AveragePooling2D)
    for size, stride, padding, shape in product(
        [1, 2, 3, (2, 1), (1, 3), (3, 2)],
        [None, 1, 2, 3, (1, 4), (4, 2), (5, 1), 6],
        ["valid", "same"],
        PICTURES,
    )
] + [
    (cls, size, stride, padding, shape)
    for cls in (ns.MaxPooling1D, ns.AveragePooling1D)
    for size, stride, padding, shape in product(
        [1, 2, 3, 5], [None, 1, 2, 3, 4, 6, 7], ["valid", "same"], SEQUENCES
    )
]


@pytest.mark.parametrize("seed", range(100))
def test_random_networks_export_exactly(seed: int) -> None:
    graph = random_graph(seed)
    assert len(graph.nodes) > 4
    for each in compare(graph, seed):
        assert each.is_good, each


def test_every_setting_is_drawn_that_changes_what_is_computed() -> None:
    others = {
        *("learning_rate_factor", "momentum", "rate", "stddev", "keep", "dtype"),
        *("input_dim", "shape", "columns", "of", "body", "repeat", "bypassed"),
    }
    for kind in Layer.palette():
        for name in Layer.kinds[kind].settings():
            is_of_weights = name.endswith(("initializer", "regularizer", "constraint"))
            assert name in CHOICES or is_of_weights or name in others, f"{kind}.{name}"


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(
    "kind", ["MaxPooling2D", "AveragePooling2D", "MaxPooling1D", "AveragePooling1D"]
)
def test_pooling_of_any_setting_exports_exactly(kind: str, padding: str) -> None:
    tried = 0
    for cls, size, stride, how, shape in SETTINGS:
        if cls.__name__ != kind or how != padding:
            continue
        layer = cls(pool_size=size, strides=stride, padding=how)
        try:
            layer.output_shape((shape,))
        except EngineError:
            continue
        tried += 1
        for each in compare(Graph.sequential(shape, [layer]), tried):
            assert each.is_good, (layer, shape, each)
    assert tried > 70


@pytest.mark.parametrize("cls", [ns.Conv2D, ns.DepthwiseConv2D, ns.SeparableConv2D])
def test_windows_closer_than_strides_export_exactly(cls: type[Layer]) -> None:
    filters = {"filters": 2} if "filters" in cls.settings() else {}
    for size, stride, shape in product([1, 2, 3], [2, 3, 4, 5], PICTURES):
        layer = cls.parse(
            {"type": cls.kind, "kernel_size": size, "strides": stride, "padding": "same", **filters}
        )
        for each in compare(Graph.sequential(shape, [layer]), stride):
            assert each.is_good, (layer, shape, each)


@pytest.mark.parametrize("cls", [ns.Add, ns.Average, ns.Multiply, ns.Maximum, ns.Minimum])
def test_merging_of_what_is_stretched_exports_exactly(cls: type[Layer]) -> None:
    for shapes in product([(3, 4), (1, 4), (3, 1), (1, 1)], repeat=3):
        graph = Graph()
        for shape in shapes:
            graph, _ = graph.add(ns.Input(shape=shape))
        sources = list(graph.nodes)
        graph, id = graph.add(cls())
        for port, source in enumerate(sources):
            graph = graph.connect(Edge(source, id, port))
        for each in compare(graph, 1):
            assert each.is_good, (shapes, each)


def test_bilinear_pictures_between_permutations_export() -> None:
    """ONNX Runtime moves transpositions past a Resize, and then refuses its axes."""
    layers = [
        ns.Permute(dims=(3, 1, 2)),
        ns.UpSampling2D(interpolation="bilinear"),
        ns.Permute(dims=(3, 1, 2)),
        ns.Activation(activation="relu"),
        ns.UpSampling2D(interpolation="bilinear"),
    ]
    for each in compare(Graph.sequential((1, 4, 2), layers), 1):
        assert each.is_good, each


def test_a_refusal_says_when_rounding_is_the_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = Graph.sequential((4,), [ns.Dense(units=3), ns.Rescaling(scale=1e7), ns.Softmax()])
    network = Network(graph, seed=1)
    x = np.random.default_rng(3).normal(size=(64, 4)).astype(np.float32)
    # Two classes that are equal but for rounding, which then decides for one of them.
    kernel, bias = (network.weights[f"dense/{name}"] for name in ("kernel", "bias"))
    kernel[:, 1] = kernel[:, 0]
    bias[:2] = 3
    kernel[:, 2] = 0
    from engine.exporting import onnx_export
    from engine.exporting.verification import Verification

    monkeypatch.setattr(onnx_export, "verify", lambda *a, **b: Verification(0.5, 64))
    with pytest.raises(ExportError, match="please report this as a bug"):
        export_onnx(Network(Graph.sequential((4,), [ns.Dense(units=3)])), tmp_path / "a.onnx")
    kernel[:, 1] *= 1 + 1e-6
    with pytest.raises(ExportError, match="Rounding in single precision alone changes"):
        export_onnx(network, tmp_path / "a.onnx", verify_on=(x,))
    assert not (tmp_path / "a.onnx").exists()
