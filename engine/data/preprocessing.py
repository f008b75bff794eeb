"""What happens to raw data before the network sees it, as a value that can be saved.

Everything is fitted already: an exporter needs nothing but these numbers. A
table becomes ``concatenate((number or fill) - offset) * scale, one-hot of each
category)``, an array ``(x - offset) * scale``. Both are computed in double precision and
rounded to float32 last, so that a large offset (seconds since 1970) costs no digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import model_validator

from engine.arrays import Array, Shape, shape_text
from engine.data.cells import category_texts, column_of_rows, read_numbers
from engine.data.samples import SampleKind, Samples
from engine.data.targets import FAR
from engine.data.text_reading import Reading, TextLayout
from engine.errors import DataError, MissingCellError
from engine.spec import Spec

if TYPE_CHECKING:
    import polars as pl

OTHER = "other"
_CHUNK = 2**16

Row = Mapping[str, object]
"""The cells of one sample by column: text as in a file, numbers, or None."""

Place = Callable[[int], str]
"""Where sample ``i`` stands, in words."""


class NumberColumn(Spec):
    """A column that becomes one number: ``((x or fill) - offset) * scale``.

    Attributes:
        kind: "boolean" becomes 0 or 1, "date" a year with a fraction.
        reading: how text is read; None finds out anew.
        fill: takes the place of a missing cell; None where none may be missing.
    """

    name: str
    kind: Literal["number", "boolean", "date"] = "number"
    reading: Reading | None = None
    fill: float | None = None
    offset: float = 0.0
    scale: float = 1.0


class CategoryColumn(Spec):
    """A column that becomes one number per value: 1 for its own, else 0.

    A missing cell becomes all zeros, and so does a value that is not in ``values``, unless
    there is a last number for all others.

    Attributes:
        has_other: whether there is a number for the values that are not in ``values``.
        reading: which words mean "no value".
    """

    name: str
    values: tuple[str, ...] = ()
    has_other: bool = False
    reading: Reading | None = None

    @property
    def width(self) -> int:
        """How many numbers it becomes."""
        return len(self.values) + self.has_other

    @property
    def output_names(self) -> tuple[str, ...]:
        """What each of its numbers stands for."""
        names = tuple(f"{self.name} = {value}" for value in self.values)
        return (*names, f"{self.name} = ({OTHER})") if self.has_other else names


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
        layout: for tables from text, how the file was laid out.
    """

    kind: SampleKind = "array"
    input_shape: tuple[int, ...] = ()
    numbers: tuple[NumberColumn, ...] = ()
    categories: tuple[CategoryColumn, ...] = ()
    offset: tuple[float, ...] = (0.0,)
    scale: tuple[float, ...] = (1.0,)
    feature_names: tuple[str, ...] = ()
    value_range: tuple[float, float] | None = None
    layout: TextLayout | None = None

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
                NumberColumn(name=column.name, kind=column.kind, reading=column.reading)
                for column in samples.columns
                if column.kind != "category"
            ),
            categories=tuple(
                CategoryColumn(name=column.name, reading=column.reading)
                for column in samples.columns
                if column.kind == "category"
            ),
            layout=samples.layout,
        )

    @property
    def output_shape(self) -> Shape:
        """The shape of one sample as the network sees it."""
        if self.kind != "table":
            return self.input_shape
        return (len(self.numbers) + sum(each.width for each in self.categories),)

    @property
    def output_names(self) -> tuple[str, ...]:
        """For tables, what each number of the network's input stands for."""
        return (
            *(each.name for each in self.numbers),
            *(name for each in self.categories for name in each.output_names),
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
            *((each.name, each.width) for each in self.categories),
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
        if isinstance(raw, Samples) and self.kind != "table":
            return self._array(raw.array, raw.place)
        if isinstance(raw, Samples):
            texts = [raw.frame[each.name] for each in self.categories]
            return self.from_columns(self.raw_numbers(raw), texts, raw.row_text)
        numbers = [
            read_numbers(each, column_of_rows(raw, each.name), self.layout, row_place)[0]
            for each in self.numbers
        ]
        texts = [
            category_texts(each, column_of_rows(raw, each.name), self.layout)[0]
            for each in self.categories
        ]
        return self.from_columns(stacked(numbers, len(raw)), texts, row_place)

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
        return stacked(columns, len(samples))

    def filled(self, numbers: Array) -> Array:
        """Raw numbers with each missing one replaced, where it has a fill."""
        fills = np.array([np.nan if each.fill is None else each.fill for each in self.numbers])
        return np.where(np.isnan(numbers), fills, numbers)

    @property
    def loses_digits(self) -> bool:
        """Whether raw numbers have to be double: as float32 they would lose digits that count."""
        pairs = (
            [(each.offset, each.scale) for each in self.numbers]
            if self.kind == "table"
            else zip(self.offset, self.scale, strict=True)
        )
        return any(abs(offset) * scale > FAR for offset, scale in pairs)

    def from_columns(self, numbers: Array, texts: Sequence[pl.Series], place: Place) -> Array:
        """Return columns as the network's input: float32 (N, features).

        Args:
            numbers: float64 (N, number columns), NaN where missing.
            texts: a String series (N,) for each category column.
            place: where row ``i`` stands, in words.

        Raises:
            DataError: names the row and column of a missing cell that has no fill.
        """
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
                x[:, width] = (cells == value).fill_null(False).to_numpy()
                width += 1
            if column.has_other:
                rare = cells.is_not_null() & ~cells.is_in(list(column.values))
                x[:, width] = rare.to_numpy()
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


def row_place(i: int) -> str:
    """Where row ``i`` of rows of cells stands, in words."""
    return f"Row {i + 1}"


def stacked(columns: Sequence[Array], rows: int) -> Array:
    """Return columns (N,) side by side, float64 (N, columns)."""
    return np.stack(columns, axis=1) if columns else np.empty((rows, 0))


def _scaled(raw: Array, offset: Array, scale: Array) -> Array:
    # A number that is too large for float32 becomes infinite here and is refused afterwards.
    with np.errstate(over="ignore", invalid="ignore"):
        if not offset.any():
            x = raw.astype(np.float32)
            if (scale != 1).any():
                x *= scale.astype(np.float32)
            return x
        x = np.empty(raw.shape, np.float32)
        # In pieces: float64 throughout would take twice or eight times the memory of the data.
        rows = max(1, _CHUNK // max(1, raw[:1].size))
        for start in range(0, len(raw), rows):
            piece = slice(start, start + rows)
            x[piece] = (raw[piece] - offset) * scale
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
