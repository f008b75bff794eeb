"""How far a run is, on stderr: a bar in a terminal, lines elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from engine.compiled.notice import PREPARING
from engine.training import BatchDone, EpochDone, Event

# Drawing takes time that training could use.
SECONDS_BETWEEN = 0.1
MOST_LINES = 20


class Display:
    """Shows what a run tells. Use it in a ``with`` block."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[scores]}", style="dim"),
            TimeRemainingColumn(compact=True),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, scores="")
        self._epochs = 0
        self._scores = ""
        self._shown = 0.0
        self._is_prepared = False

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def say(self, what: str) -> None:
        """Show what is going on beside training."""
        self._bar.update(self._task, description=what)

    def begin(self, epochs: int) -> None:
        """A run of so many epochs is about to start."""
        self._epochs = epochs
        self.say("training")

    def prepare(self) -> None:
        """Loops are being compiled before the first step; it comes from any thread."""
        if not self._is_prepared:
            self._is_prepared = True
            if self._console.is_terminal:
                self.say(PREPARING)
            else:
                self._console.print(PREPARING, highlight=False)

    def show(self, event: Event) -> None:
        """Show an event of the run."""
        if isinstance(event, BatchDone) and monotonic() - self._shown > SECONDS_BETWEEN:
            self._shown = monotonic()
            self._bar.update(
                self._task,
                description=f"epoch {event.epoch} of {self._epochs}",
                completed=event.step,
                total=event.batches * self._epochs,
                scores=self._scores or f"loss {event.loss:.4g}",
            )
        elif isinstance(event, EpochDone):
            self._scores = scores_text(event.validation or event.train)
            every = max(1, event.epochs // MOST_LINES)
            is_due = event.epoch % every == 0 or event.epoch in (1, event.epochs)
            if is_due and not self._console.is_terminal:
                kind = "validation" if event.validation else "training"
                self._console.print(
                    f"epoch {event.epoch} of {event.epochs}: {kind} {self._scores}",
                    soft_wrap=True,
                    highlight=False,
                )


def scores_text(scores: Mapping[str, float]) -> str:
    """``loss 0.1234, accuracy 0.9876``."""
    return ", ".join(f"{name} {value:.4g}" for name, value in scores.items())
