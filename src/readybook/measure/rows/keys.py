"""Do declared keys identify a row, and do declared joins find their partner?"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir
from ibis import _

from readybook.measure.sources.clock import QUARTER, Clock, raw_seconds
from readybook.measure.sources.engine import MemoryLimitError, type_text
from readybook.measure.sources.places import combine
from readybook.measure.sources.values import as_written
from readybook.measure.table import DataTable
from readybook.model.contract import Relationship
from readybook.model.errors import SourceError, UnjudgedError
from readybook.model.findings import FLOOR, Finding
from readybook.model.words import as_list, as_share, count

#: Returns rows by their key, as `_complete_keys` does.
_Keyed = Callable[..., ir.Table]

_FEWEST_ROWS = 2  # one row repeats nothing
_ENDS = ("first", "last")
_MOST_SPANS = 500  # beyond so many, days are not listed in any case
_FEW_DAYS = 3  # so few are listed
_CLEARLY = 2  # times the odds elsewhere
_SPREADS = 3  # standard deviations of what is chance


def check_key(opened: DataTable, key: Sequence[str]) -> Finding:
    """Return the finding about one declared key, in values that stand in several rows.

    None is tolerated. Rows with a null in the key are left out. Where the table has an
    event time, the message says when the repeated rows happened: one day that was
    loaded twice looks unlike a key that was never one. One row repeats nothing, and
    proves nothing either, unless rows of other tables find it (see `find_found`).

    Raises:
        SourceError: the table does not have a column of the key, or fewer than two
            rows have all of it.
    """
    opened.require(*key)
    keyed: _Keyed = _complete_keys
    totals = {"keys": _.count(), "rows": _.rows.sum()}
    try:
        found = opened.ask(_repeated(opened, key, keyed).aggregate(**totals))[0]
    except MemoryLimitError:
        keyed = _suspects
        found = opened.ask(_repeated(opened, key, keyed).aggregate(**totals))[0]
    keys, name = found["keys"], _named_key(opened.name, key)
    message = f"No two rows share a value of the declared key {name}."
    if opened.rows and not keys:
        complete = opened.source.drop_null(list(key))
        rows = opened.ask(complete.aggregate(rows=complete.count()))[0]["rows"]
        if rows < _FEWEST_ROWS:
            msg = f"{count(rows, 'row')} of {opened.name} has a value in all of {name}"
            looked_up = find_found(opened) if rows else None
            if looked_up is None and rows == opened.rows:
                raise too_few(opened, msg)
            if looked_up is None:
                raise SourceError(msg)
            message = f"{msg}; {looked_up.told}."
    if keys:
        message = (
            f"{count(keys, 'value')} of the declared key {name} "
            f"{'stands' if keys == 1 else 'stand'} in more than one row "
            f"({count(found['rows'], 'row')} in all){_when_repeated(opened, key, keyed)}."
        )
    return opened.find(
        "keys-unique",
        f"{opened.name}.{'+'.join(key)}",
        not keys,
        message,
        value=keys,
        threshold=0,
    )


def too_few(opened: DataTable, why: str) -> SourceError:
    """Return that a table has too few rows: by its nature, if nothing learns from it."""
    if not opened.declared.is_reference:
        return SourceError(why)
    why += "; those of a lookup count where a declared join to its key finds them"
    return UnjudgedError(why)


class Found(NamedTuple):
    """The rows of a small lookup table, each as often as rows of others find it."""

    rows: ir.Table  #: its columns
    told: str  #: how many there are and of which tables, a clause


def find_found(opened: DataTable) -> Found | None:
    """Return the rows of a lookup as often as they are found; None under 10 of them.

    A table of three shops says little by its rows: what counts is how often a shop is
    what an order finds. Of what no declared join to one of its keys looks up, nothing
    is found.

    Raises:
        SourceError: a side of such a join lacks a column or cannot be joined.
    """
    parts = [_found(join, opened) for join in opened.found_by]
    if not parts:
        return None
    rows = ibis.union(*parts)
    number = opened.ask(rows.aggregate(rows=rows.count()))[0]["rows"]
    if number < FLOOR:
        return None
    tables = dict.fromkeys(join.table for join in opened.found_by)
    what = "it is" if opened.rows == 1 else "they are"
    return Found(
        rows, f"{what} what {count(number, 'row')} of {as_list(list(tables))} find"
    )


def _found(join: Relationship, right: DataTable) -> ir.Table:
    left, source = right.other(join.table), right.source
    left.require(*join.columns)
    right.require(*join.to_columns)
    _require_comparable(join, left, right)
    keys = dict(
        zip(_names(join.columns), (source[o] for o in join.to_columns), strict=True)
    )
    finds = _complete_keys(left.source, join.columns)
    joined = source.mutate(**keys).inner_join(finds, _names(join.columns))
    return joined.select(*source.columns)


def count_repeats(opened: DataTable) -> int:
    """Return how many rows are another one again, in all of their columns."""
    rows = opened.source
    if rows.get_backend().name == "duckdb":
        # It groups numbers where its memory does not hold the rows.
        rows = rows.select(mark=_mark([rows[name] for name in rows.columns]))
    different = rows.distinct()
    found = opened.ask(different.aggregate(rows=different.count()))[0]["rows"]
    return opened.rows - int(found)


def find_repeated(opened: DataTable, key: Sequence[str]) -> ir.Table:
    """Return the values of a key that repeat, under their columns' names, with `rows`."""
    found = _repeated(opened, key, _complete_keys)
    return found.rename(dict(zip(key, _names(key), strict=True)))


