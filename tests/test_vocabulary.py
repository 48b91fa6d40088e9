"""Words that people read and no rule derives: options, buttons, cards, cells of tables.

Each is kept whole in `vocabulary/`, so that whoever changes one sees in the review what
people will read. After a change that is meant: `python tests/test_vocabulary.py`.
"""

import json
import os
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest

from readybook.bank.own import find_bank
from readybook.case.open import open_assessment
from readybook.cli.main import VERBS, main
from readybook.cli.terminal import EXIT_CODES
from readybook.edit.tables import TABLES
from readybook.forms.cards import cards_of, people_message, scope_fields
from readybook.forms.jobs import jobs_for
from readybook.forms.tables import TableSession

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
        (about,) = TableSession(folder, bank, assessment, name).handle({"kind": "open"})
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


MADE = {"help.txt": of_help, "tables.txt": of_tables, "forms.txt": of_forms}


@pytest.mark.parametrize("name", MADE)
def test_words_are_those_that_were_reviewed(name):
    """Where lines of a usage are broken differs between versions of Python."""
    made = "\n".join(MADE[name]())

    assert made.split() == (KEPT / name).read_text(encoding="utf-8").split()


if __name__ == "__main__":
    for name, make in MADE.items():
        text = "\n".join(make()).strip() + "\n"
        (KEPT / name).write_text(text, encoding="utf-8")
