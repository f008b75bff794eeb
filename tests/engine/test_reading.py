"""Files that the user names: what is no regular file is refused at once, not read for ever."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from engine.errors import DataError, ProjectError
from engine.project import read_project
from engine.project.journal import recover
from engine.project.trained import read_trained
from engine.reading import check_file, open_file, read_file

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * 1000)
    assert read_file(path, 1000) == b"x" * 1000
    link = tmp_path / "link"
    link.symlink_to(path)
    assert read_file(link, 1000) == b"x" * 1000
    with open_file(path) as file:
        assert file.read(2) == b"xx"
    check_file(path)


def test_a_larger_one_is_refused_with_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * 1001)
    with pytest.raises(DataError, match=r"a\.csv has 1,001 bytes; at most 1,000"):
        read_file(path, 1000)


@unix
def test_what_claims_to_be_empty_is_read_up_to_the_limit() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("there is no /proc here")
    assert Path("/proc/self/status").stat().st_size == 0
    with pytest.raises(DataError, match="at most 10 can be read"):
        read_file(Path("/proc/self/status"), 10)


@unix
@pytest.mark.parametrize("read", [read_project, read_trained, recover, check_file])
def test_devices_pipes_and_sockets_are_refused(read: object, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        # A relative name: the path of a socket has at most 108 characters.
        here = Path.cwd()
        os.chdir(tmp_path)
        try:
            server.bind("socket")
        finally:
            os.chdir(here)
        for path, kind in (
            (Path("/dev/zero"), "a device"),
            (tmp_path / "pipe", "a pipe"),
            (tmp_path / "socket", "a socket"),
            (tmp_path, "a folder"),
        ):
            with pytest.raises((DataError, ProjectError), match=f"is {kind}, not a file") as caught:
                read(path)  # type: ignore[operator]
            assert caught.value.fix


def test_a_missing_file_and_an_impossible_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="There is no file"):
        read_file(tmp_path / "none", 10, ProjectError)
    with pytest.raises(ProjectError, match="cannot be read"):
        read_file(Path("a\0b"), 10, ProjectError)
