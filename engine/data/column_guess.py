"""What a column of a table seems to be, and why it may be left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from engine.data.samples import ColumnKind
from engine.data.targets import short_list
from engine.data.text_reading import Decimal, Reading

if TYPE_CHECKING:
    import polars as pl

Useless = Literal["", "empty", "constant", "row number", "id", "date", "text"]

PLAIN = Reading()
MOST_NAMED = 5
"""More ignored columns of a kind than this get one note."""
_WHY_IGNORED = {
    "empty": ("it has no values", "they have no values"),
    "constant": ("it is the same in every row", "each is the same in every row"),
    "row number": ("it only counts the rows", "they only count the rows"),
    "id": ("it names the rows, each differently", "they name the rows, each differently"),
    "date": ("it holds dates", "they hold dates"),
    "text": (
        "it holds {} different texts, too many for categories",
        "they hold too many different texts for categories",
    ),
}


@dataclass(frozen=True, eq=False)
class ColumnGuess:
    """What a column seems to be.

    Attributes:
        values: Float64 for numbers and dates (as years), Boolean, or String.
        texts: the cells as text; null where missing.
        reading: how ``values`` came from the text.
        useless: why a network would learn nothing sound from it, or "".
        notes: what was guessed about its cells, and which setting reads them otherwise.
        proves: the decimal mark that its cells prove, or "".
    """

    name: str
    kind: ColumnKind
    values: pl.Series
    texts: pl.Series
    reading: Reading = PLAIN
    useless: Useless = ""
    notes: tuple[str, ...] = ()
    proves: Decimal | Literal[""] = ""


def ignored_notes(guesses: Sequence[ColumnGuess]) -> list[str]:
    """Return notes about columns that are left out as useless, many of a kind in one."""
    notes = []
    for useless, (one, several) in _WHY_IGNORED.items():
        names = [each.name for each in guesses if each.useless == useless]
        if len(names) > MOST_NAMED:
            notes.append(f"Ignored {len(names):,} columns ({short_list(names, 3)}): {several}.")
            continue
        for each in guesses:
            if each.name in names:
                different = f"{each.values.n_unique():,}"
                notes.append(f"Ignored column {each.name}: {one.format(different)}.")
    return notes
