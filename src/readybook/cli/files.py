"""The verbs `new`, `check` and `schema`: files to begin with, and what is right in them.

JSON Schemas are made from the models when they are asked for; none is kept beside them.
"""

import argparse
import datetime as dt
import functools
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from readybook.bank.history import bank_changes, load_history, recorded_under
from readybook.bank.own import OWN_BANK, OwnBankFile, find_bank, load_bank_for
from readybook.bank.read import AnswerSetFile, BankFile
from readybook.case.open import Opened, open_assessment, open_each, open_register, today
from readybook.case.register import other_words
from readybook.case.slips import slip_notes
from readybook.checks.owners import register_notes
from readybook.cli.terminal import (
    AS_OF,
    BAD_INPUT,
    FINE,
    FOLDERS,
    REGISTER,
    Verb,
    asked,
    command,
    form,
    option,
    print_json,
    say,
    wrong_usage,
)
from readybook.contract.form import WRITTEN, is_zone, near_form
from readybook.measure.sources.places import unlocated
from readybook.model.bank import Document, QuestionFile
from readybook.model.case import (
    Actions,
    AgreedAnswers,
    AnswerSheet,
    Changes,
    Decisions,
    Register,
    Resources,
    Scope,
    Stakeholders,
)
from readybook.model.errors import InvalidInputError, Problem, grouped_problems, nearest
from readybook.model.portfolio import written_schemas
from readybook.model.words import count
from readybook.plan.steps import action_notes
from readybook.score.agenda import kept_notes, role_map
from readybook.score.lint import sound_bank
from readybook.score.score import score
from readybook.text.documents import (
    Loaded,
    draft_beside,
    packaged,
    refuse_outside,
    refuse_undecodable,
    save_text,
)
from readybook.text.refusals import describe

_MODELS: dict[str, type[Document]] = {
    "assessment": Scope,
    "answers": AnswerSheet,
    "agreed": AgreedAnswers,
    "resources": Resources,
    "stakeholders": Stakeholders,
    "actions": Actions,
    "changes": Changes,
    "decisions": Decisions,
    "register": Register,
    "questions": QuestionFile,
    "bank": BankFile,
    "answer-sets": AnswerSetFile,
    "own-bank": OwnBankFile,
}
SCHEMA_NAMES = tuple(_MODELS)
_CONTRACT = "data.odcs.yaml"
_IGNORED = """\
# Rows of data stay out of git; the evidence holds aggregates only.
/data/
"""


class Drafting(NamedTuple):
    """How a data model is drafted."""

    zone: str | None = None  #: in which days are counted; None: left open
    tables: Sequence[str] = ()  #: that are meant, of sources of several; none: all
    copies: bool = False  #: whether the data is copied into the folder


DRAFTING = Drafting()


def start_assessment(
    folder: Path,
    *,
    data: Sequence[str | Path] = (),
    drafting: Drafting = DRAFTING,
    own_bank: bool = False,
) -> list[Path]:
    """Make a folder with a valid, commented start and return its files.

    It must not exist, or be empty. The data model is drafted from what `data` names,
    which stays where it lies unless it is to be copied; beside it may lie the start of a
    bank of one's own, bank.yaml. An assessment that has no data model yet is given the
    draft, and nothing else of it changes.

    Raises:
        InvalidInputError: the folder is taken, or a source cannot be read; nothing
            was written.
    """
    words = [str(one) for one in data]
    if words and not own_bank and _waits_for_data(folder):
        targets = _draft_into(folder, words, drafting)
        _keep(folder, targets, drafting)
        return [folder / _CONTRACT]
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInputError.of(
            folder.name, "something that is there already",
            "no such folder, or an empty one", "choose another name",
        )  # fmt: skip
    refuse_undecodable(folder, folder.name)
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    targets = {}
    with template_copied("assessment", folder) as made:
        save_text(made / ".gitignore", _IGNORED)
        if own_bank:
            shutil.copy(packaged("templates") / "bank" / OWN_BANK, made)
            _name_own_bank(made)
        if words:
            targets = _draft_into(made, words, drafting)
    _keep(folder, targets, drafting)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _waits_for_data(folder: Path) -> bool:
    """Return whether a folder is an assessment without a data model."""
    is_begun = (folder / "assessment.yaml").is_file()
    return is_begun and not (folder / _CONTRACT).exists()


