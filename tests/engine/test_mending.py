"""Fixes are tried before they are offered: each one mends, and harms nothing else."""

from __future__ import annotations

from itertools import product

import pytest

from engine.arrays import Shape
from engine.diagnosis import Problem, diagnose, mends_for_connection, refusal
from engine.errors import ShapeError
from engine.graph import Edge, Graph
from engine.layers import Layer
from engine.mending.mends import MOST_OFFERED

SHAPES: list[Shape] = [
    (),
    (1,),
    (6,),
    (784,),
    (4, 4),
    (7, 3),
    (1, 1, 5),
    (2, 2, 8),
    (28, 28, 1),
    (2, 3, 4, 5),
]


def assert_mends(graph: Graph, problem: Problem) -> None:
    """Every offered fix, carried out, removes the problem and adds none to what was right."""
    assert len({fix.label for fix in problem.fixes}) == len(problem.fixes)
    assert len(problem.fixes) <= MOST_OFFERED
    before = diagnose(graph)
    for fix in problem.fixes:
        assert fix.graph is not None
        after = diagnose(fix.graph)
        assert problem.node in after.shapes, fix.label
        assert not after.of(str(problem.node)), fix.label
        spoiled = {each.node for each in after.problems} - {each.node for each in before.problems}
        assert not spoiled & before.shapes.keys(), fix.label


@pytest.mark.parametrize("kind", sorted(Layer.palette()))
def test_every_fix_of_every_layer_mends(kind: str) -> None:
    layer: Layer = Layer.kind_named(kind)()
    least = layer.arity[0]
    for shapes in product(SHAPES, repeat=least) if least else ():
        graph = Graph()
        graph, node = graph.add(layer)
        for port, shape in enumerate(shapes):
            graph, source = graph.add(Layer.parse({"type": "Input", "shape": shape}))
            graph = graph.connect(Edge(source, node, port))
        for problem in diagnose(graph).of(node):
            assert problem.inputs == shapes
            assert_mends(graph, problem)


@pytest.mark.parametrize("kind", sorted(Layer.palette()))
def test_refused_shapes_say_what_is_needed(kind: str) -> None:
    layer: Layer = Layer.kind_named(kind)()
    refused = []
    for shapes in product(SHAPES, repeat=layer.arity[0]) if layer.arity[0] else ():
        try:
            layer.output_shape(shapes)
        except ShapeError as error:
            refused.append((shapes, error))
    for shapes, error in refused:
        assert error.needs, (kind, shapes, error.what)
        assert not error.needs.endswith(".")


def chain(shape: Shape, *layers: dict[str, object]) -> Graph:
    return Graph.sequential(shape, [Layer.parse(each) for each in layers])


def labels(graph: Graph) -> list[str]:
    (problem,) = diagnose(graph).problems
    assert_mends(graph, problem)
    return [fix.label for fix in problem.fixes]


def test_too_large_a_window() -> None:
    graph = chain(
        (8, 8, 1),
        {"type": "Conv2D", "filters": 2, "kernel_size": 3, "strides": 2},
        {"type": "MaxPooling2D", "pool_size": 4},
    )
    found = labels(graph)
    assert found[:2] == [
        "Set padding same of max_pooling2d",
        "Set the window 3×3 of max_pooling2d",
    ]
    assert "Set padding same of conv2d" in found
    assert "Set strides 1 of conv2d" in found


def test_pooled_away_pictures_can_do_without_a_pooling() -> None:
    graph = chain(
        (6, 6, 1),
        {"type": "MaxPooling2D", "pool_size": 4},
        {"type": "Conv2D", "filters": 2, "kernel_size": 3},
    )
    assert "Leave out max_pooling2d" in labels(graph)


def two_branches(other: Shape, kind: str, *layers: dict[str, object]) -> Graph:
    """A chain from 28 × 28 × 8, and another input, into one layer."""
    graph = chain((28, 28, 8), *layers)
    last = list(graph.nodes)[-1]
    graph, source = graph.add(Layer.parse({"type": "Input", "shape": other}))
    graph, merged = graph.add(Layer.parse(kind))
    return graph.connect(Edge(last, merged, 0)).connect(Edge(source, merged, 1))


CONV = {"type": "Conv2D", "filters": 8, "kernel_size": 3}


def test_channels_are_matched_by_a_convolution_of_one_pixel() -> None:
    graph = two_branches((26, 26, 16), "Add", CONV)
    found = labels(graph)
    assert found[0] == "Insert 1×1 Conv2D between conv2d and add"
    assert "Set 16 filters in conv2d" in found
    assert "Use Concatenate instead of add" in found


@pytest.mark.parametrize("kind", ["Add", "Concatenate", "Multiply", "Average"])
def test_sizes_are_kept_by_padding(kind: str) -> None:
    found = labels(two_branches((28, 28, 8), kind, CONV, CONV))
    assert found[0] == "Set padding same of conv2d to conv2d_1"
    assert any("ZeroPadding2D" in label for label in found)
    assert any("Cropping2D" in label for label in found)


