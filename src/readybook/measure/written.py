"""How texts and whole numbers of a table that nobody declared are written.

Forms are looked for in a few rows and counted in all. Where two forms fit, such as the
day first and the month first, neither is taken.
"""

import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import ibis.expr.types as ir
from ibis import _

from readybook.contract.form import strptime_of
from readybook.measure.profile import ask_each
from readybook.measure.rows.standins import USUAL_TEXTS
from readybook.measure.sources.clock import DAY, date_of
from readybook.measure.sources.engines import Source
from readybook.measure.sources.values import is_any_of
from readybook.model.contract import Column
from readybook.model.words import as_list, count, floored

_SAMPLE = 1_000  #: rows that say which forms are looked for in all
_MOST_AMISS = 0.01  #: share of the values that a form leaves out


class Form(NamedTuple):
    """How the values of a column may be written."""

    kind: str  #: ODCS logicalType
    written: str | None  #: as `readiness.writtenAs` has it; None: as usual
    pattern: str = ""  #: of a whole value, for Python and for engines
    rival: str = ""  #: the form that the same text may be meant in

    def declared(self) -> dict[str, Any]:
        """Return what a contract says of a column of the form."""
        said: dict[str, Any] = {"logicalType": self.kind}
        if self.written:
            said["customProperties"] = [property_of("writtenAs", self.written)]
        return said

    @property
    def is_epoch(self) -> bool:
        """Return whether it is of numbers that count from 1970."""
        return str(self.written).startswith("epoch")


def property_of(name: str, value: object) -> dict[str, Any]:
    """Return one of our properties as a contract has it."""
    return {"property": f"readiness.{name}", "value": value}


@dataclass(frozen=True)
class Written:
    """How the values of a column are written, none of them left out."""

    form: Form | None  #: None: as the text that it is
    because: str  #: a clause with counts
    tokens: Mapping[str, int]  #: texts that mean no value, as written, with their rows
    is_open: bool = False  #: another form fits as well, so none is taken

    @property
    def content(self) -> dict[str, Any]:
        """Return what may be declared of the column."""
        said = self.form.declared() if self.form and not self.is_open else {}
        if self.tokens:
            rule = {
                "metric": "missingValues",
                "arguments": {"missingValues": sorted(self.tokens)},
                "mustBeGreaterOrEqualTo": 0,
            }
            said["quality"] = [rule]
        return said

    def column(self, name: str) -> Column | None:
        """Return the column as a reader is told it; None where it is a text."""
        if self.form is None or self.is_open:
            return None
        read = self.form.written
        if read and self.form.kind != "number" and not self.form.is_epoch:
            read = strptime_of(read)
        tokens = tuple(self.tokens)
        return Column(
            name=name, type=self.form.kind, written_as=read, null_tokens=tokens
        )


# --- texts ---------------------------------------------------------------------------

_D, _M = "(0?[1-9]|[12][0-9]|3[01])", "(0?[1-9]|1[0-2])"
_CLOCK = "([01]?[0-9]|2[0-3]):[0-5][0-9]"
_DAY = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_OFFSET = "( ?[zZ]|[+-][0-9]{2}(:?[0-9]{2})?)?"


def _dates() -> Iterable[Form]:
    """Yield forms of dates, with the day first and with the month first."""
    clocks = {"": "", " HH:mm": f" {_CLOCK}", " HH:mm:ss": f" {_CLOCK}:[0-5][0-9]"}
    for sign, year, clock in itertools.product("./-", ("yyyy", "yy"), clocks):
        kind, mark = "timestamp" if clock else "date", re.escape(sign)
        end = f"{mark}[0-9]{{{len(year)}}}{clocks[clock]}"
        first, second = (
            f"{one}{sign}{two}{sign}{year}{clock}"
            for one, two in (("dd", "MM"), ("MM", "dd"))
        )
        yield Form(kind, first, f"{_D}{mark}{_M}{end}", second)
        yield Form(kind, second, f"{_M}{mark}{_D}{end}", first)


