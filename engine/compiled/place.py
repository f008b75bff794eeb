"""Where compiled loops are kept on the disk, and whether all of them are there."""

from __future__ import annotations

import os
import platform
import sys
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).parent


@cache
def loops_folder() -> Path:
    """Return where compiled loops are kept: another place for any change of any of them.

    Numba looks only whether the file of a loop has changed, but a loop holds others
    of other files. It is beside the sources, or in the user's cache where that folder
    cannot be written.
    """
    # What loops hold from elsewhere are the places in parallel's POST.
    files = [*sorted(HERE.glob("*.py")), HERE.parent / "parallel.py"]
    name = sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    for folder in (HERE / "__pycache__", _user_cache() / "netsmith" / "loops"):
        if _can_be_written(folder / name):
            return folder / name
    return HERE / "__pycache__" / name


def are_ready() -> bool:
    """Return whether every loop was compiled before, for this machine and these libraries."""
    return _mark().is_file() and os.access(loops_folder(), os.W_OK)


def set_ready() -> None:
    """Remember that every loop is on the disk.

    Raises:
        OSError: nothing can be written there.
    """
    _mark().parent.mkdir(parents=True, exist_ok=True)
    _mark().touch()


def forget_ready() -> None:
    """Remember that a loop is missing or damaged."""
    with suppress(OSError):
        _mark().unlink(missing_ok=True)


@cache
def _mark() -> Path:
    """Return the file that stands for all loops; they suit one processor and one numba alone."""
    parts = [sys.version, platform.machine(), platform.processor(), _processor()]
    for library in ("numba", "llvmlite", "numpy"):
        with suppress(PackageNotFoundError):
            parts.append(version(library))
    # Numba keeps them where its own variable says, if it is set.
    parts.append(os.environ.get("NUMBA_CACHE_DIR", ""))
    return loops_folder() / f"ready-{sha256(repr(parts).encode()).hexdigest()[:12]}"


def _processor() -> str:
    """Return what Linux says of the processor and its instructions, without what varies."""
    with suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(errors="replace").split("\n\n")[0]
        wanted = ("model name", "flags", "Features")
        return "\n".join(line for line in text.splitlines() if line.startswith(wanted))
    return ""


def _user_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _can_be_written(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / f".trial-{os.getpid()}"
        trial.touch()
        trial.unlink()
    except OSError:
        return False
    return True
