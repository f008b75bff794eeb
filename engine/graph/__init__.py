"""The network as drawn: nodes, edges, and groups of them."""

from engine.graph.expansion import Expansion, expanded, flat_name, flat_prefix
from engine.graph.graph import MAX_INPUTS, MAX_NODES, Graph
from engine.graph.group import MAX_DEPTH, Group, body_at, depth_of, names_along, with_body
from engine.graph.grouping import grouped, ungrouped
from engine.graph.node import MAX_NAME, Edge, Node, UnknownLayer

__all__ = [
    "MAX_DEPTH",
    "MAX_INPUTS",
    "MAX_NAME",
    "MAX_NODES",
    "Edge",
    "Expansion",
    "Graph",
    "Group",
    "Node",
    "UnknownLayer",
    "body_at",
    "depth_of",
    "expanded",
    "flat_name",
    "flat_prefix",
    "grouped",
    "names_along",
    "ungrouped",
    "with_body",
]
