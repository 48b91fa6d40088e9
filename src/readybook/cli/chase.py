"""The verb `chase`: who owes what, and what of that moved since a day or a milestone."""

import argparse
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from readybook import __version__
from readybook.case.later import last_touched, measured_by_then
from readybook.case.milestones import MILESTONES, load_milestones
from readybook.case.open import Opened, open_assessment, open_each, open_register
from readybook.cli.folders import NAMED, folders_named
from readybook.cli.terminal import (
    AS_OF,
    BAD_INPUT,
    FINE,
    REGISTER,
    SOME_FAILED,
    Verb,
    form,
    option,
    print_json,
    say,
    wrong_usage,
)
from readybook.model.case import Assessment, Register
from readybook.model.errors import InvalidInputError
from readybook.model.portfolio import CaseRow, Portfolio
from readybook.model.results import Milestone
from readybook.score.lint import sound_bank
from readybook.show.kit.case import Case
from readybook.show.portfolio.blockers import MOVED, Debt, Moved, debts_of, moved_since
from readybook.show.portfolio.lists import chase_csv, chase_json, chase_text
from readybook.show.portfolio.row import owed_to, row_of
from readybook.text.documents import Loaded


def _chase(arguments: argparse.Namespace) -> int:
    """Print what is owed to the named cases; what cannot be read is told beside it."""
    folders = folders_named(arguments.folders)
    if not isinstance(folders, list):
        return wrong_usage("chase", *folders)
    register = open_register(arguments.register)
    good, bad = open_each(
        dict.fromkeys(folders),
        as_of=arguments.as_of,
        judge=sound_bank,
        register=register,
    )
    looks = list[tuple[CaseRow, Case | None]]()
    for opened in good:
        try:
            looks.append(_looks(opened, arguments.since, register))
        except InvalidInputError as error:
            bad.append(error.below(opened.folder))
    problems = [problem for error in bad for problem in error.problems]
    as_json = arguments.format == "json"
    if not (looks or as_json):
        raise InvalidInputError(problems)
    cases = _of(row for row, _ in looks)
    debts = _moved(looks) if arguments.since else debts_of(cases)
    if as_json:
        shown = [problem.as_json() for problem in problems]
        print_json({"owed": chase_json(cases, debts), "problems": shown})
    elif debts or not arguments.since:
        print(_told(cases, debts, arguments.format), end="")
    for refused in () if as_json else bad:
        say(str(refused))
    if not bad:
        return FINE
    return SOME_FAILED if looks else BAD_INPUT


def _told(cases: Portfolio, debts: Sequence[Debt], form: str) -> str:
    if form == "csv":  # a terminal's line ends are its own
        return chase_csv(cases, debts).removeprefix("\ufeff").replace("\r\n", "\n")
    return chase_text(cases, debts) or "Nobody owes anything.\n"


def _of(rows: Iterable[CaseRow]) -> Portfolio:
    return Portfolio(format=1, readybook=__version__, cases=tuple(rows))


def _looks(
    opened: Opened, since: str, register: Loaded[Register] | None
) -> tuple[CaseRow, Case | None]:
    """Return the row of a case, and the case as it was; None: nothing to compare with.

    Raises:
        InvalidInputError: there is no such milestone, or the day lies ahead.
    """
    known = load_milestones(opened.folder)
    now = Case.of(opened.assessment, opened.bank, known)
    then = _then(opened, since, known, register) if since else None
    return row_of(now, touched=last_touched(opened.assessment)), then


def _then(
    opened: Opened,
    since: str,
    known: Sequence[Milestone],
    register: Loaded[Register] | None,
) -> Case:
    """Return a case as it was: as it was frozen then, else by the dates in its files."""
    bank, as_of = opened.bank, opened.assessment.as_of
    on: dt.date | None = None
    try:
        on = dt.date.fromisoformat(since)
    except ValueError:
        named = [
            one for one in known if (one.name or "").casefold() == since.casefold()
        ]
        on = named[-1].on if named else None
    frozen = next((one for one in known if one.on == on), None)
    if on is None or on > as_of:
        names = ", ".join(one.name or f"{one.on}" for one in known) or "it has none"
        raise InvalidInputError.of(
            MILESTONES, f"'{since}'",
            f"a milestone ({names}), or a day up to the as-of date {as_of}",
            "name one of these, or judge at a later day with --as-of",
        )  # fmt: skip
    if frozen is None:
        assessment = open_assessment(
            opened.folder, bank=bank, as_of=on, register=register
        )
        then = measured_by_then(assessment)
    else:
        then = _worded(frozen.inputs, opened.assessment)
    return Case.of(then, bank, known)


def _worded(then: Assessment, now: Assessment) -> Assessment:
    """Return a frozen case with the texts of decisions, which a milestone leaves out."""
    texts = {one.id: one.asked for one in now.decisions.decisions}
    asked = (
        one.model_copy(update={"asked": texts.get(one.id, one.asked)})
        for one in then.decisions.decisions
    )
    kept = then.decisions.model_copy(update={"decisions": tuple(asked)})
    return then.model_copy(update={"decisions": kept})


def _moved(looks: Iterable[tuple[CaseRow, Case | None]]) -> list[Debt]:
    """Return what moved, in each of the ways in which it can."""
    moved: dict[Moved, list[CaseRow]] = {word: [] for word in MOVED}
    for row, then in looks:
        if then:
            was, now = (owed_to(then), then.result.as_of), (row.owed, row.as_of)
            for word, owed in moved_since(was, now).items():
                moved[word].append(row.model_copy(update={"owed": owed}))
    return [
        replace(debt, moved=word, over=None if word == "ended" else debt.over)
        for word, rows in moved.items()
        for debt in debts_of(_of(rows))
    ]


_SINCE = option(
    "--since MILESTONE",
    "name of a milestone, or a day: print only what moved since then, and nothing where "
    "nothing did (default: all that is owed)",
    default="",
)
VERBS = {
    "chase": Verb(
        _chase,
        (NAMED, _SINCE, AS_OF, REGISTER, form("text", "csv", "json")),
        "readybook chase 'cases/*' --since 2026-11-23",
        writes=False,
    )
}
