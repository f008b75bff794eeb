"""The canvas while training and after it, in the real window."""

from __future__ import annotations

import threading
from dataclasses import replace
from time import sleep

import numpy as np
import pytest

from app.actions import COMMANDS
from app.main_window import MainWindow
from app.widgets import switching
from app.window import calibrating
from app.window.live_canvas import ASKER, LOOK_MS, STILL_MS
from engine.analysis.speed import Rate, Speed
from engine.graph import Graph
from engine.progress import Progress
from engine.project.examples import find_example
from engine.training import Plan, Seen

TIMEOUT = 60_000
SWITCHES = ("show_costs", "show_pictures", "show_health")


@pytest.fixture
def window(new_window, qtbot) -> MainWindow:
    window = new_window()
    window.open_example(find_example("digits"))
    qtbot.waitUntil(lambda: window.data.state == "ready", timeout=TIMEOUT)
    qtbot.waitUntil(lambda: window.workbench.reason_not_ready is None, timeout=TIMEOUT)
    window.canvas.zoom_reset()
    window.canvas.center_on("dense")
    return window


def live(window):
    return window.canvas.canvas_scene.live


def plan(window, **changes):
    project = window.document.project
    window.document.do("Change", replace(project, plan=project.plan.changed(**changes)))


def ended(window, qtbot):
    qtbot.waitUntil(lambda: not window.session.is_active, timeout=TIMEOUT)


def test_a_run_brings_pictures_and_health(window, qtbot):
    plan(window, epochs=100_000)
    window.workbench.start()
    qtbot.waitUntil(lambda: live(window).health is not None, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: "dense" in live(window).pictured, timeout=TIMEOUT)
    health = live(window).health
    assert set(health.updates) == {"dense", "dense_1", "dense_2"}
    assert set(health.dead) == {"dense", "dense_1"}
    assert ("dense", "dense_1") in health.gradients
    assert window.canvas.overlaid.legend.isVisible()
    window.session.stop()
    ended(window, qtbot)
    # What was seen last stays.
    assert live(window).health is not None
    assert "dense" in live(window).pictured


def test_only_what_is_in_sight_is_asked_for(window, qtbot):
    plan(window, epochs=100_000)
    window.canvas.center_on("dense_2")
    hidden = set(window.document.project.graph.nodes) - window.canvas.nodes_in_sight()
    assert hidden
    window.workbench.start()
    qtbot.waitUntil(lambda: bool(live(window).glances), timeout=TIMEOUT)
    assert not hidden & set(live(window).glances)
    window.session.stop()
    ended(window, qtbot)


def test_after_a_run_every_layer_has_a_picture(window, qtbot):
    plan(window, epochs=1)
    window.workbench.start()
    ended(window, qtbot)
    nodes = set(window.document.project.graph.nodes)
    qtbot.waitUntil(lambda: live(window).pictured == nodes, timeout=TIMEOUT)


def test_another_sample_is_another_picture(window, qtbot):
    plan(window, epochs=1)
    window.workbench.start()
    ended(window, qtbot)
    qtbot.waitUntil(lambda: "input" in live(window).glances, timeout=TIMEOUT)
    before = live(window).glances["input"]
    window.activations.card.after.click()
    qtbot.waitUntil(
        lambda: not np.array_equal(live(window).glances["input"], before), timeout=TIMEOUT
    )


def test_a_trained_project_that_is_opened_shows_pictures(window, qtbot, tmp_path):
    plan(window, epochs=1)
    window.workbench.start()
    ended(window, qtbot)
    window.files.save()
    window.files.open_path(window.document.path)
    assert not live(window).pictured
    qtbot.waitUntil(lambda: "dense" in live(window).pictured, timeout=TIMEOUT)
    assert live(window).health is None


def test_another_network_shows_nothing(window, qtbot):
    plan(window, epochs=1)
    window.workbench.start()
    ended(window, qtbot)
    qtbot.waitUntil(lambda: bool(live(window).pictured), timeout=TIMEOUT)
    window.open_example(find_example("spiral"))
    assert not live(window).pictured
    assert not window.canvas.overlaid.legend.isVisible()


