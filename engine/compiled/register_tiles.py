"""Matrix products a few rows and vectors at a time, of matrices that lie as they are.

BLAS copies both factors into an order of its own first, which for the matrices of small
networks takes as long as half of the product. Here a tile of the product stays in the
processor's registers while a row of the right factor after the other is multiplied into it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import binding, ir
from numba import carray, types
from numba.core import cgutils

from engine.compiled.atomics import floats_at
from engine.compiled.jit import fused, intrinsic

_FEATURES = binding.get_host_cpu_features()

WIDTH = 16 if _FEATURES.get("avx512f") else 8
"""How many numbers a register holds."""

IS_FOR_THIS = bool(_FEATURES.get("fma"))
"""Whether the processor is one that this was made for."""

ROWS = 12 if WIDTH == 16 else 6
"""How many rows of two registers each leave some for the factors."""

FEW = 4

DEPTH = 256
"""How many rows of the right factor are worked on together, so that they stay in the cache."""

MOST_SAMPLES = 1 << 30 if WIDTH == 16 else 64
"""With sixteen narrower registers BLAS, which copies, is as quick from some samples on."""

FARTHEST = 1024
"""How many numbers apart rows may lie: 4 KiB, where addresses begin to share the cache's places."""


def _tile(rows: int, vectors: int) -> Callable[..., Any]:
    """What multiplies into a tile of so many rows and registers beside each other."""

    @intrinsic
    def tile(
        typing: Any, a: Any, a_row: Any, a_column: Any, b: Any, b_row: Any, depth: Any,
        adds: Any, c: Any, c_row: Any,
    ) -> Any:  # fmt: skip
        signature = types.void(*[types.intp] * 9)

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            a, a_row, a_column, b, b_row, depth, adds, c, c_row = values
            single = ir.FloatType()
            vector, word = ir.VectorType(single, WIDTH), ir.IntType(64)
            zero = ir.Constant(vector, [0.0] * WIDTH)
            fma = cgutils.get_or_insert_function(
                builder.module,
                ir.FunctionType(vector, [vector] * 3),
                f"llvm.fma.v{WIDTH}f32",
            )

            def place(base: Any, *steps: tuple[Any, Any]) -> Any:
                """An address so many numbers of four bytes farther on."""
                for count, step in steps:
                    count = count if hasattr(count, "type") else ir.Constant(word, count)
                    step = step if hasattr(step, "type") else ir.Constant(word, step)
                    more = builder.mul(builder.mul(count, step), ir.Constant(word, 4))
                    base = builder.add(base, more)
                return base

            def vector_at(address: Any) -> Any:
                return builder.inttoptr(address, vector.as_pointer())

            sums = [
                [cgutils.alloca_once(builder, vector) for _ in range(vectors)] for _ in range(rows)
            ]
            outs = [
                [vector_at(place(c, (i, c_row), (v, WIDTH))) for v in range(vectors)]
                for i in range(rows)
            ]
            goes_on = builder.icmp_signed("!=", adds, ir.Constant(word, 0))
            with builder.if_else(goes_on) as (then, otherwise):
                with then:
                    for into, out in zip(sums, outs, strict=True):
                        for total, at in zip(into, out, strict=True):
                            builder.store(builder.load(at, align=4), total)
                with otherwise:
                    for into in sums:
                        for total in into:
                            builder.store(zero, total)
            with cgutils.for_range(builder, depth) as loop:
                row = place(b, (loop.index, b_row))
                right = [
                    builder.load(vector_at(place(row, (v, WIDTH))), align=4) for v in range(vectors)
                ]
                column = place(a, (loop.index, a_column))
                for i in range(rows):
                    at = builder.inttoptr(place(column, (i, a_row)), single.as_pointer())
                    one = builder.insert_element(
                        ir.Constant(vector, ir.Undefined),
                        builder.load(at, align=4),
                        ir.Constant(ir.IntType(32), 0),
                    )
                    left = builder.shuffle_vector(
                        one, one, ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
                    )
                    for v in range(vectors):
                        total = sums[i][v]
                        product = builder.call(fma, [left, right[v], builder.load(total)])
                        builder.store(product, total)
            for into, out in zip(sums, outs, strict=True):
                for total, at in zip(into, out, strict=True):
                    builder.store(builder.load(total), at, align=4)
            return context.get_dummy_value()

        return signature, generate

    return tile


_many_by_two, _few_by_two, _one_by_two = _tile(ROWS, 2), _tile(FEW, 2), _tile(1, 2)
_few_by_one, _one_by_one = _tile(FEW, 1), _tile(1, 1)


@fused
def suits(rows_apart: int, columns: int, samples: int) -> bool:
    """Whether a product is quicker this way: its columns fill registers, and rows of the right
    factor and of the product are not so far apart that too few of them fit into the cache."""
    is_small = samples <= MOST_SAMPLES and rows_apart <= FARTHEST
    return IS_FOR_THIS and is_small and columns % WIDTH == 0


@fused
def multiply_tiles(
    a: int, a_row: int, a_column: int, b: int, b_row: int, c: int, c_row: int,
    rows: int, columns: int, inner: int,
) -> None:  # fmt: skip
    """``c = a @ b``.

    Args:
        a, b, c: addresses of their first numbers.
        a_row, a_column, b_row, c_row: how many numbers lie between rows, and between columns.
        columns: a multiple of :data:`WIDTH`.
    """
    if not inner:
        for i in range(rows):
            carray(floats_at(c + 4 * i * c_row), (columns,))[:] = 0
    for start in range(0, inner, DEPTH):
        depth, adds = min(DEPTH, inner - start), int(start > 0)
        left, right = a + 4 * start * a_column, b + 4 * start * b_row
        j = 0
        while j + 2 * WIDTH <= columns:
            _two_wide(left, a_row, a_column, right + 4 * j, b_row, c + 4 * j, c_row,
                      rows, depth, adds)  # fmt: skip
            j += 2 * WIDTH
        if j < columns:
            _one_wide(left, a_row, a_column, right + 4 * j, b_row, c + 4 * j, c_row,
                      rows, depth, adds)  # fmt: skip


@fused
def _two_wide(
    a: int, a_row: int, a_column: int, b: int, b_row: int, c: int, c_row: int,
    rows: int, depth: int, adds: int,
) -> None:  # fmt: skip
    i = 0
    while i + ROWS <= rows:
        _many_by_two(a + 4 * i * a_row, a_row, a_column, b, b_row, depth,
                     adds, c + 4 * i * c_row, c_row)  # fmt: skip
        i += ROWS
    while i + FEW <= rows:
        _few_by_two(a + 4 * i * a_row, a_row, a_column, b, b_row, depth,
                    adds, c + 4 * i * c_row, c_row)  # fmt: skip
        i += FEW
    while i < rows:
        _one_by_two(a + 4 * i * a_row, a_row, a_column, b, b_row, depth,
                    adds, c + 4 * i * c_row, c_row)  # fmt: skip
        i += 1


@fused
def _one_wide(
    a: int, a_row: int, a_column: int, b: int, b_row: int, c: int, c_row: int,
    rows: int, depth: int, adds: int,
) -> None:  # fmt: skip
    i = 0
    while i + FEW <= rows:
        _few_by_one(a + 4 * i * a_row, a_row, a_column, b, b_row, depth,
                    adds, c + 4 * i * c_row, c_row)  # fmt: skip
        i += FEW
    while i < rows:
        _one_by_one(a + 4 * i * a_row, a_row, a_column, b, b_row, depth,
                    adds, c + 4 * i * c_row, c_row)  # fmt: skip
        i += 1
