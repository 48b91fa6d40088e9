"""Words that no rule derives: options, buttons, cells of tables, keys of files.

Each is kept whole in `vocabulary/`, so that whoever changes one sees in the review what
people will read, and what their files may hold. After a change that is meant:
`python tests/test_vocabulary.py`.
"""

# ruff: noqa: SLF001 - the tables of what a provider says are asked for

import ast
import copy
import json
import os
import re
import shutil
from contextlib import redirect_stderr, redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest

from readybook import __version__
from readybook.bank.own import find_bank
from readybook.case.open import open_assessment, today
from readybook.cli.files import SCHEMA_NAMES, document_schemas, start_assessment
from readybook.cli.main import VERBS, main
from readybook.cli.terminal import EXIT_CODES
from readybook.edit.tables import TABLES
from readybook.forms.cards import cards_of, people_message, scope_fields
from readybook.forms.contract import table_session
from readybook.forms.jobs import jobs_for
from readybook.measure.machine import account
from readybook.model.case import Agreement
from readybook.model.findings import (
    AccountEvidence,
    DataEvidence,
    Failures,
    MachineEvidence,
    RouteEvidence,
)
from readybook.model.results import Milestone
from readybook.model.words import day

HERE = Path(__file__).parent
KEPT = HERE / "vocabulary"
CASE = HERE / "broken" / "_valid"
WIDE = 240


def case():
    bank = find_bank(HERE / "broken" / "_bank").bank
    return CASE, bank, open_assessment(CASE, bank=bank)


def plain(value):
    """A message as the page gets it, without what is empty or false."""
    if isinstance(value, dict):
        value = {key: plain(one) for key, one in value.items()}
        return {
            key: one
            for key, one in value.items()
            if one not in (None, False, "", [], {})
        }
    return list(map(plain, value)) if isinstance(value, (list, tuple)) else value


def lines(value, before=""):
    """The lines of a value: what is short stands on one."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + len(before) <= WIDE or not isinstance(value, (dict, list)):
        return [before + line]
    parts = value.items() if isinstance(value, dict) else [("-", one) for one in value]
    found = [before] if before.strip() else []
    inner = " " * (len(before) - len(before.lstrip()) + 2 if found else 0)
    for key, one in parts:
        found += lines(one, f"{inner}{key}{'' if key == '-' else ':'} ")
    return found


def of_help():
    """What `--help` prints for the program and for each verb."""
    for words in ((), *((verb,) for verb in VERBS)):
        with (
            patch.dict(os.environ, {"COLUMNS": "88"}),
            redirect_stdout(StringIO()) as out,
            suppress(SystemExit),
        ):
            main([*words, "--help"])
        told, codes = out.getvalue().strip(), EXIT_CODES.strip()
        assert told.endswith(codes), words
        yield from (told.removesuffix(codes) if words else told).splitlines()


def of_tables():
    """What the page of each table is told, but for its rows."""
    folder, bank, assessment = case()
    for name in TABLES:
        (about,) = table_session(folder, bank, assessment, name).handle(
            {"kind": "open"}
        )
        del about["rows"], about["folder"]
        yield from ["", *lines(plain(about))]


def of_forms():
    """What the page of a form and the buttons are told, of a small case."""
    _, bank, assessment = case()
    yield from lines(
        {
            **people_message(assessment, bank),
            **cards_of(bank, ""),
            "scope": scope_fields(bank),
            "jobs": plain([vars(job) for job in jobs_for(assessment)]),
        }
    )


def of_files():
    """What each file of an assessment may hold, as the models have it."""
    kept = (Agreement, Milestone, AccountEvidence, DataEvidence, Failures,
            MachineEvidence, RouteEvidence)  # fmt: skip
    every = copy.deepcopy(document_schemas())
    typed = {name: every.pop(name) for name in SCHEMA_NAMES}
    yield from of_parts(typed | {one.__name__: one.model_json_schema() for one in kept})
    for name, schema in every.items():  # what programs read has other needed keys
        yield from ["", f"--- {name}", "", *of_parts({name: schema})]


def of_parts(schemas):
    """What the parts of some files may hold, each part once."""
    said = {}
    for name, schema in schemas.items():
        for part, about in {**schema.pop("$defs", {}), name: schema}.items():
            said.setdefault(part, []).append(about)
    for part, abouts in said.items():
        assert all(about == abouts[0] for about in abouts), part
        needed = abouts[0].get("required", ())
        yield f"{part}:{'' if 'properties' in abouts[0] else json.dumps(abouts[0])}"
        for key, about in abouts[0].get("properties", {}).items():
            about.pop("title", None)
            told = json.dumps(about, sort_keys=True)
            yield f"  {key}{' (needed)' if key in needed else ''}: {told}"


def told_in(path):
    """What readers may be told by a file with both words: of a module its texts."""
    text = path.read_text("utf-8")
    if not {"gate", "needed"} <= {*re.findall("gate|needed", text.casefold())}:
        return []  # to parse it takes long
    if path.suffix != ".py":
        return text.splitlines()
    nodes = [*ast.walk(ast.parse(text))]
    about = {id(one.value) for one in nodes if isinstance(one, ast.Expr)}
    texts = (one for one in nodes if isinstance(one, ast.Constant))
    return [one.value for one in texts
            if isinstance(one.value, str) and id(one) not in about]  # fmt: skip


def test_a_gate_has_a_minimum_and_needed_is_what_the_case_needs():
    """The level needed by the case and the minimum of a gate are two words everywhere."""
    both = re.compile(
        r"(?i)\bgate\b[^.;:|]{0,60}\bneeded\b|\bneeded\b[^.;:|]{0,60}\bgate\b"
    )
    folders = (HERE.parent / name for name in ("src", "docs", "notebooks"))
    ends = {".py", ".j2", ".js", ".yaml", ".md", ".ipynb"}
    files = [p for folder in folders for p in folder.rglob("*") if p.suffix in ends]
    found = [(p.name, line) for p in files for line in told_in(p) if both.search(line)]

    assert len(files) > 100
    assert found == []


def of_accounts():
    """What is told of each way in which a cloud's provider refuses to answer."""
    refused = (*account._CODES, "Throttling")
    errors = [Refused(code) for code in refused]
    errors += [type(kind, (Exception,), {})() for kind in (*account._KINDS, "Other")]
    for error in errors:
        seen = account._unseen("cloud", *account._reason(error))
        name = str(error) or type(error).__name__
        yield f"{name}: {seen.state}: {seen.why} ({seen.how})"


