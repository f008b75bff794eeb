"""How much samples, classes and outputs count in the loss."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.data import Part
from engine.losses import Loss
from engine.spec import Family, setting


class ClassWeights(Family, root=True):
    """How much a sample counts for its class while training: Keras' ``class_weight``.

    Validation and test count all classes alike, so that their loss stays comparable.
    """

    def of_classes(self, labels: Array, classes: int) -> Array:
        """The weight of each class, (classes,), for a training part with these labels (N,)."""
        raise NotImplementedError


class Balanced(ClassWeights):
    """Rare classes count more: ``samples / (classes * samples of the class)``.

    All classes count alike then in sum; scikit-learn's ``"balanced"`` (King & Zeng 2001).
    """

    def of_classes(self, labels: Array, classes: int) -> Array:
        counts = np.bincount(labels, minlength=classes)
        # A class without samples has nothing to weigh.
        return np.where(counts, len(labels) / (classes * np.maximum(counts, 1)), 0.0)


class ByClass(ClassWeights):
    """One weight for each class."""

    weights: tuple[float, ...] = setting(
        (), label="Weights", help="One for each class, in the order of the Data panel."
    )

    def of_classes(self, labels: Array, classes: int) -> Array:
        return np.array(self.weights, np.float64)


class OutputGoal(Family, root=True):
    """What one output of several is trained for."""

    output: str = setting("", label="Output", help="The name of the layer that is the output.")


class OutputLoss(OutputGoal):
    """An output's share in the loss: Keras' ``loss_weights``, and a loss of its own."""

    weight: float = setting(
        1.0, ge=0, le=1e6, label="Weight", help="How much its loss counts in the sum."
    )
    loss: Loss | None = setting(
        None, label="Own loss", help="What it is compared by; none takes the plan's loss."
    )


def weights_of_classes(weights: ClassWeights | None, part: Part, classes: int) -> Array | None:
    """The weight of each class, (classes,), for a training part; None where all count alike."""
    return None if weights is None else weights.of_classes(part.y, classes)


def sample_weights(part: Part, chosen: Array | slice, of_classes: Array | None) -> Array | None:
    """How much each chosen sample counts, (B,); None where all count alike.

    Args:
        of_classes: (classes,) the weight of each class, or None.
    """
    weights = None if part.weights is None else part.weights[chosen]
    if of_classes is None:
        return weights
    by_class: Array = of_classes[part.y[chosen]].astype(np.float32)
    return by_class if weights is None else weights * by_class
