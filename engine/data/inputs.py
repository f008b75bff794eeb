"""Files to predict on, read the way the training data was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.arrays import Array, shape_text
from engine.data.cells import category_texts, read_numbers
from engine.data.pictures import read_picture
from engine.data.pixels import in_range
from engine.data.preprocessing import CategoryColumn, NumberColumn, Preprocessing, stacked
from engine.data.table_text import Cells, read_cells
from engine.data.targets import Targets, number_text, short_list
from engine.data.text_reading import ReadingOptions, TextLayout
from engine.errors import DataError


@dataclass(frozen=True, eq=False)
class Inputs:
    """Samples to predict on.

    Attributes:
        x: the network's input, float32 (N, *input shape).
        cells: the table they came from.
        notes: what is unlike the training data, or had to be guessed.
    """

    x: Array
    cells: Cells | None = None
    notes: tuple[str, ...] = ()


def read_inputs(path: Path, preprocessing: Preprocessing) -> Array:
    """Return the samples in a file as the network's input: float32 (N, *input shape).

    Raises:
        DataError: names the file, row and column.
    """
    return inputs_of(path, preprocessing).x


def inputs_of(path: Path, preprocessing: Preprocessing) -> Inputs:
    """Return the samples in a file, read as the training data was, and what is unlike it.

    A picture (PNG, JPEG, …) is one sample, made as large as the network wants it.
    A table (CSV, TSV, Parquet) has one sample in each row; columns that the
    network does not know, such as the target, are not looked at.

    Raises:
        DataError: names the file, row and column.
    """
    if not path.is_file():
        raise DataError(f"{path.name} is not a file.", "Choose a picture or a table.")
    if preprocessing.kind == "picture":
        return Inputs(preprocessing.apply(_picture(path, preprocessing)[np.newaxis]))
    cells = read_like(path, preprocessing)
    if preprocessing.kind == "table":
        return _table(cells, preprocessing)
    return Inputs(preprocessing.apply(_features(cells, preprocessing)), cells, cells.notes)


def read_like(path: Path, preprocessing: Preprocessing) -> Cells:
    """Return the cells of a table with the header, names and words of the training data.

    Raises:
        DataError: no table, or without a header and of another width.
    """
    layout = preprocessing.layout
    cells = read_cells(path, ReadingOptions.like(layout))
    if layout is None or layout.header or not cells.separator:
        return cells
    return _named_by_place(cells, layout)


def read_truth(cells: Cells, preprocessing: Preprocessing, targets: Targets) -> list[str | None]:
    """Return the target of each row as the name of a class or a number; None where it has none.

    Raises:
        DataError: the target is a number, and a cell is none.
    """
    name, reading = targets.names[0], targets.reading
    column = cells.frame[name]
    if targets.task == "regression":
        as_number = NumberColumn(name=name, reading=reading)
        numbers, _ = read_numbers(as_number, column, preprocessing.layout, cells.place_of)
        return [None if np.isnan(each) else repr(float(each)) for each in numbers]
    as_class = CategoryColumn(name=name, values=targets.classes, reading=reading)
    texts, _ = category_texts(as_class, column, preprocessing.layout)
    known = set(targets.classes)
    return [text if text is None or text in known else _class_like(text, known) for text in texts]


def _class_like(text: str, known: set[str]) -> str:
    """The class that a text spells in another way: 1.0 is 1, Yes is yes."""
    try:
        number = number_text(float(text))
    except (ValueError, OverflowError):
        number = text
    return next((each for each in (number, text.lower()) if each in known), text)


def _table(cells: Cells, preprocessing: Preprocessing) -> Inputs:
    layout = preprocessing.layout
    for name in preprocessing.columns:
        if name not in cells.frame.columns:
            raise DataError(
                f"The column {name!r} is missing; "
                f"{cells.place} has {short_list(cells.frame.columns)}.",
                "Give every column that the model was trained with.",
            )
    numbers, texts, notes = [], [], list(cells.notes)
    for column in preprocessing.numbers:
        values, said = read_numbers(column, cells.frame[column.name], layout, cells.place_of)
        numbers.append(values)
        notes += said
    for category in preprocessing.categories:
        found, said = category_texts(category, cells.frame[category.name], layout)
        texts.append(found)
        notes += said
    x = preprocessing.from_columns(stacked(numbers, len(cells.rows)), texts, cells.place_of)
    return Inputs(x, cells, tuple(notes))


def _named_by_place(cells: Cells, layout: TextLayout) -> Cells:
    """Cells of a file without a header, named as those of the training data.

    One column fewer is taken as the target's.
    """
    names: Sequence[str] = layout.columns
    width = cells.frame.width
    if width == len(names) - 1 and layout.target in names:
        names = [name for name in names if name != layout.target]
        note = f"The column of the target ({layout.target}) is taken as the one that is missing."
        cells = replace(cells, notes=(*cells.notes, note))
    if width != len(names):
        raise DataError(
            f"{cells.place} has {width} columns; the training data had {len(layout.columns)} and "
            "no header.",
            "Give the same columns in the same order, with or without the target.",
        )
    return replace(
        cells, frame=cells.frame.rename(dict(zip(cells.frame.columns, names, strict=True)))
    )


def _picture(path: Path, preprocessing: Preprocessing) -> Array:
    height, width, channels = preprocessing.input_shape
    if channels not in (1, 3):
        raise DataError(
            f"The network expects pictures with {channels} channels, but files have 1 or 3.",
            "Predict from arrays instead.",
        )
    picture = read_picture(path, height, width, "rgb" if channels == 3 else "grayscale")
    return in_range(picture, preprocessing.value_range)


def _features(cells: Cells, preprocessing: Preprocessing) -> Array:
    if len(preprocessing.input_shape) != 1:
        raise DataError(
            f"A table cannot hold samples of {shape_text(preprocessing.input_shape)}.",
            "Predict from arrays instead.",
        )
    names: Sequence[str] = preprocessing.feature_names
    if not names or not set(names) <= set(cells.frame.columns):
        names = cells.frame.columns[: preprocessing.input_shape[0]]
    if len(names) < preprocessing.input_shape[0]:
        raise DataError(
            f"{cells.place} has {len(names)} columns; {preprocessing.input_shape[0]} are expected.",
            "Give one column for each input of the network.",
        )
    columns = [
        read_numbers(NumberColumn(name=name), cells.frame[name], None, cells.place_of)[0]
        for name in names
    ]
    x = stacked(columns, len(cells.rows))
    if np.isnan(x).any():
        i, j = np.argwhere(np.isnan(x))[0]
        raise DataError(
            f"{cells.place_of(int(i))}, column {names[j]!r} is empty.", "Fill the cell."
        )
    return x
