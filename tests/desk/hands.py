"""Pointer and keys, as the X server gets them from a mouse and a keyboard."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from select import select

from tests.desk.display import Display

Point = tuple[int, int]
LEFT, MIDDLE, RIGHT = 1, 2, 3
ANSWER_S = 8.0
"""Seconds after which the other program will not answer; Qt waits for data for five."""

STEPS = 8
"""Places where the pointer stops on the way of a drag."""

ROOT = Path(__file__).parents[2]


class Hands:
    """Sends real events through XTEST.

    Every public method is one gesture with plain arguments, so that a list of
    ``(method, arguments)`` can be written down and played again.
    """

    def __init__(self, display: Display, note: Callable[[str, list[object]], None]) -> None:
        """Take hold of the pointer of a display.

        Args:
            note: is told every gesture before it is made.
        """
        self._environment, self._note = display.environment, note
        self._source: subprocess.Popen[str] | None = None

    def click(self, x: int, y: int, button: int = LEFT, times: int = 1) -> None:
        """Move there and press a button; twice for a double click."""
        self._note("click", [x, y, button, times])
        self._do(*_move(x, y), "click", "--repeat", times, "--delay", 40, button)

    def move(self, x: int, y: int) -> None:
        """Let the pointer rest there."""
        self._note("move", [x, y])
        self._do(*_move(x, y))

    def drag(self, x: int, y: int, to_x: int, to_y: int) -> None:
        """Press the left button, move on, let go."""
        self._note("drag", [x, y, to_x, to_y])
        self._do(*_drag((x, y), (to_x, to_y)))

    def wheel(self, x: int, y: int, notches: int) -> None:
        """Turn the wheel; up for positive numbers."""
        self._note("wheel", [x, y, notches])
        button = 4 if notches > 0 else 5
        self._do(*_move(x, y), "click", "--repeat", abs(notches), "--delay", 15, button)

    def keys(self, *names: str) -> None:
        """Press keys one after the other; ``ctrl+n`` presses both at once."""
        self._note("keys", list(names))
        self._do("key", "--delay", 12, *names)

    def type(self, text: str) -> None:
        """Type a text of ASCII letters."""
        self._note("type", [text])
        self._do("type", "--delay", 12, "--", text)

    def drop(self, x: int, y: int, *paths: str) -> str:
        """Drag files from another program's window and drop them there.

        Returns:
            What the other program was told: ``copy``, or ``refused``; empty where the icon
            could not be dragged, because an open menu has the pointer.
        """
        self._note("drop", [x, y, *paths])
        if self._source is None:
            self._source = subprocess.Popen(
                [sys.executable, "-m", "tests.desk.drag_source"],
                env=self._environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._source.stdin is not None
        self._source.stdin.write(json.dumps(paths) + "\n")
        self._source.stdin.flush()
        icon = [int(each) for each in self._told_by_source(ANSWER_S).split()]
        if not icon:
            return ""
        self._do(*_drag((icon[0], icon[1]), (x, y), pause=0.04))
        return self._told_by_source(ANSWER_S)

    def _told_by_source(self, seconds: float) -> str:
        """Return the next line of the other program; empty if none comes."""
        assert self._source is not None
        assert self._source.stdout is not None
        ready, _, _ = select([self._source.stdout], [], [], seconds)
        return self._source.stdout.readline().strip() if ready else ""

    def rest(self) -> None:
        """Let go of everything."""
        if self._source is not None:
            self._source.kill()
            self._source.communicate()
            self._source = None

    def _do(self, *words: object) -> None:
        subprocess.run(["xdotool", *map(str, words)], env=self._environment, check=True, timeout=60)


def _move(x: int, y: int) -> list[object]:
    # To where it is already the pointer cannot move, and --sync would wait for it.
    return ["mousemove", x, y]


def _drag(start: Point, end: Point, pause: float = 0.015) -> list[object]:
    words: list[object] = [*_move(*start), "sleep", pause, "mousedown", LEFT]
    for step in range(1, STEPS + 1):
        x = start[0] + (end[0] - start[0]) * step // STEPS
        y = start[1] + (end[1] - start[1]) * step // STEPS
        words += [*_move(x, y), "sleep", pause]
    return [*words, "sleep", pause, "mouseup", LEFT]
