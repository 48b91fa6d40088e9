"""Data that a person named for a case and that stays where it lies, outside of it.

A case may be a stranger's, so nothing in it can lead out of its folder. What a person
named with `readybook new --data` stands in a file of their own, beside what they allowed:
a line for each place in a case, with the file or folder that is read in its stead.
"""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import platformdirs


class Reference(NamedTuple):
    """What is read in the stead of a place in a case."""

    home: Path  #: the folder that the file or folder lies in
    pattern: str  #: what is read, below it
    prefix: PurePosixPath  #: of the place in the case, before the pattern


def references_file() -> Path:
    """Return the file of the places that this person named, a pair a line."""
    return platformdirs.user_config_path("readybook", appauthor=False) / "data.jsonl"


def referred(folder: Path, pattern: str) -> Reference | None:
    """Return what is read for a pattern of a case; None where it lies in its folder."""
    path = PurePosixPath(pattern)
    known = _references()
    for part in (path, *path.parents[:-1]):
        target = known.get((folder.resolve() / part).as_posix())
        if target is not None and not (folder / part).exists():
            rest = path.relative_to(part)
            name = (PurePosixPath(target.name) / rest).as_posix()
            return Reference(target.parent, name, part.parent)
    return None


def is_elsewheres(folder: Path, pattern: str) -> bool:
    """Return whether a place of the same name was named, for a case in another folder."""
    path, known = PurePosixPath(pattern), _references()
    ends = tuple(f"/{part}" for part in (path, *path.parents[:-1]))
    mine = f"{folder.resolve().as_posix()}/"
    return any(one.endswith(ends) and not one.startswith(mine) for one in known)


def keep_references(folder: Path, targets: Mapping[str, Path]) -> None:
    """Keep what is read for places of a case: the newest line on a place counts."""
    if not targets:
        return
    file = references_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    pairs = [
        ((folder.resolve() / place).as_posix(), str(target.resolve()))
        for place, target in targets.items()
    ]
    lines = "".join(f"{json.dumps(pair, ensure_ascii=False)}\n" for pair in pairs)
    with file.open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(lines)  # at once, as another case may be begun meanwhile


def _references() -> dict[str, Path]:
    try:
        text = references_file().read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    found = {}
    for line in text.splitlines():
        try:
            place, target = json.loads(line)
        except ValueError:
            continue
        found[str(place)] = Path(str(target))
    return found
