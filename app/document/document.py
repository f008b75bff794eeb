"""The open document: one project, its undo history, and what is selected."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.document.costs import Costs
from engine.arrays import Shape
from engine.diagnosis import Diagnosis, Problem, diagnose
from engine.graph import Edge
from engine.layers import Input, Layer
from engine.project import Level, Project, has_level, project_at, with_level

UNDO_LIMIT = 500


class Document(QObject):
    """Owns the project. Views read it, call :meth:`do`, and repaint on ``changed``.

    One looks at the whole network or into a group. What is looked at is a project of its own,
    so that whatever shows or edits a network does so inside of groups as well.

    Signals:
        changed(before): the project changed; carries the Project from before,
            so that a view can see by identity which parts are the same.
        replaced(): another project was opened; forget everything of the old one.
        levelChanged(): one has gone into a group or out of it; :attr:`project` is another.
        problemsChanged(): :attr:`problems` is new.
        pathChanged(), cleanChanged(bool): for the window title.

    Attributes:
        whole: the project as it is saved.
        level: the groups that one has gone into; empty for the whole network.
        sample_shape: the shape of a sample of the data, as whoever has loaded it says;
            None where there is none.
        has_other_work: whether something besides edits is not saved.
    """

    changed = Signal(object)
    replaced = Signal()
    levelChanged = Signal()
    problemsChanged = Signal()
    pathChanged = Signal()
    cleanChanged = Signal(bool)

    def __init__(self, project: Project | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.whole = project or Project()
        self.level: Level = ()
        self._shown: tuple[Project, Level, Project] | None = None
        self.path: Path | None = None
        self.sample_shape: Shape | None = None
        self._misfits: tuple[Problem, ...] = ()
        self.selection = Selection(self)
        self.costs = Costs(self)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_LIMIT)
        self.undo_stack.cleanChanged.connect(self._tell_clean)
        self.has_other_work = False

    @property
    def project(self) -> Project:
        """What is looked at: the whole, or the inside of a group with the shapes that arrive."""
        if not self.level:
            return self.whole
        if self._shown is None or self._shown[0] is not self.whole or self._shown[1] != self.level:
            self._shown = self.whole, self.level, project_at(self.whole, self.level)
        return self._shown[2]

    @property
    def diagnosis(self) -> Diagnosis:
        """Shapes, parameters and problems of the graph that is looked at."""
        return diagnose(self.project.graph, inside=bool(self.level))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Those of what is looked at; inside of a group they name its nodes."""
        return self.diagnosis.problems if self.level else self.all_problems

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """What keeps the whole from being trained: of the graph, else of how all fits together."""
        return diagnose(self.whole.graph).problems or self._misfits

    def problems_of(self, node: str) -> tuple[Problem, ...]:
        """The problems of one node, and of what is inside of it."""
        return tuple(problem for problem in self.problems if problem.is_at(node))

    def set_misfits(self, problems: tuple[Problem, ...]) -> None:
        """Whoever knows the data says what does not fit; see :mod:`engine.training.fitting`."""
        if problems != self._misfits:
            self._misfits = problems
            self.problemsChanged.emit()

    def new_layer(self, kind: str) -> Layer:
        """A layer of this kind with its defaults; an Input takes what the data gives."""
        layer: Layer = Layer.kind_named(kind)()
        if isinstance(layer, Input) and self.sample_shape is not None and not self.level:
            layer = layer.changed(shape=self.sample_shape)
        return layer

    @property
    def base(self) -> Path:
        """The folder that relative paths in the project start from."""
        return self.path.parent if self.path else Path.cwd()

    @property
    def is_clean(self) -> bool:
        """Whether everything is saved: every edit, and what else was :meth:`mark_unsaved`."""
        return self.undo_stack.isClean() and not self.has_other_work

    def mark_unsaved(self) -> None:
        """There is work besides edits: a trained network, or what a crash has left."""
        self.has_other_work = True
        self._tell_clean()

    def mark_saved(self) -> None:
        """All that there is now is saved."""
        self.has_other_work = False
        self.undo_stack.setClean()
        self._tell_clean()

    def do(self, label: str, project: Project, gesture: Hashable = None) -> None:
        """Let what is looked at become ``project``, as an undo step called ``label``.

        Steps that share a ``gesture`` (one drag, one typing run) become one step.
        """
        if project is not self.project:
            if self.level and project.graph is self.whole.graph:
                raise ValueError("The whole was edited: that is for do_whole.")
            self.do_whole(label, with_level(self.whole, self.level, project), gesture)

    def do_whole(self, label: str, whole: Project, gesture: Hashable = None) -> None:
        """Let the whole become this project, wherever one looks; else like :meth:`do`."""
        if whole is not self.whole:
            self.undo_stack.push(_Step(self, label, whole, gesture))

    def add_step(self, label: str, swap: Callable[[], None]) -> None:
        """Make something an undo step that is not part of the project, such as trained weights.

        Args:
            swap: called on every undo and redo: exchanges what is there for what was before.
        """
        self.undo_stack.push(_Swap(label, swap))

    def go_to(self, level: Sequence[str]) -> None:
        """Look into a group, or at the whole; one that is no more leads to what it lay in."""
        level = _existing(self.whole, level)
        if level != self.level:
            self.level = level
            self.selection.clear()
            self.levelChanged.emit()
            self.problemsChanged.emit()

    def show_node(self, path: str) -> str:
        """Look at where a node lies, given with its groups (``group/node``), and select it.

        Returns:
            The node's own id, empty if it is no more.
        """
        *level, node = path.split("/")
        self.go_to(level)
        if len(self.level) < len(level) or node not in self.project.graph.nodes:
            return ""
        self.selection.set([node])
        return node

    def open(self, project: Project, path: Path | None) -> None:
        """Replace everything by another project; its history starts empty."""
        self.whole, self.level = project, ()
        self.selection.clear()
        self.undo_stack.clear()
        self.mark_saved()
        self.costs.forget_run()
        self.set_path(path)
        self.replaced.emit()

    def set_path(self, path: Path | None) -> None:
        self.path = path
        self.pathChanged.emit()

    def _tell_clean(self) -> None:
        self.cleanChanged.emit(self.is_clean)

    def _become(self, whole: Project, level: Level | None) -> None:
        """Take over a project, looking at where it was edited; None stays."""
        before, where = self.project, self.level
        self.whole = whole
        self.level = _existing(whole, self.level if level is None else level)
        if self.level != where:
            self.selection.clear()
            self.levelChanged.emit()
        self.selection.keep_existing(self.project)
        self.changed.emit(before)
        self.costs.note_change(before)


