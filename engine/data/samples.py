"""Raw data as it was read, before splitting and scaling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.arrays import Array, Shape
from engine.data.targets import (
    LARGEST,
    Task,
    as_classes,
    as_numbers,
    detect,
    first_unusable,
    usable,
)
from engine.data.text_reading import Reading, TextLayout
from engine.errors import DataError, UnusableSampleError

if TYPE_CHECKING:
    import polars as pl

SampleKind = Literal["table", "picture", "array"]
ColumnKind = Literal["number", "boolean", "date", "category"]
PartName = Literal["train", "validation", "test"]
PARTS: tuple[PartName, ...] = ("train", "validation", "test")

MAX_BYTES = 4 * 2**30
"""The most memory that one data set may take as float32; larger ones are refused."""


def check_size(numbers: int, place: str) -> None:
    """Refuse a data set before memory is asked for.

    Raises:
        DataError: it needs more than ``MAX_BYTES`` as float32.
    """
    if numbers * 4 > MAX_BYTES:
        raise DataError(
            f"{place} needs {numbers * 4 / 2**30:.1f} GB of memory; "
            f"at most {MAX_BYTES / 2**30:.0f} GB are possible.",
            "Choose fewer samples or smaller pictures.",
        )


def check_finite(samples: Samples) -> None:
    """Refuse arrays with a number that float32 cannot hold.

    Raises:
        DataError: names the sample.
    """
    for array, what in ((samples.x, "input"), (samples.y, "target")):
        bad = None if array is None else first_unusable(array)
        if array is not None and bad is not None:
            values = array[bad].reshape(-1).astype(np.float64)
            value = values[~(np.abs(values) < LARGEST)][0]
            raise UnusableSampleError(
                f"{samples.row_text(bad)} has {value:g} as {what}; nothing can be learned from it.",
                "Correct the value, or leave the sample out.",
            )


def without_unusable(samples: Samples) -> Samples:
    """The samples without those that :func:`check_finite` refuses, which is noted.

    Raises:
        DataError: none is left.
    """
    fits = np.ones(len(samples), bool)
    for array in (samples.x, samples.y):
        if array is not None and first_unusable(array) is not None:
            fits &= usable(array)
    left_out = int((~fits).sum())
    if not left_out:
        return samples
    if not fits.any():
        raise DataError(
            f"Every sample of {samples.place} has a number that is not finite.",
            "Choose other data.",
        )
    kept = samples.take(np.flatnonzero(fits))
    places = np.cumsum(fits) - 1
    given = {part: places[each[fits[each]]] for part, each in samples.given.items()}
    kept = replace(kept, given=given)
    if samples.task == "regression" and samples.y.ndim == 1 and not usable(samples.y).all():
        # With such numbers among them classes were not recognized.
        y, classes, task = detect(kept.y, samples.target_name)
        kept = replace(kept, y=y, classes=classes, task=task)
    many = f"{left_out:,} samples" if left_out > 1 else "1 sample"
    return kept.with_notes(f"Left out {many} with a number that is not finite.")


def check_weights(samples: Samples) -> None:
    """Refuse weights that are no weights.

    Raises:
        DataError: one is negative or no finite number, and which; or all are 0.
    """
    weights = samples.weights
    if weights is None:
        return
    bad = np.flatnonzero(~((weights >= 0) & (weights < LARGEST)))
    if len(bad):
        i = int(bad[0])
        raise DataError(
            f"{samples.row_text(i)} has {float(weights[i]):g} as its weight.",
            "A weight is a number of at least 0; correct it, or choose other weights.",
        )
    if not weights.any():
        raise DataError(
            f"Every weight in {samples.place} is 0, so no sample would count.",
            "Correct the weights, or choose none.",
        )


@dataclass(frozen=True)
class Column:
    """A feature column of a table.

    A "date" column holds years with a fraction (1949.5 is the middle of 1949).

    Attributes:
        reading: how its cells were read from text; None where they did not come from text.
    """

    name: str
    kind: ColumnKind
    reading: Reading | None = None


@dataclass(frozen=True, eq=False)
class Samples:
    """Raw data as read.

    Attributes:
        y: for classification int64 (N,), each an index into ``classes``; for
            regression float64 (N,) or (N, targets).
        x: for pictures (N, height, width, channels), for arrays (N, ...).
        table: for tables the feature columns: Float64, Boolean or String; null
            where a cell is missing.
        columns: the kind of each feature column of ``table``, in its order.
        feature_names: names of the numbers on the last axis of an array.
        value_range: the least and largest value a pixel can have.
        weights: how much each sample counts, float64 (N,); None counts all alike.
        given: indices of the samples that the source sets aside for validation or test.
        rows: where each sample stands in its file, counted from 1 with the header.
        place: the name of the file or set, for messages.
        file_columns: all columns that the table's file has, with those that are left out.
        dates: the columns of that file that hold dates, used or not.
        layout: how the file was laid out, for tables from text.
        target_reading: how the target was read from text.
        notes: things done while reading that the user should know.
    """

    kind: SampleKind
    y: Array
    task: Task
    classes: tuple[str, ...] = ()
    target_name: str = "target"
    x: Array | None = None
    table: pl.DataFrame | None = None
    columns: tuple[Column, ...] = ()
    feature_names: tuple[str, ...] = ()
    value_range: tuple[float, float] | None = None
    weights: Array | None = None
    given: Mapping[PartName, Array] = field(default_factory=dict)
    rows: Array | None = None
    place: str = "The data"
    file_columns: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    layout: TextLayout | None = None
    target_reading: Reading | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.y)

    @property
    def array(self) -> Array:
        """The raw numbers of pictures and arrays."""
        assert self.x is not None, "a table has no single array"
        return self.x

    @property
    def frame(self) -> pl.DataFrame:
        """The feature columns of a table."""
        assert self.table is not None, "only a table has columns"
        return self.table

    @property
    def shape(self) -> Shape:
        """The shape of one raw sample; for a table the number of its columns."""
        return self.array.shape[1:] if self.x is not None else (len(self.columns),)

    def take(self, indices: Array | Sequence[int]) -> Samples:
        """Return some of the samples, in this order; without the parts that were given."""
        chosen = np.asarray(indices, np.int64)
        return replace(
            self,
            y=self.y[chosen],
            x=None if self.x is None else self.x[chosen],
            table=None if self.table is None else self.table[chosen],
            weights=None if self.weights is None else self.weights[chosen],
            rows=None if self.rows is None else self.rows[chosen],
            given={},
        )

    def with_notes(self, *notes: str) -> Samples:
        """The same samples with more said about them."""
        return replace(self, notes=(*self.notes, *notes))

    def with_task(self, task: Literal["auto"] | Task) -> Samples:
        """The same samples with their target read as classes or as numbers.

        Raises:
            DataError: classes that are no numbers, or too many different numbers.
        """
        if task in ("auto", self.task):
            return self
        if task == "regression":
            return replace(
                self,
                task="regression",
                classes=(),
                y=as_numbers(self.classes, self.target_name)[self.y],
            )
        y, classes = as_classes(self.y, self.target_name)
        return replace(self, task="classification", classes=classes, y=y)

    def row_text(self, i: int) -> str:
        """Where sample ``i`` stands, in words: ``iris.csv, row 17``."""
        if self.rows is None:
            return f"{self.place}, sample {i + 1}"
        return f"{self.place}, row {int(self.rows[i])}"

    def target_text(self, i: int) -> str:
        """The target of sample ``i`` as people read it."""
        if self.task == "classification":
            return self.classes[int(self.y[i])]
        return ", ".join(f"{float(value):g}" for value in np.atleast_1d(self.y[i]))

    def sample(self, i: int) -> Array | dict[str, object]:
        """Raw sample ``i``: its array, or its cells by column."""
        return self.frame.row(i, named=True) if self.kind == "table" else self.array[i]
