"""What the columns of a table are: found out from their cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from engine.data.cells import FALSE, TRUE, is_date, to_year
from engine.data.samples import ColumnKind
from engine.data.table_text import Cells
from engine.data.targets import LARGEST, MAX_NAME
from engine.errors import DataError

if TYPE_CHECKING:
    import polars as pl

Useless = Literal["", "empty", "constant", "row number", "id", "date", "text"]

MAX_CATEGORIES = 64
_ID_NAME = re.compile(r"(^|[ _.-])(id|index|idx|uuid|rownum|nr|no)$|^unnamed|^column_1$", re.I)


@dataclass(frozen=True, eq=False)
class ColumnGuess:
    """What a column seems to be.

    Attributes:
        values: Float64 for numbers and dates (as years), Boolean, or String.
        useless: why a network would learn nothing sound from it, or "".
    """

    name: str
    kind: ColumnKind
    values: pl.Series
    useless: Useless = ""

    @property
    def why_ignored(self) -> str:
        """The note that tells the user why the column is left out."""
        different = self.values.n_unique()
        return (
            f"Ignored column {self.name}: "
            + {
                "empty": "it has no values.",
                "constant": "it is the same in every row.",
                "row number": "it only counts the rows.",
                "id": "it names the rows, each differently.",
                "date": "it holds dates.",
                "text": f"it holds {different:,} different texts, which are no categories.",
                "": "it is of no use.",
            }[self.useless]
        )


def guess_column(cells: Cells, name: str) -> ColumnGuess:
    """Find out what a column is.

    Raises:
        DataError: text in a column whose other cells are numbers; names the row.
    """
    import polars as pl

    column = cells.frame[name]
    there = column.drop_nulls()
    if not len(there):
        return ColumnGuess(name, "category", column, "empty")
    numbers = as_number_column(cells, column)
    if numbers is not None:
        return ColumnGuess(name, "number", numbers, _useless_number(name, numbers))
    lower = there.str.to_lowercase()
    values = set(lower.unique().to_list())
    if len(values) == 2 and values <= {*TRUE, *FALSE}:
        truth = column.str.to_lowercase().is_in(TRUE)
        return ColumnGuess(name, "boolean", truth)
    different = there.unique()
    if all(is_date(each) for each in different.to_list()):
        years = {each: to_year(each) for each in different.to_list()}
        dates = pl.Series(name, [years.get(each) for each in column.to_list()], dtype=pl.Float64)
        return ColumnGuess(name, "date", dates, "date")
    useless: Useless = ""
    if len(different) == 1 and len(there) == len(column):
        useless = "constant"
    elif _is_free_text(different, len(there)):
        useless = "text"
    return ColumnGuess(name, "category", column, useless)


def _is_free_text(different: pl.Series, count: int) -> bool:
    if len(different) > max(10, min(MAX_CATEGORIES, count // 2)):
        return True
    return bool((different.str.len_chars() > MAX_NAME).any())


def as_number_column(cells: Cells, column: pl.Series) -> pl.Series | None:
    """A column of text as Float64, or None where it holds something else.

    Raises:
        DataError: a few cells of text among many numbers, or an infinite number.
    """
    import polars as pl

    numbers = column.cast(pl.Float64, strict=False)
    if numbers.null_count() > column.null_count():
        # A comma before the decimals, as much of Europe writes it.
        pointed = column.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
        numbers = pointed if pointed.null_count() < numbers.null_count() else numbers
    numbers = numbers.fill_nan(None)
    stray = numbers.is_null() & column.is_not_null()
    strays, good = int(stray.sum()), len(numbers) - numbers.null_count()
    if strays and (good < 4 or strays > max(1, (good + strays) // 20)):
        return None
    for bad, what in (
        (stray, "where the other cells hold numbers"),
        (numbers.abs().fill_null(0) > LARGEST, "which is too large a number"),
    ):
        if bad.any():
            i = int(bad.arg_true()[0])
            raise DataError(
                f"{cells.place}, row {cells.rows[i]}, column {column.name!r} holds "
                f"{str(column[i])[:40]!r}, {what}.",
                "Correct the cell, leave it empty, or ignore the column.",
            )
    return numbers


def _useless_number(name: str, numbers: pl.Series) -> Useless:
    if numbers.null_count():
        return ""
    if numbers.n_unique() == 1:
        return "constant"
    if len(numbers) < 4 or not (numbers == numbers.floor()).all():
        return ""
    named = bool(_ID_NAME.search(name))
    if (numbers.diff().drop_nulls() == 1).all() and (named or numbers[0] in (0, 1)):
        return "row number"
    return "id" if named and name != "column_1" and numbers.n_unique() == len(numbers) else ""
