"""The version, stated in the package's metadata and read from there."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def _installed() -> str:
    try:
        return version("netsmith")
    except PackageNotFoundError:  # started from a folder that was never installed
        return "0"


VERSION = _installed()
