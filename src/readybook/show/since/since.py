"""What changed since the last milestone, and the verdict at each: for the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from readybook.model.bank import DIMENSIONS, SECTION_TITLES
from readybook.model.milestone import Snapshot
from readybook.model.results import GateState
from readybook.model.words import count, day
from readybook.plan.action_state import awaited, state_on
from readybook.score.compare import Comparison, Step
from readybook.score.freeze import snapshot_of
from readybook.show.kit.case import Case
from readybook.show.kit.figures import nothing
from readybook.show.kit.fragment import Column, Fragment, draw_html, lines, small, table
from readybook.show.since.compare_text import STEP_WORDS

__all__ = ["changes_since", "milestones_table", "moves_table"]

_MOST = 3  #: ids that a cell names before it counts the rest
_NONE = "No milestone yet. `readybook milestone` freezes one, to compare with later."


def changes_since(case: Case) -> Fragment:
    """Return verdict, dimensions, gates and actions, then and now, and why."""
    found = case.comparison
    if found is None:
        return nothing(_NONE)
    then = found.before
    rows = [*_verdict(found), *_dimensions(found), *_gates(found), *_actions(case)]
    name = f" ({then.name})" if then.name else ""
    title = f"Since {day(then.on)}{name}"
    columns = (
        Column("What", "head"),
        Column(f"{then.on.day} {day(then.on).split()[1]}"),
        Column("Now"),
        Column("Why", "wide"),
    )
    shown = table(title, columns, rows, empty=f"{title}: nothing moved.")
    html = draw_html("titled.html.j2", html=shown.html)
    text = f"{title}: {found.then.headline}; now: {found.now.headline}"
    return Fragment(html, text)


def milestones_table(case: Case) -> Fragment:
    """Return the verdict at each milestone, and now."""
    stops = [(one.on, one.name or "", one.result) for one in case.earlier]
    stops.append((case.result.as_of, "now", snapshot_of(case.result)))
    rows = [
        [
            lines([day(on), small(name)]),
            snapshot.headline,
            f"{snapshot.answered} of {snapshot.applicable}",
            f"{snapshot.proven}",
            _count_gates(snapshot),
        ]
        for on, name, snapshot in stops
    ]
    columns = (
        Column("Day", "date"),
        Column("Verdict", "head"),
        Column("Answered", "number"),
        Column("Proven", "number"),
        Column("Gates passed, failed, undecided", "number"),
    )
    return table("The verdict at each milestone", columns, rows, empty=_NONE)


def moves_table(case: Case) -> Fragment:
    """Return what each step moved since: verdict, gates and questions."""
    found = case.comparison
    rows = [_step_row(step) for step in (found.steps if found else ())]
    columns = (
        Column("Step", "head"),
        Column("Verdict after it", "wide"),
        Column("Gates", "wide"),
        Column("Questions", "wide"),
    )
    since = day(found.before.on) if found else ""
    empty = f"Nothing moved since {since}." if found else _NONE
    return table(f"What moved since {since}", columns, rows, empty=empty)


# --- rows --------------------------------------------------------------------------


def _actions(case: Case) -> Iterator[list[str | Markup]]:
    """Yield the row of actions that were done or dropped since, or are late."""
    last, now = case.earlier[-1], case.assessment.actions.actions
    was = {one.id: state_on(one, last.on) for one in last.inputs.actions.actions}
    states = {one.id: state_on(one, case.result.as_of) for one in now}
    done = [one for one in now if states[one.id] == "done" != was.get(one.id)]
    dropped = sum(states[one.id] == "dropped" != was.get(one.id) for one in now)
    then, still = (
        sum(state not in {"done", "dropped"} for state in kept.values())
        for kept in (was, states)
    )
    late = sum(state == "late" for state in states.values()) or "none"
    waiting = dict.fromkeys(q for one in done for q in awaited(one, case.result))
    why = f"{len(done) or 'None'} done, {dropped or 'none'} dropped."
    if waiting:
        why += f" Nobody looked again at {_some(list(waiting))}."
    if was or now:
        yield ["Actions", f"{then} open", f"{still} open, {late} late", why]


def _verdict(found: Comparison) -> Iterator[list[str | Markup]]:
    then, now = found.then, found.now
    known = f"{then.answered} answers, {then.proven} proven; "
    known += f"now {now.answered}, {now.proven} proven."
    yield ["Verdict", then.headline, now.headline, known]


def _dimensions(found: Comparison) -> Iterator[list[str | Markup]]:
    moved = found.moved("dimension")
    for name in DIMENSIONS:
        if name in moved:
            then, now = moved[name]
            yield [SECTION_TITLES[name], then or "", now or "", _why(found, name)]


def _gates(found: Comparison) -> Iterator[list[str | Markup]]:
    moved = found.moved("gate")
    if moved:
        told = [f"{name} {now or 'not in force'}" for name, (_, now) in moved.items()]
        yield ["Gates", *map(_in_words, (found.then, found.now)), f"{_some(told)}."]


def _in_words(snapshot: Snapshot) -> str:
    """Return how many gates are in each state, those that none is in left out."""
    states: tuple[GateState, ...] = ("passed", "failed", "undecided")
    counted = [(len(snapshot.gates(state)), state) for state in states]
    return ", ".join(f"{many} {state}" for many, state in counted if many) or "none"


def _count_gates(snapshot: Snapshot) -> str:
    states: tuple[GateState, ...] = ("passed", "failed", "undecided")
    return ", ".join(str(len(snapshot.gates(state))) for state in states)


def _why(found: Comparison, name: str) -> str:
    """Return which steps moved a dimension, and through how many questions."""
    parts = [
        f"{STEP_WORDS[step]} ({count(len(move.through), 'question')})"
        if move.through
        else STEP_WORDS[step]
        for step, move in found.movers("dimension", name)
    ]
    return f"{_capital(', '.join(parts))}."


def _step_row(step: Step) -> list[str]:
    """Return what one step moved; a move to where it had been is one too."""
    verdict = [move.after or "" for move in step.moves if move.kind == "verdict"]
    gates = [f"{m.id} {m.after or 'gone'}" for m in step.moves if m.kind == "gate"]
    questions = [move.id for move in step.moves if move.kind == "question"]
    return [
        _capital(STEP_WORDS[step.name]),
        ", ".join(verdict) or "as before",
        ", ".join(gates) or "none moved",
        ", ".join(questions) or "none moved",
    ]


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more} more" if more > 0 else "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
