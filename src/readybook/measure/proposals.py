"""What a draft proposes of one table: each with its reason and the counts behind it.

Nothing here is declared: a person takes a proposal over, or leaves it. No value of a row
is in one, but for categories with enough rows each and the usual words for no value.
"""

import datetime as dt
import difflib
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import ibis.expr.datatypes as dtypes
import ibis.expr.types as ir
from ibis import _

from readybook.measure.profile import ask_each
from readybook.measure.rows.values import family
from readybook.measure.sources.clock import Clock, bare_weekdays, date_of, read_clock
from readybook.measure.sources.engines import Source
from readybook.measure.written import Written, property_of, read_forms, read_numbers
from readybook.model.contract import WEEKDAYS, Column, Table
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR
from readybook.model.words import as_list, as_rows, as_share, count

_SAMPLE = 1_000  #: rows that show of most columns what they are not
_OPEN = 60  #: different values in them: more are not few
_AT_ONCE = 16  #: columns whose different values are counted together


class Proposal(NamedTuple):
    """What may be added to an element of a contract, and why; or only a remark."""

    because: str  #: a clause with counts
    content: Mapping[str, Any] = {}


@dataclass
class Proposals:
    """What is proposed of a table and of its columns."""

    table: list[Proposal] = field(default_factory=list)
    columns: dict[str, list[Proposal]] = field(default_factory=dict)
    #: The column that is proposed as one and is whole; of few rows, one that may be.
    key: str | None = None
    #: names that a reference can have, of columns that have others
    named: dict[str, str] = field(default_factory=dict)
    #: columns whose type as found would be a mistake
    retyped: set[str] = field(default_factory=set)

    def add(self, column: str, because: str, **content: Any) -> None:  # noqa: ANN401
        """Propose something of a column."""
        self.columns.setdefault(column, []).append(Proposal(because, content))


class _Counts(NamedTuple):
    """What a column holds."""

    present: int
    #: Of a column that may neither be a key nor have few, at least so many.
    distinct: int


@dataclass(frozen=True)
class _Look:
    """A table that is looked at, and what is proposed of it so far."""

    opened: Source
    rows: int
    counts: Mapping[str, _Counts]  #: of columns whose values can be told apart
    tokens: Mapping[str, Mapping[str, int]]  #: of columns of texts, see `Written`
    made: Proposals

    @property
    def source(self) -> ir.Table:
        """Return its rows."""
        return self.opened.table

    def kind(self, name: str) -> dtypes.DataType:
        """Return the type of a column."""
        return self.source[name].type()

    def is_time(self, name: str) -> bool:
        """Return whether a column holds dates or times."""
        return bool(self.kind(name).is_timestamp() or self.kind(name).is_date())


#: Returns the table as it is read once columns are declared.
Reread = Callable[[Sequence[Column]], Source]


def propose(
    opened: Source, reread: Reread | None, *, zone: str | None, today: dt.date
) -> Proposals:
    """Return what is proposed of a table.

    Args:
        opened: its rows, of which nothing was declared.
        reread: returns it with the forms of its columns, where its types were found in
            texts; None: its types are those of a database.
        zone: in which days are counted, as the person said; None: not said.
        today: what lies after it has not happened.

    Raises:
        SourceError: the engine refuses.
    """
    made = Proposals()
    written = read_forms(opened) | read_numbers(opened)
    _propose_forms(written, made, is_text=reread is not None)
    columns = [one.column(name) for name, one in written.items()]
    known = [one for one in columns if one is not None]
    if reread is not None and known:
        opened = reread(known)
    rows, counts = _counted(opened)
    tokens = {name: one.tokens for name, one in written.items() if one.form is None}
    look = _Look(opened, rows, counts, tokens, made)
    if rows:
        taken = {_propose_key(look), _propose_event_time(look, zone, today)}
        taken |= {name for name, one in written.items() if one.form}
        taken |= _propose_restricted(look)
        listed = _propose_categories(look, taken)
        _propose_label(look, taken - made.retyped, listed)
    return made


def _propose_forms(
    written: Mapping[str, Written], made: Proposals, *, is_text: bool
) -> None:
    """Propose how columns are read: their type, their form, and what means no value.

    Of what is no text file no form is declared: there it is a type to be mended.
    """
    for name, one in written.items():
        content, because = one.content, one.because
        if one.form is not None and not is_text:
            because += "; it is compared as what it is stored as: have that mended"
            content = {key: content[key] for key in content if key == "quality"}
        elif one.form is not None:
            made.retyped.add(name)
        made.add(name, because, **content)


