"""Tables from CSV, TSV and Parquet files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.arrays import Array
from engine.data.columns import ColumnGuess, guess_column
from engine.data.samples import Column, Samples, check_size
from engine.data.source import Source, resolve
from engine.data.table_text import Cells, Header, Separator, read_cells
from engine.data.targets import Task, as_classes, detect, short_list
from engine.errors import DataError
from engine.progress import Progress, no_progress
from engine.spec import plain_name, setting

TARGET_NAMES = (
    "target", "label", "labels", "y", "survived", "species", "outcome", "diagnosis", "churn",
)  # fmt: skip
"""Columns with one of these names are taken as the target where none is chosen;
else it is the last column."""

FEWEST_ROWS = 10
"""With fewer rows that have a target, leaving out the others would hide what is wrong."""


class CsvFile(Source):
    """A table with one sample in each row: CSV, TSV or Parquet.

    Finds out separator, header, the kind of each column and the target. Columns
    from which nothing sound can be learned are left out with a note: row
    numbers, dates, free text, the target in other words.
    """

    path: str = setting("", label="File", help="The file with the table.", path="file")
    target: str = setting(
        "",
        label="Target",
        help="The column to predict; empty takes the most likely one.",
        column="automatic",
    )
    weights: str = setting(
        "",
        label="Weights",
        help="The column that says how much each sample counts; empty counts all alike.",
        advanced=True,
        column="none",
    )
    ignored: tuple[str, ...] = setting(
        (), label="Ignored", help="Columns to leave out.", column="none"
    )
    kept: tuple[str, ...] = setting(
        (),
        label="Kept",
        help="Columns to use although they look useless: dates, texts, row numbers.",
        advanced=True,
        column="none",
    )
    header: Header = setting(
        "auto", label="Header", help="Whether the first row names the columns.", advanced=True
    )
    separator: Separator = setting(
        "auto", label="Separator", help="What stands between two cells.", advanced=True
    )

    def load(self, base: Path, progress: Progress = no_progress) -> Samples:
        progress(0, 1, "files")
        path = resolve(self.path, base)
        if path.is_dir():
            raise DataError(f"{path.name} is a folder, not a table.", "Choose a CSV file.")
        cells = read_cells(path, self.header, self.separator)
        self._check_names(cells)
        guesses = self._guess(cells, progress)
        name = self.target or self._likely_target(guesses, cells)
        told, left_out = with_target(cells, name)
        if left_out:
            cells, guesses = told, self._guess(told, progress)
        weights = read_weights(guesses.pop(self.weights), cells) if self.weights else None
        target = guesses.pop(name)
        y, classes, task = read_target(target, cells)
        used, notes = self._choose(list(guesses.values()), target, cells)
        check_size(len(y) * len(used), path.name)
        samples = _samples(used, cells, y, classes, task, target.name)
        dates = tuple(each.name for each in guesses.values() if each.kind == "date")
        return replace(samples, weights=weights, dates=dates).with_notes(*left_out, *notes)

    def column_names(self, base: Path) -> tuple[str, ...]:
        cells = read_cells(resolve(self.path, base), self.header, self.separator)
        return tuple(cells.frame.columns)

    def _guess(self, cells: Cells, progress: Progress) -> dict[str, ColumnGuess]:
        columns = [name for name in cells.frame.columns if name not in self.ignored]
        guesses = {}
        for done, name in enumerate(columns):
            progress(done, len(columns), "columns")
            guesses[name] = guess_column(cells, name)
        return guesses

    def _check_names(self, cells: Cells) -> None:
        there = cells.frame.columns
        for setting_name, names in (
            ("target", (self.target,) if self.target else ()),
            ("weights", (self.weights,) if self.weights else ()),
            ("ignored", self.ignored),
            ("kept", self.kept),
        ):
            unknown = next((name for name in names if name not in there), None)
            if unknown is not None:
                raise DataError(
                    f"{cells.place} has no column {unknown!r}, which is set as {setting_name}.",
                    f"Choose among its columns: {short_list(there, 30)}.",
                )
        roles = {"the target": self.target, "the weights": self.weights}
        for role, name in roles.items():
            if name in self.ignored:
                raise DataError(
                    f"The column {name!r} is both {role} and ignored.",
                    "Choose another one, or do not ignore it.",
                )
        if self.target and self.target == self.weights:
            raise DataError(
                f"The column {self.target!r} is both the target and the weights.",
                "Choose another column for one of them.",
            )

    def _likely_target(self, guesses: dict[str, ColumnGuess], cells: Cells) -> str:
        by_name = {plain_name(name): name for name in reversed(guesses)}
        usable = [name for name, guess in guesses.items() if not guess.useless]
        known = next((by_name[each] for each in TARGET_NAMES if each in by_name), None)
        if known is None and not usable:
            # What is constant is still the best guess; it gets its own complaint.
            usable = [name for name, guess in guesses.items() if guess.useless != "empty"]
        if known is None and not usable:
            raise DataError(
                f"{cells.place} has no column that can be predicted.",
                "Choose a file with a column of classes or numbers.",
            )
        return known if known is not None else usable[-1]

    def _choose(
        self, guesses: list[ColumnGuess], target: ColumnGuess, cells: Cells
    ) -> tuple[list[ColumnGuess], list[str]]:
        """The columns to learn from, and notes about the others."""
        used, notes = [], []
        for guess in guesses:
            leak = _says_the_same(guess, target, cells)
            if guess.name in self.kept or not (guess.useless or leak):
                used.append(guess)
                if guess.name in self.kept and leak:
                    notes.append(f"Column {guess.name} tells the target {target.name} exactly.")
            elif leak:
                notes.append(
                    f"Ignored column {guess.name}: it tells the target {target.name} exactly, "
                    "so that there would be nothing to learn."
                )
            else:
                notes.append(guess.why_ignored)
        if not used:
            # Better a line through time than nothing at all.
            used = [guess for guess in guesses if guess.useless in ("date", "row number")]
            notes = [note for note in notes if not any(note == each.why_ignored for each in used)]
            notes += [
                f"Column {guess.name} is read as a year with a fraction."
                for guess in used
                if guess.kind == "date"
            ]
        if not used:
            raise DataError(
                f"{cells.place} has no column to learn from beside the target {target.name!r}.",
                " ".join(notes) or "Choose a file with more columns, or check the separator.",
            )
        return used, notes


def with_target(cells: Cells, target: str) -> tuple[Cells, tuple[str, ...]]:
    """The rows whose target is there, and what is to be said about the others.

    Raises:
        DataError: fewer rows than ``FEWEST_ROWS`` have a target; names the first that has none.
    """
    there = cells.frame[target].is_not_null()
    left_out, left = int((~there).sum()), int(there.sum())
    if not left_out:
        return cells, ()
    if left < FEWEST_ROWS:
        row = cells.rows[int((~there).arg_true()[0])]
        some = "no row has" if not left else f"only {left} of {len(there):,} rows have"
        raise DataError(
            f"{cells.place}, row {row}, column {target!r} is empty, and it is the target: "
            f"{some} one.",
            "Fill the cells, or choose another target.",
        )
    many = (
        f"{left_out:,} rows without a target are" if left_out > 1 else "1 row without a target is"
    )
    kept = Cells(cells.frame.filter(there), cells.rows.filter(there), cells.place)
    return kept, (f"{many} left out: column {target} is empty there.",)


def read_target(guess: ColumnGuess, cells: Cells) -> tuple[Array, tuple[str, ...], Task]:
    """A target column without empty cells as :func:`engine.data.targets.detect` gives it.

    Raises:
        DataError: a column of dates.
    """
    if guess.kind == "date":
        raise DataError(
            f"{cells.place}, column {guess.name!r} holds dates, which cannot be predicted.",
            "Choose another target.",
        )
    if guess.kind == "number":
        return detect(guess.values.to_numpy(), guess.name)
    # As objects: an array of strings would make each as long as the longest.
    texts = cells.frame[guess.name].to_numpy().astype(object)
    return (*as_classes(texts, guess.name), "classification")


def read_weights(guess: ColumnGuess, cells: Cells) -> Array:
    """A column of weights, float64 (N,).

    Raises:
        DataError: a cell is empty, and which row; or the column holds no numbers.
    """
    if guess.kind not in ("number", "boolean"):
        raise DataError(
            f"{cells.place}, column {guess.name!r} holds no numbers, and it is to be the weights.",
            "Choose a column of numbers, or no weights.",
        )
    empty = guess.values.is_null()
    if empty.any():
        row = cells.rows[int(empty.arg_true()[0])]
        raise DataError(
            f"{cells.place}, row {row}, column {guess.name!r} is empty, and it is the weights.",
            "Fill the cell, remove the row, or choose other weights.",
        )
    return np.asarray(guess.values.to_numpy(), np.float64)


def _says_the_same(guess: ColumnGuess, target: ColumnGuess, cells: Cells) -> bool:
    """Whether a column tells the target one to one, as its translation does."""
    import polars as pl

    if guess.values.null_count() or guess.kind == "date" or len(guess.values) < 10:
        return False
    different = guess.values.n_unique()
    if different < 2 or different != target.values.n_unique():
        return False
    # Where most values are different anyway, they are one to one by chance;
    # then only the same numbers again are a leak.
    if 2 * different > len(guess.values):
        return guess.kind == target.kind == "number" and bool((guess.values == target.values).all())
    pairs = pl.DataFrame({"a": guess.values, "b": target.values})
    return pairs.n_unique() == different


def _samples(
    used: Iterable[ColumnGuess],
    cells: Cells,
    y: Array,
    classes: tuple[str, ...],
    task: Task,
    target: str,
) -> Samples:
    import polars as pl

    names = tuple(cells.frame.columns)

    return Samples(
        kind="table",
        table=pl.DataFrame([guess.values.alias(guess.name) for guess in used]),
        columns=tuple(Column(guess.name, guess.kind) for guess in used),
        y=y,
        task=task,
        classes=classes,
        target_name=target,
        rows=np.asarray(cells.rows.to_numpy()),
        place=cells.place,
        file_columns=names,
    )
