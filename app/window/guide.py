"""The user guide in a window of its own; it is read from the disk, never from the network."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, Qt, QUrl
from PySide6.QtGui import QImage, QResizeEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QTextBrowser,
    QWidget,
)

from app.widgets.rows import Row, RowList

_ROOT = Path(__file__).resolve().parents[2]
_EDGE, _SLACK = 20, 8
_CONTENTS = 190
BACK = "‹ User guide"


def guide_path() -> Path:
    """Where the guide is: beside the program's source, or where a wheel puts it.

    Raises:
        FileNotFoundError: the program was installed without it.
    """
    shared = Path("share") / "netsmith"
    folders = (_ROOT / "docs", _ROOT / shared, Path(sysconfig.get_path("data")) / shared)
    for folder in folders:
        if (path := folder / "guide.md").is_file():
            return path
    raise FileNotFoundError("the guide is not installed")


class GuideWindow(QDialog):
    """The guide with its headings beside it; stays open beside the work."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.setWindowTitle("User guide")
        self.page = _Page()
        self.contents = RowList()
        self.contents.setFrameShape(QFrame.Shape.NoFrame)
        self.contents.setFixedWidth(_CONTENTS)
        self.contents.setSpacing(3)
        self.contents.setViewportMargins(8, 12, 0, 0)
        self.contents.viewport().setAutoFillBackground(False)
        self.contents.setAccessibleName("Contents of the guide")
        self.contents.clicked.connect(self._go_to)
        self.contents.activated.connect(self._go_to)
        self.page.anchorClicked.connect(self._follow)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.contents)
        row.addWidget(self.page, 1)
        self.resize(980, 720)

    def open_guide(self) -> None:
        """Show the guide, where it was left."""
        if not self.contents.rows:
            self._read(guide_path())
        self.show()
        self.activateWindow()
        self.page.setFocus(Qt.FocusReason.PopupFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and self.page.path is not None:
            self._read(self.page.path)  # links have the color that they were read with
        super().changeEvent(event)

    def _read(self, path: Path) -> None:
        self.page.show_file(path)
        rows = [Row(BACK)] if path != guide_path() else []
        block = self.page.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() == 2:
                rows.append(Row(block.text(), block.blockNumber()))
            block = block.next()
        self.contents.show_rows(rows)

    def _follow(self, link: QUrl) -> None:
        """Show another page of the guide; what is elsewhere is not opened."""
        path = guide_path().with_name(link.fileName())
        if link.isRelative() and path.suffix == ".md" and path.is_file():
            self._read(path)
            self.page.verticalScrollBar().setValue(0)

    def _go_to(self, index: QModelIndex) -> None:
        page, row = self.page, self.contents.row_at(index)
        if row is None:
            return
        if row.value is None:
            self._read(guide_path())
            return
        block = page.document().findBlockByNumber(row.value)
        page.setTextCursor(QTextCursor(block))
        top = page.document().documentLayout().blockBoundingRect(block).top()
        page.verticalScrollBar().setValue(int(top) - _EDGE // 2)


class _Page(QTextBrowser):
    """A Markdown file; its pictures are never wider than the page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        self._pictures: dict[str, QImage] = {}
        self.setOpenLinks(False)  # the window follows them
        # The pictures' width must not depend on whether there is a bar.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("User guide")

    def show_file(self, path: Path) -> None:
        """Show a Markdown file with the pictures beside it."""
        self.path = path
        place = self.verticalScrollBar().value()
        self.document().setDocumentMargin(_EDGE)
        self.setMarkdown(path.read_text(encoding="utf-8"))
        self.verticalScrollBar().setValue(place)

    def loadResource(self, type: int, name: QUrl | str) -> Any:
        address = name.toString() if isinstance(name, QUrl) else name
        if type != QTextDocument.ResourceType.ImageResource or self.path is None:
            return None  # nothing else is part of the guide, and nothing comes from elsewhere
        if address not in self._pictures:
            self._pictures[address] = QImage(str(self.path.parent / address))
        picture, room = self._pictures[address], self.viewport().width() - 2 * _EDGE - _SLACK
        if picture.width() <= room or room < 1:
            return picture
        return picture.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.path is not None and event.size().width() != event.oldSize().width():
            self.show_file(self.path)
