"""Batches of pictures in pieces that stay in a core's cache."""

from __future__ import annotations

from engine.arrays import Array
from engine.parallel import shards

Piece = tuple[slice, slice]
"""Some pictures of a batch, and some rows in them."""


def pieces(batch: int, rows: int, row_bytes: int, piece_bytes: int) -> list[list[Piece]]:
    """A batch in pieces of about ``piece_bytes``; a large picture is cut by rows.

    Args:
        rows: how many rows of work each picture has.
        row_bytes: what one of them takes.

    Returns:
        Groups of pieces that have their pictures to themselves: one piece each,
        or all pieces of one large picture.
    """
    most = max(1, piece_bytes // row_bytes)
    if most >= rows:
        count = -(-batch // (most // rows))
        return [[(pictures, slice(0, rows))] for pictures in shards(batch, count)]
    bands = shards(rows, -(-rows // most))
    return [[(slice(index, index + 1), band) for band in bands] for index in range(batch)]


def copy_from(pictures: Array, corner: tuple[int, int], out: Array) -> None:
    """Copy what lies under ``out`` (B, H, W, C) when its corner is put there.

    Args:
        corner: row and column; below 0, or beyond the pictures' end, lie zeros.
    """
    rows, columns = _overlap(pictures, corner, out)
    if out[:, rows, columns].shape != out.shape:
        out[:, : rows.start] = 0
        out[:, rows.stop :] = 0
        out[:, rows, : columns.start] = 0
        out[:, rows, columns.stop :] = 0
    (top, left), inner = corner, out[:, rows, columns]
    inner[...] = pictures[
        :, top + rows.start : top + rows.stop, left + columns.start : left + columns.stop
    ]


def copy_to(pictures: Array, corner: tuple[int, int], source: Array, shared: int = 0) -> None:
    """The reverse: copy what lies on the pictures.

    Args:
        shared: so many of the first rows are added to what is there already.
    """
    (top, left), (rows, columns) = corner, _overlap(pictures, corner, source)
    across = slice(left + columns.start, left + columns.stop)
    edge = min(max(rows.start, shared), rows.stop)
    pictures[:, top + edge : top + rows.stop, across] = source[:, edge : rows.stop, columns]
    if edge > rows.start:
        there = pictures[:, top + rows.start : top + edge, across]
        there += source[:, rows.start : edge, columns]


def _overlap(pictures: Array, corner: tuple[int, int], other: Array) -> tuple[slice, slice]:
    """Which rows and columns of ``other`` lie on the pictures when its corner is put there."""
    both = zip(corner, pictures.shape[1:3], other.shape[1:3], strict=True)
    rows, columns = (slice(max(0, -at), min(length, size - at)) for at, size, length in both)
    return rows, columns