def _counted(opened: Source) -> tuple[int, dict[str, _Counts]]:
    """Return how many rows there are, and what each column holds that can be counted.

    Different values are counted where the first rows leave it open whether they are few,
    or nearly all different: to count them takes memory.
    """
    source = opened.table
    plain = [name for name, kind in source.schema().items()
             if family(kind) not in {"json", "other", "array", "object"}]  # fmt: skip
    asked: dict[str | None, dict[str, ir.Scalar]] = {None: {"rows": source.count()}}
    asked |= {name: {"present": source[name].count()} for name in plain}
    found = ask_each(source, asked, opened.ask)
    rows = found.pop(None)["rows"]
    present = {str(name): int(one["present"]) for name, one in found.items()}
    sample = opened.ask(source.select(*plain).limit(_SAMPLE)) if plain else []
    seen = {name: [row[name] for row in sample if row[name] is not None]
            for name in present}  # fmt: skip
    distinct = {name: len({*values}) for name, values in seen.items()}
    few = [name for name in present if distinct[name] <= _OPEN
           or (distinct[name] >= _NEARLY * len(seen[name])
               and present[name] == rows)]  # fmt: skip
    for at in range(0, len(few), _AT_ONCE):
        counts = {
            name: {"n": source[name].nunique()} for name in few[at : at + _AT_ONCE]
        }
        answers = ask_each(source, counts, opened.ask)
        distinct |= {name: int(one["n"]) for name, one in answers.items()}
    return rows, {name: _Counts(present[name], distinct[name]) for name in present}


def _named(words: str) -> re.Pattern[str]:
    """Return a pattern of words in the name of a column."""
    return re.compile(rf"(?i)(^|[^a-z])({words})([^a-z]|$)")


def _words(name: str) -> str:
    """Return a column's name with its words apart: customer_Name of customerName."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)


# --- categories, and what may be persons' --------------------------------------------

_MOST_CATEGORIES = 30
_MOST_CODES = 7  #: of whole numbers: more are a quantity
_LONGEST = 40  #: characters of a category
_MOST_RARE = 0.05  #: share of the rows whose values are too rare to be listed
_MOST_COUNTED = 7  #: values whose rows are told
_MOST_AMISS = 0.02  #: rows of a misspelling by those of the right spelling
_ALIKE = 0.85  #: likeness of the two, as difflib has it
_LONG = 4  #: characters of a word that may be misspelt
#: Words in names of columns that hold what belongs to one person.
_PERSONAL = _named(
    r"e?-?mail|phone|tel|telefon|mobile|handy|fax|iban|ssn|svnr|passport|first_?name"
    r"|last_?name|sur_?name|full_?name|vor_?name|nach_?name|familien_?name|birth\w*"
    r"|geb\w*datum|dob|ip|user_?name|street|strasse|straße|address|adresse|patient"
    r"|salary|gehalt"
)
#: Words in names of columns whose values may be persons, so that none is listed.
_WHO = _named(
    r"\w*name|by|von|owner|user|agent|clerk|employee|mitarbeiter\w*|kunde\w*|customer"
    r"|client|person|contact|manager|driver|fahrer|doctor|arzt|\w*bearbeiter|berater"
    r"|verkäufer|seller|author|autor|comment|bemerkung|note|notiz|text"
)
#: Addresses, telephones, J. Doe, Doe, John, Dr. Doe, numbers of accounts.
_LOOKS_PERSONAL = re.compile(
    r".*@.*|\+?[0-9][0-9 /()-]{6,}|[A-ZÄÖÜ]\. ?[A-ZÄÖÜ]\w+|\w+, [A-ZÄÖÜ]\w+"
    r"|(Dr|Mr|Mrs|Ms|Herr|Frau|Prof)\.? .*|[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}"
)


def _propose_restricted(look: _Look) -> set[str | None]:
    """Propose that values are never shown of columns that may hold persons'."""
    found = [name for name in look.source.columns if _PERSONAL.search(_words(name))]
    for name in found:
        because = "by its name it may hold what belongs to persons, whose values would "
        look.made.add(name, f"{because}not be shown", classification="restricted")
    return {*found}


