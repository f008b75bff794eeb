"""Predictions and scores about files: what is read, what stands in the table, what is said."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.arrays import Array
from engine.data import Dataset, DataSetup, prepare
from engine.data.sources import CsvFile, PictureFolder
from engine.errors import DataError, EngineError
from engine.graph import Edge, Graph
from engine.layers import Dense, Flatten, Input
from engine.losses import MeanSquaredError, SparseCategoricalCrossentropy
from engine.network import Network
from engine.predicting import fit_of, predict, read_batch, score
from engine.project.trained import TrainedModel
from engine.training import Plan, evaluate

CLASSES = ("cat", "dog", "owl")


def write_pets(
    folder: Path, name: str = "pets.csv", rows: int = 60, *, target: bool = True
) -> Path:
    """A table of numbers, categories and the class of each row."""
    path = folder / name
    lines = [
        f"pet {n},{n % 7 / 3},{'abcde'[n % 5]}" + (f",{CLASSES[n % 3]}" if target else "")
        for n in range(rows)
    ]
    path.write_text("\n".join(["id,weight,size" + ",kind" * target, *lines]) + "\n")
    return path


def model_of(data: Dataset, *layers: Dense, plan: Plan | None = None) -> TrainedModel:
    start = [Flatten()] if len(data.input_shape) > 1 else []
    graph = Graph.sequential(data.input_shape, [*start, *layers])
    plan = plan or Plan(loss=SparseCategoricalCrossentropy())
    return TrainedModel.of(Network(graph, seed=1), data, plan)


@pytest.fixture
def pets(tmp_path: Path) -> tuple[TrainedModel, Dataset]:
    data = prepare(DataSetup(source=CsvFile(path=str(write_pets(tmp_path)))))
    return model_of(data, Dense(units=3, activation="softmax")), data


def test_a_table_with_what_the_file_says_and_what_the_network_says(
    pets: tuple[TrainedModel, Dataset], tmp_path: Path
) -> None:
    model, _ = pets
    batch = read_batch(tmp_path / "pets.csv", model.preprocessing, model.targets)
    found = predict(model, batch)
    columns = found.columns
    assert list(columns) == [
        "row",
        "predicted kind",
        *(f"probability of {name}" for name in CLASSES),
        "id",
        "weight",
        "size",
        "kind",
    ]
    assert columns["row"][:2] == ["2", "3"]
    assert columns["kind"][:3] == list(CLASSES)
    raw = model.network().predict(batch.x)
    written = list(csv.DictReader(io.StringIO(found.to_csv())))
    shares = np.array([[float(row[f"probability of {c}"]) for c in CLASSES] for row in written])
    np.testing.assert_array_equal(shares.astype(np.float32), raw)
    assert [row["predicted kind"] for row in written] == [CLASSES[i] for i in raw.argmax(1)]


def test_a_score_is_that_of_training(pets: tuple[TrainedModel, Dataset], tmp_path: Path) -> None:
    model, data = pets
    plan = Plan(loss=SparseCategoricalCrossentropy())
    found = score(model, plan, read_batch(tmp_path / "pets.csv", model.preprocessing, data.targets))
    parts = (data.train, data.validation, data.test)
    each = [evaluate(model.network(), part, plan, data.targets) for part in parts]
    for name, value in found.values.items():
        mean = sum(s[name] * len(p) for s, p in zip(each, parts, strict=True)) / 60
        assert value == pytest.approx(mean, abs=1e-6)
    assert found.samples == 60


def test_rows_without_a_target_do_not_count(
    pets: tuple[TrainedModel, Dataset], tmp_path: Path
) -> None:
    model, _ = pets
    some = tmp_path / "some.csv"
    some.write_text("weight,size,kind\n1,a,cat\n2,b,\n0.5,c,owl\n")
    batch = read_batch(some, model.preprocessing, model.targets)
    found = score(model, Plan(loss=SparseCategoricalCrossentropy()), batch)
    assert (found.samples, found.notes) == (2, ("1 sample has no target and did not count.",))
    none = write_pets(tmp_path, "none.csv", target=False)
    batch = read_batch(none, model.preprocessing, model.targets)
    assert len(predict(model, batch)) == 60
    with pytest.raises(DataError, match="there is no column 'kind'"):
        score(model, Plan(), batch)
    some.write_text("weight,size,kind\n1,a,cow\n2,b,cat\n")
    with pytest.raises(DataError, match="'cow' is none of the classes"):
        score(model, Plan(), read_batch(some, model.preprocessing, model.targets))


def test_every_output_has_its_columns(tmp_path: Path) -> None:
    data = prepare(DataSetup(source=CsvFile(path=str(write_pets(tmp_path)))))
    graph, start = Graph().add(Input(shape=data.input_shape))
    for name in ("left", "right"):
        graph, new = graph.add(Dense(units=3, activation="softmax"), id=name)
        graph = graph.connect(Edge(start, new))
    plan = Plan(loss=SparseCategoricalCrossentropy())
    model = TrainedModel.of(Network(graph, seed=1), data, plan)
    found = predict(model, read_batch(tmp_path / "pets.csv", model.preprocessing, model.targets))
    assert list(found.answers)[::4] == ["left: predicted kind", "right: predicted kind"]
    assert len(found.answers) == 8
    assert set(score(model, plan, found.batch).values) >= {"loss", "left loss", "right loss"}


def test_numbers_keep_all_their_digits_and_names_do_not_clash(tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    path.write_text("x,predicted y,y\n" + "".join(f"{n},{n % 4},{n * 1.7}\n" for n in range(40)))
    data = prepare(DataSetup(source=CsvFile(path=str(path), target="y"), steps=()))
    model = model_of(data, Dense(units=1), plan=Plan(loss=MeanSquaredError()))
    found = predict(model, read_batch(path, model.preprocessing, model.targets))
    assert list(found.columns) == ["row", "predicted y", "x", "predicted y (2)", "y"]
    raw = model.network().predict(found.batch.x)[:, 0]
    rows = list(csv.reader(io.StringIO(found.to_csv())))[1:]
    np.testing.assert_array_equal(np.array([row[1] for row in rows], np.float32), raw)
    assert found.records()[3] == {"row": "5", "predicted y": float(str(raw[3]))}


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[TrainedModel, Path]:
    root = tmp_path / "animals"
    rng = np.random.default_rng(0)
    for name in CLASSES:
        (root / name).mkdir(parents=True)
        for i in range(6):
            pixels = rng.integers(0, 256, (5, 4, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{i}.png")
    data = prepare(DataSetup(source=PictureFolder(path=str(root), height=5, width=4)))
    return model_of(data, Dense(units=3, activation="softmax")), root


def test_folders_of_pictures(pictures: tuple[TrainedModel, Path], tmp_path: Path) -> None:
    model, root = pictures
    (root / "cat" / "6.png").write_bytes(b"no picture")
    batch = read_batch(root, model.preprocessing, model.targets)
    assert batch.labels[:2] == ["cat/0.png", "cat/1.png"]
    assert batch.truth == [name for name in CLASSES for _ in range(6)]
    assert batch.notes[0].startswith("1 picture was left out.")
    assert "6.png" in batch.notes[0]
    assert score(model, Plan(loss=SparseCategoricalCrossentropy()), batch).samples == 18
    flat = tmp_path / "flat"
    flat.mkdir()
    (root / "dog" / "0.png").rename(flat / "who.png")
    batch = read_batch(flat, model.preprocessing, model.targets)
    assert (batch.labels, batch.truth, len(predict(model, batch))) == (["who.png"], None, 1)
    one = read_batch(flat / "who.png", model.preprocessing, model.targets)
    np.testing.assert_array_equal(one.x, batch.x)


def model_of_arrays(shape: tuple[int, ...]) -> TrainedModel:
    x = np.zeros((9, *shape), np.float32)
    data = Dataset.from_arrays(x, np.arange(9) % 3, classes=("0", "1", "2"))
    return model_of(data, Dense(units=3, activation="softmax"))


@pytest.mark.parametrize("y", [np.array([2, 1]), np.eye(3)[[2, 1]], np.array(["2", "1"])])
def test_archives_give_their_test_part(tmp_path: Path, y: Array) -> None:
    model = model_of_arrays((2, 3))
    path = tmp_path / "a.npz"
    np.savez(
        path, x_train=np.zeros((5, 2, 3)), y_train=np.zeros(5), x_test=np.ones((2, 2, 3)), y_test=y
    )
    batch = read_batch(path, model.preprocessing, model.targets)
    assert (len(batch), batch.truth) == (2, ["2", "1"])
    assert batch.notes == ("Read the array x_test.",)


def test_arrays_that_do_not_fit_are_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, path = model_of_arrays((2, 3)), tmp_path / "a.npz"
    np.savez_compressed(path, large=np.zeros((5, 9, 9)), x=np.zeros((2, 4, 3)))
    monkeypatch.setattr(np.lib.format, "read_array", lambda *_, **__: pytest.fail("was read"))
    with pytest.raises(DataError, match=r"holds x \(2 × 4 × 3\), large \(5 × 9 × 9\)|holds large"):
        read_batch(path, model.preprocessing, model.targets)
    np.savez_compressed(path, x=np.zeros((50, 2, 3)))
    monkeypatch.setattr("engine.data.samples.MAX_BYTES", 1000)
    with pytest.raises(DataError, match="GB of memory"):
        read_batch(path, model.preprocessing, model.targets)


def test_idx_files_and_their_labels(tmp_path: Path) -> None:
    model = model_of_arrays((2, 2, 1))
    images = tmp_path / "t10k-images-idx3-ubyte"
    images.write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, *range(8)]))
    assert read_batch(images, model.preprocessing, model.targets).truth is None
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 1, 2]))
    batch = read_batch(images, model.preprocessing, model.targets)
    assert (batch.truth, batch.x.shape) == (["1", "2"], (2, 2, 2, 1))


def test_what_a_dropped_file_is_good_for(
    pets: tuple[TrainedModel, Dataset], tmp_path: Path
) -> None:
    model, _ = pets

    def fit(path: Path) -> tuple[bool, bool, str]:
        found = fit_of(path, model.preprocessing, model.targets)
        return found.can_predict, found.has_targets, found.text

    assert fit(tmp_path / "pets.csv")[:2] == (True, True)
    can, has, text = fit(write_pets(tmp_path, "new.csv", 5, target=False))
    assert (can, has) == (True, False)
    assert "but not the target, kind" in text
    (tmp_path / "other.csv").write_text("a,b\n1,2\n2,3\n")
    can, has, text = fit(tmp_path / "other.csv")
    assert not can
    assert "it lacks the columns weight, size" in text


def test_a_prediction_can_be_stopped(pets: tuple[TrainedModel, Dataset], tmp_path: Path) -> None:
    model, _ = pets

    def stop(done: int, total: int, what: str) -> None:
        raise EngineError("enough")

    batch = read_batch(tmp_path / "pets.csv", model.preprocessing, model.targets)
    with pytest.raises(EngineError, match="enough"):
        predict(model, batch, stop)
