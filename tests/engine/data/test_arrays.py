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
from tests.engine.data.conftest import idx_bytes

MAGIC = bytes([0, 0, 8, 3])
# Without a fixed time the bytes, and with them the test's name, change every second.
ZIPPED = gzip.compress(MAGIC + b"\0\0\0\x05" * 3 + b"1" * 125, mtime=0)
FORTY = MAGIC + b"\0\0\0\x28\0\0\0\x04\0\0\0\x03"  # as many as there are labels


def npz(folder: Path, *, weights_key: str = "", **arrays: Array) -> Samples:
    np.savez(folder / "a.npz", **arrays)  # type: ignore[arg-type]
    return NpzFile(path="a.npz", weights_key=weights_key).load(folder)


def test_given_test_files(idx_source: IdxFiles, tmp_path: Path) -> None:
    data = prepare(DataSetup(source=idx_source), tmp_path)
    assert data.indices["test"].tolist() == list(range(40, 50))
    assert data.notes == (
        "The 10 pictures of t10k-images-idx3-ubyte.gz are the test part.",
        "No validation part is given, so 7 samples of the training part serve as such; "
        "set its share to 0 to train on all of them.",
    )
    mixed = prepare(DataSetup(source=idx_source.changed(use_given_test=False)), tmp_path)
    assert mixed.indices["test"].min() < 40
    assert data.train.x.max() <= 1
    assert data.input_shape == (4, 3, 1)


def test_test_files_beside_the_training_file(idx_source: IdxFiles, tmp_path: Path) -> None:
    opened = suggest_source(tmp_path / "idx" / "train-images-idx3-ubyte.gz")
    data = prepare(DataSetup(source=opened), tmp_path)
    assert data.indices["test"].tolist() == list(range(40, 50))
    assert data.notes == (
        "The 10 pictures of t10k-images-idx3-ubyte.gz are the test part.",
        "No validation part is given, so 7 samples of the training part serve as such; "
        "set its share to 0 to train on all of them.",
    )
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
        (b"", "is not an IDX file: it begins with nothing"),
        (b"hello, world", "is not an IDX file: it begins with 68 65 6c 6c"),
        (MAGIC + b"\0\0\0\x05", "is truncated or damaged"),
        (
            FORTY + b"123",
            "announces 480 bytes of data but ends after 3",
        ),
        (FORTY + b"1" * 481, "continues after the 480 bytes"),
        (MAGIC + b"\xff" * 12, r"needs [\d.]+ GB of memory"),
        (MAGIC + b"\0" * 12, "pictures and .* labels"),
        (
            gzip.compress(FORTY + b"1" * 480, mtime=0)[:-9],
            "is truncated or damaged",
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
        ({"x": np.array(["q", "r"]), "y": np.zeros(2)}, "which are not real numbers"),
        ({"x": np.zeros(2, complex), "y": np.zeros(2)}, "which are not real numbers"),
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


PARTS_BY_NAME = [
    (("x_train", "y_train"), ("x_val", "y_val"), ("x_test", "y_test")),
    (("X_train", "y_train"), ("X_valid", "y_valid"), ("X_test", "y_test")),
    (
        ("train_images", "train_labels"),
        ("val_images", "val_labels"),
        ("test_images", "test_labels"),
    ),
    (("trainX", "trainY"), ("devX", "devY"), ("testX", "testY")),
    (("Xtr", "Ytr"), ("Xval", "Yval"), ("Xte", "Yte")),
    (("train_x", "train_y"), ("validation_x", "validation_y"), ("test_x", "test_y")),
    (("data", "target"), ("data_val", "target_val"), ("data_test", "target_test")),
]


@pytest.mark.parametrize("names", PARTS_BY_NAME, ids=lambda names: names[0][0])
def test_parts_under_their_usual_names(tmp_path: Path, names: tuple[tuple[str, str], ...]) -> None:
    arrays = {}
    for (x, y), count in zip(names, (40, 9, 6), strict=True):
        arrays |= {x: np.full((count, 4, 4), count, np.uint8), y: np.arange(count) % 2}
    np.savez(tmp_path / "a.npz", **arrays)  # type: ignore[arg-type]
    source = NpzFile(path="a.npz")
    data = prepare(DataSetup(source=source, steps=()), tmp_path)
    for part, count in (("train", 40), ("validation", 9), ("test", 6)):
        assert set(np.unique(data.part(part).x)) == {count}  # type: ignore[arg-type]
    assert f"{names[1][0]} is the validation part." in data.notes
    mixed = prepare(DataSetup(source=source.changed(use_given_test=False)), tmp_path)
    assert len(mixed.test) == round(55 * 0.15)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("X", "y"),
        ("data", "target"),
        ("images", "labels"),
        ("features", "labels"),
        ("arr_0", "arr_1"),
    ],
)
def test_pairs_under_their_usual_names(tmp_path: Path, x: str, y: str) -> None:
    samples = npz(tmp_path, **{x: np.zeros((6, 2)), y: np.arange(6) % 2, "more": np.zeros(3)})
    assert samples.classes == ("0", "1")
    assert samples.notes == ("Ignored the array more.",)


