"""What moved between two looks at a case, for the page, a terminal and machines."""

from collections.abc import Iterator
from dataclasses import asdict

from markupsafe import Markup

from readybook.checks.permissions import permissions_waiting
from readybook.model.bank import DIMENSIONS, SECTION_TITLES, Bank
from readybook.model.results import GateState, Snapshot
from readybook.model.words import (
    answers_told,
    as_list,
    capital,
    count,
    day,
    proof_told,
    proven_by,
    question_named,
)
from readybook.plan.steps import awaited
from readybook.score.compare import Comparison, Lapsed, Move, Side, StepName
from readybook.score.freeze import snapshot_of
from readybook.score.removed import removed_since, turned
from readybook.show.decided import decisions_table
from readybook.show.decisions import leadership_asks
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import (
    Fragment,
    joined,
    lines,
    narrow,
    nothing,
    small,
    table,
)

_MOST = 3  #: ids that a cell names before it counts the rest
_MOST_IN_LINE = 6  #: ids that a line of a terminal names
_STATES: tuple[GateState, ...] = ("passed", "failed", "undecided")
#: What each step is, for people.
_STEP_WORDS: dict[StepName, str] = {
    "readybook": "another version of readybook",
    "bank": "the question bank",
    "applicability": "which questions apply",
    "answers": "answers",
    "new evidence": "new evidence",
    "changed evidence": "changed evidence",
    "out of date": "what went out of date",
}
_NONE = "This is the first look: no earlier one was kept to compare with."


def changes_since(case: Case) -> Fragment:
    """Return what moved since the last milestone, and what was asked and decided."""
    proposed = [ask.what for ask in leadership_asks(case) if not ask.asked]
    return joined(*filter(None, (_moved(case), decisions_table(case, proposed))))


def _moved(case: Case) -> Fragment:
    """Return verdict, dimensions, gates and actions, then and now, and why."""
    found = case.comparison
    if found is None:
        return nothing(_NONE)
    then = found.before
    name = f" ({then.name})" if then.name else ""
    if _is_as_frozen(found):
        return nothing(f"Frozen today, {day(then.on)}{name}; nothing moved since.")
    rows = [*_results(found, case.bank), *_actions(case, found)]
    title, month = f"Since {day(then.on)}{name}", day(then.on).split()[1]
    columns = f"What:head | {then.on.day} {month} | Now | Why:wide"
    gone = "; ".join(_removed(found))
    note = f"Gone or loosened since: {gone}." if gone else ""
    shown = table(title, columns, rows, around="titled", note=note)
    text = f"{day(then.on)}: {found.then.headline}; now: {found.now.headline}"
    return Fragment(shown.html, text)


def milestones_table(case: Case) -> Fragment:
    """Return the verdict at each milestone, and now."""
    stops = [(one.on, one.name or "", one.result) for one in case.earlier]
    stops.append((case.result.as_of, "now", snapshot_of(case.result)))
    rows = [
        [
            lines(day(on), small(name)),
            snapshot.headline,
            f"{snapshot.answered} of {snapshot.applicable}",
            lines(f"{snapshot.proven}", small(_by(snapshot))),
            ", ".join(str(len(snapshot.gates(state))) for state in _STATES),
        ]
        for on, name, snapshot in stops
    ]
    columns = (
        "Day:date | Verdict:head | Answered:number | Proven:number | "
        "Gates passed, failed, undecided:number"
    )
    return table("The verdict at each milestone", columns, rows, empty=_NONE)


def _by(snapshot: Snapshot) -> str:
    return ", ".join(f"{many} {kind}" for kind, many in proven_by(snapshot).items())


