"""Tests of the frozen models of an assessment."""

from __future__ import annotations

import datetime as dt

import pytest

from flight_case import DATA_MODEL, flight_assessment
from plans import AS_OF, action
from readybook.model.case import (
    Assessment,
    Asset,
    NotNeeded,
    Resources,
    RoleHolder,
    Signature,
    Stakeholders,
    Withdrawn,
)
from readybook.model.findings import Failures
from samples import assessment, finding, sheet

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


def changed(case, **scope):
    """The small case, with its scope changed."""
    return case.model_copy(update={"scope": case.scope.model_copy(update=scope)})


@pytest.mark.parametrize(("days", "counts"), [(0, True), (1, False)])
def test_what_is_declared_for_later_does_not_count_yet(days, counts):
    """What is not needed, what was withdrawn, and what failed: on its day, not before."""
    small = assessment()
    day = small.as_of + dt.timedelta(days)
    row = NotNeeded(checks=("a", "b"), because="No.", approved_by="owner", on=day)
    gone = Withdrawn(
        check="source-opened", subject="t", because="No.", by="owner", on=day
    )
    failed = [finding("source-opened", "contradicts", subject=name) for name in "tu"]
    late = finding("source-opened", "contradicts", age=-days, subject="v")
    kept = Failures(format=1, kind="failures", readybook="0", findings=(*failed, late))
    case = changed(small, not_needed=(row,), withdrawn=(gone,))
    case = case.model_copy(update={"failures": kept})

    assert set(case.not_needed) == ({"a", "b"} if counts else set())
    assert set(case.stuck("source-opened", "owner")) == (
        {"u", "v"} if counts else {"t", "u"})  # fmt: skip
    assert {"t", "u"} <= set(case.stuck("source-opened", "other"))
    assert case.stuck("fields-present", "owner") == {}
    assert small.stuck("source-opened", "owner") == {}


@pytest.mark.parametrize(
    ("signature", "vouches"),
    [
        (Signature(role="security", team="Them"), True),
        (Signature(role="security", team="TEAM"), False),
        (Signature(role="security"), False),
        (Signature(team="Them"), False),
        (Signature(why="unknown key"), False),
        (None, False),
    ],
)
def test_only_a_signer_of_another_team_vouches(signature, vouches):
    """However a team writes its name, its own word is not another's."""
    signed = {"data": signature} if signature else {}
    case = assessment().model_copy(update={"signatures": signed})

    assert case.vouched_for == (("data",) if vouches else ())


@pytest.mark.parametrize(
    ("kind", "covers", "is_data"),
    [
        ("table", (), True),
        ("category", (), True),
        ("process", ("t",), True),
        ("process", ("u",), False),
        ("model", ("t",), False),
        (None, ("t.a",), True),
        (None, ("t", "u"), True),
        (None, ("u",), False),
        (None, (), False),
    ],
)
def test_asset_is_data_by_its_kind_or_by_what_it_covers(kind, covers, is_data):
    """A table or a field of it, whatever it is called; a model is none."""
    asset = Asset(id="x", what="It", kind=kind, covers=covers)
    held = Stakeholders(format=1, assets=(asset,))
    case = assessment().model_copy(update={"stakeholders": held})

    assert case.data_assets == ((asset,) if is_data else ())
    assert held.standing_for("t.a") == ((asset,) if {"t", "t.a"} & {*covers} else ())


def test_role_is_another_where_somebody_else_speaks_in_it():
    """Who holds it does, else who answered in it; a role of nobody is no voice."""
    held = {"a": ("ann",), "b": ("ann", "bob"), "c": ("bob",), "d": "nobody-yet"}
    rows = [RoleHolder(role=role, held_by=names) for role, names in held.items()]
    register = Stakeholders(format=1, roles=tuple(rows))
    case = assessment({"eve": sheet("e"), "eva": sheet("c"), "dan": sheet("d")})
    case = case.model_copy(update={"stakeholders": register})

    def others(than):
        return [role for role in "abcdef" if case.is_another(role, than)]

    assert others("b") == ["d", "e"]
    assert others("a") == ["b", "c", "d", "e"]
    assert others("f") == ["a", "b", "c", "d", "e"]
    assert [register.status(role) for role in "ade"] == [
        "held", "nobody yet", "not declared"]  # fmt: skip
    assert register.knows("bob", "b")
    assert not register.knows("bob", "a")
    assert not register.knows("eve", "e")


def test_copy_derives_its_own():
    """What was read of the one before says nothing about the one that was changed."""
    before = assessment({"owner-1": sheet()})
    assert [*before.counted_sheets] == ["owner-1"]
    after = before.model_copy(update={"sheets": {}})

    assert after.counted_sheets == {}
    assert before != after
