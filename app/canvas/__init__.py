"""The canvas: where the network is drawn and edited."""

from app.canvas.view import CanvasView

__all__ = ["CanvasView"]
