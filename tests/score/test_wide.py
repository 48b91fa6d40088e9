"""Limits that exclude little are told, whoever signed them off."""

import datetime as dt

import pytest

from readybook.model.case import Change, Changes
from readybook.model.contract import Calendar
from readybook.score.wide import wide_limits
from samples import AS_OF, DATA_MODEL, assessment
from samples import finding as bare

HELD = 100  # days
ROWS = 1_000


def finding(check, outcome, *, subject="t", **figures):
    """A finding with its figures."""
    return bare(check, outcome, subject=subject).model_copy(update=figures)


def case(*findings, calendar=None, changes=()):
    """A table of 1,000 rows over 100 days, of which some checks passed."""
    span = finding("history-span", "supports", value=HELD, unit="days", threshold=90)
    told = assessment(findings=[span, *findings])
    measured = told.data.tables[0].model_copy(update={"rows": ROWS})
    table = DATA_MODEL.tables[0].model_copy(update={"calendar": calendar})
    return told.model_copy(
        update={
            "data": told.data.model_copy(update={"tables": (measured,)}),
            "data_model": DATA_MODEL.model_copy(update={"tables": (table,)}),
            "changes": Changes(format=1, changes=tuple(changes)),
        }
    )


@pytest.mark.parametrize(
    ("check", "subject", "limit", "unit", "words"),
    [
        ("nulls-tolerated", "t.a", 0.5, "share of rows", "up to 50 %"),
        ("nulls-tolerated", "t.a", 0.49, "share of rows", ""),
        ("nulls-tolerated", "t.a", 500, "rows", "up to 500 rows"),
        ("nulls-tolerated", "t.a", 499, "rows", ""),
        ("joins-match", "t.a -> u.a", 0.9, "share of rows", "up to 90 %"),
        ("values-in-range", "t.a", 700, "rows", "up to 700 rows"),
        ("label-filled", "t.a", 0.5, "share of rows", "from 50 %"),
        ("label-filled", "t.a", 0.51, "share of rows", ""),
        ("label-delay", "t.a", 100, "days", "up to 100 days"),
        ("label-delay", "t.a", 99, "days", ""),
        ("data-fresh", "t", 36_500, "days", "up to 36,500 days"),
        ("history-gaps", "t", 50, "missing days", "up to 50 missing days"),
        ("history-gaps", "t", 49, "missing days", ""),
        ("history-gaps", "t", 8, "missing weeks", "up to 8 missing weeks"),
        ("history-gaps", "t", 7, "missing weeks", ""),
        ("source-opened", "t", 1, "rows", ""),
        ("types-match", "t.a", "integer", "type", ""),
    ],
)
def test_limit_that_half_of_what_it_judges_may_break_is_told(
    check, subject, limit, unit, words
):
    """Half of the rows, of the periods, or as long as all history; a pass alone hides."""
    passed = finding(check, "supports", subject=subject, value=0, unit=unit,
                     threshold=limit)  # fmt: skip
    failed = passed.model_copy(update={"outcome": "contradicts"})
    told = wide_limits(case(passed))

    assert [one.rpartition(f"{subject}, ")[2] for one in told] == (
        [words] if words else []
    )
    assert wide_limits(case(failed)) == ()


@pytest.mark.parametrize(
    ("closed", "told"),
    [
        ([("2026-01-01", "2026-01-31")], 0),
        ([("2026-01-01", "2026-02-01")], 32),
        ([("2026-01-20", "2026-02-10"), ("2026-01-01", "2026-01-19")], 41),
        ([("2026-01-01", "2026-02-10"), ("2026-01-05", "2026-01-09")], 41),
        ([("2026-01-01", "2026-01-20"), ("2026-01-22", "2026-02-10")], 0),
    ],
)
def test_calendar_that_closes_for_over_a_month_on_end_is_told(closed, told):
    """In however many entries it does so, in whatever order."""
    days = [{"from": first, "to": last} for first, last in closed]
    words = (f"readiness.calendar: t, closed for {told} days on end",) if told else ()

    assert (
        wide_limits(case(calendar=Calendar.model_validate({"closed": days}))) == words
    )


@pytest.mark.parametrize(
    ("weekdays", "is_told"),
    [(["mon", "tue", "wed", "thu"], False), (["mon", "tue", "wed"], True)],
)
def test_calendar_of_few_weekdays_is_told(weekdays, is_told):
    """On the others nothing is missing, whatever is lost."""
    words = ("readiness.calendar: t, open on mon and tue and wed",) if is_told else ()

    assert wide_limits(case(calendar=Calendar(weekdays=tuple(weekdays)))) == words


def weekly(number, table="t"):
    """So many changes, every 15 days back from the day of measuring."""
    return [
        Change(id=f"c{n}", date=AS_OF - dt.timedelta(days=7 + 15 * n), what="It",
               kind="system", tables=(table,) if table else ())
        for n in range(number)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (weekly(3), None),
        (weekly(4), "4 changes, so that a step of t is near one on 60 % of its days"),
        (
            weekly(4, ""),
            "4 changes, so that a step of t is near one on 60 % of its days",
        ),
        (weekly(9), "9 changes, so that a step of t is near one on 100 % of its days"),
        (weekly(9, "u"), None),
    ],
)
def test_changes_that_explain_any_step_are_told(changes, words):
    """A step within a week of one is declared by it."""
    told = wide_limits(case(changes=changes))

    assert told == ((f"changes.yaml: {words}",) if words else ())


def test_nothing_is_told_where_nothing_was_measured():
    """Without history nobody can say what is long."""
    late = finding("label-delay", "supports", subject="t.a", value=0, unit="days",
                   threshold=1e6)  # fmt: skip
    short = assessment(findings=[late])

    assert wide_limits(short) == ()
    assert wide_limits(short.model_copy(update={"data": None})) == ()
