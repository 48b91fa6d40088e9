"""The verb `readybook account`: whose the credentials at hand are."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from readybook.cli.core import FINE, say, today
from readybook.cli.options import add_folders, add_verb

if TYPE_CHECKING:
    from readybook.cli.options import Verbs
    from readybook.model.findings import AccountSeen

__all__ = ["account", "add"]


def add(verbs: Verbs) -> None:
    """Register the verb."""
    parser = add_verb(
        verbs,
        "account",
        account,
        "Ask each declared cloud account's provider whose the credentials at hand are; "
        "writes evidence/accounts.json, without a key or a full number.",
        "readybook account churn",
    )
    add_folders(parser)


def account(arguments: argparse.Namespace) -> int:
    """Ask for the accounts of the named folders into evidence/accounts.json."""
    from readybook.measure.machine.account import ask_accounts  # noqa: PLC0415 - may load boto3
    from readybook.model.words import count  # noqa: PLC0415
    from readybook.report.batch import open_all  # noqa: PLC0415 - heavy
    from readybook.text.jsonfile import save_evidence  # noqa: PLC0415

    for folder, assessment in open_all(arguments.folders):
        resources = assessment.resources.resources
        if not any(one.account for one in resources):
            say(f"{folder}: resources.yaml declares no account; nobody to ask")
            continue
        target = folder / "evidence" / "accounts.json"
        evidence = ask_accounts(resources, today=today())
        save_evidence(evidence, target)
        for seen in evidence.accounts:
            print(_line(seen))
        say(f"{folder}: {count(len(evidence.accounts), 'account')} in {target}")
    return FINE


def _line(seen: AccountSeen) -> str:
    if seen.state != "read":
        return f"{seen.state:>12}  {seen.resource}  {seen.why}"
    same = "the declared account" if seen.is_declared else "not the declared account"
    return f"{seen.state:>12}  {seen.resource}  {seen.seen}, {same}"
