"""What is taken out of a case is told."""

import pytest

from readybook.checks.sign_offs import agreement_on, fingerprint_of, stem_of
from readybook.model.case import (
    Account,
    Decision,
    Decisions,
    GateException,
    Need,
    Reply,
    Resource,
    ResourceNeeds,
    Resources,
    RoleHolder,
    Route,
    Settled,
    SignOff,
    Stakeholders,
)
from readybook.model.contract import Calendar, Category, Column, Relationship, Server
from readybook.score.freeze import freeze
from readybook.score.removed import removed_since, turned
from readybook.score.score import score
from samples import (
    AS_OF,
    DATA_MODEL,
    answer,
    assessment,
    bank,
    confirmation,
    finding,
    question,
    sheet,
)

REGISTER = Stakeholders(
    format=1,
    roles=(RoleHolder(role="owner", held_by=("ann",)),),
    sign_offs=(SignOff(role="other", covers="model", on=AS_OF),),
)
WHOLE = assessment(
    {"ann": sheet(answers={"AVL-01": answer(3)})},
    findings=[finding("source-opened", "contradicts")],
).model_copy(update={"stakeholders": REGISTER})


def test_nothing_is_gone_from_a_case_that_grew():
    """An answer, a need and a sheet more take nothing away."""
    need = Need(id="b", what="B", use="feature", ask="owner")
    scope = WHOLE.scope.model_copy(update={"needs": (*WHOLE.scope.needs, need)})
    grown = {
        "scope": scope,
        "sheets": WHOLE.sheets | {"bob": sheet("other", {"AVL-02": answer(1)})},
    }

    assert removed_since(WHOLE, WHOLE) == ()
    assert removed_since(WHOLE, WHOLE.model_copy(update=grown)) == ()


def test_evidence_register_needs_and_answers_that_are_gone_are_named():
    """Whatever could hide a failure."""
    bare = WHOLE.model_copy(
        update={
            "data": None,
            "stakeholders": Stakeholders(format=1),
            "scope": WHOLE.scope.model_copy(update={"needs": ()}),
            "sheets": {},
        }
    )

    assert removed_since(WHOLE, bare) == (
        "1 evidence file (data)",
        "1 measured subject (source-opened of t)",
        "1 need (a)",
        "2 entries of the register (role owner, sign-off of model by other)",
        "1 answer (AVL-01 by owner)",
    )


def test_promise_that_was_loosened_is_gone():
    """The old value is not promised any more."""
    (table,) = DATA_MODEL.tables
    column = table.columns[0].model_copy(update={"required": True})
    strict = DATA_MODEL.model_copy(
        update={
            "tables": (
                table.model_copy(update={"columns": (column, *table.columns[1:])}),
            )
        }
    )
    then = WHOLE.model_copy(update={"data_model": strict})

    (told,) = removed_since(then, WHOLE)
    assert told.startswith("1 promise of the data model")


def declaring(*columns, **update):
    """The case, with one table of these columns and keys; nothing was ever measured."""
    (table,) = DATA_MODEL.tables
    tables = (table.model_copy(update={"columns": columns, **update}),)
    model = DATA_MODEL.model_copy(update={"tables": tables})
    return WHOLE.model_copy(update={"data": None, "data_model": model})


_A, _B = (
    Column(name=name, categories=tuple(Category(value=one, label="L") for one in "xyz"))
    for name in "ab"
)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (declaring(_A, _B.model_copy(update={"categories": _B.categories[:1]})),
         ("2 of 3 categories of t.b (y, z)",)),
        (declaring(_A, Column(name="b")), ("3 of 3 categories of t.b (x, y, z)",)),
        (declaring(_A), ("3 of 3 categories of t.b (x, y, z)",
                         "1 promise of the data model (t.b)")),
        (declaring(_A, _B, keys=(("b",), ("a", "b"))), ("1 of 1 keys of t (a)",)),
        (declaring(_A, _B, keys=()), ("1 of 1 keys of t (a)",)),
    ],
)  # fmt: skip
def test_list_with_fewer_entries_is_told_with_how_many_it_had(now, told):
    """What was never measured, too; of what is gone as a whole no part is told."""
    then = declaring(_A, _B)

    assert removed_since(then, now) == told
    assert removed_since(kept_in_a_milestone(then), now) == told


def test_values_of_a_restricted_column_are_counted_and_not_named():
    """As anywhere else."""
    secret = _A.model_copy(update={"restricted": True})
    fewer = secret.model_copy(update={"categories": secret.categories[:2]})

    told = removed_since(declaring(secret), declaring(fewer))

    assert told == ("1 of 3 categories of t.a",)


