"""Draft a data contract from real files: what is there, and nothing that is agreed."""

import io
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis.expr.datatypes as dtypes
from ibis import _
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from readybook.measure.profile import ask_each
from readybook.measure.rows.values import family
from readybook.measure.sources.engines import Source, open_engines
from readybook.measure.sources.places import Format, Located, format_of
from readybook.model.contract import Table
from readybook.model.errors import InvalidInputError, Problem, SourceError
from readybook.model.findings import FLOOR

#: Larger files stay where they are; the draft says where to put them.
MOST_COPIED = 256 * 2**20

_MOST_CATEGORIES = 12
_FORMATS: tuple[Format, ...] = ("csv", "json", "parquet")  # each file is one table


def draft_into(folder: Path, files: Sequence[Path]) -> None:
    """Write data.odcs.yaml into a folder, drafted from files.

    Files outside of the folder are copied into its data/, up to 256 MiB each; of a
    larger one the contract says where to put it.

    Raises:
        InvalidInputError: a file cannot be read, or two make the same table.
    """
    text = draft_contract(files, title=folder.name, folder=folder)
    for file in files:
        place = folder / _place(file, folder)
        if _is_copied(file, folder) and file.stat().st_size <= MOST_COPIED:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
    (folder / "data.odcs.yaml").write_text(text, encoding="utf-8", newline="\n")


def draft_contract(files: Sequence[Path], *, title: str, folder: Path) -> str:
    """Return a contract (ODCS, YAML) drafted from CSV, Parquet or JSON lines.

    Args:
        files: each becomes a table.
        title: the name of the contract.
        folder: the assessment's folder. Paths in the contract start there; a file
            outside of it is expected in data/.

    Raises:
        InvalidInputError: a file cannot be read, or two make the same table.
    """
    drafted, problems, notes = dict[str, _Drafted](), list[Problem](), list[str]()
    for file in files:
        place = _place(file, folder)
        try:
            one = _read(file, place)
        except SourceError as error:
            expected = "a file with a table, at least its header"
            do = "correct the file or leave it out"
            if "UTF-8" in str(error):
                do = "save it as UTF-8, or leave it out"
            elif format_of(file) not in _FORMATS:
                expected = (
                    "CSV, Parquet or JSON lines: a data model is drafted from them"
                )
                do = "declare it by hand (docs/measuring.md, Where the data lies), or "
                do += "save each of its tables as CSV"
            problems.append(Problem(place.name, 0, "", str(error), expected, do))
            continue
        maker = drafted.setdefault(one.name, one)
        if maker is not one:
            found = f"the table {one.name}, which {maker.place.name} makes too"
            expected, do = "another name for each table", "rename one of the two files"
            problems.append(Problem(place.name, 0, "", found, expected, do))
        if _is_copied(file, folder) and file.stat().st_size > MOST_COPIED:
            notes.append(
                f"{place.as_posix()} was not copied, it is too large: put it there."
            )
    if problems:
        raise InvalidInputError(problems)
    return _contract_text([*drafted.values()], title, notes)


def _is_copied(file: Path, folder: Path) -> bool:
    """Return whether a file lies outside of the folder."""
    return not file.resolve().is_relative_to(folder.resolve())


def _place(file: Path, folder: Path) -> Path:
    """Return the path of a file as the contract will have it."""
    if _is_copied(file, folder):
        return Path("data") / file.name
    return file.resolve().relative_to(folder.resolve())


@dataclass(frozen=True)
class _Drafted:
    """One file as a table: where it lies and what it holds."""

    place: Path  #: relative to the assessment's folder
    format: str
    columns: dict[str, dtypes.DataType]
    values: dict[str, list[str]]  #: of columns with few: those of 10 rows or more
    forms: dict[str, str]  #: how texts are written that all look alike: dd.MM.yyyy

    @property
    def name(self) -> str:
        """Return the table's name."""
        return re.sub(r"\W", "_", self.parts[0], flags=re.ASCII)

    @property
    def parts(self) -> tuple[str, str]:
        """Return the file name's stem and all of its suffix: `a.b`, `.csv.gz`."""
        name = self.place.name
        match = re.fullmatch(r"(.+?)(\.[^.]+(?:\.gz)?)", name, flags=re.IGNORECASE)
        return (match[1], match[2]) if match else (name, "")


