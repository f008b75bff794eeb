"""Threads that share programs: many leaders, no helpers, helpers that come late or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine import parallel
from engine.compiled import loops_for, program
from engine.compiled.program import (
    BLOCK,
    FEW,
    LONG_NS,
    MANY,
    SPREAD_FROM,
    _Crew,
    over_blocks,
    square_length,
)
from engine.compiled.tasks import ADAM, SQUARE, TASK
from engine.parallel import OPEN, OVER, POST, TURN, for_each_shard, using_threads

pytest.importorskip("numba", reason="there is no numba")

Array = np.ndarray[Any, Any]


def normal(size: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(size).astype(np.float32)


def sums_of(x: Array) -> Array:
    """What the program of a sum of squares leaves, a number for each block."""
    blocks = over_blocks(loops_for(x), SQUARE, len(x))
    sums = np.full(len(blocks.rows), np.nan, np.float32)
    blocks.run(x, sums)
    return sums


class Loops(SimpleNamespace):
    """Stands in for the compiled loops, to see what a crew does with them."""

    def __init__(self, waited: int = 0) -> None:
        self.waited, self.led, self.served = waited, 0, 0
        self.goes_on = threading.Event()
        self.goes_on.set()

    def give_way_address(self) -> int:
        return 0

    def serve(self, post: Array, address: int) -> None:
        self.served += 1
        assert self.goes_on.wait(20)
        post[OVER] += 1

    def lead(self, *given: Any) -> int:
        self.led += 1
        return self.waited


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> _Crew:
    """One by itself: what its threads tell each other is nothing to the others."""
    monkeypatch.setattr(program, "POST", np.zeros_like(POST))
    return _Crew()


def all_idle() -> None:
    """Return when every thread that helps has done what was put down for it."""
    barrier = threading.Barrier(parallel._thread_count() + 1)
    for _ in range(parallel._thread_count()):
        parallel.ask(SimpleNamespace(help=lambda: barrier.wait(20)))
    barrier.wait(20)


# What is computed


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, BLOCK + 1, SPREAD_FROM, 12 * BLOCK + 5])
@pytest.mark.parametrize("threads", [1, 2, 7])
def test_every_task_is_done_once(size: int, threads: int) -> None:
    x = normal(size)
    with using_threads(threads):
        found = sums_of(x)
    blocks = [x[begin : begin + BLOCK].astype(np.float64) for begin in range(0, size, BLOCK)]
    np.testing.assert_allclose(found, [each @ each for each in blocks], rtol=1e-5)


def test_two_hundred_quick_programs_in_a_row() -> None:
    x = normal(SPREAD_FROM)
    expected, turn = sums_of(x).tobytes(), POST[TURN]
    with using_threads(2):
        assert {sums_of(x).tobytes() for _ in range(200)} == {expected}
    assert POST[TURN] > turn
    assert POST[OPEN] == 0


def test_a_small_program_asks_nobody() -> None:
    turn = POST[TURN]
    with using_threads(2):
        sums_of(normal(SPREAD_FROM - 1))
    assert POST[TURN] == turn


def test_one_thread_asks_nobody() -> None:
    turn = POST[TURN]
    with using_threads(1):
        sums_of(normal(4 * SPREAD_FROM))
    assert POST[TURN] == turn


@pytest.mark.parametrize("size", [1, BLOCK + 1, 9 * BLOCK])
def test_a_pass_over_memory_touches_each_number_once(size: int) -> None:
    w, g = np.zeros(size, np.float32), np.ones(size, np.float32)
    mean, square = np.zeros(size, np.float32), np.zeros(size, np.float32)
    numbers = np.array([0.5, 0.25, 0, 1], np.float32)
    with using_threads(2):
        over_blocks(loops_for(w), ADAM, size).run(w, g, mean, square, numbers)
    assert (set(mean), set(square), set(w)) == ({0.5}, {0.25}, {-1.0})


# Leaders


def test_many_leaders_at_once() -> None:
    """One of them has the crew, and the others do without."""
    arrays = [normal(SPREAD_FROM + 1000 * each, each) for each in range(6)]
    expected = [square_length(each) for each in arrays]
    found: list[set[float]] = [set() for _ in arrays]

    def lead(index: int) -> None:
        with using_threads(3):
            found[index].update(square_length(arrays[index]) for _ in range(60))

    leaders = [threading.Thread(target=lead, args=(index,)) for index in range(6)]
    for each in leaders:
        each.start()
    for each in leaders:
        each.join(30)
    assert not any(each.is_alive() for each in leaders)
    assert found == [{each} for each in expected]
    assert POST[OPEN] == 0


def test_leaders_inside_of_spread_work() -> None:
    arrays = [normal(SPREAD_FROM, each) for each in range(8)]
    expected = [square_length(each) for each in arrays]
    found: dict[int, float] = {}
    with using_threads(3):
        for_each_shard(lambda index: found.update({index: square_length(arrays[index])}), 8)
    assert [found[index] for index in range(8)] == expected


def test_a_leader_that_raises_leaves_the_crew_to_the_next(crew: _Crew) -> None:
    good = Loops()
    with using_threads(2):
        with pytest.raises(TypeError):
            crew.lead(SimpleNamespace(lead=None, serve=good.serve, give_way_address=int), ())
        assert crew.lead(good, ())
        all_idle()
    assert good.led == 1


def test_while_one_leads_another_does_without(crew: _Crew) -> None:
    inner = Loops()
    found: list[bool] = []
    outer = Loops()
    outer.lead = lambda *given: found.append(crew.lead(inner, ())) or 0
    with using_threads(2):
        assert crew.lead(outer, ())
        all_idle()
    assert found == [False]
    assert inner.led == 0


# Help


def test_a_helper_that_has_not_come_yet_is_not_asked_again(crew: _Crew) -> None:
    """Else what nobody takes piles up, and other work waits behind it."""
    loops = Loops()
    loops.goes_on.clear()
    try:
        with using_threads(2):
            assert all(crew.lead(loops, ()) for _ in range(20))
    finally:
        loops.goes_on.set()
    with using_threads(2):
        all_idle()
    assert (loops.led, loops.served) == (20, 1)
    with using_threads(2):
        assert crew.lead(loops, ())
        all_idle()
    assert loops.served == 2


def test_helpers_that_found_no_more_work_are_known_to_be_over() -> None:
    """So that they are asked again."""
    over = POST[OVER]
    with using_threads(2):
        for _ in range(3):
            sums_of(normal(4 * SPREAD_FROM))
            all_idle()
            assert POST[OVER] == program._crew()._asked
    assert POST[OVER] > over


def test_no_more_are_asked_than_there_are(crew: _Crew) -> None:
    loops = Loops()
    loops.goes_on.clear()
    try:
        with using_threads(256):
            count = parallel.helpers()
            for _ in range(20):
                crew.lead(loops, ())
    finally:
        loops.goes_on.set()
    with using_threads(256):
        all_idle()
    assert count == max(1, parallel.available_cores() - 1)
    assert loops.served == count


def test_a_busy_machine_is_left_alone_for_a_while(crew: _Crew) -> None:
    loops = Loops(waited=100_000 * LONG_NS)
    with using_threads(2):
        alone = FEW
        for asked in range(1, 12):  # each time in a row that it is busy doubles the while
            assert crew.lead(loops, ())
            assert not any(crew.lead(loops, ()) for _ in range(alone))
            assert loops.led == asked
            alone = min(2 * alone, MANY)
        assert alone == MANY
        loops.waited = LONG_NS  # no longer than this is a matter of course
        assert all(crew.lead(loops, ()) for _ in range(3))
        loops.waited = 100_000 * LONG_NS
        assert crew.lead(loops, ())
        assert not any(crew.lead(loops, ()) for _ in range(FEW))
        assert crew.lead(loops, ())
        all_idle()


def test_a_program_is_whole_while_the_machine_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = normal(4 * SPREAD_FROM)
    with using_threads(2):
        together = sums_of(x).tobytes()
        monkeypatch.setattr(program._crew(), "_alone", MANY)
        turn = POST[TURN]
        assert sums_of(x).tobytes() == together
        assert POST[TURN] == turn


def test_what_helpers_run_is_compiled_before_they_are_asked(
    crew: _Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that ends while a helper compiles is aborted."""
    compiling: list[int] = []

    class Compiled(Loops):
        def sgemm_address(self) -> int:
            return 0

        def serve(self, post: Array, address: int) -> None:
            compiling.append(threading.get_ident())

        __hash__ = object.__hash__

    monkeypatch.setattr(program, "_crew", lambda: crew)  # the real one waits for the real loops
    work = SimpleNamespace(address=0)
    with using_threads(2):
        program.Program(Compiled(), work, np.zeros(1, TASK), 1, 0, True).run()
        all_idle()
    assert compiling[0] == threading.get_ident()