def _propose_categories(look: _Look, taken: set[str | None]) -> list[str]:
    """Propose the values of columns that have few; return the columns.

    A value of few rows is left out, and a column where such values are many is not
    proposed at all; nor is one whose name or values may be persons'.
    """
    listed = []
    for name, one in look.counts.items():
        kind, known = look.kind(name), look.tokens.get(name, {})
        most = _MOST_CATEGORIES if kind.is_string() else _MOST_CODES
        if name in taken or not (kind.is_string() or kind.is_integer()):
            continue
        is_who = kind.is_string() and _WHO.search(_words(name))
        if is_who or not 1 < one.distinct <= most + len(known):
            continue
        groups = look.source.group_by(value=look.source[name])
        found = groups.aggregate(rows=_.count()).filter(_.value.notnull())
        rows = {row["value"]: row["rows"] for row in look.opened.ask(found)
                if str(row["value"]).strip() not in known}  # fmt: skip
        often = sorted(value for value in rows if rows[value] >= FLOOR)
        shown = [value for value in often if _is_shown(value)]
        rare = one.present - sum(rows[value] for value in often) - sum(known.values())
        is_few = len(shown) > 1 and 2 * len(shown) >= len(rows)
        is_person = any(_LOOKS_PERSONAL.fullmatch(str(value)) for value in rows)
        if is_person or not is_few or rare > _MOST_RARE * one.present:
            continue
        amiss = _misspelt({one: rows[one] for one in shown if isinstance(one, str)})
        kept = [value for value in shown if value not in amiss]
        left = count(len(rows) - len(shown), "rarer or longer one")
        more = f", and {left} left out" if len(rows) > len(shown) else ""
        told = ""
        if len(kept) <= _MOST_COUNTED:
            told = as_list([f"{one} {rows[one]:,}" for one in kept], _MOST_COUNTED)
            told = f" ({told})"
        because = f"it has {len(kept)} values of {FLOOR} rows or more{told}{more}: are "
        because += "they categories, and was one more promised?"
        if amiss:
            alike = [f"{wrong} ({count(rows[wrong], 'row')}) looks like {right} "
                     f"({rows[right]:,})" for wrong, right in amiss.items()]  # fmt: skip
            because += f" not listed: {as_list(alike, len(alike))}"
        look.made.add(name, because, enum=[{"value": value} for value in kept])
        listed.append(name)
    return listed


def _misspelt(rows: Mapping[str, int]) -> dict[str, str]:
    """Return which rare values look like a frequent one, and like which.

    Values that differ in a number or in a short word are codes: Ward 1 and Ward 2.
    """
    found = {}
    for value, number in rows.items():
        usual = [one for one in rows if rows[one] * _MOST_AMISS >= number]
        for near in difflib.get_close_matches(value, usual, cutoff=_ALIKE):
            words = {*value.split()} ^ {*near.split()}
            if all(one.isalpha() and len(one) >= _LONG for one in words):
                found[value] = near
                break
    return found


def _is_shown(value: object) -> bool:
    """Return whether a value is short and all of it is seen."""
    text = str(value)
    return text.isprintable() and text == text.strip() and len(text) <= _LONGEST


# --- what identifies a row -----------------------------------------------------------

_KEY = _named(
    "id|key|nr|no|num|number|nummer|code|uuid|guid|sku|schl\\w*|kürzel|kuerzel"
    "|order|bestellung|auftrag|position|pos|line|zeile"
)
_NEARLY = 0.99  #: share of the rows with different values in a key that is broken
_MOST_PARTS = 3  #: columns of a key
_MOST_JOINED = 10  #: columns that may be parts of one
_MOST_TRIED = 12  #: combinations that are looked at in all rows


def _propose_key(look: _Look) -> str | None:
    """Propose what identifies a row; return the column, where it is one."""
    every = list(look.counts)
    whole = [name for name, one in look.counts.items() if one.present == look.rows
             and not look.kind(name).is_floating()
             and not look.kind(name).is_boolean()]  # fmt: skip

    def fitness(name: str) -> tuple[bool, bool, int]:
        return not _KEY.search(_words(name)), look.is_time(name), every.index(name)

    rows = count(look.rows, "row")
    single = [name for name in whole if look.counts[name].distinct == look.rows]
    if single:
        best, *others = sorted(single, key=fitness)
        if look.rows < FLOOR:  # by chance, unless another table names it
            look.made.key = best
            return None
        more = f"; so have {as_list(others)}" if others else ""
        because = f"{rows} have {look.rows:,} different values, none missing{more}"
        look.made.add(best, because, primaryKey=True)
        look.made.key = best
        return best
    if look.rows < FLOOR:
        return None
    nearly = [name for name in whole if not look.is_time(name)
              and not look.kind(name).is_decimal()
              and look.counts[name].distinct >= _NEARLY * look.rows
              and _is_short(look, name)]  # fmt: skip
    if nearly:
        best = min(nearly, key=fitness)
        distinct = look.counts[best].distinct
        because = f"{distinct:,} of {rows} have different values, none missing; "
        because += f"{as_rows(look.rows - distinct)} repeat one: is it a broken key?"
        look.made.add(best, because, primaryKey=True)
        return best
    key = _joint_key(look, [
        name for name in whole if look.counts[name].distinct > 1
        and (look.kind(name).is_string() or fitness(name)[:2] != (True, False))
    ])  # fmt: skip
    if key:
        because = f"{rows} have {look.rows:,} different combinations of {as_list(key)}"
        rule = {
            "metric": "duplicateValues",
            "arguments": {"properties": key},
            "mustBe": 0,
        }
        look.made.table.append(Proposal(because, {"quality": [rule]}))
    return None


