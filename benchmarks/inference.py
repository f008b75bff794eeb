"""How long predictions take, against ONNX Runtime on the exported model.

``python -m benchmarks.inference [--json]``: the time for one sample, and samples per second
in batches of 256. Both run in one process and in turns, each on all cores; the threads of
ONNX Runtime do not spin between its turns.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import onnxruntime
from threadpoolctl import threadpool_limits

from benchmarks.machine import describe_machine
from benchmarks.workloads import WORKLOADS, Workload
from engine.arrays import Array
from engine.exporting import export_onnx
from engine.network import Network
from engine.parallel import available_cores

BATCH, TURNS, TURN_SECONDS = 256, 7, 0.1


def measure(workload: Workload) -> dict[str, float | str]:
    """Milliseconds for one sample, and samples per second in batches."""
    network = Network(workload.graph, seed=0)
    run = session_for(network)
    x = np.random.default_rng(0).random((BATCH, *workload.input_shape), np.float32)
    with threadpool_limits(1, user_api="blas"):
        np.testing.assert_allclose(network.predict(x), run(x), atol=1e-4)
        one = in_turns(lambda: network.predict(x[:1]), lambda: run(x[:1]))
        many = in_turns(lambda: network.predict(x), lambda: run(x))
    return {
        "workload": workload.name.partition(",")[0],
        "netsmith_ms": one[0],
        "onnxruntime_ms": one[1],
        "netsmith_per_second": 1000 * BATCH / many[0],
        "onnxruntime_per_second": 1000 * BATCH / many[1],
    }


def session_for(network: Network) -> Callable[[Array], Array]:
    """The exported model in ONNX Runtime."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        export_onnx(network, path)
        content = path.read_bytes()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = available_cores()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    (name,) = (each.name for each in session.get_inputs())

    def run(x: Array) -> Array:
        found: Array = session.run(None, {name: x})[0]
        return found

    return run


def in_turns(*ways: Callable[[], object]) -> list[float]:
    """Milliseconds of each, the median of all calls in its turns."""
    found: list[list[float]] = [[] for _ in ways]
    for _ in range(TURNS):
        for way, times in zip(ways, found, strict=True):
            way()
            end = perf_counter() + TURN_SECONDS
            while (began := perf_counter()) < end:
                way()
                times.append(1000 * (perf_counter() - began))
    return [median(times) for times in found]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args(arguments)
    print(describe_machine())
    seen: dict[str, Workload] = {each.name.partition(",")[0]: each for each in WORKLOADS}
    rows = [measure(workload) for workload in seen.values()]
    print(f"{'':36} {'one sample, ms':>22} {'samples per second':>26}")
    print(f"{'':36} {'Netsmith':>11}{'ONNX RT':>11} {'Netsmith':>13}{'ONNX RT':>13}")
    for row in rows:
        ms = f"{row['netsmith_ms']:11.3f}{row['onnxruntime_ms']:11.3f}"
        speed = f"{row['netsmith_per_second']:13,.0f}{row['onnxruntime_per_second']:13,.0f}"
        print(f"{row['workload']:36} {ms} {speed}")
    if given.json:
        print(json.dumps({"rows": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
