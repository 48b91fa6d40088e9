"""A workshop as its facilitator sees it: whom to invite, who answered, what to settle.

The same state of a workshop is printed for a terminal, as `readybook status`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from markupsafe import Markup

from readybook.model.bank import SECTION_TITLES
from readybook.model.errors import ReadybookError
from readybook.model.results import Result, Standing
from readybook.model.words import count, day, level_spread
from readybook.score.agenda import (
    LENGTH,
    Item,
    Progress,
    RolePlace,
    Split,
    agenda,
    fit,
    invitations,
    progress,
    role_map,
    splits,
)
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import (
    Fragment,
    draw_html,
    lines,
    narrow,
    small,
    table,
)

__all__ = [
    "WHO_SEES",
    "Agreement",
    "RunPart",
    "Status",
    "agreement_of",
    "agreement_table",
    "answered_table",
    "ask_next",
    "invitation_list",
    "run_parts",
    "run_sheet",
    "splits_list",
    "status_json",
    "status_of",
    "status_text",
    "who_sees_what",
]

#: Said before the first answer, on screen and on paper.
WHO_SEES = (
    "Leadership's report shows roles, levels and ranges: nobody's name and no note.",
    "The team's edition also shows whose answer it is, and the notes.",
    (
        "A note marked private enters no report. It stays in the answers file, which "
        "everybody with access to the folder can open."
    ),
)
#: What an item of the agenda asks of the room.
_ITEM_WORDS = {
    "split": "Settle the difference",
    "answer": "Answer it",
    "proof": "Name who brings the proof, and until when",
    "declaration": "Declare it in assessment.yaml",
}
_NOBODY_MISSING = "Every role that is asked something is held, and has answered."
_NOBODY_NAMED = "Nobody is named in stakeholders.yaml, and nobody has answered yet."
_GOOD, _BAD = theme.VERDICTS["ready"], theme.VERDICTS["not ready"]
_OPEN = theme.GATES["undecided"]


def _places(case: Case) -> tuple[RolePlace, ...]:
    return role_map(case.result, case.assessment, case.bank)


# --- before it -----------------------------------------------------------------------


def invitation_list(case: Case) -> Fragment:
    """Return the roles that are to be invited: gaps first, with what waits for each."""
    places = _places(case)
    rows = [
        [
            lines(place.title, small(place.does)),
            _holder(place),
            Markup("<br>").join(place.gates) or "none",
            f"{len(place.open)} of {place.asked}",
        ]
        for place in invitations(places)
    ]
    columns = "Role:long | Held by | Gates that wait | Questions open:number"
    silent = [p.title for p in places if p.status != "held" and p.asked == 0]
    note = f"Held by nobody, and asked nothing: {', '.join(silent)}." if silent else ""
    return table("Who to invite", columns, rows, empty=_NOBODY_MISSING, note=note)


def _holder(place: RolePlace) -> Markup:
    if place.status == "held":
        return theme.mark(_GOOD, ", ".join(place.held_by))
    return theme.mark(_BAD if place.status == "nobody yet" else _OPEN, place.status)


def who_sees_what(_case: Case) -> Fragment:
    """Return who will see which part of an answer; it is the same in every case."""
    items = Markup("\n").join(Markup("<li>{}</li>").format(line) for line in WHO_SEES)
    return Fragment(Markup("<ul>\n{}\n</ul>").format(items), "\n".join(WHO_SEES))


@dataclass(frozen=True)
class RunPart:
    """One part of the ninety minutes."""

    minutes: str  #: "10-30"; "before" for what is done earlier
    what: str
    do: str
    now: str  #: where the case stands with it


def run_sheet(case: Case) -> Fragment:
    """Return the ninety minutes part by part, with where the case stands in each."""
    rows = [[part.minutes, part.what, part.do, part.now] for part in run_parts(case)]
    columns = "Minutes:head | Part | What to do:wide | Now:wide"
    return table("The workshop", columns, rows, empty="")


def run_parts(case: Case) -> tuple[RunPart, ...]:
    """Return the parts of a workshop of ninety minutes, preparation first."""
    scope = case.assessment.scope
    fitting, left = fit(agenda(case.result, case.bank), LENGTH)
    differing = count(len(splits(case.result, case.bank)), "question")
    return (
        RunPart("before", "Prepare", "Fill in scope and needs, invite the missing "
                "roles, measure the data, probe the machines.", _prepared(case)),
        RunPart("0-10", "Purpose, and who sees what", "Say what is to be decided. Read "
                "aloud who will see the answers.", f"{scope.title}, for {scope.phase}"),
        RunPart("10-30", "Everybody answers, in silence", "Own questions of the "
                "starter track, each at a form or a sheet. No talking yet.",
                _starter(case)),
        RunPart("30-40", "Reveal", "Show the answers side by side. Listen to the "
                "lowest and the highest; nobody defends yet.",
                f"{differing} with answers far apart"),
        RunPart("40-70", "Settle what is open", "Splits and undecided gates, what "
                "settles most first. Write down what you agree on, and why.",
                f"{count(len(fitting), 'item')} fit, {left or 'none'} left over"),
        RunPart("70-85", "Actions", "Every open item gets an owner who is in the room, "
                "and a date.", _open_actions(case)),
        RunPart("85-90", "Close", "Render the report, and read its first sentence "
                "aloud.", case.result.headline),
    )  # fmt: skip


def _prepared(case: Case) -> str:
    scope, data = case.assessment.scope, case.assessment.data
    gaps = sum(place.is_gap for place in _places(case))
    return "; ".join(
        [
            count(len(scope.needs), "need"),
            f"{count(len(case.bank.facts) - len(scope.facts), 'scope fact')} undeclared",
            f"{count(gaps, 'role')} missing",
            f"data measured on {day(data.measured_on)}"
            if data
            else "data not measured",
            f"{count(len(case.assessment.probes), 'machine')} probed",
        ]
    )


def _starter(case: Case) -> str:
    starter = [s for s in case.result.standings if s.question.is_starter]
    asked = [s for s in starter if s.status != "not asked"]
    done = sum(s.status != "unanswered" for s in asked)
    return f"{done} of {count(len(asked), 'starter question')} answered"


def _open_actions(case: Case) -> str:
    open_ = case.assessment.open_actions
    undated = sum(action.due is None for action in open_)
    proposed = sum(not one.is_accepted_on(case.assessment.as_of) for one in open_)
    return (
        f"{count(len(open_), 'action')} open, {undated or 'none'} without a date, "
        f"{proposed or 'none'} not accepted yet"
    )


# --- in it ---------------------------------------------------------------------------


def answered_table(case: Case) -> Fragment:
    """Return how far everybody has come; what they answered is not shown here."""
    rows = [
        [
            row.respondent,
            row.title,
            theme.mark(
                _GOOD if row.answered == row.asked else _OPEN,
                f"{row.answered} of {row.asked}",
            ),
            f"{row.unknown}",
            f"{row.beyond}",
            day(row.last, "not begun"),
        ]
        for row in progress(case.result, case.assessment, case.bank)
    ]
    columns = (
        "Who:head | Role | Own questions | “We don't know”:number | "
        "Of other roles:number | Last:date"
    )
    return table("Who has answered what", columns, rows, empty=_NOBODY_NAMED)


def splits_list(case: Case) -> Fragment:
    """Return where answers differ, folded: nobody should see it before they answered.

    The edition "team" shows which role said what; "leadership" the range only.
    """
    found = splits(case.result, case.bank)
    rows = [
        [
            lines(f"{row.question.id} {row.question.title}", small(row.question.text)),
            "gate" if row.gate else "",
            lines(level_spread(row.between), *_said(row, case)),
            row.settles,
        ]
        for row in found
    ]
    columns = "Question:long | Gate | Answers:wide | Who settles it"
    empty = (
        "No answers differ by two levels or more, but for what the room has settled."
    )
    shown = table("Where answers differ", columns, rows, empty=empty)
    title = f"{count(len(found), 'split')}: open when everybody has answered"
    return Fragment(
        draw_html("splits.html.j2", title=title, html=shown.html), shown.text
    )


def _said(row: Split, case: Case) -> list[Markup]:
    if case.edition != "team":
        return []
    return [small(f"{role}: {answer}") for role, _, answer in row.said]


def ask_next(case: Case, left_over: str = f"{LENGTH}") -> Fragment:
    """Return what to settle in the minutes that are left, what settles most first.

    Raises:
        ReadybookError: the minutes are no number from 1 on.
    """
    if not (left_over.isascii() and left_over.isdigit() and int(left_over)):
        message = f'minutes: found "{left_over}", expected a number from 1 on, do: '
        raise ReadybookError(message + 'write "30"')
    minutes = int(left_over)
    fitting, left = fit(agenda(case.result, case.bank), minutes)
    rows = [
        [
            f"{at}",
            lines(f"{item.id} {item.title}", small(item.ask)),
            lines(_ITEM_WORDS[item.kind], small(_reason(item))),
            item.role,
            f"{item.minutes}",
        ]
        for at, item in enumerate(fitting, 1)
    ]
    columns = ":number | About:long | What to do:wide | Who settles it | Minutes:number"
    empty = f"Nothing is open that {count(minutes, 'minute')} could settle."
    if left and not fitting:
        time = "one minute" if minutes == 1 else count(minutes, "minute")
        empty = f"{count(left, 'item')} open, and none fits into {time}."
    note = f"{count(left, 'more item')} for another day." if left else ""
    title = f"What to settle in {minutes} minutes"
    return table(title, columns, rows, empty=empty, note=note)


def _reason(item: Item) -> str:
    """Return why an item stands where it does, "" where it is a plain split."""
    parts = ["a gate"] if item.gate else []
    parts += ["decides the verdict"] if item.decides else []
    return " that ".join(parts)


# --- how far roles agree -------------------------------------------------------------


@dataclass(frozen=True)
class Agreement:
    """One dimension's questions that two or more roles answered."""

    title: str
    asked: int  #: answered by two or more roles, with a level or "we don't know"
    apart: tuple[str, ...]  #: ids of those on which some are two levels or more apart

    @property
    def agreed(self) -> int:
        """Return how many questions nobody is two levels or more apart on."""
        return self.asked - len(self.apart)


