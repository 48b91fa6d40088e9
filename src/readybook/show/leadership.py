"""What leadership reads first: the verdict, what it decides, and what stops the case."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import networkx as nx
from markupsafe import Markup

from readybook.bank.history import RESTS_ON, hashes_of
from readybook.bank.own import changed_parts, find_bank
from readybook.checks.catalogue import CHECKS
from readybook.checks.permissions import Permission, permissions_waiting
from readybook.model.bank import SECTION_TITLES, Bank, ExtendedBank, Question, Section
from readybook.model.case import Action, Assessment
from readybook.model.findings import UNLISTED
from readybook.model.results import ProofState, Result, Standing
from readybook.model.words import (
    as_list,
    capital,
    count,
    day,
    days,
    level_range,
    level_word,
    listed,
    money_range,
    sentence,
)
from readybook.plan.steps import plan_graph
from readybook.score.removed import removed_since
from readybook.score.sentences import CAUSES, cause_of, plain_finding, rest_of
from readybook.score.wide import wide_limits
from readybook.show.decided import (
    acceptance,
    how_decided,
    named_in,
    put_decisions,
    replies_to,
    short,
)
from readybook.show.decisions import (
    UNDATED,
    Ask,
    ask_for,
    cost_of_a_month,
    declared_by,
    failing,
    gates,
    if_not,
    if_refused,
    leadership_asks,
    move_for,
    promised,
    runs_kept,
    step_said,
    too_low,
    work_said,
)
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import (
    Fragment,
    draw,
    joined,
    lines,
    nothing,
    small,
    table,
    titled_link,
)

_UNKNOWNS = 5
_WHYS = 2  #: failing gates of which is told here why they matter
_PUT = 2  #: decisions that were put before and are not asked for again
_TITLES = 3  #: checks that are named before the rest is counted
_MONTHS_A_YEAR = 12
_TOUCHED = 6  #: questions that a bank of one's own changed, before the rest is counted
_PROOF_WORDS: dict[ProofState, str] = {
    "nothing": "Nothing yet",
    "said": "Only said, nothing shown",
    "on file": "Document on file",
    "double-checked": "Document, seen by another role",
    "measured": "Measured",
    "out of date": "Document out of date",
}
#: People who hold more roles than there are of them, and are told to be few.
_SMALL_TEAM = 4


# --- the verdict ---------------------------------------------------------------------


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
        asks=[(ask, if_not(ask, case)) for ask in asks],
        refused=if_refused(case) if asks else "",
        put=list(_put_before(case, asks)),
        when=_ready_dates(case),
        month=cost_of_a_month(case.assessment.scope.value),
        declared=_declared(case),
        value_role=case.title("finance"),
        half_proven=2 * result.proven >= result.answered,
        measured=sum(measured_of(result).values()),
        lapse=_lapse(result),
        seat=case.seat,
        doubts=list(_doubts(case)),
        premises=list(premises(case)),
        waved=_waved(result),
        ours=case.by_ours,
        ours_look=theme.verdict_look(case.by_ours.verdict) if case.by_ours else None,
        touched=touched_by_own(case.bank) or (case.by_ours and _replaced(case.bank)),
    )
    asked = "; ".join(f"{a.what} ({a.role})" for a in asks)
    text = f"{result.headline}. {result.because} To be decided: {asked or 'nothing'}"
    return Fragment(html, text)


def mail_text(case: Case) -> str:
    """Return at most ten plain lines: the verdict, why, what is asked, when, the cost."""
    scope, dates = case.assessment.scope, _ready_dates(case)
    told = [f"{scope.title}: {case.result.headline} (as of {day(case.result.as_of)})"]
    causes = list(_causes(case))[:CAUSES]
    told += [f"- {cause}{f' ({borne})' if borne else ''}" for cause, _, borne in causes]
    for number, ask in enumerate(leadership_asks(case), 1):
        told.append(f"{number}. {ask.role} decides: {ask.what} {capital(ask.by_when)}.")
    if dates and dates.unknown:
        told.append(f"No date yet. {dates.unknown}")
    elif dates:
        told.append(f"Ready: {dates.likely} is likely; {dates.around}. {dates.kept}")
    if month := cost_of_a_month(scope.value):
        told.append(f"A month of waiting costs {month}. {_declared(case)}")
    told.append(f"The report: {case.assessment.name}.html")
    return "\n".join(" ".join(line.split()) for line in told) + "\n"


def _causes(case: Case) -> Iterator[tuple[str, Question | None, str]]:
    """Yield what stops the case: history that comes too late, then failing gates.

    With each gate comes who accepts until when that it fails, "" for nobody.
    """
    yield from ((late, None, "") for late in _late_history(case))
    for standing in gates(case.result, "failed")[:CAUSES]:
        cause = _cause(standing, case)
        more = sum(len(failing(check)) for check in too_low(standing)) - 1
        cause += f", and {more} more like it" if more > 0 else ""
        yield f"{cause}.", standing.question, acceptance(standing, case)


def _cause(standing: Standing, case: Case) -> str:
    who = case.title(standing.question.authority)
    return cause_of(standing, case.assessment.data_model, who)


def _put_before(case: Case, asks: Sequence[Ask]) -> Iterator[str]:
    """Yield what was put to somebody, is not done, and is not asked for above."""
    told, as_of = {ask.step for ask in asks}, case.assessment.as_of
    still = [
        one
        for one in put_decisions(case)
        if one.about not in told and one.state_on(as_of) != "done"
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
    return rest_of(result.standings, result.dimensions)


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

    likely: str
    around: str  #: the earliest and the safe date; "": nobody gave a lead time
    kept: str  #: runs that keep the target date; "": no target is declared
    unknown: str  #: who has given no lead time; "": everybody has
    work: str  #: how many steps are open, and what they take as far as declared


def _ready_dates(case: Case) -> _Dates | None:
    """Return the dates of *ready*; None where it is, or no step is open."""
    prospect, target = case.outlook, case.assessment.scope.target_date
    if not prospect.steps or case.result.verdict.lower == "ready":
        return None
    ahead, unknown, work = prospect.least, "", work_said(case)
    first, likely, safe = (
        day(ahead.date(weeks)) for weeks in (ahead.weeks[0], ahead.p50, ahead.p90)
    )
    if prospect.undated:
        waiting = [
            f"{case.title(step.owner, 'Nobody is named who')} "
            f"{'has not said' if step.owner else 'says'} how long this takes: "
            f"{sentence(short(step_said(step, case)))}"
            for step in prospect.undated[:UNDATED]
        ]
        more = len(prospect.undated) - len(waiting)
        waiting += [f"{count(more, 'other step')} without a lead time."] if more else []
        unknown = " ".join(waiting)
    around = f"{first} at the earliest, {safe} to be safe (nine runs in ten)"
    return _Dates(
        likely=likely,
        around=around if len(prospect.undated) < len(prospect.steps) else "",
        kept=f"{runs_kept(ahead, target)}." if target else "",
        unknown=unknown,
        work=f"{count(len(prospect.steps), 'open step')}, played through as their owners "
        f"declared them{f': {work}' if work else ''}.",
    )


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
        told += f" Compare: once it runs, a month is declared to bring {brings}{net}."
    return told


_MOST_WIDE = 3  #: limits that are named


def _doubts(case: Case) -> Iterator[tuple[str, str]]:
    """Yield what could flatter the verdict and is said at once, as label and words."""
    assessment = case.assessment
    earlier = [one.inputs for one in case.earlier]
    if lost := removed_since(*earlier, assessment):
        yield f"Gone or loosened since {day(earlier[0].as_of)}", "; ".join(lost)
    told = list[str]()
    if gone := len(assessment.scope.withdrawn):
        told.append(f"{count(gone, 'failure')} withdrawn")
    told += [UNLISTED] if assessment.unlisted else []
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
        yield "Missing all the same", "; ".join(zero) or "nothing"


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
        held = f"who holds {count(len(shared.roles), 'role')}"
        given = f"{count(len(shared.resources), 'permission')}"
        yield "Shared", f"{held} and {given} from the shared register {shared.file}"


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


def _waved(result: Result) -> str:
    """Return how much was waved off or declared not needed; "" where nothing was."""
    waved = sum(d.waved_off for d in result.dimensions)
    spared = {c.check for s in result.standings for c in s.checks if c.is_spared}
    told = [count(waved, "question") + " waved off"] if waved else []
    told += [count(len(spared), "check") + " declared not needed"] if spared else []
    return ", ".join(told)


def _lapse(result: Result) -> str:
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


def _replaced(bank: Bank) -> str:
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


def dimensions_table(case: Case) -> Fragment:
    """Return one row per dimension: where it stands, what is needed, gates, proof."""
    columns = "Dimension:head | Stands | Needed | Gates | Proven"
    rows, told, unsettled = [], [], ""
    measured = measured_of(case.result)
    for one in case.result.dimensions:
        title, stands = SECTION_TITLES[one.section], level_range(one.level)
        needed = level_word(one.needed.lower)
        if one.needed.upper != one.needed.lower:
            needed += f", or {level_word(one.needed.upper)}"
            unsettled = " Which need counts is known once every scope fact is declared."
        gates = Markup().join(
            theme.mark(look, f"{one.gates[state]} {look.word}")
            for state, look in theme.GATES.items()
            if one.gates.get(state)
        )
        bar = theme.bar(one.level, one.needed)
        rows.append(
            [
                title,
                Markup("{}<b>{}</b>").format(bar, stands),
                needed,
                Markup('<span class="gates">{}</span>').format(gates or "none"),
                f"{one.proven} of {one.answered} ({measured[one.section]})",
            ]
        )
        told.append(f"{title}: {stands}, needed: {needed}")
    title = f"Four dimensions against what {case.result.phase} needs"
    empty = "The bank has no dimension."
    note = _BAR_KEY + unsettled + _gates_elsewhere(case.result)
    shown = table(title, columns, rows, empty=empty, note=note, around="dimensions")
    return Fragment(shown.html, "\n".join(told))


def measured_of(result: Result) -> Counter[Section]:
    """Return by section how many answers are proven by what was measured."""
    proven = (s for s in result.standings if s.proven and s.proof == "measured")
    return Counter(standing.section for standing in proven)


def _gates_elsewhere(result: Result) -> str:
    """Return how the gates stand that are of no dimension; "" where there are none."""
    within = {one.section for one in result.dimensions}
    states = [s.gate_state for s in result.standings if s.section not in within]
    told = {state: states.count(state) for state in theme.GATES if state in states}
    if not told:
        return ""
    said = ", ".join(f"{many} {state}" for state, many in told.items())
    return f" Gates of scope and value: {said}."


_BAR_KEY = Markup('<i class="bar l2 u3 n3"></i> ') + (
    "Full: shown. Hatched: possible. Line: needed. Steps: missing, improvised, partly in "
    "place, in place, in place and watched. In brackets: by a measurement."
)


# --- what stops the case -------------------------------------------------------------


def obstacles(case: Case) -> Fragment:
    """Return the gates that stop the case, else the conditions; and who holds it up."""
    conditional = case.result.verdict.lower == "conditions"
    first = conditions(case) if conditional else what_stops(case)
    return joined(*filter(None, (first, _holding(case))))


def what_stops(case: Case) -> Fragment:
    """Return failed gates as findings, and undecided ones."""
    failed, undecided = (gates(case.result, state) for state in ("failed", "undecided"))
    total = len(gates(case.result, "passed")) + len(failed) + len(undecided)
    if not failed and not undecided:
        passed = f"No gate stops the case: {count(total, 'gate')} passed."
        parts = [nothing(passed if total else "No gate applies.")]
    else:
        fail = f"{count(len(failed), 'gate')} {'fails' if len(failed) == 1 else 'fail'}"
        title, empty = f"{fail}, of {total}", f"No gate fails, of {total}."
        columns = "What is so:long | What should be so:wide | What ends it:wide"
        decisions = [ask.step for ask in leadership_asks(case)]
        rows = [_stop_row(standing, case, decisions) for standing in failed]
        parts = [table(title, columns, rows, empty=empty, around="titled")]
    parts += [_undecided(undecided, case)] if undecided else []
    return joined(*parts)


def _stop_row(
    standing: Standing, case: Case, decisions: Sequence[str]
) -> list[str | Markup]:
    question, ask = standing.question, ask_for(standing, case)
    ends = lines(
        Markup("<b>{}:</b> {}").format(case.seat(ask.role), ask.what),
        small(f"{capital(ask.by_when)}. {ask.also}".strip()),
    )
    if ask.step in decisions:
        more = ", and what else it needs there" if ask.also else ""
        ends = Markup("Decision {} above{}.").format(
            decisions.index(ask.step) + 1, more
        )
    wanted = standing.gate.level if standing.gate else 0
    said = {"unknown": "does not know", "unanswered": "has not answered"}
    word = said.get(standing.status, "gave no level")
    if standing.claim is not None:
        word = f"said: {level_range(standing.claim)}"
    dates = [
        finding.measured_on
        for check in standing.checks
        for finding in check.findings
        if finding.outcome == "contradicts"
    ]
    measured = f"; measured on {day(max(dates))}" if dates else ""
    return [
        lines(
            theme.mark(theme.GATES["failed"], f"{_cause(standing, case)}."),
            Markup('<span class="who">{}. {} {}{}. {}</span>').format(
                titled_link(question),
                case.title(question.authority),
                word,
                measured,
                # Of more than two, what they do to the case stands in the chapters.
                question.why if len(gates(case.result, "failed")) <= _WHYS else "",
            ),
            small(replies_to(case, *named_in(standing), in_short=True)),
        ),
        question.levels[wanted],
        ends,
    ]


def _is_settled(case: Case) -> bool:
    """Return whether gates fail, and nothing that is open could change the verdict."""
    verdict = case.result.verdict
    return verdict.lower == verdict.upper and bool(gates(case.result, "failed"))


def _undecided(standings: list[Standing], case: Case) -> Fragment:
    """Return the undecided gates by what is missing, and from whom."""
    missing: dict[str, list[Markup]] = {}
    for standing in standings:
        move = move_for(standing, case)
        told = Markup("{}: {}").format(titled_link(standing.question), move.role)
        missing.setdefault(move.lacks, []).append(told)
    rows = [
        [f"For want of {what}", Markup("; ").join(told)]
        for what, told in missing.items()
    ]
    title = f"{count(len(standings), 'gate')} could still go either way"
    if _is_settled(case):
        is_one = len(standings) == 1
        title = f"{count(len(standings), 'more gate')} {'is' if is_one else 'are'} "
        title += "undecided; while others fail, "
        title += "it changes no verdict" if is_one else "they change no verdict"
    columns = "Undecided:head | Gate, and who has what is missing"
    return table(title, columns, rows, around="titled bare")


def _holding(case: Case) -> Fragment | None:
    """Return who is opposed or has a permission to give, and what waits on that role."""
    register, asked = case.assessment.stakeholders, _asked_for(case)
    opposed = [r for r in register.roles if r.buy_in and r.buy_in.state == "opposed"]
    granting = [one.resource.grants for one in asked.values()]
    roles = dict.fromkeys([*(row.role for row in opposed), *granting])
    rows = [_held_by(role, case) for role in roles if role]
    if not rows:
        return None
    told = []
    if opposed:
        are = "is" if len(opposed) == 1 else "are"
        told.append(f"{count(len(opposed), 'role')} {are} opposed")
    if asked:
        longest = count(max(one.waited for one in asked.values()), "day")
        told.append(
            f"{len(asked)} permissions wait, the longest for {longest}"
            if len(asked) > 1
            else f"1 permission has waited for {longest}"
        )
    columns = "Role:head | What waits on it | Since | What is done about it"
    return table("; ".join(told), columns, rows, around="titled")


def _asked_for(case: Case) -> dict[str, Permission]:
    """Return the permissions that wait for a role, by their step on the way."""
    on_the_way = {step.id for step in case.outlook.steps if step.owner}
    waiting = permissions_waiting(case.assessment)
    steps = {f"permission/{one.resource.id}": one for one in waiting}
    return {name: one for name, one in steps.items() if name in on_the_way}


def _held_by(role: str, case: Case) -> list[str | Markup]:
    """Return a role, what waits on it, and what is done about that."""
    register = case.assessment.stakeholders
    row = next((r for r in register.roles if r.role == role), None)
    known = row.buy_in if row and row.buy_in else None
    is_opposed = known is not None and known.state == "opposed"
    graph, result = plan_graph(case.outlook.steps), case.result
    waiting, since, about = list[str](), list[str](), list[Markup]()
    if is_opposed:
        waiting += [a.what for a in register.assets if role in a.accountable]
        waiting += [
            f"{s.question.title} ({s.question.id})"
            for s in gates(result, "failed", "undecided")
            if s.question.authority == role
        ]
        mine = {s.question.id for s in result.standings if s.question.authority == role}
        about += [
            _done_by(a, case)
            for a in case.assessment.open_actions
            if a.owner != role and mine & {*a.decides}
        ]
    permissions = _asked_for(case)
    for step in (s for s in case.outlook.steps if s.owner == role and s.kind != "gap"):
        asked = permissions.get(step.id)
        if not asked and not is_opposed:
            continue
        if asked:
            lead = asked.resource.lead_time_days
            was = "" if lead is None else f", was to take {lead}"
            since.append(f"Asked {count(asked.waited, 'day')} ago{was}.")
            decided = [ask.step for ask in leadership_asks(case)]
            about += [
                Markup("Decision {} above.").format(decided.index(need) + 1)
                if need in decided
                else _done_by(action, case)
                for need in step.needs
                for action in case.assessment.open_actions
                if action.id == need
            ]
        what = step.what.removeprefix("Permission: ").rstrip(".")
        behind = len(nx.descendants(graph, step.id))
        after = f" ({count(behind, 'more step')} after it)" if behind else ""
        waiting.append(f"{what}{after}")
    said = ""
    if known and is_opposed:
        since.insert(0, f"Opposed on {day(known.on)}.")
        said = sentence(known.known_from)
    vacant = "nobody holds it" if register.status(role) == "nobody yet" else ""
    nothing_yet = "Nothing yet."
    if not is_opposed:
        nothing_yet = f"Its own yes or no ends it{_own_decision(role, case)}."
    return [
        lines(case.seat(case.title(role)), small(vacant)),
        lines(
            *(f"{what.rstrip('.')}." for what in waiting or ["Nothing declared"]),
            small(said),
        ),
        lines(*since),
        lines(*about) or nothing_yet,
    ]


def _own_decision(role: str, case: Case) -> str:
    """Return until when a role is to decide what only it can, "" where nothing is said."""
    own = [a for a in case.assessment.open_actions if a.owner == role and a.leadership]
    due = min((action.due for action in own if action.due), default=None)
    return f"; it is to decide by {day(due)}" if due else ""


def _done_by(action: Action, case: Case) -> Markup:
    """Return an action with its role and its day."""
    told = Markup("<b>{}:</b> {}").format(case.title(action.owner), action.action)
    return told + small(f" {capital(day(action.due, 'no date agreed yet'))}.")


def _measured(standing: Standing, case: Case) -> Markup:
    """Return what was found: failed checks first, else how far the proof reaches."""
    told = [
        f"{plain_finding(finding, case.assessment.data_model)}."
        for check in standing.checks
        if check.outcome == "failed"
        for finding in check.findings
        if finding.outcome == "contradicts"
    ]
    if told:
        more = small(f"and {len(told) - 1} more" if told[1:] else "")
        return Markup("{} {}").format(told[0], more)
    if standing.checks and all(c.outcome == "not measured" for c in standing.checks):
        return theme.mark(theme.OUTCOMES["not measured"])
    look = theme.PROOFS[standing.proof]
    return theme.mark(look, _PROOF_WORDS.get(standing.proof))


def conditions(case: Case) -> Fragment:
    """Return each condition of "ready with conditions": what, who, until when."""
    rows = []
    for question_id in case.result.conditions:
        standing = case.result.standing(question_id)
        actions = promised(case.assessment, question_id)
        move = move_for(standing, case)
        due = min((a.due for a in actions if a.due), default=None)
        rows.append(
            [
                titled_link(standing.question),
                level_range(standing.bounds),
                "; ".join(a.action for a in actions) or move.in_full,
                ", ".join(case.title(a.owner) for a in actions) or move.role,
                day(due, "no date agreed"),
            ]
        )
    columns = "Condition:head | Stands | What is to be done:wide | Role | Date"
    empty = "The verdict has no conditions."
    return table("Conditions of the verdict", columns, rows, empty=empty)


# --- what leadership should doubt ----------------------------------------------------


def contradictions(case: Case) -> Fragment:
    """Return claims that a measurement contradicts, with both values.

    Gates that fail or are undecided are told above it, among what stops the case.
    """
    stopping = gates(case.result, "failed", "undecided")
    contradicted = [s for s in case.result.standings if s.contradicted and s.claim]
    others = [s for s in contradicted if s not in stopping]
    rows = [
        [
            titled_link(s.question),
            capital(level_range(s.claim)),
            lines(
                _measured(s, case), small(replies_to(case, *named_in(s), in_short=True))
            ),
            capital(level_range(s.bounds)),
        ]
        for s in others
    ]
    columns = "Question:head | Said | Measured:wide | So it stands"
    empty = "No measurement contradicts what people said."
    if len(contradicted) > len(others):
        empty = "None besides the gates above."
    title = f"{count(len(rows), 'answer')} {'is' if len(rows) == 1 else 'are'} "
    title += "contradicted by what was measured"
    rest = _unclaimed(case, [*stopping, *others])
    if rows:
        return table(title, columns, rows, note=rest, around="titled")
    told = Markup(" ").join(filter(None, (empty, rest)))
    return Fragment(Markup('<p class="empty">{}</p>').format(told), told.striptags())


def _unclaimed(case: Case, told: Sequence[Standing]) -> Markup:
    """Return what else was measured to be otherwise, "" where nothing was.

    Questions of which nobody claims as much as failed, and findings that no question
    weighs which this track asks: no claim is contradicted there, and all is not clear.
    """
    asked = [s for s in case.result.standings if s.applies]
    weighed = {check.check for s in asked for check in s.checks}
    failing = [
        titled_link(s.question)
        for s in asked
        if s not in told and any(check.outcome == "failed" for check in s.checks)
    ]
    loose = [
        f.check
        for f in case.evidence
        if f.outcome == "contradicts" and f.check not in weighed
    ]
    parts = list[str]()
    if failing:
        told_by = Markup("Checks of {} failed, of which nobody claims as much: {}.")
        number = count(len(failing), "more question")
        parts.append(told_by.format(number, Markup("; ").join(failing)))
    if loose:
        titles = [CHECKS[name].title for name in dict.fromkeys(loose) if name in CHECKS]
        number, one = count(len(loose), "finding"), len(loose) == 1
        verb, them = ("contradicts", "it") if one else ("contradict", "them")
        parts.append(
            f"{number} {verb} what is declared, and no question asked weighs {them} "
            f"({as_list(titles, _TITLES)})."
        )
    return Markup(" ").join(parts)


def unknowns(case: Case) -> Fragment:
    """Return the first five facts that would settle the verdict, and who has them.

    Where nothing that is open could change the verdict, it says so and counts the gates
    that are undecided all the same.
    """
    result = case.result
    facts = result.settle[:_UNKNOWNS]
    undecided, nothing_open = len(gates(result, "undecided")), ""
    if not facts:
        nothing_open = _nothing_settles(case)
        if undecided:
            them = "it is" if undecided == 1 else "they are"
            nothing_open += (
                f" Before it is ready, {count(undecided, 'undecided gate')} must "
            )
            nothing_open += f"be known too: {them} told above."
    html = draw(
        "unknowns.html.j2",
        facts=facts,
        more=len(result.settle) - len(facts),
        nothing=nothing_open,
        known={s.question.id for s in result.standings},
    )
    told = "; ".join(f"{f.title}: {f.missing} of {f.role}" for f in facts)
    return Fragment(html, told or _nothing_settles(case))


def _nothing_settles(case: Case) -> str:
    """Return why no open fact is listed."""
    if _is_settled(case):
        return (
            "No answer changes the verdict today: what fails was found, and must end."
        )
    verdict = case.result.verdict
    if verdict.lower == verdict.upper:
        return "No open fact could change the verdict."
    return "No set of facts was found that changes the verdict."
