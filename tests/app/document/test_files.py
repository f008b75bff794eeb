"""Opening and saving: nothing is lost without asking, and a crash loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.document import Document
from app.document.dialogs import Choice, FileDialogs, Rescue
from app.document.files import DocumentFiles
from app.messages import Messages
from app.settings import Settings
from engine.graph import Graph
from engine.layers import Dense
from engine.project import Project, read_project, write_project
from engine.project.journal import Journal, journal_path, recover

ROOT = Path(__file__).parents[3]


class Answers(FileDialogs):
    """Somebody who has made up their mind."""

    def __init__(self) -> None:
        super().__init__()
        self.choice = Choice.CANCEL
        self.path: Path | None = None
        self.rescue = Rescue.OPEN
        self.asked: list[str] = []
        self.damage = ""

    def about_unsaved(self, title: str, work: str) -> Choice:
        self.asked.append(title)
        return self.choice

    def path_to_open(self, folder: Path) -> Path | None:
        return self.path

    def path_to_save(self, suggested: Path) -> Path | None:
        self.asked.append(suggested.name)
        return self.path

    def about_recovery(self, title: str, edited: str, has_file: bool, damage: str = "") -> Rescue:
        self.asked.append(f"recover {title}")
        self.damage = damage
        return self.rescue


class Desk:
    """A document with its files, as the window has them."""

    def __init__(self, folder: Path) -> None:
        self.document, self.messages = Document(), Messages()
        self.settings = Settings(folder / "settings.ini")
        self.dialogs = Answers()
        self.files = DocumentFiles(
            self.document,
            self.settings,
            self.messages,
            dialogs=self.dialogs,
            state_folder=folder / "state",
        )
        self.errors: list[object] = []
        self.messages.failed.connect(self.errors.append)

    def edit(self, title: str) -> None:
        self.document.do("Rename", replace(self.document.project, title=title))


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "mine.netsmith"
    write_project(Project(graph=Graph.sequential((2,), [Dense(units=3)]), title="Mine"), path)
    return path


def test_open_edit_and_save(desk: Desk, saved: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.files.opened):
        assert desk.files.open_path(saved)
    assert desk.document.path == saved
    assert desk.files.title == "mine"
    desk.edit("Better")
    assert not desk.document.is_clean
    with qtbot.waitSignal(desk.files.saved):
        assert desk.files.save()
    assert desk.document.is_clean
    assert read_project(saved).title == "Better"
    assert desk.settings.recent_files == (saved,)


def test_save_asks_for_a_file_the_first_time(desk: Desk, tmp_path: Path) -> None:
    desk.edit("A new one")
    assert not desk.files.save()
    assert desk.dialogs.asked == ["A new one.netsmith"]
    desk.dialogs.path = tmp_path / "new.netsmith"
    assert desk.files.save()
    assert desk.document.path == tmp_path / "new.netsmith"
    assert desk.files.save()
    assert len(desk.dialogs.asked) == 2


def test_work_is_not_lost_without_asking(desk: Desk, saved: Path, tmp_path: Path) -> None:
    desk.edit("Unsaved")
    assert not desk.files.open_path(saved)
    assert not desk.files.new()
    assert desk.document.project.title == "Unsaved"
    desk.dialogs.choice, desk.dialogs.path = Choice.SAVE, tmp_path / "kept.netsmith"
    assert desk.files.open_path(saved)
    assert read_project(tmp_path / "kept.netsmith").title == "Unsaved"
    desk.edit("Given up")
    desk.dialogs.choice = Choice.DISCARD
    assert desk.files.new()
    assert desk.document.project == Project()
    assert read_project(saved).title == "Mine"


def test_a_save_that_fails_keeps_the_work(desk: Desk, saved: Path) -> None:
    desk.edit("Unsaved")
    desk.dialogs.choice, desk.dialogs.path = Choice.SAVE, Path("/nowhere/x.netsmith")
    assert not desk.files.open_path(saved)
    assert len(desk.errors) == 1
    assert desk.document.project.title == "Unsaved"


def test_a_file_that_cannot_be_read_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "bad.netsmith").write_text("{")
    before = desk.document.project
    assert not desk.files.open_path(tmp_path / "bad.netsmith")
    assert desk.document.project is before
    assert "not JSON" in str(desk.errors[0])


def test_a_copy_has_no_file(desk: Desk, saved: Path) -> None:
    assert desk.files.open_copy(saved)
    assert desk.document.path is None
    assert desk.files.title == "Mine"
    assert desk.document.is_clean


def test_the_journal_lives_while_there_is_unsaved_work(
    desk: Desk, saved: Path, qtbot: QtBot
) -> None:
    desk.files.open_path(saved)
    journal = journal_path(saved)
    assert not journal.exists()
    desk.edit("One")
    qtbot.waitUntil(journal.exists)
    assert recover(journal).project.title == "One"
    desk.document.undo_stack.undo()
    qtbot.waitUntil(lambda: not journal.exists())
    desk.document.undo_stack.redo()
    qtbot.waitUntil(journal.exists)
    desk.files.save()
    assert not journal.exists()
    desk.edit("Two")
    qtbot.waitUntil(journal.exists)
    desk.files.close()
    assert sorted(each.name for each in saved.parent.iterdir()) == [
        "mine.netsmith",
        "settings.ini",
        "state",
    ]
    assert not list((saved.parent / "state").iterdir())


def crashed(path: Path, title: str) -> Path:
    """What a program leaves that was killed after an edit."""
    project = read_project(path)
    journal = Journal(journal_path(path), project, path)
    journal.note(replace(project, title=title))
    return journal.path


def test_after_a_crash_the_work_is_offered(desk: Desk, saved: Path, qtbot: QtBot) -> None:
    journal = crashed(saved, "Not saved")
    assert desk.files.open_path(saved)
    assert desk.dialogs.asked == ["recover mine"]
    assert desk.document.project.title == "Not saved"
    assert not desk.document.is_clean
    assert read_project(saved).title == "Mine"
    # A second crash before the first save loses nothing either.
    assert recover(journal).project.title == "Not saved"
    assert desk.files.save()
    assert not journal.exists()
    assert read_project(saved).title == "Not saved"


def test_work_that_is_not_wanted_is_thrown_away(desk: Desk, saved: Path) -> None:
    journal = crashed(saved, "Not saved")
    desk.dialogs.rescue = Rescue.DISCARD
    assert desk.files.open_path(saved)
    assert desk.document.project.title == "Mine"
    assert desk.document.is_clean
    assert not journal.exists()


def test_work_can_be_looked_at_later(desk: Desk, saved: Path) -> None:
    journal = crashed(saved, "Not saved")
    desk.dialogs.rescue = Rescue.LATER
    assert not desk.files.open_path(saved)
    desk.settings.add_recent_file(saved)
    assert not desk.files.offer_recovery()
    assert desk.document.path is None
    assert recover(journal).project.title == "Not saved"


def test_what_is_opened_after_a_recovery_is_unchanged(desk: Desk, saved: Path) -> None:
    crashed(saved, "Not saved")
    assert desk.files.open_path(saved)
    desk.dialogs.choice = Choice.DISCARD
    desk.dialogs.asked.clear()
    assert desk.files.new()
    assert desk.document.is_clean
    assert desk.files.open_path(saved)
    assert desk.document.is_clean
    assert desk.dialogs.asked == ["mine"]


def test_what_is_saved_already_is_not_offered(desk: Desk, saved: Path) -> None:
    journal = crashed(saved, "Saved after all")
    write_project(replace(read_project(saved), title="Saved after all"), saved)
    assert desk.files.open_path(saved)
    assert not desk.dialogs.asked
    assert not journal.exists()


def test_a_damaged_journal_is_set_aside(desk: Desk, saved: Path) -> None:
    journal_path(saved).write_text("nothing")
    assert desk.files.open_path(saved)
    assert "not a journal" in str(desk.errors[0])
    kept = saved.with_name(".mine.netsmith-journal.damaged")
    assert str(kept) in str(desk.errors[0])
    assert kept.read_text() == "nothing"
    assert desk.document.project.title == "Mine"
    assert desk.files.open_path(saved)
    assert len(desk.errors) == 1


def many_edits(path: Path, journal: Path) -> None:
    project = read_project(path)
    writer = Journal(journal, project, path)
    for number in range(1, 6):
        writer.note(replace(project, title=f"edit {number}"))


def damaged(journal: Path, *lines: int) -> bytes:
    content = journal.read_bytes().splitlines(keepends=True)
    for line in lines:
        content[line] = b"#" + content[line][1:]
    journal.write_bytes(b"".join(content))
    return journal.read_bytes()


def test_damage_in_the_middle_is_told_before_and_kept_after(desk: Desk, saved: Path) -> None:
    journal = journal_path(saved)
    many_edits(saved, journal)
    content = damaged(journal, 4)
    assert desk.files.open_path(saved)
    assert "the last 3 edits of 5 could not be used" in desk.dialogs.damage
    assert desk.document.project.title == "edit 2"
    assert "It is kept as" in str(desk.errors[0])
    assert journal.with_name(f"{journal.name}.damaged").read_bytes() == content


def test_damage_at_the_beginning_loses_no_edit(desk: Desk, saved: Path) -> None:
    many_edits(saved, journal_path(saved))
    damaged(journal_path(saved), 0)
    assert desk.files.open_path(saved)
    assert not desk.dialogs.damage
    assert desk.document.project.title == "edit 5"


def test_edits_without_their_beginning_are_applied_to_the_file(desk: Desk, saved: Path) -> None:
    many_edits(saved, journal_path(saved))
    damaged(journal_path(saved), 0, 1)
    assert desk.files.open_path(saved)
    assert "5 edits that could be read were applied to the saved file" in desk.dialogs.damage
    assert desk.document.project.title == "edit 5"
    assert desk.document.project.graph == read_project(saved).graph
    assert "It is kept as" in str(desk.errors[0])


def test_a_journal_beside_a_damaged_project_is_offered(desk: Desk, saved: Path) -> None:
    crashed(saved, "Not saved")
    saved.write_text("{")
    desk.dialogs.rescue = Rescue.LATER
    assert not desk.files.open_path(saved)
    assert "is not JSON" in str(desk.errors[0])
    desk.dialogs.rescue = Rescue.OPEN
    assert desk.files.open_path(saved)
    assert "is not JSON" in desk.dialogs.damage
    assert desk.document.project.title == "Not saved"
    assert desk.document.path == saved
    assert desk.files.save()
    assert read_project(saved).title == "Not saved"


def test_a_journal_in_the_state_folder_is_offered_with_its_project(
    desk: Desk, saved: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.netsmith"
    write_project(read_project(saved), other)
    journal = tmp_path / "state" / "unsaved-1-a.netsmith-journal"
    many_edits(saved, journal)
    assert desk.files.open_path(other)
    assert not desk.dialogs.asked
    assert desk.files.open_path(saved)
    assert desk.dialogs.asked == ["recover mine"]
    assert desk.document.project.title == "edit 5"
    assert not journal.exists()
    assert recover(journal_path(saved)).project.title == "edit 5"


def test_of_two_journals_the_latest_is_offered_first(
    desk: Desk, saved: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "state" / "unsaved-1-a.netsmith-journal"
    many_edits(saved, journal)
    beside = crashed(saved, "Older")
    os.utime(beside, (1e9, 1e9))
    desk.dialogs.rescue = Rescue.DISCARD
    assert desk.files.open_path(saved)
    assert desk.dialogs.asked == ["recover mine"] * 2
    assert not journal.exists()
    assert not beside.exists()


def test_at_the_start_recent_projects_are_looked_after(desk: Desk, saved: Path) -> None:
    assert not desk.files.offer_recovery()
    desk.settings.add_recent_file(saved)
    crashed(saved, "Not saved")
    assert desk.files.offer_recovery()
    assert desk.document.path == saved
    assert desk.document.project.title == "Not saved"


CRASHING = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from PySide6.QtCore import QCoreApplication, QTimer
from app.document import Document
from app.document.files import DocumentFiles
from app.messages import Messages
from app.settings import Settings
folder = Path(sys.argv[2])
application = QCoreApplication([])
document = Document()
settings = Settings(folder / "s.ini")
files = DocumentFiles(document, settings, Messages(), state_folder=folder / "state")
document.do("x", replace(document.project, title="Never saved"))
timer = QTimer(interval=20)
timer.timeout.connect(lambda: files.safety.path.exists() and (
    print("written", flush=True), os.kill(os.getpid(), signal.SIGKILL)))
timer.start()
application.exec()
"""


def test_a_killed_program_leaves_a_project_that_was_never_saved(
    tmp_path: Path, qtbot: QtBot
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRASHING, str(ROOT), str(tmp_path)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    desk = Desk(tmp_path)
    assert desk.files.offer_recovery()
    assert desk.document.project.title == "Never saved"
    assert desk.document.path is None
    assert not desk.document.is_clean


def test_a_window_beside_does_not_take_the_others_journal(
    desk: Desk, saved: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    desk.files.open_path(saved)
    desk.edit("In the first window")
    qtbot.waitUntil(journal_path(saved).exists)
    other = Desk(tmp_path)
    other.files.open_path(saved)
    assert not other.dialogs.asked
    other.edit("In the second window")
    path = other.files.safety.path
    assert path is not None
    qtbot.waitUntil(path.exists)
    assert path.parent == tmp_path / "state"
    assert recover(journal_path(saved)).project.title == "In the first window"
