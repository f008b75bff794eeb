"""Text files of cells: from bytes to cells with column names."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.encodings import decode
from engine.data.headers import judge_header, looks_missing
from engine.data.layout import (
    MAX_CELLS,
    MAX_COLUMNS,
    SNIFFED,
    Layout,
    find_layout,
    read_rows,
)
from engine.data.samples import check_size
from engine.data.targets import MAX_NAME
from engine.data.text_reading import ReadingOptions, quoted
from engine.errors import DataError
from engine.reading import read_file

if TYPE_CHECKING:
    import polars as pl

MAX_FILE_BYTES = 2**29
GZIP_MARK = b"\x1f\x8b"
_BINARY = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"PK\x03\x04": "a ZIP archive or an Excel file",
    GZIP_MARK: "a gzip archive in a gzip archive",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
}
ROW_NAMES = "row_name"
_JUDGED, _JUDGED_CELLS = 200, 200_000
"""How many rows, and cells in all, are looked at for the header."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a table as text.

    Attributes:
        frame: one String column per column, without surrounding blanks; null where empty.
        rows: where each row stands in the file, counted from 1 with what stands before it.
        separator: the character between two cells; "" where the file is no text.
        header: whether the names come from the file.
        notes: what was guessed.
    """

    frame: pl.DataFrame
    rows: pl.Series
    place: str
    encoding: str = "utf-8"
    separator: str = ""
    header: bool = True
    notes: tuple[str, ...] = ()

    def place_of(self, i: int) -> str:
        """Return where row ``i`` stands, in words: ``iris.csv, row 17``."""
        return f"{self.place}, row {int(self.rows[i])}"

    def filter(self, chosen: pl.Series) -> Cells:
        """Return some of the rows."""
        return replace(self, frame=self.frame.filter(chosen), rows=self.rows.filter(chosen))


def read_cells(path: Path, options: ReadingOptions | None = None) -> Cells:
    """Read a CSV or TSV file, packed by gzip or not, or a Parquet file.

    Raises:
        DataError: no file, too large, empty, no text, or a row with too many cells.
    """
    options = options or ReadingOptions()
    data = read_file(path, MAX_FILE_BYTES)
    if data[:4] == b"PAR1":
        return _parquet(data, path.name)
    if data[:2] == GZIP_MARK:
        data = unpacked(data, path.name)
    _check_kind(data, path.name)
    likely = options.likely.encoding if options.likely else ""
    text, encoding, notes = decode(data, path.name, options.encoding, likely)
    layout = find_layout(text, options, path.name)
    frame = _parse(text, layout, path.name)
    cells = _named(frame, layout, options, path.name)
    return replace(
        cells,
        encoding=encoding,
        separator=layout.separator,
        notes=(*notes, *layout.notes, *cells.notes),
    )


def unpacked(data: bytes, place: str) -> bytes:
    """Return what a gzip file holds, if that is not too much.

    Raises:
        DataError: damaged, or larger than a table may be.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            # Never more than is allowed: a small file can stand for endless repetition.
            plain = file.read(MAX_FILE_BYTES + 1)
    except (EOFError, zlib.error, OSError) as error:
        raise DataError(
            f"{place} is truncated or damaged.", "Download or copy the file again."
        ) from error
    if len(plain) > MAX_FILE_BYTES:
        raise DataError(
            f"{place} holds more than {MAX_FILE_BYTES / 2**20:,.0f} MB when unpacked.",
            "Split the file, or save fewer columns.",
        )
    return plain


def _check_kind(data: bytes, place: str) -> None:
    if not data.strip():
        raise DataError(f"{place} is empty.", "Choose a file with a header and rows.")
    for mark, what in _BINARY.items():
        if data.startswith(mark):
            raise DataError(f"{place} is {what}, not a table of text.", "Save it as CSV.")


def _parse(text: str, layout: Layout, place: str) -> pl.DataFrame:
    import polars as pl

    body, mark = text[layout.start :], layout.separator
    try:
        if mark == " ":
            body, mark = _with_tabs(body), "\t"
        elif _has_quotes_after_blanks(body, mark):
            body = _rewritten(body, mark, mark)
        # A first line of our own says how many cells there are, however long the others are.
        names = mark.join(map(str, range(layout.width)))
        return pl.read_csv(f"{names}\n{body}".encode(), infer_schema=False, separator=mark)
    except (pl.exceptions.PolarsError, csv.Error) as error:
        raise _complaint(text, layout, place) from error


def _with_tabs(body: str) -> str:
    """Text whose cells are separated by blanks, with tabs instead."""
    if '"' in body:
        return _rewritten(body, " ", "\t")
    return re.sub(r"[ \t]+", "\t", re.sub(r"^[ \t]+|[ \t]+$", "", body, flags=re.MULTILINE))


def _has_quotes_after_blanks(body: str, mark: str) -> bool:
    if mark == "\t" or '"' not in body:
        return False
    return re.search(rf'(?:^|{re.escape(mark)}) +"(?!")', body, re.MULTILINE) is not None


