"""The verbs `measure`, `probe` and `account`: data, machines and accounts as evidence."""

import argparse
import contextlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from readybook.case.open import Opened, open_all, open_one, today
from readybook.case.signatures import check_key, sign
from readybook.checks.routes import check_route
from readybook.cli.terminal import (
    FINE,
    FOLDERS,
    SOME_FAILED,
    Verb,
    command,
    confirmed,
    option,
    progress,
    say,
    wrong_usage,
)
from readybook.measure.data import (
    RunOptions,
    load_begun,
    measure_data,
    measured_otherwise,
)
from readybook.measure.failures import failures_kept
from readybook.measure.machine.account import ask_accounts
from readybook.measure.machine.probe import STEPS, probe
from readybook.measure.route import measure_route
from readybook.measure.sources.credentials import (
    is_allowed,
    is_permission,
    keep_allowed,
    load_allowed,
)
from readybook.measure.sources.engine import Limits
from readybook.measure.sources.engines import wanted_permissions
from readybook.model.case import Resource, ResourceNeeds
from readybook.model.errors import InvalidInputError, Problem, nearest
from readybook.model.findings import (
    AccountSeen,
    Finding,
    MachineEvidence,
    RouteEvidence,
)
from readybook.model.words import count, day, number
from readybook.show.machines.probes import fact_label
from readybook.text.documents import (
    evidence_text,
    json_parser,
    place_in_case,
    read_bytes,
    refuse_outside,
    save_evidence,
)
from readybook.text.yaml import shown

_PRINTED = Path("-")
_WIDE = 24  #: characters; longer values do not widen a column


def _permission(text: str) -> str:
    if not is_permission(text):
        # Not repeated: it may be the value.
        message = "expected VARIABLE@HOST, do: write WAREHOUSE_USER@db.example.org:5432"
        raise argparse.ArgumentTypeError(message)
    return text


def _seconds(text: str) -> float:
    """Return a time limit; any number above 0."""
    try:
        limit = float(text)
    except ValueError:
        limit = 0.0
    if not 0 < limit < math.inf:
        message = f"found '{text}', expected seconds above 0, do: write 1800"
        raise argparse.ArgumentTypeError(message)
    return limit


def _memory(text: str) -> str:
    """Return a memory limit as the engine reads it."""
    if not re.fullmatch(r"[1-9]\d{0,5} ?(MB|GB|MiB|GiB)", text):
        message = f"found '{text}', expected a size in MB or GB, do: write 512MB"
        raise argparse.ArgumentTypeError(message)
    return text


def _measure(arguments: argparse.Namespace) -> int:
    """Measure the named folders; what is wrong in a log is told before any writing."""
    limits = Limits(arguments.memory_limit, arguments.time_limit)
    if arguments.sign:
        check_key(arguments.sign)
    opened = open_all(arguments.folders, as_of=today())
    logs = _read_logs(opened)
    allowed = _ask_permissions(opened, load_allowed().union(arguments.allow))
    code = FINE
    for one in opened:
        with failures_kept(one.folder, today()):
            if one.folder in logs:
                _save_log(one, logs[one.folder])
            is_read = _measure_data(one, limits, allowed)
            if not is_read or (one.folder in logs and logs[one.folder].failed):
                code = SOME_FAILED
        if arguments.sign:
            made = ["data"] * bool(one.assessment.data_model.tables)
            made += ["route"] * (one.folder in logs)
            for name in made:
                sign(one.folder / "evidence" / f"{name}.json", arguments.sign)
        _tell_early(one)
    return code


def _ask_permissions(
    opened: Iterable[Opened], allowed: frozenset[str]
) -> frozenset[str]:
    """Return what may be sent: what was allowed, and what is allowed when asked.

    Raises:
        InvalidInputError: with every permission that is still lacking.
    """
    lacking: dict[str, tuple[Path, str]] = {}
    for folder, assessment, _ in opened:
        file = folder / "data.odcs.yaml"
        for one, server in wanted_permissions(assessment.data_model, folder).items():
            if not is_allowed(one, allowed):
                lacking[one] = file, server
    given: set[str] = set()
    problems: list[Problem] = []
    for permission, (file, server) in lacking.items():
        variable, _, place = permission.partition("@")
        if confirmed(f"{file}: may {variable} be sent to {place}, now and later?"):
            given.add(permission)
            continue
        key, found = f"servers.{shown(server)}", f"{variable}, to be sent to {place}"
        expected = "a variable that you allowed there"
        do = f"add --allow {permission}, or run it in a terminal, where you are asked"
        problems.append(Problem(str(file), 0, key, found, expected, do))
    if given:
        keep_allowed(given)
    if problems:
        raise InvalidInputError(problems)
    return allowed | given


