"""Files to predict on, read the way the training data was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from engine.arrays import Array, shape_text
from engine.data.cells import to_number
from engine.data.pictures import read_picture
from engine.data.pixels import in_range
from engine.data.preprocessing import Preprocessing
from engine.data.table_text import read_cells
from engine.errors import DataError


def read_inputs(path: Path, preprocessing: Preprocessing) -> Array:
    """The samples in a file as the network's input: float32 (N, *input shape).

    A picture (PNG, JPEG, …) is one sample, made as large as the network wants it.
    A table (CSV, TSV, Parquet) has one sample in each row; columns that the
    network does not know, such as the target, are not looked at.

    Raises:
        DataError: names the file, row and column.
    """
    if not path.is_file():
        raise DataError(f"{path.name} is no file.", "Choose a picture or a table.")
    if preprocessing.kind == "picture":
        return preprocessing.apply(_picture(path, preprocessing)[np.newaxis])
    if preprocessing.kind == "table":
        return preprocessing.apply(read_rows(path))
    return preprocessing.apply(_features(path, preprocessing))


def read_rows(path: Path) -> list[Mapping[str, object]]:
    """The rows of a table as cells by column, text or None where missing.

    Raises:
        DataError: no table.
    """
    return read_cells(path).frame.to_dicts()  # type: ignore[return-value]


def _picture(path: Path, preprocessing: Preprocessing) -> Array:
    height, width, channels = preprocessing.input_shape
    if channels not in (1, 3):
        raise DataError(
            f"The network wants pictures of {channels} channels; files have 1 or 3.",
            "Predict from arrays instead.",
        )
    picture = read_picture(path, height, width, "rgb" if channels == 3 else "grayscale")
    return in_range(picture, preprocessing.value_range)


def _features(path: Path, preprocessing: Preprocessing) -> Array:
    if len(preprocessing.input_shape) != 1:
        raise DataError(
            f"A table cannot hold samples of {shape_text(preprocessing.input_shape)}.",
            "Predict from arrays instead.",
        )
    cells = read_cells(path)
    names: Sequence[str] = preprocessing.feature_names
    if not names or not set(names) <= set(cells.frame.columns):
        names = cells.frame.columns[: preprocessing.input_shape[0]]
    if len(names) < preprocessing.input_shape[0]:
        raise DataError(
            f"{path.name} has {len(names)} columns; {preprocessing.input_shape[0]} are expected.",
            "Give one column for each input of the network.",
        )
    x = np.empty((cells.frame.height, len(names)))
    for j, name in enumerate(names):
        for i, cell in enumerate(cells.frame[name].to_list()):
            number = None if cell is None else to_number(cell)
            if number is None:
                raise DataError(
                    f"{path.name}, row {cells.rows[i]}, column {name!r} holds "
                    f"{'nothing' if cell is None else repr(cell[:40])}, which is no number.",
                    "Correct the cell.",
                )
            x[i, j] = number
    return x
