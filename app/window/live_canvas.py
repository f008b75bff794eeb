"""What the canvas shows of a run: asks whoever trains, a few times a second at most."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from PySide6.QtCore import QObject, QTimer

from app.canvas.view import CanvasView
from app.document import Document
from app.plots.activations import ActivationsView
from app.training.session import TrainingSession
from app.widgets.background import Background
from engine.arrays import Array
from engine.graph import Graph, body_at, flat_prefix
from engine.network import Network
from engine.progress import Progress
from engine.training import Look, Seen
from engine.training.glances import glances_of
from engine.training.health import Health
from engine.training.meaning import Meaning

ASKER = "canvas"
LOOK_MS, STILL_MS = 500, 5_000
"""Between two looks at least; the other where the user wants little to move."""
SHARE = 0.015
"""So much of a run's time looking may take; large networks are looked at more rarely."""


class LiveCanvas(QObject):
    """Brings pictures and health to the canvas, live from a run, at rest from its network."""

    def __init__(
        self,
        document: Document,
        session: TrainingSession,
        canvas: CanvasView,
        activations: ActivationsView,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._session = document, session
        self._canvas, self._activations = canvas, activations
        self._network: Network | None = None
        self._is_stale = True
        self._asked: frozenset[str] = frozenset()
        self._background = Background(self)
        self._background.found.connect(self._show_found)
        self._background.ended.connect(self._ended)
        self._wants_more = False
        self._health: Health | None = None
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._ask)
        activations.sampleChosen.connect(self._sample_chosen)
        canvas.liveWanted.connect(self._show_at_rest)
        document.levelChanged.connect(self._level_changed)

    def shutdown(self) -> None:
        """Wait for a thread that goes on; the object is of no use afterwards."""
        self._timer.stop()
        self._background.shutdown()

    # What others tell

    def set_live(self, live: bool) -> None:
        """Whether a run goes on."""
        if live and not self._timer.isActive():
            self._is_stale = True
            self._health = None
            self._pace(0.0)
            self._timer.start()
        elif not live:
            self._timer.stop()

    def set_network(self, network: Network | None) -> None:
        """At rest, the trained network of what is drawn; None if there is none."""
        self._network = network
        if network is None:
            self._health = None
        if network is None and not self._session.is_active:
            self._canvas.canvas_scene.live.clear()
            self._canvas.show_legend()
        self._show_at_rest()

    def forget_health(self) -> None:
        """The network at hand is no longer the one that was trained last."""
        self._health = None
        self._canvas.canvas_scene.live.clear()
        self._canvas.show_legend()

    def note_progress(self) -> None:
        """The run went on."""
        self._is_stale = True

    def show_seen(self, seen: Seen) -> None:
        """An answer of the run."""
        run = self._session.run
        if run is None:
            return
        clock = perf_counter()
        self._health = seen.health or self._health
        self._show(run.graph, seen.glances, seen.health)
        self._pace(seen.seconds + perf_counter() - clock)

    def _level_changed(self) -> None:
        """Other nodes are in sight: show what is known of them, ask for the rest."""
        self._is_stale = True
        run = self._session.run
        if run is not None and self._health is not None:
            self._show(run.graph, {}, self._health)
        self._show_at_rest()

    def _show(
        self, graph: Graph, glances: Mapping[str, Array], health: Health | None = None
    ) -> None:
        """Hand on what belongs to the level that is looked at, by the names it has there."""
        level = self._document.level
        body = body_at(graph, level)
        if body is None:
            return  # a group that was made since
        prefix = flat_prefix(graph, level)
        here = {name.removeprefix(prefix): each for name, each in glances.items()}
        self._canvas.canvas_scene.live.show_run(
            body, here, None if health is None else health.within(prefix)
        )
        self._canvas.show_legend()

    # Asking

    def _pace(self, seconds: float) -> None:
        """Look so rarely that it costs little of the run."""
        least = LOOK_MS if self._canvas.moves else STILL_MS
        self._timer.setInterval(max(least, round(1000 * seconds / SHARE)))

    def _ask(self) -> None:
        live = self._canvas.canvas_scene.live
        wanted = self._wanted(self._canvas.nodes_in_sight() if live.is_near else ())
        fresh = not self._is_stale and wanted <= self._asked
        if fresh or not self._canvas.isVisible() or not (wanted or live.shows_health):
            return
        sample = self._activations.sample
        samples = np.empty(0) if sample is None else np.array(sample)
        self._is_stale, self._asked = False, wanted
        self._session.look(
            Look(samples, glances=tuple(wanted), health=live.shows_health, asker=ASKER)
        )

    def _wanted(self, nodes: Iterable[str]) -> frozenset[str]:
        """Nodes of the level that is looked at, by the names that they have in the network."""
        if not self._canvas.canvas_scene.live.shows_glances:
            return frozenset()
        whole, level = self._document.whole.graph, self._document.level
        prefix = flat_prefix(whole, level)
        return frozenset(f"{prefix}{node}" for node in nodes)

    def _sample_chosen(self) -> None:
        self._is_stale = True
        self._show_at_rest()

    # At rest

    def _show_at_rest(self) -> None:
        """Ask the network in a thread: a large one takes its time."""
        network, sample = self._network, self._activations.sample
        nodes = self._wanted(self._document.project.graph.nodes)
        if network is None or sample is None or not nodes or self._session.is_active:
            return
        if not network.takes(sample.shape[1:]):
            return
        if self._background.is_working:
            self._wants_more = True
        else:
            learned = self._session.learned
            meanings = {} if learned is None else learned.meanings
            self._background.start(_Looking(network, np.array(sample), nodes, meanings).work)

    def _show_found(self, found: list[_Found]) -> None:
        (network, glances) = found[-1]
        if network is self._network and not self._session.is_active:
            live = self._canvas.canvas_scene.live
            run = self._session.run
            # What was trained just now keeps its health.
            graph = network.graph if live.graph is None or run is None else run.graph
            self._show(graph, glances)

    def _ended(self, error: BaseException | None) -> None:
        if error is not None:
            raise error
        if self._wants_more:
            self._wants_more = False
            self._show_at_rest()


_Found = tuple[Network, Mapping[str, Array]]


@dataclass(frozen=True, eq=False)
class _Looking:
    """One sample's way through a network."""

    network: Network
    sample: Array
    nodes: frozenset[str]
    meanings: Mapping[str, Meaning]

    def work(self, progress: Progress) -> Generator[object, None, None]:
        """Yields once: the network, and what each layer makes of the sample."""
        known = [id for id in self.nodes if id in self.network.shapes]
        found = self.network.outputs_of(self.sample, known)
        yield self.network, glances_of(found, self.meanings)
