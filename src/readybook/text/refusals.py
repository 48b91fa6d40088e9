"""What pydantic refuses, in the words of the people who wrote the file.

What a field takes is read off the annotations of the models.
"""

import datetime as dt
import re
import types
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from readybook.model.errors import MOST_TOLD, Problem, nearest
from readybook.text.yaml import KeyPath, Plain, Stamp, dotted, shown

_MOST_JUDGED = 10_000  #: refusals of one file of which each place is told once
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_APART = re.compile(
    r"(?<=\d)[ _'\u2019\xa0\u202f](?=\d{3})"
)  #: signs between thousands
_GROUP = 3  #: digits of thousands
#: A number such as 2.000, which whoever parts thousands by a point means as 2000.
TWO_WAYS = r"[-+]?[1-9]\d{0,2}\.\d\d0"
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]")
_EMPTY: tuple[object, ...] = (None, "", (), [], {})
#: What a condition reads, and what to do about one that reads something else.
_ON_FACTS = (
    "a scope fact: conditions read no answers",
    "name a fact of the bank, with the values under which the question is asked",
)
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")


def refusals(
    plain: Plain, model: type[BaseModel], error: ValidationError
) -> dict[KeyPath, Problem]:
    """Return one Problem for each place of the file that the model refuses.

    Of the places after a hundred, in the order of lines, one tells the number.
    Of what pydantic said, all members of a union speak for one place.
    """
    told: dict[KeyPath, str] = {}
    items = error.errors(include_url=False, include_context=False, include_input=False)
    places = [(_place(plain.data, item["loc"], item["type"]), item["type"])
              for item in items[:_MOST_JUDGED]]  # fmt: skip
    paths = sorted({path for path, _ in places}, key=lambda path: [*map(str, path)])
    inner = set()
    for above, below in pairwise(paths):
        if below[: len(above)] == above:
            inner.add(above)  # one member of a union; another one went deeper
    for path, kind in places:
        hidden = path in inner and kind not in {"missing", "extra_forbidden"}
        reported = plain.is_bad(path)
        hole = kind == "missing" and path[:-1] in plain.holes
        no_fact = _names_no_fact(path) and path[-1] != "[key]"  # its key is refused
        if not (hidden or reported or hole or no_fact):
            told.setdefault(path, kind)
    first = sorted(told, key=plain.line)[:MOST_TOLD]
    problems = {path: _problem(plain, model, path, told[path]) for path in first}
    if more := len(told) - len(first) + len(items[_MOST_JUDGED:]):
        problems[("more",)] = Problem.rest(plain.name, more)
    return problems


def _names_no_fact(path: KeyPath) -> bool:
    """Return whether this is in a condition, at or below the id of a question."""
    pairs = pairwise(map(str, path))
    return any(a == "applies_when" and re.match(QUESTION_ID, b) for a, b in pairs)


def describe(value: object) -> str:
    """Return what was found, in words: `the number 3`, `the text 'x'`, `nothing`."""
    match value:
        case bool():
            words = f"the yes/no value {str(value).lower()}"
        case int() | float():
            words = f"the number {shown(value)}"
        case str():
            words = f"the text '{shown(value)}'"
        case Stamp():
            words = f"the time {shown(value.text)}"
        case dt.date():
            words = f"the date {value.isoformat()}"
        case Mapping():
            keys = ", ".join(map(str, value))
            words = f"the keys {shown(keys)}" if keys else "no keys"
        case tuple() | list():
            words = f"a list of {len(value)}" if value else "an empty list"
        case _:
            words = "nothing"
    return words


def _place(data: object, loc: tuple[str | int, ...], kind: str) -> KeyPath:
    """Return where in the file an error stands, without pydantic's union labels."""
    path: KeyPath = ()
    for part in loc:
        if part == "[key]":
            return (*path, "[key]")
        if _has(data, (part,)):
            data = value_at(data, (part,))
        elif kind == "missing" and part == loc[-1] and isinstance(part, str):
            return (*path, part)
        else:
            continue  # a union's member, or a missing item of a list of fixed length
        path = (*path, part)
    return path


def type_at(kind: Any, path: KeyPath) -> Any:  # noqa: ANN401
    """Return the annotation below a type, by keys and positions; else object."""
    for at, part in enumerate(path):
        if path[at + 1 :] == ("[key]",):
            return next(_below(kind, "[key]"), object)
        kind = next(_below(kind, part), object)
    return kind


def _below(kind: Any, part: str | int) -> Iterator[Any]:  # noqa: ANN401
    for base in members(kind):
        origin, args = get_origin(base), get_args(base)
        if origin is dict:
            yield args[0] if part == "[key]" else args[1]
        elif origin is tuple and isinstance(part, int):
            yield args[0] if args[-1] is Ellipsis else args[part % len(args)]
        elif part in _fields(base):
            yield base.model_fields[str(part)]


