"""What is written in any usual way is read back, and read in the same way for predicting."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.data import DataSetup, prepare
from engine.data.inputs import inputs_of
from engine.data.sources import CsvFile
from engine.errors import EngineError

QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MARKS = st.sampled_from([
    (".", ""), (".", ","), (",", ""), (",", "."), (".", " "), (",", "\u00a0"), (".", "'"),
])  # fmt: skip
NUMBERS = st.lists(
    st.integers(-(10**9), 10**9).map(lambda i: i / 100), min_size=12, max_size=30, unique=True
)
LEAD = st.sampled_from(["", "\n", "# a comment\n", "Report\n", "Report 2024\n\n"])


def spelled(value: float, decimal: str, thousands: str) -> str:
    text = f"{value:,.2f}"
    return text.replace(",", "T").replace(".", decimal).replace("T", thousands)


@QUICK
@given(
    values=NUMBERS,
    marks=MARKS,
    separator=st.sampled_from(",;\t|"),
    lead=LEAD,
    sign=st.sampled_from(["", "%", " €"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_numbers_are_read_back(
    values: list[float],
    marks: tuple[str, str],
    separator: str,
    lead: str,
    sign: str,
    encoding: str,
    end: str,
    tmp_path: Path,
) -> None:
    cells = [spelled(value, *marks) + sign for value in values]
    rows = [["v", "other", "kind"]]
    rows += [[cell, str(i * 7 % 5 + 0.5), "ab"[i // 3 % 2]] for i, cell in enumerate(cells)]
    if marks[0] == ",":
        rows = [
            [each.replace(".", ",") if j == 1 else each for j, each in enumerate(r)] for r in rows
        ]
    with (tmp_path / "t.csv").open("w", encoding=encoding, newline="") as file:
        file.write(lead.replace("\n", end))
        csv.writer(file, delimiter=separator, lineterminator=end).writerows(rows)
    samples = CsvFile(path="t.csv").load(tmp_path)
    assert samples.file_columns == ("v", "other", "kind")
    assert samples.frame["v"].to_list() == values
    assert samples.rows is not None
    assert samples.rows[0] == lead.count("\n") + 2


@QUICK
@given(
    days=st.lists(
        st.dates(datetime.date(1970, 1, 1), datetime.date(2060, 12, 31)),
        min_size=12,
        max_size=30,
        unique=True,
    ),
    order=st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%Y%m%d"]),
)
def test_dates_are_read_back(days: list[datetime.date], order: str, tmp_path: Path) -> None:
    assume(any(day.day > 12 for day in days))
    rows = [f"{day.strftime(order)},{i * 7 % 5},{'ab'[i // 3 % 2]}" for i, day in enumerate(days)]
    (tmp_path / "t.csv").write_text("\n".join(["day,size,kind", *rows]))
    samples = CsvFile(path="t.csv", kept=("day",)).load(tmp_path)
    starts = [datetime.date(day.year, 1, 1) for day in days]
    lengths = [366 if day.year % 4 == 0 else 365 for day in days]
    years = [d.year + (d - s).days / n for d, s, n in zip(days, starts, lengths, strict=True)]
    np.testing.assert_allclose(samples.frame["day"].to_numpy(), years, rtol=0, atol=1e-9)


CELL = st.one_of(
    st.sampled_from(["", "1", "2.5", "1,5", "1,250", "NA", "-", "yes", "no", "2024-01-31", "3%"]),
    st.sampled_from(["red", "blue", "01", "1/2/2024", "13/2/2024", "\u22125", "None", "t", "f"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6),
)


@settings(QUICK, max_examples=150)
@given(
    columns=st.lists(
        st.one_of(
            st.lists(CELL, min_size=16, max_size=16),
            st.lists(CELL, min_size=1, max_size=3).map(lambda few: [*few * 16][:16]),
            st.lists(st.integers(0, 3000).map("{:,}".format), min_size=16, max_size=16),
            st.lists(st.floats(-9, 9).map("{:.3f}".format), min_size=16, max_size=16),
        ),
        min_size=1,
        max_size=4,
    ),
    separator=st.sampled_from(",;\t"),
    header=st.booleans(),
)
def test_the_training_file_is_read_in_the_same_way_for_predicting(
    columns: list[list[str]], separator: str, header: bool, tmp_path: Path
) -> None:
    names = [f"name {i}" for i in range(len(columns))]
    columns.append(["ab"[i // 2 % 2] for i in range(16)])
    rows = [list(row) for row in zip(*columns, strict=True)]
    with (tmp_path / "t.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=separator, lineterminator="\n")
        writer.writerows([[*names, "kind"], *rows] if header else rows)
    try:
        data = prepare(DataSetup(source=CsvFile(path="t.csv")), tmp_path)
    except EngineError:
        return
    saved = type(data.preprocessing).parse(data.preprocessing.to_json())
    read = inputs_of(tmp_path / "t.csv", saved)
    assert data.samples.rows is not None
    assert read.cells is not None
    places = {row: i for i, row in enumerate(read.cells.rows.to_list())}
    for part in ("train", "validation", "test"):
        at = [places[row] for row in data.samples.rows[data.indices[part]].tolist()]
        np.testing.assert_array_equal(read.x[at], data.part(part).x)
