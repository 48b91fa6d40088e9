"""What leadership decides: what ends a failing gate or the longest delay."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import networkx as nx

from readybook.checks.catalogue import CHECKS
from readybook.model.case import Action, Assessment, Decision, Range, Value
from readybook.model.findings import Finding
from readybook.model.results import CheckResult, GateState, Result, Standing
from readybook.model.words import (
    as_list,
    count,
    day,
    in_words,
    level_word,
    listed,
    money_range,
    number_range,
    question_named,
    rough,
    sentence,
    without_keys,
)
from readybook.plan.forecast import Forecast, moved_by
from readybook.plan.outlook import cost_of_weeks, work_left
from readybook.plan.steps import (
    DAYS_A_WEEK,
    PlanStep,
    first_failed,
    next_role,
    plan_graph,
    who_mends,
)
from readybook.score.score import how_to_measure, how_to_show
from readybook.score.sentences import columns_told, plain_finding
from readybook.show.action_list import due_missed
from readybook.show.decided import about_now, decision_on, how_decided, put_decisions
from readybook.show.kit.case import Case

_ASKS = 3
_ROLES = 4  #: that are to be named at once, before the rest is counted
_GATES = 3  #: that a decision names at most
_FOUND = 2  #: findings of a check that a drafted action names
UNDATED = 2  #: steps without a lead time that the verdict names
_WEEKS_A_MONTH = 52 / 12
_URGENCY: tuple[GateState | None, ...] = ("failed", "undecided", "passed", None)
_DRAFTED = "proposed by readybook"


@dataclass(frozen=True)
class Ask:
    """One decision that leadership takes, or sees taken."""

    what: str
    role: str  #: title of the role that it falls to, which somebody holds
    why: str  #: what it ends, in words
    state: str = ""  #: how the action stands; "": it is no action
    due: dt.date | None = None  #: None: no date was agreed
    missed: str = ""  #: when it is likely done, where that is after the due date
    takes: str = ""  #: lead time, effort and cost as declared
    done: dt.date | None = None  #: when it is likely done, where that is no news
    also: str = ""  #: what the gate needs besides; "": nothing that is known
    instead: tuple[str, ...] = ()  #: what could be done in its place, what that takes
    prepares: str = "nobody named"  #: title of the role that does
    step: str = ""  #: id of the step of the plan, or role/<role>
    asked: str = ""  #: when it was put to somebody, and what came of it

    @property
    def by_when(self) -> str:
        """Return how the action stands, and until when it is to be done."""
        none = "" if self.asked else "no date agreed yet"
        due = f"by {day(self.due)}" if self.due else none
        missed = f"; {self.missed}" if self.missed else ""
        return ", ".join(filter(None, (self.state, self.asked, due))) + missed


@dataclass(frozen=True)
class Draft:
    """An action that a gate needs and nobody declared; readybook proposes it."""

    what: str  #: a sentence
    owner: str | None  #: role; None: nobody is named


@dataclass(frozen=True)
class NextMove:
    """The next step on a question, and the title of the role whose move it is."""

    role: str
    do: str
    gains: str = ""  #: the level that it gains in words, and a higher one if needed
    lacks: str = "work"  #: what is missing until then, in a word or two

    @property
    def in_full(self) -> str:
        """Return what is to be done, and what it gains."""
        return f"{self.do} Gains: {self.gains}." if self.gains else self.do


def leadership_asks(case: Case) -> tuple[Ask, ...]:
    """Return at most three decisions, each once, the one that is due first before others.

    First taken is what ends a failing gate or a condition, in bank order; then what ends
    the longest delay; where there is room, open actions that are marked for leadership,
    and roles that nobody answers for though a gate waits for them. What its owner
    accepted or who was asked has decided, and is not late with, is decided.
    """
    found = dict[str, Ask]()
    agreed = _agreed(case)
    for standing in gates(case.result, "failed"):
        ending = ending_step(standing, case)
        if ending.id not in agreed:
            found.setdefault(ending.id, _ask(ending, case, standing))
    for name in case.result.conditions:
        ending = ending_step(case.result.standing(name), case)
        if ending.id not in agreed:
            why = f"{_raises(case.result)}: {question_named(case.bank, name)}."
            found.setdefault(ending.id, _ask(ending, case, why=why))
    if (step := _delaying(case)) and step.id not in agreed:
        passage = case.outlook.least.passages[step.id]
        often = f" in {passage.per_cent} of 100 runs" if passage.critical < 1 else ""
        why = f"Ends the longest delay: the end waits for it{often}."
        found.setdefault(step.id, _ask(step, case, why=why))
    for step in _marked(case):
        if step.id not in agreed:
            found.setdefault(step.id, _ask(step, case))
    for role, ask in _empty_roles(case):
        told = any(ask.what.rstrip(".") in one.what for one in found.values())
        if not told and role not in agreed:
            found.setdefault(role, ask)
    first = [*found.values()][:_ASKS]
    return tuple(sorted(first, key=lambda ask: _awaited(ask, case)))


def _awaited(ask: Ask, case: Case) -> dt.date:
    """Return when an ask is to be decided; what no date is agreed for comes last."""
    put = decision_on(ask.step, case)
    return ask.due or (put and put.due) or dt.date.max


def _raises(result: Result) -> str:
    """Return what it does to the verdict if a question rises and no gate fails."""
    if result.verdict.lower == "conditions":
        return "Ends a condition"
    return f"Raises one of {len(result.conditions)} questions that are too low"


def _agreed(case: Case) -> set[str]:
    """Return the steps and roles on which nobody has to decide any more."""
    as_of, still = case.assessment.as_of, case.assessment.open_actions
    agreed = {a.id for a in still if a.state_on(as_of) in {"accepted", "under way"}}
    return agreed | {
        step
        for one in put_decisions(case)
        for step in about_now(one, case)
        if one == decision_on(step, case) and one.state_on(as_of) == "decided"
    }


def ask_for(standing: Standing, case: Case) -> Ask:
    """Return what is to end a failing gate."""
    return _ask(ending_step(standing, case), case, standing)


def ending_step(standing: Standing, case: Case) -> PlanStep:
    """Return the step that is to decide a question: one declared, else one drafted."""
    plan, marked = (
        case.outlook.plan,
        {a.id for a in case.assessment.open_actions if a.leadership},
    )
    on_the_way = {step.id for step in plan.steps}
    ending = [s for s in plan.every if standing.question.id in s.decides]
    return min(
        ending,
        key=lambda s: (not s.is_declared, s.id not in on_the_way, s.id not in marked),
    )


def drafts(standing: Standing, case: Case) -> tuple[Draft, ...]:
    """Return what a gate needs and nobody declared, the step to take first in front.

    The step itself where no action decides the gate; then an action for each thing that
    its checks found and no action names.
    """
    step = ending_step(standing, case)
    first = [Draft(sentence(what_of(step, case)), step.owner)]
    return (*(first if step.kind == "gap" else ()), *_mends(standing, step, case))


def _mends(standing: Standing, step: PlanStep, case: Case) -> Iterator[Draft]:
    """Yield an action for each check that failed by something no action names."""
    model, declared = (
        case.assessment.data_model,
        promised(case.assessment, standing.question.id),
    )
    done = " ".join([what_of(step, case), *(one.action for one in declared)])
    found = [(check, f) for check in too_low(standing) for f in failing(check)]
    # What a text of people's own ends is not known but where it names it.
    rest: dict[tuple[str, str], list[Finding]] = {}
    for check, finding in found:
        is_told = plain_finding(finding, model) in done or _names(done, finding)
        if not is_told and (len(found) > 1 or step.kind == "gap"):
            role = who_mends(finding, standing, case.assessment)
            rest.setdefault((check.check, role), []).append(finding)
    for (name, role), findings in rest.items():
        told = as_list([_lower(plain_finding(f, model)) for f in findings], _FOUND)
        yield Draft(_mend(name, told), role)


def undated_steps(case: Case) -> tuple[list[PlanStep], list[PlanStep]]:
    """Return the steps without a lead time: gates to be answered first, and the rest."""
    answers, others = list[PlanStep](), list[PlanStep]()
    for step in case.outlook.undated:
        standing = case.result.standing(step.decides[0]) if step.kind == "gap" else None
        is_asked = standing and move_for(standing, case).lacks == "an answer"
        (answers if is_asked else others).append(step)
    return answers, others


def left_over(case: Case) -> dict[str, int]:
    """Return by gate how many proposed actions are no steps: no date waits for them."""
    open_ = gates(case.result, "failed", "undecided")
    found = {s.question.id: [*_mends(s, ending_step(s, case), case)] for s in open_}
    return {name: len(drafted) for name, drafted in found.items() if drafted}


def too_low(standing: Standing) -> list[CheckResult]:
    """Return the checks that prove less than the minimum of the gate."""
    wanted = standing.gate.level if standing.gate else 0
    return [check for check in standing.checks if check.proves < wanted]


def failing(check: CheckResult) -> list[Finding]:
    """Return what a check that failed found."""
    is_failed = check.outcome == "failed"
    return [f for f in check.findings if is_failed and f.outcome == "contradicts"]


def _mend(check: str, found: str) -> str:
    """Return what ends that a check failed, as a sentence with what it found."""
    return f"{CHECKS[check].mend}: {_lower(found)}."


def _doer(role: str | None, case: Case) -> str:
    """Return the title of a role, or who names its holder where nobody holds it."""
    if role and case.assessment.stakeholders.status(role) == "nobody yet":
        return f"{case.leadership}, who names the {_lower(case.title(role))}"
    return case.title(role)


def _delaying(case: Case) -> PlanStep | None:
    """Return the step that can begin today and delays the end in most runs."""
    passages = case.outlook.least.passages
    free = [s for s in case.outlook.steps if not s.needs and s.kind != "history"]
    most = max(free, key=lambda step: passages[step.id].critical, default=None)
    return most if most and most.lead and passages[most.id].critical else None


def _marked(case: Case) -> Iterator[PlanStep]:
    """Yield the steps of actions for leadership, the gravest gate first."""
    wanted = [a for a in case.assessment.open_actions if a.leadership]
    states = {s.question.id: s.gate_state for s in case.result.standings}

    def urgency(action: Action) -> tuple[int, dt.date]:
        ranks = [_URGENCY.index(states.get(q)) for q in action.decides]
        return min(ranks, default=len(_URGENCY)), action.due or dt.date.max

    for action in sorted(wanted, key=urgency):
        yield case.outlook.plan.step(action.id)


def _ask(
    step: PlanStep, case: Case, standing: Standing | None = None, why: str = ""
) -> Ask:
    """Return the ask for a step; to whoever fills its role where nobody holds it."""
    action = next((a for a in case.assessment.open_actions if a.id == step.id), None)
    role, what = case.title(step.owner), sentence(what_of(step, case))
    state: str = action.state_on(case.assessment.as_of) if action else ""
    if step.kind == "gap":
        state = _DRAFTED
    if step.owner and case.assessment.stakeholders.status(step.owner) == "nobody yet":
        what = f"{naming(role)}, whose move it is: {_lower(what)}"
        role = case.leadership
    if step.owner is None:
        what, role = f"Name whose move it is: {sentence(step.what)}", case.leadership
    put, due = decision_on(step.id, case), action.due if action else None
    if put:
        state, due = "", put.due or due
        if case.assessment.stakeholders.status(put.asked_of) != "nobody yet":
            role = case.title(put.asked_of)
    also = _also(standing, step, case) if standing else ""
    if standing:
        ends = "Is needed for" if also else "Ends a failing gate:"
        why = f"{ends} {question_named(case.bank, standing.question.id)}"
        stop = [one.question.id for one in gates(case.result, "failed")]
        others = len({*stop} - {*step.decides, standing.question.id})
        fail = "fails" if others == 1 else "fail"
        rest = f"{count(others, 'other')} still {fail}" if others else "no other fails"
        why += "." if also else f"; {rest}."
    elif not why and (named := _decided_by(step, case, "failed", "undecided")):
        why = f"Decides {_few(named)}."
    ahead, missed = case.outlook.least, due_missed(step.id, due, case.outlook.least)
    passage = ahead.passages.get(step.id)
    return Ask(
        step=step.id,
        what=what,
        role=role,
        why=why,
        state=state,
        due=None if put and put.due else due,  # which is told already
        missed=missed,
        takes=_takes(step, case.assessment.scope.value),
        done=ahead.date(passage.done) if passage and step.lead and not missed else None,
        also=also,
        instead=tuple(_instead(step, case)),
        prepares=_prepares(step, put, standing, case),
        asked=how_decided(put, case) if put else "",
    )


def _instead(step: PlanStep, case: Case) -> Iterator[str]:
    """Yield what is offered in the place of a step, what it takes, and what it leaves."""
    for one in case.outlook.detours:
        if one.replaces.id == step.id and not one.is_taken:
            takes = _takes(one.step, case.assessment.scope.value) or "not said how long"
            told = f"{one.step.what.rstrip('.')} ({case.title(one.step.owner)}, {takes}"
            saved = round(one.weeks * DAYS_A_WEEK) if one.weeks else 0
            told += f"; the likely date comes {count(saved, 'day')} sooner" * (
                saved > 0
            )
            settled = _decided_by(one.step, case, "failed", "undecided")
            asked = _decided_by(step, case, "failed", "undecided")
            left = [gate for gate in asked if gate not in settled]
            leaves = f" It leaves {_few(left)} as it is." if settled and left else ""
            yield f"{told}).{leaves}"


def _decided_by(step: PlanStep, case: Case, *states: GateState) -> list[str]:
    """Return the gates in these states that a step is meant to settle."""
    still = [s.question.id for s in gates(case.result, *states)]
    return [question_named(case.bank, name) for name in step.decides if name in still]


def _few(gates_: list[str]) -> str:
    """Return the names of some gates, of many the first and how many more there are."""
    return listed(gates_) if len(gates_) <= _GATES else as_list(gates_, _GATES - 1)


def if_not(ask: Ask, case: Case) -> str:
    """Return what stays as it is while nobody says yes, and how far the end moves."""
    told, steps = list[str](), case.outlook.steps
    step = next((one for one in steps if one.id == ask.step), None)
    if step is None:
        return ""
    for state in ("failed", "undecided"):
        if named := _decided_by(step, case, state):
            told.append(f"{_few(named)} stay{'s' * (len(named) == 1)} {state}")
    if behind := len(nx.descendants(plan_graph(steps), step.id)):
        told.append(f"{count(behind, 'step')} wait{'s' * (behind == 1)} for it")
    if step.lead:
        weeks = moved_by(steps, step.id, _WEEKS_A_MONTH)
        days, value = round(weeks * DAYS_A_WEEK), case.assessment.scope.value
        dated = case.outlook.forecast is not None
        cost = cost_of_weeks(days / DAYS_A_WEEK, value)  # of the days that are told
        what = "the likely date moves" if dated else "the known dates move"
        costs = f" ({_money(cost, value)})" if cost and value else ""
        moves = f"{what} by {count(days, 'day')}{costs}"
        if days <= 0:
            moves = "no date moves"
        told.append(
            f"a month later, {moves}"
            if dated or days > 0
            else "what a month's delay moves is not known without dates"
        )
    return sentence("; ".join(told)) if told else ""


def _prepares(
    step: PlanStep, put: Decision | None, standing: Standing | None, case: Case
) -> str:
    """Return the role that prepares a decision, as far as that is declared.

    It is the owner of the step where another role was asked to decide; else the role
    that is responsible, in the register, for what the gate or the permission is about;
    else whoever owns the action that was declared.
    """
    asked = put.asked_of if put else step.owner
    if asked != step.owner:
        return case.title(step.owner)
    about = [step.id.partition("/")[2]]
    if standing:
        failed = [c for c in standing.checks if c.outcome == "failed"]
        about += [f.subject for c in failed for f in c.findings]
    roles = (
        asset.responsible
        for name in about
        for asset in case.assessment.stakeholders.standing_for(name)
        if asset.responsible and asset.responsible != asked
    )
    return case.title(next(roles, step.owner if step.is_declared else None))


def naming(role: str) -> str:
    """Return what is to be done about a role, by its title, that nobody holds."""
    return f"Name who answers as {_lower(role)}"


def what_of(step: PlanStep, case: Case) -> str:
    """Return what is to be done in a step, in the words that all of the page has."""
    if step.kind == "gap":
        standing = case.result.standing(step.decides[0])
        return move_for(standing, case).do
    if step.kind == "permission":
        return f"Say yes or no: {step.what.removeprefix('Permission: ')}"
    return step.what


def step_said(step: PlanStep, case: Case) -> str:
    """Return a step as lists have it; of a gap what is proposed, and for which gate."""
    if step.kind != "gap":
        return step.what
    named = question_named(case.bank, step.decides[0])
    move = move_for(case.result.standing(step.decides[0]), case)
    if move.lacks == "an answer":
        return f"{named}, to be answered"
    return f"{named}, proposed: {_lower(move.do)}"


def _takes(step: PlanStep, value: Value | None) -> str:
    """Return what a step takes and costs, as its owner declared it."""
    figures = {"weeks": step.lead, "person-days": step.effort}
    told = [number_range(f.low, f.high, noun) for noun, f in figures.items() if f]
    if step.cost:
        currency = value.currency if value else ""
        told.append(money_range(step.cost.low, step.cost.high, currency).strip())
    return ", ".join(told)


def _also(standing: Standing, step: PlanStep, case: Case) -> str:
    """Return what a failing gate needs besides one step, "" where nothing is known.

    A drafted action for what else its checks found, what they have not looked at, what
    else is to be done for it, and, where the answer reaches no further, the steps of
    the bank that follow a drafted one.
    """
    wanted = standing.gate.level if standing.gate else 0
    told = [
        f"“{one.what.rstrip('.')}” ({_doer(one.owner, case)}, {_DRAFTED})"
        for one in _mends(standing, step, case)
    ]
    told += [
        f"a measurement of {listed([_called(one, case) for one in c.missing])} ({c.title})"
        for c in too_low(standing)
        if c.is_open and c.outcome != "failed" and c.missing
    ]
    if step.kind == "gap" and standing.claim is None:
        told.append(f"an answer ({_doer(standing.question.authority, case)})")
    elif step.kind == "gap" and standing.claim and standing.claim.upper < wanted:
        level, failed = standing.bounds.lower, first_failed(standing)
        first = failed is None or failed.check in standing.question.next[level].checks
        later = standing.question.next[level + first : wanted]
        told += [f"“{one.do.rstrip('.')}” ({case.title(one.role)})" for one in later]
    told += [
        f"“{other.action.rstrip('.')}” ({case.title(other.owner)})"
        for other in promised(case.assessment, standing.question.id)
        if step.id not in {other.id, other.workaround_for}
    ]
    return f"The gate also needs {'; '.join(told)}." if told else ""


def _called(subject: str, case: Case) -> str:
    """Return what a check looks at as a sentence has it: "the training node"."""
    if any(subject == one.id for one in case.assessment.resources.resources):
        return f"the {in_words(subject)}"
    return columns_told(subject, case.assessment.data_model)


def _names(text: str, finding: Finding) -> bool:
    """Return whether a text names what a finding is about."""
    empty = (p.label for p in finding.points("category") if p.value == 0)
    need = finding.subject.removeprefix("need ").replace("-", " ")
    column = " of ".join(reversed(finding.subject.split(".")))  # as pages call it
    named = map(re.escape, (finding.subject, need, column, *empty))
    text = text.replace("'s ", " ")
    return any(re.search(rf"(?<!\w){name}(?!\w)", text) for name in named)


def _empty_roles(case: Case) -> Iterator[tuple[str, Ask]]:
    """Yield each role that nobody holds though gates wait for its answer, as a step.

    Roles of which the register says nothing, and nobody answered, are asked for at once.
    """
    waiting: dict[str, list[str]] = {}
    for standing in gates(case.result, "failed", "undecided"):
        question = standing.question
        told = f"{question.title} ({question.id})"
        waiting.setdefault(question.authority, []).append(told)
    for role, named in waiting.items():
        if case.assessment.stakeholders.status(role) == "nobody yet":
            why = f"{listed(named)} can be answered."
            what, step = f"{naming(case.title(role))}.", f"role/{role}"
            put = decision_on(step, case)
            asked = how_decided(put, case) if put else ""
            yield step, Ask(what, case.leadership, why, step=step, asked=asked)
    register, sheets = case.assessment.stakeholders, case.assessment.counted_sheets
    heard = {sheet.role for sheet in sheets.values()}
    unnamed = [r for r in waiting if register.status(r) == "not declared"]
    if unnamed := [role for role in unnamed if role not in heard]:
        told = as_list([_lower(case.title(role)) for role in unnamed], _ROLES)
        gates_of = count(sum(len(waiting[role]) for role in unnamed), "gate")
        what, why = f"Name who answers: {told}.", f"{gates_of} can be answered."
        yield "role/*", Ask(what, "Leadership", why)


def _lower(text: str) -> str:
    """Return the text with a small first letter, unless it begins an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def if_refused(case: Case) -> str:
    """Return what a no leaves of the verdict, and what that costs; "": no gate fails."""
    if not gates(case.result, "failed"):
        return ""
    month = cost_of_a_month(case.assessment.scope.value)
    costs = f"; each month costs {month}" if month else ""
    return f"On a no it stays not ready{costs}."


