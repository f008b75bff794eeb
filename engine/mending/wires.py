"""Wires for nodes that lack some, and fewer where there are too many."""

from __future__ import annotations

from engine.graph import Edge, Graph, Node
from engine.layers import Layer
from engine.mending.fix import Candidates, Fix

_MOST = 3


def other_wires(graph: Graph, node: Node) -> Candidates:
    """Wires from where data comes out unused, the last drawn first; or surplus ones cut."""
    layer, into = graph.layer_of(node.id), graph.into[node.id]
    if not isinstance(layer, Layer):
        return
    most = layer.arity[1]
    if most is not None and len(into) > most:
        yield Fix("Cut the wires that are too many", graph.disconnect(into[most:]))
        return
    free = [
        id
        for id in reversed(list(graph.nodes))
        if id != node.id and not graph.out_of[id] and (graph.into[id] or id in graph.inputs)
    ]
    missing = layer.arity[0] - len(into)
    # Where one wire is missing there is a choice; several are drawn together.
    for sources in [[id] for id in free[:_MOST]] if missing == 1 else [free[:missing][::-1]]:
        wired = graph
        for id in sources:
            edge = Edge(id, node.id, wired.free_port(node.id))
            if wired.why_not_wire(edge) is None:
                wired = wired.connect(edge)
        if wired is not graph:
            names = " and ".join(graph.nodes[id].name for id in sources)
            yield Fix(f"Connect {names} to {node.name}", wired)
