"""What cannot work is refused in words, with the actual value and a way out."""

from __future__ import annotations

import pytest

import engine.layers as ns
from engine.errors import ShapeError

REFUSED = [
    (ns.Dense(), ((),), "single number"),
    (ns.Activation(activation="softmax"), ((),), "single number"),
    (ns.Activation(activation={"type": "softmax", "axis": 3}), ((4, 5),), "axis 3, but 4 × 5"),
    (ns.Dense(activation={"type": "softmax", "axis": -3}), ((4, 5),), "axis -3"),
    (ns.Conv2D(activation={"type": "log_softmax", "axis": 4}), ((5, 5, 1),), "axis 4"),
    (ns.Softmax(axis=2), ((4,),), "axis 2, but 4 has 1"),
    (ns.PReLU(shared_axes=(1, 2)), ((4,),), "axis 2, but 4 has 1"),
    (ns.PReLU(shared_axes=(1,)), ((),), "axis 1"),
    (ns.Reshape(target_shape=(5,)), ((4,),), "the 4 numbers"),
    (ns.Reshape(target_shape=(-1, -1)), ((4,),), "-1 × -1"),
    (ns.Reshape(target_shape=(3, -1)), ((4,),), "the 4 numbers"),
    (ns.Reshape(target_shape=(0, -1)), ((4,),), "the 4 numbers"),
    (ns.Conv2D(), ((784,),), "784"),
    (ns.Conv2D(), ((28, 28),), "28 × 28"),
    (ns.Conv2D(), ((),), "one number"),
    (ns.Conv2D(kernel_size=5), ((4, 9, 1),), "5 pixels high, but its input only 4"),
    (ns.Conv2D(kernel_size=3, dilation_rate=2), ((9, 4, 1),), "5 pixels wide"),
    (ns.Conv2D(groups=2), ((9, 9, 3),), "3 input channels into 2"),
    (ns.Conv2D(groups=2, filters=3), ((9, 9, 4),), "3 filters into 2"),
    (ns.Conv2D(strides=2, dilation_rate=2), ((9, 9, 4),), "2 × 2"),
    (ns.Conv1D(), ((28,),), "Conv1D needs sequences"),
    (ns.Conv1D(), ((),), "one number"),
    (ns.Conv1D(), ((28, 28, 1),), "28 × 28 × 1"),
    (ns.Conv1D(kernel_size=3, dilation_rate=2), ((4, 1),), "5 steps long, but its input only 4"),
    (ns.Conv1D(strides=2, dilation_rate=3), ((9, 1),), "the stride 2 and the dilation 3"),
    (ns.Conv1D(groups=2), ((9, 3),), "Conv1D cannot split 3 input channels"),
    (ns.MaxPooling1D(pool_size=3), ((2, 1),), "3 steps long"),
    (ns.AveragePooling1D(), ((4,),), "AveragePooling1D needs sequences"),
    (ns.GlobalAveragePooling1D(), ((784,),), "784"),
    (ns.GlobalMaxPooling1D(), ((2, 2, 2),), "2 × 2 × 2"),
    (ns.DepthwiseConv2D(), ((28, 28),), "28 × 28"),
    (ns.DepthwiseConv2D(kernel_size=5), ((4, 9, 1),), "5 pixels high"),
    (ns.SeparableConv2D(strides=2, dilation_rate=2), ((9, 9, 4),), "2 × 2"),
    (ns.SeparableConv2D(), ((9, 2, 4),), "3 pixels wide"),
    (ns.Conv2DTranspose(), ((784,),), "784"),
    (ns.Conv2DTranspose(strides=2, dilation_rate=2), ((9, 9, 4),), "2 × 2"),
    (ns.Conv2DTranspose(strides=2, output_padding=2), ((9, 9, 4),), "output padding of 2"),
    (ns.MaxPooling2D(), ((784,),), "784"),
    (ns.MaxPooling2D(pool_size=3), ((2, 3, 1),), "3 pixels high"),
    (ns.AveragePooling2D(pool_size=3), ((3, 2, 1),), "3 pixels wide"),
    (ns.GlobalAveragePooling2D(), ((784,),), "784"),
    (ns.GlobalMaxPooling2D(), ((2, 2, 2, 2),), "2 × 2 × 2 × 2"),
    (ns.BatchNormalization(), ((),), "single number"),
    (ns.Add(), ((3,), (4,)), "3 and 4"),
    (ns.Add(), ((3, 1), (3,)), "3 × 1 and 3"),
    (ns.Multiply(), ((3, 4), (3, 2)), "3 × 4 and 3 × 2"),
    (ns.Maximum(), ((3, 4), (4,)), "3 × 4 and 4"),
    (ns.Dot(), ((3,), (4,)), "3 and 4"),
    (ns.Dot(), ((), (4,)), "axis -1"),
    (ns.Dot(axes=2), ((3, 4), (4,)), "axis 2"),
    (ns.ZeroPadding2D(), ((9, 9),), "9 × 9"),
    (ns.Cropping2D(cropping=(2, 2, 0, 0)), ((4, 9, 1),), "4 rows"),
    (ns.Cropping2D(cropping=(0, 0, 3, 2)), ((4, 4, 1),), "5 columns"),
    (ns.UpSampling2D(), ((784,),), "784"),
    (ns.Permute(), ((4,),), "2 × 1"),
    (ns.Permute(dims=(1, 1)), ((4, 4),), "1 × 1"),
    (ns.Permute(dims=()), ((4, 4),), "4 × 4"),
    (ns.RepeatVector(), ((4, 4),), "4 × 4"),
    (ns.RepeatVector(), ((),), "one number"),
    (ns.SpatialDropout1D(), ((4,),), "4"),
    (ns.SpatialDropout2D(), ((4, 4),), "4 × 4"),
    (ns.BatchNormalization(axis=2), ((4,),), "axis 2"),
    (ns.LayerNormalization(), ((),), "axis -1"),
    (ns.LayerNormalization(axis=(-1, 2)), ((4, 4),), "-1, 2"),
    (ns.GroupNormalization(), ((4, 4, 6),), "6 channels into 32"),
    (ns.GroupNormalization(groups=0), ((4, 4, 6),), "into 0"),
    (ns.GroupNormalization(axis=0), ((4, 4, 6),), "axis 0"),
    (ns.Concatenate(), ((3, 4), (2, 4)), "3 × 4 and 2 × 4"),
    (ns.Concatenate(), ((3, 4), (4,)), "3 × 4 and 4"),
    (ns.Concatenate(), ((), ()), "0 axes"),
    (ns.Concatenate(axis=0), ((3,), (4,)), "axis 0"),
    (ns.Concatenate(axis=2), ((3,), (4,)), "axis 2"),
    (ns.Concatenate(axis=-3), ((3, 2), (4, 2)), "axis -3"),
]


