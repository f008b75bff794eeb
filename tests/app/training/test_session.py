"""Real runs in a real thread: steering, outcomes, and what must not happen."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

import app.training.worker as worker_module
from app.gui_gc import GuiGarbage
from app.training.session import State, TrainingSession
from engine.data import Dataset
from engine.errors import EngineError, PlanError
from engine.graph import Graph
from engine.layers import Dense
from engine.training import BatchDone, EpochDone, Finished, Look, Plan, Seen

TIMEOUT_MS = 30_000


class Log:
    """Everything that a session said."""

    def __init__(self, session: TrainingSession) -> None:
        self.batches: list[BatchDone] = []
        self.epochs: list[EpochDone] = []
        self.seen: list[Seen] = []
        self.ends: list[object] = []
        self.states: list[State] = []
        self._session = session
        session.batches.connect(self.batches.extend)
        session.epochDone.connect(self.epochs.append)
        session.seen.connect(self.seen.append)
        session.finished.connect(self.ends.append)
        session.failed.connect(self.ends.append)
        session.stateChanged.connect(self._note_state)

    def _note_state(self) -> None:
        self.states.append(self._session.state)


@pytest.fixture
def log(session: TrainingSession) -> Log:
    return Log(session)


def run_to_end(qtbot: QtBot, session: TrainingSession, log: Log) -> None:
    qtbot.waitUntil(lambda: bool(log.ends), timeout=TIMEOUT_MS)
    assert not session.is_active


def test_a_run_completes_once_and_leaves_a_better_network(
    qtbot: QtBot, session: TrainingSession, log: Log, graph: Graph, dataset: Dataset
) -> None:
    session.start(graph, dataset, Plan(epochs=20))
    assert session.network is None
    run_to_end(qtbot, session, log)
    (end,) = log.ends
    assert isinstance(end, Finished)
    assert end.outcome == "completed"
    assert end.test["accuracy"] > 0.9
    assert session.result is end
    assert [each.step for each in log.batches] == list(range(1, 121))
    assert [each.epoch for each in log.epochs] == list(range(1, 21))
    assert log.epochs[-1].train["loss"] < log.epochs[0].train["loss"]
    assert log.states == [State.RUNNING, State.FINISHED]
    assert session.network is not None
    assert session.network.predict(dataset.test.x[:3]).shape == (3, 2)
    assert len(session.history) == 20


def test_the_same_plan_gives_the_same_run(
    qtbot: QtBot, session: TrainingSession, log: Log, graph: Graph, dataset: Dataset
) -> None:
    runs = []
    for _ in range(2):
        log.ends.clear()
        session.start(graph, dataset, Plan(epochs=2))
        run_to_end(qtbot, session, log)
        runs.append(session.history.trail.losses)
    np.testing.assert_array_equal(runs[0], runs[1])


def test_stop_ends_once(
    qtbot: QtBot, session: TrainingSession, log: Log, graph: Graph, dataset: Dataset, endless: Plan
) -> None:
    session.start(graph, dataset, endless)
    qtbot.waitUntil(lambda: bool(log.batches), timeout=TIMEOUT_MS)
    session.stop()
    session.stop()
    assert session.is_stopping
    run_to_end(qtbot, session, log)
    (end,) = log.ends
    assert isinstance(end, Finished)
    assert end.outcome == "stopped"
    assert not session.is_stopping
    assert session.network is not None


def test_a_run_that_diverges_says_so(
    qtbot: QtBot, session: TrainingSession, log: Log, dataset: Dataset
) -> None:
    wild = Graph.sequential((2,), [Dense(units=1)])
    x = dataset.train.x * 1e3
    numbers = Dataset.from_arrays(x, x[:, 0].astype(np.float64))
    plan = Plan.parse(
        {
            "loss": "MeanSquaredError",
            "metrics": [],
            "optimizer": {"type": "SGD", "learning_rate": 100.0},
            "epochs": 500,
        }
    )
    with np.errstate(all="ignore"):
        session.start(wild, numbers, plan)
        run_to_end(qtbot, session, log)
    (end,) = log.ends
    assert isinstance(end, Finished)
    assert end.outcome == "diverged"
    assert end.note


def test_what_does_not_fit_comes_as_a_value(
    qtbot: QtBot, session: TrainingSession, log: Log, dataset: Dataset
) -> None:
    session.start(Graph.sequential((3,), [Dense(units=2)]), dataset, Plan())
    run_to_end(qtbot, session, log)
    (end,) = log.ends
    assert isinstance(end, PlanError)
    assert session.result is end
    assert session.network is None
    assert session.state is State.FINISHED


def test_a_bug_comes_as_a_value(
    qtbot: QtBot,
    session: TrainingSession,
    log: Log,
    graph: Graph,
    dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*args: object, **more: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(worker_module, "train", broken)
    session.start(graph, dataset, Plan())
    run_to_end(qtbot, session, log)
    (end,) = log.ends
    assert isinstance(end, ZeroDivisionError)


def test_a_failed_start_keeps_the_network_from_before(
    qtbot: QtBot, session: TrainingSession, log: Log, graph: Graph, dataset: Dataset
) -> None:
    session.start(graph, dataset, Plan(epochs=1))
    run_to_end(qtbot, session, log)
    trained = session.network
    session.start(Graph.sequential((3,), [Dense(units=2)]), dataset, Plan())
    qtbot.waitUntil(lambda: len(log.ends) == 2, timeout=TIMEOUT_MS)
    assert isinstance(log.ends[1], EngineError)
    assert session.network is trained


def test_pause_pauses_step_takes_one_and_resume_goes_on(
    qtbot: QtBot, session: TrainingSession, log: Log, graph: Graph, dataset: Dataset, endless: Plan
) -> None:
    session.start(graph, dataset, endless)
    qtbot.waitUntil(lambda: bool(log.batches), timeout=TIMEOUT_MS)
    session.pause()
    assert session.state is State.PAUSED
    # A look is answered only between batches: once it is, the run waits.
    session.look(Look(dataset.test.x[:1], graph.outputs))
    qtbot.waitUntil(lambda: bool(log.seen), timeout=TIMEOUT_MS)
    session.look(Look(dataset.test.x[:1], graph.outputs))
    qtbot.waitUntil(lambda: len(log.seen) == 2, timeout=TIMEOUT_MS)
    count = len(log.batches)
    assert log.seen[-1].step == log.batches[-1].step
    session.step()
    qtbot.waitUntil(lambda: len(log.batches) == count + 1, timeout=TIMEOUT_MS)
    session.look(Look(dataset.test.x[:1], graph.outputs))
    qtbot.waitUntil(lambda: len(log.seen) == 3, timeout=TIMEOUT_MS)
    assert len(log.batches) == count + 1
    session.resume()
    qtbot.waitUntil(lambda: len(log.batches) > count + 1, timeout=TIMEOUT_MS)
    assert session.state is State.RUNNING


def test_a_run_can_start_with_a_single_step(
    qtbot: QtBot, session: TrainingSession, log: Log, graph: Graph, dataset: Dataset, endless: Plan
) -> None:
    session.start(graph, dataset, endless, stepwise=True)
    session.look(Look(dataset.test.x[:1], graph.outputs))
    qtbot.waitUntil(lambda: bool(log.seen and log.batches), timeout=TIMEOUT_MS)
    assert len(log.batches) == 1
    assert session.state is State.PAUSED


def test_a_paused_run_can_be_stopped(
    qtbot: QtBot, session: TrainingSession, log: Log, graph: Graph, dataset: Dataset, endless: Plan
) -> None:
    session.start(graph, dataset, endless, stepwise=True)
    session.stop()
    run_to_end(qtbot, session, log)
    assert isinstance(log.ends[0], Finished)


def test_seen_holds_copies(
    qtbot: QtBot, session: TrainingSession, log: Log, graph: Graph, dataset: Dataset
) -> None:
    session.start(graph, dataset, Plan(epochs=2), stepwise=True)
    wish = Look(dataset.test.x[:4], tuple(graph.nodes), dataset.test.x[:9])
    session.look(wish)
    qtbot.waitUntil(lambda: bool(log.seen), timeout=TIMEOUT_MS)
    session.resume()
    run_to_end(qtbot, session, log)
    (seen,) = log.seen
    assert set(seen.outputs) == set(graph.nodes)
    assert all(len(each) == 4 for each in seen.outputs.values())
    assert seen.prediction is not None
    assert seen.prediction.shape == (9, 2)
    assert session.network is not None
    live = [session.network.trained, *session.network.weights.values(), wish.samples]
    for copy in (*seen.outputs.values(), seen.prediction):
        assert not any(np.shares_memory(copy, each) for each in live)


def test_going_on_starts_from_the_weights_and_adds_to_the_history(
    qtbot: QtBot, session: TrainingSession, log: Log, graph: Graph, dataset: Dataset
) -> None:
    session.start(graph, dataset, Plan(epochs=10))
    run_to_end(qtbot, session, log)
    before = log.epochs[-1].train["loss"]
    log.ends.clear()
    log.epochs.clear()
    session.start(graph, dataset, Plan(epochs=3), fit=session.fit)
    run_to_end(qtbot, session, log)
    assert log.epochs[0].train["loss"] < before * 1.1
    np.testing.assert_array_equal(session.history.column("epoch"), np.arange(1, 14))
    assert (np.diff(session.history.trail.steps) == 1).all()


def test_a_hundred_starts_and_stops(
    qtbot: QtBot, session: TrainingSession, log: Log, graph: Graph, dataset: Dataset, endless: Plan
) -> None:
    interval = sys.getswitchinterval()
    for count in range(1, 101):
        session.start(graph, dataset, endless)
        assert sys.getswitchinterval() < interval
        if count % 3 == 0:
            session.pause()
        session.stop()
        qtbot.waitUntil(lambda count=count: len(log.ends) == count, timeout=TIMEOUT_MS)
    assert all(isinstance(end, Finished) for end in log.ends)
    assert sys.getswitchinterval() == interval
    assert "training" not in [each.name for each in threading.enumerate()]


def test_a_run_that_waits_for_loops_says_so_and_can_be_stopped(
    qtbot: QtBot,
    session: TrainingSession,
    log: Log,
    graph: Graph,
    dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numba = pytest.importorskip("numba")
    first, second = (numba.njit(lambda x, y=y: x + y) for y in (1, 2))
    go_on = threading.Event()

    def steps(*_: object, **__: object) -> Iterator[object]:
        first(1)
        go_on.wait(10)
        second(1)
        yield from ()

    monkeypatch.setattr(worker_module, "train", steps)
    session.start(graph, dataset, Plan())
    qtbot.waitUntil(lambda: session.is_preparing, timeout=TIMEOUT_MS)
    session.stop()
    go_on.set()
    run_to_end(qtbot, session, log)
    (end,) = log.ends
    assert isinstance(end, Finished)
    assert (end.outcome, end.step) == ("stopped", 0)
    assert not second.signatures
    assert not session.is_preparing
    assert session.network is not None


@pytest.fixture
def slow_batch(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A run whose batch goes on until this is set."""
    may_end = threading.Event()

    def train(*given: object, **more: object) -> Iterator[object]:
        assert may_end.wait(TIMEOUT_MS / 1000)
        yield from ()
        raise EngineError("The batch has ended.", "")

    monkeypatch.setattr(worker_module, "train", train)
    yield may_end
    may_end.set()


