"""A screen for one program under test: an X server without a monitor, and a window manager."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from app.launch import install_line, missing_libraries

WIDTH, HEIGHT = 1366, 768
"""A small laptop's screen: what fits here fits everywhere."""

TOOLS = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool"}
"""Program: the Debian package that brings it."""


def reason_to_skip() -> str:
    """Return why there can be no desk here, in words; empty if there can be one."""
    if not sys.platform.startswith("linux"):
        return "the window is driven under Xvfb, which is for Linux"
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if missing:
        return f"needs {', '.join(TOOLS.values())}; install them: apt install {' '.join(missing)}"
    libraries = missing_libraries(environment={"QT_QPA_PLATFORM": "xcb"})
    return f"Qt needs libraries of the system: {install_line(libraries)}" if libraries else ""


class Display:
    """Xvfb with openbox on the first display number that is free.

    Attributes:
        name: what DISPLAY is for its programs.
    """

    def __init__(self, home: Path) -> None:
        """Prepare it.

        Args:
            home: the home folder of the window manager, so that nobody's settings count.
        """
        self.name = ""
        self._home = home
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Display:
        reader, writer = os.pipe()
        screen = f"{WIDTH}x{HEIGHT}x24"
        # The server chooses a free number itself and tells it once it takes connections.
        server = ["Xvfb", "-displayfd", str(writer), "-screen", "0", screen, "-nolisten", "tcp"]
        self._start(server, pass_fds=(writer,))
        os.close(writer)
        with os.fdopen(reader, encoding="ascii") as told:
            self.name = f":{told.readline().strip()}"
        if self.name == ":":
            raise RuntimeError("Xvfb has not started.")
        self._start(["openbox", "--sm-disable"])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in reversed(self._running):
            process.terminate()
            process.wait(10)

    @property
    def processes(self) -> list[int]:
        """The ids of the server and the window manager."""
        return [process.pid for process in self._running]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of programs on this display: nothing of the user's desktop."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("QT_", "XDG_", "WAYLAND_", "DBUS_", "PYTEST_"))
        }
        return {**kept, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}

    def _start(self, words: list[str], pass_fds: tuple[int, ...] = ()) -> None:
        environment = {**self.environment, "HOME": str(self._home)}
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(
            words, env=environment, stdout=nothing, stderr=nothing, pass_fds=pass_fds
        )
        self._running.append(process)