def find_orphans(join: Relationship, left: DataTable, right: DataTable) -> ir.Table:
    """Return the values of a join's key that find no partner, with their `rows`."""
    groups = _complete_keys(left.source, join.columns)
    groups = groups.group_by(groups.columns).aggregate(rows=_.count())
    judged = _judge(join, groups, right)
    found = judged.filter(judged.is_matched.isnull())
    names = dict(zip(join.columns, _names(join.columns), strict=True))
    return found.select(*_names(join.columns), "rows").rename(names)


def _complete_keys(
    source: ir.Table, columns: Sequence[str], **others: ir.Value
) -> ir.Table:
    """Return the rows that have a value in each of some columns: k0, k1 and so on."""
    keys = dict(zip(_names(columns), (source[name] for name in columns), strict=True))
    rows = source.select(**keys, **others)
    return rows.filter(*[rows[name].notnull() for name in keys])


def _suspects(source: ir.Table, columns: Sequence[str], **others: ir.Value) -> ir.Table:
    """Return the rows that may share their key with another row, as `_complete_keys`.

    An engine that groups more than its memory holds moves numbers to disk, but the
    embedded one keeps texts. So rows are grouped by a number made of their key first.
    Equal keys have equal numbers; the few others that do are told apart afterwards.
    """
    marks = source.select(mark=_mark([source[name] for name in columns]))
    counts = marks.group_by("mark").aggregate(rows=_.count())
    repeated = counts.filter(counts.rows > 1).select("mark")
    rows = _complete_keys(source, columns, **others)
    mark = _mark([rows[name] for name in _names(columns)])
    return rows.semi_join(repeated, [mark == repeated.mark])


def _mark(values: Sequence[ir.Value]) -> ir.IntegerValue:
    names = {f"k{at}": value for at, value in enumerate(values)}
    return ibis.struct(names).hash()


def _repeated(
    opened: DataTable, key: Sequence[str], keyed: _Keyed, **others: ir.Value
) -> ir.Table:
    """Return the values of a key that repeat, in how many `rows`, and ends of others."""
    rows = keyed(opened.source, key, **others)
    ends = {f"first_{name}": rows[name].min() for name in others}
    ends |= {f"last_{name}": rows[name].max() for name in others}
    counts = rows.group_by(*_names(key)).aggregate(rows=_.count(), **ends)
    return counts.filter(counts.rows > 1)


def _named_key(table: str, columns: Sequence[str]) -> str:
    """Return what a combination of columns is called in a message."""
    if len(columns) == 1:
        return f"{table}.{columns[0]}"
    return f"{table} ({', '.join(columns)})"


def _names(columns: Sequence[str]) -> list[str]:
    return [f"k{at}" for at in range(len(columns))]


