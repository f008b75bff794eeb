"""What stands on a node, in words; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.activations import Activation
from engine.amounts import short_number
from engine.arrays import shape_text
from engine.diagnosis import Diagnosis
from engine.graph import Graph, Group, Node
from engine.layers import Layer
from engine.spec import Setting

_MOST_SETTINGS = 3
_SQUARES = {"kernel_size", "pool_size", "size"}


@dataclass(frozen=True)
class Face:
    """Everything that a node shows.

    Attributes:
        name: the user's title, or the layer's type.
        small: the id, where the name alone does not say which node it is.
        settings: the settings that matter, with units, and ``terse`` without.
        shape: the output shape, or why there is none.
        problem: what is wrong and what to do; empty if nothing is.
        ports: the input ports from top to bottom.
        fat: whether the inputs are one port that takes any number of wires.
        small_card: whether only the name is shown.
        bypassed: whether data passes it by.
        cost: work, memory and time in one line; empty if it is not to be shown.
    """

    kind: str
    category: str
    name: str
    small: str
    settings: str
    terse: str
    shape: str
    parameters: str
    problem: str
    ports: tuple[int, ...]
    fat: bool
    known: bool = True
    small_card: bool = False
    bypassed: bool = False
    cost: str = ""


def face_of(
    graph: Graph,
    node: Node,
    diagnosis: Diagnosis,
    problem: str,
    small_card: bool = False,
    cost: str = "",
) -> Face:
    """What a node of the graph shows."""
    layer = node.layer
    known = isinstance(layer, Layer)
    settings = settings_text(layer) if isinstance(layer, Layer) else "unknown layer"
    terse = settings_text(layer, units=False) if isinstance(layer, Layer) else settings
    shape = diagnosis.shapes.get(node.id)
    plain = node.id.replace("_", "").lower() == layer.kind.lower()
    return Face(
        kind=layer.kind,
        category=layer.category if isinstance(layer, Layer) else "",
        name=name_on(node),
        small="" if plain and not node.title else node.id,
        settings=settings,
        terse=terse,
        shape="no shape yet" if shape is None else shape_text(shape),
        parameters="bypassed" if node.bypassed else parameters_text(diagnosis.parameters(node.id)),
        problem=problem,
        ports=ports_of(graph, node),
        fat=takes_many(layer),
        known=known,
        small_card=small_card,
        bypassed=node.bypassed,
        cost=cost,
    )


def name_on(node: Node) -> str:
    """What a node is called on its face: the title or else the type; how often a group repeats."""
    name, layer = node.title or node.layer.kind, node.layer
    return f"{name} ×{layer.repeat}" if isinstance(layer, Group) and layer.repeat > 1 else name


def face_of_new(layer: Layer) -> Face:
    """What a layer shows while it is not in the graph yet."""
    most = layer.arity[1]
    return Face(
        kind=layer.kind,
        category=layer.category,
        name=layer.kind,
        small="",
        settings=settings_text(layer),
        terse=settings_text(layer, units=False),
        shape="",
        parameters="",
        problem="",
        ports=tuple(range(1 if most is None else most)),
        fat=takes_many(layer),
    )


def takes_many(layer: object) -> bool:
    """Whether a layer takes any number of wires; one of an unknown type may."""
    return not isinstance(layer, Layer) or layer.arity[1] is None


def ports_of(graph: Graph, node: Node) -> tuple[int, ...]:
    """The input ports as drawn; a fat port is drawn with one free place below its wires."""
    if takes_many(node.layer):
        return (*(edge.port for edge in graph.into[node.id]), graph.free_port(node.id))
    assert isinstance(node.layer, Layer)
    return tuple(range(node.layer.arity[1] or 0))


def parameters_text(count: int) -> str:
    """A parameter count that stays short: ``320 params``, ``1.24 M params``."""
    return f"{short_number(count)} params" if count else ""


def settings_text(layer: Layer, units: bool = True) -> str:
    """The settings that matter, the first always and others where they were changed.

    ``32 filters · 3×3 · relu``; without units ``32 · 3×3 · relu``.
    """
    if layer.brief:
        return layer.brief
    if layer.kind == "Input":
        return ""  # its shape stands below as its output
    words: list[str] = []
    for setting in sorted(layer.settings().values(), key=_weight):
        value = getattr(layer, setting.name)
        matters = not words or value != setting.default or setting.name in _SQUARES
        text = _value_text(setting, value, units) if matters and not setting.advanced else ""
        if text:
            words.append(text)
    return " · ".join(words[:_MOST_SETTINGS])


def _weight(setting: Setting) -> bool:
    """Sorts what a layer computes with before how it walks over its input."""
    return setting.name in ("padding", "strides", "dilation_rate", "groups", "data_format")


def _value_text(setting: Setting, value: Any, units: bool) -> str:
    match value:
        case Activation():
            return "" if value.kind == "linear" and setting.name == "activation" else value.kind
        case bool():
            return setting.label.lower() if value else f"no {setting.label.lower()}"
        case int() if setting.name in _SQUARES:
            return f"{value}×{value}"
        case int():
            if not units:
                return f"{value:,}"
            if setting.unit:
                unit = setting.unit.removesuffix("s") if value == 1 else setting.unit
                return f"{value:,} {unit}"
            return f"{setting.label.lower()} {value:,}"
        case float():
            return f"{setting.label.lower()} {value:g}"
        case tuple() if value and all(isinstance(each, int) for each in value):
            text = "×".join(str(each) for each in value)
            return text if setting.name in _SQUARES or not units else f"{text}"
        case str():
            return value
    kind = getattr(value, "kind", "")
    return kind if isinstance(kind, str) else ""
