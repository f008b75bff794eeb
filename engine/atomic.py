"""Writing a file so that it is never seen half written."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkstemp


def replace_file(path: Path, content: bytes) -> None:
    """Write ``content`` as the whole of ``path``: all of it, or nothing changes.

    A link is followed, and a file that exists keeps its permissions.

    Raises:
        OSError: the folder is missing, full or not writable.
    """
    target = path.resolve()
    handle, name = mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode_for(target))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _mode_for(target: Path) -> int:
    """Permissions of the file that is there, or those that a new one would get."""
    try:
        return target.stat().st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    # Only then does the new name survive a power cut; Windows cannot open folders.
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
