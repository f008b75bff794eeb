"""How late the window's event loop is while training, and what live plots cost.

``python -m benchmarks.responsiveness [--json]`` opens the real window without a
screen, trains the digits example at full speed, and prints figures against the
goals: 99 of 100 turns of the event loop at most 50 ms late, all views under 5 %.

Speed is measured in turns, headless, in the window with plots and the canvas' live
pictures and health hidden, with the plots shown, and with everything shown, in one
process; of the ratios of neighboring turns the median is taken, so that other work on
the machine disturbs all alike. What plots cost is those shown against hidden; what the
live canvas costs, everything against the plots alone; what the whole window costs,
everything against headless.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# The user's own settings and recent files are none of a benchmark's business.
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="netsmith-benchmark-")

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app import theme
from app.canvas import CanvasView
from app.gui_gc import GuiGarbage
from app.training.session import TrainingSession
from engine.data import Dataset
from engine.graph import Graph
from engine.network import Network
from engine.training import BatchDone, Control, Plan, train

Seen = tuple[Sequence[QWidget], CanvasView]
"""What can be shown of a run: plots, and the canvas."""

TICK_MS = 5
LATE_GOAL_MS = 50.0
COST_GOAL = 0.05
WARM_UP_SECONDS = 0.3
ENDLESS = 100_000


@dataclass(frozen=True)
class Work:
    """What is trained: the digits example's network, and a plan without an end."""

    graph: Graph
    dataset: Dataset
    plan: Plan


class Clock(QObject):
    """A timer that notes how late each of its turns comes."""

    def __init__(self) -> None:
        super().__init__()
        self.late_ms: list[float] = []
        self._last = perf_counter()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self.late_ms.clear()
        self._last = perf_counter()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        now = perf_counter()
        self.late_ms.append(max(0.0, 1000 * (now - self._last) - TICK_MS))
        self._last = now


class SpeedMeter(QObject):
    """Counts the samples of a session's run after a warm-up."""

    def __init__(self, session: TrainingSession) -> None:
        super().__init__()
        self.reset()
        session.batches.connect(self._count)

    def reset(self) -> None:
        self._began = perf_counter()
        self._first = self._now = 0.0
        self._samples = 0

    def _count(self, batches: list[BatchDone]) -> None:
        self._now = perf_counter()
        if not self._first:
            if self._now - self._began > WARM_UP_SECONDS:
                self._first = self._now
            return
        self._samples += sum(batch.samples for batch in batches)

    @property
    def speed(self) -> float:
        """Samples per second of wall time."""
        return self._samples / max(self._now - self._first, 1e-9)


def headless_speed(work: Work, seconds: float) -> float:
    """Samples per second of wall time, trained in this thread without a window."""
    control, samples, first = Control(), 0, 0.0
    began = now = perf_counter()
    for event in train(Network(work.graph, work.plan.seed), work.dataset, work.plan, control):
        if not isinstance(event, BatchDone):
            continue
        now = perf_counter()
        if not first:
            if now - began > WARM_UP_SECONDS:
                first = now
            continue
        samples += event.samples
        if now - began > seconds:
            control.stop()
    return samples / (now - first)


def windowed_speed(
    session: TrainingSession, work: Work, seconds: float, meter: SpeedMeter
) -> float:
    """Samples per second of wall time, trained by the window."""
    meter.reset()
    session.start(work.graph, work.dataset, work.plan)
    wait(seconds)
    speed = meter.speed
    stop(session)
    return speed


