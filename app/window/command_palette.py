"""All commands in a search box: what they do, their keys, and why one cannot be used now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)
from shiboken6 import isValid

from app import theme
from app.actions import COMMANDS, Actions, Command, command_named, native
from app.settings import Settings
from app.widgets.rows import VALUE, Row
from app.widgets.search_box import SearchBox

_SIZE = QSize(480, 420)
_ROW = 44
_TOP = 70


@dataclass(frozen=True)
class _Offer:
    """A command, and why it cannot be used now; empty if it can."""

    command: Command
    why_not: str


class CommandPalette(SearchBox):
    """Offers every command of the table, the last used first."""

    def __init__(
        self,
        actions: Actions,
        settings: Settings,
        refresh: Callable[[], None],
        parent: QWidget,
    ) -> None:
        """Make it, closed.

        Args:
            refresh: enables and disables the actions as they are to be now.
        """
        super().__init__(parent, _SIZE, "Search commands")
        self._actions, self._settings, self._refresh = actions, settings, refresh
        self._before: QWidget | None = None
        self._chosen = ""
        self.setAccessibleName("Commands")
        self.use_rows(_CommandRow(self.list))
        self.list.rowChanged.connect(self._explain)
        self.closed.connect(self._give_back_focus)

    def open(self) -> None:
        """Open at the top of the window, in the middle."""
        parent = self.parentWidget()
        assert parent is not None
        self._refresh()
        self._before = QApplication.focusWidget()
        self.show_near(QPoint((parent.width() - self.width()) // 2, _TOP), "")

    def found(self, text: str) -> list[Row]:
        recent = self._settings.recent_commands
        ranked = [(rank, command) for command in COMMANDS if (rank := _rank(text, command)) < 9]
        rows = [
            (rank, bool(self._actions.why_not(command)), _place(command.name, recent), command)
            for rank, command in ranked
            if command.name != "command_palette"
        ]
        return [self._row(command) for *_, command in sorted(rows, key=lambda row: row[:3])]

    def nothing_found(self, text: str) -> str:
        return f"No command matches “{text}”."

    def may_take(self, row: Row) -> bool:
        return not row.value.why_not

    def choose(self, row: Row) -> None:
        self._chosen = row.value.command.name
        self._settings.add_recent_command(self._chosen)
        # Once the focus is back: a command may ask where it is, or open a box of its own.
        QTimer.singleShot(0, self._carry_out)

    def _row(self, command: Command) -> Row:
        why = self._actions.why_not(command)
        description = f"{native(command.keys)} {why or command.tip}".strip()
        return Row(command.words, _Offer(command, why), description=description)

    def _explain(self, row: Row | None) -> None:
        why = row.value.why_not if row is not None else ""
        self.words.setText(why or "Enter runs · Esc closes")

    def _carry_out(self) -> None:
        self._actions[self._chosen].trigger()

    def _give_back_focus(self) -> None:
        # What had the focus may be gone: a form is rebuilt, a dialog closed.
        if self._before is not None and isValid(self._before) and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
        self._before = None


def _rank(text: str, command: Command) -> int:
    """How well a command matches; 9 if it does not."""
    wanted = text.casefold().split()
    name = command.words.casefold()
    initials = "".join(word[0] for word in name.split())
    rest = f"{name} {command.menu} {command.tip} {native(command.keys)}".casefold()
    tests = (
        not wanted or name == " ".join(wanted),
        name.startswith(" ".join(wanted)),
        all(any(each.startswith(word) for each in name.split()) for word in wanted),
        "".join(wanted) == initials,
        all(word in name for word in wanted),
        all(word in rest.replace("&", "") for word in wanted),
    )
    return tests.index(True) if True in tests else 9


def _place(name: str, recent: tuple[str, ...]) -> int:
    if name in recent:
        return recent.index(name)
    return len(recent) + COMMANDS.index(command_named(name))


class _CommandRow(QStyledItemDelegate):
    """A command with its key; below it what it does, or why it cannot be used now."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(200, _ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        c = theme.colors()
        offer: _Offer = index.data(VALUE)
        command, why = offer.command, offer.why_not
        row = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            ground = QColor(c.accent if chosen and not why else c.muted)
            ground.setAlphaF(0.24 if chosen else 0.12)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), 6, 6)
        inside = row.adjusted(10, 5, -10, -5)
        upper = QRectF(inside.left(), inside.top(), inside.width(), inside.height() * 0.54)
        lower = QRectF(
            inside.left(), upper.bottom(), inside.width(), inside.bottom() - upper.bottom()
        )
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        small = QFont(option.font)
        small.setPointSizeF(small.pointSizeF() * 0.86)
        painter.setPen(QColor(c.muted))
        painter.setFont(small)
        painter.drawText(
            upper,
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
            native(command.keys),
        )
        words = QFontMetricsF(small).elidedText(
            why or command.tip, Qt.TextElideMode.ElideRight, lower.width()
        )
        painter.setPen(QColor(c.warning if why else c.muted))
        painter.drawText(lower, left, words)
        painter.setPen(QColor(c.muted if why else c.text))
        painter.setFont(option.font)
        painter.drawText(upper, left, command.words)
        painter.restore()
