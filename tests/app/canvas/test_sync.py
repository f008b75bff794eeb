"""The items match the document after any history of edits, and windows are freed."""

from __future__ import annotations

import gc
import random
import weakref
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF
from PySide6.QtGui import QImage, QPainter

from app.canvas import CanvasView
from app.canvas.face import face_of, parameters_text, settings_text
from app.canvas.scene import CanvasScene
from app.document import Document, edits
from engine.analysis.speed import Rate, Speed
from engine.diagnosis import diagnose
from engine.graph import Edge, Graph, UnknownLayer
from engine.layers import Add, Conv2D, Dense, Dropout, Flatten, Input, Layer, MaxPooling2D
from engine.project import Frame, Note, Project


def picture(scene: CanvasScene) -> object:
    """All that decides what is seen, in a form that can be compared."""
    return (
        {
            id: (item.face, item.pos().toTuple(), item.selected, item.toolTip())
            for id, item in scene.nodes.items()
        },
        {
            edge: (wire.start.toTuple(), wire.end.toTuple(), wire.level, wire.selected)
            for edge, wire in scene.wires.items()
        },
        {name: (item.mark, item.selected) for name, item in scene.marks.items()},
        len(scene.items()),
    )


def fresh(document: Document) -> object:
    return picture(CanvasScene(document, document))


def random_drawing(random: random.Random, project: Project) -> Project:
    """An edit of frames, notes or small nodes."""
    nodes, marks = list(project.graph.nodes), list(project.drawing.marks)
    mark = random.choice([Frame, Note])(x=random.randrange(-300, 300), text="words")
    if nodes and random.random() < 0.3:
        return edits.collapse(project, random.sample(nodes, min(2, len(nodes))))
    if marks and random.random() < 0.5:
        return edits.change_marks(project, {random.choice(marks): random.choice([mark, None])})
    return edits.add_mark(project, mark)[0]


def random_edit(random: random.Random, project: Project) -> Project:
    """One of the canvas' edits, at random places."""
    graph = project.graph
    nodes = list(graph.nodes)
    kind = random.choice(["add", "add", "connect", "connect", "delete", "move", "insert", "rename"])
    if random.random() < 0.2:
        return random_drawing(random, project)
    layer = random.choice([Dense(units=3), Add(), Flatten(), Input(shape=(4, 4, 1)), Dropout()])
    at = (random.randrange(-500, 500) * 1.0, random.randrange(-500, 500) * 1.0)
    if kind == "add" or not nodes:
        return edits.add_layer(project, layer, at, random.choice([None, *nodes]))[0]
    node = random.choice(nodes)
    if kind == "connect":
        edge = Edge(random.choice(nodes), node, random.randrange(3))
        return project if graph.why_not_wire(edge) else edits.connect(project, edge)
    if kind == "delete":
        some = random.sample(nodes, min(2, len(nodes)))
        return edits.delete(project, some, graph.edges[:1], random.random() < 0.5)
    if kind == "insert" and graph.edges and layer.arity[1] != 0:
        edge = random.choice(graph.edges)
        return edits.insert_layer(project, layer, edge, at)[0]
    if kind == "rename":
        return edits.rename(project, node, random.choice(["", "Head", "A much longer title"]))
    return edits.move_nodes(project, {node: at})


@pytest.mark.parametrize("seed", range(8))
def test_any_history_undone_and_redone_is_the_same(qtbot, seed):
    rng = random.Random(seed)
    document = Document()
    view = CanvasView(document)
    qtbot.addWidget(view)
    projects = [document.project]
    for _ in range(40):
        project = random_edit(rng, document.project)
        document.do("edit", project)
        if document.project is not projects[-1]:
            projects.append(document.project)
        some = [id for id in document.project.graph.nodes if rng.random() < 0.3]
        document.selection.set(some, document.project.graph.edges[-1:])
        assert picture(view.canvas_scene) == fresh(document)
    for project in reversed(projects[:-1]):
        document.undo_stack.undo()
        assert document.project is project
        assert picture(view.canvas_scene) == fresh(document)
    for project in projects[1:]:
        document.undo_stack.redo()
        assert document.project is project
    seen = picture(view.canvas_scene)
    assert seen == fresh(document)
    view.canvas_scene.rebuild()
    assert picture(view.canvas_scene) == seen


def test_sync_touches_what_changed_only(qtbot):
    graph = Graph.sequential((8,), [Dense(units=4) for _ in range(30)])
    document = Document(Project(graph=graph))
    scene = CanvasScene(document, document)
    before = dict(scene.nodes), dict(scene.wires)
    faces = {id: item.face for id, item in scene.nodes.items()}
    last = list(graph.nodes)[-1]
    document.do("units", edits.change_settings(document.project, last, units=7))
    assert (scene.nodes, scene.wires) == before
    changed = [id for id, item in scene.nodes.items() if item.face is not faces[id]]
    assert changed == [last]


