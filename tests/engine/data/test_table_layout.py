"""Where a table begins, what separates its cells, and in which encoding it is."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.data import layout, table_text
from engine.data.encodings import decode
from engine.data.samples import Samples
from engine.data.sources import CsvFile
from engine.data.table_text import read_cells, unique_names
from engine.data.text_reading import ReadingOptions
from engine.errors import DataError

ROWS = [f"{i * 1.3:.2f},{i * 3 % 7},{'ab'[i // 2 % 2]}" for i in range(60)]
TABLE = "\n".join(["x,size,kind", *ROWS]) + "\n"


def load(folder: Path, content: str | bytes, **settings: object) -> Samples:
    data = content.encode() if isinstance(content, str) else content
    (folder / "t.csv").write_bytes(data)
    return CsvFile.parse({"path": "t.csv", **settings}).load(folder)


@pytest.mark.parametrize(
    ("content", "skipped"),
    [
        (TABLE, 0),
        ("\n\n" + TABLE, 0),
        ("# made on Monday\n" + TABLE, 1),
        ("Report 2024\n" + TABLE, 1),
        ("Report 2024\n\n" + TABLE, 1),
        ("Report 2024,,\n" + TABLE, 1),
        ("Report\nof the year\n\n# and a comment\n" + TABLE, 3),
        ("sep=;\n" + TABLE.replace(",", ";"), 0),
        ('"sep=,"\n' + TABLE, 0),
        ("#x,size,kind\n" + TABLE.partition("\n")[2], 0),
        ("# x size kind\n" + TABLE.partition("\n")[2].replace(",", " "), 0),
    ],
)
def test_lines_before_the_table(tmp_path: Path, content: str, skipped: int) -> None:
    samples = load(tmp_path, content)
    assert len(samples) == 60
    assert samples.file_columns == ("x", "size", "kind")
    assert samples.frame["x"].to_list()[:2] == [0, 1.3]
    assert len(samples.notes) == (skipped > 0)
    if skipped:
        assert f"Skipped {skipped} line" in samples.notes[0]
        lines = content.split("\n")
        assert samples.rows is not None
        assert lines[samples.rows[0] - 1] == ROWS[0]


def test_lines_to_skip_can_be_set(tmp_path: Path) -> None:
    content = "Report 2024\n" + TABLE
    assert load(tmp_path, content, skipped=1).notes == ()
    with pytest.raises(DataError):
        load(tmp_path, content, skipped=0)
    assert len(load(tmp_path, TABLE, skipped=11, header="no")) == 50


def test_a_header_with_one_name_fewer(tmp_path: Path) -> None:
    ends = "\n".join(["x,size,kind", *(f"{row}," for row in ROWS)])
    samples = load(tmp_path, ends)
    assert samples.file_columns == ("x", "size", "kind")
    assert not samples.notes
    named = "\n".join(["x,size,kind", *(f"r{i},{row}" for i, row in enumerate(ROWS))])
    samples = load(tmp_path, named)
    assert samples.file_columns == ("row_name", "x", "size", "kind")
    assert samples.frame["x"].to_list()[:2] == [0, 1.3]
    assert any("one name fewer" in note for note in samples.notes)


@pytest.mark.parametrize(
    ("header", "below", "is_header"),
    [
        ("0,1,2,3", "1.5,3,1,a", True),
        ("0,1,2", "1.5,2.5,3.5", True),
        ("1,2,3", "0,0,0", True),
        ("country,2019,2020", "France,1.5,2.5", True),
        ("x,2020,kind", "0.5,3,a", True),
        ("a,b,c", "1,2,3", True),
        ("5.1,3.5,setosa", "4.9,3.0,setosa", False),
        ("5,1,3", "4,2,6", False),
        ("2024-01-01,5", "2024-01-02,6", False),
    ],
)
def test_headers(tmp_path: Path, header: str, below: str, is_header: bool) -> None:
    (tmp_path / "t.csv").write_text("\n".join([header, *[below] * 30]))
    cells = read_cells(tmp_path / "t.csv")
    assert cells.header is is_header
    assert cells.frame.columns == (
        header.split(",")
        if is_header
        else [f"column_{i + 1}" for i in range(header.count(",") + 1)]
    )
    doubtful = any(each.isdigit() for each in header.split(","))
    assert bool(cells.notes) == (doubtful or not is_header)


def test_a_name_may_also_be_a_value(tmp_path: Path) -> None:
    colors = ["red", "green", "color"] * 20
    rows = [f"{color},{'ab'[i // 2 % 2]}" for i, color in enumerate(colors)]
    samples = load(tmp_path, "\n".join(["color,kind", *rows]))
    assert samples.classes == ("a", "b")
    assert "set Header to no" in samples.notes[0]
    assert "kind" in load(tmp_path, "\n".join(["color,kind", *rows]), header="no").classes


@pytest.mark.parametrize("mark", [";", "\t"])
@pytest.mark.parametrize("head", ["", "x (a,b)M w (c,d)Mz (e,f)\n"])
def test_the_separator_leaves_decimals_whole(tmp_path: Path, mark: str, head: str) -> None:
    rows = [
        f"{i * 1.37:.2f}M{i * i / 3:.2f}M{i * 2.5 + 1:.2f}".replace(".", ",") for i in range(40)
    ]
    content = (head + "\n".join(rows)).replace("M", mark)
    samples = load(tmp_path, content)
    assert samples.task == "regression"
    assert len(samples.columns) == 2
    assert samples.frame.to_series(0)[1] == 1.37


def test_blanks_as_separator(tmp_path: Path) -> None:
    rows = [f"  {i * 1.3:8.4f}\t{i * 3 % 7:4}   {i % 5}    {i % 3}  " for i in range(40)]
    samples = load(tmp_path, "\n".join(rows))
    assert len(samples.columns) == 3
    assert samples.frame["column_1"].to_list()[:2] == [0, 1.3]
    cars = [f'18.{i % 9}  {i % 8}  307.{i % 7}\t"ford model {i % 3}"' for i in range(40)]
    samples = load(tmp_path, "\n".join(cars))
    assert samples.classes == ("ford model 0", "ford model 1", "ford model 2")
    assert len(load(tmp_path, TABLE.replace(",", " "), separator="blank")) == 60


def test_quotes_after_a_blank(tmp_path: Path) -> None:
    rows = [f'{i * 1.5}, "a, {"pq"[i % 2]}", "say ""{i // 2 % 2}"""' for i in range(20)]
    samples = load(tmp_path, "\n".join(['"x", "c", "kind"', *rows]))
    assert samples.file_columns == ("x", "c", "kind")
    assert samples.frame["c"].to_list()[:2] == ["a, p", "a, q"]
    assert samples.classes == ('say "0"', 'say "1"')


