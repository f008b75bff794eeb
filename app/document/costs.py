"""What the layers of a document cost on this machine, and what a training step really took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from engine.amounts import brief_number, bytes_text
from engine.analysis.cost import Cost, cost_of
from engine.analysis.speed import Prediction, Speed, step_seconds
from engine.graph import Graph
from engine.project import Project
from engine.training import Plan

if TYPE_CHECKING:
    from app.document.document import Document


@dataclass(frozen=True)
class NodeCost:
    """What one node costs, at the batch size of the plan.

    Attributes:
        seconds: what it is predicted to add to a training step; None before the machine
            was measured.
    """

    cost: Cost
    batch: int
    seconds: float | None

    @property
    def memory(self) -> int:
        """Bytes of its outputs for a batch, and of the gradients of its weights."""
        return self.cost.activation_bytes(self.batch) + self.cost.gradient_bytes()

    @property
    def line(self) -> str:
        """``225 k MAC · 3.4 MiB · ≈ 0.8 ms``."""
        work = self.cost.multiply_adds
        parts = [f"{brief_number(work)} MAC"] if work else []
        parts.append(bytes_text(self.memory))
        if self.seconds is not None:
            parts.append(about(self.seconds))
        return " · ".join(parts)

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The same for reading, each with its name."""
        per_batch = bytes_text(self.cost.activation_bytes(self.batch))
        rows = [
            ("Multiply-adds", f"{self.cost.multiply_adds:,} per sample"),
            ("Activations", f"{per_batch} for {self.batch:,} samples"),
            ("Gradients", f"{bytes_text(self.cost.gradient_bytes())} for its weights"),
        ]
        if self.seconds is not None:
            rows.append(("Predicted", f"{about(self.seconds)} per step"))
        return rows


@dataclass(frozen=True)
class _Measured:
    """What the steps of a run took."""

    graph: Graph
    plan: Plan
    seconds: float


class Costs(QObject):
    """Predicts from a measured speed; worked out node by node, when asked for.

    Signals:
        changed(): what is predicted or measured is new; the graph's own changes are told
            by the document alone.
    """

    changed = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._document = document
        self._speed: Speed | None = None
        self._prediction: Prediction | None = None
        self._asked: tuple[Any, ...] = ()
        self._known: dict[str, tuple[tuple[Any, ...], NodeCost]] = {}
        self._measured: _Measured | None = None

    # What others tell

    def set_speed(self, speed: Speed) -> None:
        """The machine was measured."""
        self._speed = speed
        self.changed.emit()

    def set_measured(self, graph: Graph, plan: Plan, seconds: float) -> None:
        """A run took so long for each step."""
        self._measured = _Measured(graph, plan, seconds)
        self.changed.emit()

    def forget_run(self) -> None:
        """Another project was opened."""
        self._measured = None

    def note_change(self, before: Project) -> None:
        """The project changed; of the plan all but batch size and optimizer is of no matter."""
        old, new = before.plan, self._document.project.plan
        if (old.batch_size, old.optimizer.kind) != (new.batch_size, new.optimizer.kind):
            self.changed.emit()

    # Questions

    def of(self, node: str) -> NodeCost | None:
        """What a node costs; None where its shape is unknown."""
        return next(iter(self.each([node])))

    def each(self, nodes: Iterable[str]) -> Iterator[NodeCost | None]:
        """What each of these nodes costs; None where its shape is unknown."""
        project, found, known = self._document.project, self._found, self._known
        shapes = self._document.diagnosis.shapes
        for node in nodes:
            if node not in shapes:
                yield None
                continue
            facts = found.facts(node)
            # Equal layers may be compared deeply; the same object is equal at once.
            if node not in known or known[node][0] != facts:
                seconds = found.of(node) if self._speed is not None else None
                cost = cost_of(project.graph, node)
                known[node] = facts, NodeCost(cost, project.plan.batch_size, seconds)
            yield known[node][1]

    @property
    def predicted(self) -> float | None:
        """Seconds of a whole training step; None while they cannot be told."""
        graph, plan = self._document.whole.graph, self._document.whole.plan
        if self._speed is None:
            return None
        if self._document.level:  # what is kept is of the group that one looks into
            return step_seconds(graph, plan, self._speed)
        if self._document.diagnosis.problems or not graph.nodes:
            return None
        each = list(self.each(graph.nodes))
        return self._speed.step_base(plan) + sum(one.seconds or 0.0 for one in each if one)

    @property
    def measured(self) -> float | None:
        """Seconds that steps of the network took as it is drawn now; None if none was taken."""
        found, project = self._measured, self._document.whole
        if found is None or found.plan.batch_size != project.plan.batch_size:
            return None
        return found.seconds if found.graph.computes_as(project.graph) else None

    @property
    def comparison(self) -> str:
        """``0.41 ms per step, predicted ≈ 0.4 ms``; empty before there was a run."""
        measured, predicted = self.measured, self.predicted
        if measured is None:
            return ""
        text = f"{milliseconds(measured)} per step"
        return text if predicted is None else f"{text}, predicted {about(predicted)}"

    def total(self) -> Cost:
        """What the whole network costs."""
        each = self.each(self._document.project.graph.nodes)
        return sum((one.cost for one in each if one is not None), Cost())

    @property
    def _found(self) -> Prediction:
        project = self._document.project
        speed = self._speed or _UNKNOWN
        asked = project.graph, project.plan, speed
        if self._prediction is None or any(
            one is not other for one, other in zip(asked, self._asked, strict=True)
        ):
            self._prediction, self._asked = Prediction(*asked), asked
            self._known = {
                id: each for id, each in self._known.items() if id in project.graph.nodes
            }
        return self._prediction


_UNKNOWN = Speed({}, {}, {})


def about(seconds: float) -> str:
    """Return a predicted time to one digit: ``≈ 0.8 ms``, ``≈ 10 ms``, ``≈ 2 s``.

    A machine that does other things besides takes half as long again or twice as long
    from one measurement to the next; more digits would jump while nothing has changed.
    """
    if seconds < 1e-5:
        return "< 0.01 ms"
    number, unit = (seconds, "s") if seconds >= 0.95 else (1000 * seconds, "ms")
    return f"≈ {float(f'{number:.0e}'):g} {unit}"


def milliseconds(seconds: float) -> str:
    """``0.82 ms``, ``12 ms``, ``1.4 s``."""
    if seconds >= 1:
        return f"{seconds:.1f} s"
    number = 1000 * seconds
    if number < 0.01:
        return "< 0.01 ms"
    return f"{number:.2f} ms" if number < 10 else f"{number:.0f} ms"
