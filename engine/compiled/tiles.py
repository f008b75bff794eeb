"""Winograd's transforms in one pass: first down, then across, a row of tiles at a time.

A row of pixels is kept as its columns 0, 4, 8, ..., then 1, 5, 9, ..., one phase after
the other (0, 2, 4, ... for tiles that step by 2). So equal places of all tiles lie side
by side, and every loop below is as long as tiles and channels together.

The points are 0, a, -a, b, -b and infinity: the transforms for a and -a share the terms
of even powers, and differ in the sign of the odd ones.
"""

from __future__ import annotations

from engine.arrays import Array
from engine.compiled.jit import fused

Factors = tuple[float, ...]
Layout = tuple[int, int, int, int, int, int]
"""How far tiles step, padding at the top and left, rows of tiles, tiles across, and C."""


@fused
def _to_numbers(
    d0: Array, d1: Array, d2: Array, d3: Array, d4: Array, d5: Array,
    out: Array, first: int, begin: int, k: Factors,
) -> None:  # fmt: skip
    """Six pixels to six numbers, for each place in the rows.

    Args:
        out: into six of its rows from ``first`` on, from column ``begin`` on.
    """
    k00, k02, k04, k11, k12, k13, k14, k31, k32, k33, k34, k51, k53, k55 = k
    n0, n1, n2, n3, n4, n5 = _six(out, first, begin, d0.size)
    for i in range(d0.size):
        x1, x2, x3, x4 = d1[i], d2[i], d3[i], d4[i]
        n0[i] = k00 * d0[i] + k02 * x2 + k04 * x4
        even, odd = k12 * x2 + k14 * x4, k11 * x1 + k13 * x3
        n1[i], n2[i] = even + odd, even - odd
        even, odd = k32 * x2 + k34 * x4, k31 * x1 + k33 * x3
        n3[i], n4[i] = even + odd, even - odd
        n5[i] = k51 * x1 + k53 * x3 + k55 * d5[i]


@fused
def _from_numbers(numbers: Array, first: int, begin: int, out: Array, k: Factors) -> None:
    """The transpose of :func:`_to_numbers`, to six rows."""
    k00, k02, k04, k11, k12, k13, k14, k31, k32, k33, k34, k51, k53, k55 = k
    n0, n1, n2, n3, n4, n5 = _six(numbers, first, begin, out.shape[1])
    d0, d1, d2, d3, d4, d5 = out[0], out[1], out[2], out[3], out[4], out[5]
    for i in range(d0.size):
        x0, x5 = n0[i], n5[i]
        s1, f1 = n1[i] + n2[i], n1[i] - n2[i]
        s2, f2 = n3[i] + n4[i], n3[i] - n4[i]
        d0[i] = k00 * x0
        d1[i] = k11 * f1 + k31 * f2 + k51 * x5
        d2[i] = k02 * x0 + k12 * s1 + k32 * s2
        d3[i] = k13 * f1 + k33 * f2 + k53 * x5
        d4[i] = k04 * x0 + k14 * s1 + k34 * s2
        d5[i] = k55 * x5


@fused
def _to_answers(products: Array, first: int, begin: int, out: Array, a: float, b: float) -> None:
    """Six products to four answers, or two: as many as ``out`` has rows."""
    n0, n1, n2, n3, n4, n5 = _six(products, first, begin, out.shape[1])
    if len(out) == 2:
        y0, y1 = out[0], out[1]
        for i in range(n0.size):
            y0[i] = n0[i] + (n1[i] + n2[i]) + (n3[i] + n4[i])
            y1[i] = a * (n1[i] - n2[i]) + b * (n3[i] - n4[i]) + n5[i]
        return
    y0, y1, y2, y3 = out[0], out[1], out[2], out[3]
    a2, b2 = a * a, b * b
    for i in range(n0.size):
        s1, f1 = n1[i] + n2[i], a * (n1[i] - n2[i])
        s2, f2 = n3[i] + n4[i], b * (n3[i] - n4[i])
        y0[i] = n0[i] + s1 + s2
        y1[i] = f1 + f2
        y2[i] = a2 * s1 + b2 * s2
        y3[i] = a2 * f1 + b2 * f2 + n5[i]


