"""The verbs `status`, `actions`, `explain` and `report`: what is missing, and known."""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

from readybook.case.open import name_of, open_each, open_one, open_register
from readybook.cli.files import outrun_notes
from readybook.cli.folders import NAMED, folders_named
from readybook.cli.terminal import (
    AS_OF,
    BAD_INPUT,
    FINE,
    FOLDER,
    FOLDERS,
    MATCHED,
    REGISTER,
    SOME_FAILED,
    Option,
    Verb,
    form,
    option,
    print_json,
    progress,
    say,
    whole_number,
    wrong_usage,
)
from readybook.model.errors import InvalidInputError, SourceError, nearest
from readybook.model.portfolio import Failed
from readybook.report.batch import (
    Limits,
    Outcome,
    check_out,
    jobs_at_most,
    key_of,
    portfolio_key,
    render_each,
    save_failure,
    unchanged,
)
from readybook.report.cluster import dask_executor, render_on
from readybook.report.page import (
    CAN_FORK,
    EDITIONS,
    INDEX,
    NOTEBOOKS,
    PORTFOLIO,
    Order,
    PageEdition,
    PortfolioOrder,
    Tells,
    page_name,
    readers,
)
from readybook.report.pdf import find_browser
from readybook.score.lint import sound_bank
from readybook.show.action_list import action_rows, csv_text, markdown_text
from readybook.show.decided import owed
from readybook.show.drafts import cells_of, drafted_actions
from readybook.show.kit.case import Case
from readybook.show.workshop import status_json, status_text
from readybook.text.extras import installs


def _status(arguments: argparse.Namespace) -> int:
    """Print the status of each folder; what cannot be read is told beside it."""
    register = open_register(arguments.register)
    good, bad = open_each(
        arguments.folders, as_of=arguments.as_of, judge=sound_bank, register=register
    )
    problems = [problem for error in bad for problem in error.problems]
    as_json = arguments.format == "json"
    if not (good or as_json):
        raise InvalidInputError(problems)
    cases = [Case.of(case, bank) for _, case, bank in good]
    minutes = arguments.minutes
    if as_json:
        shown = [status_json(case, minutes=minutes) for case in cases]
        print_json(
            {"assessments": shown, "problems": [one.as_json() for one in problems]}
        )
    else:
        told = (status_text(case, minutes=minutes) for case in cases)
        print("\n\n".join(told), end="")
        for opened in good:
            for note in outrun_notes(opened):
                say(str(replace(note, file=str(opened.folder / note.file))))
        for error in bad:
            say(str(error))
    if not bad:
        return FINE
    return SOME_FAILED if good else BAD_INPUT


def _begins(subject: str, words: str) -> bool:
    """Return whether a subject begins with these words, and not inside of one."""
    rest = subject.removeprefix(words)
    return rest != subject and not (rest[:1].isalnum() or rest[:1] == "_")


def _explain(arguments: argparse.Namespace) -> int:
    """Print the findings of a check, each with the SQL that counts it again."""
    # What makes SQL takes a second to load, and the other verbs need none of it.
    from readybook.measure.diagnostic import count_again  # noqa: PLC0415

    folder, assessment, _ = open_one(arguments.folder)
    made = assessment.data.findings if assessment.data else ()
    check, subject = arguments.check, arguments.subject
    known = list(dict.fromkeys(one.check for one in made))
    if check in known and subject:
        made = tuple(one for one in made if one.check == check)
        check, known = subject, [one.subject for one in made]
    found = [one for one in made if check in (one.check, one.subject)]
    if not found:  # `orders.id` of `orders.id -> ids.id` says enough, if it is the only
        meant = list(
            dict.fromkeys(f.subject for f in made if _begins(f.subject, check))
        )
        found = [one for one in made if meant == [one.subject]]
        known = meant or known
    if not found:
        expected = "a check, and what it was made of, in evidence/data.json"
        return wrong_usage("explain", f"'{check}'", expected, nearest(check, known))
    for one in found:
        print(_remark(one.message), end="\n\n")
        try:
            print(count_again(one, assessment, folder), end="\n\n")
        except SourceError as error:
            print(_remark(str(error)), end="\n\n")
    return FINE


def _remark(text: str) -> str:
    """Return a text as a remark in SQL: all that is printed is copied to be run."""
    return f"-- {' '.join(text.split())}"


