"""All keys at a glance, made from the table of commands."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from app.actions import COMMANDS, native
from app.widgets.labels import Heading
from app.widgets.scroll import VerticalScroll

MOUSE = (
    ("Add a layer", "drag it from the palette, or double-click the canvas"),
    ("Insert into a wire", "drop a layer on the wire"),
    ("Connect", "drag from port to port"),
    ("Take a wire over", "drag it off an input"),
    ("Select several", "drag a box; Shift adds, Ctrl toggles"),
    ("Pan", "middle button, Space and drag, or two fingers"),
    ("Zoom", "mouse wheel"),
    ("Cancel a gesture", "Esc"),
)


class ShortcutsDialog(QDialog):
    """Two columns: what, and which key or gesture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard and mouse")
        page = QWidget()
        grid = QGridLayout(page)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.setContentsMargins(16, 12, 16, 12)
        rows: list[tuple[str, str] | str] = []
        for menu in dict.fromkeys(command.menu for command in COMMANDS):
            rows.append(menu.replace("&", ""))
            rows += [
                (command.words, native(command.keys))
                for command in COMMANDS
                if command.menu == menu and command.keys
            ]
        rows += ["Mouse", *MOUSE]
        for place, row in enumerate(rows):
            if isinstance(row, str):
                grid.addWidget(Heading(row), place, 0, 1, 2)
            else:
                grid.addWidget(QLabel(row[0]), place, 0)
                grid.addWidget(QLabel(row[1]), place, 1)
        grid.setColumnStretch(1, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.addWidget(VerticalScroll(page), 1)
        column.addWidget(buttons)
        self.resize(520, 620)
