"""The document: the one place where the project is changed. No view writes anything else."""

from app.document.document import Document, Selection

__all__ = ["Document", "Selection"]
