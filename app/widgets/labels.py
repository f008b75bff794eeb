"""Labels that follow the theme: muted text, complaints, headings, and hints on empty panels."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app import theme
from app.widgets.icons import icon

if TYPE_CHECKING:
    _Widget = QWidget
else:
    _Widget = object  # PySide takes one Qt class among the bases


class _Toned(_Widget):
    """A widget whose words have one of the theme's colors, whatever the scheme."""

    _role: ClassVar[QPalette.ColorRole]

    def set_tone(self, tone: str) -> None:
        """Take another of the theme's colors, a name in :class:`app.theme.Colors`."""
        self._tone = tone
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        wanted, palette = theme.color(self._tone), QPalette(self.palette())
        # Setting a palette sends the event that leads here.
        if palette.color(self._role) != wanted:
            palette.setColor(self._role, wanted)
            self.setPalette(palette)


class ToneLabel(_Toned, QLabel):
    """Wrapped text in one of the theme's colors, whatever the scheme.

    Args:
        tone: a name in :class:`app.theme.Colors`.
        scale: the size of the text, 1 being the program's.
    """

    _role = QPalette.ColorRole.WindowText

    def __init__(
        self,
        text: str = "",
        tone: str = "muted",
        *,
        scale: float = 1.0,
        bold: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._tone = tone
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        # Within an editor it would take the editor's role.
        self.setForegroundRole(QPalette.ColorRole.WindowText)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * scale)
        font.setBold(bold)
        self.setFont(font)
        self._tint()


class ToneButton(_Toned, QPushButton):
    """A flat button whose words have one of the theme's colors, whatever the scheme."""

    _role = QPalette.ColorRole.ButtonText

    def __init__(self, text: str = "", tone: str = "text", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._tone = tone
        self.setFlat(True)
        self._tint()


class Heading(ToneLabel):
    """The title of a section of a panel."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, "text", bold=True, parent=parent)


class EmptyHint(QWidget):
    """What an empty panel says: an icon, what belongs here, and how to get it.

    Attributes:
        button: what gets it at once; hidden until it has a text.
    """

    def __init__(
        self, icon_name: str, title: str, text: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._picture = QLabel(self)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title = ToneLabel(title, "text", bold=True)
        self.text = ToneLabel(text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(6)
        layout.addStretch(1)
        layout.addWidget(self._picture)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        self.button = QPushButton(self)
        self.button.hide()
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()
        super().changeEvent(event)

    def _draw(self) -> None:
        self._picture.setPixmap(icon(self._icon_name, "muted").pixmap(32, 32))
