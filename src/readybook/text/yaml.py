"""YAML text to plain data with the line of every key; refuses what would be guessed.

Numbers, dates and texts are read by the core schema of YAML 1.2, so that `no`, `off`,
`12:30` and `1_000` stay text. Meaning is judged elsewhere.
"""

import codecs
import contextlib
import datetime as dt
import functools
import gc
import math
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.resolver import implicit_resolvers

from readybook.model.errors import InvalidInputError, Problem

# --- single values -----------------------------------------------------------------


_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")  #: by which parsers count lines
_BLANK = re.compile(r"\s*(#|$)")  # says nothing, or is a comment
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)"
    r"|\.(nan|NaN|NAN)"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DIGITS = 18
_LONG = (
    "the number {}",
    f"at most {_DIGITS} digits",
    "put it in quotes if it is a name, else write a shorter number",
)
_INFINITE = (
    "the number {}",
    "a finite number",
    "write a number, or put it in quotes if it is text",
)
_NO_CHARACTER = ("\\0, or half of a character", "text", "take it out")
_NO_DAY = ("the impossible date {}", "a date of the calendar", "correct the day")


@dataclass(frozen=True)
class Stamp:
    """A date with a time of day, kept as it was written: no date and no text."""

    text: str


class _RefusedScalarError(ValueError):
    """A scalar is refused: found (`{}` stands for the value), expected, what to do."""


def _read_int(text: str) -> int | str:
    if not _INT.fullmatch(text):
        return text  # underscores and binary are text in the core schema
    if len(text) > _DIGITS:
        raise _RefusedScalarError(*_LONG)
    return int(text, 0 if text[:2] in {"0o", "0x"} else 10)


def _read_float(text: str) -> float | str:
    if not _FLOAT.fullmatch(text):
        return text
    number = float(re.sub(r"\.(?=[iInN])", "", text))
    if not math.isfinite(number):
        raise _RefusedScalarError(*_INFINITE)
    return number


def _read_timestamp(text: str) -> dt.date | Stamp:
    if not _DAY.fullmatch(text):
        return Stamp(text)
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _RefusedScalarError(*_NO_DAY) from None


#: What reads a value, by the last part of its YAML tag.
_READERS: dict[str, Callable[[str], object]] = {
    "str": str,
    "value": str,
    "merge": str,
    "int": _read_int,
    "float": _read_float,
    "bool": lambda text: {"true": True, "false": False}.get(text.lower(), text),
    "null": lambda text: None if text in {"", "~", "null", "Null", "NULL"} else text,
    "timestamp": _read_timestamp,
}


# --- files -------------------------------------------------------------------------


KeyPath = tuple[str | int, ...]

MAX_BYTES = 2_000_000
MAX_DEPTH = 40
_DEEPEST = 5 * MAX_DEPTH  #: that is read, to tell the line of what is too deep
MAX_VALUES = 300_000
MAX_ALIASED = 10_000  #: values that aliases may repeat, over the whole file
_SHOWN = 60  #: characters of what was found that a message repeats
_TOO_DEEP = (
    f"more than {MAX_DEPTH} levels of nesting",
    f"at most {MAX_DEPTH}",
    "bring the content into fewer levels",
)
_MOST_KEPT = 1000  #: problems of one text; they stand in the order of its lines
_MOST_APART = 400_000  #: characters that hold what the slow parser has to read
_SLOW = (
    "a tab, tag, anchor, alias, mark or rare line end in a long file",
    f"at most {_MOST_APART:,} characters where one stands",
    "take it out of this line, or split the file",
)
#: Quotes that close lines after the one in which they open, over keys.
_UNCLOSED = "quotes that open here and do not close before line {}"
_CLOSED, _CLOSE = "quotes around one text", "close the quotes that open on this line"
_KEY = re.compile(r"([ -]*)\w[\w.-]*:(?: |$)")
_CONTROL = ("a control character", "text", "remove the character")
_PREFIX = "tag:yaml.org,2002:"
_TAGS = {"scalar": f"{_PREFIX}str", "sequence": f"{_PREFIX}seq",
         "mapping": f"{_PREFIX}map"}  # fmt: skip
#: What tells a value's tag in YAML 1.2, by the first sign of the value.
_RULES: dict[str, list[tuple[str, Callable[[str], object]]]] = {}
for _versions, _tag, _rule, _signs in implicit_resolvers:
    for _sign in _signs if (1, 2) in _versions else ():
        _RULES.setdefault(_sign, []).append((_tag, _rule.match))
