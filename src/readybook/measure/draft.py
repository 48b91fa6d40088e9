"""Draft a data contract from real data: what is there, what it may mean, nothing agreed.

What was found stands in the contract; what it may mean is proposed in comments, each
with its reason. A proposal is valid where it stands once its "# " is taken away.
"""

import contextlib
import datetime as dt
import functools
import io
import re
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import ibis.expr.datatypes as dtypes
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString as Quoted

from readybook.measure.origins import DATA, Origin, find_origins, place_of
from readybook.measure.partners import Side, joins_of
from readybook.measure.profile import ask_each
from readybook.measure.proposals import Proposal, Proposals, propose
from readybook.measure.rows.values import family
from readybook.measure.sources.engine import EXPRESSION_ERRORS, type_text
from readybook.measure.sources.engines import Engines, Source, open_engines
from readybook.measure.sources.files import FileEngine
from readybook.model.contract import Column, Table
from readybook.model.errors import InvalidInputError, Problem, SourceError
from readybook.model.words import count
from readybook.text.visible import visible

#: Sources whose types were found in texts, which a declared form may explain.
_TEXTS = {"csv", "json", "excel", "sqlite"}
#: What the standard takes for one: table.column.
_REFERENCE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\.[A-Za-z_][A-Za-z0-9_-]*")
_MOST_VALUES = 200_000  #: different ones of a column that are held beside a key


@dataclass(frozen=True)
class Draft:
    """A drafted contract, and the data that its paths below `data/` stand for."""

    text: str
    targets: Mapping[str, Path]  #: by the path that the contract has, data/orders.csv


@dataclass(frozen=True)
class _Drafted:
    """One table: its names, what it holds and what is proposed of it."""

    name: str
    location: str  #: its name in the source
    kind: str  #: file or table
    columns: Mapping[str, dtypes.DataType]
    proposals: Proposals
    #: Of a column that holds something of its file: what that is.
    own: Mapping[str, list[dict[str, Any]]]
    origin: Origin

    def values(self, column: str) -> frozenset[str] | None:
        """Return the different values of a column as texts; None: they are too many."""
        with (
            contextlib.suppress(SourceError, *EXPRESSION_ERRORS),
            open_engines(allowed=self.origin.allowed) as engines,
        ):
            opened = self.origin.open(engines, self.location)
            texts = opened.table.select(v=opened.table[column].cast("string"))
            few = texts.drop_null().distinct().limit(_MOST_VALUES + 1)
            found = frozenset(row["v"] for row in opened.ask(few))
            return found if len(found) <= _MOST_VALUES else None
        return None


def draft_contract(
    words: Sequence[str], *, title: str, today: dt.date, zone: str | None = None,
    only: Sequence[str] = (),
) -> Draft:  # fmt: skip
    """Return a contract (ODCS, YAML) drafted from files, folders, databases or servers.

    Args:
        words: each names one, as `find_origins` takes it.
        title: the name of the contract.
        today: what lies after it has not happened.
        zone: in which days are counted, as the person said; None: left open.
        only: the tables that are meant, of sources that have several; none: all.

    Raises:
        InvalidInputError: a source cannot be read, or two make the same table.
    """
    drafted = dict[str, tuple[_Drafted, str]]()
    problems = list[Problem]()
    notes = list[str]()
    servers, targets = list[dict[str, Any]](), dict[str, Path]()
    for word in words:
        shown = "--data" if "://" in word else Path(word).name
        try:
            origins = find_origins(word, only)
            tables = list(_read(origins, today, zone, notes))
        except SourceError as error:
            problems.append(_refusal(shown, error))
            continue
        for origin in origins:
            servers += [one for one in [_server(origin)] if one not in servers]
            notes += origin.left_out
            if origin.target is not None:
                place = f"{DATA}/{origin.target.name}"
                if targets.setdefault(place, origin.target) != origin.target:
                    found = f"two sources of the name {origin.target.name}"
                    problems.append(Problem(shown, 0, "", found, "one of each name", "rename one of them"))  # fmt: skip
        for one in tables:
            maker = drafted.setdefault(one.name, (one, shown))
            if maker[0] is not one:
                found = f"the table {one.name}, which {maker[1]} makes too"
                expected, do = "another name for each table", "rename one of the two"
                problems.append(Problem(shown, 0, "", found, expected, do))
    if problems:
        raise InvalidInputError(problems)
    made = [one for one, _ in drafted.values()]
    _propose_joins(made)
    return _as_contract(made, title, servers, targets, notes)


