"""A drag from the palette: over the canvas the node is seen in place of the drag's picture."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QRasterWindow
from PySide6.QtWidgets import QApplication

from app.canvas.node_item import GhostItem
from app.widgets.layer_drag import mime_of
from tests.app.canvas.conftest import LEFT, NO_KEYS, Hands


class QShapedPixmapWindow(QRasterWindow):
    """Stands in for Qt's window of that name: the offscreen platform carries out no drags."""


def ghosts(hands: Hands) -> list[GhostItem]:
    return [each for each in hands.scene.items() if type(each) is GhostItem]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_over_the_canvas_only_the_node_is_seen(hands: Hands) -> None:
    picture = QShapedPixmapWindow()
    picture.show()
    mime, port, at = mime_of("Dense"), hands.view.viewport(), QPoint(300, 300)
    held = (Qt.DropAction.CopyAction, mime, LEFT, NO_KEYS)
    for _ in range(2):
        QApplication.sendEvent(port, QDragEnterEvent(at, *held))
        QApplication.sendEvent(port, QDragMoveEvent(at, *held))
        assert ghosts(hands)
        assert not picture.isVisible()
        QApplication.sendEvent(port, QDragLeaveEvent())
        assert not ghosts(hands)
        assert picture.isVisible()
    picture.close()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_picture_of_what_is_refused_stays(hands: Hands) -> None:
    picture = QShapedPixmapWindow()
    picture.show()
    assert not hands.drop(mime_of("NoSuchLayer"), hands.middle("conv2d"))
    assert picture.isVisible()
    picture.close()
