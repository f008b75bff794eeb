"""The inspector draws the activation of the selected layer and follows its settings."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.document import Document, edits
from app.inspector import Inspector
from app.messages import Messages
from engine.activations import Activation
from engine.analysis.curves import activation_curve
from engine.graph import Graph
from engine.layers import Dense, Flatten, Layer
from engine.project import Project


@pytest.fixture
def document() -> Document:
    graph = Graph.sequential((4, 4), [Flatten(), Dense(units=3, activation="tanh")])
    return Document(Project(graph=graph))


@pytest.fixture
def inspector(qtbot: QtBot, document: Document) -> Inspector:
    panel = Inspector(document, Messages())
    qtbot.addWidget(panel)
    panel.resize(300, 700)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def test_the_curve_is_that_of_the_layer(document: Document, inspector: Inspector) -> None:
    document.selection.set(["dense"])
    shown = inspector.node_view.curve
    assert shown.isVisible()
    assert shown.heading.text() == "Activation: tanh"
    output, slope = shown.plot.curves
    np.testing.assert_allclose(output.y, np.tanh(output.x))
    np.testing.assert_allclose(slope.y, 1 - np.tanh(output.x) ** 2)
    assert "At 0 the output is 0 and the slope 1" in shown.plot.accessibleDescription()


def test_it_follows_the_setting_and_undo(document: Document, inspector: Inspector) -> None:
    document.selection.set(["dense"])
    shown = inspector.node_view.curve
    relu = Activation.parse({"type": "relu", "max_value": 2})
    document.do("Relu", edits.change_settings(document.project, "dense", activation=relu))
    np.testing.assert_array_equal(shown.plot.curves[0].y, activation_curve(relu)[1])
    document.undo_stack.undo()
    assert shown.heading.text() == "Activation: tanh"


def test_layers_without_one_show_none(document: Document, inspector: Inspector) -> None:
    document.selection.set(["dense"])
    document.selection.set(["flatten"])
    assert not inspector.node_view.curve.isVisible()


@pytest.mark.parametrize("kind", list(Activation.kinds))
def test_every_activation_can_be_drawn(qtbot: QtBot, kind: str) -> None:
    graph = Graph.sequential((4,), [Layer.parse({"type": "Activation", "activation": kind})])
    document = Document(Project(graph=graph))
    panel = Inspector(document, Messages())
    qtbot.addWidget(panel)
    document.selection.set(["activation"])
    panel.show()
    qtbot.waitExposed(panel)
    curve, slope = panel.node_view.curve.plot.curves
    assert np.isfinite(curve.y).all()
    assert np.isfinite(slope.y).all()
    assert len(curve.x) == 201
    low, high = panel.node_view.curve.plot._up
    assert low < high <= 7
    panel.grab()
