"""What a contract may say: by the standard's own schema, and in our own properties.

The standard's package brings its schema and its models. The models let slips pass that
the schema tells, and the schema has no models. Our properties are one model beside
them: where each may stand, what it takes.
"""

import datetime as dt
import functools
import importlib.resources
import json
import re
import sys
import zoneinfo
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, get_args

from open_data_contract_standard.model import (
    CustomProperty,
    DataQuality,
    OpenDataContractStandard,
)
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from readybook.model.bank import Frozen, Text
from readybook.model.contract import Calendar, OfFile, Sample
from readybook.model.errors import InvalidInputError, Problem, close_to, nearest
from readybook.text.documents import Judge, Loaded
from readybook.text.refusals import describe, number_advice, refusals
from readybook.text.yaml import KeyPath, Plain, dotted, shown

# Where JupyterLab is installed, jsonschema builds the grammar of formats that no schema
# here has, which takes longer than opening an assessment: it is told there is none.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
import jsonschema  # noqa: E402

if sys.modules.get("rfc3987_syntax") is None:
    del sys.modules["rfc3987_syntax"]

# --- the standard ------------------------------------------------------------------

_MEANT = "did you mean "
_NO_KEY = "remove it, or say it in customProperties"
_REFERENCE = "a reference such as table.column"
_STABLE_ID = "an id of letters, digits, _ and -"
#: A table and a column, of names that the standard takes in no reference.
_NAMED = re.compile(r"[^./]+\.[^./]+")
_SIGNS = "letters a to z, digits, _ and -"
#: Parts whose form the standard changed after version 3.0, and that the reader
#: therefore takes as they come.
_LATER = {"quality", "logicalTypeOptions"}
#: Parts in which a key that version 3.0 let pass is still taken for a slip.
_STRICT = {"schema", "servers"}
#: A key that version 3.0 wanted of Athena, which has another name since.
_RENAMED = {"staging_dir"}
#: The keys of a contract that are read.
_USED = ("id", "version", "status", "customProperties", "servers", "schema",
         "slaProperties", "slaDefaultElement")  # fmt: skip
#: Keys whose empty value is a value: of a property, of an enumeration.
_SAYS_NOTHING = {"value"}
_UNKNOWN = {"additionalProperties", "unevaluatedProperties"}
_TYPES = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "keys with values",
    "null": "nothing",
}


_Said = tuple[KeyPath, str, str, str]  # where, found, expected, do


@functools.cache
def _validator() -> Any:  # noqa: ANN401 - a class made here has no type
    package = importlib.resources.files("open_data_contract_standard")
    schema = json.loads((package / "schema.json").read_text("utf-8"))
    extend: Any = jsonschema.validators.extend
    own = {"unevaluatedProperties": _unevaluated}
    return extend(jsonschema.Draft201909Validator, own)(schema)