def _measure_data(opened: Opened, limits: Limits, allowed: frozenset[str]) -> bool:
    """Measure one folder's data; return whether every declared table could be read."""
    folder, assessment = opened.folder, opened.assessment
    tables = assessment.data_model.tables
    if not tables:
        begin = command("new", folder, "--data", "FILES")
        draft = (
            "" if (folder / "data.odcs.yaml").exists() else f"; to draft it: {begin}"
        )
        say(f"{folder}: data.odcs.yaml declares no table; no data to measure{draft}")
        return True
    target = folder / "evidence" / "data.json"
    # A run that is stopped goes on from here; data.json stays whole meanwhile.
    begun = target.with_name("data.json.begun")
    with progress(len(tables), folder.name) as tick:
        keep = partial(save_evidence, path=begun)
        options = RunOptions(limits, tick, keep, load_begun(begun), allowed)
        evidence = measure_data(assessment, folder, today=today(), options=options)
    save_evidence(evidence, target)
    begun.unlink(missing_ok=True)
    _print_findings(evidence.findings)
    say(f"{folder}: {len(evidence.findings)} findings in {target}")
    if assessment.data and (why := measured_otherwise(assessment.data)):
        say(f"{folder}: all was measured again: {why}")
    unread = [one for one in evidence.tables if one.failed]
    for table in unread:
        say(f"{folder}: {table.table} could not be read in full: {table.failed}")
    if older := [one for one in evidence.findings if one.measured_on != today()]:
        since = day(min(one.measured_on for one in older))
        say(f"{folder}: {count(len(older), 'older finding')} kept, since {since}")
    return not unread


def _tell_early(opened: Opened | None) -> None:
    """Say where a case is judged at an earlier day, which refuses what is of today."""
    if opened is None:
        return
    judged = opened.assessment.scope.as_of
    if judged != "today" and judged < today():
        do = "set it to that day, or to 'today'"
        told = f"as_of in assessment.yaml is {day(judged)}, before {day(today())}, when"
        say(f"{opened.folder}: {told} this was read: until then no verb takes it; {do}")


def _read_logs(opened: Iterable[Opened]) -> Mapping[Path, RouteEvidence]:
    """Return what the declared deployment logs show, by folder.

    Raises:
        InvalidInputError: with what is wrong in all of the logs; files are named by
            the folder as it was given.
    """
    found: dict[Path, RouteEvidence] = {}
    problems: list[Problem] = []
    for folder, assessment, _ in opened:
        route = assessment.resources.route
        if route is None or route.log is None:
            continue
        try:
            found[folder] = measure_route(route.log, folder, earlier=assessment.route)
        except InvalidInputError as error:
            problems += error.below(folder).problems
    if problems:
        raise InvalidInputError(problems)
    return found


def _save_log(opened: Opened, evidence: RouteEvidence) -> None:
    """Write what a log shows to evidence/route.json and print it."""
    save_evidence(evidence, opened.folder / "evidence" / "route.json")
    # What was just measured is told, even where all is judged at an earlier date.
    seen = {"route": evidence, "as_of": evidence.measured_on}
    _print_findings(check_route(opened.assessment.model_copy(update=seen)))


def _print_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        print(f"{finding.outcome:>12}  {finding.check}  {finding.message}")


def _probe(arguments: argparse.Namespace) -> int:
    """Read this machine; print a table, and write a file where one is named."""
    folder, wanted = arguments.folder, arguments.resource
    if wanted and folder is None:
        found, expected = "as the resource of no folder", "the folder that declares it"
        return wrong_usage("probe", f"'{wanted}' {found}", expected, "add --for DIR")
    if arguments.sign:
        check_key(arguments.sign)
        if arguments.out in {None, _PRINTED}:
            found = "--sign without a file to sign"
            return wrong_usage("probe", found, "one", "add --out FILE")
    if arguments.out not in {None, _PRINTED}:
        _check_out(arguments.out)
    opened = open_one(folder, as_of=today()) if folder else None
    resources = opened.assessment.resources.resources if opened else ()
    known = [resource.id for resource in resources]
    if wanted and wanted not in known:
        expected = f"the id of a resource in {folder / 'resources.yaml'}"
        return wrong_usage("probe", f"'{wanted}'", expected, nearest(wanted, known))
    needs = _needs_of(one for one in resources if wanted in {None, one.id})
    with progress(len(STEPS), "probe") as tick:
        evidence = probe(today=today(), needs=needs, tick=tick)
    if arguments.out == _PRINTED:
        print(evidence_text(evidence), end="")
        return FINE
    if arguments.out:
        kept = failures_kept(folder, today()) if folder else contextlib.nullcontext()
        with kept:
            save_evidence(evidence, arguments.out)
        if arguments.sign:
            sign(arguments.out, arguments.sign)
    print(*_lines(evidence), sep="\n")
    if arguments.out:
        say(f"{len(evidence.facts)} facts in {arguments.out}")
        _tell_early(opened)
    else:
        say("No file was written; for one, add --out FILE.")
    return FINE


