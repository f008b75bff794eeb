"""PyTorch, eager: all cores, pictures channels last, Adam fused."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.peers.base import Prepared
from benchmarks.workloads import RATE, Workload
from engine.diagnosis import diagnose
from engine.layers import Layer
from engine.parallel import available_cores

# Those that go with logits leave out the activation at the end.
LOSSES = {
    "sparse_categorical_crossentropy": functional.cross_entropy,
    "binary_crossentropy": functional.binary_cross_entropy_with_logits,
    "mean_squared_error": functional.mse_loss,
}
ACTIVATIONS = {"relu": functional.relu, "sigmoid": torch.sigmoid, "softmax": None}


class Module(nn.Module):
    """The network of a graph."""

    def __init__(self, workload: Workload) -> None:
        super().__init__()
        graph, shapes = workload.graph, diagnose(workload.graph).shapes
        self.parts = nn.ModuleDict()
        self.plan: list[tuple[str, tuple[str, ...], str]] = []
        for id in graph.order[1:]:
            sources = tuple(edge.source for edge in graph.into[id])
            layer = graph.nodes[id].layer
            self.parts[id] = module_of(layer, shapes[sources[0]])
            activation = layer.applied_activation
            name = activation.kind if activation else ""
            if id == workload.output and workload.loss.takes_logits:
                name = ""
            self.plan.append((id, sources, name))
        (self.start,) = graph.inputs

    def forward(self, x: Tensor) -> Tensor:
        values = {self.start: x}
        for id, sources, activation in self.plan:
            x = self.parts[id](*(values[source] for source in sources))
            values[id] = ACTIVATIONS[activation](x) if activation else x
        return x


class Sum(nn.Module):
    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        return x + other


class MeanOfPlaces(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))


def module_of(layer: Layer, shape: tuple[int, ...]) -> nn.Module:
    """PyTorch's name for a layer whose input samples have this shape."""
    match layer.kind:
        case "Dense":
            return nn.Linear(shape[-1], layer.units)
        case "Conv2D":
            return nn.Conv2d(
                shape[-1],
                layer.filters,
                layer.kernel_size,
                padding=layer.padding,
                bias=layer.use_bias,
            )
        case "BatchNormalization":
            return nn.BatchNorm2d(shape[-1], layer.epsilon, 1 - layer.momentum)
        case "MaxPooling2D":
            return nn.MaxPool2d(layer.pool_size)
        case "GlobalAveragePooling2D":
            return MeanOfPlaces()
        case "Flatten":
            return nn.Flatten()
        case "Activation":
            return nn.Identity()
        case "Add":
            return Sum()
    raise NotImplementedError(f"No workload had {layer.kind} so far.")


def prepare(workload: Workload, compiled: bool = False) -> Prepared:
    torch.set_num_threads(available_cores())
    torch.manual_seed(0)
    module = Module(workload)
    x, y = (torch.from_numpy(each) for each in workload.batch)
    if x.ndim == 4:
        module = module.to(memory_format=torch.channels_last)
        x = x.permute(0, 3, 1, 2)  # in memory the channels stay last
    adam = torch.optim.Adam(module.parameters(), lr=RATE, eps=1e-7, fused=True)
    loss = LOSSES[workload.loss_name]
    run = torch.compile(module) if compiled else module

    def steps(count: int) -> None:
        for _ in range(count):
            adam.zero_grad(set_to_none=True)
            loss(run(x), y).backward()
            adam.step()

    return Prepared(sum(each.numel() for each in module.parameters()), steps)
