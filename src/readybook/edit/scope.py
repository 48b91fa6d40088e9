"""What the case is: phase, track and scope facts, changed in assessment.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from readybook.edit.entries import saved_now
from readybook.edit.neighbours import judged_among
from readybook.edit.outcomes import Conflict, Saved, mark_of
from readybook.edit.plaindata import in_order
from readybook.edit.roundtrip import Data, RoundTrip
from readybook.model.bank import Bank
from readybook.model.case import Scope
from readybook.model.errors import InvalidInputError, Problem

__all__ = ["FACT", "ScopeFile"]

FACT = "facts."  #: before the name of a scope fact, where it stands beside other keys
_KEYS = ("phase", "track")
_USUAL = {"track": "starter"}  #: where the file says nothing

Choice = dict[str, object]


class ScopeFile:
    """assessment.yaml: what decides which questions are asked, and the level needed."""

    name = "assessment.yaml"

    def __init__(self, folder: Path, bank: Bank) -> None:
        """Touch nothing yet.

        Args:
            folder: of the assessment.
            bank: for the scope facts and their values.
        """
        judge = partial(judged_among, folder=folder, bank=bank)
        self._file = RoundTrip(folder, self.name, Scope, judge=judge, start=_no_file)

    def stored(self) -> dict[str, Choice]:
        """Return what was chosen: phase, track, and each declared fact.

        Raises:
            InvalidInputError: the file is refused; nothing was changed.
        """
        return _held(self._file.read() or {})

    def save(
        self, key: str, choice: Mapping[str, object] | None, *, base: str
    ) -> Saved | Conflict:
        """Save one choice; everything else in the file stays as it is.

        Args:
            key: "phase", "track", or a scope fact as "facts.stakes".
            choice: its `value`; None or an empty one undeclares a fact.
            base: mark of what the caller last knew of this choice.

        Raises:
            InvalidInputError: the file, or what it would become, is refused, or it
                cannot be written; it is as it was.
        """
        if key not in _KEYS and not key.startswith(FACT):
            raise _no_such(key)
        value = (choice or {}).get("value")
        mine: Choice | None = {"value": value} if value else None
        outcome: list[Saved | Conflict] = []

        def edit(data: Data) -> Data | None:
            theirs = _held(data).get(key)
            outcome[:] = [saved_now(self.name, mine)]
            if theirs == mine:
                return None
            if mark_of(theirs) != base:
                outcome[:] = [Conflict(self.name, mark_of(theirs), theirs)]
                return None
            return _with(data, key, value)

        self._file.change(edit)
        return outcome[0]


def _held(data: Data) -> dict[str, Choice]:
    facts = data.get("facts")
    chosen = {key: data.get(key, _USUAL.get(key)) for key in _KEYS}
    if isinstance(facts, Mapping):
        chosen |= {f"{FACT}{fact}": value for fact, value in facts.items()}
    return {key: {"value": value} for key, value in chosen.items() if value}


def _with(data: Data, key: str, value: object) -> Data:
    new = dict(data)
    if key in _KEYS:
        new[key] = value
    else:
        held = data.get("facts")
        facts = dict(held) if isinstance(held, Mapping) else {}
        facts[key.removeprefix(FACT)] = value
        new["facts"] = {fact: value for fact, value in facts.items() if value}
    kept = {key: held for key, held in new.items() if held not in ({}, None)}
    return in_order(kept, list(Scope.model_fields))


def _no_such(key: str) -> InvalidInputError:
    expected = "phase, track, or a scope fact such as facts.stakes"
    do = "choose one of them"
    return InvalidInputError([
        Problem(ScopeFile.name, 0, "", f"the key '{key}'", expected, do)
    ])  # fmt: skip


def _no_file() -> str:
    raise InvalidInputError([
        Problem(ScopeFile.name, 0, "", "no such file", "the one file that is required",
                "run: readybook new")
    ])  # fmt: skip
