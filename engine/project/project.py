"""A project as a value: the graph, how it is laid out, its data and its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.data import DataSetup
from engine.graph import Graph
from engine.project.drawing import Drawing
from engine.training.plan import Plan

Point = tuple[float, float]


@dataclass(frozen=True)
class Inside:
    """How the inside of a group is laid out.

    Attributes:
        positions, drawing: as those of a project.
        insides: of the groups in it, by their ids.
    """

    positions: Mapping[str, Point] = field(default_factory=lambda: MappingProxyType({}))
    drawing: Drawing = field(default_factory=Drawing)
    insides: Mapping[str, Inside] = field(default_factory=lambda: MappingProxyType({}))

    def __bool__(self) -> bool:
        return bool(self.positions or self.drawing or self.insides)


@dataclass(frozen=True)
class Project:
    """All that is saved and undone. A value: every edit makes a new one.

    Attributes:
        positions: where each node's top left corner is on the canvas, in pixels
            at 100 % zoom; x grows to the right, y downward.
        drawing: frames, notes, and which nodes are shown small.
        insides: how groups are laid out, by their ids.
        data: where data comes from and how it is prepared; None until chosen.
        description: what the project shows, in a sentence or two; for examples.
        was_trained: whether a trained network was saved with it, so that its absence is
            noticed; no matter of the user's, hence not compared.
    """

    graph: Graph = field(default_factory=Graph)
    positions: Mapping[str, Point] = field(default_factory=lambda: MappingProxyType({}))
    drawing: Drawing = field(default_factory=Drawing)
    insides: Mapping[str, Inside] = field(default_factory=lambda: MappingProxyType({}))
    data: DataSetup | None = None
    plan: Plan = field(default_factory=Plan)
    title: str = ""
    description: str = ""
    was_trained: bool = field(default=False, compare=False)
