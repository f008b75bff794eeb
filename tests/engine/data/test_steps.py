"""Steps: fitted on the training part, in agreement with scikit-learn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from engine.data import DataSetup, Step, prepare
from engine.data.preprocessing import Preprocessing
from engine.data.samples import Column, Samples
from engine.data.sources import BuiltIn, CsvFile, NpzFile, Toy
from engine.data.steps import (
    DivideBy255,
    Impute,
    MinMax,
    OneHot,
    Standardize,
    StandardizeTarget,
    moments,
)
from engine.data.targets import Targets
from engine.errors import DataError, SettingError

# One row for each kind of step: settings, and what it makes of the column 0, 2, 4.
SAMPLES: dict[str, tuple[dict[str, Any], list[float]]] = {
    "Standardize": ({}, [-(1.5**0.5), 0.0, 1.5**0.5]),
    "MinMax": ({"low": -1.0, "high": 3.0}, [-1.0, 1.0, 3.0]),
    "DivideBy255": ({"value": 4.0}, [0.0, 0.5, 1.0]),
    "Impute": ({"strategy": "mean"}, [0.0, 2.0, 4.0]),
    "OneHot": ({"limit": 5}, [0.0, 2.0, 4.0]),
    "StandardizeTarget": ({}, [0.0, 2.0, 4.0]),
}


def table(**columns: list[Any]) -> Samples:
    kinds = {pl.Float64: "number", pl.Boolean: "boolean", pl.String: "category"}
    frame = pl.DataFrame(columns, strict=False)
    frame = frame.with_columns(pl.col(pl.Int64).cast(pl.Float64))
    return Samples(
        kind="table",
        table=frame,
        columns=tuple(Column(n, kinds[type(d)]) for n, d in frame.schema.items()),  # type: ignore[index, arg-type]
        y=np.zeros(frame.height),
        task="regression",
        rows=np.arange(2, frame.height + 2),
        place="t.csv",
    )


def fitted(samples: Samples, *steps: Step) -> Preprocessing:
    chain = Preprocessing.identity(samples)
    for step in steps:
        chain = step.fit(chain, samples)
    return chain


@pytest.mark.parametrize("kind", sorted(Step.kinds))
def test_contract(kind: str) -> None:
    assert kind in SAMPLES, f"{kind} needs a row in SAMPLES"
    settings, wanted = SAMPLES[kind]
    step = Step.parse({"type": kind, **settings})
    assert Step.parse(json.loads(json.dumps(step.to_json()))) == step
    as_table = table(a=[0.0, 2.0, 4.0])
    as_array = Samples(
        kind="array", x=np.array([[0.0], [2.0], [4.0]]), y=np.zeros(3), task="regression"
    )
    for samples in (as_table, as_array):
        chain = fitted(samples, step)
        out = chain.apply(samples)
        assert out.dtype == np.float32
        np.testing.assert_allclose(out[:, 0], wanted, atol=1e-6)
        assert Preprocessing.parse(json.loads(json.dumps(chain.to_json()))) == chain
    for declared in step.settings().values():
        assert declared.label
        assert declared.help.endswith(".")


@pytest.mark.parametrize("kind", sorted(Step.kinds))
def test_fitted_on_the_training_part_only(kind: str) -> None:
    rng = np.random.default_rng(0)
    samples = table(
        a=[*rng.normal(0, 1, 20).tolist(), None, 1e6, 2e6],
        b=[*(["x", "y"] * 10), "x", "new", "other"],
    )
    step = Step.parse({"type": kind, **SAMPLES[kind][0]})
    start = Preprocessing.identity(samples)
    part = samples.take(range(21))
    others = table(a=[*part.frame["a"].to_list(), -9.0], b=[*part.frame["b"].to_list(), "z"])
    alone = step.fit(start, part)
    assert alone == step.fit(start, others.take(range(21)))
    assert "new" not in json.dumps(alone.to_json())


def test_numbers_to_predict_are_standardized_and_told_in_their_own_unit() -> None:
    data = prepare(DataSetup(source=BuiltIn(name="diabetes")))
    assert data.train.y.mean() == pytest.approx(0, abs=1e-6)
    assert data.train.y.std() == pytest.approx(1, abs=1e-6)
    raw = prepare(DataSetup(source=BuiltIn(name="diabetes"), steps=(Standardize(),)))
    for part in ("train", "validation", "test"):
        scaled, unscaled = data.part(part).y, raw.part(part).y
        np.testing.assert_allclose(data.targets.in_units(scaled), unscaled, rtol=1e-5)
        np.testing.assert_allclose(data.targets.encode(unscaled), scaled, atol=1e-5)
    assert raw.targets.scale == ()


def test_targets_that_never_vary_are_only_moved() -> None:
    samples = Samples(kind="array", x=np.zeros((3, 1)), y=np.full(3, 7.0), task="regression")
    fitted_targets = StandardizeTarget().fit_targets(Targets(task="regression"), samples)
    assert (fitted_targets.offset, fitted_targets.scale) == ((7.0,), (1.0,))


def test_classes_and_toys_are_not_scaled() -> None:
    assert prepare(DataSetup(source=BuiltIn(name="iris"))).targets.scale == ()
    line = prepare(DataSetup(source=Toy(shape="noisy_line")))
    assert line.targets.scale == ()


def test_training_part_is_what_is_scaled(tmp_path: Path) -> None:
    data = prepare(DataSetup(source=BuiltIn(name="wine"), steps=(Standardize(),)))
    np.testing.assert_allclose(data.train.x.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(data.train.x.std(axis=0), 1, atol=1e-5)
    assert abs(data.test.x.mean(axis=0)).max() > 0.01


def test_agrees_with_scikit_learn() -> None:
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

    rng = np.random.default_rng(1)
    numbers = rng.normal(7, 3, (50, 3))
    numbers[rng.random((50, 3)) < 0.2] = np.nan
    colors = rng.choice(["red", "green", "blue"], 50).tolist()
    columns = {f"n{i}": [None if np.isnan(v) else v for v in numbers[:, i]] for i in range(3)}
    samples = table(**columns, color=colors)
    one_hot = OneHotEncoder(sparse_output=False).fit_transform(np.array(colors)[:, np.newaxis])
    for strategy in ("mean", "median", "most_frequent"):
        filled = SimpleImputer(strategy=strategy).fit_transform(numbers)
        for scale, theirs in ((Standardize(), StandardScaler()), (MinMax(), MinMaxScaler())):
            chain = fitted(samples, Impute(strategy=strategy), OneHot(), scale)
            wanted = np.concatenate([theirs.fit_transform(filled), one_hot], axis=1)
            np.testing.assert_allclose(chain.apply(samples), wanted, atol=2e-6)
    assert chain.output_names[2:] == ("n2", "color = blue", "color = green", "color = red")


def test_pictures_are_scaled_by_channel() -> None:
    rng = np.random.default_rng(0)
    x = (rng.random((1500, 3, 2, 3)) * [255, 100, 10]).astype(np.uint8)
    samples = Samples(kind="picture", x=x, y=np.zeros(len(x)), task="regression")
    chain = fitted(samples, DivideBy255(), Standardize())
    assert len(chain.offset) == len(chain.scale) == 3
    wanted = (x - x.mean(axis=(0, 1, 2))) / x.std(axis=(0, 1, 2))
    np.testing.assert_allclose(chain.apply(samples), wanted, atol=1e-5)
    mean, spread = moments(x)
    np.testing.assert_allclose(mean, x.mean(axis=(0, 1, 2)))
    np.testing.assert_allclose(spread, x.std(axis=(0, 1, 2)))


def test_what_never_varies_stays_finite() -> None:
    samples = table(a=[5.0, 5.0, 5.0], b=[float("nan")] * 3)
    for step in (Standardize(), MinMax(low=-1, high=1)):
        out = fitted(samples, Impute(), step).apply(samples)
        np.testing.assert_array_equal(out[:, 0], 0 if step == Standardize() else -1)


def test_steps_add_up_in_any_order() -> None:
    samples = table(a=[0.0, 5.0, 10.0])
    first = fitted(samples, DivideBy255(), Standardize()).apply(samples)
    np.testing.assert_allclose(first, fitted(samples, Standardize()).apply(samples))
    second = fitted(samples, MinMax(), DivideBy255(value=0.5)).apply(samples)
    np.testing.assert_allclose(second[:, 0], [0, 1, 2])


def test_truth_values_stay_zero_and_one() -> None:
    samples = table(a=[True, False, None, True])
    out = fitted(samples, Impute(), Standardize(), DivideBy255()).apply(samples)
    np.testing.assert_array_equal(out[:, 0], [1, 0, 1, 1])


def test_rare_values_beyond_the_limit_share_a_number() -> None:
    samples = table(a=["x", "x", "y", "y", "z", None])
    chain = fitted(samples, OneHot(limit=2))
    assert chain.output_names == ("a = x", "a = y", "a = (other)")
    assert chain.places_of(["a"]) == (0, 1, 2)
    x, y, other, nothing = [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]
    np.testing.assert_array_equal(chain.apply(samples), [x, x, y, y, other, nothing])
    # Without rare ones in the training data nothing was learned about others.
    plain = fitted(samples, OneHot(limit=3))
    assert plain.output_names == ("a = x", "a = y", "a = z")
    np.testing.assert_array_equal(plain.from_row({"a": "new"}), [[0, 0, 0]])


def test_row_as_text_is_the_row_as_read() -> None:
    samples = table(a=[1.5, None, 3.0], b=["x", "y", None], c=[True, False, None])
    chain = fitted(samples, Impute(), OneHot(), Standardize())
    rows = [
        {"a": "1.5", "b": " x ", "c": "Yes", "target": "?"},
        {"a": "NA", "b": "y", "c": "false"},
        {"a": "3.0", "b": "", "c": None},
    ]
    np.testing.assert_array_equal(chain.apply(rows), chain.apply(samples))
    np.testing.assert_array_equal(chain.from_row(rows[0]), chain.apply(samples)[:1])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"a": "much", "b": "x"}, "Row 1, column 'a' holds 'much', which is not a number"),
        ({"b": "x"}, "The column 'a' is missing; the row has b"),
        ({"a": "", "b": "x"}, "Row 1, column 'a' is empty"),
        ({"a": "inf", "b": "x"}, "Row 1 holds an infinite number"),
    ],
)
def test_bad_rows(row: dict[str, str], words: str) -> None:
    samples = table(a=[1.0, 2.0], b=["x", "y"])
    with pytest.raises(DataError, match=words):
        fitted(samples, OneHot()).from_row(row)


def test_missing_cell_without_impute_names_row_and_column() -> None:
    samples = table(a=[1.0, None])
    with pytest.raises(DataError, match=r"t\.csv, row 3, column 'a' is empty"):
        fitted(samples, Standardize()).apply(samples)


def test_another_shape_is_refused() -> None:
    samples = Samples(kind="picture", x=np.zeros((2, 4, 4, 1)), y=np.zeros(2), task="regression")
    with pytest.raises(DataError, match="5 × 4 × 1; 4 × 4 × 1 is expected"):
        fitted(samples).apply(np.zeros((1, 5, 4, 1)))


def test_min_max_wants_its_limits_in_order() -> None:
    with pytest.raises(SettingError, match="High must be more than low"):
        MinMax.parse({"low": 2, "high": 1})


@pytest.mark.parametrize(
    "saved",
    [
        {"input_shape": [3], "offset": [0, 0], "scale": [1, 1]},
        {"input_shape": [3], "offset": [0], "scale": [1, 1, 1]},
        {"kind": "table", "numbers": [{"name": "a"}], "categories": [{"name": "a"}]},
        {"input_shape": [3], "offset": [float("nan")], "scale": [1]},
    ],
)
def test_a_damaged_saved_chain_is_refused(saved: dict[str, Any]) -> None:
    with pytest.raises(SettingError):
        Preprocessing.parse(saved)


def test_default_steps(csv_setup: DataSetup, npz_source: NpzFile, tmp_path: Path) -> None:
    assert prepare(DataSetup(source=Toy())).preprocessing.scale == (1.0,)
    digits = prepare(DataSetup(source=BuiltIn(name="digits")))
    assert digits.preprocessing.scale == (1 / 16,)
    table_chain = prepare(csv_setup, tmp_path).preprocessing
    assert table_chain.numbers[0].fill is not None
    assert table_chain.categories[0].values == ("blue", "red")
    arrays = prepare(DataSetup(source=npz_source), tmp_path)
    np.testing.assert_allclose(arrays.train.x.std(axis=0), 1, atol=1e-5)


def test_steps_chosen_by_hand_round_trip(tmp_path: Path) -> None:
    setup = DataSetup(source=CsvFile(path="a.csv"), steps=(Impute(strategy="mean"), MinMax()))
    assert DataSetup.parse(json.loads(json.dumps(setup.to_json()))) == setup
    with pytest.raises(SettingError):
        DataSetup.parse({"steps": [{"type": "Nothing"}]})
