"""The guide in the Help menu: whole, with its pictures, from source and from a wheel."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument

from app.window import guide
from app.window.guide import BACK, guide_path

ROOT = Path(guide.__file__).parents[2]


@pytest.fixture
def opened(new_window, qtbot):
    window = new_window()
    window.actions_["guide"].trigger()
    qtbot.waitExposed(window.helping.guide)
    return window.helping.guide


def test_the_help_menu_opens_the_guide(opened) -> None:
    text = opened.page.toPlainText()
    assert "Netsmith takes a network from a drawing to a file" in text
    headings = re.findall(r"^## (.+)$", guide_path().read_text(encoding="utf-8"), re.MULTILINE)
    assert [row.text for row in opened.contents.rows] == headings


def test_a_heading_leads_to_its_place(opened) -> None:
    opened.contents.clicked.emit(opened.contents.model().index(3, 0))
    assert opened.page.textCursor().block().text() == opened.contents.rows[3].text
    assert opened.page.verticalScrollBar().value() > 0


def test_links_lead_to_pages_of_the_guide_and_back(opened) -> None:
    text = guide_path().read_text(encoding="utf-8")
    for name in re.findall(r"(?<!!)\[[^]]*\]\(([^)]+)\)", text):
        opened.page.anchorClicked.emit(QUrl(name))
        assert opened.page.path.name == name
        assert opened.contents.rows[0].text == BACK
        opened.contents.clicked.emit(opened.contents.model().index(0, 0))
        assert opened.page.path == guide_path()
    opened.page.anchorClicked.emit(QUrl("https://example.org/other.md"))
    assert opened.page.path == guide_path()


def test_every_picture_is_there_and_fits(opened) -> None:
    names = re.findall(r"!\[[^]]*\]\(([^)]+)\)", guide_path().read_text(encoding="utf-8"))
    assert names
    for width in (500, 900):
        opened.resize(width, 600)
        for name in names:
            picture = opened.page.loadResource(QTextDocument.ResourceType.ImageResource, QUrl(name))
            assert not picture.isNull(), name
            assert picture.width() <= opened.page.viewport().width()


def test_nothing_is_loaded_from_elsewhere(opened) -> None:
    kind = QTextDocument.ResourceType
    for type, address in (
        (kind.HtmlResource, "file:///etc/hostname"),
        (kind.StyleSheetResource, "https://example.org/a.css"),
    ):
        assert opened.page.loadResource(type, QUrl(address)) is None


def test_a_wheel_holds_the_guide_where_it_is_looked_for(tmp_path, monkeypatch) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = settings["tool"]["setuptools"]["data-files"]
    for folder, patterns in shipped.items():
        for source in (each for pattern in patterns for each in ROOT.glob(pattern)):
            copy = tmp_path / folder / source.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())
    monkeypatch.setattr(guide, "_ROOT", tmp_path)
    found = guide_path()
    assert found.is_relative_to(tmp_path)
    for name in re.findall(r"\]\(([^):]+)\)", found.read_text(encoding="utf-8")):
        assert (found.parent / name).is_file()
