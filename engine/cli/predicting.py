"""Predictions on the command line."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np

from engine.arrays import Array, Shape, shape_text
from engine.cli.projects import Opened
from engine.data.inputs import read_inputs
from engine.data.npz import read_array
from engine.data.preprocessing import Preprocessing
from engine.data.targets import short_list
from engine.errors import DataError
from engine.project.trained import read_trained_for
from engine.training.answers import answers, texts_of, titles_of

_NUMBERS = re.compile(r"[\s,;]+")


def print_predictions(opened: Opened, inputs: list[str]) -> None:
    """Print one line per sample: the class and its probability, or the value.

    Of several outputs each is named.

    Raises:
        EngineError: the project was never trained, or an input cannot be read.
    """
    model = read_trained_for(opened.path, opened.project)
    network = model.network()
    # All are read before the first is printed: an error leaves no half answer.
    samples = [(name, _read(name, model.preprocessing)) for name in inputs]
    for name, x in samples:
        found = answers(network, x, model.targets, model.objective)
        for number, text in enumerate(texts_of(found, titles_of(model.graph)), 1):
            where = name if len(x) == 1 else f"{name}, sample {number}"
            print(f"{where}: {text}")  # noqa: T201


def _read(name: str, preprocessing: Preprocessing) -> Array:
    path = Path(name)
    if path.is_file() and path.suffix.lower() == ".npz":
        return preprocessing.apply(_from_archive(path, preprocessing.input_shape))
    if path.is_file():
        return read_inputs(path, preprocessing)
    numbers = _typed_numbers(name)
    if numbers is None:
        raise DataError(
            f"There is no file {name!r}.", "Give a file, or numbers with commas between them."
        )
    if preprocessing.kind == "table":
        columns = [each.name for each in preprocessing.numbers]
        if preprocessing.categories or len(columns) != len(numbers):
            raise DataError(
                f"{name!r} has {_count(len(numbers), 'number')}, but a sample has "
                f"{_columns_text(preprocessing)}.",
                "Give all of them, or a CSV file with a header."
                if not preprocessing.categories
                else "Write the columns into a CSV file with a header.",
            )
        return preprocessing.from_row(dict(zip(columns, numbers, strict=True)))
    wanted = preprocessing.input_shape
    if len(wanted) != 1 or len(numbers) != wanted[0]:
        raise DataError(
            f"{name!r} has {_count(len(numbers), 'number')}; a sample is {shape_text(wanted)}.",
            "Give a file instead.",
        )
    return preprocessing.apply(np.array([numbers], np.float32))


def _columns_text(preprocessing: Preprocessing) -> str:
    """``4 columns: a, b, c, d``, those of text marked as such."""
    names = [each.name for each in preprocessing.numbers]
    names += [f"{each.name} (text)" for each in preprocessing.categories]
    return f"{_count(len(names), 'column')}: {short_list(names)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s'[: number != 1]}"


def _from_archive(path: Path, wanted: Shape) -> Array:
    """The first array of an NPZ file that holds samples of this shape."""
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path.name} is no NumPy archive, or damaged.", "Give a file that numpy.savez wrote."
        ) from error
    found = []
    with archive:
        for member in archive.namelist():
            key = member.removesuffix(".npy")
            array = read_array(archive, key, path.name)
            found.append(f"{key} ({' × '.join(map(str, array.shape))})")
            # Pictures without an axis for their one channel, as MNIST's, are common.
            for x in (array, array[..., np.newaxis]):
                if x.shape[1:] == wanted and x.dtype.kind in "biuf" and wanted:
                    return x
    raise DataError(
        f"{path.name} holds {', '.join(found) or 'nothing'}, but a sample is {shape_text(wanted)}.",
        "Save an array with one sample in each row.",
    )


def _typed_numbers(text: str) -> list[float] | None:
    try:
        return [float(word) for word in _NUMBERS.split(text.strip())]
    except ValueError:
        return None
