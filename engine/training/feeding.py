"""Which part of a sample each Input of a network takes."""

from __future__ import annotations

from collections.abc import Iterator

from engine.arrays import Shape, shape_text
from engine.data import Dataset
from engine.data.preprocessing import Preprocessing
from engine.data.targets import short_list
from engine.diagnosis import Fix, Problem
from engine.graph import Graph
from engine.layers import Input


def places_taken(graph: Graph, preprocessing: Preprocessing) -> dict[str, tuple[int, ...]]:
    """For each Input that names columns, where they lie on the last axis of a sample."""
    layers = ((node, graph.nodes[node].layer) for node in graph.inputs)
    return {
        node: preprocessing.places_of(layer.columns)
        for node, layer in layers
        if isinstance(layer, Input) and layer.columns
    }


def shape_taken(layer: Input, preprocessing: Preprocessing) -> Shape:
    """The shape of what an Input takes of one sample; that of all where it names no column."""
    shape = preprocessing.output_shape
    if not layer.columns:
        return shape
    return (*shape[:-1], len(preprocessing.places_of(layer.columns)))


def about_inputs(graph: Graph, data: Dataset) -> Iterator[Problem]:
    """Inputs that take columns which are not there, or samples of another shape."""
    for node in graph.inputs:
        layer, name = graph.nodes[node].layer, graph.nodes[node].name
        assert isinstance(layer, Input)
        known = data.preprocessing.columns
        unknown = [each for each in layer.columns if each not in known]
        if unknown:
            whole = graph.change(node, layer=layer.changed(columns=(), shape=data.input_shape))
            others = f"Its columns are {short_list(known)}." if known else "It has no columns."
            yield Problem(
                f"{name} takes the column {unknown[0]!r}, which the data does not have.",
                others,
                node,
                (Fix("Take the whole sample", graph=whole),),
            )
            continue
        shape = shape_taken(layer, data.preprocessing)
        if layer.shape != shape:
            fits = graph.change(node, layer=layer.changed(shape=shape))
            what = "what it takes of a sample" if layer.columns else "a sample of the data"
            yield Problem(
                f"{name} takes {shape_text(layer.shape)}, but {what} is {shape_text(shape)}.",
                "Give it the shape of the data.",
                node,
                (Fix(f"Set the shape to {shape_text(shape)}", graph=fits),),
            )
