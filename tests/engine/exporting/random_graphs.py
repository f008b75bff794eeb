"""Random networks, and their export compared in ONNX Runtime and in onnx's own evaluator.

``python -m tests.engine.exporting.random_graphs 2000`` tries as many, and says what differs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from math import prod
from typing import Any

import numpy as np

import engine.layers as ns
from engine.activations import Activation
from engine.errors import EngineError
from engine.exporting.onnx_export import to_onnx
from engine.graph import Edge, Graph
from engine.layers import Layer
from engine.network import Network

MAX_SIZE = 3000
"""Of one sample behind any layer."""
LIMIT = 1e-4
"""As in engine/exporting/verification.py."""

SHAPES = [(6,), (3,), (1,), (9, 4), (5, 1), (1, 3), (8, 7, 3), (5, 6, 1), (1, 4, 2), (3, 4, 1)]
SIZES = [1, 2, 3, 4, 5, (1, 3), (2, 1), (3, 2), (1, 4)]
CHOICES: dict[str, list[Any]] = {
    "activation": [*Activation.kinds, "linear", "relu", "tanh"],
    "alpha": [0.1, 0.5, 1.0],
    "approximate": [True, False],
    "axes": [1, -1, (1, 2), (2, 1), (-1, 1)],
    "axis": [-1, 1, 2, 3, (1, 2), (-2, -1)],
    "center": [True, False],
    "cropping": [0, 1, (1, 0, 0, 2)],
    "depth_multiplier": [1, 2],
    "dilation_rate": [1, 1, 2, (2, 1)],
    "dims": [(2, 1), (3, 1, 2), (2, 3, 1), (2, 1, 3)],
    "epsilon": [1e-3, 1e-7, 0.1],
    "filters": [1, 2, 5, 8],
    "groups": [1, 1, 2, 3, -1],
    "interpolation": ["nearest", "bilinear"],
    "keepdims": [True, False],
    "kernel_size": SIZES,
    "max_value": [None, 1.0, 2.5],
    "n": [1, 2, 4],
    "negative_slope": [0.0, 0.2],
    "normalize": [True, False],
    "offset": [0.0, -1.0, 0.3],
    "output_dim": [1, 3],
    "output_padding": [None, None, 0, 1],
    "padding": ["valid", "same", "causal", 0, 1, (0, 2, 1, 0)],
    "pool_size": SIZES,
    "scale": [True, False, 0.5, 2.0],
    "shared_axes": [(), (1,), (1, 2), (2,)],
    "size": [1, 2, 3, (1, 3), (3, 2)],
    "strides": [1, 2, 3, 4, 5, (1, 2), (3, 1), (2, 5), None],
    "target_shape": [(-1,), (1, -1), (-1, 1), (2, -1), (1, 1, -1), (-1, 2, 1)],
    "threshold": [0.0, 0.5],
    "trainable": [True, False],
    "units": [1, 2, 5],
    "use_bias": [True, False],
}


@dataclass(frozen=True)
class Difference:
    """How far the exported model is from the engine, per output as a share of the largest."""

    graph: Graph
    by: str
    largest: float
    reason: str = ""

    @property
    def is_good(self) -> bool:
        return not self.reason and self.largest <= LIMIT


def random_layer(rng: np.random.Generator, kind: str) -> Layer | None:
    """Return a layer of a kind with random settings; None if these do not go together."""
    cls = Layer.kinds[kind]
    given = {}
    for name in cls.settings():
        if name in CHOICES and rng.random() < 0.7:
            given[name] = CHOICES[name][rng.integers(len(CHOICES[name]))]
    with suppress(EngineError, ValueError):
        return cls.parse({"type": kind, **given})
    return None


def random_graph(seed: int, layers: int = 8) -> Graph:
    """Return a graph that can be run, with branches, merges and shared layers."""
    rng = np.random.default_rng(seed)
    graph, shapes = Graph(), dict[str, tuple[int, ...]]()
    for _ in range(1 + (rng.random() < 0.3)):
        shape = SHAPES[rng.integers(len(SHAPES))]
        graph, id = graph.add(ns.Input(shape=shape))
        shapes[id] = shape
    skipped = {"Input", "Shared", "Group", "Embedding", "UnknownLayer"}
    kinds = sorted(set(Layer.palette()) - skipped)
    for _ in range(200):
        if len(graph.nodes) >= layers + 1:
            break
        layer = random_layer(rng, kinds[rng.integers(len(kinds))])
        if layer is None:
            continue
        fewest, most = layer.arity
        number = fewest + int(rng.integers(0, 2)) * (most is None)
        names = list(shapes)
        if number > 1:
            sources = [names[i] for i in rng.integers(0, len(names), number)]
        else:  # mostly deeper, sometimes a branch
            sources = [names[-1] if rng.random() < 0.7 else names[rng.integers(len(names))]]
        with suppress(EngineError):
            shape = layer.output_shape(tuple(shapes[each] for each in sources))
            if not 0 < prod(shape) <= MAX_SIZE:
                continue
            new, id = graph.add(layer)
            for port, source in enumerate(sources):
                new = new.connect(Edge(source, id, port))
            graph, shapes[id] = new, shape
    return graph


def randomized(graph: Graph, seed: int) -> Network:
    """Return the network with random weights: zeros and ones would hide what is forgotten."""
    network, rng = Network(graph, seed=seed), np.random.default_rng(seed)
    for name, weight in network.weights.items():
        if name.endswith(("gamma", "moving_variance")):
            weight[...] = rng.uniform(0.5, 1.5, weight.shape)
        else:
            weight[...] = rng.normal(0, 0.5, weight.shape)
    return network


def compare(graph: Graph, seed: int, *, with_reference: bool = True) -> Iterator[Difference]:
    """Export a graph and compare what each evaluator makes of it with the engine."""
    network, rng = randomized(graph, seed), np.random.default_rng(seed)
    if with_reference and any(map(_is_beyond_reference, network.graph.nodes.values())):
        with_reference = False
    xs = tuple(rng.normal(size=(3, *network.shapes[id])).astype(np.float32) for id in graph.inputs)
    expected = list(network.outputs_of(xs, graph.outputs).values())
    if not all(np.isfinite(each).all() for each in expected):
        return
    try:
        model = to_onnx(network)
    except EngineError as error:
        yield Difference(graph, "export", np.inf, str(error))
        return
    feeds = {each.name: x for each, x in zip(model.graph.input, xs, strict=True)}
    for by, run in (("ONNX Runtime", in_runtime), ("reference", in_reference)):
        if by == "reference" and not with_reference:
            continue
        try:
            found = run(model, feeds)
        except Exception as error:  # evaluators raise whatever they meet
            yield Difference(graph, by, np.inf, f"{type(error).__name__}: {str(error)[:300]}")
            continue
        yield Difference(graph, by, max(map(distance, found, expected)))


def _is_beyond_reference(node: Any) -> bool:
    """Whether onnx's own evaluator swaps the padding's axes, as it does without strides."""
    layer = node.layer
    if not isinstance(layer, ns.MaxPooling1D | ns.MaxPooling2D) or layer.padding != "same":
        return False
    return layer.strides in (1, (1, 1)) or (layer.strides is None and layer.pool_size == (1, 1))


def distance(found: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest difference, where numbers are above 1 as a share of the largest."""
    if found.shape != expected.shape:
        return float("inf")
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    return float(np.abs(found.astype(np.float64) - expected).max(initial=0)) / scale


def in_runtime(model: Any, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return list(ort.InferenceSession(model.SerializeToString(), options).run(None, feeds))


def in_reference(model: Any, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    from onnx.reference import ReferenceEvaluator

    return list(ReferenceEvaluator(model).run(None, feeds))


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    compared, bad, worst = count(), 0, 0.0
    tried = 0
    for seed in range(first, first + number):
        graph = random_graph(seed)
        for each in compare(graph, seed):
            tried = next(compared) + 1
            if each.is_good:
                worst = max(worst, each.largest)
                continue
            bad += 1
            layers = [f"{id}: {node.layer!r}" for id, node in graph.nodes.items()]
            print(f"seed {seed}, {each.by}: {each.largest:.2g} {each.reason}")  # noqa: T201
            print("   ", "\n    ".join(layers), flush=True)  # noqa: T201
    print(f"{number} graphs, {tried} comparisons, {bad} bad, the rest within {worst:.2g}")  # noqa: T201
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
