"""How the learning rate changes during a run; Keras' formulas where Keras has one.

A schedule holds settings only. The rate is a pure function of the step, so that a run that
goes on after a pause takes the rates of the run that was never interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, floor, log, pi
from typing import ClassVar

from engine.spec import Family, setting


class Schedule(Family, root=True):
    """The learning rate of each step, from the optimizer's own rate."""

    def rate(self, base: float, step: int, total: int, watched: Sequence[float] = ()) -> float:
        """The rate of one step.

        Args:
            base: the optimizer's learning rate.
            step: how many steps were taken before, from 0.
            total: how many the whole run takes.
            watched: the monitored number after each epoch so far, lower being better;
                only a schedule with a ``monitor`` needs it.
        """
        raise NotImplementedError


class Constant(Schedule):
    """The optimizer's own rate at every step."""

    def rate(self, base: float, step: int, total: int, watched: Sequence[float] = ()) -> float:
        return base


class StepDecay(Schedule):
    """Multiplies the rate by a factor every so many steps: ``base * factor**(step // every)``.

    Keras' ``ExponentialDecay`` with ``staircase=True``.
    """

    every: int = setting(
        1000, ge=1, le=10**9, unit="steps", label="Every", help="The number of steps at one rate."
    )
    factor: float = setting(
        0.5, gt=0, le=1, label="Factor", help="The factor for the rate each time."
    )

    def rate(self, base: float, step: int, total: int, watched: Sequence[float] = ()) -> float:
        return float(base * self.factor ** (step // self.every))


class ExponentialDecay(Schedule):
    """A smooth fall: ``base * decay_rate**(step / decay_steps)``."""

    decay_steps: int = setting(
        1000,
        ge=1,
        le=10**9,
        unit="steps",
        label="Decay steps",
        help="Steps until the decay rate is reached.",
    )
    decay_rate: float = setting(
        0.96,
        gt=0,
        le=1,
        label="Decay rate",
        help="The share of the rate that is left after these steps.",
    )

    def rate(self, base: float, step: int, total: int, watched: Sequence[float] = ()) -> float:
        return float(base * self.decay_rate ** (step / self.decay_steps))


class PolynomialDecay(Schedule):
    """Falls to an end rate: ``(base - end) * (1 - step / decay_steps)**power + end``."""

    decay_steps: int = setting(
        0,
        ge=0,
        le=10**9,
        unit="steps",
        label="Decay steps",
        help="Steps until the end rate is reached; 0 takes the whole run.",
    )
    end_learning_rate: float = setting(
        0.0001, ge=0, le=100, label="End rate", help="The final rate."
    )
    power: float = setting(
        1.0, gt=0, le=100, label="Power", help="The exponent of the decay; 1 is linear."
    )
    cycle: bool = setting(
        False,
        label="Cycle",
        help="Restart at the end, with longer periods each time.",
        advanced=True,
    )

    def rate(self, base: float, step: int, total: int, watched: Sequence[float] = ()) -> float:
        steps = self.decay_steps or max(1, total)
        if self.cycle:
            steps *= max(1, -(-step // steps))
        left = 1 - min(step, steps) / steps
        return float((base - self.end_learning_rate) * left**self.power + self.end_learning_rate)


class CosineDecay(Schedule):
    """Half a cosine down to a share of the rate. Loshchilov & Hutter 2017."""

    decay_steps: int = setting(
        0,
        ge=0,
        le=10**9,
        unit="steps",
        label="Decay steps",
        help="Steps until the end is reached; 0 takes the rest of the run.",
    )
    alpha: float = setting(
        0.0, ge=0, le=1, label="End share", help="The share of the rate at the end."
    )
    warmup_steps: int = setting(
        0,
        ge=0,
        le=10**9,
        unit="steps",
        label="Warm-up steps",
        help="Steps of a linear rise from 0 first.",
    )

    def rate(self, base: float, step: int, total: int, watched: Sequence[float] = ()) -> float:
        if step < self.warmup_steps:
            return base * step / self.warmup_steps
        steps = self.decay_steps or max(1, total - self.warmup_steps)
        done = min(step - self.warmup_steps, steps) / steps
        return base * ((1 - self.alpha) * _half_cosine(done) + self.alpha)


class CosineDecayRestarts(Schedule):
    """Half a cosine again and again, "SGDR". Loshchilov & Hutter 2017."""

    first_decay_steps: int = setting(
        1000, ge=1, le=10**9, unit="steps", label="First period", help="Steps of the first period."
    )
    t_mul: float = setting(
        2.0, ge=1, le=100, label="Longer by", help="How many times longer each next period is."
    )
    m_mul: float = setting(
        1.0, gt=0, le=1, label="Lower by", help="The factor for the rate at each restart."
    )
    alpha: float = setting(
        0.0, ge=0, le=1, label="End share", help="The share of the rate at the end."
    )

    def rate(self, base: float, step: int, total: int, watched: Sequence[float] = ()) -> float:
        done = step / self.first_decay_steps
        if self.t_mul == 1:
            restarts = floor(done)
            done -= restarts
        else:
            # A hair more, so that a restart is not missed by rounding.
            restarts = floor(log(1 + done * (self.t_mul - 1), self.t_mul) + 1e-9)
            begun = (self.t_mul**restarts - 1) / (self.t_mul - 1)
            done = (done - begun) / self.t_mul**restarts
        wave = self.m_mul**restarts * _half_cosine(done)
        return float(base * ((1 - self.alpha) * wave + self.alpha))


class Warmup(Schedule):
    """Rises in a straight line to the optimizer's rate, and stays there. Goyal et al. 2017."""

    steps: int = setting(
        500, ge=1, le=10**9, unit="steps", label="Steps", help="Steps of the rise."
    )
    start_share: float = setting(
        0.1, ge=0, le=1, label="Start share", help="The share of the rate at the start."
    )

    def rate(self, base: float, step: int, total: int, watched: Sequence[float] = ()) -> float:
        done = min(1.0, step / self.steps)
        return base * (self.start_share + (1 - self.start_share) * done)


class OneCycle(Schedule):
    """Up to the optimizer's rate and down far below it, over the whole run. Smith & Topin 2018.

    Rises and falls along half a cosine, as in PyTorch's ``OneCycleLR``; momentum stays.
    """

    rise: float = setting(
        0.3, gt=0, lt=1, label="Rise", help="The share of the run in which the rate rises."
    )
    start_divisor: float = setting(
        25.0,
        ge=1,
        le=1e6,
        label="Start divisor",
        help="The peak divided by this is the rate at the start.",
    )
    end_divisor: float = setting(
        1e4,
        ge=1,
        le=1e9,
        label="End divisor",
        help="The start divided by this is the rate at the end.",
    )

    def rate(self, base: float, step: int, total: int, watched: Sequence[float] = ()) -> float:
        start = base / self.start_divisor
        end = start / self.end_divisor
        last = max(1, total - 1)
        peak = self.rise * total - 1
        if step < peak:
            return base + (start - base) * _half_cosine(step / peak)
        done = min(1.0, (step - max(peak, 0)) / max(last - max(peak, 0), 1))
        return end + (base - end) * _half_cosine(done)


class ReduceOnPlateau(Schedule, aliases=("ReduceLROnPlateau",)):
    """Lowers the rate when a number stops getting better; Keras' ``ReduceLROnPlateau``."""

    spellings: ClassVar[Mapping[str, str]] = {"min_lr": "min_rate"}

    monitor: str = setting(
        "validation loss",
        label="Monitor",
        help='What to watch: "validation" or "training", then loss or a metric\'s name; or a name '
        "of Keras, such as val_loss.",
    )
    factor: float = setting(
        0.1, gt=0, lt=1, label="Factor", help="The factor for the rate each time."
    )
    patience: int = setting(
        10,
        ge=1,
        le=100_000,
        unit="epochs",
        label="Patience",
        help="Epochs to wait for an improvement.",
    )
    min_delta: float = setting(
        0.0001, ge=0, le=1e9, label="Least gain", help="Smaller improvements do not count."
    )
    cooldown: int = setting(
        0,
        ge=0,
        le=100_000,
        unit="epochs",
        label="Cooldown",
        help="Epochs to wait after the rate was lowered.",
        advanced=True,
    )
    min_rate: float = setting(
        0.0,
        ge=0,
        le=100,
        label="Least rate",
        help="The rate never falls below this.",
        advanced=True,
    )

    def rate(self, base: float, step: int, total: int, watched: Sequence[float] = ()) -> float:
        rate, best, waited, resting = base, float("inf"), 0, 0
        for value in watched:
            if resting:
                resting -= 1
                waited = 0
            if value < best - self.min_delta:
                best, waited = value, 0
            elif not resting:
                waited += 1
                if waited >= self.patience and rate > self.min_rate:
                    rate = max(rate * self.factor, self.min_rate)
                    waited, resting = 0, self.cooldown
        return rate


def _half_cosine(done: float) -> float:
    """From 1 at 0 to 0 at 1."""
    return 0.5 * (1 + cos(pi * done))
