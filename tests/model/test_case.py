"""Tests of the frozen models of an assessment."""

from __future__ import annotations

import datetime as dt

import pytest

from flight_case import DATA_MODEL, flight_assessment
from plans import AS_OF, action
from readybook.model.case import Assessment, Resources

BEFORE, AFTER = AS_OF - dt.timedelta(days=30), AS_OF + dt.timedelta(days=30)


def test_absent_documents_are_empty_and_not_declared():
    """Nobody has to ask whether there is a file to read what it may hold."""
    bare = flight_assessment(
        data_model=None, resources=None, stakeholders=None, actions=None, changes=None
    )

    assert bare.data_model.tables == ()
    assert (bare.resources.resources, bare.resources.route) == ((), None)
    assert (bare.stakeholders.roles, bare.actions.actions) == ((), ())
    assert (bare.changes.changes, bare.agreed.settled) == ((), {})
    assert bare.declared == frozenset()


def test_what_is_declared_as_empty_differs_from_what_is_not_declared():
    """A file that lists nothing was written by somebody."""
    empty = flight_assessment(resources=Resources(format=1), actions=None)

    assert "resources" in empty.declared
    assert "actions" not in empty.declared
    assert empty.data_model == DATA_MODEL


def test_an_empty_document_is_kept_when_an_assessment_is_written():
    """A milestone remembers which files there were, in the order of the fields."""
    empty = flight_assessment(resources=Resources(format=1), actions=None)
    written = empty.model_dump(mode="json", exclude_defaults=True)
    read = Assessment.model_validate_json(empty.model_dump_json(exclude_defaults=True))

    assert written["resources"] == {"format": 1}
    assert "actions" not in written
    assert [name for name in Assessment.model_fields if name in written] == [*written]
    assert read == empty
    assert read.declared == empty.declared


@pytest.mark.parametrize(
    ("given_", "state"),
    [
        ({}, "proposed"),
        ({"accepted_on": BEFORE}, "accepted"),
        ({"accepted_on": AFTER}, "proposed"),
        ({"accepted_on": BEFORE, "started_on": BEFORE}, "under way"),
        ({"accepted_on": BEFORE, "started_on": AFTER}, "accepted"),
        ({"accepted_on": AS_OF}, "accepted"),
        ({"accepted_on": AS_OF, "started_on": AS_OF}, "under way"),
        ({"state": "done", "done_on": AS_OF}, "done"),
        ({"accepted_on": BEFORE, "due": BEFORE}, "late"),
        ({"accepted_on": BEFORE, "due": AS_OF}, "accepted"),
        ({"state": "done", "done_on": BEFORE, "due": BEFORE}, "done"),
        ({"state": "done", "done_on": AFTER}, "proposed"),
        ({"state": "done"}, "done"),
        ({"state": "dropped"}, "dropped"),
    ],
)
def test_state_of_an_action_is_that_of_the_day(given_, state):
    """What is dated later had not happened yet."""
    assert action("a", **given_).state_on(AS_OF) == state
    assert action("a", **given_).is_open_on(AS_OF) == (state not in {"done", "dropped"})
