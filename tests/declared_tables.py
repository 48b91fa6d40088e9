"""Tables as a contract declares them, and questions that every engine answers alike."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import ibis
from ibis import _

from readybook.measure.sources.places import UnreachedError, locate
from readybook.model.contract import Column, DataModel, Server, Table
from readybook.model.errors import SourceError

EXAMPLE = Path(__file__).parents[1] / "templates" / "flight-delays" / "data"
FILES = Server(server="here", type="local", path="{model}.csv", format="csv")


def table_of(name="t", **columns):
    """A declared table; `columns` are their null tokens."""
    return Table(
        name=name,
        location=name,
        columns=tuple(Column(name=c, null_tokens=n) for c, n in columns.items()),
        declared="d",
    )


def model_of(table, *servers):
    return DataModel(
        id="m",
        version="1",
        status="s",
        servers=servers,
        tables=(table,),
        fingerprint="f",
    )


def open_or_why(engines, table, place):
    """Open a table; of one that cannot be opened return why, and if it was found."""
    try:
        return engines.open(table, place)
    except SourceError as error:
        found = not isinstance(error, UnreachedError)
        return SimpleNamespace(failed=str(error), found=found)


def located(folder, *servers, table=None):
    table = table or table_of()
    return locate(table, model_of(table, *servers), folder)


def endless(source):
    """Return a question that no engine answers: six times each row with each row."""
    parts = [source.table.select(**{f"c{n}": source.table.k}) for n in range(6)]
    pairs = parts[0].cross_join(*parts[1:])
    return pairs.aggregate(most=(pairs.c0 + pairs.c5).max())


def answers(source, other, event):
    """Return what the forms of question that checks use give, as comparable values."""
    table = source.table
    forms = {
        "nulls": table.aggregate(**{f"{c}_": table[c].count() for c in table.columns}),
        "groups": table.group_by("origin").aggregate(rows=_.count()),
        "days": table.group_by(day=table[event].cast("timestamp").date()).aggregate(
            rows=_.count(), size=_.wind_speed.abs().sum()
        ),
        "repeated": table.group_by("year", "month", "day")
        .aggregate(rows=_.count())
        .filter(_.rows > 1)
        .aggregate(keys=_.count(), rows=_.rows.sum()),
        "orphans": table.anti_join(other.table, table.origin == other.table.faa)
        .aggregate(rows=_.count()),
        "bins": table.group_by(
            at=ibis.cases((_.temp < 40, 0), (_.temp < 60, 1), else_=2)
        ).aggregate(rows=_.count()),
        "seconds": table.aggregate(last=table[event].epoch_seconds().max()),
    }  # fmt: skip
    found = {}
    for name, expression in forms.items():
        rows = [tuple(map(_rounded, row.values())) for row in source.ask(expression)]
        found[name] = sorted(rows, key=str)
    return found


def _rounded(value):
    return round(value, 6) if isinstance(value, float) else value
