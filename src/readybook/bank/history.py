"""What became of the questions since answers were recorded: new, changed or gone.

A released version of readybook's bank is remembered by a short hash per question.
`python -m readybook.bank.history` records the bank as it is; do it when it is released.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from readybook.bank.read import HISTORY, bank_ref, read_bank
from readybook.model.bank import (
    Bank,
    BankRef,
    Document,
    ExtendedBank,
    Question,
    QuestionId,
    Version,
)
from readybook.model.case import Assessment
from readybook.model.errors import ReadybookError
from readybook.model.words import as_list
from readybook.text.documents import load_document, save_text

#: Released version -> question id -> hash of what an answer and a verdict rest on.
History = Mapping[str, Mapping[str, str]]

_PATH = Path(__file__).resolve().parents[1] / "questions" / HISTORY
_HEADER = """\
# The questions of every released version of the bank, each with a hash of what answers
# and verdicts rest on. Written by `python -m readybook.bank.history` at a release, never
# by hand. Whoever opens answers of an earlier version is told what changed since.
#
#   format    required. Version of the file format. Always 1.
#   versions  required. By version of the bank: question id and hash.

format: 1
"""

_DIGITS = 12
_SHOWN = 6  #: ids that a line names before it counts the rest
#: Keys of a question that bear on answers or on what they are worth:
#: a reader who answered need not look again when only advice or sources changed.
RESTS_ON = {
    "weight", "authority", "gate", "applies_when", "checks", "shelf_life_days", "text",
    "proof", "stand_in", "levels",
}  # fmt: skip


class HistoryFile(Document):
    """history.yaml: what was asked in released versions."""

    versions: dict[Version, dict[QuestionId, str]]


def question_hash(question: Question) -> str:
    """Return a short hash of what an answer to a question, and its score, rest on."""
    rests = question.model_dump(mode="json", include=RESTS_ON)
    if question.stand_in is None:  # as in versions that had none
        del rests["stand_in"]
    content = json.dumps(rests, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]


def load_history() -> History:
    """Return the released versions of the bank that comes with readybook."""
    return load_document(_PATH, HistoryFile, name=HISTORY).model.versions


def hashes_of(bank: Bank) -> dict[str, str]:
    """Return the hash of each question that a bank asks, in its order."""
    return {question.id: question_hash(question) for _, question in bank.questions}


def record_version(history: History, bank: Bank) -> History:
    """Return the history with this bank's version added.

    Raises:
        ReadybookError: the version is in it with other questions.
    """
    now = hashes_of(bank)
    if history.get(bank.version, now) != now:
        message = (
            f"version {bank.version} of the bank was released with other questions; "
            "raise the version in bank.yaml"
        )
        raise ReadybookError(message)
    return {**history, bank.version: now}


def history_text(history: History) -> str:
    """Return history.yaml; one line a question, so that a change shows as one line."""
    lines = ["versions:" if history else "versions: {}"]
    for version, hashes in history.items():
        lines.append(f"  {version}:")
        lines += [f'    {name}: "{digest}"' for name, digest in hashes.items()]
    return _HEADER + "\n".join(lines) + "\n"


@dataclass(frozen=True)
class BankChanges:
    """What differs between the bank that answers were given under and this one."""

    recorded: BankRef
    current: BankRef
    known: bool  #: False: what the recorded bank asked is not known any more
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()  #: retired or switched off since; answers are kept

    def __str__(self) -> str:
        """Return one sentence for people."""
        said = f"answers recorded under {self.recorded}, judged under {self.current}"
        if not self.known:
            return f"{said}; which questions changed in between is not known"
        parts = [
            f"{len(ids)} {word} ({as_list(ids, _SHOWN)})"
            for word, ids in (
                ("new", self.new),
                ("changed", self.changed),
                ("no longer asked", self.gone),
            )
            if ids
        ]
        told = ", ".join(parts) if parts else "no question changed in between"
        return f"{said}: {told}"


def recorded_under(assessment: Assessment) -> tuple[BankRef, ...]:
    """Return the banks that an assessment's answers were given under, each once."""
    agreed = [assessment.agreed.bank] if "agreed" in assessment.declared else []
    refs = [sheet.bank for sheet in assessment.sheets.values()] + agreed
    return tuple(dict.fromkeys(refs))


def bank_changes(
    recorded: Iterable[BankRef], bank: Bank, history: History
) -> tuple[BankChanges, ...]:
    """Return what changed since each of the banks that answers name.

    Nothing where it is the one that they are judged under. The history has the released
    versions of readybook's own bank.
    """
    now = bank_ref(bank)
    found = (_since(ref, now, bank, history) for ref in recorded if not _same(ref, now))
    return tuple(dict.fromkeys(found))


def _same(ref: BankRef, now: BankRef) -> bool:
    prints = {ref.fingerprint or now.fingerprint, now.fingerprint}
    return (ref.id, ref.version) == (now.id, now.version) and len(prints) == 1


def _since(ref: BankRef, now: BankRef, bank: Bank, history: History) -> BankChanges:
    base = bank.extends if isinstance(bank, ExtendedBank) else now
    if isinstance(bank, ExtendedBank) and _same(ref, base):
        asked_still = [i for i in bank.changed if i not in bank.switched_off]
        changed = [*asked_still, *bank.changed_parts]
        new, gone = bank.added, bank.switched_off
    else:
        before, asked = history.get(ref.version), hashes_of(bank)
        if ref.id != base.id or before is None or ref.version == base.version:
            return BankChanges(ref, now, known=False)
        new = tuple(i for i in asked if i not in before)
        changed = [i for i, digest in asked.items() if before.get(i, digest) != digest]
        gone = {i: "" for i in before if i not in asked}
    return BankChanges(
        ref, now, known=True, new=new, changed=tuple(changed), gone=tuple(gone)
    )


def _main() -> None:
    try:
        recorded = record_version(load_history(), read_bank().bank)
    except ReadybookError as error:
        sys.exit(f"readybook: {error}")
    save_text(_PATH, history_text(recorded))


if __name__ == "__main__":
    _main()
