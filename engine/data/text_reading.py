"""How the text of a table is read: what is found out once and used again for predicting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.data.encodings import Encoding
from engine.spec import Spec

Header = Literal["auto", "yes", "no"]
Separator = Literal["auto", "comma", "semicolon", "tab", "bar", "blank"]
Decimal = Literal["point", "comma"]
Thousands = Literal["none", "comma", "point", "blank", "apostrophe"]
DateOrder = Literal["", "year_first", "day_first", "month_first"]

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "blank": " "}

ALWAYS_MISSING = frozenset({
    "", "?", "nan", "-nan", "+nan", "null", "(null)", "#n/a", "#n/a n/a", "#na", "n/a", "<na>",
    "\\n", "nat", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "#div/0!", "#value!", "#ref!",
    "#name?", "#num!", "#null!",
})  # fmt: skip
"""Words, in small letters, that say "no value" in any column."""

MAYBE_MISSING = frozenset({
    "na", "none", "nil", "-", "--", "---", "\u2013", "\u2014", ".", "..", "...", "n.a.", "n.a",
    "missing",
})  # fmt: skip
"""Words that say "no value" among numbers and dates; among texts they may be a value:
NA is North America, None a class."""

MISSING_AMONG_NUMBERS = frozenset({
    "unknown", "not available", "not applicable", "blank", "(blank)", "empty", "nd", "n.d.",
    "tbd", "x", "*",
})  # fmt: skip
"""Words that say "no value" among numbers and dates, and are a value among texts."""


class Reading(Spec):
    """How the cells of one column are read; saved with a trained model.

    Attributes:
        decimal, thousands: the marks in its numbers.
        sign: what stands around each number and is not read: "%", "$", "kg".
        dates: what comes first in its dates; "" for no dates.
        truth: the words for false and for true, in small letters.
        missing: the words besides those for any column that mean "no value" here.
        values: words that mean something here although they often mean "no value".
    """

    decimal: Decimal = "point"
    thousands: Thousands = "none"
    sign: str = ""
    dates: DateOrder = ""
    truth: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


class TextLayout(Spec):
    """How the file that a model was trained on was laid out; saved with the model.

    Attributes:
        header: whether its first row had the names of the columns.
        columns: where it had none, the names that its columns were given.
        target: the column that was predicted.
        decimal: the decimal mark of the file, where no column proves another.
        missing, values: words that the user set to mean "no value", or a value.
    """

    encoding: str = "utf-8"
    separator: str = ","
    header: bool = True
    columns: tuple[str, ...] = ()
    target: str = ""
    decimal: Decimal = "point"
    missing: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadingOptions:
    """What a user has set about reading a table; the rest is found out.

    Attributes:
        skipped: how many lines stand before the table; None finds out.
        numbers, categories: columns that are read as one or the other whatever they look like.
        likely: the layout of the file that a model was trained on.
    """

    header: Header = "auto"
    separator: Separator = "auto"
    encoding: Encoding = "auto"
    skipped: int | None = None
    decimal: Literal["auto", "point", "comma"] = "auto"
    thousands: Literal["auto", "none", "comma", "point", "blank", "apostrophe"] = "auto"
    dates: Literal["auto", "year_first", "day_first", "month_first"] = "auto"
    missing: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    likely: TextLayout | None = None

    @classmethod
    def like(cls, layout: TextLayout | None) -> ReadingOptions:
        """Return options for a file that was saved as the one of a trained model."""
        if layout is None:
            return cls()
        return cls(
            header="yes" if layout.header else "no",
            missing=layout.missing,
            values=layout.values,
            likely=layout,
        )


Among = Literal["texts", "doubtful texts", "numbers"]


def is_missing_word(word: str, options: ReadingOptions, among: Among) -> bool:
    """Whether a stripped cell means "no value" in a column of texts or of numbers.

    Args:
        among: "doubtful texts" counts the words too that may be values among texts.
    """
    if word in options.missing:
        return True
    if word in options.values:
        return word == ""
    plain = word.lower()
    if plain in ALWAYS_MISSING or (among != "texts" and plain in MAYBE_MISSING):
        return True
    return among == "numbers" and plain in MISSING_AMONG_NUMBERS


def quoted(words: Iterable[str], most: int = 3) -> str:
    """Return words in quotation marks, with "and" before the last: “-” and “n.a.”."""
    found = [f"\u201c{word[:40]}\u201d" for word in words]
    shown, rest = found[:most], len(found) - most
    if rest > 0:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
