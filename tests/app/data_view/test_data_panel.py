"""The data panel: choosing, previews of every kind, preparation as undo steps, dropping files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.data_view import DataPanel
from app.data_view.picture_grid import PictureGrid, spread_over_classes
from app.data_view.scatter import Scatter
from app.data_view.table_preview import TablePreview
from app.document import Document
from app.document.data import LoadedData
from app.messages import Messages
from app.settings import Settings
from app.widgets.column_fields import ColumnField, ColumnsField
from app.widgets.list_field import ListField
from app.widgets.numbers import NumberField
from engine.data.samples import Samples
from engine.data.sources import BuiltIn, CsvFile, Source, Toy
from engine.data.steps import Standardize
from engine.project import Project


@pytest.fixture
def document() -> Document:
    return Document()


@pytest.fixture
def data(document: Document) -> Iterator[LoadedData]:
    loaded = LoadedData(document)
    yield loaded
    loaded.shutdown()


@pytest.fixture
def messages() -> Messages:
    return Messages()


@pytest.fixture
def panel(
    qtbot: QtBot, tmp_path: Path, document: Document, data: LoadedData, messages: Messages
) -> DataPanel:
    shown = DataPanel(document, data, messages, Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(shown)
    shown.resize(300, 800)
    shown.show()
    with qtbot.waitActive(shown):
        shown.activateWindow()
    return shown


def choose(qtbot: QtBot, panel: DataPanel, data: LoadedData, source: Source) -> None:
    panel.choose(source)
    # scikit-learn is imported by the first who needs it, which takes its time.
    qtbot.waitUntil(lambda: data.state != "loading", timeout=30_000)


def table_file(folder: Path) -> Path:
    file = folder / "pets.csv"
    weights = ["" if i == 3 else f"{i / 7:.4}" for i in range(1, 40)]
    rows = [f"{len(w)},{w},{('cat', 'dog')[i % 2]}" for i, w in enumerate(weights)]
    file.write_text("\n".join(["legs,weight,kind", *rows, ""]), encoding="utf-8")
    return file


def test_without_data_the_gallery_offers_some(panel: DataPanel) -> None:
    assert panel.currentIndex() == 0
    names = {card.text() for card in panel.gallery.cards}
    assert {"digits", "breast cancer", "spiral", "noisy sine"} <= names
    assert all(card.toolTip() and not card.icon().isNull() for card in panel.gallery.cards)


def test_a_click_in_the_gallery_chooses_in_one_undo_step(
    qtbot: QtBot, document: Document, data: LoadedData, panel: DataPanel
) -> None:
    card = next(each for each in panel.gallery.cards if each.text() == "moons")
    with qtbot.waitSignal(panel.edited):
        QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert document.project.data is not None
    assert document.project.data.source == Toy(shape="moons")
    assert document.undo_stack.text(0) == "Choose data: moons"
    qtbot.waitUntil(lambda: data.state == "ready")
    assert isinstance(panel.preview.view, Scatter)
    document.undo_stack.undo()
    assert panel.currentIndex() == 0
    document.undo_stack.redo()
    assert panel.currentIndex() == 1


def test_pictures_are_a_grid_with_labels(qtbot: QtBot, data: LoadedData, panel: DataPanel) -> None:
    choose(qtbot, panel, data, BuiltIn())
    view = panel.preview.view
    assert isinstance(view, PictureGrid)
    assert [*view.labels[:10]] == [str(digit) for digit in range(10)]
    assert ("Input", "8 × 8 × 1") in panel.preview.facts.rows
    assert panel.preview.bars.counts["0"] == 178
    assert panel.preview.parts.rows[0] == ("Training", "1,257 samples (70%)")


def test_tables_show_kinds_target_and_missing_cells(
    qtbot: QtBot, tmp_path: Path, data: LoadedData, panel: DataPanel
) -> None:
    panel.choose_path(table_file(tmp_path))
    qtbot.waitUntil(lambda: data.state != "loading", timeout=30_000)
    view = panel.preview.view
    assert isinstance(view, TablePreview)
    heads = [
        view.rows.headerData(column, Qt.Orientation.Horizontal)
        for column in range(view.rows.columnCount())
    ]
    assert heads[0] == "kind\ntarget, class"
    weight = heads.index("weight\nnumber")
    missing = view.rows.index(2, weight)
    assert missing.data() == "missing"
    assert missing.data(Qt.ItemDataRole.BackgroundRole) is not None
    assert panel.preview.notes.text()


@pytest.mark.parametrize(
    ("source", "view"),
    [
        (Toy(shape="noisy_line"), Scatter),
        (Toy(shape="blobs", classes=5), Scatter),
        (BuiltIn(name="diabetes"), TablePreview),
    ],
)
def test_each_kind_has_its_view(
    qtbot: QtBot, data: LoadedData, panel: DataPanel, source: Source, view: type
) -> None:
    choose(qtbot, panel, data, source)
    assert isinstance(panel.preview.view, view)
    assert panel.preview.classes.isVisibleTo(panel) == (
        data.dataset.targets.task == "classification"
    )  # type: ignore[union-attr]


def test_settings_of_source_and_preparation_are_undo_steps(
    qtbot: QtBot, document: Document, data: LoadedData, panel: DataPanel
) -> None:
    choose(qtbot, panel, data, Toy())
    count = panel.source_form.field("count")
    assert isinstance(count, NumberField)
    count.line.setFocus()
    count.line.selectAll()
    QTest.keyClicks(count.line, "120")
    assert document.undo_stack.text(1) == "Change Count of the data"
    steps = panel.setup_form.field("steps")
    assert isinstance(steps, ListField)
    steps.combo.setFocus()
    QTest.keyClick(steps.combo, Qt.Key.Key_Down)
    next(a for a in steps.add_button.menu().actions() if a.data() == "Standardize").trigger()
    setup = document.project.data
    assert setup is not None
    assert setup.source == Toy(count=120)
    assert setup.steps == (Standardize(),)
    qtbot.waitUntil(lambda: data.state == "ready")
    assert data.dataset is not None
    assert len(data.dataset.samples) == 120
    assert abs(float(data.dataset.train.x.mean())) < 1e-5
    for _ in range(3):
        document.undo_stack.undo()
    assert document.project.data is not None
    assert document.project.data.source == Toy()


def test_a_failure_is_told_in_the_panel(qtbot: QtBot, data: LoadedData, panel: DataPanel) -> None:
    choose(qtbot, panel, data, CsvFile(path="nowhere.csv"))
    assert panel.strip.isVisibleTo(panel)
    assert panel.strip.text.text() == "'nowhere.csv' does not exist."
    assert panel.strip.todo.text()
    assert panel.strip.again.isVisibleTo(panel)
    assert not panel.preview.isVisibleTo(panel)


def test_dropping_a_file_chooses_it(
    qtbot: QtBot, tmp_path: Path, document: Document, data: LoadedData, panel: DataPanel
) -> None:
    panel.dropped.connect(panel.choose_path)
    drop(panel, table_file(tmp_path))
    assert document.project.data is not None
    assert document.project.data.source.kind == "CsvFile"
    qtbot.waitUntil(lambda: data.state != "loading", timeout=30_000)
    assert panel.name.text() == "pets.csv"


def test_dropping_something_else_is_refused_in_words(
    qtbot: QtBot, tmp_path: Path, document: Document, messages: Messages, panel: DataPanel
) -> None:
    file = tmp_path / "song.mp3"
    file.write_bytes(b"la la la")
    panel.dropped.connect(panel.choose_path)
    with qtbot.waitSignal(messages.failed):
        drop(panel, file)
    assert document.project.data is None


def test_paths_inside_the_project_folder_are_relative(
    qtbot: QtBot, tmp_path: Path, document: Document, data: LoadedData, panel: DataPanel
) -> None:
    document.open(Project(), tmp_path / "mine.netsmith")
    panel.choose_path(table_file(tmp_path))
    assert document.project.data is not None
    assert getattr(document.project.data.source, "path", "") == "pets.csv"
    qtbot.waitUntil(lambda: data.state != "loading", timeout=30_000)


def test_change_goes_to_the_gallery_and_back(
    qtbot: QtBot, data: LoadedData, panel: DataPanel
) -> None:
    choose(qtbot, panel, data, Toy())
    QTest.mouseClick(panel.change_button, Qt.MouseButton.LeftButton)
    assert panel.currentIndex() == 0
    assert panel.gallery.back.isVisibleTo(panel)
    QTest.mouseClick(panel.gallery.back, Qt.MouseButton.LeftButton)
    assert panel.currentIndex() == 1


def test_samples_are_spread_over_classes() -> None:
    y = np.array([0, 0, 0, 1, 2, 2])
    samples = Samples(kind="array", x=np.zeros((6, 1)), y=y, task="classification")
    assert spread_over_classes(samples, 4) == [0, 3, 4, 1]


def drop(panel: DataPanel, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    at, left, none = QPointF(20, 20), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, mime, left, none)
    QApplication.sendEvent(panel, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(panel, QDropEvent(at, Qt.DropAction.CopyAction, mime, left, none))


def field_of(panel: DataPanel, name: str) -> ColumnField:
    field = panel.source_form.field(name)
    assert isinstance(field, ColumnField)
    return field


@pytest.fixture
def pets(qtbot: QtBot, tmp_path: Path, data: LoadedData, panel: DataPanel) -> DataPanel:
    panel.choose_path(table_file(tmp_path))
    qtbot.waitUntil(lambda: data.state == "ready", timeout=30_000)
    return panel


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_half_a_name_of_a_target_is_not_taken(document: Document, pets: DataPanel) -> None:
    target = field_of(pets, "target")
    assert [target.combo.itemText(i) for i in range(4)] == ["automatic", "legs", "weight", "kind"]
    assert target.line.placeholderText() == "automatic: kind"
    before = document.project
    QTest.keyClicks(target.combo, "eig")
    assert document.project is before  # nothing counts while one types
    QTest.keyClick(target.combo, Qt.Key.Key_Return)
    assert document.project.data is not None
    assert document.project.data.source.target == "weight"  # the only one that has it
    assert target.line.text() == "weight"


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_an_unknown_target_is_refused_in_its_field(document: Document, pets: DataPanel) -> None:
    target, before = field_of(pets, "target"), document.project
    QTest.keyClicks(target.combo, "height")
    QTest.keyClick(target.combo, Qt.Key.Key_Return)
    assert document.project is before
    assert "“height”, which is not a column" in pets.source_form.message("target")
    QTest.keyClick(target.combo, Qt.Key.Key_Escape)
    assert target.line.text() == ""
    assert pets.source_form.message("target") == ""


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_columns_are_ignored_by_ticking_them_in_one_undo_step(
    qtbot: QtBot, document: Document, data: LoadedData, pets: DataPanel
) -> None:
    ignored = pets.source_form.field("ignored")
    assert isinstance(ignored, ColumnsField)
    QTest.mouseClick(ignored.combo, Qt.MouseButton.LeftButton)
    rows = ignored.list.rows
    assert ignored.list.isVisible()
    assert [row.text for row in rows.rows] == ["legs", "weight", "kind"]
    count = document.undo_stack.count()
    place = rows.visualRect(rows.model().index(0, 0)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.keyClick(rows, Qt.Key.Key_Down)
    QTest.keyClick(rows, Qt.Key.Key_Space)
    QTest.keyClick(rows, Qt.Key.Key_Space)
    assert document.project.data is not None
    assert document.project.data.source.ignored == ("legs",)
    QTest.keyClick(rows, Qt.Key.Key_Escape)
    assert not ignored.list.isVisible()
    assert ignored.combo.currentText() == "legs"
    assert document.undo_stack.count() == count + 1
    qtbot.waitUntil(lambda: data.state == "ready", timeout=30_000)
    # What is ignored is still a column that can be taken in again.
    assert rows.model().rowCount() == 3


def test_columns_are_known_where_the_data_cannot_be_used(
    qtbot: QtBot, tmp_path: Path, data: LoadedData, panel: DataPanel
) -> None:
    rows = "".join(f"{i},{i * 1.5},same\n" for i in range(20))
    (tmp_path / "t.csv").write_text(f"a,b,c\n{rows}", encoding="utf-8")
    choose(qtbot, panel, data, CsvFile(path=str(tmp_path / "t.csv"), target="c"))
    assert data.state == "failed"
    assert data.columns == ("a", "b", "c")
    assert field_of(panel, "target").combo.count() == 4
