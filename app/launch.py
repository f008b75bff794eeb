"""From the command line to the window, or to the reason why there is none.

Qt is imported only once it is known that it can start: without a display or
with a system library missing it would abort the program.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

BAD_INPUT = 2

# What PySide6 needs of the system on Linux: file, Debian's and Fedora's package.
LIBRARIES = (
    ("libEGL.so.1", "libegl1", "libglvnd-egl"),
    ("libGL.so.1", "libgl1", "libglvnd-glx"),
    ("libX11.so.6", "libx11-6", "libX11"),
    ("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    ("libfreetype.so.6", "libfreetype6", "freetype"),
    ("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    ("libdbus-1.so.3", "libdbus-1-3", "dbus-libs"),
    ("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
)
XCB_LIBRARIES = (
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    ("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb"),
    ("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    ("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    ("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    ("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    ("libxcb-randr.so.0", "libxcb-randr0", "libxcb"),
    ("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    ("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    ("libxcb-util.so.1", "libxcb-util1", "xcb-util"),
    ("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
)


def launch(words: Sequence[str]) -> int:
    """Open the window on nothing, on a project file, or on the demo; the exit code.

    The demo does its work without a window where there can be none.
    """
    is_demo = list(words) == ["demo"]
    if not has_display():
        if not is_demo:
            return _complain(
                "There is no display to open a window on.",
                "Start it on a desktop, or see netsmith --help for what works without one.",
            )
        print("There is no display, so the demo runs without a window.")  # noqa: T201
        from engine.cli import main as run_command

        return run_command(words)
    missing = missing_libraries()
    if missing:
        return _complain(
            f"The window needs system libraries that are missing: {', '.join(missing)}.",
            f"Install them with: {install_line(missing)}",
        )
    from app.main_window import run

    path = Path(words[0]) if words and not is_demo else None
    return run(path, is_demo)


def missing_libraries(
    platform: str = sys.platform,
    environment: Mapping[str, str] = os.environ,
    is_there: Callable[[str], bool] | None = None,
) -> list[str]:
    """The system libraries that Qt would miss; only Linux leaves any to the system."""
    if not platform.startswith("linux"):
        return []
    wanted = [*LIBRARIES]
    if _platform_plugin(environment) == "xcb":
        wanted += XCB_LIBRARIES
    there = is_there or _is_library_there
    return [file for file, *_ in wanted if not there(file)]


def install_line(missing: Sequence[str], has_dnf: bool | None = None) -> str:
    """The one command that installs these libraries."""
    fedora = shutil.which("dnf") is not None if has_dnf is None else has_dnf
    packages = {file: (debian, dnf) for file, debian, dnf in (*LIBRARIES, *XCB_LIBRARIES)}
    # A dict keeps the order and names each package once.
    names = dict.fromkeys(packages[file][int(fedora)] for file in missing)
    return f"sudo {'dnf' if fedora else 'apt'} install {' '.join(names)}"


def has_display(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a window can be opened."""
    if not platform.startswith("linux"):
        return True
    plugin = _platform_plugin(environment)
    return _x_server_answers() if plugin == "xcb" else bool(plugin)


def _platform_plugin(environment: Mapping[str, str]) -> str:
    """What Qt would draw with: the user's choice, else what the desktop is; "" for none."""
    chosen = environment.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if chosen:
        return chosen
    if environment.get("WAYLAND_DISPLAY"):
        return "wayland"
    return "xcb" if environment.get("DISPLAY") else ""


def _x_server_answers() -> bool:
    """Ask the X server itself: Qt aborts where DISPLAY names one that is gone."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed


def _is_library_there(file: str) -> bool:
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True


def _complain(what: str, todo: str) -> int:
    """Two lines on stderr."""
    print(what, todo, sep="\n", file=sys.stderr)  # noqa: T201
    return BAD_INPUT
