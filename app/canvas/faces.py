"""Which nodes of the document show something else than before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.canvas.face import Face, face_of
from app.document import Document
from engine.diagnosis import Problem
from engine.graph import Graph


class Faces:
    """Remembers what faces were made of: equal facts spare making them.

    Attributes:
        problems: what is wrong with each node, and what to do.
        shows_costs: whether cards tell what their layers cost.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._facts: dict[str, tuple[object, ...]] = {}
        self.problems: dict[str, str] = {}
        self.shows_costs = True

    def of(self, graph: Graph) -> Iterator[tuple[str, Face | None]]:
        """Yield each node with its face; with None if it is the same as the last time."""
        diagnosis = self._document.diagnosis
        self.problems = _problems_by_node(self._document.problems)
        collapsed = self._document.project.drawing.collapsed
        for (id, node), cost in zip(graph.nodes.items(), self._cost_lines(graph), strict=True):
            problem = self.problems.get(id, "")
            into = graph.into[id]
            inputs = tuple(diagnosis.shapes.get(edge.source) for edge in into)
            small = id in collapsed
            facts = (node, diagnosis.shapes.get(id), problem, into, inputs, small, cost)
            known = self._facts.get(id)
            if known is not None and known[0] is node and known[1:] == facts[1:]:
                yield id, None
                continue
            self._facts[id] = facts
            yield id, face_of(graph, node, diagnosis, problem, small, cost)

    def forget(self, node: str) -> None:
        """A node is gone."""
        self._facts.pop(node, None)

    def clear(self) -> None:
        """All nodes are gone."""
        self._facts.clear()

    def _cost_lines(self, graph: Graph) -> Iterator[str]:
        if not self.shows_costs:
            yield from [""] * len(graph.nodes)
            return
        for found in self._document.costs.each(graph.nodes):
            yield "" if found is None else found.line


def _problems_by_node(problems: Iterable[Problem]) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in problems:
        if problem.node is not None:
            text = f"{problem.what} {problem.todo}".strip()
            # What is wrong inside of a group is told on the group as well.
            node, _, _ = problem.node.partition("/")
            known = found.get(node)
            found[node] = f"{known}\n{text}" if known else text
    return found
