"""Writing a file so that it is never seen half written."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

SUFFIX = ".netsmith-tmp"
STALE_S = 3600.0
"""A temporary file that nothing was written to for so long was left by an interrupted save."""


def replace_file(path: Path, content: bytes) -> None:
    """Write ``content`` as the whole of ``path``: all of it, or nothing changes.

    A link is followed, and a file that exists keeps its permissions. What
    interrupted saves of the same file have left is removed.

    Raises:
        OSError: the folder is missing, full or not writable, or ``path`` is a
            folder, a device or a pipe.
    """
    target = path.resolve()
    mode = _mode_for(target)
    handle, name = mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=SUFFIX)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    remove_stale(target.parent, target.name)


def remove_stale(folder: Path, name: str = "") -> None:
    """Delete temporary files that interrupted saves have left in a folder.

    Files of saves that may still be under way stay, as does all that cannot be deleted.

    Args:
        name: of the file that was to be saved; empty for any.
    """
    ours = re.compile(rf"\.{re.escape(name) if name else '.+'}\.[a-z0-9_]{{8}}{re.escape(SUFFIX)}")
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not ours.fullmatch(entry.name):
                continue
            with suppress(OSError):
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(found.st_mode) and time.time() - found.st_mtime > STALE_S:
                    Path(entry.path).unlink()


def _mode_for(target: Path) -> int:
    """Return the permissions of the file that is there, or those that a new one would get."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
    if not stat.S_ISREG(mode):
        # Its place would be taken by a file: a machine without /dev/null is of little use.
        raise OSError(errno.EINVAL, "it is not a regular file", str(target))
    return stat.S_IMODE(mode)


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
