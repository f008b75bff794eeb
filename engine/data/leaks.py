"""Columns that give the target away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from engine.data.column_guess import ColumnGuess

if TYPE_CHECKING:
    import polars as pl

Leak = Literal["", "leak", "exact"]

_FEWEST_ROWS = 10


def leak_of(guess: ColumnGuess, target: ColumnGuess) -> Leak:
    """Return "leak" where a column is the target in other words, "exact" where it may be.

    The same numbers again, or a word or code for each class, are a leak. Other numbers that
    determine numbers exactly may be their cause, as degrees Celsius are of Fahrenheit.
    """
    values, wanted = guess.values, target.values
    if values.null_count() or guess.kind == "date" or len(values) < _FEWEST_ROWS:
        return ""
    if guess.kind == target.kind == "number" and bool((values == wanted).all()):
        return "leak"
    different = values.n_unique()
    if different < 2 or different != wanted.n_unique():
        return ""
    # Where most values are different anyway, they are one to one by chance.
    if 2 * different > len(values) or not _one_to_one(values, wanted, different):
        return ""
    return "exact" if guess.kind == target.kind == "number" else "leak"


def _one_to_one(a: pl.Series, b: pl.Series, different: int) -> bool:
    import polars as pl

    return pl.DataFrame({"a": a, "b": b}).n_unique() == different
