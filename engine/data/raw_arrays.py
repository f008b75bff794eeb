"""Samples from a pair of arrays as files hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from engine.arrays import Array, shape_text
from engine.data.pixels import pixel_range
from engine.data.samples import PartName, SampleKind, Samples, check_size
from engine.data.targets import MAX_CLASSES, Targets, Task, as_classes, detect, number_text
from engine.errors import DataError

InputKind = Literal["auto", "pictures", "numbers"]
"""What inputs are taken for."""

MAX_NUMBERED = 1_000_000
"""The most classes that a script may number without naming them."""

_FEWEST_PIXELS = 8
"""The side of the smallest square of numbers that may well be a picture."""


def from_arrays(
    x: Array,
    y: Array,
    place: str,
    given: Mapping[PartName, Array] | None = None,
    *,
    inputs: InputKind = "auto",
    white: float = 0.0,
    are_labels: bool = False,
) -> Samples:
    """Samples from inputs (N, ...) and targets (N,), (N, 1), one-hot or (N, targets).

    Bytes and truth values (N, height, width) and numbers (N, height, width, 1 to 4) are pictures.

    Args:
        given: indices of the samples that are set aside for validation or test.
        inputs: what the inputs are; "auto" judges by their type and shape.
        white: the largest value of a pixel; 0 judges by the pixels.
        are_labels: whether the targets are called labels, so that whole numbers are classes.

    Raises:
        DataError: different lengths, nothing in them, or no numbers.
    """
    if len(x) != len(y):
        raise DataError(
            f"{place} has {len(x):,} inputs and {len(y):,} targets.",
            "Give one target for each input.",
        )
    if not x.size:
        raise DataError(f"{place} has no samples.", "Choose a file with samples.")
    check_size(x.size, place)
    x, kind, notes = _inputs(x, place, inputs)
    value_range, more = pixel_range(x, white) if kind == "picture" else (None, ())
    targets, classes, task, said = _targets(y, place, are_labels=are_labels)
    return Samples(
        kind=kind,
        x=_plain(x),
        y=targets,
        task=task,
        classes=classes,
        target_name="label" if task == "classification" else "target",
        value_range=value_range,
        given=given or {},
        place=place,
        notes=(*notes, *more, *said),
    )


def _inputs(x: Array, place: str, inputs: InputKind) -> tuple[Array, SampleKind, tuple[str, ...]]:
    if x.dtype.kind not in "biuf":
        raise DataError(
            f"{place} holds values of type {x.dtype} as inputs, which are not real numbers.",
            "Save the inputs as integers or floats.",
        )
    if x.ndim == 1:
        x = x[:, np.newaxis]
    are_bytes = x.ndim == 3 and x.dtype in (np.uint8, np.bool_)
    have_colors = x.ndim == 4 and (x.shape[-1] <= 4 or x.shape[1] in (1, 3))
    if inputs == "pictures" or (inputs == "auto" and (are_bytes or have_colors)):
        pictures, notes = _pictures(x, place)
        return pictures, "picture", notes
    if inputs == "auto" and x.ndim == 3 and x.shape[1] == x.shape[2] >= _FEWEST_PIXELS:
        shape = shape_text(x.shape[1:])
        note = f"Read inputs of {shape} as rows of numbers; the setting Inputs makes them pictures."
        return x, "array", (note,)
    return x, "array", ()


def _pictures(x: Array, place: str) -> tuple[Array, tuple[str, ...]]:
    if x.ndim == 3:
        return x[..., np.newaxis], ()
    if x.ndim == 4 and x.shape[-1] <= 4:
        return x, ()
    if x.ndim == 4 and x.shape[1] <= 4:
        note = f"Moved the color channels of {shape_text(x.shape[1:])} to the last axis."
        return np.ascontiguousarray(np.moveaxis(x, 1, -1)), (note,)
    raise DataError(
        f"{place} has inputs of {shape_text(x.shape[1:])}, which are not pictures.",
        "Set Inputs to numbers, or save pictures as height × width × 1 or 3 colors.",
    )


def _plain(x: Array) -> Array:
    """Types that are worked with from here on: no truth values, and floats of 32 or 64 bits."""
    if x.dtype.kind == "b":
        return x.astype(np.uint8)
    if x.dtype.kind == "f" and x.dtype.itemsize != 8:
        with np.errstate(over="ignore"):  # infinite ones are refused later
            return x.astype(np.float32)
    return x


def _targets(
    y: Array, place: str, *, are_labels: bool
) -> tuple[Array, tuple[str, ...], Task, tuple[str, ...]]:
    if y.dtype.kind == "S":
        y = np.char.decode(y, "utf-8", "replace")
    if y.dtype.kind not in "biufU" or y.ndim not in (1, 2) or not y.size:
        raise DataError(
            f"{place} holds targets of type {y.dtype} and shape {y.shape}.",
            "Save them as one class or number for each sample.",
        )
    if y.dtype.kind == "b":
        y = y.astype(np.uint8)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if is_one_hot(y):
        names = tuple(str(i) for i in range(y.shape[1]))
        return y.argmax(axis=1), names, "classification", ("Read the targets as one-hot classes.",)
    values, classes, task = detect(y, "target")
    if task == "regression" and y.ndim == 1:
        note = _why_classes(y, are_labels=are_labels)
        if note is not None:
            return (*as_classes(y, "label"), "classification", (note,) if note else ())
    return values, classes, task, ()


def is_one_hot(y: Array) -> bool:
    """Whether each row of numbers or truth values (N, classes) is 1 in one place, else 0."""
    if y.ndim != 2 or y.shape[1] < 2 or y.dtype.kind not in "biuf":
        return False
    return bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())


def _why_classes(y: Array, *, are_labels: bool) -> str | None:
    """Why many whole numbers are classes: "" where it is certain, None where they are not."""
    if y.dtype.kind not in "iuf" or not bool(np.isfinite(y).all() and (y == np.rint(y)).all()):
        return None
    different = np.unique(y)
    first, count = float(different[0]), len(different)
    if are_labels and y.dtype.kind != "f":
        return ""
    if count > MAX_CLASSES or 2 * count > len(y):
        return None
    if are_labels:
        return ""
    if first not in (0, 1):
        return None
    if float(different[-1]) != first + count - 1:
        return None
    return (
        f"Read the targets as {count} classes: they are whole numbers, and each from "
        f"{number_text(first)} to {number_text(float(different[-1]))} occurs. "
        "Set the task to regression if they are amounts."
    )


def labels_or_numbers(y: Array, classes: tuple[str, ...]) -> tuple[Array, tuple[str, ...], Task]:
    """Return a script's targets as int64 (N,) with the names of classes, or as float64 numbers.

    Raises:
        DataError: no classes and no numbers, or a text that is none of the classes.
    """
    if y.dtype.kind not in "biufUSO":
        raise DataError(
            f"The targets are of type {y.dtype}.", "Give numbers, truth values or texts."
        )
    if y.ndim == 2 and y.shape[1] == 1 and (classes or y.dtype.kind in "iubUSO"):
        y = y[:, 0]
    if is_one_hot(y):
        names = classes or tuple(str(i) for i in range(y.shape[1]))
        return y.argmax(axis=1), names, "classification"
    if y.dtype.kind in "USO":
        if y.ndim != 1:
            raise DataError(
                f"The targets are texts of shape {y.shape}.", "Give one text for each sample."
            )
        texts = np.char.decode(y, "utf-8", "replace") if y.dtype.kind == "S" else y
        texts = np.array([str(each) for each in texts.tolist()])
        if not classes:
            return (*as_classes(texts, "target"), "classification")
        return Targets(classes=classes).encode(texts), classes, "classification"
    if y.ndim == 1 and (y.dtype.kind in "iub" or _number_classes(y, len(classes))):
        most = int(y.max(initial=0))
        if most >= MAX_NUMBERED:
            raise DataError(
                f"The targets have a class of number {most:,}; {MAX_NUMBERED:,} are possible.",
                "Number the classes from 0 on, or give the targets as floats to predict numbers.",
            )
        classes = classes or tuple(str(i) for i in range(most + 1))
        return y.astype(np.int64), classes, "classification"
    return y.astype(np.float64), (), "regression"


def _number_classes(y: Array, classes: int) -> bool:
    """Whether each float is the number of one of so many classes."""
    return bool(classes) and bool(((y >= 0) & (y < classes) & (y == np.rint(y))).all())
