"""The problems list: friendly when empty, a click shows the node, a button mends."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.problems import ProblemsPanel
from engine.diagnosis import Fix, Problem
from engine.graph import Graph


def test_no_problems_is_said(qtbot: QtBot) -> None:
    panel = ProblemsPanel()
    qtbot.addWidget(panel)
    panel.set_problems([])
    assert panel.currentIndex() == 0


def test_cards_tell_their_node_and_their_fix(qtbot: QtBot) -> None:
    panel = ProblemsPanel(lambda node: node.upper())
    qtbot.addWidget(panel)
    panel.resize(300, 400)
    fix = Fix("Insert Flatten", graph=Graph())
    problem = Problem("The input is flat.", "Make it a picture.", "conv", (fix,))
    with qtbot.waitSignal(panel.countChanged) as count:
        panel.set_problems([problem, Problem("No data.", "Choose some.")])
    assert count.args == [2]
    panel.show()
    qtbot.waitExposed(panel)
    first, second = panel.cards
    with qtbot.waitSignal(panel.nodeActivated) as heard:
        QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert heard.args == ["conv"]
    with qtbot.waitSignal(panel.nodeActivated):
        QTest.keyClick(first, Qt.Key.Key_Return)
    with qtbot.assertNotEmitted(panel.nodeActivated):
        QTest.mouseClick(second, Qt.MouseButton.LeftButton)
        with qtbot.waitSignal(panel.fixChosen) as chosen:
            QTest.mouseClick(first.fix_buttons[0], Qt.MouseButton.LeftButton)
    assert chosen.args == [fix]


def test_a_long_list_is_cut_and_says_so(qtbot: QtBot) -> None:
    panel = ProblemsPanel()
    qtbot.addWidget(panel)
    panel.set_problems(Problem(f"Problem {i}.", "Mend it.") for i in range(60))
    assert len(panel.cards) == 50
    assert panel._rest.text() == "… and 10 more."
    panel.set_problems([])
    assert panel.cards == []


def test_long_fixes_take_as_many_lines_as_they_need(qtbot: QtBot) -> None:
    panel = ProblemsPanel()
    qtbot.addWidget(panel)
    panel.resize(240, 400)
    fix = Fix(
        "Insert GlobalAveragePooling2D before the layer with the very long title", graph=Graph()
    )
    panel.set_problems([Problem("What.", "Do.", None, (fix,))])
    panel.show()
    qtbot.waitExposed(panel)
    button = panel.cards[0].fix_buttons[0]
    assert button.height() >= button.heightForWidth(button.width())
    assert button.width() <= 240
