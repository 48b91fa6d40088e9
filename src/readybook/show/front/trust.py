"""How far to trust a verdict: what was measured, by whom, what was waved off or loosened."""

from collections.abc import Iterable, Iterator

from readybook.bank.history import RESTS_ON, hashes_of
from readybook.bank.own import changed_parts, find_bank
from readybook.checks.catalogue import CHECKS
from readybook.checks.failures import loosened
from readybook.model.bank import Bank, ExtendedBank
from readybook.model.case import Assessment
from readybook.model.findings import Finding
from readybook.model.results import Result, Standing
from readybook.model.words import (
    as_list,
    capital,
    count,
    day,
    days,
    listed,
    number,
    sentence,
)
from readybook.score.removed import removed_since
from readybook.score.sentences import CAUSES
from readybook.score.wide import wide_limits
from readybook.show.decided import acceptance
from readybook.show.decisions import gates
from readybook.show.kit.case import Case

_MOST_WIDE = 3  #: limits that are named
_TOUCHED = 6  #: questions that a bank of one's own changed, before the rest is counted
#: People who hold more roles than there are of them, and are told to be few.
_SMALL_TEAM = 4


def _less_asked(then: Finding, now: Finding, case: Case) -> str:
    """Return what failed and passes only because less is asked, with either limit."""
    given_up = [
        case.title(one.by)
        for one in case.assessment.scope.withdrawn
        if (one.check, one.subject) == (then.check, then.subject)
        and then.measured_on <= one.on <= case.assessment.as_of
    ]
    by = f"withdrawn by {as_list(given_up)}" if given_up else "stays until withdrawn"
    told = (
        f"{CHECKS[now.check].title}, {now.subject}: failed on {day(then.measured_on)}"
    )
    if now.threshold == then.threshold:
        return f"{told}, passes since less is asked: {by}"
    return (
        f"{told} with {number(then.threshold, then.unit)} as the limit, "
        f"passes with {number(now.threshold, now.unit)}: "
        f"it is {number(now.value, now.unit)}, {by}"
    )


def reservations(case: Case) -> Iterator[tuple[str, str]]:
    """Yield what could flatter the verdict and is said at once, as label and words."""
    assessment = case.assessment
    earlier = [one.inputs for one in case.earlier]
    if lost := removed_since(*earlier, assessment):
        yield f"Gone or loosened since {day(earlier[0].as_of)}", "; ".join(lost)
    told = list[str]()
    if gone := len(assessment.scope.withdrawn):
        told.append(f"{count(gone, 'failure')} withdrawn")
    told += [assessment.unlisted] if assessment.unlisted else []
    told += [_less_asked(then, now, case) for then, now in loosened(assessment)]
    if told:
        yield "Earlier failures", "; ".join(told)
    if wide := wide_limits(assessment):
        more = [f"{len(wide) - _MOST_WIDE} more"] if wide[_MOST_WIDE:] else []
        yield "Limits that exclude little", "; ".join([*wide[:_MOST_WIDE], *more])
    failing = gates(case.result, "failed")[CAUSES:]  # of the first, the cause says it
    borne = [
        f"{one.question.title}: {how}"
        for one in failing
        if (how := acceptance(one, case))
    ]
    if borne:
        yield "Exceptions", "; ".join(borne)
    if assessment.later:
        inputs = count(assessment.later, "input")
        yield "Ignored", f"{inputs} dated after {day(assessment.as_of)}"
    if case.result.verdict.lower == "ready":
        standings = case.result.standings
        zero = [s.question.title for s in standings if s.claim and s.claim.lower == 0]
        yield "Answered “missing” all the same", "; ".join(zero) or "no question"


def premises(case: Case) -> Iterator[tuple[str, str]]:
    """Yield what the verdict rests on, as label and words."""
    assessment, standings = case.assessment, case.result.standings
    facts = assessment.scope.facts
    told = [f"For {case.result.phase}."]
    for fact in case.bank.facts:
        texts = {value.id: value.text for value in fact.values}
        said = texts.get(facts.get(fact.id, ""), "Not declared.")
        is_whole = not said.startswith(("Yes", "No,", "Not "))  # without its question
        told.append(sentence(said) if is_whole else f"{fact.text} {said}")
    yield "Scope", " ".join(told)
    checks = {c.check: c for s in standings if s.applies for c in s.checks}
    apply = [c for c in checks.values() if c.outcome != "not needed"]
    made = sum(c.outcome != "not measured" for c in apply)
    by = _measured_by(assessment)
    yield "Checks", f"{made} of {len(apply)} that apply were made{by}"
    yield "People", "; ".join(_people(assessment, standings))
    if shared := assessment.shared:
        roles, given = len(shared.roles), len(shared.resources)
        parts = [f"who holds {count(roles, 'role')}"] if roles else []
        parts += [count(given, "permission")] if given else []
        said = listed(parts) or "nothing that this case names"
        yield "Shared", f"{said} from the shared register {shared.file}"


