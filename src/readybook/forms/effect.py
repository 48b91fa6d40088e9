"""What an answer does: shown for a question only after its person has answered it."""

from collections.abc import Iterable, Mapping
from typing import Literal

from readybook.model.bank import SECTION_TITLES, Bank, Section
from readybook.model.case import Assessment
from readybook.model.findings import LOUDEST
from readybook.model.results import CheckResult, Result, Standing
from readybook.model.words import (
    answer_word,
    count,
    day,
    level_range,
    level_word,
    role_title,
)
from readybook.show.kit import theme

_MOST = 4  #: messages of one check; the chapter's table has all of them


def standing_of(result: Result, section: Section | Literal[""]) -> dict[str, object]:
    """Return verdict and level in words, as they stand after the last save."""
    return {
        "headline": result.headline,
        "look": theme.verdict_look(result.verdict).shape,
        "as_of": result.as_of.isoformat(),
        "judged": day(result.as_of),
        "dimensions": [
            {
                "title": SECTION_TITLES[one.section],
                "level": level_range(one.level),
                "needed": level_range(one.needed),
                "gates": [
                    _look(theme.GATES[state], f"{number} {theme.GATES[state].word}")
                    for state, number in one.gates.items()
                    if number
                ],
            }
            for one in result.dimensions
            if section in {"", one.section}
        ],
    }


def _look(look: theme.Look, says: str) -> dict[str, str]:
    return {"look": look.shape, "says": says}


def reveal(
    result: Result,
    assessment: Assessment,
    bank: Bank,
    answered: Iterable[str],
    who: str,
) -> dict[str, dict[str, object]]:
    """Return, by question, what was measured, what others said and the gate.

    Only what `who` has answered may be shown, and `who`'s own answers are left out; it
    is "" for a room, which sees all.
    """
    allowed = set(answered)
    return {
        standing.question.id: _revealed(standing, assessment, bank, who)
        for standing in result.standings
        if standing.question.id in allowed and standing.status != "not asked"
    }


def _revealed(
    standing: Standing, assessment: Assessment, bank: Bank, who: str
) -> dict[str, object]:
    proof, split = theme.proof_look(standing), standing.split
    gate, state = standing.gate, standing.gate_state
    shown_gate = None
    if gate and state:
        wanted, look = level_word(gate.level), theme.GATES[state]
        says = f"Gate {look.word}: its minimum for {gate.phase} is “{wanted}”"
        shown_gate = _look(look, says)
    spread = f"{level_word(split.lower)} to {level_word(split.upper)}" if split else ""
    return {
        "stands": level_range(standing.bounds) if standing.applies else "waved off",
        "proof": _look(proof, proof.word),
        "gate": shown_gate,
        "measured": [_measured(check) for check in standing.checks],
        "others": _others(standing, bank, who),
        "split": spread,
        "agreed": _agreed(standing, assessment),
        "flags": list(standing.flags),
    }


def _measured(check: CheckResult) -> dict[str, object]:
    look, says = {
        "passed": ("tick", f"carries “{level_word(check.supports)}”"),
        "failed": ("cross", f"shows no more than “{level_word(check.proves)}”"),
        "not measured": ("ring", f"at worst “{level_word(check.proves)}” until made"),
        "not needed": ("ring", "declared as not needed"),
    }[check.outcome]
    loudest = sorted(check.findings, key=lambda one: LOUDEST.index(one.outcome))
    told = [f"{one.message} ({day(one.measured_on)})" for one in loudest[:_MOST]]
    if (more := len(check.findings) - _MOST) > 0:
        told.append(f"and {count(more, 'more finding')}")
    return {"title": check.title, "look": look, "says": says, "told": told}


def _others(standing: Standing, bank: Bank, who: str) -> list[dict[str, object]]:
    return [
        {
            "role": role_title(bank, given.role),
            "who": given.respondent,
            "says": answer_word(given.answer),
            "date": day(given.date),
            "note": given.note or "",
            "proof": given.proof or "",
            "counts": given.counts,
        }
        for given in standing.given
        if given.respondent != who
    ]


def _agreed(standing: Standing, assessment: Assessment) -> Mapping[str, object] | None:
    agreed = assessment.agreed.settled.get(standing.question.id)
    if agreed is None:
        return None
    return {
        "says": answer_word(agreed.answer),
        "because": agreed.because,
        "date": day(agreed.date),
        "present": list(agreed.present),
    }
