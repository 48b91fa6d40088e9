"""Text files as tables: the contract says what a column holds, the file what it has.

The first line has the names, and how it is parted says how all lines are. A column that
is declared as text stays as it is written; another one has the narrowest type that all
of its values have. Lines that do not fit are left out, counted, and told by number.
"""

import contextlib
import csv
import gzip
import itertools
import operator
import re
import statistics
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import duckdb

from readybook.measure.sources.copies.lines import (
    may_swallow,
    swallowed,
    taken_in,
    totals_in,
)
from readybook.measure.sources.copies.plain import TYPES, Plain, write_plain
from readybook.measure.sources.engine import Amiss, Copy, Part, Reading, escaped, partly
from readybook.measure.sources.places import Located
from readybook.model.contract import FEW_INVALID, Column
from readybook.model.errors import SourceError
from readybook.model.words import as_list, count
from readybook.text.yaml import NOT_UTF8, TO_UTF8

_DELIMITERS = ",;\t|"
_LONGEST = 1_000_000  #: characters of a first line
_MOST_LINES = 10  #: of a header
_FEW_FIELDS = 2  #: or lines, which show no table below a title
_SAMPLE = 2_000  #: rows that say which type to begin with
_MOST_NAMED = 5  #: lines that are named by number
_FORMS = re.compile("%.")


class Step(NamedTuple):
    """A type, the form of its texts, and what a text is cast from."""

    kind: str
    form: str  #: of all of a text without the blanks at its ends
    made: str = "$v"

    def cast(self, value: str) -> str:
        """Return a text as a value of the type; null where it is none."""
        return f"try_cast({self.made.replace('$v', value)} AS {self.kind})"

    def misfits(self, value: str) -> str:
        """Return whether a text is no value of the type."""
        fits = f"regexp_full_match({value}, {_text(self.form)})"
        return f"NOT ({fits}) OR ({value} NOT NULL AND {self.cast(value)} IS NULL)"