# Processes


LEAD = """
import numpy as np
from engine.compiled.program import square_length
from engine.parallel import using_threads
with using_threads(2):
    for _ in range({times}):
        found = square_length(np.ones(1_000_000, np.float32))
print(found)
"""


FORK = """
import os, signal
import numpy as np
from engine.compiled.program import square_length
from engine.parallel import INSIDE, POST, TURN, using_threads
x = np.random.default_rng(0).standard_normal(300_000).astype(np.float32)
with using_threads(2):
    expected = square_length(x)
    POST[INSIDE] += 1  # as if a helper were at work while another thread forks
    child = os.fork()
    if child:
        POST[INSIDE] -= 1
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    else:
        # The system's own handler: Python's would wait for compiled code to end.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(20)
        turn = POST[TURN]
        is_same = all(square_length(x) == expected for _ in range(50))
        os._exit(7 if is_same and POST[TURN] > turn else 1)
"""


def ran(code: str) -> subprocess.CompletedProcess[str]:
    """What a process of its own does: others' libraries in this one may look on at forks."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("times", [1, 50])
def test_a_process_ends_while_helpers_look_out_for_work(times: int) -> None:
    found = ran(LEAD.format(times=times))
    assert (found.returncode, found.stdout.strip(), found.stderr) == (0, "1000000.0", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_waits_for_no_thread_of_its_parent() -> None:
    found = ran(FORK)
    assert (found.returncode, found.stdout.strip(), found.stderr) == (0, "7", "")
