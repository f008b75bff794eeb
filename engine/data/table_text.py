"""Text files of cells: encoding, separator, header, and the cells themselves."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from engine.data.cells import MISSING, is_missing, to_number
from engine.data.samples import check_size
from engine.data.targets import MAX_NAME
from engine.errors import DataError

if TYPE_CHECKING:
    import polars as pl

Header = Literal["auto", "yes", "no"]
Separator = Literal["auto", "comma", "semicolon", "tab", "bar"]

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
MAX_FILE_BYTES = 2**29
MAX_COLUMNS = 10_000
GZIP_MARK = b"\x1f\x8b"
_SNIFFED = 2**16
_BINARY = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"PK\x03\x04": "a ZIP archive or an Excel file",
    GZIP_MARK: "a gzip archive in a gzip archive",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
}


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a table as text.

    Attributes:
        frame: one String column per column; null where a cell is missing.
        rows: where each row stands in the file, counted from 1 with the header.
    """

    frame: pl.DataFrame
    rows: pl.Series
    place: str


def read_cells(path: Path, header: Header = "auto", separator: Separator = "auto") -> Cells:
    """Read a CSV or TSV file, packed by gzip or not, or a Parquet file.

    Raises:
        DataError: too large, empty, no text, or a row with too many cells.
    """
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise DataError(
            f"{path.name} has {size / 2**20:,.0f} MB; "
            f"at most {MAX_FILE_BYTES / 2**20:,.0f} MB are possible.",
            "Split the file, or save fewer columns.",
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path.name} cannot be read: {error.strerror}.", "Choose another file."
        ) from error
    if data[:4] == b"PAR1":
        return _parquet(data, path.name)
    if data[:2] == GZIP_MARK:
        data = unpacked(data, path.name)
    text = decode(data, path.name)
    mark = SEPARATORS.get(separator) or sniff_separator(text)
    frame = _parse(text, mark, path.name)
    return _named(frame, header, path.name)