def wait(seconds: float) -> None:
    """Let the event loop run."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def stop(session: TrainingSession) -> None:
    """End the run and wait for its end."""
    loop = QEventLoop()
    session.finished.connect(loop.quit)
    session.stop()
    loop.exec()
    session.finished.disconnect(loop.quit)


def measure(seconds: float, rounds: int, turn_seconds: float) -> dict[str, float]:
    """All figures: milliseconds late, samples per second, and the share that the window costs."""
    from app.main_window import MainWindow

    window = MainWindow()
    window.resize(1280, 800)
    window.show()
    window.open_demo()
    session = window.session
    wait_until(lambda: session.is_active)
    assert session.run is not None
    work = Work(session.run.graph, session.run.dataset, session.run.plan.changed(epochs=ENDLESS))
    stop(session)
    plots = [window.docks["curves"], window.docks["activations"]]
    window.canvas.zoom_reset()  # from afar layers have no pictures
    figures = measure_in(session, work, (plots, window.canvas), seconds, rounds, turn_seconds)
    window.document.undo_stack.setClean()
    window.close()
    return figures


def wait_until(is_so: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = perf_counter() + seconds
    while not is_so():
        if perf_counter() > deadline:
            raise TimeoutError("The window did not start the run.")
        wait(0.02)


def measure_in(
    session: TrainingSession,
    work: Work,
    seen: Seen,
    seconds: float,
    rounds: int,
    turn_seconds: float,
) -> dict[str, float]:
    """The figures of a session whose window is open."""
    clock = Clock()
    session.start(work.graph, work.dataset, work.plan)
    wait(WARM_UP_SECONDS)
    clock.start()
    wait(seconds)
    clock.stop()
    stop(session)
    speeds = take_turns(session, work, seen, rounds, turn_seconds)
    p50, p95, p99 = np.percentile(clock.late_ms, [50, 95, 99])
    return {
        "late_median_ms": float(p50),
        "late_p95_ms": float(p95),
        "late_p99_ms": float(p99),
        "late_max_ms": max(clock.late_ms),
        "turns": len(clock.late_ms),
        **{f"{way}_samples_per_second": median(each) for way, each in speeds.items()},
        "plots_cost": _cost(speeds["plots"], speeds["hidden"]),
        "live_cost": _cost(speeds["shown"], speeds["plots"]),
        "all_cost": _cost(speeds["shown"], speeds["hidden"]),
        "window_cost": _cost(speeds["shown"], speeds["headless"]),
    }


def take_turns(
    session: TrainingSession,
    work: Work,
    seen: Seen,
    rounds: int,
    turn_seconds: float,
) -> dict[str, list[float]]:
    """Speeds of the four ways to train, measured one after the other, again and again."""
    plots, canvas = seen
    meter = SpeedMeter(session)
    speeds: dict[str, list[float]] = {"headless": [], "hidden": [], "plots": [], "shown": []}
    for turn in range(rounds):
        # Who comes first takes turns too: the machine slows down as it warms up.
        for way in list(speeds)[:: 1 if turn % 2 else -1]:
            for plot in plots:
                plot.setVisible(way in ("plots", "shown"))
            canvas.show_pictures(way == "shown")
            canvas.show_health(way == "shown")
            wait(0.1)
            if way == "headless":
                speeds[way].append(headless_speed(work, turn_seconds))
            else:
                speeds[way].append(windowed_speed(session, work, turn_seconds, meter))
    return speeds


def _cost(slower: list[float], faster: list[float]) -> float:
    return 1 - median(one / other for one, other in zip(slower, faster, strict=True))


def report(figures: dict[str, float]) -> str:
    """The figures against their goals."""
    late, cost = figures["late_p99_ms"], figures["all_cost"]
    on_time, cheap = _met(late <= LATE_GOAL_MS), _met(cost < COST_GOAL)
    return "\n".join(
        [
            f"Event loop, {figures['turns']:,.0f} turns while training at full speed",
            f"  late, median   {figures['late_median_ms']:8.2f} ms",
            f"  late, 95 %     {figures['late_p95_ms']:8.2f} ms",
            f"  late, 99 %     {late:8.2f} ms   goal {LATE_GOAL_MS:.0f}: {on_time}",
            f"  late, longest  {figures['late_max_ms']:8.2f} ms",
            "Training speed, samples per second",
            f"  headless       {figures['headless_samples_per_second']:8,.0f}",
            f"  all hidden     {figures['hidden_samples_per_second']:8,.0f}",
            f"  plots shown    {figures['plots_samples_per_second']:8,.0f}",
            f"  all shown      {figures['shown_samples_per_second']:8,.0f}",
            f"  plots cost     {100 * figures['plots_cost']:8.1f} %",
            f"  live canvas    {100 * figures['live_cost']:8.1f} %",
            f"  together       {100 * cost:8.1f} %    goal {100 * COST_GOAL:.0f}: {cheap}",
            f"  window costs   {100 * figures['window_cost']:8.1f} %    against headless",
        ]
    )


def _met(good: bool) -> str:
    return "met" if good else "MISSED"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long lateness is measured")
    parser.add_argument("--rounds", type=int, default=9, help="how many pairs of speeds")
    parser.add_argument("--turn", type=float, default=2.0, help="seconds for each speed")
    given = parser.parse_args(arguments)
    app = QApplication(sys.argv[:1])
    theme.apply(theme.Scheme.LIGHT)
    with GuiGarbage(app):
        figures = measure(given.seconds, given.rounds, given.turn)
    print(report(figures))
    if given.json:
        print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
