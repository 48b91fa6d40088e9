"""Judge declared paths: data and logs lie inside the assessment's folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from readybook.text.documents import Judge
from readybook.text.yaml import KeyPath, shown

__all__ = ["check_local_path", "check_log_path", "leaves_folder"]

_ABSOLUTE = re.compile(r"[/\\~]|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://")
_ROUTE_EVIDENCE = "evidence/route.json"
_GLOB = re.compile(r"[*?\[]")


def check_local_path(
    text: str, path: KeyPath, locations: Sequence[str], folder: Path, judge: Judge
) -> None:
    """Report a local path that leaves the folder.

    Args:
        text: the path of the contract; `{model}` stands for a table.
        path: its key in the contract.
        locations: what `{model}` may be.
        folder: the assessment's folder.
        judge: takes the problem.
    """
    filled = [text.replace("{model}", location) for location in locations] or [text]
    if any(leaves_folder(item, folder) for item in filled):
        judge.report(
            path, f"the path '{shown(text)}', which leaves the assessment's folder",
            "a path inside the folder", "copy the data into the folder, such as data/",
        )  # fmt: skip


def check_log_path(log: str, path: KeyPath, folder: Path, judge: Judge) -> None:
    """Report a deployment log that leaves the folder, or that is not there.

    Args:
        log: the path that is declared.
        path: its key.
        folder: the assessment's folder.
        judge: takes the problem.
    """
    if leaves_folder(log, folder):
        judge.report(
            path, f"the path '{shown(log)}', which leaves the assessment's folder",
            "a path inside the folder", "copy the log into the folder, such as data/",
        )  # fmt: skip
    # Who was given the evidence without the log can still read all that it shows.
    elif not any((folder / name).exists() for name in (log, _ROUTE_EVIDENCE)):
        judge.report(
            path, f"the path '{shown(log)}', where there is nothing",
            "a CSV or JSON file or a git repository inside the folder",
            "copy the log into the folder, or remove the key",
        )  # fmt: skip


def leaves_folder(text: str, folder: Path) -> bool:
    """Return whether a path is absolute, goes up, or follows a link to outside."""
    if _ABSOLUTE.match(text) or ".." in re.split(r"[/\\]", text):
        return True
    home = folder.resolve()
    return any(not _inside(place, home) for place in _places(text, home))


def _places(text: str, home: Path) -> Iterator[Path]:
    fixed = home
    for part in text.split("/"):
        if _GLOB.search(part):
            yield from home.glob(text)
            break
        fixed /= part
    yield fixed


def _inside(place: Path, home: Path) -> bool:
    try:
        return place.resolve().is_relative_to(home)
    except (OSError, RuntimeError):  # a loop of links
        return False
