"""What layers cost, against counts made by hand."""

from __future__ import annotations

import pytest

from engine.analysis.cost import Cost, costs, total_cost
from engine.arrays import Shape
from engine.graph import Graph
from engine.layers import Layer

HAND_COUNTS: list[tuple[str, dict[str, object], tuple[Shape, ...], int]] = [
    ("Dense", {"units": 5}, ((7,),), 7 * 5),
    ("Dense", {"units": 5}, ((3, 7),), 3 * 7 * 5),
    ("Conv2D", {"filters": 4, "kernel_size": 3}, ((8, 9, 2),), 6 * 7 * 3 * 3 * 2 * 4),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2}, ((8, 9, 2),), 6 * 7 * 3 * 3 * 4),
    ("Conv2D", {"filters": 4, "strides": 2, "padding": "same"}, ((8, 9, 2),), 4 * 5 * 9 * 2 * 4),
    ("Conv1D", {"filters": 4, "kernel_size": 3}, ((8, 2),), 6 * 3 * 2 * 4),
    ("Conv2DTranspose", {"filters": 4, "kernel_size": 3}, ((8, 9, 2),), 8 * 9 * 9 * 2 * 4),
    ("DepthwiseConv2D", {"kernel_size": 3}, ((8, 9, 2),), 6 * 7 * 9 * 2),
    (
        "SeparableConv2D",
        {"filters": 4, "kernel_size": 3},
        ((8, 9, 2),),
        6 * 7 * (9 * 2 + 2 * 4),
    ),
    ("Dot", {}, ((6,), (6,)), 6),
    ("Dot", {"axes": (2, 1)}, ((4, 6), (6, 5)), 4 * 5 * 6),
    ("Embedding", {"input_dim": 9, "output_dim": 4}, ((3,),), 0),
    ("BatchNormalization", {}, ((8, 9, 2),), 0),
    ("Flatten", {}, ((8, 9, 2),), 0),
]


@pytest.mark.parametrize(("kind", "settings", "inputs", "count"), HAND_COUNTS)
def test_multiply_adds(
    kind: str, settings: dict[str, object], inputs: tuple[Shape, ...], count: int
) -> None:
    layer: Layer = Layer.parse({"type": kind, **settings})
    assert layer.multiply_adds(inputs) == count


def test_every_layer_with_a_kernel_is_counted_by_hand() -> None:
    counted = {kind for kind, *_ in HAND_COUNTS}
    with_kernel = {
        kind
        for kind, cls in Layer.kinds.items()
        if any(
            name.endswith("kernel_initializer") or name == "depthwise_initializer"
            for name in cls.model_fields
        )
    }
    assert with_kernel <= counted


def test_the_whole_is_the_sum_and_broken_nodes_are_left_out() -> None:
    dense = Layer.parse({"type": "Dense", "units": 5})
    graph = Graph.sequential((7,), [dense, Layer.parse({"type": "Dropout"}), dense])
    graph, _ = graph.add(Layer.parse({"type": "Conv2D"}))
    found = costs(graph)
    assert "conv2d" not in found
    assert found["dense"] == Cost(35, 5, 40, 40)
    assert total_cost(graph) == Cost(35 + 25, 7 + 5 + 5 + 5, 40 + 30, 40 + 30)
    assert total_cost(graph).activation_bytes(10) == 4 * 22 * 10
    assert total_cost(graph).gradient_bytes() == 4 * 70
