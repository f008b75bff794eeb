"""What is wrong with data, before or after it is loaded, and fixes that mend it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.data import Dataset, DataSetup
from engine.data.steps import Impute, OneHot, StandardizeTarget
from engine.diagnosis import Fix, Problem
from engine.errors import (
    BrokenPicturesError,
    EngineError,
    MissingCellError,
    TextColumnError,
    UnusableSampleError,
)
from engine.graph import Graph
from engine.layers import Embedding
from engine.training.feeding import places_taken


def loading_problem(error: EngineError, setup: DataSetup) -> Problem:
    """Why data could not be loaded, as a problem of the project."""
    return Problem(error.what, error.fix, fixes=tuple(_other_setups(error, setup)))


def _other_setups(error: EngineError, setup: DataSetup) -> Iterator[Fix]:
    if isinstance(error, UnusableSampleError):
        yield Fix("Leave out such samples", data=setup.changed(unusable="leave_out"))
    if isinstance(error, BrokenPicturesError):
        others = setup.source.changed(broken="leave_out")
        yield Fix("Leave out such pictures", data=setup.changed(source=others))
    if setup.steps == "auto":
        return
    if isinstance(error, MissingCellError):
        filled = setup.changed(steps=(Impute(), *setup.steps))
        yield Fix("Fill empty cells with typical values", data=filled)
    if isinstance(error, TextColumnError):
        yield Fix("Encode columns of text", data=setup.changed(steps=(*setup.steps, OneHot())))


def about_data(data: Dataset) -> Problem | None:
    """Why nothing can be learned from loaded data."""
    if not len(data.train):
        return Problem("The training part holds no samples.", "Give it a larger share.")
    if data.targets.task == "classification" and data.output_size < 2:
        return Problem(
            "The data has one class only.",
            "Choose a target with at least two.",
            anyway="The network learns to give the same answer always.",
        )
    if data.flaw:
        return Problem(data.flaw, "Correct the value, or leave the sample out.")
    return None


def about_embeddings(graph: Graph, data: Dataset) -> Iterator[Problem]:
    """Embeddings right behind an Input, which look up numbers that they do not have."""
    places = places_taken(graph, data.preprocessing)
    for node in graph.inputs:
        for edge in graph.out_of[node]:
            layer = graph.layer_of(edge.target)
            if isinstance(layer, Embedding):
                taken = data.range_of(places[node]) if node in places else data.input_range
                yield from _about_words(graph, edge.target, layer, data, taken)


def _about_words(
    graph: Graph, node: str, layer: Embedding, data: Dataset, taken: tuple[float, float, bool]
) -> Iterator[Problem]:
    """What an Embedding cannot look up.

    Args:
        taken: the least and the greatest number it gets, and whether all are whole.
    """
    (least, most, is_whole), name = taken, graph.nodes[node].name
    if least < 0 or not is_whole:
        what = f"numbers below 0, such as {least:g}" if is_whole else "numbers that are not whole"
        yield Problem(
            f"{name} looks up vectors by their number, but the data has {what}.",
            "Give it numbers of words or categories, and do not scale them.",
            node,
            tuple(_unscaled(data)),
        )
    elif most >= layer.input_dim:
        size = int(most) + 1
        yield Problem(
            f"{name} has vectors for 0 to {layer.input_dim - 1:,}, "
            f"but the data has the number {int(most):,}.",
            f"Give it a vocabulary of {size:,}.",
            node,
            tuple(_with_vocabulary(graph, node, layer, size)),
        )


def _unscaled(data: Dataset) -> Iterator[Fix]:
    """Without scaling, where the numbers as they were read can be looked up."""
    setup, x = data.setup, data.samples.x
    if setup is None or x is None or not len(x):
        return
    if x.min() >= 0 and bool((x == x.round()).all()):
        steps = () if setup.steps == "auto" else setup.steps
        kept = tuple(each for each in steps if isinstance(each, StandardizeTarget))
        if kept != setup.steps:
            yield Fix("Leave the inputs as they are", data=setup.changed(steps=kept))


def _with_vocabulary(graph: Graph, node: str, layer: Embedding, size: int) -> Iterator[Fix]:
    most = Embedding.settings()["input_dim"].le
    if most is None or size <= most:
        larger = graph.change(node, layer=layer.changed(input_dim=size))
        yield Fix(f"Set the vocabulary to {size:,}", graph=larger)
