"""Open folders: every document, answer and evidence file, or every Problem."""

import datetime as dt
import difflib
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, TypedDict, TypeVar, Unpack

from pydantic import BaseModel

from readybook.bank.own import OWN_BANK, OwnBankFile, bank_source
from readybook.bank.read import BankSource
from readybook.case.cross_check import AGREED, FILES, check_documents, parse_file
from readybook.case.evidence import evidence_problems, probe_problems
from readybook.case.later import later_inputs
from readybook.case.milestones import MILESTONES, parse_milestone
from readybook.case.register import REGISTER, load_register, of_case, with_register
from readybook.case.signatures import SIGNED, signature_of
from readybook.checks.failures import still_failing
from readybook.checks.findings import collect_findings
from readybook.checks.sign_offs import fingerprint_of, stem_of
from readybook.model.bank import Bank
from readybook.model.case import (
    Agreement,
    Assessment,
    Register,
    Resources,
    Scope,
    Signature,
    Signer,
    Stakeholders,
)
from readybook.model.errors import InvalidInputError, Problem, nearest
from readybook.model.findings import (
    AccountEvidence,
    DataEvidence,
    Failures,
    MachineEvidence,
    RouteEvidence,
)
from readybook.model.results import Milestone
from readybook.text.documents import (
    Loaded,
    is_absent,
    json_parser,
    listed,
    parse_document,
    read_bytes,
    refuse_outside,
    refuse_undecodable,
)
from readybook.text.visible import visible
from readybook.text.yaml import shown

Part = TypeVar("Part", bound=BaseModel | Loaded[Any])

_FILES = (*FILES, OWN_BANK)
_AGAIN = "delete the file, then run 'readybook {}'"
#: Evidence that is no machine's: by file name, and what to do if it is not as written.
_EVIDENCE: dict[str, tuple[type[BaseModel], str]] = {
    "data": (DataEvidence, _AGAIN.format("measure")),
    "accounts": (AccountEvidence, _AGAIN.format("account")),
    # What failed before cannot be measured again.
    "failures": (Failures, "put back the file as readybook wrote it"),
    "route": (RouteEvidence, _AGAIN.format("measure")),
}
_MEASURED = ("data", "probes", "accounts", "route")  #: of which failures are listed
_PROBE = (MachineEvidence, f"{_AGAIN.format('probe')} on that machine")
_FOLDERS = ("agreements", "answers", "evidence", MILESTONES)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_MOST_SIGNED = 100  #: signatures of a folder that are verified: each starts programs
_LONGEST = 16 * 1024  #: bytes of a signature; that of a large key has some 3,000
_SIMILAR = 0.75  #: how near a folder's name is to a known one to be a slip


def today() -> dt.date:
    """Return the date on this machine's calendar."""
    return dt.datetime.now(dt.UTC).astimezone().date()


def name_of(folder: Path) -> str:
    """Return the name of an assessment: that of its folder, as it is shown."""
    return visible(folder.resolve().name) or "assessment"


