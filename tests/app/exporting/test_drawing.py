"""The drawing as a file: vectors stay vectors, everything is on it, nothing is selected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from app.exporting.drawing import write_drawing
from app.main_window import MainWindow
from engine.errors import ExportError
from engine.project.examples import find_example

Make = Callable[[], MainWindow]


@pytest.fixture
def window(new_window: Make) -> MainWindow:
    window = new_window()
    window.open_example(find_example("two-branches"))
    return window


def written(window: MainWindow, path: Path) -> Path:
    window.files.dialogs.path = path  # type: ignore[attr-defined]
    window.actions_["export_drawing"].trigger()
    return path


def test_svg_keeps_text_and_lines(window: MainWindow, tmp_path: Path) -> None:
    names = [item.face.name for item in window.canvas.canvas_scene.nodes.values()]
    path = written(window, tmp_path / "net.svg")
    root = ElementTree.parse(path).getroot()
    texts = {"".join(each.itertext()).strip() for each in root.iter() if each.tag.endswith("text")}
    # A long name is cut on its card, and so it is here.
    shown = {text.rstrip("…") for text in texts} - {""}
    assert all(any(name.startswith(text) for text in shown) for name in names)
    assert not [each for each in root.iter() if each.tag.endswith("image")]
    area = window.canvas.drawn_area()
    assert QSvgRenderer(str(path)).viewBoxF() == QRectF(0, 0, area.width(), area.height())


def test_png_shows_the_network_in_twice_its_size(window: MainWindow, tmp_path: Path) -> None:
    window.document.selection.set(list(window.document.project.graph.nodes))
    path = written(window, tmp_path / "net.png")
    picture, area = QImage(str(path)), window.canvas.drawn_area()
    assert picture.width() == pytest.approx(2 * area.width(), abs=1)
    colors = {
        picture.pixel(x, y)
        for x in range(0, picture.width(), 7)
        for y in range(0, picture.height(), 7)
    }
    assert len(colors) > 10
    # What is selected is drawn like the rest, and stays selected on the canvas.
    selected = path.read_bytes()
    assert all(item.selected for item in window.canvas.canvas_scene.nodes.values())
    window.document.selection.clear()
    assert written(window, tmp_path / "again.png").read_bytes() == selected


def test_pdf_is_one_page_of_the_drawing_s_size(window: MainWindow, tmp_path: Path) -> None:
    content = written(window, tmp_path / "net.pdf").read_bytes()
    area = window.canvas.drawn_area()
    assert content.startswith(b"%PDF")
    assert f"/MediaBox [0 0 {area.width():.0f}".encode() in content


@pytest.mark.parametrize(
    ("name", "words"),
    [("net.bmp", "no ending that tells"), ("gone/net.svg", "cannot be written")],
)
def test_what_cannot_be_written_is_said(
    window: MainWindow, tmp_path: Path, name: str, words: str
) -> None:
    path = written(window, tmp_path / name)
    assert words in window.banner.what.text()
    assert not path.exists()


def test_an_empty_canvas_gives_no_file(tmp_path: Path) -> None:
    def paint(painter: QPainter) -> None:
        raise AssertionError

    with pytest.raises(ExportError, match="canvas is empty"):
        write_drawing(tmp_path / "net.svg", QRectF(), paint)
