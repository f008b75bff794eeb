"""IDX files and NumPy archives."""

from __future__ import annotations

import gzip
import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engine.arrays import Array
from engine.data import Dataset, DataSetup, prepare, suggest_source
from engine.data.samples import Samples
from engine.data.sources import IdxFiles, NpzFile
from engine.errors import DataError

MAGIC = bytes([0, 0, 8, 3])
# Without a fixed time the bytes, and with them the test's name, change every second.
ZIPPED = gzip.compress(MAGIC + b"\0\0\0\x05" * 3 + b"1" * 125, mtime=0)


def npz(folder: Path, *, weights_key: str = "", **arrays: Array) -> Samples:
    np.savez(folder / "a.npz", **arrays)  # type: ignore[arg-type]
    return NpzFile(path="a.npz", weights_key=weights_key).load(folder)


def test_given_test_files(idx_source: IdxFiles, tmp_path: Path) -> None:
    data = prepare(DataSetup(source=idx_source), tmp_path)
    assert data.indices["test"].tolist() == list(range(40, 50))
    assert data.notes == ("The 10 pictures of t10k-images-idx3-ubyte.gz are the test part.",)
    mixed = prepare(DataSetup(source=idx_source.changed(use_given_test=False)), tmp_path)
    assert mixed.indices["test"].min() < 40
    assert data.train.x.max() <= 1
    assert data.input_shape == (4, 3, 1)


def test_test_files_beside_the_training_file(idx_source: IdxFiles, tmp_path: Path) -> None:
    opened = suggest_source(tmp_path / "idx" / "train-images-idx3-ubyte.gz")
    data = prepare(DataSetup(source=opened), tmp_path)
    assert data.indices["test"].tolist() == list(range(40, 50))
    assert data.notes == ("The 10 pictures of t10k-images-idx3-ubyte.gz are the test part.",)
    alone = prepare(DataSetup(source=opened.changed(use_given_test=False)), tmp_path)
    assert (len(alone.samples), alone.notes) == (40, ())
    (tmp_path / "idx" / "t10k-images-idx3-ubyte.gz").unlink()
    none = prepare(DataSetup(source=opened), tmp_path)
    assert none.notes == (
        "No test files belong to train-images-idx3-ubyte.gz, so the test part is taken from its "
        "pictures.",
    )


def test_packed_copy_beside_an_idx_file(idx_source: IdxFiles, tmp_path: Path) -> None:
    packed = tmp_path / "idx" / "train-images-idx3-ubyte.gz"
    packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
    data = prepare(DataSetup(source=idx_source), tmp_path)
    assert len(data.samples) == 50
    assert data.notes[0] == (
        "Read train-images-idx3-ubyte; its packed copy train-images-idx3-ubyte.gz was skipped."
    )


def test_idx_pictures_with_channels(tmp_path: Path) -> None:
    sizes = b"".join(size.to_bytes(4, "big") for size in (6, 4, 4, 3))
    images = bytes([0, 0, 8, 4]) + sizes + bytes(range(6 * 4 * 4 * 3 % 256)) * 9
    (tmp_path / "train-images-idx4-ubyte").write_bytes(images[: 20 + 6 * 4 * 4 * 3])
    labels = bytes([0, 0, 8, 1, 0, 0, 0, 6, 0, 1, 0, 1, 0, 1])
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(labels)
    samples = IdxFiles(path=str(tmp_path)).load(tmp_path)
    assert (samples.kind, samples.shape) == ("picture", (4, 4, 3))


