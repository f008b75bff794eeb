"""The desk: a display for each worker, and a program for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.desk.display import Display, reason_to_skip
from tests.desk.program import Program


@pytest.fixture(scope="session")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    """An X server with a window manager, of this worker alone."""
    reason = reason_to_skip()
    if reason:
        pytest.skip(reason)
    with Display(tmp_path_factory.mktemp("desk")) as found:
        yield found


@pytest.fixture
def start(display: Display, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Starts the program with a command line; each must end well if the test has not failed."""
    started: list[Program] = []

    def begin(*words: str) -> Program:
        started.append(Program(display, tmp_path, *words))
        return started[-1]

    yield begin
    try:
        for program in started:
            if program.process.poll() is None:
                program.close()
    finally:
        for program in started:
            program.kill()


@pytest.fixture
def program(start: Callable[..., Program]) -> Program:
    """The program as it begins: on its start page."""
    return start()
