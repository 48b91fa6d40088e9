"""Our own properties of a contract as one model: where each may stand, what it takes."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from open_data_contract_standard.model import CustomProperty
from pydantic import AfterValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from readybook.contract.standard import is_told
from readybook.model.bank import Frozen, Text
from readybook.model.errors import Problem, nearest
from readybook.text.documents import Judge, Loaded
from readybook.text.refusals import describe
from readybook.text.yaml import KeyPath, Plain, dotted, shown

__all__ = [
    "Readiness",
    "has_readiness",
    "is_day",
    "is_duration",
    "ours",
    "readiness_problems",
    "secret_keys",
    "value_path",
]

_PREFIX = "readiness."
_DURATION = re.compile(
    r"(?=.*[1-9])P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


# --- what a value may be -----------------------------------------------------------


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


def _zone(name: str) -> str:
    try:
        return zoneinfo.ZoneInfo(name).key
    except (zoneinfo.ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(name) from error


def _span(value: str) -> str:
    if is_duration(value):
        return value
    raise ValueError(value)


def _day(value: str) -> str:
    if is_day(value):
        return value
    raise ValueError(value)


def _rows(value: Any) -> Any:  # noqa: ANN401 - judged with the columns at hand
    if isinstance(value, dict | list) and value:
        return value
    raise ValueError


_Names = Annotated[list[Text], Field(min_length=1)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Span = Annotated[str, AfterValidator(_span)]
_Day = Annotated[str, AfterValidator(_day)]
_Zone = Annotated[str, AfterValidator(_zone)]
_Rows = Annotated[Any, AfterValidator(_rows)]
_Variable = Annotated[str, Field(pattern=r"\A[A-Z_][A-Z0-9_]*\z")]


def _in(places: str, takes: str, default: Any = None) -> Any:  # noqa: ANN401
    """Return a field: the places that may hold the property, and what it takes."""
    return Field(default, title=places, description=takes)


_COLUMN = "the name of a column"
_DURATIONS = "an ISO 8601 duration such as P1D, P2Y or PT1H"
_DATE = "a date such as 2026-12-31"
_SHARES = "a share from 0 to 1"
_FLAG = "true or false"
_SELECTION = "rows such as {column: NAME, from: 1, to: 9}"
_NAME = "the name of an environment variable"


class Readiness(Frozen):
    """The `readiness.` properties of one element of a contract."""

    model_config = ConfigDict(alias_generator=to_camel)

    event_time: Text | None = _in("table", _COLUMN)
    time_zone: _Zone | None = _in("table", "a time zone such as Europe/Vienna")
    grain: _Span | None = _in("table", _DURATIONS)
    history_needed: _Span | None = _in("table", _DURATIONS)
    keys: list[_Names] = _in("table", "a list of lists of columns such as [[a, b]]", ())
    segments: _Names = _in("table", "a list of columns such as [site]", ())
    train: _Rows = _in("table", _SELECTION)
    live: _Rows = _in("table", _SELECTION)
    expires: _Day | None = _in("table contract", _DATE)
    needed: bool = _in("column", _FLAG, default=False)
    label: bool = _in("column", _FLAG, default=False)
    label_known: Text | None = _in("column", _COLUMN)
    label_fill: _Share | None = _in("column", _SHARES)
    label_delay: _Span | None = _in("column", _DURATIONS)
    origin: Text | None = _in("table column", "text")
    min_rows: Annotated[int, Field(ge=0)] = _in(
        "category", "a whole number of at least 0", 1
    )
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
_SERVER = "server"
#: People may have put the secret itself where its variable's name belongs.
_SECRET_FOUND = "a value that is no such name"  # noqa: S105 - words of a message
_SECRET_DO = "write its name in capitals, such as WAREHOUSE_USER; keep the value out"  # noqa: S105


def ours(properties: Sequence[CustomProperty] | None) -> Readiness:
    """Return the `readiness.` properties among those of an element."""
    return Readiness.model_validate(
        {
            str(one.property).removeprefix(_PREFIX): one.value
            for one in properties or ()
            if str(one.property).startswith(_PREFIX)
        }
    )


def value_path(properties: Sequence[CustomProperty] | None, name: str) -> KeyPath:
    """Return where, below an element, the value of a `readiness.` property stands."""
    names = [one.property for one in properties or ()]
    return ("customProperties", names.index(f"{_PREFIX}{name}"), "value")


def has_readiness(data: object) -> bool:
    """Return whether a contract has any of our properties: it was written for us."""
    return next(_entries(data, ()), None) is not None


# --- what is wrong with them -------------------------------------------------------


def secret_keys(data: object) -> set[str]:
    """Return the keys, as messages print them, whose value no message may repeat."""
    return {
        dotted((*path, "value"))
        for path, name, _ in _entries(data, ())
        if _secret(name)
    }


def _secret(name: str) -> bool:
    return name in _KNOWN and _KNOWN[name][0] == [_SERVER]


def readiness_problems(data: object, plain: Plain) -> list[Problem]:
    """Return what is wrong with the `readiness.` properties, wherever they stand.

    Args:
        data: the contract as JSON has it.
        plain: the file it was read from, for the lines.
    """
    entries = list(_entries(data, ()))
    judge = Judge(Loaded(plain.name, None, plain.lines))
    for path, name, entry in entries:
        if _secret(name) or not is_told((*path, "value"), plain):
            _judge(path, name, entry, judge)
    for holder in dict.fromkeys(path[:-1] for path, _, _ in entries):
        judge.once(
            ((*path, "property"), f"{_PREFIX}{name}")
            for path, name, _ in entries
            if path[:-1] == holder
        )
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
    elif "value" in entry and not _fits(name, entry["value"]):
        words = (describe(entry["value"]), takes, f"write {takes}")
        if _secret(name):
            words = (_SECRET_FOUND, takes, _SECRET_DO)
        judge.report((*path, "value"), *words)


def _fits(name: str, value: object) -> bool:
    try:
        Readiness.model_validate({name: value})
    except ValidationError:
        return False
    return value is not None


def _misplaced(name: str, place: str) -> tuple[str, str, str]:
    found = f"'{shown(f'{_PREFIX}{name}')}'"
    if name in _KNOWN:
        right = _KNOWN[name][0]
        expected = "this property in a " + " or a ".join(right)
        return found, expected, "move it to the " + " or the ".join(right)
    here = [f"{_PREFIX}{one}" for one, (places, _) in _KNOWN.items() if place in places]
    holder = f" that a {place} has" if here else ""
    advice = nearest(f"{_PREFIX}{name}", here or [f"{_PREFIX}{one}" for one in _KNOWN])
    return found, f"a readiness property{holder}", advice