def _when_repeated(opened: DataTable, key: Sequence[str], keyed: _Keyed) -> str:
    """Return on which days repeated rows lie, "" where they have none."""
    clock = opened.clock
    if clock is None:
        return ""
    # On a quarter of an hour each day begins, in every zone, and they are fewer than rows.
    found = _repeated(opened, key, keyed, at=clock.times.of(opened.source))
    found = found.drop_null("first_at")
    quarters = {
        end: (raw_seconds(found[f"{end}_at"]) // QUARTER).cast("int64") for end in _ENDS
    }
    spans = found.select(**quarters).distinct()
    few = opened.ask(spans.order_by("first", "last").limit(_MOST_SPANS))
    if len(few) == _MOST_SPANS:
        few = opened.ask(spans.aggregate(first=_["first"].min(), last=_["last"].max()))
    days = {tuple(clock.date_at(one[end] * QUARTER) for end in _ENDS) for one in few}
    if not days:
        return ""
    every = sorted({day for span in days for day in span})
    # A value that stands on several days may stand on days in between as well.
    if len(every) <= _FEW_DAYS and all(first == last for first, last in days):
        return f", all on {', '.join(day.isoformat() for day in every)}"
    return f", first on {every[0]} and last on {every[-1]}"


_MOST_SEGMENTS = 200  # values of one column that are told apart
_MOST_CELLS = 20_000  # combinations of values that are told apart


class _Tally(NamedTuple):
    """What the keys of one side found on the other."""

    rows: int  #: with a value in each column of the key
    orphans: int  #: of those, rows that find no partner
    keys: int  #: different values of orphans

    @property
    def share(self) -> float:
        """Return the orphans' share of the rows."""
        return self.orphans / self.rows


def check_join(join: Relationship, left: DataTable, right: DataTable) -> Finding:
    """Return the finding about one declared join, as the share of rows left alone.

    A row with a null in its key joins nothing and is no orphan. The share tolerated is
    the contract's (`readiness.orphansTolerated`, 0 where nothing is said). Of a join
    that fails, the message tells from when to when orphans lie, and which value of a
    declared category or segment has the highest share of them.

    Raises:
        SourceError: a column is missing, the two sides have different types, they lie
            on different servers, there is no row to find, no row has a value in each
            column of its key, or every row may be an orphan.
    """
    if join.orphans_tolerated == 1:
        msg = "every row may lack a partner (readiness.orphansTolerated), so it is no limit"
        raise SourceError(msg)
    left.require(*join.columns)
    right.require(*join.to_columns)
    _require_comparable(join, left, right)
    if not right.rows:
        msg = f"{right.name} has no rows"
        raise SourceError(msg)
    tally = _count(join, left, right)
    if not tally.rows:
        msg = f"no row of {_named_key(join.table, join.columns)} has a value"
        raise SourceError(msg)
    fails = tally.share > join.orphans_tolerated
    where = _where(join, left, right, tally) if tally.orphans and fails else ""
    return left.find(
        "joins-match",
        join.subject,
        not fails,
        _message(join, tally, where),
        value=round(tally.share, 6),
        threshold=join.orphans_tolerated,
        fingerprint=combine([left.fingerprint, right.fingerprint]),
    )


def _count(join: Relationship, left: DataTable, right: DataTable) -> _Tally:
    groups = _complete_keys(left.source, join.columns)
    groups = groups.group_by(groups.columns).aggregate(rows=_.count())
    judged = _judge(join, groups, right)
    alone = judged.is_matched.isnull()
    totals = {"rows": judged.rows.sum(), "orphans": judged.rows.sum(where=alone)}
    found = left.ask(judged.aggregate(**totals, keys=alone.sum()))[0]
    return _Tally(**{name: number or 0 for name, number in found.items()})


def _judge(join: Relationship, groups: ir.Table, right: DataTable) -> ir.Table:
    """Return groups with `is_matched`, null for those that find no partner."""
    partners = _complete_keys(right.source, join.to_columns).distinct()
    partners = partners.mutate(is_matched=True)
    return groups.left_join(partners, _names(join.columns))


def _message(join: Relationship, tally: _Tally, where: str) -> str:
    name = _named_key(join.table, join.columns)
    if not tally.orphans:
        return (
            f"Each of the {count(tally.rows, 'row')} of {name} that has a value finds "
            f"its row in {join.to_table}."
        )
    return (
        f"{tally.orphans:,} of {count(tally.rows, 'row')} of {name} "
        f"({as_share(tally.share)}) find no row in {join.to_table}, "
        f"{count(tally.keys, 'different value')}; "
        f"at most {as_share(join.orphans_tolerated)} is tolerated{where}."
    )


def _where(join: Relationship, left: DataTable, right: DataTable, tally: _Tally) -> str:
    """Return when orphans happened and among which rows they are most frequent."""
    clock, columns = left.clock, _told_apart(left)
    kept = {f"c{at}": value for at, value in enumerate(columns.values())}
    at = ibis.null("timestamp") if clock is None else clock.times.of(left.source)
    rows = _complete_keys(left.source, join.columns, at=at, **kept)
    # Times are compared as they are: turning each into seconds would take long.
    groups = rows.group_by(*_names(join.columns), *kept).aggregate(
        rows=_.count(), first=rows["at"].min(), last=rows["at"].max()
    )
    judged = _judge(join, groups, right)
    alone = judged.is_matched.isnull()
    found = left.ask(
        (judged.group_by(*kept) if kept else judged).aggregate(
            all=judged.rows.sum(),
            alone=judged.rows.sum(where=alone),
            first=raw_seconds(judged["first"].min(where=alone)),
            last=raw_seconds(judged["last"].max(where=alone)),
        )
    )
    said = [_when(found, clock), _worst(found, [*columns], tally)]
    return "".join(f"; {part}" for part in said if part)


def _when(found: Sequence[dict[str, Any]], clock: Clock | None) -> str:
    """Return the first and the last day with an orphan, "" where none has a day."""
    times = [one[end] for one in found for end in _ENDS if one[end] is not None]
    if clock is None or not times:
        return ""
    first, last = clock.date_at(min(times)), clock.date_at(max(times))
    told = f"the first is of {first}, the last of {last}"
    return f"all are of {first}" if first == last else told


def _worst(
    found: Sequence[dict[str, Any]], columns: Sequence[str], tally: _Tally
) -> str:
    """Return the value of a category or segment with the highest share of orphans.

    Values with fewer than 10 orphans are passed over, and those that do not stand out
    from all other rows, see `_stands_out`.
    """
    ranked = []
    for at, column in enumerate(columns):
        every, alone = Counter[str](), Counter[str]()
        for one in found:
            if one[f"c{at}"] is not None:
                value = as_written(one[f"c{at}"])
                every[value] += one["all"] or 0
                alone[value] += one["alone"] or 0
        # Shares are equal where two columns mean the same; the contract's order decides.
        ranked += [
            (-alone[value] / rows, -rows, at, value, column)
            for value, rows in every.items()
            if alone[value] >= FLOOR and _stands_out(alone[value], rows, tally)
        ]
    if not ranked:
        return ""
    share, rows, _at, value, column = min(ranked)
    return (
        f"the share is highest where {column} is {value} "
        f"({as_share(-share)} of {count(-rows, 'row')})"
    )


def _stands_out(alone: int, rows: int, tally: _Tally) -> bool:
    """Return whether some rows have clearly more orphans than all others.

    The odds of one are at least twice those elsewhere, and more than three standard
    deviations of what chance would give so many rows lie between.
    """
    others, orphans = tally.rows - rows, tally.orphans - alone
    if not others:
        return False
    usual = orphans / others
    chance = math.sqrt(rows * usual * (1 - usual))
    is_twice = alone * (others - orphans) >= _CLEARLY * orphans * (rows - alone)
    return is_twice and alone - rows * usual > _SPREADS * chance


def _told_apart(left: DataTable) -> dict[str, ir.Value]:
    """Return, by name, columns whose values may be named: categories, few segments.

    Of categories only the declared values: others may be many, and are left out.
    """
    found, cells = dict[str, ir.Value](), 1
    declared = [one.name for one in left.declared.columns if one.categories]
    for name in dict.fromkeys([*declared, *left.declared.segments]):
        column = left.declared.column(name)
        if name not in left.source.columns or (column and column.restricted):
            continue
        value = left.source[name]
        if column and column.categories:
            value = ibis.ifelse(left.categories(column)[2], value, None)
            values = len(column.categories)
        else:
            values = left.ask(left.source.aggregate(n=value.nunique()))[0]["n"]
        if 0 < values <= _MOST_SEGMENTS and cells * values <= _MOST_CELLS:
            found[name] = value
            cells *= values
    return found


def _require_comparable(join: Relationship, left: DataTable, right: DataTable) -> None:
    if left.source.get_backend() is not right.source.get_backend():
        msg = f"{left.name} and {right.name} lie in sources that cannot be joined"
        raise SourceError(msg)
    for ours, theirs in zip(join.columns, join.to_columns, strict=True):
        one, other = left.source[ours].type(), right.source[theirs].type()
        are_numbers = one.is_numeric() and other.is_numeric()
        if not (one.castable(other) or are_numbers):
            msg = (
                f"{join.table}.{ours} ({type_text(one)}) and "
                f"{join.to_table}.{theirs} ({type_text(other)}) have types that cannot "
                "be compared"
            )
            raise SourceError(msg)
