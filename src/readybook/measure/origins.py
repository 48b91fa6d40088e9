"""What a person names to draft from: files, folders, databases and servers.

Each is found as measuring finds it, and declared as a contract would: a draft holds what
measuring then reads.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

from pyarrow.parquet import ParquetFile

from readybook.contract.form import strptime_of
from readybook.measure.sources.copies.cells import excel_sheets, sqlite_tables
from readybook.measure.sources.copies.delimited import read_header
from readybook.measure.sources.copies.manifest import facts_of
from readybook.measure.sources.credentials import wanted_permissions
from readybook.measure.sources.engine import library
from readybook.measure.sources.engines import Engines, Source, open_engines
from readybook.measure.sources.places import (
    Format,
    Located,
    format_of,
    is_data,
    locate_on,
)
from readybook.measure.sources.spill import spill_folder
from readybook.model.contract import NO_DATA_MODEL, Column, OfFile, Server, Table
from readybook.model.errors import SourceError

#: Where a contract expects what lies outside of the assessment's folder.
DATA = "data"
MOST_TABLES = 100  #: of one source; of more, those are named that are needed
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_SERVERS = {"postgres", "postgresql", "mysql"}
_PACKED: tuple[Format, ...] = ("csv", "json", "parquet")  #: formats in archives
_HEAD = 2**20  #: bytes of a packed file that hold its header
_ALIKE = 0.5  #: share of all columns that files of one table have in common


@dataclass(frozen=True)
class Origin:
    """One source that was named, or the part of it that one server of a contract is."""

    server: Server  #: as it is read: a path starts at `home`
    home: Path
    #: by the source's names: columns, of a sheet whose header was read
    tables: dict[str, tuple[str, ...]]
    target: Path | None = None  #: file or folder on this machine; None: a server
    left_out: tuple[str, ...] = ()  #: tables, with the reason
    #: Of files that are rows: what each row holds of its file, and the form of a date.
    facts: Mapping[OfFile, str] = field(default_factory=dict)

    def open(self, engines: Engines, name: str) -> Source:
        """Return a table of which nothing is declared.

        Raises:
            SourceError: it cannot be read.
        """
        columns = tuple(Column(name=one) for one in self.tables[name]) + tuple(
            Column(name=one, of_file=one, type="date", written_as=strptime_of(form))
            if form
            else Column(name=one, of_file=one)
            for one, form in self.facts.items()
        )
        table = Table(name=name, location=name, columns=columns, declared="draft")
        place = locate_on(self.server, table, NO_DATA_MODEL, self.home)
        return engines.open(table, place)

    @property
    def allowed(self) -> frozenset[str]:
        """Return the permissions that whoever named the server gave with it."""
        return frozenset(wanted_permissions(self.server))


def find_origins(word: str, only: Collection[str] = ()) -> list[Origin]:
    """Return what a word on the command line names: a path, or a server's address.

    Args:
        word: to name.
        only: the tables that are meant, of sources that have several; none: all.

    Raises:
        SourceError: it is none that can be drafted from, and why.
    """
    found = _on_server(word) if "://" in word else _at_path(Path(word))
    chosen = []
    for one in found:
        several = len(one.tables) > 1 or not one.target
        wanted = {n: c for n, c in one.tables.items() if n in only} if only else {}
        tables = wanted if wanted or (only and several) else one.tables
        if tables:
            chosen.append(replace(one, tables=tables))
    number = sum(len(one.tables) for one in chosen)
    if number > MOST_TABLES:
        msg = f"{number:,} tables; name those that the use case needs: --tables NAME"
        raise SourceError(msg)
    if not chosen:
        msg = "none of the tables that --tables names" if only else "no table in it"
        raise SourceError(msg)
    return chosen


# --- files and folders ---------------------------------------------------------------


def _at_path(path: Path) -> list[Origin]:
    if path.is_dir():
        return _in_folder(path.resolve())
    if not path.is_file():
        msg = f"no file {path.name}"
        raise SourceError(msg)
    file = path.resolve()
    with file.open("rb") as stream:
        head = stream.read(16)
    if head[8:12] == b"DUCK":
        server = Server(server=_stem(file)[0], type="duckdb", database=file.name)
        return _by_schema(server, file.parent, file)
    if file.suffix.lower() == ".zip":
        return _in_archive(file)
    form = "sqlite" if head.startswith(b"SQLite format 3") else _form_of(file)
    if form is None:
        msg = f"{file.name}, whose ending is of another format"
        raise SourceError(msg)
    server = Server(server="files", type="local", path=file.name, format=form)
    if form == "excel":
        return _in_workbook(server, file)
    if form == "sqlite":
        located = _located(server, file)
        with spill_folder() as scratch:
            names = sqlite_tables(located, scratch)
        return [Origin(server, file.parent, dict.fromkeys(names, ()), file)]
    if form == "csv" and head:
        check_is_header(read_header(file, (), file.name).names, file.name)
    return [Origin(server, file.parent, {_stem(file)[0]: ()}, file)]


def _form_of(file: Path) -> Format | None:
    is_text = file.suffix.lower() in {".txt", ".dat"}
    return format_of(file) or ("csv" if is_text else None)


def _in_archive(file: Path) -> list[Origin]:
    """Return a zip archive as the table that its files are, as they are measured."""
    what = f"{file.name} cannot be read: it is not a zip file without password"
    with library(f"{what}, or it is damaged"), ZipFile(file) as archive:
        within = [one.filename for one in archive.infolist() if is_data(one.filename)]
        forms = {form for one in within if (form := format_of(Path(one)))}
        if not forms and len(within) == 1:
            forms = {form for one in within if (form := _form_of(Path(one)))}
        declared = format_of(file) or (forms.pop() if len(forms) == 1 else None)
        if declared not in _PACKED:
            msg = f"{file.name}, an archive of not one of {', '.join(_PACKED)}"
            raise SourceError(msg)
        right = [one for one in within if declared == format_of(Path(one))]
        texts = (right or within[:1]) if declared == "csv" else []
        first: tuple[str, ...] = ()
        for one in texts:
            with spill_folder() as scratch, archive.open(one) as packed:
                head = scratch / "head.csv"
                head.write_bytes(packed.read(_HEAD))
                names = read_header(head, (), file.name).names
            check_is_header(names, file.name)
            first = first or names
            if not _is_alike(first, names):
                msg = f"{file.name}, an archive of several tables"
                raise SourceError(msg)
    server = Server(server="files", type="local", path=file.name, format=declared)
    return [Origin(server, file.parent, {_stem(file)[0]: ()}, file)]


def _located(server: Server, path: Path) -> Located:
    table = Table(name="any", location="any", columns=(), declared="draft")
    return locate_on(server, table, NO_DATA_MODEL, path.parent)


def _stem(path: Path) -> tuple[str, str]:
    """Return a file name's stem and all of its suffix: `a.b`, `.csv.gz`."""
    pattern = r"(.+?)(\.[^.]+(?:\.(?:gz|zip))?)"
    match = re.fullmatch(pattern, path.name, flags=re.IGNORECASE)
    return (match[1], match[2]) if match else (path.name, "")