def moves_table(case: Case) -> Fragment:
    """Return what each step moved since: verdict, gates and questions."""
    found = case.comparison
    rows = []
    for step in found.steps if found else ():
        moves = step.moves  # a move to where it had been is one too
        verdict = [move.after or "" for move in moves if move.kind == "verdict"]
        gates = [f"{m.id} {m.after or 'gone'}" for m in moves if m.kind == "gate"]
        questions = [move.id for move in moves if move.kind == "question"]
        rows.append(
            [
                capital(_STEP_WORDS[step.name]),
                ", ".join(verdict) or "as before",
                ", ".join(gates) or "none moved",
                ", ".join(questions) or "none moved",
            ]
        )
    columns = "Step:head | Verdict after it:wide | Gates:wide | Questions:wide"
    since = day(found.before.on) if found else ""
    lapsed = [f"{one.proof} ({_ended(one)})" for one in found.lapsed] if found else []
    note = f"Lapsed since: {'; '.join(lapsed)}." if lapsed else ""
    empty = f"Nothing moved since {since}. {note}".strip() if found else _NONE
    return table(f"What moved since {since}", columns, rows, empty=empty, note=note)


def _is_as_frozen(found: Comparison) -> bool:
    """Return whether a milestone is of the day of the look, which tells nothing else."""
    then, now = found.before, found.after
    is_same = then.on == now.on and then.assessment.actions == now.assessment.actions
    return is_same and not (found.steps or _removed(found))


def _actions(case: Case, found: Comparison) -> Iterator[list[str | Markup]]:
    """Yield the row of actions that were done or dropped since, or are late."""
    then, now = found.before, case.assessment.actions.actions
    was = {one.id: one.state_on(then.on) for one in then.assessment.actions.actions}
    states = {one.id: one.state_on(case.result.as_of) for one in now}
    done = [one for one in now if states[one.id] == "done" != was.get(one.id)]
    dropped = sum(states[one.id] == "dropped" != was.get(one.id) for one in now)
    closed = {"done", "dropped"}
    had, still = (sum(s not in closed for s in k.values()) for k in (was, states))
    late = sum(state == "late" for state in states.values()) or "none"
    waiting = dict.fromkeys(q for one in done for q in awaited(one, case.result))
    why = f"{len(done) or 'None'} done, {dropped or 'none'} dropped."
    if waiting:
        named = [question_named(case.bank, name) for name in waiting]
        why += f" Nobody looked again at {as_list(named, _MOST)}."
    if was or now:
        on_the_way = sum(step.is_declared for step in case.outlook.steps)
        among = f", {on_the_way} of them among the open steps" * (still != on_the_way)
        due = f"{still} open{among}, {late} past {'its' if late == 1 else 'their'} date"
        yield ["Actions", f"{had} open", due, why]
    waited, wait = (
        permissions_waiting(side.assessment) for side in (found.before, found.after)
    )
    if waited or wait:
        over = sum(one.is_late for one in wait) or "none"
        told = f"{len(wait)} waiting, {over} longer than declared"
        yield ["Permissions", f"{len(waited)} waiting", told, ""]


def _results(found: Comparison, bank: Bank) -> Iterator[list[str | Markup]]:
    """Yield the rows of the verdict, of dimensions that moved, and of gates."""
    then, now = found.then, found.now
    known = f"{then.answered} answers, {proof_told(then)}; "
    lapsed = f"; {len(found.lapsed)} lapsed" if found.lapsed else ""
    known += f"now {now.answered}, {proof_told(now)}{lapsed}."
    yield ["Verdict", then.headline, now.headline, known]
    moved = found.moved("dimension")
    for name in DIMENSIONS:
        if name in moved:
            before, after = moved[name]
            yield [SECTION_TITLES[name], before or "", after or "", _why(found, name)]
    shared = [look.assessment.shared for look in (found.before, found.after)]
    if shared[0] != shared[1]:
        files = [one.file if one else "none" for one in shared]
        why = "Who holds a role, and how a permission stands, may be from it."
        yield ["Shared register", *files, why]
    if gates := found.moved("gate"):
        told = [
            f"{question_named(bank, name)}: {state or 'not in force'}"
            for name, (_, state) in gates.items()
        ]
        yield ["Gates", _in_words(then), _in_words(now), f"{as_list(told, _MOST)}."]


def _in_words(snapshot: Snapshot) -> str:
    """Return how many gates are in each state, those that none is in left out."""
    counted = [(len(snapshot.gates(state)), state) for state in _STATES]
    return ", ".join(f"{many} {state}" for many, state in counted if many) or "none"


