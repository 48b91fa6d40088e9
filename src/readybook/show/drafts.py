"""Actions that nobody declared yet: what gates need and nothing is to settle."""

from readybook.model.case import Action
from readybook.show.decisions import drafts, gates
from readybook.show.kit.case import Case


def drafted_actions(case: Case) -> tuple[Action, ...]:
    """Return an action for each failing or undecided gate that nothing is to settle.

    And for what its checks found and no action names. It is what the page names as the
    next move on the question, by the role whose move that is; its day and what it takes
    are left to people. It is called after the question, so that nothing is offered for
    it once one was dropped under that name; nor are words that were dropped.
    """
    known = {one.id: one for one in case.assessment.actions.actions}
    dropped = {one.action for one in known.values() if one.state == "dropped"}
    found = []
    for standing in gates(case.result, "failed", "undecided"):
        gate = standing.question.id
        name = gate.lower()
        kept = known.get(name)
        for draft in () if kept and kept.state == "dropped" else drafts(standing, case):
            if draft.owner and _told(draft.what) not in dropped:
                free = _next_name(name, known) if name in known else name
                text = _told(draft.what)
                one = Action(id=free, action=text, owner=draft.owner, decides=(gate,))
                known[free] = one
                found.append(one)
    return tuple(found)


def _next_name(name: str, known: dict[str, Action]) -> str:
    """Return a name that no action has: one of it was done, and the gate is open."""
    number = 2
    while f"{name}-{number}" in known:
        number += 1
    return f"{name}-{number}"


def _told(what: str) -> str:
    asks = what.endswith("?") and not what.startswith("Find out")
    return f"Answer: {what}" if asks else what


def cells_of(action: Action) -> dict[str, object]:
    """Return what a drafted action fills in of a row of actions.yaml."""
    keys = {"id", "action", "owner", "decides"}
    return action.model_dump(mode="json", include=keys)
