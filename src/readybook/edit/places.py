"""Where keys, list items and their values stand in a YAML text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.nodes import (
    CollectionNode,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
)

__all__ = ["Slot", "Sources", "UneditableError"]


class UneditableError(Exception):
    """A value cannot be changed without touching what stands around it."""


@dataclass(frozen=True)
class Slot:
    """A place that holds a value: after the colon of a key, or after a dash."""

    node: Node
    opened: int  #: where the colon or the dash ends
    indent: int  #: column of the key or the dash

    @property
    def is_flow(self) -> bool:
        """Return whether keys or items stand between brackets."""
        node = self.node
        return isinstance(node, CollectionNode) and bool(node.flow_style)


class Sources:
    """One text, and positions in it."""

    def __init__(self, text: str) -> None:
        """Compose the text, which is known to be YAML.

        Raises:
            UneditableError: it has an alias: one text for two places.
        """
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        root = YAML(typ="safe", pure=True).compose(text)
        _refuse_aliases(root, set())
        self.root = Slot(root, root.start_mark.index, root.start_mark.column - 2)

    def eol(self, at: int) -> int:
        """Return where the line ends, its line break left out."""
        end = self.text.find("\n", at)
        end = len(self.text) if end < 0 else end
        return end - 1 if self.text[at:end].endswith("\r") else end

    def bol(self, at: int) -> int:
        """Return where the line begins."""
        return self.text.rfind("\n", 0, at) + 1

    def below(self, at: int) -> int:
        """Return where the next line begins."""
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def leads(self, at: int) -> bool:
        """Return whether nothing stands before it on its line."""
        return not self.text[self.bol(at) : at].strip()

    def start(self, slot: Slot) -> int:
        """Return where a value begins."""
        return max(int(slot.node.start_mark.index), slot.opened)

    def hangs(self, slot: Slot) -> bool:
        """Return whether a value begins on a line below its key."""
        return self.eol(slot.opened) < self.start(slot) < self.end(slot)

    def entries(self, slot: Slot) -> Iterator[tuple[str, int, Slot]]:
        """Yield each key of a mapping, where it begins, and the place of its value."""
        for key, value in slot.node.value:
            end = key.end_mark.index
            opened = self.text.find(":", end) + 1
            if opened == 0 or self.text[end : opened - 1].strip():
                raise UneditableError
            inner = Slot(value, opened, key.start_mark.column)
            yield str(key.value), key.start_mark.index, inner

    def items(self, slot: Slot) -> Iterator[tuple[int, Slot]]:
        """Yield where the dash of each item of a list stands, and the place after it."""
        at, column = slot.node.start_mark.index, slot.node.start_mark.column
        for item in slot.node.value:
            while self.text[at : at + 1] != "-":
                at = self.below(at) + column
                if at >= len(self.text):
                    raise UneditableError
            inner = Slot(item, at + 1, column)
            yield at, inner
            at = self.below(self.end(inner)) + column

    def end(self, slot: Slot) -> int:
        """Return where the last sign of a value ends."""
        node = slot.node
        if isinstance(node, ScalarNode):
            return self._scalar_end(node, slot.opened)
        if slot.is_flow or not node.value:
            return int(node.end_mark.index)
        if isinstance(node, MappingNode):
            *_, (_, _, last) = self.entries(slot)
        else:
            *_, (_, last) = self.items(slot)
        return self.end(last)

    def _scalar_end(self, node: ScalarNode, opened: int) -> int:
        start, end = int(node.start_mark.index), int(node.end_mark.index)
        if start == end:
            return opened
        if node.style not in ("|", ">"):
            return end
        if "+" in self.text[start : self.eol(start)].partition("#")[0]:
            return self.eol(end - 1)  # empty lines at its end are part of it
        return start + len(self.text[start:end].rstrip())

    def block_end(self, slot: Slot) -> int:
        """Return where the lines of a value end, with comments that belong to it."""
        end = self.eol(self.end(slot))
        while (at := self.below(end)) < len(self.text):
            line = self.text[at : self.eol(at)]
            depth = len(line) - len(line.lstrip(" "))
            if not line.lstrip().startswith("#") or depth <= slot.indent:
                break
            end = self.eol(at)
        return end


def _refuse_aliases(node: Node, seen: set[int]) -> None:
    if id(node) in seen:
        raise UneditableError
    seen.add(id(node))
    if isinstance(node, MappingNode):
        for key, value in node.value:
            _refuse_aliases(key, seen)
            _refuse_aliases(value, seen)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            _refuse_aliases(item, seen)
