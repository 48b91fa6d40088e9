"""What stops a case and what ends that, and who holds it up."""

from collections.abc import Sequence

import networkx as nx
from markupsafe import Markup

from readybook.checks.permissions import Permission, permissions_waiting
from readybook.model.bank import SECTION_TITLES, Section
from readybook.model.case import Action
from readybook.model.results import Standing
from readybook.model.words import capital, count, day, level_range, level_word, sentence
from readybook.plan.steps import plan_graph
from readybook.score.sentences import cause_of, plain_finding
from readybook.score.verdicts import MOST_CONDITIONS
from readybook.show.decided import named_in, replies_to
from readybook.show.decisions import (
    ask_for,
    failing,
    gates,
    leadership_asks,
    move_for,
    promised,
    too_low,
)
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import (
    Fragment,
    joined,
    lines,
    nothing,
    small,
    table,
    titled_link,
)

_WHYS = 2  #: failing gates of which is told here why they matter
_FOUND = 2  #: findings that a cause names


def obstacles(case: Case) -> Fragment:
    """Return the gates that stop the case, else what must rise; and who holds it up."""
    first = [what_stops(case)]
    if case.result.verdict.lower == "conditions":
        first = [conditions(case)]
    elif case.result.conditions:
        open_ = gates(case.result, "undecided")
        first = [_too_low(case), *([_undecided(open_, case)] if open_ else [])]
    return joined(*filter(None, (*first, _holding(case))))


def what_stops(case: Case) -> Fragment:
    """Return failed gates as findings, and undecided ones."""
    failed, undecided = (gates(case.result, state) for state in ("failed", "undecided"))
    total = len(gates(case.result, "passed")) + len(failed) + len(undecided)
    if not failed and not undecided:
        passed = f"No gate stops the case: {count(total, 'gate')} passed."
        if case.result.settle:
            passed += " What decides stands under What we do not know yet."
        parts = [nothing(passed if total else "No gate applies.")]
    elif not failed:
        parts = []
    else:
        fail = f"{count(len(failed), 'gate')} {'fails' if len(failed) == 1 else 'fail'}"
        title = f"{fail}, of {total}"
        columns = "What is so:long | What should be so:wide | What ends it:wide"
        decisions = [ask.step for ask in leadership_asks(case)]
        rows = [_stop_row(standing, case, decisions) for standing in failed]
        parts = [table(title, columns, rows, around="titled")]
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
        more = ", with what else the gate needs" if ask.also else ""
        ends = Markup("Decision {} above{}.").format(
            decisions.index(ask.step) + 1, more
        )
    # More may be needed than lets the gate pass, and who stops there comes back.
    needed = case.result.needed_of(standing)
    wanted = needed.lower if needed else 0
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
            theme.mark(theme.GATES["failed"], f"{cause_told(standing, case)}."),
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


def cause_told(standing: Standing, case: Case) -> str:
    """Return what was found, two findings by what they say, and how many there are."""
    model, who = case.assessment.data_model, case.title(standing.question.authority)
    first = cause_of(standing, model, who)
    found = [f for check in too_low(standing) for f in failing(check)]
    told = dict.fromkeys([first, *(plain_finding(one, model) for one in found)])
    more = len(told) - _FOUND
    cause = "; ".join(
        [first, *(f"{one[:1].lower()}{one[1:]}" for one in [*told][1:_FOUND])]
    )
    return f"{cause}; {more} more in its proof" if more > 0 else cause


def is_settled(case: Case) -> bool:
    """Return whether gates fail, and nothing that is open could change the verdict."""
    verdict = case.result.verdict
    return verdict.lower == verdict.upper and bool(gates(case.result, "failed"))


def _undecided(standings: list[Standing], case: Case) -> Fragment:
    """Return the undecided gates by what is missing, and from whom."""
    missing: dict[str, dict[str, list[Markup]]] = {}
    for standing in standings:
        move = move_for(standing, case)
        by_role = missing.setdefault(move.lacks, {})
        by_role.setdefault(move.role, []).append(titled_link(standing.question))
    vacant = {
        case.title(row.role)
        for row in case.assessment.stakeholders.roles
        if not row.holders
    }
    rows = [
        [
            f"For want of {what}",
            Markup(" ").join(
                Markup("<b>{}{}:</b> {}.").format(
                    role,
                    " (nobody yet)" if role in vacant else "",
                    Markup("; ").join(told),
                )
                for role, told in by_role.items()
            ),
        ]
        for what, by_role in missing.items()
    ]
    title = f"No gate fails; {count(len(standings), 'gate')} could still go either way"
    if is_settled(case):
        is_one = len(standings) == 1
        title = f"{count(len(standings), 'more gate')} {'is' if is_one else 'are'} "
        title += f"undecided; {'it' if is_one else 'each'} must pass too, though "
        title += "while others fail the verdict stays"
    columns = "Undecided:head | Who has what is missing, for which gate"
    return table(title, columns, rows, around="titled bare")


def _too_low(case: Case) -> Fragment:
    """Return the questions that must rise though no gate fails, by where they stand."""
    low: dict[tuple[Section, str], list[Markup]] = {}
    for question_id in case.result.conditions:
        one = case.result.standing(question_id)
        at = (one.section, level_range(one.bounds))
        low.setdefault(at, []).append(titled_link(one.question))
    rows = [
        [f"{SECTION_TITLES[section]}: {stands}", Markup("; ").join(questions)]
        for (section, stands), questions in low.items()
    ]
    needed = dict.fromkeys(level_word(d.needed.upper) for d in case.result.dimensions)
    title = f"{count(len(case.result.conditions), 'question')} must rise"
    title += f" to {', '.join(needed)}; {MOST_CONDITIONS} at most may be left over"
    columns = "Dimension, and where they stand:head | Questions that must rise"
    return table(title, columns, rows, around="titled bare")


def _holding(case: Case) -> Fragment | None:
    """Return who is opposed or has a permission to give, and what waits on that role."""
    register, asked = case.assessment.stakeholders, asked_for(case)
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
        longest = max(asked.values(), key=lambda one: one.waited)
        told.append(how_long(len(asked), longest))
    columns = "Role:head | What waits on it | Since | What is done about it"
    return table("; ".join(told), columns, rows, around="titled")


def asked_for(case: Case) -> dict[str, Permission]:
    """Return the permissions that wait for a role, by their step on the way."""
    on_the_way = {step.id for step in case.outlook.steps if step.owner}
    waiting = permissions_waiting(case.assessment)
    steps = {f"permission/{one.resource.id}": one for one in waiting}
    return {name: one for name, one in steps.items() if name in on_the_way}


def how_long(many: int, longest: Permission) -> str:
    """Return how many permissions wait, and how long the oldest does."""
    waited = count(longest.waited, "day")
    if many == 1:
        return f"1 permission has waited for {waited}"
    return f"{many} permissions wait, the longest for {waited}"


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
    permissions = asked_for(case)
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
    stand = "condition stands" if len(rows) == 1 else "conditions stand"
    title = f"{len(rows)} {stand} between it and ready"
    return table(title, columns, rows, empty=empty, around="titled")
