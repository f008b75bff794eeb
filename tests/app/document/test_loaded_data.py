"""Loading in the background: states, progress, cancelling, stale results, threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.document import Document, edits
from app.document.data import LoadedData
from engine.data import DataSetup, Source, Split, prepare
from engine.data.samples import Samples
from engine.data.sources import BuiltIn, CsvFile, Toy
from engine.errors import DataError
from engine.progress import Progress, no_progress
from engine.project import Project


@pytest.fixture
def document() -> Document:
    return Document()


@pytest.fixture
def data(document: Document) -> Iterator[LoadedData]:
    loaded = LoadedData(document)
    yield loaded
    loaded.shutdown()
    assert not [each for each in threading.enumerate() if each.name == "loading data"]


def choose(document: Document, source: Source) -> None:
    setup = DataSetup(source=source)
    document.do("Choose data", edits.choose_data(document.project, setup))


def test_there_is_nothing_at_first(data: LoadedData) -> None:
    assert data.state == "none"
    assert data.dataset is None


def test_choosing_loads_what_training_would_prepare(
    qtbot: QtBot, document: Document, data: LoadedData
) -> None:
    choose(document, Toy(shape="moons"))
    assert data.state == "loading"
    qtbot.waitUntil(lambda: data.state == "ready")
    assert data.dataset is not None
    expected = prepare(DataSetup(source=Toy(shape="moons")))
    np.testing.assert_array_equal(data.dataset.train.x, expected.train.x)


def test_opening_a_project_loads_its_data(
    qtbot: QtBot, document: Document, data: LoadedData
) -> None:
    document.open(Project(data=DataSetup(source=BuiltIn(name="iris"))), None)
    # scikit-learn is imported by the first who needs it, which takes its time.
    qtbot.waitUntil(lambda: data.state == "ready", timeout=30_000)
    assert data.dataset is not None
    assert data.dataset.targets.size == 3
    document.open(Project(), None)
    assert data.state == "none"
    assert data.dataset is None


def test_undoing_the_choice_forgets_the_data(
    qtbot: QtBot, document: Document, data: LoadedData
) -> None:
    choose(document, Toy())
    qtbot.waitUntil(lambda: data.state == "ready")
    document.undo_stack.undo()
    assert data.state == "none"
    document.undo_stack.redo()
    qtbot.waitUntil(lambda: data.state == "ready")


def test_quick_changes_load_once_and_the_last_one_wins(
    qtbot: QtBot, document: Document, data: LoadedData
) -> None:
    seen = []
    data.changed.connect(lambda: seen.append(data.dataset))
    for count in (1, 10, 100):
        document.do(
            "Count", edits.choose_data(document.project, DataSetup(source=Toy(count=count * 10)))
        )
    qtbot.waitUntil(lambda: data.state == "ready")
    loaded = {id(each) for each in seen if each is not None}
    assert len(loaded) == 1
    assert data.dataset is not None
    assert len(data.dataset.samples) == 1000


def test_the_data_before_stays_while_other_is_loading(
    qtbot: QtBot, document: Document, data: LoadedData
) -> None:
    choose(document, Toy(count=100))
    qtbot.waitUntil(lambda: data.state == "ready")
    before = data.dataset
    choose(document, Toy(count=200))
    assert data.is_loading
    assert data.dataset is before
    qtbot.waitUntil(lambda: data.state == "ready")
    assert data.dataset is not before


def test_a_missing_file_fails_in_words(qtbot: QtBot, document: Document, data: LoadedData) -> None:
    choose(document, CsvFile(path="nowhere.csv"))
    qtbot.waitUntil(lambda: data.state == "failed")
    assert isinstance(data.error, DataError)
    assert "nowhere.csv" in data.error.what
    assert data.dataset is None


def test_failed_data_can_be_loaded_again(
    qtbot: QtBot, tmp_path: Path, document: Document, data: LoadedData
) -> None:
    file = tmp_path / "late.csv"
    choose(document, CsvFile(path=str(file)))
    qtbot.waitUntil(lambda: data.state == "failed")
    rows = "".join(f"{i},{i % 3},{'yes' if i % 2 else 'no'}\n" for i in range(40))
    file.write_text("a,b,answer\n" + rows)
    data.reload()
    qtbot.waitUntil(lambda: data.state == "ready")


class Slow(Source, abstract=True):
    """Waits for leave, and tells how far it is."""

    def load(self, base: Path, progress: Progress = no_progress) -> Samples:
        for done in range(10_000):
            progress(done, 10_000, "drops")
            if LEAVE.wait(0.005):
                break
        return Toy().load(base)


LEAVE = threading.Event()


@pytest.fixture
def slow() -> Iterator[Source]:
    LEAVE.clear()
    yield Slow.model_construct()
    LEAVE.set()


def slow_setup(slow: Source) -> DataSetup:
    return DataSetup.model_construct(source=slow, task="auto", steps=(), split=Split())


def test_progress_is_told_and_cancelling_ends_the_thread(
    qtbot: QtBot, document: Document, data: LoadedData, slow: Source
) -> None:
    document.open(Project(data=slow_setup(slow)), None)
    with qtbot.waitSignal(data.progressed):
        pass
    assert data.progress.what == "drops"
    assert data.progress.total == 10_000
    data.cancel()
    assert data.state == "failed"
    assert data.error is not None
    assert data.error.what == "Loading was cancelled."
    qtbot.waitUntil(lambda: not [t for t in threading.enumerate() if t.name == "loading data"])


def test_a_stale_result_is_dropped(
    qtbot: QtBot, document: Document, data: LoadedData, slow: Source
) -> None:
    document.open(Project(data=slow_setup(slow)), None)
    document.open(Project(data=DataSetup(source=Toy(count=50))), None)
    qtbot.waitUntil(lambda: data.state == "ready")
    LEAVE.set()
    qtbot.waitUntil(lambda: not [t for t in threading.enumerate() if t.name == "loading data"])
    assert data.dataset is not None
    assert len(data.dataset.samples) == 50


def test_closing_while_loading_leaves_no_thread(
    document: Document, data: LoadedData, slow: Source
) -> None:
    document.open(Project(data=slow_setup(slow)), None)
    assert data.state == "loading"  # the fixture shuts down and looks for threads