def _actions(arguments: argparse.Namespace) -> int:
    """Print the actions of one assessment, with --draft those drafted among them."""
    case = _case_at(arguments)
    drafts = drafted_actions(case)
    if arguments.draft and drafts:
        # What writes YAML takes a while to load, and printing needs none of it.
        from readybook.edit.rows import Rows  # noqa: PLC0415
        from readybook.edit.tables import TABLES  # noqa: PLC0415

        rows_of = Rows(arguments.folder, TABLES["actions"], case.bank)
        rows_of.add(*map(cells_of, drafts))
        named = ", ".join(one.id for one in drafts)
        say(f"{arguments.folder}: drafted in actions.yaml: {named}; give each a day")
        case, drafts = _case_at(arguments), ()
    rows = action_rows(case)
    if arguments.format == "csv":
        # A terminal's line ends are its own.
        print(csv_text(rows).replace("\r\n", "\n"), end="")
    else:
        told = [f"{one.action} ({case.title(one.owner)}, {one.id})" for one in drafts]
        print(markdown_text(rows, tuple(owed(case)), told), end="")
    return FINE


def _case_at(arguments: argparse.Namespace) -> Case:
    _, assessment, bank = open_one(
        arguments.folder,
        as_of=arguments.as_of,
        judge=sound_bank,
        register=open_register(arguments.register),
    )
    return Case.of(assessment, bank)


def _report(arguments: argparse.Namespace) -> int:
    """Render the named folders; the last lines printed are the pages.

    One that fails harms no other.
    """
    out = arguments.out
    check_out(out)
    open_register(arguments.register)  # what is wrong in it, no case needs to tell
    folders = folders_named(arguments.folders)
    if not isinstance(folders, list):
        return wrong_usage("report", *folders)
    chosen = arguments.edition
    editions = EDITIONS if chosen == "all" else (chosen,)
    if twice := _twice(folders, editions):
        found = f"{twice} as the name of more than one report"
        expected = "a name of its own for each report"
        do = "rename one of them, or report them into different folders with --out"
        return wrong_usage("report", found, expected, do)
    on_dask = arguments.dask is not None  # an empty address is none, and told
    if on_dask and not find_spec("distributed"):
        found, expected = "no package distributed", "the one that --dask needs"
        return wrong_usage("report", found, expected, installs("dask"))
    order = Order(
        out,
        as_of=arguments.as_of,
        editions=editions,
        browser=find_browser() if arguments.pdf else "",
        in_kernel=arguments.kernel or not CAN_FORK,
        register=arguments.register,
    )
    keys = {folder: key_of(folder, order) for folder in folders}
    known = dict[Path, Outcome]()
    if not arguments.force:
        old = (unchanged(folder, order, key) for folder, key in keys.items())
        known = {one.folder: one for one in old if one}
    ended = [*known.values()]
    anew = [(folder, key) for folder, key in keys.items() if folder not in known]
    runs = len(anew) * len(readers(order.editions)) * len(NOTEBOOKS)
    runs += bool(folders[1:])
    most = max(1, len(anew)) if on_dask else jobs_at_most()
    limits = Limits(arguments.jobs or most, arguments.seconds, arguments.megabytes)
    as_json = arguments.format == "json"
    for one in ended if as_json else ():
        _print_line(one)
    with (
        progress(runs, "report") as tick,
        dask_executor(arguments.dask) if anew and on_dask else nullcontext() as cluster,
        closing(
            render_on(cluster, anew, order, limits, tick=tick)
            if cluster
            else render_each(anew, order, limits, tick=tick)
        ) as outcomes,
    ):
        for outcome in outcomes:
            ended.append(outcome)
            if as_json:
                _print_line(outcome)
            is_first = not any(one.files for one in ended)
            if is_first and isinstance(outcome.error, OSError):
                raise outcome.error  # nor will there be room or a right for the next one
        many = _portfolio(ended, order, limits, arguments, tick)
    code = _told(ended, many, folders, out, in_words=not as_json)
    told = {one for outcome in ended for one in outcome.tells}
    return MATCHED if code == FINE and told & {*arguments.fail_on} else code


def _twice(folders: Sequence[Path], editions: Sequence[PageEdition]) -> str:
    """Return the names that more than one page would have, that of all among them."""
    names = Counter(page_name(name_of(f), one) for f in folders for one in editions)
    names.update([INDEX, PORTFOLIO] if folders[1:] else [])
    return ", ".join(f"'{name}'" for name, times in names.items() if times > 1)


