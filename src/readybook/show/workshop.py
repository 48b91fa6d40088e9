"""A workshop as its facilitator sees it: whom to invite, who answered, what to settle.

The same state of a workshop is printed for a terminal, as `readybook status`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from markupsafe import Markup

from readybook.model.bank import LEVEL_WORDS, SECTION_TITLES
from readybook.model.errors import ReadybookError
from readybook.model.results import Standing
from readybook.model.words import (
    answer_word,
    answers_told,
    count,
    day,
    level_spread,
    proof_told,
    proven_by,
)
from readybook.score.agenda import (
    LENGTH,
    Kind,
    Progress,
    RolePlace,
    Split,
    agenda,
    fit,
    invitations,
    kept_notes,
    progress,
    role_map,
    splits,
)
from readybook.score.freeze import snapshot_of
from readybook.show.decided import owed
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.figures import LIGHT, axis, chart, plain, tag
from readybook.show.kit.fragment import (
    Fragment,
    draw,
    lines,
    narrow,
    nothing,
    small,
    table,
    titled_link,
)

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
_ITEM_WORDS: dict[Kind, str] = {
    "split": "Settle the difference",
    "answer": "Answer it",
    "unknown": "Find out, or name who can tell",
    "proof": "Name who brings the proof, and until when",
    "declaration": "Declare it in assessment.yaml",
}
_NOBODY_MISSING = "Every role that is asked something is held, and has answered."
_NOBODY_NAMED = "Nobody is named in stakeholders.yaml, and nobody has answered yet."
#: Pixels of height of a row: a line of text and its line; and below, for an axis.
_ROW, _FOOT = 52, 48
_BREAKS = re.compile(r"(?<=partly) | (?=and )")


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
        return theme.mark(theme.GOOD, ", ".join(place.held_by))
    return theme.mark(
        theme.BAD if place.status == "nobody yet" else theme.UNDECIDED, place.status
    )


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
    return table("The workshop", columns, rows)


def run_parts(case: Case) -> tuple[RunPart, ...]:
    """Return the parts of a workshop of ninety minutes, preparation first."""
    opened, result, bank = case.assessment, case.result, case.bank
    scope, actions = opened.scope, opened.open_actions
    gaps = sum(place.is_gap for place in _places(case))
    measured = "data not measured"
    if opened.data:
        measured = f"data measured on {day(opened.data.measured_on)}"
        if changed := ", ".join(opened.declared_since):
            measured += f", and the contract of {changed} changed since"
    prepared = (
        f"{count(len(scope.needs), 'need')}; "
        f"{count(len(bank.facts) - len(scope.facts), 'scope fact')} undeclared; "
        f"{count(gaps, 'role')} missing; {measured}; "
        f"{count(len(opened.probes), 'machine')} probed"
    )
    # On the starter track, what fails is asked as well; there, they are all questions.
    is_full = scope.track == "full"
    asked = [s for s in result.standings
             if s.applies and (s.question.is_starter or not is_full)]  # fmt: skip
    done = sum(standing.is_answered for standing in asked)
    what = "starter question" if is_full else "question"
    fitting, left = fit(agenda(result, bank), LENGTH)
    differing = count(len(splits(result, bank)), "question")
    undated = sum(action.due is None for action in actions)
    proposed = sum(not one.is_accepted_on(opened.as_of) for one in actions)
    return (
        RunPart("before", "Prepare", "Fill in scope and needs, invite the missing "
                "roles, measure the data, probe the machines.", prepared),
        RunPart("0-10", "Purpose, and who sees what", "Say what is to be decided. Read "
                "aloud who will see the answers.", f"{scope.title}, for {scope.phase}"),
        RunPart("10-30", "Everybody answers, in silence", "Own questions of the "
                "starter track, each at a form or a sheet. No talking yet.",
                f"{done} of {count(len(asked), what)} answered"),
        RunPart("30-40", "Reveal", "Show the answers side by side. Listen to the "
                "lowest and the highest; nobody defends yet.",
                f"{differing} with answers far apart"),
        RunPart("40-70", "Settle what is open", "Splits and undecided gates, what "
                "settles most first. Write down what you agree on, and why.",
                f"{count(len(fitting), 'item')} fit, {left or 'none'} left over"),
        RunPart("70-85", "Actions", "Every open item gets an owner who is in the room, "
                "and a date.",
                f"{count(len(actions), 'action')} open, {undated or 'none'} without a "
                f"date, {proposed or 'none'} not accepted yet"),
        RunPart("85-90", "Close", "Render the report, and read its first sentence "
                "aloud.", result.headline),
    )  # fmt: skip


# --- in it ---------------------------------------------------------------------------


def answered_table(case: Case) -> Fragment:
    """Return how far everybody has come; what they answered is not shown here."""
    looks = (theme.UNDECIDED, theme.GOOD)
    rows = [
        [
            row.respondent,
            row.title,
            theme.mark(
                looks[row.answered == row.asked], f"{row.answered} of {row.asked}"
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
    note = _kept(case)
    return table("Who has answered what", columns, rows, empty=_NOBODY_NAMED, note=note)


def _kept(case: Case) -> str:
    """Return what is told of answers that nothing asks for, a sentence each."""
    notes = kept_notes(case.result, case.assessment, case.bank)
    return " ".join(f"{note}." for note in notes)


def splits_list(case: Case) -> Fragment:
    """Return where answers differ, folded: nobody should see it before they answered.

    The edition "team" shows which role said what; "leadership" the range only.
    """
    found, team = splits(case.result, case.bank), case.edition == "team"
    rows = [
        [
            lines(f"{row.question.id} {row.question.title}", small(row.question.text)),
            "gate" if row.gate else "",
            lines(level_spread(row.between), *map(small, said)),
            row.settles,
        ]
        for row in found
        for said in ([f"{role}: {answer}" for role, _, answer in row.said if team],)
    ]
    columns = "Question:long | Gate | Answers:wide | Who settles it"
    empty = (
        "No answers differ by two levels or more, but for what the room has settled."
    )
    shown = table("Where answers differ", columns, rows, empty=empty)
    title = f"{count(len(found), 'split')}: open when everybody has answered"
    return Fragment(draw("splits.html.j2", title=title, html=shown.html), shown.text)


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
            lines(_ITEM_WORDS[item.kind], small(" that ".join(why))),
            item.role,
            f"{item.minutes}",
        ]
        for at, item in enumerate(fitting, 1)
        for why in (["a gate"] * item.gate + ["decides the verdict"] * item.decides,)
    ]
    columns = ":number | About:long | What to do:wide | Who settles it | Minutes:number"
    empty = f"Nothing is open that {count(minutes, 'minute')} could settle."
    if left and not fitting:
        time = "one minute" if minutes == 1 else count(minutes, "minute")
        empty = f"{count(left, 'item')} open, and none fits into {time}."
    note = f"{count(left, 'more item')} for another day." if left else ""
    title = f"What to settle in {minutes} minutes"
    return table(title, columns, rows, empty=empty, note=note)


# --- how far roles agree -------------------------------------------------------------


def agreement_table(case: Case) -> Fragment:
    """Return how many questions roles agree on, of those that several answered.

    An answer of "we don't know" is apart from "in place" and better, as for splits.
    What the room settled since does not change what was said.
    """
    standings = case.result.standings
    rows = []

    def roles_of(standing: Standing) -> set[str]:
        return {one.role for one in standing.given if one.answer != "does-not-apply"}

    for section in dict.fromkeys(standing.section for standing in standings):
        mine = [s for s in standings if s.section == section and s.applies]
        several = [s for s in mine if len(roles_of(s)) > 1]
        apart = [s.question.id for s in several if s.split]
        asked, agreed = len(several), len(several) - len(apart)
        if asked:
            share = f"{round(100 * agreed / asked)} %"
            counts = [f"{asked}", f"{agreed}", share, ", ".join(apart) or "none"]
            rows.append([SECTION_TITLES[section], *counts])
    columns = (
        "Part:head | Answered by two or more roles:number | "
        "At most one level apart:number | Share:number | Further apart:wide"
    )
    empty = "No question was answered by two roles or more."
    return table("How far roles agree", columns, rows, empty=empty)


def belief_chart(case: Case) -> Fragment:
    """Return the questions on which answers part, gates first, widest first.

    The team's edition draws a dot per role; that of leadership tells the range.
    """
    parted = [(s, s.split) for s in case.result.standings if s.split]
    if not parted:
        return nothing("No two answers to a question are two levels or more apart.")
    parted.sort(
        key=lambda one: (one[0].gate_state is None, one[1].lower - one[1].upper)
    )
    gates = sum(standing.gate_state is not None for standing, _ in parted)
    widest, between = max(parted, key=lambda one: one[1].upper - one[1].lower)
    title = (
        f"{count(len(parted), 'question')} with answers two levels or more apart, "
        f"{count(gates, 'gate')} among them; widest: {widest.question.title}, "
        f"{level_spread(between)}"
    )
    asked = [standing for standing, _ in parted]
    names = [f"{s.question.id} {s.question.title}" for s in asked]
    settles = [case.title(standing.question.authority) for standing in asked]
    columns, said = (
        "Question:head | Answers | Settles it",
        [level_spread(split) for _, split in parted],
    )
    if case.edition != "team":
        titles = (titled_link(standing.question) for standing in asked)
        told = zip(titles, said, settles, strict=True)
        return table(title, columns, told, empty=title, around="titled")
    colour = LIGHT["level-3"]
    # All lines are one, with a gap behind each: they share how they look.
    ranges: dict[str, object] = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [x for _, split in parted for x in (split.lower, split.upper, None)],
        "y": [y for row in range(len(parted)) for y in (row, row, None)],
        "line": {"color": colour, "width": 4},
        "marker": {"color": colour, "size": 10},
        "hoverinfo": "skip",
    }
    traces = [ranges, _role_dots(asked, case)]
    said = ["; ".join(_views(standing, case)) for standing in asked]
    rows = zip(names, said, settles, strict=True)
    return chart(
        title,
        "Lines: from the lowest to the highest answer to each question.",
        {"data": traces, "layout": _belief_layout(names)},
        table("Answers that part", columns, rows),
    )


def _belief_layout(names: Sequence[str]) -> dict[str, object]:
    levels = len(LEVEL_WORDS)
    return {
        "height": _ROW * len(names) + _FOOT + 16,
        "margin": {"l": 28, "r": 36, "t": 24, "b": 8},
        "xaxis": axis(
            range=[-0.15, levels - 0.85],
            tickvals=list(range(levels)),
            ticktext=[_BREAKS.sub("<br>", word) for word in LEVEL_WORDS],
            tickangle=0,
            tickfont={"size": 11},
        ),
        "yaxis": axis(visible=False, range=[len(names) - 0.4, -0.9]),
        "annotations": [
            tag(plain(name), 0, row, bgcolor=LIGHT["paper"], yshift=7)
            for row, name in enumerate(names)
        ],
    }


def _role_dots(asked: Sequence[Standing], case: Case) -> dict[str, object]:
    known = [
        (row, given)
        for row, standing in enumerate(asked)
        for given in standing.given
        if isinstance(given.answer, int)
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [given.answer for _, given in known],
        "y": [row for row, _ in known],
        "text": [plain(case.title(given.role)) for _, given in known],
        "marker": {"color": LIGHT["level-4"], "size": 14},
        "hovertemplate": "%{text}<extra></extra>",
    }


def _views(standing: Standing, case: Case) -> Iterator[str]:
    for given in standing.given:
        yield f"{case.title(given.role)}: {answer_word(given.answer)}"


# --- for a terminal, and for machines ------------------------------------------------


def status_json(case: Case, *, minutes: int) -> dict[str, object]:
    """Return where a workshop stands: by role, no respondent beside an answer.

    So many minutes are left to settle something.
    """
    fitting, left = fit(agenda(case.result, case.bank), minutes)
    return {
        "name": case.assessment.name,
        "title": case.assessment.scope.title,
        "headline": case.result.headline,
        "because": case.result.because,
        "proven_by": proven_by(snapshot_of(case.result)),
        "minutes": minutes,
        "invite": [asdict(place) for place in invitations(_places(case))],
        "answered": [
            asdict(row) | {"last": row.last and row.last.isoformat()}
            for row in progress(case.result, case.assessment, case.bank)
        ],
        "splits": [
            {
                "question": row.question.id,
                "title": row.question.title,
                "gate": row.gate,
                "between": [row.between.lower, row.between.upper],
                "distance": row.distance,
                "settles": row.settles,
            }
            for row in splits(case.result, case.bank)
        ],
        "next": [asdict(item) for item in fitting],
        "left": left,
        "steps": [asdict(part) for part in run_parts(case)],
        "owed": list(owed(case)),
    }


def status_text(case: Case, *, minutes: int) -> str:
    """Return the same for a terminal."""
    invite = [*map(_invite, invitations(_places(case)))]
    people = progress(case.result, case.assessment, case.bank)
    answered = [*map(_answered, people)]
    differing = [*map(_differs, splits(case.result, case.bank))]
    answered += [kept] if (kept := _kept(case)) else []
    fitting, left = fit(agenda(case.result, case.bank), minutes)
    items = [
        f"{at}. {item.id} {item.title}{' (gate)' if item.gate else ''}. "
        f"{_ITEM_WORDS[item.kind]}: {item.role}, {item.minutes} min"
        for at, item in enumerate(fitting, 1)
    ]
    items += [f"{count(left, 'more item')} for another day."] if left else []
    parts = {
        f"WHO TO INVITE ({len(invite)})": invite or [_NOBODY_MISSING],
        f"WHO HAS ANSWERED WHAT ({len(people)})": answered or [_NOBODY_NAMED],
        f"WHERE ANSWERS DIFFER ({len(differing)})":
            differing or ["None, but for what the room has settled."],
        f"WHAT TO SETTLE IN {minutes} MINUTES":
            items or ["Nothing is open that the room could settle."],
        "THE WORKSHOP":
            [f"{part.minutes:>6}  {part.what}: {part.now}" for part in run_parts(case)],
    }  # fmt: skip
    if waiting := list(owed(case)):
        parts[f"DECISIONS AND EXCEPTIONS THAT WAIT ({len(waiting)})"] = waiting
    result, opened = case.result, case.assessment
    known = snapshot_of(result)
    told = [f"{opened.name}: {opened.scope.title}", result.headline, result.because]
    told.append(f"{answers_told(known)}, {proof_told(known)}.")
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
    kept = f", {row.unasked} kept and not asked" if row.unasked else ""
    own = f"{row.answered} of {row.asked} own questions{unknown}{kept}"
    return f"{row.respondent}: {own}; last: {day(row.last, 'not begun')}"


def _differs(row: Split) -> str:
    gate = "gate, " if row.gate else ""
    said = f"{gate}{level_spread(row.between)}; settled by: {row.settles}"
    return f"{row.question.id} {row.question.title}: {said}"