#: What the two parsers of YAML read otherwise: tabs, line ends of other alphabets, tags,
#: anchors, keys after `?`, comments behind the sign of a block, marks of documents.
_TOLD_APART = re.compile(
    r"[\t\x85\u2028\u2029\ufeff]|(?:^|[-:?] |[\[{,]) *(?:[!?]|[&*](?! ))"
    r"|[|>][0-9+-]*#|^(?:---.|%)",
    re.MULTILINE,
)
NOT_UTF8 = "bytes that are not UTF-8"
TO_UTF8 = "save the file again with the encoding UTF-8"
_HALF = re.compile("[\0\ud800-\udfff]")  #: ends a text elsewhere, or is in no UTF-8
#: Advice by a part of what the parser says; the last entry fits everything.
_HINTS = (
    ("mapping values are not allowed", "put text that contains ': ' in quotes"),
    ("undefined alias", "put text that begins with * in quotes"),
    ("that cannot start any token", "put text that begins with this sign in quotes"),
    ("unexpected end of stream", "close the quotes that open on this line"),
    ("escape character", "use single quotes where the text has a backslash"),
    ("", "look at this line and the one above: indentation, brackets and quotes"),
)  # fmt: skip


class Node(Protocol):
    """A part of a YAML text, as both parsers tell it."""

    id: str  #: "mapping", "sequence" or "scalar"
    tag: object
    value: Any  #: a text, a list of nodes, or one of pairs of them
    start_mark: Any
    end_mark: Any


@dataclass(frozen=True)
class Plain:
    """What a file holds: plain data, where each key stands, and what is wrong."""

    name: str  #: of the file, as messages print it
    data: object  #: dict, tuple, str, int, float, bool, date, Stamp or None
    lines: dict[KeyPath, int]  #: 1-based line of each key and item
    problems: list[Problem] = field(default_factory=list)
    bad: set[KeyPath] = field(default_factory=set)  #: reported: judge nothing below
    #: A key is refused: none is missing.
    holes: set[KeyPath] = field(default_factory=set)
    #: What was read, with the place of each thing.
    root: Node | None = field(default=None, repr=False, compare=False)

    def line(self, path: KeyPath) -> int:
        """Return the line of a key, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def is_bad(self, path: KeyPath) -> bool:
        """Return whether a place, or one around it, could not be read and was reported."""
        return any(path[:size] in self.bad for size in range(len(path) + 1))


def dotted(path: KeyPath, row: str = "") -> str:
    """Return a path as messages print it: `needs[1].field`, `questions[1] (X-01).text`.

    The id is that of the row that its first two parts lead to; "": it is not printed.
    """
    parts = [f"[{p}]" if isinstance(p, int) else f".{shown(p)}" for p in path]
    if row:
        parts.insert(2, f" ({shown(row)})")
    return "".join(parts).removeprefix(".")


def shown(text: object) -> str:
    """Return a text on one line, cut to what a message may repeat."""
    line = " ".join(str(text).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 3] + "..."


def as_json(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Return plain data as JSON has it: dates and times as texts, lists for tuples."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.text if isinstance(value, Stamp) else value


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Leave the search for cycles until the end, which would double the time.

    Of what is read there are very many parts, and none is in a cycle.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def parse_yaml(raw: bytes | str, *, name: str) -> Plain:
    """Return the plain data of one YAML file, with its problems collected.

    Args:
        raw: its content.
        name: of the file, relative to the folder that was named.

    Raises:
        InvalidInputError: the text as a whole cannot be read as YAML.
    """
    return _parse(_decode(raw, name), name)


# A form reads the whole folder after each save, which changes one of its files. Nobody
# changes what was read.
@functools.lru_cache(maxsize=128)
@uncollected()
def _parse(text: str, name: str) -> Plain:
    node = _compose(text, name)
    if node is None:
        raise InvalidInputError.of(name, "an empty file", "keys with values",
                                   "write the document, or delete the file")  # fmt: skip
    walker = _Walker(Plain(name, None, {}, root=node), _BREAK.split(text))
    return replace(walker.plain, data=walker.build(node, ()))


def utf8_text(data: bytes, *, name: str) -> str:
    """Return the text of a file, without the mark that it may begin with.

    Raises:
        InvalidInputError: it is in another encoding; names the line.
    """
    plain = data.removeprefix(codecs.BOM_UTF8)
    try:
        return plain.decode("utf-8")
    except UnicodeDecodeError as error:
        line = plain.count(b"\n", 0, error.start) + 1
        raise InvalidInputError.of(
            name, NOT_UTF8, "text in UTF-8", TO_UTF8, line
        ) from None


def _decode(raw: bytes | str, name: str) -> str:
    data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    if len(data) > MAX_BYTES:
        raise InvalidInputError.of(
            name, f"a file of {len(data):,} bytes", f"at most {MAX_BYTES:,} bytes",
            "split the file, or keep long material elsewhere and refer to it",
        )  # fmt: skip
    text = utf8_text(data, name=name)
    lines = enumerate(text.split("\n"), 1)
    line, first = next((one for one in lines if not _BLANK.match(one[1])), (0, ""))
    if first.startswith("%"):
        raise InvalidInputError.of(
            name, "a YAML directive", "YAML 1.2 without directives",
            "remove the line that begins with %", line,
        )  # fmt: skip
    return text


def _compose(text: str, name: str) -> Node | None:
    apart, is_long = _TOLD_APART.search(text), len(text) > _MOST_APART
    try:
        if is_long and apart:
            line = text.count("\n", 0, apart.end()) + 1
            raise InvalidInputError.of(name, *_SLOW, line)
        if not apart:
            with contextlib.suppress(*() if is_long else (yaml.YAMLError,)):
                node: Node | None = _Quick(text).get_single_node()
                if is_long or (node and node.id == "mapping"):
                    return node
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            return YAML(typ="safe", pure=True).compose(text)  # type: ignore[no-any-return]
    except RecursionError:
        line, refused = 0, _TOO_DEEP
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        refused = _CONTROL
    except yaml.reader.ReaderError as error:  # which counts bytes
        line, refused = text.encode()[: error.position].count(b"\n") + 1, _CONTROL
    except (MarkedYAMLError, yaml.MarkedYAMLError) as error:
        line, refused = _syntax(error, "" if is_long else text)
    except (ValueError, OverflowError):
        line, refused = 0, ("an escape of no character", "text", "remove the escape")
    raise InvalidInputError.of(name, *refused, line)


_Loader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class _Quick(_Loader):  # type: ignore[misc]
    """The parser in C: it is several times as fast, and has other words for errors."""

    _depth = 0

    def resolve(self, kind: Any, value: str, implicit: Any) -> str:  # noqa: ANN401
        """Return the tag of a value that has none."""
        if kind.id == "scalar" and implicit[0]:
            for tag, matches in _RULES.get(value[:1], ()):
                if matches(value):
                    return tag
        return _TAGS[kind.id]

    def descend_resolver(self, _parent: object, _at: object) -> None:
        """Stop before the stack of C is full, which ends the program."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RecursionError

    def ascend_resolver(self) -> None:
        """Leave a level."""
        self._depth -= 1


