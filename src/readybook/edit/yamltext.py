"""A YAML text that people write too: values change where they stand, the rest stays.

ruamel.yaml's round trip writes the whole text anew, and not as it was typed: spaces
between braces, texts over several lines, `null`, and lists over several lines come out
in another form, a comment between brackets is lost, and a row that goes takes along the
comment above the next one. So the nodes that were read say where things stand, its
emitter writes what is new, and everything between is left alone: only the lines of what changed differ.
No comment is lost: those of what goes stay in its place, on lines of their own.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.error import YAMLError
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    LiteralScalarString,
    SingleQuotedScalarString,
)

from readybook.model.errors import InvalidInputError
from readybook.text.yaml import Plain, parse_yaml

_NAMES = ("id", "role")  #: keys that tell one row of a list from another
_NONE = object()
_WIDTH = 88  #: of a line that holds a list; a longer list has a line for each item
#: What other readers of YAML take for a yes/no value, nothing or a number is quoted.
_AMBIGUOUS = re.compile(
    r"(?is:y|n|yes|no|on|off|true|false|null|~|=|<<|[-+.]?[0-9][0-9_:.,exoabt+ -]*"
    r"|\?.*|[:-](\s.*)?)"  # in a list of one line, ? begins a key
)
_COMMENT = re.compile(r"(?m)(?:^|(?<=[ \t]))#[^\r\n]*")


class UneditableError(Exception):
    """A value cannot be changed without touching what stands around it."""


@dataclass(frozen=True)
class YamlText:
    """The bytes of a file, and what they mean."""

    raw: bytes
    plain: Plain

    @classmethod
    def read(cls, raw: bytes, *, name: str) -> YamlText:
        """Return what a file holds.

        Raises:
            InvalidInputError: it cannot be read as YAML, or not all of it.
        """
        plain = parse_yaml(raw, name=name)
        if plain.problems:
            raise InvalidInputError(plain.problems)
        return cls(raw, plain)

    def with_data(self, new: object) -> YamlText:
        """Return the text with the new data in it; it is known to mean just that.

        Args:
            new: plain data; where it equals the old, the text stays as it is. A new key
                comes after all that stand before it here.

        Raises:
            UneditableError: an alias, or another form that cannot be changed in place.
        """
        bom = codecs.BOM_UTF8 if self.raw.startswith(codecs.BOM_UTF8) else b""
        text = self.raw.removeprefix(bom).decode("utf-8")
        for blocks in (True, False):  # what follows may be taken for part of a block
            editor = _Editor(text, self.plain.root, blocks=blocks)
            editor.change(editor.root, self.plain.data, new)
            raw = bom + editor.result().encode("utf-8")
            try:
                plain = parse_yaml(raw, name=self.plain.name)
            except InvalidInputError:
                continue
            if not plain.problems and same(plain.data, new):
                return YamlText(raw, plain)
        raise UneditableError


def same(one: object, other: object) -> bool:
    """Return whether two values are equal and of one type, all the way down."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = one.keys() == other.keys()
        return keys and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return all(same(*pair) for pair in zip_longest(one, other, fillvalue=_NONE))
    return type(one) is type(other) and one == other


# --- where things stand -------------------------------------------------------------


@dataclass(frozen=True)
class _Slot:
    """A place that holds a value: after the colon of a key, or after a dash."""

    node: Any  #: of ruamel.yaml
    opened: int  #: where the colon or the dash ends
    indent: int  #: column of the key or the dash
    bracketed: bool = False  #: True: it stands between braces


