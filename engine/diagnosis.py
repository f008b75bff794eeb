"""What can be said of a graph before any data is loaded: shapes, sizes, problems, fixes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import prod

from engine.arrays import Shape, shape_text
from engine.graph import Edge, Graph, Group, UnknownLayer
from engine.inference import ByIdentity, Complaint, about_ends, about_inside, infer, infer_like
from engine.layers import Input, WeightSpec
from engine.mending import Fix, insert_on_edge, mends

__all__ = [
    "MAX_PARAMETERS",
    "Diagnosis",
    "Fix",
    "Problem",
    "arriving_at",
    "blocking",
    "diagnose",
    "insert_on_edge",
    "inside_of",
    "mends_for_connection",
    "refusal",
    "shapes_alone",
    "summary_line",
    "why_not_connect",
]

MAX_PARAMETERS = 500_000_000  # 2 GB in single precision; what an ONNX file can hold
_MOST_MENDED = 12
"""So many problems get fixes; trying some takes as long as many a diagnosis."""


@dataclass(frozen=True)
class Problem:
    """Something that keeps the network from being trained.

    Attributes:
        node: the node that it concerns, with the groups that it lies in: ``group/node``; None for
            the graph as a whole.
        what: what is wrong, with the actual values.
        todo: what to do about it.
        fixes: edits that mend it, the likeliest first.
        inputs: the shapes that arrive at the node, where they are what is wrong.
        needs: what the node could take instead, in a few words; empty where that is
            not a matter of shapes.
        is_hint: whether nothing is wrong and something is only not there yet.
        anyway: what comes of it when the network is trained all the same; empty where that
            cannot be computed.
    """

    what: str
    todo: str
    node: str | None = None
    fixes: tuple[Fix, ...] = ()
    inputs: tuple[Shape, ...] = ()
    needs: str = ""
    is_hint: bool = False
    anyway: str = ""

    def is_at(self, node: str) -> bool:
        """Whether it concerns a node, or something inside of it."""
        return self.node is not None and (self.node == node or self.node.startswith(f"{node}/"))

    @property
    def accepted(self) -> str:
        """What is to be said beside a run that it was accepted for."""
        return f"{self.what} {self.anyway}".strip()

    def __str__(self) -> str:
        return f"{self.what} {self.todo}".strip()


def blocking(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return those that nothing can be trained with; the others may be accepted."""
    return tuple(each for each in problems if not each.anyway)


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
def _diagnose(key: ByIdentity, inside: bool) -> Diagnosis:
    graph = key.graph
    found = infer(graph)
    weights = dict(found.weights)
    for id in weights:
        if graph.layer_of(id) is not graph.nodes[id].layer:
            weights[id] = {}  # they are counted where they come from
    # That of a network which ends bypassed is also quiet while there are others.
    ends = () if inside or found.complaints else about_ends(graph)
    complaints = (*found.complaints, *ends)
    problems = [
        _problem(each, mends(graph, each) if rank < _MOST_MENDED else ())
        for rank, each in enumerate(complaints)
    ]
    about = _complaints_about_inside if inside else _complaints_about_whole
    made = Diagnosis(found.shapes, weights, (*about(graph), *problems))
    return replace(made, problems=(*made.problems, *_complaints_about_size(graph, made)))


def _problem(complaint: Complaint, fixes: tuple[Fix, ...] = ()) -> Problem:
    each = complaint
    return Problem(each.what, each.todo, each.node, fixes, each.inputs, each.needs)


def diagnose(graph: Graph, inside: bool = False) -> Diagnosis:
    """Shapes, weights and problems of a graph; never raises, needs no data.

    It stays quiet about nodes downstream of one that already complains.

    Args:
        inside: whether it is what lies in a group, which has one output.
    """
    return _diagnose(ByIdentity(graph), inside)


