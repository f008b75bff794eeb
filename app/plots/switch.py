"""A small button that stays down."""

from __future__ import annotations

from PySide6.QtWidgets import QToolButton, QWidget


def switch(text: str, parent: QWidget) -> QToolButton:
    """A flat checkable button."""
    button = QToolButton(parent)
    button.setText(text)
    button.setCheckable(True)
    button.setAutoRaise(True)
    return button