def _needs_of(resources: Iterable[Resource]) -> ResourceNeeds:
    """Return what is to be reached from here, for all of these resources."""
    asked = [one.needs for one in resources if one.needs]
    return ResourceNeeds(
        package_index=any(one.package_index for one in asked),
        endpoints=tuple(endpoint for one in asked for endpoint in one.endpoints),
    )


def _check_out(out: Path) -> None:
    """Refuse to write a probe over anything else, or where a link leaves an assessment.

    Raises:
        InvalidInputError: something else has the place, or is to have it.
    """
    found = ""
    for place in (out, out.resolve()):
        if within := place_in_case(place):
            refuse_outside(*within)
            if not re.fullmatch(r"evidence/[^/]+\.json", within[0]):
                found = f"a place in the assessment {within[1].name}"
    if out.exists():
        try:
            json_parser(out.name, MachineEvidence, "")(read_bytes(out, name=out.name))
        except InvalidInputError:
            found = "something that is no probe"
    if found:
        raise InvalidInputError.of(
            str(out), found, "a new file, or an earlier probe; of a case, in evidence/",
            "name another file with --out",
        )  # fmt: skip


def _lines(evidence: MachineEvidence) -> Iterator[str]:
    """Yield what was read, line by line: what it is, how much, why or from where."""
    rows = []
    for fact in evidence.facts:
        read = fact.state == "read"
        value = number(fact.value, fact.unit) if read else fact.state
        rows.append((fact_label(fact.fact), value, fact.why or fact.how))
    for one in evidence.endpoints:
        tls = " with TLS" if one.tls else ""
        rows.append((f"{one.host}:{one.port}{tls}", one.state, ""))
    rows.append(("Packages", count(len(evidence.packages), "package"), "of Python"))
    first = max(len(label) for label, _, _ in rows)
    # A long value, such as a list of names, moves its own line only.
    second = max(len(value) for _, value, _ in rows if len(value) <= _WIDE)
    for label, value, why in rows:
        yield f"{label:<{first}}  {value:<{second}}  {why}".rstrip()


def _account(arguments: argparse.Namespace) -> int:
    """Ask for the accounts of the named folders into evidence/accounts.json."""
    if arguments.sign:
        check_key(arguments.sign)
    for one in open_all(arguments.folders, as_of=today()):
        folder, assessment, _ = one
        resources = assessment.resources.resources
        if not any(one.account for one in resources):
            say(f"{folder}: resources.yaml declares no account; nobody to ask")
            continue
        target = folder / "evidence" / "accounts.json"
        evidence = ask_accounts(resources, today=today())
        with failures_kept(folder, today()):
            save_evidence(evidence, target)
        if arguments.sign:
            sign(target, arguments.sign)
        for seen in evidence.accounts:
            print(_account_line(seen))
        say(f"{folder}: {count(len(evidence.accounts), 'account')} in {target}")
        _tell_early(one)
    return FINE


def _account_line(seen: AccountSeen) -> str:
    if seen.state != "read":
        return f"{seen.state:>12}  {seen.resource}  {seen.why}"
    same = "the declared account" if seen.is_declared else "not the declared account"
    return f"{seen.state:>12}  {seen.resource}  {seen.seen}, {same}"


_SIGN = option(
    "--sign KEY",
    "SSH key with which what is written is signed, so that its owner vouches for it; its "
    "public half stands under signers in stakeholders.yaml (default: not signed)",
    type=Path,
)
_MEASURE = (
    FOLDERS,
    _SIGN,
    option(
        "--allow VARIABLE@HOST",
        "send the value of this environment variable to this host, or to one port of it "
        "(HOST:PORT), if the contract asks for it (default: what you allowed before; on "
        "a terminal you are asked)",
        type=_permission,
        action="append",
        default=[],
    ),
    option(
        "--time-limit SECONDS",
        "for the queries of one table together (default: 600)",
        type=_seconds,
        default=600.0,
    ),
    option(
        "--memory-limit SIZE",
        "of the embedded engine; more is spilled to disk (default: 512MB)",
        type=_memory,
        default="512MB",
    ),
)
_PROBE = (
    _SIGN,
    option(
        "--for DIR",
        "an assessment's folder: the endpoints that its resources.yaml declares are "
        "tried too, and the package index if it is needed (default: neither)",
        dest="folder",
        type=Path,
    ),
    option(
        "--resource ID",
        "only what this resource of DIR needs (default: what any of them needs)",
    ),
    option(
        "--out FILE",
        "file to write, - for JSON on standard output (default: a table only)",
        type=Path,
    ),
)
VERBS = {
    "measure": Verb(_measure, _MEASURE, "readybook measure churn --time-limit 1800"),
    "probe": Verb(
        _probe,
        _PROBE,
        "readybook probe --for churn --resource training-node \\\n"
        "      --out churn/evidence/training-node.json",
    ),
    "account": Verb(_account, (FOLDERS, _SIGN), "readybook account churn"),
}
