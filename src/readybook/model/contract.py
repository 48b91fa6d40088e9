"""The declared data model: frozen models, filled from an ODCS v3 contract.

What the standard has and the tool does not use is left alone; what the tool needs and
the standard lacks stands in `customProperties` under names that begin with
`readiness.`.
"""

import datetime as dt
import importlib
import math
from collections.abc import Collection, Container, Iterable
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from readybook.model.bank import Frozen, Text

_TIMES = {"date", "timestamp", "time"}


#: Of what is permitted or supplied; None where it is not said is another thing.
LastDay = dt.date | Literal["never"]


def lasts(end: LastDay | None, target: dt.date | None, as_of: dt.date) -> bool | None:
    """Return whether what may end lasts until it is needed; None: that is not known.

    Silence gains nothing: whoever says no last day, or no target date to hold one
    against, is told no better than whoever says an early one. What has ended has ended.
    """
    if not isinstance(end, dt.date):
        return None if end is None else True
    if end < as_of:
        return False
    return None if target is None else end >= target


class Category(Frozen):
    """One declared value of a column and how many rows it was promised to have."""

    value: Text
    label: Text | None = None
    min_rows: Annotated[int, Field(ge=0)] = 1  #: rows; 0: may stay empty


class Tolerance(Frozen):
    """How many rows may lack a value, or have one that is not as declared."""

    limit: Annotated[float, Field(ge=0)]
    unit: Literal["share", "rows"] = "share"  #: share of rows, 0 to 1
    allows_limit: bool = True  #: False: fewer than the limit

    def most(self, rows: int) -> int:
        """Return how many of some rows may be so."""
        # Rounded, as 0.29 of 100 is computed as less than 29.
        limit = round(self.limit * (rows if self.unit == "share" else 1), 6)
        return math.floor(limit) if self.allows_limit else math.ceil(limit) - 1


#: Of values outside of their range or categories, where nobody said: so few of a year's
#: rows that their use would not notice.
FEW_INVALID = Tolerance(limit=0.0001)


#: What a column may hold of the file that its row is.
OfFile = Literal[
    "path", "folder", "date", "state", "kind", "bytes", "content", "width", "height",
    "seconds",
]  # fmt: skip
#: Those of them that are only known once something looked into the file.
OF_INSIDE: frozenset[OfFile | None] = frozenset(
    ("state", "kind", "width", "height", "seconds")
)


class Column(Frozen):
    """One declared column."""

    name: Text  #: as the source has it (physicalName, else name)
    type: Text | None = None  #: ODCS logicalType
    required: bool = False  #: not null
    needed: bool = False  #: this use case needs it (readiness.needed)
    restricted: bool = False  #: values are never shown, counts only
    categories: tuple[Category, ...] = ()
    #: In text files, if not as usual (writtenAs, format).
    written_as: Text | None = None
    unread_form: Text | None = None  #: such a form, as declared, that nothing reads
    null_tokens: tuple[str, ...] = ()  #: texts that mean null, declared, never guessed
    nulls: Tolerance | None = None  #: by `required`, else by quality nullValues
    invalid: Tolerance | None = None  #: quality invalidValues; None: FEW_INVALID
    minimum: float | None = None  #: logicalTypeOptions, the limit included
    maximum: float | None = None
    above: float | None = None  #: exclusiveMinimum
    below: float | None = None  #: exclusiveMaximum
    is_label: bool = False  #: what is to be predicted (readiness.label)
    label_known: Text | None = None  #: column: when it became known (labelKnown)
    label_fill: Annotated[float, Field(ge=0, le=1)] | None = None  #: share of rows
    label_delay: Text | None = None  #: longest delay tolerated, ISO 8601 (labelDelay)
    origin: Text | None = None  #: where it is first recorded (readiness.origin)
    of_file: OfFile | None = None  #: where rows are files (readiness.ofFile)
    made_from: tuple[Text, ...] = ()  #: transformSourceObjects
    made_by: Text | None = None  #: transformLogic, else transformDescription
    definitions: tuple[Text, ...] = ()  #: authoritativeDefinitions, their URLs

    @property
    def is_traced(self) -> bool:
        """Return whether the contract says where the column comes from."""
        return bool(self.origin or self.made_from or self.definitions)