def place_of(origin: Origin, name: str) -> str:
    """Return the path of an origin as a contract has it, below the folder of data.

    `{model}` stands for a table that has a file, or a folder, of its own.
    """
    target = origin.target or Path(name)
    stem, suffix = (target.name, "") if target.is_dir() else _stem(target)
    is_own = len(origin.tables) == 1 and stem == name
    return "{model}" + suffix if is_own else target.name


def _in_workbook(server: Server, file: Path) -> list[Origin]:
    sheets = excel_sheets(_located(server, file))
    tables, left_out = dict[str, tuple[str, ...]](), list[str]()
    for title, header in sheets.items():
        try:
            check_is_header(header, f"the sheet {title}")
        except SourceError as error:
            left_out.append(str(error))
            continue
        tables[title] = tuple(name.strip() for name in header if name.strip())
    if not tables:
        raise SourceError(left_out[0] if left_out else f"{file.name} has no sheet")
    if len(sheets) == 1:  # whose name is often the program's
        stem, suffix = _stem(file)
        server = server.model_copy(update={"path": f"{{model}}{suffix}"})
        tables = {stem: next(iter(tables.values()))}
    return [Origin(server, file.parent, tables, file, tuple(left_out))]


def _in_folder(folder: Path) -> list[Origin]:
    """Return a folder as the table that it is, or each of its files as one."""
    server = Server(server="files", type="local", path=folder.name)
    marks = {"delta": "_delta_log", "iceberg": "metadata/*.metadata.json"}
    for form, mark in marks.items():
        if next(folder.glob(mark), None) is not None:
            server = server.model_copy(update={"format": form})
            return [Origin(server, folder.parent, {folder.name: ()}, folder)]
    files = sorted(
        file for file in folder.rglob("*")
        if file.is_file() and is_data(file.relative_to(folder).as_posix())
        and format_of(file)
    )  # fmt: skip
    forms = {format_of(file) for file in files}
    if not files and (facts := facts_of(_names_in(folder))):
        server = server.model_copy(update={"format": "files"})
        return [Origin(server, folder.parent, {folder.name: ()}, folder, facts=facts)]
    if not files:
        msg = f"the folder {folder.name} has no file that can be read"
        raise SourceError(msg)
    names = [_columns_of(file) for file in files]
    if len(forms) == 1 and forms <= {"csv", "json", "parquet"} and (
        any("=" in part for file in files for part in file.relative_to(folder).parts)
        or all(_is_alike(names[0], other) for other in names)
    ):  # fmt: skip
        if forms == {"csv"}:
            check_is_header(names[0], folder.name)
        server = server.model_copy(update={"format": forms.pop()})
        return [Origin(server, folder.parent, {folder.name: ()}, folder)]
    pairs = combinations([one for one in names if one], 2)
    if any(_is_alike(one, other) for one, other in pairs):
        msg = (
            f"the folder {folder.name} has files of several tables, and of one of them "
            "more than one: name its files, or a folder for each table"
        )
        raise SourceError(msg)
    return [origin for file in files for origin in _at_path(file)]