def value_at(data: Any, path: KeyPath) -> object:  # noqa: ANN401
    """Return what stands at a path of plain data, or of JSON."""
    for part in path:
        data = data[part]
    return data


def _problem(plain: Plain, model: type[BaseModel], path: KeyPath, kind: str) -> Problem:
    def at(found: str, wanted: str, do: str, where: KeyPath = path) -> Problem:
        key = dotted(where, _question(plain.data, where))
        return Problem(plain.name, plain.line(where), key, found, wanted, do)

    if kind == "missing" and not _has(plain.data, path):
        wanted = expected(type_at(model, path))
        return at("no such key", wanted, f"add '{path[-1]}: ...'")
    if kind == "extra_forbidden":
        known = _fields(type_at(model, path[:-1]))
        do = nearest(str(path[-1]), known)
        return at("an unknown key", "one of " + ", ".join(known), do)
    kind_here = type_at(model, path)
    wanted = expected(kind_here)
    bare = wanted.partition(" (")[0]  # without the rule behind it in brackets
    if path[-1:] == ("[key]",):
        where = path[:-1]
        if _names_no_fact(where):
            return at(f"the question '{where[-1]}'", *_ON_FACTS, where)
        found = f"the key '{shown(where[-1])}'"
        return at(found, wanted, f"write {bare}", where)
    value = value_at(plain.data, path)
    advice = _advice(value, f"write {bare}", kind_here)
    if path in plain.holes:  # keys that were refused, so that none or few are left
        return at("keys", wanted, advice)
    if value in _EMPTY and path and isinstance(path[-1], str):
        advice += ", or remove the key"
    return at(describe(value), wanted, advice)


def _question(data: object, path: KeyPath) -> str:
    """Return the id of the question that a path leads into, or nothing."""
    own = (*path[:2], "id")
    if path[:1] != ("questions",) or len(path) < len(own) or not _has(data, own):
        return ""
    value = value_at(data, own)
    return value if isinstance(value, str) else ""


def _has(data: object, path: KeyPath) -> bool:
    if isinstance(data, str):
        return False
    try:
        value_at(data, path)
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _fields(kind: Any) -> list[str]:  # noqa: ANN401
    model = member(kind, BaseModel)
    return list(model.model_fields) if model else []


def _advice(value: object, advice: str, kind: Any) -> str:  # noqa: ANN401
    """Return what to do about a value of the wrong kind; else the advice as it is."""
    bases = members(kind)
    lists = [get_args(base) for base in bases if get_origin(base) is tuple]
    if any(args[-1] is not Ellipsis for args in lists):
        return f"{advice.replace('a list of ', '')}, each after '- '"
    if isinstance(value, str) and value:
        words = choices(kind)
        near = nearest(value, words)
        if {int, float} & {*bases} and (number := number_advice(value)):
            advice = number
        elif dt.date in bases and _DAY.fullmatch(value):
            advice = "write it as YYYY-MM-DD, without quotes"
        elif dt.date in bases and _MOMENT.match(value):
            advice = "leave out the time of day"
        elif lists:
            advice = f"write it as a list: [{shown(value)}]"
        elif len(words) > 1 or "did you mean" in near:
            advice = near
    elif dt.date in bases and isinstance(value, Stamp):
        advice = "leave out the time of day"
    elif isinstance(value, dt.date | Stamp | int | float) and str in bases:
        text = value.text if isinstance(value, Stamp) else str(value)
        text = text.lower() if isinstance(value, bool) else text
        advice = f'put it in quotes: "{shown(text)}"'
    return advice


def number_advice(text: str) -> str:
    """Return what to do about a text in the place of a number; "": it is none."""
    number = _as_number(text)
    same = number == text
    how = "remove the quotes" if same else "write digits and a decimal point"
    return f"{how}: {number}" if number else ""


def _as_number(text: str) -> str:
    """Return a number that is written in another way, 2.000,50, as YAML has it; or "".

    A single sign before three digits may part thousands or decimals: both are named.
    """
    bare = _APART.sub("", text)
    if re.fullmatch(TWO_WAYS, bare):
        return f"{bare.replace('.', '')}, or {float(bare):g}"
    if _NUMBER.fullmatch(bare):
        return bare
    sign = "," if bare.rfind(",") > bare.rfind(".") else "."
    other = {",": ".", ".": ","}[sign]
    whole, _, rest = bare.rpartition(sign)
    if (
        not re.fullmatch(rf"[-+]?\d+([{sign}{other}]\d{{3}})*", whole)
        or not rest.isdigit()
    ):
        return ""
    digits = re.sub("[.,]", "", whole)
    if sign in whole:  # it stands twice, so it parts thousands
        return f"{digits}{rest}" if other not in whole and len(rest) == _GROUP else ""
    if other not in whole and len(rest) == _GROUP and sign == ",":
        return f"{digits}{rest}, or {digits}.{rest}"
    return f"{digits}.{rest}"


