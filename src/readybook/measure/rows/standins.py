"""Values that stand in for unknown: -999, n/a, the first of January 1900."""

import contextlib
import datetime as dt
import functools
import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, Self

import ibis
import ibis.expr.datatypes as dtypes
import ibis.expr.types as ir

from readybook.measure.rows.keys import Found, find_found, too_few
from readybook.measure.rows.values import is_outside, require_values
from readybook.measure.sources.clock import DAY, is_instant, raw_seconds, zone_of
from readybook.measure.sources.engine import type_text
from readybook.measure.sources.values import (
    finite,
    is_any_of,
    is_fractional,
    literals_of,
)
from readybook.measure.table import DataTable, as_series
from readybook.model.contract import Column, Table
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR, Finding
from readybook.model.words import as_list, as_number, as_rows, as_share, count, floored

_Row = Mapping[str, Any]  #: of aggregates
_FOUND = "found rows"  #: what is counted of a small lookup


class _StandIns(NamedTuple):
    """What one column holds in place of a value that is not known."""

    looked_for: str
    present: int  #: rows with a value, those that stand in among them
    found: Mapping[str, int] = {}  #: rows by stand-in
    others: tuple[float, float] | None = None  #: numbers: ends of all other values


@dataclass(frozen=True)
class _Look:
    """Looks at a column: at its ends, and of an odd one at the candidates."""

    table: Table
    column: Column
    value: ir.Value
    looked_for: ClassVar[str]  #: and in how many rows at least

    def told(self, present: int, **found: Any) -> _StandIns:  # noqa: ANN401
        """Return what was found in so many values, none by default."""
        least = f"{_least(present):,}"
        return _StandIns(self.looked_for.format(least=least), present, **found)


#: What people type, and programs write, where a text is not known; in any case.
USUAL_TEXTS = (
    "|na|n/a|n.a.|#n/a|nan|null|none|nil|unknown|unk|not available|not known|missing"
    "|undefined|tbd|test|xxx|?|-|--|.|\\n|(null)|<na>|<null>|(blank)"
    "|k.a.|k. a.|keine angabe|unbekannt|inconnu|sconosciuto|desconocido"
    "|#ref!|#value!|#div/0!|#name?|#null!|#num!|#nv|#wert!|#bezug!|#zahl!"
)


class _TextLook(_Look):
    """Texts: any of `USUAL_TEXTS`, blanks around it and its case left aside."""

    looked_for = (
        f"empty text, NA, null, unknown, ? and the like, in {FLOOR} rows or more"
    )

    def first(self) -> dict[str, ir.Scalar]:
        texts = {text: text for text in self._candidates()}
        return {
            "present": self.value.count(),
            "hits": is_any_of(self._trimmed(), texts).sum(),
        }

    def is_odd(self, first: _Row) -> bool:
        return bool((first["hits"] or 0) >= FLOOR)

    def second(self, _first: _Row) -> dict[str, ir.Scalar]:
        text = self._trimmed()
        return {one: (text == one).sum() for one in self._candidates()}

    def judge(self, first: _Row, second: _Row) -> _StandIns:
        found = {text: rows for text, rows in second.items() if rows >= FLOOR}
        return self.told(first["present"], found=found)

    def forms(self, found: Mapping[str, int]) -> dict[str, ir.Scalar]:
        """Return the first and the last way in which each is written."""
        text, written = self._trimmed(), self.value.strip()
        each = {one: ibis.ifelse(text == one, written, None) for one in found}
        return {
            f"{one}|{end}": value
            for one, form in each.items()
            for end, value in (("first", form.min()), ("last", form.max()))
        }

    def _candidates(self) -> list[str]:
        declared = {one.value.strip().lower() for one in self.column.categories}
        return [text for text in USUAL_TEXTS.split("|") if text not in declared]

    def _trimmed(self) -> ir.StringValue:
        return self.value.strip().lower()


#: What people type, and programs write, where a number is not known.
_NUMBERS = (-9999, -999, -99, -9, -1, 0, 9, 99, 999, 9999, 99999, 999999)

