"""Every layer, by name. A new layer is imported here, and then it is everywhere."""

from engine.layers.activation_layers import ELU, LeakyReLU, PReLU, ReLU, Softmax
from engine.layers.base import Layer, Run, WeightSpec, layer
from engine.layers.convolution import Conv2D
from engine.layers.core import Activation, Dense, Flatten, Input, Reshape
from engine.layers.embedding import Embedding
from engine.layers.merging import (
    Add,
    Average,
    Concatenate,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
)
from engine.layers.merging_dot import Dot
from engine.layers.normalization import BatchNormalization
from engine.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)
from engine.layers.preprocessing import Rescaling
from engine.layers.regularization import (
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
)
from engine.layers.separable import DepthwiseConv2D, SeparableConv2D
from engine.layers.sequences import (
    AveragePooling1D,
    Conv1D,
    GlobalAveragePooling1D,
    GlobalMaxPooling1D,
    MaxPooling1D,
)
from engine.layers.shaping import (
    Cropping2D,
    Permute,
    RepeatVector,
    UpSampling2D,
    ZeroPadding2D,
)
from engine.layers.shared import Shared
from engine.layers.standardizing import GroupNormalization, LayerNormalization
from engine.layers.transposed import Conv2DTranspose

__all__ = [
    "ELU",
    "Activation",
    "Add",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "BatchNormalization",
    "Concatenate",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Cropping2D",
    "Dense",
    "DepthwiseConv2D",
    "Dot",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GroupNormalization",
    "Input",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "MaxPooling1D",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "Multiply",
    "PReLU",
    "Permute",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Run",
    "SeparableConv2D",
    "Shared",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "Subtract",
    "UpSampling2D",
    "WeightSpec",
    "ZeroPadding2D",
    "layer",
]
