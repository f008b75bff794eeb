"""How long one training step takes, against PyTorch and Keras on the same machine.

``python -m benchmarks.training [--quick] [--json]`` measures forward pass, loss, backward
pass and Adam's update on one batch in memory, for each workload in
``benchmarks/workloads.py``. Everybody is asked in turns, A B C D A B C D, and the median
of the turns counts, so that other work on the machine disturbs all alike. The limit is
the time that the step's matrix products alone would take at the speed of NumPy's own
``matmul``, measured in the same turns.

The extra ``bench`` brings the peers. PyTorch alone, as a package index offers it for
Linux, takes gigabytes for graphics cards; its CPU build must be installed before the
extra, from the index that PyTorch's own installation page names for CPU.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from math import exp, log
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.contest import Contest, Result
from benchmarks.machine import describe_machine
from benchmarks.peers.base import COMPILED, JAX, MATMUL, NETSMITH, PEERS, TENSORFLOW, TORCH, Peer
from benchmarks.peers.matmul import MULTIPLY_ADDS
from benchmarks.workloads import WORKLOADS, Workload

TURNS, TURN_SECONDS = 7, 0.2
QUICK_TURNS, QUICK_SECONDS = 5, 0.12
BUSY_FROM = 1.4


def measure(
    workloads: Sequence[Workload],
    peers: Sequence[Peer],
    turns: int,
    seconds: float,
    on_one_core: bool = False,
) -> list[tuple[Workload, dict[str, Result]]]:
    """What every peer takes for every workload."""
    found = []
    with Contest((*peers, MATMUL), on_one_core) as contest:
        for workload in workloads:
            results = contest.measure(workload, turns, seconds)
            check_parameters(workload, results)
            found.append((workload, results))
    return found


def check_parameters(workload: Workload, results: Mapping[str, Result]) -> None:
    """Everybody must train the same network.

    Raises:
        ValueError: somebody has another number of parameters.
    """
    counts = {name: each.parameters for name, each in results.items() if each.parameters}
    if len(set(counts.values())) > 1:
        raise ValueError(f"{workload.name}: not the same network, parameters are {counts}.")


def row_of(workload: Workload, results: Mapping[str, Result], peers: Sequence[Peer]) -> Any:
    """The figures of one workload: milliseconds for one step, None where there is none."""
    matmul = results[MATMUL.name].ms
    limit = None if matmul is None else matmul * workload.multiply_adds / MULTIPLY_ADDS
    known = {f"{peer.name}_ms": None for peer in (*PEERS, *peers)}
    known.update({f"{peer.name}_ms": results[peer.name].ms for peer in peers})
    return {"workload": workload.name, **known, "limit_ms": limit}


def ratio_to(rows: Sequence[Mapping[str, Any]], peer: Peer) -> float | None:
    """How many times as long a peer takes, as the geometric mean over the rows."""
    logs = [
        log(row[f"{peer.name}_ms"] / row[f"{NETSMITH.name}_ms"])
        for row in rows
        if row[f"{peer.name}_ms"] and row[f"{NETSMITH.name}_ms"]
    ]
    return exp(sum(logs) / len(logs)) if logs else None


def busy(found: Sequence[tuple[Workload, Mapping[str, Result]]]) -> list[str]:
    """Words about workloads during which something else used the machine.

    The product that gives the limit always does the same, so its time tells.
    """
    times = {workload.name: results[MATMUL.name].ms for workload, results in found}
    least = min((turn for _, results in found for turn in results[MATMUL.name].turns), default=0)
    return [
        f"{name}: not to be relied on, the machine was busy (the product that gives the limit "
        f"took {ms / least:.1f} times its best time)"
        for name, ms in times.items()
        if ms is not None and ms > BUSY_FROM * least
    ]


def report(
    rows: Sequence[Mapping[str, Any]],
    peers: Sequence[Peer],
    notes: Sequence[str],
    on_one_core: bool = False,
) -> None:
    """Print the machine, the table, how everybody compares, and what to know about it."""
    print(describe_machine())
    how = "of processor time on one core" if on_one_core else ""
    table = Table(title=f"One training step, milliseconds {how}")
    table.add_column("workload")
    for peer in (*peers, MATMUL):
        table.add_column(peer.label, justify="right")
    for row in rows:
        figures = [row[f"{peer.name}_ms"] for peer in peers] + [row["limit_ms"]]
        best = min((each for each in figures[:-1] if each), default=None)
        table.add_row(row["workload"], *(_shown(each, each == best) for each in figures))
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    for peer in peers:
        if peer is not NETSMITH and (ratio := ratio_to(rows, peer)):
            print(f"{peer.label} takes {ratio:.2f} times as long (geometric mean of the rows)")
    for note in notes:
        print(note)


def _shown(ms: float | None, is_best: bool) -> str:
    if ms is None:
        return "–"
    text = f"{ms:.3f}" if ms < 1 else f"{ms:.2f}" if ms < 10 else f"{ms:.1f}"
    return f"[bold]{text}[/bold]" if is_best else text


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--quick", action="store_true", help="PyTorch alone, under a minute")
    parser.add_argument(
        "--one-core",
        action="store_true",
        help="processor time on one core, for a machine where others are at work; Linux",
    )
    parser.add_argument("--compiled", action="store_true", help="torch.compile too")
    parser.add_argument("--only", default="", help="workloads with this in their name")
    parser.add_argument("--peers", default="", help="names of peers, with commas: torch,jax")
    parser.add_argument("--turns", type=int, default=0, help="how often each is asked")
    given = parser.parse_args(arguments)
    peers = [NETSMITH, *chosen(given)]
    workloads = [each for each in WORKLOADS if given.only.lower() in each.name.lower()]
    turns = given.turns or (QUICK_TURNS if given.quick else TURNS)
    seconds = QUICK_SECONDS if given.quick else TURN_SECONDS
    found = measure(workloads, peers, turns, seconds, given.one_core)
    rows = [row_of(workload, results, peers) for workload, results in found]
    failures = dict.fromkeys(
        f"{peer.label}: {failure}"
        for _, results in found
        for peer in (*peers, MATMUL)
        if (failure := results[peer.name].failure)
    )
    report(rows, peers, [*failures, *busy(found)], given.one_core)
    if given.json:
        print(json.dumps({"rows": rows}))
    return 0


def chosen(given: argparse.Namespace) -> list[Peer]:
    """Who is measured besides Netsmith."""
    others = [TORCH] if given.quick else [TORCH, TENSORFLOW, JAX]
    if given.peers:
        names = given.peers.split(",")
        others = [peer for peer in (TORCH, TENSORFLOW, JAX) if peer.name in names]
    if given.compiled:
        if shutil.which("g++") or shutil.which("clang++"):
            others.insert(1, COMPILED)
        else:
            print("torch.compile needs a C++ compiler, and there is none here.")
    return others


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
