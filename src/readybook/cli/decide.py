"""The verb `decide`: what was asked, decided, accepted for a time, or disputed."""

import argparse
import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from readybook.case.later import refuse_later
from readybook.case.milestones import milestone_names
from readybook.case.open import Opened, open_one, today
from readybook.checks.catalogue import CHECKS
from readybook.checks.findings import collect_findings
from readybook.cli.terminal import FINE, FOLDER, Verb, one_day, option, say
from readybook.edit.entries import Conflict, mark_of
from readybook.edit.rows import Cells, Rows
from readybook.edit.tables import TABLES, TableName
from readybook.model.errors import InvalidInputError, nearest
from readybook.model.words import day, question_named, role_title

_FILE = "decisions.yaml"
_OPTIONS = {
    "id": ("NAME", "short name of the decision, such as rent-node"),
    "asked": ("TEXT", "what is to be decided"),
    "of": ("ROLE", "role that is to decide"),
    "about": ("STEP", "what the report asks for: an action's id, or gap/PRV-10 (default: none)"),
    "due": ("YYYY-MM-DD", "until when it is decided and done (default: as it is)"),
    "decided": ("TEXT", "what was decided"),
    "gate": ("ID", "question that is a gate, such as PRV-10"),
    "asked-by": ("ROLE", "role that asks for the exception"),
    "by": ("ROLE", "role that accepts it: the one that the gate asks, or the sponsor"),
    "because": ("TEXT", "why it can be borne until then"),
    "until": ("YYYY-MM-DD", "last day of the exception"),
    "role": ("ROLE", "role that replies"),
    "to": ("FINDING", "a question, or a check and its subject: 'keys-unique orders.id'"),
    "text": ("TEXT", "the reply, which the report prints beside the finding"),
    "on": ("YYYY-MM-DD", "day of it (default: today)"),
}  # fmt: skip


class Kind(NamedTuple):
    """One thing that is recorded, and what it takes."""

    about: str
    options: str  #: names in `_OPTIONS`; one in brackets may be left out
    record: Callable[[Opened, Mapping[str, str], dt.date], str]  #: what to print


def _ask(opened: Opened, given: Mapping[str, str], on: dt.date) -> str:
    days = (Path(name).stem for name in milestone_names(opened.folder))
    cells = {
        "id": given["id"], "asked": given["asked"], "asked_of": given["of"],
        "about": given["about"], "due": given["due"], "asked_on": f"{on}",
        "milestone": max((one for one in days if one <= f"{on}"), default=None),
    }  # fmt: skip
    _rows(opened, "decisions").add(cells)
    asked = role_title(opened.bank, given["of"])
    return f"{asked} was asked on {day(on)}: {given['asked']}"


def _decided(opened: Opened, given: Mapping[str, str], on: dt.date) -> str:
    due = {"due": given["due"]} if given["due"] else {}
    cells = {"decided": given["decided"], "decided_on": f"{on}", **due}
    _change(opened, "decisions", given["id"], cells)
    return f"{given['id']} was decided on {day(on)}: {given['decided']}"


def _done(opened: Opened, given: Mapping[str, str], on: dt.date) -> str:
    _change(opened, "decisions", given["id"], {"done_on": f"{on}"})
    return f"{given['id']} was done on {day(on)}."


def _accept(opened: Opened, given: Mapping[str, str], on: dt.date) -> str:
    cells = {
        "gate": given["gate"], "asked_by": given["asked-by"],
        "approved_by": given["by"], "because": given["because"], "on": f"{on}",
        "until": given["until"],
    }  # fmt: skip
    _rows(opened, "exceptions").add(cells)
    by, gate = role_title(opened.bank, given["by"]), given["gate"]
    until = day(dt.date.fromisoformat(given["until"]))
    named = question_named(opened.bank, gate)
    return f"{by} accepts until {until} that this gate fails: {named}."


def _close(opened: Opened, given: Mapping[str, str], on: dt.date) -> str:
    kept, gate = opened.assessment.decisions, given["gate"]
    still = {one.gate: kept.exception(one.gate, on) for one in kept.exceptions}
    known = {name: one.on for name, one in still.items() if one}
    _refuse_unknown("--gate", gate, "a gate with an exception, not closed", known)
    _change(opened, "exceptions", f"{gate} {known[gate]}", {"closed_on": f"{on}"})
    return f"The exception of {question_named(opened.bank, gate)} ended on {day(on)}."


