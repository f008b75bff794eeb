"""What is wrong with data is said before training, and every fix mends it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import Dataset, DataSetup, Part, prepare
from engine.errors import DataError, PlanError
from engine.graph import Graph
from engine.layers import Dense, Embedding, Flatten
from engine.network import Network
from engine.training import Finished, Plan, train
from engine.training.data_problems import loading_problem
from engine.training.fitting import plan_problems

N = 20
PLAN = Plan(epochs=1)


def classifier(width: int = 3) -> Graph:
    return Graph.sequential((width,), [Dense(units=2, activation="softmax")])


def arrays(folder: Path, **given: Any) -> dict[str, Any]:
    np.savez(folder / "a.npz", **given)
    return {"type": "NpzFile", "path": "a.npz"}


def nan_inputs(folder: Path) -> dict[str, Any]:
    x = np.random.default_rng(0).normal(size=(N, 3))
    x[7, 1] = np.nan
    return {"source": arrays(folder, x=x, y=np.arange(N) % 2)}


def nan_targets(folder: Path) -> dict[str, Any]:
    x, y = np.random.default_rng(0).normal(size=(N, 3)), np.arange(N) % 2.0
    y[1] = np.inf
    return {"source": arrays(folder, x=x, y=y)}


def table(folder: Path, steps: list[str]) -> dict[str, Any]:
    lines = [
        f"{i * i},{'' if i == 4 else i % 7},{'pq'[i % 2]},{'xy'[i // 2 % 2]}" for i in range(N)
    ]
    (folder / "a.csv").write_text("\n".join(["a,b,c,kind", *lines]))
    return {"source": {"type": "CsvFile", "path": "a.csv"}, "steps": steps}


def empty_cell(folder: Path) -> dict[str, Any]:
    return table(folder, ["OneHot", "Standardize"])


def text_column(folder: Path) -> dict[str, Any]:
    return table(folder, ["Impute"])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (nan_inputs, "sample 8 has nan as input"),
        (nan_targets, "sample 2 has inf as target"),
        (empty_cell, "row 6, column 'b' is empty"),
        (text_column, "column 'c' contains text"),
    ],
)
def test_data_that_cannot_be_loaded_is_explained_and_mended(
    make: Any, words: str, tmp_path: Path
) -> None:
    setup = DataSetup.parse(make(tmp_path))
    with pytest.raises(DataError, match=words) as caught:
        prepare(setup, tmp_path)
    problem = loading_problem(caught.value, setup)
    assert plan_problems(classifier(), problem, PLAN) == (problem,)
    assert words in problem.what
    assert problem.todo.endswith(".")
    assert problem.fixes
    for fix in problem.fixes:
        assert fix.data is not None
        data = prepare(fix.data, tmp_path)
        graph = classifier(data.input_shape[0])
        assert plan_problems(graph, data, PLAN) == ()
        assert trains(graph, data)


def test_what_no_setup_mends_is_told_without_a_fix(tmp_path: Path) -> None:
    setup = DataSetup.parse({"source": {"type": "NpzFile", "path": "gone.npz"}})
    with pytest.raises(DataError) as caught:
        prepare(setup, tmp_path)
    assert loading_problem(caught.value, setup).fixes == ()


def trains(graph: Graph, data: Dataset) -> bool:
    *_, end = train(Network(graph), data, PLAN)
    return isinstance(end, Finished) and end.outcome == "completed"


def good() -> Dataset:
    x = np.random.default_rng(0).normal(size=(N, 3)).astype(np.float32)
    return Dataset.from_arrays(x, np.arange(N) % 2, validation=(x[:4], np.arange(4) % 2))


def with_part(name: str, x: Any = None, y: Any = None) -> Dataset:
    data = good()
    part = data.part(name)  # type: ignore[arg-type]
    changed = Part(part.x.copy(), part.y.copy())
    if x is not None:
        changed.x[2, 1] = x
    if y is not None:
        changed.y[3] = y
    return replace(data, **{name: changed})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (with_part("train", x=np.nan), "Sample 3 of the train part has no finite number as input"),
        (with_part("validation", x=np.inf), "of the validation part has no finite number"),
        (with_part("train", y=2), "a sample of class 2, but classes are numbered from 0 to 1"),
        (with_part("validation", y=-1), "The validation part has a sample of class -1"),
    ],
)
def test_arrays_that_a_script_put_together_are_looked_at(data: Dataset, words: str) -> None:
    (problem,) = plan_problems(classifier(), data, PLAN)
    assert words in problem.what
    network = Network(classifier())
    with pytest.raises(PlanError, match="part has"):
        next(train(network, data, PLAN))


@pytest.mark.parametrize("label", [-1, 2])
def test_a_label_without_a_class_is_named(label: int) -> None:
    with pytest.raises(DataError, match=f"number {label}; there are 2 classes"):
        Dataset.from_arrays(np.zeros((4, 2)), np.array([0, 1, label, 1]), classes=("no", "yes"))


def words_data(folder: Path, most: int, **more: Any) -> Dataset:
    x = np.random.default_rng(0).integers(0, most, (N, 5)).astype(np.int64)
    x[0, 0] = most
    setup = {"source": arrays(folder, x=x, y=np.arange(N) % 2), **more}
    return prepare(DataSetup.parse(setup), folder)


READER = Graph.sequential(
    (5,),
    [Embedding(input_dim=10, output_dim=2), Flatten(), Dense(units=2, activation="softmax")],
)


@pytest.mark.parametrize(
    ("most", "more", "words"),
    [
        (10, {"steps": []}, "has vectors for 0 to 9, but the data has the number 10"),
        (9, {}, "but the data has numbers that are not whole"),
        (9, {"steps": ["MinMax"]}, "numbers that are not whole"),
    ],
)
def test_numbers_that_an_embedding_cannot_look_up(
    most: int, more: dict[str, Any], words: str, tmp_path: Path
) -> None:
    data = words_data(tmp_path, most, **more)
    (problem,) = plan_problems(READER, data, PLAN)
    assert words in problem.what
    assert problem.node == "embedding"
    assert problem.todo.endswith(".")
    for fix in problem.fixes:
        graph = fix.graph or READER
        mended = prepare(fix.data, tmp_path) if fix.data else data
        assert plan_problems(graph, mended, PLAN) == ()
        assert trains(graph, mended)


def test_numbers_below_zero_are_no_words(tmp_path: Path) -> None:
    x = np.arange(5 * N).reshape(N, 5) % 10 - 1
    setup = {"source": arrays(tmp_path, x=x, y=np.arange(N) % 2), "steps": []}
    (problem,) = plan_problems(READER, prepare(DataSetup.parse(setup), tmp_path), PLAN)
    assert "numbers below 0, such as -1" in problem.what


def test_an_embedding_is_mended_where_scaling_did_the_harm(tmp_path: Path) -> None:
    (problem,) = plan_problems(READER, words_data(tmp_path, 9), PLAN)
    assert [fix.label for fix in problem.fixes] == ["Leave the inputs as they are"]
    assert plan_problems(READER, words_data(tmp_path, 9, steps=[]), PLAN) == ()
