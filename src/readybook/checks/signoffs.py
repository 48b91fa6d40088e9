"""Who agreed to which part of the data model, and whether that still holds; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from readybook.checks.agreements import (
    MODEL,
    Content,
    Difference,
    category_lists,
    content_of,
    differences,
    fingerprint_of,
    part_of,
    stem_of,
)
from readybook.checks.assets import standing_for
from readybook.model.case import Assessment
from readybook.model.register import Agreement, SignOff

__all__ = [
    "Cell",
    "SignOffs",
    "Signed",
    "State",
    "each_sign_off",
    "each_wanted",
    "subject_of",
]

#: "not bound": it is not known to which version of the data model.
State = Literal["agreed", "out of date", "missing", "not bound"]
_BEST: tuple[State, ...] = ("agreed", "out of date", "not bound")


@dataclass(frozen=True)
class Signed:
    """One sign-off beside the data model of today."""

    entry: SignOff
    state: State
    changes: tuple[Difference, ...] = ()  #: since; none where nothing was stored
    is_stored: bool = True  #: False: nobody can tell what it covered
    is_gone: bool = False  #: True: the data model has nothing of that name now


@dataclass(frozen=True)
class Cell:
    """How one role stands to one part of the data model."""

    role: str
    covers: str
    state: State
    by: SignOff | None = None  #: the sign-off that says so; None: missing
    changes: tuple[Difference, ...] = ()  #: in this part, since it was agreed


@dataclass(frozen=True)
class SignOffs:
    """The sign-offs of an assessment, as they stood on the as-of date."""

    assessment: Assessment

    @cached_property
    def latest(self) -> tuple[SignOff, ...]:
        """The newest sign-off of each role and part, in the file's order."""
        newest: dict[tuple[str, str], SignOff] = {}
        for entry in self.assessment.stakeholders.sign_offs:
            key = (entry.role, entry.covers)
            old = newest.get(key)
            if entry.on <= self.assessment.as_of and (
                old is None or old.on <= entry.on
            ):
                newest[key] = entry
        return tuple(newest.values())

    @cached_property
    def signed(self) -> tuple[Signed, ...]:
        """Each of them, with what changed since."""
        return tuple(self._signed(entry) for entry in self.latest)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """The roles that have signed something or should sign, in a stable order."""
        return tuple(
            dict.fromkeys(
                [role for role, _ in self.wanted] + [one.role for one in self.latest]
            )
        )

    @cached_property
    def wanted(self) -> tuple[tuple[str, str], ...]:
        """Role and category list of every agreement that the register asks for.

        Whoever is accountable or responsible for an asset that stands for a category
        list, or for its table, says what it is populated with.
        """
        return tuple(
            dict.fromkeys(
                (role, covers)
                for covers in self.category_lists
                for asset in standing_for(covers, self.assessment)
                for role in (*asset.accountable, asset.responsible)
                if role
            )
        )

    @cached_property
    def category_lists(self) -> tuple[str, ...]:
        """The category lists that the data model declares."""
        return category_lists(self.assessment.data_model)

    def cell(self, role: str, covers: str) -> Cell:
        """Return how a role stands to a part: by itself, its table, or all of it.

        A sign-off of more than this part holds for it as long as this part is as it
        was, whatever else changed.
        """
        cells = [
            cell
            for one in self.signed
            if one.entry.role == role and (cell := self._through(one, covers))
        ]
        cells.sort(
            key=lambda c: (_BEST.index(c.state), c.by is None or -c.by.on.toordinal())
        )
        return cells[0] if cells else Cell(role, covers, "missing")

    # --- one sign-off --------------------------------------------------------------

    @cached_property
    def _model(self) -> Content:
        """The whole data model of today, of which each agreement is a part."""
        return content_of(self.assessment.data_model)

    def _stored(self, entry: SignOff) -> Agreement | None:
        if entry.fingerprint is None:
            return None
        stored = self.assessment.agreements.get(stem_of(entry.fingerprint))
        return stored if stored and stored.covers == entry.covers else None

    def _signed(self, entry: SignOff) -> Signed:
        now, stored = part_of(self._model, entry.covers), self._stored(entry)
        gone, kept = now is None, stored is not None
        if entry.fingerprint is None:
            return Signed(entry, "not bound", is_stored=False, is_gone=gone)
        if now is not None:
            today = Agreement(format=1, covers=entry.covers, content=now)
            if fingerprint_of(today) == entry.fingerprint:
                return Signed(entry, "agreed", is_stored=kept)
        since = differences(stored.content, now or {}) if stored else ()
        return Signed(entry, "out of date", since, is_stored=kept, is_gone=gone)

    def _through(self, whole: Signed, covers: str) -> Cell | None:
        """Return what a sign-off says of a part that it covers; None: nothing."""
        entry = whole.entry
        if entry.covers not in {covers, covers.partition(".")[0], MODEL}:
            return None
        stored = self._stored(entry)
        if whole.state == "agreed" or stored is None:
            return Cell(entry.role, covers, whole.state, entry)
        then = part_of(stored.content, covers)
        if then is None:
            return None  # the part is newer than the agreement
        changes = differences(then, part_of(self._model, covers) or {})
        state: State = "out of date" if changes else "agreed"
        return Cell(entry.role, covers, state, entry, changes)


def subject_of(role: str, covers: str) -> str:
    """Return the name that findings about an agreement carry."""
    return f"{role}/{covers}"


def _subjects(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(subject_of(role, covers) for role, covers in pairs)


def each_sign_off(assessment: Assessment) -> tuple[str, ...]:
    """Return "role/part" of every sign-off."""
    return _subjects((one.role, one.covers) for one in SignOffs(assessment).latest)


def each_wanted(assessment: Assessment) -> tuple[str, ...]:
    """Return "role/table.field" of every agreement that is wanted.

    A category list that no asset stands for is named without a role: nobody knows who
    has to agree to it.
    """
    all_of_it = SignOffs(assessment)
    named = {covers for _, covers in all_of_it.wanted}
    nobody = [one for one in all_of_it.category_lists if one not in named]
    return (*_subjects(all_of_it.wanted), *nobody)