def agreement_of(result: Result) -> tuple[Agreement, ...]:
    """Return how far roles agree, by section in the order of the bank.

    An answer of "we don't know" is apart from "in place" and better, as for splits.
    What the room settled since does not change what was said.
    """
    found = []
    for section in dict.fromkeys(standing.section for standing in result.standings):
        several = [s for s in result.standings if s.section == section and _several(s)]
        apart = tuple(s.question.id for s in several if s.split)
        found.append(Agreement(SECTION_TITLES[section], len(several), apart))
    return tuple(found)


def _several(standing: Standing) -> bool:
    said = {one.role for one in standing.given if one.answer != "does-not-apply"}
    return standing.applies and len(said) > 1


def agreement_table(case: Case) -> Fragment:
    """Return how many questions roles agree on, of those that several answered."""
    rows = [
        [
            one.title,
            f"{one.asked}",
            f"{one.agreed}",
            f"{round(100 * one.agreed / one.asked)} %",
            ", ".join(one.apart) or "none",
        ]
        for one in agreement_of(case.result)
        if one.asked
    ]
    columns = (
        "Part:head | Answered by two or more roles:number | "
        "At most one level apart:number | Share:number | Further apart:wide"
    )
    empty = "No question was answered by two roles or more."
    return table("How far roles agree", columns, rows, empty=empty)