#: A stand-in stands apart: at least so many standard deviations of the other values
#: lie between it and them. An even spread is 3.5 of them wide, so that 9 after 1 to 5
#: stands apart, and 9 after 1 to 7 does not.
_NUMBER_APART = 2.5
#: What has so few rows that chance may have made it has to stand much further apart,
#: and so has 0: it is the value of what is not there as often as of what is not known
#: ("no discount", "15 to 30 %").
_FAR_APART = 10.0
#: At least so far apart in whole numbers: -1 is the neighbour of 0 and 1.
_WHOLE_APART = 3.0
#: Values that are all the same have no spread; their size has to do.
_TIMES_SIZE = 10.0
_LEAST_SHARE = 0.001  #: of the values, for one that is not far apart
_LEAST_FAR = 3  #: rows of one that is: a typing error is made once


@dataclass(frozen=True)
class _Rest:
    """The values that are taken for regular ones."""

    rows: int
    mean: float
    squares: float  #: sum of squared distances from the mean
    low: float
    high: float
    is_whole: bool

    def joined(self, value: float, rows: int) -> Self:
        """Return the values with so many rows of one more."""
        total = self.rows + rows
        away = value - self.mean
        return replace(
            self,
            rows=total,
            mean=self.mean + away * rows / total,
            squares=self.squares + away * away * self.rows * rows / total,
            low=min(self.low, value),
            high=max(self.high, value),
        )

    def gap(self, value: float) -> float:
        """Return how far a value is from the nearest regular one; 0 inside."""
        return max(self.low - value, value - self.high, 0.0)

    def sets_apart(self, value: float, spreads: float = _NUMBER_APART) -> bool:
        """Return whether a value is so many standard deviations from all others."""
        return self.gap(value) > self.margin(value, spreads)

    def is_far(self, value: float) -> bool:
        """Return whether a value stands so far apart that a few rows tell.

        0 never does: a few zeros are as often true, such as a voltage in an outage.
        """
        return value != 0 and self.sets_apart(value, _FAR_APART)

    def margin(self, value: float, spreads: float) -> float:
        """Return how large a gap sets a value apart."""
        if value == 0 and (self.low <= 0 or self.low == self.high):
            return math.inf
        if self.low == self.high:
            return _TIMES_SIZE * max(1.0, abs(self.low))
        spread = math.sqrt(self.squares / self.rows)
        if value == 0:
            return _FAR_APART * spread
        return max(spreads * spread, _WHOLE_APART if self.is_whole else 0.0)


class _NumberLook(_Look):
    """Numbers: the smallest or largest, far from all that are regular."""

    looked_for = (
        "-999, -1, 0, 9999 and the like, apart from all others in {least} rows or more, "
        f"or far apart, but for 0, in {_LEAST_FAR}"
    )

    def first(self) -> dict[str, ir.Scalar]:
        number = finite(self.value)
        return {"present": number.count(), "low": number.min(), "high": number.max()}

    def is_odd(self, first: _Row) -> bool:
        if first["present"] < FLOOR:
            return False
        ends = {float(first["low"]), float(first["high"])}
        return any(not _is_declared(self.column, one) for one in ends & {*_NUMBERS})

    def ends(self, first: _Row) -> dict[str, ir.Scalar]:
        """Return how far the values that are no candidates reach."""
        number = finite(self.value)
        rest = ibis.ifelse(number.notin(_held(first)), number, None)
        return {"low": rest.min(), "high": rest.max()}

    def may_stand_apart(self, first: _Row, ends: _Row) -> bool:
        """Return whether a candidate may stand apart, from how far the others reach.

        What reaches so far spreads so much at least, with however many rows between.
        """
        if ends["low"] in (None, ends["high"]):
            return True
        low, high = float(ends["low"]), float(ends["high"])
        is_whole = self.value.type().is_integer()
        least = _Rest(first["present"], low, (high - low) ** 2 / 2, low, high, is_whole)
        return any(least.sets_apart(one) for one in _held(first))

    def second(self, first: _Row) -> dict[str, ir.Scalar]:
        number, held = finite(self.value), _held(first)
        asked = {f"{one}": (number == one).sum() for one in held}
        # A filter on each aggregate takes several times as long: it copies the rows.
        rest = ibis.ifelse(number.notin(held), number.cast("float64"), None)
        asked |= {
            "rows": rest.count(),
            "mean": rest.mean(),
            "variance": rest.var(how="pop"),
            "low": rest.min(),
            "high": rest.max(),
        }
        if not self.value.type().is_integer():
            asked["fractional"] = is_fractional(number).sum()
        return asked

    def judge(self, first: _Row, second: _Row) -> _StandIns:
        """Return the numbers that stand in.

        The candidates are taken for regular values from the nearest one outwards, as
        long as each is near; what is left stands apart, and counts with at least 10
        rows and 0.1 % of the values, or far apart with 3 rows.
        """
        every = {one: second.get(f"{one}") for one in _NUMBERS}
        counted = {one: rows for one, rows in every.items() if rows}
        if rows := second["rows"]:
            squares, is_whole = second["variance"] * rows, not second.get("fractional")
            ends = (second["low"], second["high"])
            rest = _Rest(rows, second["mean"], squares, *ends, is_whole)
        else:  # the most frequent candidate is a regular value
            most = max(counted, key=lambda one: (counted[one], -abs(one)))
            rest = _Rest(counted.pop(most), most, 0.0, most, most, is_whole=True)
        while near := [one for one in counted if not rest.sets_apart(one)]:
            nearest = min(near, key=rest.gap)
            rest = rest.joined(nearest, counted.pop(nearest))
        least = _least(first["present"])
        found = {
            number: rows
            for number, rows in counted.items()
            if (rows >= least or (rows >= _LEAST_FAR and rest.is_far(number)))
            and not _is_declared(self.column, number)
        }
        others = [rest.low, rest.high, *(counted.keys() - found)]
        named = {str(one): rows for one, rows in found.items()}
        ends = (min(others), max(others))
        return self.told(first["present"], found=named, others=ends)


