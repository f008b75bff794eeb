"""The network as drawn: nodes, edges, and what can be said without data.

A :class:`Graph` is a value: every edit returns a new one that shares all that
did not change, so undo is a matter of keeping the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from engine.arrays import Shape
from engine.errors import WiringError
from engine.graph.node import (
    Edge,
    Node,
    UnknownLayer,
    check_id,
    check_title,
    read_edge,
    read_node,
)
from engine.layers import Input, Layer
from engine.layers.shared import Shared
from engine.spec import plain_name, short_text

MAX_NODES = 20_000
MAX_INPUTS = 1_000  # of one node; far more than anybody can wire


@dataclass(frozen=True)
class Graph:
    """Nodes by id in order of creation, and edges."""

    nodes: Mapping[str, Node] = field(default_factory=lambda: MappingProxyType({}))
    edges: tuple[Edge, ...] = ()

    @classmethod
    def sequential(cls, shape: Shape, layers: Iterable[Layer]) -> Graph:
        """A chain: an Input of ``shape``, then the layers."""
        graph, last = cls().add(Input(shape=shape))
        for each in layers:
            graph, node = graph.add(each)
            graph = graph.connect(Edge(last, node))
            last = node
        return graph

    def __hash__(self) -> int:
        return hash((tuple(self.nodes), self.edges))

    def __deepcopy__(self, memo: object) -> Graph:
        return self  # a value

    # Questions

    @cached_property
    def into(self) -> Mapping[str, tuple[Edge, ...]]:
        """The edges into each node, in order of their ports."""
        found: dict[str, list[Edge]] = {node: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.target].append(edge)
        return {node: tuple(sorted(each, key=_port)) for node, each in found.items()}

    @cached_property
    def out_of(self) -> Mapping[str, tuple[Edge, ...]]:
        """The edges out of each node."""
        found: dict[str, list[Edge]] = {node: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.source].append(edge)
        return {node: tuple(each) for node, each in found.items()}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every node after all nodes that it depends on; first created first."""
        waiting = {node: len(edges) for node, edges in self.into.items()}
        ready = [node for node, count in waiting.items() if not count]
        done: list[str] = []
        while len(done) < len(ready):
            node = ready[len(done)]
            done.append(node)
            for edge in self.out_of[node]:
                waiting[edge.target] -= 1
                if not waiting[edge.target]:
                    ready.append(edge.target)
        return tuple(done)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The Input nodes."""
        return tuple(node.id for node in self.nodes.values() if isinstance(node.layer, Input))

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """The nodes whose output goes nowhere: what the network predicts."""
        return tuple(
            node.id
            for node in self.nodes.values()
            if not self.out_of[node.id] and not isinstance(node.layer, Input)
        )

    def layer_of(self, id: str) -> Layer | UnknownLayer:
        """What a node computes: its layer, or the one that it shares weights with."""
        layer = self.nodes[id].layer
        if not isinstance(layer, Shared) or layer.of not in self.nodes:
            return layer
        shared = self.nodes[layer.of].layer
        usable = isinstance(shared, Layer) and shared.offered and not isinstance(shared, Input)
        return shared if usable else layer

    def computing(self, id: str) -> str:
        """The node whose output a bypassed one hands on; the node itself where it is not."""
        while self.nodes[id].bypassed and self.into[id]:
            id = self.into[id][0].source
        return id

    def reaches(self, start: str, goal: str) -> bool:
        """Whether data from ``start`` gets to ``goal``."""
        return goal in self._from(start)

    def behind(self, node: str) -> frozenset[str]:
        """Return the nodes that data from ``node`` gets to, without the node itself."""
        return frozenset(self._from(node)) - {node}

    def _from(self, start: str) -> Iterator[str]:
        """Yield the nodes that data from ``start`` gets to, the node itself first."""
        seen, stack = {start}, [start]
        while stack:
            node = stack.pop()
            yield node
            for edge in self.out_of[node]:
                if edge.target not in seen:
                    seen.add(edge.target)
                    stack.append(edge.target)

    def computes_as(self, other: Graph) -> bool:
        """Whether both compute the same and have the same weights; titles do not matter."""
        return (
            set(self.edges) == set(other.edges)
            and self.nodes.keys() == other.nodes.keys()
            and all(
                (node.layer, node.bypassed) == (other.nodes[id].layer, other.nodes[id].bypassed)
                for id, node in self.nodes.items()
            )
        )

    def free_port(self, target: str) -> int:
        """The first input of ``target`` that has no edge."""
        taken = {edge.port for edge in self.into[target]}
        return next(port for port in range(len(taken) + 1) if port not in taken)

    def free_id(self, kind: str) -> str:
        """A name for a new node of this kind: ``dense``, ``dense_1``, ..."""
        stem = _snake(kind)
        if stem not in self.nodes:
            return stem
        number = 1
        while f"{stem}_{number}" in self.nodes:
            number += 1
        return f"{stem}_{number}"

    # Edits: each returns a new graph

    def add(self, layer: Layer | UnknownLayer, id: str = "", title: str = "") -> tuple[Graph, str]:
        """The graph with one more node, and the node's id.

        Raises:
            WiringError: the id is taken or could not be read from a file again, the title
                is too long, or there are too many nodes.
        """
        id = id or self.free_id(layer.kind)
        check_id(id)
        check_title(title, id)
        if id in self.nodes:
            raise WiringError(f"There are two nodes called {id!r}.", "Give one another name.")
        if len(self.nodes) >= MAX_NODES:
            raise WiringError(f"A graph holds at most {MAX_NODES:,} nodes.", "Delete some first.")
        return self._with_nodes({**self.nodes, id: Node(id, layer, title)}), id

    def put(self, node: Node) -> Graph:
        """The graph with a node of another one, as it is but for its wires.

        Raises:
            WiringError: its id is taken, or there are too many nodes.
        """
        graph, _ = self.add(node.layer, node.id, node.title)
        return graph.change(node.id, bypassed=True) if node.bypassed else graph

    def change(self, id: str, **changes: Any) -> Graph:
        """The graph with a node's ``layer``, ``title`` or ``bypassed`` replaced.

        Wires stay; where the new layer has fewer ports they move to its first.

        Raises:
            WiringError: the title is too long.
        """
        check_title(changes.get("title", ""), id)
        node = replace(self.nodes[id], **changes)
        graph = self._with_nodes({**self.nodes, id: node})
        layer = graph.layer_of(id)
        most = layer.arity[1] if isinstance(layer, Layer) else None
        if most is None or all(edge.port < most for edge in self.into[id]):
            return graph
        moved = {edge: edge._replace(port=port) for port, edge in enumerate(self.into[id])}
        return Graph(graph.nodes, tuple(moved.get(edge, edge) for edge in self.edges))

    def remove(self, ids: Iterable[str]) -> Graph:
        """The graph without these nodes and the edges at them."""
        gone = set(ids)
        edges = tuple(e for e in self.edges if e.source not in gone and e.target not in gone)
        nodes = {id: node for id, node in self.nodes.items() if id not in gone}
        return Graph(MappingProxyType(nodes), edges)

    def connect(self, edge: Edge) -> Graph:
        """The graph with one more edge; whatever held the port is replaced.

        Raises:
            WiringError: :func:`engine.diagnosis.why_not_connect` has a reason
                that lies in the wiring itself (not in shapes).
        """
        reason = self.why_not_wire(edge)
        if reason:
            raise WiringError(reason, "Connect other nodes.")
        kept = tuple(e for e in self.edges if (e.target, e.port) != (edge.target, edge.port))
        return Graph(self.nodes, (*kept, edge))

    def disconnect(self, edges: Iterable[Edge]) -> Graph:
        """The graph without these edges."""
        gone = set(edges)
        return Graph(self.nodes, tuple(edge for edge in self.edges if edge not in gone))

    def why_not_wire(self, edge: Edge, *, beyond_last_port: bool = False) -> str | None:
        """What forbids this edge whatever the shapes, in one sentence; or None.

        Args:
            beyond_last_port: whether there may be more edges than the layer takes, as after
                it was replaced; the diagnosis says so then.
        """
        for end in (edge.source, edge.target):
            if end not in self.nodes:
                return f"There is no node called {short_text(end)}."
        target = self.nodes[edge.target]
        if edge.source == edge.target or self.reaches(edge.target, edge.source):
            return (
                f"{target.name} already feeds {self.nodes[edge.source].name}: this would be a loop."
            )
        if not 0 <= edge.port < MAX_INPUTS:
            return f"A node has no input number {short_text(edge.port)}."
        layer = self.layer_of(edge.target)
        if isinstance(layer, Layer) and not beyond_last_port:
            most = layer.arity[1]
            if most == 0:
                return f"{target.name} is where data enters, so it has no input."
            if most is not None and edge.port >= most:
                return f"{target.name} takes {most} input{'s'[: most > 1]}."
        beside = self.out_of[edge.source]
        if any(e.target == edge.target and e.port != edge.port for e in beside):
            return f"{self.nodes[edge.source].name} and {target.name} are already connected."
        return None

    def _with_nodes(self, nodes: dict[str, Node]) -> Graph:
        return Graph(MappingProxyType(nodes), self.edges)

    # Plain data

    def to_json(self) -> dict[str, Any]:
        """Plain data that :meth:`from_json` reads back."""
        return {
            "nodes": {node.id: node.to_json() for node in self.nodes.values()},
            "edges": [list(edge) for edge in self.edges],
        }

    @classmethod
    def from_json(cls, data: Any) -> Graph:
        """Read a graph from untrusted plain data.

        A layer of an unknown type becomes an :class:`UnknownLayer`.

        Raises:
            WiringError, SettingError: with the node concerned.
        """
        if not isinstance(data, dict) or not isinstance(data.get("nodes"), dict):
            raise WiringError('The graph has no "nodes".', "Open another file.")
        if len(data["nodes"]) > MAX_NODES:
            raise WiringError(
                f"The graph has {len(data['nodes']):,} nodes.",
                f"At most {MAX_NODES:,} can be read.",
            )
        nodes = {id: read_node(id, each) for id, each in data["nodes"].items()}
        return cls(MappingProxyType(nodes))._wired(data.get("edges", []))

    def _wired(self, edges: Any) -> Graph:
        """This graph, which has no edges, with those of a file.

        What :meth:`connect` would do one by one, but in one go: that each new
        graph indexes its edges anew would take minutes for large files.
        """
        if not isinstance(edges, list):
            raise WiringError('The "edges" of the graph are not a list.', "Correct the file.")
        taken: set[tuple[str, int]] = set()
        pairs: set[tuple[str, str]] = set()
        read = [read_edge(each) for each in edges]
        for edge in read:
            reason = self.why_not_wire(edge, beyond_last_port=True)
            if reason is None and (edge.target, edge.port) in taken:
                reason = f"Two edges lead to input {edge.port} of {edge.target!r}."
            if reason is None and edge[:2] in pairs:
                reason = f"{edge.source!r} and {edge.target!r} are connected twice."
            if reason is not None:
                raise WiringError(reason, "Correct the file, or open another.", node=edge.target)
            taken.add((edge.target, edge.port))
            pairs.add(edge[:2])
        graph = Graph(self.nodes, tuple(read))
        if len(graph.order) < len(graph.nodes):
            node = graph._in_a_loop()
            raise WiringError(
                f"The edges at {node!r} make a loop.",
                "Correct the file, or open another.",
                node=node,
            )
        return graph

    def _in_a_loop(self) -> str:
        ordered = set(self.order)
        node = next(id for id in self.nodes if id not in ordered)
        for _ in self.nodes:  # backward until it must have come around
            node = next(e.source for e in self.into[node] if e.source not in ordered)
        return node


def _port(edge: Edge) -> int:
    return edge.port


def _snake(kind: str) -> str:
    """``MaxPooling2D`` to ``max_pooling2d``, as Keras names layers."""
    out = ""
    for index, letter in enumerate(kind):
        if letter.isupper() and index and kind[index - 1].islower():
            out += "_"
        out += letter.lower() if letter.isalnum() else "_"
    return out or plain_name(kind)
