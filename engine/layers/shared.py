"""A layer that is used again, with the same weights."""

from __future__ import annotations

from engine.arrays import Shape
from engine.errors import ShapeError
from engine.layers.base import Layer, layer
from engine.spec import setting


@layer(category="Structure")
class Shared(Layer):
    """Another layer of the graph used once more: both have the same weights.

    So one calls a Keras layer twice, for a Siamese network say (Bromley et al. 1993). The graph
    finds out which layer it is: see :meth:`engine.graph.Graph.layer_of`.
    """

    offered = False

    of: str = setting("", label="Layer", help="The name of the layer whose weights it uses.")

    @property
    def brief(self) -> str:
        return f"weights of {self.of}"

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        # Only asked where the graph found no layer to share.
        raise ShapeError(
            f"It shares the weights of {self.of or 'no layer'!r}, "
            "which is not a layer of this graph.",
            "Choose a layer with weights of its own, or delete it.",
        )
