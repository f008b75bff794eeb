"""PyTorch with ``torch.compile``; needs a C++ compiler."""

from __future__ import annotations

from benchmarks.peers import pytorch
from benchmarks.peers.base import Prepared
from benchmarks.workloads import Workload


def prepare(workload: Workload) -> Prepared:
    return pytorch.prepare(workload, compiled=True)
