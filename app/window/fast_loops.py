"""Says when the fast loops are ready, which a process of its own prepares at the first start."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.messages import Messages
from app.training.session import TrainingSession
from app.window.status import StatusFacts
from engine.training.fast_loops import FastLoops, State

LOOK_MS = 500
FAILED = "Fast loops could not be prepared, so training uses the plain ones; results are as good."


class PreparingLoops(QObject):
    """Prepares the compiled loops while the window is open, and tells how far they are."""

    def __init__(
        self,
        loops: FastLoops,
        facts: StatusFacts,
        session: TrainingSession,
        messages: Messages,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._loops, self._facts, self._session, self._messages = loops, facts, session, messages
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Begin; plain loops are used until it is done."""
        if self._loops.start() is State.PREPARING:
            self._facts.show_preparing(True)
            self._timer.start()

    def stop(self) -> None:
        """End what is under way: the program ends."""
        self._timer.stop()
        self._loops.stop()

    def _look(self) -> None:
        state = self._loops.look()
        if state is State.PREPARING:
            return
        self._timer.stop()
        self._facts.show_preparing(False)
        if state is State.FAILED:
            self._messages.info(FAILED)
        elif self._session.is_active:
            self._messages.info("Fast loops are ready; the next run uses them.")
        else:
            self._messages.info("Fast loops are ready: training is faster from now on.")
