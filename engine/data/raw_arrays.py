"""Samples from a pair of arrays as files hold them."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array, shape_text
from engine.data.samples import SampleKind, Samples, check_size
from engine.data.targets import Task, detect
from engine.errors import DataError


def from_arrays(x: Array, y: Array, place: str, given_test: Array | None = None) -> Samples:
    """Samples from inputs (N, ...) and targets (N,), (N, 1), one-hot or (N, targets).

    Bytes (N, height, width) and numbers (N, height, width, 1 to 4) are pictures.

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
    x, kind, notes = _inputs(x, place)
    targets, classes, task, more = _targets(y, place)
    return Samples(
        kind=kind,
        x=x,
        y=targets,
        task=task,
        classes=classes,
        target_name="label" if task == "classification" else "target",
        value_range=_pixel_range(x) if kind == "picture" else None,
        given_test=given_test,
        place=place,
        notes=(*notes, *more),
    )


def _inputs(x: Array, place: str) -> tuple[Array, SampleKind, tuple[str, ...]]:
    if x.dtype.kind not in "biuf":
        raise DataError(
            f"{place} holds values of type {x.dtype} as inputs, which are no real numbers.",
            "Save the inputs as integers or floats.",
        )
    if x.dtype.kind == "b":
        x = x.astype(np.uint8)
    elif x.dtype.kind == "f" and x.dtype.itemsize != 8:
        with np.errstate(over="ignore"):  # infinite ones are refused later
            x = x.astype(np.float32)
    if x.ndim == 1:
        return x[:, np.newaxis], "array", ()
    if x.ndim == 3 and x.dtype == np.uint8:
        return x[..., np.newaxis], "picture", ()
    if x.ndim == 4:
        if x.shape[-1] <= 4:
            return x, "picture", ()
        if x.shape[1] in (1, 3):
            note = f"Moved the color channels of {shape_text(x.shape[1:])} to the last axis."
            return np.ascontiguousarray(np.moveaxis(x, 1, -1)), "picture", (note,)
    return x, "array", ()


def _targets(y: Array, place: str) -> tuple[Array, tuple[str, ...], Task, tuple[str, ...]]:
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
    if y.ndim == 1:
        return (*detect(y, "label"), ())
    if y.dtype.kind != "U" and ((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all():
        names = tuple(str(i) for i in range(y.shape[1]))
        return y.argmax(axis=1), names, "classification", ("Read the targets as one-hot classes.",)
    return (*detect(y, "target"), ())


def _pixel_range(x: Array) -> tuple[float, float] | None:
    """What a pixel can be at least and at most; None where it is scaled already."""
    if x.dtype == np.uint8:
        return 0.0, 255.0
    most = float(x.max())
    if not np.isfinite(most) or most <= 1:
        return None
    return 0.0, 255.0 if most <= 255 else most