def _is_short(look: _Look, name: str) -> bool:
    """Return whether no value of a column is longer than an id is."""
    length = look.source[name].cast("string").length().max()
    longest = look.opened.ask(look.source.aggregate(longest=length))[0]["longest"]
    return bool(longest <= _LONGEST)


def _joint_key(look: _Look, names: list[str]) -> list[str]:
    """Return the fewest columns that no two rows share all of; none found: none."""
    parts = sorted(names, key=lambda name: -look.counts[name].distinct)[:_MOST_JOINED]
    if not parts:
        return []
    source, tried = look.source, 0
    sample = look.opened.ask(source.select(*parts).limit(_SAMPLE))
    for size in range(2, _MOST_PARTS + 1):
        for some in itertools.combinations(parts, size):
            different = {tuple(row[name] for name in some) for row in sample}
            if len(different) < len(sample) or tried == _MOST_TRIED:
                continue
            tried += 1
            one = source.select(*some).distinct()
            if look.opened.ask(one.aggregate(n=one.count()))[0]["n"] == look.rows:
                return [name for name in source.columns if name in some]
    return []


# --- when a row happened -------------------------------------------------------------

_NO_EVENT = _named(
    r"birth\w*|geb\w*|dob|valid\w*|gueltig\w*|gültig\w*|expir\w*|until|bis|due|end"
    r"|ende|faellig\w*|fällig\w*|updated?|modified|changed|geaendert|geändert|loaded?"
    r"|import\w*|insert\w*|deleted?|(änder|aender)ungs\w*|ablauf\w*"
    r"|\w*(ende|bis)(datum|zeit)"
)
_EVENT = _named(
    r"event|\w*(time|zeit|date|datum|tag)|timestamp|ts|day|created?|order\w*|bestell\w*"
    r"|booked|buchung\w*|measured|occurred|happened|visited|sold|at|on|am"
)


def _propose_event_time(look: _Look, zone: str | None, today: dt.date) -> str | None:
    """Propose the event time, its grain and its calendar; return the column."""
    times = [name for name in look.counts if look.is_time(name)]

    def fitness(name: str) -> tuple[bool, float, bool, int]:
        share = round(look.counts[name].present / look.rows, 2)
        is_named = _EVENT.search(_words(name)) is not None
        return not is_named, -share, look.kind(name).is_date(), times.index(name)

    usual = [name for name in times if not _NO_EVENT.search(_words(name))]
    for name in sorted(usual, key=fitness):
        try:
            days, odd = _days(look, name, zone or "UTC", today)
        except SourceError:  # no value, or none within the years of a calendar
            continue
        entries = [property_of("eventTime", name)]
        span = f"{days[0]:%Y-%m} to {days[-1]:%Y-%m}"
        of = f"{look.counts[name].present:,} of {count(look.rows, 'row')}"
        when = f"on {count(len(days), 'day')} from {span}"
        said = [
            f"{of} have a time in {name}, {when}{odd}: is it the time of the event?"
        ]
        if others := [one for one in times if one != name]:
            said.append(f"times too are {as_list(others)}")
        if zone:
            entries.append(property_of("timeZone", zone))
        elif not look.kind(name).is_date():
            said.append(
                "readiness.timeZone is left open: ask in which zone its days are"
            )
        rhythm, why = _rhythm(days)
        content = {"customProperties": entries + rhythm}
        told = "; ".join([*said, *why]).replace("?;", "?")
        look.made.table.append(Proposal(told, content))
        return name
    return None


