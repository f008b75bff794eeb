"""Made-up raw samples, to compare an exported model on where the data is not at hand."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.data.preprocessing import Preprocessing
from engine.data.samples import Column, Samples
from engine.errors import ExportError, ShapeError
from engine.exporting.raw_inputs import Raw
from engine.layers import Embedding
from engine.network import Network

COUNT = 32


def made_up_samples(network: Network, preprocessing: Preprocessing | None) -> Raw:
    """Return raw samples that a network can take.

    Numbers like those that the preprocessing was fitted on; whole numbers of the vocabulary where
    an Embedding looks them up.

    Raises:
        ExportError: an Embedding gets other numbers than it has vectors for.
    """
    rng = np.random.default_rng(0)
    vocabularies = {id: _vocabulary(network, id) for id in network.graph.inputs}
    if preprocessing is None:
        shapes = {id: network.shapes[id] for id in vocabularies}
        drawn: dict[str, Array] = {
            id: rng.standard_normal((COUNT, *shape)) for id, shape in shapes.items()
        }
        for id, size in vocabularies.items():
            if size is not None:
                drawn[id] = rng.integers(0, size, (COUNT, *shapes[id]))
        seen: Array | tuple[Array, ...] = tuple(x.astype(np.float32) for x in drawn.values())
        raw: Raw = seen
    else:
        samples = _raw_samples(network, preprocessing, vocabularies, rng)
        raw, seen = samples, preprocessing.apply(samples)
    try:
        network.outputs_of(seen, network.graph.outputs)
    except ShapeError as error:
        raise ExportError(
            f"No samples could be made up to compare the model on: {error.what}",
            "Give some of the data as verify_on.",
        ) from error
    return raw


def _vocabulary(network: Network, input: str) -> int | None:
    """The smallest vocabulary of an Embedding that looks up numbers of an Input; None without."""
    graph = network.expansion.graph
    found: list[int] = []
    stack, seen = [input], {input}
    while stack:
        for edge in graph.out_of[stack.pop()]:
            layer = network.layer_of(edge.target)
            if isinstance(layer, Embedding):
                found.append(layer.input_dim)
            elif edge.target not in seen and not _has_weights(network, edge.target):
                seen.add(edge.target)
                stack.append(edge.target)
    return min(found, default=None)


def _has_weights(network: Network, node: str) -> bool:
    """Whether a layer mixes numbers, so that whole ones do not stay whole."""
    return any(name.startswith(f"{node}/") for name in network.weights)


def _raw_samples(
    network: Network,
    preprocessing: Preprocessing,
    vocabularies: dict[str, int | None],
    rng: np.random.Generator,
) -> Samples | Array:
    is_table = preprocessing.kind == "table"
    shape = (len(preprocessing.numbers),) if is_table else preprocessing.input_shape
    numbers = rng.standard_normal((COUNT, *shape))
    for id, size in vocabularies.items():
        if size is not None:
            places = network.places.get(id, range(shape[-1]))
            chosen = [place for place in places if place < shape[-1]]
            numbers[..., chosen] = rng.integers(0, size, (COUNT, *shape[:-1], len(chosen)))
    if not is_table:
        dtype = np.float64 if preprocessing.loses_digits else np.float32
        return np.asarray(numbers / preprocessing.scale + preprocessing.offset, dtype)
    return _table(preprocessing, numbers, rng)


def _table(preprocessing: Preprocessing, numbers: Array, rng: np.random.Generator) -> Samples:
    """A table with these numbers, as the network is to see them, and drawn categories."""
    import polars as pl

    table: dict[str, object] = {}
    for each, values in zip(preprocessing.numbers, numbers.T, strict=True):
        table[each.name] = values / each.scale + each.offset
    for column in preprocessing.categories:
        table[column.name] = rng.choice([*column.values, "", "…"], COUNT).astype(str).tolist()
    columns = [Column(each.name, each.kind) for each in preprocessing.numbers]
    texts = [Column(each.name, "category") for each in preprocessing.categories]
    return Samples(
        kind="table",
        y=np.zeros(COUNT, np.int64),
        task="classification",
        table=pl.DataFrame(table),
        columns=(*columns, *texts),
    )
