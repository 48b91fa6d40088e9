"""Why a question stands elsewhere after one step of a comparison: one sentence; pure."""

from __future__ import annotations

from collections.abc import Mapping

from readybook.model.bank import Bank
from readybook.model.findings import Finding
from readybook.model.results import Result, Standing
from readybook.model.words import day, level_range, role_title
from readybook.score.replay import Look, StepName

__all__ = ["title_of", "why_moved"]


#: What is said of every question that a step moved.
_OF_STEP: dict[StepName, str] = {
    "readybook": "Another version of readybook scores the same inputs otherwise.",
    "bank": "The question, its weight, its gate or its checks changed.",
    "applicability": "Scope facts, phase or track changed.",
}


def title_of(name: str, before: Result, after: Result) -> str:
    """Return the title of a question, of now where there still is one."""
    standing = _standings(after).get(name) or _standings(before).get(name)
    return standing.question.title if standing else name


def why_moved(name: str, result: Result, look: Look, bank: Bank) -> str:
    """Return why a question or its gate moved at a step.

    Args:
        name: of the question.
        result: before the step.
        look: after it.
        bank: for titles of roles.
    """
    before, after = _standings(result).get(name), _standings(look.result).get(name)
    if before is None:
        return "It was not asked before."
    if after is None:
        return "It is no longer asked."
    if look.step in _OF_STEP:
        return _OF_STEP[look.step]
    if look.step == "answers":
        return _answered(before, after, bank)
    return _found(before, after, look)


def _standings(result: Result) -> Mapping[str, Standing]:
    return {standing.question.id: standing for standing in result.standings}


# --- answers -----------------------------------------------------------------------


def _answered(before: Standing, after: Standing, bank: Bank) -> str:
    was, now = _said(before), _said(after)
    who = role_title(bank, after.question.authority)
    if after.agreed_on and after.agreed_on != before.agreed_on:
        return f"The room settled on “{now}” on {day(after.agreed_on)}."
    if was == now:
        return f"The answer is still “{now}”; its proof: {after.proof}, was {before.proof}."
    if before.status == "unanswered":
        return f"{who} answered “{now}”, proof: {after.proof}."
    return f"{who} now says “{now}”, said “{was}” before."


def _said(standing: Standing) -> str:
    if standing.claim is not None:
        return level_range(standing.claim)
    return {
        "unknown": "we don't know",
        "waved off": "does not apply",
        "unanswered": "no answer",
    }.get(standing.status, "not asked")


# --- evidence ----------------------------------------------------------------------


def _found(before: Standing, after: Standing, look: Look) -> str:
    checks = {check.check for check in after.checks}
    told = [
        finding
        for key, finding in look.seen.items()
        if key[0] in checks and _differs(finding, look.held.get(key))
    ]
    loud = [one for one in told if one.outcome == "contradicts"]
    told = loud or [one for one in told if one.outcome == "supports"] or told
    if after.proof == "out of date" and before.proof != "out of date":
        return f"Its proof went out of date; until then it was {before.proof}."
    if not told and look.step == "out of date":
        return "Part of its proof went out of date."
    if not told:
        return f"Its proof: {after.proof}, was {before.proof}."
    more = f" And {len(told) - 1} more." if told[1:] else ""
    return f"{told[0].message}{more}"


def _differs(finding: Finding, held: Finding | None) -> bool:
    """Return whether a finding says something else than the one of then."""
    if held is None:
        return True
    return (finding.outcome, finding.message) != (held.outcome, held.message)
