"""Icons in the color of the text, and buttons that carry one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QToolButton, QWidget

from app import theme


def icon(name: str, tone: str = "text") -> QIcon:
    """An icon of qtawesome (``"fa6s.plus"``) in one of the theme's colors.

    Ask again when the scheme changes; the icon keeps the color it was made with.
    """
    # The icon fonts take a tenth of a second, which the command line need not pay.
    import qtawesome

    found: QIcon = qtawesome.icon(
        name,
        color=theme.color(tone),
        color_disabled=theme.color("border"),
    )
    return found


class IconButton(QToolButton):
    """A small flat button with an icon that follows the color scheme."""

    def __init__(
        self, name: str, tip: str, parent: QWidget | None = None, *, tone: str = "muted"
    ) -> None:
        super().__init__(parent)
        self._name, self._tone = name, tone
        self.setAutoRaise(True)
        self.setIconSize(QSize(16, 16))
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()
        super().changeEvent(event)

    def _draw(self) -> None:
        self.setIcon(icon(self._name, self._tone))