def _propose_joins(drafted: Sequence[_Drafted]) -> None:
    sides = [
        Side(
            one.name,
            [
                n
                for n, kind in one.columns.items()
                if kind.is_string() or kind.is_integer()
            ],
            one.proposals.key,
            functools.cache(one.values),
        )
        for one in drafted
    ]
    tables = {one.name: one for one in drafted}
    for join in joins_of(sides):
        other = tables[join.to_table]
        to = f"{join.to_table}.{_name_for_reference(other, join.to_column)}"
        if not _REFERENCE.fullmatch(to):
            continue
        because = f"each of its {count(join.values, 'value')} is one of {to}"
        if left := join.values - join.known:
            because = (
                f"{join.known:,} of its {count(join.values, 'value')} are of {to}, "
            )
            because += (
                f"and {left:,} {'is' if left == 1 else 'are'} not: is it a broken join?"
            )
        made = tables[join.table].proposals
        made.add(join.column, because, relationships=[{"to": to}])
        proposed = other.proposals.columns.get(join.to_column, ())
        if not any("primaryKey" in one.content for one in proposed):
            because = f"its rows have different values, and {join.table}.{join.column} "
            other.proposals.add(join.to_column, f"{because}names them", primaryKey=True)


def _name_for_reference(drafted: _Drafted, column: str) -> str:
    """Return a column's name, or the one that it gets as no reference can have its own."""
    if _REFERENCE.fullmatch(f"table.{column}"):
        return column
    plain = unicodedata.normalize("NFKD", column)
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    name = re.sub(r"[^A-Za-z0-9_-]", "_", plain)
    if name not in drafted.columns:
        drafted.proposals.named[column] = name
    return name


def _refusal(shown: str, error: SourceError) -> Problem:
    text = str(error)
    expected, do = "a source with a table", "correct it or leave it out"
    if "has no header" in text:
        expected, do = "names of columns in it", "put a row with names before it"
    elif "an archive of" in text:
        expected, do = "an archive of one table", "unpack it, and name its files"
    elif "another format" in text or "begins with none" in text:
        expected = "what readybook can draft a data model from"
        do = "declare it by hand (docs/measuring.md, Where the data lies)"
    return Problem(shown, 0, "", text, expected, do)


def _read(
    origins: Sequence[Origin], today: dt.date, zone: str | None, notes: list[str]
) -> Iterator[_Drafted]:
    """Yield the tables of what was named; one of several that cannot be read is noted.

    Raises:
        SourceError: none of them can be read.
    """
    failed: SourceError | None = None
    is_any = False
    for origin, location in ((one, name) for one in origins for name in one.tables):
        with open_engines(allowed=origin.allowed) as engines:
            try:
                one = _table(origin, location, engines, today, zone)
            except SourceError as error:
                failed = error
                notes.append(f"{location} is left out: {error}")
                continue
            is_any = True
            yield one
    if failed and not is_any:
        raise failed


def _table(
    origin: Origin, location: str, engines: Engines, today: dt.date, zone: str | None
) -> _Drafted:
    opened = origin.open(engines, location)
    is_text = opened.located.format in _TEXTS and origin.server.type == "local"
    name = re.sub(r"\W", "_", location, flags=re.ASCII) or "table"
    if is_text:
        _check_names(opened, location)

    def reread(columns: Sequence[Column]) -> Source:
        table = Table(name=location, location=location, columns=tuple(columns),
                      declared="draft")  # fmt: skip
        return replace(opened, table=cast("FileEngine", opened.engine).reread(table))

    try:
        found = propose(opened, reread if is_text else None, zone=zone, today=today)
    except SourceError as error:
        # Whether it can be read at all is asked of every row.
        opened.ask(opened.table.aggregate(n=opened.table.count()))
        found = Proposals([Proposal(f"nothing was proposed: {error}")])
    kind = (
        "file"
        if origin.target is not None and origin.server.type == "local"
        else "table"
    )
    own: dict[str, list[dict[str, Any]]] = {}
    for fact, form in origin.facts.items():
        own[fact] = [{"property": "readiness.ofFile", "value": fact}]
        own[fact] += (
            [{"property": "readiness.writtenAs", "value": form}] if form else []
        )
    columns = dict(opened.table.schema().items())
    return _Drafted(name, location, kind, columns, found, own, origin)


