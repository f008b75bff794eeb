"""What follows from a graph's settings alone: the shape of every node, or why it has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from engine.arrays import Shape, shape_text
from engine.errors import ShapeError
from engine.graph import Graph, Group, Node, UnknownLayer
from engine.layers import Input, Layer, Shared, WeightSpec


@dataclass(frozen=True)
class Complaint:
    """What is wrong with one node.

    Attributes:
        node: its id, with the groups that it lies in: ``group/node``.
        inputs: the shapes that arrive, where the layer refuses just these.
        needs: what it could take; empty where that is not a matter of shapes.
    """

    node: str
    what: str
    todo: str
    inputs: tuple[Shape, ...] = ()
    needs: str = ""

    def is_at(self, node: str) -> bool:
        """Whether it is about a node, or something inside of it."""
        return self.node == node or self.node.startswith(f"{node}/")


@dataclass(frozen=True)
class Inference:
    """Shapes and weights of the nodes that have some, and what is wrong with others."""

    shapes: Mapping[str, Shape] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, WeightSpec]] = field(default_factory=dict)
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True)
class ByIdentity:
    """Graphs are values but costly to hash; the same object is the same graph."""

    graph: Graph

    def __hash__(self) -> int:
        return id(self.graph)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and self.graph is other.graph


def infer(graph: Graph) -> Inference:
    """Send shapes through a graph; it is quiet about what follows a node that complains."""
    return _infer_once(ByIdentity(graph))


def infer_like(graph: Graph, like: Graph) -> Inference:
    """:func:`infer`, where what is the same as in another graph is taken from there."""
    return _infer(graph, _Known(graph, like, infer(like)))


@lru_cache(maxsize=32)
def _infer_once(key: ByIdentity) -> Inference:
    return _infer(key.graph, None)


def _infer(graph: Graph, known: _Known | None) -> Inference:
    shapes: dict[str, Shape] = {}
    weights: dict[str, Mapping[str, WeightSpec]] = {}
    complaints: list[Complaint] = []
    for id in graph.order:
        if known is not None and known.holds(id):
            found = known.about(id)
        else:
            found = _look_at(graph, id, shapes)
        if isinstance(found, list):
            complaints += found
        elif found is not None:
            shapes[id], weights[id] = found
        if known is not None:
            known.note(id, shapes.get(id))
    complaints += _about_sharing(graph, weights)
    complaints += _about_bypassing(graph)
    return Inference(shapes, weights, tuple(complaints))


_Found = tuple[Shape, Mapping[str, WeightSpec]] | list[Complaint] | None
"""Shape and weights; or what is wrong; or None for what follows a complaint."""


def _look_at(graph: Graph, id: str, shapes: Mapping[str, Shape]) -> _Found:
    node, edges = graph.nodes[id], graph.into[id]
    complaint = _about_wiring(graph, node)
    if complaint:
        return [complaint]
    layer = graph.layer_of(id)
    assert isinstance(layer, Layer)
    if any(edge.source not in shapes for edge in edges):
        return None
    inputs = tuple(shapes[edge.source] for edge in edges)
    if node.bypassed and inputs:
        return inputs[0], {}
    within = complaints_within(node, inputs)
    if within:
        return list(within)
    try:
        return layer.output_shape(inputs), layer.weight_specs(inputs)
    except ShapeError as error:
        return [Complaint(id, error.what, error.fix, inputs, error.needs)]


def complaints_within(node: Node, inputs: tuple[Shape, ...]) -> tuple[Complaint, ...]:
    """What is wrong inside of a group with what arrives there; nothing for other layers."""
    group = node.layer
    if not isinstance(group, Group):
        return ()
    if inputs not in group.notes:
        body = group.taking(inputs)
        group.notes[inputs] = (*about_inside(body), *infer(body).complaints)
    return tuple(
        replace(each, node=f"{node.id}/{each.node}".rstrip("/")) for each in group.notes[inputs]
    )


def about_inside(graph: Graph) -> Iterator[Complaint]:
    """What lies in a group has layers and one output; without a node it is about all of it."""
    outputs = graph.outputs
    if not outputs:
        yield Complaint("", "There are no layers in the group.", "Add some, or delete the group.")
    elif not graph.inputs:
        yield Complaint(
            "", "The group has no Input.", "Add one inside; the group's wire is connected to it."
        )
    elif len(outputs) > 1:
        for id in outputs:
            others = " and ".join(graph.nodes[each].name for each in outputs if each != id)
            name = graph.nodes[id].name
            what = f"{name} is not connected further, like {others}; a group has one output."
            yield Complaint(id, what, "Connect it to another layer, or delete it.")


class _Known:
    """What is known of a graph that is nearly the same."""

    def __init__(self, graph: Graph, before: Graph, found: Inference) -> None:
        self._graph, self._before, self._found = graph, before, found
        self._complaints: dict[str, list[Complaint]] = {}
        for each in found.complaints:
            self._complaints.setdefault(each.node.partition("/")[0], []).append(each)
        self._changed: set[str] = set()

    def holds(self, id: str) -> bool:
        """Whether a node is as it was, and so is all that flows into it."""
        graph, before = self._graph, self._before
        if id not in before.nodes or graph.layer_of(id) is not before.layer_of(id):
            return False
        if graph.nodes[id].bypassed is not before.nodes[id].bypassed:
            return False
        edges = graph.into[id]
        return edges == before.into[id] and not any(e.source in self._changed for e in edges)

    def about(self, id: str) -> _Found:
        """What was found about a node."""
        if id in self._found.shapes:
            return self._found.shapes[id], self._found.weights[id]
        return self._complaints.get(id)

    def note(self, id: str, shape: Shape | None) -> None:
        """Remember whether what leaves a node is new."""
        if shape is None or shape != self._found.shapes.get(id):
            self._changed.add(id)


def _about_wiring(graph: Graph, node: Node) -> Complaint | None:
    layer = graph.layer_of(node.id)
    if isinstance(layer, UnknownLayer):
        what = f"{node.name} is a {layer.kind}, which this version does not know."
        return Complaint(node.id, what, "Replace it, or open the project in a newer version.")
    (least, most), have = layer.arity, len(graph.into[node.id])
    if most is not None and have > most:
        what = f"{node.name} has {have} wires, but takes {most or 'no'} input{'s'[: most != 1]}."
        return Complaint(node.id, what, "Cut the ones that are not needed.")
    if have >= least:
        return None
    if least == 1:
        what = f"{node.name} has no input."
        todo = "Drag a wire from another layer to its left side."
    else:
        what = f"{node.name} has {have} of at least {least} inputs."
        todo = "Drag more wires to its left side."
    return Complaint(node.id, what, todo)


def _about_sharing(
    graph: Graph, weights: Mapping[str, Mapping[str, WeightSpec]]
) -> Iterator[Complaint]:
    """Layers that are used again for inputs that need other weights."""
    for id, node in graph.nodes.items():
        layer = node.layer
        if not isinstance(layer, Shared) or id not in weights or layer.of not in weights:
            continue
        if node.bypassed or graph.nodes[layer.of].bypassed:
            continue
        own = {name: spec.shape for name, spec in weights[id].items()}
        shared = {name: spec.shape for name, spec in weights[layer.of].items()}
        if own == shared:
            continue
        name = next(each for each in own if own[each] != shared.get(each))
        what = (
            f"{node.name} shares the weights of {graph.nodes[layer.of].name}, whose {name} is "
            f"{shape_text(shared[name])}; for this input it would have to be "
            f"{shape_text(own[name])}."
        )
        todo = "Give both inputs the same shape, or give the layer its own weights."
        yield Complaint(id, what, todo)


def _about_bypassing(graph: Graph) -> Iterator[Complaint]:
    """Layers whose weights others use are bypassed."""
    for id, node in graph.nodes.items():
        layer = node.layer
        if not isinstance(layer, Shared) or node.bypassed or layer.of not in graph.nodes:
            continue
        origin = graph.nodes[layer.of]
        if origin.bypassed:
            what = f"{node.name} shares the weights of {origin.name}, which is bypassed."
            yield Complaint(id, what, f"Bypass both, or neither (M on {origin.name}).")


def about_ends(graph: Graph) -> Iterator[Complaint]:
    """Outputs of a network of which bypassing leaves nothing."""
    ends: dict[str, str] = {}
    for id in graph.outputs:
        end, name = graph.computing(id), graph.nodes[id].name
        if isinstance(graph.nodes[end].layer, Input):
            what = f"{name} is bypassed, and nothing else lies between data and output."
            yield Complaint(id, what, "Use it again: select it and press M.")
        elif end in ends:
            what = f"{name} is bypassed, so its output is the same as that of {ends[end]}."
            yield Complaint(id, what, "Use it again: select it and press M, or delete it.")
        ends[end] = name
