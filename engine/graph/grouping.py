"""Putting layers into a group, and taking them out again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from engine.arrays import Shape
from engine.errors import WiringError
from engine.graph.graph import Graph
from engine.graph.group import Group
from engine.graph.node import Edge, Node
from engine.layers import Input
from engine.layers.shared import Shared

ANY_SHAPE: Shape = (1,)


def grouped(
    graph: Graph, ids: Collection[str], shapes: Mapping[str, Shape] | None = None
) -> tuple[Graph, str]:
    """The graph with some nodes in a new group, and the group's id.

    Args:
        shapes: what nodes put out, for the Inputs inside; where one is missing any shape is drawn.

    Raises:
        WiringError: these nodes cannot be one layer; says why.
    """
    inside = set(ids)
    _check_nodes(graph, inside)
    entering = list(
        dict.fromkeys(
            edge.source
            for id in graph.order
            if id in inside
            for edge in graph.into[id]
            if edge.source not in inside
        )
    )
    leaving = [
        id
        for id in graph.order
        if id in inside
        and (not graph.out_of[id] or any(e.target not in inside for e in graph.out_of[id]))
    ]
    _check_ways(graph, entering, leaving)
    # What goes in keeps its name; the Inputs take names that are left.
    kept = graph.remove(id for id in graph.nodes if id not in inside)
    ports: dict[str, str] = {}
    inputs: dict[str, Node] = {}
    taken = kept
    for source in entering:
        taken, port = taken.add(Input(shape=(shapes or {}).get(source, ANY_SHAPE)))
        ports[source], inputs[port] = port, taken.nodes[port]
    edges = tuple(
        edge._replace(source=ports.get(edge.source, edge.source))
        for edge in graph.edges
        if edge.target in inside
    )
    group = Group(body=Graph(MappingProxyType({**inputs, **kept.nodes}), edges))
    rest, id = graph.remove(inside).add(group)
    wires = [Edge(source, id, port) for port, source in enumerate(entering)]
    wires += [
        Edge(id, edge.target, edge.port)
        for edge in graph.edges
        if edge.source in inside and edge.target not in inside
    ]
    return Graph(rest.nodes, (*rest.edges, *wires)), id


def ungrouped(graph: Graph, id: str) -> tuple[Graph, list[str]]:
    """The graph with a group's layers in its place, and their ids; repeats one after the other.

    Raises:
        WiringError: it is no group, or has no one output.
    """
    group = graph.nodes[id].layer
    if not isinstance(group, Group):
        raise WiringError(f"{graph.nodes[id].name} is not a group.", "Select a group.")
    body = group.body
    if len(body.outputs) != 1 or len(graph.into[id]) != len(body.inputs):
        raise WiringError(
            f"{graph.nodes[id].name} has {len(graph.into[id])} wires for {len(body.inputs)} inputs "
            f"and {len(body.outputs)} outputs.",
            "Wire its inputs first; a group has one output.",
        )
    sources, after = [edge.source for edge in graph.into[id]], graph.out_of[id]
    graph, new, edges = graph.remove([id]), list[str](), list[Edge]()
    for _ in range(group.repeat):
        names = dict(zip(body.inputs, sources, strict=True))
        inner = [each for each in body.nodes if each not in names]
        for each in inner:
            node = body.nodes[each]
            names[each] = each if each not in graph.nodes else graph.free_id(each)
            graph = graph.put(replace(node, id=names[each]))
        for each in inner:
            layer = body.nodes[each].layer
            if isinstance(layer, Shared) and layer.of in names:
                graph = graph.change(names[each], layer=layer.changed(of=names[layer.of]))
        edges += [Edge(names[e.source], names[e.target], e.port) for e in body.edges]
        new += [names[each] for each in inner]
        sources = [names[body.outputs[0]]]
    edges += [Edge(sources[0], edge.target, edge.port) for edge in after]
    return Graph(graph.nodes, (*graph.edges, *edges)), new


def _check_nodes(graph: Graph, inside: set[str]) -> None:
    for id in inside:
        node = graph.nodes[id]
        if isinstance(node.layer, Input):
            raise WiringError(
                f"{node.name} is where data enters, so it cannot be in a group.",
                "Leave it out of the selection.",
            )
    for id, node in graph.nodes.items():
        layer = node.layer
        if isinstance(layer, Shared) and (id in inside) != (layer.of in inside):
            raise WiringError(
                f"{node.name} shares the weights of {layer.of}; only one of them is selected.",
                "Select both, or neither.",
            )


def _check_ways(graph: Graph, entering: list[str], leaving: list[str]) -> None:
    if not entering:
        raise WiringError("These layers have no input.", "Wire them first.")
    if len(leaving) != 1:
        names = ", ".join(graph.nodes[id].name for id in leaving)
        raise WiringError(
            f"{len(leaving)} of these layers lead out: {names}. A group has one output.",
            "Select what they lead to as well, or fewer layers.",
        )
