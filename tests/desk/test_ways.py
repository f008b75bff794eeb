"""The ways of the user guide through the real program, with real pointer and key events.

At the end of each, the program must have written nothing: no traceback, no warning of
Qt's, no long turn of the event loop, no window larger than its screen; see ``watch.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.project import read_project
from tests.desk import files
from tests.desk.hands import RIGHT
from tests.desk.program import Program, middle

# Each worker has one screen, and starting the program takes most of the time.
pytestmark = pytest.mark.timeout(180)


def test_an_example_is_trained_paused_stopped_saved_and_opened_again(
    program: Program, tmp_path: Path
) -> None:
    program.click("Example: Two spirals")
    program.wait_state(page="workspace", reason=None)
    program.type_into("Epochs", "100000")
    program.hands.keys("F5")
    program.wait_for(lambda: program.state["epochs"] >= 3, "three epochs")
    program.hands.keys("F6")
    program.wait_state(run="paused")
    program.hands.keys("F7")
    program.hands.keys("F6")
    program.wait_state(run="running")
    program.hands.keys("shift+F5")
    program.wait_state(run="finished", trained=True)
    nodes = program.state["nodes"]
    program.hands.keys("ctrl+s")
    answer_file_dialog(program, "spirals")
    saved = tmp_path / "spirals.netsmith"
    program.wait_state(path=str(saved), modified=False)
    assert read_project(saved).plan.epochs == 100000

    program.hands.keys("ctrl+n")
    program.wait_state(nodes={}, path="")
    program.hands.keys("ctrl+o")
    answer_file_dialog(program, "spirals.netsmith")
    program.wait_state(nodes=nodes, path=str(saved), trained=True)
    program.wait_state(reason=None)
    program.hands.keys("ctrl+F5")
    program.wait_state(run="running")
    program.hands.keys("shift+F5")
    program.wait_state(run="finished")


def test_a_trained_project_is_opened_by_its_path(
    start: Callable[..., Program], tmp_path: Path
) -> None:
    first = start(str(files.project(tmp_path)))
    first.wait_state(data="ready", reason=None)
    first.hands.keys("F5")
    first.wait_for(lambda: first.state["epochs"] >= 2, "two epochs")
    first.hands.keys("shift+F5")
    first.wait_state(run="finished", trained=True)
    first.hands.keys("ctrl+s")
    first.wait_state(modified=False)
    nodes = first.state["nodes"]
    first.close()
    again = start(str(tmp_path / "iris.netsmith"))
    again.wait_state(nodes=nodes, data="ready", trained=True, run="finished")
    again.find("Prediction", "ScoreBars")


def test_a_network_is_drawn_with_the_pointer(program: Program) -> None:
    program.click("New project", "QPushButton")
    program.wait_state(page="workspace")
    x, y = middle(program.find("Network canvas"))
    for step, kind in enumerate(("Input", "Dense", "Dense")):
        row = middle(program.find(kind, "row"))
        program.hands.drag(*row, x - 250 + 250 * step, y)
        program.wait_for(lambda n=step + 1: len(program.state["nodes"]) == n, f"a layer {kind}")
    program.wire("input", "dense")
    program.wire("dense", "dense_1")
    program.wait_state(edges=[["input", "dense"], ["dense", "dense_1"]])

    program.click("dense", "node")
    program.wait_state(selected=["dense"])
    program.type_into("Units", "24")
    program.click("dense_1", "node")
    program.type_into("Units", "3")
    program.click("dense", "node")
    program.hands.keys("Delete")
    program.wait_state(edges=[["input", "dense_1"]])
    program.hands.keys("ctrl+z")
    program.wait_state(edges=[["input", "dense"], ["dense", "dense_1"]])

    program.click("dense", "node", button=RIGHT)
    program.click("Duplicate", "item")
    program.wait_for(lambda: len(program.state["nodes"]) == 4, "a copy of the layer")
    program.hands.keys("Delete")
    program.wait_for(lambda: len(program.state["nodes"]) == 3, "the copy to be gone")
    first, last = program.find("dense", "node")["rect"], program.find("dense_1", "node")["rect"]
    program.hands.drag(first[0] - 20, first[1] - 20, last[0] + last[2] + 20, last[1] + last[3] + 20)
    program.wait_state(selected=["dense", "dense_1"])
    program.hands.keys("ctrl+g")
    program.wait_for(lambda: len(program.state["nodes"]) == 2, "a group")
    program.hands.keys("ctrl+Return")
    program.wait_for(lambda: program.state["level"], "the inside of the group")
    program.hands.keys("Escape")
    program.wait_state(level=[])
    undo_and_redo_everything(program)


def test_a_network_is_built_by_keyboard_alone(program: Program) -> None:
    program.hands.keys("ctrl+n")
    program.wait_state(page="workspace")
    program.hands.keys("F4")
    program.wait_state(focus="Network canvas")
    for number, kind in enumerate(("input", "dense", "dense"), start=1):
        program.hands.keys("Tab")
        program.wait_state(focus="Search layers")
        program.hands.type(kind)
        program.hands.keys("Return")
        program.wait_for(lambda n=number: len(program.state["nodes"]) == n, f"layer {number}")
        program.wait_state(focus="Network canvas")
    program.wait_state(edges=[["input", "dense"], ["dense", "dense_1"]], selected=["dense_1"])
    program.hands.keys("Return")
    program.wait_for(lambda: program.state["focus"] != "Network canvas", "the settings")
    program.hands.keys("F4")
    program.hands.keys("Left")
    program.hands.keys("F2")
    program.wait_for(lambda: program.state["focus"] != "Network canvas", "the field of the name")
    program.hands.type("hidden")
    program.hands.keys("Return")
    program.wait_state(focus="Network canvas")
    program.hands.keys("ctrl+shift+p")
    program.wait_for(lambda: "ommand" in program.state["focus"], "the command palette")
    program.hands.type("add note")
    program.hands.keys("Return")
    program.wait_for(lambda: "Text of" in program.state["focus"], "the text of the note")
    program.hands.type("by keyboard")
    program.hands.keys("Escape", "F4")
    program.hands.keys("ctrl+a", "l", "h", "h", "m", "m")
    undo_and_redo_everything(program)


@pytest.mark.parametrize("kind", ["table", "pictures", "arrays", "project"])
def test_files_are_dropped(program: Program, tmp_path: Path, kind: str) -> None:
    path = {
        "table": files.table,
        "pictures": files.pictures,
        "arrays": files.arrays,
        "project": files.project,
    }[kind](tmp_path)
    program.drop(path)
    program.wait_state(page="workspace", data="ready", reason=None)
    assert program.state["nodes"], "a small network is drawn for the data"
    assert program.state["path"] == (str(path) if kind == "project" else "")
    program.hands.keys("F5")
    program.wait_for(lambda: program.state["epochs"] >= 1, "an epoch")
    program.hands.keys("shift+F5")
    program.wait_state(run="finished", trained=True)


def test_files_that_cannot_be_taken_are_refused_in_words(program: Program, tmp_path: Path) -> None:
    for path in files.broken(tmp_path):
        program.drop(path)
        program.wait_for(
            lambda: program.state["banner"] or program.state["data"] == "failed",
            f"words about {path.name}",
        )
    program.check()
    for path in files.broken(tmp_path):
        path.unlink()


def test_data_is_chosen_and_read_another_way(program: Program, tmp_path: Path) -> None:
    table = files.table(tmp_path)
    program.click("Open data…", "QPushButton")
    answer_file_dialog(program, str(table))
    program.wait_state(data="ready", reason=None)
    program.click("Data", "tab")
    before = program.state["undo"]
    program.click("Target", part=True, kind="QuietCombo")
    program.hands.type("color")
    program.hands.keys("Return")
    program.wait_for(lambda: program.state["undo"] > before, "another target")
    program.wait_state(data="ready", reason=None)
    program.hands.keys("ctrl+z")
    program.wait_state(data="ready", reason=None, undo=before)


def test_every_dialog_opens_and_closes(program: Program, tmp_path: Path) -> None:
    program.click("Example: Iris flowers")
    program.wait_state(page="workspace", data="ready", reason=None)
    program.type_into("Epochs", "3")
    program.hands.keys("F5")
    program.wait_state(run="finished", trained=True)
    program.click("dense", "node")

    program.hands.keys("ctrl+t")
    program.wait_for(lambda: program.state["modal"], "the templates")
    program.hands.keys("Down", "Down", "Escape")
    program.wait_state(modal="")

    program.hands.keys("ctrl+e")
    program.wait_for(lambda: program.state["modal"], "the export")
    program.type_into("File", str(tmp_path / "iris.onnx"))
    program.wait_for((tmp_path / "iris.onnx").is_file, "the ONNX file")
    program.find("Verified", "still", part=True)
    program.hands.keys("Escape")
    program.wait_state(modal="")

    for command in ("Find a learning rate", "Check gradients"):
        choose(program, command)
        program.wait_for(lambda: program.state["window"] != program.state["title"], command)
        program.wait_for(lambda: not is_working(program), f"the end of {command}")
        program.hands.keys("Escape")
        program.wait_for(lambda: program.state["window"] == program.state["title"], "its end")

    for command in ("User guide", "Keys and gestures", "Help on the layer", "About Netsmith"):
        choose(program, command)
        program.wait_for(lambda: program.state["window"] != program.state["title"], command)
        program.hands.keys("Escape")
        program.wait_for(lambda: program.state["window"] == program.state["title"], "its end")

    for scheme in ("Dark", "Light"):
        choose(program, scheme)


def is_working(program: Program) -> bool:
    """Whether a dialog shows how far its work is."""
    return any(spot["kind"] == "QProgressBar" for spot in program.spots())


def choose(program: Program, command: str) -> None:
    """Choose a command in the command palette."""
    program.hands.keys("ctrl+shift+p")
    program.wait_for(lambda: "ommand" in program.state["focus"], "the command palette")
    program.hands.type(command)
    program.find(command, "row", part=True)
    program.hands.keys("Return")
    program.wait_for(lambda: "ommand" not in program.state["focus"], "the palette to close")


def answer_file_dialog(program: Program, name: str) -> None:
    """Type a name into the dialog that asks for a file."""
    program.wait_for(lambda: program.state["modal"], "a dialog that asks for a file")
    program.find("File name:", "still")
    program.hands.keys("ctrl+a")
    program.hands.type(name)
    program.hands.keys("Return")
    program.wait_state(modal="")


def undo_and_redo_everything(program: Program) -> None:
    """Back to the empty project and forth again, by keys."""
    steps, nodes = program.state["undo"], program.state["nodes"]
    program.hands.keys(*["ctrl+z"] * steps)
    program.wait_state(undo=0, nodes={})
    program.hands.keys(*["ctrl+shift+z"] * steps)
    program.wait_state(undo=steps, nodes=nodes)