def unpacked(data: bytes, place: str) -> bytes:
    """What a gzip file holds, if that is not too much.

    Raises:
        DataError: damaged, or larger than a table may be.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            # Never more than is allowed: a small file can stand for endless repetition.
            plain = file.read(MAX_FILE_BYTES + 1)
    except (EOFError, zlib.error, OSError) as error:
        raise DataError(f"{place} ends too early or is damaged.", "Get the file again.") from error
    if len(plain) > MAX_FILE_BYTES:
        raise DataError(
            f"{place} holds more than {MAX_FILE_BYTES / 2**20:,.0f} MB when unpacked.",
            "Split the file, or save fewer columns.",
        )
    return plain


def decode(data: bytes, place: str) -> str:
    """Bytes of a text file as text, in UTF-8, UTF-16 with its mark, or Windows-1252.

    Raises:
        DataError: empty, or not text.
    """
    if not data.strip():
        raise DataError(f"{place} is empty.", "Choose a file with a header and rows.")
    for mark, what in _BINARY.items():
        if data.startswith(mark):
            raise DataError(f"{place} is {what}, not a table of text.", "Save it as CSV.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    odd = sum(not (each.isprintable() or each in "\t\r\n\ufeff") for each in text[:_SNIFFED])
    if "\0" in text or odd > len(text[:_SNIFFED]) // 50:
        raise DataError(f"{place} is not a text file.", "Choose a CSV file.")
    if not text.strip():
        raise DataError(f"{place} is empty.", "Choose a file with a header and rows.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def sniff_separator(text: str) -> str:
    """The separator that gives most rows the same number of cells, at least two."""
    lines = text[:_SNIFFED].splitlines(keepends=True)
    # The last line may be cut.
    sample = lines[:-1] if len(text) > _SNIFFED and len(lines) > 1 else lines
    best, best_score = ",", (0.0, 0)
    for mark in SEPARATORS.values():
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=mark) if row]
        except csv.Error:
            continue
        width, count = Counter(widths).most_common(1)[0] if widths else (1, 0)
        score = (count / max(1, len(widths)), width)
        if width > 1 and score > best_score:
            best, best_score = mark, score
    return best


def has_header(first: list[str | None], columns: list[list[str | None]]) -> bool:
    """Whether a first row names columns: all text, and not a value found below it.

    Args:
        columns: some cells below the first row, by column.
    """
    cells = [cell for cell in first if cell is not None]
    if not cells or any(to_number(cell) is not None for cell in cells):
        return False
    for below in columns:
        known = [each for each in below if each is not None]
        if known and all(to_number(each) is not None for each in known):
            return True
    return not any(cell in below for cell, below in zip(first, columns, strict=True) if cell)


def _parse(text: str, mark: str, place: str) -> pl.DataFrame:
    import polars as pl

    try:
        return pl.read_csv(
            text.encode(),
            has_header=False,
            infer_schema=False,
            separator=mark,
        )
    except pl.exceptions.PolarsError as error:
        raise _complaint(text, mark, place) from error


def _is_prose(text: str, mark: str) -> bool:
    """Whether there are many lines and no number of cells that most of them have."""
    try:
        widths = [len(row) for row in csv.reader(io.StringIO(text[:_SNIFFED]), delimiter=mark)]
    except csv.Error:
        return False
    many = [width for width in widths if width]
    return len(many) > 20 and Counter(many).most_common(1)[0][1] < 0.6 * len(many)


def _complaint(text: str, mark: str, place: str) -> DataError:
    """Which row cannot be read, found by reading again row by row."""
    if _is_prose(text, mark):
        return DataError(
            f"{place} holds running text, not a table: its rows have different numbers of cells.",
            "Choose a file with the same columns in every row, or choose the separator.",
        )
    width = number = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=mark, strict=True), 1):
            width = width or len(row)
            if len(row) > width:
                return DataError(
                    f"{place}, row {number} has {len(row)} cells; the first row has {width}.",
                    "Put quotes around a cell that holds the separator, or correct the row.",
                )
    except csv.Error as error:
        return DataError(
            f"{place}, row {number + 1} cannot be read: {error}.",
            "Look for a quotation mark that is never closed.",
        )
    return DataError(
        f"{place} cannot be read as a table.",
        "Look for a quotation mark that is never closed, or choose the separator.",
    )


def _parquet(data: bytes, place: str) -> Cells:
    import polars as pl

    try:
        # The size comes first: a small file can stand for endless repetition.
        scan = pl.scan_parquet(io.BytesIO(data))
        width = len(scan.collect_schema())
        check_size(width * int(scan.select(pl.len()).collect().item()), place)
        frame = scan.collect()
        frame = frame.select(pl.all().cast(pl.String))
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"{place} is damaged, or holds lists or records in a cell.",
            "Save it again with one plain value in each cell.",
        ) from error
    return _cleaned(frame, 1, place)


def _named(frame: pl.DataFrame, header: Header, place: str) -> Cells:
    import polars as pl

    if frame.width > MAX_COLUMNS:
        raise DataError(
            f"{place} has {frame.width:,} columns; at most {MAX_COLUMNS:,} are possible.",
            "Check the separator, or save fewer columns.",
        )
    plain = frame.head(200).with_columns(pl.all().str.strip_chars())
    first = [None if is_missing(cell) else cell for cell in plain.row(0)]
    below = [
        [None if is_missing(c) else c for c in plain[1:].to_series(i)] for i in range(frame.width)
    ]
    named = header == "yes" or (header == "auto" and has_header(first, below))
    names: list[str | None] = first if named else [None] * frame.width
    frame = frame[1:] if named else frame
    frame.columns = unique_names(names)
    return _cleaned(frame, 2 if named else 1, place)


def unique_names(names: list[str | None]) -> list[str]:
    """Column names with ``column_3`` for an empty one and ``a_2`` for a second ``a``."""
    given: list[str] = []
    taken: set[str] = set()
    for i, name in enumerate(names, 1):
        base = name[:MAX_NAME] if name else f"column_{i}"
        unique, copy = base, 2
        while unique in taken:
            unique, copy = f"{base}_{copy}", copy + 1
        taken.add(unique)
        given.append(unique)
    return given


def _cleaned(frame: pl.DataFrame, first_row: int, place: str) -> Cells:
    """Cells without surrounding blanks, missing ones as null, empty rows left out."""
    import polars as pl

    stripped = pl.all().str.strip_chars()
    frame = frame.with_columns(
        pl.when(stripped.is_in(MISSING)).then(None).otherwise(stripped).name.keep()
    )
    rows = pl.Series("row", range(first_row, first_row + frame.height), dtype=pl.Int64)
    there = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    frame, rows = frame.filter(there), rows.filter(there)
    if not frame.height:
        raise DataError(f"{place} has no rows below its header.", "Choose a file with rows.")
    return Cells(frame, rows, place)
