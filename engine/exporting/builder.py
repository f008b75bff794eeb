"""An ONNX graph in the making: layers and preprocessing add their operators to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.arrays import Array, Shape
from engine.errors import ExportError

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto

OPSET = 20
"""Version of ONNX' own operators; the first one that has Gelu."""

ML_OPSET = 3
"""Version of the ``ai.onnx.ml`` operators, which know strings."""

ML = "ai.onnx.ml"

IR_VERSION = 9
"""Version of the file format that belongs to these operators."""

MAX_BYTES = 2**31 - 1
"""What a protocol buffer can hold."""

BATCH = "batch"
"""The name of the axis that may have any length."""

ELEMENT_TYPES = {
    "float32": 1, "uint8": 2, "int32": 6, "int64": 7, "string": 8, "bool": 9, "float64": 11,
}  # fmt: skip
"""ONNX' number for each type of an input or output."""


class OnnxBuilder:
    """Collects operators and weights, and builds the checked model.

    Values are named after the node that they belong to, so that a drawing of
    the file (in Netron, say) shows the names of the project.

    Attributes:
        shapes: the shape of one sample of each value that goes into a layer; for
            layers whose operators depend on it.
    """

    def __init__(self, name: str = "network", reserved: Collection[str] = ()) -> None:
        """Begin with nothing in it.

        Args:
            reserved: names of outputs to come, which nothing inside may take.
        """
        self.name = name
        self.shapes: dict[str, Shape] = {}
        self._node = ""
        self._nodes: list[NodeProto] = []
        self._tensors: list[TensorProto] = []
        self._inputs: list[ValueInfoProto] = []
        self._outputs: list[ValueInfoProto] = []
        self._taken = set(reserved)
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._domains: set[str] = set()

    @contextmanager
    def inside(self, node: str) -> Iterator[None]:
        """Name what is added in the ``with`` block after this node of the graph."""
        before, self._node = self._node, node
        try:
            yield
        finally:
            self._node = before

    def input(self, name: str, shape: Sequence[int], dtype: str = "float32") -> str:
        """Declare an input of the model; ``shape`` is that of one sample."""
        self._inputs.append(self._described(name, shape, dtype))
        self._taken.add(name)
        self.shapes[name] = tuple(shape)
        return name

    def output(self, value: str, name: str, shape: Sequence[int], dtype: str = "float32") -> None:
        """Declare that ``value`` leaves the model as ``name``; ``shape`` is that of one sample.

        An input of that name keeps it: the output gets "_out" after it.
        """
        from onnx import helper

        while any(name == each.name for each in self._inputs):
            name = f"{name}_out"
        self._nodes.append(helper.make_node("Identity", [value], [name], name=f"{name}/output"))
        self._outputs.append(self._described(name, shape, dtype))

    def op(self, op_type: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add an operator with one output; the name of that output.

        An input that is left out is the empty string.
        """
        from onnx import helper

        out = self._free_name(op_type)
        self._domains.add(domain)
        self._nodes.append(
            helper.make_node(op_type, list(inputs), [out], name=out, domain=domain, **attributes)
        )
        return out

    def weight(self, name: str, array: Array) -> str:
        """Store a weight of the current node; the name of its value."""
        return self._store(self._free_name(name), array)

    def constant(self, array: Array, *, exact: bool = False) -> str:
        """Store numbers that are no weights; equal ones are stored once.

        Args:
            exact: keeps double precision, for what is computed before or after the network.
        """
        array = np.asarray(array)
        array = array if exact else _in_single_precision(array)
        key = (str(array.dtype), array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = self._store(self._free_name("constant"), array, exact=exact)
        return self._constants[key]

    def build(self, metadata: dict[str, str] | None = None) -> ModelProto:
        """The model, checked.

        Raises:
            ExportError: it is larger than an ONNX file can be.
        """
        import onnx
        from onnx import helper

        from engine.version import VERSION

        graph = helper.make_graph(
            self._nodes, self.name or "network", self._inputs, self._outputs, self._tensors
        )
        opsets = [helper.make_opsetid("", OPSET)]
        if ML in self._domains:
            opsets.append(helper.make_opsetid(ML, ML_OPSET))
        model = helper.make_model(
            graph,
            opset_imports=opsets,
            ir_version=IR_VERSION,
            producer_name="netsmith",
            producer_version=VERSION,
        )
        helper.set_model_props(model, metadata or {})
        if model.ByteSize() > MAX_BYTES:
            raise ExportError(
                f"The network has {model.ByteSize() / 2**30:.1f} GiB of weights.",
                "An ONNX file holds at most 2 GiB: make layers smaller.",
            )
        onnx.checker.check_model(model, full_check=True)
        return model

    def _described(self, name: str, shape: Sequence[int], dtype: str) -> ValueInfoProto:
        from onnx import helper

        return helper.make_tensor_value_info(name, ELEMENT_TYPES[dtype], [BATCH, *shape])

    def _free_name(self, name: str) -> str:
        stem = f"{self._node}/{name}" if self._node else name
        free, number = stem, 1
        while free in self._taken:
            free, number = f"{stem}_{number}", number + 1
        self._taken.add(free)
        return free

    def _store(self, name: str, array: Array, *, exact: bool = False) -> str:
        from onnx import numpy_helper

        array = np.asarray(array)
        stored = np.ascontiguousarray(array if exact else _in_single_precision(array))
        # ascontiguousarray turns a single number into a vector.
        self._tensors.append(numpy_helper.from_array(stored.reshape(array.shape), name))
        return name


def _in_single_precision(array: Array) -> Array:
    """Models compute in float32; a float64 among the operands would be refused."""
    return array.astype(np.float32) if array.dtype == np.float64 else array
