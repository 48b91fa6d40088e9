"""Do values stand in for "unknown" that the contract does not know of?"""

from __future__ import annotations

from readybook.measure.sources.engine import type_text
from readybook.measure.table.opened import Opened
from readybook.measure.table.standins import StandIns, find_standins
from readybook.model.contract import Column
from readybook.model.errors import SourceError
from readybook.model.findings import Finding, Point, Series
from readybook.model.words import count
from readybook.text.phrases import as_list, as_number, as_share

__all__ = ["check_sentinels"]

_SHOWN = 5

_LOOKED_FOR = {
    "number": "-999, -1, 0, 9999 and the like, apart from all others",
    "text": "empty text, NA, null, unknown, ? and the like",
    "date": "1900-01-01, 9999-12-31 and the like, years apart from all others",
}


def check_sentinels(opened: Opened, column: Column) -> Finding:
    """Return the finding about values that stand in for unknown, in rows.

    A model takes -999 for a temperature and "n/a" for an aircraft. A number counts
    where it is the smallest or largest, has at least 10 rows and 0.1 % of the values,
    and stands apart from all others (see `standin_numbers`); a text with at least 10
    rows, blanks around it and its case left aside; a date with at least 10 rows that is
    over five years from all others. None of them counts where the contract declares it:
    as a category, inside the column's limits, or as a text that means null.

    Raises:
        SourceError: the source lacks the column, it has no value, or its type has no
            usual stand-in.
    """
    opened.require(column.name)
    subject = f"{opened.name}.{column.name}"
    if opened.source[column.name].type().is_boolean():
        message = f"{subject} is true or false, which leaves no room for a stand-in."
        seen = None
    else:
        seen = _seen(opened, column)
        message = _message(subject, column, seen)
    found = seen.found if seen else {}
    return opened.find(
        "sentinels-absent",
        subject,
        "contradicts" if found else "supports",
        message,
        value=sum(found.values()),
        unit="rows",
        threshold=0,
        series=_series(column, seen) if seen else (),
    )


def _seen(opened: Opened, column: Column) -> StandIns:
    """Return what was found in a column, together with all needed ones or alone."""
    seen = opened.standins.get(column.name) or find_standins(
        opened.source, opened.declared, [column], opened.ask
    ).get(column.name)
    if seen is None:
        kind = type_text(opened.source[column.name].type())
        msg = f"no usual stand-in is known for its type, {kind}"
        raise SourceError(msg)
    if not seen.present:
        msg = f"no row of {opened.name}.{column.name} has a value"
        raise SourceError(msg)
    return seen


def _message(subject: str, column: Column, seen: StandIns) -> str:
    if not seen.found:
        return (
            f"No value of {subject} looks like a stand-in for unknown "
            f"({_LOOKED_FOR[seen.kind]})."
        )
    rows = sum(seen.found.values())
    share = as_share(rows / seen.present)
    apart = ""
    if seen.others is not None and not column.restricted:
        low, high = map(as_number, seen.others)
        apart = f"; all other values are {low if low == high else f'{low} to {high}'}"
    return (
        f"{count(rows, 'row')} of {subject} ({share}) "
        f"{'has' if rows == 1 else 'have'} {_named(column, seen)}, "
        f"which may stand for unknown{apart}."
    )


def _named(column: Column, seen: StandIns) -> str:
    if column.restricted:
        return f"{count(len(seen.found), 'value')} not shown here"
    ranked = _ranked(seen)
    if len(ranked) == 1:
        return _label(ranked[0][0])
    parts = [f"{_label(text)} ({count(rows, 'row')})" for text, rows in ranked]
    return as_list(parts, _SHOWN)


def _ranked(seen: StandIns) -> list[tuple[str, int]]:
    """Return stand-ins and their rows, the most frequent first."""
    return sorted(seen.found.items(), key=lambda one: (-one[1], one[0]))


def _label(text: str) -> str:
    return text or "empty text"


def _series(column: Column, seen: StandIns) -> tuple[Series, ...]:
    if not seen.found:
        return ()
    points = [
        Point(label=f"no. {at}" if column.restricted else _label(text), value=rows)
        for at, (text, rows) in enumerate(_ranked(seen), start=1)
    ]
    return (Series(name="stand-in", unit="rows", points=tuple(points)),)
