"""Runs the real program, watched: ``python -m tests.desk.inside FD [PROJECT]``.

Besides watching it answers questions that come over a socket, so that a test needs
neither fixed pixels nor fixed times: where things are, and what state they are in.
"""

from __future__ import annotations

import faulthandler
import json
import os
import socket
import sys
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, QSocketNotifier
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QFrame,
    QLabel,
    QMenu,
    QMenuBar,
    QTabBar,
    QWidget,
)

import main
from app import main_window
from tests.desk.watch import SizeWatch, TurnWatch, watch_messages

Answer = dict[str, Any]
MANY_ROWS = 60


class Answers(QObject):
    """Answers each line of JSON ``[question, argument]`` with a line of JSON."""

    def __init__(self, connection: socket.socket, parent: QObject) -> None:
        super().__init__(parent)
        self._connection, self._rest = connection, b""
        self._notifier = QSocketNotifier(connection.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        found = QApplication.topLevelWidgets()
        self.window = next(each for each in found if isinstance(each, main_window.MainWindow))
        servers = [int(id) for id in os.environ["DESK_SERVERS"].split()]
        self.turns, self.sizes = TurnWatch(servers, self), SizeWatch(self)

    def _read(self) -> None:
        got = self._connection.recv(65536)
        if not got:
            self._notifier.setEnabled(False)
            return
        *lines, self._rest = (self._rest + got).split(b"\n")
        for line in lines:
            answer = {"state": self.state, "spots": self.spots}[json.loads(line)]()
            self._connection.sendall(json.dumps(answer).encode() + b"\n")

    def state(self) -> Answer:
        """Return what project, data and run are like now."""
        window = self.window
        document, project = window.document, window.document.project
        active, focus = QApplication.activeWindow(), QApplication.focusWidget()
        modal, popup = QApplication.activeModalWidget(), QApplication.activePopupWidget()
        return {
            "page": window.pages.currentWidget().objectName() or "workspace",
            "nodes": {id: type(node.layer).__name__ for id, node in project.graph.nodes.items()},
            "edges": [[edge.source, edge.target] for edge in project.graph.edges],
            "problems": [problem.what for problem in document.all_problems],
            "reason": window.workbench.reason_not_ready,
            "undo": document.undo_stack.index(),
            "path": str(document.path or ""),
            "modified": window.isWindowModified(),
            "level": list(document.level),
            "data": window.data.state,
            "source": project.data.source.kind if project.data else "",
            "run": str(window.session.state),
            "epochs": len(window.session.history),
            "trained": window.session.network is not None,
            "selected": sorted(document.selection.nodes),
            "title": _name(window),
            "window": _name(active),
            "focus": _text(focus) if focus else "",
            "modal": _name(modal),
            "popup": _name(popup),
            "status": window.statusBar().currentMessage(),
            "banner": window.banner.isVisible(),
        }

    def spots(self) -> list[Answer]:
        """Return everything that can be seen and pressed, with its place on the screen."""
        return [*self._widgets(), *self._nodes()]

    def _widgets(self) -> Iterator[Answer]:
        shut = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        for widget in QApplication.allWidgets():
            if not widget.isVisible() or (shut and not _belongs(widget, shut)):
                continue
            # What a view shows is on its viewport, which covers it.
            area = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
            seen = area.visibleRegion().boundingRect()
            if seen.isEmpty():
                continue
            yield _spot(_kind(widget), _text(widget), area, seen, widget.isEnabled())
            if isinstance(widget, QTabBar):
                for i in range(widget.count()):
                    place = widget.tabRect(i) & seen
                    yield _spot("tab", widget.tabText(i), widget, place)
            elif isinstance(widget, QMenu | QMenuBar):
                for action in widget.actions():
                    if action.isVisible() and not action.isSeparator():
                        text, place = _words(action.text()), widget.actionGeometry(action)
                        yield _spot("item", text, widget, place, action.isEnabled())
            elif isinstance(widget, QAbstractItemView):
                yield from _rows(widget)

    def _nodes(self) -> Iterator[Answer]:
        canvas = self.window.canvas
        port = canvas.viewport()
        if not port.isVisible() or QApplication.activeModalWidget():
            return
        for id, node in canvas.canvas_scene.nodes.items():
            places = {"node": (id, node.card), "output": (id, QRectF(node.output, QSize(1, 1)))}
            for number, at in node.inputs().items():
                places[f"input {number}"] = id, QRectF(at, QSize(1, 1))
            for kind, (text, rect) in places.items():
                seen = canvas.mapFromScene(rect).boundingRect() & port.rect()
                if not seen.isEmpty():
                    yield _spot(kind, text, port, seen)


def _rows(view: QAbstractItemView) -> Iterator[Answer]:
    model, port = view.model(), view.viewport()
    if model is None:
        return
    # A tree's rows lie one below the other as well: ask what is at each place of the view.
    y, known = 1, 0
    while y < port.height() and known < MANY_ROWS:
        index = view.indexAt(QPoint(4, y))
        if not index.isValid():
            index = view.indexAt(QPoint(port.width() // 2, y))
        if not index.isValid():
            break
        place = view.visualRect(index)
        yield _spot("row", str(index.data() or ""), port, place & port.rect())
        y, known = max(place.bottom() + 2, y + 4), known + 1


def _spot(kind: str, text: str, on: QWidget, place: QRect, enabled: bool = True) -> Answer:
    corner = on.mapToGlobal(place.topLeft())
    return {
        "kind": kind,
        "text": text,
        "rect": [corner.x(), corner.y(), place.width(), place.height()],
        "enabled": enabled,
        "window": _name(on.window()),
    }


def _kind(widget: QWidget) -> str:
    """Return the name of its class; ``still`` for what can be neither pressed nor typed into."""
    is_still = isinstance(widget, QLabel | QFrame) and not widget.focusPolicy()
    return "still" if is_still else type(widget).__name__


def _belongs(widget: QWidget, window: QWidget) -> bool:
    return widget is window or window.isAncestorOf(widget)


def _text(widget: QWidget) -> str:
    """Return what a screen reader would say, else what is written on it."""
    for name in ("accessibleName", "text", "title", "windowTitle", "objectName"):
        said = getattr(widget, name, None)
        words = said() if callable(said) else ""
        if isinstance(words, str) and words:
            return _words(words)
    return ""


def _words(text: str) -> str:
    return text.split("\t")[0].replace("&", "")


def _name(window: QWidget | None) -> str:
    return "" if window is None else window.windowTitle() or type(window).__name__


class Watched(QApplication):
    """The program's application; it answers as soon as its event loop runs."""

    def exec(self) -> int:
        connection = socket.socket(fileno=int(os.environ["DESK_SOCKET"]))
        self._answers = Answers(connection, self)
        return super().exec()


if __name__ == "__main__":
    faulthandler.enable()
    watch_messages()
    main_window.QApplication = Watched  # type: ignore[misc]
    sys.exit(main.main())
