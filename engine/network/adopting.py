"""Which weights of a trained network still fit one whose graph was edited since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.arrays import Shape
from engine.diagnosis import diagnose
from engine.graph import Graph, expanded
from engine.layers import WeightSpec

MOST_NAMED = 6
"""How many layers a sentence names before it counts the others."""


@dataclass(frozen=True)
class Adopted:
    """What became of each layer with weights, in the order of the graph.

    Attributes:
        weights: the names (``layer/weight``) of all weights that were taken over.
        kept: the names of layers whose weights were taken over.
        drawn: the names of layers with new weights, and of single new weights (``dense/bias``)
            of layers that kept their others.
        same_trained: whether both networks train the same weights in the same order, so that an
            optimizer's moments still fit.
    """

    weights: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    same_trained: bool = False

    @property
    def in_words(self) -> str:
        """``Kept: dense, dense_1. Drawn: dense_2.``"""
        parts = (("Kept", self.kept), ("Drawn", self.drawn))
        return " ".join(f"{verb}: {listed(names)}." for verb, names in parts if names)


def adoptable(graph: Graph, weights: Mapping[str, Shape], trained: Graph | None = None) -> Adopted:
    """Match weights with a graph, by the layer's id and the weight's name and shape.

    A layer keeps its weights if all of them that it had before still have their shape; else
    it draws them all, since a bias that belonged to another kernel is of no use.

    Args:
        graph: a graph without problems.
        weights: the shapes at hand, by ``layer/weight``.
        trained: the graph that they were trained in; a layer that has become one of another
            type draws its weights, whatever their shapes.
    """
    flat, before = expanded(graph).graph, expanded(trained).graph if trained else None
    taken: list[str] = []
    kept: list[str] = []
    drawn: list[str] = []
    for id, specs in _weights_of(flat).items():
        name = flat.nodes[id].name
        wanted = {f"{id}/{weight}": spec.shape for weight, spec in specs.items()}
        there = [each for each in wanted if each in weights]
        fits = bool(there) and all(tuple(weights[each]) == wanted[each] for each in there)
        if not fits or (before is not None and not _is_same_type(flat, before, id)):
            drawn.append(name)
            continue
        kept.append(name)
        taken += there
        drawn += [f"{name}/{each.rpartition('/')[2]}" for each in wanted if each not in there]
    same = before is not None and not drawn and _trained_in(flat) == _trained_in(before)
    return Adopted(tuple(taken), tuple(kept), tuple(drawn), same)


def weight_shapes(graph: Graph) -> dict[str, Shape]:
    """Return the shape of every weight of a graph without problems, by ``layer/weight``."""
    found = _weights_of(expanded(graph).graph)
    return {f"{id}/{name}": spec.shape for id, each in found.items() for name, spec in each.items()}


def _weights_of(flat: Graph) -> dict[str, Mapping[str, WeightSpec]]:
    specs = diagnose(flat).weights
    return {id: specs[id] for id in flat.order if specs.get(id)}


def _trained_in(flat: Graph) -> list[tuple[str, str, Shape]]:
    return [
        (id, name, spec.shape)
        for id, specs in _weights_of(flat).items()
        for name, spec in specs.items()
        if spec.trainable
    ]


def _is_same_type(now: Graph, before: Graph, id: str) -> bool:
    return id in before.nodes and now.nodes[id].layer.kind == before.nodes[id].layer.kind


def listed(names: tuple[str, ...]) -> str:
    """Return the names in a row; of many the last are counted."""
    more = len(names) - MOST_NAMED
    if more <= 1:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_NAMED])} and {more:,} more"
