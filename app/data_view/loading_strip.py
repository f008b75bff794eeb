"""How far loading is, with a way to stop it; or why it failed, with a way to try again."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.document.data import LoadedData
from app.widgets.labels import ToneLabel


class LoadingStrip(QWidget):
    """Follows the data; it hides when there is nothing to say."""

    def __init__(self, data: LoadedData, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data = data
        self.text = ToneLabel("", "text")
        self.todo = ToneLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.cancel = QPushButton("Cancel")
        self.again = QPushButton("Try again")
        self.cancel.clicked.connect(data.cancel)
        self.again.clicked.connect(data.reload)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.text)
        column.addWidget(self.todo)
        row = QHBoxLayout()
        column.addLayout(row)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        row.addWidget(self.again)
        row.addStretch(0)
        data.changed.connect(self.refresh)
        data.progressed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show how loading stands."""
        state, error, progress = self._data.state, self._data.error, self._data.progress
        loading, failed = state == "loading", state == "failed"
        self.setVisible(loading or failed)
        self.bar.setVisible(loading)
        self.cancel.setVisible(loading)
        self.again.setVisible(failed)
        self.todo.setVisible(failed and error is not None and bool(error.fix))
        self.text.set_tone("bad" if failed else "muted")
        if failed and error is not None:
            self.text.setText(error.what)
            self.todo.setText(error.fix)
        elif loading:
            # Of a single step nobody can see how far it is: the bar just moves.
            self.bar.setRange(0, progress.total if progress.total > 1 else 0)
            self.bar.setValue(progress.done)
            self.text.setText(f"Loading {progress.what}…" if progress.what else "Loading…")
