"""The verb `readybook sign-off`: a role agrees to the data model as it is now."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from readybook.cli.core import FINE, say, today
from readybook.cli.options import add_verb

if TYPE_CHECKING:
    from readybook.cli.options import Verbs

__all__ = ["add", "sign"]


def add(verbs: Verbs) -> None:
    """Register the verb."""
    parser = add_verb(
        verbs,
        "sign-off",
        sign,
        "Record that a role agrees to the data model, a table or a category list as it "
        "is now; writes stakeholders.yaml and, in agreements/, what was agreed to.",
        "readybook sign-off churn --role data-owner --covers orders.status",
    )
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="an assessment's folder"
    )
    parser.add_argument(
        "--role", required=True, help="role that agrees, such as data-owner"
    )
    parser.add_argument(
        "--covers",
        required=True,
        metavar="PART",
        help="what it agrees to: model, TABLE, or TABLE.FIELD with categories",
    )
    parser.add_argument(
        "--on",
        type=dt.date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="day of the agreement (default: today)",
    )


def sign(arguments: argparse.Namespace) -> int:
    """Record one sign-off and say what it covers."""
    from readybook.bank.own import load_bank_for  # noqa: PLC0415
    from readybook.checks.roles import part_in_words  # noqa: PLC0415
    from readybook.edit.signoffs import sign_off  # noqa: PLC0415
    from readybook.model.words import day, role_title  # noqa: PLC0415
    from readybook.report.batch import open_all  # noqa: PLC0415 - heavy

    folder = arguments.folder
    ((_, assessment),) = open_all([folder])
    bank = load_bank_for(folder)
    kept = sign_off(
        folder,
        assessment,
        bank,
        role=arguments.role,
        covers=arguments.covers,
        on=arguments.on or today(),
    )
    title = role_title(bank, kept.entry.role)
    part = part_in_words(kept.entry.covers)
    print(f"{title} agreed to {part} on {day(kept.entry.on)}.")
    say(f"{folder}: recorded in stakeholders.yaml; what it covers is in {kept.file}")
    return FINE
