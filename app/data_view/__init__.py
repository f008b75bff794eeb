"""The data panel."""

from app.data_view.data_panel import DataPanel

__all__ = ["DataPanel"]
