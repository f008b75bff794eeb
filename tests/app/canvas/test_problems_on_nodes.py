"""A node says what is wrong with it, also where only the data tells."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.canvas import CanvasView
from app.canvas.overlays import StartOffer
from app.document import edits
from engine.diagnosis import Fix, Problem
from engine.project import Project


def test_what_does_not_fit_the_data_is_shown_on_its_node(view: CanvasView) -> None:
    project = view.document.project
    view.document.do("Delete", edits.delete(project, ["add"]))
    assert not view.document.problems
    nodes = view.canvas_scene.nodes
    view.document.set_misfits((Problem("dense puts out 10.", "Set it to 3.", "dense"),))
    assert nodes["dense"].face.problem == "dense puts out 10. Set it to 3."
    view.document.set_misfits(())
    assert not nodes["dense"].face.problem


def test_an_empty_canvas_offers_what_the_engine_proposes(view: CanvasView) -> None:
    graph = view.document.project.graph
    view.document.open(Project(), None)
    (offer,) = view.findChildren(StartOffer)
    assert not offer.isVisible()
    view.document.set_misfits((Problem("Empty.", "Draw.", fixes=(Fix("Start so", graph=graph),)),))
    assert offer.isVisible()
    assert offer.text() == "Start so"
    QTest.mouseClick(offer, Qt.MouseButton.LeftButton)
    assert view.document.project.graph is graph
    assert not offer.isVisible()
    seen = view.mapToScene(view.viewport().rect()).boundingRect()
    assert all(seen.contains(node.card) for node in view.canvas_scene.nodes.values())
    view.document.undo_stack.undo()
    assert offer.isVisible()
