"""The network as drawn: nodes, edges, and groups of them."""

from engine.graph.expansion import Expansion, expanded
from engine.graph.graph import MAX_INPUTS, MAX_NAME, MAX_NODES, Edge, Graph, Node, UnknownLayer
from engine.graph.group import Group
from engine.graph.grouping import grouped, ungrouped

__all__ = [
    "MAX_INPUTS",
    "MAX_NAME",
    "MAX_NODES",
    "Edge",
    "Expansion",
    "Graph",
    "Group",
    "Node",
    "UnknownLayer",
    "expanded",
    "grouped",
    "ungrouped",
]
