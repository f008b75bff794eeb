"""Where a table begins in a text file, and what separates its cells."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.data.headers import is_value, judge_header
from engine.data.text_reading import SEPARATORS, ReadingOptions, quoted
from engine.errors import DataError

MAX_COLUMNS = 100_000
MAX_CELLS = 2**28
SNIFFED = 2**16
_MOST_SNIFFED = 2**22
_FEWEST_LINES = 3
_MOST_SKIPPED = 50
_SEP_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_AGREE = 0.6
"""At least so large a share of the rows has the same number of cells, or it is no table."""


_Row = tuple[list[str], int]
"""The cells of a row, and how many lines stand before it."""


@dataclass(frozen=True)
class Layout:
    """How a text is to be cut into cells.

    Attributes:
        start: where the table begins in the text.
        skipped: how many lines stand before it.
        separator: the character between two cells; " " for any number of blanks.
        width: how many cells the rows have.
        names: the header's names, where the header does not stand in the table's first row.
        notes: what was guessed.
    """

    start: int
    skipped: int
    separator: str
    width: int
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_layout(text: str, options: ReadingOptions, place: str) -> Layout:
    """Return how a text is cut into cells.

    Looks at its beginning only, and at the length of its lines before any cell is made.

    Raises:
        DataError: more columns or cells than are possible.
    """
    lines = _first_lines(text)
    before, said, comment = _before_table(lines, options)
    sample = lines[before:]
    mark = SEPARATORS.get(options.separator) or said or _likely(sample, options)
    mark = mark or sniff_separator(sample)
    _check_first_line(text, before, mark, place)
    rows = _rows(sample, mark)
    width = _usual_width([row for row, _ in rows])
    titles, names = (0, ()) if options.skipped is not None else _titles(rows, width)
    if not titles and not names:
        names = _names_in_comment(comment, mark, rows, width)
    at = rows[titles][1] if titles else 0
    skipped = before + (rows[titles - 1][1] if names and titles else at)
    first = len(rows[titles][0]) if titles < len(rows) else width
    start = _start_of(text, before + at)
    width = max(width, first)
    _check_size(text, start, width, place)
    notes = () if options.skipped is not None else _lead_notes(lines[:skipped], names, comment)
    return Layout(start, before + at, mark, width, names, notes)


def _first_lines(text: str) -> list[str]:
    """Lines to judge by: some whole ones, or the beginning of one that is very long."""
    end = SNIFFED
    for _ in range(_FEWEST_LINES):
        end = (
            max(end, text.find("\n", end) + 1) if text.count("\n", 0, end) < _FEWEST_LINES else end
        )
    end = min(end, _MOST_SNIFFED)
    cut = text.rfind("\n", 0, end) + 1 if len(text) > end else 0
    return text[: cut or end].split("\n")


def sniff_separator(lines: Sequence[str]) -> str:
    """Return the separator that gives most rows the same number of cells, at least two.

    Where several do, it is the one that leaves numbers and dates whole.
    """
    best, best_score = ",", (0.0, 0)
    for mark in SEPARATORS.values():
        rows = [row for row, _ in _rows(lines, mark)]
        width = _usual_width(rows)
        if width < 2:
            continue
        alike = [row for row in rows if len(row) == width]
        share = len(alike) / len(rows)
        valued, torn = _shares(alike[:200], mark)
        if mark == " " and (valued < 0.5 or share < 0.9):
            continue  # prose has blanks as well
        score = (round(share * (0.25 + valued - 0.5 * torn), 3), width)
        if score > best_score:
            best, best_score = mark, score
    return best


def _shares(rows: Sequence[Sequence[str]], mark: str) -> tuple[float, float]:
    """Which share of the columns holds numbers and dates, and which holds torn cells."""
    others = [each for each in SEPARATORS.values() if each not in (mark, " ")]
    body = rows[1:] if len(rows) > 1 else rows
    valued = torn = 0
    for column in zip(*body, strict=True):
        cells = [cell.strip() for cell in column if cell.strip()]
        values = sum(map(is_value, cells))
        valued += bool(cells) and values >= 0.8 * len(cells)
        other = sum(any(each in cell for each in others) and not is_value(cell) for cell in cells)
        torn += bool(cells) and other >= 0.5 * len(cells)
    width = len(rows[0])
    return valued / width, torn / width


def read_rows(lines: Iterable[str], mark: str) -> Iterable[list[str]]:
    """Return the rows of lines, for any separator.

    Raises:
        csv.Error: a quotation mark is never closed, or stands in a wrong place.
    """
    if mark == " ":
        plain = (line.replace("\t", " ").strip(" ") for line in lines)
        return csv.reader(plain, delimiter=" ", skipinitialspace=True)
    return csv.reader(lines, delimiter=mark, skipinitialspace=mark != "\t")


def _rows(lines: Sequence[str], mark: str) -> list[_Row]:
    """Rows that are not blank, with the number of lines before them."""
    reader, rows, at = read_rows([f"{line}\n" for line in lines], mark), [], 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((row, at))
            at = reader.line_num  # type: ignore[attr-defined]
    except csv.Error:
        return rows
    return rows


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    if not rows:
        return 1
    return Counter(len(row) for row in rows).most_common(1)[0][0]


def _before_table(lines: Sequence[str], options: ReadingOptions) -> tuple[int, str, str]:
    """How many lines stand before the first row, the separator they name, the last comment."""
    if options.skipped is not None:
        return min(options.skipped, len(lines)), "", ""
    said = comment = ""
    for number, line in enumerate(lines):
        plain = line.strip()
        if not plain:
            continue
        found = _SEP_LINE.fullmatch(plain)
        if found and not said:
            said = "\t" if found[1] == "t" and "\t" in line else found[1]
        elif plain.startswith("#") and any(
            each.strip() and not each.startswith("#") for each in lines[number + 1 :]
        ):
            comment = plain
        else:
            return number, said, comment
    return 0, said, ""


def _likely(lines: Sequence[str], options: ReadingOptions) -> str:
    """The separator of the file that the model was trained on, where it separates here too."""
    if options.likely is None:
        return ""
    mark = options.likely.separator
    rows = [row for row, _ in _rows(lines[:200], mark)]
    alike = sum(len(row) == _usual_width(rows) for row in rows)
    fits = _usual_width(rows) > 1 and alike >= 0.9 * len(rows)
    return mark if fits and len(mark) == 1 else ""


def _titles(rows: Sequence[_Row], width: int) -> tuple[int, tuple[str, ...]]:
    """How many rows are no part of the table, and the names that the last of them may hold."""
    alike = sum(len(row) == width for row, _ in rows)
    if width < 2 or alike < _AGREE * len(rows):
        return 0, ()
    found = 0
    for row, _ in rows[:_MOST_SKIPPED]:
        if len(row) >= width and not (width > 2 and _is_padded(row)):
            break
        found += 1
    if found == len(rows) or not found:
        return 0, ()
    body = [row for row, _ in rows[found : found + 200]]
    last = [cell.strip() for cell in rows[found - 1][0]]
    is_short_header = (
        len(last) == width - 1 > 1
        and all(last)
        and not any(map(is_value, last))
        and not _names_itself(body, width)
    )
    return found, tuple(last) if is_short_header else ()


def _is_padded(row: Sequence[str]) -> bool:
    """Whether only the first cell of a row holds something, and that no value."""
    return (
        bool(row[0].strip()) and not any(cell.strip() for cell in row[1:]) and not is_value(row[0])
    )


def _names_itself(body: Sequence[Sequence[str]], width: int) -> bool:
    """Whether the first of some rows is a header."""
    rows = [[cell.strip() or None for cell in row] for row in body if len(row) == width]
    if len(rows) < 2:
        return False
    return judge_header(rows[0], list(zip(*rows[1:], strict=True)))[0]


def _names_in_comment(comment: str, mark: str, rows: Sequence[_Row], width: int) -> tuple[str, ...]:
    """The names in a comment above a table that has none of its own, as NumPy writes it."""
    if not comment or width < 2:
        return ()
    if _names_itself([row for row, _ in rows[:200]], width):
        return ()
    for line in (comment.lstrip("# \t"), comment):
        names = [cell.strip() for cell in next(iter(read_rows([line], mark)), [])]
        if len(names) == width and all(names) and not any(map(is_value, names)):
            return tuple(names)
    return ()


def _lead_notes(lines: Sequence[str], names: tuple[str, ...], comment: str) -> tuple[str, ...]:
    said = [
        line.strip() for line in lines if line.strip() and not _SEP_LINE.fullmatch(line.strip())
    ]
    if names and comment and said and said[-1] == comment:
        said = said[:-1]
    if not said:
        return ()
    many = f"{len(said):,} lines" if len(said) > 1 else "1 line"
    return (
        f"Skipped {many} before the table: {quoted(said)}. If that is wrong, set Lines to skip.",
    )


def _start_of(text: str, lines: int) -> int:
    at = 0
    for _ in range(lines):
        at = text.find("\n", at) + 1
        if not at:
            return len(text)
    return at


def _check_first_line(text: str, before: int, mark: str, place: str) -> None:
    """Refuse too many columns before a cell is made."""
    start = _start_of(text, before)
    end = text.find("\n", start)
    end = end if end >= 0 else len(text)
    if mark == " ":
        # One by one: a list of all cells is what must not be made.
        width = sum(1 for _ in re.finditer(r"\S+", text[start:end]))
    else:
        width = text.count(mark, start, end) + 1
    _check_width(width, place)


def _check_width(width: int, place: str) -> None:
    if width > MAX_COLUMNS:
        raise DataError(
            f"{place} has {width:,} columns; at most {MAX_COLUMNS:,} are possible.",
            "Check the separator, or save fewer columns.",
        )


def _check_size(text: str, start: int, width: int, place: str) -> None:
    _check_width(width, place)
    cells = width * (text.count("\n", start) + 1)
    if cells > MAX_CELLS:
        raise DataError(
            f"{place} has {cells:,} cells; at most {MAX_CELLS:,} are possible.",
            "Check the separator, or save fewer columns or rows.",
        )