def _least(present: int) -> int:
    """Return in how many rows a number that stands apart has to be."""
    return max(FLOOR, math.ceil(_LEAST_SHARE * present))


def _held(first: _Row) -> list[int]:
    """Return the candidates among the numbers, from the least to the greatest."""
    return [one for one in _NUMBERS if first["low"] <= one <= first["high"]]


def _is_declared(column: Column, number: float) -> bool:
    """Return whether the contract knows of the number: as category or inside limits.

    A limit speaks for its own side: a smallest value of 0 does not allow 9999.
    """
    written = literals_of([one.value for one in column.categories], dtypes.float64)
    if number in written.values():
        return True
    low, high = (column.minimum, column.above), (column.maximum, column.below)
    speaks = low if number <= 0 else high
    return speaks != (None, None) and not is_outside(number, column)


#: First and last days of calendars and of programs' clocks, and what people type.
_DATES = (
    dt.date(1111, 11, 11),
    dt.date(1753, 1, 1),
    dt.date(1899, 12, 30),
    dt.date(1899, 12, 31),
    dt.date(1900, 1, 1),
    dt.date(1970, 1, 1),
    dt.date(2099, 12, 31),
    dt.date(2999, 12, 31),
    dt.date(9999, 12, 31),
)

_APART = 5 * 365.25 * DAY  #: seconds; a stand-in is so far from all other values
_NANO = 9  #: digits of a second
_FIRST = dt.datetime(1000, 1, 1, tzinfo=dt.UTC)
_LAST = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)


