"""Whether the first row of a table names its columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from engine.data.text_reading import ALWAYS_MISSING, MAYBE_MISSING

Cell = str | None

_WHOLE = re.compile(r"\d{1,6}")
_NUMBER = re.compile(
    r"[-+\u2212]?[$€£¥]?\s?(\d+|\d{1,3}([ .,'\u2019\u00a0\u2009\u202f]\d{2,3})+)?([.,]\d*)?"
    r"([eE][-+]?\d+)?\s?[%€$]?|[-+]?(nan|inf|infinity)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?([T ]\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(:\d{2})?"
)
_FEWEST_NAMES = 3
_SEVERAL = 4
_FIRST_YEAR, _LAST_YEAR = 1800, 2200


def is_number(cell: str) -> bool:
    """Whether a stripped cell looks like a number, with any marks in it."""
    return any(each.isdigit() for each in cell) and _NUMBER.fullmatch(cell) is not None


def is_value(cell: str) -> bool:
    """Whether a stripped cell looks like a number, a date or a time."""
    return is_number(cell) or _DATE.fullmatch(cell) is not None


def looks_missing(cell: Cell) -> bool:
    """Whether a cell is empty, or a word that may say so."""
    return cell is None or cell.lower() in ALWAYS_MISSING or cell.lower() in MAYBE_MISSING


def judge_header(first: Sequence[Cell], columns: Sequence[Sequence[Cell]]) -> tuple[bool, str]:
    """Return whether a first row names columns, and why, where that is not plain.

    Args:
        columns: some cells below the first row, by column.
    """
    named = [cell for cell in first if cell]
    if not named:
        return False, ""
    numbers = [cell for cell in named if is_value(cell)]
    if any(_WHOLE.fullmatch(cell) is None for cell in numbers):
        return False, ""  # 1.5 and 2024-01-01 are values, and so is what stands beside them
    below = [[each for each in column if not looks_missing(each)] for column in columns]
    kinds = (
        _names_another_kind(cell, cells)
        for cell, cells in zip(first, below, strict=True)
        if cell is not None and cells
    )
    if len(set(named)) == len(named) and any(kinds):
        why = "" if not numbers else "below them stand cells of another kind"
        return True, why
    if numbers:
        return _are_counted(first, below)
    repeating = [
        (cell, cells)
        for cell, cells in zip(first, below, strict=True)
        if cell is not None and len(set(cells)) < len(cells)
    ]
    if any(_is_no_value(cell, cells) for cell, cells in repeating):
        rare = any(cell in cells for cell, cells in repeating)
        return True, "one of them does not fit the values of its column" if rare else ""
    if any(_is_usual(cell, cells) for cell, cells in repeating):
        return False, ""
    rare = any(cell in cells for cell, cells in zip(first, below, strict=True))
    return True, "as values they would be unusually rare" if rare else ""


def _names_another_kind(cell: str, below: Sequence[Cell]) -> bool:
    """Whether a cell is text over values only, or a number over texts only."""
    if looks_missing(cell):
        return False
    if is_value(cell):
        return len(below) > 1 and not any(is_value(each) for each in below if each)
    return all(is_value(each) for each in below if each)


def _are_counted(first: Sequence[Cell], below: Sequence[Sequence[Cell]]) -> tuple[bool, str]:
    """Whether the numbers in a first row count columns, as 0, 1, 2 or years do."""
    whole = [int(cell) for cell in first if cell and _WHOLE.fullmatch(cell)]
    if len(whole) < 2:
        return False, ""
    step = whole[1] - whole[0]
    if any(after - before != step for before, after in pairwise(whole)):
        return False, ""
    are_counted = whole[0] in (0, 1) and step == 1 and len(whole) == len(first) >= _FEWEST_NAMES
    are_years = whole[0] >= _FIRST_YEAR and whole[-1] <= _LAST_YEAR and step > 0
    if not (are_counted or are_years):
        return False, ""
    others = [
        cells
        for cell, cells in zip(first, below, strict=True)
        if cell and _WHOLE.fullmatch(cell) and not _continues(int(cell), cells)
    ]
    if 2 * len(others) < len(whole):
        return False, ""
    return True, "they are years or count up by one"


def _continues(number: int, below: Sequence[Cell]) -> bool:
    """Whether a number might be one more of a column's whole numbers."""
    if not all(_WHOLE.fullmatch(each) for each in below if each):
        return False
    values = [int(each) for each in below if each]
    return bool(values) and min(values) <= number <= max(values)


def _is_no_value(cell: str, below: Sequence[Cell]) -> bool:
    """Whether a text is missing in a column each of whose values occurs several times."""
    counts = Counter(below)
    return cell not in counts and min(counts.values()) >= _SEVERAL and len(counts) > 1


def _is_usual(cell: str, below: Sequence[Cell]) -> bool:
    """Whether a text is a value of a column about as frequent as the others."""
    counts = Counter(below)
    usual = sorted(counts.values())[len(counts) // 2]
    return 4 * counts[cell] >= usual
