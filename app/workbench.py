"""What joins document, data and training: is it ready, what is wrong, start, look."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, QTimer, Signal

from app.document import Document, edits
from app.document.data import LoadedData
from app.messages import Messages
from app.training.continuing import Continuing, continuing
from app.training.fit import Fit
from app.training.replaced_fits import ReplacedFits
from app.training.session import TrainingSession
from engine.data import Dataset, DataSetup, Targets
from engine.diagnosis import Fix, Problem, blocking
from engine.errors import EngineError
from engine.graph import Graph
from engine.project.moving import absolute_data
from engine.starter import starter_graph
from engine.templates import Learns
from engine.training.data_problems import loading_problem
from engine.training.fitting import plan_problems
from engine.training.following import follow_data
from engine.training.history import History
from engine.training.plan_fixes import for_numbers, suggest_plan


@dataclass(frozen=True)
class Made:
    """What the results at hand were made from."""

    graph: Graph
    data: DataSetup | None


class Workbench(QObject):
    """Keeps the problems up to date and starts runs; lives as long as the window.

    Signals:
        changed(): whether a run could start, or why not, may be new.
        drawn(): a network was drawn for data that was dropped on an empty canvas.
    """

    changed = Signal()
    drawn = Signal()

    def __init__(
        self,
        document: Document,
        data: LoadedData,
        session: TrainingSession,
        messages: Messages,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._data, self._session = document, data, session
        self._following: tuple[DataSetup | None, Hashable] | None = None
        self._draw_when_ready = False
        self._targets: Targets | None = None
        self._starter: Graph | None = None
        self._made: WeakKeyDictionary[History, Made] = WeakKeyDictionary()
        self._replaced = ReplacedFits(session, document.add_step, messages, self)
        self._continuing: Continuing | None = None
        self._said_at_start = ""
        self._accepted: frozenset[str] = frozenset()
        self._waiting: Callable[[], None] | None = None
        # Several edits in one turn of the event loop need only one look at the problems.
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self.refresh)
        document.changed.connect(self._document_changed)
        document.replaced.connect(self._document_replaced)
        data.changed.connect(self._data_changed)
        session.stateChanged.connect(self._session_changed)
        self._soon.start()

    def refresh(self) -> None:
        """Look at what is wrong now, and not only at the end of the event loop's turn."""
        project = self._document.whole
        is_loading = self._data.is_loading
        # What the data will not fit is known once it is there.
        data = self.dataset or self._loading_problem()
        fitting = () if is_loading else plan_problems(project.graph, data, project.plan)
        self._document.set_misfits(fitting)
        self._note_continuing()
        self.changed.emit()
        if self._waiting is not None and not is_loading:
            act, self._waiting = self._waiting, None
            act()

    @property
    def dataset(self) -> Dataset | None:
        """The prepared data, once it is loaded."""
        return self._data.dataset

    @property
    def is_loading(self) -> bool:
        """Whether data is on its way."""
        return self._data.is_loading

    @property
    def reason_not_ready(self) -> str | None:
        """Why Start would not work now, in words; None if it would."""
        if not self._data.is_loading and self._data.error is not None and self.dataset is None:
            return str(self._data.error)
        problems = self._document.all_problems
        wrong = blocking(problems) or [each for each in problems if not self._is_accepted(each)]
        return f"{wrong[0].what} {wrong[0].todo}" if wrong else None

    @property
    def may_train_anyway(self) -> bool:
        """Whether all that stands against a run can be accepted, and is not yet."""
        problems = self._document.all_problems
        is_open = any(not self._is_accepted(each) for each in problems)
        return self.dataset is not None and is_open and not blocking(problems)

    def _is_accepted(self, problem: Problem) -> bool:
        return bool(problem.anyway) and problem.accepted in self._accepted

    @property
    def trained_matches(self) -> bool:
        """Whether the trained network is that of the graph as it is drawn now."""
        network = self._session.network
        return network is not None and network.graph.computes_as(self._document.whole.graph)

    @property
    def results_are_of(self) -> str:
        """What the last run was of, where that is not what is there now; else empty."""
        if self._session.is_active:
            return ""
        return {
            "data": "From an earlier run, on other data.",
            "network": "From an earlier run, before the network was changed.",
        }.get(self._changed_since(), "")

    @property
    def continuing(self) -> Continuing | None:
        """What Continue would do; None where there is nothing to go on from, or no run could
        start."""
        return self._continuing

    @property
    def note(self) -> str:
        """What to know of the run that goes on, or of going on with the last one; else empty."""
        if not self._session.is_active:
            return self._continuing.in_words if self._continuing is not None else ""
        waits = {
            "data": "This run continues with the data it was started with.",
            "network": "This run trains the network as it was at the start.",
        }
        return " ".join(filter(None, (self._said_at_start, waits.get(self._changed_since()))))

    def _changed_since(self) -> str:
        """Which of "data" and "network" is another than that of the run at hand; else empty."""
        made = self._made.get(self._session.history)
        if made is None or not (self._session.is_active or not self._session.history.is_empty):
            return ""
        project = self._document.whole
        if made.data != absolute_data(project.data, self._document.base):
            return "data"
        return "" if made.graph.computes_as(project.graph) else "network"

    def follow_data_when_ready(self, gesture: Hashable) -> None:
        """The user has edited the data: let network and plan follow once it is loaded.

        Args:
            gesture: that of the edit; both are one undo step.
        """
        self._following = self._document.whole.data, gesture

    def draw_for_data_when_ready(self) -> None:
        """Draw a small network for the data once it is loaded, where the canvas is empty then."""
        self._draw_when_ready = True

    # Starting; each waits for data that is on its way

    def start(self) -> None:
        """Start a run on what is drawn now, from new weights."""
        self._once_loaded(self._start)

    def start_anyway(self) -> None:
        """Accept what is wrong but can be computed, and start; it stays accepted."""
        if self.may_train_anyway:
            self._accepted |= {each.accepted for each in self._document.all_problems}
            self.start()

    def step(self) -> None:
        """Go on from the present weights, or start if there are none; take one batch and pause."""
        self._once_loaded(self._step)

    def go_on(self) -> None:
        """Start a run from the present weights, as far as they fit what is drawn now."""
        self._once_loaded(self._go_on)

    def _once_loaded(self, act: Callable[[], None]) -> None:
        if self._data.is_loading:
            self._waiting = act
        else:
            act()

    def _step(self) -> None:
        self.refresh()
        can_go_on = self._continuing is not None and self._continuing.is_possible
        self._begin(self._session.fit if can_go_on else None, stepwise=True)

    def _go_on(self) -> None:
        self.refresh()
        if self._continuing is not None and self._continuing.is_possible:
            self._begin(self._session.fit)

    def _start(self) -> None:
        self.refresh()
        self._begin(None)

    def _begin(self, fit: Fit | None, stepwise: bool = False) -> None:
        """Start a run, from a fit or from new weights."""
        session = self._session
        if self.reason_not_ready or session.is_active or self.dataset is None:
            return
        project, replaced = self._document.whole, session.fit
        going_on = self._continuing if fit is not None else None
        self._said_at_start = going_on.at_start if going_on is not None else ""
        notes = tuple(each.accepted for each in self._document.all_problems)
        session.start(
            project.graph, self.dataset, project.plan, fit=fit, stepwise=stepwise, notes=notes
        )
        if replaced is not None:
            self._replaced.keep("Start training" if fit is None else "Continue training", replaced)

    def settle(self) -> None:
        """Have the fit at hand that the user chose by undo, now that no run goes on."""
        self._replaced.settle()

    def explain(self, error: Exception, messages: Messages) -> None:
        """A run could not be, or broke off: say why; a bug goes to the crash dialog."""
        if not isinstance(error, EngineError):
            raise error
        messages.error(error)

    def adopt(self, fix: Fix) -> None:
        """Carry out a fix as one undo step."""
        gesture = object() if fix.data is not None else None
        whole = edits.adopt(edits.placed(self._document.whole), fix)
        self._document.do_whole(fix.label, whole, gesture)
        if gesture is not None:
            self.follow_data_when_ready(gesture)

    def draw(self, name: str, graph: Graph, learns: Learns = "targets") -> None:
        """Put a whole network on the canvas, as one undo step.

        Args:
            learns: what it is to be compared with; data and plan go with it.
        """
        project = edits.draw_anew(self._document.whole, graph)
        gesture = None
        if learns == "inputs" and project.data is not None:
            data = project.data.changed(task="reconstruction")
            project = replace(project, data=data, plan=for_numbers(project.plan))
            gesture = object()
        self._document.do_whole(f"Draw {name}", project, gesture)
        if gesture is not None:
            self.follow_data_when_ready(gesture)

    def _document_changed(self, before: object) -> None:
        self._soon.start()

    def _session_changed(self) -> None:
        session, project = self._session, self._document.whole
        if session.history not in self._made:
            # A run began, or one was read with its project.
            trained = session.run or session.network
            graph = project.graph if trained is None else trained.graph
            data = absolute_data(project.data, self._document.base)
            self._made[session.history] = Made(graph, data)
        self._soon.start()

    def _note_continuing(self) -> None:
        """Work out what Continue would do now."""
        fit, project = self._session.fit, self._document.whole
        if fit is None or self.reason_not_ready is not None:
            self._continuing = None
        else:
            self._continuing = continuing(fit, project.graph, project.plan)

    def _document_replaced(self) -> None:
        self._replaced.forget()
        self._following = self._targets = self._starter = None
        self._draw_when_ready = False
        self._accepted = frozenset()
        self._soon.start()

    def _data_changed(self) -> None:
        dataset = self.dataset
        if dataset is not None and not self._data.is_loading:
            # An edit that was undone meanwhile may be done again: it stays in mind.
            if self._following is not None and self._following[0] == self._data.setup:
                (_, gesture), self._following = self._following, None
                draw, self._draw_when_ready = self._draw_when_ready, False
                if draw:
                    self._draw_starter(dataset)
                self._follow(dataset, gesture)
            self._targets = dataset.targets
        self._soon.start()

    def _draw_starter(self, dataset: Dataset) -> None:
        project = self._document.whole
        if not project.graph.nodes:
            drawn = edits.draw_anew(project, starter_graph(dataset))
            drawn = replace(drawn, plan=suggest_plan(dataset, project.plan))
            self._document.do_whole("Draw a network for the data", drawn)
            self._starter = self._document.whole.graph
            self.drawn.emit()

    def _follow(self, dataset: Dataset, gesture: Hashable) -> None:
        """Let network and plan go with the data, within the undo step that took it."""
        project = self._document.whole
        graph, plan = follow_data(project.graph, project.plan, dataset, self._targets)
        is_starter = project.graph is self._starter
        if graph is project.graph and plan is project.plan:
            return
        fitted = replace(project, graph=graph, plan=plan)
        if is_starter and plan_problems(graph, dataset, plan):
            # Nobody has touched it, and for pictures it is another one than for tables.
            fitted = edits.draw_anew(fitted, starter_graph(dataset))
        self._document.do_whole("Adapt to the data", fitted, gesture)
        if is_starter:
            self._starter = self._document.whole.graph

    def _loading_problem(self) -> Problem | None:
        error, setup = self._data.error, self._document.whole.data
        return loading_problem(error, setup) if error is not None and setup is not None else None
