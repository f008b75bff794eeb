"""Fits that runs have replaced: undo brings them back."""

from __future__ import annotations

import weakref
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.messages import Messages
from app.training.fit import Fit
from app.training.session import TrainingSession

KEPT_BYTES = 512 * 2**20
"""How much memory replaced fits may take together; the oldest go first, the last one stays."""

AddStep = Callable[[str, Callable[[], None]], None]


class ReplacedFits(QObject):
    """Makes an undo step of every run that replaces a fit.

    Undo during that run stops it, and brings the fit back as soon as it has ended; redo brings
    what the run came to.
    """

    def __init__(
        self, session: TrainingSession, add_step: AddStep, messages: Messages, parent: QObject
    ) -> None:
        """Wait for runs.

        Args:
            add_step: :meth:`app.document.Document.add_step`.
        """
        super().__init__(parent)
        self._session, self._add_step, self._messages = session, add_step, messages
        self._kept: list[weakref.ref[_Kept]] = []
        self._waiting: list[_Kept] = []
        # After all others were told how the run has ended.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._swap_waiting)
        session.stateChanged.connect(self._state_changed)

    def keep(self, label: str, fit: Fit) -> None:
        """A run called ``label`` begins and replaces this fit."""
        kept = _Kept(fit, self)
        self._kept.append(weakref.ref(kept))
        self._add_step(label, kept.swap)
        self._let_go()

    def swap(self, kept: _Kept) -> None:
        """Exchange the fit at hand for a kept one, once no run goes on."""
        if not self._session.is_active:
            self._swap(kept)
        elif self._waiting[-1:] == [kept]:
            self._waiting.pop()  # undone and done again before the run has ended
        else:
            self._waiting.append(kept)
            self._session.stop()

    def settle(self) -> None:
        """Carry out what waits for a run that has ended just now; it is about to be saved."""
        if not self._session.is_active:
            self._swap_waiting()

    def forget(self) -> None:
        """Another project was opened: nothing of this one is to come back."""
        self._waiting = []

    def _state_changed(self) -> None:
        if self._waiting and not self._session.is_active:
            self._soon.start()

    def _swap_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for kept in waiting:
            self.swap(kept)

    def _swap(self, kept: _Kept) -> None:
        back, present = kept.fit, self._session.fit
        if back is None or present is None:
            self._messages.info("This fit was discarded to save memory; the current one stays.")
            return
        kept.fit = present
        self._session.adopt(back)
        epochs = f"{back.epochs:,} epoch{'s'[: back.epochs != 1]}"
        self._messages.info(f"The network is back as it was after {epochs} of training.")
        self._let_go()

    def _let_go(self) -> None:
        """Drop the oldest fits where all together take too much memory."""
        living = [each for ref in self._kept if (each := ref()) is not None]
        self._kept = [weakref.ref(each) for each in living]
        total = 0
        for place, each in enumerate(reversed(living)):
            total += each.fit.nbytes if each.fit is not None else 0
            if place and total > KEPT_BYTES:
                each.fit = None


class _Kept:
    """One replaced fit; it lives as long as its undo step."""

    def __init__(self, fit: Fit, owner: ReplacedFits) -> None:
        self.fit: Fit | None = fit
        self._owner = owner

    def swap(self) -> None:
        """Undo or redo the run that replaced it."""
        self._owner.swap(self)
