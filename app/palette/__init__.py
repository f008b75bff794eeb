"""The palette: every layer type, to search, drag and add."""

from app.palette.palette import Palette

__all__ = ["Palette"]
