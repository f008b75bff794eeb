"""A graph without groups: what is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.graph.graph import Edge, Graph, Node
from engine.graph.group import Group
from engine.layers import Input
from engine.layers.shared import Shared


@dataclass(frozen=True)
class Expansion:
    """A graph with every group replaced by its layers.

    Attributes:
        graph: nodes of groups are called ``group/node``, or ``group/2/node`` in its second
            repetition; a slash is possible in no name that is drawn or read.
        ends: for each group of the drawing the node whose output is the group's.
    """

    graph: Graph
    ends: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def expanded(graph: Graph) -> Expansion:
    """The same computation without groups; the graph itself where it has none.

    Every group must have an output: see :meth:`Group.output_shape`.
    """
    if not any(isinstance(node.layer, Group) for node in graph.nodes.values()):
        return Expansion(graph)
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    ends: dict[str, str] = {}
    for id in graph.order:
        node = graph.nodes[id]
        sources = [ends.get(edge.source, edge.source) for edge in graph.into[id]]
        if not isinstance(node.layer, Group):
            nodes[id] = node
            edges += [Edge(source, id, port) for port, source in enumerate(sources)]
            continue
        body = expanded(node.layer.body)
        for number in range(node.layer.repeat):
            prefix = f"{id}/" if node.layer.repeat == 1 else f"{id}/{number + 1}/"
            sources = [_put_in(body, prefix, sources, nodes, edges)]
        ends[id] = sources[0]
    return Expansion(Graph(MappingProxyType(nodes), tuple(edges)), MappingProxyType(ends))


def _put_in(
    body: Expansion, prefix: str, sources: list[str], nodes: dict[str, Node], edges: list[Edge]
) -> str:
    """Add a group's layers, fed by ``sources``; the node whose output leaves it."""
    graph = body.graph
    names = dict(zip(graph.inputs, sources, strict=True))
    for id in graph.order:
        node = graph.nodes[id]
        if isinstance(node.layer, Input):
            continue
        names[id] = f"{prefix}{id}"
        layer = node.layer
        if isinstance(layer, Shared):
            layer = layer.changed(of=f"{prefix}{layer.of}")
        nodes[names[id]] = Node(names[id], layer, node.title)
        edges += [
            Edge(names[edge.source], names[id], port) for port, edge in enumerate(graph.into[id])
        ]
    (output,) = graph.outputs
    return names[output]
