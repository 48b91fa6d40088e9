"""What the contract alone is found to say, and which of several findings counts."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.checks.catalogue import CHECKS
from readybook.checks.failures import still_failing
from readybook.checks.findings import (
    by_subject,
    check_contract,
    check_needs,
    collect_findings,
)
from readybook.model.case import Assessment, Need
from readybook.model.findings import Failures
from readybook.model.words import day
from samples import AS_OF, DATA_MODEL, assessment, days_ago, finding, without


def case(column=None, table=None, **scope):
    """The small case, with its one table and the column of it changed."""
    (held,) = DATA_MODEL.tables
    columns = (held.columns[0].model_copy(update=column or {}),)
    changed = held.model_copy(update={"columns": columns, **(table or {})})
    model = DATA_MODEL.model_copy(update={"tables": (changed,)})
    return assessment(**scope).model_copy(update={"data_model": model})


@pytest.mark.parametrize(
    ("column", "table", "outcome", "message"),
    [
        ({}, {}, "contradicts", "The contract does not say where t.a comes from."),
        ({"origin": "desk"}, {"origin": "tills"}, "supports", "recorded in: desk."),
        ({}, {"origin": "tills"}, "supports", "t.a is first recorded in: tills."),
        ({"made_from": ("x", "y")}, {}, "supports",
         "t.a is made from x, y."),
        ({"definitions": ("url",)}, {}, "supports", "t.a has an authoritative definition."),
    ],
)  # fmt: skip
def test_field_is_traced_by_the_nearest_that_is_said(column, table, outcome, message):
    """The column's own origin, then the table's, then what it is made from."""
    (told,) = check_contract(case(column, table))

    assert (told.check, told.subject) == ("lineage-traced", "t.a")
    assert told.threshold_source == "assessment.yaml: needs"
    assert told.outcome == outcome
    assert told.message.endswith(message)
    assert told.fingerprint == DATA_MODEL.fingerprint
    assert told.measured_on == AS_OF
    assert (told.value, told.threshold) == (int(outcome == "supports"), 1)


def test_need_without_a_field_is_found_nowhere_until_one_is_named():
    """Every field is found only where each need names one; naming it ends the failure."""
    needs = [
        Need(id=f"n{at}", what="A thing", use="feature", ask="owner") for at in (1, 2)
    ]
    bare = case()
    scope = bare.scope.model_copy(update={"needs": tuple(needs)})
    before = bare.model_copy(update={"scope": scope})
    found = check_needs(before)

    assert [(one.subject, one.outcome) for one in found] == [
        ("need n1", "contradicts"),
        ("need n2", "contradicts"),
    ]
    assert found[0].message == "No field is named for n1."
    kept = Failures(
        format=1,
        kind="failures",
        readybook="0.1.0",
        findings=still_failing((), found, bare),
    )
    named = needs[0].model_copy(update={"field": "t.a"})
    scope = scope.model_copy(update={"needs": (named,)})
    after = before.model_copy(update={"scope": scope, "failures": kept})

    (now,) = check_needs(after)
    assert (now.subject, now.outcome) == ("need n1", "supports")
    # The need that is gone goes on failing: nothing was found of it.
    assert [one.subject for one in still_failing(kept.findings, [now], bare)] == [
        "need n2"
    ]


@pytest.mark.parametrize(
    ("target", "end", "outcome", "said"),
    [
        (None, 0, "not measured",
         "and no target date is declared to hold that against."),
        (None, -1, "contradicts", "before the as-of date, 30 June 2026."),
        (-9, 0, "supports", "not before the as-of date, 30 June 2026."),
        (0, 0, "supports", "not before the target date, 30 June 2026."),
        (9, 8, "contradicts", "before the target date, 9 July 2026."),
        (9, 9, "supports", "not before the target date, 9 July 2026."),
        (-9, -1, "contradicts", "before the as-of date, 30 June 2026."),
    ],
)  # fmt: skip
def test_supply_lasts_until_the_target_date(target, end, outcome, said):
    """The last day counts; a target date that has passed does not."""
    days = {"target_date": None if target is None else AS_OF + dt.timedelta(target)}
    told = check_contract(case(table={"expires": AS_OF + dt.timedelta(end)}, **days))[
        -1
    ]

    assert (told.check, told.subject) == ("supply-not-expired", "t")
    assert told.outcome == outcome
    ends = day(AS_OF + dt.timedelta(end))
    assert told.message == f"The term of t ends on {ends}, {said}"
    assert told.threshold_source == "data.odcs.yaml: t readiness.expires"


def test_supply_of_what_nobody_needs_is_not_held_against_it():
    """Whoever says more than is asked, how long another table lasts, loses nothing."""
    held = case()
    (table,) = held.data_model.tables
    other = table.model_copy(
        update={"name": "spare", "columns": (), "expires": days_ago(9)}
    )
    model = held.data_model.model_copy(update={"tables": (table, other)})
    more = held.model_copy(update={"data_model": model})

    assert check_contract(more) == check_contract(held)
    subjects = CHECKS["supply-not-expired"].subjects
    assert subjects(more) == subjects(held)


@pytest.mark.parametrize("target", [None, AS_OF + dt.timedelta(9)])
def test_supply_without_a_last_day_lasts(target):
    """Whoever records the rows himself ends his supply on no day, and says so."""
    told = check_contract(case(table={"expires": "never"}, target_date=target))[-1]

    assert (told.check, told.outcome) == ("supply-not-expired", "supports")
    assert told.message == "The term of t has no last day."
    assert told.value == "never"


def test_nothing_is_found_where_no_contract_is_declared():
    """A contract that is missing contradicts nothing."""
    assert check_contract(without(assessment(), "data_model")) == []


def test_who_declared_what_is_needed_is_named_by_file_and_key(root):
    """Who wants to change it finds it there; or the work that it follows."""
    folder = root / "templates" / "flight-delays"
    bank = load_bank_for(folder)
    found = collect_findings(open_assessment(folder, bank=bank), bank)
    sources = {one.threshold_source for one in found} - {None}
    # A key that may be left out stands in what a file may hold.
    schema = json.dumps(Assessment.model_json_schema())

    assert len(sources) > 50
    for source in sources:
        if source.startswith("rule of thumb"):
            continue
        file, _, rest = source.partition(": ")
        known = (folder / file).read_text("utf-8") + schema
        for key in re.findall(r"[\w-]+", rest):
            assert re.search(rf"\b{key}\b", known), source


def test_newest_finding_of_a_subject_counts():
    """Those of later than the as-of date are not there yet."""
    ages = {"old": 9, "new": 0, "older": 20, "later": -1}
    found = [
        finding("source-opened", "supports", age=age).model_copy(
            update={"message": name}
        )
        for name, age in ages.items()
    ]
    known = collect_findings(assessment(findings=found))

    assert [one.message for one in known if one.check == "source-opened"] == [
        "old", "new", "older"]  # fmt: skip
    assert by_subject(known)["source-opened", "t"].measured_on == days_ago(0)
    twice = [
        finding("source-opened", "supports").model_copy(update={"message": name})
        for name in ("first", "second")
    ]
    assert by_subject(twice)["source-opened", "t"].message == "second"