def _keep(folder: Path, targets: Mapping[str, Path], drafting: Drafting) -> None:
    """Keep where the data of a draft lies, unless it was copied."""
    if targets and not drafting.copies:
        from readybook.case.references import keep_references  # noqa: PLC0415

        keep_references(folder, targets)


def _draft_into(
    made: Path, words: Sequence[str], drafting: Drafting
) -> Mapping[str, Path]:
    """Write data.odcs.yaml, and copies where they are wanted; return what it names."""
    # Ibis and DuckDB take a second to import; a start without data needs neither.
    from readybook.measure.draft import draft_contract  # noqa: PLC0415

    draft = draft_contract(
        words, title=made.name, today=today(), zone=drafting.zone, only=drafting.tables
    )
    copied = draft.targets if drafting.copies else {}
    problems: list[Problem] = []
    for place in (_CONTRACT, *copied):  # of a case that was begun, maybe by others
        try:
            refuse_outside(place, made)
        except InvalidInputError as error:
            problems += error.problems
            continue
        if (made / place).exists():
            problems.append(Problem(place, 0, "", "something that is there already",
                                    "no such file", "rename it, or leave --copy-data out"))  # fmt: skip
    if problems:
        raise InvalidInputError(problems)
    for place, target in copied.items():
        (made / place).parent.mkdir(exist_ok=True)
        copy = shutil.copytree if target.is_dir() else shutil.copyfile
        copy(target, made / place)
    save_text(made / _CONTRACT, draft.text)
    return draft.targets


@contextmanager
def template_copied(name: str, folder: Path) -> Iterator[Path]:
    """Yield a copy of a template to be completed, which then becomes a folder whole.

    The folder must not exist, or be empty; the one around it must exist.
    """
    beside = draft_beside(folder.absolute())
    draft = beside / folder.name
    try:
        source = packaged("templates") / name
        for path in sorted(one for one in source.rglob("*") if one.is_file()):
            target = draft / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        write_schemas(draft / ".readybook")
        yield draft
        if folder.exists():
            folder.rmdir()
        draft.replace(folder)
    except OSError as error:
        error.filename = str(folder)  # which is meant, and not its draft
        raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _name_own_bank(draft: Path) -> None:
    """Let the examples of answers name the bank that the folder holds."""
    page = draft / "answers" / "README.md"
    ours, own = (
        f'bank: {{ id: {bank.id}, version: "{bank.version}" }}'
        for bank in (find_bank().bank, load_bank_for(draft))
    )
    text = page.read_text(encoding="utf-8").replace(ours, own)
    page.write_text(text, encoding="utf-8", newline="\n")


def _zone(text: str) -> str:
    """Return a time zone that is known."""
    if is_zone(text):
        return text
    message = f"found '{text}', expected a time zone, do: write Europe/Vienna or UTC"
    raise argparse.ArgumentTypeError(message)


def _ask_zone() -> str | None:
    """Return the time zone that a person names when asked; None: it is left open."""
    while text := asked(
        "In which time zone are the days of the data counted, such as Europe/Vienna? "
        "(Enter: leave it open) "
    ):
        if is_zone(text):
            return text
        say(f"found '{text}', which is no time zone")
    return None


def _new(arguments: argparse.Namespace) -> int:
    """Start an assessment and say what to do next."""
    folder, copies = arguments.folder, arguments.copy_data
    zone = arguments.time_zone or (_ask_zone() if arguments.data else None)
    files = start_assessment(
        folder,
        data=arguments.data,
        drafting=Drafting(zone, arguments.tables, copies),
        own_bank=arguments.bank,
    )
    print(*files, sep="\n")
    fill, measure = f"fill in {folder / 'assessment.yaml'}", ""
    if arguments.data:
        fill += f", decide what {folder / _CONTRACT} asks"
        measure = f"  {command('measure', folder)}\n"
    if (folder / "data").exists():
        say(f"\n{folder / 'data'} has copies of your files: mind who may see them.")
    elif any("://" not in one for one in arguments.data):
        say(
            "\nYour files are read where they lie, on this machine and by you; for "
            f"others, put them into {folder / 'data'}, or start with --copy-data."
        )
    say(
        f"\nNext: {fill}, then\n"
        f"  {command('check', folder)}\n{measure}"
        f"  {command('report', folder)}"
    )
    return FINE