def _read(file: Path, place: Path) -> _Drafted:
    if not file.is_file():
        msg = f"no file {place.name}"
        raise SourceError(msg)
    form = format_of(file)
    if form not in _FORMATS:
        msg = f"{place.name}, whose ending is of another format"
        raise SourceError(msg)
    table = Table(name="draft", location=place.name, columns=(), declared="draft")
    with open_engines() as engines:
        located = Located(files=(file.resolve(),), format=form, shown=place.name)
        source = engines.open(table, located)
        try:
            values, forms = _texts(source)
        except SourceError:
            msg = f"{place.name} cannot be read to its end"
            raise SourceError(msg) from None
        return _Drafted(place, form, dict(source.table.schema().items()), values, forms)


#: Forms in which numbers and dates are texts until they are declared.
_FORMS = {
    "dd.MM.yyyy": r"^\s*[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}\s*$",
    "1.234,5": r"^\s*[+-]?(0|[1-9][0-9]{0,2}(\.?[0-9]{3})*)(,[0-9]+)?\s*$",
}


def _texts(opened: Source) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the values of text columns that have few, and the forms of others.

    Rare values are left out.
    """
    source = opened.table
    texts = {name: source[name] for name, kind in source.schema().items()
             if kind.is_string()}  # fmt: skip
    asked = {
        name: {"n": text.nunique(), "rows": text.count(),
               **{form: text.re_search(how).sum() for form, how in _FORMS.items()}}
        for name, text in texts.items()
    }  # fmt: skip
    values, forms = {}, {}
    for name, counted in ask_each(source, asked, opened.ask).items():
        if form := next((f for f in _FORMS if counted[f] == counted["rows"] > 0), None):
            forms[name] = form
        elif 0 < counted["n"] <= _MOST_CATEGORIES:
            groups = source.group_by(value=source[name]).aggregate(rows=_.count())
            found = opened.ask(groups.filter(_.value.notnull(), _.rows >= FLOOR))
            values[name] = sorted(row["value"] for row in found)
    return values, forms


_LONGEST_HINT = 40
_HEADER = """\
The data model, drafted from files: tables, columns and types as they were found.
Nothing in it is agreed. Decide, with the people who own the data:

1. Which columns does the use case need? On each:
     customProperties:
       - property: readiness.needed
         value: true
2. Which values were promised to occur? Under a column, `enum`; each value is counted.
3. What identifies a row? `primaryKey: true` on its columns. What joins to what?
     relationships:
       - to: table.column
4. How far back must events reach? On the table, readiness.eventTime, timeZone, grain
   and historyNeeded, as suggested below where a column with a time was found. Days
   without rows on purpose: readiness.calendar, {weekdays: [mon, sat], holidays: AT}.
5. How many values may be missing? Which texts in CSV mean "no value", beside an empty
   cell?
     quality:
       - metric: nullValues
         mustBeLessOrEqualTo: 5
         unit: percent
       - metric: missingValues
         arguments:
           missingValues: [NA]
         mustBeGreaterOrEqualTo: 0
   How are numbers and dates written, if not as 1234.5 and 2026-12-31? On the column
   readiness.writtenAs: dd.MM.yyyy, 1.234,5 or epoch seconds.
6. Which columns must never be shown? `classification: restricted`.
7. What is to be predicted, and when does it become known? On that column
   readiness.label: true, labelKnown (a column), labelFill (0.95) and labelDelay (P30D).
8. Which rows were learned from, and which are live? On the table readiness.train and
   readiness.live, such as
     value: {column: NAME, from: 2025-01-01, to: 2025-12-31}