_FORMS = {
    f"f{at}": form
    for at, form in enumerate((
        Form("boolean", None, "(true|false|TRUE|FALSE|True|False)"),
        Form("integer", None, "[+-]?(0|[1-9][0-9]*)"),
        Form("number", None,
             r"[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"),
        Form("number", "1.234,5",
             r"[+-]?(0|[1-9][0-9]{0,2}(\.?[0-9]{3})*)(,[0-9]+)?", "1,234.5"),
        Form("number", "1,234.5",
             r"[+-]?(0|[1-9][0-9]{0,2}(,?[0-9]{3})*)(\.[0-9]+)?", "1.234,5"),
        Form("number", "1 234,5",
             "[+-]?(0|[1-9][0-9]{0,2}([ \u00a0\u202f]?[0-9]{3})*)(,[0-9]+)?"),
        Form("number", "1'234.5",
             "[+-]?(0|[1-9][0-9]{0,2}(['\u2019]?[0-9]{3})*)(\\.[0-9]+)?"),
        Form("date", None, _DAY),
        Form("timestamp", None, rf"{_DAY}[ T]{_CLOCK}(:[0-9]{{2}}(\.[0-9]+)?)?{_OFFSET}"),
        Form("date", "yyyy/MM/dd", f"[0-9]{{4}}/{_M}/{_D}"),
        *_dates(),
    ))
}  # fmt: skip
#: The usual words for no value; those that are as often meant otherwise are left out.
_TOKENS = {
    text: text
    for text in USUAL_TEXTS.split("|")
    if text not in {"", "test", "xxx", "tbd"}
}
_WORDS = {
    "boolean": "true or false", "integer": "whole numbers", "number": "numbers",
    "date": "dates", "timestamp": "dates with a time",
}  # fmt: skip


def read_forms(opened: Source) -> dict[str, Written]:
    """Return how columns of texts are written, where that is another type or has tokens.

    Raises:
        SourceError: the engine refuses.
    """
    source = opened.table
    texts = [name for name, kind in source.schema().items() if kind.is_string()]
    first = opened.ask(source.select(*texts).limit(_SAMPLE)) if texts else []
    samples = {
        name: {row[name].strip() for row in first if row[name] is not None}
        for name in texts
    }
    likely = {name: _likely(sample) for name, sample in samples.items()}
    # Most columns are of the form that their first rows have, which is asked alone.
    begun = {name: _with_rival(forms) for name, forms in likely.items()}
    counted = _count(opened, samples, begun)
    again = {
        name: likely[name]
        for name, one in counted.items()
        if likely[name] and one.values > max(one.fits.values())
    }
    counted |= _count(opened, {name: samples[name] for name in again}, again)
    found = {name: _written(one) for name, one in counted.items()}
    return {name: one for name, one in found.items() if one.form or one.tokens}


class _Counted(NamedTuple):
    """The texts of a column by form."""

    values: int  #: that are not null and no token
    tokens: dict[str, int]
    fits: dict[Form, int]


def _likely(sample: Collection[str]) -> list[str]:
    """Return the marks of the forms that most texts have, that of the most first."""
    texts = [one for one in sample if one.lower() not in _TOKENS]
    fits = {
        mark: sum(bool(re.fullmatch(form.pattern, one)) for one in texts)
        for mark, form in _FORMS.items()
    }
    good = [mark for mark, number in fits.items() if 2 * number > len(texts)]
    return sorted(good, key=lambda mark: -fits[mark])  # of equal ones the first


def _with_rival(marks: Sequence[str]) -> list[str]:
    best = [_FORMS[mark] for mark in marks[:1]]
    names = [(form.kind, form.rival) for form in best]
    forms = {mark: (_FORMS[mark].kind, _FORMS[mark].written) for mark in marks[1:]}
    return [*marks[:1], *(mark for mark, one in forms.items() if one in names)]


def _count(
    opened: Source,
    samples: Mapping[str, Collection[str]],
    forms: Mapping[str, list[str]],
) -> dict[str, _Counted]:
    """Return how many texts of some columns have the forms to be counted."""
    asked: dict[str, dict[str, ir.Scalar]] = {}
    seen: dict[str, list[str]] = {}
    for name, sample in samples.items():
        text = opened.table[name].strip()
        asked[name] = {
            "n": text.count(),
            "tokens": is_any_of(text.lower(), _TOKENS).sum(),
        }
        seen[name] = sorted(one for one in sample if one.lower() in _TOKENS)
        asked[name] |= {
            f"t{at}": (text == one).sum() for at, one in enumerate(seen[name])
        }
        asked[name] |= {mark: text.re_search(f"^({_FORMS[mark].pattern})$").sum()
                        for mark in forms[name]}  # fmt: skip
    found = {}
    for name, row in ask_each(opened.table, asked, opened.ask).items() if asked else ():
        tokens = {one: row[f"t{at}"] for at, one in enumerate(seen[name])}
        if sum(tokens.values()) < (row["tokens"] or 0):  # some come later
            tokens = _tokens_in(opened, name)
        fits = {_FORMS[mark]: row[mark] or 0 for mark in forms[name]}
        found[name] = _Counted(row["n"] - sum(tokens.values()), tokens, fits)
    return found


