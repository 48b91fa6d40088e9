"""The verb `readybook probe`: what the machine at hand gives a job."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from readybook.cli.core import FINE, WRONG_USAGE, progress, say, today
from readybook.cli.options import add_verb
from readybook.model.errors import nearest

if TYPE_CHECKING:
    from readybook.cli.options import Verbs
    from readybook.model.findings import MachineEvidence, MachineFact
    from readybook.model.resources import Resource, ResourceNeeds

__all__ = ["add", "probe_machine"]

_PRINTED = Path("-")


def add(verbs: Verbs) -> None:
    """Add the verb to the command line."""
    parser = add_verb(
        verbs,
        "probe",
        probe_machine,
        "Read what this machine gives a job; changes nothing on it, within 20 s.",
        "readybook probe --for churn --resource training-node \\\n"
        "      --out churn/evidence/training-node.json",
    )
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


def probe_machine(arguments: argparse.Namespace) -> int:
    """Read this machine; print a table, and write a file where one is named."""
    from readybook.measure.machine.probe import STEPS, probe  # noqa: PLC0415 - reads it
    from readybook.text.jsonfile import evidence_text, save_evidence  # noqa: PLC0415

    folder, wanted = arguments.folder, arguments.resource
    if wanted and folder is None:
        say(
            f"readybook probe: found '{wanted}' as the resource of no folder, expected "
            "the folder that declares it, do: add --for DIR"
        )
        return WRONG_USAGE
    resources = _resources(folder) if folder else ()
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


def _resources(folder: Path) -> tuple[Resource, ...]:
    from readybook.report.batch import open_all  # noqa: PLC0415 - heavy

    [(_, assessment)] = open_all([folder])
    return assessment.resources.resources


def _needs(resources: list[Resource]) -> ResourceNeeds:
    """Return what the resources need of a network, together."""
    from readybook.model.resources import ResourceNeeds  # noqa: PLC0415 - builds models

    needs = [resource.needs for resource in resources if resource.needs]
    return ResourceNeeds(
        package_index=any(one.package_index for one in needs),
        endpoints=tuple(endpoint for one in needs for endpoint in one.endpoints),
    )


# --- the table ---------------------------------------------------------------------


def _lines(evidence: MachineEvidence) -> Iterator[str]:
    """Yield what was read, line by line: what it is, how much, why or from where."""
    from readybook.model.words import count  # noqa: PLC0415 - builds models
    from readybook.show.machines.probe import fact_label  # noqa: PLC0415 - loads templates

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


_WIDE = 24  #: characters; longer values do not widen the column


def _value(fact: MachineFact) -> str:
    from readybook.model.words import number  # noqa: PLC0415 - builds models

    return number(fact.value, fact.unit) if fact.state == "read" else fact.state
