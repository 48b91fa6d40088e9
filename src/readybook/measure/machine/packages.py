"""Packages of the Python that runs, as an import would find them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import distributions

__all__ = ["installed_packages"]


def installed_packages(path: Sequence[str] | None = None) -> dict[str, str]:
    """Return the version of each package by its normalized name (PEP 503), sorted.

    Args:
        path: folders to look in, the first wins; None: those of this Python.
    """
    found: dict[str, str] = {}
    for package in distributions() if path is None else distributions(path=[*path]):
        # What an installation that was broken off left behind has neither.
        name: str | None = package.metadata["Name"]
        version: str | None = package.metadata["Version"]
        if name and version:
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    return dict(sorted(found.items()))