class Relationship(Frozen):
    """A declared join: rows of `columns` that must find a row in `to_table`."""

    table: Text
    columns: tuple[Text, ...]
    to_table: Text
    to_columns: tuple[Text, ...]
    orphans_tolerated: Annotated[float, Field(ge=0, le=1)] = 0.0  #: share of non-null

    @property
    def subject(self) -> str:
        """Return the name that findings about this join carry."""
        left = f"{self.table}.{'+'.join(self.columns)}"
        return f"{left} -> {self.to_table}.{'+'.join(self.to_columns)}"


class Condition(Frozen):
    """Rows whose column lies in a range, both ends included, or has one of values.

    Dates are ISO 8601 text; a time belongs to its day in the declared zone.
    """

    column: Text
    at_least: int | float | str | None = None  #: `from`
    at_most: int | float | str | None = None  #: `to`
    equals: tuple[bool | int | float | str, ...] = ()  #: alternatives


class Selection(Frozen):
    """Rows of a table that fulfil all conditions: what was, or will be, learned from."""

    table: Text | None = None  #: another table of the contract; None: the table itself
    conditions: tuple[Condition, ...] = ()  #: none: all rows


class Days(Frozen):
    """Days on end, both included."""

    model_config = ConfigDict(strict=False)

    first: dt.date = Field(alias="from")
    last: dt.date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            msg = "the last day is before the first"
            raise ValueError(msg)
        return self


class Sample(Days):
    """What a table was recorded of, and on which days: a stream, an interface."""

    of: Text


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


def _as_days(value: object) -> object:
    """Return one day as days on end."""
    return {"from": value, "to": value} if isinstance(value, str) else value


def holidays_of(code: str, years: Iterable[int]) -> Container[dt.date]:
    """Return the public holidays of a country, or of a part of it, in some years.

    Raises:
        ValueError: they are not known.
    """
    country, _dash, part = code.partition("-")
    # It takes half a second to load, and few calendars name a country.
    library = importlib.import_module("holidays")
    try:
        found: Container[dt.date] = library.country_holidays(
            country, subdiv=part or None, years=years
        )
    except NotImplementedError:
        msg = f"the holidays of {code} are not known"
        raise ValueError(msg) from None
    return found


def _known(code: str) -> str:
    holidays_of(code, ())
    return code


_Holidays = Annotated[
    str, Field(pattern=r"\A[A-Z]{2}(-[A-Z0-9]+)?\z"), AfterValidator(_known)
]


class Calendar(Frozen):
    """The days on which rows are expected: its weekdays, but for closed ones."""

    model_config = ConfigDict(strict=False)

    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS
    closed: tuple[Annotated[Days, BeforeValidator(_as_days)], ...] = ()
    #: Code of a country, or of a part of it, that keeps its public holidays: AT, US-NY.
    holidays: _Holidays | None = None


