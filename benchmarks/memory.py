"""How much memory training takes at its peak, against PyTorch, and whether it grows.

``python -m benchmarks.memory [--json]`` trains the deep CNN of ``benchmarks/workloads.py``
in a fresh process for each, and reads the largest resident set that the process ever had;
then it takes 1,000 steps with small networks, and reads the resident set before and after.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import sys
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.peers.base import NETSMITH, TORCH, Peer
from benchmarks.workloads import DEEP_CNN, TINY, WORKLOADS, named

STEPS, WARM_UP, GROWING = 5, 200, 1000
SMALL = (WORKLOADS[1].name, TINY.name)


def peak(peer: Peer, workload: str) -> dict[str, float]:
    """Megabytes after the imports and at the peak, of a few steps in a fresh process."""
    return _in_fresh_process(_peak_of, peer, workload)


def growth(peer: Peer, workload: str) -> dict[str, float]:
    """Megabytes before and after many steps in a fresh process."""
    return _in_fresh_process(_growth_of, peer, workload)


def _in_fresh_process(work: object, *arguments: object) -> dict[str, float]:
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_answer, args=(there, work, arguments))
    process.start()
    there.close()
    try:
        found: dict[str, float] = here.recv()
    finally:
        process.join()
    return found


def _answer(connection: Connection, work: object, arguments: tuple[object, ...]) -> None:
    assert callable(work)
    connection.send(work(*arguments))


def _peak_of(peer: Peer, workload: str) -> dict[str, float]:
    os.environ.update(peer.environment)
    prepare = importlib.import_module(peer.module).prepare
    before = _largest_ever()
    prepare(named(workload)).steps(STEPS)
    return {"imports_mb": before, "peak_mb": _largest_ever()}


def _growth_of(peer: Peer, workload: str) -> dict[str, float]:
    os.environ.update(peer.environment)
    prepared = importlib.import_module(peer.module).prepare(named(workload))
    prepared.steps(WARM_UP)
    before = _resident()
    prepared.steps(GROWING)
    return {"before_mb": before, "after_mb": _resident()}


def _largest_ever() -> float:
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest / (1e6 if sys.platform == "darwin" else 1e3)


def _resident() -> float:
    """The resident set at present; the largest ever where the system does not tell."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return _largest_ever()
    return int(statm.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1e6


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args(arguments)
    peers = [peer for peer in (NETSMITH, TORCH) if not peer.missing]
    print(describe_machine())
    peaks = {peer.name: peak(peer, DEEP_CNN.name) for peer in peers}
    for peer in peers:
        found = peaks[peer.name]
        own = found["peak_mb"] - found["imports_mb"]
        print(f"{peer.label}: {DEEP_CNN.name}, peak {found['peak_mb']:.0f} MB, "
              f"of which {own:.0f} MB came after the imports")  # fmt: skip
    grown = {name: growth(NETSMITH, name) for name in SMALL}
    for name, found in grown.items():
        more = found["after_mb"] - found["before_mb"]
        print(f"{NETSMITH.label}: {name}, {more:+.1f} MB in {GROWING} steps")
    if given.json:
        print(json.dumps({"peak": peaks, "growth": grown}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
