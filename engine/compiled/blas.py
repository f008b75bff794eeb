"""SciPy's matrix product, called from compiled loops without Python.

SciPy gives away the address of its BLAS' functions (``scipy.linalg.cython_blas``); numba
calls what lies there. An address is another one in each process, so it is an argument:
a loop that held it could not be kept on disk.
"""

from __future__ import annotations

from functools import cache
from pathlib import PurePath
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from engine.arrays import Array
from engine.compiled.jit import fused, intrinsic

_ARGUMENTS = "char *", "char *", *["int *"] * 3, "s *", "s *", "int *", "s *", "int *", *["s *"] * 2


@cache
def sgemm_address() -> int:
    """Where SciPy's ``sgemm`` lies; 0 if it takes other arguments than are given here.

    Its threads are set to one: callers spread their work themselves.
    """
    from numba.extending import get_cython_function_address
    from scipy.linalg import cython_blas
    from threadpoolctl import ThreadpoolController

    found = str(cython_blas.__pyx_capi__["sgemm"]).partition("(")[2].partition(")")[0]
    given = [each.strip() for each in found.split(",")]
    if len(given) != 13 or not all(
        each.endswith(end) for each, end in zip(given, _ARGUMENTS, strict=False)
    ):
        return 0
    for library in ThreadpoolController().lib_controllers:
        if any("scipy" in part for part in PurePath(library.filepath).parts[-2:]):
            library.set_num_threads(1)
    address: int = get_cython_function_address("scipy.linalg.cython_blas", "sgemm")
    return address


@intrinsic
def _sgemm(
    typing: Any, address: Any, ta: Any, tb: Any, m: Any, n: Any, k: Any,
    a: Any, lda: Any, b: Any, ldb: Any, adds: Any, c: Any, ldc: Any,
) -> Any:  # fmt: skip
    """``C = op(A) @ op(B)``, or ``C +=`` it, in Fortran's order; a, b, c are addresses."""
    signature = types.void(*[types.intp] * 13)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        address, ta, tb, m, n, k, a, lda, b, ldb, adds, c, ldc = values
        byte, number = ir.IntType(8), ir.IntType(32)
        single = ir.FloatType()

        def kept(value: Any, kind: Any) -> Any:
            place = cgutils.alloca_once(builder, kind)
            builder.store(value, place)
            return place

        def whole(value: Any) -> Any:
            return kept(builder.trunc(value, number), number)

        def array(value: Any) -> Any:
            return builder.inttoptr(value, single.as_pointer())

        def letter(is_transposed: Any) -> Any:
            zero = ir.Constant(is_transposed.type, 0)
            is_set = builder.icmp_signed("!=", is_transposed, zero)
            chosen = builder.select(
                is_set, ir.Constant(byte, ord("T")), ir.Constant(byte, ord("N"))
            )
            return kept(chosen, byte)

        one = kept(ir.Constant(single, 1.0), single)
        share = kept(builder.uitofp(adds, single), single)
        given = [
            letter(ta), letter(tb), whole(m), whole(n), whole(k), one,
            array(a), whole(lda), array(b), whole(ldb), share, array(c), whole(ldc),
        ]  # fmt: skip
        kind = ir.FunctionType(ir.VoidType(), [each.type for each in given])
        builder.call(builder.inttoptr(address, kind.as_pointer()), given)
        return context.get_dummy_value()

    return signature, generate


@fused
def address(array: Array, place: int) -> int:
    """Where a number of an array without gaps lies, counted from its first."""
    found: int = array.ctypes.data + 4 * place
    return found


@fused
def multiply(
    sgemm: int, a: int, a_width: int, a_is_turned: int, b: int, b_width: int, b_is_turned: int,
    adds: int, out: int, out_width: int, rows: int, columns: int, inner: int,
) -> None:  # fmt: skip
    """``out = a @ b``, or ``out += a @ b``: (rows, inner) times (inner, columns), in C's order.

    Args:
        sgemm: its address.
        a, b, out: addresses of their first numbers.
        a_width, b_width, out_width: how many numbers lie from one row to the next.
        a_is_turned, b_is_turned: 1 where the transpose lies there.
        adds: 1 to add to what ``out`` holds, 0 to write over it.
    """
    # Read in Fortran's order each matrix is its transpose, so the factors change places.
    _sgemm(sgemm, b_is_turned, a_is_turned, columns, rows, inner,
           b, b_width, a, a_width, adds, out, out_width)  # fmt: skip
