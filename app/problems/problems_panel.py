"""Everything that keeps the network from being trained, with what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.widgets.labels import EmptyHint, ToneLabel
from app.widgets.problem_card import ProblemCard
from app.widgets.scroll import VerticalScroll
from engine.diagnosis import Problem

MOST_SHOWN = 50
"""So many problems are listed; mending those first tells more than a longer list."""


class ProblemsPanel(QStackedWidget):
    """Lists problems.

    Args:
        name_of: what the user calls a node, by its id.

    Signals:
        nodeActivated(node): show this node.
        fixChosen(Fix): carry out this fix.
        fixPointed(Fix): show what this fix would do; None none.
        countChanged(number): for the panel's title.
    """

    nodeActivated = Signal(str)
    fixChosen = Signal(object)
    fixPointed = Signal(object)
    countChanged = Signal(int)

    def __init__(
        self, name_of: Callable[[str], str] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name_of = name_of
        self._problems: tuple[Problem, ...] | None = None
        self.cards: list[ProblemCard] = []
        self._rest = ToneLabel()
        self._list = QWidget()
        self._layout = QVBoxLayout(self._list)
        self._layout.setContentsMargins(8, 8, 8, 8)
        self._layout.setSpacing(6)
        self._layout.addWidget(self._rest)
        self._layout.addStretch(1)
        hint = EmptyHint(
            "fa6s.circle-check",
            "No problems",
            "Network, data and training plan fit together. Press Start to train.",
        )
        self.addWidget(hint)
        self.addWidget(VerticalScroll(self._list))

    def set_problems(self, problems: Iterable[Problem]) -> None:
        """Show these problems in place of those before."""
        problems = tuple(problems)
        if problems == self._problems:
            return
        self._problems = problems
        for card in self.cards:
            card.hide()
            card.deleteLater()
        self.cards = [self._card(problem) for problem in problems[:MOST_SHOWN]]
        for index, card in enumerate(self.cards):
            self._layout.insertWidget(index, card)
        rest = len(problems) - MOST_SHOWN
        self._rest.setText(f"… and {rest} more." if rest > 0 else "")
        self._rest.setVisible(rest > 0)
        self._rest.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setCurrentIndex(1 if problems else 0)
        self.countChanged.emit(len(problems))

    def _card(self, problem: Problem) -> ProblemCard:
        named = problem.node is not None and self._name_of is not None
        place = self._name_of(problem.node) if named and self._name_of and problem.node else ""
        card = ProblemCard(problem, place if place not in problem.what else "")
        card.activated.connect(self.nodeActivated)
        card.fixChosen.connect(self.fixChosen)
        card.fixPointed.connect(self.fixPointed)
        return card
