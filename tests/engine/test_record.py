"""A run says what it was made from, and what of two runs can be compared."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.compiled import OFF, _loops
from engine.compiled.path import loops_are_ready, wait_for_loops
from engine.data import Dataset, DataSetup, prepare
from engine.graph import Graph
from engine.layers import Dense
from engine.losses import CategoricalCrossentropy, Huber, MeanSquaredError
from engine.network import Network
from engine.training import Plan, RunState, train
from engine.training.history import History
from engine.training.record import RunRecord, comparability, present_path, record_of

CLASSES = prepare(DataSetup.parse({"source": {"type": "BuiltIn", "name": "iris"}}))
NUMBERS = prepare(DataSetup.parse({"source": {"type": "BuiltIn", "name": "diabetes"}}))
SQUARES = Plan(loss=MeanSquaredError(), metrics=())


def test_the_path_of_the_arithmetic_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    assert present_path() == "compiled"
    monkeypatch.setenv(OFF, "1")
    _loops.cache_clear()
    try:
        assert present_path() == "plain"
    finally:
        monkeypatch.undo()
        _loops.cache_clear()


def test_a_run_tells_the_path_that_it_took_and_not_the_next_one() -> None:
    pytest.importorskip("numba")
    network = Network(Graph.sequential((4,), [Dense(units=3, activation="softmax")]))
    state = RunState()
    wait_for_loops()
    try:
        for _ in train(network, CLASSES, Plan(epochs=1), state=state):
            loops_are_ready()
    finally:
        loops_are_ready()
    assert (state.loops, present_path()) == ("plain", "compiled")


def test_a_run_that_goes_on_another_way_tells_both() -> None:
    first = record_of(CLASSES, Plan()).on_path("plain").on_path("plain")
    assert first.loops == ("plain",)
    second = record_of(CLASSES, Plan()).going_on(first)
    assert second.on_path("compiled").loops == ("plain", "compiled")
    assert second.on_path("plain").loops == ("plain",)
    assert second.on_path("compiled").in_words.startswith("plain then compiled loops, ")
    assert RunRecord().in_words == ""


def test_it_is_written_with_the_history_and_read_again() -> None:
    history = History(record_of(NUMBERS, SQUARES).on_path("compiled"))
    text = json.dumps(history.to_json())
    assert History.parse(json.loads(text)).record == history.record
    older = json.loads(text)
    del older["record"]
    assert History.parse(older).record == RunRecord()


def test_the_same_again_has_no_differences() -> None:
    once, again = record_of(CLASSES, Plan()), record_of(CLASSES, Plan(epochs=3, seed=4))
    assert comparability(again, once).differences == ()
    assert comparability(again, once).losses


def test_other_data_is_said_and_classes_still_share_an_axis() -> None:
    wine = prepare(DataSetup.parse({"source": {"type": "BuiltIn", "name": "wine"}}))
    found = comparability(record_of(wine, Plan()), record_of(CLASSES, Plan()))
    assert found.differences == ("other data (iris)",)
    assert found.losses
    assert found.metrics


def test_another_split_is_said() -> None:
    other = prepare(CLASSES.setup.changed(split=CLASSES.setup.split.changed(seed=5)))  # type: ignore[union-attr]
    found = comparability(record_of(other, Plan()), record_of(CLASSES, Plan()))
    assert found.differences == ("data read, prepared or split in another way",)


def test_another_loss_has_no_place_on_the_axis() -> None:
    one = record_of(CLASSES, Plan())
    other = record_of(CLASSES, Plan(loss=CategoricalCrossentropy()))
    found = comparability(one, other)
    assert found.differences == ("another loss (categorical crossentropy)",)
    assert not found.losses
    assert found.metrics
    wide, narrow = (record_of(NUMBERS, SQUARES.changed(loss=Huber(delta=d))) for d in (1.0, 2.0))
    assert comparability(wide, narrow).differences == ("another loss (huber (delta 2.0))",)


def test_numbers_in_another_unit_share_no_axis() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 3)).astype(np.float32)
    other = Dataset.from_arrays(x, x[:, 0].astype(np.float64))
    found = comparability(record_of(NUMBERS, SQUARES), record_of(other, SQUARES))
    assert not found.losses
    assert not found.metrics
    assert found.differences[0].startswith("other data")


def test_of_what_is_not_known_nothing_is_said() -> None:
    found = comparability(record_of(NUMBERS, SQUARES), RunRecord())
    assert found.differences == ()
    assert found.losses


def test_folders_do_not_matter(tmp_path: Path) -> None:
    records = []
    for folder in ("a", "b"):
        path = tmp_path / folder / "some.csv"
        path.parent.mkdir()
        path.write_text("x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(40)))
        setup = DataSetup.parse({"source": {"type": "CsvFile", "path": str(path)}})
        records.append(record_of(prepare(setup), Plan()))
    assert records[0] == records[1]
    assert records[0].data == "some.csv"
    assert str(tmp_path) not in json.dumps(records[0].to_json())