def test_switched_off_nothing_is_asked_for(window, qtbot):
    asked: list[object] = []
    window.session.look = asked.append  # type: ignore[method-assign]
    for name in ("show_pictures", "show_health"):
        window.actions_[name].trigger()
    plan(window, epochs=100_000)
    window.workbench.start()
    window.run_views.live.note_progress()
    window.run_views.live._ask()
    assert not asked
    window.actions_["show_health"].trigger()
    window.run_views.live._ask()
    (wish,) = asked
    assert (wish.asker, wish.health, wish.glances) == (ASKER, True, ())
    window.session.stop()
    ended(window, qtbot)


def test_switches_are_remembered(new_window):
    window = new_window()
    for name in SWITCHES:
        assert window.actions_[name].isChecked()
        window.actions_[name].trigger()
    window.settings.flush()
    again = new_window()
    for name in SWITCHES:
        assert not again.actions_[name].isChecked()
    scene = again.canvas.canvas_scene
    assert not scene.live.shows_glances
    assert not scene.live.shows_health
    again.open_example(find_example("iris"))
    assert not any(item.face.cost for item in scene.nodes.values())


def test_switches_stand_in_the_view_menu():
    assert {c.menu for c in COMMANDS if c.name in SWITCHES} == {"&View"}


def test_a_costly_look_is_taken_more_rarely(window):
    views = window.run_views.live
    views._pace(0.001)
    assert views._timer.interval() == LOOK_MS
    views._pace(0.3)
    assert views._timer.interval() == 20_000
    window.canvas.set_still(True)
    views._pace(0.001)
    assert views._timer.interval() == STILL_MS


def test_each_answer_goes_to_who_asked(window, qtbot):
    plan(window, epochs=100_000)
    window.workbench.start()
    shown: list[Seen] = []
    window.activations.show_seen = shown.append  # type: ignore[method-assign]
    mine = Seen(1, {}, glances={}, asker=ASKER)
    window.session.seen.emit(mine)
    assert mine not in shown
    other = Seen(1, {})
    window.session.seen.emit(other)
    assert other in shown
    window.session.stop()
    ended(window, qtbot)


# Calibration

FAST = Speed({"Dense": Rate(base=1e-3), "Merging": Rate()}, {}, {}, step=1e-3)


@pytest.fixture
def quick(monkeypatch) -> list[int]:
    """Measures nothing; tells how often it was asked to."""
    asked: list[int] = []

    def measure(threads: int, progress: Progress) -> Speed:
        asked.append(threads)
        return FAST

    monkeypatch.setattr(calibrating, "measure_speed", measure)
    for name in ("measure_layers", "measure_network"):
        monkeypatch.setattr(calibrating, name, lambda speed, *_: speed)
    monkeypatch.setattr(calibrating, "_known", {})
    return asked


def test_the_machine_is_measured_once_and_costs_follow(quick, new_window, qtbot):
    window = new_window()
    window.open_example(find_example("iris"))
    window.calibration._settle.setInterval(0)
    window.calibration._settle.start()
    costs = window.document.costs
    qtbot.waitUntil(lambda: costs.predicted is not None, timeout=TIMEOUT)
    # The first layer passes no gradient on, which spares a third.
    assert costs.of("dense").line.endswith("≈ 0.7 ms")
    assert costs.of("dense_1").line.endswith("≈ 1 ms")
    assert costs.predicted == pytest.approx(1e-3 + 2.667e-3, rel=1e-3)
    rows = dict(window.inspector.summary.totals.rows)
    assert rows["Predicted step"] == "≈ 4 ms"
    assert "Measured step" not in rows
    again = new_window()
    again.open_example(find_example("iris"))
    assert again.document.costs.predicted is not None
    assert len(quick) == 1