def _check(arguments: argparse.Namespace) -> int:
    """List everything that is wrong in the named folders."""
    register = open_register(arguments.register)
    good, bad = open_each(
        arguments.folders, as_of=arguments.as_of, judge=sound_bank, register=register
    )
    problems = [problem for error in bad for problem in error.problems]
    notes = [f"{one.folder}: {note}" for one in good for note in _notes(one, register)]
    if arguments.format == "json":
        print_json({"problems": [one.as_json() for one in problems], "notes": notes})
        return BAD_INPUT if problems else FINE
    for folder, assessment, _ in good:
        answers = sum(len(sheet.answers) for sheet in assessment.sheets.values())
        print(
            f"{folder}: fine; {answers} answers by {len(assessment.sheets)} respondents, "
            f"{len(assessment.scope.needs)} needs, judged at {assessment.as_of}"
        )
    for line in (*notes, *grouped_problems(problems)):
        print(line)
    return BAD_INPUT if problems else FINE


def _notes(opened: Opened, register: Loaded[Register] | None) -> Iterator[str]:
    """Yield what is allowed and yet worth a look, a date that is ahead first."""
    assessment, bank = opened.assessment, opened.bank
    yield from map(str, ahead_notes(opened, today()))
    yield from map(str, source_notes(opened))
    changes = bank_changes(recorded_under(assessment), bank, load_history())
    yield from dict.fromkeys(map(str, changes))
    yield from map(str, slip_notes(opened.folder))
    yield from map(str, register_notes(assessment))
    if register:
        yield from map(str, other_words(register, assessment.resources))
    result = score(bank, assessment)
    yield from kept_notes(result, assessment, bank)
    for place in role_map(result, assessment, bank):
        if place.open and place.held_by and not {*place.held_by} & {*assessment.sheets}:
            waiting = count(len(place.open), "question")
            yield str(Problem(
                assessment.source_of(f"role/{place.role}"), 0, f"roles {place.role} held_by",
                f"{', '.join(place.held_by)}, of whom there is no sheet",
                f"answers to {waiting}",
                command("questions", opened.folder, "--role", place.role),
            ))  # fmt: skip
    yield from action_notes(result, assessment, bank)


def ahead_notes(opened: Opened, day: dt.date) -> Iterator[Problem]:
    """Yield what to look at where a case is judged later than tomorrow.

    What is promised for until then counts as done. The worked example is a story with
    a date of its own.

    Args:
        opened: a folder that was found valid.
        day: today; one more is left to whoever is east of here.
    """
    scope = opened.assessment.scope
    if (
        isinstance(scope.as_of, dt.date)
        and scope.as_of > day + dt.timedelta(days=1)
        and not scope.example
    ):
        now = open_assessment(opened.folder, bank=opened.bank, as_of=day)
        later = "input is" if now.later == 1 else "inputs are"
        yield Problem(
            "assessment.yaml", 0, "as_of",
            f"{scope.as_of}, and today is {day}; {now.later} {later} dated after today",
            "a day that has come", f"set as_of to {day}, or to today",
        )  # fmt: skip


