"""A layer type on its way from the palette to the canvas."""

from __future__ import annotations

from PySide6.QtCore import QMimeData

from app.widgets.offers import block_in
from engine.layers import Layer

LAYER_MIME = "application/x-netsmith-layer"
_MAX_NAME = 200


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