def _days(
    look: _Look, name: str, zone: str, today: dt.date
) -> tuple[list[dt.date], str]:
    """Return the days with a time in a column, in order, and a clause on stand-ins.

    Raises:
        SourceError: there is none.
    """
    table = Table(name="draft", location="draft", columns=(), event_time=name,
                  time_zone=zone, declared="draft")  # fmt: skip
    clock = read_clock(look.source, table, name, look.opened.ask, today)
    days = look.source.select(day=clock.day(look.source)).distinct()
    found = look.opened.ask(days.filter(_.day.notnull()).order_by("day"))
    odd = ""
    if clock.times.left_out:
        odd = (
            f" but for {as_rows(clock.times.left_out)} {_odd_times(look, name, clock)}"
        )
        odd += ", which may stand for unknown"
    return [date_of(int(row["day"])) for row in found], odd


def _odd_times(look: _Look, name: str, clock: Clock) -> str:
    """Return where the times lie that are no events; one day is named."""
    odd = look.source.filter(_[name].notnull() & clock.times.of(look.source).isnull())
    day = odd[name].cast("string")[:10]
    [ends] = look.opened.ask(odd.aggregate(low=day.min(), high=day.max()))
    if ends["low"] == ends["high"] and clock.times.left_out >= FLOOR:
        return f"at {ends['low']}"
    return "far from these or ahead"


_FEW_DAYS = 3  #: show no rhythm
_OFTEN = 0.5  #: share of days
_NAMED = 3  #: days without a row, before the rest is counted


def _rhythm(days: Sequence[dt.date]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the grain and the calendar of days with rows, as properties, and why."""
    if len(days) < _FEW_DAYS:
        return [], []
    held = set(days)
    every = [days[0] + dt.timedelta(at) for at in range((days[-1] - days[0]).days + 1)]
    closed = bare_weekdays(held, days[0], days[-1], ())
    usual = [day for day in every if day.weekday() not in closed]
    if len(held & {*usual}) > _OFTEN * len(usual):
        made = [property_of("grain", "P1D")]
        if closed:
            open_on = [day for at, day in enumerate(WEEKDAYS) if at not in closed]
            made.append(property_of("calendar", {"weekdays": open_on}))
        said = [*closed.values()]
        if bare := [f"{day}" for day in usual if day not in held]:
            said.append(f"no row on {as_list(bare, _NAMED)}: closed, or lost?")
        return made, said
    if all((two - one).days % 7 == 0 for one, two in itertools.pairwise(days)):
        return [property_of("grain", "P1W")], []
    is_last = all((day + dt.timedelta(1)).day == 1 for day in days)
    if is_last or len({day.day for day in days}) == 1:
        return [property_of("grain", "P1M")], []
    share = as_share(len(held) / len(every))
    return [], [f"{share} of the days between have rows, so no grain is proposed"]


# --- what may be predicted -----------------------------------------------------------

_LABEL = _named(
    r"label|target|y|outcome|churn\w*|default\w*|fraud\w*|class|response|ziel\w*|storno"
    r"|storniert|gekuendigt|gekündigt|kuendigung|kündigung|converted|cancel\w*|survived"
    r"|won|success|result|ergebnis|returned|retoure|complaint|failure|failed|ausfall"
)
_TWO = 2


def _propose_label(look: _Look, taken: set[str | None], listed: list[str]) -> None:
    """Propose what may be predicted: by its name, else the only column of two values.

    A table has one label, so of several the first is proposed and the others are named.
    """
    left = {
        name: one.distinct for name, one in look.counts.items()
        if name not in taken and one.distinct > 1
        and (name in listed or look.kind(name).is_boolean()
             or look.kind(name).is_numeric())
    }  # fmt: skip
    binary = [name for name, distinct in left.items() if distinct == _TWO]
    named = [name for name in left if _LABEL.search(_words(name))]
    best = sorted(named, key=lambda name: name not in binary)
    best += binary if len(binary) == 1 or best else []
    if not best:
        if binary:
            asks = f"{as_list(binary)} have two values each: is one to be predicted?"
            look.made.table.append(Proposal(asks))
        return
    label, *others = dict.fromkeys(best)
    why = "its name says so" if label in named else "it alone has two values"
    more = f", or is it {as_list(others)}" if others else ""
    rows = count(look.counts[label].present, "row")
    because = f"{why}, and {rows} have one: is it to be predicted{more}?"
    property_ = property_of("label", value=True)
    look.made.add(label, because, customProperties=[property_])