def test_a_run_breaks_the_measurement_off(new_window, qtbot, monkeypatch):
    began, broken = threading.Event(), threading.Event()

    def measure(threads: int, progress: Progress) -> Speed:
        began.set()
        try:
            while True:
                progress(0, 1, "layers")
                sleep(0.001)
        finally:
            broken.set()

    monkeypatch.setattr(calibrating, "measure_speed", measure)
    monkeypatch.setattr(calibrating, "_known", {})
    window = new_window()
    window.open_example(find_example("iris"))
    qtbot.waitUntil(lambda: window.data.state == "ready", timeout=TIMEOUT)
    window.calibration._begin()
    assert began.wait(30)
    window.workbench.start()
    qtbot.waitUntil(broken.is_set, timeout=TIMEOUT)
    window.session.stop()
    ended(window, qtbot)
    # It will be measured later.
    qtbot.waitUntil(lambda: not window.calibration.background.is_working, timeout=TIMEOUT)
    assert window.calibration._settle.isActive()


def test_nothing_is_measured_beside_other_work(quick, new_window, qtbot):
    window = new_window()
    switching.take_turns_often()
    try:
        window.calibration._begin()
        assert not window.calibration.background.is_working
        assert window.calibration._settle.isActive()
    finally:
        switching.take_turns_as_before()
    window.calibration._begin()
    assert window.calibration.background.is_working


def test_layers_that_are_drawn_are_timed_after_each_edit(quick, new_window, qtbot, monkeypatch):
    timed: list[int] = []

    def measure(speed: Speed, graph: Graph, plan: Plan, *_: object) -> Speed:
        timed.append(len(graph.nodes))
        return speed

    monkeypatch.setattr(calibrating, "measure_layers", measure)
    window = new_window()
    calibration = window.calibration
    window.open_example(find_example("iris"))
    qtbot.waitUntil(lambda: window.data.state == "ready", timeout=TIMEOUT)

    def settle() -> None:
        assert calibration._settle.isActive()
        calibration._begin()
        qtbot.waitUntil(lambda: not calibration.background.is_working, timeout=TIMEOUT)

    settle()
    nodes = len(window.document.project.graph.nodes)
    assert timed == [nodes]
    assert not calibration._settle.isActive()
    plan(window, epochs=3)
    assert not calibration._settle.isActive()
    window.canvas.add_layer("Dense")
    settle()
    assert timed == [nodes, nodes + 1]
    plan(window, batch_size=64)
    settle()
    assert len(timed) == 3
    assert len(quick) == 1


def test_closing_ends_the_measurement(new_window, monkeypatch):
    def measure(threads: int, progress: Progress) -> Speed:
        while True:
            progress(0, 1, "layers")
            sleep(0.001)

    monkeypatch.setattr(calibrating, "measure_speed", measure)
    monkeypatch.setattr(calibrating, "_known", {})
    window = new_window()
    window.calibration._begin()
    window.document.undo_stack.setClean()
    window.close()
    assert not [each for each in threading.enumerate() if each.name == "background"]


def test_after_a_run_the_truth_stands_beside_the_prediction(window, qtbot):
    window.document.costs.set_speed(FAST)
    plan(window, epochs=1)
    window.workbench.start()
    ended(window, qtbot)
    costs = window.document.costs
    measured = costs.measured
    assert measured is not None
    assert 0 < measured < 1
    assert "per step, predicted ≈ 4 ms." in window.training_panel.result.text()
    window.document.selection.clear()
    rows = dict(window.inspector.summary.totals.rows)
    assert "× that" in rows["Measured step"]
    # Another batch size is another step.
    plan(window, batch_size=64)
    assert costs.measured is None
    window.document.undo_stack.undo()
    assert costs.measured == measured


def test_inside_of_a_group_the_step_is_still_the_whole_one(window, qtbot):
    document = window.document
    document.costs.set_speed(FAST)
    plan(window, epochs=1)
    document.selection.set(["dense", "dense_1"])
    window.canvas.do("group")
    (group,) = document.selection.nodes
    window.workbench.start()
    ended(window, qtbot)
    costs = document.costs
    predicted, measured = costs.predicted, costs.measured
    assert measured is not None
    document.go_to([group])
    assert costs.predicted == pytest.approx(predicted)
    assert costs.measured == measured
    # Its layers are those of the run.
    qtbot.waitUntil(lambda: {"dense", "dense_1"} <= live(window).pictured, timeout=TIMEOUT)
    assert costs.of("dense_1").line.endswith("≈ 1 ms")
