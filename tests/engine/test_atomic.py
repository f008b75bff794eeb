"""Saved whole or not at all, and nothing is left lying about."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.atomic import STALE_S, SUFFIX, remove_stale, replace_file

ROOT = Path(__file__).resolve().parents[2]

INTERRUPTED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
from engine.atomic import replace_file
replace_file(Path(sys.argv[2]), b"new")
"""


def left_over(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.name.endswith(SUFFIX)]


def age(path: Path) -> None:
    os.utime(path, (time.time() - STALE_S - 10,) * 2)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_what_an_interrupted_save_left_goes_with_a_later_one(tmp_path: Path) -> None:
    path = tmp_path / "a.netsmith"
    path.write_bytes(b"old")
    command = [sys.executable, "-c", INTERRUPTED, str(ROOT), str(path)]
    done = subprocess.run(command, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    (temporary,) = left_over(tmp_path)
    replace_file(path, b"one")  # another program may be about to finish it
    assert left_over(tmp_path) == [temporary]
    age(temporary)
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert left_over(tmp_path) == []


def test_only_files_of_interrupted_saves_go(tmp_path: Path) -> None:
    kept = [
        f".b.netsmith.abcdefgh{SUFFIX}",
        f"a.netsmith.abcdefgh{SUFFIX}",
        f".a.netsmith.abc{SUFFIX}",
        ".a.netsmith.abcdefgh.tmp",
        ".a.netsmith-journal",
    ]
    for name in (*kept, f".a.netsmith.abcdefgh{SUFFIX}"):
        (tmp_path / name).write_bytes(b"x")
        age(tmp_path / name)
    remove_stale(tmp_path, "a.netsmith")
    assert {each.name for each in tmp_path.iterdir()} == set(kept)
    remove_stale(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {*kept[1:]}
    remove_stale(tmp_path / "none")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes with names")
def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="regular"):
        replace_file(tmp_path / "pipe", b"x")
    assert (tmp_path / "pipe").is_fifo()
    assert left_over(tmp_path) == []
