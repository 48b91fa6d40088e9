"""The lists of many cases as CSV: a row a case, and who owes what."""

import csv
from collections.abc import Iterable, Sequence

from readybook.model.bank import DIMENSIONS
from readybook.model.portfolio import Portfolio
from readybook.model.words import level_range
from readybook.show.portfolio.blockers import (
    Debt,
    common,
    debts_of,
    not_comparable,
    role_titles,
)
from readybook.text.visible import csv_of

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
    "days_over", "cases_freed", "at_once", "cases",
)  # fmt: skip


def portfolio_csv(portfolio: Portfolio) -> str:
    """Return a row for each case, those without a report last."""
    usual = common(portfolio.cases) if portfolio.cases else (None, "full")
    rows: list[Sequence[object]] = [COLUMNS]
    for row in portfolio.cases:
        verdict, cost, then = (
            row.now.verdict,
            row.cost_of_delay_per_week,
            portfolio.before.get(row.name),
        )
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
    titles = role_titles(portfolio)
    rows: list[Sequence[object]] = [OWED]
    for one in debts_of(portfolio) if debts is None else debts:
        vacant = one.role and all(one.role in row.vacant for row in one.cases)
        names = [row.name for row in one.cases]
        rows.append(
            (
                one.role, titles.get(one.role or ""), "yes" if vacant else "no",
                one.kind, " ".join(one.what.split()), one.about, one.since, one.due,
                one.over, len(names), "yes" if one.at_once else "no", "; ".join(names),
            )
        )  # fmt: skip
    return _csv(rows)


def chase_by_role(portfolio: Portfolio) -> dict[str, str]:
    """Return what each role owes as a file of its own, by the role's id."""
    owed: dict[str, list[Debt]] = {}
    for one in debts_of(portfolio):
        if one.role:
            owed.setdefault(one.role, []).append(one)
    return {role: chase_csv(portfolio, owed[role]) for role in sorted(owed)}


def _csv(rows: Iterable[Sequence[object]]) -> str:
    # The mark tells spreadsheets that the file is UTF-8.
    return "\ufeff" + csv_of(rows, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
