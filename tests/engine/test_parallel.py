"""Work spread over threads: all of it, once, with errors brought back."""

from __future__ import annotations

import contextvars
import threading
import time
import weakref
from functools import partial

import numpy as np
import pytest

from engine.parallel import Later, for_each_shard, shards, using_threads


@pytest.mark.parametrize("size", [0, 1, 2, 7, 8, 9, 100])
def test_shards_cover_everything_in_order(size):
    found = [index for part in shards(size) for index in range(size)[part]]
    assert found == list(range(size))
    lengths = [part.stop - part.start for part in shards(size)]
    assert not lengths or max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize("threads", [0, 1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_every_shard_once(threads, count):
    done: list[int] = []
    with using_threads(threads):
        for_each_shard(done.append, count)
    assert sorted(done) == list(range(count))


@pytest.mark.parametrize("threads", [1, 3])
def test_errors_come_back_and_the_next_work_runs(threads):
    def fail(index: int) -> None:
        if index == 3:
            raise ZeroDivisionError("three")

    with using_threads(threads), pytest.raises(ZeroDivisionError, match="three"):
        for_each_shard(fail, 5)
    test_every_shard_once(threads, 5)


def test_spread_work_may_spread_work():
    done: list[int] = []
    with using_threads(3):
        for_each_shard(lambda _: for_each_shard(done.append, 4), 6)
    assert sorted(done) == sorted([*range(4)] * 6)


def test_many_callers_at_once():
    done: list[int] = []
    callers = [
        threading.Thread(target=for_each_shard, args=(done.append, 20), daemon=True)
        for _ in range(6)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(20)
    assert sorted(done) == sorted([*range(20)] * 6)


def test_numpy_error_state_goes_along():
    def overflow(index: int) -> None:
        np.float32(1e38) * np.full(1, 1e38, np.float32)

    with using_threads(2), np.errstate(over="ignore"):
        for_each_shard(overflow, 8)


def test_a_generator_that_spreads_work_may_be_closed_elsewhere():
    def work():
        with using_threads(2):
            yield 1

    steps = work()
    next(steps)
    elsewhere = contextvars.Context()
    elsewhere.run(steps.close)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_what_is_done_later_is_done_at_the_end_of_the_block(threads):
    done: list[int] = []
    with using_threads(threads):
        with Later() as later:
            for index in range(4):
                later.add([partial(done.append, 3 * index + each) for each in range(3)])
        assert sorted(done) == list(range(12))


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_in_what_is_done_later_comes_at_the_end_of_the_block(threads):
    def fail() -> None:
        raise ZeroDivisionError("later")

    with (
        using_threads(threads),
        pytest.raises(ZeroDivisionError, match="later"),
        Later() as later,
    ):
        later.add([fail] * 4)
    test_every_shard_once(threads, 5)


def test_an_error_in_the_block_is_the_one_that_is_raised():
    def fail() -> None:
        raise ZeroDivisionError

    def block() -> None:
        with Later() as later:
            later.add([fail] * 4)
            raise KeyError

    with using_threads(3), pytest.raises(KeyError):
        block()


def test_a_waiting_thread_keeps_nothing_alive():
    array = np.zeros(3)
    gone = weakref.ref(array)
    with using_threads(2):
        for_each_shard(lambda _, array=array: array.sum(), 8)
    del array
    deadline = time.monotonic() + 20  # a thread may only just come to a job that is done
    while gone() is not None and time.monotonic() < deadline:
        time.sleep(0.001)
    assert gone() is None
