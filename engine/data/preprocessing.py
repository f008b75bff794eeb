"""What happens to raw data before the network sees it, as a value that can be saved.

Everything is fitted already: an exporter needs nothing but these numbers. A
table becomes ``concatenate((number or fill) - offset) * scale, one-hot of each
category)``, an array ``(x - offset) * scale``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from engine.arrays import Array, Shape, shape_text
from engine.data.cells import is_missing, to_boolean, to_number, to_year
from engine.data.samples import SampleKind, Samples
from engine.data.targets import short_list
from engine.errors import DataError, MissingCellError
from engine.spec import Spec

Row = Mapping[str, object]
"""The cells of one sample by column: text as in a file, numbers, or None."""

Place = Callable[[int], str]
"""Where sample ``i`` stands, in words."""


class NumberColumn(Spec):
    """A column that becomes one number: ``((x or fill) - offset) * scale``.

    Attributes:
        kind: how text is read. "boolean" becomes 0 or 1, "date" a year with a
            fraction.
        fill: takes the place of a missing cell; None where none may be missing.
    """

    name: str
    kind: Literal["number", "boolean", "date"] = "number"
    fill: float | None = None
    offset: float = 0.0
    scale: float = 1.0


class CategoryColumn(Spec):
    """A column that becomes one number per value: 1 for its own, else 0.

    A value that is not in ``values``, and a missing cell, become all zeros.
    """

    name: str
    values: tuple[str, ...] = ()


class Preprocessing(Spec):
    """A fitted chain from raw samples to the network's float32 input.

    Attributes:
        kind: what raw samples are.
        input_shape: the shape of one raw sample of a picture or array.
        numbers: for tables, the columns that come first in the input.
        categories: for tables, the columns that follow.
        offset, scale: for pictures and arrays; one number, or one for each
            place on the last axis (channel, feature).
        feature_names: for arrays, names of the places on the last axis.
        value_range: for pictures, what a raw pixel can be at least and at most.
    """

    kind: SampleKind = "array"
    input_shape: tuple[int, ...] = ()
    numbers: tuple[NumberColumn, ...] = ()
    categories: tuple[CategoryColumn, ...] = ()
    offset: tuple[float, ...] = (0.0,)
    scale: tuple[float, ...] = (1.0,)
    feature_names: tuple[str, ...] = ()
    value_range: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        # A saved one comes from outside; arrays that do not fit would fail much later.
        last = self.input_shape[-1] if self.input_shape else 1
        if len(self.offset) != len(self.scale) or len(self.offset) not in (1, last):
            raise ValueError(
                f"It has {len(self.offset)} offsets and {len(self.scale)} scales for {last} places."
            )
        names = [*(each.name for each in self.numbers), *(each.name for each in self.categories)]
        if len(set(names)) < len(names):
            raise ValueError("It has two columns of the same name.")
        return self

    @classmethod
    def identity(cls, samples: Samples) -> Preprocessing:
        """What changes nothing yet; steps are fitted on top of it."""
        if samples.kind != "table":
            return cls(
                kind=samples.kind,
                input_shape=samples.shape,
                feature_names=samples.feature_names,
                value_range=samples.value_range,
            )
        return cls(
            kind="table",
            numbers=tuple(
                NumberColumn(name=column.name, kind=column.kind)
                for column in samples.columns
                if column.kind != "category"
            ),
            categories=tuple(
                CategoryColumn(name=column.name)
                for column in samples.columns
                if column.kind == "category"
            ),
        )

    @property
    def output_shape(self) -> Shape:
        """The shape of one sample as the network sees it."""
        if self.kind != "table":
            return self.input_shape
        return (len(self.numbers) + sum(len(each.values) for each in self.categories),)

    @property
    def output_names(self) -> tuple[str, ...]:
        """For tables, what each number of the network's input stands for."""
        return (
            *(each.name for each in self.numbers),
            *(f"{each.name} = {value}" for each in self.categories for value in each.values),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what the last axis is made of: of a table's columns, of an array's features."""
        if self.kind != "table":
            return self.feature_names
        return (*(each.name for each in self.numbers), *(each.name for each in self.categories))

    def places_of(self, columns: Sequence[str]) -> tuple[int, ...]:
        """Where columns lie on the last axis of the network's input, in the order of the names.

        A category lies in as many places as it has values; unknown columns in none.
        """
        found: dict[str, range] = {}
        end = 0
        for name, width in (
            *((each.name, 1) for each in self.numbers),
            *((each.name, len(each.values)) for each in self.categories),
            *((name, 1) for name in self.feature_names if self.kind != "table"),
        ):
            found[name] = range(end, end := end + width)
        return tuple(place for name in columns for place in found.get(name, ()))

    def apply(self, raw: Samples | Array | Sequence[Row]) -> Array:
        """Raw samples as the network's input: float32 (N, *output_shape).

        Takes samples as read, a raw array (N, *input_shape), or rows of cells.

        Raises:
            DataError: names the row and column of a missing or unreadable cell.
        """
        if isinstance(raw, np.ndarray):
            return self._array(raw, "The data")
        if not isinstance(raw, Samples):
            return self._table(
                self._row_numbers(raw),
                [
                    np.array([_text(row, each.name) for row in raw], object)
                    for each in self.categories
                ],
                lambda i: f"Row {i + 1}",
            )
        if self.kind != "table":
            return self._array(raw.array, raw.place)
        texts = [raw.frame[each.name].to_numpy() for each in self.categories]
        return self._table(self.raw_numbers(raw), texts, raw.row_text)

    def from_row(self, row: Row) -> Array:
        """One row of cells as the network's input: float32 (1, features).

        Other columns, such as the target, are not looked at.

        Raises:
            DataError: a column is missing, or a cell is no number.
        """
        return self.apply([row])

    def raw_numbers(self, samples: Samples) -> Array:
        """The number columns of a table as float64 (N, numbers); NaN where missing."""
        import polars as pl

        columns = [samples.frame[each.name].cast(pl.Float64).to_numpy() for each in self.numbers]
        return np.stack(columns, axis=1) if columns else np.empty((len(samples), 0))

    def filled(self, numbers: Array) -> Array:
        """Raw numbers with each missing one replaced, where it has a fill."""
        fills = np.array([np.nan if each.fill is None else each.fill for each in self.numbers])
        return np.where(np.isnan(numbers), fills, numbers)

    def _row_numbers(self, rows: Sequence[Row]) -> Array:
        numbers = np.full((len(rows), len(self.numbers)), np.nan)
        read = {"number": to_number, "boolean": to_boolean, "date": to_year}
        for i, row in enumerate(rows):
            for j, column in enumerate(self.numbers):
                cell = _cell(row, column.name)
                if is_missing(cell):
                    continue
                number = read[column.kind](cell)
                if number is None:
                    raise DataError(
                        f"Row {i + 1}, column {column.name!r} holds {str(cell)[:40]!r}, "
                        f"which is no {column.kind}.",
                        "Correct the cell, or leave it empty.",
                    )
                numbers[i, j] = number
        return numbers

    def _table(self, numbers: Array, texts: list[Array], place: Place) -> Array:
        numbers = self.filled(numbers)
        missing = np.argwhere(np.isnan(numbers))
        if len(missing):
            i, j = missing[0]
            raise MissingCellError(
                f"{place(int(i))}, column {self.numbers[j].name!r} is empty.",
                "Fill the cell, or add the step Impute.",
            )
        x = np.zeros((len(numbers), *self.output_shape), np.float32)
        width = len(self.numbers)
        offset = np.array([each.offset for each in self.numbers])
        scale = np.array([each.scale for each in self.numbers])
        x[:, :width] = _scaled(numbers, offset, scale)
        for column, cells in zip(self.categories, texts, strict=True):
            for value in column.values:
                x[:, width] = cells == value
                width += 1
        _check_finite(x, place)
        return x

    def _array(self, raw: Array, place: str) -> Array:
        if raw.shape[1:] != self.input_shape:
            raise DataError(
                f"{place} holds samples of {shape_text(raw.shape[1:])}; "
                f"{shape_text(self.input_shape)} is expected.",
                "Use data of the shape that the model was trained with.",
            )
        x = _scaled(raw, np.array(self.offset), np.array(self.scale))
        if raw.dtype.kind == "f":
            _check_finite(x, lambda i: f"{place}, sample {i + 1}")
        return x


def _scaled(raw: Array, offset: Array, scale: Array) -> Array:
    # In float32 throughout, as the exported model does it. A number that is too
    # large for float32 becomes infinite here and is refused afterwards.
    with np.errstate(over="ignore", invalid="ignore"):
        x = raw.astype(np.float32)
        if offset.any():
            x -= offset.astype(np.float32)
        if (scale != 1).any():
            x *= scale.astype(np.float32)
    return x


def _check_finite(x: Array, place: Place) -> None:
    # A sum is not finite where one of its numbers is not; it needs no copy.
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(x.sum(dtype=np.float64)):
            return
    bad = np.flatnonzero(~np.isfinite(x.reshape(len(x), -1)).all(axis=1))
    if len(bad):
        value = x[bad[0]].reshape(-1)
        nan = bool(np.isnan(value[~np.isfinite(value)][0]))
        raise DataError(
            f"{place(int(bad[0]))} holds {'no number (NaN)' if nan else 'an infinite number'}.",
            "Correct the value, or remove the sample.",
        )


def _cell(row: Row, name: str) -> object:
    if name not in row:
        raise DataError(
            f"The column {name!r} is missing; the row has {short_list(list(row))}.",
            "Give every column that the model was trained with.",
        )
    return row[name]


def _text(row: Row, name: str) -> str | None:
    cell = _cell(row, name)
    return None if is_missing(cell) else str(cell).strip()