SAID = """\
check churn
check churn --format json
check nowhere
check churn nowhere
check nowhere --format json
new churn
new own --bank
check own
schema
schema asessment
lint BANK
lint BANK/bnak.yaml
questions churn
questions churn --role legla
questions --role legal
questions churn --role legal --bank BANK
answers import none.csv --dir churn --respondent legal
measure churn
measure churn --time-limit 0
measure churn --time-limit inf
measure churn --time-limit soon
measure churn --memory-limit 0MB
measure churn --memory-limit 1TB
measure churn --memory-limit 1234567MB
measure churn --allow SECRET
measure churn --sign none
account churn
probe --resource node
probe --for churn --resource node
probe --sign none
probe --sign BANK/bank.yaml
probe --sign BANK/bank.yaml --out -
probe --out BANK/bank.yaml
probe --for churn --out churn/node.json
status own --minutes 0
status own --minutes 1441
status own --minutes x
status nowhere
status nowhere --format json
actions own
actions own --format csv
milestone own --name First
milestone own
milestone own --replace
compare own@DATE own
compare own@1999-01-01 own
compare churn@1999-01-01 own
compare nowhere own
compare nowhere@1999-01-01 own
sign-off churn --role legal --covers model
report churn copy/churn
report nowhere
report churn --out churn
lab nowhere
lab BANK
lab none.txt
"""


USAGE = r"(?s)usage: .*?(?=readybook \S+: error: )"  # which help.txt has


def of_verbs():
    """What verbs say of a case that was begun, of a small bank, and of slips."""
    bank = HERE / "broken" / "_bank"
    date, before = today().isoformat(), Path.cwd()
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            started = start_assessment(Path("churn"))
            assert started
            shutil.copytree("churn", "copy/churn")
            Path("none.txt").touch()
            for line in SAID.splitlines():
                words = line.replace("BANK", str(bank)).replace("DATE", date).split()
                out, err = StringIO(), StringIO()
                with redirect_stdout(out), redirect_stderr(err):
                    try:
                        code = main(words)
                    except SystemExit as left:
                        code = left.code
                told = re.sub(USAGE, "", out.getvalue() + err.getvalue())
                for old, new in ((str(bank), "BANK"), (date, "DATE"),
                                 (day(today()), "DATE"), (__version__, "VERSION"),
                                 (os.path.realpath(folder), "HERE")):  # fmt: skip
                    told = told.replace(old, new)
                yield from ["", f"$ readybook {line} ({code})", *told.splitlines()]
        finally:
            os.chdir(before)


class Refused(Exception):  # noqa: N818 - as botocore has it
    """An answer of STS, with its code."""

    @property
    def response(self):
        return {"Error": {"Code": str(self)}}


MADE = {"help.txt": of_help, "tables.txt": of_tables, "forms.txt": of_forms,
        "files.txt": of_files, "accounts.txt": of_accounts, "said.txt": of_verbs}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_words_are_those_that_were_reviewed(name):
    """Where lines of a usage are broken differs between versions of Python."""
    made = "\n".join(MADE[name]())

    assert made.split() == (KEPT / name).read_text(encoding="utf-8").split()


if __name__ == "__main__":
    for name, make in MADE.items():
        text = "\n".join(make()).strip() + "\n"
        (KEPT / name).write_text(text, encoding="utf-8")
