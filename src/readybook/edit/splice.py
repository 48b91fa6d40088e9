"""New data into a YAML text that was read: only what changed is read again."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from readybook.edit.edits import edited, same
from readybook.edit.places import UneditableError
from readybook.model.errors import InvalidInputError
from readybook.text.yaml import KeyPath, Plain, parse_yaml

__all__ = ["Source", "read_source", "spliced"]

#: What may be an anchor, an alias, a tag or the end of a document: its meaning may
#: reach beyond the lines that it stands in.
_FAR = re.compile(r"(?m)(?:^|[\s,\[{])[&*!][^\s,\[\]{}]|^(?:---|\.\.\.)")

_OTHER_BREAKS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
_DEPTH = 2  #: keys to an entry: its section and its own


@dataclass(frozen=True)
class Source:
    """A text and what it means."""

    text: str
    plain: Plain
    bom: bool = False  #: True: it begins with the mark that some editors write

    @property
    def raw(self) -> bytes:
        """Return the bytes of the file."""
        raw = self.text.encode("utf-8")
        return codecs.BOM_UTF8 + raw if self.bom else raw


def read_source(raw: bytes, *, name: str) -> Source:
    """Return what a file holds.

    Raises:
        InvalidInputError: it cannot be read as YAML, or not all of it.
    """
    plain = parse_yaml(raw, name=name)
    if plain.problems:
        raise InvalidInputError(plain.problems)
    text = raw.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    return Source(text, plain, bom=raw.startswith(codecs.BOM_UTF8))


def spliced(source: Source, new: object) -> Source:
    """Return the text with the new data in it; it is known to mean just that.

    Args:
        source: the text as it is.
        new: plain data; a new key comes after the one that stands before it here.

    Raises:
        UneditableError: an alias, or another form that cannot be changed in place.
    """
    return _in_part(source, new) or _in_all(source, new)


def _in_all(source: Source, new: object) -> Source:
    text = edited(source.text, source.plain.data, new)
    return replace(source, text=text, plain=_checked(text, new, source.plain.name))


def _checked(text: str, new: object, name: str) -> Plain:
    try:
        plain = parse_yaml(text, name=name)
    except InvalidInputError as error:
        raise UneditableError from error
    if plain.problems or not same(plain.data, new):
        raise UneditableError
    return plain


def _in_part(source: Source, new: object) -> Source | None:
    """Return the same as `_in_all` where one entry of one section changed.

    The lines of one entry are a document of their own, and only they are read again. So
    a save costs the same however many answers a file has.
    """
    change = _change(source.plain.data, new)
    if change is None or _OTHER_BREAKS.search(source.text):
        return None
    name, lines = source.plain.name, source.text.split("\n")
    first, end = _span(source.plain.lines, change, len(lines))
    before = "\n".join([*lines[first:end], *([""] if end < len(lines) else [])])
    try:
        _checked(before, change.old, name)
        after = edited(before, change.old, change.new)
        part = _checked(after, change.new, name)
    except UneditableError:
        return None
    if _FAR.search(before) or _FAR.search(after):
        return None
    added = after.count("\n") - before.count("\n")
    placed = {
        path: line + added * (line > end)
        for path, line in source.plain.lines.items()
        if path[:2] != (change.section, change.entry)
    }
    for path, line in part.lines.items():
        if path:
            placed[change.section, *path] = line + first
    text = "\n".join([*lines[:first], after + "\n".join(lines[end:])])
    return replace(
        source, text=text, plain=replace(source.plain, data=new, lines=placed)
    )


@dataclass(frozen=True)
class _Change:
    section: str
    entry: str  #: the one that changed, or the one above the new one
    old: dict[str, object]
    new: dict[str, object]


def _change(old: object, new: object) -> _Change | None:
    """Return what changed, if it is one entry of one section."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return None
    sections = [key for key in new if not same(old.get(key), new[key])]
    if len(sections) != 1 or old.keys() != new.keys():
        return None
    section = sections[0]
    was, now = old[section], new[section]
    if not (isinstance(was, Mapping) and isinstance(now, Mapping)):
        return None
    names = list(now)
    changed = [key for key in names if key not in was or not same(was[key], now[key])]
    if len(changed) != 1 or was.keys() - now.keys():
        return None
    entry = changed[0]
    if entry not in was:
        entry = names[max(names.index(entry) - 1, 0)]
    if entry not in was:
        return None  # it becomes the first one
    part = {key: now[key] for key in dict.fromkeys([entry, *changed])}
    return _Change(section, entry, {entry: was[entry]}, part)


def _span(lines: Mapping[KeyPath, int], change: _Change, total: int) -> tuple[int, int]:
    """Return the lines of an entry, as a slice."""
    first = lines[change.section, change.entry]
    others = [line for path, line in lines.items() if path and len(path) <= _DEPTH]
    return first - 1, min((line - 1 for line in others if line > first), default=total)
