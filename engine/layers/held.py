"""Settings that hold weights and outputs back; every layer with weights declares them alike."""

from __future__ import annotations

from typing import Any

from engine.spec import setting


def penalty(label: str, what: str) -> Any:
    """A setting for a penalty on ``what`` a layer learns, called "``label`` penalty"."""
    return setting(
        None,
        label=f"{label} penalty",
        help=f"Added to the loss to keep {what} small.",
        advanced=True,
    )


def limit(label: str, what: str) -> Any:
    """A setting for a constraint on ``what`` a layer learns, called "``label`` limit"."""
    return setting(
        None,
        label=f"{label} limit",
        help=f"Applied to {what} after each step.",
        advanced=True,
    )


def output_penalty() -> Any:
    """A setting for a penalty on what a layer puts out."""
    return setting(
        None,
        label="Output penalty",
        help="Added to the loss to keep outputs small; its mean over the batch.",
        advanced=True,
    )
