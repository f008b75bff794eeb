"""What can be said of a graph before any data is loaded: shapes, sizes, problems, fixes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import isqrt, prod
from typing import Any

from engine.arrays import Shape, shape_text
from engine.complaints import Fix as Fix
from engine.complaints import Problem as Problem
from engine.complaints import about_bypassing, about_ends, about_inside, about_sharing, about_whole
from engine.errors import SettingError, ShapeError
from engine.graph import Edge, Graph, Group, Node, UnknownLayer, with_body
from engine.layers import Dense, Flatten, GlobalAveragePooling2D, Layer, Reshape, WeightSpec

MAX_PARAMETERS = 500_000_000  # 2 GB in single precision; what an ONNX file can hold


@dataclass(frozen=True)
class Diagnosis:
    """Everything known about a graph from its settings alone.

    Attributes:
        shapes: the output shape of each node that has one.
        weights: what each node with a shape needs to learn or keep.
        problems: in the order of the graph.
    """

    shapes: Mapping[str, Shape] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, WeightSpec]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def parameters(self, node: str) -> int:
        """How many numbers the node holds, trained or not."""
        return sum(prod(spec.shape) for spec in self.weights.get(node, {}).values())

    def trainable_parameters(self, node: str) -> int:
        """How many numbers of the node are learned."""
        specs = self.weights.get(node, {}).values()
        return sum(prod(spec.shape) for spec in specs if spec.trainable)

    @property
    def total_parameters(self) -> int:
        return sum(self.parameters(node) for node in self.weights)

    @property
    def total_trainable(self) -> int:
        return sum(self.trainable_parameters(node) for node in self.weights)

    def of(self, node: str) -> tuple[Problem, ...]:
        """The problems of one node, and of what is inside of it."""
        return tuple(problem for problem in self.problems if problem.is_at(node))


@lru_cache(maxsize=32)
def _diagnose(graph_key: _ByIdentity, inside: bool) -> Diagnosis:
    graph = graph_key.graph
    shapes: dict[str, Shape] = {}
    weights: dict[str, Mapping[str, WeightSpec]] = {}
    problems: list[Problem] = []
    for id in graph.order:
        node, edges = graph.nodes[id], graph.into[id]
        complaint = _complaint_about_wiring(graph, node)
        if complaint:
            problems.append(complaint)
            continue
        layer = graph.layer_of(id)
        assert isinstance(layer, Layer)
        if any(edge.source not in shapes for edge in edges):
            continue  # its source complains already
        inputs = tuple(shapes[edge.source] for edge in edges)
        if node.bypassed and inputs:
            shapes[id], weights[id] = inputs[0], {}
            continue
        within = tuple(_problems_within(graph, node, inputs))
        if within:
            problems += within
            continue
        try:
            shapes[id] = layer.output_shape(inputs)
            weights[id] = layer.weight_specs(inputs)
        except ShapeError as error:
            shapes.pop(id, None)
            fixes = tuple(mending_edits(graph, node, inputs))
            problems.append(Problem(error.what, error.fix, id, fixes))
    problems += about_sharing(graph, weights)
    problems += about_bypassing(graph)
    problems += () if inside else about_ends(graph)
    for id in weights:
        if graph.layer_of(id) is not graph.nodes[id].layer:
            weights[id] = {}  # they are counted where they come from
    about = about_inside if inside else about_whole
    found = Diagnosis(shapes, weights, (*about(graph), *problems))
    return replace(found, problems=(*found.problems, *_complaints_about_size(graph, found)))


@dataclass(frozen=True)
class _ByIdentity:
    """Graphs are values but costly to hash; the same object is the same graph."""

    graph: Graph

    def __hash__(self) -> int:
        return id(self.graph)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and self.graph is other.graph


def diagnose(graph: Graph, inside: bool = False) -> Diagnosis:
    """Shapes, weights and problems of a graph; never raises, needs no data.

    It stays quiet about nodes downstream of one that already complains.

    Args:
        inside: whether it is what lies in a group, which has one output.
    """
    return _diagnose(_ByIdentity(graph), inside)


def inside_of(graph: Graph, id: str) -> Graph:
    """What lies in a group, its Inputs of the shapes that arrive there at present."""
    group = graph.nodes[id].layer
    assert isinstance(group, Group)
    return group.taking(arriving_at(graph, id))


def arriving_at(graph: Graph, id: str) -> tuple[Shape | None, ...]:
    """The shapes that arrive at a node, by its wires; None where one is not known."""
    shapes = diagnose(graph).shapes
    return tuple(shapes.get(edge.source) for edge in graph.into[id])


def _problems_within(graph: Graph, node: Node, inputs: tuple[Shape, ...]) -> Iterator[Problem]:
    """What is wrong inside of a group, with fixes of the graph that it lies in."""
    group = node.layer
    if not isinstance(group, Group):
        return
    if inputs not in group.notes:
        group.notes[inputs] = diagnose(group.taking(inputs), inside=True).problems
    for problem in group.notes[inputs]:
        fixes = (
            replace(fix, graph=with_body(graph, node.id, group.as_drawn(inputs, fix.graph)))
            for fix in problem.fixes
            if fix.graph is not None
        )
        place = node.id if problem.node is None else f"{node.id}/{problem.node}"
        yield replace(problem, node=place, fixes=tuple(fixes))


def why_not_connect(graph: Graph, edge: Edge) -> str | None:
    """Why this edge cannot be, in words; None if it can.

    The color while dragging, the drop and the file reader all ask this.
    """
    reason = graph.why_not_wire(edge)
    if reason:
        return reason
    layer = graph.layer_of(edge.target)
    if isinstance(layer, UnknownLayer) or edge.source not in diagnose(graph).shapes:
        return None
    if graph.nodes[edge.target].bypassed:
        return None
    wired = graph.connect(edge)
    inputs = _input_shapes(wired, edge.target)
    if inputs is None:
        return None
    try:
        layer.output_shape(inputs)
    except ShapeError as error:
        return str(error)
    return None


def mends_for_connection(graph: Graph, edge: Edge) -> tuple[Fix, ...]:
    """Edits that would make a refused edge possible, by inserting a layer into it."""
    if graph.why_not_wire(edge):
        return ()
    wired = graph.connect(edge)
    inputs = _input_shapes(wired, edge.target)
    return tuple(mending_edits(wired, wired.nodes[edge.target], inputs)) if inputs else ()


def _input_shapes(graph: Graph, node: str) -> tuple[Shape, ...] | None:
    """The input shapes of a node, None unless all are known and enough are there."""
    layer, edges, shapes = graph.layer_of(node), graph.into[node], diagnose(graph).shapes
    if not isinstance(layer, Layer) or len(edges) < layer.arity[0]:
        return None
    if any(edge.source not in shapes for edge in edges):
        return None
    return tuple(shapes[edge.source] for edge in edges)


def _complaint_about_wiring(graph: Graph, node: Node) -> Problem | None:
    layer = graph.layer_of(node.id)
    if isinstance(layer, UnknownLayer):
        what = f"{node.name} is a {layer.kind}, which this version does not know."
        return Problem(what, "Replace it, or open the project in a newer version.", node.id)
    (least, most), edges = layer.arity, graph.into[node.id]
    have = len(edges)
    if most is not None and have > most:
        return _too_many_inputs(graph, node, most)
    if have >= least:
        return None
    if least == 1:
        return Problem(
            f"{node.name} has no input.",
            "Drag a wire from another layer to its left side.",
            node.id,
        )
    what = f"{node.name} has {have} of at least {least} inputs."
    return Problem(what, "Drag more wires to its left side.", node.id)


def _too_many_inputs(graph: Graph, node: Node, most: int) -> Problem:
    """Wires are left over where another layer, which takes fewer, took a node's place."""
    edges = graph.into[node.id]
    return Problem(
        f"{node.name} has {len(edges)} wires, but takes {most or 'no'} input{'s'[: most != 1]}.",
        "Cut those that it does not need.",
        node.id,
        (Fix("Cut the wires that are too many", graph.disconnect(edges[most:])),),
    )