def text_in(language: str) -> str:
    words = {
        "russian": ("размер,цвет,класс", "дом", "лес", "луг", "да", "нет"),
        "japanese": ("大きさ,種類,クラス", "東京", "大阪", "京都", "はい", "いいえ"),
        "polish": ("rozmiar,miasto,klasa", "Łódź", "Kraków", "Gdańsk", "żółty", "zielony"),
        "german": ("größe,straße,art", "Weg", "Allee", "Gäßchen", "schön", "häßlich"),
    }[language]
    rows = [f"{i * 1.3},{words[1 + i % 3]},{words[4 + i // 3 % 2]}" for i in range(60)]
    return "\n".join([words[0], *rows]) + "\n"


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("russian", "cp1251"),
        ("russian", "koi8_r"),
        ("japanese", "shift_jis"),
        ("german", "cp1252"),
    ],
)
def test_encodings_are_found_out_and_noted(tmp_path: Path, language: str, encoding: str) -> None:
    text = text_in(language)
    samples = load(tmp_path, text.encode(encoding))
    assert samples.file_columns == tuple(text.split("\n")[0].split(","))
    assert "change Encoding" in samples.notes[0]
    assert samples.layout is not None
    assert samples.classes == load(tmp_path, text).classes


def test_an_encoding_can_be_set(tmp_path: Path) -> None:
    text = text_in("polish")
    samples = load(tmp_path, text.encode("cp1250"), encoding="windows-1250")
    assert samples.classes == ("zielony", "żółty")
    assert not samples.notes
    with pytest.raises(DataError, match=r"line 2 has the byte 0xa3, which is no utf-8 text"):
        load(tmp_path, text.encode("cp1250"), encoding="utf-8")