_DAY = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
#: Types from the narrowest, and the form of a text that may be a value of each. What is
#: written in another form, such as 31.12.2024, is text: nobody said which part is what.
_LADDER = (
    Step("BOOLEAN", "(?i)true|false"),
    Step("BIGINT", "[+-]?[0-9]+"),
    Step("DECIMAL(38,0)", "[+-]?[0-9]+"),
    Step("DOUBLE", "[^_xX]+"),
    Step("TIME", _CLOCK),
    Step("DATE", _DAY),
    Step("TIMESTAMP", f"{_DAY}([ T]{_CLOCK})?"),
    Step(
        "TIMESTAMPTZ", f"{_DAY}([ T]{_CLOCK}( ?[zZ]|[+-][0-9]{{2}}(:?[0-9]{{2}})?)?)?"
    ),
)
#: Where no type is declared, 007 is no number: it would lose its zeros.
_UNPADDED = {
    "BIGINT": "[+-]?(0|[1-9][0-9]*)",
    "DECIMAL(38,0)": "[+-]?(0|[1-9][0-9]*)",
    "DOUBLE": r"[+-]?(0?[^0-9+\-_xX][^_xX]*|[0-9]|[1-9][^_xX]*)",
}
#: What a column that is declared so may be written as, too: T, f, yes, no.
_TRUTH = Step("BOOLEAN", "[^01]+")
#: Numbers, and times as numbers, in the forms that a contract may declare.
_NUMBERS = {
    "1234,5": Step("DOUBLE", "[+-]?[0-9]*,?[0-9]+", "replace($v, ',', '.')"),
    "1.234,5": Step("DOUBLE", r"[+-]?[0-9]{1,3}(\.?[0-9]{3})*(,[0-9]+)?",
                    "replace(replace($v, '.', ''), ',', '.')"),
    "1 234,5": Step("DOUBLE", r"[+-]?[0-9]{1,3}([ \x{a0}\x{202f}]?[0-9]{3})*(,[0-9]+)?",
                    r"replace(regexp_replace($v, '[ \x{a0}\x{202f}]', '', 'g'), ',', '.')"),
    "1,234.5": Step("DOUBLE", r"[+-]?[0-9]{1,3}(,?[0-9]{3})*(\.[0-9]+)?",
                    "replace($v, ',', '')"),
    "1'234.5": Step("DOUBLE", r"[+-]?[0-9]{1,3}(['\x{2019}]?[0-9]{3})*(\.[0-9]+)?",
                    r"regexp_replace($v, '[''\x{2019}]', '', 'g')"),
    "epoch seconds": Step("TIMESTAMPTZ", "-?[0-9]{1,11}(\\.[0-9]+)?",
                          "to_timestamp(try_cast($v AS DOUBLE))"),
    "epoch milliseconds": Step("TIMESTAMPTZ", "-?[0-9]{1,14}",
                               "to_timestamp(try_cast($v AS DOUBLE) / 1000)"),
}  # fmt: skip
#: The types of the ladder by the names of evidence.
_KINDS = {
    "boolean": "BOOLEAN", "int64": "BIGINT", "decimal": "DECIMAL(38,0)",
    "float64": "DOUBLE", "time": "TIME", "date": "DATE", "timestamp": "TIMESTAMP",
    "tz": "TIMESTAMPTZ",
}  # fmt: skip
_BY_KIND = {step.kind: step for step in _LADDER}
#: Of these, what Arrow takes for a value has the form.
_AS_TEXT = Step("VARCHAR", "")
_STRICT = [_AS_TEXT, *(_BY_KIND[k] for k in ("BOOLEAN", "BIGINT", "DOUBLE", "DATE"))]
#: The types that keep what is declared, where a value in thousands is amiss.
_DECLARED = {
    "boolean": (_TRUTH,),
    "integer": (_BY_KIND["BIGINT"], _BY_KIND["DECIMAL(38,0)"]),
    "number": (_BY_KIND["DOUBLE"],),
    "time": (_BY_KIND["TIME"],),
    "date": (_BY_KIND["DATE"],),
    "timestamp": (_BY_KIND["TIMESTAMP"], _BY_KIND["TIMESTAMPTZ"]),
}
#: Declared types that are read as they are written.
_AS_WRITTEN = {"string", "array", "object"}
#: Texts are read twice and gone: to compress them would take longer than to write them,
#: and to look which of them repeat takes four times as long.
_PLAIN = ", COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1"
_ENCODING, _UNQUOTED = "INVALID ENCODING", "UNQUOTED VALUE"
#: A Parquet file is written in groups of rows that are held in memory: of wide tables in
#: smaller ones, or they would be spilled to disk meanwhile, which takes ten times as long.
_ROWS_AT_ONCE, _LEAST_AT_ONCE, _CELLS_AT_ONCE = 122_880, 2_048, 3_000_000
#: What the engine finds amiss in a line, in words.
_AMISS = {
    "TOO MANY COLUMNS": "more fields than the header's {fields}",
    "MISSING COLUMNS": "fewer fields than the header's {fields}",
    _UNQUOTED: "a quotation mark that is not closed or not doubled",
    "LINE SIZE OVER MAXIMUM": "more characters than can be read",
}


class Header(NamedTuple):
    """How a file's lines are parted, and the names in the first of them."""

    delimiter: str
    names: tuple[str, ...]
    note: str = ""  #: a clause on what had to be changed in it


class Texts(NamedTuple):
    """Parquet files of a table's texts as they are written, and what they lack."""

    raws: Sequence[Path]
    parts: Sequence[Part] = ()
    notes: Sequence[str] = ()  #: clauses; they quote no data
    left_out: int = 0  #: lines


