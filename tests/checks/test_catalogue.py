"""Checks as data: what checks.yaml says is whole, and every finding keeps to it."""

import ast
import datetime as dt
from pathlib import Path

import pytest

import readybook
from readybook.checks.catalogue import (
    CHECKS,
    IN_ASSESSMENT,
    IN_TABLES,
    WHOLES,
    Needed,
    Told,
    checks_of,
    not_measured,
)
from readybook.model.case import Need, NotNeeded
from readybook.model.contract import Selection
from readybook.model.findings import NOTHING
from samples import assessment

SOURCE = Path(readybook.__file__).parent
TODAY = dt.date(2026, 11, 28)


def texts_of(*folders):
    """Return every text in the code of these folders."""
    return {
        node.value
        for folder in folders
        for path in SOURCE.joinpath(folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_check_has_a_function_that_finds_it():
    """A row that no code names would never be measured."""
    assert set(CHECKS) - texts_of("checks", "measure") == set()


def test_a_finding_of_an_unknown_check_is_refused():
    """A function cannot find what the catalogue does not have."""
    with pytest.raises(KeyError, match="no-such-check"):
        Told("no-such-check", "flights", "informs", "It is so.").finding(TODAY)


def test_every_name_of_subjects_is_used_and_known():
    """What a row covers is told by a name that there is, and no name is left over."""
    known = {*IN_TABLES, *IN_ASSESSMENT}

    assert {check.covers for check in CHECKS.values()} == known


def test_field_that_only_finds_rows_is_needed_and_not_compared():
    """What a model learns from is compared, also where it finds rows besides."""
    uses = {"key": "t.id", "time": "t.at", "feature": "t.x", "label": "t.y"}
    needs = [
        Need(id=f"n{at}", what="It", use=use, field=field, ask="owner")
        for at, (use, field) in enumerate(
            [*uses.items(), ("key", "t.x"), ("key", None)]
        )
    ]
    case = assessment()
    scope = case.scope.model_copy(update={"needs": tuple(needs)})
    needed = Needed.of(case.model_copy(update={"scope": scope}))

    assert needed.fields == {*uses.values(), "t.a"}  # which the data model marks
    assert needed.compared == {"t.x", "t.y", "t.a"}


def test_sample_of_live_rows_has_no_history_that_could_step():
    """It is asked whether live rows are like training rows, and nothing of its past."""
    case = assessment()
    (table,) = case.data_model.tables
    dated = {"event_time": "a", "grain": "P1D"}
    sample = table.model_copy(update={"name": "sample", "columns": (), **dated})
    table = table.model_copy(update={"live": Selection(table="sample"), **dated})
    model = case.data_model.model_copy(update={"tables": (table, sample)})
    case = case.model_copy(update={"data_model": model})

    assert CHECKS["steps-declared"].subjects(case) == ("t",)
    assert CHECKS["history-gaps"].subjects(case) == ("t",)
    assert CHECKS["source-opened"].subjects(case) == ("t", "sample")


def test_what_is_needed_and_not_declared_counts_unless_it_is_declared_away():
    """A table without the history needed is open, and told as spared once that is said."""
    case = assessment()
    said = NotNeeded(
        checks=("history-span",), because="A register.", approved_by="owner", on=TODAY
    )
    scope = case.scope.model_copy(update={"not_needed": (said,)})
    spared = case.model_copy(update={"scope": scope, "as_of": TODAY})

    assert CHECKS["history-span"].subjects(case) == ("t",)
    assert CHECKS["history-span"].covered(case) == ()
    assert CHECKS["history-span"].subjects(spared) == ()
    assert CHECKS["history-span"].uncovered(spared) == ("t",)


def test_every_name_of_a_whole_is_used_and_known():
    """What "every" means is told by a name that there is, and no name is left over."""
    assert {check.whole for check in CHECKS.values()} == {*WHOLES, None}


def test_rows_say_what_readers_need():
    """Ids are in order of their evidence; words are there, sentences end."""
    kinds = [check.reads for check in CHECKS.values()]

    assert kinds == sorted(kinds, key=("data contract resources register").index)
    for id_, check in CHECKS.items():
        assert id_ == check.id
        assert check.looks_at.endswith(".")
        assert 2 <= len(check.title.split()) <= 6
        assert check.threshold[-1] != "."
        assert check.shelf_life_days in {90, 180}
    assert {check.reads for check in checks_of("contract")} == {"contract"}


@pytest.mark.parametrize(
    ("given", "unit"),
    [
        ({"value": 3}, "rows"),
        ({"threshold": 1}, "rows"),
        ({"value": 3, "unit": "files"}, "files"),
        ({}, None),
    ],
)
def test_unit_is_the_catalogue_s_where_there_is_an_amount(given, unit):
    """A value or a limit has the check's unit, unless another is given."""
    told = Told("source-opened", "flights", "informs", "Yes.", **given)

    assert told.finding(TODAY).unit == unit


@pytest.mark.parametrize(
    ("judged", "outcome"),
    [
        (True, "supports"),
        (False, "contradicts"),
        (None, "not measured"),
        ("informs", "informs"),
    ],
)
def test_outcome_follows_from_whether_it_is_as_needed(judged, outcome):
    """True, False and not known have one outcome each; the fourth is named."""
    told = Told("data-fresh", "flights", judged, "It is so.")

    assert told.finding(TODAY).outcome == outcome


def test_what_could_not_be_measured_says_why():
    """Nothing was measured, so the finding has no amount, no limit and no content."""
    found = not_measured("data-fresh", "flights", "no clock", measured_on=TODAY)

    assert found.message == "flights was not measured: no clock."
    assert (found.outcome, found.value, found.unit) == ("not measured", None, None)
    assert (found.threshold, found.fingerprint) == (None, NOTHING)


@pytest.mark.parametrize("check", ["history-gaps", "schema-same", "live-like-training"])
def test_choice_of_what_is_looked_at_is_a_limit(check):
    """A grain of months hides days, as a tolerance does; so does a choice of rows."""
    assert CHECKS[check].is_limit(None)