def test_sizes_and_channels_are_mended_together() -> None:
    graph = chain((28, 28, 1), {**CONV, "padding": "same"}, {**CONV, "filters": 32})
    graph, merged = graph.add(Layer.parse("Add"))
    graph = graph.connect(Edge("conv2d", merged, 0)).connect(Edge("conv2d_1", merged, 1))
    assert labels(graph)[0] == (
        "Set padding same of conv2d_1 and insert 1×1 Conv2D between conv2d and add"
    )


def test_a_shortcut_past_a_stride_is_a_strided_convolution() -> None:
    strided = {**CONV, "filters": 16, "strides": 2, "padding": "same"}
    graph = chain((28, 28, 8), strided)
    graph, merged = graph.add(Layer.parse("Add"))
    graph = graph.connect(Edge("conv2d", merged, 0)).connect(Edge("input", merged, 1))
    found = labels(graph)
    assert "Insert 1×1 Conv2D between input and add" in found


def test_gates_of_channels_are_stretched() -> None:
    graph = two_branches((8,), "Multiply", CONV)
    assert "Insert Reshape between input_1 and multiply" in labels(graph)


def test_a_vector_and_pictures_are_brought_to_one_size() -> None:
    found = labels(two_branches((10,), "Add", CONV))
    assert "Insert GlobalAveragePooling2D and Dense between conv2d and add" in found


def test_layers_have_relatives_for_sequences() -> None:
    graph = chain((50, 4), {**CONV, "kernel_size": 5})
    (problem,) = diagnose(graph).problems
    assert_mends(graph, problem)
    fix = next(fix for fix in problem.fixes if fix.label == "Use Conv1D instead of conv2d")
    assert fix.graph is not None
    layer = fix.graph.nodes["conv2d"].layer
    assert (layer.kind, getattr(layer, "kernel_size", 0)) == ("Conv1D", 5)


@pytest.mark.parametrize(
    ("shape", "layer", "label"),
    [
        ((8, 8, 3), {**CONV, "groups": 4}, "Set groups 1 of conv2d"),
        ((8, 8, 8), {**CONV, "strides": 2, "dilation_rate": 2}, "Set strides 1 of conv2d"),
        (
            (6, 4),
            {"type": "Reshape", "target_shape": (7, 6)},
            "Set target shape -1 × 6 of reshape",
        ),
        ((6, 4), {"type": "Permute", "dims": (2, 1, 3)}, "Set order 2 × 1 of permute"),
        ((6, 4), {"type": "Softmax", "axis": 3}, "Set axis -1 of softmax"),
        (
            (6, 6, 12),
            {"type": "GroupNormalization", "groups": 8},
            "Set groups 4 of group_normalization",
        ),
        (
            (4, 4, 1),
            {"type": "Cropping2D", "cropping": (3, 3, 1, 1)},
            "Set border 3 × 0 × 1 × 1 of cropping2d",
        ),
    ],
)
def test_settings_that_do_not_fit(shape: Shape, layer: dict[str, object], label: str) -> None:
    assert label in labels(chain(shape, layer))


def test_a_change_that_would_spoil_another_layer_is_not_offered() -> None:
    """Padding the shared convolution would fit one sum and break the other."""
    graph = two_branches((28, 28, 8), "Add", CONV)
    graph, other = graph.add(Layer.parse({"type": "Input", "shape": (26, 26, 8)}))
    graph, good = graph.add(Layer.parse("Add"))
    graph = graph.connect(Edge("conv2d", good, 0)).connect(Edge(other, good, 1))
    found = labels(graph)
    assert found
    assert not any("padding same" in label for label in found)


def test_missing_wires_are_drawn_from_what_is_unused() -> None:
    graph, _ = chain((8, 8, 1), {"type": "Flatten"}).add(Layer.parse("Dense"))
    assert labels(graph) == ["Connect flatten to dense", "Connect input to dense"]
    graph = two_branches((28, 28, 8), "Add").disconnect([Edge("input_1", "add", 1)])
    assert labels(graph)[0] == "Connect input_1 to add"
    both = graph.disconnect(graph.edges)
    assert labels(both) == ["Connect input and input_1 to add"]


def test_a_refused_wire_has_shapes_and_mends() -> None:
    graph, conv = chain((784,)).add(Layer.parse(CONV))
    refused = refusal(graph, Edge("input", conv))
    assert refused is not None
    assert refused.inputs == ((784,),)
    assert refused.needs == "height × width × channels"
    fixes = mends_for_connection(graph, Edge("input", conv))
    assert [fix.label for fix in fixes] == ["Insert Reshape before conv2d"]
    assert fixes[0].graph is not None
    assert not diagnose(fixes[0].graph).problems
    assert refusal(graph, Edge(conv, "input")) is not None
    assert refusal(fixes[0].graph, Edge("reshape", conv)) is None
