"""A network's answers about samples: outputs, read as their meaning says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.data import Targets
from engine.graph import Graph
from engine.losses import Loss, Objective
from engine.network import Network
from engine.training.meaning import Meaning, meanings_of

Cells = list[str] | list[float]


@dataclass(frozen=True, eq=False)
class Answer:
    """What one output says about some samples.

    Attributes:
        meaning: how the values are to be read.
        values: (N, ...) probabilities, scores, or numbers in the target's own unit.
        errors: of a reconstruction, how far each is from its sample: root mean square, (N,).
    """

    meaning: Meaning
    values: Array
    errors: Array | None = None

    @property
    def classes(self) -> list[str]:
        """The predicted class of each sample, by name; empty where there are no classes."""
        if not self.meaning.targets.classes:
            return []
        names = self.meaning.class_names(self.values.shape[-1])
        return [names[i] for i in self.meaning.choose(self.values)]

    @property
    def confidence(self) -> Array | None:
        """The probability of each predicted class, (N,); None where there are no probabilities."""
        if not self.meaning.has_probabilities:
            return None
        shares = self.meaning.shares(self.values)
        return np.asarray(shares[np.arange(len(shares)), self.meaning.choose(self.values)])

    def columns(self) -> dict[str, Cells]:
        """Return the answers as columns of a table, one cell for each sample.

        Classes: the predicted one under the target's name, then ``probability of <class>``, or
        ``score of <class>``. Numbers: one column for each. A reconstruction: its error.
        """
        targets, flat = self.meaning.targets, self.values.reshape(len(self.values), -1)
        if targets.classes:
            found: dict[str, Cells] = {targets.names[0]: self.classes}
            if flat.shape[1] == 1 and self.meaning.kind == "scores":
                return found | {"score": flat[:, 0].tolist()}
            what = "probability" if self.meaning.has_probabilities else "score"
            rows = self.meaning.shares(flat) if self.meaning.has_probabilities else flat
            names = self.meaning.class_names(rows.shape[1])
            return found | {
                f"{what} of {name}": rows[:, i].tolist()
                for i, name in enumerate(names[: rows.shape[1]])
            }
        if self.errors is not None:
            return {"error": self.errors.tolist()}
        return {name: flat[:, i].tolist() for i, name in enumerate(number_names(targets, flat))}

    def texts(self) -> Iterator[str]:
        """Yield the answer about each sample in a few words."""
        targets = self.meaning.targets
        if targets.classes:
            shares = self.confidence
            for i, name in enumerate(self.classes):
                yield name if shares is None else f"{name} ({shares[i]:.1%})"
        elif self.errors is not None:
            # The numbers themselves would be a page for each picture.
            yield from (f"reconstructed with an error of {each:.4g} (RMSE)" for each in self.errors)
        else:
            rows = self.values.reshape(len(self.values), -1)
            names = number_names(targets, rows)
            for row in rows:
                numbers = [targets.number_text(v, i) for i, v in enumerate(row)]
                yield ", ".join(f"{name} {v}" for name, v in zip(names, numbers, strict=True))


def answers(
    network: Network,
    x: Array | tuple[Array, ...],
    targets: Targets,
    loss: Loss | Objective | None,
) -> dict[str, Answer]:
    """Return what every output of a network says about samples, by node.

    Args:
        x: (N, ...) samples as the network takes them.
        targets: of the data that the network was trained on.
        loss: what it was trained by; None where that is unknown.
    """
    meanings = meanings_of(network.graph, targets, loss)
    raw = network.outputs_of(x, meanings)
    return {node: answer_of(meaning, raw[node], x) for node, meaning in meanings.items()}


def answer_of(meaning: Meaning, y: Array, x: Array | tuple[Array, ...] | None = None) -> Answer:
    """Return raw outputs (N, ...) as answers; ``x`` are the samples, for reconstructions."""
    values = meaning.read(y)
    if meaning.kind != "reconstruction" or not isinstance(x, np.ndarray) or x.size != y.size:
        return Answer(meaning, values)
    off = values.reshape(len(x), -1) - meaning.targets.in_units(x).reshape(len(x), -1)
    return Answer(meaning, values, np.sqrt(np.square(off, dtype=np.float64).mean(axis=1)))


def texts_of(found: Mapping[str, Answer], titles: Mapping[str, str]) -> Iterator[str]:
    """Yield what all outputs say about each sample, each with its title where there are several."""
    each = [answer.texts() for answer in found.values()]
    if len(each) == 1:
        yield from each[0]
        return
    names = [titles.get(node, node) for node in found]
    for texts in zip(*each, strict=True):
        yield "; ".join(f"{name}: {text}" for name, text in zip(names, texts, strict=True))


def titles_of(graph: Graph) -> dict[str, str]:
    """Return what people call each output, by node; those of one name by their ids."""
    names = {node: graph.nodes[node].name for node in graph.outputs}
    often = Counter(names.values())
    return {node: name if often[name] == 1 else node for node, name in names.items()}


def table_of(found: Mapping[str, Answer], titles: Mapping[str, str]) -> dict[str, Cells]:
    """Return the answers of all outputs as columns of one table.

    Args:
        titles: what to call each output, see :func:`titles_of`; with several outputs it precedes
            the column's name.
    """
    if len(found) == 1:
        return next(iter(found.values())).columns()
    return {
        f"{titles.get(node, node)}: {name}": cells
        for node, answer in found.items()
        for name, cells in answer.columns().items()
    }


def number_names(targets: Targets, rows: Array) -> tuple[str, ...]:
    """Return a name for each number of rows (N, numbers): the targets', or numbered ones."""
    count = rows.shape[1]
    if len(targets.names) == count:
        return targets.names
    return tuple(f"{targets.names[0]} {i + 1}" for i in range(count))