def _unevaluated(validator: Any, rule: Any, part: Any, schema: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield what jsonschema says, which looks for each key in every branch.

    That takes most of the time, and tells nothing where all keys are named outright.
    """
    if isinstance(part, dict) and not part.keys() <= _named(schema):
        search = jsonschema.Draft201909Validator.VALIDATORS["unevaluatedProperties"]
        yield from search(validator, rule, part, schema)


def given(data: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a contract without its empty keys: by the standard they are not given.

    What a property or an argument of a rule says is left as it is.
    """
    if isinstance(data, list):
        return [given(item) for item in data]
    if not isinstance(data, dict):
        return data
    said = {"arguments", "value"} if "property" in data else {"arguments"}
    return {
        key: value if key in said else given(value)
        for key, value in data.items()
        if value is not None or key in _SAYS_NOTHING
    }


def typed(data: dict[str, Any], plain: Plain) -> OpenDataContractStandard:
    """Return what is used of a contract, whose form is right, as the standard's models.

    Raises:
        InvalidInputError: with what the models refuse, though the schema did not.
    """
    used = {key: data[key] for key in _USED if key in data}
    try:
        return OpenDataContractStandard.model_validate(_usable(used))
    except ValidationError as error:
        found = refusals(plain, OpenDataContractStandard, error)
        raise InvalidInputError(found.values()) from None


def _usable(data: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return data without rules and options of a form that version 3.0 left open.

    The number that it took for a server's schema is that text.
    """
    if isinstance(data, list):
        return [_usable(item) for item in data]
    if not isinstance(data, dict):
        return data
    data = {k: v if k == "value" else _usable(v) for k, v in data.items()}
    if isinstance(data.get("schema"), int):
        data["schema"] = str(data["schema"])
    if not isinstance(data.get("logicalTypeOptions", {}), dict):
        del data["logicalTypeOptions"]
    if "quality" in data:  # whose rules keep their places in the list
        rules = data["quality"] if isinstance(data["quality"], list) else []
        data["quality"] = [rule if _is_of(DataQuality, rule) else {} for rule in rules]
    return data


def _is_of(model: type[BaseModel], value: object) -> bool:
    try:
        model.model_validate(value)
    except ValidationError:
        return False
    return True


def form_problems(data: object, plain: Plain) -> list[Problem]:
    """Return where a contract breaks the standard's schema, one Problem per place.

    The data are as JSON has them; the file that they were read from has the lines.
    """
    judge = Judge(Loaded(plain.name, None, plain.lines))
    for path, found, expected, do in _breaches(json.dumps(data)):
        if not plain.is_bad(path):
            judge.report(path, found, expected, do)
    return judge.problems


@functools.lru_cache(maxsize=16)  # most of the time that opening an assessment takes
def _breaches(text: str) -> tuple[_Said, ...]:
    """Return where a contract, as JSON, breaks the standard's schema, once a place."""
    data = json.loads(text)
    version = str(data.get("apiVersion")) if isinstance(data, dict) else ""
    is_older = version.startswith("v3.0.")
    said: dict[tuple[KeyPath, str], tuple[str, str]] = {}
    choices = set[KeyPath]()  # of which one is missing, and any other would do
    for outer in _validator().iter_errors(data):
        error = _deepest(outer)
        if not (is_older and _was_valid(error)):
            for path, found, expected, do in _say(error, is_older=is_older):
                said.setdefault((path, found), (expected, do))
                if error is not outer and error.validator == "required":
                    choices.add(path)
    slips = {path[:-1] for (path, _), (_, do) in said.items() if do.startswith(_MEANT)}
    # Where a key beside it is a slip, that was to be the choice.
    said = {place: words for place, words in said.items()
            if not (place[0] in choices and place[0][:-1] in slips)}  # fmt: skip
    if version.startswith("v2."):
        words = ("a version 3 of the standard", "bring the contract to v3.2.0")
        said[("apiVersion",), describe(version)] = words
    return tuple((*place, *words) for place, words in said.items())


def _was_valid(error: Any) -> bool:  # noqa: ANN401
    """Return whether version 3.0 let pass, or may have, what is now an error."""
    path = list(error.absolute_path)
    if path[:1] == ["servers"] and path[-1] == "schema":
        return type(error.instance) is int  # of DuckDB it was a number
    unused = bool(path) and path[0] not in _STRICT
    return not _LATER.isdisjoint(path) or (unused and error.validator in _UNKNOWN)


def _deepest(error: Any) -> Any:  # noqa: ANN401 - typed in part
    """Return, of the alternatives that all failed, the one that came furthest."""
    while error.context:
        error = max(error.context, key=lambda inner: len(inner.absolute_path))
    return error


def _say(error: Any, *, is_older: bool) -> Iterator[_Said]:  # noqa: ANN401
    path: KeyPath = tuple(error.absolute_path)
    found = describe(error.instance)
    rule = error.validator_value
    match error.validator:
        case word if word in _UNKNOWN:
            yield from _say_unknown(error, path, is_older=is_older)
        case "required":
            yield from _say_missing(error, path)
        case "enum":
            do = nearest(str(error.instance), [str(word) for word in rule])
            yield path, found, "a value of the standard", do
        case "type":
            kinds = [rule] if isinstance(rule, str) else rule
            expected = " or ".join(_TYPES[kind] for kind in kinds)
            yield path, found, expected, _advice(error.instance, kinds)
        case "pattern":
            expected = _REFERENCE if "\\." in rule or "/" in rule else _STABLE_ID
            do = f"write {expected}"
            if expected == _REFERENCE and _NAMED.fullmatch(str(error.instance)):
                expected += f", of {_SIGNS}"
                do = (
                    f"give it a name of {_SIGNS}, and what the data has as physicalName"
                )
            yield path, found, expected, do
        case _:
            expected = f"what the standard allows ({shown(error.message)})"
            yield path, found, expected, "see the standard (ODCS v3.2)"


def _say_unknown(error: Any, path: KeyPath, *, is_older: bool) -> Iterator[_Said]:  # noqa: ANN401
    known = sorted(_known_keys(error.schema))
    for key in error.instance:
        near = close_to(key, known)
        # A value that fails makes its key "unevaluated"; that is told there. Version
        # 3.0 let other tools add keys: there only a slip is told.
        was_known = is_older and key in _RENAMED
        if key not in known and not was_known and (near or not (is_older and path)):
            do = f"{_MEANT}'{near}'?" if near else _NO_KEY
            yield (*path, key), "an unknown key", "a key of the standard", do


def _say_missing(error: Any, path: KeyPath) -> Iterator[_Said]:  # noqa: ANN401
    for key in error.validator_value:
        # The standard's schema wants a `map` of columns without a type too.
        slip = key == "map" and "logicalType" not in error.instance
        if key not in error.instance and not slip:
            do = f"add '{key}: ...'"
            yield (*path, key), "no such key", "a key of the standard", do


def _advice(value: object, kinds: list[str]) -> str:
    if "string" in kinds and isinstance(value, bool | int | float):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return f'put it in quotes: "{text}"'
    if {"number", "integer"} & {*kinds} and isinstance(value, str):
        return number_advice(value) or f"write {_TYPES[kinds[0]]}"
    return "write " + " or ".join(_TYPES[kind] for kind in kinds)


def _known_keys(schema: Mapping[str, Any]) -> set[str]:
    """Return the keys that a schema and what it is made of name."""
    groups = ("allOf", "anyOf", "oneOf")
    parts = [part for word in groups for part in schema.get(word, [])]
    parts += [schema[word] for word in ("then", "else") if word in schema]
    return _named(schema).union(*map(_known_keys, parts + _referred(schema)))


def _named(schema: Mapping[str, Any]) -> set[str]:
    """Return the keys that a schema names outright, on no condition."""
    parts = [*schema.get("allOf", ()), *_referred(schema)]
    return {*schema.get("properties", ())}.union(*map(_named, parts))


def _referred(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "$ref" not in schema:
        return []
    target: Any = _validator().schema
    for step in schema["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return [target]


# --- what a value of our properties may be ------------------------------------------

_PREFIX = "readiness."
_DURATION = re.compile(
    r"(?=.*[1-9])P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def is_duration(value: object) -> bool:
    """Return whether a value is an ISO 8601 duration of more than nothing."""
    return isinstance(value, str) and _DURATION.fullmatch(value) is not None


def is_day(value: object) -> bool:
    """Return whether a value is the ISO 8601 text of a day of the calendar."""
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        return False
    try:
        return bool(dt.date.fromisoformat(value))
    except ValueError:
        return False


#: Parts of a date, as the standard's formats have them, with those of strptime.
TIME_PARTS = {
    "yyyy": "%Y", "yy": "%y", "MMM": "%b", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d",
    "HH": "%H", "H": "%H", "hh": "%I", "mm": "%M", "ss": "%S", "SSS": "%g", "a": "%p",
    "XXX": "%z", "X": "%z", "Z": "%z",
}  # fmt: skip
#: Other forms that a column may be written in: of numbers, and of times as numbers.
WRITTEN_NUMBERS = ("1234,5", "1.234,5", "1 234,5", "1,234.5", "1'234.5",
                   "epoch seconds", "epoch milliseconds")  # fmt: skip
_PART = re.compile(
    r"(y{1,4}|M{1,3}|d{1,2}|H{1,2}|hh|mm|ss|S{1,6}|a|X{1,3}|Z)|'([^']*)'|(.)"
)


#: Letters of days and years in other languages, and in capitals.
_LETTERS = (
    {"D": "d", "Y": "y"}, {"T": "d", "J": "y"}, {"J": "d", "A": "y"},
    {"G": "d", "A": "y"}, {"D": "d", "A": "y"}, {"D": "d", "J": "y"},
)  # fmt: skip
_RUN = re.compile(r"('[^']*')|((?i:([a-z])\3*))|(.)")
_CLOCK = {"H", "h", "m"}
#: Types of columns that the standard gives a format.
OF_TIME = frozenset({"date", "timestamp", "time"})


def is_written_form(value: str) -> bool:
    """Return whether a text says how the values of a column are written."""
    return value in WRITTEN_NUMBERS or strptime_of(value) is not None


def strptime_of(form: str) -> str | None:
    """Return a date's form, such as dd.MM.yyyy, as strptime has it; None if unknown."""
    made = ""
    for part, quoted, other in _PART.findall(form):
        if (part and part not in TIME_PARTS) or other.isalpha():
            return None
        made += TIME_PARTS[part] if part else (quoted or other).replace("%", "%%")
    # Minutes of no hour, beside a day: dd.mm.yyyy would make January of all months.
    is_slip = "%M" in made and "%d" in made and not re.search("%[HI]", made)
    return made if "%" in made and not is_slip else None


def near_form(form: str) -> str | None:
    """Return the form of dates that a text may mean, TT.MM.JJJJ or %d.%m.%Y; or None."""
    for part, token in TIME_PARTS.items():  # of one token the longest part stands first
        form = form.replace(token, part)
    if strptime_of(form):
        return form
    tokens = _RUN.findall(re.sub("(?<=[dDyY])T(?=[hH])", "'T'", form))
    for letters in _LETTERS:
        made, before = "", ""
        for quoted, run, _, other in tokens:
            letter = letters.get(run[:1].upper(), run[:1].upper())
            if letter == "M" and before in _CLOCK:
                letter = "m"
            elif letter == "S":
                letter = "s"
            before = letter or before
            made += quoted or other or letter * len(run)
        if strptime_of(made):
            return made
    return None


def is_zone(value: str) -> bool:
    """Return whether a text is the name of a known time zone."""
    try:
        return zoneinfo.ZoneInfo(value).key == value
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _that(holds: Callable[[Any], object]) -> AfterValidator:
    def check(value: Any) -> Any:  # noqa: ANN401 - of the field's own type
        if holds(value):
            return value
        raise ValueError(value)

    return AfterValidator(check)


_Names = Annotated[list[Text], Field(min_length=1)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Span = Annotated[str, _that(is_duration)]
_LastDay = Annotated[str, _that(lambda value: value == "never" or is_day(value))]
_Zone = Annotated[str, _that(is_zone)]
#: Judged with the columns at hand.
_Rows = Annotated[Any, _that(lambda value: isinstance(value, dict | list) and value)]
_Written = Annotated[str, _that(is_written_form)]
_Variable = Annotated[str, Field(pattern=r"\A[A-Z_][A-Z0-9_]*\z")]


def _in(places: str, takes: str, default: Any = None) -> Any:  # noqa: ANN401
    """Return a field: the places that may hold the property, and what it takes."""
    return Field(default, title=places, description=takes)


_COLUMN = "the name of a column"
_DURATIONS = "an ISO 8601 duration such as P1D, P2Y or PT1H"
WRITTEN = "a form such as dd.MM.yyyy, yyyyMMdd, 1.234,5 or epoch seconds"
_LAST_DAY = "a date such as 2026-12-31, or never"
_SHARES = "a share from 0 to 1"
_FLAG = "true or false"
_SELECTION = "rows such as {column: NAME, from: 1, to: 9}"
_NAME = "the name of an environment variable"
_CALENDAR = "keys such as {weekdays: [mon, sat], closed: [2026-12-24], holidays: AT}"
_SAMPLE = "keys such as {of: topic orders, from: 2026-10-01, to: 2026-10-14}"
_NUMBER = "a whole number of at least 0"
_OF_FILE = f"one of {', '.join(get_args(OfFile))}"
_NAME_IT = "write its name in capitals, such as WAREHOUSE_USER; keep the value out"


class Readiness(Frozen):
    """The `readiness.` properties of one element of a contract."""

    model_config = ConfigDict(alias_generator=to_camel)

    event_time: Text | None = _in("table", _COLUMN)
    time_zone: _Zone | None = _in("table", "a time zone such as Europe/Vienna")
    grain: _Span | None = _in("table", _DURATIONS)
    calendar: Calendar | None = _in("table", _CALENDAR)
    gaps_tolerated: Annotated[int, Field(ge=0)] | None = _in("table", _NUMBER)
    history_needed: _Span | None = _in("table", _DURATIONS)
    keys: list[_Names] = _in("table", "a list of lists of columns such as [[a, b]]", ())
    segments: _Names = _in("table", "a list of columns such as [site]", ())
    train: _Rows = _in("table", _SELECTION)
    live: _Rows = _in("table", _SELECTION)
    sample: Sample | None = _in("table", _SAMPLE)
    expires: _LastDay | None = _in("table contract", _LAST_DAY)
    needed: bool = _in("column", _FLAG, default=False)
    label: bool = _in("column", _FLAG, default=False)
    label_known: Text | None = _in("column", _COLUMN)
    label_fill: _Share | None = _in("column", _SHARES)
    label_delay: _Span | None = _in("column", _DURATIONS)
    origin: Text | None = _in("table column", "text")
    written_as: _Written | None = _in("column", WRITTEN)
    of_file: OfFile | None = _in("column", _OF_FILE)
    min_rows: Annotated[int, Field(ge=0)] = _in("category table", _NUMBER, 1)
    orphans_tolerated: _Share = _in("relationship", _SHARES, 0.0)
    user_variable: _Variable | None = _in("server", _NAME)
    password_variable: _Variable | None = _in("server", _NAME)


#: By property: the places that may hold it, and what it takes.
_KNOWN = {
    str(field.alias): (str(field.title).split(), str(field.description))
    for field in Readiness.model_fields.values()
}
_PLACES = {
    "schema": "table",
    "properties": "column",
    "enum": "category",
    "relationships": "relationship",
    "servers": "server",
}


def ours(properties: Sequence[CustomProperty] | None) -> Readiness:
    """Return the `readiness.` properties among those of an element."""
    said = {f"{one.property}": one.value for one in properties or ()}
    mine = {
        n.removeprefix(_PREFIX): v for n, v in said.items() if n.startswith(_PREFIX)
    }
    return Readiness.model_validate(mine)


def value_path(properties: Sequence[CustomProperty] | None, name: str) -> KeyPath:
    """Return where, below an element, the value of a `readiness.` property stands."""
    names = [one.property for one in properties or ()]
    return ("customProperties", names.index(f"{_PREFIX}{name}"), "value")


def has_readiness(data: object) -> bool:
    """Return whether a contract has any of our properties: it was written for us."""
    return next(_entries(data, ()), None) is not None


# --- what is wrong with our properties ---------------------------------------------


def secret_keys(data: object) -> set[str]:
    """Return the keys, as messages print them, whose value no message may repeat."""
    entries = _entries(data, ())
    return {dotted((*path, "value")) for path, name, _ in entries if _secret(name)}


def _secret(name: str) -> bool:
    return name in _KNOWN and _KNOWN[name][0] == ["server"]


def readiness_problems(data: object, plain: Plain) -> list[Problem]:
    """Return what is wrong with the `readiness.` properties, wherever they stand.

    The data are as JSON has them; the file that they were read from has the lines.
    """
    judge = Judge(Loaded(plain.name, None, plain.lines))
    holders: dict[KeyPath, list[tuple[KeyPath, str]]] = {}
    for path, name, entry in _entries(data, ()):
        if _secret(name) or not plain.is_bad((*path, "value")):
            _judge(path, name, entry, judge)
        beside = holders.setdefault(path[:-1], [])
        beside.append(((*path, "property"), f"{_PREFIX}{name}"))
    for names in holders.values():
        judge.once(names)
    return judge.problems


def _entries(data: object, path: KeyPath) -> Iterator[tuple[KeyPath, str, Any]]:
    """Yield where each of our properties stands, its name, and the whole entry."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _entries(value, (*path, key))
    elif isinstance(data, list):
        for at, value in enumerate(data):
            here = (*path, at)
            if path[-1:] == ("customProperties",) and isinstance(value, dict):
                name = str(value.get("property", ""))
                if name.startswith(_PREFIX):
                    yield here, name.removeprefix(_PREFIX), value
            else:
                yield from _entries(value, here)


def _place(path: KeyPath) -> str:
    """Return what holds an entry; properties elsewhere would never be read."""
    match path:
        case ("customProperties", int()):
            return "contract"
        case (*_, str(holder), int(), "customProperties", int()):
            return _PLACES.get(holder, "elsewhere")
    return "elsewhere"


def _judge(path: KeyPath, name: str, entry: dict[str, Any], judge: Judge) -> None:
    place = _place(path)
    places, takes = _KNOWN.get(name, ([], ""))
    if place not in places:
        judge.report((*path, "property"), *_misplaced(name, place))
    elif "value" in entry:
        for inside, told in _amiss(name, entry["value"]).items():
            found, do = told, f"write {takes}"
            if name == "writtenAs" and (near := near_form(str(entry["value"]))):
                do = f"did you mean '{near}'?"
            if _secret(name):  # it may stand where its variable's name belongs
                found, do = "a value that is no such name", _NAME_IT
            judge.report((*path, "value", *inside), found, takes, do)


def _amiss(name: str, value: Any) -> dict[KeyPath, str]:  # noqa: ANN401 - any JSON value
    """Return where in the value of a property something is wrong, and what is there.

    Keys lead to it; a list as a whole is wrong.
    """
    if value is None:  # a value of none
        return {(): describe(value)}
    found = {}
    try:
        Readiness.model_validate({name: value})
    except ValidationError as error:
        for one in error.errors(include_url=False, include_context=False):
            inside, here = KeyPath(), value
            for key in one["loc"][1:] if isinstance(value, dict) else ():
                try:
                    inside, here = (*inside, key), here[key]
                except (TypeError, LookupError):
                    break
            unknown = one["type"] == "extra_forbidden"
            found[inside] = (
                f"the key '{shown(inside[-1])}'" if unknown else describe(here)
            )
    inner = {path[:at] for path in found for at in range(len(path))}
    return {path: told for path, told in found.items() if path not in inner}


def _misplaced(name: str, place: str) -> tuple[str, str, str]:
    full = f"{_PREFIX}{name}"
    if name in _KNOWN:
        right = _KNOWN[name][0]
        expected = "this property in a " + " or a ".join(right)
        return f"'{full}'", expected, "move it to the " + " or the ".join(right)
    here = [f"{_PREFIX}{one}" for one, (places, _) in _KNOWN.items() if place in places]
    holder = f" that a {place} has" if here else ""
    advice = nearest(full, here or [f"{_PREFIX}{one}" for one in _KNOWN])
    return f"'{shown(full)}'", f"a readiness property{holder}", advice