@pytest.mark.parametrize(
    ("layer", "shapes", "words"),
    REFUSED,
    ids=[f"{layer.kind}-{words}" for layer, _, words in REFUSED],
)
def test_refused_with_reason_and_fix(layer, shapes, words):
    with pytest.raises(ShapeError) as caught:
        layer.output_shape(shapes)
    assert words in caught.value.what
    for sentence in (caught.value.what, caught.value.fix):
        assert sentence[0].isupper()
        assert sentence.endswith(".")


def test_output_sizes_of_the_textbook():
    conv = ns.Conv2D(filters=32, kernel_size=3)
    assert conv.output_shape(((28, 28, 1),)) == (26, 26, 32)
    assert conv.changed(padding="same", strides=2).output_shape(((7, 8, 3),)) == (4, 4, 32)
    assert conv.changed(dilation_rate=2).output_shape(((9, 9, 3),)) == (5, 5, 32)
    up = ns.Conv2DTranspose(filters=8, kernel_size=3, strides=2)
    assert up.output_shape(((7, 7, 16),)) == (15, 15, 8)
    assert up.changed(padding="same").output_shape(((7, 7, 16),)) == (14, 14, 8)
    assert ns.MaxPooling2D().output_shape(((5, 5, 2),)) == (2, 2, 2)
    assert ns.MaxPooling2D(padding="same").output_shape(((5, 5, 2),)) == (3, 3, 2)
