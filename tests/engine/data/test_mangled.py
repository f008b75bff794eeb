"""Whatever a file holds, reading it ends in samples or in an EngineError."""

from __future__ import annotations

import gzip
import io
import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.data import DataSetup, Source, prepare, suggest_source
from engine.errors import EngineError

QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CELL = st.one_of(
    st.sampled_from(["", "1", "2.5", "NA", "yes", "no", "2024-01-01", '"', "a,b", "1e400", "nan"]),
    st.text(max_size=8),
    st.floats().map(str),
)


def attempt(source: Source, base: Path) -> None:
    try:
        data = prepare(DataSetup(source=source), base)
    except EngineError as complaint:
        said = complaint
    else:
        assert np.isfinite(data.train.x).all()
        return
    assert said.what.endswith(".")
    assert said.fix


def changed(data: st.DataObject, good: bytes) -> bytes:
    """Good bytes, cut, with some changed or put in."""
    mangled = bytearray(
        good[: data.draw(st.integers(0, len(good)))] if data.draw(st.booleans()) else good
    )
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(mangled)))
        mangled[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    return bytes(mangled)


@QUICK
@given(content=st.binary(max_size=300))
def test_any_bytes(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(content)
    for kind in ("CsvFile", "IdxFiles", "NpzFile", "PictureFolder"):
        attempt(Source.parse({"type": kind, "path": "f"}), tmp_path)


@QUICK
@given(
    rows=st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=14),
    mark=st.sampled_from(",;\t|"),
)
def test_any_cells(rows: list[list[str]], mark: str, tmp_path: Path) -> None:
    text = "\n".join(mark.join(row) for row in rows)
    (tmp_path / "f.csv").write_bytes(text.encode("utf-8", "replace"))
    attempt(Source.parse({"type": "CsvFile", "path": "f.csv"}), tmp_path)


@QUICK
@given(data=st.data())
def test_changed_csv(data: st.DataObject, tmp_path: Path) -> None:
    good = "a,b,y\n" + "".join(f"{i / 3},{'uv'[i % 2]},{i % 2}\n" for i in range(12))
    (tmp_path / "f.csv").write_bytes(changed(data, good.encode()))
    attempt(Source.parse({"type": "CsvFile", "path": "f.csv"}), tmp_path)


@QUICK
@given(data=st.data(), zipped=st.booleans())
def test_changed_idx(data: st.DataObject, zipped: bool, tmp_path: Path) -> None:
    images = bytes([0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, 2]) + bytes(range(48))
    labels = bytes([0, 0, 8, 1, 0, 0, 0, 12]) + bytes([0, 1] * 6)
    pack = partial(gzip.compress, mtime=0) if zipped else bytes
    (tmp_path / "images-idx3-ubyte").write_bytes(changed(data, pack(images)))
    (tmp_path / "labels-idx1-ubyte").write_bytes(changed(data, pack(labels)))
    attempt(Source.parse({"type": "IdxFiles", "path": "images-idx3-ubyte"}), tmp_path)


@QUICK
@given(data=st.data(), zipped=st.booleans())
def test_changed_npz(data: st.DataObject, zipped: bool, tmp_path: Path) -> None:
    whole = io.BytesIO()
    save = np.savez_compressed if zipped else np.savez
    save(whole, x=np.arange(24.0).reshape(12, 2), y=np.arange(12) % 2)
    (tmp_path / "f.npz").write_bytes(changed(data, whole.getvalue()))
    attempt(Source.parse({"type": "NpzFile", "path": "f.npz"}), tmp_path)


@QUICK
@given(data=st.data(), kind=st.sampled_from(["PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM"]))
def test_changed_picture(data: st.DataObject, kind: str, tmp_path: Path) -> None:
    whole = io.BytesIO()
    Image.new("RGB", (5, 4), "red").save(whole, kind)
    for name in ("a", "b"):
        (tmp_path / "p" / name).mkdir(parents=True, exist_ok=True)
    (tmp_path / "p" / "a" / "x.png").write_bytes(changed(data, whole.getvalue()))
    (tmp_path / "p" / "b" / "x.png").write_bytes(whole.getvalue())
    attempt(Source.parse({"type": "PictureFolder", "path": "p", "height": 3, "width": 3}), tmp_path)


@QUICK
@given(data=st.data())
def test_changed_parquet(data: st.DataObject, tmp_path: Path) -> None:
    import polars as pl

    whole = io.BytesIO()
    pl.DataFrame({"a": [i / 3 for i in range(12)], "y": ["u", "v"] * 6}).write_parquet(whole)
    (tmp_path / "f.parquet").write_bytes(changed(data, whole.getvalue()))
    attempt(Source.parse({"type": "CsvFile", "path": "f.parquet"}), tmp_path)


def test_suggestions(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "t.tsv").write_text("a\tb\n1\t2\n")
    assert suggest_source(tmp_path / "one").to_json()["type"] == "CsvFile"
    with pytest.raises(
        EngineError, match="no data it can read in the folder empty, which contains nothing"
    ):
        suggest_source(tmp_path / "empty")
    (tmp_path / "film.mp4").write_bytes(b"x")
    with pytest.raises(EngineError, match=r"film\.mp4 is a file of kind \.mp4.*Choose a CSV"):
        suggest_source(tmp_path / "film.mp4")
    (tmp_path / os.fsdecode(b"\xff.csv")).write_text("a,b\n1,2\n")
    with pytest.raises(EngineError, match="contains bytes that are not text"):
        suggest_source(tmp_path / os.fsdecode(b"\xff.csv"))
    inside = suggest_source(tmp_path / "one" / "t.tsv", base=tmp_path)
    assert inside.to_json()["path"] == "one/t.tsv"
    with pytest.raises(EngineError, match="gone does not exist"):
        suggest_source(tmp_path / "gone")