def gates(result: Result, *states: GateState) -> list[Standing]:
    """Return the gates in these states, those in the first of them first."""
    return [s for state in states for s in result.standings if s.gate_state == state]


def cost_of_a_month(value: Value | None) -> str | None:
    """Return what a month of waiting costs, low to high; None if not declared."""
    cost = cost_of_weeks(_WEEKS_A_MONTH, value)
    return _money(cost, value) if cost and value else None


def _money(cost: Range, value: Value) -> str:
    return money_range(cost.low, cost.high, value.currency)


def runs_kept(ahead: Forecast, target: dt.date) -> str:
    """Return how many runs of the plan keep the target date, as counts.

    Where all of them end on one day, whether that day does.
    """
    kept, runs = ahead.runs_by(target), len(ahead.weeks)
    if not ahead.varies:
        return (
            f"{'in time for' if kept else 'later than'} the target date, {day(target)}"
        )
    if kept == runs:
        return f"all {runs:,} runs keep the target date, {day(target)}"
    verb = "keeps" if kept == 1 else "keep"
    return f"{kept:,} of {runs:,} runs {verb} the target date, {day(target)}"


def declared_by(value: Value, case: Case) -> str:
    """Return which role declared the figures on money, and when."""
    if value.by is None:
        return "declared without an owner"
    return f"declared by {case.title(value.by)}" + (
        f" on {day(value.on)}" if value.on else ", without a date"
    )


