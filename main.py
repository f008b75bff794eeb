"""Starts the window, or a command."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(words: Sequence[str] | None = None) -> int:
    """Open the window for no words, for a project file and for the demo; else run a command."""
    arguments = list(sys.argv[1:] if words is None else words)
    opens_window = arguments in ([], ["demo"]) or (
        len(arguments) == 1 and arguments[0].endswith(".netsmith")
    )
    if opens_window:
        from app.launch import launch

        return launch(arguments)
    from engine.cli import main as run_command

    return run_command(arguments)


if __name__ == "__main__":
    sys.exit(main())
