"""What is watched inside the program: Qt's messages, long turns of the event loop, window sizes.

All of it goes to stderr, which stays empty where nothing is wrong.
"""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections import Counter
from pathlib import Path
from time import perf_counter, sleep, thread_time
from types import FrameType

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

APP = str(Path(__file__).parents[2] / "app")

OURS = "self"
BEAT_MS = 20
LONGEST_TURN_MS = 200
SAMPLED_FROM_MS, SAMPLE_EVERY_MS = 40, 20
LAST_CALLS = 3
REFERENCE_MS = 4.0
"""What :func:`slowness` takes on a processor of 2023 that does nothing else."""

SIZES_MS = 250


def report(text: str) -> None:
    """Write it to stderr at once."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def watch_messages() -> None:
    """Report Qt's warnings with the Python code that caused them."""
    qInstallMessageHandler(_message)


def _message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
        report(f"Qt says ({context.category}): {text}\n{''.join(traceback.format_stack()[:-1])}")


class TurnWatch(QObject):
    """Reports every time for which the event loop did not answer, with what Python did then.

    A timer ticks in the event loop. How much later than due a tick comes is the time
    of the turn before it. Whatever was spent waiting for a processor is taken off, so
    that it does not matter what else the machine does: by the thread itself, and by
    what it may be blocked by, which are other threads of the program and the X server.
    Without a window there is nothing that could answer.
    """

    def __init__(self, servers: list[int], parent: QObject) -> None:
        super().__init__(parent)
        self._servers = servers
        self._thread, self._id = threading.get_ident(), threading.get_native_id()
        signal.signal(signal.SIGUSR1, self._sample)
        self._samples: Counter[str] = Counter()
        self._began = perf_counter()
        self._looker = threading.Thread(target=self._look, name="turn watch", daemon=True)
        self._looker.start()
        self._begin()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def _begin(self) -> None:
        self._samples.clear()
        self._waited_before = self._waited_by_others()
        self._waited = waited(OURS, self._id)
        self._began, self._worked = perf_counter(), thread_time()

    def _beat(self) -> None:
        took = (perf_counter() - self._began) * 1000 - BEAT_MS
        if took > LONGEST_TURN_MS and self._has_window():
            self._judge(took)
        self._begin()

    def _judge(self, took: float) -> None:
        ready = (waited(OURS, self._id) - self._waited) * 1000
        work = (thread_time() - self._worked) * 1000
        blocked = max(took - ready - work, 0.0)
        # Less than before where a thread has ended.
        others = max(self._waited_by_others() - self._waited_before, 0.0) * 1000
        blocked_by_ready = min(blocked, others)
        stacks = "\n".join(f"{n}×\n{text}" for text, n in self._samples.most_common(3))
        slower = slowness()
        if took - ready - blocked_by_ready > LONGEST_TURN_MS * slower:
            report(
                f"A turn of the event loop took {took:.0f} ms: {work:.0f} of work, {blocked:.0f} "
                f"blocked ({blocked_by_ready:.0f} of them by others that waited for a processor), "
                f"{ready:.0f} of waiting for a processor; all of it beside work that makes this "
                f"one slower by {slower - 1:.0%}.\n{stacks}"
            )

    def _waited_by_others(self) -> float:
        known = [(OURS, id) for id in _threads() - {self._id, self._looker.native_id}]
        return sum(waited(*each) for each in known + [(id, id) for id in self._servers])

    def _has_window(self) -> bool:
        return any(each.isVisible() for each in QApplication.topLevelWidgets())

    def _look(self) -> None:
        """Ask what the event loop's thread does while a turn is long.

        It answers itself. Whoever looks at its frames from another thread keeps their
        variables alive, and a painter that outlives its paint event ends the program.
        """
        while True:
            sleep(SAMPLE_EVERY_MS / 1000)
            if (perf_counter() - self._began) * 1000 > SAMPLED_FROM_MS:
                signal.pthread_kill(self._thread, signal.SIGUSR1)

    def _sample(self, number: int, frame: FrameType | None) -> None:
        """Note the program's own calls, and the last of all."""
        calls = []
        while frame is not None:
            code = frame.f_code
            if len(calls) < LAST_CALLS or code.co_filename.startswith(APP):
                calls.append(f"  {code.co_filename}:{frame.f_lineno} in {code.co_name}")
            frame = frame.f_back
        self._samples["\n".join(calls)] += 1


def slowness() -> float:
    """Return how much slower than by itself this machine works at present; 1 for not at all.

    Processors share caches and units: beside other work each of them does less in its time.
    """
    took = []
    for _ in range(5):
        began, total = thread_time(), 0
        for number in range(50_000):
            total += number * number % 7
        took.append((thread_time() - began) * 1000)
    return max(1.0, sorted(took)[2] / REFERENCE_MS)


def waited(process: int | str, thread: int) -> float:
    """Return the seconds that a thread has waited for a processor so far."""
    try:
        path = Path(f"/proc/{process}/task/{thread}/schedstat")
        return int(path.read_text(encoding="ascii").split()[1]) / 1e9
    except OSError:  # it has ended
        return 0.0


def _threads() -> set[int]:
    return {int(each.name) for each in Path("/proc/self/task").iterdir()}


class SizeWatch(QObject):
    """Reports every window that is larger than its screen, once."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._reported: set[str] = set()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(SIZES_MS)

    def _look(self) -> None:
        for window in QApplication.topLevelWidgets():
            if not window.isVisible():
                continue
            frame, screen = window.frameGeometry().size(), window.screen().geometry().size()
            name = f"{type(window).__name__} “{window.windowTitle()}”"
            if frame.boundedTo(screen) != frame and name not in self._reported:
                self._reported.add(name)
                report(
                    f"{name} is {frame.width()}×{frame.height()} on a screen of "
                    f"{screen.width()}×{screen.height()}."
                )