def open_assessment(
    folder: Path,
    *,
    bank: Bank,
    as_of: dt.date | None = None,
    refuse_later: bool = False,
    register: Loaded[Register] | None = None,
) -> Assessment:
    """Return an assessment, read and found valid.

    Args:
        folder: that holds assessment.yaml.
        bank: the questions that the answers refer to; `load_bank_for` finds them.
        as_of: date at which everything is judged; None: the one that is declared.
        refuse_later: whether what is dated after that day is a problem; otherwise it is
            ignored and counted, as it is of a register in any case.
        register: that cases share; of them no file names it.

    Raises:
        InvalidInputError: with every problem of every file.
    """
    reader = _Reader(folder)
    if not folder.is_dir():
        found, do = "no such folder", "name another folder, or run: readybook new"
        if folder.exists():
            found, do = "a file", "name the folder that holds assessment.yaml"
        reader.report("", found, "the folder of an assessment", do)
        raise InvalidInputError(reader.problems)
    reader.problems += _unknown_names(reader)
    documents = _read_documents(reader)
    people = documents.get("stakeholders.yaml")
    signers = people.model.signers if people else ()
    evidence = {
        **_read_evidence(reader, signers),
        "agreements": _read_agreements(reader),
    }
    milestones = {  # compared elsewhere
        name: one
        for _, name in reader.names(MILESTONES, ".json")
        if (one := reader.read(name, partial(parse_milestone, name=name)))
    }
    shared = {REGISTER: register} if register else {}
    reader.problems += check_documents({**documents, **shared}, bank, folder)
    models = {name: one.model for name, one in documents.items()}
    scope: Scope | None = models.get("assessment.yaml")
    if scope is None:
        raise InvalidInputError(reader.problems)
    judged_at = as_of or (today() if scope.as_of == "today" else scope.as_of)
    later = later_inputs(documents.values(), evidence, milestones, judged_at)
    if refuse_later:
        reader.problems += later
    if reader.problems:
        raise InvalidInputError(reader.problems)
    is_listed = "failures" in evidence
    if not is_listed:
        evidence["failures"] = _known_then(milestones.values())
    content = json.dumps([sorted(reader.hashes.items()), judged_at.isoformat()])
    fields = {name: field for name, (field, _) in FILES.items()} | {AGREED: "agreed"}
    read = {fields[name]: model for name, model in models.items() if name in fields}
    if register:
        held = read.get("stakeholders", Stakeholders(format=1))
        rows = read.get("resources", Resources(format=1))
        register = of_case(register, rows)
        later += later_inputs([register], {}, {}, judged_at)
        read |= with_register(register, held, rows)
        content += read["shared"].fingerprint
    return Assessment(
        name=name_of(folder),
        as_of=judged_at,
        later=len(later),
        is_unlisted=not is_listed and any(evidence.get(name) for name in _MEASURED),
        sheets={Path(n).stem: one for n, one in models.items() if n not in fields},
        fingerprint=f"sha256:{hashlib.sha256(content.encode()).hexdigest()}",
        **read,
        **{name: one for name, one in evidence.items() if one is not None},
    )