def _complaints_about_size(graph: Graph, found: Diagnosis) -> Iterator[Problem]:
    if found.total_parameters > MAX_PARAMETERS:
        largest = max(found.weights, key=found.parameters)
        yield Problem(
            f"{graph.nodes[largest].name} holds {found.parameters(largest):,} of the network's "
            f"{found.total_parameters:,} parameters; {MAX_PARAMETERS:,} are possible.",
            "Give it fewer units, or make its input smaller by pooling.",
            largest,
        )


def mending_edits(graph: Graph, node: Node, inputs: tuple[Shape, ...]) -> Iterator[Fix]:
    """Single layers that, put before a node, let it take its inputs."""
    layer = graph.layer_of(node.id)
    assert isinstance(layer, Layer)
    for place, (edge, shape) in enumerate(zip(graph.into[node.id], inputs, strict=True)):
        for kind, settings in _adapters(shape, inputs):
            try:
                candidate = kind.parse(settings)
                adapted = candidate.output_shape((shape,))
                layer.output_shape((*inputs[:place], adapted, *inputs[place + 1 :]))
            except (ShapeError, SettingError):
                continue
            wired, _ = insert_on_edge(graph, edge, candidate)
            where = f"before {node.name}"
            if len(inputs) > 1:
                where = f"between {graph.nodes[edge.source].name} and {node.name}"
            yield Fix(f"Insert {candidate.kind} {where}", wired)


def _adapters(
    shape: Shape, inputs: tuple[Shape, ...]
) -> Iterator[tuple[type[Layer], dict[str, Any]]]:
    """Layers that may help, with settings that need not be within their limits."""
    if len(shape) > 1:
        yield Flatten, {}
    if len(shape) == 3:
        yield GlobalAveragePooling2D, {}
    for other in dict.fromkeys(inputs):
        if other != shape and prod(other) == prod(shape):
            yield Reshape, {"target_shape": other}
        elif other != shape and len(other) == len(shape) and other[:-1] == shape[:-1]:
            yield Dense, {"units": other[-1]}
    if len(shape) == 1 and (side := isqrt(shape[0])) ** 2 == shape[0] > 1:
        yield Reshape, {"target_shape": (side, side, 1)}
    if len(shape) == 2:
        yield Reshape, {"target_shape": (*shape, 1)}
    if not shape:
        yield Reshape, {"target_shape": (1,)}


def insert_on_edge(graph: Graph, edge: Edge, layer: Layer) -> tuple[Graph, str]:
    """The graph with a new layer in the middle of an edge, and the new node's id."""
    wired, new = graph.add(layer)
    wired = wired.connect(Edge(new, edge.target, edge.port))
    return wired.connect(Edge(edge.source, new, 0)), new


def summary_line(graph: Graph, node: str) -> str:
    """A node's output shape and parameter count in a few words."""
    found = diagnose(graph)
    if node not in found.shapes:
        return "no shape yet"
    count = found.parameters(node)
    return f"{shape_text(found.shapes[node])}" + (f" · {count:,} parameters" if count else "")
