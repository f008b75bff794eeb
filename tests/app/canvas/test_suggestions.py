"""Which layers are offered for a wire: those that fit, the usual ones first."""

from __future__ import annotations

import pytest

from app.canvas import suggestions
from engine.layers import Layer


@pytest.mark.parametrize(
    ("kind", "shape", "first"),
    [
        ("Conv2D", (26, 26, 8), ["BatchNormalization", "ReLU", "MaxPooling2D"]),
        ("Conv1D", (40, 8), ["BatchNormalization", "ReLU", "MaxPooling1D"]),
        ("BatchNormalization", (26, 26, 8), ["ReLU"]),
        ("MaxPooling2D", (13, 13, 8), ["Conv2D", "Flatten"]),
        ("Flatten", (64,), ["Dense"]),
        ("Dense", (64,), ["Dense", "Dropout"]),
        ("LeakyReLU", (13, 13, 8), ["MaxPooling2D", "Conv2D"]),
        ("Add", (13, 13, 8), ["ReLU"]),
    ],
)
def test_what_usually_follows_comes_first(kind, shape, first):
    assert suggestions.following(kind, shape)[: len(first)] == first


@pytest.mark.parametrize("shape", [(), (7,), (12, 4), (9, 9, 3), None])
@pytest.mark.parametrize("kind", sorted(Layer.palette()))
def test_only_what_fits_is_offered(kind, shape):
    for each in suggestions.following(kind, shape):
        cls = Layer.kinds[each]
        assert cls.arity[1] != 0
        if shape is not None and cls.arity[0] == 1:
            cls().output_shape((shape,))


def test_the_table_names_layers_that_exist():
    named = {each for row in suggestions._FOLLOWS.values() for each in row}
    assert named | suggestions._FOLLOWS.keys() <= Layer.kinds.keys()


def test_what_usually_comes_before_comes_first():
    assert suggestions.preceding("Dense")[0] in ("Flatten", "Dense", "Dropout")
    assert suggestions.preceding("BatchNormalization")[0] == "Conv2D"
    assert set(suggestions.preceding("Add")) == set(Layer.palette())