def source_notes(opened: Opened) -> Iterator[Problem]:
    """Yield what is declared and not there, and what was declared after it was measured.

    No source is asked: of a server, only that its type is known.
    """
    folder, assessment, _ = opened
    model, file = assessment.data_model, _CONTRACT
    for table, why in unlocated(model, folder).items():
        yield Problem(
            file, 0, f"schema {table}", why, "a source that can be read",
            "put it there, install what reads it, or correct the server",
        )  # fmt: skip
    for holder, column in ((one, c) for one in model.tables for c in one.columns):
        if column.unread_form:
            near = near_form(column.unread_form)
            yield Problem(
                file, 0, f"schema {holder.name} {column.name} logicalTypeOptions.format",
                describe(column.unread_form), WRITTEN,
                f"did you mean '{near}'?" if near else f"write {WRITTEN}",
            )  # fmt: skip
    if assessment.unlisted:
        yield Problem(
            "evidence/failures.json", 0, "", assessment.unlisted,
            "what readybook keeps of them",
            "put the earlier file back"
            + ("; if there never was one, measure again" if assessment.is_unlisted else ""),
        )  # fmt: skip
    yield from outrun_notes(opened)
    probes = assessment.probes
    for one in assessment.resources.resources:
        if one.probe and one.probe not in probes:
            yield Problem(
                "resources.yaml", 0, f"resources {one.id} probe",
                f"'{one.probe}', and no evidence/{one.probe}.json", "a probe that ran",
                f"run 'readybook probe' there, or {nearest(one.probe, list(probes))}",
            )  # fmt: skip


def outrun_notes(opened: Opened) -> Iterator[Problem]:
    """Yield each table that the contract declares otherwise than it was measured."""
    for table in opened.assessment.declared_since:
        yield Problem(
            _CONTRACT, 0, f"schema {table}",
            "a contract that changed after it was measured",
            "evidence of what is declared", command("measure", opened.folder),
        )  # fmt: skip


@functools.cache
def document_schemas() -> dict[str, dict[str, object]]:
    """Return the JSON Schema (draft 2020-12) of each document, by its name.

    Those that people write stand first. They are made once, and nobody changes them.
    """
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    typed = {name: model.model_json_schema() for name, model in _MODELS.items()}
    return {name: dialect | made for name, made in (typed | written_schemas()).items()}


def write_schemas(folder: Path) -> None:
    """Write each schema to `<name>.schema.json` in a folder, made where it is missing.

    The folder is a draft's: nothing there is replaced, so no file is waited for.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCHEMA_NAMES:
        schema = document_schemas()[name]
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        target = folder / f"{name}.schema.json"
        target.write_text(text, encoding="utf-8", newline="\n")


def _schema(arguments: argparse.Namespace) -> int:
    """Print one file format's JSON Schema, or the names of all."""
    schemas = document_schemas()
    if arguments.name is None:
        print(*schemas, sep="\n")
        return FINE
    if arguments.name not in schemas:
        do = nearest(arguments.name, list(schemas))
        found = f"'{arguments.name}'"
        return wrong_usage("schema", found, "the name of a file format", do)
    print(json.dumps(schemas[arguments.name], indent=2, ensure_ascii=False))
    return FINE


_NEW = (
    option(
        "folder",
        "folder to make; must not exist yet, or, with --data, be an assessment without "
        "a data model",
        type=Path,
    ),
    option(
        "--data SOURCE...",
        "what to draft the data model from: files (CSV, Parquet, JSON lines, Excel, "
        "SQLite, DuckDB), folders of them, Delta and Iceberg tables, or a server, "
        "postgres://USER_VARIABLE:PASSWORD_VARIABLE@host/database (default: none)",
        default=[],
    ),
    option(
        "--tables NAME...",
        "of a source of several tables only these (default: all)",
        default=[],
    ),
    option(
        "--time-zone ZONE",
        "in which days of the data are counted, such as Europe/Vienna (default: on a "
        "terminal you are asked, else the contract says to ask)",
        type=_zone,
    ),
    option(
        "--copy-data",
        "copy files and folders into the assessment's data/, for others to measure too "
        "(default: they are read where they lie, on this machine and by you)",
    ),
    option(
        "--bank", "also copy the start of a bank of your own, bank.yaml (default: no)"
    ),
)
VERBS = {
    "new": Verb(_new, _NEW, "readybook new churn --data customers.csv orders.parquet"),
    "check": Verb(
        _check,
        (FOLDERS, AS_OF, REGISTER, form("text", "json")),
        "readybook check churn",
        writes=False,
    ),
    "schema": Verb(
        _schema,
        (option("name name?", "which file (default: list all)"),),
        "readybook schema assessment",
        writes=False,
    ),
}