def read_header(file: Path, declared: Collection[str], shown: str) -> Header:
    """Return the header of a file, of whose names some must be declared.

    Raises:
        SourceError: there is none, or the file is not UTF-8 text; no text is quoted,
            as a first line that is no header is a row.
    """
    with _opened(file) as stream:
        lines = filter(str.strip, iter(lambda: stream.readline(_LONGEST), ""))
        first = list(itertools.islice(lines, _MOST_LINES))
    if "\ufffd" in "".join(first[:1]):
        msg = f"{shown} cannot be read: it has {NOT_UTF8}, line 1: {TO_UTF8}"
        raise SourceError(msg)
    known = {name.lower() for name in declared}
    found = [_parted(first, delimiter) for delimiter in _DELIMITERS]
    best = max(found, key=lambda one: (len(known & _lower(one.names)), len(one.names)))
    if above := max((_above(first, delimiter) for delimiter in _DELIMITERS), default=0):
        msg = (
            f"{shown} has no header: its first line is no row of names, as those below "
            f"have {above} fields; take out what stands above the names, such as sep=;"
        )
        raise SourceError(msg)
    check_names(best.names, declared, f"{shown} has no header: its first line")
    return _trimmed(best, first[1:])


def _trimmed(header: Header, lines: Sequence[str]) -> Header:
    """Return a header without the delimiters at its end that no line below has."""
    fields = set[int]()
    with contextlib.suppress(csv.Error):
        fields = {len(row) for row in csv.reader(lines, delimiter=header.delimiter)}
    number = max(fields, default=0)
    if len(fields) == 1 and not "".join(header.names[number:]).strip():
        note = "the header ends in delimiters that its rows lack"
        names = header.names[:number]
        return (
            Header(header.delimiter, names, note) if names != header.names else header
        )
    return header


def _above(lines: Sequence[str], delimiter: str) -> int:
    """Return the fields of most lines where the first is a title above them, else 0.

    A title has at most half as many; `sep=;` is Excel's.
    """
    with contextlib.suppress(csv.Error):
        first, *rest = map(len, csv.reader(lines, delimiter=delimiter))
        usual = statistics.mode(rest or [first])
        is_usual = rest.count(usual) > max(len(rest) / 2, _FEW_FIELDS)
        is_title = is_usual and usual > max(2 * first - 1, _FEW_FIELDS)
        if is_title or lines[0].strip().lower() == f"sep={delimiter}":
            return usual
    return 0


def check_names(names: Iterable[str], declared: Collection[str], subject: str) -> None:
    """Raise SourceError, which begins with a subject, where no name is declared."""
    if declared and not _lower(declared) & _lower(names):
        columns = as_list(list(declared), _MOST_NAMED)
        msg = f"{subject} names none of the declared columns ({columns})"
        raise SourceError(msg)


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[TextIO]:
    opener: Any = gzip.open if file.suffix.lower() == ".gz" else open
    text = {"encoding": "utf-8-sig", "errors": "replace", "newline": None}
    with opener(file, "rt", **text) as stream:
        yield stream


def _parted(lines: Sequence[str], delimiter: str) -> Header:
    """Return the names of the first line, which quotes may carry over some more."""
    for some in (lines, lines[:1]):
        with contextlib.suppress(csv.Error):  # a quotation mark is not closed
            names = next(csv.reader(some, delimiter=delimiter, strict=True), [])
            return Header(delimiter, tuple(names))
    return Header(delimiter, tuple("".join(lines[:1]).strip("\r\n").split(delimiter)))


def _lower(names: Iterable[str]) -> set[str]:
    return {name.strip().lower() for name in names}


def pack_text(copy: Copy) -> Reading:
    """Write the rows of a table's text files into one Parquet file; tell what is odd.

    Raises as `_packed`.
    """
    reading, header = _packed(copy)
    con, _, located, target, _ = copy
    notes, files = list(reading.notes), located.files
    source = f"read_parquet({_text(escaped(target))})"
    rows = con.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]
    texts = lines = 0
    if may_swallow(files, rows + reading.left_out):
        texts, first, lines = swallowed(con, target, header.delimiter, header.names)
    if texts:
        more = f", the first of {texts:,} such texts" if texts > 1 else ""
        notes.append(
            f"left out: {count(lines, 'line')} that a quotation mark takes in, which "
            f"opens in row {first:,}{more}"
        )
    notes += totals_in(files, header.delimiter)
    return replace(reading, left_out=reading.left_out + lines, notes=tuple(notes))


