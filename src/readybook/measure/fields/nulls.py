"""Are fields filled as far as was declared? Missing values in all and by month."""

from __future__ import annotations

import math

from readybook.measure.fields.fill import Filled, Month, count_filled
from readybook.measure.table.opened import Opened
from readybook.model.contract import Column, NullLimit
from readybook.model.findings import FLOOR, Finding, Outcome
from readybook.model.words import count
from readybook.text.phrases import as_share, floored

__all__ = ["check_nulls"]

#: Standard deviations by which a month must exceed what is usual to be told: one in
#: 700 months does so by chance.
_SIGMAS = 3


def check_nulls(opened: Opened, column: Column) -> Finding:
    """Return the finding about a column's missing values: nulls, NaN and null tokens.

    The value is their share of all rows (or their number, where the limit is a number
    of rows); the limit is declared, by `required` or the quality metric nullValues,
    and holds for the whole table. A month whose share is above both the limit and the
    whole's by more than chance is named. Without a limit there is nothing to compare,
    so the outcome is "not measured"; the message has the share all the same.

    Raises:
        SourceError: the source has no such column, or no row.
    """
    filled = count_filled(opened, column.name)
    limit, subject = column.nulls, f"{opened.name}.{column.name}"
    in_rows = limit is not None and limit.unit == "rows"
    series = filled.series("% null", lambda one: 100 * one.missing / one.rows)
    message = f"{_told(subject, filled)}{_compared(limit)}{_worst(filled, limit)}."
    return opened.find(
        "nulls-tolerated",
        subject,
        _outcome(filled, limit),
        message,
        value=floored(filled.missing) if in_rows else round(filled.share_missing, 6),
        unit="rows" if in_rows else "share of rows",
        threshold=None if limit is None else limit.limit,
        series=(series,),
    )


def _outcome(filled: Filled, limit: NullLimit | None) -> Outcome:
    if limit is None:
        return "not measured"
    # Divided, as a product of the limit would round 29 of 100 to more than 0.29.
    held = filled.missing if limit.unit == "rows" else filled.share_missing
    is_within = held < limit.limit or (limit.allows_limit and held == limit.limit)
    return "supports" if is_within else "contradicts"


def _told(subject: str, filled: Filled) -> str:
    rows = count(filled.rows, "row")
    if not filled.missing:
        return f"{subject} has a value in {'its' if filled.rows == 1 else 'all'} {rows}"
    if filled.missing < FLOOR:
        return f"{subject} has no value in fewer than {FLOOR} of {rows}"
    share = as_share(filled.share_missing)
    return f"{subject} has no value in {filled.missing:,} of {rows} ({share})"


def _compared(limit: NullLimit | None) -> str:
    if limit is None:
        return "; no limit is declared, so this is measured against nothing"
    if not limit.limit:
        return "; none may be missing"
    word = "at most" if limit.allows_limit else "less than"
    if limit.unit == "rows":
        return f"; {word} {count(math.ceil(limit.limit), 'row')} may be so"
    return f"; {word} {as_share(limit.limit)} is tolerated"


def _worst(filled: Filled, limit: NullLimit | None) -> str:
    """Return the month that stands out, in words; "" where none does."""
    if limit is None or limit.unit == "rows":
        return ""
    usual = max(limit.limit, filled.share_missing)

    def stands_out(month: Month) -> bool:
        by_chance = month.rows * usual
        most = by_chance + _SIGMAS * math.sqrt(by_chance * max(0.0, 1 - usual))
        return month.rows >= FLOOR <= month.missing and month.missing > most

    out = [month for month in filled.months if stands_out(month)]
    if not out:
        return ""
    worst = max(out, key=lambda one: one.missing / one.rows)
    return (
        f"; the worst month is {worst.label} ({as_share(worst.missing / worst.rows)})"
    )
