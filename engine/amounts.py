"""Large numbers in few letters."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """``1 edit``, ``1,200 edits``."""
    return f"{number:,} {what}{'s'[: number != 1]}"


def short_number(count: int) -> str:
    """``320``, ``12,800``, ``1.24 M``, ``3.10 G``."""
    if count < 1_000_000:
        return f"{count:,}"
    number, unit = (count / 1e6, "M") if count < 1_000_000_000 else (count / 1e9, "G")
    return f"{number:.2f} {unit}"


def brief_number(count: float) -> str:
    """``950``, ``12.8 k``, ``225 k``, ``1.24 M``: three digits, for where there is no room."""
    if count < 1000:
        return f"{count:.0f}"
    size, units = count / 1000, "kMGT"
    while size >= 999.5 and len(units) > 1:
        size, units = size / 1000, units[1:]
    return f"{size:.{2 - (size >= 9.995) - (size >= 99.95)}f} {units[0]}"


def bytes_text(count: int) -> str:
    """``512 B``, ``3.1 KiB``, ``20.0 MiB``."""
    size, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.0f} B" if unit == "B" else f"{size:,.1f} {unit}"