def _looks_other(one: Project, other: Project) -> bool:
    parts = ("graph", "positions", "drawing", "insides")
    return any(getattr(one, part) is not getattr(other, part) for part in parts)


def _existing(project: Project, level: Sequence[str]) -> Level:
    """The part of a level that there is."""
    while not has_level(project, level):
        level = level[:-1]
    return tuple(level)


class _Step(QUndoCommand):
    """One undo step: the project before, the project after, and where it was edited."""

    def __init__(self, document: Document, label: str, after: Project, gesture: Hashable) -> None:
        super().__init__(label)
        self._document = document
        self._before, self._after = document.whole, after
        # What is not drawn, the training plan say, was not edited at any place.
        self._level = document.level if _looks_other(document.whole, after) else None
        self._gesture = gesture

    def redo(self) -> None:
        self._document._become(self._after, self._level)

    def undo(self) -> None:
        self._document._become(self._before, self._level)

    def id(self) -> int:
        return -1 if self._gesture is None else 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Step) or other._gesture != self._gesture:
            return False
        self._after = other._after
        # A gesture that ends where it began is no step.
        self.setObsolete(self._after == self._before)
        return True


class _Swap(QUndoCommand):
    """One undo step of something besides the project."""

    def __init__(self, label: str, swap: Callable[[], None]) -> None:
        super().__init__(label)
        self._swap = swap
        self._is_done = False

    def redo(self) -> None:
        # Called once as the step is added, when it is done already.
        if self._is_done:
            self._swap()
        self._is_done = True

    def undo(self) -> None:
        self._swap()


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
