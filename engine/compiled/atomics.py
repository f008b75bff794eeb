"""What threads tell each other without Python, and what lies at an address."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import from_dtype, types
from numba.core import cgutils

from engine.compiled.jit import intrinsic
from engine.compiled.tasks import GEOMETRY, TASK


def _place(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """The address of ``counters[index]``."""
    kind = signature.args[0]
    counters = context.make_array(kind)(context, builder, values[0])
    return cgutils.get_item_pointer(context, builder, kind, counters, [values[1]])


@intrinsic
def count(typing: Any, counters: Any, index: Any, by: Any) -> Any:
    """Add ``by`` to ``counters[index]`` and return what it was, as one deed."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = _place(context, builder, signature, values)
        return builder.atomic_rmw("add", place, values[2], "seq_cst")

    return types.int64(counters, types.intp, types.int64), generate


@intrinsic
def seen(typing: Any, counters: Any, index: Any) -> Any:
    """``counters[index]`` as other threads left it."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = _place(context, builder, signature, values)
        return builder.load_atomic(place, "seq_cst", 8)

    return types.int64(counters, types.intp), generate


@intrinsic
def tell(typing: Any, counters: Any, index: Any, value: Any) -> Any:
    """Set ``counters[index]``, for other threads to see with all that was written before."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = _place(context, builder, signature, values)
        builder.store_atomic(values[2], place, "seq_cst", 8)
        return context.get_dummy_value()

    return types.void(counters, types.intp, types.int64), generate


@intrinsic
def call_with(typing: Any, address: Any, first: Any, second: Any, third: Any) -> Any:
    """Call what lies at an address and takes three int64."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(64)] * 3)
        builder.call(builder.inttoptr(values[0], kind.as_pointer()), values[1:])
        return context.get_dummy_value()

    return types.void(types.intp, *[types.int64] * 3), generate


@intrinsic
def call(typing: Any, address: Any) -> Any:
    """Call what lies at an address and takes nothing."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(builder.inttoptr(values[0], kind.as_pointer()), [])
        return context.get_dummy_value()

    return types.void(types.intp), generate


def _pointer_to(kind: Any) -> Any:
    """What makes an address one of numbers of a kind."""

    @intrinsic
    def pointer(typing: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return builder.inttoptr(values[0], context.get_value_type(signature.return_type))

        return types.CPointer(kind)(types.intp), generate

    return pointer


floats_at, integers_at, tasks_at, geometry_at = (
    _pointer_to(kind)
    for kind in (types.float32, types.int64, from_dtype(TASK), from_dtype(GEOMETRY))
)
