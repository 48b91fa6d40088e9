"""What ends that something failed: a pass that is asked no less, or a withdrawal."""

from __future__ import annotations

import datetime as dt

import pytest

from readybook.checks.catalogue import Told
from readybook.checks.failures import asked, loosened, replaces, still_failing
from readybook.checks.findings import by_subject
from readybook.checks.sign_offs import SignOffs
from readybook.model.case import Withdrawn
from readybook.model.contract import Calendar, Category, Relationship
from readybook.model.findings import DataEvidence, Failures, Series
from readybook.score.claims import check_results
from samples import AS_OF, DATA_MODEL, assessment, finding, question

TODAY = dt.date(2026, 11, 28)


def model_of(column=None, table=None):
    """The small data model, with its one table and the column of it changed."""
    (held,) = DATA_MODEL.tables
    columns = (held.columns[0].model_copy(update=column or {}),)
    changed = held.model_copy(update={"columns": columns, **(table or {})})
    return DATA_MODEL.model_copy(update={"tables": (changed,)})


def declared(column=None, table=None):
    """The case of nothing measured with that data model."""
    return assessment().model_copy(update={"data_model": model_of(column, table)})


def case(failed, now, model=DATA_MODEL, **scope):
    """A case in which something failed before, and something was found now."""
    data = DataEvidence(
        format=1, kind="data", readybook="0", measured_on=AS_OF, tables=(),
        findings=(now,),
    )  # fmt: skip
    kept = Failures(format=1, kind="failures", readybook="0", findings=failed)
    held = assessment(**scope)
    return held.model_copy(update={"data": data, "failures": kept, "data_model": model})


def outcomes(held, check):
    """The outcomes that count for a question of the role "owner"."""
    bound = question("AVL-01", checks=[(check, 3, 1)])
    found = by_subject(held.data.findings)
    (result,) = check_results(bound, held, found, SignOffs(held), AS_OF)
    return {one.outcome for one in result.findings}


@pytest.mark.parametrize(
    ("check", "before", "now", "is_gone"),
    [
        ("memory-enough", (8, False), (8, True), True),
        ("memory-enough", (8, False), (16, True), True),
        ("memory-enough", (8, False), (4, True), False),
        ("memory-enough", (8, False), (4, False), True),
        ("memory-enough", (8, False), (8, None), False),
        ("lead-time-met", (5, False), (20, True), False),
        ("lead-time-met", (5, False), (4, True), True),
        ("permission-granted", ("2026-12-01", False), ("2026-11-01", True), True),
    ],
)
def test_failure_goes_when_its_subject_passes_what_it_failed(
    check, before, now, is_gone
):
    """To need less of a machine is no pass."""
    failed, found = (
        Told(check, "it", judged, "So.", threshold=threshold).finding(TODAY)
        for threshold, judged in (before, now)
    )

    assert replaces(found, failed, DATA_MODEL) == is_gone
    assert not replaces(None, failed, DATA_MODEL)


def test_older_pass_does_not_replace_a_failure():
    """A failure is what was found last."""
    was = TODAY - dt.timedelta(days=1)
    passed = Told("keys-unique", "t.id", "supports", "So.").finding(was)
    failed = Told("keys-unique", "t.id", "contradicts", "No.").finding(TODAY)

    assert not replaces(passed, failed, DATA_MODEL)