def _why(found: Comparison, name: str) -> str:
    """Return which steps moved a dimension, and through how many questions."""
    parts = []
    for step, move in found.movers("dimension", name):
        through = f" ({count(len(move.through), 'question')})" if move.through else ""
        parts.append(f"{_STEP_WORDS[step]}{through}")
    return f"{capital(', '.join(parts))}."


def comparison_json(comparison: Comparison) -> dict[str, object]:
    """Return a comparison for machines."""
    return {
        "before": _side_json(comparison.before, comparison.then),
        "after": _side_json(comparison.after, comparison.now),
        "steps": [asdict(step) for step in comparison.steps],
        "lapsed": [
            asdict(one) | {"on": one.on.isoformat()} for one in comparison.lapsed
        ],
        **{f"{now}_now": list(checks) for now, checks in _turned(comparison)},
        "removed": list(_removed(comparison)),
    }


def _side_json(side: Side, snapshot: Snapshot) -> dict[str, object]:
    bank, shared = side.bank, side.assessment.shared
    return {
        "label": side.label,
        "name": side.name,
        "on": side.on.isoformat(),
        "bank": f"{bank.id} {bank.version}",
        "shared": shared.model_dump(mode="json") if shared else None,
        "headline": snapshot.headline,
        "answered": snapshot.answered,
        "applicable": snapshot.applicable,
        "proven": snapshot.proven,
        "proven_by": proven_by(snapshot),
        "gates": {state: list(snapshot.gates(state)) for state in _STATES},
    }


def comparison_text(comparison: Comparison) -> str:
    """Return a comparison for a terminal: both results, then what moved at each step."""
    told = [
        *_side_lines("Then", comparison.before, comparison.then),
        *_side_lines("Now", comparison.after, comparison.now),
    ]
    if not comparison.steps:
        told += ["", "Nothing moved."]
    for step in comparison.steps:
        told += ["", f"{_STEP_WORDS[step.name].upper()} MOVED"]
        told += [f"  {line}" for move in step.moves for line in _move_lines(move)]
    for now, checks in _turned(comparison):
        if checks:
            title = f"CHECKS THAT {now.upper()} NOW"
            told += ["", title, *(f"  {one}" for one in checks)]
    if comparison.lapsed:
        told += ["", "LAPSED SINCE"]
    for one in comparison.lapsed:
        bears_on = as_list(one.questions, _MOST_IN_LINE)
        told.append(f"  {one.proof} ({_ended(one)}): {bears_on}")
    if gone := _removed(comparison):
        told += ["", "GONE OR LOOSENED SINCE", *(f"  {line}" for line in gone)]
    return narrow(told)


def _ended(one: Lapsed) -> str:
    return f"{one.kind}, until {day(one.on)}"


def _turned(found: Comparison) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield "pass" and "fail", each with the checks that did not, and do now."""
    for now in ("pass", "fail"):
        looks = found.before.assessment, found.after.assessment
        yield now, turned(*looks, passes=now == "pass")


def _removed(found: Comparison) -> tuple[str, ...]:
    return removed_since(found.before.assessment, found.after.assessment)


def _side_lines(word: str, side: Side, snapshot: Snapshot) -> Iterator[str]:
    name = f", {side.name}" if side.name else ""
    shared = side.assessment.shared
    by = f", with the shared register {shared.file}" if shared else ""
    yield f"{word}: {side.label}, {day(side.on)}{name}{by}"
    yield f"  {snapshot.headline}"
    _, failed, undecided = (len(snapshot.gates(state)) or "none" for state in _STATES)
    yield (
        f"  {answers_told(snapshot)}, {proof_told(snapshot)}; of the gates {failed} failed, "
        f"{undecided} undecided"
    )


def _move_lines(move: Move) -> Iterator[str]:
    before, after = move.before or "not asked", move.after or "not asked"
    named = move.title
    if move.kind in {"gate", "question"}:
        gate = "gate " if move.kind == "gate" else ""
        named = f"{gate}{move.id} {move.title}"
    through = as_list(move.through, _MOST_IN_LINE)
    through = f" (through {through})" if through else ""
    why = f" {move.why}" if move.kind == "question" else ""
    yield f"{named}: {before} -> {after}{through}.{why}"
