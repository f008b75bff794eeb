"""How one cell of a table is read: missing, number, truth value or date."""

from __future__ import annotations

import re
from datetime import date, datetime
from math import isnan

MISSING = ("", "NA", "N/A", "na", "n/a", "#N/A", "NaN", "nan", "NAN", "NULL", "null", "None", "?")
"""Cells that say that there is no value."""

TRUE = ("true", "yes", "y", "t", "1")
FALSE = ("false", "no", "n", "f", "0")

_ISO = re.compile(r"\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}.*)?)?")
_SPELLINGS = ("%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%d-%m-%Y")


def is_missing(cell: object) -> bool:
    """Whether a cell holds no value."""
    if isinstance(cell, float):
        return isnan(cell)
    return cell is None or str(cell).strip() in MISSING


def to_number(cell: object) -> float | None:
    """A cell as a number, with a point or a comma before the decimals."""
    if isinstance(cell, bool | int | float):
        return float(cell)
    text = str(cell).strip()
    # Python alone would also take the underscores of its own source code.
    if "_" in text:
        return None
    for spelling in (text, text.replace(",", ".") if text.count(",") == 1 else text):
        try:
            return float(spelling)
        except ValueError:
            continue
    return None


def to_boolean(cell: object) -> float | None:
    """A truth value as 0.0 or 1.0."""
    if isinstance(cell, bool | int | float):
        return float(bool(cell))
    text = str(cell).strip().lower()
    return 1.0 if text in TRUE else 0.0 if text in FALSE else None


def to_year(cell: object) -> float | None:
    """A date as a year with a fraction: 1 July 1949 is about 1949.5.

    Takes ISO dates (1949-07, 1949-07-01, with or without a time) and the usual
    spellings with dots, slashes and dashes, the day before the month.
    """
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return float(cell)
    day = _to_date(str(cell).strip())
    if day is None:
        return to_number(cell)
    start, end = date(day.year, 1, 1), date(day.year, 12, 31)
    return day.year + (day - start).days / ((end - start).days + 1)


def is_date(cell: str) -> bool:
    """Whether a text is a date that :func:`to_year` reads."""
    return _to_date(cell.strip()) is not None


def _to_date(text: str) -> date | None:
    if len(text) > 40 or not text[:1].isdigit():
        return None
    if _ISO.fullmatch(text):
        try:
            return date.fromisoformat(text[:10] if len(text) > 7 else f"{text}-01")
        except ValueError:
            return None
    for spelling in _SPELLINGS:
        try:
            return datetime.strptime(text, spelling).date()
        except ValueError:
            continue
    return None
