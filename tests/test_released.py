"""Each document has a version, and what a released version wrote opens forever."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from pathlib import Path
from typing import Literal

import pytest
from ruamel.yaml import YAML

from readybook import __version__
from readybook.bank.history import HistoryFile, hashes_of
from readybook.case.milestones import load_milestones
from readybook.case.open import open_one
from readybook.checks.findings import collect_findings
from readybook.checks.sign_offs import (
    SignOffs,
    agreement_on,
    fingerprint_of,
    known_covers,
)
from readybook.cli.main import main
from readybook.edit.contract import Declared
from readybook.model.bank import Bank, ExtendedBank, Frozen, Question
from readybook.model.errors import InvalidInputError
from readybook.model.findings import Evidence
from readybook.model.portfolio import ResultFile
from readybook.score.freeze import place_mark
from readybook.text.documents import json_parser, parse_document

RELEASED = Path(__file__).parent / "released"
VERSIONS = sorted(path.name for path in RELEASED.iterdir() if path.is_dir())
DOCUMENTS = {".json": "format", ".yaml": "format", ".odcs.yaml": "apiVersion"}
#: A bank as it is judged, a contract as it is edited, what the package alone reads of its
#: own, and what only programs of others read.
NO_FILES = {ExtendedBank, Declared, HistoryFile, ResultFile}


@pytest.fixture
def case(request, tmp_path):
    """A copy of what a version wrote, to be written into."""
    shutil.copytree(RELEASED / request.param, tmp_path / "then")
    return tmp_path / "then" / "case"


def files(version=__version__):
    """The documents that a version wrote."""
    return [path for path in sorted((RELEASED / version).rglob("*"))
            if path.suffix in {".json", ".yaml"}]  # fmt: skip


def test_every_released_version_left_its_documents():
    """Also the one that comes next: they are made again until it is out."""
    changelog = (RELEASED.parents[1] / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"(?m)^## \[?(\d+\.\d+\.\d+)", changelog)

    assert set(VERSIONS) == {*released, __version__}


@pytest.mark.parametrize("case", VERSIONS, indirect=True)
@pytest.mark.parametrize(
    "words",
    [
        ["check", "case"],
        ["check", "case", "--register", "register.yaml"],
        ["status", "case"],
        ["compare", "case@2026-11-30", "case"],
        ["milestone", "case", "--replace"],
        ["lint", "case/bank.yaml"],
        ["questions", "--bank", "bank"],
        ["answers", "import", "sheet.csv", "--dir", "case", "--respondent", "legal"],
    ],
    ids=lambda words: words[0] + "-shared" * ("--register" in words),
)
def test_what_a_version_wrote_is_read(case, words, capsys, monkeypatch):
    """Without a problem, by every verb that reads a kind of document."""
    monkeypatch.chdir(case.parent)

    assert main(words) == 0, capsys.readouterr()


def turned(part):
    """Plain data with all keys in the other order."""
    if isinstance(part, dict):
        return {key: turned(part[key]) for key in reversed(part)}
    if isinstance(part, (list, tuple)):
        return [turned(one) for one in part]
    return part


def marks(case):
    """All that is known again by a fingerprint, and how what was signed stands."""
    _, assessment, bank = open_one(case)
    model, (frozen,) = assessment.data_model, load_milestones(case)
    then = frozen.inputs.data_model
    places = [[place_mark(one, table) for table in one.tables] for one in (model, then)]
    assert places[0] == places[1]
    assert assessment.declared_since == ()
    assert {one.state for one in SignOffs(assessment).signed} == {"agreed"}
    parts = [agreement_on(model, one) for one in known_covers(model)]
    found = collect_findings(assessment, bank)
    return (
        [fingerprint_of(one) for one in parts],
        [one.fingerprint for one in found],
        hashes_of(bank),
        bank.fingerprint,
    )


@pytest.mark.parametrize("case", VERSIONS, indirect=True)
def test_what_was_signed_holds_however_a_model_has_its_fields(case, monkeypatch):
    """In another order, and with one more that a later version knows and nobody filled.

    Of a question's, and a bank's, that one is told with the bank's version.
    """
    before, whole = marks(case), Frozen.model_dump

    def dumped(self, **how):
        is_all = not {"exclude_defaults", "include"} & how.keys()
        is_more = is_all and not isinstance(self, Bank | Question)
        return turned(whole(self, **how) | ({"later": None} if is_more else {}))

    monkeypatch.setattr(Frozen, "model_dump", dumped)
    monkeypatch.setattr(
        Frozen, "model_dump_json", lambda self, **how: json.dumps(dumped(self, **how))
    )

    assert marks(case) == before


@pytest.mark.parametrize("case", VERSIONS, indirect=True)
def test_result_of_a_version_has_the_keys_that_programs_read(case):
    """New keys may come within a format; none goes."""
    then = json.loads((case.parent / "result.json").read_text("utf-8"))

    assert then["format"] == 1
    assert then.keys() >= {"readybook", "assessment", "bank", "inputs", "result"}
    assert then["result"].keys() >= {"headline", "verdict", "dimensions", "standings"}


def test_every_document_says_the_version_of_its_format():
    """Whoever reads it later knows what it is; the standard has a key of its own."""
    without = []
    for path in files():
        text = path.read_text("utf-8")
        data = json.loads(text) if path.suffix == ".json" else YAML().load(text)
        if DOCUMENTS["".join(path.suffixes)] not in data:
            without.append(path.name)

    assert without == []


@pytest.mark.parametrize("words", [["check"], ["status"], ["compare"]])
def test_result_for_machines_says_the_version_of_its_format(words, capsys):
    """What a program prints for another is a document too."""
    case = str(RELEASED / __version__ / "case")
    more = [case] if words == ["compare"] else []
    main([*words, case, *more, "--format", "json"])

    assert json.loads(capsys.readouterr().out)["format"] == 1


@pytest.mark.parametrize("case", [__version__], indirect=True)
def test_document_of_a_later_format_is_neither_mended_nor_deleted(case, capsys):
    """Of each kind: nobody is told to write over what this version cannot judge."""
    other = {"bank.yaml", "data.odcs.yaml"}  # read before the rest; the standard's own
    later = [path for path in case.rglob("*")
             if path.suffix in {".json", ".yaml"} and path.name not in other]  # fmt: skip
    for path in later:
        text = path.read_text("utf-8")
        text = re.sub(r'(?m)^( *"?format"?): 1\b', r"\1: 2", text, count=1)
        path.write_text(text, encoding="utf-8")

    assert main(["check", str(case)]) == 1
    told = capsys.readouterr().out
    asked = (
        r"(?m)^(.+?\.\w+)(?::\d+)?: format: found the number 2, .+, do: open it with"
    )
    assert sorted(re.findall(asked, told)) == sorted(map(str, later))
    assert len(told.splitlines()) == len(later)


def kinds(base=Frozen):
    """The models of which one is a file: those that say a version of their format."""
    for one in base.__subclasses__():
        yield from kinds(one)
        field = one.model_fields.get("format")
        # a private one is made anew wherever it cannot be read
        is_public = not one.__name__.startswith("_")
        is_file = is_public and field is not None and field.annotation == Literal[1]
        if is_file and not one.__subclasses__():
            yield one


def opens(path, model):
    """Whether a file is one of a model."""
    with contextlib.suppress(InvalidInputError):
        raw = path.read_bytes()
        if path.suffix == ".json":
            json_parser(path.name, model, "")(raw)
        else:
            parse_document(raw, model, name=path.name)
        return True
    return False


def test_every_kind_of_document_is_kept():
    """A kind that is added is added to what is kept."""
    missing = [
        model.__name__
        for model in set(kinds()) - NO_FILES
        if not any(opens(path, model) for path in files())
    ]

    assert missing == []
    assert set(Evidence.__args__) < set(kinds())
