"""Notice of what is compiled: before each loop, in any thread, and in time to say no."""

from __future__ import annotations

from typing import NoReturn

import pytest

from engine.compiled.notice import before_compiling
from engine.errors import Cancelled
from engine.parallel import for_each_shard, using_threads

numba = pytest.importorskip("numba")


def new_loop():
    return numba.njit(lambda x: x + 1)


def no() -> NoReturn:
    raise Cancelled


def test_it_comes_once_for_each_loop():
    loop, told = new_loop(), []
    with before_compiling(lambda: told.append("now")):
        assert [loop(1), loop(2)] == [2, 3]
    assert told == ["now"]
    loop(1.5)
    assert told == ["now"]


def test_what_it_raises_leaves_the_loop_uncompiled():
    loop = new_loop()
    with pytest.raises(Cancelled), before_compiling(no):
        loop(1)
    assert not loop.signatures
    assert loop(1) == 2


def test_threads_that_help_are_heard_as_well():
    loops = [new_loop() for _ in range(4)]
    told: list[str] = []
    with using_threads(2), before_compiling(lambda: told.append("now")):
        for_each_shard(lambda part: loops[part](1), len(loops))
    assert len(told) == len(loops)


def test_inside_another_the_inner_one_is_told():
    loop, outer, inner = new_loop(), [], []
    with before_compiling(lambda: outer.append(1)):
        with before_compiling(lambda: inner.append(1)):
            loop(1)
        loop(1.5)
    assert (len(outer), len(inner)) == (1, 1)
