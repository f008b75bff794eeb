"""Make every picture in the docs anew, from the real window: ``python docs/shots.py``.

Needs no screen. Give names of pictures to make only those.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QWidget

from app import theme
from app.exporting.dialog import ExportDialog
from app.main_window import MainWindow
from app.settings import Settings
from app.theme import Scheme
from app.training.session import State
from engine.graph import Edge
from engine.project.examples import find_example

FOLDER = Path(__file__).parent / "pictures"
SIZE = (1600, 1000)
PATIENCE_S = 60.0

Scene = Callable[[MainWindow], QWidget]


def spin(seconds: float) -> None:
    """Let the window live for a while."""
    end = monotonic() + seconds
    while monotonic() < end:
        QCoreApplication.processEvents()


def wait(until: Callable[[], object]) -> None:
    """Let the window live until something is so."""
    end = monotonic() + PATIENCE_S
    while not until():
        if monotonic() > end:
            raise TimeoutError("The window did not get there.")
        spin(0.02)


def open_example(window: MainWindow, name: str) -> None:
    window.open_example(find_example(name))
    wait(lambda: window.data.state == "ready" and window.workbench.reason_not_ready is None)
    window.canvas.fit_all()


def train(window: MainWindow, epochs: int | None = None) -> None:
    """Start, and go on until so many epochs are done; None for to the end."""
    window.workbench.start()
    wait(
        lambda: (
            window.session.state is State.FINISHED
            or (epochs is not None and len(window.session.history) >= epochs)
        )
    )
    spin(0.6)


def training(window: MainWindow) -> QWidget:
    open_example(window, "digits-cnn")
    window.document.selection.set(["conv2d_1"])
    train(window, 6)
    return window


def start(window: MainWindow) -> QWidget:
    window.pages.show_start_page()
    return window


def problem(window: MainWindow) -> QWidget:
    open_example(window, "digits-cnn")
    project = window.document.project
    window.document.do(
        "Connect", replace(project, graph=project.graph.connect(Edge("max_pooling2d", "dense")))
    )
    wait(lambda: window.document.problems)
    window.docks["problems"].raise_()
    return window


def data(window: MainWindow) -> QWidget:
    open_example(window, "digits-cnn")
    window.docks["data"].raise_()
    window.docks["data"].setMinimumWidth(380)
    spin(0.5)
    return window.docks["data"]


def surface(window: MainWindow) -> QWidget:
    open_example(window, "spiral")
    train(window)
    spin(0.5)
    return window.activations


def curves(window: MainWindow) -> QWidget:
    open_example(window, "digits")
    train(window)
    return window.curves


def export(window: MainWindow) -> QWidget:
    open_example(window, "iris")
    train(window)
    window.exports.export()
    (dialog,) = window.findChildren(ExportDialog)
    dialog.path_field.setText(str(Path(tempfile.mkdtemp()) / "iris.onnx"))
    dialog.export()
    wait(lambda: not dialog.is_working)
    dialog.path_field.setText("iris.onnx")
    return dialog


PICTURES: dict[str, tuple[Scene, Scheme]] = {
    "window-dark": (training, Scheme.DARK),
    "window-light": (training, Scheme.LIGHT),
    "start": (start, Scheme.LIGHT),
    "problem": (problem, Scheme.LIGHT),
    "data": (data, Scheme.LIGHT),
    "surface": (surface, Scheme.LIGHT),
    "curves": (curves, Scheme.LIGHT),
    "export": (export, Scheme.LIGHT),
}


def take(name: str) -> None:
    """Make one picture in a window of its own."""
    scene, scheme = PICTURES[name]
    theme.apply(scheme)
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(
            Settings(Path(folder) / "settings.ini"), state_folder=Path(folder) / "state"
        )
        window.resize(*SIZE)
        window.show()
        spin(0.3)
        widget = scene(window)
        spin(0.3)
        widget.grab().save(str(FOLDER / f"{name}.png"))
        window.session.shutdown()
        window.document.undo_stack.setClean()
        window.close()
        window.deleteLater()
        spin(0.1)


def main(names: list[str]) -> None:
    """Make these pictures, or all."""
    app = QApplication([])
    FOLDER.mkdir(exist_ok=True)
    for name in names or PICTURES:
        take(name)
        print(name)
    del app


if __name__ == "__main__":
    main(sys.argv[1:])