def _check_names(opened: Source, location: str) -> None:
    """Refuse a table whose columns' names are values of theirs: its header is a row.

    Raises:
        SourceError: it is so of half of them.
    """
    source = opened.table
    asked = {name: {"n": (source[name].strip() == name).sum()}
             for name, kind in source.schema().items() if kind.is_string()}  # fmt: skip
    found = ask_each(source, asked, opened.ask) if asked else {}
    if sum(bool(row["n"]) for row in found.values()) * 2 >= len(source.columns):
        msg = f"{location} has no header: its first row is one of its rows"
        raise SourceError(msg)


def _server(origin: Origin) -> dict[str, Any]:
    """Return an origin as a contract declares it."""
    one = origin.server
    place = f"{DATA}/{place_of(origin, next(iter(origin.tables)))}"
    if one.type == "duckdb":
        return {"server": one.server, "type": "duckdb",
                "database": f"{DATA}/{(origin.target or Path()).name}",
                "schema": one.schema_name}  # fmt: skip
    if one.type == "local":
        return {"server": "files", "type": "local", "path": place, "format": one.format}
    said = {"server": one.server, "type": one.type, "host": one.host, "port": one.port,
            "database": one.database, "schema": one.schema_name}  # fmt: skip
    named = {
        "userVariable": one.user_variable,
        "passwordVariable": one.password_variable,
    }
    own = [{"property": f"readiness.{name}", "value": value}
           for name, value in named.items() if value]  # fmt: skip
    known = {key: value for key, value in said.items() if value is not None}
    return {**known, "customProperties": own} if own else known


# --- as text -------------------------------------------------------------------------

_HEADER = """\
The data model, drafted from data: tables, columns and types as they were found.
Nothing in it is agreed. What it may mean is proposed in place, each with its reason.
To take a proposal over, remove the "# " before its lines: one block, several, or all.
The lines with two signs stay comments. What is wrong, correct or delete.
Decide, with the people who own the data:

1. Which columns does the use case need? To their customProperties:
   {property: readiness.needed, value: true}
2. Which values were promised to occur? Under a column, enum; each value is counted.
3. What identifies a row: primaryKey: true on its columns. What joins to what: under a
   column, relationships: [{to: table.column}]
4. How far back must events reach? To the table's customProperties, beside eventTime:
   {property: readiness.historyNeeded, value: P2Y}. Days without rows on purpose:
   {property: readiness.calendar, value: {weekdays: [mon, tue], holidays: AT}}
5. How many values may be missing? Under a column, quality:
   [{metric: nullValues, mustBeLessOrEqualTo: 5, unit: percent}]
6. Which columns must never be shown? classification: restricted
7. What is to be predicted, and when does it become known? On that column readiness.label,
   labelKnown (a column), labelFill (0.95) and labelDelay (P30D).
8. Which rows were learned from, and which are live? On the table readiness.train and
   readiness.live, such as {column: NAME, from: 2025-01-01, to: 2025-12-31}
9. How old may the newest event be? slaProperties: [{property: latency, value: 2, unit: d}]
   Until when is the data supplied? readiness.expires (a day, or never). Where does a
   column come from? readiness.origin, or the standard's transformSourceObjects.

Then set the status to active and have the model signed off: what one team declares
alone carries a claim to level 2 and no further."""
_WIDTH = 88
_OWN = "customProperties"


def _as_contract(
    drafted: Sequence[_Drafted], title: str, servers: Sequence[dict[str, Any]],
    targets: Mapping[str, Path], notes: Sequence[str],
) -> Draft:  # fmt: skip
    """Return a contract with comments that say what to decide next."""
    head = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "data",
        "name": title,
        "version": "0.1.0",
        "status": "draft",
        "servers": _named(servers),
    }
    lines = [f"## {line}".rstrip() for line in _HEADER.splitlines()]
    if notes:
        lines.append("##")
        lines += [line for note in notes for line in _remark(f"{note}.", "")]
    lines += ["", *_yaml(head), "schema:"]
    for one in drafted:
        lines += _table_lines(one)
    return Draft("\n".join(lines) + "\n", targets)


