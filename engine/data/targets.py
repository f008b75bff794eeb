"""What a network is to say: classes or numbers, and how both become arrays."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Literal

import numpy as np

from engine.arrays import Array, Shape
from engine.data.text_reading import Reading
from engine.errors import DataError
from engine.spec import Spec, plain_name

Task = Literal["classification", "regression"]

MAX_CLASSES = 1000
LARGEST = 1e38
"""Numbers beyond are refused: networks calculate in float32, which ends soon after."""
MAX_NAME = 200
"""The most characters that the name of a class may have."""
_FEW = 20
FAR = 1000.0
"""With an offset of more standard deviations than this, float32 loses digits that count."""
LABEL_NAMES = (
    "label", "labels", "class", "classes", "classlabel", "category", "digit", "letter", "symbol",
    "species", "genre",
)  # fmt: skip
"""Columns with one of these names hold classes, even where they are many whole numbers."""


class Targets(Spec):
    """The targets of a data set; saved with a trained model.

    Attributes:
        classes: their names, in the order of the network's outputs; none for
            regression.
        names: what each number is called; one name for classification, and for a shape.
        shape: of the numbers of one sample, where they are no row; those of a picture, say.
        are_inputs: whether they are the inputs themselves, to be drawn again.
        offset, scale: a network learns ``(y - offset) * scale`` of each number y, or of each on
            the last axis of a shape; empty where it learns the numbers as they are.
        reading: how the target's cells were read from text; None where they did not come from it.
    """

    task: Task = "classification"
    classes: tuple[str, ...] = ()
    names: tuple[str, ...] = ("target",)
    shape: tuple[int, ...] = ()
    are_inputs: bool = False
    offset: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    reading: Reading | None = None

    @property
    def size(self) -> int:
        """How many outputs a network needs: one per class, or one per number."""
        return prod(self.output_shape)

    @property
    def output_shape(self) -> Shape:
        """The shape of what a network puts out for one sample: numbers, or one per class."""
        return self.shape or (len(self.classes or self.names),)

    def encode(self, y: Array | Sequence[str | float]) -> Array:
        """Raw targets as a network's: int64 (N,) classes, float32 (N, *output shape) numbers.

        ``y`` holds class names or integer indices of classes, or numbers.

        Raises:
            DataError: a class that this data set does not have; no number.
        """
        values = np.asarray(y)
        if self.task == "regression":
            numbers = (
                as_numbers([str(v) for v in values], self.names[0])
                if values.dtype.kind in "UO"
                else values
            )
            numbers = np.asarray(numbers, np.float64).reshape(len(values), *self.output_shape)
            if self.scale:
                numbers = (numbers - self.offset) * self.scale
            with np.errstate(over="ignore"):  # infinite ones are a flaw that is told
                return np.ascontiguousarray(numbers, np.float32)
        if values.dtype.kind in "iu":
            outside = values[(values < 0) | (values >= self.size)]
            if len(outside):
                raise DataError(
                    f"A class has the number {int(outside[0])}; there are {self.size} classes.",
                    f"Use numbers from 0 to {self.size - 1}.",
                )
            return values.astype(np.int64)
        index = {name: i for i, name in enumerate(self.classes)}
        texts = [
            value if isinstance(value, str) else number_text(value) for value in values.tolist()
        ]
        unknown = next((text for text in texts if text not in index), None)
        if unknown is not None:
            raise DataError(
                f"{unknown!r} is none of the classes {short_list(self.classes)}.",
                "Correct the value, or train with data that has this class.",
            )
        return np.array([index[text] for text in texts], np.int64)

    @property
    def loses_digits(self) -> bool:
        """Whether float32 would lose digits that count of a number in the target's own unit."""
        return any(abs(o) * s > FAR for o, s in zip(self.offset, self.scale, strict=True))

    def in_units(self, numbers: Array) -> Array:
        """Return scaled numbers (..., targets) in the target's own unit; classes as they are.

        Of a shape only the last axis matters. Outputs of another shape have the same numbers in
        the same order. Float64 where float32 would lose digits, else of the type of ``numbers``.
        """
        if not self.scale or numbers.size % len(self.scale):
            return numbers
        rows = numbers
        if len(self.scale) > 1 and numbers.shape[-1:] != (len(self.scale),):
            rows = numbers.reshape(-1, len(self.scale))
        units: Array = (rows / np.array(self.scale) + self.offset).reshape(numbers.shape)
        return units if self.loses_digits else units.astype(numbers.dtype)

    def number_text(self, value: float, place: int = 0) -> str:
        """Return a predicted number with the digits that a float32 network can tell apart.

        Args:
            place: which of the target's numbers it is.
        """
        value = float(value)
        if not np.isfinite(value):
            return str(value)
        if len(self.scale) <= place:
            return np.format_float_positional(np.float32(value), trim="-")
        # One part in ten million of the target's spread is what its scaled number can hold.
        finest = 1e-7 / self.scale[place]
        size = max(abs(value), abs(self.offset[place]), 1 / self.scale[place])
        digits = int(np.clip(np.ceil(np.log10(size / finest)), 6, 17))
        return f"{value:.{digits}g}" if 1e-4 <= size < 1e16 else f"{value:.9g}"


