"""What may be declared of a table or a column: as a draft proposed it, or as measured.

A draft leaves its proposals in the contract, as comments with the counts behind each;
evidence names values that are frequent and not declared. Each is an addition to an
element that a person takes over, or leaves.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readybook.contract.tables import as_text
from readybook.edit.contract import SHOWN, elements, typed, with_keys
from readybook.edit.entries import mark_of
from readybook.edit.yamltext import YamlText
from readybook.model.errors import InvalidInputError
from readybook.model.findings import Finding
from readybook.text.yaml import KeyPath, as_json, parse_yaml

_BEGINS = re.compile("(Proposed|And), because |And because ")
_REMARK = re.compile(r" *## (.*)")
_CONTENT = re.compile(r" *# (.*)")
_COMMENTED = re.compile(r" *# (.*\s)?#.*")  #: a line of a proposal with a comment in it
_OWN = "customProperties"
_METRICS = {"duplicateValues": "Key"}
_TOLD = {"quality", "logicalTypeOptions", _OWN}  #: keys whose parts are told
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: Lists that an element may have, and what tells their entries apart.
_NAMES = {"enum": "value", _OWN: "property", "quality": "metric"}


@dataclass(frozen=True)
class Proposed:
    """What may be added to an element, and why."""

    because: str
    content: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Return what tells it from others of its element."""
        return mark_of(dict(as_json(self.content)))

    @property
    def says(self) -> str:
        """Return what would be declared that no cell shows, in words."""
        rules = [rule for rule in self.content.get("quality", ())
                 if rule and rule.get("metric") != "missingValues"]  # fmt: skip
        parts = [f"{_METRICS.get(str(rule.get('metric')), rule.get('metric'))}: "
                 + ", ".join(as_text(one) for held in (rule.get("arguments") or {}).values()
                             for one in held) for rule in rules]  # fmt: skip
        own = {str(one.get("property")).removeprefix("readiness."): one.get("value")
               for one in self.content.get(_OWN, ())}  # fmt: skip
        more = {**(self.content.get("logicalTypeOptions") or {}), **own, **self.content}
        parts += [f"{_HUMPS.sub(' ', key).capitalize()}: {_in_words(value)}"
                  for key, value in more.items() if key not in SHOWN | _TOLD]  # fmt: skip
        return "; ".join(parts)

    def beside(self, element: Mapping[str, Any]) -> "Proposed":
        """Return what of it the element does not declare, in one way or another."""
        rest = dict[str, Any]()
        for key, value in self.content.items():
            held, name = element.get(key), _NAMES.get(key)
            if name is None:
                rest |= {} if key in element else {key: value}
                continue
            listed = held if isinstance(held, tuple) else ()
            known = [as_json(one.get(name)) for one in listed]
            more = [one for one in value if as_json(one.get(name)) not in known]
            rest |= {key: tuple(more)} if more else {}
        return Proposed(self.because, rest)

    def is_in(self, element: Mapping[str, Any]) -> bool:
        """Return whether an element declares all of it, and just so."""
        for key, value in self.content.items():
            held = as_json(element.get(key))
            is_list = key in _NAMES and isinstance(held, list)
            if not (all(one in held for one in as_json(value)) if is_list
                    else held == as_json(value)):  # fmt: skip
                return False
        return True

    def added_to(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return an element with it; what is declared there stays."""
        rest = self.beside(element).content
        more = {
            key: (*(element.get(key) or ()), *value) if key in _NAMES else value
            for key, value in rest.items()
        }
        return with_keys(element, more)


def drafted(text: YamlText) -> Iterator[tuple[KeyPath, Proposed]]:
    """Yield where in a contract a draft proposes something that is not declared yet.

    A comment belongs to the element that it stands below, in the column of its keys.
    """
    for path, element, one, _ in _blocks(text):
        rest = one.beside(element)
        # Of categories that a person has listed, none is missing for a draft.
        if rest.content.keys() - ({"enum"} & element.keys()):
            yield path, rest


def without(text: YamlText, path: KeyPath, mark: str) -> YamlText:
    """Return a contract without the comments of a proposal that is to be declared.

    Where something else stays declared than it says, or somebody has commented it, its
    lines stay as a remark.
    """
    for at, element, one, lines in _blocks(text):
        if at == path and one.beside(element).id == mark:
            all_lines = text.raw.decode("utf-8").splitlines(keepends=True)
            kept = all_lines[lines.start : lines.stop]
            is_own = any(_COMMENTED.fullmatch(line.rstrip()) for line in kept)
            if not is_own and one.is_in(one.added_to(element)):
                kept = []
            all_lines[lines.start : lines.stop] = map(_as_remark, kept)
            raw = "".join(all_lines).encode("utf-8")
            return YamlText.read(raw, name=text.plain.name)
    return text


def _as_remark(line: str) -> str:
    """Return a line of a proposal that no longer is one."""
    before, sign, said = line.partition("#")
    said = f" Left: {said[2:]}" if _BEGINS.match(said[2:]) else said.removeprefix("#")
    return f"{before}##{said}" if sign else line


def _blocks(
    text: YamlText,
) -> Iterator[tuple[KeyPath, Mapping[str, Any], Proposed, range]]:
    """Yield each proposal in comments: of which element, and in which lines, from 0."""
    known = {path: one for kind in ("tables", "columns")
             for path, one in elements(_mapping(text.plain.data), kind)}  # fmt: skip
    begins = {text.plain.line(path): path for path in known}
    current: dict[int, KeyPath] = {}
    because, content, depth, first = "", list[str](), 0, 0
    for at, line in enumerate([*text.raw.decode("utf-8-sig").splitlines(), ""]):
        remark, told = _REMARK.fullmatch(line), _CONTENT.fullmatch(line)
        if because and not told and (content or not remark):
            path = current.get(depth, ())
            for one in _read(because, content) if path else ():
                yield path, known[path], one, range(first, at)
            because, content = "", []
        if at + 1 in begins:
            current[len(line) - len(line.lstrip(" -"))] = begins[at + 1]
        if remark and (because or _BEGINS.match(remark[1])):
            first = first if because else at
            because = f"{because} {_BEGINS.sub('', remark[1])}".strip()
            depth = line.index("#")
        elif because and told:
            content.append(told[1])


def _read(because: str, lines: list[str]) -> Iterator[Proposed]:
    """Yield what lines of a comment say, where they are an addition to an element.

    A list alone goes on with the properties that the element has.
    """
    try:
        plain = parse_yaml("\n".join(lines), name="")
    except InvalidInputError:
        return
    data = {_OWN: plain.data} if isinstance(plain.data, tuple) else plain.data
    if isinstance(data, Mapping) and not plain.problems:
        yield Proposed(because, data)


def _in_words(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_in_words(held)}" for key, held in value.items())
    return ", ".join(map(as_text, value if isinstance(value, tuple) else (value,)))


def _mapping(data: object) -> Mapping[str, Any]:
    return data if isinstance(data, Mapping) else {}


def measured(finding: Finding, kind: object) -> Proposed | None:
    """Return the frequent values that a finding shows to be undeclared; None: none.

    They are values of a column of the kind.
    """
    found = [point.label for point in finding.points("not declared")
             if point.label != "(other values)"]  # fmt: skip
    if not found:
        return None
    return Proposed(
        finding.message, {"enum": tuple({"value": typed(one, kind)} for one in found)}
    )