def signed(case, *covers):
    """The case, in which the data owner agreed to these parts as they are now."""
    kept = [agreement_on(case.data_model, one) for one in covers]
    marks = [fingerprint_of(one) for one in kept]
    entries = tuple(
        SignOff(role="other", covers=part, on=AS_OF, fingerprint=mark)
        for part, mark in zip(covers, marks, strict=True)
    )
    return case.model_copy(
        update={
            "stakeholders": REGISTER.model_copy(update={"sign_offs": entries}),
            "agreements": dict(zip(map(stem_of, marks), kept, strict=True)),
        }
    )


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ((_A, _B.model_copy(update={"required": True})), ()),
        (
            (_A.model_copy(update={"categories": _A.categories[1:]}), _B),
            ("sign-off of t.a by other void: t.a: category x was removed",),
        ),
        ((Column(name="a"), _B), ("sign-off of t.a by other void: not declared any more",)),
    ],
)  # fmt: skip
def test_sign_off_that_holds_no_longer_is_told_with_why(columns, told):
    """It stands in the register as it did; what it was given for is another thing."""
    then = signed(declaring(_A, _B), "t.a")
    now = then.model_copy(update={"data_model": declaring(*columns).data_model})

    for before in (then, kept_in_a_milestone(then)):
        found = [one for one in removed_since(before, now) if "sign-off" in one]
        assert tuple(found) == told
    assert removed_since(now, now) == ()


_JOIN = Relationship(table="t", columns=("a",), to_table="u", to_columns=("a",))


@pytest.mark.parametrize(
    ("usual", "loose", "told"),
    [
        ({}, {"gaps_tolerated": 3}, "no gap of t"),
        ({}, {"calendar": Calendar(weekdays=("mon",))}, "every day of t"),
        (
            {"relationships": (_JOIN,)},
            {"relationships": (_JOIN.model_copy(update={"orphans_tolerated": 0.5}),)},
            "relationships t.a -> u.a no orphan of t",
        ),
        *[
            (
                {
                    "columns": (
                        Column(name="a", categories=(Category(value="x", **then),)),
                    )
                },
                {
                    "columns": (
                        Column(name="a", categories=(Category(value="x", **now),)),
                    )
                },
                told,
            )
            for then, now, told in [
                ({}, {"min_rows": 0}, "categories x any row of t.a"),
                ({}, {"min_rows": 9}, ""),
            ]
        ],
    ],
)
def test_promise_that_is_lowered_below_its_default_is_gone(usual, loose, told):
    """Nobody had to say it, and it held; one that is raised is no loss."""
    (table,) = DATA_MODEL.tables
    before, after = (
        WHOLE.model_copy(
            update={
                "data_model": DATA_MODEL.model_copy(
                    update={"tables": (table.model_copy(update=one),)}
                )
            }
        )
        for one in (usual, loose)
    )
    expected = (f"1 promise of the data model ({told})",) if told else ()

    assert removed_since(before, after) == expected


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ({"phase": "production"}, {"phase": "pilot"}, "1 premise (phase production)"),
        ({"phase": "pilot"}, {"phase": "production"}, ""),
        ({"track": "full"}, {"track": "starter"}, "1 premise (track full)"),
        ({"track": "starter"}, {"track": "full"}, ""),
        (
            {"facts": {"stakes": "high"}},
            {"facts": {"stakes": "low"}},
            "1 premise (stakes high)",
        ),
        ({"facts": {}}, {"facts": {"stakes": "low"}}, ""),
    ],
)
def test_premise_that_asks_for_less_is_told(then, now, told):
    """Phase, track and facts: what the verdict was asked for is not asked any more."""
    before, after = (
        WHOLE.model_copy(update={"scope": WHOLE.scope.model_copy(update=one)})
        for one in (then, now)
    )

    assert removed_since(before, after) == ((told,) if told else ())


def test_need_that_was_lowered_is_gone():
    """A machine that needs less is told with what it needed."""
    before, after = (
        WHOLE.model_copy(update={"resources": Resources(format=1, resources=(row,))})
        for row in (
            Resource(
                id="node", what="It", kind="compute", needs=ResourceNeeds(cpus=one)
            )
            for one in (4.0, 2.0)
        )
    )

    assert removed_since(before, after) == (
        "1 resource or need of one (cpus 4 of node)",
    )


NODE = Resource(
    id="node", what="It", kind="account", expires=AS_OF,
    account=Account(provider="aws", id="000000004412", profile="mine"),
)  # fmt: skip
SEEN = sheet("other", {}, {"AVL-01": confirmation(1)})
ROOM = Settled(answer=1, because="So.", present=("owner", "other"), date=AS_OF)


