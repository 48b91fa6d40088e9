"""Actions that nobody declared yet: one for each gate that nothing is to settle."""

from readybook.model.case import Action
from readybook.model.words import sentence
from readybook.plan.steps import PlanStep
from readybook.show.decisions import move_for
from readybook.show.kit.case import Case


def drafted_actions(case: Case) -> tuple[Action, ...]:
    """Return an action for each failing or undecided gate that nothing is to settle.

    It is what the page names as the next move on the question, by the role whose move
    that is; its day and what it takes are left to people. It is called after the
    question, so that one that was dropped under that name is not offered again.
    """
    known = {one.id: one for one in case.assessment.actions.actions}
    found = []
    for step in case.outlook.plan.every:
        if step.kind != "gap" or step.owner is None:
            continue
        name = step.decides[0].lower()
        kept = known.get(name)
        if kept is None or kept.state != "dropped":
            free = name if kept is None else _next_name(name, known)
            text = _what(step, case)
            found.append(
                Action(id=free, action=text, owner=step.owner, decides=step.decides)
            )
    return tuple(found)


def _next_name(name: str, known: dict[str, Action]) -> str:
    """Return a name that no action has: one of it was done, and the gate is open."""
    number = 2
    while f"{name}-{number}" in known:
        number += 1
    return f"{name}-{number}"


def _what(step: PlanStep, case: Case) -> str:
    move = move_for(case.result.standing(step.decides[0]), case)
    asks = move.do.endswith("?") and not move.do.startswith("Find out")
    return f"Answer: {move.do}" if asks else sentence(move.do)