class _Editor:
    """Collects edits of one text; each reaches over the lines of one value only."""

    def __init__(self, text: str, root: Any, *, blocks: bool) -> None:  # noqa: ANN401
        self.text = text
        self.blocks = blocks  #: whether texts of several lines get lines of their own
        self.edits: list[tuple[int, int, str]] = []  #: from, to, what stands there now
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.scalars: list[tuple[int, int]] = []  #: where texts stand: no comments
        self.ends: dict[int, int] = {}  #: by node: where its last sign ends
        self._measure(root)
        self.root = _Slot(root, root.start_mark.index, root.start_mark.column - 2)

    def _measure(self, node: Any) -> int:  # noqa: ANN401 - as above
        """Note where a value ends; refuse an alias, which is one text for two places."""
        if id(node) in self.ends:
            raise UneditableError
        start, end = int(node.start_mark.index), int(node.end_mark.index)
        self.ends[id(node)] = -1
        if node.id == "scalar":
            if node.style in {"|", ">"}:
                lines, start = self.text[start:end], self.eol(start)
                keeps = "+" in lines.partition("\n")[0].partition("#")[0]
                end = (
                    self.eol(end - 1)
                    if keeps
                    else end - len(lines) + len(lines.rstrip())
                )
            self.scalars.append((start, end))
            end = -1 if start == end else end
        else:
            pairs = node.id == "mapping"
            inner = [one for item in node.value for one in (item if pairs else [item])]
            ends = [self._measure(one) for one in inner]
            end = end if node.flow_style else max(ends, default=end)
        self.ends[id(node)] = end
        return end

    def comments(self, start: int, end: int) -> list[str]:
        """Return the comments that begin in a part of the text."""
        return [
            found[0]
            for found in _COMMENT.finditer(self.text, start, end)
            if not any(one <= found.start() < other for one, other in self.scalars)
        ]

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

    def depth(self, at: int) -> int:
        """Return how many spaces the line begins with."""
        line = self.text[self.bol(at) : self.eol(at)]
        return len(line) - len(line.lstrip(" "))

    def leads(self, at: int) -> bool:
        """Return whether nothing stands before it on its line."""
        return not self.text[self.bol(at) : at].strip()

    def hangs(self, slot: _Slot) -> bool:
        """Return whether a value begins on a line below its key."""
        start = int(slot.node.start_mark.index)
        return self.ends[id(slot.node)] > start > self.eol(slot.opened)

    def entries(self, slot: _Slot) -> Iterator[tuple[str, int, _Slot]]:
        """Yield each key of a mapping, where it begins, and the place of its value."""
        for key, value in slot.node.value:
            opened = self.text.find(":", end := key.end_mark.index) + 1
            if opened == 0 or self.text[end : opened - 1].strip():
                raise UneditableError
            flow = bool(slot.node.flow_style)
            inner = _Slot(value, opened, key.start_mark.column, flow)
            yield str(key.value), key.start_mark.index, inner

    def items(self, slot: _Slot) -> Iterator[tuple[int, _Slot]]:
        """Yield where the dash of each item of a list stands, and the place after it."""
        column = int(slot.node.start_mark.column)
        for item in slot.node.value:
            at = self.bol(item.start_mark.index) + column
            while self.text[at : at + 1] != "-":  # the item begins below its dash
                at = self.bol(self.bol(at) - 1) + column
                if at <= column:
                    raise UneditableError
            yield at, _Slot(item, at + 1, column)

    def last_line(self, slot: _Slot) -> int:
        """Return where the lines of a value end, with comments that belong to it."""
        end = self.eol(max(self.ends[id(slot.node)], slot.opened))
        while (at := self.below(end)) < len(self.text):
            is_comment = self.text.startswith("#", at + self.depth(at))
            if not is_comment or self.depth(at) <= slot.indent:
                break
            end = self.eol(at)
        return end

    # --- what is changed ------------------------------------------------------------

    def result(self) -> str:
        """Return the text with all edits made."""
        parts, at = [], 0
        for start, end, text in sorted(self.edits, key=lambda edit: edit[:2]):
            if start >= at:
                parts += [self.text[at:start], text]
                at = end
            elif start == end:  # below a line that goes: in its place
                parts.append(text.removeprefix(self.newline) + self.newline)
            else:
                raise UneditableError
        return "".join([*parts, self.text[at:]])

    def change(self, slot: _Slot, old: object, new: object) -> None:
        """Edit a value in place: inside of it where that can be, else all of it."""
        if same(old, new):
            return
        node, done = slot.node, False
        if node.id == "mapping" and isinstance(new, Mapping):
            done = self._mapping(slot, old, new)
        elif node.id == "sequence" and isinstance(new, list | tuple):
            done = bool(new) and not node.flow_style and self._sequence(slot, old, new)
        if not done:
            self._replace(slot, new)

    def _mapping(self, slot: _Slot, old: Any, new: Mapping[str, object]) -> bool:  # noqa: ANN401
        places = {key: (at, inner) for key, at, inner in self.entries(slot)}
        kept = [key for key in new if key in places]
        gone = [place for key, place in places.items() if key not in new]
        if not kept or not all(self.leads(at) for at, _ in gone):
            return False
        if slot.node.flow_style and (gone or len(kept) < len(new)):
            return False
        for at, inner in gone:
            self._remove_lines(self.bol(at), self.below(self.last_line(inner)))
        first = places[kept[0]][1]
        below = self.eol(slot.opened) if self.hangs(slot) else self.last_line(first)
        for key, value in new.items():
            if key in places:
                inner = places[key][1]
                self.change(inner, old[key], value)
                below = max(below, self.last_line(inner))  # people have other orders
            else:
                column = int(slot.node.start_mark.column)
                self._add_lines(below, yaml_lines({key: value}), column)
        return True

    def _sequence(self, slot: _Slot, old: Any, new: Sequence[object]) -> bool:  # noqa: ANN401
        items = list(self.items(slot))
        if not (all(self.leads(at) for at, _ in items) and self.hangs(slot)):
            return False
        names = [*map(_name, old)], [*map(_name, new)]
        for _, start, end, first, last in SequenceMatcher(
            None, *names, autojunk=False
        ).get_opcodes():
            common = min(end - start, last - first)
            for step in range(common):
                inner = items[start + step][1]
                self.change(inner, old[start + step], new[first + step])
            for dash, inner in items[start + common : end]:
                self._remove_lines(self.bol(dash), self.below(self.last_line(inner)))
            above = start + common
            at = self.last_line(items[above - 1][1]) if above else self.eol(slot.opened)
            for item in new[first + common : last]:
                column = int(slot.node.start_mark.column)
                self._add_lines(at, yaml_lines([item]), column)
        return True

    def _replace(self, slot: _Slot, new: object) -> None:
        """Write all of a value anew; a comment beside it, or beside its key, stays."""
        node, opened = slot.node, slot.opened
        if slot == self.root:
            raise UneditableError
        end = max(self.ends[id(node)], opened)
        is_scalar = node.id == "scalar"
        flow = slot.bracketed or bool(not is_scalar and node.flow_style and node.value)
        quote = str(node.style or "") if is_scalar else ""
        form = _Form(flow, quote, self.blocks)
        is_row = self.text[opened - 1] == "-" and isinstance(new, Mapping)
        head, *body = yaml_lines([new] if is_row else {"k": new}, form)
        head = head[1:] if is_row else head[2:]
        if head.startswith(" {") and self.text.startswith(" { ", opened):
            head = f" {{ {head[2:-1]} }}"  # as it was typed
        if self.hangs(slot):
            self.edits.append((opened, opened, head))
            self._remove_lines(self.below(opened), self.below(end))
            self._add_lines(self.eol(opened), body, slot.indent)
        else:
            at, lost = self.bol(opened), self.comments(opened, end)
            self.edits.append((at, at, self._own_lines(at, lost)))
            self.edits.append((opened, end, head))
            self._add_lines(self.eol(end), body, slot.indent)

    def _add_lines(self, at: int, lines: Sequence[str], column: int) -> None:
        pad = " " * column
        text = "".join(f"{self.newline}{pad if x else ''}{x}" for x in lines)
        self.edits.append((at, at, text))

    def _remove_lines(self, start: int, end: int) -> None:
        kept = self._own_lines(start, self.comments(start, end))
        self.edits.append((start, end, kept))

    def _own_lines(self, at: int, comments: Sequence[str]) -> str:
        """Return comments as lines that begin where the line at a place begins."""
        pad = " " * self.depth(at)
        return "".join(f"{pad}{comment}{self.newline}" for comment in comments)


