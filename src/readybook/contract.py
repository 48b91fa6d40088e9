"""The declared data model: frozen models, filled from an ODCS v3 contract.

What the standard has and the tool does not use is left alone; what the tool needs and
the standard lacks stands in `customProperties` under names that begin with
`readiness.`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from readybook.models import Frozen, Text

__all__ = [
    "Category",
    "Column",
    "DataModel",
    "Relationship",
    "Server",
    "Table",
]


class Category(Frozen):
    """One declared value of a column and how many rows it was promised to have."""

    value: Text
    label: Text | None = None
    min_rows: Annotated[int, Field(ge=0)] = 1  #: rows; 0: may stay empty


class Column(Frozen):
    """One declared column."""

    name: Text  #: as the source has it (physicalName, else name)
    type: Text | None = None  #: ODCS logicalType
    required: bool = False  #: not null
    needed: bool = False  #: this use case needs it (readiness.needed)
    restricted: bool = False  #: values are never shown, counts only
    categories: tuple[Category, ...] = ()
    null_tokens: tuple[str, ...] = ()  #: texts that mean null, declared, never guessed


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
    history_needed: Text | None = None  #: ISO 8601 duration, P2Y
    segments: tuple[Text, ...] = ()  #: columns; gaps are counted in each combination
    declared: Text  #: fingerprint of this table's part of the contract

    def column(self, name: str) -> Column | None:
        """Return the declared column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


class Server(Frozen):
    """Where the data lies, by the contract's `servers`."""

    server: Text
    type: Text  #: "local" in this version
    path: Text | None = None  #: inside the assessment's folder; {model} is the table
    format: Text | None = None  #: parquet, csv


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
