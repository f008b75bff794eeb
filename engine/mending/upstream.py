"""Changes of what stands before a node, so that other shapes arrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.arrays import Shape
from engine.errors import EngineError
from engine.graph import Graph, Node
from engine.layers import Layer
from engine.mending.fix import Candidates, Fix

_FAR = 8
"""So many layers back a change is still seen as the cause."""


def sizes_before(graph: Graph, node: Node) -> Candidates:
    """Keep the size of pictures in one of the layers before, or in all of a branch."""
    for edge in graph.into[node.id]:
        branch = [each for each in _back_from(graph, edge.source) if _shrinks(each)]
        for each in branch:
            yield from _with(graph, [each], f"padding same of {each.name}", padding="same")
        if len(branch) > 1:
            names = f"{branch[-1].name} to {branch[0].name}"
            yield from _with(graph, branch, f"padding same of {names}", padding="same")
        for each in _back_from(graph, edge.source):
            if _strides(each):
                yield from _with(graph, [each], f"strides 1 of {each.name}", strides=1)


def channels_before(graph: Graph, node: Node, inputs: tuple[Shape, ...]) -> Candidates:
    """As many filters or units in a branch as another one has."""
    for edge, shape in zip(graph.into[node.id], inputs, strict=True):
        wanted = [each[-1] for each in dict.fromkeys(inputs) if each and each[-1:] != shape[-1:]]
        for each in _back_from(graph, edge.source):
            name = next((one for one in ("filters", "units") if hasattr(each.layer, one)), None)
            if name is None:
                continue
            for number in wanted:
                words = f"{number} {name} in {each.name}"
                yield from _with(graph, [each], words, **{name: number})
            break


def without_one_before(graph: Graph, node: Node) -> Candidates:
    """Leave out a pooling layer that makes pictures too small."""
    for edge in graph.into[node.id]:
        for each in _back_from(graph, edge.source):
            sources = [into.source for into in graph.into[each.id]]
            if not hasattr(each.layer, "pool_size") or len(sources) != 1:
                continue
            rest = graph.remove([each.id])
            for onward in graph.out_of[each.id]:
                rest = rest.connect(onward._replace(source=sources[0]))
            yield Fix(f"Leave out {each.name}", rest)


def _back_from(graph: Graph, id: str) -> Iterator[Node]:
    """A node and those before it, as long as there is one way back."""
    for _ in range(_FAR):
        yield graph.nodes[id]
        into = graph.into[id]
        if len(into) != 1:
            return
        id = into[0].source


def _shrinks(node: Node) -> bool:
    return getattr(node.layer, "padding", None) == "valid" and hasattr(node.layer, "kernel_size")


def _strides(node: Node) -> bool:
    strides: Any = getattr(node.layer, "strides", None)
    steps = strides if isinstance(strides, tuple) else (strides or 1,)
    return hasattr(node.layer, "kernel_size") and max(steps) > 1


def _with(graph: Graph, nodes: list[Node], words: str, **settings: Any) -> Candidates:
    for node in nodes:
        assert isinstance(node.layer, Layer)
        try:
            graph = graph.change(node.id, layer=node.layer.changed(**settings))
        except EngineError:
            return
    yield Fix(f"Set {words}", graph)
