"""Arrays to predict on: NPZ and IDX files."""

from __future__ import annotations

import zipfile
from math import prod
from pathlib import Path

import numpy as np

from engine.arrays import Array, Shape, shape_text
from engine.data.array_names import find_arrays
from engine.data.idx import labels_beside, read_idx
from engine.data.npz import array_header, read_array
from engine.data.preprocessing import Preprocessing
from engine.data.samples import check_size
from engine.data.targets import Targets, number_text, short_list
from engine.errors import DataError
from engine.predicting.batch import Batch


def read_archive(path: Path, preprocessing: Preprocessing, targets: Targets) -> Batch:
    """Read the samples in an NPZ file: the array that has their shape.

    Of several, one called x_test is taken first, and x_train last.

    Raises:
        DataError: no archive, damaged, or no array of samples.
    """
    wanted = preprocessing.input_shape
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path.name} is not a NumPy archive, or damaged.",
            "Give a file that numpy.savez wrote.",
        ) from error
    with archive:
        keys = [name.removesuffix(".npy") for name in archive.namelist()]
        partners = _partners(keys)
        seen = []
        for key in dict.fromkeys((*partners, *keys)):
            # Only its header yet: others may be large, and packed ones larger than they seem.
            shape, _ = array_header(archive, key, path.name)
            seen.append(f"{key} ({' × '.join(map(str, shape))})")
            if wanted not in (shape[1:], (*shape[1:], 1)):
                continue
            check_size(prod(shape), path.name)
            x = _as_samples(read_array(archive, key, path.name), wanted)
            if x is not None:
                break
        else:
            raise DataError(
                f"{path.name} holds {short_list(seen) or 'nothing'}, but a sample is "
                f"{shape_text(wanted)}.",
                "Save an array with one sample in each row.",
            )
        y = _targets_in(archive, partners.get(key), len(x), path.name)
    notes = (f"Read the array {key}.",) if len(keys) > 1 else ()
    return _batch(x, y, path.name, preprocessing, targets, notes)


def read_idx_files(path: Path, preprocessing: Preprocessing, targets: Targets) -> Batch:
    """Read the samples in an IDX file, and their labels if those lie beside it.

    Raises:
        DataError: no IDX file, damaged, or samples of another shape.
    """
    array = read_idx(path)
    x = _as_samples(array, preprocessing.input_shape)
    if x is None:
        raise DataError(
            f"{path.name} holds samples of {shape_text(array.shape[1:])}, but the network takes "
            f"{shape_text(preprocessing.input_shape)}.",
            "Choose a file with samples of that size.",
        )
    labels = labels_beside(path)
    y = None if labels is None else read_idx(labels)
    if y is not None and len(y) != len(x):
        y = None
    return _batch(x, y, path.name, preprocessing, targets, ())


def _batch(
    x: Array,
    y: Array | None,
    place: str,
    preprocessing: Preprocessing,
    targets: Targets,
    notes: tuple[str, ...],
) -> Batch:
    labels = [str(i) for i in range(1, len(x) + 1)]
    truth = None if y is None or targets.are_inputs else _as_read(y, targets)
    return Batch(preprocessing.apply(x), place, "sample", labels, truth=truth, notes=notes)


def _as_samples(array: Array, wanted: Shape) -> Array | None:
    """Return an array (N, ...) as samples of a shape; None where it is none."""
    if array.dtype.kind not in "biuf" or not wanted:
        return None
    # Pictures without an axis for their one channel, as MNIST's, are common.
    candidates = (array, array[..., np.newaxis])
    return next((each for each in candidates if each.shape[1:] == wanted and len(each)), None)


def _partners(keys: list[str]) -> dict[str, str | None]:
    """Return the arrays of inputs, those for testing first, each with that of its targets."""
    found = find_arrays(keys)
    pairs = found.pairs
    ordered: dict[str, str | None] = dict(pairs[part] for part in ("test",) if part in pairs)
    ordered |= dict.fromkeys(found.without_targets)
    ordered |= dict(pairs[part] for part in ("validation", "train") if part in pairs)
    return ordered


def _targets_in(archive: zipfile.ZipFile, key: str | None, count: int, place: str) -> Array | None:
    if key is None:
        return None
    y = read_array(archive, key, place)
    if len(y) != count or y.dtype.kind not in "biufUS":
        return None
    return np.char.decode(y, "utf-8", "replace") if y.dtype.kind == "S" else y


def _as_read(y: Array, targets: Targets) -> Array | list[str | None]:
    """Return raw targets as names of classes, or as numbers (N, ...)."""
    if targets.task == "regression":
        return y
    if y.ndim == 2 and y.shape[1] == len(targets.classes) and y.shape[1] > 1:
        return [targets.classes[i] for i in y.argmax(axis=1)]
    return [number_text(each) for each in y.reshape(len(y), -1)[:, 0].tolist()]
