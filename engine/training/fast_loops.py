"""Has the compiled loops made ready by a process of its own, so that no run waits for them.

Compiling all of them takes a minute. The process works at the lowest priority, keeps
what it compiles on the disk, and ends with the program that started it, whatever
becomes of that; what it has done by then need not be done again.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path
from threading import Thread
from typing import NoReturn

import numpy as np

from engine.arrays import Array, Shape
from engine.compiled import OFF, is_compiled
from engine.compiled.path import loops_are_ready, wait_for_loops
from engine.compiled.place import are_ready, set_ready
from engine.graph import Graph
from engine.layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPooling2D,
)
from engine.layers.base import Run
from engine.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from engine.network import Network
from engine.optimizers import Optimizer
from engine.parallel import one_blas_thread, using_threads

NO_NUMBA, NOT_KEPT = 3, 4
"""Exit codes of the process: numba does not work here, or nothing can be kept on the disk."""

_CODE = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from engine.training.fast_loops import main; main()"
)


class State(Enum):
    """How far the compiled loops are."""

    NONE = auto()
    """There is no numba, or it is switched off: plain loops are used."""
    PREPARING = auto()
    READY = auto()
    FAILED = auto()
    """They could not be compiled or kept: plain loops are used."""


class FastLoops:
    """Prepares the compiled loops if need be; plain ones are used until they are ready.

    Attributes:
        state: as it was when last looked at.
    """

    def __init__(self) -> None:
        self.state = State.NONE
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> State:
        """Begin; returns at once."""
        if os.environ.get(OFF) or not _has_numba():
            return self.state
        if are_ready():
            self.state = State.READY
            return self.state
        wait_for_loops()
        try:
            self._process = _process()
            self.state = State.PREPARING
        except OSError:
            self.state = State.FAILED
        return self.state

    def look(self) -> State:
        """Return how far it is; once they are ready, they are used from the next run on."""
        if self._process is not None and self._process.poll() is not None:
            is_done = self._process.returncode == 0
            self.state = State.READY if is_done else State.FAILED
            self._end()
            if is_done:
                loops_are_ready()
        return self.state

    def stop(self) -> None:
        """End the process, if it still works; loops are compiled where needed from then on."""
        if self._process is not None:
            self._process.kill()
            self._end()
            self.state = State.NONE
            loops_are_ready()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.stdin is not None:
                process.stdin.close()
            process.wait()


def _has_numba() -> bool:
    try:
        return importlib.util.find_spec("numba") is not None
    except ValueError:  # somebody has barred it
        return False


def _process() -> subprocess.Popen[bytes]:
    root = Path(__file__).resolve().parents[2]
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return subprocess.Popen(  # noqa: S603 - this Python, and nothing from outside
        [sys.executable, "-c", _CODE, str(root)],
        # It ends when this pipe is closed, as it is when the program is killed.
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **threads},
        creationflags=getattr(subprocess, "IDLE_PRIORITY_CLASS", 0),
    )


def main() -> NoReturn:
    """Compile everything: the process."""
    if hasattr(os, "nice"):
        os.nice(19)
    Thread(target=_end_with_parent, daemon=True).start()
    if not is_compiled():
        os._exit(NO_NUMBA)
    compile_all()
    try:
        set_ready()
    except OSError:
        os._exit(NOT_KEPT)
    os._exit(0)


def _end_with_parent() -> NoReturn:
    sys.stdin.buffer.read()
    os._exit(1)


def compile_all() -> None:
    """Train small networks that need every loop there is."""
    dense = (
        Dense(units=300, activation="relu"),
        Dense(units=300, activation="sigmoid"),
        Dense(units=300, activation="tanh"),
        Dropout(),
    )
    pictures = (
        Conv2D(filters=32, kernel_size=3, padding="same", activation="relu"),
        Conv2D(filters=32, kernel_size=3),
        BatchNormalization(),
        MaxPooling2D(),
        Conv2D(filters=32, kernel_size=5, padding="same", activation="tanh"),
        Flatten(),
    )
    softmax, linear = Dense(units=4, activation="softmax"), Dense(units=4)
    sigmoid = Dense(units=4, activation="sigmoid")
    with one_blas_thread(), using_threads(2):
        _run((40,), (*dense, softmax), SparseCategoricalCrossentropy())
        _run((40,), (*dense, linear), MeanSquaredError())
        _run((40,), (*dense, sigmoid), BinaryCrossentropy())
        _run((18, 18, 3), (*pictures, softmax), CategoricalCrossentropy())
        _run((28, 28, 1), (*pictures, linear), SparseCategoricalCrossentropy(from_logits=True))


def _run(shape: Shape, layers: Sequence[Layer], loss: Loss) -> None:
    """Compute everything that training does, for several sizes of batches."""
    rng, network = np.random.default_rng(0), Network(Graph.sequential(shape, layers))
    (output,) = network.graph.outputs
    for size in (1, 7, 64):
        x = rng.normal(size=(size, *shape)).astype(np.float32)
        y: Array = rng.integers(0, 4, size)
        if loss.target != "labels":
            y = np.eye(4, dtype=np.float32)[y]
        for training in (True, False):
            run = Run(training=training, rng=rng)
            network.loss_and_gradients(x, {output: y}, loss, run)
        network.predict(x)
    for kind in Optimizer.kinds.values():
        optimizer, weights = kind(global_clipnorm=1.0), network.trained.copy()
        moments = optimizer.start(weights)
        optimizer.step(weights, network.gradients.copy(), moments, 1, 1e-3, network.slices)


if __name__ == "__main__":
    main()