def test_test_inputs_without_targets_are_not_used(tmp_path: Path) -> None:
    x, y = np.zeros((8, 2)), np.arange(8) % 2
    samples = npz(tmp_path, x_train=x, y_train=y, x_test=x)
    assert len(samples) == 8
    assert samples.notes == ("x_test has no targets and is not used.",)


LABELS = np.arange(24) % 3


@pytest.mark.parametrize(
    "y",
    [
        LABELS[:, np.newaxis],
        LABELS.astype(np.uint8),
        LABELS.astype(np.float32),
        LABELS.astype(np.float64)[:, np.newaxis],
        np.eye(3)[LABELS],
        np.eye(3, dtype=bool)[LABELS],
        np.eye(3, dtype=np.uint8)[LABELS],
        np.array(["0", "1", "2"])[LABELS],
        np.array([b"0", b"1", b"2"])[LABELS],
    ],
    ids=["(N, 1)", "bytes", "floats", "floats (N, 1)", "one-hot", "bool one-hot", "byte one-hot",
         "text", "bytes of text"],
)  # fmt: skip
def test_every_usual_form_of_labels(tmp_path: Path, y: Array) -> None:
    samples = npz(tmp_path, x=np.zeros((24, 2)), y=y)
    assert (samples.task, samples.classes) == ("classification", ("0", "1", "2"))
    assert np.array_equal(samples.y, LABELS)
    data = Dataset.from_arrays(np.zeros((24, 2)), y, classes=("0", "1", "2"))
    assert data.targets.classes == ("0", "1", "2")
    assert np.array_equal(data.train.y, LABELS)


def test_labels_of_scripts_need_no_names() -> None:
    x = np.zeros((24, 2))
    text = Dataset.from_arrays(x, np.array(list("cab"))[LABELS])
    assert text.targets.classes == ("a", "b", "c")
    assert text.train.y[:3].tolist() == [2, 0, 1]
    assert Dataset.from_arrays(x, np.eye(3)[LABELS]).targets.classes == ("0", "1", "2")
    assert Dataset.from_arrays(x, LABELS * 1.0).targets.task == "regression"
    with pytest.raises(DataError, match=r"a class of number 9,007,199,254,740,993"):
        Dataset.from_arrays(x[:2], np.array([0, 2**53 + 1]))
    assert Dataset.from_arrays(x[:2], np.array([0, 1e19]), classes=("a", "b")).flaw == ""
    with pytest.raises(DataError, match="'d' is none of the classes a, b"):
        Dataset.from_arrays(x[:2], np.array(["a", "d"]), classes=("a", "b"))
    with pytest.raises(DataError, match=r"texts of shape \(2, 2\)"):
        Dataset.from_arrays(x[:2], np.array([["a", "d"], ["a", "b"]]))


