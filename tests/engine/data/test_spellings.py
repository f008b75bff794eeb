"""Numbers, dates, truth values and words for "no value" as foreign files spell them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.data import DataSetup, prepare
from engine.data.dates import parse_dates
from engine.data.samples import Samples
from engine.data.sources import CsvFile
from engine.data.text_reading import DateOrder
from engine.errors import DataError


def load(folder: Path, content: str, **settings: object) -> Samples:
    (folder / "t.csv").write_text(content, encoding="utf-8")
    return CsvFile.parse({"path": "t.csv", **settings}).load(folder)


def column(cells: Sequence[str], mark: str = ";", other: Sequence[str] = ()) -> str:
    """A table with one column of interest, ``v``, and two more."""
    rows = [
        mark.join([cell, other[i % len(other)] if other else str(i * 3 % 7), "ab"[i // 3 % 2]])
        for i, cell in enumerate(cells)
    ]
    return "\n".join([mark.join(["v", "size", "kind"]), *rows]) + "\n"


def test_thousands_marks_are_judged_by_the_whole_column(tmp_path: Path) -> None:
    cells = ['"950"', '"1,251"', '"12,502"', '"783"'] * 10
    samples = load(tmp_path, column(cells, ","))
    assert samples.frame["v"].to_list()[:4] == [950, 1251, 12502, 783]
    (note,) = samples.notes
    assert "“1,251”" in note or "“12,502”" in note
    assert "set Decimal mark" in note
    set_otherwise = load(tmp_path, column(cells, ","), decimal="comma")
    assert set_otherwise.frame["v"].to_list()[:4] == [950, 1.251, 12.502, 783]


@pytest.mark.parametrize(
    ("cells", "mark", "values"),
    [
        (["1,000", "1,037"], "\t", [1000, 1037]),
        (["1,5", "2,251"], ";", [1.5, 2.251]),
        (["1.251,5", "2.000,0"], ";", [1251.5, 2000]),
        (["1 000", "12 037,5"], ";", [1000, 12037.5]),
        (["1\u00a0000", "1\u202f037"], ";", [1000, 1037]),
        (["1000'000.50", "1’000.25"], ",", [1000000.5, 1000.25]),
        (["1,00,000", "2,50,000"], ";", [100000, 250000]),
        (["1,234,567", "2"], ";", [1234567, 2]),
        (["-1,250", "+2,500"], "\t", [-1250, 2500]),
        (["−0.5", "3.5"], ",", [-0.5, 3.5]),
        (["(2.5)", "4.5"], ",", [-2.5, 4.5]),
        (["2.5%", "0%"], ",", [2.5, 0]),
        (["$1,200.50", "-$3.25"], ";", [1200.5, -3.25]),
        (["5 €", "6,50 €"], ";", [5, 6.5]),
        (["1.5 kg", "2 kg", "3.25 kg"], ",", [1.5, 2, 3.25]),
        (["CHF 1'000.50", "CHF 3"], ",", [1000.5, 3]),
        ([".5", "5."], ",", [0.5, 5]),
        (["1e3", "2.5E-1"], ",", [1000, 0.25]),
        (["1.251", "2.503"], ",", [1.251, 2.503]),
    ],
)
def test_numbers(tmp_path: Path, cells: list[str], mark: str, values: list[float]) -> None:
    quoted = [f'"{cell}"' for cell in cells] * 12
    samples = load(tmp_path, column(quoted, mark))
    assert samples.frame["v"].to_list()[: len(values)] == values


@pytest.mark.parametrize("cells", [["A1", "A2", "B1"], ["1st", "2nd", "3rd"], ["$5", "€5", "£5"]])
def test_codes_are_no_numbers(tmp_path: Path, cells: list[str]) -> None:
    samples = load(tmp_path, column(cells * 10))
    assert samples.columns[0].kind == "category"


def test_an_ambiguous_mark_follows_what_another_column_proves(tmp_path: Path) -> None:
    cells = ["1,251", "2,500"] * 10
    assert load(tmp_path, column(cells, "\t", ["0,5", "1,25"])).frame["v"][0] == 1.251
    assert load(tmp_path, column(cells, ";", ["0.5", "1.25"])).frame["v"][0] == 1251
    pointed = ["1.251", "2.500"] * 10
    samples = load(tmp_path, column(pointed, "\t", ["0,5", "1,25"]))
    assert samples.frame["v"][0] == 1251
    assert any("thousands mark" in note for note in samples.notes)


def test_a_cell_that_does_not_fit_its_column_is_named(tmp_path: Path) -> None:
    cells = ["1,250", "12,500"] * 20 + ["1,250,00"]
    with pytest.raises(DataError, match=r"row 42, column 'v' holds '1,250,00'"):
        load(tmp_path, column(cells, "\t"))


def test_a_column_can_be_read_as_categories_or_numbers(tmp_path: Path) -> None:
    content = column(["1", "2", "3"] * 10)
    assert load(tmp_path, content, categories=["v"]).columns[0].kind == "category"
    words = ["1.5", "2.5", "3.5", "what"] * 5
    assert load(tmp_path, column(words)).columns[0].kind == "category"
    with pytest.raises(DataError, match=r"row 5, column 'v' holds 'what'"):
        load(tmp_path, column(words), numbers=["v"])
    read = load(tmp_path, column(words), numbers=["v"], missing=["what"])
    assert read.frame["v"].null_count() == 5
    with pytest.raises(DataError, match=r"column 'v' holds no numbers, but is listed"):
        load(tmp_path, column(["p", "q"] * 9), numbers=["v"])


def test_one_order_of_dates_in_a_column(tmp_path: Path) -> None:
    days = [f"{month:02}/{day:02}/2024" for month in range(1, 6) for day in (1, 7, 13)]
    samples = load(tmp_path, column(days), kept=["v"])
    values = samples.frame["v"].to_numpy()
    assert (np.diff(values) > 0).all()
    assert not any("would be possible" in note for note in samples.notes)


def test_an_ambiguous_order_of_dates_is_said_and_can_be_set(tmp_path: Path) -> None:
    days = ["01/02/2024", "03/04/2024", "02/01/2024", "05/03/2024"] * 5
    samples = load(tmp_path, column(days), kept=["v"])
    assert samples.frame["v"][0] == pytest.approx(2024 + 31 / 366)  # 1 February
    assert any("the month first would be possible" in note for note in samples.notes)
    other = load(tmp_path, column(days), kept=["v"], dates="month_first")
    assert other.frame["v"][0] == pytest.approx(2024 + 1 / 366)  # 2 January
    # Where the file's own order decides, that is the order.
    rising = ["01/02/2024", "01/05/2024", "02/01/2024", "02/03/2024"]
    assert load(tmp_path, column(rising), kept=["v"]).frame["v"][0] == pytest.approx(2024 + 1 / 366)


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        ("1 Jan 2024", 2024.0),
        ("12-Mar-2024", 2024 + 71 / 366),
        ("Jan 5, 2024", 2024 + 4 / 366),
        ("May 2024", 2024 + 121 / 366),
        ("2024-01-01T12:00:00Z", 2024 + 0.5 / 366),
        ("2024-01-01 12:00:00+02:00", 2024 + (10 / 24) / 366),
        ("2/1/2024 6:00 PM", 2024 + 31.75 / 366),
        ("20240201", 2024 + 31 / 366),
        ("07/2023", 2023 + 181 / 365),
        ("1/2/99", 1999 + 1 / 365),
    ],
)
def test_spellings_of_dates(cell: str, year: float) -> None:
    order: DateOrder = "month_first" if "/" in cell else "day_first"
    assert parse_dates(pl.Series([cell]), order)[0] == pytest.approx(year, abs=1e-9)


@pytest.mark.parametrize("cell", ["2024-02-30", "31/31/2024", "red", "1-2", "2024-13-01", "1.2"])
def test_what_is_no_date(cell: str) -> None:
    assert parse_dates(pl.Series([cell]), "day_first")[0] is None


@pytest.mark.parametrize("pair", ["yes no", "t f", "true false", "y n", "ON off"])
def test_truth_values_are_words_that_belong_together(tmp_path: Path, pair: str) -> None:
    samples = load(tmp_path, column(pair.split() * 10))
    assert samples.columns[0].kind == "boolean"
    assert samples.frame["v"].to_list()[:2] == [True, False]


@pytest.mark.parametrize("pair", ["f n", "t y", "F N", "T Y", "t n"])
def test_other_words_stay_two_values(tmp_path: Path, pair: str) -> None:
    samples = load(tmp_path, column([pair.split()[i * 7 % 3 > 0] for i in range(60)]))
    assert samples.columns[0].kind == "category"
    assert samples.frame["v"].n_unique() == 2


WORDS = [
    "-", "--", ".", "<NA>", "#NA", "n.a.", "N.A.", "-nan", "1.#IND", "#DIV/0!", "#VALUE!",
    "(null)", "missing", "\\N", "NaT", "?", "NULL", "none", "unknown", "N/A",
]  # fmt: skip


@pytest.mark.parametrize("word", [*WORDS, "#N/A N/A", "not available"])
def test_words_for_missing_among_numbers(tmp_path: Path, word: str) -> None:
    cells = [word if i in (5, 17, 23) else str(round(i * 1.37, 2)) for i in range(40)]
    samples = load(tmp_path, column(cells))
    assert samples.columns[0].kind == "number"
    assert samples.frame["v"].null_count() == 3


def test_a_numeric_target_with_a_few_dashes(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i * 3 % 7},{'-' if i in (3, 8) else i * 1.7}\n" for i in range(40))
    samples = load(tmp_path, f"x,size,price\n{rows}", kept=["x"])
    assert samples.task == "regression"
    assert len(samples) == 38
    assert "2 rows without a target are left out: column price is “-” there." in samples.notes


def test_none_and_na_may_be_values(tmp_path: Path) -> None:
    rows = "".join(f"{i * 1.5},{('NA', 'EU', 'AS')[i % 3]},{'ab'[i % 2]}\n" for i in range(60))
    samples = load(tmp_path, f"sales,continent,kind\n{rows}")
    assert samples.frame["continent"].null_count() == 0
    assert any("“NA” is read as a value (20 cells)" in note for note in samples.notes)
    told = load(tmp_path, f"sales,continent,kind\n{rows}", missing=["NA"])
    assert told.frame["continent"].null_count() == 20
    classes = load(tmp_path, column([]) + "".join(
        f"{i * 1.5};{i % 5};{('None', 'Mild', 'Severe')[i % 3]}\n" for i in range(60)
    ))  # fmt: skip
    assert classes.classes == ("Mild", "None", "Severe")


def test_a_rare_na_is_missing_unless_it_is_said_to_be_a_value(tmp_path: Path) -> None:
    cells = [("NA" if i in (3, 30) else ("male", "female")[i % 2]) for i in range(60)]
    samples = load(tmp_path, column(cells))
    assert samples.frame["v"].null_count() == 2
    assert any("“NA” is read as missing (2 cells)" in note for note in samples.notes)
    assert load(tmp_path, column(cells), values=["NA"]).frame["v"].null_count() == 0


def test_a_word_that_is_missing_among_numbers_is_so_among_texts(tmp_path: Path) -> None:
    rows = "".join(
        f"{'NA' if i % 9 == 0 else i * 1.3};{('NA', 'u', 'w')[i % 3]};{'ab'[i % 2]}\n"
        for i in range(60)
    )
    samples = load(tmp_path, f"x;c;kind\n{rows}")
    assert samples.frame["c"].null_count() == 20


def test_classes_of_digits_keep_their_names(tmp_path: Path) -> None:
    def classes(names: Sequence[str]) -> tuple[str, ...]:
        rows = "".join(f"{i * 1.3},{i % 5},{names[i % len(names)]}\n" for i in range(60))
        return load(tmp_path, f"x,size,kind\n{rows}").classes

    assert classes(["001", "002", "003"]) == ("001", "002", "003")
    assert sorted(classes(["1", "01", "2"])) == ["01", "1", "2"]
    assert classes(["1.0", "2.0"]) == ("1", "2")
    long = ("90071992547409920", "90071992547409921")
    assert sorted(classes(long)) == list(long)


@pytest.mark.parametrize(("name", "task"), [("label", "classification"), ("rings", "regression")])
def test_many_whole_numbers_are_classes_where_they_are_labels(
    tmp_path: Path, name: str, task: str
) -> None:
    rows = "".join(f"{i % 24},{i * 7 % 13},{i * 5 % 11}\n" for i in range(240))
    samples = load(tmp_path, f"{name},p,q\n{rows}", target=name)
    assert samples.task == task
    (note,) = [note for note in samples.notes if "set Task to" in note]
    assert "24 different whole numbers" in note


def test_a_cause_is_no_leak(tmp_path: Path) -> None:
    rows = "".join(f"{i % 20 * 5},{i % 4},{32 + i % 20 * 9}\n" for i in range(60))
    samples = load(tmp_path, f"celsius,room,fahrenheit\n{rows}")
    assert [each.name for each in samples.columns] == ["celsius", "room"]
    assert any("celsius reveals the target fahrenheit exactly" in note for note in samples.notes)
    alone = "".join(f"{i % 20 * 5},{32 + i % 20 * 9}\n" for i in range(60))
    assert len(load(tmp_path, f"celsius,fahrenheit\n{alone}").columns) == 1
    again = "".join(f"{i % 20 * 1.5},{i % 4},{i % 20 * 1.5}\n" for i in range(60))
    same = load(tmp_path, f"copy,room,y\n{again}")
    assert [each.name for each in same.columns] == ["room"]


def test_large_offsets_keep_their_digits(tmp_path: Path) -> None:
    rows = "".join(f"{1_700_000_000 + i * 10},{i * 3 % 7},{i / 7}\n" for i in range(60))
    (tmp_path / "t.csv").write_text(f"t,size,y\n{rows}")
    data = prepare(DataSetup(source=CsvFile(path="t.csv")), tmp_path)
    x = np.concatenate([data.part(part).x[:, 0] for part in ("train", "validation", "test")])
    assert len(np.unique(x)) == 60
    raw = data.samples.frame["t"].to_numpy()[data.indices["train"]]
    np.testing.assert_allclose(data.train.x[:, 0], (raw - raw.mean()) / raw.std(), atol=1e-6)
    assert data.preprocessing.loses_digits


def test_rare_categories_share_a_number_and_are_noted(tmp_path: Path) -> None:
    rows = "".join(f"{i * 1.3:.1f},c{i % 300},{'ab'[i % 2]}\n" for i in range(1200))
    (tmp_path / "t.csv").write_text(f"x,city,kind\n{rows}")
    data = prepare(DataSetup(source=CsvFile(path="t.csv", kept=("city",))), tmp_path)
    assert (data.train.x[:, 1:].sum(axis=1) == 1).all()
    assert any("300 values: the 100 most frequent" in note for note in data.notes)
