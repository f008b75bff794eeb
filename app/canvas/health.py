"""How well layers learn, in words and degrees; no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from math import log10

from engine.graph import Edge
from engine.training.health import Health

SLOW_BELOW, FAST_ABOVE = 1e-4, 1e-2
"""Update-to-weight ratios in between are healthy; about 1e-3 is best."""
DECADES = 4
"""A gradient so many powers of ten below the largest one is drawn as thin as can be."""


class Pace(Enum):
    """How fast weights move; the value is the color's name in the theme."""

    SLOW = "train"
    HEALTHY = "good"
    FAST = "validation"

    @property
    def mark(self) -> str:
        """A sign that tells it without color."""
        return {Pace.SLOW: "▼", Pace.HEALTHY: "●", Pace.FAST: "▲"}[self]

    @property
    def words(self) -> str:
        return {
            Pace.SLOW: "too small, about 1e-3 is healthy",
            Pace.HEALTHY: "healthy",
            Pace.FAST: "too large, about 1e-3 is healthy",
        }[self]


def pace_of(ratio: float | None) -> Pace | None:
    """What an update-to-weight ratio means; None where nothing is learned."""
    if ratio is None:
        return None
    if ratio < SLOW_BELOW:
        return Pace.SLOW
    return Pace.HEALTHY if ratio <= FAST_ABOVE else Pace.FAST


@dataclass(frozen=True)
class WireHealth:
    """What a wire shows.

    Attributes:
        strength: the gradient that comes back on it, from 0 (hardly any) to 1 (the largest of
            the network); None where none comes back, as to data.
        pace: of the layer that it comes from.
        words: all of that in words.
    """

    strength: float | None
    pace: Pace | None
    words: str


def wire_health(health: Health, edges: Iterable[Edge]) -> dict[Edge, WireHealth]:
    """What each of these wires shows."""
    some = list(edges)
    sizes = {edge: health.gradients.get((edge.source, edge.target)) for edge in some}
    largest = max((size for size in sizes.values() if size), default=0.0)
    shown = {}
    for edge, size in sizes.items():
        lines = [_gradient_words(size, largest)]
        own = node_words(health, edge.source)
        lines += [f"{edge.source}: {own}"] if own else []
        pace = pace_of(health.updates.get(edge.source))
        shown[edge] = WireHealth(_strength(size, largest), pace, "\n".join(lines))
    return shown


def node_words(health: Health, node: str) -> str:
    """How a layer learns; empty where nothing can be said."""
    parts = []
    ratio, dead = health.updates.get(node), health.dead.get(node)
    pace = pace_of(ratio)
    if ratio is not None and pace is not None:
        parts.append(f"update/weight {ratio:.1e}: {pace.words}")
    if dead is not None:
        parts.append(f"{percent(dead)} of its relu units were zero for the whole batch")
    return "; ".join(parts)


def chip_text(health: Health, node: str) -> str:
    """What stands on the layer: ``● 8e-4 · 12 % dead``."""
    parts = []
    ratio, dead = health.updates.get(node), health.dead.get(node)
    pace = pace_of(ratio)
    if ratio is not None and pace is not None:
        parts.append(f"{pace.mark} {short_ratio(ratio)}")
    if dead:
        parts.append(f"{percent(dead)} dead")
    return " · ".join(parts)


def short_ratio(ratio: float) -> str:
    """``8e-4``."""
    number, _, power = f"{ratio:.0e}".partition("e")
    return f"{number}e{int(power)}"


def percent(share: float) -> str:
    """``12 %``; a little is not nothing."""
    return "< 1 %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def _strength(size: float | None, largest: float) -> float | None:
    if size is None:
        return None
    if not size or not largest:
        return 0.0
    return max(0.0, 1 + log10(size / largest) / DECADES)


def _gradient_words(size: float | None, largest: float) -> str:
    if size is None:
        return "No gradient flows back, so nothing before it learns."
    if not size:
        return "The gradient flowing back is zero."
    return f"Gradient {size:.1e}, {percent(size / largest)} of the largest."
