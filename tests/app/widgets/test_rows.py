"""Lists and trees of rows: their models, and what a view tells of them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QTreeView
from pytestqt.qtbot import QtBot

from app.widgets.rows import USABLE, VALUE, ListModel, Row, RowList, Section, TreeModel

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
SECTIONS = [
    Section(Row("Core", is_heading=True), (Row("Dense", "d"), Row("Input", "i"))),
    Section(Row("Empty")),
    Section(Row("Shape"), (Row("Flatten", "f", tip="One row"),)),
]


def test_the_models_keep_what_qt_asks_of_models() -> None:
    rows, tree = ListModel(), TreeModel()
    testers = [QAbstractItemModelTester(model, FATAL) for model in (rows, tree)]
    rows.reset([Row("a"), Row("b", is_ticked=True)])
    tree.reset(SECTIONS)
    tree.reset(SECTIONS[:1])
    rows.reset([])
    assert len(testers) == 2


def test_a_tree_leads_down_and_up() -> None:
    tree = TreeModel()
    tree.reset(SECTIONS)
    texts = [
        [tree.index(row, 0, above).data() for row in range(tree.rowCount(above))]
        for above in (tree.index(row) for row in range(tree.rowCount()))
    ]
    assert texts == [["Dense", "Input"], [], ["Flatten"]]
    flatten = tree.index(0, 0, tree.index(2))
    assert flatten.parent() == tree.index(2)
    assert not tree.index(2).parent().isValid()
    assert (flatten.data(VALUE), flatten.data(Qt.ItemDataRole.ToolTipRole)) == ("f", "One row")
    assert [tree.hasChildren(tree.index(row)) for row in range(3)] == [True, False, True]
    for nowhere in (tree.index(3), tree.index(-1), tree.index(0, 0, flatten), QModelIndex()):
        assert tree.row_at(nowhere) is None
    assert not tree.flags(tree.index(0)) & Qt.ItemFlag.ItemIsSelectable


@pytest.fixture
def shown(qtbot: QtBot) -> RowList:
    made = RowList()
    qtbot.addWidget(made)
    made.show_rows([Row("a", 1), Row("b", 2), Row("c", 3)])
    made.show()
    return made


def test_a_list_tells_where_the_keyboard_is(shown: RowList) -> None:
    shown.set_current(0)
    seen: list[object] = []
    shown.rowChanged.connect(seen.append)
    QTest.keyClick(shown, Qt.Key.Key_Down)
    assert shown.current == Row("b", 2)
    shown.show_rows([Row("d", 4)])
    assert shown.current is None
    shown.set_current(5)
    shown.set_current(0)
    assert seen == [Row("b", 2), None, Row("d", 4)]


def test_the_keyboard_stays_where_rows_are_updated(shown: RowList) -> None:
    shown.set_current(2)
    shown.update_rows([Row("a"), Row("b"), Row("c", is_ticked=True)])
    assert shown.current == Row("c", is_ticked=True)
    state = shown.currentIndex().data(Qt.ItemDataRole.CheckStateRole)
    assert Qt.CheckState(state) is Qt.CheckState.Checked


def test_rows_that_are_not_looked_at_are_not_made(qtbot: QtBot) -> None:
    class Late:
        may_open, flags, made = True, USABLE, 0

        @property
        def row(self) -> Row:
            Late.made += 1
            return Row("late")

        @property
        def below(self) -> tuple[Row, ...]:
            raise AssertionError("nobody opened it")

    view, tree = QTreeView(), TreeModel()
    qtbot.addWidget(view)
    view.setUniformRowHeights(True)
    view.setModel(tree)
    view.resize(200, 200)
    view.show()
    tree.reset([Late() for _ in range(2_000)])
    view.grab()
    assert 0 < Late.made < 1_000
