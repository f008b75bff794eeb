"""Predicting in the window: the question after a drop, the table, and what it writes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.predicting.choice import DropDialog
from app.predicting.dialog import PredictDialog
from app.training.session import State
from engine.data.sources import CsvFile
from tests.app.conftest import drop, wait_ready

LONG_MS = 60_000


def write_pets(path: Path, rows: int = 60, *, target: bool = True) -> Path:
    lines = [
        f"{n % 7 / 3},{'abcde'[n % 5]}" + (f",{'cat' if n % 7 > 3 else 'dog'}" if target else "")
        for n in range(rows)
    ]
    path.write_text("\n".join(["weight,size" + ",kind" * target, *lines]) + "\n")
    return path


@pytest.fixture
def trained(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> MainWindow:
    drop(window, write_pets(tmp_path / "pets.csv"))
    wait_ready(qtbot, window)
    window.workbench.start()
    qtbot.waitUntil(lambda: window.session.state is State.FINISHED, timeout=LONG_MS)
    return window


def dialog_of(qtbot: QtBot, window: MainWindow, kind: type[QDialog]) -> QDialog:
    def is_open() -> bool:
        return any(each.isVisible() for each in window.findChildren(kind))

    qtbot.waitUntil(is_open, timeout=LONG_MS)
    return next(each for each in window.findChildren(kind) if each.isVisible())


def finished(qtbot: QtBot, window: MainWindow) -> PredictDialog:
    dialog = dialog_of(qtbot, window, PredictDialog)
    assert isinstance(dialog, PredictDialog)
    qtbot.waitUntil(lambda: not dialog.background.is_working, timeout=LONG_MS)
    return dialog


def question(qtbot: QtBot, window: MainWindow) -> DropDialog:
    dialog = dialog_of(qtbot, window, DropDialog)
    assert isinstance(dialog, DropDialog)
    qtbot.waitUntil(lambda: dialog.fit is not None, timeout=LONG_MS)
    return dialog


def test_a_drop_on_a_trained_project_predicts_and_leaves_the_project(
    qtbot: QtBot, trained: MainWindow, tmp_path: Path
) -> None:
    before = trained.document.whole
    drop(trained, write_pets(tmp_path / "new.csv", 5, target=False))
    asked = question(qtbot, trained)
    assert "but not the target, kind" in asked.text.text()
    assert asked.predict_button.isDefault()
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    dialog = finished(qtbot, trained)
    assert trained.document.whole is before
    model = dialog.table.rows
    assert model.names[:2] == ["row", "predicted kind"]
    assert model.rowCount() == 5
    assert "5 predictions." in dialog.outcome.text()
    dialog.save_to(tmp_path / "out.csv")
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert [row["row"] for row in rows] == ["2", "3", "4", "5", "6"]
    dialog.reject()


def test_train_on_it_takes_the_file_as_before(
    qtbot: QtBot, trained: MainWindow, tmp_path: Path
) -> None:
    drop(trained, write_pets(tmp_path / "more.csv", 80))
    asked = question(qtbot, trained)
    qtbot.mouseClick(asked.train_button, Qt.MouseButton.LeftButton)
    wait_ready(qtbot, trained)
    setup = trained.document.whole.data
    assert setup is not None
    assert isinstance(setup.source, CsvFile)
    assert Path(setup.source.path).name == "more.csv"


def test_a_file_that_does_not_fit_can_only_be_trained_on(
    qtbot: QtBot, trained: MainWindow, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n" + "".join(f"{n},{n % 2}\n" for n in range(20)))
    before = trained.document.whole
    drop(trained.data_panel, other)  # type: ignore[arg-type]
    asked = question(qtbot, trained)
    assert "lacks the columns weight, size" in asked.text.text()
    assert not asked.predict_button.isEnabled()
    qtbot.keyClick(asked, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not asked.isVisible(), timeout=LONG_MS)
    assert trained.document.whole is before


def test_the_table_is_sorted_and_scored(qtbot: QtBot, trained: MainWindow, tmp_path: Path) -> None:
    trained.predicting.predict_on(tmp_path / "pets.csv")
    dialog = finished(qtbot, trained)
    assert dialog.scores is not None
    assert "Compared with the targets in the file: loss" in dialog.outcome.text()
    model = dialog.table.rows
    dialog.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert [model.data(model.index(row, 0)) for row in range(2)] == ["61", "60"]
    column = model.names.index("probability of cat")
    dialog.table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    shares = [float(model.data(model.index(row, column))) for row in range(60)]
    assert shares == sorted(shares)
    wrong = dialog.found.wrong if dialog.found else frozenset()
    red = {
        model.sample_at(row)
        for row in range(60)
        if model.data(model.index(row, 1), Qt.ItemDataRole.ToolTipRole)
    }
    assert red == wrong
    dialog.reject()


def test_another_file_while_one_is_read(qtbot: QtBot, trained: MainWindow, tmp_path: Path) -> None:
    few = write_pets(tmp_path / "few.csv", 3, target=False)
    trained.predicting.predict_on(tmp_path / "pets.csv")
    dialog = dialog_of(qtbot, trained, PredictDialog)
    assert isinstance(dialog, PredictDialog)
    dialog.ask(few)
    qtbot.waitUntil(lambda: dialog.found is not None and len(dialog.found) == 3, timeout=LONG_MS)
    dialog.ask(tmp_path / "none.csv")
    qtbot.waitUntil(lambda: "no file" in dialog.outcome.text(), timeout=LONG_MS)
    assert not dialog.save_button.isEnabled()
    dialog.reject()


def test_nothing_trained_is_said(window: MainWindow) -> None:
    window.actions_["predict"].trigger()
    assert window.banner.what.text() == "Nothing has been trained yet."
