"""Predicting on tables that are written otherwise than the training data, or say something new."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.data import Dataset, DataSetup, prepare
from engine.data.inputs import Inputs, inputs_of
from engine.data.preprocessing import Preprocessing
from engine.data.sources import CsvFile
from engine.errors import DataError
from engine.exporting.onnx_export import export_onnx
from engine.network import Network
from engine.predicting import read_batch
from engine.starter import starter_graph


def trained(folder: Path, content: str, **settings: object) -> Dataset:
    (folder / "t.csv").write_text(content, encoding="utf-8")
    return prepare(DataSetup(source=CsvFile.parse({"path": "t.csv", **settings})), folder)


def asked(folder: Path, data: Dataset, content: str) -> Inputs:
    (folder / "new.csv").write_text(content, encoding="utf-8")
    # What was saved with the model is all that is known of the training data.
    saved = Preprocessing.parse(data.preprocessing.to_json())
    return inputs_of(folder / "new.csv", saved)


def prices(spell: str = "{:,}", mark: str = ";") -> str:
    rows = [mark.join([spell.format(1000 + i * 37), str(i % 7), "ab"[i % 2]]) for i in range(60)]
    return "\n".join([mark.join(["price", "size", "kind"]), *rows]) + "\n"


def test_new_cells_are_read_as_the_training_data_was(tmp_path: Path) -> None:
    data = trained(tmp_path, prices(mark="\t"))
    read = asked(tmp_path, data, "price\tsize\n1,250\t3\n1250\t3\n")
    np.testing.assert_array_equal(read.x[0], read.x[1])
    plain = trained(tmp_path, prices("{}", ","))
    read = asked(tmp_path, plain, 'price,size\n"1,250",3\n1250,3\n')
    np.testing.assert_array_equal(read.x[0], read.x[1])


def test_another_decimal_mark_is_said(tmp_path: Path) -> None:
    content = "x;size;kind\n" + "".join(f"{i * 1.25};{i % 5};{'ab'[i % 2]}\n" for i in range(60))
    data = trained(tmp_path, content)
    read = asked(tmp_path, data, "x;size\n1,25;3\n2,5;3\n")
    again = asked(tmp_path, data, "x;size\n1.25;3\n2.5;3\n")
    np.testing.assert_array_equal(read.x, again.x)
    assert any("the comma is read as the decimal mark, unlike" in note for note in read.notes)
    assert not again.notes


def test_another_sign_is_said(tmp_path: Path) -> None:
    content = "x,size,kind\n" + "".join(f"{i * 1.25}%,{i % 5},{'ab'[i % 2]}\n" for i in range(60))
    data = trained(tmp_path, content)
    assert not asked(tmp_path, data, "x,size\n2.5%,3\n").notes
    (note,) = asked(tmp_path, data, "x,size\n0.5,3\n").notes
    assert "stand without a sign, those of the training data with “%”" in note


def test_dates_keep_the_order_of_the_training_data(tmp_path: Path) -> None:
    rows = "".join(f"{m:02}/{d:02}/2024,{m * d}.5\n" for m in range(1, 7) for d in (1, 9, 20))
    data = trained(tmp_path, f"day,price\n{rows}")
    read = asked(tmp_path, data, "day\n02/01/2024\n")  # 1 February: one day says nothing
    same = asked(tmp_path, data, "day\n2024-02-01\n")
    np.testing.assert_allclose(read.x, same.x, atol=1e-6)


def test_values_never_seen_and_empty_cells_are_said(tmp_path: Path) -> None:
    colors = ("red", "green", "blue")
    rows = "".join(f"{colors[i % 3]};{i % 5};{'ab'[i // 3 % 2]}\n" for i in range(60))
    data = trained(tmp_path, f"color;size;kind\n{rows}")
    read = asked(tmp_path, data, "color;size\npurple;1\nRED;3\n;2\nblue;\n")
    first, second, third = read.notes
    assert "1 empty cell is filled with" in first
    assert "1 empty cell counts as none" in second
    assert "“purple” and “RED” were not among the values of the training data; 2 rows" in third
    assert "“red” is spelled otherwise" in third
    np.testing.assert_array_equal(read.x[:, 1:].sum(axis=1), [0, 0, 0, 1])


def test_words_for_missing_are_those_of_the_training_data(tmp_path: Path) -> None:
    rows = "".join(f"{('NA', 'EU')[i % 2]};{i % 5};{'ab'[i // 3 % 2]}\n" for i in range(60))
    data = trained(tmp_path, f"c;size;kind\n{rows}")
    read = asked(tmp_path, data, "c;size\nNA;1\nEU;1\n")
    np.testing.assert_array_equal(read.x[:, 1:], np.eye(2)[::-1])
    assert not read.notes


def test_the_training_file_itself_can_be_predicted_on(tmp_path: Path) -> None:
    rows = "".join(f"{i * 1.3},{i % 7},{i % 5},{'ab'[i % 2]}\n" for i in range(60))
    data = trained(tmp_path, f"0,1,2,3\n{rows}", header="yes")
    batch = read_batch(tmp_path / "t.csv", data.preprocessing, data.targets)
    np.testing.assert_array_equal(batch.x[data.indices["train"]], data.train.x)
    assert batch.truth is not None
    assert batch.truth[:2] == ["a", "b"]


def test_a_file_without_a_header_is_read_by_the_place_of_its_columns(tmp_path: Path) -> None:
    rows = [f"{i // 3 % 2},{i * 1.3},{i % 7 + 0.5}" for i in range(60)]
    data = trained(tmp_path, "\n".join(rows), target="column_1")
    whole = asked(tmp_path, data, "\n".join(rows[:5]))
    without = asked(tmp_path, data, "\n".join(row.partition(",")[2] for row in rows[:5]))
    np.testing.assert_array_equal(whole.x, without.x)
    assert any("column of the target (column_1)" in note for note in without.notes)
    with pytest.raises(DataError, match="has 4 columns; the training data had 3 and no header"):
        asked(tmp_path, data, "1,2,3,4\n5,6,7,8\n")


def test_targets_in_a_file_are_read_as_the_training_data_was(tmp_path: Path) -> None:
    rows = [f"{i % 7}\t{i % 5}\t{1000 + i * 37:,}" for i in range(60)]
    data = trained(tmp_path, "\n".join(["p\tq\tprice", *rows]))
    batch = read_batch(tmp_path / "t.csv", data.preprocessing, data.targets)
    assert batch.truth is not None
    assert batch.truth[:2] == ["1000.0", "1037.0"]
    rows = [f"{i * 1.3},{i % 5},{i // 3 % 3}.0" for i in range(60)]
    data = trained(tmp_path, "\n".join(["p,q,kind", *rows]))
    batch = read_batch(tmp_path / "t.csv", data.preprocessing, data.targets)
    assert batch.truth is not None
    assert set(batch.truth) == {"0", "1", "2"}


def test_predictions_have_the_digits_that_they_need(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i * 3 % 7},{250_000_000 + i * 70}\n" for i in range(60))
    targets = trained(tmp_path, f"x,size,price\n{rows}").targets
    assert targets.number_text(250_000_123.456) == "250000123.456"
    assert targets.in_units(np.array([[0.1]], np.float32)).dtype == np.float64
    small = trained(tmp_path, "x,y\n" + "".join(f"{i},{i / 90}\n" for i in range(60))).targets
    assert float(small.number_text(0.12345678901)) == pytest.approx(0.12345678901, abs=1e-7)
    assert small.changed(scale=(), offset=()).number_text(float(np.float32(0.1))) == "0.1"


@pytest.mark.parametrize("kept", [("city", "t"), ("city",)])
def test_large_offsets_and_rare_values_in_onnx(tmp_path: Path, kept: tuple[str, ...]) -> None:
    import onnxruntime

    rows = "".join(
        f"{1_700_000_000 + i * 10},{2000 + i % 9},c{i % 150},{5e8 + i * 3}\n" for i in range(600)
    )
    ignored = () if "t" in kept else ("t",)
    data = trained(tmp_path, f"t,year,city,y\n{rows}", kept=list(kept), ignored=list(ignored))
    network = Network(starter_graph(data), seed=0)
    path = tmp_path / "m.onnx"
    report = export_onnx(
        network,
        path,
        preprocessing=data.preprocessing,
        targets=data.targets,
        verify_on=data.samples,
    )
    assert report.verification.is_good
    assert export_onnx(network, path, preprocessing=data.preprocessing).verification.is_good
    session = onnxruntime.InferenceSession(str(path))
    wanted = "tensor(double)" if "t" in kept else "tensor(float)"
    assert {each.name: each.type for each in session.get_inputs()}["numbers"] == wanted


def test_a_large_offset_of_an_array_in_onnx(tmp_path: Path) -> None:
    from engine.data.sources import NpzFile

    x = 1.7e9 + np.arange(120).reshape(60, 2) * 10.0
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(60) % 2)
    data = prepare(DataSetup(source=NpzFile(path="a.npz")), tmp_path)
    assert len(np.unique(data.preprocessing.apply(x))) > 59
    report = export_onnx(
        Network(starter_graph(data), seed=0),
        tmp_path / "m.onnx",
        preprocessing=data.preprocessing,
        targets=data.targets,
        verify_on=data.samples,
    )
    assert report.verification.is_good
