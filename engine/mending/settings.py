"""Other values of a layer's own settings with which it can take what arrives."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd
from typing import Any

from engine.arrays import Shape, shape_text
from engine.errors import EngineError
from engine.graph import Graph, Node
from engine.layers import Layer
from engine.mending.fix import Candidates, Fix


def other_settings(graph: Graph, node: Node, inputs: tuple[Shape, ...]) -> Candidates:
    """The node's layer with one setting changed."""
    layer = node.layer
    if not isinstance(layer, Layer):
        return
    for name, value, words in _values(layer, inputs):
        try:
            changed = layer.changed(**{name: value})
            changed.output_shape(inputs)
        except EngineError:
            continue
        yield Fix(f"Set {words} of {node.name}", graph.change(node.id, layer=changed))


def _values(layer: Layer, inputs: tuple[Shape, ...]) -> Iterator[tuple[str, Any, str]]:
    """Name and value of a setting, and both in words; values need not be within their limits."""
    known = {name: getattr(layer, name) for name in layer.settings()}
    shape = inputs[0]
    if known.get("padding") in ("valid", "same"):
        other = "same" if known["padding"] == "valid" else "valid"
        yield "padding", other, f"padding {other}"
    for name, label in (("kernel_size", "the window"), ("pool_size", "the window")):
        if name in known and (value := _at_most(known[name], shape)) is not None:
            yield name, value, f"{label} {_size_text(value)}"
    for name, label in (("strides", "strides"), ("dilation_rate", "dilation")):
        if known.get(name) is not None:
            yield name, 1, f"{label} 1"
    if "groups" in known and shape:
        common = gcd(shape[-1], known.get("filters", shape[-1]), known["groups"])
        yield "groups", common, f"groups {common}"
    if "output_padding" in known:
        yield "output_padding", None, "no output padding"
    if "shared_axes" in known:
        yield "shared_axes", None, "no shared axes"
    if "cropping" in known and len(shape) == 3:
        sides = _narrower(known["cropping"], shape)
        yield "cropping", sides, f"border {shape_text(sides)}"
    if "dims" in known and len(shape) > 1:
        order = (2, 1, *range(3, len(shape) + 1))
        yield "dims", order, f"order {shape_text(order)}"
    yield from _axes(known, inputs)
    yield from _targets(known.get("target_shape"))


def _axes(known: dict[str, Any], inputs: tuple[Shape, ...]) -> Iterator[tuple[str, Any, str]]:
    ranks = range(1, min(map(len, inputs)) + 1)
    if isinstance(known.get("axis"), int):
        for axis in (-1, *ranks):
            yield "axis", axis, f"axis {axis}"
    elif isinstance(known.get("axis"), tuple):
        yield "axis", (-1,), "axis -1"
    if "axes" in known:
        for first in (-1, *ranks):
            for second in (-1, *range(1, len(inputs[-1]) + 1)):
                yield "axes", (first, second), f"axes {first} and {second}"


def _targets(target: Any) -> Iterator[tuple[str, Any, str]]:
    """One size left open."""
    for place in range(len(target) if target else 0):
        rest = [abs(each) or 1 for each in target]
        rest[place] = -1
        yield "target_shape", tuple(rest), f"target shape {shape_text(tuple(rest))}"


def _at_most(size: Any, shape: Shape) -> Any:
    """A window no larger than the input; None if it is that already or has other axes."""
    sides = size if isinstance(size, tuple) else (size,)
    if len(shape) != len(sides) + 1:
        return None
    less = tuple(min(pair) for pair in zip(sides, shape, strict=False))
    if less == sides:
        return None
    return less if isinstance(size, tuple) else less[0]


def _size_text(value: Any) -> str:
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _narrower(cropping: tuple[int, ...], shape: Shape) -> tuple[int, ...]:
    """The same border, as much of it as leaves one row and one column."""
    top, bottom, left, right = cropping
    rows, columns = shape[0] - 1, shape[1] - 1
    top, left = min(top, rows), min(left, columns)
    return top, min(bottom, rows - top), left, min(right, columns - left)
