"""Sensible results by default on real data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.data import Dataset, DataSetup, Split, prepare, suggest_source
from engine.data.sources import CsvFile, IdxFiles, PictureFolder
from engine.errors import DataError
from engine.network import Network
from engine.starter import starter_graph
from engine.training import Finished, Plan, train
from engine.training.plan_fixes import suggest_plan


def prepared(path: Path) -> Dataset:
    return prepare(DataSetup(source=suggest_source(path)))


@pytest.mark.parametrize(
    ("name", "rows", "target", "task", "inputs", "outputs", "ignored"),
    [
        ("iris.csv", 150, "Species", "classification", 4, 3, ["Id"]),
        ("wine_quality.csv", 6497, "quality", "classification", 13, 7, []),
        ("titanic.csv", 891, "survived", "classification", 28, 2, ["alive"]),
        ("penguins.csv", 344, "species", "classification", 9, 3, []),
        ("pima-indians-diabetes.csv", 768, "column_9", "classification", 8, 2, []),
        ("airline-passengers.csv", 144, "Passengers", "regression", 1, 1, []),
        ("daily-min-temperatures.csv", 3650, "Temp", "regression", 1, 1, []),
    ],
)
def test_tables(
    shared_data: Path,
    name: str,
    rows: int,
    target: str,
    task: str,
    inputs: int,
    outputs: int,
    ignored: list[str],
) -> None:
    data = prepared(shared_data / name)
    assert len(data.samples) == rows
    assert data.targets.names == (target,)
    assert data.targets.task == task
    assert data.input_shape == (inputs,)
    assert data.output_size == outputs
    told = [note.split()[2].rstrip(":") for note in data.notes if note.startswith("Ignored")]
    assert told == ignored


def test_wine_has_its_missing_cells_filled_from_training(shared_data: Path) -> None:
    data = prepared(shared_data / "wine_quality.csv")
    assert sum(data.samples.frame.null_count().row(0)) == 38
    train = data.samples.take(data.indices["train"])
    sulphates = next(each for each in data.preprocessing.numbers if each.name == "sulphates")
    assert sulphates.fill == train.frame["sulphates"].median()


def test_wine_quality_can_be_a_number(shared_data: Path) -> None:
    source = CsvFile(path="wine_quality.csv")
    data = prepare(DataSetup(source=source, task="regression"), shared_data)
    assert data.output_size == 1
    assert set(np.unique(data.targets.in_units(data.train.y).round(4))) <= set(range(3, 10))


def test_a_series_in_hundreds_is_learned_with_what_the_starter_proposes(shared_data: Path) -> None:
    """Unscaled, the network's outputs never got near passengers in their hundreds."""
    setup = DataSetup(source=CsvFile(path="airline-passengers.csv"))
    data = prepare(setup, shared_data)
    plan = suggest_plan(data, Plan(epochs=60))
    *_, finished = train(Network(starter_graph(data)), data, plan)
    assert isinstance(finished, Finished)
    truth = data.targets.in_units(data.train.y)
    assert finished.test["RMSE"] < 0.6 * truth.std()


def test_titanic_without_a_step_for_text_says_so(shared_data: Path) -> None:
    setup = DataSetup(source=CsvFile(path="titanic.csv"), steps=())
    with pytest.raises(DataError, match=r"'sex' contains text.*Add the step OneHot"):
        prepare(setup, shared_data)


@pytest.mark.parametrize(("target", "left_out"), [("embarked", 2), ("age", 177)])
def test_rows_without_a_target_are_left_out(shared_data: Path, target: str, left_out: int) -> None:
    source = CsvFile(path="titanic.csv", target=target)
    data = prepare(DataSetup(source=source), shared_data)
    assert len(data.samples) == 891 - left_out
    assert f"{left_out} rows without a target are left out" in data.notes[0]


def test_time_series_in_order(shared_data: Path) -> None:
    setup = DataSetup(source=CsvFile(path="airline-passengers.csv"), split=Split(shuffle=False))
    data = prepare(setup, shared_data)
    assert data.train.x[:, 0].max() < data.validation.x.min() < data.test.x.min()
    assert data.targets.in_units(data.train.y)[0, 0] == pytest.approx(112)


def test_mnist(shared_data: Path) -> None:
    data = prepare(DataSetup(source=IdxFiles(path="mnist")), shared_data)
    assert data.input_shape == (28, 28, 1)
    assert data.targets.classes == tuple("0123456789")
    assert (len(data.train) + len(data.validation), len(data.test)) == (8000, 2000)
    assert data.train.x.min() == 0
    assert data.train.x.max() == 1
    one_file = IdxFiles(path="mnist/train-images-idx3-ubyte.gz")
    assert len(prepare(DataSetup(source=one_file), shared_data).test) == 2000
    assert len(one_file.changed(use_given_test=False).load(shared_data)) == 8000


def test_sign_language(shared_data: Path) -> None:
    source = suggest_source(shared_data / "sign_language_digits")
    assert isinstance(source, PictureFolder)
    assert (source.height, source.width, source.color) == (100, 100, "rgb")
    data = prepare(DataSetup(source=source.changed(height=24, width=32)))
    assert data.input_shape == (24, 32, 3)
    assert set(data.class_counts["test"].values()) == {9}


@pytest.mark.parametrize("name", ["README.md", "review_polarity.tar.gz"])
def test_what_is_no_data_is_refused(shared_data: Path, name: str) -> None:
    with pytest.raises(DataError, match="not supported"):
        suggest_source(shared_data / name)


def test_a_book_is_no_table(shared_data: Path) -> None:
    with pytest.raises(DataError, match=r"republic_clean\.txt"):
        prepared(shared_data / "republic_clean.txt")
