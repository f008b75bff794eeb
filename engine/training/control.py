"""How somebody outside steers a run: stop, pause, step, look."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from engine.arrays import Array


@dataclass(frozen=True)
class Look:
    """A wish to see what the network does at present.

    Attributes:
        samples: (B, ...) inputs whose way through the network is asked for; may be empty.
        nodes: ids of the nodes whose output for them is wanted.
        points: (N, ...) other inputs for which only the prediction is wanted,
            such as the grid of a decision surface.
        predicted: the output whose prediction for them is wanted; empty takes the last.
        glances: ids of the nodes of which a small picture is wanted.
        health: whether the health of a step is wanted: that of the last step that was
            watched, and the next one will be.
        asker: who asks; each has one wish, and finds its name in the answer.
    """

    samples: Array
    nodes: tuple[str, ...] = ()
    points: Array | None = None
    glances: tuple[str, ...] = ()
    health: bool = False
    asker: str = ""
    predicted: str = ""


class Control:
    """Steers a run from another thread. Every method returns at once.

    Stop, pause and step take effect between batches.
    """

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._paused = False
        self._stopped = False
        self._steps = 0
        self._looks: dict[str, Look] = {}

    @property
    def is_paused(self) -> bool:
        with self._lock:
            return self._paused

    @property
    def is_stopping(self) -> bool:
        """Whether no other batch will be taken."""
        with self._lock:
            return self._stopped

    def pause(self) -> None:
        """Wait after the batch that is under way."""
        with self._lock:
            self._paused = True

    def resume(self) -> None:
        """Go on after a pause."""
        with self._lock:
            self._paused = False
            self._steps = 0
            self._lock.notify_all()

    def step(self) -> None:
        """Take one batch and pause again."""
        with self._lock:
            self._paused = True
            self._steps += 1
            self._lock.notify_all()

    def stop(self) -> None:
        """End the run after the batch that is under way."""
        with self._lock:
            self._stopped = True
            self._lock.notify_all()

    def look(self, wish: Look) -> None:
        """Ask for a :class:`Seen` event soon, also while paused.

        A newer wish of the same asker replaces it.
        """
        with self._lock:
            self._looks[wish.asker] = wish
            self._lock.notify_all()

    def take_look(self) -> Look | None:
        """The wish that has waited longest, taken away."""
        with self._lock:
            first = next(iter(self._looks), None)
            return None if first is None else self._looks.pop(first)

    def wait_for_leave(self) -> bool | None:
        """Whether to take the next batch: True; False to end; None if only a look waits.

        Blocks while paused.
        """
        with self._lock:
            while True:
                if self._stopped:
                    return False
                if not self._paused:
                    return True
                if self._steps:
                    self._steps -= 1
                    return True
                if self._looks:
                    return None
                self._lock.wait()