def _names_in(folder: Path) -> list[str]:
    """Return the names of a folder's files as they will be told, which are rows."""
    every = (file.relative_to(folder).as_posix() for file in folder.rglob("*")
             if file.is_file())  # fmt: skip
    return [name for name in every if not any(p[:1] == "." for p in name.split("/"))]


def _columns_of(file: Path) -> tuple[str, ...]:
    """Return the names of the columns of a file, as far as they are told at its head."""
    form = format_of(file)
    if form == "csv" and not file.name.lower().endswith(".zip"):
        return read_header(file, (), file.name).names
    if form == "parquet":
        what = f"{file.name} cannot be read: it is not a Parquet file"
        with library(what), ParquetFile(file) as one:
            return tuple(one.schema_arrow.names)
    return ()


def _is_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    first, second = ({name.strip().lower() for name in some} for some in (one, other))
    return len(first & second) >= _ALIKE * len(first | second)


#: Texts that are values: a number that is no year, a date, a time, an address.
_VALUE = re.compile(
    r"[+-]?(?!(?:19|20)[0-9]{2}$)[0-9][0-9.,]*|[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}.*"
    r"|[0-9]{1,2}:[0-9]{2}.*|\S+@\S+\.\S+|(?i:true|false|null|na|nan)"
)


def check_is_header(names: Sequence[str], subject: str) -> None:
    """Raise SourceError where a first row holds values: no cell becomes a name."""
    told = [name.strip() for name in names if name.strip()]
    values = sum(bool(_VALUE.fullmatch(name)) for name in told)
    if not told or 2 * values > len(told):
        what = "is empty" if not told else "holds values and no names"
        msg = f"{subject} has no header: its first row {what}"
        raise SourceError(msg)


# --- servers -------------------------------------------------------------------------


def _on_server(word: str) -> list[Origin]:
    """Return the tables of a server: postgres://USER:PASSWORD@host:port/database.

    User and password are the names of environment variables, never what these hold.
    """
    try:
        url = urlsplit(word)
        host, port = url.hostname, url.port
    except ValueError:
        msg = "an address that is none"
        raise SourceError(msg) from None
    if url.scheme not in _SERVERS:
        known = ", ".join(f"{one}://" for one in sorted(_SERVERS))
        msg = f"an address that begins with none of {known}"
        raise SourceError(msg)
    named = [one for one in (url.username, url.password) if one]
    if not all(_VARIABLE.fullmatch(one) for one in named):
        # Not repeated: it may be the value.
        msg = (
            "a user or password in an address; write the names of environment variables "
            f"instead, {url.scheme}://SHOP_USER:SHOP_PASSWORD@host/database"
        )
        raise SourceError(msg)
    database = url.path.strip("/")
    schema = parse_qs(url.query).get("schema", [""])[0] or None
    server = Server(
        server=re.sub(r"\W+", "-", database, flags=re.ASCII) or "server",
        type=url.scheme, host=host, port=port, database=database or None,
        schema_name=schema, user_variable=url.username or None,
        password_variable=url.password or None,
    )  # fmt: skip
    if server.type == "mysql":
        server = server.model_copy(update={"schema_name": None})
        schema = server.database
    return _by_schema(server, Path(), None, schema or "public")


_OWN = {"information_schema", "pg_catalog", "mysql", "sys", "performance_schema"}


def _by_schema(
    server: Server, home: Path, target: Path | None, schema: str | None = None
) -> list[Origin]:
    """Return an origin for each schema, by the list that every such server keeps."""
    is_mysql = server.type == "mysql"
    own = {"database" if is_mysql else "schema_name": "information_schema"}
    lists = server.model_copy(update=own)
    origin = Origin(lists, home, {"tables": ()})
    with open_engines(allowed=origin.allowed) as engines:
        source = origin.open(engines, "tables")
        rows = source.table.rename(str.lower)
        rows = rows.select("table_schema", "table_name")
        if schema:
            rows = rows.filter(rows["table_schema"] == schema)
        found = source.ask(rows.distinct().order_by("table_schema", "table_name"))
    names: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in found:
        if row["table_schema"] not in _OWN:
            names.setdefault(row["table_schema"], {})[row["table_name"]] = ()
    return [
        Origin(server if is_mysql else server.model_copy(update={"schema_name": name}),
               home, tables, target)
        for name, tables in names.items()
    ]  # fmt: skip