class Table(Frozen):
    """One declared table: where it lies, its columns, keys, joins and history."""

    name: Text
    location: Text  #: file name or table name inside the server (physicalName)
    columns: tuple[Column, ...]
    keys: tuple[tuple[Text, ...], ...] = ()  #: each a declared unique combination
    relationships: tuple[Relationship, ...] = ()
    event_time: Text | None = None  #: column (readiness.eventTime)
    time_zone: Text | None = None  #: in which days and months are counted
    grain: Text | None = None  #: ISO 8601 duration between periods, P1D
    calendar: Calendar | None = None  #: None: rows are expected every day
    gaps_tolerated: Annotated[int, Field(ge=0)] | None = None  #: periods of the grain
    min_rows: Annotated[int, Field(ge=0)] = 1  #: of each period in each segment
    history_needed: Text | None = None  #: ISO 8601 duration, P2Y
    segments: tuple[Text, ...] = ()  #: columns; gaps are counted in each combination
    train: Selection | None = None  #: readiness.train
    live: Selection | None = None  #: readiness.live
    latency: Text | None = None  #: ISO 8601; the newest event is no older (SLA)
    expires: LastDay | None = None  #: end of supply or licence (readiness.expires)
    origin: Text | None = None  #: where the rows are first recorded (readiness.origin)
    sample: Sample | None = None  #: None: all that there is (readiness.sample)
    rules_not_run: Annotated[int, Field(ge=0)] = 0  #: in SQL, or of engines
    declared: Text  #: fingerprint of this table's part of the contract

    def column(self, name: str) -> Column | None:
        """Return the declared column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def is_reference(self) -> bool:
        """Return whether it only says what others mean: nothing is learned from it.

        What is has a time, a label, or rows that are for training or live.
        """
        learned = (self.event_time, self.train, self.live)
        return not any(learned) and not any(one.is_label for one in self.columns)

    def is_compared(self, column: Column) -> bool:
        """Return whether training and live rows can be compared in a column.

        Times differ by themselves, also the one when the label became known; a column
        that the rows are chosen by differs by the choice; a key of one column differs
        in each row.
        """
        chosen = [one for one in (self.train, self.live) if one is not None]
        left_out = {self.event_time, *(one.label_known for one in self.columns)}
        left_out |= {test.column for one in chosen for test in one.conditions}
        left_out |= {key[0] for key in self.keys if len(key) == 1}
        return column.type not in _TIMES and column.name not in left_out


def split_name(name: str, tables: Iterable[str]) -> tuple[str, str]:
    """Return table and column of "table.column"; either may have dots in it.

    The table is the longest of the known ones that the name is or begins with, else
    what stands before the first dot; the column is "" for a table.
    """
    begun = [table for table in tables if f"{name}.".startswith(f"{table}.")]
    table = max(begun, key=len, default=name.partition(".")[0])
    return table, name[len(table) + 1 :]


class Server(Frozen):
    """Where the data lies, by the contract's `servers`."""

    server: Text
    type: Text  #: "local", "duckdb", "postgres", ... as the standard has them
    #: Inside the assessment's folder, or the location of object storage, s3://...;
    #: {model} is the table.
    path: Text | None = None
    format: Text | None = None  #: parquet, csv, ...
    host: Text | None = None  #: of object storage the standard's `endpointUrl`
    port: int | None = None
    database: Text | None = None  #: for duckdb a file inside the assessment's folder
    schema_name: Text | None = None  #: the standard's `schema`; for BigQuery `dataset`
    catalog: Text | None = None
    project: Text | None = None
    account: Text | None = None
    warehouse: Text | None = None
    user_variable: Text | None = None  #: name of an environment variable
    password_variable: Text | None = None  #: name of an environment variable

    def marked(self, *, but: Collection[str] = ()) -> dict[str, object]:
        """Return its keys as fingerprints have them: a later one where it says something.

        Those that the first version knew are among them in any case.
        """
        said = self.model_dump(mode="json", exclude_defaults=True)
        told = {**dict.fromkeys(_OF_SERVERS), **said}
        return {key: value for key, value in told.items() if key not in but}


#: Nothing is added here: what people agreed to and measured has fingerprints of these.
_OF_SERVERS = (
    "server", "type", "path", "format", "host", "port", "database", "schema_name",
    "catalog", "project", "account", "warehouse", "user_variable", "password_variable",
)  # fmt: skip


class DataModel(Frozen):
    """What the use case's data is declared to be."""

    id: Text
    version: Text
    status: Text
    servers: tuple[Server, ...]
    tables: tuple[Table, ...]
    fingerprint: Text  #: of the whole contract, canonical JSON

    def table(self, name: str) -> Table | None:
        """Return the declared table of that name, or None."""
        return next((table for table in self.tables if table.name == name), None)

    def table_of(self, subject: str) -> Table | None:
        """Return the table that a finding's subject is, or begins with; dots and all."""
        return self.table(self.split(subject)[0])

    def split(self, name: str) -> tuple[str, str]:
        """Return table and column of "table.column", see `split_name`."""
        return split_name(name, [table.name for table in self.tables])


#: Where there is no contract.
NO_DATA_MODEL = DataModel(
    id="none", version="none", status="none", servers=(), tables=(), fingerprint="none"
)
