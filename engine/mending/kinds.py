"""Layers of another kind that take what arrives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from engine.arrays import Shape
from engine.errors import EngineError, SettingError
from engine.graph import Graph, Node
from engine.layers import Layer
from engine.mending.fix import Candidates, Fix


def other_kinds(graph: Graph, node: Node, inputs: tuple[Shape, ...]) -> Candidates:
    """The node's layer in its form for inputs with other axes."""
    layer = node.layer
    if not isinstance(layer, Layer):
        return
    for kind in _relatives(layer):
        other = with_settings_of(layer, kind)
        try:
            other.output_shape(inputs)
        except EngineError:
            continue
        yield Fix(f"Use {kind} instead of {node.name}", graph.change(node.id, layer=other))


def with_settings_of(layer: Layer, kind: str) -> Layer:
    """A layer of another kind with the settings of the same name."""
    other: Layer = Layer.kind_named(kind)()
    for name in sorted(other.settings().keys() & layer.settings().keys()):
        value = getattr(layer, name)
        # A window has as many sides as pictures or sequences have axes.
        for attempt in (value, value[0] if isinstance(value, tuple) and value else value):
            with suppress(SettingError):  # the same name may mean something else there
                other = other.changed(**{name: attempt})
                break
    return other


def _relatives(layer: Layer) -> Iterator[str]:
    kind = layer.kind
    for one, other in (("2D", "1D"), ("1D", "2D")):
        if kind.endswith(one) and kind.removesuffix(one) + other in Layer.kinds:
            yield kind.removesuffix(one) + other
    if kind.startswith("SpatialDropout"):
        yield "Dropout"
    if layer.category == "Merging" and layer.arity[1] is None and kind != "Concatenate":
        yield "Concatenate"