def _syntax(error: Any, text: str) -> tuple[int, tuple[str, str, str]]:  # noqa: ANN401
    """Return the line of an error of either parser, and what is told of it."""
    says = str(error.problem or error.context)
    mark = error.problem_mark or error.context_mark
    if "unexpected end of stream" in says:
        mark = error.context_mark or mark  # where what does not close opens
    line = mark.line + 1 if mark else 0
    if opened := _unclosed(text, line):
        return opened, (_UNCLOSED.format(line), _CLOSED, _CLOSE)
    if "found another document" in says:
        return line, ("a second document", "one document in a file",
                      "remove the line '---'")  # fmt: skip
    if "nesting depth" in says:
        return line, _TOO_DEEP
    if "'\\t'" in says:
        return line, ("a tab", "spaces", "indent with spaces")
    hint = next(advice for part, advice in _HINTS if part in says)
    return line, (f"text that is not YAML ({shown(says)})", "YAML", hint)


def _unclosed(text: str, line: int) -> int:
    """Return the line in which quotes open that close, over keys, near an error; else 0."""
    opened, lines = 0, _BREAK.split(text)
    with contextlib.suppress(yaml.YAMLError):
        for token in yaml.scan(text, Loader=_Loader):
            if isinstance(token, yaml.ScalarToken) and _takes_in_keys(token, lines):
                opened = token.start_mark.line + 1
            if token.start_mark.line >= line:
                break
    return opened


def _takes_in_keys(scalar: Any, lines: list[str]) -> bool:  # noqa: ANN401 - node or token
    """Return whether a text in quotes goes on over keys that stand beside its own."""
    first, last = scalar.start_mark.line, scalar.end_mark.line
    if scalar.style not in {'"', "'"} or first == last:
        return False
    start = lines[first]
    own = len(start) - len(start.lstrip(" -"))
    return any(
        len(found[1]) <= own
        for one in lines[first + 1 : last + 1]
        if (found := _KEY.match(one))
    )


