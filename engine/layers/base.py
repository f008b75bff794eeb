"""What a layer is.

A layer holds settings only. Its weights, the random generator and the training
flag are arguments, so that a prediction can run while training runs. Shapes are
those of one sample; arrays have the batch as their first axis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np

from engine.activations import Activation
from engine.arrays import Array, Shape
from engine.constraints import Constraint
from engine.initializers import Initializer
from engine.parallel import Later
from engine.regularizers import Regularizer
from engine.spec import Family, setting

if TYPE_CHECKING:
    from engine.exporting.builder import OnnxBuilder

Weights = dict[str, Array]
Kept = Any
"""What a layer's forward pass keeps for its backward pass."""


@dataclass(frozen=True)
class WeightSpec:
    """One weight that a layer asks for.

    Attributes:
        trainable: False for statistics that the forward pass moves itself.
    """

    shape: Shape
    initializer: Initializer
    trainable: bool = True
    regularizer: Regularizer | None = None
    constraint: Constraint | None = None

    def __post_init__(self) -> None:
        """Check that initializer and constraint suit the shape.

        Raises:
            ShapeError: one of them does not.
        """
        self.initializer.check(self.shape)
        if self.constraint is not None:
            self.constraint.check(self.shape)


@cache
def any_generator() -> np.random.Generator:
    """For runs that bring no generator; making one takes longer than a small prediction."""
    return np.random.default_rng()


@dataclass(slots=True)
class Run:
    """The circumstances of one forward pass.

    Attributes:
        training: whether Dropout drops and BatchNormalization takes the batch.
        rng: where a layer draws; only there while training.
        updates: new values of weights that are not trained by gradients, to be
            set by the layer in its forward pass; the network stores them.
    """

    training: bool = False
    rng: np.random.Generator = field(default_factory=any_generator)
    updates: Weights = field(default_factory=dict)


class Layer(Family, root=True):
    """The base of every layer.

    Attributes:
        category: its place in the palette.
        arity: the least and the most inputs; None means as many as you like.
        offered: whether it can be chosen from the palette.
        keeps_probabilities: whether what came in as probabilities leaves as such: numbers that
            are only put elsewhere, and means of them.
    """

    category: ClassVar[str] = ""
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    offered: ClassVar[bool] = True
    keeps_probabilities: ClassVar[bool] = False

    @classmethod
    def palette(cls) -> dict[str, type[Layer]]:
        """The kinds that can be chosen, by name."""
        return {name: kind for name, kind in cls.kinds.items() if kind.offered}

    @property
    def brief(self) -> str:
        """What it is, in a few words, where its settings do not tell; else empty."""
        return ""

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The shape of one output sample.

        Raises:
            ShapeError: the layer cannot take these inputs; says why and what helps.
        """
        raise NotImplementedError

    def weights(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        """The weights it needs for these inputs, by name."""
        return {}

    def weight_specs(self, inputs: tuple[Shape, ...]) -> dict[str, WeightSpec]:
        """:meth:`weights`, none of them trainable where the layer is frozen."""
        specs = self.weights(inputs)
        if getattr(self, "trainable", True):
            return specs
        return {name: replace(spec, trainable=False) for name, spec in specs.items()}

    def multiply_adds(self, inputs: tuple[Shape, ...]) -> int:
        """Those of its matrix products in one forward pass, per sample.

        Each kernel is applied at every place of the output; layers that work otherwise say so.
        """
        kernels = [spec for name, spec in self.weights(inputs).items() if name.endswith("kernel")]
        if not kernels:
            return 0
        places = prod(self.output_shape(inputs)[:-1])
        return places * sum(prod(spec.shape) for spec in kernels)

    def forward(self, w: Weights, run: Run, *xs: Array) -> tuple[Array, Kept]:
        """The output before the activation, and what :meth:`backward` needs."""
        raise NotImplementedError

    def backward(self, w: Weights, kept: Kept, dy: Array) -> tuple[tuple[Array, ...], Weights]:
        """The gradient for each input, and for each trainable weight by name."""
        raise NotImplementedError

    def weight_gradients(self, w: Weights, kept: Kept, dy: Array) -> Weights:
        """What :meth:`backward` gives for the weights, where nobody needs the rest.

        So it is for the first layer, whose input is data; layers that can save
        work override it.
        """
        return self.backward(w, kept, dy)[1]

    def fill_gradients(
        self, w: Weights, kept: Kept, dy: Array, grads: Weights, passes_back: bool, later: Later
    ) -> tuple[Array, ...]:
        """Write the gradient of each weight into ``grads``, which is empty for a frozen layer.

        A layer overrides it if it can work them out right there, and ``later``: nobody
        needs them before the whole backward pass is over.

        Returns:
            The gradient for each input if it ``passes_back``, else nothing.
        """
        if passes_back:
            dxs, found = self.backward(w, kept, dy)
        else:
            dxs, found = (), self.weight_gradients(w, kept, dy)
        for name, into in grads.items():
            into[...] = found[name]
        return dxs

    def to_onnx(self, g: OnnxBuilder, w: Weights, *xs: str) -> str:
        """Add the operators up to the activation; the name of their output."""
        raise NotImplementedError

    @property
    def applied_activation(self) -> Activation | None:
        """The activation that follows the layer's own work; None where it is linear.

        It is applied by the network, in one place, so that a loss can take the
        values before it and an exporter the operators after.
        """
        activation = getattr(self, "activation", None)
        return None if activation is None or activation.kind == "linear" else activation


class TrainableLayer(Layer, abstract=True):
    """The base of layers with weights, which can be frozen: Keras' ``trainable``."""

    trainable: bool = setting(
        True,
        label="Trained",
        help="Off freezes the layer: its weights stay as they are.",
        advanced=True,
    )
    learning_rate_factor: float = setting(
        1.0,
        gt=0,
        le=100,
        label="Rate factor",
        help="The learning rate is multiplied by this for the layer.",
        advanced=True,
    )


LayerClass = TypeVar("LayerClass", bound=type[Layer])


def layer(*, category: str) -> Callable[[LayerClass], LayerClass]:
    """Say where in the palette a layer stands."""

    def place(cls: LayerClass) -> LayerClass:
        cls.category = category
        return cls

    return place
