"""Compiled loops on the disk: kept, replaced when they are out of date, and never in the way."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import compiled

numba = pytest.importorskip("numba", reason="there is no numba")

from numba.core import caching  # noqa: E402

from engine.compiled import jit, place  # noqa: E402

ENGINE = Path(compiled.__file__).parents[1]
Loop = Callable[..., Any]


def more(x: int) -> int:
    return x + 1


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where loops are kept during a test."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return tmp_path


def hits(loop: Any) -> int:
    """How many versions of a loop were read from the disk."""
    return sum(loop.stats.cache_hits.values())


@pytest.mark.usefixtures("folder")
def test_what_is_compiled_once_is_read_the_next_time() -> None:
    for expected in (0, 1, 1):
        loop = jit.exact(more)
        assert loop(1) == 2
        assert hits(loop) == expected


def test_the_folder_that_somebody_chose_for_numba_is_taken(folder: Path) -> None:
    jit.exact(more)(1)
    assert list(folder.rglob("*.nbc"))
    assert str(folder) == numba.config.CACHE_DIR


def test_other_programs_folder_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    jit.exact(more)
    assert numba.config.CACHE_DIR == ""


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("length", [0, 10, -5])
def test_a_damaged_file_is_compiled_anew(folder: Path, ending: str, length: int) -> None:
    jit.exact(more)(1)
    (file,) = folder.rglob(f"*.{ending}")
    file.write_bytes(file.read_bytes()[:length])
    for expected in (0, 1):  # and is whole again
        loop = jit.exact(more)
        assert loop(1) == 2
        assert hits(loop) == expected


def test_without_a_folder_that_can_be_written_it_is_compiled_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(locator: Any) -> None:
        raise PermissionError(errno.EACCES, "read only")

    monkeypatch.setattr(caching._CacheLocator, "ensure_cache_path", refuse)
    for _ in range(2):
        loop = jit.exact(more)
        assert loop(1) == 2
        assert not hits(loop)


@pytest.mark.usefixtures("folder")
def test_a_disk_that_is_full_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: Any, *given: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    loop = jit.exact(more)
    monkeypatch.setattr(caching.IndexDataCacheFile, "save", refuse)
    assert (loop(1), loop(1.5)) == (2, 2.5)


def test_a_folder_that_is_gone_stops_nothing(folder: Path) -> None:
    loop = jit.exact(more)
    shutil.rmtree(folder)
    folder.write_text("a file in its place")
    assert (loop(1), loop(1.5)) == (2, 2.5)


def test_an_error_in_a_loop_is_no_matter_of_the_disk(folder: Path) -> None:
    def wrong(x: int) -> int:
        return x + "1"  # type: ignore[operator]

    with pytest.raises(numba.TypingError):
        jit.exact(wrong)(1)
    assert not list(folder.rglob("*.nbc"))


# Where they are kept


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sources, which the folder's name is made of."""
    copy = tmp_path / "engine"
    shutil.copytree(ENGINE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(place, "HERE", copy / "compiled")
    return copy


def test_unchanged_sources_keep_their_folder(sources: Path) -> None:
    name = place.loops_folder.__wrapped__().name
    assert name == place.loops_folder.__wrapped__().name
    assert (sources / "compiled" / "__pycache__" / name) == place.loops_folder.__wrapped__()
    os.utime(sources / "compiled" / "dense.py", (0, 0))
    assert place.loops_folder.__wrapped__().name == name


@pytest.mark.parametrize(
    "changed",
    [f"compiled/{path.name}" for path in sorted((ENGINE / "compiled").glob("*.py"))]
    + ["parallel.py"],
)
def test_any_change_of_a_source_is_another_folder(sources: Path, changed: str) -> None:
    before = place.loops_folder.__wrapped__()
    file = sources / changed
    file.write_text(file.read_text() + "\n")
    assert place.loops_folder.__wrapped__() != before


def test_a_new_source_is_another_folder(sources: Path) -> None:
    before = place.loops_folder.__wrapped__()
    (sources / "compiled" / "new.py").write_text("x = 1\n")
    assert place.loops_folder.__wrapped__() != before


# Whole processes

TRAIN = """
import numpy as np
import engine as ns
from engine import compiled
from engine.compiled.notice import before_compiling

x = np.linspace(-1, 1, 60, dtype=np.float32).reshape(20, 3)
layers = [ns.layers.Dense(units=5, activation="relu"), ns.layers.Dense(units=4, activation="tanh"),
          ns.layers.Dense(units=2, activation="softmax")]
network = ns.Network(ns.Graph.sequential((3,), layers), seed=0)
data = ns.Dataset.from_arrays(x, np.arange(20) % 2)
with before_compiling(lambda: None):
    end = list(ns.train(network, data, ns.Plan(epochs=3, batch_size=8)))[-1]
print(compiled.is_compiled(), len(network._parts), end.outcome, f"{network.trained.sum():.4f}")
"""


def output_of(code: str, root: Path = ENGINE.parent, **environment: str) -> list[str]:
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, "")
    return found.stdout.split()


@pytest.mark.parametrize("missing", ["numba", "llvmlite"])
def test_without_numba_it_trains_with_numpy(missing: str) -> None:
    compiled_one = output_of(TRAIN)
    without = output_of(f"import sys; sys.modules[{missing!r}] = None\n{TRAIN}")
    assert compiled_one[:3] == ["True", "2", "completed"]
    assert without[:3] == ["False", "3", "completed"]
    assert float(without[3]) == pytest.approx(float(compiled_one[3]), abs=2e-4)


def test_the_environment_keeps_a_process_to_numpy() -> None:
    assert output_of(TRAIN, **{compiled.OFF: "1"})[:3] == ["False", "3", "completed"]


def test_a_program_in_a_folder_that_cannot_be_written(sources: Path) -> None:
    """Its files stand where folders would have to be made, which holds back even root."""
    (sources / "compiled" / "__pycache__").write_text("")
    code = (
        "import numpy as np\n"
        "from engine import compiled\n"
        "from engine.activations import Sigmoid\n"
        "print(compiled.is_compiled(), Sigmoid().forward(np.zeros(3, np.float32))[0])\n"
    )
    nowhere = str(sources / "parallel.py" / "cache")
    found = output_of(
        code, sources.parent, HOME=nowhere, XDG_CACHE_HOME=nowhere, PYTHONPATH=str(sources.parent)
    )
    assert found == ["True", "0.5"]
    assert not list(sources.parent.rglob("*.nb[ic]"))
