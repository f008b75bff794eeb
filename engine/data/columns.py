"""What the columns of a table are: found out from all cells of a column at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from engine.data.column_guess import PLAIN, ColumnGuess, Useless
from engine.data.dates import find_dates, parse_dates
from engine.data.number_format import FoundFormat, find_format, parse_numbers
from engine.data.table_text import Cells
from engine.data.targets import LARGEST, MAX_NAME
from engine.data.text_reading import Decimal, Reading, ReadingOptions, is_missing_word, quoted
from engine.errors import DataError
from engine.progress import Progress, no_progress

if TYPE_CHECKING:
    import polars as pl

TRUTH_PAIRS = (("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on"))
"""The words for false and true that belong together."""

MAX_CATEGORIES = 64
_ID_NAME = re.compile(r"(^|[ _.-])(id|index|idx|uuid|rownum|nr|no)$|^unnamed|^column_1$", re.I)
_MOST_STRAY = 20
"""One cell of so many may be no number in a column of numbers; it is an error then."""
_LONGEST_WORD = 40
_SAMPLE = 200
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(\.\d{3})+|[-+]?\d+")
_COMPACT_DATE = re.compile(r"(19|20)\d{6}")
_PADDED = re.compile(r"[-+]?0\d")


def guess_columns(
    cells: Cells,
    names: Sequence[str],
    options: ReadingOptions,
    progress: Progress = no_progress,
) -> dict[str, ColumnGuess]:
    """Find out what columns are, each from all its cells, and what one says about another.

    The decimal mark that one column proves decides in the others, and so does a word that
    means "no value" among numbers.

    Raises:
        DataError: text in a column whose other cells are numbers; names the row.
    """
    import polars as pl

    # All at once: it takes a tenth of the time of one by one, where there are thousands.
    cast = cells.frame.select(pl.col(list(names)).cast(pl.Float64, strict=False))
    has_nan = dict(zip(names, cast.select(pl.all().is_nan().any()).row(0), strict=True))
    columns = [
        _Column(cells, name, options, cast[name], has_nan=bool(has_nan[name])) for name in names
    ]
    guesses: dict[str, ColumnGuess] = {}
    others = [each for each in columns if each.name not in options.categories]
    for done, each in enumerate(others):
        if done % 64 == 0:
            progress(done, len(others), "columns")
        _keep(guesses, _guess_number(each, None))
    decimal = decimal_of(list(guesses.values()), cells, options)
    for each in others:
        if each.name not in guesses:
            guess = _guess_number(each, decimal) or _guess_truth(each) or _guess_dates(each)
            _keep(guesses, guess)
    known = {word for each in guesses.values() for word in each.reading.missing}
    for each in columns:
        if each.name not in guesses:
            guesses[each.name] = _guess_texts(each, known)
    return {name: guesses[name] for name in names}


def _keep(guesses: dict[str, ColumnGuess], guess: ColumnGuess | None) -> None:
    if guess is not None:
        guesses[guess.name] = guess


@dataclass(eq=False)
class _Column:
    """A column that is being judged; what several questions need is found once.

    Attributes:
        cast: its cells as Float64 in the plain way.
        has_nan: whether one of them says NaN.
    """

    cells: Cells
    name: str
    options: ReadingOptions
    cast: pl.Series
    has_nan: bool

    @cached_property
    def is_plain(self) -> bool:
        """Whether each cell is a number in the plain way, or empty."""
        return not self.has_nan and self.cast.null_count() == self.texts.null_count()

    @cached_property
    def texts(self) -> pl.Series:
        """The cells; null where empty."""
        return self.cells.frame[self.name]

    @cached_property
    def different(self) -> pl.Series:
        """The different cells that are not empty."""
        return self.texts.drop_nulls().unique()

    @cached_property
    def words(self) -> list[str]:
        """The different cells that mean "no value" unless the column holds texts."""
        short = self.different.filter(self.different.str.len_bytes() <= _LONGEST_WORD)
        return sorted(w for w in short.to_list() if is_missing_word(w, self.options, "numbers"))

    @property
    def unsure(self) -> tuple[str, ...]:
        """The ones of :attr:`words` that would not mean "no value" in any column."""
        return tuple(w for w in self.words if not is_missing_word(w, self.options, "texts"))

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The ones of :attr:`words` that may mean "no value" among texts."""
        likely = [w for w in self.words if is_missing_word(w, self.options, "doubtful texts")]
        return tuple(word for word in likely if word in self.unsure)

    @cached_property
    def present(self) -> pl.Series:
        """The cells; null where a word means "no value"."""
        return without(self.texts, self.words)

    @cached_property
    def values(self) -> pl.Series:
        """The different ones of :attr:`present`."""
        return self.different.filter(~self.different.is_in(self.words))


