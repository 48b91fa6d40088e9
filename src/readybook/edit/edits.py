"""Change single values in a YAML text; every other line of it stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from readybook.edit.layout import (
    block_lines,
    inline_text,
    is_block,
    literal_lines,
    scalar_text,
)
from readybook.edit.places import Slot, Sources, UneditableError

__all__ = ["edited", "same"]

_STEP = 2  #: spaces of one level
_NAMES = ("id", "role")  #: keys that tell one row of a list from another
_NONE = object()


def same(one: object, other: object) -> bool:
    """Return whether two values are equal and of one type, all the way down."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = one.keys() == other.keys()
        return keys and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return all(same(*pair) for pair in zip_longest(one, other, fillvalue=_NONE))
    return type(one) is type(other) and one == other


def edited(text: str, old: object, new: object) -> str:
    """Return the text with the new data in it.

    Args:
        text: YAML that means the old data.
        old: plain data of the text.
        new: plain data; where it equals the old, the text stays as it is. A new key
            comes after all that stand before it here.

    Raises:
        UneditableError: an alias, or another form that cannot be changed in place.
    """
    editor = _Editor(Sources(text))
    editor.change(editor.sources.root, old, new)
    return editor.result()


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str


class _Editor:
    """Collects edits of one text; each reaches over the lines of one value only."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.edits: list[_Edit] = []

    def result(self) -> str:
        """Return the text with all edits made."""
        text, newline = self.sources.text, self.sources.newline
        parts, at = [], 0
        for edit in sorted(self.edits, key=lambda edit: (edit.start, edit.end)):
            if edit.start >= at:
                parts += [text[at : edit.start], edit.text]
                at = edit.end
            elif edit.start == edit.end:  # below a line that goes: in its place
                parts.append(edit.text.removeprefix(newline) + newline)
            else:
                raise UneditableError
        return "".join([*parts, text[at:]])

    def change(self, slot: Slot, old: object, new: object) -> None:
        """Edit a value in place: inside of it where that can be, else all of it."""
        if same(old, new):
            return
        node, done = slot.node, False
        if new and not slot.is_flow:
            if isinstance(node, MappingNode) and isinstance(new, Mapping):
                done = self._mapping(slot, old, new)
            elif isinstance(node, SequenceNode) and isinstance(new, list | tuple):
                done = self._sequence(slot, old, new)
        if not done:
            self._replace(slot, new)

    def _mapping(self, slot: Slot, old: object, new: Mapping[str, object]) -> bool:
        sources, entries = self.sources, list(self.sources.entries(slot))
        kept = [key for key, _, _ in entries if key in new]
        gone = [(at, inner) for key, at, inner in entries if key not in new]
        headed = next(iter(new)) in kept or sources.hangs(slot)
        if not (kept and headed and all(sources.leads(at) for at, _ in gone)):
            return False
        for at, inner in gone:
            self._remove_lines(at, sources.block_end(inner))
        ends = {}
        for key, _, inner in entries:
            if key in new:
                was = old.get(key) if isinstance(old, Mapping) else None
                self.change(inner, was, new[key])
                ends[key] = sources.block_end(inner)
        at = sources.eol(slot.opened)
        for key, value in new.items():
            if key not in ends:
                column = int(slot.node.start_mark.column)
                self._insert(at, block_lines({key: value}, column))
            at = max(at, ends.get(key, at))  # people may have another order
        return True

    def _sequence(self, slot: Slot, old: object, new: Sequence[object]) -> bool:
        sources, items = self.sources, list(self.sources.items(slot))
        leads = all(sources.leads(at) for at, _ in items)
        if not (items and leads and sources.hangs(slot)):
            return False
        was = list(old) if isinstance(old, Sequence) else []
        names = [*map(_name, was)], [*map(_name, new)]
        for _, start, end, first, last in SequenceMatcher(
            None, *names, autojunk=False
        ).get_opcodes():
            common = min(end - start, last - first)
            for step in range(common):
                inner = items[start + step][1]
                self.change(inner, was[start + step], new[first + step])
            for dash, inner in items[start + common : end]:
                self._remove_lines(dash, sources.block_end(inner))
            above = start + common
            at = sources.eol(slot.opened)
            if above:
                at = sources.block_end(items[above - 1][1])
            for item in new[first + common : last]:
                column = int(slot.node.start_mark.column)
                self._insert(at, block_lines([item], column))
        return True

    def _insert(self, at: int, lines: Sequence[str]) -> None:
        newline = self.sources.newline
        text = "".join(f"{newline}{line}" for line in lines)
        self.edits.append(_Edit(at, at, text))

    def _remove_lines(self, start: int, end: int) -> None:
        below = self.sources.below(end)
        self.edits.append(_Edit(self.sources.bol(start), below, ""))

    def _replace(self, slot: Slot, new: object) -> None:
        """Edit all of a value; a comment beside it, or beside its key, stays."""
        sources, end = self.sources, self.sources.end(slot)
        if slot == sources.root and not slot.is_flow:
            raise UneditableError
        flow = slot.is_flow and bool(slot.node.value)  # [] and {} have no form yet
        head, hangs = sources.eol(slot.opened), sources.hangs(slot)
        if is_block(new) and not flow:
            lines = block_lines(new, slot.indent + _STEP)
            if sources.text[slot.opened - 1] == "-":
                text = sources.newline.join(lines).lstrip()
                self.edits.append(_Edit(slot.opened, end, f" {text}"))
                return
            self.edits.append(_Edit(head if hangs else slot.opened, end, ""))
            self._insert(head if hangs else sources.eol(end), lines)
            return
        text = f" {self._inline(slot, new, head if hangs else end)}"
        if hangs:
            self.edits.append(_Edit(slot.opened, slot.opened, text))
            self._remove_below(slot, new, head, end)
        else:
            self.edits.append(_Edit(slot.opened, end, text))

    def _remove_below(self, slot: Slot, new: object, head: int, end: int) -> None:
        """Remove a value below its key; comments stay where only the entries go."""
        if new or isinstance(new, str) or isinstance(slot.node, ScalarNode):
            self.edits.append(_Edit(head, end, ""))
        elif isinstance(slot.node, MappingNode):
            for _, at, inner in self.sources.entries(slot):
                self._remove_lines(at, self.sources.block_end(inner))
        else:
            for at, inner in self.sources.items(slot):
                self._remove_lines(at, self.sources.block_end(inner))

    def _inline(self, slot: Slot, new: object, before: int) -> str:
        """Return a value that begins beside its key; one of several lines if alone."""
        sources, node = self.sources, slot.node
        quote = str(node.style or "") if isinstance(node, ScalarNode) else ""
        if not isinstance(new, str):
            return inline_text(new)
        start = slot.opened if sources.hangs(slot) else before
        alone = not sources.text[start : sources.eol(before)].strip()
        if alone and (lines := literal_lines(new, slot.indent + _STEP)):
            return sources.newline.join(lines)
        return scalar_text(new, quote=quote)


def _name(row: object) -> str:
    if isinstance(row, Mapping):
        return next((str(row[key]) for key in _NAMES if key in row), repr(row))
    return repr(row)
