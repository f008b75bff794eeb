"""Another program that files are dragged from, like a file manager.

Each line of stdin is a JSON list of absolute paths. They are shown as an icon, whose place is
written to stdout; once it was dragged somewhere, what the other program answered is.
"""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QMimeData, QPoint, QSocketNotifier, Qt, QUrl
from PySide6.QtGui import QDrag, QGuiApplication, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

SIZE = 40


class Icon(QWidget):
    """A small window above all others; dragging it offers the files."""

    def __init__(self) -> None:
        # As a tool tip the window manager neither places it nor gives it the focus.
        super().__init__(None, Qt.WindowType.ToolTip | Qt.WindowType.WindowStaysOnTopHint)
        self._paths: list[str] = []
        self._is_told = self._is_dragged = False
        screen = QGuiApplication.primaryScreen().geometry()
        self.setGeometry(screen.right() - SIZE, screen.bottom() - SIZE, SIZE, SIZE)
        self._stdin = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, self)
        self._stdin.activated.connect(self._read)

    def _read(self) -> None:
        line = sys.stdin.readline()
        if not line:
            self._stdin.setEnabled(False)
            QApplication.quit()
            return
        self._paths = json.loads(line)
        self._is_told = self._is_dragged = False
        self.hide()
        self.show()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_dragged:
            return
        self._is_dragged = True
        drag, mime = QDrag(self), QMimeData()
        mime.setUrls([QUrl.fromLocalFile(path) for path in self._paths])
        drag.setMimeData(mime)
        drag.setHotSpot(QPoint(0, 0))
        answer = drag.exec(Qt.DropAction.CopyAction)
        self.hide()
        _tell("copy" if answer == Qt.DropAction.CopyAction else "refused")

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), Qt.GlobalColor.darkCyan)
        if not self._is_told:
            # It is on the screen now and can be pressed.
            self._is_told = True
            at = self.geometry().center()
            _tell(f"{at.x()} {at.y()}")


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    icon = Icon()
    sys.exit(app.exec())
