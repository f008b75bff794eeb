"""The data panel: choose data, see it, say how it is prepared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.data_view.gallery import Gallery
from app.data_view.loading_strip import LoadingStrip
from app.data_view.preview import Preview
from app.document import Document, edits
from app.document.data import LoadedData
from app.document.data_name import source_name
from app.messages import Messages
from app.settings import Settings
from app.widgets.column_fields import ColumnField, ColumnsField
from app.widgets.dropped import dropped_path
from app.widgets.labels import ToneLabel
from app.widgets.scroll import VerticalScroll
from app.widgets.section import Section
from app.widgets.spec_form import SpecForm
from engine.data import Dataset, DataSetup, Source
from engine.data.sources import suggest_source
from engine.errors import EngineError

FILE_KINDS = "Data (*.csv *.tsv *.txt *.tab *.data *.parquet *.npz *.gz *-ubyte);;All files (*)"


class DataPanel(QStackedWidget):
    """Shows the data of the document, or the gallery where it is chosen.

    Signals:
        edited(gesture): the user took other data, or changed how it is read or prepared;
            the window lets the network follow it within the same undo step.
        dropped(Path): a file or folder; the window decides what it is for.
    """

    edited = Signal(object)
    dropped = Signal(object)

    def __init__(
        self,
        document: Document,
        data: LoadedData,
        messages: Messages,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._data = document, data
        self._messages, self._settings = messages, settings
        self.gallery = Gallery()
        self.name = ToneLabel("", "text", bold=True)
        self.change_button = QPushButton("Change…")
        self.strip = LoadingStrip(data)
        self.preview = Preview()
        self.source_form = SpecForm(title="Source settings")
        self.setup_form = SpecForm(title="Preparation", hidden=("source",))
        self._gallery_page = VerticalScroll(self.gallery)
        self._data_page = VerticalScroll(self._lay_out_data())
        self.addWidget(self._gallery_page)
        self.addWidget(self._data_page)
        self.setAcceptDrops(True)
        self.gallery.chosen.connect(self.choose)
        self.gallery.fileWanted.connect(self.open_file)
        self.gallery.folderWanted.connect(self.open_folder)
        self.gallery.backWanted.connect(self._show_data_page)
        self.change_button.clicked.connect(self.show_gallery)
        self.source_form.edited.connect(self._source_edited)
        self.setup_form.edited.connect(self._setup_edited)
        data.changed.connect(self.refresh)
        document.changed.connect(self._project_changed)
        document.replaced.connect(self._start_over)
        self._start_over()

    def choose(self, source: Source) -> None:
        """Take data from this source, as one undo step."""
        setup, gesture = DataSetup(source=source), object()
        project = edits.choose_data(self._document.project, setup)
        self._document.do(f"Choose data: {source_name(source)}", project, gesture)
        self._show_data_page()
        self.edited.emit(gesture)

    def choose_path(self, path: Path) -> None:
        """Take data from a file or folder, read in the way that suits it."""
        source = self.source_at(path)
        if source is not None:
            self.choose(source)

    def source_at(self, path: Path) -> Source | None:
        """What reads a file or folder; None, with a message, where nothing does."""
        try:
            return self._relative(suggest_source(path))
        except EngineError as error:
            self._messages.error(error)
            return None

    def open_file(self) -> None:
        """Ask for a file, and take it."""
        chosen = self.file_to_open()
        if chosen is not None:
            self.choose_path(chosen)

    def open_folder(self) -> None:
        """Ask for a folder, and take it."""
        chosen = self.folder_to_open()
        if chosen is not None:
            self.choose_path(chosen)

    def file_to_open(self) -> Path | None:
        """Ask for a file; None for none."""
        folder = str(self._settings.data_folder)
        chosen, _ = QFileDialog.getOpenFileName(self, "Open data", folder, FILE_KINDS)
        return self._remembered(chosen)

    def folder_to_open(self) -> Path | None:
        """Ask for a folder; None for none."""
        folder = str(self._settings.data_folder)
        chosen = QFileDialog.getExistingDirectory(self, "Open a folder of data", folder)
        return self._remembered(chosen)

    def _remembered(self, chosen: str) -> Path | None:
        if not chosen:
            return None
        self._settings.data_folder = Path(chosen).parent
        return Path(chosen)

    def show_gallery(self) -> None:
        """Offer other data; the present stays until another is chosen."""
        self.gallery.back.setVisible(self._document.project.data is not None)
        self.setCurrentWidget(self._gallery_page)

    def refresh(self) -> None:
        """Show the document's data as it is now."""
        setup, dataset = self._document.project.data, self._data.dataset
        if setup is None:
            self.preview.forget()
            self.show_gallery()
            return
        self.name.setText(source_name(setup.source))
        self.source_form.show_spec(setup.source)
        self._source_section.setVisible(bool(type(setup.source).model_fields))
        self.setup_form.show_spec(setup)
        self.preview.setVisible(dataset is not None)
        if dataset is not None:
            self.preview.show_dataset(dataset)
        else:
            self.preview.forget()
        if not self._data.is_loading:
            self._offer_columns(dataset)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.dropped.emit(path)

    def _lay_out_data(self) -> QWidget:
        self._source_section = Section("Source", self.source_form)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(10)
        head = QHBoxLayout()
        column.addLayout(head)
        head.addWidget(self.name, 1)
        head.addWidget(self.change_button)
        # Above what comes and goes with the data: a field that is used must not move away.
        column.addWidget(self._source_section)
        column.addWidget(self.strip)
        column.addWidget(self.preview)
        column.addWidget(Section("Preparation", self.setup_form))
        column.addStretch(1)
        return page

    def _show_data_page(self) -> None:
        self.refresh()
        self.setCurrentWidget(self._data_page)

    def _start_over(self) -> None:
        if self._document.project.data is None:
            self.refresh()
        else:
            self._show_data_page()

    def _project_changed(self, before: Any) -> None:
        now = self._document.project.data
        if before.data is now:
            return
        if before.data is None:  # also by undo and redo
            self._show_data_page()
        else:
            self.refresh()

    def _source_edited(self, name: str, value: object) -> None:
        setup = self._document.project.data
        if setup is None:
            return
        label = type(setup.source).settings()[name].label
        self._adopt(f"Change {label} of the data", source=setup.source.changed(**{name: value}))

    def _setup_edited(self, name: str, value: object) -> None:
        label = DataSetup.settings()[name].label
        self._adopt(f"Change {label} of the data", **{name: value})

    def _adopt(self, label: str, **settings: object) -> None:
        setup = self._document.project.data
        if setup is None:
            return
        try:
            project = edits.choose_data(self._document.project, setup.changed(**settings))
        except EngineError as error:
            self._messages.error(error)
            return
        form = self.source_form if "source" in settings else self.setup_form
        gesture = form.gesture
        self._document.do(label, project, gesture)
        self.edited.emit(gesture)

    def _offer_columns(self, dataset: Dataset | None) -> None:
        """List the columns of a table where one is to be named."""
        setup = self._document.project.data
        if setup is None:
            return
        for setting in type(setup.source).settings().values():
            if setting.column:
                field = self.source_form.field(setting.name)
                is_target = setting.name == "target" and dataset is not None
                taken = dataset.samples.target_name if dataset and is_target else ""
                assert isinstance(field, ColumnField | ColumnsField)
                field.offer(self._data.columns, taken)

    def _relative(self, source: Source) -> Source:
        """The source with its path told from the project's folder, if it lies in there."""
        path, project = getattr(source, "path", ""), self._document.path
        if not path or project is None or not Path(path).is_relative_to(project.parent.absolute()):
            return source
        inside = Path(path).relative_to(project.parent.absolute())
        return source.changed(path=inside.as_posix())