def test_many_classes(tmp_path: Path, idx_source: IdxFiles) -> None:
    hundred = (np.arange(400) % 100)[:, np.newaxis].astype(np.uint8)
    samples = npz(tmp_path, x_train=np.zeros((400, 4)), y_train=hundred)
    assert len(samples.classes) == 100
    assert "each from 0 to 99 occurs" in samples.notes[0]
    amounts = npz(tmp_path, x=np.zeros((400, 4)), y=np.arange(400) % 100 * 3)
    assert amounts.task == "regression"
    assert npz(tmp_path, x=np.zeros((400, 4)), labels=np.arange(400) % 100 * 3).task == (
        "classification"
    )
    letters = idx_bytes((np.arange(40) % 26 + 1).astype(np.uint8))
    (tmp_path / "idx" / "train-labels-idx1-ubyte").write_bytes(letters)
    assert len(idx_source.load(tmp_path).classes) == 27  # the test files have 0, too


def test_names_of_classes(tmp_path: Path) -> None:
    samples = npz(
        tmp_path,
        data=np.zeros((6, 2)),
        target=np.arange(6) % 2,
        target_names=np.array(["no", "yes"]),
    )
    assert samples.classes == ("no", "yes")


@pytest.mark.parametrize(
    ("x", "white"),
    [
        (np.array([False, True]), 1),
        (np.array([0, 1], np.uint8), 1),
        (np.array([0, 16], np.uint8), 16),
        (np.array([0, 16.0]), 16),
        (np.array([0, 200], np.uint8), 255),
        (np.array([0, 255.0]), 255),
        (np.array([np.nan, 255.0]), 255),
        (np.array([0, 4000], np.uint16), 4095),
        (np.array([0, 60_000], np.uint16), 65_535),
        (np.array([0, 300.5]), 300.5),
        (np.array([0, 1.0]), None),
        (np.array([-1, 1.0]), None),
    ],
)
def test_what_white_is(tmp_path: Path, x: Array, white: float | None) -> None:
    pictures = np.resize(x, (6, 4, 4, 1))
    samples = npz(tmp_path, x=pictures, y=np.arange(6) % 2)
    assert samples.value_range == (None if white is None else (0, white))
    is_guess = white not in (None, 1, 255) or (x.dtype == np.uint8 and white == 1)
    assert any("is taken for white" in note for note in samples.notes) == is_guess
    source = NpzFile(path="a.npz", white=300)
    assert source.load(tmp_path).value_range == (0, 300)


def test_pictures_or_rows_of_numbers(tmp_path: Path) -> None:
    x, y = np.zeros((6, 9, 9)), np.arange(6) % 2
    rows = npz(tmp_path, x=x, y=y)
    assert rows.kind == "array"
    assert "9 × 9 as rows of numbers" in rows.notes[0]
    assert NpzFile(path="a.npz", inputs="pictures").load(tmp_path).shape == (9, 9, 1)
    assert npz(tmp_path, images=x, labels=y).shape == (9, 9, 1)
    assert npz(tmp_path, x=x > 0, y=y).shape == (9, 9, 1)
    npz(tmp_path, x=x.astype(np.uint8), y=y)
    assert NpzFile(path="a.npz", inputs="numbers").load(tmp_path).kind == "array"
    npz(tmp_path, x=x[:, 0], y=y)
    with pytest.raises(DataError, match="inputs of 9, which are not pictures"):
        NpzFile(path="a.npz", inputs="pictures").load(tmp_path)


def test_a_packed_file_is_refused_by_its_headers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((100, 9)), y=np.zeros(100))
    monkeypatch.setattr("engine.data.samples.MAX_BYTES", 1000)
    monkeypatch.setattr(np.lib.format, "read_array", lambda *_, **__: pytest.fail("was read"))
    with pytest.raises(DataError, match=r"a\.npz needs .* GB of memory"):
        NpzFile(path="a.npz").load(tmp_path)
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((9, 2)), y=np.zeros(8))
    with pytest.raises(DataError, match="9 inputs and 8 targets"):
        NpzFile(path="a.npz").load(tmp_path)


def test_weights_of_the_training_part(tmp_path: Path) -> None:
    x, y = np.zeros((4, 2)), np.arange(4) % 2
    parts = {"x_train": x, "y_train": y, "x_test": x, "y_test": y}
    samples = npz(tmp_path, weights_key="w", w=np.full(4, 3.0), **parts)
    assert samples.weights is not None
    assert samples.weights.tolist() == [3, 3, 3, 3, 1, 1, 1, 1]


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