def inside_of(graph: Graph, id: str) -> Graph:
    """What lies in a group, its Inputs of the shapes that arrive there at present."""
    group = graph.nodes[id].layer
    assert isinstance(group, Group)
    return group.taking(arriving_at(graph, id))


def arriving_at(graph: Graph, id: str) -> tuple[Shape | None, ...]:
    """The shapes that arrive at a node, by its wires; None where one is not known."""
    shapes = infer(graph).shapes
    return tuple(shapes.get(edge.source) for edge in graph.into[id])


def shapes_alone(graph: Graph, like: Graph) -> Diagnosis:
    """Shapes and weights of a graph that is nearly another one, without looking for problems."""
    found = infer_like(graph, like)
    return Diagnosis(found.shapes, found.weights)


def why_not_connect(graph: Graph, edge: Edge) -> str | None:
    """Why this edge cannot be, in words; None if it can.

    The color while dragging, the drop and the file reader all ask this.
    """
    refused = refusal(graph, edge)
    return None if refused is None else str(refused)


def refusal(graph: Graph, edge: Edge) -> Problem | None:
    """Why this edge cannot be, with what arrives and what is needed; None if it can.

    It has no fixes yet: working them out is left to :func:`mends_for_connection`.
    """
    reason = graph.why_not_wire(edge)
    if reason:
        return Problem(reason, "", edge.target if edge.target in graph.nodes else None)
    target = graph.nodes[edge.target]
    if isinstance(graph.layer_of(target.id), UnknownLayer) or target.bypassed:
        return None
    found = diagnose(graph)
    if edge.source not in found.shapes:
        return None
    complaint = _shape_complaint(graph, graph.connect(edge), edge.target)
    return None if complaint is None else _problem(complaint)


def mends_for_connection(graph: Graph, edge: Edge) -> tuple[Fix, ...]:
    """Edits that draw a refused edge, with what makes it possible."""
    if graph.why_not_wire(edge) or edge.source not in diagnose(graph).shapes:
        return ()
    wired = graph.connect(edge)
    complaint = _shape_complaint(graph, wired, edge.target)
    return () if complaint is None else mends(wired, complaint)


def _shape_complaint(graph: Graph, wired: Graph, node: str) -> Complaint | None:
    """What a node says of the shapes that arrive, once another wire is drawn."""
    complaints = infer_like(wired, graph).complaints
    return next((each for each in complaints if each.is_at(node) and each.inputs), None)


def _complaints_about_size(graph: Graph, found: Diagnosis) -> Iterator[Problem]:
    if found.total_parameters > MAX_PARAMETERS:
        largest = max(found.weights, key=found.parameters)
        yield Problem(
            f"{graph.nodes[largest].name} holds {found.parameters(largest):,} of the network's "
            f"{found.total_parameters:,} parameters; {MAX_PARAMETERS:,} are possible.",
            "Give it fewer units, or make its input smaller by pooling.",
            largest,
        )


def _complaints_about_inside(graph: Graph) -> Iterator[Problem]:
    for each in about_inside(graph):
        fixes = () if graph.inputs else (Fix("Add an Input", graph.add(Input())[0]),)
        yield Problem(each.what, each.todo, each.node or None, fixes)


def _complaints_about_whole(graph: Graph) -> Iterator[Problem]:
    if graph.nodes and not graph.inputs:
        where = graph.add(Input())[0]
        todo = "Drag an Input from the palette; it is where data enters."
        yield Problem("The network has no Input.", todo, fixes=(Fix("Add an Input", where),))
    elif graph.nodes and not graph.outputs:
        yield Problem("The network has no layers yet.", "Drag a layer from the palette.")


def summary_line(graph: Graph, node: str) -> str:
    """A node's output shape and parameter count in a few words."""
    found = diagnose(graph)
    if node not in found.shapes:
        return "no shape yet"
    count = found.parameters(node)
    return f"{shape_text(found.shapes[node])}" + (f" · {count:,} parameters" if count else "")