def without(column: pl.Series, words: Sequence[str]) -> pl.Series:
    """Return a column of texts with null in the place of some words."""
    import polars as pl

    if not words:
        return column
    nulled = pl.when(column.is_in(list(words))).then(None).otherwise(column)
    return pl.select(nulled).to_series().alias(column.name)


def decimal_of(guesses: Sequence[ColumnGuess], cells: Cells, options: ReadingOptions) -> Decimal:
    """Return the decimal mark of a file, where a column does not prove its own."""
    if options.decimal != "auto":
        return options.decimal
    proved = [each.proves for each in guesses if each.proves]
    if proved:
        return "comma" if proved.count("comma") > proved.count("point") else "point"
    if options.likely:
        return options.likely.decimal
    return "comma" if cells.separator == ";" else "point"


def _guess_number(column: _Column, decimal: Decimal | None) -> ColumnGuess | None:
    """A column of numbers; None for another, and where ``decimal`` has to decide.

    Args:
        decimal: the decimal mark of the file; None where it is not known yet.
    """
    name, options, is_plain = column.name, column.options, column.is_plain
    texts = column.texts if is_plain else column.present
    missing = () if is_plain else column.unsure
    if texts.null_count() == len(texts):
        return ColumnGuess(name, "category", texts, texts, Reading(missing=missing), "empty")
    found, some = None, _some_of(texts)
    if not is_plain or _may_group(texts, some, options):
        found = find_format(column.values, options, decimal)
        if found is None or (found.other and decimal is None):
            return None
    reading = found.reading.changed(missing=missing) if found else PLAIN
    numbers = parse_numbers(texts, reading).fill_nan(None) if found else column.cast
    forced = name in options.numbers
    if found and not _are_numbers(column.cells, texts, numbers, forced=forced):
        return None
    largest = max(abs(float(each or 0)) for each in (numbers.min(), numbers.max()))  # type: ignore[arg-type]
    _check_largest(column.cells, texts, numbers, largest)
    loses_digits = largest >= 2**53 and _loses_digits(texts)
    if not forced and (loses_digits or _are_compact_dates(texts, some)):
        return None
    proves: Decimal | Literal[""] = (
        "" if found or not any("." in each for each in some) else "point"
    )
    if found and found.proves:
        proves = found.reading.decimal
    notes = (*_missing_notes(name, texts, missing), *_number_notes(name, some, found))
    useless = _useless_number(name, numbers)
    return ColumnGuess(name, "number", numbers, texts, reading, useless, notes, proves)


def _some_of(texts: pl.Series) -> list[str]:
    """Some of the cells that are there; looking at all in Python would take too long."""
    return [each for each in texts.head(_SAMPLE).to_list() if each is not None]


def _may_group(texts: pl.Series, some: Sequence[str], options: ReadingOptions) -> bool:
    """Whether points in cells that read as plain numbers may mark thousands."""
    if options.decimal == "point" or options.thousands in ("none", "comma", "blank"):
        return False
    if options.decimal == "comma" or options.thousands == "point":
        return bool(texts.str.contains(".", literal=True).any())
    pointed = [each for each in some if "." in each]
    if not pointed or not all(_GROUPED.fullmatch(each) for each in pointed):
        return False
    marked = texts.filter(texts.str.contains(".", literal=True))
    return bool(marked.str.contains(f"^{_GROUPED.pattern}$").all())


