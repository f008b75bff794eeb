"""Python's cycle collector, kept in the GUI thread.

The collector runs in whichever thread allocates next. When that is the training
thread and it finds a widget among the garbage, Qt destroys the widget in the
wrong thread and the program dies. So it is switched off, and a timer of the GUI
thread does its work.
"""

from __future__ import annotations

import gc
import sys
from time import perf_counter
from types import TracebackType

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS, BUSY_MS = 100, 20
"""Between two looks; the other after something was collected. Where much is allocated, as
by the compiler of loops, many short pauses take the place of a few long ones."""

MANY_MODULES = 50
"""So many together are a large package."""

FULL_SHARE = 0.005
"""The share of time that full collections may take: they cost the longest pauses."""


class GuiGarbage(QObject):
    """Collects cycles from a timer, by the generations and thresholds of :mod:`gc`.

    Create it in the GUI thread before the first window and keep it. ``close``
    (or leaving it as a context) gives the work back to Python.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        gc.disable()
        # What is there already, modules and classes, lives as long as the program:
        # without it a full collection takes a fraction of the time.
        self._modules = len(sys.modules)
        gc.freeze()
        self._full_not_before = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.collect_if_due)
        self._timer.start()

    def collect_if_due(self) -> int | None:
        """Collect the oldest generation whose threshold is passed; which, or None."""
        self._freeze_imports()
        counts, thresholds = gc.get_count(), gc.get_threshold()
        due = [i for i in range(3) if thresholds[i] and counts[i] > thresholds[i]]
        # As in gc itself: a generation is due only once the youngest is.
        generation = due[-1] if 0 in due else None
        if generation == 2 and perf_counter() < self._full_not_before:
            generation = 1
        self._timer.setInterval(INTERVAL_MS if generation is None else BUSY_MS)
        if generation is None:
            return None
        began = perf_counter()
        gc.collect(generation)
        if generation == 2:
            now = perf_counter()
            self._full_not_before = now + (now - began) / FULL_SHARE
        return generation

    def _freeze_imports(self) -> None:
        """Leave alone what packages brought along that were imported on first use.

        A full collection with numba's hundred thousand functions and types held the window
        up for a tenth of a second.
        """
        modules = len(sys.modules)
        if modules > self._modules + MANY_MODULES:
            self._modules = modules
            gc.freeze()

    def close(self) -> None:
        """Stop, and let Python collect again if it did before."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

    def __enter__(self) -> GuiGarbage:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