class _DateLook(_Look):
    """Dates and times: a day of `_DATES`, years from all others."""

    looked_for = (
        "1900-01-01, 9999-12-31 and the like, years apart from all others in "
        f"{FLOOR} rows or more"
    )

    def first(self) -> dict[str, ir.Scalar]:
        datable = self._datable()
        return {
            "present": self.value.count(),
            "low": raw_seconds(datable.min()) // 1,
            "high": raw_seconds(datable.max()) // 1,
        }

    def is_odd(self, first: _Row) -> bool:
        ends = {first["low"], first["high"]} - {None}
        return first["present"] >= FLOOR and any(
            start <= end < stop for start, stop in self._spans() for end in ends
        )

    def second(self, _first: _Row) -> dict[str, ir.Scalar]:
        seconds = raw_seconds(self._datable())
        hits = [(seconds >= start) & (seconds < stop) for start, stop in self._spans()]
        rest = ibis.ifelse(functools.reduce(operator.or_, hits), None, seconds)
        return {
            **{f"n{at}": hit.sum() for at, hit in enumerate(hits)},
            "low": rest.min() // 1,
            "high": rest.max() // 1,
        }

    def judge(self, first: _Row, second: _Row) -> _StandIns:
        """Return the dates that stand in: 10 rows at least, over 5 years from others."""
        declared = {one.value for one in self.column.categories}
        low, high = second["low"], second["high"]
        found = {}
        for at, (start, stop) in enumerate(self._spans()):
            rows, day = second[f"n{at}"], _DATES[at].isoformat()
            is_apart = low is None or stop + _APART < low or start - _APART > high
            if rows >= FLOOR and is_apart and day not in declared:
                found[day] = rows
        return self.told(first["present"], found=found)

    def _datable(self) -> ir.Value:
        """Return the times that can be turned to seconds: infinite ones cannot."""
        ends: list[ir.Value] = [ibis.date(end.date()) for end in (_FIRST, _LAST)]
        if not self.value.type().is_date():
            zone = dt.UTC if is_instant(self.value) else None
            ends = [ibis.timestamp(end.replace(tzinfo=zone)) for end in (_FIRST, _LAST)]
        return ibis.ifelse(self.value.between(*ends), self.value, None)

    def _spans(self) -> list[tuple[int, int]]:
        """Return from which second to before which one each candidate's day lasts.

        Of instants, the day in UTC and that in the declared zone are taken together:
        programs write midnight of either.
        """
        zone: dt.tzinfo = dt.UTC
        with contextlib.suppress(SourceError):  # which the checks of history tell
            zone = zone_of(self.table) if is_instant(self.value) else zone
        pairs = [
            [
                int(dt.datetime.combine(day, dt.time(), tz).timestamp())
                for tz in (dt.UTC, zone)
            ]
            for day in _DATES
        ]
        # Candidates that follow each other must not count the same rows.
        limits = [*(min(pair) for pair in pairs[1:]), max(pairs[-1]) + DAY]
        return [
            (min(pair), min(max(pair) + DAY, limit))
            for pair, limit in zip(pairs, limits, strict=True)
        ]


def _find_standins(
    table: DataTable, only: Column | None = None
) -> dict[str, _StandIns]:
    """Return, by column, the values that stand in for unknown; of all needed ones.

    Columns that the source lacks, and those that hold neither numbers nor texts nor
    dates, are left out. Those of a small lookup are counted as often as they are found.
    """
    columns = [only] if only else [one for one in table.declared.columns if one.needed]
    looked_up = table.once(_look_up)
    source = looked_up.rows if looked_up else table.source
    looks = dict[str, _TextLook | _NumberLook | _DateLook]()
    for column in columns:
        if column.name in source.columns:
            of = (table.declared, column, source[column.name])
            kind = of[-1].type()
            if kind.is_string():
                looks[column.name] = _TextLook(*of)
            elif kind.is_numeric():
                looks[column.name] = _NumberLook(*of)
            elif kind.is_date() or kind.is_timestamp():
                if kind.is_timestamp() and kind.scale == _NANO:
                    # In nanoseconds there is no year 1000, and no 9999.
                    coarse = dtypes.Timestamp(kind.timezone, scale=6)
                    of = (*of[:2], of[2].cast(coarse))
                looks[column.name] = _DateLook(*of)
    first = table.ask_each({name: look.first() for name, look in looks.items()}, source)
    looks = {name: looks[name] for name in first}
    odd = {name: look for name, look in looks.items() if look.is_odd(first[name])}
    numbers = {n: look for n, look in odd.items() if isinstance(look, _NumberLook)}
    ends = table.ask_each(
        {n: look.ends(first[n]) for n, look in numbers.items()}, source
    )
    for name, one in ends.items():
        if not numbers[name].may_stand_apart(first[name], one):
            del odd[name]
    second = table.ask_each(
        {name: look.second(first[name]) for name, look in odd.items()}, source
    )
    nothing = {
        name: look.told(first[name]["present"])
        for name, look in looks.items()
        if name not in odd
    }
    judged = {name: odd[name].judge(first[name], one) for name, one in second.items()}
    return nothing | judged | _as_written(table, source, odd, judged)