def _packed(copy: Copy) -> tuple[Reading, Header]:
    """Write the rows of a table's text files into one Parquet file, each column typed.

    Null tokens of a column have no say in its type; in one of texts they stay. Nothing
    is written once it is over.

    Raises:
        SourceError: there is no header, or the text is none in UTF-8.
    """
    con, table, located, target, is_over = copy
    declared = {column.name: column for column in table.columns}
    grouped: dict[Header, list[Path]] = {}
    for file in located.files:
        header = read_header(file, declared, located.shown)
        grouped.setdefault(header, []).append(file)
    parts: list[Part] = []
    notes: list[str] = []
    left_out = 0
    for at, (given, files) in enumerate(grouped.items()):
        names, renamed = once(given.names)
        renamed += [given.note] if given.note else []
        header = Header(given.delimiter, names)
        if len(grouped) == 1:
            scan = _scan(header, files, located)
            columns = _columns(declared, [*names, *located.partitions])
            typed = _typed(con, columns, scan)
            empty = typed[1] if typed else ()
            none = {c.name: Amiss(0, ()) for c in empty if c.type in _DECLARED}
            # An empty line is a row of one column and of no more.
            if typed and names[1:] and not located.partitions and _are_worth_it(files):
                plain = _plain(columns, *typed)
                if plain and write_plain(
                    files, given.delimiter, plain, target, is_over
                ):
                    return Reading(notes=tuple(renamed), amiss=none), header
            how = _grouped(len(columns))
            if typed and _pack_at_once(con, scan, target, _casts(columns, *typed), how):
                left_out, why = _left_out(con, header, located)
                noted = tuple(dict.fromkeys([*renamed, *why]))
                return Reading(left_out, noted, amiss=none), header
        raw = target.with_suffix(f".{at}")
        rows, ends = _copy(con, header, files, located, raw)
        parts.append(Part(names, len(files), rows))
        lines, why = _left_out(con, header, located)
        left_out, notes = left_out + lines, [*notes, *renamed, *ends, *why]
    raws = [target.with_suffix(f".{at}") for at in range(len(grouped))]
    return pack_texts(copy, Texts(raws, parts, notes, left_out)), header


def _are_worth_it(files: Sequence[Path]) -> bool:
    """Return whether files are few or large: to begin one takes Arrow milliseconds."""
    few, size = 50, 200_000
    return len(files) <= few or sum(f.stat().st_size for f in files) > size * len(files)


def _typed(
    con: duckdb.DuckDBPyConnection, columns: Sequence[Column], scan: str
) -> tuple[dict[Column, Step], set[Column]] | None:
    """Return the types of columns as the first rows say, and those without a value.

    None where they do not: a value of theirs is not of the declared type.
    """
    with contextlib.suppress(duckdb.InvalidInputException):
        steps, empty = _types(con, columns, _first(con, scan))
        known = steps.keys() | empty
        if all(one.type not in _DECLARED or one in known for one in columns):
            return steps, empty
    return None


def _plain(
    columns: Iterable[Column], steps: Mapping[Column, Step], empty: Collection[Column]
) -> dict[str, Plain] | None:
    """Return columns as Arrow's reader takes them; None where it does not know a form."""
    found = {}
    for one in columns:
        step, tokens = steps.get(one, _AS_TEXT), frozenset(one.null_tokens)
        is_known = step.kind in TYPES and step.made == "$v" and step != _TRUTH
        if not is_known or tokens != {*map(str.strip, tokens)}:
            return None
        form = "" if step in _STRICT else step.form
        found[one.name] = Plain(step.kind, form, tokens, one in empty)
    return found


def _pack_at_once(
    con: duckdb.DuckDBPyConnection, scan: str, target: Path, selected: str, how: str
) -> bool:
    """Write typed rows in one pass; return whether all of them fit.

    Otherwise only all texts tell what that comes to.
    """
    try:
        _write(con, scan, target, selected, how)
    except duckdb.InvalidInputException:
        return False
    return True


