"""The inspector panel."""

from app.inspector.inspector import Inspector

__all__ = ["Inspector"]
