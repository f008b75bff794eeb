"""A full disk: what was written stays, journaling goes elsewhere, and it comes back."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.document import Document, safety
from app.document.safety import Safety
from app.main_window import MainWindow
from engine.graph import Graph
from engine.layers import Dense
from engine.network import Network
from engine.project import Project, journal, read_project, write_project
from engine.project.journal import Journal, journal_path, recover, trained_path
from engine.project.trained import read_trained

ROOT = Path(__file__).resolve().parents[3]


class Disk:
    """Lets folders be full: nothing can be written to journals in them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full: set[Path] = set()
        append, replace_file = Journal._append, journal.replace_file
        write_trained = safety.write_trained

        def check(path: Path) -> None:
            if path.parent in self.full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def checked_append(own: Journal, content: bytes) -> None:
            check(own.path)
            append(own, content)

        def checked_replace(path: Path, content: bytes) -> None:
            check(path)
            replace_file(path, content)

        def checked_trained(model: object, path: Path) -> None:
            check(path)
            write_trained(model, path)  # type: ignore[arg-type]

        monkeypatch.setattr(Journal, "_append", checked_append)
        monkeypatch.setattr(journal, "replace_file", checked_replace)
        monkeypatch.setattr(safety, "write_trained", checked_trained)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    monkeypatch.setattr(safety, "RETRY_MS", 50)
    return Disk(monkeypatch)


@pytest.fixture
def guarded(tmp_path: Path, qtbot: QtBot) -> Iterator[tuple[Document, Safety]]:
    """A document that was saved in a folder of its own, and what guards it."""
    path = tmp_path / "home" / "p.netsmith"
    path.parent.mkdir()
    write_project(Project(title="saved"), path)
    document = Document()
    guard = Safety(document, tmp_path / "state")
    document.open(read_project(path), path)
    guard.begin()
    yield document, guard
    guard.end()


def edit(document: Document, title: str) -> None:
    document.do("Rename", replace(document.project, title=title))


def test_the_journal_goes_to_the_state_folder(
    guarded: tuple[Document, Safety], disk: Disk, tmp_path: Path
) -> None:
    document, guard = guarded
    told: list[object] = []
    guard.failed.connect(told.append)
    edit(document, "one")
    guard.note_now()
    beside = journal_path(tmp_path / "home" / "p.netsmith")
    assert guard.path == beside
    disk.full.add(tmp_path / "home")
    edit(document, "two")
    guard.note_now()
    assert guard.path is not None
    assert guard.path.parent == tmp_path / "state"
    found = recover(guard.path)
    assert (found.project.title, found.path) == ("two", tmp_path / "home" / "p.netsmith")
    assert not beside.exists()  # all of it is in the other
    assert not told
    edit(document, "three")
    guard.note_now()
    assert recover(guard.path).project.title == "three"


def test_where_both_are_full_the_journal_stays_and_comes_back(
    guarded: tuple[Document, Safety], disk: Disk, tmp_path: Path, qtbot: QtBot
) -> None:
    document, guard = guarded
    edit(document, "one")
    guard.note_now()
    beside = journal_path(tmp_path / "home" / "p.netsmith")
    content = beside.read_bytes()
    disk.full |= {tmp_path / "home", tmp_path / "state"}
    with qtbot.waitSignal(guard.failed) as failed:
        edit(document, "two")
    assert "no space left" in str(failed.args[0])
    assert beside.read_bytes() == content
    assert guard.trouble is not None
    edit(document, "three")
    with qtbot.assertNotEmitted(guard.failed, wait=200):
        guard.note_now()  # said once
    assert recover(beside).project.title == "one"
    with qtbot.waitSignal(guard.restored):
        disk.full.clear()
    assert guard.trouble is None
    assert recover(beside).project.title == "three"
    edit(document, "four")
    guard.note_now()
    assert recover(beside).project.title == "four"


def test_a_trained_network_goes_along(
    guarded: tuple[Document, Safety], disk: Disk, tmp_path: Path, qtbot: QtBot
) -> None:
    from engine.data import DataSetup, prepare
    from engine.project.trained import TrainedModel
    from engine.training.plan import Plan

    document, guard = guarded
    data = prepare(DataSetup(), tmp_path)
    network = Network(Graph.sequential((4,), [Dense(units=3, activation="softmax")]))
    model = TrainedModel.of(network, data, Plan())
    edit(document, "one")
    guard.keep_trained(model)
    assert guard.path is not None
    assert read_trained(trained_path(guard.path)).graph == network.graph
    disk.full.add(tmp_path / "home")
    edit(document, "two")
    guard.note_now()
    assert guard.path.parent == tmp_path / "state"
    assert read_trained(trained_path(guard.path)).graph == network.graph
    disk.full.add(tmp_path / "state")
    guard.keep_trained(model)
    assert guard.trouble is not None
    assert read_trained(trained_path(guard.path)).graph == network.graph
    with qtbot.waitSignal(guard.restored):
        disk.full.clear()