def _name(row: object) -> str:
    if isinstance(row, Mapping):
        return next((str(row[key]) for key in _NAMES if key in row), repr(row))
    return repr(row)


# --- how new values are written -----------------------------------------------------


class _Emitter(Emitter):
    def choose_scalar_style(self) -> Any:  # noqa: ANN401 - as the one that it replaces
        """Return double quotes where any are needed, unless single ones are wanted."""
        style = super().choose_scalar_style()
        return '"' if style == "'" and self.event.style != "'" else style


class _Representer(RoundTripRepresenter):
    """Writes `null` where ruamel.yaml leaves nothing."""


_Representer.add_representer(
    type(None), lambda to, _: to.represent_scalar("tag:yaml.org,2002:null", "null")
)


@dataclass(frozen=True)
class _Form:
    """How a value is written."""

    flow: bool = False  #: True: it stands between brackets
    quote: str = ""  #: wanted around a text: ', " or none
    blocks: bool = True  #: whether a text of several lines gets lines of its own

    def of(self, value: object) -> object:
        """Return plain data as ruamel.yaml is to write them."""
        if isinstance(value, str):
            return self._text(value)
        data: Any
        if isinstance(value, Mapping):
            inner, name = replace(self, quote=""), _Form(blocks=False)
            data = CommentedMap((name.of(k), inner.of(v)) for k, v in value.items())
            flow = self.flow
        elif isinstance(value, Sequence):
            rows = any(isinstance(item, Mapping) for item in value)
            is_long = sum(len(str(item)) + 2 for item in value) > _WIDTH
            flow = self.flow or not (rows or is_long)
            inner = _Form(flow=self.flow or not rows, blocks=self.blocks and rows)
            data = CommentedSeq(map(inner.of, value))
        else:
            return value
        if flow:
            data.fa.set_flow_style()
        return data

    def _text(self, value: str) -> object:
        is_plain = value.isprintable() and not _AMBIGUOUS.fullmatch(value)
        body = value.removesuffix("\n")
        has_lines = "\n" in body and body.replace("\n", "").isprintable()
        if self.blocks and not self.flow and has_lines and body == body.strip():
            return LiteralScalarString(value)
        if self.quote == "'" and value.isprintable():
            return SingleQuotedScalarString(value)
        if self.quote == '"' or not is_plain:
            return DoubleQuotedScalarString(value)
        return value


def yaml_lines(
    value: Mapping[str, object] | Sequence[object], form: _Form = _Form()
) -> list[str]:
    """Return keys or list items as people would write them, from the first column.

    The data are not empty; the form is that of what stands beside each key.

    Raises:
        UneditableError: data that YAML has no form for.
    """
    yaml = YAML()
    yaml.width = 2**31
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.Emitter, yaml.Representer = _Emitter, _Representer
    out = io.StringIO()
    data: Any = CommentedMap()
    if isinstance(value, Mapping):
        names = _Form(blocks=False)
        data.update((names.of(key), form.of(item)) for key, item in value.items())
    else:
        data = CommentedSeq(map(form.of, value))
    try:
        yaml.dump(data, out)
    except YAMLError as error:
        raise UneditableError from error
    lines = out.getvalue().removesuffix("\n").split("\n")
    return lines if isinstance(value, Mapping) else [line[2:] for line in lines]
