"""What counts a finding again: SQL, made from the contract and the types in evidence.

Nothing is read for it and no row is kept: whoever runs it sees the rows, with rights of
their own.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, cast

import ibis
import ibis.expr.datatypes as ibis_types
import ibis.expr.types as ir
from ibis import _
from ibis.common.exceptions import IbisError

from readybook.measure.change.pairs import equal_columns
from readybook.measure.change.selections import select_side
from readybook.measure.rows.keys import find_orphans, find_repeated
from readybook.measure.rows.values import is_outside, named_categories
from readybook.measure.sources.clock import is_instant
from readybook.measure.sources.copies.delimited import as_typed
from readybook.measure.sources.engine import EXPRESSION_ERRORS, without_tokens
from readybook.measure.sources.engines import Engines, Source
from readybook.measure.sources.places import Format, Located, locate, plain_part
from readybook.measure.sources.values import finite
from readybook.measure.table import DataTable
from readybook.model.case import Assessment
from readybook.model.contract import OF_INSIDE, Column, DataModel, Server, Table
from readybook.model.errors import SourceError
from readybook.model.findings import Finding, MeasuredTable

#: SQL by the types of servers; of files and all others it is DuckDB's.
_DIALECTS = {
    "bigquery": "bigquery", "databricks": "databricks", "postgres": "postgres",
    "postgresql": "postgres", "snowflake": "snowflake", "spark": "pyspark",
    "trino": "trino",
}  # fmt: skip
#: How DuckDB reads a file of a format: by its path, and by the table's name in it. Its
#: own extensions do that for the last four; SQL fetches them.
_READ: Mapping[Format, str] = {
    "csv": "read_csv({path}, all_varchar = true, header = true, nullstr = '', "
           "ignore_errors = true, union_by_name = true)",
    "json": "read_ndjson_objects({path}, ignore_errors = true)", "parquet": "{path}",
    "delta": "delta_scan({path})", "excel": "read_xlsx({path}, sheet = {name})",
    "iceberg": "iceberg_scan({path})", "sqlite": "sqlite_scan({path}, {name})",
}  # fmt: skip
#: Formats in which a value is read as a text first, and the type is that of all texts.
_TEXTS: Sequence[Format] = ("csv", "excel", "json", "sqlite")
#: How a session is told the zone in which days are counted.
_IN_ZONE = {"duckdb": "SET TimeZone = {};", "postgres": "SET TIME ZONE {};"}
_NAMES = {"bigquery": "BigQuery", "duckdb": "DuckDB", "postgres": "PostgreSQL"}
_MOST_SHOWN = 100  # values
_LONGEST = 1_000  # letters of a type
_LONGEST_BESIDE = 4_000  # letters of SQL on a page


def _type(text: str) -> ibis_types.DataType:
    """Return the type that evidence names; one that is unknown is read as texts.

    Evidence may be a stranger's: a text without an end is not parsed.
    """
    try:
        return ibis.dtype(text if len(text) <= _LONGEST else "string")
    except Exception:  # noqa: BLE001 - of a parser, or of what it makes
        return ibis.dtype("string")


class _Unread:
    """Stands where an engine does, and knows types only."""

    def __init__(self, measured: Mapping[str, MeasuredTable]) -> None:
        self._measured = measured

    def open(self, table: Table, located: Located) -> Source:
        columns = self._measured[table.name].columns
        kinds = {name: _type(kind) for name, kind in columns.items()}
        rows = ibis.table(kinds, name=table.location)
        return Source(located, without_tokens(rows, table), cast("Any", self))

    def ask(self, _expression: ir.Table) -> list[dict[str, int]]:
        return [{"n": 1}]  # rows enough to be looked at


def count_again(finding: Finding, assessment: Assessment, folder: Path) -> str:
    """Return SQL that counts a finding about data again, ended by a semicolon.

    Args:
        finding: of a check of the data.
        assessment: it is from; its evidence has the types of the columns.
        folder: the assessment's.

    Raises:
        SourceError: it is not about data, or its table was never opened.
    """
    tables: dict[str, DataTable] = {}
    measured = _measured(assessment)
    for one in assessment.data_model.tables:
        if one.name in measured:
            engines = cast("Engines", _Unread(measured))
            place = locate(one, assessment.data_model, folder)
            mark = measured[one.name].fingerprint
            read = (o for o in (place, *place.others) if o.fingerprint == mark)
            place = next(read, place)
            tables[one.name] = DataTable(one, place, engines, dt.date.min, tables)
    table, text, kind = _asked(finding, assessment.data_model, tables)
    dialect = _DIALECTS.get(kind, "duckdb")
    views = _views(text, assessment.data_model, tables)
    where = ", run in the assessment's folder" if views else ""
    views += _zone(table, text, dialect)
    return "\n".join([f"{_whose(dialect)}{where}", *views, f"{text};"])


def count_beside(assessment: Assessment) -> Callable[[Finding], str]:
    """Return what makes SQL that says nothing of where a table lies, for a page.

    Each table has its name in the contract. The SQL of a finding is "" where there is
    none, where it names a restricted column, or where it is long.
    """
    model, measured = assessment.data_model, _measured(assessment)
    engines = cast("Engines", _Unread(measured))
    tables: dict[str, DataTable] = {}
    for one in model.tables:
        if one.name in measured:
            # By its engine's name: "postgres 15.4", "mysql 10.11, duckdb 1.5".
            kind = measured[one.name].engine.partition(" ")[0]
            named = one.model_copy(update={"location": one.name})
            server = Server(server=kind, type=kind) if kind in _DIALECTS else None
            place = Located(server=server, shown=one.name)
            tables[one.name] = DataTable(named, place, engines, dt.date.min, tables)
    hidden = [
        c.name.casefold() for one in model.tables for c in one.columns if c.restricted
    ]

    def beside(finding: Finding) -> str:
        try:
            table, text, kind = _asked(finding, model, tables)
            dialect = _DIALECTS.get(kind, "duckdb")
            zone = _zone(table, text, dialect)
        except Exception:  # noqa: BLE001 - evidence may be a stranger's; a page goes on
            return ""
        # A quote inside of a name is written twice, and some engines fold its letters.
        plain = text.replace('""', '"').replace("``", "`").casefold()
        if len(text) > _LONGEST_BESIDE or any(_is_word(name, plain) for name in hidden):
            return ""
        return "\n".join([_whose(dialect), *zone, f"{text};"])

    return beside


def _measured(assessment: Assessment) -> dict[str, MeasuredTable]:
    """Return the tables whose columns are known, by name."""
    read = assessment.data.tables if assessment.data else ()
    return {one.table: one for one in read if one.columns}


def _asked(
    finding: Finding, model: DataModel, tables: Mapping[str, DataTable]
) -> tuple[DataTable, str, str]:
    """Return the table of a finding, the query of it, and the type of its server.

    Raises:
        SourceError: as `count_again`.
    """
    declared = model.table_of(finding.subject)
    if declared is None or declared.name not in tables or finding.check not in _MADE:
        msg = (
            f"nothing counts {finding.check} {finding.subject} again: no table was read"
        )
        raise SourceError(msg)
    table = tables[declared.name]
    name = model.split(finding.subject.partition(" -> ")[0])[1]
    server = table.located.server
    kind = server.type if server else ""
    try:
        asked = _MADE[finding.check](table, declared.column(name), finding)
        text = ibis.to_sql(asked, dialect=_DIALECTS.get(kind, "duckdb"))
    except (*EXPRESSION_ERRORS, IbisError, AttributeError, KeyError) as error:
        msg = f"it has no expression of its own ({type(error).__name__})"
        raise SourceError(msg) from None
    return table, str(text), kind


def _whose(dialect: str) -> str:
    return f"-- SQL of {_NAMES.get(dialect, dialect.capitalize())}"


def _zone(table: DataTable, text: str, dialect: str) -> list[str]:
    """Return the line that tells the zone of days, where a query counts by them."""
    event, zone = table.declared.event_time or "", table.declared.time_zone
    is_zoned = event in table.source.columns and is_instant(table.source[event])
    if zone and is_zoned and _quoted(event) in text and dialect in _IN_ZONE:
        return [_IN_ZONE[dialect].format(_text(zone))]
    return []


def _is_word(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _views(text: str, model: DataModel, tables: Mapping[str, DataTable]) -> list[str]:
    """Return the lines that say to DuckDB which files have the names of tables."""
    found = []
    for name, table in tables.items():
        location = (model.table(name) or table.declared).location
        quoted = _quoted(location)
        if quoted not in text or not table.located.files:
            continue
        # A file of several tables is shown as "visits in shop.xlsx".
        path = table.located.shown.removeprefix(f"{location} in ")
        if other := table.located.reference:
            path = str(other.home / other.pattern)
        server = table.located.server
        if server is not None and server.type == "duckdb":
            space, schema = map(_quoted, (server.server, server.schema_name or "main"))
            found.append(f"ATTACH IF NOT EXISTS {_text(path)} AS {space} (READ_ONLY);")
            source = f"{space}.{schema}.{quoted}"
        elif table.located.format == "files":
            source = _of_files(text, table, path)
        else:
            known = {"path": _text(_pattern(path, table)), "name": _text(location)}
            source = _READ[table.located.format].format(**known)
            if table.located.format in _TEXTS:
                source = _typed(text, table, source)
        found.append(f"CREATE TEMP VIEW {quoted} AS FROM {source};")
    return found


def _pattern(path: str, table: DataTable) -> str:
    """Return what names the files of a table: of a folder, those in it.

    Raises:
        SourceError: they are packed into an archive.
    """
    file = table.located.files[0]
    if file.suffix.lower() == ".zip":
        msg = f"SQL reads nothing in an archive: unpack {path}, and name what it holds"
        raise SourceError(msg)
    is_named = PurePath(path).suffixes == PurePath(file).suffixes or {*path} & {*"*?["}
    return path if is_named else f"{path}/**/*{''.join(file.suffixes)}"


def _typed(text: str, table: DataTable, source: str) -> str:
    """Return what reads the columns that a question names, as they were measured."""
    kinds = {n: f"{k}" for n, k in table.source.schema().items() if _quoted(n) in text}
    if table.located.format == "json":
        keys = {name: _text(f"$.{_quoted(name)}") for name in kinds}
        texts = [f"json ->> {key} AS {_quoted(name)}" for name, key in keys.items()]
        whole = ", ".join(texts) or "json"
        source = f"(SELECT {whole} FROM {source} WHERE json_type(json) = 'OBJECT')"  # noqa: S608
    columns = [
        as_typed(table.declared.column(name) or Column(name=name), kind)
        for name, kind in kinds.items()
    ]
    return f"(SELECT {', '.join(columns)} FROM {source})" if columns else source  # noqa: S608


def _of_files(text: str, table: DataTable, shown: str) -> str:
    """Return what reads the files that are rows, as far as SQL does, by their place.

    Raises:
        SourceError: the question is about what only looking into them shows.
    """
    of = {str(one.of_file): one.name for one in table.declared.columns if one.of_file}
    for fact, name in of.items():
        if fact in OF_INSIDE | {"date"} and _quoted(name) in text:
            msg = f"SQL does not know the {fact} of a file, which only measuring reads"
            raise SourceError(msg)
    base = plain_part(shown)
    is_listing = table.located.files[0].is_dir() or base.as_posix() != shown
    home = base if is_listing else base.parent
    begin = f"{home.as_posix()}/"  # "./" of the top, as the engine names what is there
    pattern = f"{begin}**"
    if base.as_posix() != shown:
        begin, pattern = begin.removeprefix("./"), shown
    made = {
        "path": f"substr(f.filename, {len(begin) + 1})",
        "folder": "split_part(f.filename, '/', -2)",
        "bytes": "f.size",
        "content": "sha256(f.content)",
    }
    if not is_listing:
        del made["path"]
    facts = [
        f"{made[fact]} AS {_quoted(name)}" for fact, name in of.items() if fact in made
    ]
    files = f"read_blob({_text(pattern)}) AS f"
    if is_listing:
        return f"(SELECT {', '.join(facts)} FROM {files})"  # noqa: S608 - names are quoted
    joined = f"{files} ON f.filename = {_text(begin)} || m.{_quoted(of['path'])}"
    columns = ", ".join(["m.*", *facts])
    return f"(SELECT {columns} FROM {_text(shown)} AS m LEFT JOIN {joined})"  # noqa: S608


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


# --- what is asked -------------------------------------------------------------------

_Made = Callable[[DataTable, Any, Finding], ir.Table]


def _value(table: DataTable, column: Column | None) -> ir.Value:
    if column is None:
        msg = "it has no column"
        raise SourceError(msg)
    return table.column(column.name)


def _count(table: DataTable, _column: object, _finding: Finding) -> ir.Table:
    return table.source.aggregate(rows=_.count())


def _missing(table: DataTable, column: Column | None, _finding: Finding) -> ir.Table:
    """Return the rows without a value: by month, where rows have a time."""
    asked = {"rows": _.count(), "missing": _value(table, column).isnull().sum()}
    event = table.declared.event_time
    if event not in table.source.columns:
        return table.source.aggregate(**asked)
    months = table.source.group_by(month=_day(table.source[event]).truncate("M"))
    return months.aggregate(**asked).order_by("month")


def _by_value(table: DataTable, column: Column | None, _finding: Finding) -> ir.Table:
    return _grouped(table.source, _value(table, column))


def _grouped(rows: ir.Table, value: ir.Value) -> ir.Table:
    counted = rows.group_by(value=value).aggregate(rows=_.count())
    return counted.order_by(ibis.desc("rows"), "value").limit(_MOST_SHOWN)


def _categories(
    table: DataTable, column: Column
) -> tuple[ir.Value, Mapping[str, Any], ir.BooleanValue]:
    """Return as `table.categories`, by a list that reads well instead of the fastest."""
    value, literals, is_declared = table.categories(column)
    is_listed = value.isin(list(literals.values())) if literals else is_declared
    return value, literals, is_listed


def _undeclared(table: DataTable, column: Column, _finding: Finding) -> ir.Table:
    value, _literals, is_declared = _categories(table, column)
    return _grouped(table.source.filter(~is_declared), value)


def _outside(table: DataTable, column: Column, _finding: Finding) -> ir.Table:
    value = finite(_value(table, column))
    return _grouped(table.source.filter(is_outside(value, column)), value)


def _by_day(table: DataTable, _column: object, _finding: Finding) -> ir.Table:
    event = table.column(table.declared.event_time or "")
    days = table.source.group_by(day=_day(event))
    return days.aggregate(rows=_.count()).order_by("day")


def _day(event: Any) -> ir.Value:  # noqa: ANN401 - a date or a time
    return event if event.type().is_date() else event.date()


def _steps(table: DataTable, _column: object, finding: Finding) -> ir.Table:
    """Return the rows by day, and beside them the series of what a finding names."""
    labels = [point.label for one in finding.series for point in one.points
              if one.name != "detection limit"]  # fmt: skip
    told = finding.message.partition("; there is")[0]  # "no other year" is no column
    text = "\n".join([told, *labels])

    def is_named(name: str) -> bool:
        return _is_word(name, text)

    event = table.column(table.declared.event_time or "")
    shown = {"rows": table.source.count()}
    for column in table.declared.columns:
        name, is_there = column.name, column.name in table.source.columns
        if not is_there or name == table.declared.event_time or not is_named(name):
            continue
        value = table.source[name]
        shown[f"without {name}"] = value.isnull().sum()
        if column.categories:
            value, literals, is_declared = _categories(table, column)
            for one, label in named_categories(column).items():
                if is_named(label):
                    shown[f"{name} {label}"] = (value == literals[one]).sum()
            shown[f"{name} not declared"] = (~is_declared).sum()
        elif value.type().is_numeric():
            shown[f"zeros in {name}"] = (value == 0).sum()
            shown[f"mean size of {name}"] = value.abs().nullif(0).mean()
    for (name, other), is_equal in equal_columns(table).items():
        if is_named(f"{name} = {other}"):
            shown[f"{name} = {other}"] = is_equal.sum()
    is_segmented = any("(" in label for label in labels)
    keys = table.declared.segments if is_segmented else ()
    days = table.source.group_by(day=_day(event), **{k: table.column(k) for k in keys})
    return days.aggregate(**shown).order_by("day", *keys)


def _delay(table: DataTable, column: Column, _finding: Finding) -> ir.Table:
    known, event = (
        table.column(name or "")
        for name in (column.label_known, table.declared.event_time)
    )
    days = known.date().delta(event.date(), unit="day")
    labelled = table.source.filter(table.column(column.name).notnull())
    return labelled.group_by(days=days).aggregate(rows=_.count()).order_by("days")


def _key(table: DataTable, _column: object, finding: Finding) -> ir.Table:
    every = {f"{table.name}.{'+'.join(key)}": key for key in table.declared.keys}
    return find_repeated(table, every[finding.subject])


def _join(table: DataTable, _column: object, finding: Finding) -> ir.Table:
    joins = {join.subject: join for join in table.declared.relationships}
    join = joins[finding.subject]
    return find_orphans(join, table, table.other(join.to_table))


def _sides(table: DataTable, column: Column | None, _finding: Finding) -> ir.Table:
    parts, keys = [], dict[str, ir.Value]()
    for name, selection in (
        ("train", table.declared.train),
        ("live", table.declared.live),
    ):
        if selection is None:
            continue
        rows = select_side(selection, table).rows
        if column is not None:
            keys = {"value": rows[column.name]}
        parts.append(
            rows.group_by(side=ibis.literal(name), **keys).aggregate(rows=_.count())
        )
    return ibis.union(*parts).order_by("side", ibis.desc("rows"), *keys)


_MADE: Mapping[str, _Made] = {
    "source-opened": _count,
    "types-match": _by_value,
    "categories-populated": _by_value,
    "values-declared": _undeclared,
    "values-in-range": _outside,
    "sentinels-absent": _by_value,
    "nulls-tolerated": _missing,
    "label-filled": _missing,
    "label-delay": _delay,
    "history-span": _by_day,
    "history-gaps": _by_day,
    "arrivals-regular": _by_day,
    "data-fresh": _by_day,
    "steps-declared": _steps,
    "keys-unique": _key,
    "joins-match": _join,
    "schema-same": _sides,
    "live-like-training": _sides,
}
