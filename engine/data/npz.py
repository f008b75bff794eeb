"""Arrays that NumPy saved."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np

from engine.arrays import Array
from engine.data.raw_arrays import from_arrays
from engine.data.samples import MAX_BYTES, Samples
from engine.data.source import Source, resolve
from engine.data.targets import short_list
from engine.errors import DataError
from engine.progress import Progress, no_progress
from engine.spec import setting

_X_NAMES = ("x", "x_all", "data", "inputs", "images", "features", "arr_0")
_Y_NAMES = ("y", "y_all", "labels", "label", "targets", "target", "arr_1")


class NpzFile(Source):
    """Inputs and targets in a NumPy archive.

    Knows x_train, y_train, x_test and y_test, as Keras' mnist.npz has them, and
    pairs such as x and y, or data and labels.
    """

    path: str = setting("", label="File", help="The .npz file.", path="file")
    x_key: str = setting("", label="Inputs", help="The array of inputs; empty finds it.")
    y_key: str = setting("", label="Targets", help="The array of targets; empty finds it.")
    weights_key: str = setting(
        "",
        label="Weights",
        help="The array that says how much each sample counts; empty counts all alike.",
        advanced=True,
    )
    use_given_test: bool = setting(
        True,
        label="Use the given test arrays",
        help="Test on x_test; off mixes it with the others before splitting.",
    )

    def load(self, base: Path, progress: Progress = no_progress) -> Samples:
        path = resolve(self.path, base)
        progress(0, 1, "files")
        with _opened(path) as archive:
            keys = self._keys(archive, path.name)
            arrays = []
            for done, key in enumerate(keys):
                progress(done, len(keys), "arrays")
                arrays.append(read_array(archive, key, path.name))
            weights = read_array(archive, self.weights_key, path.name) if self.weights_key else None
        x, y, given = arrays[0], arrays[1], None
        if len(arrays) == 4:
            x, y = (_joined(arrays[i], arrays[i + 2], path.name) for i in (0, 1))
            if len(arrays[0]) != len(arrays[1]) or len(arrays[2]) != len(arrays[3]):
                raise DataError(
                    f"{path.name} has {len(arrays[0]):,} inputs and {len(arrays[1]):,} targets for "
                    f"training, {len(arrays[2]):,} and {len(arrays[3]):,} for testing.",
                    "Give one target for each input.",
                )
            given = np.arange(len(arrays[0]), len(x)) if self.use_given_test else None
        samples = from_arrays(x, y, path.name, given)
        return samples if weights is None else _weighted(samples, weights)

    def _keys(self, archive: zipfile.ZipFile, place: str) -> tuple[str, ...]:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        for key in (self.x_key, self.y_key, self.weights_key):
            if key and key not in names:
                raise DataError(
                    f"{place} has no array {key!r}.", f"Choose among {short_list(names)}."
                )
        plain = {name.lower(): name for name in names}
        pairs = ("x_train", "y_train", "x_test", "y_test")
        if not self.x_key and not self.y_key and {"x_train", "y_train"} <= plain.keys():
            return tuple(plain[key] for key in pairs[: 4 if set(pairs) <= plain.keys() else 2])
        x = self.x_key or next((plain[key] for key in _X_NAMES if key in plain), "")
        y = self.y_key or next((plain[key] for key in _Y_NAMES if key in plain), "")
        if not x or not y or x == y:
            raise DataError(
                f"{place} holds the arrays {short_list(names) or '(none)'}; "
                "it is not clear which are inputs and targets.",
                "Say which array holds the inputs and which the targets.",
            )
        return x, y


def _weighted(samples: Samples, weights: Array) -> Samples:
    if weights.shape != (len(samples),) or weights.dtype.kind not in "biuf":
        raise DataError(
            f"{samples.place} has weights of type {weights.dtype} and shape {weights.shape} for "
            f"{len(samples):,} samples.",
            "Save one number for each sample, those for testing last.",
        )
    return replace(samples, weights=weights.astype(np.float64))


def read_array(archive: zipfile.ZipFile, key: str, place: str) -> Array:
    """One array of an archive, never one that would run code.

    Raises:
        DataError: Python objects in it, truncated, damaged or too large.
    """
    member = f"{key}.npy" if f"{key}.npy" in archive.namelist() else key
    try:
        with archive.open(member) as file:
            version = np.lib.format.read_magic(file)
            read = (
                np.lib.format.read_array_header_1_0
                if version == (1, 0)
                else np.lib.format.read_array_header_2_0
            )
            shape, _, dtype = read(file, max_header_size=10_000)
            # NumPy asks for the memory that the header claims, so check it first.
            size = prod(shape) * dtype.itemsize
            if dtype.hasobject or not shape:
                what = "Python objects" if dtype.hasobject else "a single value"
                raise DataError(
                    f"{place}, array {key!r} holds {what}.", "Save plain numbers or text."
                )
            if size > archive.getinfo(member).file_size or size > MAX_BYTES:
                raise DataError(
                    f"{place}, array {key!r} claims {size / 2**20:,.0f} MB, more than there is.",
                    "Save the file again, with at most 4,096 MB in an array.",
                )
        with archive.open(member) as file:
            return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
    except _DAMAGE as error:
        raise DataError(
            f"{place}, array {key!r} is damaged or ends too early.", "Save the file again."
        ) from error


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
    try:
        return zipfile.ZipFile(path)
    except _DAMAGE as error:
        empty = path.is_file() and path.stat().st_size == 0
        raise DataError(
            f"{path.name} is {'empty' if empty else 'no NumPy archive, or damaged'}.",
            "Choose a file that numpy.savez wrote.",
        ) from error


def _joined(first: Array, second: Array, place: str) -> Array:
    if first.shape[1:] != second.shape[1:] or first.dtype.kind != second.dtype.kind:
        raise DataError(
            f"{place} holds training samples of shape {first.shape[1:]} and test samples of "
            f"shape {second.shape[1:]}.",
            "Give both the same shape and type.",
        )
    return np.concatenate([first, second])