# --- for a terminal, and for machines ------------------------------------------------


@dataclass(frozen=True)
class Status:
    """What `readybook status` prints of one assessment."""

    name: str
    title: str
    headline: str
    because: str
    minutes: int
    invite: tuple[RolePlace, ...]
    answered: tuple[Progress, ...]
    splits: tuple[Split, ...]
    next: tuple[Item, ...]
    left: int  #: items that do not fit into the minutes
    steps: tuple[RunPart, ...]


def status_of(case: Case, *, minutes: int) -> Status:
    """Return where an assessment stands with its workshop.

    Args:
        case: for what the method concludes, roles, answers and actions.
        minutes: that are left to settle something.
    """
    fitting, left = fit(agenda(case.result, case.bank), minutes)
    return Status(
        name=case.assessment.name,
        title=case.assessment.scope.title,
        headline=case.result.headline,
        because=case.result.because,
        minutes=minutes,
        invite=invitations(_places(case)),
        answered=progress(case.result, case.assessment, case.bank),
        splits=splits(case.result, case.bank),
        next=fitting,
        left=left,
        steps=run_parts(case),
    )


def status_json(status: Status) -> dict[str, object]:
    """Return the status for machines: by role, no respondent beside an answer."""
    body = asdict(status)
    body["splits"] = [
        {
            "question": row.question.id,
            "title": row.question.title,
            "gate": row.gate,
            "between": [row.between.lower, row.between.upper],
            "distance": row.distance,
            "settles": row.settles,
        }
        for row in status.splits
    ]
    for row in body["answered"]:
        row["last"] = row["last"].isoformat() if row["last"] else None
    return body


