"""The verdict, why, what it asks of leadership, when it can be ready and what waiting costs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readybook.model.bank import Question
from readybook.model.words import (
    as_list,
    capital,
    count,
    day,
    listed,
    money_range,
    question_named,
)
from readybook.plan.steps import Kind
from readybook.score.sentences import CAUSES, more_gates
from readybook.show.decided import (
    about_now,
    acceptance,
    how_decided,
    put_decisions,
    short,
)
from readybook.show.decisions import (
    UNDATED,
    Ask,
    cost_of_a_month,
    declared_by,
    ending_step,
    gates,
    if_not,
    if_refused,
    leadership_asks,
    left_over,
    promised,
    runs_kept,
    step_said,
    undated_steps,
    work_said,
)
from readybook.show.front.dimensions import measured_of
from readybook.show.front.stops import asked_for, cause_told, how_long
from readybook.show.front.trust import (
    lapse,
    premises,
    replaced_by_own,
    reservations,
    touched_by_own,
    waved_off,
)
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Fragment, draw

_LOW = 4  #: questions that stand too low and are named
_PUT = 2  #: decisions that were put before and are not asked for again
_MONTHS_A_YEAR = 12


def verdict_band(case: Case) -> Fragment:
    """Return the verdict, why, what is asked of leadership and what waiting costs."""
    result, asks = case.result, leadership_asks(case)
    html = draw(
        "band.html.j2",
        result=result,
        scope=case.assessment.scope,
        look=theme.verdict_look(result.verdict),
        word_look=theme.verdict_look(result.on_word.verdict),
        causes=list(_causes(case)),
        rest=_rest(case),
        besides="; ".join(_besides(case)),
        asks=[(ask, _borne(ask, case), if_not(ask, case)) for ask in asks],
        refused=if_refused(case) if asks else "",
        put=list(_put_before(case, asks)),
        when=_ready_dates(case, asks),
        follows=_follows(case),
        month=cost_of_a_month(case.assessment.scope.value),
        declared=_declared(case),
        value_role=case.title("finance"),
        half_proven=2 * result.proven >= result.answered,
        measured=sum(measured_of(result).values()),
        lapse=lapse(result),
        seat=case.seat,
        doubts=list(reservations(case)),
        premises=list(premises(case)),
        waved=waved_off(result),
        ours=case.by_ours,
        ours_look=theme.verdict_look(case.by_ours.verdict) if case.by_ours else None,
        touched=touched_by_own(case.bank)
        or (case.by_ours and replaced_by_own(case.bank)),
    )
    asked = "; ".join(f"{a.what} ({a.role})" for a in asks)
    text = f"{result.headline}. {result.because} To be decided: {asked or 'nothing'}"
    return Fragment(html, text)


def mail_text(case: Case) -> str:
    """Return at most ten plain lines: the verdict, why, what is asked, when, the cost."""
    scope, asks = case.assessment.scope, leadership_asks(case)
    dates = _ready_dates(case, asks)
    told = [f"{scope.title}: {case.result.headline} (as of {day(case.result.as_of)})"]
    told[0] += f". {_follows(case)}"
    causes = list(_causes(case))[:CAUSES]
    told += [f"- {cause}{f' ({borne})' if borne else ''}" for cause, _, borne in causes]
    for nth, ask in enumerate(asks, 1):
        told.append(f"{nth}. {ask.role} decides: {ask.what} {capital(ask.by_when)}.")
    if dates and dates.unknown:
        told.append(f"No date yet. {dates.unknown}")
    elif dates:
        told.append(
            f"{dates.label}: {dates.likely}. {capital(dates.around.strip(', '))} {dates.kept}"
        )
    if month := cost_of_a_month(scope.value):
        told.append(f"A month of waiting costs {month}. {_declared(case)}")
    told.append(f"The report: {case.assessment.name}.html")
    return "\n".join(" ".join(line.split()) for line in told) + "\n"


def _causes(case: Case) -> Iterator[tuple[str, Question | None, str]]:
    """Yield what stops the case: history that comes too late, then failing gates.

    With each gate comes who accepts until when that it fails, "" for nobody, and that
    it is to be decided all the same.
    """
    yield from ((late, None, "") for late in _late_history(case))
    asked = [ask.step for ask in leadership_asks(case)]
    for standing in gates(case.result, "failed")[:CAUSES]:
        borne, step = acceptance(standing, case), ending_step(standing, case).id
        if borne and step in asked:
            borne += f"; what ends it is decision {asked.index(step) + 1}"
        yield f"{cause_told(standing, case)}.", standing.question, borne


def _borne(ask: Ask, case: Case) -> str:
    """Return by whom a failing gate is accepted that a decision is to end; else ""."""
    stop = gates(case.result, "failed")
    ended = [s for s in stop if ending_step(s, case).id == ask.step]
    return "; ".join(filter(None, (acceptance(one, case) for one in ended)))


def _besides(case: Case) -> Iterator[str]:
    """Yield who is opposed, which permissions wait, and which history is too short."""
    register, waiting = case.assessment.stakeholders, asked_for(case).values()
    for row in register.roles:
        if row.buy_in and row.buy_in.state == "opposed":
            yield f"{case.seat(case.title(row.role))} is opposed"
    if waiting:
        longest = max(waiting, key=lambda one: one.waited)
        lead = longest.resource.lead_time_days
        yield how_long(len(waiting), longest) + (f" instead of {lead}" if lead else "")
    short = [
        (told.threshold - told.value, told)
        for told in case.evidence
        if told.check == "history-span" and told.outcome == "contradicts"
        if isinstance(told.value, int) and isinstance(told.threshold, int)
    ]
    if short:
        _, told = max(short, key=lambda one: one[0])
        more = (
            f" ({count(len(short) - 1, 'more table')} too short)" if short[1:] else ""
        )
        yield (
            f"{told.subject} holds {told.value:,} of the {told.threshold:,} days of "
            f"history needed{more}"
        )


def _put_before(case: Case, asks: Sequence[Ask]) -> Iterator[str]:
    """Yield what was put to somebody, is not done, and is not asked for above."""
    told, as_of = {ask.step for ask in asks}, case.assessment.as_of
    still = [
        one
        for one in put_decisions(case)
        if told.isdisjoint(about_now(one, case)) and one.state_on(as_of) != "done"
    ]
    for one in still[:_PUT]:
        yield f"{short(one.asked)} {case.title(one.asked_of)}, {how_decided(one, case)}."
    if len(still) > _PUT:
        yield f"{len(still) - _PUT} more stand below."


def _rest(case: Case) -> str:
    """Return what decides besides the causes that are told."""
    result = case.result
    if not gates(result, "failed"):
        return result.because
    return " ".join(more_gates(result.standings))


def _late_history(case: Case) -> Iterator[str]:
    """Yield the history that cannot be collected by the target date."""
    ahead, target = case.outlook.least, case.assessment.scope.target_date
    instead: dict[str, list[str]] = {}
    for detour in case.outlook.detours:
        instead.setdefault(detour.replaces.id, []).append(detour.step.what.rstrip("."))
    for step in case.outlook.steps:
        done = ahead.date(ahead.passages[step.id].done)
        if step.kind == "history" and target and done > target:
            told = f"{step.what}: not before {day(done)}, the target is {day(target)}"
            offered = listed([f"“{what}”" for what in instead.get(step.id, ())], "or")
            yield (
                f"{told}; instead, and not agreed: {offered}."
                if offered
                else f"{told}."
            )


@dataclass(frozen=True)
class _Dates:
    """When the last step of the plan is done, in words."""

    label: str  #: what is done then
    likely: str
    around: str  #: the earliest and the safe date; "": nobody gave a lead time
    kept: str  #: runs that keep the target date; "": none is declared, or told above
    unknown: str  #: why there is no date; "": there is one
    work: str  #: how many steps are open, and what they take as far as declared


def _ready_dates(case: Case, asks: Sequence[Ask]) -> _Dates | None:
    """Return the dates of *ready*, or of the last step where it is; None: none is open."""
    prospect, target = case.outlook, case.assessment.scope.target_date
    if not prospect.steps:
        return None
    ahead, is_ready = prospect.least, case.result.verdict.lower == "ready"
    first, likely, safe = (
        day(ahead.date(weeks)) for weeks in (ahead.weeks[0], ahead.p50, ahead.p90)
    )
    around = ", whatever the other steps take."
    leads = [step.lead for step in prospect.steps if step.lead]
    if all(lead.low == lead.high for lead in leads):
        around = ", as the one date: each lead time is a single number."
    if ahead.varies:
        around = f" likely (half of {len(ahead.weeks):,} simulated runs); "
        around += f"{first} at the earliest, {safe} to be safe (nine runs in ten)."
    work, kept = work_said(case), runs_kept(ahead, target) if target else ""
    kept = "" if _missed_target(case) else kept
    return _Dates(
        label="When the last step is done" if is_ready else "When it can be ready",
        likely=likely,
        around=around if len(prospect.undated) < len(prospect.steps) else "",
        kept=f"{capital(kept)}." if kept else "",
        unknown=" ".join(_undated(case, asks)),
        work=f"{_steps_said(case)}.{f' As declared: {work}.' if work else ''}",
    )


#: What is counted as one, by the kind of a step.
_STEPS: dict[Kind, str] = {
    "action": "action", "workaround": "action", "permission": "permission",
    "resource": "resource", "history": "history to collect",
    "gap": "step nobody took on",
}  # fmt: skip


def _steps_said(case: Case) -> str:
    """Return how many steps are open, and how many of which kind."""
    steps = case.outlook.steps
    kinds = Counter(_STEPS[step.kind] for step in steps)
    plural = {"history to collect": "histories to collect"}
    plural["step nobody took on"] = "steps nobody took on"
    told = [
        count(kinds[noun], noun, plural.get(noun))
        for noun in dict.fromkeys(_STEPS.values())
        if noun in kinds
    ]
    return f"{count(len(steps), 'open step')}: {listed(told)}"


_SELDOM = 0.05  #: share of runs below which a date is missed, and not likely missed


def _missed_target(case: Case) -> str:
    """Return that the target date will be missed, "" where half of the runs keep it."""
    prospect, target = case.outlook, case.assessment.scope.target_date
    is_ready = case.result.verdict.lower == "ready"
    if target is None or is_ready or len(prospect.undated) == len(prospect.steps):
        return ""
    ahead = prospect.least
    kept, runs = ahead.runs_by(target), len(ahead.weeks)
    if 2 * kept >= runs:
        return ""
    if not ahead.varies:
        return f"{day(target)} will be missed."
    word = "will" if kept < _SELDOM * runs else "will likely"
    keep = "keeps" if kept == 1 else "keep"
    return f"{day(target)} {word} be missed: {kept:,} of {runs:,} runs {keep} it."


def _undated(case: Case, asks: Sequence[Ask]) -> Iterator[str]:
    """Yield why there is no date: what is to be answered first, and who says no time.

    And what no date waits for, though ready does: what is proposed and nobody adopted,
    and key questions that stand too low and for which nothing is planned.
    """
    answers, others = undated_steps(case)
    if answers:
        is_one = len(answers) == 1
        told = f"{count(len(answers), 'gate')} {'is' if is_one else 'are'} to be "
        yield f"{told}answered first."
    asked = {ask.step: number for number, ask in enumerate(asks, 1)}
    by_owner: dict[str | None, list[str]] = {}
    for step in others[:UNDATED]:
        what = step.what
        if step.id in asked:
            what = f"decision {asked[step.id]}"
        elif step.kind == "gap":
            do = step_said(step, case).partition(", proposed: ")[2].partition(": ")[0]
            what = question_named(case.bank, step.decides[0])
            what += "" if step.decides[0] in case.result.conditions else f": {do}"
        by_owner.setdefault(step.owner, []).append(short(what).rstrip("."))
    for owner, told_of in by_owner.items():
        who = f"{case.title(owner)} has not said"
        if owner is None or case.assessment.stakeholders.status(owner) == "nobody yet":
            who = f"Nobody answers as {case.title(owner).lower()} to say"
            who = who if owner else "Nobody is named who says"
        yield f"{who} how long this takes: {'; '.join(told_of)}."
    if (more := len(others) - UNDATED) > 0:
        yield f"{count(more, 'other step')} without a lead time."
    if rest := [*_not_planned(case)]:
        yield f"Needed, yet not planned: {'; '.join(rest)}."


def _not_planned(case: Case) -> Iterator[str]:
    """Yield what ready needs and no date waits for, named."""
    left, low = left_over(case), _unplanned(case)
    if many := sum(left.values()):
        told = as_list([question_named(case.bank, name) for name in left], UNDATED)
        yield f"{count(many, 'step')} proposed for {told}"
    if low:
        are = "question is" if len(low) == 1 else "questions are"
        yield f"{len(low)} key {are} too low: {as_list(low, _LOW)}"


def _unplanned(case: Case) -> list[str]:
    """Return the key questions that stand too low for ready, and no step decides."""
    result = case.result
    planned = {name for step in case.outlook.steps for name in step.decides}
    return [
        f"{s.question.title} ({s.question.id})"
        for s in result.standings
        if s.applies and s.question.weight == "key" and s.question.id not in planned
        if s.gate_state not in {"failed", "undecided"}
        if (needed := result.needed_by_case(s)) and s.bounds.upper < needed.lower
    ]


def _follows(case: Case) -> str:
    """Return what follows from the verdict, and when it is looked at again."""
    result, as_of = case.result, case.assessment.as_of
    due = [a.due for a in case.assessment.open_actions if a.due and a.due >= as_of]
    due += [
        one.due
        for one in put_decisions(case)
        if one.due and one.due >= as_of and one.state_on(as_of) != "done"
    ]
    missed = f" {_missed_target(case)}".rstrip()
    look = f" Next look: {day(min(due))}." if due else ""
    if result.verdict.lower == "ready":
        lapses = result.oldest_proof_lapses
        until = f" The oldest proof holds until {day(lapses)}." if lapses else ""
        until = until if lapses and lapses >= as_of else ""
        return f"Nothing that was asked stands against committing.{until}"
    if result.verdict.lower == "conditions":
        undated = sum(
            not any(a.due for a in promised(case.assessment, name))
            for name in result.conditions
        )
        told = f"{undated} of them without an agreed date" if undated else "each dated"
        if len(result.conditions) == 1:
            told = "for which no date is agreed" if undated else "which is dated"
        its = "condition" if len(result.conditions) == 1 else "conditions"
        return f"Commit only with its {its}, {told}.{missed}{look}"
    first = result.subline or "Do not commit yet."
    return f"{first}{missed}{look or ' No date for a next look is agreed.'}"


def _declared(case: Case) -> str:
    """Return who declared the money, and what a month of it is declared to bring."""
    value = case.assessment.scope.value
    if value is None:
        return ""
    told = f"{capital(declared_by(value, case))}; source: {value.source.rstrip('.')}."
    gain, run = value.gain_per_year, value.run_cost_per_year
    if gain and cost_of_a_month(value):
        month = (gain - run if run else gain) * (1 / _MONTHS_A_YEAR)
        brings = money_range(month.low, month.high, value.currency)
        net = " after its running cost" if run else ""
        told += f" Once it runs, a month is declared to bring {brings}{net}."
    return told
