"""Layers that, put into a wire, turn what arrives into what is needed."""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt, prod
from typing import Any

from engine.arrays import Shape
from engine.errors import EngineError
from engine.graph import Edge, Graph, Node
from engine.layers import Layer
from engine.mending.fix import Candidates, Fix, insert_chain

Step = tuple[str, dict[str, Any]]
"""A kind of layer and settings, which need not be within their limits."""

_MOST_CUT = 16
"""Borders wider than that are no matter of padding."""


def insertions(graph: Graph, node: Node, inputs: tuple[Shape, ...]) -> Candidates:
    """Layers put before a node, on one of its wires, that let it take its inputs."""
    layer = graph.layer_of(node.id)
    assert isinstance(layer, Layer)
    for place, (edge, shape) in enumerate(zip(graph.into[node.id], inputs, strict=True)):
        others = (*inputs[:place], *inputs[place + 1 :])
        for steps in adapters(shape, others):
            chain = _fitting(steps, shape)
            if chain is None:
                continue
            layers, adapted = chain
            try:
                layer.output_shape((*inputs[:place], adapted, *inputs[place + 1 :]))
            except EngineError:
                continue
            yield Fix(_label(graph, edge, layers, len(inputs)), insert_chain(graph, edge, layers))


def _fitting(steps: tuple[Step, ...], shape: Shape) -> tuple[tuple[Layer, ...], Shape] | None:
    """The layers and what leaves the last; None if one of them cannot be."""
    layers: list[Layer] = []
    for kind, settings in steps:
        try:
            layer: Layer = Layer.parse({"type": kind, **settings})
            shape = layer.output_shape((shape,))
        except EngineError:
            return None
        layers.append(layer)
    return tuple(layers), shape


def _label(graph: Graph, edge: Edge, layers: tuple[Layer, ...], wires: int) -> str:
    kinds = " and ".join(_words(layer) for layer in layers)
    source, target = graph.nodes[edge.source].name, graph.nodes[edge.target].name
    where = f"before {target}" if wires == 1 else f"between {source} and {target}"
    return f"Insert {kinds} {where}"


def _words(layer: Layer) -> str:
    """Its kind; a convolution with its window, which says what it is there for."""
    size = getattr(layer, "kernel_size", None)
    if size is None:
        return layer.kind
    sides = size if isinstance(size, tuple) else (size,)
    return f"{'×'.join(map(str, sides))} {layer.kind}"


def adapters(shape: Shape, others: tuple[Shape, ...]) -> Iterator[tuple[Step, ...]]:
    """Chains of layers that may help, the likeliest first.

    Args:
        shape: what arrives in the wire.
        others: what arrives in the other wires of the same node.
    """
    for other in dict.fromkeys(others):
        if other != shape:
            yield from _alike(shape, other)
    if len(shape) > 1:
        yield (("Flatten", {}),)
    if len(shape) == 3:
        yield (("GlobalAveragePooling2D", {}),)
    if len(shape) == 2:
        yield (("GlobalAveragePooling1D", {}),)
    for target in _regrouped(shape):
        yield (("Reshape", {"target_shape": target}),)


def _regrouped(shape: Shape) -> Iterator[Shape]:
    """The same numbers with another number of axes."""
    match shape:
        case ():
            yield (1,)
        case (size,):
            for channels in (1, 3):
                side = isqrt(size // channels)
                if side > 1 and side * side * channels == size:
                    yield side, side, channels
            yield size, 1
        case (high, wide):
            yield high, wide, 1
        case (high, wide, channels):
            yield high, wide * channels
        case (*_, _, _, _, _):
            yield shape[0], shape[1], prod(shape[2:])


def _alike(shape: Shape, other: Shape) -> Iterator[tuple[Step, ...]]:
    """What makes one shape the other, for layers that merge."""
    if len(shape) == len(other):
        if shape[:-1] == other[:-1]:
            yield (_projection(other),)
        elif len(shape) == 3:
            yield from _resized(shape, other)
    elif shape and len(other) == 1:
        yield ("Flatten", {}), _projection(other)
        if len(shape) == 3:
            yield ("GlobalAveragePooling2D", {}), _projection(other)
    elif len(shape) == 1 and other and prod(shape) != prod(other):
        # Merging stretches axes of size 1.
        row = (*(1 for _ in other[:-1]), other[-1])
        stretch = ("Reshape", {"target_shape": row})
        yield (stretch,) if shape == other[-1:] else (_projection(other[-1:]), stretch)
    if prod(shape) == prod(other):
        yield (("Reshape", {"target_shape": other}),)


def _projection(other: Shape) -> Step:
    """A layer that works on channels alone and gives as many as the other input has."""
    match len(other):
        case 3:
            return "Conv2D", {"filters": other[-1], "kernel_size": 1}
        case 2:
            return "Conv1D", {"filters": other[-1], "kernel_size": 1}
    return "Dense", {"units": other[-1]}


def _resized(shape: Shape, other: Shape) -> Iterator[tuple[Step, ...]]:
    """Pictures of another size."""
    (high, wide, channels), (to_high, to_wide, to_channels) = shape, other
    more: tuple[Step, ...] = () if channels == to_channels else (_projection(other),)
    stride = _stride(high, to_high), _stride(wide, to_wide)
    if max(stride) > 1 and min(stride) > 0:
        if more:
            strided = {"filters": to_channels, "kernel_size": 1, "strides": stride}
            yield (("Conv2D", {**strided, "padding": "same"}),)
        pooling = {"pool_size": stride, "strides": stride, "padding": "same"}
        yield ("MaxPooling2D", pooling), *more
        yield (("MaxPooling2D", pooling),)
    if not (to_high % high or to_wide % wide):
        size = {"size": (to_high // high, to_wide // wide)}
        yield ("UpSampling2D", size), *more
        yield (("UpSampling2D", size),)
    cut = _borders(high - to_high), _borders(wide - to_wide)
    for kind, setting, sign in (("ZeroPadding2D", "padding", -1), ("Cropping2D", "cropping", 1)):
        sides = [sign * each for pair in cut for each in pair]
        if min(sides) >= 0 and 0 < max(sides) <= _MOST_CUT:
            yield (kind, {setting: tuple(sides)}), *more
            yield ((kind, {setting: tuple(sides)}),)


def _stride(size: int, to: int) -> int:
    """The step that makes one size of the other with padding "same"; 0 if there is none."""
    step = -(-size // to)
    return step if -(-size // step) == to else 0


def _borders(difference: int) -> tuple[int, int]:
    """Shared out to both sides, the second taking one more where it is odd."""
    near = abs(difference) // 2
    sign = 1 if difference > 0 else -1
    return sign * near, sign * (abs(difference) - near)
