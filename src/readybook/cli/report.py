"""The verbs `status`, `actions`, `explain` and `report`: what is missing, and known."""

import argparse
from collections import Counter
from functools import partial
from pathlib import Path

from readybook.case.open import open_each, open_one
from readybook.cli.terminal import (
    BAD_INPUT,
    FINE,
    SOME_FAILED,
    Verb,
    add_as_of,
    add_folder,
    add_folders,
    add_format,
    in_words,
    print_json,
    progress,
    say,
    whole_number,
    wrong_usage,
)
from readybook.model.errors import (
    InvalidInputError,
    ReadybookError,
    SourceError,
    nearest,
)
from readybook.report.pdf import find_browser
from readybook.report.render import (
    EDITIONS,
    NOTEBOOKS,
    check_out,
    readers,
    render_report,
)
from readybook.score.lint import sound_bank
from readybook.score.score import score
from readybook.show.action_list import FORMATS, action_rows
from readybook.show.kit.case import Case
from readybook.show.workshop import status_json, status_text


def _status_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--minutes",
        type=partial(whole_number, most=24 * 60, unit="minutes from ", such=30),
        default=30,
        metavar="N",
        help="that are left to settle something (default: 30)",
    )


def _status(arguments: argparse.Namespace) -> int:
    """Print the status of each folder; what cannot be read is told beside it."""
    good, bad = open_each(arguments.folders, as_of=arguments.as_of, judge=sound_bank)
    problems = [problem for error in bad for problem in error.problems]
    as_json = arguments.format == "json"
    if not (good or as_json):
        raise InvalidInputError(problems)
    cases = [Case(case, bank, score(bank, case)) for _, case, bank in good]
    minutes = arguments.minutes
    if as_json:
        shown = [status_json(case, minutes=minutes) for case in cases]
        print_json(
            {"assessments": shown, "problems": [one.as_json() for one in problems]}
        )
    else:
        told = (status_text(case, minutes=minutes) for case in cases)
        print("\n\n".join(told), end="")
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
        print(one.message, end="\n\n")
        try:
            print(count_again(one, assessment, folder), end="\n\n")
        except SourceError as error:
            print(f"-- {error}", end="\n\n")
    return FINE


def _explain_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("check", metavar="CHECK", help="id of a check, keys-unique")
    parser.add_argument(
        "subject",
        nargs="?",
        metavar="SUBJECT",
        help="one of its subjects, or how only one begins: orders.id",
    )


def _actions(arguments: argparse.Namespace) -> int:
    """Print the actions of one assessment."""
    _, assessment, bank = open_one(
        arguments.folder, as_of=arguments.as_of, judge=sound_bank
    )
    rows = action_rows(Case(assessment, bank, score(bank, assessment)))
    # A terminal's line ends are its own.
    print(FORMATS[arguments.format](rows).replace("\r\n", "\n"), end="")
    return FINE


def _report_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help="folder for the reports (default: reports)",
    )
    add_as_of(parser)
    parser.add_argument(
        "--edition",
        choices=[*EDITIONS, "all"],
        default="leadership",
        help="leadership: roles only; team: who said what; brief: leadership's on one "
        "sheet (default: leadership)",
    )
    parser.add_argument(
        "--pdf",
        action="store_true",
        help="print each page as a PDF too; needs Chromium or Chrome on PATH",
    )


def _report(arguments: argparse.Namespace) -> int:
    """Render the named folders; the last lines printed are the pages.

    One that fails harms no other.
    """
    check_out(arguments.out)
    names = Counter(folder.resolve().name for folder in arguments.folders)
    if twice := ", ".join(f"'{name}'" for name, times in names.items() if times > 1):
        found = f"{twice} as the name of more than one folder"
        expected = "a name of its own for each report"
        do = "rename one of them, or report them into different folders with --out"
        return wrong_usage("report", found, expected, do)
    good, bad = open_each(arguments.folders, as_of=arguments.as_of, judge=sound_bank)
    if not good:
        raise InvalidInputError(p for error in bad for p in error.problems)
    for error in bad:
        say(str(error))
    failed = len(bad)
    chosen = arguments.edition
    editions = EDITIONS if chosen == "all" else (chosen,)
    browser = find_browser() if arguments.pdf else ""
    render = partial(
        render_report, out=arguments.out, editions=editions, browser=browser
    )
    done: list[tuple[list[Path], str]] = []
    runs = len(good) * len(readers(editions)) * len(NOTEBOOKS)
    with progress(runs, "report") as tick:
        for one in good:
            try:
                done.append(render(one, tick=tick))
            except (ReadybookError, OSError) as error:
                if isinstance(error, OSError) and not done:
                    raise  # nor will there be room or a right for the next one
                failed += 1
                say(f"{one.folder}: {in_words(error)}")
    for files, headline in done:
        say(headline)
        print(*files, sep="\n")
    return SOME_FAILED if failed else FINE


VERBS = {
    "status": Verb(
        _status,
        (add_folders, add_as_of, _status_options, add_format("text", "json")),
        "readybook status churn --minutes 20",
        writes=False,
    ),
    "actions": Verb(
        _actions,
        (add_folder, add_as_of, add_format("markdown", "csv")),
        "readybook actions churn --format csv > actions.csv",
        writes=False,
    ),
    "explain": Verb(
        _explain,
        (add_folder, _explain_options),
        "readybook explain churn nulls-tolerated orders.price",
        writes=False,
    ),
    "report": Verb(
        _report,
        (add_folders, _report_options),
        "readybook report churn claims --out reports",
    ),
}
