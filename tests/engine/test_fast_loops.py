"""Compiled loops are prepared by a process of their own, and no run changes its path."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine import compiled
from engine.compiled import path, place
from engine.compiled.path import loops_are_ready, one_path, wait_for_loops
from engine.data import Dataset
from engine.graph import Graph
from engine.layers import Dense
from engine.network import Network
from engine.training import Plan, fast_loops, train
from engine.training.fast_loops import FastLoops, State

pytest.importorskip("numba", reason="there is no numba")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _compiled_again() -> Iterator[None]:
    yield
    loops_are_ready()
    assert not path.is_plain()


@pytest.fixture
def unready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No loop was ever compiled for this test, and the process has nothing to do."""
    monkeypatch.setattr(place, "_mark", lambda: tmp_path / "ready")
    return tmp_path / "ready"


def use(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(fast_loops, "_CODE", code)


def wait_until_done(loops: FastLoops) -> State:
    for _ in range(600):
        if loops.look() is not State.PREPARING:
            break
        time.sleep(0.05)
    return loops.look()


def network() -> Network:
    layers = [Dense(units=5, activation="relu"), Dense(units=2, activation="softmax")]
    return Network(Graph.sequential((3,), layers), seed=0)


def data() -> Dataset:
    x = np.linspace(-1, 1, 60, dtype=np.float32).reshape(20, 3)
    return Dataset.from_arrays(x, np.arange(20) % 2)


def weights_after(epochs: int = 2) -> np.ndarray:
    found = network()
    list(train(found, data(), Plan(epochs=epochs, batch_size=8)))
    return found.trained


def test_a_run_keeps_its_path_and_the_next_takes_the_new_one() -> None:
    fast = weights_after()
    wait_for_loops()
    plain = weights_after()
    again = network()
    events = train(again, data(), Plan(epochs=2, batch_size=8))
    next(events)
    loops_are_ready()
    assert path.is_plain()  # until that run has ended
    list(events)
    assert not path.is_plain()
    np.testing.assert_array_equal(again.trained, plain)
    np.testing.assert_array_equal(weights_after(), fast)


def test_a_network_of_plain_times_computes_as_a_new_one() -> None:
    wait_for_loops()
    old = network()
    loops_are_ready()
    new = network()
    for each in (old, new):
        list(train(each, data(), Plan(epochs=2, batch_size=8)))
    np.testing.assert_array_equal(old.trained, new.trained)
    assert len(old._parts) == len(new._parts) == 1


def test_a_run_that_is_given_up_lets_go() -> None:
    wait_for_loops()
    events = train(network(), data(), Plan(epochs=2))
    next(events)
    loops_are_ready()
    events.close()
    assert not path.is_plain()
    with one_path():
        wait_for_loops()  # too late for this run
        assert not path.is_plain()


def test_ready_loops_need_no_process(unready: Path) -> None:
    unready.touch()
    loops = FastLoops()
    assert loops.start() is State.READY
    assert compiled.is_compiled()


def test_plain_loops_are_used_until_the_process_is_done(
    unready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "import sys; sys.exit(0)")
    loops = FastLoops()
    assert loops.start() is State.PREPARING
    assert not compiled.is_compiled()
    assert compiled.loops_for(np.zeros(3, np.float32)) is None
    assert wait_until_done(loops) is State.READY
    assert compiled.is_compiled()


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "import os; os.abort()"])
def test_a_process_that_fails_leaves_the_plain_ones(
    unready: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    use(monkeypatch, code)
    loops = FastLoops()
    loops.start()
    assert wait_until_done(loops) is State.FAILED
    assert not compiled.is_compiled()
    assert len(weights_after(1))


def test_the_end_of_the_program_ends_the_process(
    unready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "import time; time.sleep(600)")
    loops = FastLoops()
    loops.start()
    process = loops._process
    assert process is not None
    loops.stop()
    assert process.returncode is not None
    assert compiled.is_compiled()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_the_process_ends_with_a_program_that_is_killed() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from engine.training import fast_loops\n"
        "import time\n"
        "fast_loops._CODE = ('import sys, threading, time; sys.path.insert(0, sys.argv[1]);'\n"
        "    'from engine.training.fast_loops import _end_with_parent;'\n"
        "    'threading.Thread(target=_end_with_parent, daemon=True).start(); time.sleep(600)')\n"
        "print(fast_loops._process().pid, flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(ROOT)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    for _ in range(400):
        try:
            state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            break
        if state == "Z":
            break
        time.sleep(0.1)
    else:
        os.kill(child, 9)
        pytest.fail("the process outlived the program that started it")


def test_switched_off_and_missing_they_are_not_prepared(
    unready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv(compiled.OFF, "1")
        assert FastLoops().start() is State.NONE
    monkeypatch.setitem(sys.modules, "numba", None)
    assert FastLoops().start() is State.NONE


def test_damage_makes_them_be_prepared_again(unready: Path) -> None:
    unready.touch()
    assert place.are_ready()
    place.forget_ready()
    assert not place.are_ready()
    place.set_ready()
    assert place.are_ready()


COMPLETE = """
import sys
sys.path.insert(0, sys.argv[1])
from engine.training.fast_loops import compile_all
compile_all()
from engine.compiled import loops
from engine.compiled.jit import Work
from engine.data import prepare
from engine.network import Network
from engine.project import read_project
from engine.project.examples import examples
from engine.training import train

def known():
    found = {}
    for name in loops.__all__:
        each = getattr(loops, name)
        if isinstance(each, Work):
            found[name] = "address" in vars(each)
        elif hasattr(each, "signatures"):
            found[name] = len(each.signatures)
    return found

before = known()
assert all(before.values()), before
for example in examples():
    project = read_project(example.path)
    network = Network(project.graph)
    events = train(network, prepare(project.data, example.path.parent), project.plan)
    for _, event in zip(range(3), events):
        pass
    events.close()
assert known() == before, (known(), before)
print("all")
"""


@pytest.mark.timeout(400)
def test_what_is_prepared_is_all_that_training_needs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMPLETE, str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
        timeout=390,
    )
    assert done.stdout.strip() == "all", done.stderr
