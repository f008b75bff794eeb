"""What keeps a network from being trained stands in the Problems list, and its button mends it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from engine.data import DataSetup
from engine.graph import Graph
from engine.layers import Layer
from engine.project import Project
from engine.training import Plan

LONG_MS = 20_000
N = 24


def save(folder: Path, x: Any, y: Any) -> dict[str, Any]:
    np.savez(folder / "a.npz", x=x, y=y)
    return {"source": {"type": "NpzFile", "path": str(folder / "a.npz")}}


def classes(folder: Path) -> dict[str, Any]:
    return save(folder, np.random.default_rng(0).normal(size=(N, 4)), np.arange(N) % 3)


def numbers(folder: Path) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return save(folder, rng.normal(size=(N, 4)), rng.normal(size=N))


def yes_or_no(folder: Path) -> dict[str, Any]:
    return save(folder, np.random.default_rng(0).normal(size=(N, 4)), np.arange(N) % 2)


def with_nan(folder: Path) -> dict[str, Any]:
    x = np.random.default_rng(0).normal(size=(N, 4))
    x[5, 1] = np.nan
    return save(folder, x, np.arange(N) % 3)


def words(folder: Path) -> dict[str, Any]:
    return save(folder, np.arange(4 * N).reshape(N, 4) % 12, np.arange(N) % 3) | {"steps": []}


def dense(units: int, activation: str) -> dict[str, Any]:
    return {"type": "Dense", "units": units, "activation": activation}


EMBEDDING = {"type": "Embedding", "input_dim": 5, "output_dim": 2}
CASES = {
    "softmax over one unit": (yes_or_no, [dense(1, "softmax")], "BinaryCrossentropy"),
    "sigmoid with categorical": (classes, [dense(3, "sigmoid")], "CategoricalCrossentropy"),
    "classes for numbers": (numbers, [dense(1, "linear")], "SparseCategoricalCrossentropy"),
    "NaN": (with_nan, [dense(3, "softmax")], "SparseCategoricalCrossentropy"),
    "labels without a unit": (classes, [dense(2, "softmax")], "SparseCategoricalCrossentropy"),
    "words without a vector": (
        words,
        [EMBEDDING, "Flatten", dense(3, "softmax")],
        "SparseCategoricalCrossentropy",
    ),
    "a shape that cannot fit": (classes, ["Conv1D", dense(3, "softmax")], "scce"),
}
SAID = {
    "softmax over one unit": "is a softmax over one unit",
    "sigmoid with categorical": "goes with softmax",
    "classes for numbers": "compares classes, but the target is numbers",
    "NaN": "has nan as input",
    "labels without a unit": "outputs 2, but the 3 classes",
    "words without a vector": "has vectors for 0 to 4",
    "a shape that cannot fit": "Conv1D needs sequences",
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_explained_and_a_click_mends_it(
    name: str, new_window: Callable[[], MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    data, layers, loss = CASES[name]
    graph = Graph.sequential((4,), [Layer.parse(each) for each in layers])
    plan = Plan.parse({"loss": loss, "epochs": 1})
    window = new_window()
    window.document.open(
        Project(graph=graph, data=DataSetup.parse(data(tmp_path)), plan=plan), None
    )
    window.pages.show_workspace()
    window.docks["problems"].show()
    window.docks["problems"].raise_()
    panel = window.problems_panel

    def told() -> list[str]:
        return [card.problem.what for card in panel.cards]

    def is_told() -> bool:
        return any(SAID[name] in what for what in told())

    qtbot.waitUntil(is_told, timeout=LONG_MS)
    assert not window.training_panel.start_action.isEnabled()
    clicks = 0
    while panel.cards:
        (card, *_) = panel.cards
        assert card.fix_buttons, card.problem
        before = card.problem
        QTest.mouseClick(card.fix_buttons[0], Qt.MouseButton.LeftButton)
        clicks += 1
        qtbot.waitUntil(
            lambda before=before: (
                not window.data.is_loading and before not in window.document.problems
            ),
            timeout=LONG_MS,
        )
        assert clicks < 6
        qtbot.waitUntil(lambda: [c.problem for c in panel.cards] == list(window.document.problems))
    qtbot.waitUntil(window.training_panel.start_action.isEnabled, timeout=LONG_MS)
    stack = window.document.undo_stack
    assert stack.count() == clicks
    for _ in range(clicks):
        stack.undo()
    qtbot.waitUntil(is_told, timeout=LONG_MS)