def _tokens_in(opened: Source, name: str) -> dict[str, int]:
    """Return the usual words for no value, as they are written, and their rows."""
    text = opened.table[name].strip()
    rows = opened.table.filter(is_any_of(text.lower(), _TOKENS))
    found = rows.group_by(token=text).aggregate(rows=_.count()).order_by("token")
    return {row["token"]: row["rows"] for row in opened.ask(found)}


def _written(counted: _Counted) -> Written:
    values, tokens, fits = counted
    least = max(values - int(values * _MOST_AMISS), 1)
    form = max(fits, key=lambda one: fits[one], default=None)  # of equal ones the first
    said, is_open = [], False
    if form is None or fits[form] < least:
        form = None
    else:
        rivals = [fits[one] for one in fits
                  if (one.kind, one.written) == (form.kind, form.rival)]  # fmt: skip
        proven = fits[form] - max(rivals, default=0)
        is_open = bool(form.rival) and not proven
        kind = f"{fits[form]:,} of {count(values, 'text')} are {_WORDS[form.kind]}"
        if is_open:
            ways = f"{form.written} or {form.rival}"
            asks = "ask, and declare logicalType and readiness.writtenAs"
            said = [kind, f"none shows whether they are written {ways}: {asks}"]
        elif form.written:
            said = [f"{kind}, written {form.written}"]
            said += [f"{proven:,} cannot be {form.rival}"] if form.rival else []
        else:
            said = [kind]
    if tokens:
        words = as_list([f"{text} ({floored(rows)})" for text, rows in tokens.items()])
        asks = "" if form else ": does it mean no value, or is it a value?"
        said.append(f"some rows have {words}{asks}")
    return Written(form, "; ".join(said), tokens, is_open)


# --- whole numbers -------------------------------------------------------------------

_YEAR = re.compile(r"(?i)(^|[^a-z])(year|yr|jahr|annee|anno)s?([^a-z]|$)")
_YEARS = (1_000, 2_200)
_SINCE = (631_152_000, 2_000_000_000)  # 1990 to 2033: larger numbers are often ids
_DIGITS = (19_000_101, 21_001_231)
_UNITS = {"epoch seconds": 1, "epoch milliseconds": 1_000}


def read_numbers(opened: Source) -> dict[str, Written]:
    """Return which whole numbers are times, and years, which stay numbers.

    Raises:
        SourceError: the engine refuses.
    """
    source, asked = opened.table, dict[str, dict[str, ir.Scalar]]()
    for name, kind in source.schema().items():
        if kind.is_integer():
            value = source[name].cast("int64")
            is_day = value.between(*_DIGITS)
            is_day &= (value // 100 % 100).between(1, 12) & (value % 100).between(1, 31)
            asked[name] = {"low": value.min(), "high": value.max(),
                           "n": value.count(), "days": is_day.sum()}  # fmt: skip
    found = ask_each(source, asked, opened.ask) if asked else {}
    made = {name: _as_time(name, **row) for name, row in found.items() if row["n"]}
    return {name: one for name, one in made.items() if one}


def _as_time(name: str, low: int, high: int, n: int, days: int) -> Written | None:
    every = f"all of {count(n, 'value')}"
    if days == n:
        form = Form("date", "yyyyMMdd")
        return Written(form, f"{every} are the digits of a date", {})
    for written, size in _UNITS.items():
        # Numbers that lie close together are ids, counted up.
        is_within = _SINCE[0] * size <= low <= high <= _SINCE[1] * size
        if is_within and high - low > 2 * n * size:
            first, last = (date_of(at // size // DAY).year for at in (low, high))
            unit = written.partition(" ")[2]
            why = f"{every} lie in {first} to {last} as {unit} since 1970"
            return Written(Form("timestamp", written), why, {})
    if _YEAR.search(name) and _YEARS[0] <= low <= high <= _YEARS[1]:
        return Written(None, f"{every} are years, from {low} to {high}", {})
    return None