def test_a_few_foreign_bytes_do_not_change_the_rest(tmp_path: Path) -> None:
    data = text_in("german").encode()
    good = "Gäßchen".encode()
    at = data.index(good)
    mixed = data[:at] + "Gäßchen".encode("cp1252") + data[at + len(good) :]
    samples = load(tmp_path, mixed)
    assert samples.frame["straße"].n_unique() == 3
    assert samples.classes == ("häßlich", "schön")
    assert "Line 4 has letters that are not UTF-8" in samples.notes[0]


@pytest.mark.parametrize(
    "text", ["x,é\n1,大阪\u3000市\n", "x,y\n1,می‌خواهم\n", "x,y\n1\u00a0000,a\n", "x,y\n1,😀\n"]
)
def test_text_is_text(text: str) -> None:
    assert decode(text.encode(), "t.csv")[0] == text
    assert decode(text.encode("utf-16"), "t.csv")[0] == text


def test_utf_16_without_a_mark(tmp_path: Path) -> None:
    samples = load(tmp_path, TABLE.encode("utf-16-le"))
    assert len(samples) == 60
    assert "UTF-16-LE" in samples.notes[0]


def test_thousands_of_columns(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    head = ",".join([*(f"g{i}" for i in range(12_000)), "kind"])
    rows = [",".join([*(f"{v:.1f}" for v in rng.random(12_000)), "ab"[i % 2]]) for i in range(20)]
    samples = load(tmp_path, "\n".join([head, *rows]))
    assert len(samples.columns) == 12_000


def test_many_useless_columns_get_one_note(tmp_path: Path) -> None:
    head = ",".join([*(f"g{i}" for i in range(200)), "x", "kind"])
    same = ",".join(["1.0"] * 200)
    rows = [f"{same},{i * 1.5},{'ab'[i // 2 % 2]}" for i in range(20)]
    (note,) = load(tmp_path, "\n".join([head, *rows])).notes
    assert note == ("Ignored 200 columns (g0, g1, g2 and 197 more): each is the same in every row.")


@pytest.mark.parametrize("mark", [",", ";", " ", "\t"])
def test_too_many_columns_are_refused_before_a_cell_is_made(
    tmp_path: Path, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "MAX_COLUMNS", 5_000)
    monkeypatch.setattr(layout, "_MOST_SNIFFED", 2**13)
    monkeypatch.setattr(layout, "SNIFFED", 2**12)
    monkeypatch.setattr(table_text, "_parse", None)  # would be called
    with pytest.raises(DataError, match=r"has 20,000 columns; at most 5,000 are possible"):
        load(tmp_path, mark.join(["1"] * 20_000))


def test_too_many_cells_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MAX_CELLS", 10_000)
    wide = ",".join(f"c{i}" for i in range(200))
    with pytest.raises(DataError, match=r"has 20,600 cells; at most 10,000 are possible"):
        load(tmp_path, wide + "\n1,2" * 102)


def test_a_pipe_is_no_table(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t.csv")
    with pytest.raises(DataError, match=r"t\.csv is a pipe"):
        read_cells(tmp_path / "t.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    with pytest.raises(DataError, match=r"zero\.csv is a device"):
        read_cells(tmp_path / "zero.csv")


def test_many_equal_names_are_numbered_quickly() -> None:
    names = unique_names(["a"] * 20_000 + ["a_2", None])
    assert len(set(names)) == 20_002
    assert names[:3] == ["a", "a_2", "a_3"]


def test_wide_parquet_files_are_refused_by_their_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pl.DataFrame({f"c{i}": [1.0, 2.0] for i in range(60)}).write_parquet(tmp_path / "t.parquet")
    monkeypatch.setattr(table_text, "MAX_COLUMNS", 50)
    with pytest.raises(DataError, match=r"has 60 columns and 2 rows"):
        read_cells(tmp_path / "t.parquet")


def test_what_is_known_of_a_file_is_tried_first(tmp_path: Path) -> None:
    samples = load(tmp_path, text_in("russian").encode("cp1251"))
    assert samples.layout is not None
    short = "размер,цвет\n1,дом\n".encode("cp1251")
    (tmp_path / "new.csv").write_bytes(short)
    cells = read_cells(tmp_path / "new.csv", ReadingOptions.like(samples.layout))
    assert cells.frame.columns == ["размер", "цвет"]
    assert not cells.notes