@fused
def _from_answers(rows: Array, out: Array, first: int, begin: int, a: float, b: float) -> None:
    """The transpose of :func:`_to_answers`; ``rows`` are the four, or two, answers."""
    n0, n1, n2, n3, n4, n5 = _six(out, first, begin, rows.shape[1])
    if len(rows) == 2:
        y0, y1 = rows[0], rows[1]
        for i in range(y0.size):
            x0, x1 = y0[i], y1[i]
            n0[i], n5[i] = x0, x1
            n1[i], n2[i] = x0 + a * x1, x0 - a * x1
            n3[i], n4[i] = x0 + b * x1, x0 - b * x1
        return
    y0, y1, y2, y3 = rows[0], rows[1], rows[2], rows[3]
    a2, b2 = a * a, b * b
    for i in range(y0.size):
        x0, x1, x2, x3 = y0[i], y1[i], y2[i], y3[i]
        even, odd = x0 + a2 * x2, a * (x1 + a2 * x3)
        n1[i], n2[i] = even + odd, even - odd
        even, odd = x0 + b2 * x2, b * (x1 + b2 * x3)
        n3[i], n4[i] = even + odd, even - odd
        n0[i], n5[i] = x0, x3


@fused
def _six(rows: Array, first: int, begin: int, length: int) -> tuple[Array, ...]:
    """Parts of six rows, as arrays of which the compiler knows that they have no gaps."""
    end = begin + length
    return (
        rows[first, begin:end],
        rows[first + 1, begin:end],
        rows[first + 2, begin:end],
        rows[first + 3, begin:end],
        rows[first + 4, begin:end],
        rows[first + 5, begin:end],
    )