def pack_texts(copy: Copy, texts: Texts) -> Reading:
    """Write a table's texts into one Parquet file, each column typed; theirs go."""
    con, table, _, target, _ = copy
    declared = {column.name: column for column in table.columns}
    raws = texts.raws
    source = f"read_parquet({_texts(raws)}, union_by_name = true)"
    held = [row[0] for row in con.execute(f"DESCRIBE FROM {source}").fetchall()]
    columns = _columns(declared, held)
    steps, _ = _types(con, columns, _first(con, source), source)
    amiss = {}
    for one in columns:
        if one not in steps and one.type in _DECLARED:
            step, present, amiss[one.name] = _nearest(con, source, one)
            most = (one.invalid or FEW_INVALID).most(present)
            if 0 < amiss[one.name].values <= most < present:
                steps[one] = step
    _write(con, source, target, _casts(columns, steps), _grouped(len(columns)))
    for raw in raws:
        raw.unlink()
    notes = tuple(dict.fromkeys(texts.notes))
    return Reading(texts.left_out, notes, partly(texts.parts), amiss)


def retyped(columns: Iterable[Column], held: Collection[str], source: str) -> str:
    """Return rows of which some columns are read as declared, in SQL; a misfit is null.

    Args:
        columns: with a type, and their form.
        held: the columns of the source.
        source: the rows, in SQL.
    """
    known = [one for one in columns if one.name in held]
    texts = ", ".join(
        f"CAST({_name(one.name)} AS VARCHAR) AS {_name(one.name)}" for one in known
    )
    steps = {one: _written(one.written_as) if one.written_as
             else _DECLARED[one.type or ""][0] for one in known}  # fmt: skip
    inner = f"SELECT * REPLACE ({texts}) FROM {source}"
    return f"SELECT * REPLACE ({_casts(known, steps)}) FROM ({inner})"


def _columns(declared: Mapping[str, Column], names: Iterable[str]) -> list[Column]:
    return [declared.get(name) or Column(name=name) for name in names]