@dataclass
class _Walker:
    """Turns nodes into plain data; keeps lines and problems on the way."""

    plain: Plain  #: to be filled
    lines: list[str]  #: that the nodes are of
    seen: set[int] = field(default_factory=set)
    open: list[int] = field(default_factory=list)  #: nodes around this one
    aliased: int = 0

    def report(
        self, node: Node, path: KeyPath, found: str, expected: str, do: str
    ) -> None:
        if len(self.plain.problems) < _MOST_KEPT:
            line, key = node.start_mark.line + 1, dotted(path)
            problem = Problem(self.plain.name, line, key, found, expected, do)
            self.plain.problems.append(problem)
        else:
            more = (self.plain.problems[-1].more or 1) + 1
            self.plain.problems[-1] = Problem.rest(self.plain.name, more)

    def build(self, node: Node, path: KeyPath) -> object:
        """Return the node's plain data; values that are refused become None."""
        self.plain.lines.setdefault(path, node.start_mark.line + 1)
        self._bound(node, path)
        self.seen.add(id(node))
        self.open.append(id(node))
        data = self._content(node, str(node.tag), path)
        self.open.pop()
        return data

    def _content(self, node: Node, tag: str, path: KeyPath) -> object:
        if node.id == "mapping" and tag == _TAGS["mapping"]:
            return self._mapping(node, path)
        if node.id == "sequence" and tag == _TAGS["sequence"]:
            items = enumerate(node.value)
            return tuple(self.build(item, (*path, at)) for at, item in items)
        read = _READERS.get(tag.removeprefix(_PREFIX))
        if node.id == "scalar" and _HALF.search(node.value):
            found, expected, do = _NO_CHARACTER
        elif self._is_unclosed(node):
            last = node.end_mark.line + 1
            found, expected, do = _UNCLOSED.format(last), _CLOSED, _CLOSE
            self.plain.holes.add(path[:-1])
        elif node.id == "scalar" and read:
            try:
                return read(str(node.value))
            except _RefusedScalarError as error:
                found, expected, do = error.args
                found = found.format(shown(node.value))
        else:
            found, expected = f"the tag {shown(tag)}", "a value without a tag"
            do = "remove the tag; put text that begins with ! in quotes"
        self.report(node, path, found, expected, do)
        self.plain.bad.add(path)
        return None

    def _is_unclosed(self, node: Node) -> bool:
        is_long = node.id == "scalar" and node.end_mark.line > node.start_mark.line
        return is_long and _takes_in_keys(node, self.lines)

    def _bound(self, node: Node, path: KeyPath) -> None:
        """Stop at what cannot be walked to its end."""
        self.aliased += id(node) in self.seen
        do = "write the values out instead of using *"
        if id(node) in self.open:
            found = "an alias inside of what it stands for"
            self.report(node, path, found, "plain values", do)
        elif len(path) > MAX_DEPTH:
            self.report(node, path[:3], *_TOO_DEEP)
        elif len(self.seen) > MAX_VALUES:
            found = f"more than {MAX_VALUES:,} values"
            self.report(node, path[:3], found, "fewer of them", "split the file")
        elif self.aliased > MAX_ALIASED:
            found = f"aliases that repeat more than {MAX_ALIASED:,} values"
            self.report(node, path[:3], found, "fewer repeated values", do)
        else:
            return
        raise InvalidInputError(self.plain.problems)

    def _mapping(self, node: Node, path: KeyPath) -> dict[str, object]:
        data: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            below = (*path, key)
            if key in data:
                found = f"the key a second time (first: line {self.plain.lines[below]})"
                do = "keep one of the two"
                self.report(key_node, below, found, "each key once", do)
                continue
            self.plain.lines[below] = key_node.start_mark.line + 1
            data[key] = self.build(value_node, below)
        return data

    def _key(self, node: Node, path: KeyPath) -> str | None:
        """Return a key; None after it is reported."""
        tag = str(node.tag).removeprefix(_PREFIX)
        expected = "a text as key"
        if node.id != "scalar":
            found = "a list or keys in the place of a key"
            do = "put text that begins with [, { or ? in quotes"
        elif _HALF.search(node.value):
            found, expected, do = _NO_CHARACTER
        elif tag in {"str", "value"}:
            return str(node.value)
        elif tag == "merge":
            found, expected = "the merge key <<", "keys that are written out"
            do = "copy the merged keys to this place"
        else:
            found = f"the key {shown(node.value)!r}, which is not text"
            do = f'put it in quotes: "{shown(node.value)}"'
        self.report(node, path, found, expected, do)
        self.plain.holes.add(path)
        return None
