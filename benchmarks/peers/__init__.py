"""Who is measured: one file each, with ``prepare(workload) -> Prepared``.

Each is imported in a process of its own, since their threads would get in each other's way.
"""

from benchmarks.peers.base import PEERS, Peer, Prepared

__all__ = ["PEERS", "Peer", "Prepared"]
