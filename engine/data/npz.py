"""Arrays that NumPy saved."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.data.array_names import FoundArrays, find_arrays, names_labels, names_pictures
from engine.data.pixels import WHITE_HELP
from engine.data.raw_arrays import InputKind, from_arrays
from engine.data.samples import MAX_BYTES, PartName, Samples, check_size
from engine.data.source import Source, resolve
from engine.data.targets import LARGEST, MAX_CLASSES, MAX_NAME, short_list
from engine.errors import DataError
from engine.progress import Progress, no_progress
from engine.reading import check_file
from engine.spec import setting

_CLASS_NAMES = ("target_names", "class_names", "label_names")


class NpzFile(Source):
    """Inputs and targets in a NumPy archive.

    Knows ``x_train``, ``y_train``, ``x_val``, ``x_test`` and the like, as Keras' mnist.npz has
    them, and pairs such as ``X`` and ``y``, or ``data`` and ``target``.
    """

    path: str = setting("", label="File", help="The .npz file.", path="file")
    x_key: str = setting(
        "", label="Input array", help="The array of inputs; leave empty to detect it."
    )
    y_key: str = setting(
        "", label="Target array", help="The array of targets; leave empty to detect it."
    )
    weights_key: str = setting(
        "",
        label="Weights",
        help="The array with the weight of each sample; leave empty to weight all equally.",
        advanced=True,
    )
    use_given_test: bool = setting(
        True,
        label="Use the given parts",
        help="Validate and test on arrays such as x_val and x_test; off mixes all before "
        "splitting.",
    )
    inputs: InputKind = setting(
        "auto",
        label="Inputs",
        help="What the inputs are: auto judges by type and shape.",
        advanced=True,
    )
    white: float = setting(0.0, ge=0, le=LARGEST, label="White", help=WHITE_HELP, advanced=True)

    def load(self, base: Path, progress: Progress = no_progress) -> Samples:
        path = resolve(self.path, base)
        progress(0, 1, "files")
        with _opened(path) as archive:
            found = self._found(archive, path.name)
            spans = _check_headers(archive, found.pairs, path.name)
            pairs = []
            for done, pair in enumerate(found.pairs.values()):
                progress(done, len(found.pairs), "arrays")
                pairs.append([read_array(archive, key, path.name) for key in pair])
            weights = read_array(archive, self.weights_key, path.name) if self.weights_key else None
            names = _class_names(archive, path.name)
        x, y = (
            each[0] if len(each) == 1 else np.concatenate(each) for each in zip(*pairs, strict=True)
        )
        del pairs
        x_key, y_key = found.pairs["train"]
        given = {part: np.array(span) for part, span in list(spans.items())[1:]}
        samples = from_arrays(
            x,
            y,
            path.name,
            given if self.use_given_test else {},
            inputs="pictures" if self._are_pictures(x_key, x) else self.inputs,
            white=self.white,
            are_labels=names_labels(y_key),
        )
        samples = _with_names(samples, names).with_notes(*_notes(found, self.weights_key))
        return samples if weights is None else _weighted(samples, weights, len(spans["train"]))

    def _are_pictures(self, key: str, x: Array) -> bool:
        return self.inputs == "auto" and x.ndim == 3 and names_pictures(key)

    def _found(self, archive: zipfile.ZipFile, place: str) -> FoundArrays:
        """Return which arrays are meant, by the settings or by their names.

        Raises:
            DataError: it is not clear, or there is no array of that name.
        """
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        for key in (self.x_key, self.y_key, self.weights_key):
            if key and key not in names:
                raise DataError(
                    f"{place} has no array {key!r}.", f"Choose among {short_list(names)}."
                )
        found = find_arrays([name for name in names if name != self.weights_key])
        if self.x_key or self.y_key:
            x, y = found.pairs.get("train", ("", ""))
            x, y = self.x_key or found.whole["x"] or x, self.y_key or found.whole["y"] or y
            found = FoundArrays({"train": (x, y)} if x and y and x != y else {})
        if not found.pairs:
            raise DataError(
                f"{place} holds the arrays {short_list(names) or '(none)'}; "
                "it is not clear which are inputs and targets.",
                "Say which array holds the inputs and which the targets.",
            )
        used = {self.weights_key, *_CLASS_NAMES, *found.without_targets}
        used.update(key for pair in found.pairs.values() for key in pair)
        return replace(found, ignored=tuple(name for name in names if name not in used))


def _check_headers(
    archive: zipfile.ZipFile, pairs: Mapping[PartName, tuple[str, str]], place: str
) -> dict[PartName, range]:
    """Refuse by their headers what does not fit or is too large, before memory is asked for.

    Returns:
        Which samples belong to each part when all are put one after the other.

    Raises:
        DataError: different lengths, shapes or kinds, or too many numbers.
    """
    spans: dict[PartName, range] = {}
    first: list[tuple[tuple[int, ...], bool]] | None = None
    end, numbers = 0, [0, 0]
    for part, pair in pairs.items():
        heads = [array_header(archive, key, place) for key in pair]
        (x, _), (y, _) = heads
        if x[0] != y[0]:
            raise DataError(
                f"{place} has {x[0]:,} inputs and {y[0]:,} targets ({pair[0]} and {pair[1]}).",
                "Give one target for each input.",
            )
        kinds = [(shape[1:], dtype.kind in "US") for shape, dtype in heads]
        first = first or kinds
        for was, now, what in zip(first, kinds, ("samples", "targets"), strict=True):
            if was != now:
                raise DataError(
                    f"{place} holds training {what} of shape {was[0]} and {part} {what} of "
                    f"shape {now[0]}, or of another type.",
                    "Give both the same shape and type.",
                )
        spans[part] = range(end, end := end + x[0])
        numbers = [n + prod(shape) for n, (shape, _) in zip(numbers, heads, strict=True)]
    for each in numbers:
        check_size(each, place)
    return spans


def _notes(found: FoundArrays, weights: str) -> list[str]:
    """Return what was found in the file and is not used, or used as a part."""
    parts = [f"{pair[0]} is the {part} part." for part, pair in found.pairs.items()][1:]
    parts += [f"{name} has no targets and is not used." for name in found.without_targets]
    if found.ignored:
        is_one = len(found.ignored) == 1
        parts.append(f"Ignored the array{'s' * (not is_one)} {short_list(found.ignored, 5)}.")
    return parts


def _class_names(archive: zipfile.ZipFile, place: str) -> list[str]:
    """Return the names of classes that the file has an array of, in their order; or none."""
    for key in _CLASS_NAMES:
        if f"{key}.npy" in archive.namelist():
            shape, dtype = array_header(archive, key, place)
            if dtype.kind in "US" and len(shape) == 1 and shape[0] <= MAX_CLASSES:
                names = read_array(archive, key, place)
                texts = np.char.decode(names, "utf-8", "replace") if dtype.kind == "S" else names
                return [str(each)[:MAX_NAME] for each in texts.tolist()]
    return []


def _with_names(samples: Samples, names: list[str]) -> Samples:
    """The samples with names for classes that are numbered from 0 on."""
    numbered = tuple(str(i) for i in range(len(samples.classes)))
    if samples.classes != numbered or len(set(names)) != len(numbered):
        return samples
    return replace(samples, classes=tuple(names))


def _weighted(samples: Samples, weights: Array, training: int) -> Samples:
    if weights.shape == (training,):
        weights = np.concatenate([weights, np.ones(len(samples) - training)])
    if weights.shape != (len(samples),) or weights.dtype.kind not in "biuf":
        raise DataError(
            f"{samples.place} has weights of type {weights.dtype} and shape {weights.shape} for "
            f"{len(samples):,} samples.",
            "Save one number for each training sample, or for all, those for testing last.",
        )
    return replace(samples, weights=weights.astype(np.float64))


def array_header(
    archive: zipfile.ZipFile, key: str, place: str
) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return shape and type of an array, of which nothing else is read.

    Raises:
        DataError: Python objects in it, a single value, damaged, or it claims too much.
    """
    member = _member(archive, key)
    try:
        with archive.open(member) as file:
            version = np.lib.format.read_magic(file)
            read = (
                np.lib.format.read_array_header_1_0
                if version == (1, 0)
                else np.lib.format.read_array_header_2_0
            )
            shape, _, dtype = read(file, max_header_size=10_000)
    except _DAMAGE as error:
        raise _damaged(place, key) from error
    if dtype.hasobject or not shape:
        what = "Python objects" if dtype.hasobject else "a single value"
        raise DataError(f"{place}, array {key!r} holds {what}.", "Save plain numbers or text.")
    # NumPy asks for the memory that the header claims, so check it first.
    size = prod(shape) * dtype.itemsize
    if size > archive.getinfo(member).file_size or size > MAX_BYTES:
        raise DataError(
            f"{place}, array {key!r} claims {size / 2**20:,.0f} MB, more than there is.",
            "Save the file again, with at most 4,096 MB in an array.",
        )
    return shape, dtype