def test_a_network_that_cannot_fit_is_not_tried(
    guarded: tuple[Document, Safety], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    import numpy as np

    def never(*words: object) -> None:
        raise AssertionError("it was written")

    document, guard = guarded
    edit(document, "one")
    guard.note_now()
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=100))
    monkeypatch.setattr(safety, "write_trained", never)
    guard.keep_trained(SimpleNamespace(weights={"w": np.zeros(1000)}))  # type: ignore[arg-type]
    assert guard.trouble is not None
    guard._trained, guard._is_trained_wanted = None, False


def test_a_banner_says_so_while_it_lasts(
    disk: Disk, window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "home" / "p.netsmith"
    path.parent.mkdir()
    write_project(Project(title="saved"), path)
    assert window.files.open_path(path)
    disk.full |= {tmp_path / "home", tmp_path / "state"}
    edit(window.document, "one")
    qtbot.waitUntil(window.banner.isVisible)
    assert "would not survive a crash: no space left" in window.banner.what.text()
    assert window.banner.close_button.isHidden()
    # It gives way to an error, and comes back when that is closed.
    assert not window.files.open_path(tmp_path / "none.netsmith")
    assert "There is no file" in window.banner.what.text()
    window.banner.close_button.click()
    assert "would not survive a crash" in window.banner.what.text()
    disk.full.clear()
    qtbot.waitUntil(lambda: not window.banner.isVisible())
    assert recover(journal_path(path)).project.title == "one"


def test_saving_without_the_network_keeps_it_in_the_journal(
    window: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.window import trained
    from engine.errors import ProjectError

    def full(*words: object) -> None:
        raise ProjectError("No space left.")

    path = tmp_path / "p.netsmith"
    write_project(Project(), path)
    assert window.files.open_path(path)
    edit(window.document, "one")
    window.files.safety.note_now()
    kept = trained_path(journal_path(path))
    kept.write_bytes(b"weights")
    window.trained.model = object()  # type: ignore[assignment]
    monkeypatch.setattr(trained, "write_trained", full)
    window.files.save()
    assert kept.read_bytes() == b"weights"
    assert not window.document.is_clean
    window.trained.model = None


EDITING = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from PySide6.QtCore import QCoreApplication, QTimer
from app.document import Document, safety
from app.document.files import DocumentFiles
from app.messages import Messages
from app.settings import Settings
full, state, rescued = Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4] == "room"
safety.RETRY_MS = 50
application = QCoreApplication([])
document, messages, said = Document(), Messages(), []
messages.warned.connect(lambda error: said.append(str(error)))
messages.calmed.connect(lambda: said.append("calm"))
files = DocumentFiles(document, Settings(full / "s.ini"), messages, state_folder=state)
files.open_path(full / "p.netsmith")

def edit(number):
    title = f"edit {number} " + "x" * 150
    document.do("x", replace(document.project, title=title))
    files.safety.note_now()

edit(0)
filler = (full / "filler").open("wb", buffering=0)
try:
    while True:
        filler.write(b"x" * 512)
except OSError:
    pass
for number in range(1, 60):
    edit(number)
if rescued:
    filler.truncate(0)
    for _ in range(100):
        if said[-1:] == ["calm"]:
            break
        application.processEvents()
        QTimer.singleShot(20, application.quit)
        application.exec()
    edit(60)
print(said, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 128 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(place)]
    mounted = shutil.which("mount") and sys.platform == "linux"
    if not mounted or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root on Linux")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def run_full(disk: Path, state: Path, *words: str) -> str:
    write_project(Project(title="saved"), disk / "p.netsmith")
    done = subprocess.run(
        [sys.executable, "-c", EDITING, str(ROOT), str(disk), str(state), *words],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    return done.stdout


def test_a_disk_that_is_really_full_loses_nothing(small_disk: Path, tmp_path: Path) -> None:
    assert run_full(small_disk, tmp_path / "state", "full").strip() == "[]"
    (left,) = (tmp_path / "state").glob("*.netsmith-journal")
    assert recover(left).project.title.startswith("edit 59 ")
    assert read_project(small_disk / "p.netsmith").title == "saved"


def test_with_room_again_it_is_written_where_it_was(small_disk: Path) -> None:
    said = run_full(small_disk, small_disk / "state", "room")
    assert "no space left" in said
    assert said.strip().endswith("'calm']")
    found = recover(journal_path(small_disk / "p.netsmith"))
    assert found.project.title.startswith("edit 60 ")
    assert not found.damage
