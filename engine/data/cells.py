"""New cells of columns that were read before: as the training data was, and what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.arrays import Array
from engine.data.dates import find_dates, parse_dates
from engine.data.number_format import find_format, parse_numbers
from engine.data.targets import short_list
from engine.data.text_reading import Reading, ReadingOptions, TextLayout, is_missing_word, quoted
from engine.errors import DataError

if TYPE_CHECKING:
    import polars as pl

Notes = tuple[str, ...]
_TRUE = ("true", "yes", "y", "t", "on", "1", "1.0")
_FALSE = ("false", "no", "n", "f", "off", "0", "0.0")


class _Number(Protocol):
    """A column that becomes one number, as preprocessing has it."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def reading(self) -> Reading | None: ...
    @property
    def fill(self) -> float | None: ...


class _Category(Protocol):
    """A column of categories, as preprocessing has it."""

    @property
    def name(self) -> str: ...
    @property
    def values(self) -> tuple[str, ...]: ...
    @property
    def has_other(self) -> bool: ...
    @property
    def reading(self) -> Reading | None: ...


def column_of_rows(rows: Sequence[Mapping[str, object]], name: str) -> list[object]:
    """Return the cells of a column.

    Raises:
        DataError: a row does not have it.
    """
    for row in rows:
        if name not in row:
            raise DataError(
                f"The column {name!r} is missing; the row has {short_list(list(row))}.",
                "Give every column that the model was trained with.",
            )
    return [row[name] for row in rows]


def read_numbers(
    column: _Number,
    cells: pl.Series | Sequence[object],
    layout: TextLayout | None,
    place: Callable[[int], str],
) -> tuple[Array, Notes]:
    """Return cells as float64 (N,), NaN where missing, and notes about what differs.

    Args:
        cells: texts, or texts, numbers and None.
        place: where cell ``i`` stands, in words.

    Raises:
        DataError: a cell is no number, truth value or date; names it.
    """
    texts, given = _texts_and_numbers(cells)
    options = _options(column.reading, layout)
    words = [w for w in _different(texts) if is_missing_word(w, options, "numbers")]
    texts = _without(texts, words)
    reading = column.reading or Reading()
    if column.kind == "boolean":
        values, notes = _truth(texts), Notes()
    elif column.kind == "date":
        values, notes = _dates(column.name, texts, reading, options)
    else:
        values, notes = _numbers(column.name, texts, column.reading, options)
    stray = values.is_null() & texts.is_not_null()
    if stray.any():
        i = int(stray.arg_true()[0])
        raise DataError(
            f"{place(i)}, column {column.name!r} holds {str(texts[i])[:40]!r}, "
            f"which is not a {column.kind}{_as_trained(column.kind, reading)}.",
            "Correct the cell, or leave it empty.",
        )
    numbers = values.cast(_float64()).to_numpy().copy()
    numbers[values.is_null().to_numpy()] = np.nan
    for i, value in given.items():
        numbers[i] = float(bool(value)) if column.kind == "boolean" else value
    empty = int(np.isnan(numbers).sum())
    if empty and column.fill is not None:
        many = f"{empty:,} empty cells are" if empty > 1 else "1 empty cell is"
        notes += (f"Column {column.name}: {many} filled with {column.fill:.6g}.",)
    return numbers, notes


def category_texts(
    column: _Category, cells: pl.Series | Sequence[object], layout: TextLayout | None
) -> tuple[pl.Series, Notes]:
    """Return cells as text, null where missing, and notes about values never seen before."""
    texts, given = _texts_and_numbers(cells)
    for i, value in given.items():
        texts[i] = str(int(value)) if float(value).is_integer() else str(value)
    options = _options(column.reading, layout)
    missing = column.reading.missing if column.reading else ("NA", "na", "None")
    words = [w for w in _different(texts) if w in missing or is_missing_word(w, options, "texts")]
    texts = _without(texts, [word for word in words if word not in column.values])
    notes: Notes = ()
    if empty := texts.null_count():
        many = f"{empty:,} empty cells count" if empty > 1 else "1 empty cell counts"
        notes += (f"Column {column.name}: {many} as none of its values.",)
    unseen = texts.filter(texts.is_not_null() & ~texts.is_in(list(column.values)))
    if len(unseen) and column.values:
        notes += (_unseen_note(column, unseen),)
    return texts, notes


