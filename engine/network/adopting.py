"""Which weights of a trained network still fit one whose graph was edited since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    now, before = expanded(graph).graph.nodes, expanded(trained).graph.nodes if trained else None
    taken: list[str] = []
    kept: list[str] = []
    drawn: list[str] = []
    for id, specs in _by_layer(graph).items():
        name = now[id].name
        wanted = {f"{id}/{weight}": spec.shape for weight, spec in specs.items()}
        there = [each for each in wanted if each in weights]
        fits = bool(there) and all(tuple(weights[each]) == wanted[each] for each in there)
        if fits and before is not None:
            fits = id in before and now[id].layer.kind == before[id].layer.kind
        if not fits:
            drawn.append(name)
            continue
        kept.append(name)
        taken += there
        drawn += [f"{name}/{each.rpartition('/')[2]}" for each in wanted if each not in there]
    same = trained is not None and not drawn and _trained_in(graph) == _trained_in(trained)
    return Adopted(tuple(taken), tuple(kept), tuple(drawn), same)


def weight_shapes(graph: Graph) -> dict[str, Shape]:
    """Return the shape of every weight of a graph without problems, by ``layer/weight``."""
    return {name: spec.shape for name, spec in _specs(graph)}


def _specs(graph: Graph) -> Iterator[tuple[str, WeightSpec]]:
    """Every weight by ``layer/weight``, in order; that of a group's layer by its way.

    Read off the drawn graph, which is diagnosed already; the expanded one would have to be.
    """
    found = diagnose(graph).weights
    for id in graph.order:
        for name, spec in found.get(id, {}).items():
            yield f"{id}/{name}", spec


def _by_layer(graph: Graph) -> dict[str, dict[str, WeightSpec]]:
    layers: dict[str, dict[str, WeightSpec]] = {}
    for path, spec in _specs(graph):
        layer, _, name = path.rpartition("/")
        layers.setdefault(layer, {})[name] = spec
    return layers


def _trained_in(graph: Graph) -> list[tuple[str, Shape]]:
    return [(name, spec.shape) for name, spec in _specs(graph) if spec.trainable]


def listed(names: tuple[str, ...]) -> str:
    """Return the names in a row; of many the last are counted."""
    more = len(names) - MOST_NAMED
    if more <= 1:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_NAMED])} and {more:,} more"
