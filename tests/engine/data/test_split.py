"""How samples are shared out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import DataSetup, Split, prepare
from engine.data.samples import Samples
from engine.data.sources import BuiltIn, Points, Toy
from engine.data.split import divide
from engine.errors import DataError, EngineError, SettingError

# E1: the line through these is y = 0.251635 x + 0.798801.
X = (3.3, 4.4, 5.5, 6.71, 6.93, 4.168, 9.779, 6.182, 7.59)
X += (2.167, 7.042, 10.791, 5.313, 7.997, 5.654, 9.27, 3.1)
Y = (1.7, 2.76, 2.09, 3.19, 1.694, 1.573, 3.366, 2.596, 2.53)
Y += (1.221, 2.827, 3.465, 1.65, 2.904, 2.42, 2.94, 1.3)


def classes(*labels: int) -> Samples:
    y = np.array(labels, np.int64)
    names = tuple(str(i) for i in range(int(y.max()) + 1))
    return Samples(
        kind="array", x=np.arange(len(y))[:, np.newaxis], y=y, task="classification", classes=names
    )


def test_shares_of_classes_are_kept() -> None:
    samples = classes(*[0] * 600, *[1] * 300, *[2] * 100)
    parts, notes = divide(samples, Split(train=0.6, validation=0.3, test=0.1))
    counts = {name: np.bincount(samples.y[part]).tolist() for name, part in parts.items()}
    assert counts == {"train": [360, 180, 60], "validation": [180, 90, 30], "test": [60, 30, 10]}
    assert notes == ()


def test_a_class_with_one_sample_is_learned_and_told() -> None:
    samples = classes(*[0] * 20, *[1] * 20, 2)
    parts, notes = divide(samples, Split())
    assert 40 in parts["train"]
    assert notes == ("Class 2 has only 1 of 41 samples, so one part has none.",)


def test_order_of_the_file() -> None:
    parts, _ = divide(
        classes(*[0, 1] * 10), Split(shuffle=False, train=0.5, validation=0.25, test=0.25)
    )
    assert [part.tolist() for part in parts.values()] == [
        list(range(10)),
        list(range(10, 15)),
        list(range(15, 20)),
    ]


def test_what_the_shares_leave_is_not_used() -> None:
    parts, _ = divide(classes(*[0, 1] * 50), Split(train=0.2, validation=0.1, test=0))
    assert [len(part) for part in parts.values()] == [20, 10, 0]


def test_shares_above_all_are_refused() -> None:
    with pytest.raises(SettingError, match=r"add up to 1\.2"):
        Split.parse({"train": 0.9, "validation": 0.3, "test": 0})


def test_given_test_part() -> None:
    samples = Samples(
        kind="array",
        x=np.zeros((10, 1)),
        y=np.zeros(10),
        task="regression",
        given={"test": np.array([7, 8, 9])},
    )
    parts, notes = divide(samples, Split(train=0.7, validation=0.1, test=0.2))
    assert parts["test"].tolist() == [7, 8, 9]
    assert sorted([*parts["train"], *parts["validation"]]) == list(range(7))
    assert notes == (
        "No validation part is given, so 1 sample of the training part serve as such; "
        "set its share to 0 to train on all of them.",
    )
    both = replace(samples, given={"test": np.array([7]), "validation": np.array([0, 9])})
    parts, notes = divide(both, Split(train=0.2, validation=0.1, test=0.2))
    assert [sorted(part.tolist()) for part in parts.values()] == [
        [1, 2, 3, 4, 5, 6, 8],
        [0, 9],
        [7],
    ]
    assert not notes


@given(
    labels=st.lists(st.integers(0, 4), min_size=1, max_size=60),
    shares=st.tuples(st.floats(0.01, 1), st.floats(0, 1), st.floats(0, 1)),
    shuffle=st.booleans(),
    stratified=st.booleans(),
)
def test_parts_are_disjoint_and_not_empty(
    labels: list[int], shares: tuple[float, float, float], shuffle: bool, stratified: bool
) -> None:
    total = max(1.0, sum(shares))
    train, validation, test = (share / total for share in shares)
    samples = classes(*labels)
    try:
        split = Split.parse(
            {
                "train": train,
                "validation": validation,
                "test": test,
                "shuffle": shuffle,
                "stratified": stratified,
            }
        )
        parts, _ = divide(samples, split)
    except EngineError:
        return
    every = np.concatenate(list(parts.values()))
    assert len(set(every.tolist())) == len(every) <= len(labels)
    for name, share in (("train", train), ("validation", validation), ("test", test)):
        assert (len(parts[name]) > 0) == (share > 0)  # type: ignore[index]
    if stratified and shuffle:
        assert set(samples.y[parts["train"]]) == set(labels)


def test_too_few_samples() -> None:
    with pytest.raises(DataError, match="2 samples are too few"):
        divide(classes(0, 1), Split())
    with pytest.raises(DataError, match="3 samples of 3 classes are too few"):
        divide(classes(0, 1, 2), Split())


def test_one_class_only() -> None:
    points = Points(x=(1, 2, 3, 4, 5, 6), y=(1, 1, 1, 1, 1, 1))
    with pytest.raises(DataError, match="one class only: '1'"):
        prepare(DataSetup(source=points))


def test_linear_regression_example() -> None:
    everything = Split(train=1, validation=0, test=0, shuffle=False)
    data = prepare(DataSetup(source=Points(x=X, y=Y), split=everything))
    assert data.train.x.shape == data.train.y.shape == (17, 1)
    np.testing.assert_array_equal(data.train.x[:, 0], np.array(X, np.float32))
    slope, start = np.polyfit(data.train.x[:, 0], data.train.y[:, 0], 1)
    assert slope == pytest.approx(0.251635, abs=1e-6)
    assert start == pytest.approx(0.798801, abs=1e-6)
    assert len(data.validation) == len(data.test) == 0
    assert data.validation.x.shape == (0, 1)


@pytest.mark.parametrize("y", [(1.0,), ()])
def test_points_must_be_pairs(y: tuple[float, ...]) -> None:
    with pytest.raises(DataError, match=r"0 numbers for x|1 for y"):
        Points(x=(1.0, 2.0) if y else (), y=y).load(base=None)  # type: ignore[arg-type]


def test_a_number_too_large_for_float32_is_refused() -> None:
    points = Points(x=(1.0, 2.0, 1e300, 4.0), y=(0.5, 1.5, 2.5, 3.5))
    with pytest.raises(DataError, match=r"sample 3 has 1e[+]300 as input"):
        prepare(DataSetup(source=points))


@pytest.mark.parametrize("name", ["digits", "iris", "wine", "breast_cancer", "diabetes"])
def test_built_in_sets(name: str) -> None:
    data = prepare(DataSetup(source=BuiltIn(name=name)))  # type: ignore[arg-type]
    shape, size, count = {
        "digits": ((8, 8, 1), 10, 1797),
        "iris": ((4,), 3, 150),
        "wine": ((13,), 3, 178),
        "breast_cancer": ((30,), 2, 569),
        "diabetes": ((10,), 1, 442),
    }[name]
    assert (data.input_shape, data.output_size, len(data.samples)) == (shape, size, count)


@pytest.mark.parametrize(
    "shape", ["spiral", "moons", "circles", "blobs", "xor", "noisy_line", "noisy_sine"]
)
def test_toy_sets(shape: str) -> None:
    source = Toy.parse({"shape": shape, "count": 500, "classes": 3, "noise": 0.05})
    data = prepare(DataSetup(source=source))
    assert len(data.samples) == 500
    if shape.startswith("noisy"):
        assert data.output_size == 1
        assert data.input_shape == (1,)
    else:
        assert data.output_size == (3 if shape in ("spiral", "blobs") else 2)
        assert data.input_shape == (2,)
        assert abs(data.train.x).max() < 2
    other = prepare(DataSetup(source=source.changed(seed=1)))
    assert not np.array_equal(data.train.x, other.train.x)
