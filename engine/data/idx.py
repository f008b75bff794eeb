"""IDX files, the format of MNIST: http://yann.lecun.com/exdb/mnist/."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from engine.arrays import Array
from engine.data.pixels import WHITE_HELP
from engine.data.raw_arrays import from_arrays
from engine.data.samples import PartName, Samples, check_size
from engine.data.source import Source, resolve
from engine.data.targets import LARGEST
from engine.errors import DataError
from engine.progress import Progress, no_progress
from engine.reading import open_file
from engine.spec import setting

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_CHUNK = 2**24
_TEST = re.compile("t10k|test", re.I)


class IdxFiles(Source):
    """Pictures and labels in IDX files, gzip or not, as MNIST comes.

    Takes a folder with the original four names or one images and labels pair, or one
    images file whose labels file lies beside it. The test files that belong to a training
    file are found beside it. Of a file and its packed copy (``.gz``) the plain one is read.
    """

    path: str = setting(
        "",
        label="Folder or file",
        help="The folder with the files, or an images file.",
        path="folder",
    )
    use_given_test: bool = setting(
        True,
        label="Use the given test files",
        help="Test on the t10k files where there are some. Off shares out the training file that "
        "was opened, or all files of the folder.",
    )
    white: float = setting(0.0, ge=0, le=LARGEST, label="White", help=WHITE_HELP, advanced=True)

    def load(self, base: Path, progress: Progress = no_progress) -> Samples:
        path = resolve(self.path, base)
        pairs = idx_pairs(path)
        if len(pairs) == 2 and path.is_file() and not self.use_given_test:
            del pairs[1]  # the file that was chosen, and nothing else
        _check_pairs(pairs, path.name)
        xs, ys = [], []
        for done, (images, labels) in enumerate(pairs):
            progress(2 * done, 2 * len(pairs), "files")
            xs.append(read_idx(images, progress))
            ys.append(read_idx(labels, progress))
        x, y = np.concatenate(xs), np.concatenate(ys)
        is_given = len(xs) == 2 and self.use_given_test
        given: dict[PartName, Array] = {"test": np.arange(len(xs[0]), len(x))} if is_given else {}
        samples = from_arrays(
            x,
            y,
            path.name,
            given,
            inputs="pictures" if x.ndim in (3, 4) else "auto",
            white=self.white,
            are_labels=True,
        )
        return samples.with_notes(*self._notes(pairs, given.get("test")))

    def _notes(self, pairs: list[tuple[Path, Path]], given: Array | None) -> list[str]:
        """Return what was chosen among the files, in sentences."""
        notes = [
            f"Read {each.name}; its packed copy {each.name}.gz was skipped."
            for pair in pairs
            for each in pair
            if each.with_name(f"{each.name}.gz").is_file()
        ]
        if given is not None:
            notes.append(f"The {len(given):,} pictures of {pairs[1][0].name} are the test part.")
        elif self.use_given_test:
            notes.append(
                f"No test files belong to {pairs[0][0].name}, so the test part is taken from its "
                "pictures."
            )
        return notes


def _check_pairs(pairs: list[tuple[Path, Path]], place: str) -> None:
    """Refuse by their headers what does not belong together, before memory is asked for.

    Raises:
        DataError: names the files that differ, or says that they are too large.
    """
    heads = [(idx_header(images)[1], idx_header(labels)[1]) for images, labels in pairs]
    for (images, _), (pictures, _) in zip(pairs, heads, strict=True):
        check_size(prod(pictures), images.name)
    check_size(sum(prod(pictures) for pictures, _ in heads), place)
    for (images, labels), (pictures, classes) in zip(pairs, heads, strict=True):
        if pictures[0] != classes[0]:
            raise DataError(
                f"{images.name} holds {pictures[0]:,} pictures and {labels.name} "
                f"{classes[0]:,} labels.",
                "Choose files that belong together.",
            )
    if len({(pictures[1:], len(classes)) for pictures, classes in heads}) > 1:
        raise DataError(
            f"{pairs[0][0].name} and {pairs[1][0].name} hold pictures of different sizes.",
            "Choose files that belong together.",
        )


def idx_pairs(path: Path) -> list[tuple[Path, Path]]:
    """Return the images and labels files at ``path``: training first, then test if there is one.

    Raises:
        DataError: none, or so many that it is not clear which belong together.
    """
    if not path.is_dir():
        return [(each, _labels_of(each)) for each in (path, *_test_images_of(path))]
    found = [each for each in path.iterdir() if is_images_file(each)]
    plain = {each.name for each in found}
    images = sorted(
        each
        for each in found
        if not (each.suffix == ".gz" and each.name.removesuffix(".gz") in plain)
    )
    test = [each for each in images if _TEST.search(each.name)]
    train = [each for each in images if each not in test]
    if not images or len(train) > 1 or len(test) > 1:
        names = ", ".join(each.name for each in images[:6])
        raise DataError(
            f"{path.name} holds {len(images)} images files{f': {names}' if names else ''}.",
            "Choose a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte, "
            "or an images file.",
        )
    return [(each, _labels_of(each)) for each in [*train, *test]]


def _test_images_of(images: Path) -> list[Path]:
    """Return the images file for testing that belongs to one for training; or nothing."""
    plain = images.name.removesuffix(".gz")
    if "train" not in plain.lower():
        return []
    names = [re.sub("train", word, plain, count=1, flags=re.I) for word in ("t10k", "test")]
    places = (images.with_name(f"{name}{end}") for name in names for end in ("", ".gz"))
    return [each for each in places if each.is_file()][:1]


def is_images_file(path: Path) -> bool:
    """Whether a file's name is that of IDX pictures."""
    name = path.name.lower()
    return "images" in name and ("idx" in name or "ubyte" in name) and path.is_file()


