"""What machines give, against what resources need of them: amounts, access, accounts.

The thresholds are the needs that resources.yaml declares, each of them measured by the
probe that the resource names. Two follow from a need of CPUs: a job should not be
stopped in any period of the short load (a load of as many threads as CPUs are granted
is stopped in none, as a trial of it shows), and a numerical library that works with one
thread can use one CPU only. An account number is shown by its last four characters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

from readybook.checks.catalogue import find, fingerprint_of, needs_threads
from readybook.model.case import Account, Assessment, Resource, ResourceNeeds
from readybook.model.findings import NOTHING, AccountSeen, Finding, MachineEvidence
from readybook.model.words import number

__all__ = [
    "NEEDS",
    "PRIVILEGES",
    "Need",
    "Probed",
    "check_access",
    "check_accounts",
    "check_resources",
    "dated_by",
    "find_probe",
    "masked",
]


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


class _Dated(Protocol):
    @property
    def measured_on(self) -> dt.date:
        """Return the day of measuring."""


_D = TypeVar("_D", bound=_Dated)


def dated_by(evidence: _D | None, as_of: dt.date, file: str) -> tuple[_D | None, str]:
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

    def value(self, fact: str) -> int | float | str | None:
        """Return what the probe read; None where it did not or could not look."""
        found = self.evidence.fact(fact) if self.evidence else None
        return found.value if found and found.state == "read" else None

    def amount(self, fact: str) -> int | float | None:
        """Return what the probe read where it is a number, None otherwise."""
        value = self.value(fact)
        return None if isinstance(value, str) else value

    def note(self, fact: str) -> str:
        """Return what the probe says of a value that it read: " (...)", or ""."""
        found = self.evidence.fact(fact) if self.evidence else None
        return f" ({found.why})" if found and found.why else ""

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

    def finding(  # noqa: PLR0913 - one place fills what all findings of probes share
        self,
        check: str,
        key: str,
        message: str,
        *,
        value: float | str | None,
        is_fine: bool | None,
        threshold: float | str,
        unit: str | None = None,
        subject: str = "",
    ) -> Finding:
        """Return a finding that is dated by the probe, by the as-of date without one.

        Args:
            check: its id.
            key: of the resource in resources.yaml, which declares the need.
            message: one sentence.
            value: what was measured, None for nothing.
            is_fine: None where it was not measured.
            threshold: what is needed.
            unit: of value and threshold, None for the check's own.
            subject: "" for the resource's id.
        """
        evidence = self.evidence
        return find(
            check,
            subject or self.resource.id,
            is_fine,
            message,
            value=value,
            unit=unit,
            threshold=threshold,
            source=f"resources.yaml: {self.resource.id} {key}",
            measured_on=evidence.measured_on if evidence else self.as_of,
            fingerprint=fingerprint_of(evidence) if evidence else NOTHING,
        )


def find_probe(assessment: Assessment, resource: Resource) -> Probed:
    """Return a resource with the evidence of its probe, or why there is none."""
    as_of, name = assessment.as_of, resource.probe
    if name is None:
        return Probed(resource, as_of, None, "no probe is named in resources.yaml")
    evidence = assessment.probes.get(name)
    return Probed(resource, as_of, *dated_by(evidence, as_of, f"evidence/{name}.json"))


_Part = Callable[[Probed, ResourceNeeds], Iterator[Finding]]


def _each_part(assessment: Assessment, *parts: _Part) -> list[Finding]:
    return [
        finding
        for resource in assessment.resources.resources
        if resource.needs is not None
        for part in parts
        for finding in part(find_probe(assessment, resource), resource.needs)
    ]


def check_resources(assessment: Assessment) -> list[Finding]:
    """Return a finding for every declared amount of a resource, in declared order.

    A need without a probe, or whose fact the probe could not see, is "not measured".
    Where more than one CPU is needed and no rate of matrix products is, the threads of
    the numerical library are compared instead. Units are those of the needs; a load's
    stopped periods are told in per cent.
    """
    return _each_part(assessment, _amounts, _throttling, _threads)


def check_access(assessment: Assessment) -> list[Finding]:
    """Return findings on needed privileges, endpoints and a package index.

    Privileges are counted together, an endpoint is a finding of its own. What no probe
    tried or could see is "not measured".
    """
    return _each_part(assessment, _privileges, _endpoints, _package_index)


# --- amounts -----------------------------------------------------------------------


def _amounts(probed: Probed, needs: ResourceNeeds) -> Iterator[Finding]:
    for need in NEEDS:
        needed = getattr(needs, need.key)
        if needed is not None:
            yield _amount(probed, need, needed)


def _amount(probed: Probed, need: Need, needed: float) -> Finding:
    amount = probed.amount(need.fact)
    if need.key == "gpu_memory_gib" and probed.amount("gpus") == 0:
        amount = 0
    value: float | str | None = amount
    is_fine = None if amount is None else amount >= needed
    if need.limit and probed.value(need.fact) in _NO_LIMIT:
        value, is_fine = "no limit", True
    return probed.finding(
        need.check,
        f"needs.{need.key}",
        probed.unknown(need.fact)
        if value is None
        else _message(probed, need, value, needed),
        value=value,
        is_fine=is_fine,
        unit=need.unit,
        threshold=needed,
    )


def _message(probed: Probed, need: Need, value: float | str, needed: float) -> str:
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


# --- the numerical library ---------------------------------------------------------


def _threads(probed: Probed, needs: ResourceNeeds) -> Iterator[Finding]:
    """Yield whether more than one CPU is used, where no rate is needed to show it."""
    if not needs_threads(needs):
        return
    fact, wanted = "blas-threads", number(float(needs.cpus or 0), "CPUs")
    threads = probed.amount(fact)
    if threads is None:
        message = probed.unknown(fact)
    elif threads > 1:
        said = number(float(threads), "threads")
        message = f"The numerical library (BLAS) works with {said}."
    else:
        idle = _idle(probed)
        message = (
            "The numerical library (BLAS) works with one thread"
            f"{f', so {idle} in matrix products' if idle else ''}; {wanted} are needed."
        )
    yield probed.finding(
        "matrix-fast-enough",
        "needs.cpus",
        message,
        value=threads,
        is_fine=None if threads is None else threads > 1,
        unit="threads",
        threshold=2,
    )


def _idle(probed: Probed) -> str:
    """Return how many granted CPUs a one-thread BLAS leaves idle, "" where none."""
    threads = [probed.amount("matrix-threads"), probed.amount("blas-threads")]
    granted = probed.amount("cpus-granted")
    if 1 not in threads or granted is None or granted <= 1:
        return ""
    verb = "stands" if granted == 2 else "stand"  # noqa: PLR2004 - one is left
    left, whole = number(float(granted - 1)), number(float(granted), "CPUs")
    return f"{left} of the {whole} granted {verb} idle"


# --- throttling --------------------------------------------------------------------


def _throttling(probed: Probed, needs: ResourceNeeds) -> Iterator[Finding]:
    """Yield whether the machine stopped the job in any period of the short load."""
    if needs.cpus is None:
        return
    fact = "cpu-throttled"
    value = probed.amount(fact)
    if probed.value(fact) in _NO_LIMIT:  # without a quota no period can be stopped
        value = 0
    if value is None:
        message = probed.unknown(fact)
    elif value:
        message = (
            f"The machine stopped the job in {number(float(value), '%')} of periods in "
            "a one-second load, because its share of the CPUs was used up."
        )
    else:
        message = "The machine stopped the job in no period of a one-second load."
    yield probed.finding(
        "cpu-unthrottled",
        "needs.cpus",
        message,
        value=value,
        is_fine=None if value is None else not value,
        threshold=0,
    )


# --- privileges --------------------------------------------------------------------

#: Privilege to what it is in words.
PRIVILEGES = {
    "root": "root rights",
    "sudo": "sudo without a password",
    "package-install": "installing packages",
    "container-build": "building containers",
}


def _privileges(probed: Probed, needs: ResourceNeeds) -> Iterator[Finding]:
    """Yield whether every needed privilege is held; one that is lacking decides."""
    wanted = tuple(dict.fromkeys(needs.privileges))
    if not wanted:
        return
    held = {name: probed.value(name) for name in wanted}
    lacking = [PRIVILEGES[name] for name in wanted if held[name] == "no"]
    unknown = [name for name in wanted if held[name] not in {"yes", "no"}]
    count = sum(value == "yes" for value in held.values())
    if lacking:
        message = f"The job lacks what it needs: {', '.join(lacking)}."
    elif unknown:
        message = probed.unknown(unknown[0])
    else:
        has = ", ".join(f"{PRIVILEGES[name]}{probed.note(name)}" for name in wanted)
        message = f"The job has every privilege that it needs: {has}."
    yield probed.finding(
        "privileges-held",
        "needs.privileges",
        message,
        value=count if lacking or not unknown else None,
        is_fine=False if lacking else None if unknown else True,
        threshold=len(wanted),
    )


# --- endpoints ---------------------------------------------------------------------

_UNREACHED = {
    "refused": "the connection was refused",
    "timed out": "nothing answered in time",
    "no route": "there is no route to it",
    "no name": "its name is not known there",
    "no tls": "it answered, but not with a valid TLS handshake",
}


def _endpoints(probed: Probed, needs: ResourceNeeds) -> Iterator[Finding]:
    """Yield whether each declared endpoint answered, once per host and port."""
    id_, tried = (
        probed.resource.id,
        probed.evidence.endpoints if probed.evidence else (),
    )
    wanted: dict[tuple[str, int], bool] = {}
    for end in needs.endpoints:
        wanted[end.host, end.port] = end.tls or wanted.get((end.host, end.port), False)
    states = {(reach.host, reach.port, reach.tls): reach.state for reach in tried}
    for (host, port), tls in wanted.items():
        state = states.get((host, port, tls))
        name = f"{host}:{port}"
        if state is None:
            why = probed.why or f"its probe did not try {name}{' with TLS' * tls}"
            message = f"{id_} was not measured: {why}."
        elif state == "reached":
            message = f"{id_} reaches {name}{' with TLS' * tls}."
        else:
            message = f"{id_} does not reach {name}: {_UNREACHED[state]}."
        yield probed.finding(
            "endpoints-reached",
            "needs.endpoints",
            message,
            value=state,
            is_fine=None if state is None else state == "reached",
            threshold="reached",
            subject=f"{id_} {name}",
        )


# --- package index -----------------------------------------------------------------


def _package_index(probed: Probed, needs: ResourceNeeds) -> Iterator[Finding]:
    """Yield whether a package index answered, where one is needed."""
    if not needs.package_index:
        return
    said = {
        "yes": "A package index answered the machine.",
        "no": "No package index answered the machine, so nothing can be installed "
        "on it from outside.",
    }
    value = str(probed.value("package-index"))
    yield probed.finding(
        "package-index-answers",
        "needs.package_index",
        said.get(value) or probed.unknown("package-index"),
        value=value if value in said else None,
        is_fine={"yes": True, "no": False}.get(value),
        threshold="yes",
    )


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
    return [
        _account(resource, resource.account, assessment)
        for resource in assessment.resources.resources
        if resource.account is not None
    ]


def _account(resource: Resource, account: Account, assessment: Assessment) -> Finding:
    as_of = assessment.as_of
    evidence, why = dated_by(assessment.accounts, as_of, _ACCOUNTS)
    rows = evidence.accounts if evidence else ()
    seen = next((row for row in rows if row.resource == resource.id), None)
    declared = masked(account.id)
    why = why or _why_not(seen, declared)
    is_fine = bool(seen and seen.is_declared)
    if why:
        message = f"{resource.id} was not measured: {why}."
    elif is_fine:
        message = f"The credentials belong to the declared account {declared}."
    else:
        message = _another(seen.seen if seen else None, declared, resource)
    return find(
        "account-as-declared",
        resource.id,
        None if why else is_fine,
        message,
        value=seen.seen if seen and not why else None,
        threshold=declared,
        source=f"resources.yaml: {resource.id} account.id",
        measured_on=evidence.measured_on if evidence else as_of,
        fingerprint=fingerprint_of(evidence) if evidence else NOTHING,
    )


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
    pays = resource.pays and resource.pays.replace("-", " ")
    budget = resource.budget_code and f"budget code {resource.budget_code}"
    planned = ", ".join(filter(None, (pays, budget)))
    payer = f"may not fall on {planned}" if planned else "may fall on somebody else"
    return f"The credentials belong to {whose}; the cost {payer}."