def test_one_images_file(idx_source: IdxFiles, tmp_path: Path) -> None:
    source = suggest_source(tmp_path / "idx" / "t10k-images-idx3-ubyte.gz")
    assert len(source.load(tmp_path)) == 10
    assert suggest_source(tmp_path / "idx" / "t10k-labels-idx1-ubyte") == IdxFiles(
        path=str(tmp_path / "idx")
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no IDX file: it begins with nothing"),
        (b"hello, world", "is no IDX file: it begins with 68 65 6c 6c"),
        (MAGIC + b"\0\0\0\x05", "ends too early or is damaged"),
        (
            MAGIC + b"\0\0\0\x05\0\0\0\x02\0\0\0\x02123",
            "promises 20 bytes of data and ends after 3",
        ),
        (MAGIC + b"\0\0\0\x01\0\0\0\x01\0\0\0\x0212X", "goes on after the 2 bytes"),
        (MAGIC + b"\xff" * 12, r"needs [\d.]+ GB of memory"),
        (MAGIC + b"\0" * 12, "pictures and .* labels"),
        (
            ZIPPED[:-9],
            "ends too early or is damaged",
        ),
        (b"\x1f\x8b\x08\0damaged for sure", "damaged"),
        (ZIPPED, "5 pictures and .* 40 labels"),
    ],
)
def test_damaged_idx(idx_source: IdxFiles, tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "idx" / "train-images-idx3-ubyte.gz").write_bytes(content)
    with pytest.raises(DataError, match=words) as error:
        idx_source.load(tmp_path)
    assert "train-images-idx3-ubyte.gz" in error.value.what
    assert error.value.fix


def test_labels_missing(idx_source: IdxFiles, tmp_path: Path) -> None:
    (tmp_path / "idx" / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match="labels file train-labels-idx1-ubyte is missing"):
        idx_source.load(tmp_path)
    with pytest.raises(DataError, match="holds 0 images files"):
        IdxFiles(path=".").load(tmp_path)


def test_keras_convention(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez_compressed(
        tmp_path / "mnist.npz",
        x_train=rng.integers(0, 256, (30, 5, 5)).astype(np.uint8),
        y_train=np.arange(30) % 3,
        x_test=rng.integers(0, 256, (9, 5, 5)).astype(np.uint8),
        y_test=np.arange(9) % 3,
    )
    source = suggest_source(tmp_path / "mnist.npz")
    data = prepare(DataSetup(source=source))
    assert data.input_shape == (5, 5, 1)
    assert data.indices["test"].tolist() == list(range(30, 39))
    assert data.targets.classes == ("0", "1", "2")
    assert len(prepare(DataSetup(source=source.changed(use_given_test=False))).test) == 6


def test_weights_of_arrays(tmp_path: Path) -> None:
    x, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    samples = npz(tmp_path, weights_key="mass", x=x, y=y, mass=np.arange(20))
    assert samples.weights is not None
    assert samples.weights.tolist() == list(range(20))
    with pytest.raises(DataError, match=r"weights of type int64 and shape \(3,\) for 20 samples"):
        npz(tmp_path, weights_key="mass", x=x, y=y, mass=np.arange(3))
    with pytest.raises(DataError, match="no array 'mass'"):
        npz(tmp_path, weights_key="mass", x=x, y=y)


def test_kinds_of_targets(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float16)
    one_hot = npz(tmp_path, x=x, y=np.eye(3)[np.arange(12) % 3])
    assert one_hot.classes == ("0", "1", "2")
    assert one_hot.notes == ("Read the targets as one-hot classes.",)
    text = npz(tmp_path, x=x, y=np.array(["b", "a"] * 6))
    assert text.classes == ("a", "b")
    assert npz(tmp_path, x=x, y=np.arange(12)[:, np.newaxis] / 7).task == "regression"
    assert npz(tmp_path, x=x, y=x[:, :2]).y.shape == (12, 2)
    assert npz(tmp_path, x=x, y=np.array([True, False] * 6)).classes == ("0", "1")


def test_channels_first_pictures_are_turned(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 256, (8, 3, 6, 5)).astype(np.uint8)
    samples = npz(tmp_path, x=x, y=np.arange(8) % 2)
    assert samples.shape == (6, 5, 3)
    assert np.array_equal(samples.array[0, :, :, 1], x[0, 1])
    assert "Moved the color channels" in samples.notes[0]


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": np.zeros((3, 2)), "y": np.zeros(4)}, "has 3 inputs and 4 targets"),
        ({"x": np.zeros((0, 2)), "y": np.zeros(0)}, "no samples"),
        ({"a": np.zeros(3), "b": np.zeros(3)}, "holds the arrays a, b; it is not clear"),
        ({"x": np.array(["q", "r"]), "y": np.zeros(2)}, "which are no real numbers"),
        ({"x": np.zeros(2, complex), "y": np.zeros(2)}, "which are no real numbers"),
        ({"x": np.zeros((2, 2)), "y": np.zeros((2, 2, 2))}, "shape \\(2, 2, 2\\)"),
        (
            {"x_train": np.zeros((2, 2)), "y_train": np.zeros(2)}
            | {"x_test": np.zeros((2, 3)), "y_test": np.zeros(2)},
            "training samples of shape",
        ),
    ],
)
def test_arrays_that_do_not_fit(tmp_path: Path, arrays: dict[str, Array], words: str) -> None:
    with pytest.raises(DataError, match=words):
        npz(tmp_path, **arrays)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_inputs_must_be_finite(tmp_path: Path, value: float) -> None:
    x = np.random.default_rng(0).normal(size=(20, 3))
    x[7, 1] = value
    npz(tmp_path, x=x, y=np.arange(20) % 2)
    with pytest.raises(DataError, match=r"a\.npz, sample 8 has (nan|-?inf) as input"):
        prepare(DataSetup(source=NpzFile(path="a.npz")), tmp_path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_targets_must_be_finite(tmp_path: Path, value: float) -> None:
    y = np.arange(20) % 2.0
    y[1] = value
    npz(tmp_path, x=np.random.default_rng(0).normal(size=(20, 3)), y=y)
    with pytest.raises(DataError, match=r"a\.npz, sample 2 has (nan|-?inf) as target"):
        prepare(DataSetup(source=NpzFile(path="a.npz")), tmp_path)


def test_samples_without_a_finite_number_can_be_left_out(tmp_path: Path) -> None:
    x, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2.0
    x[[3, 33], 1], y[5] = (np.nan, np.inf), np.nan
    given = {"x_train": x[:30], "y_train": y[:30], "x_test": x[30:], "y_test": y[30:]}
    npz(tmp_path, **given)
    setup = DataSetup(source=NpzFile(path="a.npz"), steps=(), unusable="leave_out")
    data = prepare(setup, tmp_path)
    assert "Left out 3 samples with a number that is not finite." in data.notes
    assert data.targets.classes == ("0", "1"), "classes are recognized without them"
    kept = [i for i in range(30, 40) if i != 33]
    assert np.array_equal(data.test.x, x[kept].astype(np.float32))
    assert np.array_equal(data.test.y, y[kept].astype(int))
    assert len(data.train) + len(data.validation) == 28
    assert data.flaw == ""


def test_data_with_nothing_but_unusable_samples(tmp_path: Path) -> None:
    npz(tmp_path, x=np.full((6, 2), np.nan), y=np.arange(6) % 2)
    with pytest.raises(DataError, match="Every sample of"):
        prepare(DataSetup(source=NpzFile(path="a.npz"), unusable="leave_out"), tmp_path)


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return open, ("owned",)


def test_pickles_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pickle, "load", lambda *_: pytest.fail("a pickle was read"))
    objects = np.array([Trap(), Trap()], dtype=object)
    np.savez(tmp_path / "a.npz", x=objects, y=np.zeros(2))
    with pytest.raises(DataError, match="array 'x' holds Python objects"):
        NpzFile(path="a.npz").load(tmp_path)


