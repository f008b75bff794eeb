"""The palette: order, search, keys, activation, what a drag carries."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.palette import Palette
from app.palette.painting import drag_picture
from app.widgets.layer_drag import LAYER_MIME, kind_in, mime_of
from app.widgets.layer_look import ICONS, summary
from app.widgets.layer_search import by_category, search
from engine.layers import Layer

K = Qt.Key


@pytest.fixture
def palette(qtbot: QtBot) -> Palette:
    made = Palette()
    qtbot.addWidget(made)
    made.resize(230, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def shown(palette: Palette) -> set[str]:
    rows = {kind: palette.tree.index_of(kind) for kind in Layer.palette()}
    hidden = palette.tree.isRowHidden
    return {kind for kind, row in rows.items() if not hidden(row.row(), row.parent())}


def activated(palette: Palette) -> list[str]:
    got: list[str] = []
    palette.layerActivated.connect(got.append)
    return got


def test_it_holds_every_layer_once_in_its_category(palette):
    assert shown(palette) == set(Layer.palette())
    assert sum(map(len, by_category().values())) == len(Layer.palette())
    assert next(iter(by_category())) == "Core"
    index = palette.tree.index_of("Dense")
    assert index.parent().data() == "Core"
    assert index.data(Qt.ItemDataRole.ToolTipRole).startswith("Fully connected layer")


def test_every_layer_has_a_summary_and_icons_exist():
    assert all(summary(kind) for kind in Layer.palette())
    assert summary("NoSuchLayer") == ""
    assert {"Core.svg", "Unknown.svg"} <= {path.name for path in ICONS.iterdir()}


@pytest.mark.parametrize(
    ("text", "first"),
    [("dense", "Dense"), ("bn", "BatchNormalization"), ("GAP", "GlobalAveragePooling2D"),
     ("max pool", "MaxPooling2D"), ("conv", "Conv2D"), ("drop", "Dropout")],
)  # fmt: skip
def test_search_finds_the_best_first(text, first):
    assert search(text, Layer.palette())[0] == first


def test_search_of_nothing_and_of_signs():
    assert search("", Layer.palette()) == list(Layer.palette())
    assert search("  ", Layer.palette()) == list(Layer.palette())
    assert search("?!", Layer.palette()) == []


def test_typing_filters_and_enter_activates(palette):
    got = activated(palette)
    palette.focus_search()
    QTest.keyClicks(palette.search, "flat")
    assert shown(palette) == {"Flatten"}
    assert palette.tree.isRowHidden(0, QModelIndex())
    QTest.keyClick(palette.search, K.Key_Return)
    assert got == ["Flatten"]
    QTest.keyClick(palette.search, K.Key_Escape)
    assert shown(palette) == set(Layer.palette())


def test_nothing_found_has_a_hint(palette):
    got = activated(palette)
    QTest.keyClicks(palette.search, "quantum")
    assert not palette.tree.isVisible()
    assert "quantum" in palette.nothing.text()
    QTest.keyClick(palette.search, K.Key_Return)
    assert got == []
    palette.search.clear()
    assert palette.tree.isVisible()
    assert not palette.nothing.isVisible()


def test_arrows_from_the_search_choose(palette):
    got = activated(palette)
    QTest.keyClicks(palette.search, "pool")
    QTest.keyClick(palette.search, K.Key_Down)
    QTest.keyClick(palette.search, K.Key_Return)
    assert len(got) == 1
    assert "Pooling" in got[0]
    assert got[0] != search("pool", Layer.palette())[0]


def test_double_click_activates_once(palette):
    got = activated(palette)
    where = palette.tree.visualRect(palette.tree.index_of("Dense")).center()
    port = palette.tree.viewport()
    QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=where)
    QTest.mouseDClick(port, Qt.MouseButton.LeftButton, pos=where)
    assert got == ["Dense"]
    QTest.keyClick(palette.tree, K.Key_Return)
    assert got == ["Dense", "Dense"]


def test_a_click_on_a_category_folds_it(palette):
    top = palette.tree.index_of("Dense").parent()
    where = palette.tree.visualRect(top).center()
    QTest.mouseClick(palette.tree.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert not palette.tree.isExpanded(top)
    palette.search.setText("dense")
    assert palette.tree.isExpanded(top)


def test_a_drag_carries_the_layer_and_a_picture(palette):
    mime = mime_of("Dense")
    assert bytes(mime.data(LAYER_MIME).data()) == b"Dense"
    assert kind_in(mime) == "Dense"
    assert not drag_picture(palette, "Dense").isNull()


def test_it_paints(palette):
    palette.tree.select("Dense")
    assert not palette.grab().isNull()