def detect(values: Array, name: str) -> tuple[Array, tuple[str, ...], Task]:
    """Return targets, classes and task for a raw target column.

    Text and truth values are classes. So are whole numbers of which there are few different
    ones, or which count up from 0 or 1 in a column called as classes are ("label"), each on
    average at least twice.

    Targets with a number that is not finite stay numbers; what becomes of the
    samples is decided later.

    Raises:
        DataError: too many classes.
    """
    numeric = values.dtype.kind in "iuf"
    if numeric and (first_unusable(values) is not None or not _are_classes(values, name)):
        return values.astype(np.float64), (), "regression"
    y, classes = as_classes(values, name)
    return y, classes, "classification"


def task_note(values: Array, name: str, task: Task) -> str:
    """Return what to say where a column of whole numbers may be classes or quantities."""
    if values.ndim != 1 or not _are_repeated_integers(values) or first_unusable(values) is not None:
        return ""
    different = np.unique(values)
    if task == "classification" and len(different) > _FEW:
        return (
            f"The target {name} holds {len(different):,} different whole numbers from "
            f"{int(different[0])} to {int(different[-1])}, which are taken as classes. If they are "
            "quantities, set Task to regression."
        )
    if task == "regression" and len(different) <= MAX_CLASSES and _count_up(different):
        return (
            f"The target {name} holds {len(different):,} different whole numbers, which are taken "
            "as quantities. If they are classes, set Task to classification."
        )
    return ""


def as_classes(values: Array, name: str) -> tuple[Array, tuple[str, ...]]:
    """Each value as an index into the sorted names of the different values.

    Raises:
        DataError: more than ``MAX_CLASSES``, a name that is too long, or several
            numbers per sample.
    """
    if values.ndim != 1:
        raise DataError(
            f"The target {name!r} has {values.shape[1]} numbers per sample, which are not classes.",
            "Set the task to regression.",
        )
    different, inverse = np.unique(values, return_inverse=True)
    if len(different) > MAX_CLASSES:
        raise DataError(
            f"The target {name!r} has {len(different):,} different values; "
            f"at most {MAX_CLASSES:,} classes are possible.",
            "Choose another target, or set the task to regression.",
        )
    texts = [number_text(value) for value in different.tolist()]
    longest = max(map(len, texts), default=0)
    if longest > MAX_NAME:
        raise DataError(
            f"The target {name!r} has a class with a name of {longest:,} characters; "
            f"at most {MAX_NAME} are possible.",
            "Choose a target with short names.",
        )
    # Numbers written as text ("10") sort as numbers, so that classes read 1, 2, … 10.
    order = sorted(range(len(texts)), key=lambda i: (_number_or_none(texts[i]) or 0.0, i))
    if any(_number_or_none(text) is None for text in texts):
        order = list(range(len(texts)))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[inverse.reshape(-1)], tuple(texts[i] for i in order)


def as_numbers(texts: Sequence[str], name: str) -> Array:
    """Texts as float64.

    Raises:
        DataError: one of them is no number.
    """
    numbers = [_number_or_none(text) for text in texts]
    bad = next((text for text, number in zip(texts, numbers, strict=True) if number is None), None)
    if bad is not None:
        raise DataError(
            f"The target {name!r} holds {bad!r}, which is not a number.",
            "Choose classification, or a target that holds numbers.",
        )
    return np.array(numbers, np.float64)


def first_unusable(values: Array) -> int | None:
    """The first sample with a number that float32 cannot hold, NaN included."""
    if not values.size or values.dtype.kind != "f":
        return None
    # NaN spreads into both, and neither needs a copy of all pictures.
    if float(values.min()) > -LARGEST and float(values.max()) < LARGEST:
        return None
    return int(np.flatnonzero(~usable(values))[0])


def usable(values: Array) -> Array:
    """Of which samples float32 can hold each number, bool (N,)."""
    if values.dtype.kind != "f":
        return np.ones(len(values), bool)
    fits: Array = np.all(np.abs(values.reshape(len(values), -1)) < LARGEST, axis=1)
    return fits


def number_text(value: object) -> str:
    """A class as text: 3.0 reads "3"."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def short_list(names: Sequence[str], most: int = 8) -> str:
    """Names with commas, the rest as a count."""
    rest = len(names) - most
    shown = ", ".join(names[:most])
    return f"{shown} and {rest} more" if rest > 0 else shown


def _are_classes(values: Array, name: str) -> bool:
    if not _are_repeated_integers(values):
        return False
    different = np.unique(values)
    is_label = plain_name(name) in LABEL_NAMES
    return len(different) <= _FEW or (
        is_label and len(different) <= MAX_CLASSES and _count_up(different)
    )


def _are_repeated_integers(values: Array) -> bool:
    """Whether all are whole, and each occurs at least twice on average."""
    if values.ndim != 1 or (values.dtype.kind == "f" and (values != np.floor(values)).any()):
        return False
    return 2 * len(np.unique(values)) <= len(values)


def _count_up(different: Array) -> bool:
    """Whether sorted whole numbers begin at 0 or 1 and leave out less than half."""
    first, last = float(different[0]), float(different[-1])
    return first in (0, 1) and last - first + 1 < 2 * len(different)


def _number_or_none(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None
