"""What an offered edit is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.graph import Edge, Graph
from engine.layers import Layer

if TYPE_CHECKING:
    from engine.data import DataSetup
    from engine.training.plan import Plan


@dataclass(frozen=True)
class Fix:
    """An edit that would mend a problem.

    Attributes:
        label: what its button says.
        graph: the graph after it; None where the graph stays.
        plan: the training plan after it; None where the plan stays.
        data: how data is prepared after it; None where that stays.
    """

    label: str
    graph: Graph | None = None
    plan: Plan | None = None
    data: DataSetup | None = None


def insert_on_edge(graph: Graph, edge: Edge, layer: Layer) -> tuple[Graph, str]:
    """The graph with a new layer in the middle of an edge, and the new node's id."""
    wired, new = graph.add(layer)
    wired = wired.connect(Edge(new, edge.target, edge.port))
    return wired.connect(Edge(edge.source, new, 0)), new


def insert_chain(graph: Graph, edge: Edge, layers: Iterable[Layer]) -> Graph:
    """The graph with new layers, one after the other, in the middle of an edge."""
    for layer in layers:
        graph, new = insert_on_edge(graph, edge, layer)
        edge = Edge(new, edge.target, edge.port)
    return graph


Candidates = Iterator[Fix]
"""Edits that may mend; nobody has tried them yet."""