@dataclass
class _Reader:
    """Reads files of one folder; keeps their problems and the hash of each."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)  #: by relative name

    def report(self, name: str, found: str, expected: str, do: str) -> None:
        file = name or shown(self.folder.name or ".")
        self.problems.append(Problem(file, 0, "", found, expected, do))

    def read(self, name: str, parse: Callable[[bytes], Part]) -> Part | None:
        """Return what a file holds, or None after its problems are kept."""
        try:
            refuse_outside(name, self.folder)
            raw = read_bytes(self.folder / name, name=name)
            self.hashes[name] = hashlib.sha256(raw).hexdigest()
            return parse(raw)
        except InvalidInputError as error:
            self.problems += error.problems
            return None

    def signature(self, name: str, parse: Callable[[bytes], Part]) -> Part | None:
        """Return a small file that may be absent, as `optional` does."""

        def parse_small(raw: bytes) -> Part:
            if len(raw) <= _LONGEST:
                return parse(raw)
            raise InvalidInputError.of(
                name, f"{len(raw):,} bytes", f"a file of at most {_LONGEST:,} bytes",
                "delete it, or sign again with --sign",
            )  # fmt: skip

        return self.optional(name, parse_small)

    def optional(self, name: str, parse: Callable[[bytes], Part]) -> Part | None:
        """Return what a file holds; None where it is absent or refused."""
        return None if is_absent(self.folder / name) else self.read(name, parse)

    def listed(self, folder: str = ".") -> list[Path]:
        """Return what lies in a folder; nothing after its problem is kept."""
        try:
            return listed(self.folder, folder)
        except InvalidInputError as error:
            self.problems += error.problems
            return []

    def names(self, folder: str, ending: str) -> Iterator[tuple[str, str]]:
        """Yield stem and relative name of the files in a folder, in order."""
        for path in sorted(self.listed(folder), key=lambda path: path.stem):
            name = f"{folder}/{path.name}"
            if path.name.startswith(".") or path.suffix not in {ending, ".yml"}:
                continue
            if path.suffix != ending:
                do = f"rename it to '{path.stem}{ending}'"
                self.report(name, f"the ending {path.suffix}", ending, do)
            elif not _ID.fullmatch(path.stem):
                self.report(
                    name, f"the name '{shown(path.name)}'",
                    "a name of small letters, digits and hyphens (at most 60)",
                    "rename the file",
                )  # fmt: skip
            else:
                yield path.stem, name


def _read_documents(reader: _Reader) -> dict[str, Loaded[Any]]:
    """Return the documents that can be read, by name."""
    if is_absent(reader.folder / "assessment.yaml"):
        reader.report(
            "assessment.yaml", "no such file", "the one file that is required",
            "name the folder that holds it, or run: readybook new",
        )  # fmt: skip
    # What it says has come with the bank; here it only counts as an input.
    reader.optional(
        OWN_BANK, lambda raw: parse_document(raw, OwnBankFile, name=OWN_BANK)
    )
    documents = {}
    for name in (*FILES, *(name for _, name in reader.names("answers", ".yaml"))):
        parse = partial(parse_file, name=name, folder=reader.folder)
        if (document := reader.optional(name, parse)) is not None:
            documents[name] = document
    return documents


# --- evidence ----------------------------------------------------------------------


def _read_evidence(reader: _Reader, signers: Iterable[Signer]) -> dict[str, Any]:
    """Return what was measured, by the field of Assessment that keeps it."""
    probes: dict[str, Any] = {}
    signatures: dict[str, Signature] = {}
    found: dict[str, object] = {"probes": probes, "signatures": signatures}
    for stem, name in reader.names("evidence", ".json"):
        into = found if stem in _EVIDENCE else probes
        model, do = _EVIDENCE.get(stem, _PROBE)
        parse = partial(_parse_evidence, name=name, model=model, do=do)
        if (evidence := reader.read(name, parse)) is not None:
            into[stem] = evidence
            check: Callable[[bytes], Signature] = partial(
                signature_of, folder=reader.folder, name=name, signers=signers
            )
            if len(signatures) >= _MOST_SIGNED:
                left = Signature(why=f"only {_MOST_SIGNED} signatures are verified")
                check = partial(_unread, left)
            if (signature := reader.signature(f"{name}{SIGNED}", check)) is not None:
                signatures[stem] = signature
    reader.problems += probe_problems(probes)
    return found


def _unread(said: Signature, _raw: bytes) -> Signature:
    return said


def _known_then(milestones: Iterable[Milestone]) -> Failures | None:
    """Return what milestones, oldest first, know to have failed and not passed since.

    It stands in for a list of failures that is gone; who removes all that was measured
    does not remove what was known of it.
    """
    known = None
    for one in milestones:
        then = one.inputs
        before = [f for each in (known, then.failures) if each for f in each.findings]
        found = still_failing(before, collect_findings(then), then)
        known = Failures(
            format=1, kind="failures", readybook=one.readybook, findings=found
        )
    return known


@lru_cache(maxsize=8)  # a form opens its folder anew for each answer
def _parse_evidence(
    raw: bytes, name: str, model: type[BaseModel], do: str
) -> BaseModel:
    evidence = json_parser(name, model, do)(raw)
    if problems := list(evidence_problems(name, raw, evidence, do)):
        raise InvalidInputError(problems)
    return evidence.model_copy(update={"seal": None})  # it has done its work


def _read_agreements(reader: _Reader) -> dict[str, Agreement]:
    """Return what was agreed to by file name; each file is what its name says."""
    found = {}
    do = "put back the file as `readybook sign-off` wrote it, or sign off again"
    for stem, name in reader.names("agreements", ".json"):
        agreement = reader.read(name, json_parser(name, Agreement, do))
        if agreement is not None and stem_of(fingerprint_of(agreement)) != stem:
            reader.report(name, "other content than was agreed to",
                          "content whose fingerprint begins with the name", do)  # fmt: skip
        elif agreement is not None:
            found[stem] = agreement
    return found


# --- names -------------------------------------------------------------------------


def _unknown_names(reader: _Reader) -> Iterator[Problem]:
    """Yield what looks like a slip in a name; other files are left alone."""
    for path in reader.listed():
        name = path.name
        if _is_folder(path):
            close = difflib.get_close_matches(name.lower(), _FOLDERS, 1, _SIMILAR)
            if close and name not in _FOLDERS:
                do = f"did you mean '{close[0]}'?"
                yield Problem(f"{name}/", 0, "", "an unknown folder",
                              "one of " + ", ".join(_FOLDERS), do)  # fmt: skip
        elif path.suffix in {".yaml", ".yml"} and name not in _FILES and name[0] != ".":
            expected, do = f"one of {', '.join(_FILES)}", nearest(name, _FILES)
            yield Problem(name, 0, "", "an unknown file", expected, do)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # one that may not be looked at; who reads it is told
        return False


def opening_key(
    folder: Path, as_of: str, register: Path | None = None
) -> tuple[Path, str, str] | None:
    """Return what changes whenever opening the folder would give another assessment.

    None: the folder cannot be read.
    """
    content = content_key(folder, register)
    return (folder.resolve(), content, as_of) if content else None


def content_key(folder: Path, register: Path | None = None) -> str | None:
    """Return digits that change with all that is read when a folder is opened.

    A register that cases share is among it, where one is named. They are had in some
    milliseconds, where opening takes a tenth of a second. The day is in them: a case
    may be judged as of today. None: something cannot be read, and who opens the folder
    is told what.
    """
    found = hashlib.sha256(today().isoformat().encode())
    try:
        if register:
            found.update(f"\0{register.name}\0".encode())
            content = read_bytes(register, name=register.name)
            found.update(hashlib.sha256(content).digest())
        for place in (".", *_FOLDERS):
            for path in listed(folder, place):
                name = path.relative_to(folder).as_posix()
                found.update(f"\0{name}\0".encode())
                if place != "." or path.suffix in {".yaml", ".yml"}:
                    if path.is_symlink() or path.parent.is_symlink():
                        refuse_outside(name, folder)
                    content = b"" if path.is_dir() else read_bytes(path, name=name)
                    found.update(hashlib.sha256(content).digest())
    except (InvalidInputError, OSError, UnicodeEncodeError):
        return None
    return found.hexdigest()


# --- folders as people name them ---------------------------------------------------


class Opened(NamedTuple):
    """An assessment with its folder and the bank that it is judged under."""

    folder: Path  #: as it was given
    assessment: Assessment
    bank: Bank


def open_register(path: Path | None, name: str = "") -> Loaded[Register] | None:
    """Return a register that cases share; None where none is named.

    Args:
        path: of a file that lies in no case.
        name: for problems to print; "": the path.

    Raises:
        InvalidInputError: with every problem of the file.
    """
    return load_register(path, taken=_FILES, name=name) if path else None


def open_each(
    folders: Iterable[Path],
    *,
    as_of: dt.date | None = None,
    judge: Callable[[BankSource], Bank] = attrgetter("bank"),
    register: Loaded[Register] | None = None,
) -> tuple[list[Opened], list[InvalidInputError]]:
    """Return what was read from folders, and all that is wrong in each of the others.

    Problems name files by the folder as it was given, so that a terminal can open them.

    Args:
        folders: of assessments.
        as_of: date at which everything is judged; None: the one that is declared.
        judge: refuses a bank that will not do; `score.lint.sound_bank` for a verdict.
        register: that they share, of `open_register`.
    """
    good: list[Opened] = []
    bad: list[InvalidInputError] = []
    for folder in folders:
        try:
            refuse_undecodable(folder)
            bank = judge(bank_source(folder))
            assessment = open_assessment(
                folder,
                bank=bank,
                as_of=as_of,
                refuse_later=as_of is None,
                register=register,
            )
            good.append(Opened(folder, assessment, bank))
        except InvalidInputError as error:
            if folder.is_dir():
                bad.append(error.below(folder, but=register.name if register else ""))
            else:  # it is meant itself
                file = str(folder)
                bad.append(
                    InvalidInputError(replace(p, file=file) for p in error.problems)
                )
    return good, bad


class Way(TypedDict, total=False):
    """How folders are opened, as `open_each` takes it."""

    as_of: dt.date | None
    judge: Callable[[BankSource], Bank]
    register: Loaded[Register] | None


def open_all(folders: Iterable[Path], **way: Unpack[Way]) -> list[Opened]:
    """Return what was read from every folder, as `open_each` does.

    Raises:
        InvalidInputError: with the problems of all folders.
    """
    good, bad = open_each(folders, **way)
    if bad:
        raise InvalidInputError(p for error in bad for p in error.problems)
    return good


def open_one(folder: Path, **way: Unpack[Way]) -> Opened:
    """Return what was read from one folder; otherwise as `open_all`."""
    return open_all([folder], **way)[0]
