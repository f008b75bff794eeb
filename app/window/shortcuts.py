"""All keys and gestures at a glance, made from the tables of commands and gestures."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.actions import COMMANDS, native
from app.gestures import GESTURES
from app.widgets.labels import Heading, ToneLabel
from app.widgets.scroll import VerticalScroll

Row = tuple[str, str]


def sections() -> Iterator[tuple[str, list[Row]]]:
    """What is listed: a heading, and what is done how; gestures first, then the menus."""
    for section in dict.fromkeys(each.section for each in GESTURES):
        yield section, [(each.what, each.how) for each in GESTURES if each.section == section]
    for menu in dict.fromkeys(command.menu for command in COMMANDS):
        rows = [
            (command.words, native(command.keys))
            for command in COMMANDS
            if command.menu == menu and command.keys
        ]
        if rows:
            yield f"Menu {menu.replace('&', '')}", rows


class ShortcutsDialog(QDialog):
    """Two columns: what, and which key or gesture; typing filters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and gestures")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search keys and gestures")
        self.field.setAccessibleName("Search keys and gestures")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._filter)
        self._nothing = ToneLabel()
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.hide()
        self._groups: list[tuple[Heading, list[tuple[QLabel, QLabel]]]] = []
        page = QWidget()
        self._fill(QGridLayout(page))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 8)
        column.addWidget(self.field)
        column.addWidget(VerticalScroll(page), 1)
        column.addWidget(self._nothing)
        column.addWidget(buttons)
        self.resize(620, 680)

    @property
    def shown(self) -> list[Row]:
        """The rows that are in sight."""
        rows = [row for _, group in self._groups for row in group]
        return [(what.text(), how.text()) for what, how in rows if not what.isHidden()]

    def _fill(self, grid: QGridLayout) -> None:
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.setContentsMargins(8, 4, 8, 12)
        place = 0
        for title, rows in sections():
            heading = Heading(title)
            heading.setContentsMargins(0, 10 if place else 0, 0, 2)
            grid.addWidget(heading, place, 0, 1, 2)
            group = [(ToneLabel(what, "text"), ToneLabel(how)) for what, how in rows]
            for what, how in group:
                place += 1
                grid.addWidget(what, place, 0)
                grid.addWidget(how, place, 1)
            self._groups.append((heading, [*group]))
            place += 1
        grid.setRowStretch(place, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)

    def _filter(self, text: str) -> None:
        wanted = text.casefold().split()
        found = False
        for heading, group in self._groups:
            some = False
            for what, how in group:
                row = f"{heading.text()} {what.text()} {how.text()}".casefold()
                fits = all(word in row for word in wanted)
                what.setVisible(fits)
                how.setVisible(fits)
                some = some or fits
            heading.setVisible(some)
            found = found or some
        self._nothing.setText(f"No match for “{text.strip()[:40]}”.")
        self._nothing.setVisible(not found)
