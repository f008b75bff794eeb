"""Steps that prepare data, each fitted on the training part only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Self

import numpy as np
from pydantic import model_validator

from engine.arrays import Array
from engine.data.preprocessing import CategoryColumn, NumberColumn, Preprocessing
from engine.data.samples import Samples
from engine.data.targets import Targets
from engine.spec import Family, setting

# Below this the scale would leave the range of float32.
_LEAST = 1e-30


class Step(Family, root=True):
    """One step from raw data to the network's input.

    A step that does not concern the data (one-hot encoding of pictures) leaves
    it as it is.
    """

    def fit(self, before: Preprocessing, part: Samples) -> Preprocessing:
        """``before`` with this step added, fitted on the training ``part``."""
        raise NotImplementedError

    def fit_targets(self, before: Targets, part: Samples) -> Targets:
        """The same for what is to be predicted; most steps leave it as it is."""
        return before


class Standardize(Step):
    """Mean 0 and standard deviation 1, per column, feature or color channel.

    Truth values stay 0 and 1; what never varies is only moved to 0.
    """

    def fit(self, before: Preprocessing, part: Samples) -> Preprocessing:
        if before.kind != "table":
            mean, spread = moments(part.array)
            return _scaled_array(before, mean, 1 / _or_one(spread, mean))
        numbers = before.filled(before.raw_numbers(part))
        mean, spread = _columnwise(numbers, np.mean), _columnwise(numbers, np.std)
        return _scaled_table(before, mean, 1 / _or_one(spread, mean))


class MinMax(Step):
    """Into a range, by the least and largest value of each column, feature or channel.

    Truth values stay 0 and 1; what never varies becomes the low end.
    """

    low: float = setting(0.0, label="Low", help="The smallest value is mapped to this.")
    high: float = setting(1.0, label="High", help="The largest value is mapped to this.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.high <= self.low:
            raise ValueError(f"High must be more than low, which is {self.low:g}.")
        return self

    def fit(self, before: Preprocessing, part: Samples) -> Preprocessing:
        table = before.kind == "table"
        if table:
            numbers = before.filled(before.raw_numbers(part))
            least, most = _columnwise(numbers, np.min), _columnwise(numbers, np.max)
        else:
            axes = tuple(range(max(1, part.array.ndim - 1)))
            least, most = (
                np.atleast_1d(np.asarray(edge(axis=axes), np.float64))
                for edge in (part.array.min, part.array.max)
            )
        scale = (self.high - self.low) / _or_one(most - least)
        put = _scaled_table if table else _scaled_array
        return put(before, least - self.low / scale, scale)


class DivideBy255(Step):
    """Divides every number, as for pictures, whose bytes go up to 255."""

    value: float = setting(255.0, gt=0, label="Divide by", help="The largest possible pixel value.")

    def fit(self, before: Preprocessing, part: Samples) -> Preprocessing:
        if before.kind != "table":
            return before.changed(scale=tuple(each / self.value for each in before.scale))
        numbers = tuple(
            each if each.kind == "boolean" else each.changed(scale=each.scale / self.value)
            for each in before.numbers
        )
        return before.changed(numbers=numbers)


class Impute(Step):
    """Fills missing numbers of a table with what is usual in their column.

    Truth values take the most frequent one. Missing categories need no fill:
    one-hot encoding gives them all zeros.
    """

    strategy: Literal["mean", "median", "most_frequent"] = setting(
        "median", label="Fill with", help="The value that replaces a missing number."
    )

    def fit(self, before: Preprocessing, part: Samples) -> Preprocessing:
        if before.kind != "table":
            return before
        raw = before.raw_numbers(part)
        filled = tuple(
            column.changed(fill=self._usual(column, raw[:, i]))
            for i, column in enumerate(before.numbers)
        )
        return before.changed(numbers=filled)

    def _usual(self, column: NumberColumn, cells: Array) -> float:
        there = cells[~np.isnan(cells)]
        if not len(there):
            return 0.0
        if self.strategy == "most_frequent" or column.kind == "boolean":
            values, counts = np.unique(there, return_counts=True)
            return float(values[counts.argmax()])
        return float(there.mean() if self.strategy == "mean" else np.median(there))


class OneHot(Step):
    """One number per value of each text column: 1 for its own value, else 0.

    Where a column has more values than the limit, the rarer ones share a number.
    """

    limit: int = setting(
        100,
        ge=1,
        le=1000,
        unit="values",
        label="At most",
        help="The most frequent values of a column, this many, get a number each; "
        "the rarer ones share one.",
        advanced=True,
    )

    def fit(self, before: Preprocessing, part: Samples) -> Preprocessing:
        columns = tuple(self._encoded(part, each) for each in before.categories)
        return before.changed(categories=columns)

    def _encoded(self, part: Samples, column: CategoryColumn) -> CategoryColumn:
        counts = dict(part.frame[column.name].drop_nulls().value_counts().iter_rows())
        # By name among equally frequent ones, so that the choice repeats.
        frequent = sorted(counts, key=lambda value: (-counts[value], value))[: self.limit]
        return column.changed(values=tuple(sorted(frequent)), has_other=len(counts) > self.limit)


class StandardizeTarget(Step):
    """Mean 0 and standard deviation 1 for the numbers to predict; classes stay as they are.

    Predictions, metrics and the exported model are in the target's own unit again; the loss is
    that of the standardized numbers.
    """

    def fit(self, before: Preprocessing, part: Samples) -> Preprocessing:
        return before

    def fit_targets(self, before: Targets, part: Samples) -> Targets:
        if before.task != "regression" or before.are_inputs:
            return before
        mean, spread = moments(np.asarray(part.y, np.float64).reshape(len(part.y), -1))
        scale = 1 / _or_one(spread, mean)
        return before.changed(offset=tuple(mean.tolist()), scale=tuple(scale.tolist()))


def moments(x: Array) -> tuple[Array, Array]:
    """Mean and standard deviation over all axes but the last, float64.

    Works through a few samples at a time: a float64 copy of all pictures could
    take eight times their memory.
    """
    axes = tuple(range(max(1, x.ndim - 1)))
    count = x.size // (x.shape[-1] if x.ndim > 1 else 1)
    chunks = [slice(start, start + 1024) for start in range(0, len(x), 1024)]
    mean = np.atleast_1d(sum(x[c].sum(axis=axes, dtype=np.float64) for c in chunks) / count)
    squares = sum(np.square(x[c] - mean).sum(axis=axes) for c in chunks)
    return mean, np.atleast_1d(np.sqrt(squares / count))


def _columnwise(numbers: Array, what: Callable[[Array], Any]) -> Array:
    # Cells that are still missing do not count; a column without any gives 0.
    columns = [column[~np.isnan(column)] for column in numbers.T]
    return np.array([what(column) if len(column) else 0.0 for column in columns], np.float64)


def _or_one(spread: Array, size: Array | float = 0.0) -> Array:
    """Spreads by which to divide: 1 in the place of 0, or what is 0 but for rounding.

    Args:
        size: how large the numbers are that have the spread.
    """
    least = np.maximum(_LEAST, 16 * np.finfo(np.float64).eps * np.abs(size))
    return np.where(spread > least, spread, 1.0)


def _scaled_array(before: Preprocessing, offset: Array, scale: Array) -> Preprocessing:
    return before.changed(offset=tuple(offset.tolist()), scale=tuple(scale.tolist()))


def _scaled_table(before: Preprocessing, offset: Array, scale: Array) -> Preprocessing:
    numbers = tuple(
        each if each.kind == "boolean" else each.changed(offset=float(o), scale=float(s))
        for each, o, s in zip(before.numbers, offset, scale, strict=True)
    )
    return before.changed(numbers=numbers)