@pytest.mark.parametrize(
    ("then", "told"),
    [
        (
            {"resources": Resources(format=1, resources=(NODE,))},
            "3 resources or needs of them (account …4412 of node, expires",
        ),
        (
            {"resources": Resources(format=1, route=Route(lead_time_days=2))},
            "1 resource or need of one (lead time 2 days of the route)",
        ),
        ({"sheets": WHOLE.sheets | {"bob": SEEN}}, "1 answer (AVL-01 seen by other)"),
        (
            {"agreed": assessment({}, settled={"AVL-01": ROOM}).agreed},
            "1 answer (AVL-01 by the room)",
        ),
        (
            {"scope": WHOLE.scope.model_copy(update={"target_date": AS_OF})},
            f"1 premise (target date {AS_OF})",
        ),
    ],
)
def test_whatever_held_a_case_back_is_told_when_it_is_gone(then, told):
    """As a milestone keeps it, too."""
    before = WHOLE.model_copy(update=then)
    (found,) = (one for one in removed_since(before, WHOLE) if "document" not in one)

    assert found.startswith(told)
    assert removed_since(kept_in_a_milestone(before), before) == ()


@pytest.mark.parametrize(
    ("changed", "is_told"),
    [
        ({"fingerprint": "sha256:other"}, True),
        ({}, False),
        ({"fingerprint": "none"}, False),
        ({"fingerprint": "sha256:other", "rows": 12}, False),
    ],
)
def test_other_content_in_as_many_rows_is_told(changed, is_told):
    """Rows that came in may stand beside old ones that are others: nobody can tell."""

    def holds(**update):
        (table,) = WHOLE.data.tables
        new = table.model_copy(
            update={"rows": 10, "fingerprint": "sha256:own"} | update
        )
        data = WHOLE.data.model_copy(update={"tables": (new,)})
        return WHOLE.model_copy(update={"data": data})

    told = ("1 table with other content in as many rows (t)",) if is_told else ()
    assert removed_since(holds(), holds(**changed)) == told


@pytest.mark.parametrize(
    ("then", "now", "update", "is_told"),
    [
        (24, 3, {}, True),
        ("<10", 0, {}, True),
        (24, "<10", {}, True),
        ("<10", 5, {}, False),
        (3, 24, {}, False),
        (24, 3, {"rows": 10}, False),
        (24, 3, {"declared": "sha256:other"}, False),
    ],
)
def test_table_that_grew_and_in_which_less_fails_has_other_older_rows(
    then, now, update, is_told
):
    """New rows take no duplicate away; another promise, or fewer rows, may."""

    def holds(value, **changed):
        found = finding("keys-unique", "contradicts").model_copy(
            update={"value": value}
        )
        case = assessment(findings=[found])
        (table,) = case.data.tables
        tables = (table.model_copy(update=changed),)
        data = case.data.model_copy(update={"tables": tables})
        return case.model_copy(update={"data": data})

    before, after = holds(then, rows=10), holds(now, **{"rows": 12} | update)
    told = ("1 table that grew with older rows changed (t)",) if is_told else ()

    assert removed_since(before, after) == told
    assert removed_since(kept_in_a_milestone(before), after) == told


def test_table_that_has_fewer_rows_or_days_is_told():
    """Bad rows may have been deleted before it was measured; more rows are no news."""
    spans = [
        finding("source-opened", "supports").model_copy(
            update={"check": "history-span", "value": days}
        )
        for days in (365, 180)
    ]
    before, after = (assessment(findings=[span]) for span in spans)
    (table,) = after.data.tables
    fewer = table.model_copy(update={"rows": table.rows - 1})
    after = after.model_copy(
        update={"data": after.data.model_copy(update={"tables": (fewer,)})}
    )

    assert removed_since(before, after) == (
        f"1 of {table.rows:,} rows of t",
        "185 of 365 days of t",
    )
    assert removed_since(after, before) == ()


def test_rows_that_are_gone_stand_beside_the_key_that_they_repaired():
    """They may be the duplicates; they are told all the same."""
    before, after = (
        assessment(findings=[finding("keys-unique", outcome, subject="t.k")])
        for outcome in ("contradicts", "supports")
    )
    (table,) = after.data.tables
    fewer = table.model_copy(update={"rows": table.rows - 1})
    after = after.model_copy(
        update={"data": after.data.model_copy(update={"tables": (fewer,)})}
    )
    told = f"1 of {table.rows:,} rows of t"

    assert removed_since(before, after) == (
        f"{told} (failed then, passes now: keys-unique of t.k)",
    )
    assert removed_since(before, before, after)[0].startswith(told)
    assert turned(before, after, passes=True) == ("keys-unique of t.k",)
    assert turned(after, before, passes=True) == ()
    assert turned(after, before, passes=False) == ("keys-unique of t.k",)


