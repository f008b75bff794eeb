"""Whatever whole arrays and folders of pictures hold: data, or an EngineError in two sentences."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn
from PIL import Image

from engine.arrays import Array
from engine.data import Dataset, DataSetup, Source, prepare, suggest_source
from engine.data.array_names import find_arrays
from engine.data.idx import _TYPES
from engine.data.picture_folders import find_pictures
from engine.errors import EngineError
from tests.engine.data.conftest import idx_bytes

QUICK = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TYPES = st.one_of(
    stn.boolean_dtypes(),
    stn.integer_dtypes(),
    stn.unsigned_integer_dtypes(),
    stn.floating_dtypes(),
    stn.complex_number_dtypes(),
    stn.unicode_string_dtypes(max_len=3),
    stn.byte_string_dtypes(max_len=3),
    stn.datetime64_dtypes(),
)


def arrays(count: st.SearchStrategy[int], axes: int) -> st.SearchStrategy[Array]:
    shapes = st.tuples(count, st.lists(st.integers(0, 9), max_size=axes).map(tuple)).map(
        lambda found: (found[0], *found[1])
    )
    return stn.arrays(TYPES, shapes)


COUNT = st.sampled_from([0, 1, 5, 12, 12, 12])
NAMES = st.one_of(
    st.sampled_from(
        ["x", "y", "X_train", "y_train", "x_val", "y_val", "x_test", "labels", "images"]
    ),
    st.sampled_from(["target_names", "arr_0", "arr_1", "data", "target", "trainX", "trainY"]),
    st.text("abxyXY_01é", min_size=1, max_size=5),
)


def attempt(work: object, *given: object) -> Dataset | None:
    """What some work gives; None where it was refused in two sentences."""
    assert callable(work)
    try:
        data: Dataset = work(*given)
    except EngineError as complaint:
        said = complaint
    else:
        assert np.isfinite(data.train.x).all()
        assert sum(len(data.part(part)) for part in data.indices) <= len(data.samples)
        return data
    assert said.what.endswith(".")
    assert said.fix
    return None


@QUICK
@given(
    content=st.dictionaries(NAMES, arrays(COUNT, 3), max_size=6),
    source=st.fixed_dictionaries(
        {},
        optional={
            "inputs": st.sampled_from(["pictures", "numbers"]),
            "white": st.sampled_from([1.0, 1e30]),
            "x_key": NAMES,
            "weights_key": NAMES,
            "use_given_test": st.booleans(),
        },
    ),
)
def test_any_archive(content: dict[str, Array], source: dict[str, object], tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **content)  # type: ignore[arg-type]
    setup = DataSetup(source=Source.parse({"type": "NpzFile", "path": "a.npz", **source}))
    attempt(prepare, setup, tmp_path)


@QUICK
@given(
    images=stn.arrays(
        st.sampled_from([np.dtype(each).newbyteorder("=") for each in _TYPES.values()]),
        st.tuples(COUNT, st.integers(0, 4), st.integers(0, 4)),
    ),
    labels=stn.arrays(st.sampled_from(["u1", "i1", "i2", "f4"]), st.tuples(COUNT)),
)
def test_any_idx_arrays(images: Array, labels: Array, tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx_bytes(images))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    data = attempt(
        prepare, DataSetup(source=suggest_source(tmp_path / "train-images-idx3-ubyte")), tmp_path
    )
    if data is not None and labels.dtype.kind in "iu":
        assert data.targets.task == "classification"


@QUICK
@given(x=arrays(COUNT, 3), y=arrays(COUNT, 2), names=st.sampled_from([(), ("a", "b"), ("0", "1")]))
def test_any_arrays_of_a_script(x: Array, y: Array, names: tuple[str, ...]) -> None:
    if x.dtype.kind == "f":
        with np.errstate(over="ignore"):
            x = np.nan_to_num(x.astype(np.float32), posinf=0, neginf=0)
    try:
        data = Dataset.from_arrays(x, y, classes=names)
    except EngineError as complaint:
        assert complaint.what.endswith(".")  # noqa: PT017 - data is as good as an error here
        return
    assert data.targets.task == "regression" or data.train.y.dtype == np.int64


def png(kind: str) -> bytes:
    whole = io.BytesIO()
    pixels = {
        "gray": np.arange(12, dtype=np.uint8).reshape(3, 4),
        "deep": np.arange(12, dtype=np.uint16).reshape(3, 4) * 999,
    }
    if kind == "color":
        Image.new("RGBA", (4, 3), (9, 9, 9, 99)).save(whole, "PNG")
    elif kind == "float":
        Image.fromarray(np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)).save(whole, "TIFF")
    elif kind == "nan":
        Image.fromarray(np.full((3, 4), np.nan, np.float32)).save(whole, "TIFF")
    elif kind in pixels:
        Image.fromarray(pixels[kind]).save(whole, "PNG")
    else:
        return b"broken"
    return whole.getvalue()


KINDS = ("gray", "gray", "color", "deep", "float", "nan", "broken")
CONTENT = {kind: png(kind) for kind in KINDS}
FOLDERS = st.lists(
    st.sampled_from(
        ["train", "val", "Test", "validation", "cat", "dog", "seg_train", "data", "__MACOSX", ".x"]
    ),
    max_size=3,
)
FILES = st.sampled_from(["1.png", "2.PNG", "3.tif", "4.jpe", "notes.txt", ".hidden.png", "5"])


@QUICK
@given(
    tree=st.lists(st.tuples(FOLDERS, FILES, st.sampled_from(KINDS)), max_size=12),
    source=st.fixed_dictionaries(
        {},
        optional={
            "broken": st.just("refuse"),
            "color": st.just("rgb"),
            "white": st.sampled_from([1.0, 4095.0]),
            "use_given_test": st.booleans(),
        },
    ),
)
def test_any_folder(
    tree: list[tuple[list[str], str, str]], source: dict[str, object], tmp_path: Path
) -> None:
    root = tmp_path / "root"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for folders, name, kind in tree:
        place = root.joinpath(*folders)
        if not place.exists():
            place.mkdir(parents=True)
        (place / name).write_bytes(CONTENT[kind])
    data = attempt(lambda: prepare(DataSetup(source=suggest_source(root).changed(**source))))
    if data is not None:
        found = find_pictures(root)
        assert len(data.samples) <= sum(map(len, found.parts.values()))


@given(names=st.lists(NAMES, max_size=8))
def test_names_are_found_once(names: list[str]) -> None:
    found = find_arrays(names)
    used = [key for pair in found.pairs.values() for key in pair]
    assert len(set(used)) == len(used)
    assert set(used) <= set(names)