def _reply(opened: Opened, given: Mapping[str, str], on: dt.date) -> str:
    check, *subject = given["to"].split(maxsplit=1)
    made = collect_findings(opened.assessment, opened.bank)
    known = [one.subject for one in made if one.check == check]
    if check in CHECKS and subject:
        expected = f"what {check} found something of"
        _refuse_unknown("--to", subject[0], expected, known)
    to = " ".join((check, *subject))
    cells = {"role": given["role"], "to": to, "text": given["text"], "on": f"{on}"}
    _rows(opened, "replies").add(cells)
    return f"{role_title(opened.bank, given['role'])} replied to {to} on {day(on)}."


def _rows(opened: Opened, table: TableName) -> Rows:
    return Rows(opened.folder, TABLES[table], opened.bank)


def _change(opened: Opened, table: TableName, name: str, cells: Cells) -> None:
    """Set cells of one row that must be there."""
    rows = _rows(opened, table)
    stored = rows.stored()
    _refuse_unknown("--id", name, f"a decision of {_FILE}", stored)
    if isinstance(rows.save(name, cells, mark_of(stored[name])), Conflict):
        refused = (_FILE, "an entry that was changed meanwhile",
                   "the one that was read", "look at it, then run this again")  # fmt: skip
        raise InvalidInputError.of(*refused)


def _refuse_unknown(
    option: str, name: str, expected: str, known: Collection[str]
) -> None:
    if name not in known:
        do = nearest(name, list(known))
        raise InvalidInputError.of(option, f"'{name}'", expected, do)


_KINDS = {
    "ask": Kind("A decision that somebody is asked for.",
                "id asked of [about] [due]", _ask),
    "decided": Kind("What was decided of it.", "id decided [due]", _decided),
    "done": Kind("That what was decided is done.", "id", _done),
    "accept": Kind("That somebody accepts until a date that a gate fails.",
                   "gate asked-by by because until", _accept),
    "close": Kind("That nobody relies on an exception any more.", "gate", _close),
    "reply": Kind("What a role replies to a finding that it disputes, once.",
                  "role to text", _reply),
}  # fmt: skip


def _date(text: str) -> str:
    return dt.date.fromisoformat(text).isoformat()


_DATES = {"due": _date, "until": _date, "on": one_day}


def _options(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    told = "\n".join(f"  {name} {_usage(kind)}" for name, kind in _KINDS.items())
    parser.description = f"{parser.description}\n\n{told}"
    for name, kind in _KINDS.items():
        own = kinds.add_parser(name, help=kind.about, description=kind.about)
        for one, takes, is_needed in _taken(kind):
            given = {"type": _DATES.get(one, str), "dest": one, "required": is_needed}
            option(f"--{one} {takes}", _OPTIONS[one][1], **given)(own)


def _usage(kind: Kind) -> str:
    each = ((f"--{one} {takes}", needed) for one, takes, needed in _taken(kind))
    return " ".join(one if needed else f"[{one}]" for one, needed in each)


def _taken(kind: Kind) -> Iterator[tuple[str, str, bool]]:
    """Yield each option of a kind, what it takes, and whether it must be given."""
    for word in (*kind.options.split(), "[on]"):
        name = word.strip("[]")
        yield name, _OPTIONS[name][0], name == word


def _decide(arguments: argparse.Namespace) -> int:
    """Record one thing in decisions.yaml, and say what."""
    opened = open_one(arguments.folder)
    on = arguments.on or today()
    refuse_later(_FILE, on, opened.assessment.as_of)
    print(_KINDS[arguments.kind].record(opened, vars(arguments), on))
    say(f"{opened.folder}: recorded in {_FILE}; no level and no verdict changes")
    return FINE


VERBS = {
    "decide": Verb(
        _decide,
        (FOLDER, _options),
        "readybook decide churn ask --id rent-node --asked 'Rent a node?' --of finance\n"
        "  readybook decide churn accept --gate PRV-10 --asked-by operations --by "
        "sponsor \\\n    --because 'The old process runs on' --until 2026-12-31",
    )
}