def status_text(status: Status) -> str:
    """Return the status for a terminal."""
    nothing_next = "Nothing is open that the room could settle."
    parts = {
        f"WHO TO INVITE ({len(status.invite)})":
            [*map(_invite, status.invite)] or [_NOBODY_MISSING],
        f"WHO HAS ANSWERED WHAT ({len(status.answered)})":
            [*map(_answered, status.answered)] or [_NOBODY_NAMED],
        f"WHERE ANSWERS DIFFER ({len(status.splits)})":
            [*map(_differs, status.splits)]
            or ["None, but for what the room has settled."],
        f"WHAT TO SETTLE IN {status.minutes} MINUTES":
            [*_next(status)] or [nothing_next],
        "THE WORKSHOP":
            [f"{part.minutes:>6}  {part.what}: {part.now}" for part in status.steps],
    }  # fmt: skip
    told = [f"{status.name}: {status.title}", status.headline, status.because]
    for title, rows in parts.items():
        told += ["", title, *(f"  {row}" for row in rows)]
    return narrow(told)


def _invite(place: RolePlace) -> str:
    held = ", ".join(place.held_by) or place.status
    gates = f"; gates: {', '.join(place.gates)}" if place.gates else ""
    waits = f"{len(place.open)} of {count(place.asked, 'question')} open"
    return f"{place.title} ({held}): {waits}{gates}"


def _answered(row: Progress) -> str:
    unknown = f", {row.unknown} not known" if row.unknown else ""
    own = f"{row.answered} of {row.asked} own questions{unknown}"
    return f"{row.respondent}: {own}; last: {day(row.last, 'not begun')}"


def _differs(row: Split) -> str:
    gate = "gate, " if row.gate else ""
    said = f"{gate}{level_spread(row.between)}; settled by: {row.settles}"
    return f"{row.question.id} {row.question.title}: {said}"


def _next(status: Status) -> Iterator[str]:
    for at, item in enumerate(status.next, 1):
        gate = " (gate)" if item.gate else ""
        yield (
            f"{at}. {item.id} {item.title}{gate}. {_ITEM_WORDS[item.kind]}: "
            f"{item.role}, {item.minutes} min"
        )
    if status.left:
        yield f"{count(status.left, 'more item')} for another day."
