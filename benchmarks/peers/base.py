"""What a peer is, and the list of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True)
class Prepared:
    """A network that is ready to train.

    Attributes:
        parameters: how many numbers it learns.
        steps: takes so many training steps and returns when all is computed.
    """

    parameters: int
    steps: Callable[[int], None]


@dataclass(frozen=True)
class Peer:
    """One that takes part.

    Attributes:
        name: its name in JSON, before ``_ms``.
        label: its name in the table.
        module: where its ``prepare`` is.
        needs: packages without which it cannot take part.
        environment: what must stand in the environment before it is imported.
    """

    name: str
    label: str
    module: str
    needs: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Packages that are not installed."""
        return tuple(each for each in self.needs if find_spec(each) is None)


_QUIET_TF = (("TF_CPP_MIN_LOG_LEVEL", "2"), ("CUDA_VISIBLE_DEVICES", "-1"))

NETSMITH = Peer("netsmith", "Netsmith", "benchmarks.peers.netsmith")
TORCH = Peer("torch", "PyTorch", "benchmarks.peers.pytorch", ("torch",))
COMPILED = Peer("compiled", "PyTorch compiled", "benchmarks.peers.pytorch_compiled", ("torch",))
TENSORFLOW = Peer(
    "keras",
    "Keras/TF",
    "benchmarks.peers.keras_tensorflow",
    ("keras", "tensorflow"),
    (("KERAS_BACKEND", "tensorflow"), *_QUIET_TF),
)
JAX = Peer(
    "jax",
    "Keras/JAX",
    "benchmarks.peers.keras_jax",
    ("keras", "jax"),
    (("KERAS_BACKEND", "jax"), ("JAX_PLATFORMS", "cpu")),
)
MATMUL = Peer("matmul", "limit", "benchmarks.peers.matmul")

PEERS = (NETSMITH, TORCH, TENSORFLOW, JAX)