def _measured_by(assessment: Assessment) -> str:
    """Return who vouches for what was measured; "" where nothing was.

    The team itself does, unless each file has the signature of somebody whose team is
    another than that of assessment.yaml.
    """
    files, vouched = assessment.measured, assessment.vouched_for
    if not files:
        return ""
    if len(vouched) == len(files):
        teams = {assessment.signatures[name].team or "" for name in vouched}
        return f", measurements signed by {listed(sorted(teams))}"
    signed = (
        f" ({len(vouched)} of {len(files)} files signed by another)" if vouched else ""
    )
    return f", measured by the team itself{signed}"


def _people(assessment: Assessment, standings: Iterable[Standing]) -> Iterator[str]:
    register, sheets = assessment.stakeholders, assessment.counted_sheets
    yield f"{count(sum(bool(s.answers) for s in sheets.values()), 'person', 'people')} answered"
    held = [row for row in register.roles if row.holders]
    people = len({name for row in held for name in row.holders})
    if held:
        small_team = ", a small team" if people <= _SMALL_TEAM < len(held) else ""
        told = count(people, "person", "people")
        vacant = len(held) < len(register.roles)
        of = f"{len(held)} of " if vacant else ""
        yield f"{of}{count(len(register.roles), 'role')} held by {told}{small_team}"
    strange = {s.role for name, s in sheets.items() if not register.knows(name, s.role)}
    if strange:
        yield f"not in the register: who answered as {', '.join(sorted(strange))}"
    if ignored := len(assessment.sheets) - len(sheets):
        yield f"{count(ignored, 'sheet')} of people who do not hold the role left out"
    if settled := sum(s.agreed_on is not None for s in standings):
        yield f"{count(settled, 'answer')} said to be settled in the room"
    filed = [s for s in standings if s.proof in {"on file", "double-checked"}]
    opened = sum(s.proof == "double-checked" for s in filed)
    if filed:
        yield f"{opened} of {count(len(filed), 'document')} opened by somebody else"


def waved_off(result: Result) -> str:
    """Return how much was waved off or declared not needed; "" where nothing was."""
    waved = sum(d.waved_off for d in result.dimensions)
    spared = {c.check for s in result.standings for c in s.checks if c.is_spared}
    told = [count(waved, "question") + " waved off"] if waved else []
    told += [count(len(spared), "check") + " declared not needed"] if spared else []
    return ", ".join(told)


def lapse(result: Result) -> str:
    """Return which proofs are out of date, and when the next one is."""
    lapses = result.oldest_proof_lapses
    gone = sum(s.proof == "out of date" for s in result.standings)
    told = [f"{count(gone, 'proof')} out of date already"] if gone else []
    if lapses is None:
        return told[0] if told else "No proof is on record yet"
    if lapses < result.as_of:
        told = [f"the oldest proof went out of date on {day(lapses)}"]
    elif lapses == result.as_of:
        told.append(f"the next counts for the last day, {day(lapses)}")
    else:
        left = days(result.as_of, lapses)
        told.append(f"the next goes out of date in {left}, on {day(lapses)}")
    return capital("; ".join(told))


def touched_by_own(bank: Bank) -> str:
    """Return in words what a bank that extends ours did to it, gates first."""
    if not isinstance(bank, ExtendedBank):
        return ""
    asked = [one for questions in bank.sections.values() for one in questions]
    gates = {q.id for q in asked if q.gate or "gate" in bank.changed.get(q.id, ())}
    bears = RESTS_ON | {"answers"}
    changed = [name for name, keys in bank.changed.items() if bears & {*keys}]
    retired = [
        q.id for q in asked if q.retired and "retired" in bank.changed.get(q.id, ())
    ]
    told = {
        "switched off": [*bank.switched_off, *retired],
        "changed": [*(n for n in changed if n not in retired), *bank.changed_parts],
        "added": bank.added,
    }
    return "; ".join(
        f"{word}: {as_list(sorted(names, key=lambda name: name not in gates), _TOUCHED)}"
        for word, names in told.items()
        if names
    )


def replaced_by_own(bank: Bank) -> str:
    """Return which of our questions a whole bank leaves out or asks otherwise.

    And which parts that they share it has otherwise.
    """
    base = find_bank().bank
    ours, own = hashes_of(base), hashes_of(bank)
    changed = [name for name in own if ours.get(name, own[name]) != own[name]]
    told = {
        "left out": [name for name in ours if name not in own],
        "changed": [*changed, *changed_parts(bank, base)],
    }
    return "; ".join(f"{k}: {as_list(v, _TOUCHED)}" for k, v in told.items() if v)