def _portfolio(
    ended: Sequence[Outcome],
    order: Order,
    limits: Limits,
    arguments: argparse.Namespace,
    tick: Callable[[str], None],
) -> Outcome | None:
    """Put all cases on one page; None: there is but one, or none has a report."""
    good = [one for one in ended if one.files]
    if not ended[1:] or not good:
        return None
    failed = (
        Failed(name=name_of(e.folder), why=e.in_short) for e in ended if not e.files
    )
    wanted = PortfolioOrder(
        order.out,
        in_kernel=order.in_kernel,
        names=tuple(sorted(name_of(one.folder) for one in good)),
        failed=tuple(sorted(failed, key=lambda one: one.name)),
        milestone=arguments.since,
    )
    folder, key = order.out / PORTFOLIO, portfolio_key(wanted)
    known = None if arguments.force else unchanged(folder, wanted, key)
    if known:
        return known
    (outcome,) = render_each([(folder, key)], wanted, limits, tick=tick)
    return outcome


def _print_line(outcome: Outcome) -> None:
    """Print what became of one as a line of JSON, at once."""
    line = {"format": 1, **outcome.as_json()}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _told(
    ended: Sequence[Outcome],
    many: Outcome | None,
    folders: Sequence[Path],
    out: Path,
    *,
    in_words: bool,
) -> int:
    """Print what became of each, in the order in which they were named, and of all."""
    ended = sorted(ended, key=lambda one: folders.index(one.folder))
    if all(one.state == "refused" for one in ended):
        raise InvalidInputError(p for one in ended for p in one.problems)
    is_alone = len(ended) == 1
    ended += [many] if many else []
    bad = [one for one in ended if not one.files]
    for one in bad:
        say(one.told)
        if not is_alone and (page := save_failure(one, out)):
            say(f"  {page}")
    for one in ended if in_words else ():
        if one.files:
            say(one.headline + (" (unchanged)" if one.state == "unchanged" else ""))
            print(*one.files, sep="\n")
    return SOME_FAILED if bad else FINE


def _number(usage: str, about: str, usual: int | None, most: int) -> Option:
    """Return an option that takes a number from 1, which has a usual one or none."""
    kind = partial(whole_number, most=most, such=usual or 2)
    return option(usage, about, type=kind, default=usual)


_MINUTES = option(
    "--minutes N",
    "that are left to settle something (default: 30)",
    type=partial(whole_number, most=24 * 60, unit="minutes from ", such=30),
    default=30,
)
_DRAFT = option(
    "--draft",
    "first write the drafted actions, one for each gate that no action is to settle, "
    "into actions.yaml as proposed (default: list them)",
)
_EXPLAIN = (
    FOLDER,
    option("check CHECK", "id of a check, keys-unique"),
    option(
        "subject SUBJECT?", "one of its subjects, or how only one begins: orders.id"
    ),
)
_REPORT = (
    NAMED,
    option(
        "--out DIR",
        "folder for the reports (default: reports)",
        type=Path,
        default=Path("reports"),
    ),
    AS_OF,
    REGISTER,
    option(
        "--edition",
        "leadership: roles only; team: who said what; brief: leadership's on one sheet "
        "(default: leadership)",
        choices=[*EDITIONS, "all"],
        default="leadership",
    ),
    option("--pdf", "print each page as a PDF too; needs Chromium or Chrome on PATH"),
    option(
        "--since MILESTONE",
        "name or day of the milestone that the page of many cases compares with "
        "(default: the run before)",
        default="",
    ),
    option("--force", "make again what did not change"),
    option(
        "--kernel",
        "run each notebook in a kernel of its own, which takes ten times as long; "
        "always so but on Linux",
    ),
    option(
        "--fail-on",
        "exit with 4 where a verdict is one of these; worse: than at the last milestone",
        nargs="+",
        choices=get_args(Tells),
        default=(),
    ),
    option(
        "--dask ADDRESS",
        "make them on the workers of this Dask scheduler, which see the same files under "
        "the same paths (extra dask)",
    ),
    _number(
        "--jobs N",
        "how many are made at once (default: as cores and memory allow)",
        None,
        1_000,
    ),
    _number(
        "--seconds N",
        "after which one that does not end is given up (default: 600)",
        600,
        1_000_000,
    ),
    _number(
        "--megabytes N",
        "of memory, above which one is given up (default: 2000)",
        2_000,
        1_000_000,
    ),
    form("text", "json"),
)
VERBS = {
    "status": Verb(
        _status,
        (FOLDERS, AS_OF, REGISTER, _MINUTES, form("text", "json")),
        "readybook status churn --minutes 20",
        writes=False,
    ),
    "actions": Verb(
        _actions,
        (FOLDER, _DRAFT, AS_OF, REGISTER, form("markdown", "csv")),
        "readybook actions churn --format csv > actions.csv",
    ),
    "explain": Verb(
        _explain,
        _EXPLAIN,
        "readybook explain churn nulls-tolerated orders.price",
        writes=False,
    ),
    "report": Verb(_report, _REPORT, "readybook report churn claims --out reports"),
}
