"""The open document: one project, its undo history, and what is selected."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.document.costs import Costs
from engine.arrays import Shape
from engine.diagnosis import Diagnosis, Problem, diagnose
from engine.graph import Edge
from engine.layers import Input, Layer
from engine.project import Project

UNDO_LIMIT = 500


class Document(QObject):
    """Owns the project. Views read it, call :meth:`do`, and repaint on ``changed``.

    Signals:
        changed(before): the project changed; carries the Project from before,
            so that a view can see by identity which parts are the same.
        replaced(): another project was opened; forget everything of the old one.
        problemsChanged(): :attr:`problems` is new.
        pathChanged(), cleanChanged(bool): for the window title.

    Attributes:
        sample_shape: the shape of a sample of the data, as whoever has loaded it says;
            None where there is none.
    """

    changed = Signal(object)
    replaced = Signal()
    problemsChanged = Signal()
    pathChanged = Signal()
    cleanChanged = Signal(bool)

    def __init__(self, project: Project | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project or Project()
        self.path: Path | None = None
        self.sample_shape: Shape | None = None
        self._misfits: tuple[Problem, ...] = ()
        self.selection = Selection(self)
        self.costs = Costs(self)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_LIMIT)
        self.undo_stack.cleanChanged.connect(self.cleanChanged)

    @property
    def diagnosis(self) -> Diagnosis:
        """Shapes, parameters and problems of the graph as it is now."""
        return diagnose(self.project.graph)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What keeps it from being trained: of the graph, else of how all fits together."""
        return self.diagnosis.problems or self._misfits

    def problems_of(self, node: str) -> tuple[Problem, ...]:
        """The problems of one node."""
        return tuple(problem for problem in self.problems if problem.node == node)

    def set_misfits(self, problems: tuple[Problem, ...]) -> None:
        """Whoever knows the data says what does not fit; see :mod:`engine.training.fitting`."""
        if problems != self._misfits:
            self._misfits = problems
            self.problemsChanged.emit()

    def new_layer(self, kind: str) -> Layer:
        """A layer of this kind with its defaults; an Input takes what the data gives."""
        layer: Layer = Layer.kind_named(kind)()
        if isinstance(layer, Input) and self.sample_shape is not None:
            layer = layer.changed(shape=self.sample_shape)
        return layer

    @property
    def base(self) -> Path:
        """The folder that relative paths in the project start from."""
        return self.path.parent if self.path else Path.cwd()

    @property
    def is_clean(self) -> bool:
        """Whether everything is saved."""
        return self.undo_stack.isClean()

    def do(self, label: str, project: Project, gesture: Hashable = None) -> None:
        """Make ``project`` the current one, as an undo step called ``label``.

        Steps that share a ``gesture`` (one drag, one typing run) become one step.
        """
        if project is not self.project:
            self.undo_stack.push(_Step(self, label, project, gesture))

    def open(self, project: Project, path: Path | None) -> None:
        """Replace everything by another project; its history starts empty."""
        self.project = project
        self.selection.clear()
        self.undo_stack.clear()
        self.costs.forget_run()
        self.set_path(path)
        self.replaced.emit()

    def set_path(self, path: Path | None) -> None:
        self.path = path
        self.pathChanged.emit()

    def _become(self, project: Project) -> None:
        before, self.project = self.project, project
        self.selection.keep_existing(project)
        self.changed.emit(before)
        self.costs.note_change(before)


class _Step(QUndoCommand):
    """One undo step: the project before and the project after."""

    def __init__(self, document: Document, label: str, after: Project, gesture: Hashable) -> None:
        super().__init__(label)
        self._document = document
        self._before, self._after = document.project, after
        self._gesture = gesture

    def redo(self) -> None:
        self._document._become(self._after)

    def undo(self) -> None:
        self._document._become(self._before)

    def id(self) -> int:
        return -1 if self._gesture is None else 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Step) or other._gesture != self._gesture:
            return False
        self._after = other._after
        # A gesture that ends where it began is no step.
        self.setObsolete(self._after == self._before)
        return True


class Selection(QObject):
    """Which nodes, wires, frames and notes are selected, on the canvas and everywhere else."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.nodes: frozenset[str] = frozenset()
        self.edges: frozenset[Edge] = frozenset()
        self.marks: frozenset[str] = frozenset()

    @property
    def node(self) -> str | None:
        """The selected node, if it is exactly one."""
        return next(iter(self.nodes)) if len(self.nodes) == 1 else None

    def __bool__(self) -> bool:
        return bool(self.nodes or self.edges or self.marks)

    def set(
        self, nodes: Iterable[str] = (), edges: Iterable[Edge] = (), marks: Iterable[str] = ()
    ) -> None:
        new = frozenset(nodes), frozenset(edges), frozenset(marks)
        if new != (self.nodes, self.edges, self.marks):
            self.nodes, self.edges, self.marks = new
            self.changed.emit()

    def clear(self) -> None:
        self.set()

    def keep_existing(self, project: Project) -> None:
        """Forget what an edit deleted."""
        edges = set(project.graph.edges)
        self.set(
            (node for node in self.nodes if node in project.graph.nodes),
            (edge for edge in self.edges if edge in edges),
            (mark for mark in self.marks if mark in project.drawing.marks),
        )
