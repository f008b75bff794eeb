"""What a trained network says about samples, as a table to look at, save or pass on."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from engine.atomic import replace_file
from engine.errors import ExportError, reason_of
from engine.network import Network
from engine.predicting.batch import Batch, Cell
from engine.progress import Progress, no_progress
from engine.project.trained import TrainedModel
from engine.training.answers import Answer, answers, texts_of, titles_of

CHUNK = 1024
"""So many samples are predicted before it is told how far it is."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """A table: what the file says about each sample, then what the network does.

    Attributes:
        batch: the samples.
        answers: what each output says, by column: names of classes, probabilities, numbers.
        texts: what all outputs say about each sample, in a few words.
        probabilities: the columns among the answers that hold probabilities.
    """

    batch: Batch
    answers: Mapping[str, Sequence[Cell]]
    texts: Sequence[str]
    probabilities: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.batch)

    @property
    def columns(self) -> dict[str, Sequence[Cell]]:
        """All columns by name: which sample it is, the predictions, and the file's own columns.

        A name that occurs twice gets a number.
        """
        found: dict[str, Sequence[Cell]] = {}
        own = {self.batch.what: self.batch.labels}
        for columns in (own, self.answers, self.batch.columns):
            for name, cells in columns.items():
                found[_unused(name, found)] = cells
        return found

    @cached_property
    def wrong(self) -> frozenset[int]:
        """The samples whose class the file gives as another; empty for numbers."""
        truth, first = self.batch.truth, next(iter(self.answers.values()), ())
        if truth is None or isinstance(truth, np.ndarray):
            return frozenset()
        known = {each for each in first if isinstance(each, str)}
        return frozenset(
            i
            for i, (said, true) in enumerate(zip(first, truth, strict=True))
            if known and true is not None and said != true.strip()
        )

    def records(self) -> list[dict[str, Any]]:
        """Return the samples as plain data for JSON: label and predictions, by column."""
        columns = {self.batch.what: self.batch.labels, **self.answers}
        rows = zip(*columns.values(), strict=True)
        return [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]

    def to_csv(self) -> str:
        """Return the table as CSV text, numbers with all their digits."""
        return to_csv([self])

    def write_csv(self, path: Path) -> None:
        """Write :meth:`to_csv`; the file is replaced as a whole or not at all.

        Raises:
            ExportError: it cannot be written there.
        """
        write_csv([self], path)


def predict(
    model: TrainedModel,
    batch: Batch,
    progress: Progress = no_progress,
    network: Network | None = None,
) -> Predictions:
    """Ask a trained network about samples.

    Args:
        progress: is told how many samples are done, and may stop it.
        network: the model's, where it is there already.

    Raises:
        ShapeError: weights and graph do not go together.
        Cancelled: ``progress`` asked for it.
    """
    network = network or model.network()
    titles = titles_of(model.graph)
    columns: dict[str, list[Cell]] = {}
    texts: list[str] = []
    shares: set[str] = set()
    for start in range(0, max(1, len(batch)), CHUNK):
        progress(start, len(batch), "samples")
        found = answers(network, batch.x[start : start + CHUNK], model.targets, model.objective)
        texts += texts_of(found, titles)
        for name, cells, are_shares in _named_columns(found, titles):
            columns.setdefault(name, []).extend(cells)
            shares |= {name} if are_shares else set()
    progress(len(batch), len(batch), "samples")
    return Predictions(batch, columns, texts, frozenset(shares))


def check_csv(path: Path) -> None:
    """Refuse a file that predictions should not be written to.

    Raises:
        ExportError: it is not called .csv, or its folder does not exist.
    """
    if path.suffix.lower() != ".csv":
        raise ExportError(f"{path.name} does not end in .csv.", "Predictions are written as CSV.")
    if not path.absolute().parent.is_dir():
        raise ExportError(f"There is no folder {path.parent}.", "Create it, or choose another.")


def write_csv(parts: Sequence[Predictions], path: Path) -> None:
    """Write predictions about one or several files as one CSV file.

    Raises:
        ExportError: it cannot be written there.
    """
    try:
        replace_file(path, to_csv(parts).encode())
    except OSError as error:
        raise ExportError(
            f"{path.name} cannot be written to {path.parent}: {reason_of(error)}.",
            "Choose another folder, or make room there.",
        ) from error


def to_csv(parts: Sequence[Predictions]) -> str:
    """Return predictions as CSV text; of several files, the first column says which."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    tables = [_with_place(each) if len(parts) > 1 else each.columns for each in parts]
    names = list(dict.fromkeys(name for table in tables for name in table))
    writer.writerow(names)
    for part, table in zip(parts, tables, strict=True):
        empty: Sequence[Cell] = [None] * len(part)
        rows = zip(*(table.get(name, empty) for name in names), strict=True)
        writer.writerows([digits_of(cell) for cell in row] for row in rows)
    return text.getvalue()


def _with_place(part: Predictions) -> dict[str, Sequence[Cell]]:
    return {"input": [part.batch.place] * len(part), **part.columns}


def _named_columns(
    found: Mapping[str, Answer], titles: Mapping[str, str]
) -> Iterator[tuple[str, Sequence[Cell], bool]]:
    """Yield the columns of the answers: name, cells, and whether these are probabilities.

    Of several outputs each column begins with its title.
    """
    for node, answer in found.items():
        before = f"{titles.get(node, node)}: " if len(found) > 1 else ""
        for place, (name, cells) in enumerate(answer.columns().items()):
            are_shares = place > 0 and answer.meaning.has_probabilities
            yield f"{before}{_heading(answer, place, name)}", cells, are_shares


def _heading(answer: Answer, place: int, name: str) -> str:
    """Return a name that cannot be taken for the file's own column of the target."""
    if answer.errors is not None:
        return "reconstruction error"
    is_prediction = place == 0 or not answer.meaning.targets.classes
    return f"predicted {name}" if is_prediction else name


def _unused(name: str, used: Mapping[str, object]) -> str:
    new, number = name, 2
    while new in used:
        new, number = f"{name} ({number})", number + 1
    return new


def digits_of(cell: Cell) -> str:
    """Return a cell with all digits that its number has: no more than a float32 tells apart."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    short = np.float32(cell)
    return str(short) if float(short) == cell or math.isnan(cell) else repr(float(cell))


def _plain(cell: Cell) -> str | float | None:
    if isinstance(cell, str) or cell is None:
        return cell
    return float(digits_of(cell)) if math.isfinite(cell) else None