9. How old may the newest event be? `slaProperties`, latency with value and unit. Until
   when is the data supplied? readiness.expires. Where does a column come from?
   readiness.origin, or the standard's transformSourceObjects.

Then set the status to active and have the model signed off."""

_SUGGESTION = """\
Is {time} the time of the event? Then:
customProperties:
  - property: readiness.eventTime
    value: {time}
  - property: readiness.timeZone
    value: Europe/Vienna
  - property: readiness.grain
    value: P1D
  - property: readiness.historyNeeded
    value: P2Y"""

_FORM_HINT = """\
Are these {kind}s? Then the logicalType is {kind}, and:
customProperties:
  - property: readiness.writtenAs
    value: {form}"""


def _contract_text(
    drafted: Sequence[_Drafted], title: str, notes: Sequence[str]
) -> str:
    """Return a contract (ODCS, YAML) with comments that say what to decide next."""
    head = CommentedMap(
        apiVersion="v3.2.0",
        kind="DataContract",
        id=re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "data",
        name=title,
        version="0.1.0",
        status="draft",
    )
    head["servers"] = CommentedSeq(_servers(drafted))
    head["schema"] = CommentedSeq()
    head["schema"] += [_table(one) for one in drafted]
    head.yaml_set_start_comment("\n".join([_HEADER, *notes]) + "\n\n")
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 88
    stream = io.StringIO()
    yaml.dump(head, stream)
    return stream.getvalue()


def _servers(drafted: Sequence[_Drafted]) -> Iterator[CommentedMap]:
    """Yield one server per folder and kind of file; {model} stands for the table."""
    kinds = dict.fromkeys(
        (one.place.parent.as_posix().removeprefix("."), one.parts[1], one.format)
        for one in drafted
    )
    for number, (parent, suffix, form) in enumerate(kinds, start=1):
        yield CommentedMap(
            server="files" if len(kinds) == 1 else f"files-{number}",
            type="local",
            path=f"{parent}/{{model}}{suffix}".lstrip("/"),
            format=form,
        )


def _table(one: _Drafted) -> CommentedMap:
    properties = CommentedSeq()
    for name, kind in one.columns.items():
        column = CommentedMap(name=name)
        if (logical := family(kind)) not in {"json", "other"}:
            column["logicalType"] = logical
        column["physicalType"] = str(kind)
        properties.append(column)
        hint = _categories_hint(one.values.get(name, []))
        if form := one.forms.get(name):
            logical = "date" if "yyyy" in form else "number"
            hint = _FORM_HINT.format(kind=logical, form=form)
        _suggest(column, "physicalType", hint, indent=8)
    table = CommentedMap(
        name=one.name,
        physicalName=one.parts[0],
        physicalType="file",
        properties=properties,
    )
    _suggest(table, "properties", _suggestion(one), indent=4)
    return table


def _suggest(element: CommentedMap, key: str, hint: str, *, indent: int) -> None:
    """Put a comment before a key, where it is YAML of the element once uncommented."""
    if hint:
        element.yaml_set_comment_before_after_key(key, hint, indent=indent)


def _categories_hint(values: Sequence[str]) -> str:
    """Return the values of the column, for a comment; "" where there is none.

    A text with a line break of any kind would end the comment.
    """
    shown = [
        json.dumps(value, ensure_ascii=False)
        for value in values
        if value.isprintable() and len(value) <= _LONGEST_HINT
    ]
    if len(shown) < 2:  # noqa: PLR2004 - one value is no choice
        return ""
    head = "Are these values categories? Was one more promised?"
    return "\n".join([head, "enum:", *(f"  - value: {value}" for value in shown)])


def _suggestion(one: _Drafted) -> str:
    for name, kind in one.columns.items():
        is_time = (
            kind.is_timestamp() or kind.is_date() or "yyyy" in one.forms.get(name, "")
        )
        if is_time and name.isprintable():
            return _SUGGESTION.format(time=name)
    return ""