def labels_beside(images: Path) -> Path | None:
    """Return the labels file that belongs to an images file; None where there is none."""
    plain = _labels_name(images)
    places = (images.parent / name for name in (plain, f"{plain}.gz"))
    return next((each for each in places if each.is_file() and each != images), None)


def _labels_name(images: Path) -> str:
    name = re.sub("images", "labels", images.name, flags=re.I)
    return re.sub(r"idx\d", "idx1", name, flags=re.I).removesuffix(".gz")


def _labels_of(images: Path) -> Path:
    plain = _labels_name(images)
    if plain == images.name.removesuffix(".gz"):
        raise DataError(
            f"{images.name} does not have images in its name, so its labels cannot be found.",
            "Name the pair like train-images-idx3-ubyte and train-labels-idx1-ubyte.",
        )
    labels = labels_beside(images)
    if labels is None:
        raise DataError(
            f"The labels file {plain} is missing beside {images.name}.",
            "Put it, or its .gz, into the same folder.",
        )
    return labels


def read_idx(path: Path, progress: Progress = no_progress) -> Array:
    """Return the array in an IDX file, packed by gzip or not.

    Raises:
        DataError: no IDX file, truncated, damaged, too large, or too long.
    """
    with _opened(path) as file:
        dtype, shape = _header(file, path)
        check_size(prod(shape), path.name)
        data = _read(file, prod(shape) * dtype.itemsize, path, progress)
    return np.frombuffer(data, dtype).astype(dtype.newbyteorder("="), copy=False).reshape(shape)


def idx_header(path: Path) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Return type and shape of the array in an IDX file, of which no more is read.

    Raises:
        DataError: no IDX file, truncated or damaged.
    """
    with _opened(path) as file:
        return _header(file, path)


@contextmanager
def _opened(path: Path) -> Iterator[_Readable]:
    """The file, unpacked; what goes wrong while it is read is said in words."""
    try:
        with open_file(path) as plain:
            zipped = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            if zipped:
                with gzip.open(plain) as file:
                    yield file
            else:
                yield plain
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{path.name} is truncated or damaged.", "Download or copy the file again."
        ) from error
    except OSError as error:
        raise DataError(
            f"{path.name} cannot be read: {error.strerror or error}.", "Choose another file."
        ) from error


def _header(file: _Readable, path: Path) -> tuple[np.dtype[Any], tuple[int, ...]]:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _TYPES or not 1 <= head[3] <= 4:
        raise DataError(
            f"{path.name} is not an IDX file: it begins with {head.hex(' ') or 'nothing'}.",
            "Choose a file like train-images-idx3-ubyte, or its .gz.",
        )
    sizes = file.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise EOFError
    return np.dtype(_TYPES[head[2]]), tuple(int(size) for size in np.frombuffer(sizes, ">u4"))


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _read(file: _Readable, size: int, path: Path, progress: Progress) -> bytearray:
    """Exactly ``size`` bytes, and no more in the file than these."""
    data = bytearray()
    while len(data) < size:
        progress(len(data), size, path.name)
        # In pieces: the size is the file's own claim and may be a lie.
        piece = file.read(min(_CHUNK, size - len(data)))
        if not piece:
            raise DataError(
                f"{path.name} announces {size:,} bytes of data but ends after {len(data):,}.",
                "Download or copy the file again.",
            )
        data += piece
    if file.read(1):
        raise DataError(
            f"{path.name} continues after the {size:,} bytes that it announces.",
            "Download or copy the file again.",
        )
    return data
