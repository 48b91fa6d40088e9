"""The lists of cases: a row a case as CSV; who owes what for every reader."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from readybook.model.bank import DIMENSIONS
from readybook.model.portfolio import Portfolio
from readybook.model.words import (
    as_list,
    capital,
    count,
    day,
    level_range,
    listed,
    sentence,
)
from readybook.show.kit.fragment import narrow
from readybook.show.portfolio.blockers import (
    Debt,
    Moved,
    by_role,
    common,
    debts_of,
    not_comparable,
    role_named,
    role_titles,
)
from readybook.text.visible import csv_of

_MOST = 3  #: gates or cases that a text names before it counts the rest
COLUMNS = (
    "case", "title", "team", "unit", "phase", "track", "as_of", "verdict_at_worst",
    "verdict_at_best", "headline", *(f"level_{name.lower()}" for name in DIMENSIONS),
    "gates", "gates_failed", "gates_undecided", "p50", "p80", "p90",
    "steps_without_lead_time", "currency", "cost_of_delay_per_week_low",
    "cost_of_delay_per_week_high", "oldest_proof_until", "untouched_since",
    "headline_before", "not_comparable", "failed",
)  # fmt: skip
OWED = (
    "role", "role_title", "nobody_holds_it", "kind", "what", "about", "since", "due",
    "days_over", "cases_freed", "at_once", "cases", "gates", "steps_behind",
)  # fmt: skip


def portfolio_csv(portfolio: Portfolio) -> str:
    """Return a row for each case, those without a report last."""
    usual = common(portfolio.cases) if portfolio.cases else (None, "full")
    rows: list[Sequence[object]] = [COLUMNS]
    for row in portfolio.cases:
        verdict, cost = row.now.verdict, row.cost_of_delay_per_week
        then = portfolio.before.get(row.name)
        rows.append(
            (
                row.name, row.title, row.team, row.unit, row.phase, row.track, row.as_of,
                verdict.lower, verdict.upper, row.now.headline,
                *(level_range(row.now.levels.get(name)) for name in DIMENSIONS),
                len(row.gates), " ".join(row.now.failed), " ".join(row.now.undecided),
                row.ready.p50, row.ready.p80, row.ready.p90, len(row.ready.undated),
                row.currency, cost and cost.low, cost and cost.high, row.proof_lapses,
                row.touched, then and then.headline, not_comparable(row, usual), "",
            )
        )  # fmt: skip
    nothing = [""] * (len(COLUMNS) - 2)
    rows += [(one.name, *nothing, one.why) for one in portfolio.failed]
    return _csv(rows)


def chase_csv(portfolio: Portfolio, debts: Iterable[Debt] | None = None) -> str:
    """Return a row for each thing that is owed; of these debts, or of all."""
    told = chase_json(portfolio, debts_of(portfolio) if debts is None else debts)
    columns = [*OWED, *(["moved"] if any("moved" in one for one in told) else [])]
    rows = [[_cell(one[key]) for key in columns] for one in told]
    return _csv([columns, *rows])


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(value) if isinstance(value, list) else value


def chase_json(portfolio: Portfolio, debts: Iterable[Debt]) -> list[dict[str, object]]:
    """Return what is owed for programs, by the names of `OWED`."""
    titles, told = role_titles(portfolio), list[dict[str, object]]()
    for one in debts:
        is_vacant = bool(one.role) and all(one.role in row.vacant for row in one.cases)
        values = (
            one.role, titles.get(one.role or ""), is_vacant, one.kind,
            " ".join(one.what.split()), one.about, one.since and f"{one.since}",
            one.due and f"{one.due}", one.over, len(one.cases), one.at_once,
            [row.name for row in one.cases], [*one.gates], one.behind,
        )  # fmt: skip
        moved = {"moved": one.moved} if one.moved else {}
        told.append({**dict(zip(OWED, values, strict=True)), **moved})
    return told


#: What stands above what moved in each way.
_MOVED: Mapping[Moved | None, str] = {
    None: "", "new": "New", "over": "Over its date since", "re-dated": "Another date",
    "ended": "No longer owed",
}  # fmt: skip


def chase_text(portfolio: Portfolio, debts: Sequence[Debt]) -> str:
    """Return what is owed for a terminal or a mail, a role each.

    Those with most over the date stand first; "" where nothing is owed.
    """
    titles, lines = role_titles(portfolio), list[str]()
    has_many = len(portfolio.cases) > 1
    for role, owed in by_role(debts):
        cases = {row.name: row for debt in owed for row in debt.cases}
        lines += ["", role_named(role, titles, cases.values())]
        for moved, heading in _MOVED.items():
            mine = [debt for debt in owed if debt.moved == moved]
            lines += [f"  {heading}:"] if heading and mine else []
            for debt in mine:
                lines.append(f"  - {sentence(debt.what)} {_how_owed(debt)}")
                lines += [f"    {one}" for one in _behind(debt, has_many=has_many)]
    return narrow(lines[1:]) if lines else ""


def _how_owed(debt: Debt) -> str:
    """Return what kind of thing is owed, since when, until when, and how long over."""
    told: list[str] = [debt.kind]
    told += [f"since {day(debt.since)}"] if debt.since else []
    told += [f"due {day(debt.due)}"] if debt.due else []
    told += [f"{count(debt.over, 'day')} over"] if debt.over else []
    return f"{capital(', '.join(told))}."


def _behind(debt: Debt, *, has_many: bool) -> Iterator[str]:
    """Yield what waits for it, and of more cases than one in which."""
    named = ("its gate" if name == debt.what else name for name in debt.gates)
    waiting = [*islice(named, _MOST)]
    rest = len(debt.gates) - _MOST
    waiting += [count(rest, "more gate")] if rest > 0 else []
    waiting += [count(debt.behind, "step")] if debt.behind else []
    if waiting and debt.moved != "ended":
        yield f"Waits for it: {listed(waiting)}."
    if has_many:
        yield f"In {as_list([row.name for row in debt.cases], _MOST)}."


def chase_by_role(portfolio: Portfolio) -> dict[str, str]:
    """Return what each role owes as a file of its own, by the role's id."""
    owed = {role: debts for role, debts in by_role(debts_of(portfolio)) if role}
    return {role: chase_csv(portfolio, owed[role]) for role in sorted(owed)}


def _csv(rows: Iterable[Sequence[object]]) -> str:
    # The mark tells spreadsheets that the file is UTF-8.
    return "\ufeff" + csv_of(rows, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
