"""What a run was made from, as far as it decides whether two runs can be compared."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from engine.compiled import is_compiled
from engine.compiled.path import Loops
from engine.data import Dataset
from engine.losses import Loss
from engine.parallel import available_cores
from engine.spec import Spec
from engine.training.plan import Plan
from engine.version import VERSION


class RunRecord(Spec):
    """The circumstances of a run; empty where they are not known, as in older files.

    Attributes:
        data: what people call the data: the name of its file, of the set or the shape.
        setup: a digest of how the data is read, prepared and split; folders do not matter.
        loss: what was made small, in words.
        loss_unit, metric_unit: what the numbers are measured in: the target, where that is
            numbers; empty for classes.
        loops: each path taken, in order: the same seed gives the same bits on one path only.
        threads: how many worked; they change no number.
        version: of Netsmith.
    """

    data: str = ""
    setup: str = ""
    loss: str = ""
    loss_unit: str = ""
    metric_unit: str = ""
    loops: tuple[Loops, ...] = ()
    threads: int = 0
    version: str = ""

    @property
    def in_words(self) -> str:
        """``compiled loops, 2 threads, Netsmith 0.1.0``; empty where nothing is known."""
        if not self.loops:
            return ""
        threads = f"{self.threads} thread{'s'[: self.threads != 1]}"
        return f"{' then '.join(self.loops)} loops, {threads}, Netsmith {self.version}"

    def going_on(self, earlier: RunRecord) -> RunRecord:
        """Return this record as that of a run that goes on from an earlier one."""
        return self.changed(loops=earlier.loops)

    def on_path(self, loops: Loops | None) -> RunRecord:
        """Return the record after a path was taken; None where no step was."""
        is_new = loops is not None and self.loops[-1:] != (loops,)
        return self.changed(loops=(*self.loops, loops)) if is_new else self


def present_path() -> Loops:
    """Return the path that training takes in this process; the first call may take a second."""
    return "compiled" if is_compiled() else "plain"


def record_of(data: Dataset, plan: Plan) -> RunRecord:
    """Return the record of a run that starts now, without the path that it will take."""
    targets, name = data.targets, _data_name(data)
    unit = f"{', '.join(targets.names)} of {name}" if targets.task == "regression" else ""
    return RunRecord(
        data=name,
        setup=_digest(data),
        loss=_losses(plan),
        loss_unit=f"{unit}, standardized" if unit and targets.scale else unit,
        metric_unit=unit,
        threads=plan.threads or available_cores(),
        version=VERSION,
    )


class Comparability(Spec):
    """What two runs have in common.

    Attributes:
        losses, metrics: whether their numbers can stand on one axis.
        differences: what else tells them apart, and why an axis is not shared: each a clause
            about the earlier run.
    """

    losses: bool = True
    metrics: bool = True
    differences: tuple[str, ...] = ()


def comparability(now: RunRecord, earlier: RunRecord) -> Comparability:
    """Return what can be compared; of what is not known the best is assumed."""
    differences = []
    if _differ(now.data, earlier.data):
        differences.append(f"other data ({earlier.data})")
    elif _differ(now.setup, earlier.setup):
        differences.append("data read, prepared or split in another way")
    known = bool(now.loss and earlier.loss)
    same_loss = not known or now.loss == earlier.loss
    same_loss_unit = not known or now.loss_unit == earlier.loss_unit
    same_unit = not known or now.metric_unit == earlier.metric_unit
    if not same_loss:
        differences.append(f"another loss ({earlier.loss})")
    elif not same_loss_unit:
        unit = earlier.loss_unit or "none"
        differences.append(f"another unit ({unit})")
    return Comparability(
        losses=same_loss and same_loss_unit, metrics=same_unit, differences=tuple(differences)
    )


def _differ(one: str, other: str) -> bool:
    return bool(one and other) and one != other


def _data_name(data: Dataset) -> str:
    path = getattr(data.setup.source, "path", "") if data.setup is not None else ""
    return Path(path).name if path else data.samples.place


def _digest(data: Dataset) -> str:
    if data.setup is None:
        return ""
    source = data.setup.source
    if hasattr(source, "path"):
        data_setup = data.setup.changed(source=source.changed(path=_data_name(data)))
    else:
        data_setup = data.setup
    text = json.dumps(data_setup.to_json(), sort_keys=True)
    return sha256(text.encode()).hexdigest()[:16]


def _losses(plan: Plan) -> str:
    """``mean squared error``, and the losses that outputs have of their own."""
    own = [f"{node}: {_loss_text(loss)}" for node, loss in sorted(plan.objective.own.items())]
    return "; ".join((_loss_text(plan.loss), *own))


def _loss_text(loss: Loss) -> str:
    """The loss with settings that are not the usual ones; logits change no value."""
    usual = type(loss)()
    settings = [
        f"{setting.label.lower()} {getattr(loss, name)}"
        for name, setting in type(loss).settings().items()
        if name != "from_logits" and getattr(loss, name) != getattr(usual, name)
    ]
    return f"{loss.in_words} ({', '.join(settings)})" if settings else loss.in_words