def test_the_window_goes_on_while_a_run_is_finished(
    session: TrainingSession, log: Log, graph: Graph, dataset: Dataset, slow_batch: threading.Event
) -> None:
    session.start(graph, dataset, Plan(epochs=1))
    ticks: list[int] = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(1) if len(ticks) < 5 else slow_batch.set())
    timer.start(10)
    session.finish()
    timer.stop()
    assert len(ticks) == 5, "nothing was done before the batch had ended"
    assert len(log.ends) == 1
    assert not session.is_active


def test_forget_does_not_wait_for_the_batch(
    session: TrainingSession, log: Log, graph: Graph, dataset: Dataset, slow_batch: threading.Event
) -> None:
    session.start(graph, dataset, Plan(epochs=1))
    session.forget()
    assert session.state is State.IDLE
    assert not session.shutdown(seconds=0.05), "the thread is still known"
    slow_batch.set()
    assert session.shutdown()
    assert not log.ends


def test_forget_drops_everything(
    qtbot: QtBot, session: TrainingSession, log: Log, graph: Graph, dataset: Dataset, endless: Plan
) -> None:
    session.start(graph, dataset, endless)
    qtbot.waitUntil(lambda: bool(log.batches), timeout=TIMEOUT_MS)
    session.forget()
    assert session.state is State.IDLE
    assert session.history.is_empty
    assert not log.ends


def test_the_cycle_collector_never_runs_in_the_training_thread(
    qtbot: QtBot, session: TrainingSession, log: Log, graph: Graph, dataset: Dataset, endless: Plan
) -> None:
    threads: list[str] = []

    def note(phase: str, info: object) -> None:
        threads.append(threading.current_thread().name)

    gc.callbacks.append(note)
    try:
        with GuiGarbage():
            session.start(graph, dataset, endless)
            qtbot.waitUntil(lambda: bool(threads) and len(log.epochs) > 5, timeout=TIMEOUT_MS)
    finally:
        gc.callbacks.remove(note)
    assert "training" not in threads