def work_said(case: Case) -> str:
    """Return the work and the cost of all open steps, as far as they are declared."""
    effort, cost = work_left(case.outlook.steps, case.assessment.scope.value)
    told = (
        [number_range(rough(effort.low), rough(effort.high), "person-days")]
        if effort
        else []
    )
    value = case.assessment.scope.value
    told += [_money(cost, value)] if cost and value else []
    return ", ".join(told)


def move_for(standing: Standing, case: Case) -> NextMove:
    """Return whose move a question is: what is declared for it, once it is.

    Else an answer, a proof or the next step.
    """
    move = _undeclared(standing, case)
    if not promised(case.assessment, standing.question.id):
        return move
    ask = ask_for(standing, case)
    return replace(move, role=ask.role, do=ask.what, gains="")


def _undeclared(standing: Standing, case: Case) -> NextMove:
    question, wanted = standing.question, case.result.wanted_of(standing)
    if standing.cap < wanted or (standing.claim and standing.claim.upper < wanted):
        return step_from(standing, case)
    authority = case.title(question.authority)
    if standing.status == "unknown":
        return NextMove(authority, f"Find out: {question.text}", lacks="an answer")
    settling = (fact.role for fact in case.result.settle if fact.id == question.id)
    do, lacks = question.text, "an answer"
    if standing.claim is not None:
        do = how_to_show(standing)
        lacks = "a measurement" if standing.to_measure else "a proof"
    do = columns_told(without_keys(do), case.assessment.data_model)
    return NextMove(next(settling, authority), do, lacks=lacks)


