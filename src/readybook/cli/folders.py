"""Folders as people name many of them: one by one, by patterns, and in lists."""

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path

from readybook.cli.terminal import option
from readybook.text.documents import read_bytes

NAMED = option(
    "folders DIR...",
    "an assessment's folder, a pattern such as 'cases/*', or @FILE with one of these a "
    "line",
)


def folders_named(words: Sequence[str]) -> list[Path] | tuple[str, str, str]:
    """Return the folders that words name: themselves, by a pattern, or in a list.

    Returns:
        The folders; where a pattern or all of it names no assessment, what was found,
        what is expected and what to do.

    Raises:
        InvalidInputError: a list cannot be read.
    """
    named: list[Path] = []
    missed = ", ".join(words)
    for word in _listed(words):
        if not glob.has_magic(word) or Path(word).exists():
            named.append(Path(word))
            continue
        found = (Path(one) for one in sorted(glob.glob(word)))  # noqa: PTH207
        matched = [one for one in found if (one / "assessment.yaml").exists()]
        if not matched:
            named, missed = [], word
            break
        named += matched
    refused = (
        f"no assessment by {missed}",
        "a folder with assessment.yaml",
        "name one",
    )
    return named or refused


def _listed(words: Sequence[str]) -> Iterator[str]:
    """Yield words, and in the place of @FILE its lines; a list names no other list."""
    for word in words:
        if word.startswith("@") and not Path(word).exists():
            text = read_bytes(Path(word[1:]), name=word[1:]).decode(errors="replace")
            lines = (line.strip() for line in text.splitlines())
            yield from (line for line in lines if line and not line.startswith("#"))
        else:
            yield word
