"""The verb `new`: copy the starter files, draft the data model from real data."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from readybook.bank.own import OWN_BANK, find_bank, load_bank_for
from readybook.case.schemas import write_schemas
from readybook.cli.terminal import FINE, Verb, say
from readybook.model.bank import Bank
from readybook.model.errors import InvalidInputError, Problem
from readybook.text.documents import packaged

__all__ = ["VERBS", "start_assessment"]


def start_assessment(
    folder: Path, *, data: Sequence[Path] = (), own_bank: bool = False
) -> list[Path]:
    """Make a folder with a valid, commented start and return its files.

    Args:
        folder: must not exist, or be empty.
        data: CSV or Parquet files; the data model is drafted from them.
        own_bank: True: with the start of a bank of one's own, bank.yaml.

    Raises:
        InvalidInputError: the folder is taken, or a data file cannot be read; nothing
            was written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problem = Problem(
            file=folder.name,
            line=0,
            key="",
            found="something that is there already",
            expected="no such folder, or an empty one",
            do="choose another name",
        )
        raise InvalidInputError([problem])
    parent = folder.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=f".{folder.name}-") as name:
        draft = Path(name) / folder.name
        shutil.copytree(packaged("templates") / "assessment", draft)
        write_schemas(draft / ".readybook")
        if own_bank:
            shutil.copy(packaged("templates") / "bank" / OWN_BANK, draft)
            _name_own_bank(draft)
        if data:
            # Ibis and DuckDB take a second to import; a start without data needs neither.
            from readybook.measure.draft import draft_into  # noqa: PLC0415

            draft_into(draft, data)
        if folder.exists():
            folder.rmdir()
        draft.replace(folder)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _name_own_bank(draft: Path) -> None:
    """Let the examples of answers name the bank that the folder holds."""
    page = draft / "answers" / "README.md"
    ours, own = find_bank().bank, load_bank_for(draft)
    text = page.read_text(encoding="utf-8")
    text = text.replace(_named(ours), _named(own))
    page.write_text(text, encoding="utf-8", newline="\n")


def _named(bank: Bank) -> str:
    return f'bank: {{ id: {bank.id}, version: "{bank.version}" }}'


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="folder to make; must not exist yet")
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="CSV or Parquet files to draft the data model from (default: none)",
    )
    parser.add_argument(
        "--bank",
        action="store_true",
        help="also copy the start of a bank of your own, bank.yaml (default: no)",
    )


def _new(arguments: argparse.Namespace) -> int:
    """Start an assessment and say what to do next."""
    folder = arguments.folder
    print(
        *start_assessment(folder, data=arguments.data, own_bank=arguments.bank),
        sep="\n",
    )
    say(
        f"\nNext: fill in {folder / 'assessment.yaml'}, then\n"
        f"  readybook check {folder}\n"
        f"  readybook report {folder}"
    )
    return FINE


VERBS = {
    "new": Verb(
        _new, _options, "readybook new churn --data customers.csv orders.parquet"
    )
}
