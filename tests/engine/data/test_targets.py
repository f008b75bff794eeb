"""Classes and numbers, to arrays and back."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data.targets import Targets, as_classes, detect
from engine.errors import DataError

PETS = Targets(classes=("cat", "dog", "eel"), names=("pet",))


def test_classes_there_and_back() -> None:
    encoded = PETS.encode(["eel", "cat"])
    assert encoded.dtype == np.int64
    assert [PETS.classes[i] for i in encoded] == ["eel", "cat"]
    assert PETS.size == 3


def test_numbers_there_and_back() -> None:
    targets = Targets(task="regression", names=("price",))
    encoded = targets.encode(np.array([1.5, 2.5]))
    assert encoded.dtype == np.float32
    assert encoded.shape == (2, 1)
    np.testing.assert_array_equal(targets.in_units(encoded), [[1.5], [2.5]])
    assert targets.encode(["1.5"]).tolist() == [[1.5]]
    with pytest.raises(DataError, match="'price' holds 'much'"):
        targets.encode(["much"])


def test_unknown_classes() -> None:
    with pytest.raises(DataError, match="'fox' is none of the classes cat, dog, eel"):
        PETS.encode(["cat", "fox"])
    with pytest.raises(DataError, match="there are 3 classes"):
        PETS.encode(np.array([0, 3]))


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([0, 1, 0, 1], "classification"),
        ([0.0, 1.0, 2.0, 0.0, 1.0, 2.0], "classification"),
        ([0.5, 1.0, 0.5, 1.0], "regression"),
        (list(range(50)), "regression"),
        (["a", "b"], "classification"),
    ],
)
def test_detection(values: list[float], task: str) -> None:
    assert detect(np.array(values), "y")[2] == task


def test_too_many_classes() -> None:
    with pytest.raises(DataError, match="2,000 different values"):
        as_classes(np.arange(2000), "y")


def test_names_that_look_like_numbers_sort_as_numbers() -> None:
    y, classes = as_classes(np.array(["10", "9", "-1"]), "y")
    assert classes == ("-1", "9", "10")
    assert y.tolist() == [2, 1, 0]
