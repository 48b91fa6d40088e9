"""Draft a data contract from real files: what is there, and nothing that is agreed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import ibis.expr.types as ir
from ibis import _

from readybook.measure.draft_text import Drafted, contract_text
from readybook.measure.sources.engines import Source, open_engines
from readybook.measure.sources.files import Located, format_of
from readybook.model.contract import Table
from readybook.model.errors import InvalidInputError, Problem, SourceError
from readybook.model.findings import FLOOR

__all__ = ["draft_contract", "draft_into"]

#: Larger files stay where they are; the draft says where to put them.
MOST_COPIED = 256 * 2**20

_MOST_CATEGORIES = 12


def draft_into(folder: Path, files: Sequence[Path]) -> None:
    """Write data.odcs.yaml into a folder, drafted from files.

    Files outside of the folder are copied into its data/, up to 256 MiB each; of a
    larger one the contract says where to put it.

    Raises:
        InvalidInputError: a file cannot be read, or two make the same table.
    """
    places = {file: _place(file, folder) for file in files}
    text = _draft(places, folder, title=folder.name)
    for file, place in places.items():
        if not _is_inside(file, folder) and file.stat().st_size <= MOST_COPIED:
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, folder / place)
    (folder / "data.odcs.yaml").write_text(text, encoding="utf-8", newline="\n")


def draft_contract(files: Sequence[Path], *, title: str, folder: Path) -> str:
    """Return a contract (ODCS, YAML) drafted from CSV or Parquet files.

    Args:
        files: each becomes a table.
        title: the name of the contract.
        folder: the assessment's folder. Paths in the contract start there; a file
            outside of it is expected in data/.

    Raises:
        InvalidInputError: a file cannot be read, or two make the same table.
    """
    places = {file: _place(file, folder) for file in files}
    return _draft(places, folder, title=title)


def _draft(places: dict[Path, Path], folder: Path, *, title: str) -> str:
    drafted: list[Drafted] = []
    problems: list[Problem] = []
    for file, place in places.items():
        try:
            drafted.append(_read(file, place))
        except SourceError as error:
            problems.append(_refusal(place, str(error)))
    problems += _clashes(drafted)
    if problems:
        raise InvalidInputError(problems)
    too_large = [
        place.as_posix()
        for file, place in places.items()
        if not _is_inside(file, folder) and file.stat().st_size > MOST_COPIED
    ]
    return contract_text(drafted, title, too_large)


def _is_inside(file: Path, folder: Path) -> bool:
    return file.resolve().is_relative_to(folder.resolve())


def _place(file: Path, folder: Path) -> Path:
    """Return the path of a file as the contract will have it."""
    if _is_inside(file, folder):
        return file.resolve().relative_to(folder.resolve())
    return Path("data") / file.name


def _refusal(place: Path, found: str) -> Problem:
    return Problem(
        file=place.name,
        line=0,
        key="",
        found=found,
        expected="a CSV or Parquet file with at least a header",
        do="correct the file or leave it out",
    )


def _clashes(drafted: Sequence[Drafted]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for one in drafted:
        name = f"{one.stem}{one.suffix}"
        if one.name in seen:
            yield Problem(
                file=name,
                line=0,
                key="",
                found=f"the table {one.name}, which {seen[one.name]} makes too",
                expected="another name for each table",
                do="rename one of the two files",
            )
        seen.setdefault(one.name, name)


# --- reading -------------------------------------------------------------------------


def _read(file: Path, place: Path) -> Drafted:
    form = format_of(file)
    if form is None:
        msg = f"{place.name}, which is neither .csv, .csv.gz nor .parquet"
        raise SourceError(msg)
    if not file.is_file():
        msg = f"no file {place.name}"
        raise SourceError(msg)
    stem, suffix = _split(file.name)
    name = re.sub(r"\W", "_", stem, flags=re.ASCII)
    table = Table(name=name, location=stem, columns=(), declared="draft")
    with open_engines() as engines:
        located = Located(files=(file.resolve(),), format=form, shown=place.name)
        source = engines.open(table, located)
        if source.table is None:
            raise SourceError(source.failed)
        try:
            values = _few_values(source, source.table)
        except SourceError:
            msg = f"{place.name} cannot be read to its end"
            raise SourceError(msg) from None
        return Drafted(
            name=name,
            stem=stem,
            parent=place.parent.as_posix().removeprefix("."),
            suffix=suffix,
            format=form,
            columns=dict(source.table.schema().items()),
            values=values,
        )


def _split(name: str) -> tuple[str, str]:
    """Return a file name's stem and all of its suffix: `a.b`, `.csv.gz`."""
    match = re.fullmatch(r"(.+?)(\.[^.]+(?:\.gz)?)", name, flags=re.IGNORECASE)
    return (match[1], match[2]) if match else (name, "")


def _few_values(opened: Source, source: ir.Table) -> dict[str, list[str]]:
    """Return the values of text columns that have few; rare ones are left out."""
    texts = [name for name, kind in source.schema().items() if kind.is_string()]
    if not texts:
        return {}
    counts = opened.ask(
        source.aggregate(
            **{f"c{at}": source[name].nunique() for at, name in enumerate(texts)}
        )
    )[0]
    few = [
        name
        for at, name in enumerate(texts)
        if 0 < counts[f"c{at}"] <= _MOST_CATEGORIES
    ]
    values = {}
    for name in few:
        groups = source.group_by(value=source[name]).aggregate(rows=_.count())
        found = opened.ask(groups.filter(_.value.notnull(), _.rows >= FLOOR))
        values[name] = sorted(row["value"] for row in found)
    return values
