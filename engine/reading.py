"""Reading files that the user names: regular files only, never more than a limit.

A device or a pipe has no end and may wait for ever, a file under /proc claims to be
empty, and a file may grow while it is read. So what is opened is looked at, and the
limit counts the bytes that arrive, not those that the file claims.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from engine.errors import DataError, EngineError, reason_of

_CHUNK = 2**22
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def open_file(
    path: Path, most: int | None = None, error: type[EngineError] = DataError
) -> BinaryIO:
    """Return a regular file, opened for reading.

    Args:
        path: links are followed.
        most: the limit of its size in bytes; None for no limit.
        error: the kind of error to raise.

    Raises:
        EngineError: of the kind asked for: it is missing, may not be read, is no
            regular file, or is larger than the limit.
    """
    try:
        # Looked at first: opening a device can already do something to it.
        _check(path, path.stat(), most, error)
        # A pipe that took the file's place in between must not make us wait.
        handle = os.open(path, os.O_RDONLY | _NEVER_WAIT)
    except (OSError, ValueError) as problem:
        raise _unreadable(path, problem, error) from problem
    try:
        _check(path, os.fstat(handle), most, error)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_file(path: Path, most: int, error: type[EngineError] = DataError) -> bytes:
    """Return the content of a regular file of at most ``most`` bytes.

    Raises:
        EngineError: as :func:`open_file`; also if more bytes arrive than the limit.
    """
    content = bytearray()
    with open_file(path, most, error) as file:
        try:
            while piece := file.read(min(_CHUNK, most + 1 - len(content))):
                content += piece
                if len(content) > most:
                    raise _too_large(path, len(content), most, error)
        except OSError as problem:
            raise _unreadable(path, problem, error) from problem
    return bytes(content)


def check_file(path: Path, most: int | None = None, error: type[EngineError] = DataError) -> None:
    """Make sure that a library which opens files by name is given a regular file.

    Raises:
        EngineError: as :func:`open_file`.
    """
    open_file(path, most, error).close()


_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def _check(path: Path, found: os.stat_result, most: int | None, error: type[EngineError]) -> None:
    if not stat.S_ISREG(found.st_mode):
        what = next((name for is_it, name in _KINDS if is_it(found.st_mode)), "no regular file")
        raise error(f"{path.name or path} is {what}, not a file.", "Choose a file on a disk.")
    if most is not None and found.st_size > most:
        raise _too_large(path, found.st_size, most, error)


def _too_large(path: Path, size: int, most: int, error: type[EngineError]) -> EngineError:
    return error(
        f"{path.name} has {size:,} bytes; at most {most:,} can be read.", "Choose a smaller file."
    )


def _unreadable(path: Path, problem: OSError | ValueError, error: type[EngineError]) -> EngineError:
    if isinstance(problem, FileNotFoundError):
        return error(f"There is no file {str(path)!r}.", "Check the name, or choose another file.")
    return error(
        f"{path.name or path} cannot be read: {reason_of(problem)}.",
        "Check that it is a file you may read.",
    )