def _are_numbers(cells: Cells, texts: pl.Series, numbers: pl.Series, *, forced: bool) -> bool:
    """Whether nearly all cells are numbers.

    Raises:
        DataError: a few cells of text among many numbers.
    """
    strays = numbers.null_count() - texts.null_count()
    good = len(numbers) - numbers.null_count()
    few = good >= 4 and strays <= max(1, (good + strays) // _MOST_STRAY)
    if strays and not (few or forced):
        return False
    if strays:
        stray = numbers.is_null() & texts.is_not_null()
        raise _bad_cell(cells, texts, stray, "where the other cells hold numbers")
    return True


def _check_largest(cells: Cells, texts: pl.Series, numbers: pl.Series, largest: float) -> None:
    if largest > LARGEST:
        bad = (numbers.abs() > LARGEST).fill_null(False)
        raise _bad_cell(cells, texts, bad, "which is too large a number")


def _bad_cell(cells: Cells, texts: pl.Series, bad: pl.Series, what: str) -> DataError:
    i = int(bad.arg_true()[0])
    return DataError(
        f"{cells.place_of(i)}, column {texts.name!r} holds {str(texts[i])[:40]!r}, {what}.",
        "Correct the cell or leave it empty; or list it under Missing words, or the "
        "column under Categories or Ignored.",
    )


def _loses_digits(texts: pl.Series) -> bool:
    """Whether whole numbers are so long that double precision makes others of them."""
    import polars as pl

    long = texts.filter(texts.str.contains(r"^[-+]?\d{16,}$"))
    return bool((long.cast(pl.Float64).cast(pl.Int128, strict=False).cast(pl.String) != long).any())


def _are_compact_dates(texts: pl.Series, some: Sequence[str]) -> bool:
    """Whether all are dates such as 20240131, of which a network could learn little."""
    if not all(_COMPACT_DATE.fullmatch(each) for each in some):
        return False
    known = texts.drop_nulls()
    return known.n_unique() > 2 and not parse_dates(known, "year_first").null_count()


def _missing_notes(name: str, texts: pl.Series, missing: Sequence[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    verb = "are" if len(missing) > 1 else "is"
    return (f"Column {name}: {quoted(missing)} {verb} read as missing.",)


def _number_notes(name: str, some: Sequence[str], found: FoundFormat | None) -> tuple[str, ...]:
    notes = []
    if found and (found.other or found.reading.thousands != "none"):
        notes.append(_mark_note(name, found))
    if found and found.reading.sign:
        notes.append(f"Column {name} is read as numbers, without {quoted([found.reading.sign])}.")
    padded = next((each for each in some if _PADDED.match(each)), None)
    if padded is not None:
        notes.append(
            f"Column {name} holds numbers with leading zeros, such as {padded}; if they are "
            "codes, list it under Categories."
        )
    return tuple(notes)


def _mark_note(name: str, found: FoundFormat) -> str:
    reading, example = found.reading, found.example
    as_number = parse_numbers(_series([example]), reading)[0]
    value = f"{as_number:,.6f}".rstrip("0").rstrip(".").replace(",", "") if as_number else example
    note = f"Column {name}: {quoted([example])} is read as {value}"
    if reading.thousands != "none":
        note += f", with the {reading.thousands} as the thousands mark"
    elif reading.decimal == "comma":
        note += ", with the comma as the decimal mark"
    if not found.other:
        return f"{note}."
    return (
        f"{note}. Its cells would also allow the {found.other} as the decimal mark: "
        "if that is meant, set Decimal mark."
    )


def _series(texts: list[str]) -> pl.Series:
    import polars as pl

    return pl.Series("", texts, dtype=pl.String)


def _guess_truth(column: _Column) -> ColumnGuess | None:
    if not 0 < len(column.values) <= 2 * len(TRUTH_PAIRS):
        return None
    values = {each.lower() for each in column.values.to_list()}
    pair = next((pair for pair in TRUTH_PAIRS if values == set(pair)), None)
    if pair is None:
        return None
    texts, missing = column.present, column.unsure
    truth = (texts.str.to_lowercase() == pair[1]).alias(column.name)
    notes = _missing_notes(column.name, texts, missing)
    reading = Reading(truth=pair, missing=missing)
    return ColumnGuess(column.name, "boolean", truth, texts, reading, notes=notes)


def _guess_dates(column: _Column) -> ColumnGuess | None:
    found = find_dates(column.present, column.values, column.options)
    if found is None:
        return None
    name, texts, missing = column.name, column.present, column.unsure
    notes = _missing_notes(name, texts, missing)
    if found.other:
        notes += (
            f"Column {name}: dates such as {quoted([str(column.values.min())])} are read with the "
            f"{_first_of(found.order)} first; the {_first_of(found.other)} first would be possible "
            "as well. If that is meant, set Dates.",
        )
    years = parse_dates(texts, found.order)
    reading = Reading(dates=found.order, missing=missing)
    return ColumnGuess(name, "date", years, texts, reading, "date", notes)


def _first_of(order: str) -> str:
    return order.removesuffix("_first")


def _guess_texts(column: _Column, known: set[str]) -> ColumnGuess:
    """A column of categories or texts.

    A word such as NA or None is missing where columns of numbers have it so (``known``), or
    where it is much rarer than the values; else it is a value.
    """
    name, options = column.name, column.options
    if name in options.numbers:
        raise DataError(
            f"{column.cells.place}, column {name!r} holds no numbers, but is listed under Numbers.",
            "Take it out of that list, or choose the decimal mark.",
        )
    counts = _counts_of(column)
    missing, values, notes = _doubtful_words(column, counts, known)
    gone = [w for w in column.words if w in missing or is_missing_word(w, options, "texts")]
    texts = without(column.texts, gone)
    there = len(texts) - texts.null_count()
    different = column.different.filter(~column.different.is_in(gone))
    reading = Reading(missing=missing, values=values)
    if not there:
        return ColumnGuess(name, "category", texts, texts, reading, "empty", notes)
    useless: Useless = ""
    if len(different) == 1 and there == len(texts):
        useless = "constant"
    elif name not in options.categories and _is_free_text(different, there):
        useless = "text"
    if different.head(200).str.contains(r"^[-+]?\d{16,}$").all():
        notes += (
            f"Column {name} holds whole numbers of so many digits that some would become the "
            "same; they are read as texts.",
        )
    return ColumnGuess(name, "category", texts, texts, reading, useless, notes)


def _counts_of(column: _Column) -> dict[str, int]:
    """How often each cell occurs; nothing where it does not matter."""
    if not column.doubtful:
        return {}
    return dict(column.texts.drop_nulls().value_counts().iter_rows())


def _doubtful_words(
    column: _Column, counts: dict[str, int], known: set[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Which doubtful words are missing, which are values, and notes about them."""
    others = [count for word, count in counts.items() if word not in column.words]
    missing, values, notes = [], [], []
    for word in column.doubtful:
        count = counts[word]
        many = f"{count:,} {'cells' if count > 1 else 'cell'}"
        if word in known or (others and 2 * count <= min(others)):
            missing.append(word)
            notes.append(
                f"Column {column.name}: {quoted([word])} is read as missing ({many}); if it is a "
                "value, list it under Values."
            )
        else:
            values.append(word)
            notes.append(
                f"Column {column.name}: {quoted([word])} is read as a value ({many}); if it means "
                "that there is none, list it under Missing words."
            )
    return tuple(missing), tuple(values), tuple(notes)


def _is_free_text(different: pl.Series, count: int) -> bool:
    if len(different) > max(10, min(MAX_CATEGORIES, count // 2)):
        return True
    return bool((different.str.len_chars() > MAX_NAME).any())


def _useless_number(name: str, numbers: pl.Series) -> Useless:
    if numbers.null_count():
        return ""
    some = numbers.head(_SAMPLE).to_list()
    if len(set(some)) == 1 and numbers.n_unique() == 1:
        return "constant"
    if len(numbers) < 4 or any(each != int(each) for each in some):
        return ""
    if not (numbers == numbers.floor()).all():
        return ""
    named = bool(_ID_NAME.search(name))
    counts = (named or numbers[0] in (0, 1)) and some[1] - some[0] == 1
    if counts and (numbers.diff().drop_nulls() == 1).all():
        return "row number"
    return "id" if named and name != "column_1" and numbers.n_unique() == len(numbers) else ""
