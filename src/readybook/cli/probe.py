"""The verbs `probe` and `account`: what the machine at hand gives, and to whom."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from readybook.case.open import open_all, open_one
from readybook.cli.terminal import (
    FINE,
    WRONG_USAGE,
    Verb,
    add_folders,
    progress,
    say,
    today,
)
from readybook.measure.machine.account import ask_accounts
from readybook.measure.machine.probe import STEPS, probe
from readybook.model.case import Resource, ResourceNeeds
from readybook.model.errors import nearest
from readybook.model.findings import AccountSeen, MachineEvidence, MachineFact
from readybook.model.words import count, number
from readybook.show.machines.probes import fact_label
from readybook.text.documents import evidence_text, save_evidence

__all__ = ["VERBS"]

_PRINTED = Path("-")
_WIDE = 24  #: characters; longer values do not widen a column


# --- probe ------------------------------------------------------------------------


def _probe_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--for",
        dest="folder",
        type=Path,
        metavar="DIR",
        help="an assessment's folder: the endpoints that its resources.yaml declares "
        "are tried too, and the package index if it is needed (default: neither)",
    )
    parser.add_argument(
        "--resource",
        metavar="ID",
        help="only what this resource of DIR needs (default: what any of them needs)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="file to write, - for JSON on standard output (default: a table only)",
    )


def _probe(arguments: argparse.Namespace) -> int:
    """Read this machine; print a table, and write a file where one is named."""
    folder, wanted = arguments.folder, arguments.resource
    if wanted and folder is None:
        say(
            f"readybook probe: found '{wanted}' as the resource of no folder, expected "
            "the folder that declares it, do: add --for DIR"
        )
        return WRONG_USAGE
    resources = open_one(folder).assessment.resources.resources if folder else ()
    known = [resource.id for resource in resources]
    if wanted and wanted not in known:
        say(
            f"readybook probe: found '{wanted}', expected the id of a resource in "
            f"{folder / 'resources.yaml'}, do: {nearest(wanted, known)}"
        )
        return WRONG_USAGE
    needs = _needs([one for one in resources if wanted in {None, one.id}])
    with progress(len(STEPS), "probe") as tick:
        evidence = probe(today=today(), needs=needs, tick=tick)
    if arguments.out == _PRINTED:
        print(evidence_text(evidence), end="")
        return FINE
    if arguments.out:
        save_evidence(evidence, arguments.out)
    print(*_lines(evidence), sep="\n")
    if arguments.out:
        say(f"{len(evidence.facts)} facts in {arguments.out}")
    else:
        say("No file was written; for one, add --out FILE.")
    return FINE


def _needs(resources: list[Resource]) -> ResourceNeeds:
    """Return what the resources need of a network, together."""
    needs = [resource.needs for resource in resources if resource.needs]
    return ResourceNeeds(
        package_index=any(one.package_index for one in needs),
        endpoints=tuple(endpoint for one in needs for endpoint in one.endpoints),
    )


# --- the table ---------------------------------------------------------------------


def _lines(evidence: MachineEvidence) -> Iterator[str]:
    """Yield what was read, line by line: what it is, how much, why or from where."""
    rows = [
        (fact_label(fact.fact), _value(fact), fact.why or fact.how)
        for fact in evidence.facts
    ]
    for one in evidence.endpoints:
        tls = " with TLS" if one.tls else ""
        rows.append((f"{one.host}:{one.port}{tls}", one.state, ""))
    rows.append(("Packages", count(len(evidence.packages), "package"), "of Python"))
    first = max(len(label) for label, _, _ in rows)
    # A long value, such as a list of names, moves its own line only.
    second = max(len(value) for _, value, _ in rows if len(value) <= _WIDE)
    for label, value, why in rows:
        yield f"{label:<{first}}  {value:<{second}}  {why}".rstrip()


def _value(fact: MachineFact) -> str:
    return number(fact.value, fact.unit) if fact.state == "read" else fact.state


# --- account ----------------------------------------------------------------------


def _account(arguments: argparse.Namespace) -> int:
    """Ask for the accounts of the named folders into evidence/accounts.json."""
    for folder, assessment, _ in open_all(arguments.folders):
        resources = assessment.resources.resources
        if not any(one.account for one in resources):
            say(f"{folder}: resources.yaml declares no account; nobody to ask")
            continue
        target = folder / "evidence" / "accounts.json"
        evidence = ask_accounts(resources, today=today())
        save_evidence(evidence, target)
        for seen in evidence.accounts:
            print(_account_line(seen))
        say(f"{folder}: {count(len(evidence.accounts), 'account')} in {target}")
    return FINE


def _account_line(seen: AccountSeen) -> str:
    if seen.state != "read":
        return f"{seen.state:>12}  {seen.resource}  {seen.why}"
    same = "the declared account" if seen.is_declared else "not the declared account"
    return f"{seen.state:>12}  {seen.resource}  {seen.seen}, {same}"


VERBS = {
    "probe": Verb(
        _probe,
        _probe_options,
        "readybook probe --for churn --resource training-node \\\n"
        "      --out churn/evidence/training-node.json",
    ),
    "account": Verb(_account, add_folders, "readybook account churn"),
}
