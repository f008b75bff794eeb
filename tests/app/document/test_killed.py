"""kill -9 while one edits, groups included: at most the last edit is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.graph import Group
from engine.project import project_from_text, project_to_text
from engine.project.journal import recover

ROOT = Path(__file__).resolve().parents[3]

EDITING = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from PySide6.QtCore import QCoreApplication, QTimer
from app.document import Document, edits, grouping
from app.document.files import DocumentFiles
from app.messages import Messages
from app.settings import Settings
from engine.graph import Graph
from engine.layers import Activation, Dense
from engine.project import Frame, Project, project_to_text
folder, last = Path(sys.argv[2]), int(sys.argv[3])
application = QCoreApplication([])
document = Document()
files = DocumentFiles(
    document, Settings(folder / "s.ini"), Messages(), state_folder=folder / "state"
)

def draw(project):
    graph = Graph.sequential((4,), [Dense(units=4), Activation(), Dense(units=2)])
    return edits.draw_anew(project, graph)

def group(project):
    return grouping.group(project, ["dense", "activation"])[0]

def within(edit):
    def act(project):
        document.go_to(["group"])
        return edit(document.project)
    return act

STEPS = [
    draw,
    group,
    within(lambda p: edits.change_settings(p, "activation", activation="tanh")),
    within(lambda p: edits.move_nodes(p, {"dense": (50.0, -30.0)})),
    within(lambda p: edits.add_mark(p, Frame(text="in here"))[0]),
    within(lambda p: grouping.bypass(p, ["activation"])),
    within(lambda p: grouping.group(p, ["activation"])[0]),
    within(lambda p: edits.delete(p, ["group"])),
]

done = 0
size = -1

def step():
    global done, size
    # The next edit comes when the one before is written down, as with a person.
    now = files.safety.path.stat().st_size if files.safety.path.exists() else -1
    if done and now == size:
        return
    size = now
    project = STEPS[done](document.project)
    document.do("edit", project)
    done += 1
    (folder / f"{done}.netsmith").write_text(project_to_text(document.whole), "utf-8")
    if done == last:
        print("killed", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

timer = QTimer(interval=10)
timer.timeout.connect(step)
timer.start()
application.exec()
"""


@pytest.mark.parametrize("last", [2, 4, 6, 8])
def test_at_most_the_last_edit_is_lost(tmp_path: Path, last: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EDITING, str(ROOT), str(tmp_path), str(last)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    (journal,) = (tmp_path / "state").glob("*.netsmith-journal")
    found = project_to_text(recover(journal).project)
    wanted = [(tmp_path / f"{number}.netsmith").read_text("utf-8") for number in (last - 1, last)]
    assert found in wanted
    assert len(set(wanted)) == 2
    project = project_from_text(wanted[-1])
    assert isinstance(project.graph.nodes["group"].layer, Group)
