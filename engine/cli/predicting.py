"""Predictions and scores on the command line."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from engine.arrays import Array, shape_text
from engine.cli.commands import json_line
from engine.cli.projects import Opened
from engine.data.preprocessing import Preprocessing
from engine.data.targets import short_list
from engine.errors import DataError
from engine.predicting import Batch, Predictions, predict, read_batch, score
from engine.predicting.predictions import check_csv, write_csv
from engine.project.trained import TrainedModel, read_trained_for

_NUMBERS = re.compile(r"[\s,;]+")


def print_predictions(opened: Opened, inputs: list[str], to: Path | None, as_json: bool) -> None:
    """Print what the network says: a line for each sample, or one line of JSON.

    Args:
        to: write the predictions into this CSV file instead.

    Raises:
        EngineError: the project was never trained, an input cannot be read, or the file cannot
            be written.
    """
    if to is not None:
        check_csv(to)
    model = read_trained_for(opened.path, opened.project)
    network = model.network()
    # All are read before the first is printed: an error leaves no half answer.
    batches = [_read(name, model) for name in inputs]
    found = [predict(model, batch, network=network) for batch in batches]
    if to is not None:
        write_csv(found, to)
    if as_json:
        print(json_line(_as_plain_data(inputs, found, to)))  # noqa: T201
        return
    for name, each in zip(inputs, found, strict=True):
        for note in each.batch.notes:
            print(f"{name}: {note}", file=sys.stderr)  # noqa: T201
        if to is None:
            for line in _lines(name, each):
                print(line)  # noqa: T201
    if to is not None:
        count = sum(map(len, found))
        print(f"Wrote {count:,} prediction{'s'[: count != 1]} to {to}")  # noqa: T201


def print_scores(opened: Opened, file: Path, as_json: bool) -> None:
    """Print loss and metrics on a file that holds the targets: a table, or one line of JSON.

    Raises:
        EngineError: the project was never trained, or the file cannot be read or has no targets.
    """
    model = read_trained_for(opened.path, opened.project)
    batch = read_batch(file, model.preprocessing, model.targets)
    scores = score(model, opened.project.plan, batch)
    notes = (*batch.notes, *scores.notes)
    if as_json:
        values = {name: v if isfinite(v) else None for name, v in scores.values.items()}
        plain = {"file": str(file), "samples": scores.samples, "scores": values}
        print(json_line({**plain, "notes": list(notes)}))  # noqa: T201
        return
    for note in notes:
        print(note, file=sys.stderr)  # noqa: T201
    table = Table("Samples", *scores.values)
    table.add_row(f"{scores.samples:,}", *(f"{each:.4f}" for each in scores.values.values()))
    Console(highlight=False).print(table)


def _as_plain_data(
    inputs: list[str], found: list[Predictions], to: Path | None
) -> dict[str, object]:
    rows = [
        {"input": name, **record}
        for name, each in zip(inputs, found, strict=True)
        for record in each.records()
    ]
    notes = [note for each in found for note in each.batch.notes]
    files = [] if to is None else [str(to)]
    return {"predictions": rows, "notes": notes, "files": files}


def _lines(name: str, found: Predictions) -> Iterator[str]:
    batch = found.batch
    for label, text in zip(batch.labels, found.texts, strict=True):
        if batch.what == "file":
            where = name if label == Path(name).name else f"{name}/{label}"
        else:
            where = name if len(batch) == 1 else f"{name}, {batch.what} {label}"
        yield f"{where}: {text}"


def _read(name: str, model: TrainedModel) -> Batch:
    path, preprocessing = Path(name), model.preprocessing
    if path.exists():
        return read_batch(path, preprocessing, model.targets)
    numbers = _typed_numbers(name)
    if numbers is None:
        raise DataError(
            f"There is no file {name!r}.", "Give a file, or numbers with commas between them."
        )
    return Batch(_from_numbers(name, numbers, preprocessing), name, labels=("1",))


def _from_numbers(name: str, numbers: list[float], preprocessing: Preprocessing) -> Array:
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
    return preprocessing.apply(np.array([numbers], np.float64))


def _columns_text(preprocessing: Preprocessing) -> str:
    """``4 columns: a, b, c, d``, those of text marked as such."""
    names = [each.name for each in preprocessing.numbers]
    names += [f"{each.name} (text)" for each in preprocessing.categories]
    return f"{_count(len(names), 'column')}: {short_list(names)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s'[: number != 1]}"


def _typed_numbers(text: str) -> list[float] | None:
    try:
        return [float(word) for word in _NUMBERS.split(text.strip())]
    except ValueError:
        return None