def test_an_array_that_claims_too_much(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10)}
    )
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", header.getvalue() + bytes(80))
        archive.writestr("y.npy", header.getvalue() + bytes(80))
    with pytest.raises(DataError, match="array 'x' claims 76,294 MB"):
        NpzFile(path="a.npz").load(tmp_path)


def test_chosen_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", first=np.arange(8.0), second=np.arange(8) % 2)
    samples = NpzFile(path="a.npz", x_key="first", y_key="second").load(tmp_path)
    assert samples.shape == (1,)
    with pytest.raises(DataError, match=r"no array 'third'\. Choose among first, second"):
        NpzFile(path="a.npz", x_key="third").load(tmp_path)


def test_from_arrays() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(10, 4)), np.arange(10) % 3
    data = Dataset.from_arrays(x, y, validation=(x[:3], y[:3]))
    assert data.train.x.dtype == np.float32
    assert (len(data.train), len(data.validation), len(data.test)) == (10, 3, 0)
    assert data.output_size == 3
    assert data.class_counts["validation"] == {"0": 1, "1": 1, "2": 1}
    regression = Dataset.from_arrays(x, x[:, :2])
    assert regression.output_size == 2
    assert regression.targets.names == ("target_1", "target_2")
    with pytest.raises(DataError, match="train part has 10 inputs and 9 targets"):
        Dataset.from_arrays(x, y[:9])