def step_from(standing: Standing, case: Case) -> NextMove:
    """Return the step that gains the level after the one that stands.

    While one of the checks that come first has not passed, that is to end what it found
    or to make it: nobody is asked for what was counted already.
    """
    level = standing.bounds.lower
    if level >= len(standing.question.next):
        return NextMove(case.title(standing.question.authority), "Keep watching it.")
    step, gains = standing.question.next[level], level_word(level + 1)
    first = [c for c in standing.checks if c.check in step.checks and c.is_open]
    do, needed = sentence(step.do), case.result.needed_of(standing)
    if needed and needed.lower > level + 1:
        word = needed_word(case.result, standing)
        gains += f"; {word}: {level_word(needed.lower)}"
    if failed := first_failed(standing):
        told = plain_finding(failing(failed)[0], case.assessment.data_model)
        do = _mend(failed.check, told)
        gains = gains if failed in first else ""
    elif first:
        do = without_keys(how_to_measure(first))
        do = columns_told(do, case.assessment.data_model)
    return NextMove(case.title(next_role(standing, case.assessment)), do, gains)


def needed_word(result: Result, standing: Standing) -> str:
    """Return what is needed: the level needed by the case, or a gate's minimum."""
    needed = result.needed_by_case(standing)
    by_case = needed and (not standing.gate or standing.gate.level <= needed.lower)
    return "needed" if by_case else "minimum"


def promised(assessment: Assessment, question_id: str) -> tuple[Action, ...]:
    """Return the open actions that are to decide a question, in file order."""
    return tuple(a for a in assessment.open_actions if question_id in a.decides)
