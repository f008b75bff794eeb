"""Known architectures, drawn to the size of the data."""

from engine.templates.base import Learns, Template
from engine.templates.branching import ResNetLike, UNetLike
from engine.templates.dense import MLP, Autoencoder
from engine.templates.pictures import AlexNetLike, LeNet5, VGGLike

TEMPLATES: tuple[type[Template], ...] = (
    MLP,
    LeNet5,
    AlexNetLike,
    VGGLike,
    ResNetLike,
    UNetLike,
    Autoencoder,
)
"""All of them, the simplest first."""

__all__ = [
    "MLP",
    "TEMPLATES",
    "AlexNetLike",
    "Autoencoder",
    "LeNet5",
    "Learns",
    "ResNetLike",
    "Template",
    "UNetLike",
    "VGGLike",
]
