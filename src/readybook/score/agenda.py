"""What a workshop's facilitator has to know: who is missing, what to ask, in what order.

Pure functions over models: nothing is drawn here.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from readybook.model.bank import Bank, Id, Question, QuestionId
from readybook.model.case import Assessment, RoleStatus
from readybook.model.results import Bounds, Result, Standing
from readybook.model.words import answer_word, as_list, count, listed, role_title

#: "unknown": answered with "we don't know".
Kind = Literal["split", "answer", "unknown", "proof", "declaration"]

#: Minutes of the part of a workshop in which the room settles what is open.
LENGTH = 30
#: Minutes that one item of each kind takes in a room, as a rule of thumb.
_MINUTES: dict[Kind, int] = {
    "split": 5, "answer": 3, "unknown": 2, "proof": 2, "declaration": 2
}  # fmt: skip
_APART = 2  #: levels; how far "we don't know" counts as being from "in place"


@dataclass(frozen=True)
class RolePlace:
    """One role of the bank: who holds it and what waits for it."""

    role: Id
    title: str
    does: str
    held_by: tuple[Id, ...]  #: respondents; empty where it is a gap
    status: RoleStatus
    asked: int  #: questions that apply and that this role answers
    answered: int  #: of them; "we don't know" is an answer
    open: tuple[QuestionId, ...]  #: not answered yet, in bank order
    gates: tuple[QuestionId, ...]  #: of them, the gates in force

    @property
    def is_gap(self) -> bool:
        """Return whether questions wait for a role that nobody holds."""
        return self.status != "held" and self.asked > 0


@dataclass(frozen=True)
class Progress:
    """What one respondent has answered of the questions that are theirs."""

    respondent: Id
    role: Id
    title: str  #: of the role
    answered: int  #: of the questions that this role answers
    asked: int
    unknown: int  #: of the answered ones: "we don't know"
    beyond: int  #: answers to questions of other roles; shown, never scored
    unasked: int  #: answers to questions that are not asked here; kept
    last: dt.date | None


@dataclass(frozen=True)
class Split:
    """A question on which answers differ, that the room has not settled yet."""

    question: Question
    gate: bool  #: a gate in force
    between: Bounds
    distance: int  #: levels
    settles: str  #: title of the role whose answer counts
    said: tuple[tuple[str, str, str], ...]  #: role's title, respondent, answer in words


@dataclass(frozen=True)
class Item:
    """One item of the agenda."""

    id: str  #: question id, or the scope fact's id
    title: str
    kind: Kind
    gate: bool
    decides: bool  #: one of the fewest facts that settle the verdict
    role: str  #: title of the role that settles it
    ask: str  #: what to ask for, in words
    minutes: int


def questions_for(result: Result, role: Id) -> tuple[Standing, ...]:
    """Return the questions that apply and that a role answers, in bank order."""
    return tuple(
        standing
        for standing in result.standings
        if standing.question.authority == role and standing.status != "not asked"
    )


def role_map(
    result: Result, assessment: Assessment, bank: Bank
) -> tuple[RolePlace, ...]:
    """Return every role of the bank with its holders and what waits for it."""
    register = assessment.stakeholders
    places = []
    for role in bank.roles:
        asked = questions_for(result, role.id)
        waiting = [s for s in asked if s.status == "unanswered"]
        holder = register.holder(role.id)
        places.append(
            RolePlace(
                role=role.id,
                title=role.title,
                does=role.does,
                held_by=holder.holders if holder else (),
                status=register.status(role.id),
                asked=len(asked),
                answered=len(asked) - len(waiting),
                open=tuple(s.question.id for s in waiting),
                gates=tuple(s.question.id for s in waiting if s.gate),
            )
        )
    return tuple(places)


def invitations(places: tuple[RolePlace, ...]) -> tuple[RolePlace, ...]:
    """Return the roles to invite: those that open gates wait for come first.

    A gap is on the list, and so is a role that is held and has questions open.
    """
    wanted = [place for place in places if place.is_gap or place.open]
    return tuple(
        sorted(wanted, key=lambda p: (not p.is_gap, -len(p.gates), -len(p.open)))
    )


def progress(
    result: Result, assessment: Assessment, bank: Bank
) -> tuple[Progress, ...]:
    """Return what each respondent has answered; those without a file included."""
    rows, sheets, found = assessment.stakeholders.roles, assessment.sheets, []
    roles = {name: row.role for row in rows for name in row.holders}
    roles |= {name: sheet.role for name, sheet in sheets.items()}
    all_asked = _asked(result)
    for name, role in sorted(roles.items()):
        answers = sheets[name].answers if name in sheets else {}
        asked = {standing.question.id for standing in questions_for(result, role)}
        own = [answer for question, answer in answers.items() if question in asked]
        one = Progress(
            respondent=name,
            role=role,
            title=role_title(bank, role),
            answered=len(own),
            asked=len(asked),
            unknown=sum(answer.answer == "unknown" for answer in own),
            beyond=len(all_asked & {*answers}) - len(own),
            unasked=len({*answers} - all_asked),
            last=max((answer.date for answer in answers.values()), default=None),
        )
        found.append(one)
    return tuple(found)


def _asked(result: Result) -> set[QuestionId]:
    return {one.question.id for one in result.standings if one.status != "not asked"}


def kept_notes(result: Result, assessment: Assessment, bank: Bank) -> Iterator[str]:
    """Yield how many answers are kept that nothing asks for now, and what would.

    Nothing else shows them, so whoever gave them would believe them lost. What the bank
    asks no longer is told with the bank's changes.
    """
    given = Counter(id_ for one in assessment.sheets.values() for id_ in one.answers)
    given.update(assessment.agreed.settled.keys())
    left = given.keys() - _asked(result)
    on_track = {one.question.id for one in result.standings}
    kept = [one for _, one in bank.questions if one.id in left]
    off_track = {one.id: given[one.id] for one in kept if one.id not in on_track}
    off_scope = {one.id: given[one.id] for one in kept if one.id in on_track}
    facts = {fact for one in kept if one.id in off_scope for fact in one.applies_when}
    facts &= assessment.scope.facts.keys()
    yield from _kept(off_track, "the starter track does not ask", "set track to full")
    other = f"change {listed(sorted(facts), 'or')}"
    yield from _kept(off_scope, "the declared scope leaves out", other)


def _kept(given: Mapping[QuestionId, int], why: str, way: str) -> Iterator[str]:
    """Yield what is kept of questions that something leaves out, and the way back."""
    if given:
        ids, is_one = [*given], sum(given.values()) == 1
        yield (
            f"{count(sum(given.values()), 'answer')} to {count(len(ids), 'question')} "
            f"that {why} ({as_list(ids)}) {'is' if is_one else 'are'} kept and not "
            f"counted; to have {'it' if is_one else 'them'} asked, {way} in "
            "assessment.yaml"
        )


def splits(result: Result, bank: Bank) -> tuple[Split, ...]:
    """Return what people differ on, gates first, then by how far they are apart.

    What the room has settled is not among them.
    """
    found = [
        Split(
            question=standing.question,
            gate=standing.gate is not None,
            between=standing.split,
            distance=max(standing.split.upper - standing.split.lower, _APART),
            settles=role_title(bank, standing.question.authority),
            said=tuple(
                (role_title(bank, one.role), one.respondent, answer_word(one.answer))
                for one in standing.given
            ),
        )
        for standing in result.standings
        if standing.split and _is_open(standing)
    ]
    return tuple(sorted(found, key=lambda row: (not row.gate, -row.distance)))


def _is_open(standing: Standing) -> bool:
    return standing.applies and standing.agreed_on is None


def agenda(result: Result, bank: Bank) -> tuple[Item, ...]:
    """Return what the room could settle, what settles most first.

    One answer to an undecided gate can end the case, so that gates among the fewest
    facts that settle the verdict come first, then the other ones of these facts, then
    splits on gates, the gates that are undecided all the same, and last other splits
    by distance. Of two alike, what the room can say comes before what somebody has to
    fetch.
    """
    found = {item.id: item for item in _candidates(result, bank)}
    distance = {row.question.id: row.distance for row in splits(result, bank)}

    def rank(item: Item) -> tuple[bool, bool, bool, int]:
        fetched = item.kind in {"proof", "unknown"}
        return not item.decides, not item.gate, fetched, -distance.get(item.id, 0)

    return tuple(sorted(found.values(), key=rank))


def _candidates(result: Result, bank: Bank) -> Iterator[Item]:
    """Yield the items in bank order of each kind; a later one of an id stands."""
    deciding = {fact.id: fact for fact in result.settle}
    for fact in result.settle:
        if fact.kind == "scope fact":
            minutes = _MINUTES["declaration"]
            yield Item(fact.id, fact.title, "declaration", gate=False, decides=True,
                       role=fact.role, ask=fact.how, minutes=minutes)  # fmt: skip
    differing = {row.question.id for row in splits(result, bank)}
    for standing in result.standings:
        name = standing.question.id
        kind: Kind = "answer" if standing.claim is None else "proof"
        kind = "unknown" if standing.is_unknown else kind
        kind = "split" if name in differing else kind
        undecided = standing.gate_state == "undecided" and _is_open(standing)
        if name in deciding or kind == "split" or undecided:
            question = standing.question
            yield Item(
                id=name,
                title=question.title,
                kind=kind,
                gate=standing.gate is not None,
                decides=name in deciding,
                role=role_title(bank, question.authority),
                ask=question.proof if kind == "proof" else question.text,
                minutes=_MINUTES[kind],
            )


def fit(items: tuple[Item, ...], minutes: int) -> tuple[tuple[Item, ...], int]:
    """Return the items that fit into the minutes left, in order, and how many do not.

    It stops at the first one that does not fit: a shorter one further down settles
    less.
    """
    left, fitting = minutes, []
    for item in items:
        left -= item.minutes
        if left < 0:
            break
        fitting.append(item)
    return tuple(fitting), len(items) - len(fitting)