@fused
def _take_row(row: Array, left: int, depth: int, into: Array) -> None:
    """Lay the pixels of a picture's row (columns * depth) out by phase; outside are zeros."""
    phases, width = into.shape
    columns = row.size // depth
    for phase in range(phases):
        line = into[phase]
        for tile in range(width // depth):
            at, column = tile * depth, tile * phases + phase - left
            if 0 <= column < columns:
                start = column * depth
                for i in range(depth):
                    line[at + i] = row[start + i]
            else:
                for i in range(depth):
                    line[at + i] = 0


@fused
def _give_row(line_by_phase: Array, left: int, depth: int, adds: bool, row: Array) -> None:
    """The reverse of :func:`_take_row`.

    Args:
        adds: whether to add to what the row holds.
    """
    phases, width = line_by_phase.shape
    columns = row.size // depth
    for phase in range(phases):
        line = line_by_phase[phase]
        for tile in range(width // depth):
            at, column = tile * depth, tile * phases + phase - left
            if 0 <= column < columns:
                start = column * depth
                if adds:
                    for i in range(depth):
                        row[start + i] += line[at + i]
                else:
                    for i in range(depth):
                        row[start + i] = line[at + i]


@fused
def _show_row(line_by_phase: Array, bias: Array, row: Array) -> None:
    """Lay answers kept by phase out in a picture's row (columns * F), with the bias (F,) added."""
    phases, width = line_by_phase.shape
    depth = bias.size
    columns = row.size // depth
    for phase in range(phases):
        line = line_by_phase[phase]
        for tile in range(width // depth):
            at, column = tile * depth, tile * phases + phase
            if column < columns:
                start = column * depth
                for i in range(depth):
                    row[start + i] = line[at + i] + bias[i]


@fused
def read_pixels(
    x: Array, first_row: int, tiles: Layout, k: Factors,
    under: Array, half: Array, numbers: Array,
) -> None:  # fmt: skip
    """Pictures (B, H, W * C) to numbers (36, tiles * C and more).

    Args:
        first_row: the first of the rows of tiles.
        under, half: room for one row of tiles, (6, step, (across + more) * C).
    """
    step, top, left, rows_of_tiles, across, depth = tiles
    length = across * depth
    for b in range(x.shape[0]):
        for r in range(rows_of_tiles):
            begin = (b * rows_of_tiles + r) * length
            start = (first_row + r) * step - top
            for q in range(6):
                if 0 <= start + q < x.shape[1]:
                    _take_row(x[b, start + q], left, depth, under[q])
                else:
                    under[q] = 0
            d0, d1, d2, d3, d4, d5 = _six(under.reshape(6, -1), 0, 0, under[0].size)
            _to_numbers(d0, d1, d2, d3, d4, d5, half.reshape(6, -1), 0, 0, k)
            for q in range(6):
                line = half[q].reshape(-1)
                _to_numbers(
                    _place(line, 0, step, depth, length), _place(line, 1, step, depth, length),
                    _place(line, 2, step, depth, length), _place(line, 3, step, depth, length),
                    _place(line, 4, step, depth, length), _place(line, 5, step, depth, length),
                    numbers, 6 * q, begin, k,
                )  # fmt: skip


@fused
def _place(line: Array, k: int, step: int, depth: int, length: int) -> Array:
    """The pixels at place ``k`` of every tile, of a row kept by phase."""
    start = k % step * (line.size // step) + k // step * depth
    return line[start : start + length]


@fused
def write_pixels(
    numbers: Array, first_row: int, tiles: Layout, k: Factors,
    under: Array, half: Array, six: Array, dx: Array,
) -> None:  # fmt: skip
    """The transpose of :func:`read_pixels`: what tiles share is added up.

    Args:
        six: room for one row of tiles, (6, across * C).
    """
    step, top, left, rows_of_tiles, across, depth = tiles
    length = across * depth
    for b in range(dx.shape[0]):
        for r in range(rows_of_tiles):
            begin = (b * rows_of_tiles + r) * length
            start = (first_row + r) * step - top
            for q in range(6):
                line = half[q].reshape(-1)
                _from_numbers(numbers, 6 * q, begin, six, k)
                line[:] = 0
                for place in range(6):
                    into, share = _place(line, place, step, depth, length), six[place]
                    for i in range(length):
                        into[i] += share[i]
            _from_numbers(half.reshape(6, -1), 0, 0, under.reshape(6, -1), k)
            for q in range(6):
                if 0 <= start + q < dx.shape[1]:
                    is_shared = first_row + r > 0 and q < 6 - step
                    _give_row(under[q], left, depth, is_shared, dx[b, start + q])


@fused
def write_answers(
    products: Array, first_row: int, rows_of_tiles: int, bias: Array, a: float, b: float,
    under: Array, half: Array, y: Array,
) -> None:  # fmt: skip
    """Products (36, tiles * F and more) to answers (B, places down, places across * F).

    Args:
        under, half: room for one row of tiles, (step, step, across * F) and (6, step, across * F).
    """
    step, length = len(under), under.shape[2]
    for picture in range(y.shape[0]):
        for r in range(rows_of_tiles):
            begin = (picture * rows_of_tiles + r) * length
            for q in range(6):
                _to_answers(products, 6 * q, begin, half[q], a, b)
            _to_answers(half.reshape(6, -1), 0, 0, under.reshape(step, -1), a, b)
            for q in range(step):
                place = (first_row + r) * step + q
                if place < y.shape[1]:
                    _show_row(under[q], bias, y[picture, place])


@fused
def read_answers(
    dy: Array, first_row: int, rows_of_tiles: int, a: float, b: float,
    under: Array, half: Array, products: Array, bias_sum: Array,
) -> None:  # fmt: skip
    """The transpose of :func:`write_answers`; adds what the bias gets to ``bias_sum`` (F,)."""
    step, length, depth = len(under), under.shape[2], bias_sum.size
    for picture in range(dy.shape[0]):
        for r in range(rows_of_tiles):
            begin = (picture * rows_of_tiles + r) * length
            for q in range(step):
                place = (first_row + r) * step + q
                if place < dy.shape[1]:
                    _take_row(dy[picture, place], 0, depth, under[q])
                else:
                    under[q] = 0
            _from_answers(under.reshape(step, -1), half.reshape(6, -1), 0, 0, a, b)
            _add_columns(under.reshape(-1, depth), bias_sum)
            for q in range(6):
                _from_answers(half[q], products, 6 * q, begin, a, b)


@fused
def _add_columns(rows: Array, total: Array) -> None:
    """Add the sum of rows (N, F) to ``total`` (F,).

    They are added up by themselves first, which keeps digits, in the place of the first row.
    """
    count, width = rows.shape
    for i in range(1, count):
        for j in range(width):
            rows[0, j] += rows[i, j]
    for j in range(width):
        total[j] += rows[0, j]
