"""A workshop as its facilitator sees it: who to invite, who answered, what to settle."""

from __future__ import annotations

from markupsafe import Markup

from readybook.model.errors import ReadybookError
from readybook.model.words import count, day, level_spread
from readybook.score.agenda import (
    LENGTH,
    Item,
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
    Column,
    Edition,
    Fragment,
    draw_html,
    lines,
    small,
    table,
)

__all__ = [
    "ITEM_WORDS",
    "WHO_SEES",
    "answered_table",
    "ask_next",
    "invitation_list",
    "minutes_of",
    "splits_list",
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
ITEM_WORDS = {
    "split": "Settle the difference",
    "answer": "Answer it",
    "proof": "Name who brings the proof, and until when",
    "declaration": "Declare it in assessment.yaml",
}
_GOOD, _BAD = theme.VERDICTS["ready"], theme.VERDICTS["not ready"]
_OPEN = theme.GATES["undecided"]


def invitation_list(case: Case) -> Fragment:
    """Return the roles that are to be invited: gaps first, with what waits for each."""
    places = role_map(case.result, case.assessment, case.bank)
    rows = [
        [
            lines([place.title, small(place.does)]),
            _holder(place),
            Markup("<br>").join(place.gates) or "none",
            f"{len(place.open)} of {place.asked}",
        ]
        for place in invitations(places)
    ]
    columns = (
        Column("Role", "long"),
        Column("Held by"),
        Column("Gates that wait"),
        Column("Questions open", "number"),
    )
    silent = [p.title for p in places if p.status != "held" and p.asked == 0]
    note = f"Held by nobody, and asked nothing: {', '.join(silent)}." if silent else ""
    empty = "Every role that is asked something is held, and has answered."
    return table("Who to invite", columns, rows, empty=empty, note=note)


def _holder(place: RolePlace) -> Markup:
    if place.status == "held":
        return theme.mark(_GOOD, ", ".join(place.held_by))
    return theme.mark(_BAD if place.status == "nobody yet" else _OPEN, place.status)


def who_sees_what(_case: Case) -> Fragment:
    """Return who will see which part of an answer; it is the same in every case."""
    return Fragment(draw_html("privacy.html.j2", told=WHO_SEES), "\n".join(WHO_SEES))


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
        Column("Who", "head"),
        Column("Role"),
        Column("Own questions"),
        Column("“We don't know”", "number"),
        Column("Of other roles", "number"),
        Column("Last", "date"),
    )
    empty = "Nobody is named in stakeholders.yaml, and nobody has answered yet."
    return table("Who has answered what", columns, rows, empty=empty)


def splits_list(case: Case) -> Fragment:
    """Return where answers differ, folded: nobody should see it before they answered.

    The edition "team" shows which role said what; "leadership" the range only.
    """
    found = splits(case.result, case.bank)
    rows = [
        [
            lines(
                [f"{row.question.id} {row.question.title}", small(row.question.text)]
            ),
            "gate" if row.gate else "",
            lines([level_spread(row.between), *_said(row, case.edition)]),
            row.settles,
        ]
        for row in found
    ]
    columns = (
        Column("Question", "long"),
        Column("Gate"),
        Column("Answers", "wide"),
        Column("Who settles it"),
    )
    empty = (
        "No answers differ by two levels or more, but for what the room has settled."
    )
    shown = table("Where answers differ", columns, rows, empty=empty)
    html = draw_html(
        "splits.html.j2",
        title=f"{count(len(found), 'split')}: open when everybody has answered",
        html=shown.html,
    )
    return Fragment(html, shown.text)


def _said(row: Split, edition: Edition) -> list[Markup]:
    if edition != "team":
        return []
    return [small(f"{role}: {answer}") for role, _, answer in row.said]


def ask_next(case: Case, left_over: str = f"{LENGTH}") -> Fragment:
    """Return what to settle in the minutes that are left, what settles most first.

    Raises:
        ReadybookError: the minutes are no number from 1 on.
    """
    minutes = minutes_of(left_over)
    fitting, left = fit(agenda(case.result, case.bank), minutes)
    rows = [
        [
            f"{at}",
            lines([f"{item.id} {item.title}", small(item.ask)]),
            lines([ITEM_WORDS[item.kind], small(_reason(item))]),
            item.role,
            f"{item.minutes}",
        ]
        for at, item in enumerate(fitting, 1)
    ]
    columns = (
        Column("", "number"),
        Column("About", "long"),
        Column("What to do", "wide"),
        Column("Who settles it"),
        Column("Minutes", "number"),
    )
    empty = f"Nothing is open that {count(minutes, 'minute')} could settle."
    if left and not fitting:
        time = "one minute" if minutes == 1 else count(minutes, "minute")
        empty = f"{count(left, 'item')} open, and none fits into {time}."
    note = f"{count(left, 'more item')} for another day." if left and fitting else ""
    return table(f"What to settle in {minutes} minutes", columns, rows, empty=empty,
                 note=note)  # fmt: skip


def _reason(item: Item) -> str:
    """Return why an item stands where it does, "" where it is a plain split."""
    parts = ["a gate"] if item.gate else []
    parts += ["decides the verdict"] if item.decides else []
    return " that ".join(parts)


def minutes_of(text: str) -> int:
    """Return the minutes that a notebook's parameter names.

    Raises:
        ReadybookError: it is no number from 1 on.
    """
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    message = f'minutes: found "{text}", expected a number from 1 on, do: write "30"'
    raise ReadybookError(message)
