"""Needs of resources against what their probes measured."""

import datetime as dt

import pytest

from readybook.declared import (
    Assessment,
    Resource,
    ResourceNeeds,
    Resources,
    Scope,
)
from readybook.findings import MachineEvidence, MachineFact
from readybook.provision import check_resources

AS_OF = dt.date(2026, 11, 30)
PROBED = dt.date(2026, 11, 23)
NEEDS = ResourceNeeds(memory_gib=16.0, swap_gib=8.0, cpus=2.0)


def fact(name, value, state="read", why=None):
    return MachineFact(fact=name, state=state, value=value, how="a file", why=why)


def evidence(*facts):
    return MachineEvidence(
        format=1, kind="machine", readybook="0.1.0", measured_on=PROBED, facts=facts
    )


def findings(*, needs=NEEDS, probe="node", **probes):
    resource = Resource(id="node", what="w", kind="compute", needs=needs, probe=probe)
    return {
        one.check: one
        for one in check_resources(
            Assessment(
                name="case",
                as_of=AS_OF,
                scope=Scope(format=1, title="C", team="T", phase="pilot", as_of=AS_OF),
                resources=Resources(format=1, resources=(resource,)),
                probes=probes,
                fingerprint="sha256:0",
            )
        )
    }


NODE = evidence(
    fact("memory-granted", 23.541), fact("swap-granted", 0.0), fact("cpus-granted", 2)
)


@pytest.mark.parametrize(
    ("check", "outcome", "message"),
    [
        (
            "memory-enough",
            "supports",
            "The machine grants 23.5 GiB of memory; 16 GiB are needed.",
        ),
        (
            "swap-enough",
            "contradicts",
            "The machine grants 0 GiB of swap; 8 GiB are needed.",
        ),
        ("cpus-enough", "supports", "The machine grants 2 CPUs; 2 CPUs are needed."),
    ],
)
def test_need_is_compared_with_what_the_probe_granted(check, outcome, message):
    """What suffices supports, what falls short contradicts, and both figures show."""
    finding = findings(node=NODE)[check]

    assert (finding.outcome, finding.message) == (outcome, message)
    assert finding.measured_on == PROBED
    assert finding.fingerprint.startswith("sha256:")
    assert finding.threshold_source.startswith("resources.yaml: node needs.")


@pytest.mark.parametrize(
    ("probe", "probes", "why"),
    [
        (None, {}, "no probe is named in resources.yaml"),
        ("node", {}, "there is no evidence/node.json"),
        ("node", {"node": evidence()}, "evidence/node.json does not have swap-granted"),
        (
            "node",
            {
                "node": evidence(
                    fact("swap-granted", None, "not visible", "no group is mounted")
                )
            },
            "the probe cannot see swap-granted (no group is mounted)",
        ),
        (
            "node",
            {"node": evidence(fact("swap-granted", None, "denied", "not allowed"))},
            "the probe was denied swap-granted (not allowed)",
        ),
    ],
)
def test_what_no_probe_saw_is_not_measured(probe, probes, why):
    """A missing or blind probe never supports a need."""
    finding = findings(needs=ResourceNeeds(swap_gib=8.0), probe=probe, **probes)[
        "swap-enough"
    ]

    assert finding.outcome == "not measured"
    assert finding.message == f"node was not measured: {why}."
    assert finding.value is None


def test_resource_without_needs_has_no_finding():
    """Where nothing is declared as needed, nothing is compared."""
    assert findings(needs=None, node=NODE) == {}


def test_other_content_has_another_fingerprint():
    """A finding is bound to the probe that it is from."""
    other = evidence(
        fact("memory-granted", 4.0), fact("swap-granted", 0.0), fact("cpus-granted", 2)
    )
    prints = {findings(node=one)["swap-enough"].fingerprint for one in (NODE, other)}

    assert len(prints) == 2
