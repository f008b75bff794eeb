"""A ring around a node that draws the eye to it and fades."""

from __future__ import annotations

from PySide6.QtCore import QObject, QVariantAnimation

from app.canvas.scene import CanvasScene

_LASTS_MS = 1400


class Flash(QObject):
    """Lets one node at a time flash."""

    def __init__(self, parent: QObject, scene: CanvasScene) -> None:
        super().__init__(parent)
        self._scene, self._node = scene, ""
        self._fading = QVariantAnimation(self)
        self._fading.setStartValue(1.0)
        self._fading.setEndValue(0.0)
        self._fading.setDuration(_LASTS_MS)
        self._fading.valueChanged.connect(self._show)

    def at(self, node: str, *, moves: bool) -> None:
        """Let a node flash, and no other; nothing flashes where nothing may move."""
        self._fading.stop()
        self._show(0.0)
        self._node = node
        if moves:
            self._fading.start()

    def _show(self, strength: object) -> None:
        item = self._scene.nodes.get(self._node)
        if item is not None and isinstance(strength, float):
            item.show_flash(strength)
