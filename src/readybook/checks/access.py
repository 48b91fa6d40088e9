"""What a job may do on its machine and reach from it, against what it needs; pure.

A privilege is held or it is not, and an endpoint is reached or it is not: there is no
threshold but the list that resources.yaml declares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from readybook.checks.probe import Probed, find_probe
from readybook.model.case import Assessment
from readybook.model.findings import Finding
from readybook.model.resources import ResourceNeeds

__all__ = ["PRIVILEGES", "check_access"]


def check_access(assessment: Assessment) -> list[Finding]:
    """Return findings on needed privileges, endpoints and a package index.

    Privileges are counted together, an endpoint is a finding of its own. What no probe
    tried or could see is "not measured".
    """
    return [
        finding
        for resource in assessment.resources.resources
        if resource.needs is not None
        for check in _CHECKS
        for finding in check(find_probe(assessment, resource), resource.needs)
    ]


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
        unit="privileges",
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
            unit="answers",
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
        unit="answers",
        threshold="yes",
    )


#: In the order in which findings are shown.
_CHECKS: tuple[Callable[[Probed, ResourceNeeds], Iterator[Finding]], ...] = (
    _privileges,
    _endpoints,
    _package_index,
)
