"""The ninety minutes of a workshop part by part, with where the case stands in each."""

from __future__ import annotations

from dataclasses import dataclass

from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.results import Result
from readybook.model.words import count, day
from readybook.score.agenda import LENGTH, agenda, fit, role_map, splits
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Column, Fragment, table

__all__ = ["Step", "run_sheet", "run_steps"]


@dataclass(frozen=True)
class Step:
    """One part of the ninety minutes."""

    minutes: str  #: "10-30"; "before" for what is done earlier
    what: str
    do: str
    now: str  #: where the case stands with it


def run_sheet(case: Case) -> Fragment:
    """Return the ninety minutes part by part, with where the case stands in each."""
    steps = run_steps(case.result, case.assessment, case.bank)
    rows = [[s.minutes, s.what, s.do, s.now] for s in steps]
    columns = (
        Column("Minutes", "head"),
        Column("Part"),
        Column("What to do", "wide"),
        Column("Now", "wide"),
    )
    return table("The workshop", columns, rows, empty="")


def run_steps(result: Result, assessment: Assessment, bank: Bank) -> tuple[Step, ...]:
    """Return the parts of a workshop of ninety minutes, preparation first."""
    fitting, left = fit(agenda(result, bank), LENGTH)
    differing = len(splits(result, bank))
    reveal = f"{count(differing, 'question')} with answers far apart"
    return (
        Step("before", "Prepare", "Fill in scope and needs, invite the missing roles, "
             "measure the data, probe the machines.",
             _prepared(result, assessment, bank)),
        Step("0-10", "Purpose, and who sees what", "Say what is to be decided. Read "
             "aloud who will see the answers.",
             f"{assessment.scope.title}, for {assessment.scope.phase}"),
        Step("10-30", "Everybody answers, in silence", "Own questions of the starter "
             "track, each at a form or a sheet. No talking yet.", _starter(result)),
        Step("30-40", "Reveal", "Show the answers side by side. Listen to the lowest "
             "and the highest; nobody defends yet.", reveal),
        Step("40-70", "Settle what is open", "Splits and undecided gates, what settles "
             "most first. Write down what you agree on, and why.",
             f"{count(len(fitting), 'item')} fit, {left or 'none'} left over"),
        Step("70-85", "Actions", "Every open item gets an owner who is in the room, "
             "and a date.", _actions(assessment)),
        Step("85-90", "Close", "Render the report, and read its first sentence "
             "aloud.", result.headline),
    )  # fmt: skip


def _prepared(result: Result, assessment: Assessment, bank: Bank) -> str:
    gaps = [p for p in role_map(result, assessment, bank) if p.is_gap]
    undeclared = len(bank.facts) - len(assessment.scope.facts)
    data = assessment.data
    return "; ".join(
        [
            count(len(assessment.scope.needs), "need"),
            f"{count(undeclared, 'scope fact')} undeclared",
            f"{count(len(gaps), 'role')} missing",
            f"data measured on {day(data.measured_on)}"
            if data
            else "data not measured",
            f"{count(len(assessment.probes), 'machine')} probed",
        ]
    )


def _starter(result: Result) -> str:
    asked = [
        s for s in result.standings if s.question.is_starter and s.status != "not asked"
    ]
    done = sum(s.status != "unanswered" for s in asked)
    return f"{done} of {count(len(asked), 'starter question')} answered"


def _actions(assessment: Assessment) -> str:
    actions = assessment.actions.actions
    open_ = [action for action in actions if action.state == "open"]
    undated = sum(action.due is None for action in open_)
    proposed = sum(action.accepted_on is None for action in open_)
    return (
        f"{count(len(open_), 'action')} open, {undated or 'none'} without a date, "
        f"{proposed or 'none'} not accepted yet"
    )
