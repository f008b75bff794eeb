"""Wires for nodes that lack some, and fewer where there are too many."""

from __future__ import annotations

from engine.graph import Edge, Graph, Node
from engine.layers import Layer
from engine.mending.fix import Candidates, Fix

_MOST = 8
"""So many layers are tried as a source."""


def other_wires(graph: Graph, node: Node) -> Candidates:
    """Wires from what comes out unused, then from elsewhere, the last drawn first."""
    layer, into = graph.layer_of(node.id), graph.into[node.id]
    if not isinstance(layer, Layer):
        return
    most, missing = layer.arity[1], layer.arity[0] - len(into)
    if most is not None and len(into) > most:
        yield Fix("Cut the wires that are too many", graph.disconnect(into[most:]))
        return
    fed = (id for id in reversed(list(graph.nodes)) if graph.into[id] or id in graph.inputs)
    port = graph.free_port(node.id)
    sources = [id for id in fed if graph.why_not_wire(Edge(id, node.id, port)) is None]
    sources.sort(key=lambda id: bool(graph.out_of[id]))
    # Where one wire is missing there is a choice; several are drawn together.
    for some in [[id] for id in sources[:_MOST]] if missing == 1 else [sources[:missing][::-1]]:
        wired = graph
        for id in some:
            wired = wired.connect(Edge(id, node.id, wired.free_port(node.id)))
        if wired is not graph:
            names = " and ".join(graph.nodes[id].name for id in some)
            yield Fix(f"Connect {names} to {node.name}", wired)
