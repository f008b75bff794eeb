"""What the user can cause, in words.

Every error here carries two sentences: what is wrong, with the actual value in
it, and what to do about it. Anything else that escapes is a bug of ours.
"""

from __future__ import annotations


class EngineError(Exception):
    """Something the user can cause and mend.

    Attributes:
        what: one sentence that says what is wrong, with the actual value in it.
        fix: one sentence that says what to do; may be empty.
        node: id of the graph node concerned, if there is one.
    """

    def __init__(self, what: str, fix: str = "", *, node: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix
        self.node = node

    def __str__(self) -> str:
        return f"{self.what} {self.fix}".strip()


class SettingError(EngineError):
    """A setting has a value outside of its declaration."""


class ShapeError(EngineError):
    """A layer cannot take an input of this shape.

    Attributes:
        needs: what it could take, in as few words as a shape has; empty where the
            reason lies in the layer's own settings.
    """

    def __init__(self, what: str, fix: str = "", *, needs: str = "", node: str | None = None):
        super().__init__(what, fix, node=node)
        self.needs = needs


class WiringError(EngineError):
    """An edge or a node cannot be placed in the graph."""


class DataError(EngineError):
    """Data from outside cannot be read or used; names file, row and column."""


class UnusableSampleError(DataError):
    """A sample holds a number that nothing can be learned from; it could be left out."""


class BrokenPicturesError(DataError):
    """Some pictures of a folder cannot be read; they could be left out."""


class MissingCellError(DataError):
    """A cell of a table is empty; it could be filled."""


class TextColumnError(DataError):
    """A column of text goes into the network; it could be encoded."""


class PlanError(EngineError):
    """The training plan does not suit the network or the data."""


class ProjectError(EngineError):
    """A project file cannot be read or written."""


class ExportError(EngineError):
    """A model cannot leave the program as asked, or differs from the engine."""


class Cancelled(EngineError):  # noqa: N818 - nothing went wrong
    """The user cancelled long work; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("Cancelled.")


def reason_of(error: OSError | ValueError) -> str:
    """Return why the operating system refused something, to stand after a colon."""
    reason = error.strerror if isinstance(error, OSError) else ""
    return (reason or type(error).__name__).lower()
