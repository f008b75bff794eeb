"""Tables from CSV, TSV and Parquet files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.arrays import Array
from engine.data.column_guess import ColumnGuess, ignored_notes
from engine.data.columns import decimal_of, guess_columns
from engine.data.encodings import Encoding
from engine.data.leaks import leak_of
from engine.data.samples import Column, Samples, check_size
from engine.data.source import Source, resolve
from engine.data.table_text import Cells, read_cells
from engine.data.targets import Task, as_classes, detect, short_list, task_note
from engine.data.text_reading import Header, ReadingOptions, Separator, TextLayout, quoted
from engine.errors import DataError
from engine.progress import Progress, no_progress
from engine.spec import plain_name, setting

if TYPE_CHECKING:
    import polars as pl

MOST_NOTES = 20
"""Notes about single columns beyond are counted."""
TARGET_NAMES = (
    "target", "label", "labels", "y", "survived", "species", "outcome", "diagnosis", "churn",
)  # fmt: skip
"""Columns with one of these names are taken as the target where none is chosen;
else it is the last column."""

FEWEST_ROWS = 10
"""With fewer rows that have a target, leaving out the others would hide what is wrong."""


class CsvFile(Source):
    """A table with one sample in each row: CSV, TSV or Parquet.

    Finds out encoding, separator, header, how numbers and dates are written, the kind of
    each column and the target; notes what it had to guess, and settings say otherwise.
    Columns from which nothing sound can be learned are left out with a note: row numbers,
    dates, free text, the target in other words.
    """

    path: str = setting("", label="File", help="The file with the table.", path="file")
    target: str = setting(
        "",
        label="Target",
        help="The column to predict; leave empty to use the most likely one.",
        column="automatic",
    )
    weights: str = setting(
        "",
        label="Weights",
        help="The column with the weight of each sample; leave empty to weight all equally.",
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
    numbers: tuple[str, ...] = setting(
        (),
        label="Numbers",
        help="Columns to read as numbers, whatever they look like.",
        advanced=True,
        column="automatic",
    )
    categories: tuple[str, ...] = setting(
        (),
        label="Categories",
        help="Columns to read as categories although they look like numbers, dates or texts.",
        advanced=True,
        column="automatic",
    )
    header: Header = setting(
        "auto", label="Header", help="Whether the first row holds the column names.", advanced=True
    )
    skipped: int | None = setting(
        None,
        label="Lines to skip",
        help="How many lines stand before the table; an empty field finds out.",
        empty="automatic",
        ge=0,
        le=10_000,
        unit="lines",
        advanced=True,
    )
    separator: Separator = setting(
        "auto", label="Separator", help="The character between two cells.", advanced=True
    )
    encoding: Encoding = setting(
        "auto", label="Encoding", help="The character encoding of the file.", advanced=True
    )
    decimal: Literal["auto", "point", "comma"] = setting(
        "auto", label="Decimal mark", help="The decimal mark.", advanced=True
    )
    thousands: Literal["auto", "none", "comma", "point", "blank", "apostrophe"] = setting(
        "auto",
        label="Thousands mark",
        help="The mark between groups of three digits.",
        advanced=True,
    )
    dates: Literal["auto", "year_first", "day_first", "month_first"] = setting(
        "auto", label="Dates", help="Which part of a date comes first.", advanced=True
    )
    missing: tuple[str, ...] = setting(
        (),
        label="Missing words",
        help="Cell texts that mean “missing”, in addition to the usual ones.",
        advanced=True,
    )
    values: tuple[str, ...] = setting(
        (),
        label="Values",
        help="Cell texts to keep as values although they look missing, such as NA or None.",
        advanced=True,
    )

    @property
    def options(self) -> ReadingOptions:
        """The settings that say how the file is read."""
        names = [each.name for each in fields(ReadingOptions) if each.name != "likely"]
        return ReadingOptions(**{name: getattr(self, name) for name in names})

    def load(self, base: Path, progress: Progress = no_progress) -> Samples:
        progress(0, 1, "files")
        path = resolve(self.path, base)
        if path.is_dir():
            raise DataError(f"{path.name} is a folder, not a table.", "Choose a CSV file.")
        cells = read_cells(path, self.options)
        self._check_names(cells)
        guesses = self._guess(cells, progress)
        name = self.target or self._likely_target(guesses, cells)
        complete, left_out = with_target(cells, guesses[name])
        if left_out:
            cells, guesses = complete, self._guess(complete, progress)
        weights = read_weights(guesses.pop(self.weights), cells) if self.weights else None
        target = guesses.pop(name)
        found = read_target(target, cells)
        used, notes = self._choose(list(guesses.values()), target, cells)
        dates = tuple(each.name for each in guesses.values() if each.kind == "date")
        check_size(len(found.y) * len(used), path.name)
        samples = _samples(used, cells, found, target, self.options)
        about_columns = [note for each in (target, *used) for note in each.notes]
        return replace(samples, weights=weights, dates=dates).with_notes(
            *cells.notes, *left_out, *found.notes, *_shortened(about_columns), *notes
        )

    def column_names(self, base: Path) -> tuple[str, ...]:
        cells = read_cells(resolve(self.path, base), self.options)
        return tuple(cells.frame.columns)

    def _guess(self, cells: Cells, progress: Progress) -> dict[str, ColumnGuess]:
        columns = [name for name in cells.frame.columns if name not in self.ignored]
        return guess_columns(cells, columns, self.options, progress)

    def _check_names(self, cells: Cells) -> None:
        there = cells.frame.columns
        for setting_name, names in (
            ("target", (self.target,) if self.target else ()),
            ("weights", (self.weights,) if self.weights else ()),
            ("ignored", self.ignored),
            ("numbers", self.numbers),
            ("categories", self.categories),
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
        leaks = {each.name: leak_of(each, target) for each in guesses}
        tells = f"the target {target.name} exactly"
        ignored = [
            each
            for each in guesses
            if (each.useless or leaks[each.name] == "leak") and each.name not in self.kept
        ]
        used = [each for each in guesses if each not in ignored]
        if not used:
            # Better a line through time, or what is plain to see, than nothing at all.
            used = [each for each in ignored if each.useless in ("date", "row number")]
            used = used or [each for each in ignored if not each.useless]
            ignored = [each for each in ignored if each not in used]
        notes = [
            f"Ignored column {each.name}: it reveals {tells}, so that there would be nothing to "
            "learn. If it is a cause, list it under Kept."
            for each in ignored
            if not each.useless
        ]
        notes += ignored_notes([each for each in ignored if each.useless])
        notes += [
            f"Column {each.name} reveals {tells}; ignore it if it only says the same again."
            for each in used
            if leaks[each.name]
        ]
        notes += [
            f"Column {each.name} is read as a year with a fraction."
            for each in used
            if each.kind == "date" and each.name not in self.kept
        ]
        if not used:
            raise DataError(
                f"{cells.place} has no column to learn from besides the target {target.name!r}.",
                " ".join(notes) or "Choose a file with more columns, or check the separator.",
            )
        return used, notes


@dataclass(frozen=True, eq=False)
class FoundTarget:
    """What is to be predicted, as :class:`~engine.data.samples.Samples` wants it."""

    y: Array
    classes: tuple[str, ...]
    task: Task
    notes: tuple[str, ...] = ()


def with_target(cells: Cells, target: ColumnGuess) -> tuple[Cells, tuple[str, ...]]:
    """Return the rows whose target is there, and what is to be said about the others.

    Raises:
        DataError: fewer rows than ``FEWEST_ROWS`` have a target; names the first that has none.
    """
    there = target.values.is_not_null()
    left_out, left = int((~there).sum()), int(there.sum())
    if not left_out:
        return cells, ()
    if left < FEWEST_ROWS:
        row = cells.rows[int((~there).arg_true()[0])]
        some = "no row has" if not left else f"only {left} of {len(there):,} rows have"
        raise DataError(
            f"{cells.place}, row {row}, column {target.name!r} is empty, and it is the target: "
            f"{some} one.",
            "Fill the cells, or choose another target.",
        )
    many = (
        f"{left_out:,} rows without a target are" if left_out > 1 else "1 row without a target is"
    )
    words = cells.frame[target.name].filter(~there).drop_nulls().unique().sort().to_list()
    empty = ["empty"] if cells.frame[target.name].null_count() else []
    says = " or ".join([*empty, *([quoted(words)] if words else [])])
    return cells.filter(there), (f"{many} left out: column {target.name} is {says} there.",)


def read_target(guess: ColumnGuess, cells: Cells) -> FoundTarget:
    """Return a target column without empty cells as classes or numbers.

    Raises:
        DataError: a column of dates.
    """
    if guess.kind == "date":
        raise DataError(
            f"{cells.place}, column {guess.name!r} holds dates, which cannot be predicted.",
            "Choose another target.",
        )
    if guess.kind == "number":
        values = guess.values.to_numpy()
        y, classes, task = detect(values, guess.name)
        note = task_note(values, guess.name, task)
        if task == "classification" and _are_codes(guess.texts):
            y, classes = as_classes(_objects(guess.texts), guess.name)
        return FoundTarget(y, classes, task, (note,) if note else ())
    texts = guess.texts
    if guess.kind == "boolean" and texts.n_unique() > 2:
        texts = texts.str.to_lowercase()
    return FoundTarget(*as_classes(_objects(texts), guess.name), "classification")


def _objects(texts: pl.Series) -> Array:
    # As objects: an array of strings would make each as long as the longest.
    return texts.to_numpy().astype(object)


def _are_codes(texts: pl.Series) -> bool:
    """Whether classes of digits are names: 001 is not 1, and not both are the same."""
    different = texts.unique()
    return bool(different.str.contains(r"^[-+]?0\d").any())


def read_weights(guess: ColumnGuess, cells: Cells) -> Array:
    """Return a column of weights, float64 (N,).

    Raises:
        DataError: a cell is empty, and which row; or the column holds no numbers.
    """
    if guess.kind not in ("number", "boolean"):
        raise DataError(
            f"{cells.place}, column {guess.name!r} holds no numbers, but is chosen as the weights.",
            "Choose a column of numbers, or no weights.",
        )
    empty = guess.values.is_null()
    if empty.any():
        row = cells.rows[int(empty.arg_true()[0])]
        raise DataError(
            f"{cells.place}, row {row}, column {guess.name!r} is empty, but chosen as the weights.",
            "Fill the cell, remove the row, or choose other weights.",
        )
    return np.asarray(guess.values.to_numpy(), np.float64)


def _shortened(notes: Sequence[str]) -> list[str]:
    """The first notes about columns, the rest as a count."""
    rest = len(notes) - MOST_NOTES
    if rest <= 1:
        return list(notes)
    return [*notes[:MOST_NOTES], f"The same holds for others: {rest:,} more notes about columns."]


def _samples(
    used: Iterable[ColumnGuess],
    cells: Cells,
    found: FoundTarget,
    target: ColumnGuess,
    options: ReadingOptions,
) -> Samples:
    import polars as pl

    names = tuple(cells.frame.columns)
    is_text = cells.separator != ""
    layout = TextLayout(
        encoding=cells.encoding,
        separator=cells.separator or ",",
        header=cells.header,
        columns=() if cells.header else names,
        target=target.name,
        decimal=decimal_of((target, *used), cells, options),
        missing=options.missing,
        values=options.values,
    )
    return Samples(
        kind="table",
        table=pl.DataFrame([guess.values.alias(guess.name) for guess in used]),
        columns=tuple(Column(guess.name, guess.kind, guess.reading) for guess in used),
        y=found.y,
        task=found.task,
        classes=found.classes,
        target_name=target.name,
        rows=np.asarray(cells.rows.to_numpy()),
        place=cells.place,
        file_columns=names,
        layout=layout if is_text else None,
        target_reading=target.reading,
    )
