"""A layer type on its way from the palette to the canvas."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from app.widgets.offers import block_in
from engine.layers import Layer

LAYER_MIME = "application/x-netsmith-layer"
_MAX_NAME = 200
_PICTURE = "QShapedPixmapWindow"
"""Qt's class of the window that carries a drag's picture; no API gives access to it, and the
picture that is set while a drag goes on is not shown."""


def mime_of(kind: str) -> QMimeData:
    """What a drag of this layer type carries."""
    data = QMimeData()
    data.setData(LAYER_MIME, kind.encode())
    return data


def kind_in(data: QMimeData) -> str | None:
    """The layer type or block that a drag carries; None if it carries no known type."""
    if not data.hasFormat(LAYER_MIME):
        return None
    raw = bytes(data.data(LAYER_MIME).data())
    kind = raw[:_MAX_NAME].decode("utf-8", errors="replace")
    return kind if kind in Layer.kinds or block_in(kind) else None


def show_picture(shown: bool) -> None:
    """Show or hide the picture at the cursor while a drag goes on.

    Where the desktop draws it, on Windows, macOS and Wayland, it stays.
    """
    for window in QGuiApplication.allWindows():
        if window.metaObject().className() == _PICTURE:
            window.setVisible(shown)