def test_nodes_without_a_place_get_one_and_keep_it(qtbot):
    graph = Graph.sequential((8,), [Dense(units=4), Dense(units=2)])
    document = Document(Project(graph=graph))
    view = CanvasView(document)
    qtbot.addWidget(view)
    rows = [view.canvas_scene.nodes[id].pos() for id in graph.nodes]
    assert [at.x() for at in rows] == sorted({at.x() for at in rows})
    view.document.selection.set(["dense"])
    view.add_layer("Dropout")
    assert [view.canvas_scene.nodes[id].pos() for id in graph.nodes] == rows
    assert set(document.project.positions) == set(document.project.graph.nodes)


@pytest.mark.parametrize("at", [(float("nan"), 0.0), (1e300, -1e300), (float("inf"), 5.0)])
def test_wild_places_stay_on_the_canvas(qtbot, at):
    graph = Graph.sequential((8,), [Dense(units=4)])
    document = Document(Project(graph=graph, positions={"input": (0.0, 0.0), "dense": at}))
    view = CanvasView(document)
    qtbot.addWidget(view)
    view.fit_all()
    assert abs(view.canvas_scene.nodes["dense"].x()) < 1e5


def test_an_unknown_layer_is_drawn(qtbot):
    graph, _ = Graph().add(UnknownLayer("Quantum", {"type": "Quantum"}))
    document = Document(Project(graph=graph))
    view = CanvasView(document)
    qtbot.addWidget(view)
    face = view.canvas_scene.nodes["quantum"].face
    assert not face.known
    assert "does not know" in face.problem
    view.grab()


@pytest.mark.parametrize("zoom", [0.05, 0.3, 0.7, 1.0, 3.0])
def test_it_paints_at_every_zoom(qtbot, zoom):
    graph = Graph.sequential((8, 8, 1), [Conv2D(), MaxPooling2D(), Flatten(), Dense(units=10)])
    graph, _ = graph.add(Add(), title="A very long title that fits on no card at all, whatever")
    document = Document(Project(graph=graph))
    document.selection.set(["dense"], [Edge("input", "conv2d")])
    view = CanvasView(document)
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.fit_all()
    view.navigation.zoom_to(zoom)
    image = view.grab().toImage()
    colors = {image.pixel(x, y) for x in range(0, 600, 7) for y in range(0, 400, 7)}
    assert len(colors) > 1


def test_every_layer_has_a_face(qtbot):
    image = QImage(300, 200, QImage.Format.Format_ARGB32_Premultiplied)
    for kind, cls in Layer.kinds.items():
        graph, id = Graph().add(cls())
        face = face_of(graph, graph.nodes[id], diagnose(graph), "")
        assert face.kind == kind
        assert len(settings_text(cls())) < 60
    assert not image.isNull()
    painter = QPainter(image)
    painter.end()


def test_faces_say_what_matters():
    assert settings_text(Dense(units=64, activation="relu")) == "64 neurons · relu"
    assert settings_text(Dense(units=1)) == "1 neuron"
    assert settings_text(Dense(units=64, activation="relu"), units=False) == "64 · relu"
    assert settings_text(Conv2D(filters=32, kernel_size=3), units=False) == "32 · 3×3"
    assert settings_text(Dropout(rate=0.25)) == "rate 0.25"
    assert parameters_text(320) == "320 params"
    assert parameters_text(0) == ""
    assert parameters_text(2_345_678) == "2.35 M params"


def test_views_are_freed(qtbot):
    document = Document()
    document.do("add", edits.add_layer(document.project, Dense(), (0.0, 0.0))[0])
    view = CanvasView(document)
    view.show()
    view.quick_add()
    view.adding.box.close_box()
    known = weakref.ref(view), weakref.ref(view.canvas_scene)
    view.close()
    view.deleteLater()
    del view
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [each() for each in known] == [None, None]
    # The document lives on, and nothing of the view answers it.
    document.do("move", edits.move_nodes(document.project, {"dense": (5.0, 5.0)}))
    document.do("same", replace(document.project, title="x"))


def test_the_empty_canvas_says_how_to_begin(qtbot):
    document = Document()
    view = CanvasView(document)
    qtbot.addWidget(view)
    view.resize(800, 500)
    view.show()
    assert view.overlaid.empty.isVisible()
    view.add_layer("Input")
    assert not view.overlaid.empty.isVisible()
    document.undo_stack.undo()
    assert view.overlaid.empty.isVisible()
    assert view.navigation.to_scene(QPointF(0, 0)) is not None


def test_costs_come_bit_by_bit_where_there_is_no_time(qtbot, monkeypatch):
    monkeypatch.setattr("app.canvas.scene.FACES_S", 0.0)
    document = Document(Project(graph=Graph.sequential((4,), [Dense(units=4), Dense(units=2)])))
    scene = CanvasScene(document)
    document.costs.set_speed(Speed({"Core": Rate(1e-5)}, {}, {}))
    shown = {id: item.face for id, item in scene.nodes.items()}
    wanted = {id: item.face for id, item in CanvasScene(document).nodes.items()}
    assert shown != wanted  # not yet
    qtbot.waitUntil(lambda: {id: item.face for id, item in scene.nodes.items()} == wanted)
    document.costs.set_speed(Speed({"Core": Rate(1e-2)}, {}, {}))
    document.do("rename", edits.rename(document.project, "dense", "Head"))  # an edit does all
    wanted = {id: item.face for id, item in CanvasScene(document).nodes.items()}
    assert {id: item.face for id, item in scene.nodes.items()} == wanted