def read_array(archive: zipfile.ZipFile, key: str, place: str) -> Array:
    """Return one array of an archive, never one that would run code.

    Raises:
        DataError: Python objects in it, truncated, damaged or too large.
    """
    array_header(archive, key, place)
    try:
        with archive.open(_member(archive, key)) as file:
            return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
    except _DAMAGE as error:
        raise _damaged(place, key) from error


def _member(archive: zipfile.ZipFile, key: str) -> str:
    return f"{key}.npy" if f"{key}.npy" in archive.namelist() else key


def _damaged(place: str, key: str) -> DataError:
    return DataError(f"{place}, array {key!r} is truncated or damaged.", "Save the file again.")


# What zipfile, zlib and NumPy's own parser of headers raise on mangled input.
_DAMAGE = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    TypeError,
    RuntimeError,
    MemoryError,
    SyntaxError,
    OverflowError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


def _opened(path: Path) -> zipfile.ZipFile:
    check_file(path)
    try:
        return zipfile.ZipFile(path)
    except _DAMAGE as error:
        empty = path.is_file() and path.stat().st_size == 0
        raise DataError(
            f"{path.name} is {'empty' if empty else 'not a NumPy archive, or damaged'}.",
            "Choose a file that numpy.savez wrote.",
        ) from error
