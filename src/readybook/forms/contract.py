"""The data model's tables and columns: their cells, what was measured, what is proposed."""

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from readybook.edit.contract import OF_ALL, Declared, elements, more_conditions, row_of
from readybook.edit.entries import Entry
from readybook.edit.proposed import Proposed, drafted, measured, without
from readybook.edit.tables import TABLES, TableName
from readybook.forms.session import Message, Received
from readybook.forms.tables import TableSession
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError, Problem
from readybook.model.findings import Finding
from readybook.model.words import as_list, count
from readybook.text.yaml import KeyPath

#: Checks whose findings are told beside what is declared, also where they pass.
_TOLD = {"source-opened", "label-filled", "nulls-tolerated", "values-in-range", "categories-populated",
         "values-declared", "history-span"}  # fmt: skip
#: Those that are of columns, and are told of the table.
_OF_TABLE = {"keys-unique", "joins-match"}

_HOW = "press Measure in notebook 0, or run readybook measure"


class _Row(NamedTuple):
    """A row, and what the contract and the evidence have of it."""

    name: str
    table: str
    path: KeyPath
    element: Mapping[str, Any]
    subject: str  #: of findings: the table, or table.column as the source has it
    findings: list[Finding]
    proposed: list[Proposed]


class ContractSession(TableSession):
    """The tables or the columns of a contract, open in any number of tabs."""

    def __init__(
        self, folder: Path, bank: Bank, assessment: Assessment, name: TableName
    ) -> None:
        """Read nothing yet; otherwise as `Session`."""
        super().__init__(folder, bank, assessment, name)
        self.acts = {**self.acts, "take": partial(self._saving, self._take)}

    def _rows_of_file(self) -> list[_Row]:
        """Return the rows as the file has them, with what is proposed of each."""
        text = self._rows.file.text()
        if text is None:
            return []
        data: Any = text.plain.data
        drafts: dict[object, list[Proposed]] = {}
        for path, one in drafted(text):
            drafts.setdefault(path, []).append(one)
        measurements, found = self._measurements(), []
        for (name, entry), (path, element) in zip(
            self._rows.held(data).items(), elements(data, self.table.name), strict=True
        ):
            subject = table = entry["table"]
            if "name" in entry:
                subject += f".{element.get('physicalName') or entry['name']}"
            findings = measurements.get(subject, [])
            proposed = drafts.get(path, [])
            for finding in findings:
                shown = measured(finding, element.get("logicalType"))
                if shown is not None and (rest := shown.beside(element)).content:
                    proposed.append(rest)
            found.append(_Row(name, table, path, element, subject, findings, proposed))
        return found

    def _measurements(self) -> dict[str, list[Finding]]:
        """Return by table, or column, what was measured of it; of keys by the table."""
        data, found = self.assessment.data, dict[str, list[Finding]]()
        for one in data.findings if data else ():
            if one.check in _TOLD | _OF_TABLE or one.outcome == "contradicts":
                is_key = one.check in _OF_TABLE
                of = self.assessment.data_model.split(one.subject)[0] if is_key else ""
                found.setdefault(of or one.subject, []).append(one)
        return found

    # --- what is told of the rows -----------------------------------------------------

    def _shown(self) -> list[Message]:
        parts = {row.name: row.table for row in self._rows_of_file()}
        return [{**row, "part": parts.get(str(row["id"]))} for row in super()._shown()]

    def _offers(self) -> dict[str, list[dict[str, str]]]:
        """Return what may stand in cells; columns and categories, of the row alone."""
        offers = super()._offers()
        if self.table.name == "tables":
            columns = [
                {"id": str(one.get("name")), "of": row.table,
                 "text": str(one.get("name"))}
                for row in self._rows_of_file()
                for one in row.element.get("properties") or ()
            ]  # fmt: skip
            keys = [c.key for c in self.table.columns if c.offers == "columns"]
            return offers | dict.fromkeys(keys, columns)
        rows = self._rows_of_file()
        known = [
            {"id": name, "text": name, "of": row.table}
            for row in rows
            if (name := str(row.element.get("name")))
        ]
        # Every value has a box to tick, also one with a comma in it.
        values = {
            key: [
                {"id": value, "text": value, "of": row.name}
                for row in rows
                for value in row_of(row.element, row.table, "columns").get(key, ())
            ]
            for key in ("categories", "no_value", "joins")
        }
        values["joins"] += self._partners(rows)
        return offers | values | {"label_known": known}

    def _partners(self, rows: list[_Row]) -> list[dict[str, str]]:
        """Return what a column may join to: those of other tables with its name."""
        kept: dict[str, list[_Row]] = {}
        for row in rows:
            kept.setdefault(str(row.element.get("name")), []).append(row)
        return [
            {"id": to, "text": to, "of": row.name}
            for row in rows
            for name in (str(row.element.get("name")),)
            for other in kept[name]
            if other.table != row.table
            and (to := f"{other.table}.{name}")
            not in row_of(row.element, row.table, "columns").get("joins", ())
        ]

    def _beside(self) -> Message:
        """Return by row what was measured and what is proposed, and what is stale."""
        try:
            rows = self._rows_of_file()
        except InvalidInputError:  # which is told where the rows are shown
            rows = []
        beside = {
            row.name: {
                "told": [*self._told(row)],
                "proposed": [
                    {"id": one.id, "says": self._says(row, one), "because": one.because}
                    for one in row.proposed
                ],
            }
            for row in rows
        }
        return {"beside": beside, "note": self._note() if rows else ""}

    def _told(self, row: _Row) -> Iterator[str]:
        """Yield what was measured of a row, what was not, and what no cell shows."""
        yield from (one.message for one in row.findings)
        if row.subject not in {
            *self.assessment.needed_fields,
            *self.assessment.needed_tables,
        }:
            yield "No need names it: its missing values, stand-ins, steps and drift are not measured."
        table = self.assessment.data_model.table(row.name)
        if table and table.keys:  # also by columns, and by rules on duplicates
            yield f"Declared as keys: {as_list([' + '.join(key) for key in table.keys])}."
        if table and table.relationships:  # also below a column
            yield f"Declared as joins: {as_list([one.subject for one in table.relationships])}."
        for name in ("train", "live"):
            if more := more_conditions(row.element, name):
                title = next(one.title for one in self.table.groups if one.key == name)
                yield f"{title}: {count(more, 'more condition')} in the file, which stay."

    def _says(self, row: _Row, one: Proposed) -> str:
        """Return what would be declared, by the heads of its columns."""
        old, new = (
            self._rows.shown(row_of(element, row.table, self.table.name)) or {}
            for element in (row.element, one.added_to(row.element))
        )
        parts = []
        for column in self.table.columns:
            value, before = new.get(column.key), old.get(column.key)
            if value == before:
                continue
            if isinstance(value, list):
                known = before if isinstance(before, list) else []
                more = [one for one in value if one not in known]
                parts.append(f"{column.label} ({len(more)}): {', '.join(more)}")
            else:
                parts.append(column.label + f": {value}" * (value is not True))
        return "; ".join([*parts, one.says] if one.says else parts)

    def _note(self) -> str:
        """Return what has to be measured before the report can tell of it."""
        if self.assessment.data is None:
            return f"Nothing was measured yet: {_HOW}."
        if stale := self.assessment.declared_since:
            are = "is" if len(stale) == 1 else "are"
            named = as_list(stale)
            return f"{named} {are} declared otherwise than measured: {_HOW} again."
        return ""

    # --- what is changed --------------------------------------------------------------

    def _take(self, message: Received, base: str, name: str) -> Message:
        """Declare what is proposed of a row, unless somebody changed it since."""
        for row in self._rows_of_file():
            for one in row.proposed:
                if (row.name, one.id) == (name, message.get("proposed")):
                    whole = one.added_to(row.element)
                    new = row_of(whole, row.table, self.table.name)
                    begin = partial(without, path=row.path, mark=one.id)
                    taken = partial(_with_rest, new)
                    done = self._rows.change(name, taken, base, begin)
                    return self._done(done, name)
        raise InvalidInputError.of(
            self.table.file, "a proposal that is no longer there",
            "one that is shown", "look at the row again",
        )  # fmt: skip

    def _cell_of(self, problem: Problem, at: int, sent: Collection[str]) -> str:
        """Return the one cell that was sent: the file has other keys than the table."""
        del at
        return (
            next(iter(sent))
            if len(sent) == 1 and problem.file == self.table.file
            else ""
        )


def _with_rest(new: Entry, old: Entry | None) -> Entry:
    """Return a row that is taken over, with the cells that are not of its element."""
    return {**new, **{key: old[key] for key in OF_ALL if old and key in old}}


def table_session(
    folder: Path, bank: Bank, assessment: Assessment, name: TableName
) -> TableSession:
    """Return a table of a folder, open in any number of tabs."""
    kind = ContractSession if TABLES[name].document is Declared else TableSession
    return kind(folder, bank, assessment, name)
