"""Preprocessing as ONNX operators, and raw samples as the inputs of such a model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.arrays import Array
from engine.data.preprocessing import CategoryColumn, Preprocessing
from engine.data.samples import Samples
from engine.exporting.builder import ML, OnnxBuilder

NUMBERS = "numbers"
INPUT_NAMES = {"table": NUMBERS, "picture": "pictures", "array": "inputs"}

OUTPUT_NAMES = ("probabilities", "scores", "label", "value")

Feeds = dict[str, Array]
Raw = Samples | Array | tuple[Array, ...]
"""Samples as read, a raw array (N, ...), or one array for each Input of a network."""


def add_preprocessing(g: OnnxBuilder, preprocessing: Preprocessing) -> str:
    """Declare the model's raw inputs and add all that happens before the network.

    Pictures and arrays: one input of raw values, float32 (N, ...). Tables: the
    input ``numbers``, float32 (N, columns) with NaN where a cell is empty, and
    for each text column a string input (N,). Numbers are float64 where float32 would lose
    digits that count, as of times in seconds.
    """
    dtype = "float64" if preprocessing.loses_digits else "float32"
    if preprocessing.kind != "table":
        x = g.input(INPUT_NAMES[preprocessing.kind], preprocessing.input_shape, dtype)
        with g.inside("preprocessing"):
            offset, scale = np.array(preprocessing.offset), np.array(preprocessing.scale)
            return _scaled(g, x, offset, scale, exact=preprocessing.loses_digits)
    texts = _text_inputs(preprocessing)
    # All inputs first: their names are the columns' own, and operators take what is left.
    width = len(preprocessing.numbers)
    x = g.input(NUMBERS, (width,), dtype) if width else ""
    cells = [g.input(name, (), "string") for name, _ in texts]
    columns = [_numbers(g, x, preprocessing)] if width else []
    for text, (_, column) in zip(cells, texts, strict=True):
        with g.inside(f"preprocessing/{column.name}"):
            columns.append(_encoded(g, text, column))
    return columns[0] if len(columns) == 1 else g.op("Concat", *columns, axis=1)


def _encoded(g: OnnxBuilder, text: str, column: CategoryColumn) -> str:
    """A text column as one number per value, and one for all others where it has that."""
    values, width = list(column.values), len(column.values)
    # zeros=1: a value that was never seen becomes all zeros, as when training.
    if not column.has_other:
        return g.op("OneHotEncoder", text, domain=ML, cats_strings=values, zeros=1)
    # The last place stands for an empty cell at first. Any of them takes 1 from the place of
    # the others, which starts with 1.
    known = g.op("OneHotEncoder", text, domain=ML, cats_strings=[*values, ""], zeros=1)
    mix = np.zeros((width + 1, width + 1))
    mix[:width, :width] = np.eye(width)
    mix[:, width] = -1
    mixed = g.op("MatMul", known, g.constant(mix))
    return g.op("Add", mixed, g.constant(np.eye(width + 1)[width]))


def feeds_for(preprocessing: Preprocessing | None, raw: Raw, inputs: list[str]) -> Feeds:
    """Raw samples as the inputs of an exported model, whose names are ``inputs``.

    A single array goes to every input.
    """
    if isinstance(raw, tuple):
        return {name: np.asarray(x, np.float32) for name, x in zip(inputs, raw, strict=True)}
    exact = preprocessing is not None and preprocessing.loses_digits
    dtype = np.float64 if exact else np.float32
    if isinstance(raw, np.ndarray) or preprocessing is None or preprocessing.kind != "table":
        array = raw if isinstance(raw, np.ndarray) else raw.array
        return {name: np.asarray(array, dtype) for name in inputs}
    feeds: Feeds = {}
    if preprocessing.numbers:
        feeds[NUMBERS] = preprocessing.raw_numbers(raw).astype(dtype)
    for name, column in _text_inputs(preprocessing):
        cells = raw.frame[column.name].fill_null("").to_list()
        feeds[name] = np.array(cells, dtype=object)
    return feeds


def as_fed(preprocessing: Preprocessing, raw: Samples | Array) -> Samples | Array:
    """Return raw samples with the numbers that a model is given: rounded where it takes float32."""
    if preprocessing.loses_digits:
        return raw
    if isinstance(raw, np.ndarray):
        return raw.astype(np.float32) if raw.dtype == np.float64 else raw
    if raw.kind != "table":
        return (
            raw if raw.array.dtype != np.float64 else replace(raw, x=raw.array.astype(np.float32))
        )
    import polars as pl

    rounded = [
        pl.col(each.name).cast(pl.Float32).cast(pl.Float64) for each in preprocessing.numbers
    ]
    return replace(raw, table=raw.frame.with_columns(rounded))


def _numbers(g: OnnxBuilder, x: str, preprocessing: Preprocessing) -> str:
    columns, exact = preprocessing.numbers, preprocessing.loses_digits
    with g.inside("preprocessing"):
        if any(each.fill is not None for each in columns):
            fills = np.array([np.nan if each.fill is None else each.fill for each in columns])
            x = g.op("Where", g.op("IsNaN", x), g.constant(fills, exact=exact), x)
        offset = np.array([each.offset for each in columns])
        scale = np.array([each.scale for each in columns])
        return _scaled(g, x, offset, scale, exact=exact)


def _scaled(g: OnnxBuilder, x: str, offset: Array, scale: Array, *, exact: bool) -> str:
    """``(x - offset) * scale``, leaving out what does nothing, as preprocessing does.

    In float32 the offset is subtracted in two parts: what float32 can hold, which leaves a
    small number without rounding, and the rest.
    """
    if offset.any():
        whole = offset if exact else offset.astype(np.float32).astype(np.float64)
        x = g.op("Sub", x, g.constant(whole, exact=exact))
        if (offset != whole).any():
            x = g.op("Sub", x, g.constant(offset - whole))
    if (scale != 1).any():
        x = g.op("Mul", x, g.constant(scale, exact=exact))
    return g.op("Cast", x, to=1) if exact else x


def _text_inputs(preprocessing: Preprocessing) -> list[tuple[str, CategoryColumn]]:
    """The name of the model's input for each text column that has values.

    A name that an output may have gets "(text)": ``label (text)``, ``label (text)/dense``.
    A column without a name is called "(text)".
    """
    taken = {NUMBERS}
    found = []
    for column in preprocessing.categories:
        if column.values:
            head, slash, rest = column.name.partition("/")
            name = f"{head} (text){slash}{rest}" if head in OUTPUT_NAMES else column.name
            while not name or name in taken:
                name = f"{name} (text)".strip()
            taken.add(name)
            found.append((name, column))
    return found