def once(names: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Return the names of a header, each once as the engine tells them apart."""
    found: list[str] = []
    notes = []
    for at, given in enumerate(names, 1):
        name = given.strip()
        if name != given:
            notes.append(f"the header has blanks around {name}")
        new, number = name or f"column{at}", 1
        while new.lower() in {one.lower() for one in found}:
            new, number = f"{name}_{number}", number + 1
        if not name:
            notes.append(f"column {at} has no name in the header")
        elif new != name:
            notes.append(f"the header has {name} a second time, which is read as {new}")
        found.append(new)
    return tuple(found), notes


def _copy(
    con: duckdb.DuckDBPyConnection,
    header: Header,
    files: Sequence[Path],
    located: Located,
    target: Path,
) -> tuple[int, list[str]]:
    """Copy texts as they are written; return the rows, and what had to be changed."""
    how = f"{_PLAIN}{_grouped(len(header.names))}"
    try:
        return _write(con, _scan(header, files, located), target, how=how), []
    except duckdb.InvalidInputException as error:
        if "state machine" not in str(error):
            raise
    # Lines that end in more than one way; the engine reads one way in each file.
    with tempfile.TemporaryDirectory(dir=target.parent) as beside:
        alike = []
        for at, file in enumerate(files):
            partitions = (part for part in file.parts[:-1] if "=" in part)
            copy = Path(beside, str(at), *partitions, file.name.removesuffix(".gz"))
            copy.parent.mkdir(parents=True)
            with _opened(file) as stream, copy.open("w", encoding="utf-8") as written:
                written.writelines(stream)
            alike.append(copy)
        rows = _write(con, _scan(header, alike, located), target, how=how)
    return rows, ["its lines end in more than one way"]


def _scan(header: Header, files: Sequence[Path], located: Located) -> str:
    """Return the lines of files as texts, in SQL."""
    columns = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in header.names)
    options = {
        "auto_detect": "false",
        "header": "true",
        "delim": _text(header.delimiter),
        "quote": "'\"'",
        "escape": "'\"'",
        "columns": f"{{{columns}}}",
        "nullstr": "['']",
        "hive_partitioning": str(bool(located.partitions)).lower(),
        "hive_types_autocast": "false",  # as written, like every other column
        "store_rejects": "true",
        "rejects_limit": "0",
    }
    said = ", ".join(f"{key} = {value}" for key, value in options.items())
    found = f"read_csv({_texts(map(escaped, files))}, {said})"
    # The engine takes every "name=value" on a file's whole path for a column, also
    # those of folders above the data's.
    wanted = ", ".join(map(_name, (*header.names, *located.partitions)))
    return f"(SELECT {wanted} FROM {found})"


def _grouped(columns: int) -> str:
    """Return the option that so many columns are written with."""
    rows = min(_ROWS_AT_ONCE, max(_CELLS_AT_ONCE // max(columns, 1), _LEAST_AT_ONCE))
    return f", ROW_GROUP_SIZE {rows}"


def _write(
    con: duckdb.DuckDBPyConnection,
    source: str,
    target: Path,
    selected: str = "*",
    how: str = "",
) -> int:
    """Write rows into a Parquet file; return how many, and keep what was rejected."""
    con.execute("DROP TABLE IF EXISTS reject_errors")
    con.execute("DROP TABLE IF EXISTS reject_scans")
    query = f"COPY (SELECT {selected} FROM {source}) TO {_text(target)}"
    return int(con.execute(f"{query} (FORMAT parquet{how})").fetchall()[0][0])


def _left_out(
    con: duckdb.DuckDBPyConnection, header: Header, located: Located
) -> tuple[int, list[str]]:
    """Return how many lines were left out, and which and why, in words."""
    lines = (
        "SELECT file_path, line, min(error_type) AS kind, "
        "min(line_byte_position) - 1 AS start FROM reject_errors "
        "JOIN reject_scans USING (scan_id, file_id) GROUP BY file_path, line"
    )
    # Of each kind the first few, and how many there are: a file may hold nothing else.
    found = con.execute(
        "SELECT kind, file_path, line, start, count(*) OVER (PARTITION BY kind) "
        f"FROM ({lines}) "
        "QUALIFY row_number() OVER (PARTITION BY kind ORDER BY file_path, line) "
        f"<= {_MOST_NAMED} ORDER BY ALL"
    ).fetchall()
    notes, left_out = [], 0
    for kind, group in itertools.groupby(found, key=operator.itemgetter(0)):
        rows = list(group)
        places = [
            f"{line:,} of {Path(path).name}" if located.files[1:] else f"{line:,}"
            for _, path, line, *_ in rows
        ]
        if kind == _ENCODING:
            why = f"it has {NOT_UTF8}, line {places[0]}: {TO_UTF8}"
            msg = f"{located.shown} cannot be read: {why}"
            raise SourceError(msg)
        number = rows[0][-1]
        more = f" and {number - len(rows):,} more" if number > len(rows) else ""
        noun, verb = ("line", "has") if number == 1 else ("lines", "have")
        words = _AMISS.get(kind, "what cannot be read").format(fields=len(header.names))
        within = 0
        if kind == _UNQUOTED:
            within = sum(taken_in(Path(path), start, header.delimiter)
                         for _, path, _, start, _ in rows)  # fmt: skip
            words += f" and takes in {count(within, 'line')} more" if within else ""
        notes.append(f"left out: {noun} {as_list(places)}{more}, which {verb} {words}")
        left_out += number + within
    return left_out, notes


# --- types ---------------------------------------------------------------------------


def _first(con: duckdb.DuckDBPyConnection, source: str) -> str:
    """Return the few rows that say where to begin, read once."""
    few = f"FROM {source} LIMIT {_SAMPLE}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE first_rows AS {few}")
    return "first_rows"


def _types(
    con: duckdb.DuckDBPyConnection, columns: Iterable[Column], *sources: str
) -> tuple[dict[Column, Step], set[Column]]:
    """Return the narrowest type that all values of a column have; none of texts.

    Each source begins where the one before came to; what the last has decides. Columns
    in which that has no value are told beside.
    """
    left = {one: _steps(one) for one in columns if one.type not in _AS_WRITTEN}
    empty: set[Column] = set()
    for rows in sources:
        waiting, empty = list(left), set()
        while waiting:
            asked = ", ".join(
                f"count({_value(one)}), count_if({left[one][0].misfits(_value(one))})"
                for one in waiting
            )
            counts = iter(con.execute(f"SELECT {asked} FROM {rows}").fetchall()[0])
            tried, waiting = waiting, []
            for one, present, misfits in zip(tried, counts, counts, strict=True):
                empty |= set() if present else {one}
                if misfits and len(left[one]) > 1:
                    left[one] = left[one][1:]
                    waiting.append(one)
                elif misfits:
                    del left[one]
    return {one: steps[0] for one, steps in left.items() if one not in empty}, empty


def _casts(
    columns: Iterable[Column],
    steps: Mapping[Column, Step],
    empty: Collection[Column] | None = None,
) -> str:
    """Return columns as values of their types, in SQL.

    Where it is known which have no value, it fails at one, and at one of another type.
    """
    made = []
    for one in columns:
        value, name, step = _value(one), _name(one.name), steps.get(one)
        cast = name if step is None else step.cast(value)
        misfits = step.misfits(value) if step else f"{value} NOT NULL"
        if empty is not None and (step or one in empty):
            cast = f"CASE WHEN {misfits} THEN error('misfit') ELSE {cast} END"
        made.append(f"{cast} AS {name}")
    return ", ".join(made)


def _steps(column: Column) -> list[Step]:
    """Return the types to try, from what is declared and the narrowest on."""
    written = [] if column.written_as is None else [_written(column.written_as)]
    ladder = list(_LADDER)
    if column.type is None:
        ladder = [s._replace(form=_UNPADDED.get(s.kind, s.form)) for s in _LADDER]
    return written + [_TRUTH] * (column.type == "boolean") + ladder


def _written(form: str) -> Step:
    if form in _NUMBERS:
        return _NUMBERS[form]
    kind = "TIMESTAMP" if {"%H", "%I"} & set(_FORMS.findall(form)) else "DATE"
    if "%z" in form:
        kind = "TIMESTAMPTZ"
    elif "%y" not in form.lower():
        kind = "TIME"
    return Step(kind, ".*", f"try_strptime($v, {_text(form)})")


def _nearest(
    con: duckdb.DuckDBPyConnection, source: str, column: Column
) -> tuple[Step, int, Amiss]:
    """Return the declared type that most values have, all values, and those amiss."""
    steps = [_written(column.written_as)] if column.written_as else []
    steps += _DECLARED[column.type or ""]
    asked = ", ".join(
        f"count_if({step.misfits('v')}), "
        f"min(n, {_MOST_NAMED}) FILTER (WHERE {step.misfits('v')})"
        for step in steps
    )
    values = f"SELECT {_value(column)} AS v, row_number() OVER () AS n FROM {source}"
    row = con.execute(f"SELECT count(v), {asked} FROM ({values})").fetchall()[0]
    present, counted = row[0], zip(steps, row[1::2], row[2::2], strict=True)
    step, number, first = min(counted, key=lambda one: int(one[1] or 0))
    rows = () if column.restricted else tuple(first or ())
    return step, present, Amiss(number or 0, rows)


# --- SQL -----------------------------------------------------------------------------


def as_typed(column: Column, kind: str) -> str:
    """Return a column as values of the type that its texts were found to have, in SQL.

    The type is named as evidence names it: `timestamp('UTC', 6)`.
    """
    name = _name(column.name)
    known = "tz" if "'" in kind else kind.partition("(")[0]
    step = next((one for one in _steps(column) if one.kind == _KINDS.get(known)), None)
    if step is None:
        return name
    # What is a number in JSON or a sheet is a text as in a file of lines.
    value = _value(column).replace(name, f"CAST({name} AS VARCHAR)", 1)
    return f"{step.cast(value)} AS {name}"


def _value(column: Column) -> str:
    """Return a column of texts in which its null tokens are nulls."""
    value = f"trim({_name(column.name)})"
    for token in sorted(column.null_tokens):
        value = f"nullif({value}, {_text(token.strip())})"
    return value


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _texts(values: Iterable[object]) -> str:
    return f"[{', '.join(map(_text, values))}]"