def _unseen_note(column: _Category, unseen: pl.Series) -> str:
    different = unseen.unique(maintain_order=True).to_list()
    become = "the others" if column.has_other else "none of its values"
    rows = f"{len(unseen):,} row{'s' if len(unseen) > 1 else ''}"
    verb = "were" if len(different) > 1 else "was"
    lower = {value.lower().strip(): value for value in column.values}
    alike = [(each, lower[each.lower()]) for each in different if each.lower() in lower]
    hint = f" {quoted([alike[0][1]])} is spelled otherwise." if alike else ""
    return (
        f"Column {column.name}: {quoted(different)} {verb} not among the values of the training "
        f"data; {rows} count{'s' if len(unseen) == 1 else ''} as {become}.{hint}"
    )


def _texts_and_numbers(cells: pl.Series | Sequence[object]) -> tuple[pl.Series, dict[int, float]]:
    """Cells as stripped texts, null where empty, and those that are numbers already."""
    import polars as pl

    if isinstance(cells, pl.Series):
        return cells, {}
    given = {i: float(cell) for i, cell in enumerate(cells) if isinstance(cell, bool | int | float)}
    texts = [
        None if cell is None or i in given or not str(cell).strip() else str(cell).strip()
        for i, cell in enumerate(cells)
    ]
    return pl.Series("", texts, dtype=pl.String), given


def _options(reading: Reading | None, layout: TextLayout | None) -> ReadingOptions:
    options = ReadingOptions.like(layout)
    if reading is None:
        return options
    return replace(
        options,
        missing=(*options.missing, *reading.missing),
        values=(*options.values, *reading.values),
    )


def _different(texts: pl.Series) -> list[str]:
    """The different cells that may be words."""
    short = texts.filter(~texts.str.contains(r"^[-+]?\d") & (texts.str.len_bytes() <= 40))
    return short.unique().to_list()


def _without(texts: pl.Series, words: Sequence[str]) -> pl.Series:
    return texts if not words else texts.set(texts.is_in(list(words)), None)


def _numbers(
    name: str, texts: pl.Series, trained: Reading | None, options: ReadingOptions
) -> tuple[pl.Series, Notes]:
    reading = trained or Reading()
    different = texts.drop_nulls().unique()
    found = find_format(different, options, trained.decimal if trained else None)
    if found is None:
        return parse_numbers(texts, reading), ()
    notes: Notes = ()
    if trained and found.proves and found.reading.decimal != reading.decimal:
        notes += (
            f"Column {name}: the {found.reading.decimal} is read as the decimal mark, unlike in "
            f"the training data: {quoted([found.example])}.",
        )
    if trained and found.reading.sign != reading.sign:
        new, old = (f"with {quoted([s])}" if s else "without a sign" for s in
                    (found.reading.sign, reading.sign))  # fmt: skip
        notes += (
            f"Column {name}: the numbers stand {new}, those of the training data {old}; "
            "they are not converted.",
        )
    return parse_numbers(texts, found.reading), notes


def _dates(
    name: str, texts: pl.Series, reading: Reading, options: ReadingOptions
) -> tuple[pl.Series, Notes]:
    order = reading.dates
    if order:
        years = parse_dates(texts, order)
        if years.null_count() == texts.null_count():
            return years, ()
    different = texts.drop_nulls().unique()
    found = find_dates(texts, different, options)
    if found is None:
        return parse_dates(texts, order or "day_first"), ()
    notes: Notes = ()
    if order:
        notes = (
            f"Column {name}: the dates have another order than those of the training data; "
            f"they are read with the {found.order.removesuffix('_first')} first.",
        )
    return parse_dates(texts, found.order), notes


def _truth(texts: pl.Series) -> pl.Series:
    import polars as pl

    lower = texts.str.to_lowercase()
    truth = pl.when(lower.is_in(_TRUE)).then(True).when(lower.is_in(_FALSE)).then(False)
    return pl.select(truth).to_series()


def _as_trained(kind: str, reading: Reading) -> str:
    """How the cells of the training data were written, where that may be the matter."""
    if kind == "number" and reading.decimal == "comma":
        return " with a decimal comma"
    if kind == "date" and reading.dates:
        return f" with the {reading.dates.removesuffix('_first')} first"
    return ""


def _float64() -> type[pl.Float64]:
    import polars as pl

    return pl.Float64
