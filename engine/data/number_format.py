"""Numbers as people write them: marks for thousands and decimals, signs around them.

A column is judged as a whole: "1,251" is 1251 or 1.251, and only the other cells can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.data.text_reading import Decimal, Reading, ReadingOptions, Thousands

if TYPE_CHECKING:
    import polars as pl

_DECIMALS: dict[Decimal, str] = {"point": r"\.", "comma": ","}
_THOUSANDS: dict[Thousands, str] = {
    "none": "",
    "comma": ",",
    "point": r"\.",
    "blank": "[ \u00a0\u2009\u202f]",
    "apostrophe": "['\u2019]",
}
FORMATS: tuple[tuple[Decimal, Thousands], ...] = (
    ("point", "none"), ("point", "comma"), ("comma", "none"), ("comma", "point"),
    ("point", "blank"), ("comma", "blank"), ("point", "apostrophe"), ("comma", "apostrophe"),
)  # fmt: skip
"""Decimal and thousands marks that occur together, the plainest first."""

_CURRENCY = (
    r"[$€£¥₹₽₩₺₫₴₦฿₱₪]|R\$|US\$|C\$|A\$|USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN"
    r"|CZK|HUF|BRL|MXN|ZAR|TRY|RUB|KRW|HKD|SGD|Rs\.?|kr\.?|Fr\.?|z\u0142"
)
_UNIT = r"[%\u2030\u00b0\p{L}\u00b5][\p{L}\u00b0\u00b2\u00b3/%$€£¥.]{0,7}|[$€£¥₹₽₩₺₫₴₦฿₱₪]"
_AROUND = (
    rf"^([-+]?)\s*(?:({_CURRENCY})\s*)?"
    r"([-+]?[\d.,][\d.,'\u2019 \u00a0\u2009\u202f]*?(?:[eE][-+]?\d+)?)"
    rf"\s*({_UNIT})?$"
)
_MINUS = "[\u2212\u2013\u2010\u2011\ufe63\uff0d]"
_NUMBER_LIKE = r"^\(?[-+\u2212\u2013]?[^\d]{0,4}[\d.,'\u2019 \u00a0\u2009\u202f]*\d[^\d]{0,9}$"
# Fewer cells than this of a text column's first are like numbers: it holds none.
_FEWEST = 0.5


@dataclass(frozen=True)
class FoundFormat:
    """How a column's numbers are written.

    Attributes:
        fits: how many of the different cells are numbers so written.
        other: the decimal mark that would fit as well, or "".
        example: a cell with a mark, for notes; "" where there is none.
        proves: whether its cells show a mark, and allow no other decimal mark.
    """

    reading: Reading
    fits: int
    other: str = ""
    example: str = ""
    proves: bool = False


def pattern(decimal: Decimal, thousands: Thousands) -> str:
    """Return the regular expression of a number without signs around it."""
    point, mark = _DECIMALS[decimal], _THOUSANDS[thousands]
    first = r"\d+" if thousands == "apostrophe" else r"[1-9]\d{0,2}"
    grouped = rf"|{first}(?:{mark}\d{{2,3}})*{mark}\d{{3}}" if mark else ""
    return rf"^[-+]?(?:(?:\d+{grouped})(?:{point}\d*)?|{point}\d+)(?:[eE][-+]?\d+)?$"


def find_format(
    cells: pl.Series, options: ReadingOptions, decimal: Decimal | None
) -> FoundFormat | None:
    """Return how the numbers of a column are written; None where it holds none.

    Args:
        cells: its different cells, stripped, without missing ones.
        decimal: the mark that decides where both fit.
    """
    import polars as pl

    some = cells.head(200)
    if int(some.str.contains(_NUMBER_LIKE).sum()) < max(1, _FEWEST * len(some)):
        return None
    bare, sign = without_sign(cells)
    allowed = [
        (point, mark)
        for point, mark in FORMATS
        if options.decimal in ("auto", point)
        and (mark == options.thousands or options.thousands == "auto" or mark == "none")
    ]
    counts = pl.DataFrame({"n": bare}).select(
        pl.col("n").str.contains(pattern(*each)).sum().alias(str(i))
        for i, each in enumerate(allowed)
    )
    fits = dict(zip(allowed, (int(each or 0) for each in counts.row(0)), strict=True))
    most = max(fits.values(), default=0)
    if not most:
        return None
    best = [each for each in allowed if fits[each] == most]
    marked = bare.filter(bare.str.contains(r"[^\d+\-]") & bare.is_not_null())
    marks = {
        each: bool(len(marked)) and bool(marked.str.contains(mark).any())
        for each, mark in (("point", r"\."), ("comma", ","))
    }
    point, thousands = _decided(best, marks, decimal)
    other = next((p for p, _ in best if p != point and any(marks.values())), "")
    # The least, so that the notes on a file are the same each time.
    example = str(marked.min()) if len(marked) else ""
    reading = Reading(decimal=point, thousands=_used(marked, point, thousands), sign=sign)
    return FoundFormat(reading, most, other, example, any(marks.values()) and not other)


def _decided(
    best: list[tuple[Decimal, Thousands]], marks: dict[str, bool], decimal: Decimal | None
) -> tuple[Decimal, Thousands]:
    """The format among those that fit equally well."""
    wanted = decimal or "point"
    return next((each for each in best if each[0] == wanted), best[0])


def _used(marked: pl.Series, decimal: Decimal, thousands: Thousands) -> Thousands:
    """The thousands mark, or "none" where no cell has it."""
    if thousands == "none" or not len(marked):
        return "none"
    return thousands if marked.str.contains(_THOUSANDS[thousands]).any() else "none"


def without_sign(cells: pl.Series) -> tuple[pl.Series, str]:
    """Return cells without what stands around their numbers, and what that is.

    A currency may stand before or after the number, a unit after it. It has to be the same
    in all cells; else they are left as they are. Amounts in parentheses are negative.
    """
    import polars as pl

    plain = cells.str.replace_all(_MINUS, "-").str.replace(r"^\(([^()]+)\)$", "-$1")
    parts = plain.str.extract_groups(_AROUND).struct.unnest()
    parts.columns = ["outer", "before", "number", "after"]
    signs = [
        each for name in ("before", "after") for each in parts[name].drop_nulls().unique().to_list()
    ]
    found = parts["number"].drop_nulls()
    if len(signs) != 1 or not len(found):
        return plain, ""
    (sign,) = signs
    there = int((parts["before"].is_not_null() | parts["after"].is_not_null()).sum())
    # A number without a unit among others with one may be of another; 0 is 0 in any.
    bare = parts.filter(pl.col("before").is_null() & pl.col("after").is_null())["number"]
    bare = bare.drop_nulls()
    if len(parts.filter(pl.col("before").is_not_null())) == 0 and not _is_currency(sign):
        if not bare.str.contains(r"^0*$").all():
            return plain, ""
        if there < 3 and not sign.startswith(("%", "\u00b0")):
            return plain, ""
    number = parts["outer"].fill_null("") + parts["number"]
    return pl.select(pl.coalesce(number, plain)).to_series().alias(cells.name), sign


def _is_currency(sign: str) -> bool:
    import re

    return re.fullmatch(_CURRENCY, sign) is not None


def parse_numbers(cells: pl.Series, reading: Reading) -> pl.Series:
    """Return cells as Float64, null where a cell is not a number written in this way."""
    import polars as pl

    numbers = cells.cast(pl.Float64, strict=False)
    is_plain = (reading.decimal, reading.thousands, reading.sign) == ("point", "none", "")
    if is_plain and numbers.null_count() == cells.null_count():
        return numbers
    bare, _ = without_sign(cells)
    if reading.thousands != "none" or reading.decimal == "comma":
        bare = bare.set(~bare.str.contains(pattern(reading.decimal, reading.thousands)), None)
    if reading.thousands != "none":
        bare = bare.str.replace_all(_THOUSANDS[reading.thousands], "")
    if reading.decimal == "comma":
        bare = bare.str.replace(",", ".", literal=True)
    return bare.cast(pl.Float64, strict=False)