def _rewritten(body: str, mark: str, new: str) -> str:
    """The same cells, spelled so that quotation marks stand right after separators."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=new, lineterminator="\n")
    writer.writerows(read_rows(io.StringIO(body), mark))
    return written.getvalue()


def _is_prose(text: str, mark: str) -> bool:
    """Whether there are many lines and no number of cells that most of them have."""
    try:
        widths = [len(row) for row in read_rows(io.StringIO(text[:SNIFFED]), mark)]
    except csv.Error:
        return False
    many = [width for width in widths if width]
    return len(many) > 20 and Counter(many).most_common(1)[0][1] < 0.6 * len(many)


def _complaint(text: str, layout: Layout, place: str) -> DataError:
    """Which row cannot be read, found by reading again row by row."""
    if _is_prose(text, layout.separator):
        return DataError(
            f"{place} holds running text, not a table: its rows have different numbers of cells.",
            "Choose a file with the same columns in every row, or choose the separator.",
        )
    number = layout.skipped
    rows = csv.reader(io.StringIO(text[layout.start :]), delimiter=layout.separator, strict=True)
    try:
        for number, row in enumerate(rows, layout.skipped + 1):
            if len(row) > layout.width:
                return DataError(
                    f"{place}, row {number} has {len(row)} cells; "
                    f"the first row has {layout.width}.",
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
        count = int(scan.select(pl.len()).collect().item())
        if width > MAX_COLUMNS or width * count > MAX_CELLS:
            raise DataError(
                f"{place} has {width:,} columns and {count:,} rows; "
                f"at most {MAX_COLUMNS:,} columns and {MAX_CELLS:,} cells are possible.",
                "Save fewer columns or rows.",
            )
        check_size(width * count, place)
        frame = scan.collect()
        frame = frame.select(pl.all().cast(pl.String))
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"{place} is damaged, or holds lists or records in a cell.",
            "Save it again with one plain value in each cell.",
        ) from error
    return _cleaned(Cells(frame, _numbered(frame, 1), place))


def _named(frame: pl.DataFrame, layout: Layout, options: ReadingOptions, place: str) -> Cells:
    """The cells with the names of their columns, from the header where there is one."""
    notes: tuple[str, ...] = ()
    names: list[str | None]
    if layout.names:
        names, frame, notes = _names_above(frame, layout.names)
        named, is_first = True, False
    else:
        first, named, why = _first_row(frame, options)
        is_first = named
        names = first if named else [None] * frame.width
        notes = _header_notes(first, named, why, options)
    row = layout.skipped + (2 if is_first else 1)
    frame = frame[1:] if is_first else frame
    frame.columns = unique_names(names)
    return _cleaned(Cells(frame, _numbered(frame, row), place, header=named, notes=notes))


def _names_above(
    frame: pl.DataFrame, above: tuple[str, ...]
) -> tuple[list[str | None], pl.DataFrame, tuple[str, ...]]:
    """Names that stand above the rows; one fewer than cells where rows have names of their own."""
    if len(above) == frame.width:
        return list(above), frame, ()
    last = frame.to_series(frame.width - 1)
    if not last.drop_nulls().str.strip_chars().str.len_bytes().sum():
        return list(above), frame[:, :-1], ()  # each row ends in a separator
    note = (
        f"The header has one name fewer than the rows have cells, so the first cell of each "
        f"is taken as the row's name ({ROW_NAMES})."
    )
    return [ROW_NAMES, *above], frame, (note,)


def _first_row(frame: pl.DataFrame, options: ReadingOptions) -> tuple[list[str | None], bool, str]:
    """The cells of the first row, whether they are names, and why."""
    import polars as pl

    count = min(_JUDGED, max(20, _JUDGED_CELLS // frame.width))
    plain = frame.head(count).with_columns(pl.all().str.strip_chars())
    empty: list[str | None] = [None] * frame.width
    first = [cell or None for cell in plain.row(0)] if plain.height else empty
    if options.header != "auto":
        return first, options.header == "yes", ""
    if not plain.height:
        return first, False, ""
    below = [[c or None for c in column.to_list()] for column in plain[1:].iter_columns()]
    return first, *judge_header(first, below)


def _header_notes(
    first: list[str | None], named: bool, why: str, options: ReadingOptions
) -> tuple[str, ...]:
    if options.header != "auto" or options.likely:
        return ()
    if named and why:
        shown = quoted([cell for cell in first if cell])
        return (
            f"The first row ({shown}) is read as names: {why}. If that is wrong, set Header to no.",
        )
    if not named and sum(not looks_missing(cell) for cell in first) > 0:
        return (
            "The file seems to have no header; its columns are called column_1, column_2 and "
            "so on. If the first row has names, set Header to yes.",
        )
    return ()


def unique_names(names: list[str | None]) -> list[str]:
    """Column names with ``column_3`` for an empty one and ``a_2`` for a second ``a``."""
    given: list[str] = []
    taken: set[str] = set()
    copies: Counter[str] = Counter()
    for i, name in enumerate(names, 1):
        base = name[:MAX_NAME] if name else f"column_{i}"
        unique = base
        while unique in taken:
            # Counted per name: looking from 2 again would take minutes for thousands of equals.
            copies[base] += 1
            unique = f"{base}_{copies[base] + 1}"
        taken.add(unique)
        given.append(unique)
    return given


def _numbered(frame: pl.DataFrame, first: int) -> pl.Series:
    import polars as pl

    return pl.int_range(first, first + frame.height, eager=True).alias("row")


def _cleaned(cells: Cells) -> Cells:
    """Cells without surrounding blanks, empty ones as null, empty rows left out."""
    import polars as pl

    stripped = pl.all().str.strip_chars()
    frame = cells.frame.with_columns(pl.when(stripped != "").then(stripped).name.keep())
    there = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    if not there.any():
        raise DataError(f"{cells.place} has no rows below its header.", "Choose a file with rows.")
    cells = replace(cells, frame=frame)
    return cells if there.all() else cells.filter(there)
