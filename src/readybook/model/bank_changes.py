"""What became of the questions since answers were recorded: new, changed or gone.

Pure. A released version is remembered by a short hash per question.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from readybook.model.bank import Bank, BankRef, ExtendedBank, Question
from readybook.model.case import Assessment
from readybook.model.words import as_list

__all__ = ["BankChanges", "History", "bank_changes", "question_hash", "recorded_under"]

#: Released version -> question id -> hash of what an answer and a verdict rest on.
History = Mapping[str, Mapping[str, str]]

_DIGITS = 12
_SHOWN = 6  #: ids that a line names before it counts the rest
#: A reader who answered need not look again when only advice or sources changed.
_RESTS_ON = {
    "weight",
    "authority",
    "gate",
    "applies_when",
    "checks",
    "shelf_life_days",
    "text",
    "proof",
    "levels",
}


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
        was, now = _name(self.recorded), _name(self.current)
        said = f"answers recorded under {was}, judged under {now}"
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


def question_hash(question: Question) -> str:
    """Return a short hash of what an answer to a question, and its score, rest on."""
    content = json.dumps(
        question.model_dump(mode="json", include=_RESTS_ON), sort_keys=True
    )
    return hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]


def recorded_under(assessment: Assessment) -> tuple[BankRef, ...]:
    """Return the banks that an assessment's answers were given under, each once."""
    agreed = [assessment.agreed.bank] if "agreed" in assessment.declared else []
    refs = [sheet.bank for sheet in assessment.sheets.values()] + agreed
    return tuple(dict.fromkeys(refs))


def bank_changes(
    recorded: Iterable[BankRef], bank: Bank, history: History
) -> tuple[BankChanges, ...]:
    """Return what changed since each of these banks; nothing where it is this one.

    Args:
        recorded: the banks that answers name.
        bank: the one that they are judged under.
        history: the released versions of readybook's own bank.
    """
    now = BankRef(id=bank.id, version=bank.version, fingerprint=bank.fingerprint)
    found = (_since(ref, now, bank, history) for ref in recorded if not _same(ref, now))
    return tuple(dict.fromkeys(found))


def _same(ref: BankRef, now: BankRef) -> bool:
    prints = {ref.fingerprint or now.fingerprint, now.fingerprint}
    return (ref.id, ref.version) == (now.id, now.version) and len(prints) == 1


def _since(ref: BankRef, now: BankRef, bank: Bank, history: History) -> BankChanges:
    base = bank.extends if isinstance(bank, ExtendedBank) else now
    if isinstance(bank, ExtendedBank) and _same(ref, base):
        return BankChanges(
            ref, now, known=True, new=bank.added,
            changed=tuple(i for i in bank.changed if i not in bank.switched_off),
            gone=tuple(bank.switched_off),
        )  # fmt: skip
    before = history.get(ref.version)
    if ref.id != base.id or before is None or ref.version == base.version:
        return BankChanges(ref, now, known=False)
    asked = {question.id: question for _, question in bank.questions}
    return BankChanges(
        ref, now, known=True,
        new=tuple(i for i in asked if i not in before),
        changed=tuple(
            i for i, q in asked.items() if before.get(i, "") not in {"", question_hash(q)}
        ),
        gone=tuple(i for i in before if i not in asked),
    )  # fmt: skip


def _name(ref: BankRef) -> str:
    return f"{ref.id} {ref.version}"
