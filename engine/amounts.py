"""Large numbers in few letters."""

from __future__ import annotations


def short_number(count: int) -> str:
    """``320``, ``12,800``, ``1.24 M``, ``3.10 G``."""
    if count < 1_000_000:
        return f"{count:,}"
    number, unit = (count / 1e6, "M") if count < 1_000_000_000 else (count / 1e9, "G")
    return f"{number:.2f} {unit}"


def bytes_text(count: int) -> str:
    """``512 B``, ``3.1 KiB``, ``20.0 MiB``."""
    size, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.0f} B" if unit == "B" else f"{size:,.1f} {unit}"
