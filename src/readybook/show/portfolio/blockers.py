"""What holds most cases back at once, and who owes what to how many of them; pure."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar, get_args

from readybook.model.portfolio import CaseRow, GateTold, Kind, Owed, Portfolio
from readybook.model.words import capital, count, in_words, listed, money_range

_WEEKS_A_MONTH = 52 / 12
#: What begins with these is one thing, whichever case waits for it.
_SHARED = ("permission/", "resource/", "history/", "role/")
_NOBODY = "nobody named"
_Value = TypeVar("_Value")
#: How what is owed moved since a day: owed since, over its date since, of another date
#: than then, or no longer owed.
Moved = Literal["new", "over", "re-dated", "ended"]
MOVED: tuple[Moved, ...] = get_args(Moved)


@dataclass(frozen=True)
class Blocker:
    """Something that one act would end for every case that waits for it."""

    about: str
    what: str
    roles: tuple[str, ...]  #: ids of the roles that unblock it
    cases: tuple[CaseRow, ...]
    ends: int  #: in how many of them the end waits for it in some run of the plan
    runs: float  #: shares of these runs, added up


@dataclass(frozen=True)
class GateCount:
    """One gate over the cases to which it applies."""

    id: str
    title: str
    applies: int
    failed: tuple[CaseRow, ...]
    undecided: tuple[CaseRow, ...]
    roles: tuple[str, ...]  #: whose move it is, the one of most cases in front


@dataclass(frozen=True)
class Debt:
    """What one role owes, and the cases that it frees."""

    role: str | None
    kind: Kind
    about: str
    what: str
    at_once: bool  #: one act frees all of the cases; else each needs its own
    since: dt.date | None  #: the longest
    due: dt.date | None  #: the first
    over: int | None  #: days over that; None: it has no date, or is not over it
    gates: tuple[str, ...]  #: that wait for it, named
    behind: int  #: steps of plans that wait for it
    cases: tuple[CaseRow, ...]
    moved: Moved | None = None  #: how, where two looks are compared

    @property
    def acts(self) -> int:
        """Return how many times it is owed."""
        return 1 if self.at_once else len(self.cases)


def role_titles(portfolio: Portfolio) -> dict[str, str]:
    """Return the title of each role that any case names."""
    return {role: title for row in portfolio.cases for role, title in row.roles.items()}


def role_named(
    role: str | None, titles: Mapping[str, str], cases: Iterable[CaseRow]
) -> str:
    """Return a role by its title, and in how many of these cases nobody holds it."""
    if role is None:
        return _NOBODY
    title = titles.get(role, capital(in_words(role)))
    held = [role not in row.vacant for row in cases]
    if all(held):
        return title
    few = f" in {held.count(False)} of {len(held)}" if any(held) else ""
    return f"{title} (nobody yet{few})"


def waits_of(portfolio: Portfolio) -> list[Blocker]:
    """Return what cases wait for, what delays the end of most of them in front."""
    found: dict[str, list[tuple[CaseRow, str, str | None, float]]] = {}
    for row in portfolio.cases:
        for wait in row.waits:
            found.setdefault(wait.about, []).append(
                (row, wait.what, wait.role, wait.runs)
            )
    blockers = [
        Blocker(
            about=about,
            what=_most(what for _, what, _, _ in told),
            roles=_ranked(role for _, _, role, _ in told),
            cases=tuple(row for row, *_ in told),
            ends=sum(runs > 0 for *_, runs in told),
            runs=round(sum(runs for *_, runs in told), 6),
        )
        for about, told in found.items()
    ]
    return sorted(
        blockers, key=lambda one: (-one.ends, -len(one.cases), -one.runs, one.about)
    )


def gates_of(portfolio: Portfolio) -> list[GateCount]:
    """Return the gates that do not pass everywhere, that of most failures in front.

    Only cases of the bank that most have: in another one an id may ask something else.
    """
    bank = common(portfolio.cases)[0] if portfolio.cases else None
    found: dict[str, list[tuple[CaseRow, GateTold]]] = {}
    for row in portfolio.cases:
        for name, gate in row.gates.items() if row.bank.fingerprint == bank else ():
            found.setdefault(name, []).append((row, gate))
    counted = [
        GateCount(
            id=name,
            title=_most(gate.title for _, gate in told),
            applies=len(told),
            failed=tuple(row for row, gate in told if gate.state == "failed"),
            undecided=tuple(row for row, gate in told if gate.state == "undecided"),
            roles=_ranked(gate.role for _, gate in told if gate.state != "passed"),
        )
        for name, told in found.items()
    ]
    still = [one for one in counted if one.failed or one.undecided]
    return sorted(still, key=lambda g: (-len(g.failed), -len(g.undecided), g.id))


def common(rows: Sequence[CaseRow]) -> tuple[str | None, str]:
    """Return the bank, by its fingerprint, and the track that most cases have."""
    return _most((row.bank.fingerprint, row.track) for row in rows)


def not_comparable(row: CaseRow, usual: tuple[str | None, str]) -> str:
    """Return why a case is judged by other questions than most; "" where it is not."""
    bank, track = usual
    if row.bank.fingerprint != bank:
        return f"not comparable: bank {row.bank.id} {row.bank.version}"
    return "" if row.track == track else f"not comparable: {row.track} track"


def debts_of(portfolio: Portfolio) -> list[Debt]:
    """Return what is owed: what frees many cases at once, what more of them wait for."""
    found: dict[tuple[str | None, Kind, str, str], list[tuple[CaseRow, Owed]]] = {}
    for row in portfolio.cases:
        for owed in row.owed:
            what = "" if owed.about.startswith(_SHARED) else owed.what
            key = (owed.role, owed.kind, owed.about, what)
            found.setdefault(key, []).append((row, owed))
    debts = [
        _debt(role, kind, about, told) for (role, kind, about, _), told in found.items()
    ]
    return sorted(
        debts,
        key=lambda one: (
            not one.at_once, -len(one.cases), -(one.over or 0),
            one.since or dt.date.max, one.role or "", one.about, one.what,
        ),
    )  # fmt: skip


def by_role(debts: Iterable[Debt]) -> list[tuple[str | None, list[Debt]]]:
    """Return debts by role: that with most over the date first, then of most cases."""
    owed: dict[str | None, list[Debt]] = {}
    for debt in debts:
        owed.setdefault(debt.role, []).append(debt)

    def rank(role: str | None) -> tuple[int, int, int, str]:
        cases = {row.name for debt in owed[role] for row in debt.cases}
        return -late(owed[role]), -len(cases), -len(owed[role]), role or ""

    return [(role, owed[role]) for role in sorted(owed, key=rank)]


def late(debts: Iterable[Debt]) -> int:
    """Return how many times something is owed that is over its date."""
    return sum(debt.acts for debt in debts if debt.over)


def moved_since(
    then: tuple[Iterable[Owed], dt.date], now: tuple[Iterable[Owed], dt.date]
) -> Mapping[Moved, tuple[Owed, ...]]:
    """Return what moved of what is owed to a case, by how it did.

    Args:
        then: what was owed on a day, and the day.
        now: what is owed on a later one.
    """
    (before, first), (after, last) = then, now
    found: dict[Moved, list[Owed]] = {word: [] for word in MOVED}
    known = {(one.role, one.kind, one.about): one for one in before}
    for one in after:
        old = known.pop((one.role, one.kind, one.about), None)
        if old is None:
            found["new"].append(one)
        elif one.due != old.due:
            found["re-dated"].append(one)
        elif one.due and first <= one.due < last:
            found["over"].append(one)
    found["ended"] += known.values()
    return {word: tuple(each) for word, each in found.items()}


def _debt(
    role: str | None, kind: Kind, about: str, told: Sequence[tuple[CaseRow, Owed]]
) -> Debt:
    over = [(row.as_of - one.due).days for row, one in told if one.due]
    most = max(over, default=0)
    return Debt(
        role=role,
        kind=kind,
        about=about,
        what=_most(one.what for _, one in told),
        at_once=about.startswith(_SHARED),
        since=min((one.since for _, one in told if one.since), default=None),
        due=min((one.due for _, one in told if one.due), default=None),
        over=most if most > 0 else None,
        gates=tuple(
            dict.fromkeys(
                f"{row.gates[gate].title} ({gate})"
                for row, one in told
                for gate in one.gates
            )
        ),
        behind=sum(one.behind for _, one in told),
        cases=tuple(row for row, _ in told),
    )


class Month(NamedTuple):
    """What a month of waiting costs in some cases, as declared; "" if none says so."""

    amount: str
    of: str  #: in how many of them it is declared; "": in all

    @property
    def told(self) -> str:
        """Return both in one."""
        return ", ".join(filter(None, self))


def month_in(rows: Sequence[CaseRow]) -> Month:
    """Return what a month of waiting costs in all of these cases together."""
    told: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if row.currency and (cost := row.cost_of_delay_per_week):
            told.setdefault(row.currency, []).append((cost.low, cost.high))
    parts = [
        money_range(
            _WEEKS_A_MONTH * sum(low for low, _ in each),
            _WEEKS_A_MONTH * sum(high for _, high in each),
            currency,
        )
        for currency, each in sorted(told.items())
    ]
    number = sum(map(len, told.values()))
    of = f"declared in {number} of {count(len(rows), 'case')}"
    return Month(listed(parts), of if 0 < number < len(rows) else "")


def _ranked(roles: Iterable[str | None]) -> tuple[str, ...]:
    """Return roles, each once, that of most cases in front."""
    counted = Counter(role for role in roles if role)
    return tuple(sorted(counted, key=lambda role: (-counted[role], role)))


def _most(values: Iterable[_Value]) -> _Value:
    """Return the value that is there most often, the first in order of equals."""
    counted = Counter(values)
    return min(counted, key=lambda one: (-counted[one], str(one)))
