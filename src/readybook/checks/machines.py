"""What machines give, against what resources need of them: amounts, access, accounts.

The thresholds are the needs that resources.yaml declares, each of them measured by the
probe that the resource names. Two follow from a need of CPUs: a job should not be
stopped in any period of the short load (a load of as many threads as CPUs are granted
is stopped in none, as a trial of it shows), and a numerical library that works with one
thread can use one CPU only. An account number is shown by its last four characters.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from readybook.checks.catalogue import Told, fingerprint_of, needs_threads
from readybook.model.case import Assessment, Privilege, Resource, ResourceNeeds
from readybook.model.findings import (
    AccountEvidence,
    AccountSeen,
    Finding,
    MachineEvidence,
    RouteEvidence,
)
from readybook.model.words import in_words, number


class Need(NamedTuple):
    """One amount that a job needs of a machine, what measures it, and how it reads."""

    key: str  #: field of `ResourceNeeds`
    check: str
    fact: str  #: of a probe
    unit: str
    name: str
    says: str  #: the measured amount stands for {}
    limit: bool = False  #: True: without a limit there is enough


#: In the order of findings. Another need is a row here, a field there, a row of checks.yaml.
# fmt: off
NEEDS = (
    Need("memory_gib", "memory-enough", "memory-granted", "GiB", "memory",
         "The machine grants {} of memory"),
    Need("swap_gib", "swap-enough", "swap-granted", "GiB", "swap",
         "The machine grants {} of swap"),
    Need("cpus", "cpus-enough", "cpus-granted", "CPUs", "CPUs",
         "The machine grants {}"),
    Need("disk_gib", "disk-enough", "disk-free", "GiB", "free disk",
         "The working folder has {} free"),
    Need("write_mib_per_s", "disk-fast-enough", "disk-write", "MiB/s", "disk writes",
         "The working folder is written at {}"),
    Need("matrix_gflops", "matrix-fast-enough", "matrix-rate", "GFLOP/s",
         "matrix product", "Matrices are multiplied at {}"),
    Need("gpus", "gpus-enough", "gpus", "GPUs", "GPUs", "The machine offers {}"),
    Need("gpu_memory_gib", "gpu-memory-enough", "gpu-memory", "GiB",
         "memory of each GPU", "The smallest GPU has {} of memory"),
    Need("open_files", "files-enough", "open-files", "files", "open files",
         "A process may open {} at once", limit=True),
)
# fmt: on

#: What a probe reads where a limit is not set.
_NO_LIMIT = ("none", "unlimited")


# --- the probe of a resource -------------------------------------------------------

_TOO_LATE = "is dated after the as-of date"
_Evidence = TypeVar("_Evidence", MachineEvidence, AccountEvidence, RouteEvidence)


def dated_by(
    evidence: _Evidence | None, as_of: dt.date, file: str
) -> tuple[_Evidence | None, str]:
    """Return evidence that counts on a day, or None and why there is none.

    What was recorded after the day has not happened yet: it is told as missing.
    """
    if evidence is None:
        return None, f"there is no {file}"
    if evidence.measured_on > as_of:
        return None, f"{file} {_TOO_LATE}"
    return evidence, ""


@dataclass(frozen=True)
class Probed:
    """A resource beside the evidence of its probe."""

    resource: Resource
    as_of: dt.date
    evidence: MachineEvidence | None
    why: str = ""  #: why there is no evidence

    @property
    def is_too_late(self) -> bool:
        """Return whether the probe ran, yet after the as-of date."""
        return self.why.endswith(_TOO_LATE)

    @property
    def measured_on(self) -> dt.date:
        """Return the day of the probe, the as-of date without one."""
        return self.evidence.measured_on if self.evidence else self.as_of

    def value(self, fact: str) -> int | float | str | None:
        """Return what the probe read; None where it did not or could not look."""
        found = self.evidence.fact(fact) if self.evidence else None
        return found.value if found and found.state == "read" else None

    def amount(self, fact: str) -> int | float | None:
        """Return what the probe read where it is a number, None otherwise."""
        value = self.value(fact)
        return None if isinstance(value, str) else value

    def why_not(self, fact: str) -> str:
        """Return why a fact is not known, in words that follow a colon."""
        if self.evidence is None:
            return self.why
        found = self.evidence.fact(fact)
        if found is None:
            return f"evidence/{self.resource.probe}.json does not have {fact}"
        if found.state == "read":
            return f"what the probe read of {fact} is not what is compared"
        denied = found.state == "denied"
        state = "the probe was denied" if denied else "the probe cannot see"
        return f"{state} {fact} ({found.why or found.how})"

    def unknown(self, fact: str) -> str:
        """Return the sentence that says why a fact was not measured."""
        return f"{self.resource.id} was not measured: {self.why_not(fact)}."


def find_probe(assessment: Assessment, resource: Resource) -> Probed:
    """Return a resource with the evidence of its probe, or why there is none."""
    as_of, name = assessment.as_of, resource.probe
    if name is None:
        return Probed(resource, as_of, None, "no probe is named in resources.yaml")
    evidence = assessment.probes.get(name)
    return Probed(resource, as_of, *dated_by(evidence, as_of, f"evidence/{name}.json"))


def check_machines(assessment: Assessment) -> list[Finding]:
    """Return the findings on amounts of each resource, then those on its access.

    A need without a probe, or whose fact the probe could not see, is "not measured".
    Where more than one CPU is needed and no rate of matrix products is, the threads of
    the numerical library are compared instead. Units are those of the needs; a load's
    stopped periods are told in per cent. Privileges are counted together, an endpoint is
    a finding of its own.
    """
    return [
        told._replace(
            subject=f"{resource.id} {told.subject}".rstrip(),
            source=f"resources.yaml: {resource.id} needs.{told.source}",
        ).finding(probed.measured_on, fingerprint_of(probed.evidence))
        for parts in (
            (_amounts, _throttling, _threads),
            (_privileges, _endpoints, _package_index),
        )
        for resource in assessment.resources.resources
        if resource.needs is not None
        for probed in [find_probe(assessment, resource)]
        for part in parts
        for told in part(probed, resource.needs)
    ]


# --- amounts -----------------------------------------------------------------------


def _amounts(probed: Probed, needs: ResourceNeeds) -> Iterator[Told]:
    for need in NEEDS:
        needed = getattr(needs, need.key)
        if needed is None:
            continue
        value: float | str | None = probed.amount(need.fact)
        if need.key == "gpu_memory_gib" and probed.amount("gpus") == 0:
            value = 0
        is_fine = None if value is None else value >= needed
        if need.limit and probed.value(need.fact) in _NO_LIMIT:
            value, is_fine = "no limit", True
        message = _message(probed, need, value, needed)
        unit = need.unit
        yield Told(need.check, "", is_fine, message, need.key, value, needed, unit)


def _message(
    probed: Probed, need: Need, value: float | str | None, needed: float
) -> str:
    if value is None:
        return probed.unknown(need.fact)
    wanted = f"{number(needed, need.unit)} {'is' if needed == 1 else 'are'} needed"
    if value == 0 and need.key == "swap_gib" and needed:
        return (
            f"The machine has no swap and {wanted}, so a job that outgrows the memory "
            "is killed instead of slowed."
        )
    if value == 0 and need.key in {"gpus", "gpu_memory_gib"}:
        return f"The machine offers no GPU; {wanted}."
    is_amount = not isinstance(value, str)
    told = number(value, need.unit) if is_amount else f"any number of {need.unit}"
    said = need.says.format(told)
    if need.key == "matrix_gflops" and (idle := _idle(probed)):
        return f"{said} by one thread, while {idle}; {wanted}."
    return f"{said}; {wanted}."


def _threads(probed: Probed, needs: ResourceNeeds) -> Iterator[Told]:
    """Yield whether more than one CPU is used, where no rate is needed to show it."""
    if not needs_threads(needs):
        return
    threads = probed.amount("blas-threads")
    library, idle = "The numerical library (BLAS) works with", _idle(probed)
    if threads is None:
        message = probed.unknown("blas-threads")
    elif threads > 1:
        message = f"{library} {number(threads, 'threads')}."
    else:
        so = f", so {idle} in matrix products" if idle else ""
        message = f"{library} one thread{so}; {number(needs.cpus, 'CPUs')} are needed."
    is_fine = None if threads is None else threads > 1
    check = "matrix-fast-enough"
    yield Told(check, "", is_fine, message, "cpus", threads, 2, "threads")


def _idle(probed: Probed) -> str:
    """Return how many granted CPUs a one-thread BLAS leaves idle, "" where none."""
    threads = [probed.amount("matrix-threads"), probed.amount("blas-threads")]
    granted = probed.amount("cpus-granted")
    if 1 not in threads or granted is None or granted <= 1:
        return ""
    verb = "stands" if granted == 2 else "stand"  # noqa: PLR2004 - one is left
    return f"{number(granted - 1)} of the {number(granted, 'CPUs')} granted {verb} idle"


def _throttling(probed: Probed, needs: ResourceNeeds) -> Iterator[Told]:
    """Yield whether the machine stopped the job in any period of the short load."""
    if needs.cpus is None:
        return
    fact = "cpu-throttled"
    # Without a quota no period can be stopped.
    value = 0 if probed.value(fact) in _NO_LIMIT else probed.amount(fact)
    message = "The machine stopped the job in no period of a one-second load."
    if value is None:
        message = probed.unknown(fact)
    elif value:
        message = (
            f"The machine stopped the job in {number(value, '%')} of periods in a "
            "one-second load, because its share of the CPUs was used up."
        )
    is_fine = None if value is None else not value
    yield Told("cpu-unthrottled", "", is_fine, message, "cpus", value, 0)


# --- access ------------------------------------------------------------------------

#: Privilege to what it is in words.
PRIVILEGES: dict[Privilege, str] = {
    "root": "root rights",
    "sudo": "sudo without a password",
    "package-install": "installing packages",
    "container-build": "building containers",
}


def _privileges(probed: Probed, needs: ResourceNeeds) -> Iterator[Told]:
    """Yield whether every needed privilege is held; one that is lacking decides."""
    held = {name: probed.value(name) for name in needs.privileges}
    if not held:
        return
    lacking = [PRIVILEGES[name] for name, state in held.items() if state == "no"]
    unknown = [name for name, state in held.items() if state not in {"yes", "no"}]
    is_fine: bool | None = not lacking
    value: int | None = sum(state == "yes" for state in held.values())
    if lacking:
        message = f"The job lacks what it needs: {', '.join(lacking)}."
    elif unknown:
        is_fine = value = None
        message = probed.unknown(unknown[0])
    else:
        has = ", ".join(_with_note(probed, name) for name in held)
        message = f"The job has every privilege that it needs: {has}."
    key = "privileges"
    yield Told("privileges-held", "", is_fine, message, key, value, len(held))


def _with_note(probed: Probed, name: Privilege) -> str:
    found = probed.evidence.fact(name) if probed.evidence else None
    return PRIVILEGES[name] + (f" ({found.why})" if found and found.why else "")


_UNREACHED = {
    "refused": "the connection was refused",
    "timed out": "nothing answered in time",
    "no route": "there is no route to it",
    "no name": "its name is not known there",
    "no tls": "it answered, but not with a valid TLS handshake",
}


def _endpoints(probed: Probed, needs: ResourceNeeds) -> Iterator[Told]:
    """Yield whether each declared endpoint answered, once per host and port."""
    machine, evidence = probed.resource.id, probed.evidence
    wanted: dict[tuple[str, int], bool] = {}
    for end in needs.endpoints:
        wanted[end.host, end.port] = end.tls or wanted.get((end.host, end.port), False)
    tried = evidence.endpoints if evidence else ()
    states = {(reach.host, reach.port, reach.tls): reach.state for reach in tried}
    for (host, port), tls in wanted.items():
        state = states.get((host, port, tls))
        name, with_tls = f"{host}:{port}", " with TLS" * tls
        if state is None:
            why = probed.why or f"its probe did not try {name}{with_tls}"
            message = f"{machine} was not measured: {why}."
        elif state == "reached":
            message = f"{machine} reaches {name}{with_tls}."
        else:
            message = f"{machine} does not reach {name}: {_UNREACHED[state]}."
        is_fine = None if state is None else state == "reached"
        key = "endpoints"
        yield Told("endpoints-reached", name, is_fine, message, key, state, "reached")


def _package_index(probed: Probed, needs: ResourceNeeds) -> Iterator[Told]:
    """Yield whether a package index answered, where one is needed."""
    if not needs.package_index:
        return
    value = probed.value("package-index")
    message = "A package index answered the machine."
    if value == "no":
        so = "so nothing can be installed on it from outside"
        message = f"No package index answered the machine, {so}."
    elif value != "yes":
        value, message = None, probed.unknown("package-index")
    is_fine = None if value is None else value == "yes"
    key = "package_index"
    yield Told("package-index-answers", "", is_fine, message, key, value, "yes")


# --- accounts ------------------------------------------------------------------------

_ACCOUNTS = "evidence/accounts.json"
_SHOWN = 4  # characters of an account number
_STATES = {
    "expired": "the credentials have expired",
    "invalid": "the provider did not accept the credentials",
    "missing": "there are no credentials",
    "not visible": "it could not be seen whose the credentials are",
}


def masked(number: str) -> str:
    """Return the last four characters, at most half of a number that is short."""
    shown = min(_SHOWN, len(number) // 2)
    return f"…{number[-shown:]}" if shown else "…"


def check_accounts(assessment: Assessment) -> list[Finding]:
    """Return a finding for each resource with a declared account, in declared order.

    Credentials of another account contradict. Credentials that are missing, that have
    expired or that were refused say nothing of whose they are: "not measured".
    """
    as_of, found = assessment.as_of, []
    evidence, undated = dated_by(assessment.accounts, as_of, _ACCOUNTS)
    looked_at = {row.resource: row for row in evidence.accounts} if evidence else {}
    for resource in assessment.resources.resources:
        if resource.account is None:
            continue
        row, declared = looked_at.get(resource.id), masked(resource.account.id)
        why = undated or _why_not(row, declared)
        seen = row.seen if row and not why else None
        is_fine = None if why else bool(row and row.is_declared)
        if why:
            message = f"{resource.id} was not measured: {why}."
        elif is_fine:
            message = f"The credentials belong to the declared account {declared}."
        else:
            message = _another(seen, declared, resource)
        check = "account-as-declared"
        source = f"resources.yaml: {resource.id} account.id"
        told = Told(check, resource.id, is_fine, message, source, seen, declared)
        day = evidence.measured_on if evidence else as_of
        found.append(told.finding(day, fingerprint_of(evidence)))
    return found


def _why_not(seen: AccountSeen | None, declared: str) -> str:
    """Return why it is not known whose the credentials are, "" where it is."""
    if seen is None:
        return f"{_ACCOUNTS} does not have it"
    if seen.state != "read" or seen.is_declared is None:
        state = _STATES.get(seen.state, _STATES["not visible"])
        return f"{state} ({seen.why})" if seen.why else state
    if seen.is_declared and seen.seen not in {None, declared}:
        return "another account was declared when the credentials were looked at"
    return ""


def _another(seen: str | None, declared: str, resource: Resource) -> str:
    """Return that the account is another, and what that means for who pays."""
    if seen is None or seen == declared:
        whose = f"another account than the declared {declared}"
    else:
        whose = f"account {seen}, not to the declared {declared}"
    pays = resource.pays and in_words(resource.pays)
    budget = resource.budget_code and f"budget code {resource.budget_code}"
    planned = ", ".join(filter(None, (pays, budget)))
    payer = f"may not fall on {planned}" if planned else "may fall on somebody else"
    return f"The credentials belong to {whose}; the cost {payer}."
