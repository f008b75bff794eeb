"""What is seen of a run: curves, activations and the canvas follow the session."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.canvas.view import CanvasView
from app.document import Document
from app.document.data import LoadedData
from app.plots.activations import ActivationsView
from app.plots.comparison import ComparisonView
from app.plots.curves import Curves
from app.training.session import State, TrainingSession
from app.training.step_timer import StepTimer
from app.window.live_canvas import ASKER, LiveCanvas
from engine.graph import flat_name, names_along
from engine.network import Network
from engine.training import BatchDone, Seen


class RunViews(QObject):
    """Keeps the views of a run in step with session, data and selection."""

    def __init__(
        self,
        document: Document,
        data: LoadedData,
        session: TrainingSession,
        views: tuple[CanvasView, Curves, ActivationsView, ComparisonView],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._data, self._session = document, data, session
        self._canvas, self._curves, self._activations, self._comparison = views
        self._shown: Network | None = None
        self._timer = StepTimer()
        self.live = LiveCanvas(document, session, self._canvas, self._activations, self)
        session.started.connect(self._started)
        session.batches.connect(self._batches_done)
        session.epochDone.connect(self._went_on)
        session.seen.connect(self._seen)
        session.adopted.connect(self._fit_adopted)
        session.stateChanged.connect(self._state_changed)
        self._activations.lookWished.connect(session.look)
        document.selection.changed.connect(self._look_at_selection)
        document.changed.connect(self._document_changed)
        document.levelChanged.connect(self._look_at_selection)
        data.changed.connect(self._data_changed)

    def begin_anew(self) -> None:
        """Another project was opened: forget the run of the one before."""
        self._curves.clear()
        self._curves.begin(self._session.history)
        self._data_changed()
        self._state_changed()

    def shutdown(self) -> None:
        """Nothing more is to be shown."""
        self._comparison.shutdown()
        self.live.shutdown()

    def _seen(self, seen: Seen) -> None:
        if seen.asker == ASKER:
            self.live.show_seen(seen)
        else:
            self._activations.show_seen(seen)

    def _batches_done(self, batches: list[BatchDone]) -> None:
        self._timer.add(batches)
        self._went_on(batches)

    def _note_pace(self) -> None:
        """Set what a step took beside what it was predicted to take."""
        run, seconds = self._session.run, self._timer.seconds
        if run is not None and seconds is not None:
            self._document.costs.set_measured(run.graph, run.plan, seconds)

    def _started(self) -> None:
        self._timer = StepTimer()
        self._look_at_selection()

    def _fit_adopted(self) -> None:
        """What is known of the last run's steps is not of this fit."""
        self._timer = StepTimer()
        self.live.forget_health()

    def _went_on(self, event: object) -> None:
        self._curves.refresh()
        self._activations.note_progress()
        self.live.note_progress()

    def _state_changed(self) -> None:
        active = self._session.is_active
        if not active:
            self._note_pace()
        if self._curves.history is not self._session.history:
            self._curves.begin(self._session.history, goes_on=self._session.goes_on)
        if self._session.state is not State.RUNNING:
            self._curves.redraw()  # nothing more will come: show all of it
        self._canvas.set_running(active)
        self._show_network()
        self._activations.set_live(active, self._session.learned)
        self.live.set_live(active)
        self._look_at_selection()

    def _show_network(self) -> None:
        """Look at what was trained only while it is what is drawn: else it would mislead."""
        network, graph = self._session.network, self._document.whole.graph
        if network is not None and not network.graph.computes_as(graph):
            network = None
        if network is not self._shown:
            self._shown = network
            self._activations.set_network(network, self._session.learned)
            self._comparison.set_network(network, self._session.learned)
            self.live.set_network(network)

    def _document_changed(self, before: object) -> None:
        self._show_network()
        self._look_at_selection()

    def _data_changed(self) -> None:
        self._activations.set_dataset(self._data.dataset)
        self._comparison.set_dataset(self._data.dataset)
        self._look_at_selection()

    def _look_at_selection(self, before: object = None) -> None:
        """Show what the selected node puts out, else the group that one is in, else the network."""
        document, graph = self._document, self._document.whole.graph
        output = graph.outputs[-1] if graph.outputs else None
        selected = document.selection.node
        path = document.level if selected is None else (*document.level, selected)
        if not path:
            name = graph.nodes[output].name if output else ""
            self._activations.set_node(output, name)
            return
        name, flat = " › ".join(names_along(graph, path)), flat_name(graph, path)
        if flat != "/".join(path):
            name += ", first repetition"  # of a group that repeats
        self._activations.set_node(flat, name)