def kept_in_a_milestone(case):
    """What a milestone keeps of a case."""
    asked = bank(question("AVL-01"))
    return freeze(score(asked, case), case, asked, version="1").inputs


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (("ann",), ()),
        (("ann", "bob"), ()),
        (("bob",), ("1 holder replaced (owner)",)),
        ((), ("1 entry of the register (role owner)",)),
    ],
)
def test_holder_who_was_replaced_is_told_by_milestones_that_have_no_names(now, told):
    """Whoever answers for a role now is somebody else; others may come or go."""
    roles = (RoleHolder(role="owner", held_by=now or "nobody-yet", deputies=("zoe",)),)
    register = REGISTER.model_copy(update={"roles": roles})
    after = WHOLE.model_copy(update={"stakeholders": register})
    then = kept_in_a_milestone(WHOLE)

    assert "ann" not in str(then.stakeholders)
    assert removed_since(then, after) == told
    assert removed_since(then, kept_in_a_milestone(after)) == told


def test_answer_of_another_does_not_stand_in_for_one_that_is_gone():
    """Milestones have no names, and tell the two apart; earlier ones do not."""
    after = WHOLE.model_copy(update={"sheets": {"bob": WHOLE.sheets["ann"]}})
    nameless = WHOLE.model_copy(
        update={"sheets": {"respondent-001": WHOLE.sheets["ann"]}}
    )

    for then in (WHOLE, kept_in_a_milestone(WHOLE)):
        assert removed_since(then, after) == ("1 answer (AVL-01 by owner)",)
    assert removed_since(nameless, after) == ()


SERVER = Server(server="a", type="postgres", host="db", user_variable="READYBOOK_U")


def read_from(*servers, location="t"):
    """The case, with its table on those servers."""
    (table,) = DATA_MODEL.tables
    tables = (table.model_copy(update={"location": location}),)
    model = DATA_MODEL.model_copy(update={"servers": servers, "tables": tables})
    return WHOLE.model_copy(update={"data_model": model})


@pytest.mark.parametrize(
    ("now", "is_told"),
    [
        (read_from(SERVER), False),
        (read_from(SERVER.model_copy(update={"server": "b"})), False),
        (read_from(SERVER.model_copy(update={"user_variable": None})), False),
        (read_from(SERVER.model_copy(update={"host": "other"})), True),
        (read_from(SERVER, SERVER.model_copy(update={"port": 1})), True),
        (read_from(SERVER, location="u"), True),
        (read_from(), False),
    ],
)
def test_source_that_moved_is_told_by_milestones_that_say_no_place(now, is_told):
    """Whoever measures other rows is seen; another name of a server is no move."""
    then = kept_in_a_milestone(read_from(SERVER))
    told = ("1 source of data moved (t)",) if is_told else ()

    assert "db" not in str(then.data_model)
    assert removed_since(then, now) == told
    assert removed_since(then, kept_in_a_milestone(now)) == told
    assert removed_since(kept_in_a_milestone(read_from()), now) == ()


def test_holder_of_a_milestone_that_tells_nobody_apart_is_not_told():
    """Earlier versions kept numbers alone."""
    roles = (RoleHolder(role="owner", held_by=("respondent-001",)),)
    register = REGISTER.model_copy(update={"roles": roles})
    then = WHOLE.model_copy(update={"stakeholders": register})

    assert removed_since(then, WHOLE) == ()


@pytest.mark.parametrize("at", [0, 1, 2])
def test_what_was_removed_before_the_last_of_several_looks_is_told(at):
    """A milestone that is frozen after something went does not make it forgotten."""
    bare = WHOLE.model_copy(update={"stakeholders": Stakeholders(format=1)})
    looks = [WHOLE if n == at else bare for n in range(3)]

    assert removed_since(*looks, bare) == removed_since(WHOLE, bare) != ()
    assert removed_since(bare, bare, bare) == ()


def test_decisions_that_are_gone_and_exceptions_that_were_moved_are_named():
    """An exception that was made longer in its place is told like one taken away."""
    kept = Decisions(
        format=1,
        decisions=(Decision(id="buy", asked="?", asked_of="owner", asked_on=AS_OF),),
        exceptions=(
            GateException(gate="AVL-01", asked_by="other", approved_by="owner",
                          because="So.", on=AS_OF, until=AS_OF),
        ),
        replies=(Reply(role="owner", to="AVL-01", text="No.", on=AS_OF),),
    )  # fmt: skip
    then = WHOLE.model_copy(update={"decisions": kept})
    longer = kept.exceptions[0].model_copy(update={"until": AS_OF.replace(year=2099)})
    moved = kept.model_copy(update={"exceptions": (longer,)})
    bare = then.model_copy(update={"decisions": Decisions(format=1)})

    assert removed_since(then, then) == ()
    assert removed_since(then, then.model_copy(update={"decisions": moved})) == (
        "1 entry of decisions.yaml (exception of AVL-01 by owner until 2026-06-30)",
    )
    assert removed_since(then, bare) == (
        (
            "3 entries of decisions.yaml (decision buy, exception of AVL-01 by owner until "
            "2026-06-30, reply to AVL-01 by owner)"
        ),
    )
