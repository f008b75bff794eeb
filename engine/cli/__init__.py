"""The command line: the same engine, no window, no Qt."""

from engine.cli.commands import main

__all__ = ["main"]