def _as_written(
    table: DataTable,
    source: ir.Table,
    looks: Mapping[str, _TextLook | _NumberLook | _DateLook],
    judged: Mapping[str, _StandIns],
) -> dict[str, _StandIns]:
    """Return what texts hold, each as it is written where it is written in one way."""
    asked = {
        name: look.forms(judged[name].found)
        for name, look in looks.items()
        if isinstance(look, _TextLook) and name in judged and judged[name].found
    }
    told = {}
    for name, forms in table.ask_each(asked, source).items():
        found = {}
        for one, rows in judged[name].found.items():
            form, last = forms[f"{one}|first"], forms[f"{one}|last"]
            found[form if form == last else one] = rows
        told[name] = judged[name]._replace(found=found)
    return told


def _look_up(table: DataTable) -> Found | None:
    """Return the rows of a table that is too small to be judged by its own."""
    return find_found(table) if table.rows < FLOOR else None


def check_sentinels(opened: DataTable, column: Column) -> Finding:
    """Return the finding about values that stand in for unknown, in rows.

    A model takes -999 for a temperature and "n/a" for an aircraft. A number counts
    where it is the smallest or largest, has at least 10 rows and 0.1 % of the values
    and stands apart from all others, or stands far apart in 3 rows and is not 0 (see
    `_NumberLook`); a text with at least 10
    rows, blanks around it and its case left aside; a date with at least 10 rows that is
    over five years from all others. None of them counts where the contract declares it:
    as a category, inside the column's limits, or as a text that means null. A row of a
    lookup table with under 10 rows counts as often as rows of other tables find it by
    a declared join to its key.

    Raises:
        SourceError: the source lacks the column, fewer than 10 rows have a value (of a
            boolean, none), or its type has no usual stand-in.
    """
    subject, value = f"{opened.name}.{column.name}", opened.column(column.name)
    unit = None
    if value.type().is_boolean():
        present = opened.profile.of(column.name).present
        require_values(opened, column, sum(present))
        found: dict[str, int] = {}
        message = f"{subject} is true or false, which leaves no room for a stand-in."
    else:
        seen = _seen(opened, column)
        # The most frequent first, by what each may be called.
        ranked = sorted(seen.found.items(), key=lambda one: (-one[1], one[0]))
        found = {
            f"no. {at}" if column.restricted else text or "empty text": rows
            for at, (text, rows) in enumerate(ranked, start=1)
        }
        message = _message(subject, column, seen, found)
        if looked_up := opened.once(_look_up):
            # Of more rows than the table has.
            unit, message = _FOUND, f"{message[:-1]}; {looked_up.told}."
    return opened.find(
        "sentinels-absent",
        subject,
        not found,
        message,
        value=floored(sum(found.values())),
        unit=unit,
        threshold=0,
        series=as_series(
            "stand-in", unit or "rows", {one: floored(n) for one, n in found.items()}
        ),
    )


def _seen(opened: DataTable, column: Column) -> _StandIns:
    """Return what was found in a column, together with all needed ones or alone."""
    seen = opened.once(_find_standins).get(column.name)
    seen = seen or _find_standins(opened, column).get(column.name)
    if seen is None:
        kind = type_text(opened.source[column.name].type())
        msg = f"no usual stand-in is known for its type, {kind}"
        raise SourceError(msg)
    require_values(opened, column, seen.present)
    if seen.present < FLOOR:
        msg = f"fewer than {FLOOR} rows of {opened.name}.{column.name} have a value"
        raise too_few(opened, msg) if opened.rows < FLOOR else SourceError(msg)
    return seen


def _message(
    subject: str, column: Column, seen: _StandIns, found: Mapping[str, int]
) -> str:
    if not found:
        return (
            f"No value of {subject} looks like a stand-in for unknown "
            f"({seen.looked_for})."
        )
    rows, apart = sum(found.values()), ""
    share = f" ({as_share(rows / seen.present)})" if rows >= FLOOR else ""
    if column.restricted:
        named = f"{count(len(found), 'value')} not shown here"
    elif len(found) == 1:
        [named] = found
    else:
        named = as_list([f"{one} ({as_rows(n)})" for one, n in found.items()])
    if seen.others is not None and not column.restricted:
        low, high = map(as_number, seen.others)
        apart = f"; all other values are {low if low == high else f'{low} to {high}'}"
    return (
        f"{as_rows(rows).capitalize()} of {subject}{share} have {named}, which may "
        f"stand for unknown{apart}."
    )


OF_COLUMN = {"sentinels-absent": check_sentinels}
