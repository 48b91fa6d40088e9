"""A small case of resources and what measures them, and how a check bears on a gate."""

from __future__ import annotations

import datetime as dt

from readybook.checks.findings import collect_findings
from readybook.model.case import Answer, Assessment, Resource, Resources, Scope
from readybook.model.findings import MachineEvidence, MachineFact
from readybook.score.score import score
from samples import bank, question, sheet

AS_OF = dt.date(2026, 11, 30)
PROBED = dt.date(2026, 11, 23)


def fact(name, value, state="read", why=None, unit=None):
    """A fact that a probe read, or did not."""
    return MachineFact(
        fact=name, state=state, value=value, how="a file", why=why, unit=unit
    )


def probe(*facts, on=PROBED, **more):
    """The evidence of one probe."""
    return MachineEvidence(
        format=1, kind="machine", readybook="0.1.0", measured_on=on, facts=facts, **more
    )


def resource(id_, **more):
    """A machine that is declared."""
    return Resource(id=id_, what="Machine", kind="compute", **more)


def case(*resources, route=None, log=None, target=None, as_of=AS_OF, **evidence):
    """An assessment that declares these resources and this route.

    `log` is what a deployment log showed; `evidence` is that of probes and accounts.
    """
    return Assessment(
        name="case",
        as_of=as_of,
        scope=Scope(
            format=1,
            title="Case",
            team="Team",
            phase="pilot",
            track="full",
            as_of=as_of,
            target_date=target,
        ),
        resources=Resources(format=1, resources=resources, route=route),
        route=log,
        fingerprint="sha256:case",
        **evidence,
    )


def the_one(check, assessment):
    """The only finding of a check, among all findings of the assessment."""
    (found,) = [one for one in collect_findings(assessment) if one.check == check]
    return found


def bears(check, assessment):
    """How the check bears on a gate that is claimed to be in place.

    The gate needs level 2; the check supports 3 and proves at most 1.
    """
    asked = question("PRV-01", gate=("prototype", 2), checks=[(check, 3, 1)])
    answers = {"PRV-01": Answer(answer=3, date=assessment.as_of)}
    told = assessment.model_copy(update={"sheets": {"a": sheet(answers=answers)}})
    standing = score(bank(asked), told).standing("PRV-01")
    return standing.gate_state, standing.bounds.lower, standing.bounds.upper


#: What `bears` returns of a check that failed, passed, or says nothing (word alone).
FAILED = ("failed", 1, 1)
PASSED = ("passed", 3, 3)
SILENT = ("undecided", 1, 3)
