"""Tables: what is found out by itself, and each way to fail in words."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.data import Dataset, DataSetup, Source, prepare, suggest_source, table_text
from engine.data.dates import parse_dates
from engine.data.inputs import read_inputs
from engine.data.samples import Samples
from engine.data.sources import CsvFile
from engine.errors import DataError


def load(folder: Path, content: str | bytes, **settings: object) -> Samples:
    data = content.encode() if isinstance(content, str) else content
    (folder / "t.csv").write_bytes(data)
    return CsvFile.parse({"path": "t.csv", **settings}).load(folder)


def kinds(samples: Samples) -> dict[str, str]:
    return {column.name: column.kind for column in samples.columns}


ROWS = "".join(f"{i * 1.5},{'ab'[i % 2]}\n" for i in range(12))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", r"t\.csv is empty"),
        (" \n\n", r"t\.csv is empty"),
        ("a,b\n", r"t\.csv has no rows below its header"),
        (b"\x89PNG\r\n\x1a\n123", r"t\.csv is a PNG picture"),
        (b"PK\x03\x04abc", r"t\.csv is a ZIP archive or an Excel file"),
        (b"\x00\x01\x02\x03" * 9, r"t\.csv is not a text file"),
        ("a,b\n1,2\n3,4,5\n", r"t\.csv, row 3 has 3 cells; the first row has 2"),
        ('a,b\n1,2\n3,"4\n', r"t\.csv, row 3 cannot be read"),
        ("Yes, he said.\nNo\nSo, so, it was, then.\n" * 20, r"t\.csv holds running text"),
        ("a\n1\n2\n", "no column to learn from besides the target 'a'"),
        (f"x,y\n{ROWS}many,a\n", r"t\.csv, row 14, column 'x' holds 'many', where the other"),
        (f"x,y\n{ROWS}inf,a\n", r"t\.csv, row 14, column 'x' holds 'inf', which is too large"),
        (
            f"x,y\n{ROWS[:20]}1,\n",
            r"t\.csv, row \d, column 'y' is empty, and it is the target: only \d of \d rows",
        ),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as error:
        load(tmp_path, content)
    assert error.value.fix


def test_rows_without_a_target_are_left_out_and_noted(tmp_path: Path) -> None:
    samples = load(tmp_path, f"x,y\n0.5,\n{ROWS}1.5,NA\n")
    assert samples.rows is not None
    assert len(samples) == 12
    assert samples.rows.tolist() == list(range(3, 15))  # where they stand in the file
    assert samples.classes == ("a", "b")
    words = "2 rows without a target are left out: column y is empty or “NA” there."
    assert words in samples.notes
    one = load(tmp_path, f"x,y\n{ROWS}1.5,\n")
    assert "1 row without a target is left out: column y is empty there." in one.notes
    assert not load(tmp_path, f"x,y\n{ROWS}").notes


def test_missing_categories_are_noted_like_missing_numbers(tmp_path: Path) -> None:
    rows = "".join(f"{i},{'pq'[i % 2]},{'ab'[i // 10]}\n" for i in range(20))
    (tmp_path / "t.csv").write_text(f"n,c,y\n,,a\n1.5,,a\n{rows}")
    notes = prepare(DataSetup(source=CsvFile(path="t.csv")), tmp_path).notes
    assert "Filled 1 missing number, in column n, from the training part." in notes
    words = "Kept 2 missing categories, in column c: they are encoded as none of the values."
    assert words in notes


def test_a_packed_table_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(f"x,y\n{ROWS}".encode()))
    source = suggest_source(path)
    assert isinstance(source, CsvFile)
    assert len(source.load(tmp_path)) == 12
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(DataError, match=r"t\.csv\.gz is truncated or damaged"):
        source.load(tmp_path)
    path.write_bytes(gzip.compress(b"x,y\n" + b"1,2\n" * 10_000))
    monkeypatch.setattr(table_text, "MAX_FILE_BYTES", 30_000)
    with pytest.raises(DataError, match=r"t\.csv\.gz holds more than .* when unpacked"):
        source.load(tmp_path)


def test_all_columns_of_the_file_are_known(tmp_path: Path) -> None:
    samples = load(
        tmp_path, "id,x,y\n" + "".join(f"{i},{i * 1.5},{'ab'[i % 2]}\n" for i in range(12))
    )
    assert samples.file_columns == ("id", "x", "y")
    # Also where the data cannot be used, and one has to choose another target.
    source = CsvFile(path="t.csv", target="nothing")
    assert source.column_names(tmp_path) == ("id", "x", "y")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"target": "z"}, r"no column 'z', which is set as target\. Choose among .*: x, y"),
        ({"ignored": ["z"]}, "no column 'z', which is set as ignored"),
        ({"target": "x", "ignored": ["x"]}, "both the target and ignored"),
        ({"ignored": ["x"]}, "no column to learn from"),
        ({"weights": "z"}, "no column 'z', which is set as weights"),
        ({"weights": "x", "ignored": ["x"]}, "both the weights and ignored"),
        ({"weights": "x", "target": "x"}, "both the target and the weights"),
        ({"separator": "semicolon"}, "no column to learn from"),
    ],
)
def test_settings_that_do_not_fit(tmp_path: Path, settings: dict[str, object], words: str) -> None:
    with pytest.raises(DataError, match=words):
        load(tmp_path, f"x,y\n{ROWS}", **settings)


WEIGHTED = "x,w,y\n" + "".join(f"{i},{i % 4},{'ab'[i % 2]}\n" for i in range(20))


def test_a_column_of_weights_is_no_input(tmp_path: Path) -> None:
    samples = load(tmp_path, WEIGHTED, weights="w", kept=["x"])
    assert [column.name for column in samples.columns] == ["x"]
    assert samples.weights is not None
    assert samples.weights.tolist() == [float(i % 4) for i in range(20)]
    data = prepare(DataSetup(source=CsvFile(path="t.csv", weights="w", kept=("x",))), tmp_path)
    for part in ("train", "validation", "test"):
        weights = data.part(part).weights
        assert weights is not None
        assert weights.dtype == np.float32
        np.testing.assert_array_equal(weights, data.indices[part] % 4)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("30,-1,a", r"t\.csv, row 22 has -1 as its weight"),
        ("30,,a", r"t\.csv, row 22, column 'w' is empty, but chosen as the weights"),
    ],
)
def test_weights_that_are_none(tmp_path: Path, row: str, words: str) -> None:
    (tmp_path / "t.csv").write_text(f"{WEIGHTED}{row}\n")
    with pytest.raises(DataError, match=words):
        prepare(DataSetup(source=CsvFile(path="t.csv", weights="w", kept=("x",))), tmp_path)


def test_weights_must_be_numbers_and_not_all_zero(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no numbers, but is chosen as the weights"):
        load(tmp_path, "x,w,y\n" + "1,much,a\n2,little,b\n" * 8, weights="w", kept=["x"])
    (tmp_path / "t.csv").write_text("x,w,y\n" + "1,0,a\n2,0,b\n" * 8)
    with pytest.raises(DataError, match=r"Every weight in .* is 0"):
        prepare(DataSetup(source=CsvFile(path="t.csv", weights="w", kept=("x",))), tmp_path)


def test_one_class_only(tmp_path: Path) -> None:
    load(tmp_path, "x,y\n" + "".join(f"{i / 3},same\n" for i in range(9)), target="y")
    with pytest.raises(DataError, match=r"t\.csv has one class only: 'same' in column 'y'"):
        prepare(DataSetup(source=CsvFile(path="t.csv", target="y")), tmp_path)


def test_text_cannot_be_a_number(tmp_path: Path) -> None:
    load(tmp_path, f"x,y\n{ROWS}")
    with pytest.raises(DataError, match="'y' holds 'a', which is not a number"):
        prepare(DataSetup(source=CsvFile(path="t.csv"), task="regression"), tmp_path)


def test_kinds_of_columns(tmp_path: Path) -> None:
    rows = "".join(
        f"{i},{i * i / 7},{'red' if i % 3 else 'blue'},{'Yes' if i % 4 else 'No'},"
        f"2024-03-{i + 1:02},text number {i} of many,same,,{i % 2}\n"
        for i in range(30)
    )
    content = f"n,size,color,fit,day,words,always,nothing,label\n{rows}"
    samples = load(tmp_path, content)
    assert kinds(samples) == {"size": "number", "color": "category", "fit": "boolean"}
    assert samples.task == "classification"
    assert samples.target_name == "label"
    notes = " ".join(samples.notes)
    for why in (
        "column n: it only counts the rows",
        "day: it holds dates",
        "words: it holds 30 different texts",
        "always: it is the same in every row",
        "nothing: it has no values",
    ):
        assert why in notes
    kept = load(tmp_path, content, kept=["n", "day"])
    assert kinds(kept)["n"] == "number"
    assert kinds(kept)["day"] == "date"


def test_a_column_that_tells_the_target_is_left_out(tmp_path: Path) -> None:
    rows = "".join(f"{i / 7},{'yes' if i % 2 else 'no'},{i % 2}\n" for i in range(20))
    samples = load(tmp_path, f"a,answer,label\n{rows}")
    assert list(kinds(samples)) == ["a"]
    assert "reveals the target label exactly" in samples.notes[0]
    kept = load(tmp_path, f"a,answer,label\n{rows}", kept=["answer"])
    assert list(kinds(kept)) == ["a", "answer"]
    assert "reveals the target" in kept.notes[0]


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("1.5,2,0\n2.5,3,1\n3.5,4,0\n4,4,1\n", ["column_1", "column_2", "column_3"]),
        ("a,,a\n1,2,0\n2,3,1\n3,4,0\n9,4,1\n", ["a", "column_2", "a_2"]),
        ("red,yes\nblue,no\nred,no\nblue,yes\n", ["column_1", "column_2"]),
        ("color,fit\nblue,no\nred,no\nblue,yes\n", ["color", "fit"]),
    ],
)
def test_header(tmp_path: Path, content: str, names: list[str]) -> None:
    samples = load(tmp_path, content)
    assert [*kinds(samples), samples.target_name] == names


def test_header_can_be_forced(tmp_path: Path) -> None:
    content = "2019,2020\n1.5,2.25\n2.5,2.5\n0.5,2.75\n"
    assert load(tmp_path, content, header="yes").target_name == "2020"
    assert len(load(tmp_path, content, header="no")) == 4


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_spellings_of_a_table(tmp_path: Path, mark: str, encoding: str, end: str) -> None:
    lines = ["Größe,Art", '1.5,"a, b; c"', "", '2.5,"é"', "NA,é", '-1e1,"a, b; c"']
    # The separator within quotes stays what it is.
    text = end.join(line.replace(",", mark, 1) for line in lines) + end
    samples = load(tmp_path, text.encode(encoding))
    assert samples.frame["Größe"].to_list() == [1.5, 2.5, None, -10.0]
    assert samples.classes == ("a, b; c", "é")
    assert samples.rows is not None
    assert samples.rows.tolist() == [2, 4, 5, 6]


def test_decimal_comma(tmp_path: Path) -> None:
    samples = load(tmp_path, "a;y\n1,5;x\n2,25;y\n-3,0;x\n")
    assert samples.frame["a"].to_list() == [1.5, 2.25, -3.0]


def test_missing_cells_count_rows_as_in_the_file(tmp_path: Path) -> None:
    load(tmp_path, "a,b\n1,x\n\n,y\n3,x\n4,y\n5,x\n6,y\n7,x\n8,y\n")
    setup = DataSetup(source=CsvFile(path="t.csv"), steps=())
    with pytest.raises(DataError, match=r"t\.csv, row 4, column 'a' is empty"):
        prepare(setup, tmp_path)


def test_parquet(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"a": [1.5, None, 2.5, 4.0], "b": [True, False, True, True], "y": ["u", "v", "u", "v"]}
    )
    frame.write_parquet(tmp_path / "t.parquet")
    source = suggest_source(tmp_path / "t.parquet")
    samples = source.load(tmp_path)
    assert kinds(samples) == {"a": "number", "b": "boolean"}
    assert samples.classes == ("u", "v")
    damaged = (tmp_path / "t.parquet").read_bytes()[:60]
    (tmp_path / "t.parquet").write_bytes(damaged)
    with pytest.raises(DataError, match=r"t\.parquet is damaged"):
        source.load(tmp_path)


def test_numeric_classes_sort_as_numbers(tmp_path: Path) -> None:
    rows = "".join(f"{i / 3},{(i % 3) * 5 + 1}.0\n" for i in range(12))
    samples = load(tmp_path, f"x,y\n{rows}")
    assert samples.classes == ("1", "6", "11")
    assert samples.with_task("regression").y[:3].tolist() == [1.0, 6.0, 11.0]
    assert samples.target_text(2) == "11"


def test_predicting_rows_of_a_file(csv_setup: DataSetup, tmp_path: Path) -> None:
    data: Dataset = prepare(csv_setup, tmp_path)
    whole = read_inputs(tmp_path / "table.csv", data.preprocessing)
    np.testing.assert_array_equal(whole[data.indices["test"]], data.test.x)
    (tmp_path / "new.csv").write_text("color,length\nred,2.5\ngreen,\n")
    x = read_inputs(tmp_path / "new.csv", data.preprocessing)
    assert x.shape == (2, 3)
    assert x[1, 1:].tolist() == [0, 0]
    (tmp_path / "bad.csv").write_text("color\nred\nblue\n")
    with pytest.raises(DataError, match="The column 'length' is missing"):
        read_inputs(tmp_path / "bad.csv", data.preprocessing)


@pytest.mark.parametrize(
    ("cell", "year"),
    [("1949-07", 1949.4959), ("2000-01-01", 2000), ("31.12.1999", 1999.9973), ("1949.5", 1949.5)],
)
def test_dates_become_years(cell: str, year: float) -> None:
    years = parse_dates(pl.Series([cell]), "day_first")
    assert years[0] == pytest.approx(year, abs=1e-3)


def test_long_texts_are_no_categories(tmp_path: Path) -> None:
    rows = "".join(f"{i / 3},{'ab'[i % 2] * 300},{i % 3}\n" for i in range(12))
    samples = load(tmp_path, f"x,essay,label\n{rows}")
    assert list(kinds(samples)) == ["x"]
    with pytest.raises(DataError, match="a name of 300 characters"):
        load(tmp_path, f"x,essay,label\n{rows}", target="essay")
    with pytest.raises(DataError, match="holds dates"):
        load(tmp_path, "d,x\n2024-01-01,1\n2024-01-02,2\n", target="d")


def test_missing_cells_that_were_filled_are_told(tmp_path: Path) -> None:
    rows = "".join(f"{i / 3 if i % 4 else ''},{i % 5},{i % 2}\n" for i in range(40))
    load(tmp_path, f"x,z,label\n{rows}")
    data = prepare(DataSetup(source=CsvFile(path="t.csv")), tmp_path)
    assert data.notes == ("Filled 10 missing numbers, in column x, from the training part.",)
    assert np.isfinite(data.train.x).all()


@pytest.mark.parametrize("path", ["", "nothing.csv", "\0", "a" * 5000])
@pytest.mark.parametrize("kind", ["CsvFile", "PictureFolder", "IdxFiles", "NpzFile"])
def test_no_such_file(kind: str, path: str, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        Source.parse({"type": kind, "path": path}).load(tmp_path)


@pytest.mark.parametrize("kept", [(), ("day",)])
def test_shuffled_rows_with_a_date_are_noted(tmp_path: Path, kept: tuple[str, ...]) -> None:
    rows = "".join(f"2024-03-{i % 28 + 1:02},{i * i % 17},{i % 3}.5\n" for i in range(40))
    (tmp_path / "days.csv").write_text(f"day,size,price\n{rows}")
    setup = DataSetup(source=CsvFile(path=str(tmp_path / "days.csv"), kept=kept))
    note = next(each for each in prepare(setup).notes if "shuffled" in each)
    assert "(day)" in note
    assert "turn off Shuffle under Split" in note
    in_order = setup.changed(split=setup.split.changed(shuffle=False))
    assert not any("shuffled" in each for each in prepare(in_order).notes)