# --- what a field takes ------------------------------------------------------------


QUESTION_ID = r"^[A-Z][A-Z0-9]{1,7}-[0-9]{2,3}$"
_WORDS: dict[object, str] = {
    bool: "true or false",
    dt.date: "a date such as 2026-03-31",
    float: "a number",
    int: "a whole number",
    str: "text",
}
#: Texts with a pattern, in words.
_PATTERNS = {
    r"^[a-z0-9][a-z0-9-]*$": "an id of small letters, digits and hyphens (at most 60)",
    QUESTION_ID: (
        "a question id such as AVL-01 (a capital letter first, 2 to 8 capitals or "
        "digits, a hyphen, 2 or 3 digits)"
    ),
    r"^[A-Z]{3}$": "a currency code such as EUR",
    r"^\d+\.\d+\.\d+$": "a version such as 1.0.0",
}
_NUMBERS = {4: "four", 5: "five"}


def expected(kind: Any) -> str:  # noqa: ANN401 - an annotation has no narrower type
    """Return what a field of this type takes, in words."""
    base, notes = unwrap(kind)
    origin, args = get_origin(base), get_args(base)
    if origin in {Union, types.UnionType}:
        words = [word for member in args for word in _alternatives(member)]
        return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
    if origin is Literal:
        words = _alternatives(base)
        return words[0] if len(words) == 1 else "one of " + ", ".join(words)
    if origin is tuple:
        return _expected_list(args, notes)
    if origin is dict:
        return "keys with values"
    if isinstance(base, type) and issubclass(base, BaseModel):
        fields = base.model_fields.items()
        required = [name for name, info in fields if info.is_required()]
        return "the keys " + ", ".join(required or base.model_fields)
    return _expected_scalar(base, notes)


def _alternatives(member: Any) -> list[str]:  # noqa: ANN401
    if get_origin(member) is Literal:
        return [f"'{a}'" if isinstance(a, str) else str(a) for a in get_args(member)]
    return [] if member is type(None) else [expected(member)]


def _expected_list(args: tuple[Any, ...], notes: dict[str, Any]) -> str:
    if args[-1] is not Ellipsis:
        noun = " texts" if expected(args[0]) == "text" else ""
        return f"a list of {_NUMBERS.get(len(args), len(args))}{noun}"
    least, most = notes.get("min_length"), notes.get("max_length")
    if least:
        return f"a list of at least {least}"
    return f"a list of at most {most}" if most else "a list"


def _expected_scalar(base: object, notes: dict[str, Any]) -> str:
    word = _WORDS.get(base, "a value")
    if pattern := notes.get("pattern"):
        return _PATTERNS.get(pattern, f"text like {pattern}")
    if "le" in notes:
        if "gt" in notes:
            return f"{word} above {notes['gt']}, at most {notes['le']}"
        return f"{word} from {notes['ge']} to {notes['le']}"
    if "gt" in notes:
        return f"{word} above {notes['gt']}"
    return f"{word} of at least {notes['ge']}" if "ge" in notes else word


def unwrap(kind: Any) -> tuple[Any, dict[str, Any]]:  # noqa: ANN401
    """Return the bare type and the constraints that stand around it."""
    notes: dict[str, Any] = {}
    around: list[Any] = []
    if isinstance(kind, FieldInfo):
        around, kind = kind.metadata, kind.annotation
    while get_origin(kind) is Annotated:
        kind, *metadata = get_args(kind)
        around = [*metadata, *around]
    for note in around:
        for item in note.metadata if isinstance(note, FieldInfo) else [note]:
            notes |= {
                name: value
                for name in ("ge", "gt", "le", "min_length", "max_length", "pattern")
                if (value := getattr(item, name, None)) is not None
            }
    return kind, notes


def choices(kind: Any) -> list[str]:  # noqa: ANN401
    """Return the words of which a field of this type takes one."""
    literals = (get_args(one) for one in members(kind) if get_origin(one) is Literal)
    return [str(word) for words in literals for word in words]


def members(kind: Any) -> list[Any]:  # noqa: ANN401
    """Return the bare types of a union; of another type, the type alone."""
    base, _ = unwrap(kind)
    if get_origin(base) not in {Union, types.UnionType}:
        return [base]
    return [one for member in get_args(base) for one in members(member)]


def member(kind: Any, wanted: type) -> Any:  # noqa: ANN401
    """Return the member of a union that is a list, or a model; None if none is."""
    for one in members(kind):
        base = get_origin(one) or one
        if isinstance(base, type) and issubclass(base, wanted):
            return one
    return None
