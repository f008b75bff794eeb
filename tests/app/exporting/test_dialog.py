"""The export dialog: says what is inside, exports in a thread, shows the proof."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.exporting.dialog import ExportDialog
from app.exporting.work import exportable
from app.settings import Settings
from engine.data import Dataset, DataSetup, prepare
from engine.data.builtin import BuiltIn
from engine.graph import Graph
from engine.layers import Dense
from engine.network import Network
from engine.project.trained import TrainedModel
from engine.training import Plan


class Room:
    """What the dialog needs from the window."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        graph = Graph.sequential((4,), [Dense(units=3, activation="softmax")])
        self.dataset: Dataset | None = prepare(DataSetup(source=BuiltIn(name="iris")))
        assert self.dataset is not None
        self.model: TrainedModel | None = TrainedModel.of(Network(graph), self.dataset, Plan())
        self.folder = folder
        self.settings = Settings(folder / "settings.ini")
        self.qtbot = qtbot

    def dialog(self) -> ExportDialog:
        what = exportable(self.model, self.dataset, "My iris: 1/2")
        dialog = ExportDialog(what, self.folder, self.settings)
        self.qtbot.addWidget(dialog)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        dialog.show()
        return dialog

    def export(self, dialog: ExportDialog) -> None:
        self.qtbot.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
        self.qtbot.waitUntil(lambda: not dialog.is_working, timeout=20_000)


@pytest.fixture
def room(tmp_path: Path, qtbot: QtBot) -> Room:
    return Room(tmp_path, qtbot)


def test_it_says_what_will_be_inside(room: Room, tmp_path: Path) -> None:
    dialog = room.dialog()
    assert dialog.path_field.text() == str(tmp_path / "my-iris-1-2.onnx")
    rows = dict(dialog.inside.rows)
    assert rows["Takes"].startswith("raw columns, prepared in the model: sepal length")
    assert rows["Gives"] == "probabilities and label: setosa, versicolor, virginica"
    assert rows["Network"] == "15 parameters"
    assert rows["Format"] == "ONNX, opset 20"
    assert not dialog.folder_button.isVisible()


def test_it_exports_and_shows_the_proof(room: Room, tmp_path: Path) -> None:
    dialog = room.dialog()
    dialog.path_field.setText(str(tmp_path / "flower"))
    room.export(dialog)
    assert dialog.outcome.text().startswith("Verified on 22 samples")
    assert "allowed: 0.0001" in dialog.outcome.text()
    assert dialog.folder_button.isVisible()
    session = onnxruntime.InferenceSession(str(tmp_path / "flower.onnx"))
    assert [each.name for each in session.get_outputs()] == ["probabilities", "label"]


def test_a_network_that_must_not_leave_says_why(room: Room, tmp_path: Path) -> None:
    assert room.model is not None
    room.model.weights["dense/bias"][0] = np.nan
    dialog = room.dialog()
    room.export(dialog)
    assert "not finite (NaN or infinity)" in dialog.outcome.text()
    assert "Train it again" in dialog.outcome.text()
    assert not dialog.folder_button.isVisible()
    assert not list(tmp_path.glob("*.onnx"))


def test_a_folder_that_is_missing_is_named(room: Room, tmp_path: Path) -> None:
    dialog = room.dialog()
    dialog.path_field.setText(str(tmp_path / "missing" / "x.onnx"))
    room.export(dialog)
    assert "cannot be written" in dialog.outcome.text()
    assert dialog.export_button.isEnabled()


def test_without_a_network_there_is_a_reason(room: Room) -> None:
    room.model = None
    dialog = room.dialog()
    assert not dialog.export_button.isEnabled()
    assert "Nothing has been trained yet" in dialog.outcome.text()


def test_other_data_than_it_was_trained_on_is_no_proof(room: Room) -> None:
    room.dataset = prepare(DataSetup(source=BuiltIn(name="wine")))
    dialog = room.dialog()
    assert not dialog.export_button.isEnabled()
    assert "trained on different data" in dialog.outcome.text()


def test_closing_waits_for_the_file(room: Room) -> None:
    dialog = room.dialog()
    dialog.export()
    assert dialog.is_working
    dialog.reject()
    assert dialog.isVisible()
    room.qtbot.waitUntil(lambda: not dialog.is_working, timeout=20_000)
    dialog.reject()
    assert not dialog.isVisible()
