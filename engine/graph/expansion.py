"""A graph without groups: what is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.graph.graph import Graph
from engine.graph.group import Group
from engine.graph.node import Edge, Node
from engine.layers import Input
from engine.layers.shared import Shared


@dataclass(frozen=True)
class Expansion:
    """A graph with every group replaced by its layers, and without those that are bypassed.

    Attributes:
        graph: nodes of groups are called ``group/node``, or ``group/2/node`` in its second
            repetition; a slash is possible in no name that is drawn or read.
        ends: for all that is drawn and not in ``graph`` (groups, Inputs inside, what is
            bypassed) the node whose output is its own; groups inside are named like nodes.
    """

    graph: Graph
    ends: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def expanded(graph: Graph) -> Expansion:
    """The same computation without groups; the graph itself where nothing is to be replaced.

    Every group must have an output: see :meth:`Group.output_shape`.
    """
    if not any(node.bypassed or isinstance(node.layer, Group) for node in graph.nodes.values()):
        return Expansion(graph)
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    ends: dict[str, str] = {}
    for id in graph.order:
        node = graph.nodes[id]
        sources = [ends.get(edge.source, edge.source) for edge in graph.into[id]]
        if node.bypassed and sources:
            ends[id] = sources[0]
            continue
        if not isinstance(node.layer, Group):
            nodes[id] = node
            edges += [Edge(source, id, port) for port, source in enumerate(sources)]
            continue
        body = expanded(node.layer.body)
        (output,) = node.layer.body.outputs
        output = body.ends.get(output, output)
        for number in range(node.layer.repeat):
            prefix = f"{id}/" if node.layer.repeat == 1 else f"{id}/{number + 1}/"
            names = _put_in(body, prefix, sources, nodes, edges)
            ends |= {f"{prefix}{each}": name for each, name in names.items()}
            sources = [names[output]]
        ends[id] = sources[0]
    kept = {name: end for name, end in ends.items() if name not in nodes}
    return Expansion(Graph(MappingProxyType(nodes), tuple(edges)), MappingProxyType(kept))


def _put_in(
    body: Expansion, prefix: str, sources: list[str], nodes: dict[str, Node], edges: list[Edge]
) -> dict[str, str]:
    """Add a group's layers, fed by ``sources``; where the output of each node inside is."""
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
    return names | {id: names[end] for id, end in body.ends.items()}


def flat_name(graph: Graph, path: Sequence[str]) -> str:
    """What a drawn node is called in the expansion; of repeated groups the first time is meant.

    Args:
        path: the groups that it lies in, from the outermost, then the node itself.
    """
    return f"{flat_prefix(graph, path[:-1])}{path[-1]}"


def flat_prefix(graph: Graph, level: Sequence[str]) -> str:
    """What the names of all begin with that lies in a group; of repeats the first is meant."""
    prefix = ""
    for id in level:
        group = graph.nodes[id].layer
        assert isinstance(group, Group)
        prefix += f"{id}/" if group.repeat == 1 else f"{id}/1/"
        graph = group.body
    return prefix