def test_what_failed_fails_until_it_has_passed_since():
    """Without its figures, which are of no use for that; in sorted order."""
    points = (Series(name="month", unit="rows", points=()),)
    opened, keys, fields = (
        finding(check, "contradicts", age=9)
        for check in ("source-opened", "keys-unique", "fields-present")
    )
    now = finding("types-match", "contradicts", subject="t.a")
    now = now.model_copy(update={"series": points})
    since = [
        finding("keys-unique", "supports", age=8),
        finding("fields-present", "supports", age=10),
        finding("joins-match", "supports", subject="x"),
        now,
    ]

    assert still_failing([opened, keys, fields], since, assessment()) == (
        fields, opened, now.model_copy(update={"series": ()}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("check", "value", "limits", "rows", "stays"),
    [
        ("nulls-tolerated", 0.06, (0.05, 0.1), "other", True),
        ("nulls-tolerated", 0.04, (0.05, 0.1), "other", False),
        ("label-filled", 0.88, (0.95, 0.85), "other", True),
        ("label-filled", 0.96, (0.95, 0.85), "other", False),
        # how many rows are tolerated follows from how many there are
        ("values-declared", 40, (33, 50), "other", False),
        ("values-declared", 40, (33, 50), "data", True),
        ("types-match", "text", ("integer", "text"), "data", False),
    ],
)
def test_failure_stays_where_only_its_limit_was_loosened(
    check, value, limits, rows, stays
):
    """Until the data meets what was asked before, or its authority withdraws it."""
    said = {"value": value, "unit": "rows" if check == "values-declared" else None}
    failed = finding(check, "contradicts", age=11, subject="t.a").model_copy(
        update=said | {"threshold": limits[0], "fingerprint": f"sha256:{rows}"}
    )
    now = finding(check, "supports", subject="t.a").model_copy(
        update=said | {"threshold": limits[1]}
    )

    kept = still_failing([failed], [now], assessment())
    assert bool(kept) == stays
    held = case(kept, now)
    assert [*loosened(held)] == ([(failed, now)] if stays else [])
    assert ("contradicts" in outcomes(held, check)) == stays
    gone = Withdrawn(
        check=check, subject="t.a", because="So.", by=question("AVL-01").authority,
        on=AS_OF,
    )  # fmt: skip
    scope = held.scope.model_copy(update={"withdrawn": (gone,)})
    assert "contradicts" not in outcomes(
        held.model_copy(update={"scope": scope}), check
    )


def categories(*names, least=1):
    return {"categories": tuple(Category(value=n, min_rows=least) for n in names)}


@pytest.mark.parametrize(
    ("check", "column", "table", "less", "more"),
    [
        ("categories-populated", categories("x", "y"), {}, categories("x"),
         categories("x", "y", "z")),
        ("categories-populated", categories("x", least=5), {}, categories("x", least=4),
         categories("x", least=6)),
        ("values-declared", categories("x"), {}, categories("x", "y"), {}),
        ("values-in-range", {"minimum": 0.0}, {}, {"minimum": -1.0}, {"minimum": 1.0}),
        ("values-in-range", {"minimum": 0.0}, {}, {}, {"minimum": 0.0, "maximum": 9.0}),
        ("values-in-range", {"below": 5.0}, {}, {"below": 6.0}, {"below": 4.0}),
        ("values-in-range", {}, {}, {"null_tokens": ("500",)}, {"required": True}),
        ("values-declared", categories("x"), {},
         {**categories("x"), "null_tokens": ("y",)}, categories("x")),
        ("keys-unique", {}, {"keys": (("a",),)}, {"null_tokens": ("7",)}, {}),
        ("sentinels-absent", {"minimum": 0.0}, {}, {"minimum": -999.0},
         {"minimum": 0.0, "null_tokens": ("-999",)}),
        ("label-delay", {"label_known": "b"}, {}, {"label_known": "a"},
         {"label_known": "b", "label_delay": "P1D"}),
    ],
)  # fmt: skip
def test_failure_of_a_column_stays_where_less_is_asked_of_other_rows(
    check, column, table, less, more
):
    """What was asked stands in the list, so that other rows do not hide that it is less."""
    failed = finding(check, "contradicts", age=15, subject="t.a")
    (kept,) = still_failing((), [failed], declared(column, table))
    # Looked at once more with less, it still knows what was asked first.
    (kept,) = still_failing([kept], [failed], declared(less, table))
    now = finding(check, "supports", subject="t.a").model_copy(
        update={"fingerprint": "sha256:other"}
    )

    for changed, is_gone in ((column, True), (less, False), (more, True)):
        assert replaces(now, kept, model_of(changed, table)) == is_gone


@pytest.mark.parametrize(
    "less",
    [{"grain": "P1M"}, {"calendar": Calendar(weekdays=("mon",))},
     {"min_rows": 1}, {"segments": ()}],
)  # fmt: skip
def test_failure_of_gaps_stays_where_fewer_periods_are_looked_at(less):
    """Longer periods, closed days, fewer rows and fewer segments hide a gap."""
    table = {"grain": "P1D", "min_rows": 2, "segments": ("a",)}
    failed = finding("history-gaps", "contradicts", age=15, subject="t")
    (kept,) = still_failing((), [failed], declared(table=table))
    now = finding("history-gaps", "supports", subject="t").model_copy(
        update={"fingerprint": "sha256:other"}
    )

    assert replaces(now, kept, model_of(table=table))
    assert not replaces(now, kept, model_of(table=table | less))


@pytest.mark.parametrize(
    ("check", "column", "table"),
    [("steps-declared", {"type": "string"}, {}),
     ("steps-declared", {}, {"keys": (("a",),)}),
     ("steps-declared", {"name": "b"}, {}),
     ("steps-declared", {}, {"segments": ()}),
     ("steps-declared", {}, {"calendar": Calendar(weekdays=("mon",))}),
     ("steps-declared", {}, {"event_time": "a"}),
     ("schema-same", {"name": "b"}, {}),
     ("data-fresh", {}, {"event_time": "a"}),
     ("history-span", {}, {"event_time": "a"})],
)  # fmt: skip
def test_failure_of_a_table_stays_where_less_of_it_is_looked_at(check, column, table):
    """What a step, or a field that live rows lack, was found in has to be looked at."""
    of = {"type": "integer", "categories": ()}
    then = {"segments": ("s",), "event_time": "t", "grain": None, "keys": ()}
    failed = finding(check, "contradicts", age=15, subject="t")
    (kept,) = still_failing((), [failed], declared(of, then))
    now = finding(check, "supports", subject="t").model_copy(
        update={"fingerprint": "sha256:other"}
    )

    more = model_of(of, then | {"grain": "P1D", "history_needed": "P1Y"})
    assert replaces(now, kept, more)
    assert not replaces(now, kept, model_of(of | column, then | table))


def test_what_a_table_has_one_of_is_asked_as_it_was_first():
    """What failed by one column, and by another one since, can be asked by the first."""
    failed = finding("data-fresh", "contradicts", age=15, subject="t")
    (kept,) = still_failing((), [failed], declared(table={"event_time": "first"}))
    (kept,) = still_failing([kept], [failed], declared(table={"event_time": "second"}))
    now = finding("data-fresh", "supports", subject="t").model_copy(
        update={"fingerprint": "sha256:other"}
    )

    assert replaces(now, kept, model_of(table={"event_time": "first"}))
    assert not replaces(now, kept, model_of(table={"event_time": "second"}))


def test_failure_of_a_join_stays_where_its_lost_keys_are_called_none():
    """Rows without a value find no partner, and need none."""
    join = Relationship(table="t", columns=("a",), to_table="u", to_columns=("a",))
    failed = finding("joins-match", "contradicts", age=15, subject=join.subject)
    (kept,) = still_failing((), [failed], declared())
    now = finding("joins-match", "supports", subject=join.subject).model_copy(
        update={"fingerprint": "sha256:other"}
    )

    assert replaces(now, kept, model_of())
    assert not replaces(now, kept, model_of({"null_tokens": ("south",)}))


def test_values_of_a_restricted_column_are_not_kept():
    """The list is shared with the evidence, which has counts of them alone."""
    model = model_of(categories("secret") | {"restricted": True})
    told = asked(finding("categories-populated", "contradicts", subject="t.a"), model)

    assert [*told.values()] == [1]
    assert "secret" not in str(told)
