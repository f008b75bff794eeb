"""The real program in a process of its own, driven by real events."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from engine.project import SUFFIX, read_project
from tests.desk.display import Display
from tests.desk.hands import LEFT, ROOT, Hands, Point

PATIENCE, PATIENCE_AT_START = 40.0, 90.0
"""Seconds after which what was waited for will not come; machines may be slow."""

Spot = dict[str, Any]


class Program:
    """Starts it, finds things in it, and says at the end whether all went well.

    Attributes:
        home: its home folder; files of a test lie here as well.
        hands: the gestures that it gets.
    """

    def __init__(
        self,
        display: Display,
        home: Path,
        *words: str,
        note: Callable[[str, list[object]], None] | None = None,
    ) -> None:
        """Start it and wait for its window.

        Args:
            words: the command line.
            note: is told every gesture before it is made.
        """
        self.home, self._log = home, home / "log.txt"
        self._told = self._log.stat().st_size if self._log.exists() else 0
        self.hands = Hands(display, note or _forget)
        ours, theirs = socket.socketpair()
        self._socket, self._answers = ours, ours.makefile("r", encoding="utf-8")
        ours.settimeout(PATIENCE_AT_START)
        (home / "run").mkdir(mode=0o700, exist_ok=True)
        environment = {
            **display.environment,
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "XDG_RUNTIME_DIR": str(home / "run"),
            "DESK_SOCKET": str(theirs.fileno()),
            "DESK_SERVERS": " ".join(map(str, display.processes)),
        }
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.desk.inside", *words],
                cwd=home,
                env=environment,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        theirs.close()
        self.wait_for(lambda: self.state["window"], "an active window", PATIENCE_AT_START)

    # What it is like

    @property
    def state(self) -> dict[str, Any]:
        """What project, data and run are like now; see :mod:`tests.desk.inside`."""
        found: dict[str, Any] = self._ask("state")
        return found

    def spots(self) -> list[Spot]:
        """Everything that can be seen and pressed now."""
        found: list[Spot] = self._ask("spots")
        return found

    def log(self) -> str:
        """What the program has written and :meth:`news` has not told: empty if all is well."""
        return self._log.read_bytes()[self._told :].decode(errors="replace").strip()

    def news(self) -> list[str]:
        """What the program has written since the last time, in one piece; it is told once."""
        news = self.log()
        self._told = self._log.stat().st_size
        return [news] if news else []

    def memory(self) -> float:
        """Return the memory that it has in use, in MB."""
        words = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()
        return int(words[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def wait_for(self, holds: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Wait until something holds; fail with what the program says of itself otherwise."""
        until = monotonic() + seconds
        while not holds():
            self.check()
            if monotonic() > until:
                raise AssertionError(f"waited {seconds:.0f} s for {what}: {self.state}")
            sleep(0.03)

    def wait_state(self, **wanted: object) -> None:
        """Wait until the state has these values."""
        self.wait_for(lambda: wanted.items() <= self.state.items(), f"{wanted}")

    def find(self, text: str, kind: str = "", *, part: bool = False) -> Spot:
        """Wait for something that can be pressed, and that stands still.

        Args:
            text: what it says; for nodes and ports the layer's id.
            kind: class of the widget, or ``row``, ``tab``, ``item``, ``node``, ``output``,
                ``input 0``, ``still`` for what only says something; empty for any other.
            part: whether ``text`` may be a part of what it says.
        """
        last: list[Spot | None] = [None]

        def stands() -> bool:
            before, last[0] = last[0], self._look(text, kind, part)
            return last[0] is not None and before == last[0]

        self.wait_for(stands, f"{kind or 'something'} that says “{text}”")
        assert last[0] is not None
        return last[0]

    def _look(self, text: str, kind: str, part: bool) -> Spot | None:
        for spot in self.spots():
            says = text in spot["text"] if part else spot["text"] == text
            fits = spot["kind"] == kind if kind else spot["kind"] != "still"
            if says and spot["enabled"] and fits:
                return spot
        return None

    # What is done with it

    def click(
        self, text: str, kind: str = "", *, part: bool = False, button: int = LEFT, times: int = 1
    ) -> None:
        """Press something, as :meth:`find` finds it."""
        self.hands.click(*middle(self.find(text, kind, part=part)), button, times)

    def type_into(self, text: str, value: str, kind: str = "") -> None:
        """Replace what stands in a field and press Enter."""
        self.click(text, kind, times=2)
        self.hands.keys("ctrl+a")
        self.hands.type(value)
        self.hands.keys("Return")

    def wire(self, source: str, target: str, port: int = 0) -> None:
        """Drag from a layer's output to another's input."""
        start = middle(self.find(source, "output"))
        self.hands.drag(*start, *middle(self.find(target, f"input {port}")))

    def drop(self, *paths: Path) -> None:
        """Drop files on the middle of its window, from another program."""
        answer = self.hands.drop(*self.center(), *map(str, paths))
        assert answer == "copy", f"the drop was answered with {answer!r}"

    def center(self) -> Point:
        """Return the middle of the window."""
        return middle(next(each for each in self.spots() if each["kind"] == "MainWindow"))

    # The end

    def check(self) -> None:
        """Fail if it has died, or written anything at all."""
        log, code = self.log(), self.process.poll()
        assert code in (None, 0), f"the program has ended with {code}:\n{log}"
        assert not log, f"the program says:\n{log}"

    def close(self) -> None:
        """End it as a user does, and fail if anything was wrong with it."""
        self.check()
        self.hands.keys("ctrl+q")
        self.wait_for(self._has_ended, "its end")
        code, log = self.process.returncode, self.log()
        assert code == 0, f"the program has ended with {code}:\n{log}"
        assert not log, f"the program says:\n{log}"
        for path in self.home.glob(f"*{SUFFIX}"):
            read_project(path)

    def _has_ended(self) -> bool:
        if self.process.poll() is not None:
            return True
        try:
            asked = self._look("Discard", "QPushButton", part=False)
        except AssertionError:
            return self.process.poll() is not None
        if asked is not None:
            self.hands.click(*middle(asked))
            sleep(0.2)
        return False

    def kill(self) -> None:
        """End it, however it is."""
        self.hands.rest()
        self.process.kill()
        self.process.wait(10)
        self._answers.close()
        self._socket.close()

    def _ask(self, question: str) -> Any:
        try:
            self._socket.sendall(json.dumps(question).encode() + b"\n")
            line = self._answers.readline()
        except TimeoutError:
            self._let_say_where_it_is()
            line = ""
        except OSError:
            line = ""
        if not line:
            code = self._wait_for_end()
            raise AssertionError(f"the program has ended with {code}:\n{self.log()}")
        return json.loads(line)

    def _wait_for_end(self) -> int:
        """Return the exit code of a program that answers no more."""
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._let_say_where_it_is()
            return self.process.wait(PATIENCE)

    def _let_say_where_it_is(self) -> None:
        """End it; it writes down first what each of its threads does."""
        self.process.send_signal(signal.SIGABRT)


def middle(spot: Spot) -> Point:
    """Return the middle of something on the screen."""
    x, y, width, height = spot["rect"]
    return x + width // 2, y + height // 2


def _forget(gesture: str, arguments: list[object]) -> None:
    """Nobody writes the gestures down."""