def _named(servers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the servers, each with a name of its own."""
    often = Counter(str(one["server"]) for one in servers)
    seen = Counter[str]()
    for one in servers:
        name = str(one["server"])
        seen[name] += 1
        one["server"] = f"{name}-{seen[name]}" if often[name] > 1 else name
    return list(servers)


def _table_lines(one: _Drafted) -> Iterator[str]:
    head = {"name": one.name, "physicalName": one.location, "physicalType": one.kind}
    first, *others = _yaml(head, "    ")
    yield f"  - {first.strip()}"
    yield from others
    yield from _proposed(one.proposals.table, "    ")
    yield "    properties:"
    for name, kind in one.columns.items():
        column: dict[str, Any] = {"name": one.proposals.named.get(name, name)}
        if name in one.proposals.named:
            column["physicalName"] = name
        is_known = family(kind) not in {"json", "other"}
        if is_known and name not in one.proposals.retyped:
            column["logicalType"] = family(kind)
        column["physicalType"] = type_text(kind)
        own = one.own.get(name)
        if own:
            column["customProperties"] = own
        first, *others = _yaml(column, "        ")
        yield f"      - {first.strip()}"
        yield from others
        made = one.proposals.columns.get(name, [])
        yield from _proposed(made, "        ", has_own=bool(own))


def _proposed(
    proposals: Sequence[Proposal], indent: str, *, has_own: bool = False
) -> Iterator[str]:
    """Yield comments; proposals of the same key are one block, as it may stand once.

    Where an element has properties of its own, those that are proposed come first, and
    go on with their list.
    """
    if has_own:
        named = [one for one in proposals if _OWN in one.content]
        for one in named:
            yield from _remark(f"Proposed, because {one.because}", indent)
            listed = _yaml({_OWN: one.content[_OWN]})[1:]
            yield from (f"{indent}# {line}" for line in listed)
        more = [one._replace(content={k: v for k, v in one.content.items() if k != _OWN})
                for one in named]  # fmt: skip
        kept = [one for one in more if one.content]
        proposals = [*kept, *(one for one in proposals if one not in named)]
    blocks = list[tuple[list[str], dict[str, Any]]]()
    for one in proposals:
        same = next((b for b in blocks if one.content.keys() & b[1].keys()), None)
        if same is None:
            blocks.append(([one.because], dict(one.content)))
            continue
        same[0].append(one.because)
        for key, value in one.content.items():
            held = same[1].get(key)
            same[1][key] = [*held, *value] if isinstance(held, list) else value
    for because, content in blocks:
        for at, reason in enumerate(because):
            first = "Proposed, because" if not at else "And because"
            yield from _remark(f"{first if content else 'Seen:'} {reason}", indent)
        yield from (f"{indent}# {line}" for line in (_yaml(content) if content else ()))


def _remark(text: str, indent: str) -> Iterator[str]:
    width = max(_WIDTH - len(indent) - 3, 40)
    for line in textwrap.wrap(
        visible(text).replace("\n", " "), width, break_long_words=False
    ):
        yield f"{indent}## {line}"


def _yaml(content: Mapping[str, Any], indent: str = "") -> list[str]:
    """Return the lines of a mapping; each text is on one line."""
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 100_000
    stream = io.StringIO()
    yaml.dump(_as_yaml(content), stream)
    return [f"{indent}{line}" for line in stream.getvalue().splitlines()]


_PLAIN = re.compile(r"[A-Za-z_{][\w{}./ -]*")
_NOT_TEXT = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"}


def _as_yaml(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value that readers of every version of YAML take for what it is."""
    if isinstance(value, Mapping):
        return CommentedMap((key, _as_yaml(item)) for key, item in value.items())
    if isinstance(value, list):
        made = CommentedSeq(_as_yaml(item) for item in value)
        if not any(isinstance(item, dict) for item in value):
            made.fa.set_flow_style()
        return made
    if isinstance(value, str) and (
        not _PLAIN.fullmatch(value) or value.lower() in _NOT_TEXT or value[0] == "{"
        or value != value.strip()
    ):  # fmt: skip
        return Quoted(value)
    return value
