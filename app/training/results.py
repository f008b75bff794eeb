"""How a run ended, in words."""

from __future__ import annotations

from dataclasses import dataclass

from app.training.progress_line import duration_text
from app.training.score_table import score_text
from engine.errors import EngineError
from engine.training import Finished


@dataclass(frozen=True)
class Words:
    """A sentence or two, and the theme's color to write them in."""

    text: str
    tone: str


def in_words(end: Finished | Exception) -> Words:
    """What happened, and what to do where something went wrong."""
    if isinstance(end, EngineError):
        return Words(str(end), "bad")
    if isinstance(end, Exception):
        return Words(f"A bug in Netsmith ended the run: {end!r}.", "bad")
    if end.outcome == "diverged":
        return Words(f"Diverged: {end.note}".strip(), "bad")
    epochs = f"{end.epochs:,} epoch{'s'[: end.epochs != 1]}"
    if end.outcome == "stopped":
        text = f"Stopped in epoch {end.epochs:,} after {duration_text(end.seconds)}."
        return Words(text, "warning")
    scores = [
        f"test {name} {score_text(value)}" for name, value in end.test.items() if name != "loss"
    ]
    scores = scores or [f"test loss {score_text(end.test['loss'])}"] if end.test else []
    said = f"Completed: {', '.join(scores)}" if scores else "Completed"
    return Words(f"{said} ({epochs} in {duration_text(end.seconds)}).", "good")
