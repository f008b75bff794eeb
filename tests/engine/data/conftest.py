"""Small files of every format that is read."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.arrays import Array
from engine.data import DataSetup, Source
from engine.data.sources import (
    BuiltIn,
    CsvFile,
    IdxFiles,
    NpzFile,
    PictureFolder,
    Points,
    Toy,
)


def idx_bytes(array: Array) -> bytes:
    codes = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}
    head = bytes([0, 0, codes[array.dtype.name], array.ndim])
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return head + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write_csv(folder: Path) -> CsvFile:
    rows = [f"{i * 0.5},{'red' if i % 3 else 'blue'},{'yes' if i % 2 else 'no'}" for i in range(40)]
    (folder / "table.csv").write_text("length,color,label\n" + "\n".join(rows) + "\n")
    return CsvFile(path="table.csv")


def write_idx(folder: Path) -> IdxFiles:
    rng = np.random.default_rng(0)
    (folder / "idx").mkdir()
    for name, count in (("train", 40), ("t10k", 10)):
        images = rng.integers(0, 256, (count, 4, 3)).astype(np.uint8)
        labels = (np.arange(count) % 3).astype(np.uint8)
        (folder / "idx" / f"{name}-images-idx3-ubyte.gz").write_bytes(
            gzip.compress(idx_bytes(images), mtime=0)
        )
        (folder / "idx" / f"{name}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    return IdxFiles(path="idx")


def write_npz(folder: Path) -> NpzFile:
    rng = np.random.default_rng(0)
    np.savez_compressed(
        folder / "pair.npz", x=rng.normal(5, 3, (40, 4)), y=rng.normal(0, 1, (40, 2))
    )
    return NpzFile(path="pair.npz")


def write_pictures(folder: Path) -> PictureFolder:
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (folder / "pictures" / name).mkdir(parents=True)
        for i in range(10):
            pixels = rng.integers(0, 256, (9, 7, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "pictures" / name / f"{i}.png")
    return PictureFolder(path="pictures", height=6, width=5)


# One row for each kind of source: how to make its files, and it.
SAMPLES: dict[str, Callable[[Path], Source]] = {
    "BuiltIn": lambda folder: BuiltIn(name="wine"),
    "Toy": lambda folder: Toy(shape="moons", count=60),
    "Points": lambda folder: Points(x=(1.0, 2.5, 3.0, 4.0), y=(2.1, 3.9, 6.2, 8.0)),
    "CsvFile": write_csv,
    "PictureFolder": write_pictures,
    "IdxFiles": write_idx,
    "NpzFile": write_npz,
}


@pytest.fixture(params=sorted(Source.kinds))
def setup(request: pytest.FixtureRequest, tmp_path: Path) -> DataSetup:
    """A setup for each registered kind of source, with its files in ``tmp_path``."""
    assert request.param in SAMPLES, f"{request.param} needs a row in SAMPLES"
    return DataSetup(source=SAMPLES[request.param](tmp_path))


@pytest.fixture
def make_source(tmp_path: Path) -> Callable[[str], Source]:
    """Writes the files of a kind of source into ``tmp_path`` and gives the source."""
    return lambda kind: SAMPLES[kind](tmp_path)


@pytest.fixture
def csv_setup(tmp_path: Path) -> DataSetup:
    return DataSetup(source=write_csv(tmp_path))


@pytest.fixture
def idx_source(tmp_path: Path) -> IdxFiles:
    return write_idx(tmp_path)


@pytest.fixture
def picture_source(tmp_path: Path) -> PictureFolder:
    return write_pictures(tmp_path)


@pytest.fixture
def npz_source(tmp_path: Path) -> NpzFile:
    return write_npz(tmp_path)
