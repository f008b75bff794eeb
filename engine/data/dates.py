"""Dates as people write them, read as years with a fraction.

A column has one order of day, month and year: that which every cell allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.data.text_reading import DateOrder, ReadingOptions

if TYPE_CHECKING:
    import polars as pl

_TIME = (
    r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s*([AaPp]\.?[Mm]\.?)?)?"
    r"\s*(Z|UTC|[-+]\d{2}:?\d{2})?"
)
_PART = r"(\d{1,4}|[A-Za-z]{3,9})\.?"
_PARTS = rf"^{_PART}[-/. ]+{_PART}(?:[-/. ,]+(\d{{1,4}}))?{_TIME}$"
_COMPACT = r"^((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$"
_DATE_LIKE = r"^(?:\d{1,4}|[A-Za-z]{3,9})\.?[-/. ]+(?:\d{1,4}|[A-Za-z]{3,9}).*$|^(?:19|20)\d{6}$"
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
ORDERS: tuple[DateOrder, ...] = ("year_first", "day_first", "month_first")
_FIRST_OF_CENTURY = 69
"""Of years with two digits, those from this are in the 20th century, as POSIX has it."""


@dataclass(frozen=True)
class FoundDates:
    """How a column's dates are written.

    Attributes:
        other: the order that all cells would allow as well, or "".
    """

    order: DateOrder
    other: DateOrder = ""


def find_dates(
    cells: pl.Series, different: pl.Series, options: ReadingOptions
) -> FoundDates | None:
    """Return in which order a column's dates are written; None where it does not hold dates.

    Args:
        cells: the cells in the order of the file.
        different: its different cells without missing ones.
    """
    if not different.head(50).str.contains(_DATE_LIKE).all():
        return None
    allowed = ORDERS if options.dates == "auto" else (options.dates,)
    fits = [each for each in allowed if not parse_dates(different, each).null_count()]
    if not fits:
        return None
    if len(fits) < 2:
        return FoundDates(fits[0])
    if different.str.contains(r"^\d{1,2}\.\s?\d{1,2}\.").all():
        return FoundDates("day_first")  # nobody writes the month first with points
    years = {each: parse_dates(different, each) for each in fits}
    if all(bool((years[each] == years[fits[0]]).all()) for each in fits):
        return FoundDates(fits[0])
    # They differ, so that the years have two digits, which hardly anybody writes first.
    fits = [each for each in fits if each != "year_first"]
    if len(fits) < 2:
        return FoundDates(fits[0])
    known = cells.drop_nulls()
    sorted_ones = [each for each in fits if _is_sorted(parse_dates(known, each))]
    if len(sorted_ones) == 1:
        return FoundDates(sorted_ones[0], next(each for each in fits if each != sorted_ones[0]))
    return FoundDates("day_first", "month_first")


def _is_sorted(years: pl.Series) -> bool:
    return years.is_sorted() or years.is_sorted(descending=True)


def parse_dates(cells: pl.Series, order: DateOrder) -> pl.Series:
    """Return cells as years with a fraction, Float64: 1 July 1949 is about 1949.5.

    Takes four digits as the year wherever they stand, names of months, and times; a year
    alone, as a number. Null where a cell is not a date in this order.
    """
    import polars as pl

    parts = cells.str.strip_chars().str.extract_groups(_PARTS).struct.unnest()
    parts.columns = ["a", "b", "c", "hour", "minute", "second", "half", "zone"]
    compact = cells.str.extract_groups(_COMPACT).struct.unnest()
    compact.columns = ["y", "m", "d"]
    a, b, c = (pl.col(name) for name in "abc")
    first_is_year, last_is_year = a.str.len_chars() == 4, c.str.len_chars() == 4
    first_is_year &= a.str.contains(r"^\d")
    named_a, named_b = a.str.contains("^[A-Za-z]"), b.str.contains("^[A-Za-z]")
    middle_is_year = c.is_null() & (b.str.len_chars() == 4) & ~named_b
    short = (c.str.len_chars() == 2) & ~first_is_year
    if order == "year_first":
        has_short_year = short & (a.str.len_chars() == 2) & ~named_a
        year: pl.Expr = pl.when(first_is_year | has_short_year).then(a).when(middle_is_year).then(b)
        month: pl.Expr = pl.when(middle_is_year).then(a).otherwise(b)
        day = c
    else:
        first, second = (a, b) if order == "month_first" else (b, a)
        with_year = pl.when(first_is_year)
        year = with_year.then(a).when(last_is_year | short).then(c).when(middle_is_year).then(b)
        named = with_year.then(b).when(middle_is_year | named_a).then(a).when(named_b).then(b)
        month = named.otherwise(first)
        single = with_year.then(c).when(middle_is_year).then(None)
        day = single.when(named_a).then(b).when(named_b).then(a).otherwise(second)
    whole = parts.with_columns(compact).select(
        year=_full_year(pl.coalesce(year, "y")),
        month=_month_number(pl.coalesce(month, "m")),
        day=pl.coalesce(day, "d", pl.lit("1")).cast(pl.Int32, strict=False),
        days=_days(),
    )
    return _as_years(whole, cells)


def _as_years(whole: pl.DataFrame, cells: pl.Series) -> pl.Series:
    import polars as pl

    text = pl.format(
        "{}-{}-{}",
        pl.col("year").cast(pl.String).str.zfill(4),
        pl.col("month").cast(pl.String).str.zfill(2),
        pl.col("day").cast(pl.String).str.zfill(2),
    )
    dated = whole.with_columns(date=text.str.to_date("%Y-%m-%d", strict=False))
    leap = pl.col("date").dt.is_leap_year()
    through = (pl.col("date").dt.ordinal_day() - 1 + pl.col("days")) / (365 + leap.cast(pl.Int32))
    years = dated.select((pl.col("year") + through).alias(cells.name)).to_series()
    plain = cells.str.extract(r"^(\d{4}(?:\.\d+)?)$").cast(pl.Float64, strict=False)
    return pl.select(pl.coalesce(plain, years)).to_series().alias(cells.name)


def _full_year(year: pl.Expr) -> pl.Expr:
    import polars as pl

    number = year.cast(pl.Int32, strict=False)
    century = pl.when(number >= _FIRST_OF_CENTURY).then(1900).otherwise(2000)
    return pl.when(year.str.len_chars() <= 2).then(number + century).otherwise(number)


def _month_number(month: pl.Expr) -> pl.Expr:
    import polars as pl

    names = {name[:3]: i for i, name in enumerate(_MONTHS, 1)}
    lower = month.str.to_lowercase()
    known = lower.is_in([*_MONTHS, *names, "sept"])
    short = lower.str.slice(0, 3).replace_strict(names, default=None, return_dtype=pl.Int32)
    named = pl.when(known).then(short)
    return pl.coalesce(month.cast(pl.Int32, strict=False), named)


def _days() -> pl.Expr:
    """The time of the day as a part of it, moved to UTC where a zone is given."""
    import polars as pl

    hour = pl.col("hour").cast(pl.Float64)
    half = pl.col("half").str.slice(0, 1).str.to_lowercase()
    hour = (
        pl.when(half == "p").then(hour % 12 + 12).when(half == "a").then(hour % 12).otherwise(hour)
    )
    second = pl.col("second").str.replace(",", ".", literal=True).cast(pl.Float64)
    zone = pl.col("zone").str.extract_groups(r"([-+])(\d{2}):?(\d{2})")
    sign = pl.when(zone.struct[0] == "-").then(-1).otherwise(1)
    moved = sign * (zone.struct[1].cast(pl.Float64) * 60 + zone.struct[2].cast(pl.Float64))
    minutes = hour * 60 + pl.col("minute").cast(pl.Float64) - moved.fill_null(0)
    return ((minutes * 60 + second.fill_null(0)) / 86_400).fill_null(0)
