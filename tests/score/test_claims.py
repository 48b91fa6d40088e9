"""Whose word counts, which documents stand behind it, and how far proof carries it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from readybook.checks.catalogue import CHECKS
from readybook.checks.findings import by_subject, check_contract
from readybook.checks.sign_offs import SignOffs
from readybook.model.bank import StandIn
from readybook.model.case import (
    Need,
    NotNeeded,
    Proof,
    RoleHolder,
    Settled,
    Stakeholders,
)
from readybook.model.contract import Column, Relationship, Sample, Selection
from readybook.model.results import Bounds, CheckResult
from readybook.score.claims import (
    Claim,
    Document,
    as_stand_ins,
    carry,
    check_results,
    claim_of,
)
from readybook.score.sentences import derive
from samples import (
    AS_OF,
    DATA_MODEL,
    answer,
    assessment,
    bank,
    confirmation,
    days_ago,
    finding,
    question,
    sheet,
    waved_off,
)

ASKED = question("SCP-01")
GATE = question("SCP-01", gate=("pilot", 2))


def claim(given=None, *, of=ASKED, other=None, confirms=None, settled=None):
    """What is claimed where the owner, another role and the room said this."""
    sheets = {
        "ann": sheet("owner", {"SCP-01": given} if given else {}),
        "bob": sheet(
            "other",
            {"SCP-01": other} if other else {},
            {"SCP-01": confirms} if confirms else {},
        ),
    }
    room = {"SCP-01": settled} if settled else None
    return claim_of(of, assessment(sheets, settled=room))


def test_private_note_is_given_to_nobody():
    """The team's page and result.json are made from what this returns."""
    told = claim(answer(3, note="Ask me.")).given[0]
    kept = claim(answer(3, note="Between us.", private=True)).given[0]

    assert told.note == "Ask me."
    assert kept.note is None


def test_given_says_who_counts():
    """All answers are shown; the authority's counts, until the room settles it."""
    room = Settled(
        answer=2, because="We looked.", present=("owner", "other"), date=days_ago(1)
    )
    alone = claim(answer(3), other=answer(4))
    settled = claim(answer(3), other=answer(4), settled=room)

    assert [(one.role, one.counts) for one in alone.given] == [
        ("owner", True),
        ("other", False),
    ]
    assert [one.counts for one in settled.given] == [False, False]


def test_room_counts_from_its_day_on_and_gives_its_document():
    """What is settled later has not happened; what the room filed is on file."""
    proof = Proof(reference="minutes", date=days_ago(3), shelf_life_days=30)
    room = Settled(
        answer=4,
        because="We saw.",
        present=("owner", "other"),
        date=days_ago(0),
        proof=proof,
    )
    later = room.model_copy(update={"date": days_ago(-1), "proof": None})
    counted = claim(answer(1), of=GATE, settled=room)

    assert (counted.range.upper, counted.agreed_on) == (4, days_ago(0))
    assert [(d.reference, d.role, d.lapses) for d in counted.documents] == [
        ("minutes", "owner", days_ago(3) + dt.timedelta(days=30))
    ]
    assert claim(answer(1), settled=later).range.upper == 1


@pytest.mark.parametrize(
    ("own", "other", "status", "word"),
    [
        (None, 4, "unanswered", (4, 4)),
        ("unknown", 4, "unknown", (0, 4)),
        (None, "unknown", "unanswered", (0, 4)),
        (2, 4, "answered", (2, 2)),
    ],
)
def test_other_roles_count_on_word_alone_where_the_authority_is_silent(
    own, other, status, word
):
    """An authority that does not know is not overruled by who says that they do."""
    said = claim(None if own is None else answer(own), other=answer(other))

    assert said.status == status
    assert (said.word.lower, said.word.upper) == word


@pytest.mark.parametrize(
    ("levels", "split"),
    [
        ((2, 3), None),
        ((1, 3), (1, 3)),
        (("unknown", 2), None),
        (("unknown", 3), (3, 3)),
        (("unknown", "unknown"), None),
    ],
)
def test_split_begins_two_levels_apart_or_where_one_does_not_know(levels, split):
    """Beside "we don't know", only "in place" and more is a split."""
    first, second = (answer(level) for level in levels)
    found = claim(first, other=second).split

    assert (found and (found.lower, found.upper)) == split


def test_wave_off_of_a_gate_alone_needs_an_approver():
    """Reason and text are wanted everywhere; nobody approves of what is theirs."""
    bare = waved_off().model_copy(update={"approved_by": None})
    silent = waved_off().model_copy(update={"because": None})
    own = waved_off().model_copy(update={"approved_by": "owner"})

    assert claim(waved_off(), of=GATE).status == "waved off"
    assert claim(own, of=GATE).status == "unanswered"
    assert claim(bare).status == "waved off"
    assert claim(bare, of=GATE).status == "unanswered"
    assert claim(silent).flags == (
        "'Does not apply' lacks a text, so it counts as open.",
    )


def test_documents_are_the_authority_s_and_what_others_confirm():
    """Nobody confirms what is theirs, and what is dated later is not there yet."""
    seen = claim(
        answer(4, proof_age=9), other=answer(4, proof_age=8), confirms=confirmation(2)
    )
    own = sheet("owner", {"SCP-01": answer(4)}, {"SCP-01": confirmation(4)})
    early = claim(answer(4, proof_age=-1), confirms=confirmation(4, age=-1))

    assert [(d.kind, d.role, d.supports) for d in seen.documents] == [
        ("on file", "owner", 3),
        ("double-checked", "other", 2),
    ]
    assert claim_of(ASKED, assessment({"ann": own})).papers == ()
    assert early.documents == ()
    today = claim(answer(4, age=0, proof_age=0), confirms=confirmation(4, age=0))
    assert [d.kind for d in today.documents] == ["on file", "double-checked"]
    assert today.range == Bounds(lower=4, upper=4)
    assert claim(answer(4, age=-1)).range is None


def test_who_holds_the_role_confirms_nothing_in_another_one():
    """Two roles of one person are one pair of eyes."""
    sheets = {
        "ann": sheet("owner", {"SCP-01": answer(4)}),
        "bob": sheet("other", {}, {"SCP-01": confirmation(4)}),
    }

    def confirmed(*owners):
        roles = (
            RoleHolder(role="owner", held_by=owners),
            RoleHolder(role="other", held_by=("bob",)),
        )
        register = Stakeholders(format=1, roles=roles)
        case = assessment(sheets).model_copy(update={"stakeholders": register})
        return [d.role for d in claim_of(ASKED, case).papers]

    assert confirmed("ann") == ["other"]
    assert confirmed("ann", "bob") == []


@pytest.mark.parametrize(("level", "lower"), [(4, 3), (2, 2), (0, 0)])
def test_what_the_authority_s_own_people_saw_holds_back_and_carries_nothing(
    level, lower
):
    """Whoever is called a deputy after a look does not unsee it."""
    seen = {"SCP-01": confirmation(level)}
    given = {"SCP-01": answer(4, proof_age=9)}
    case = assessment({"ann": sheet("owner", given, seen)})
    carried = carry(claim_of(ASKED, case), ())

    assert (carried.bounds.lower, carried.proof == "contradicted") == (lower, level < 4)


def test_look_of_the_authority_s_own_people_replaces_no_look_of_another():
    """However new it is."""
    sheets = {
        "ann": sheet(
            "owner", {"SCP-01": answer(4)}, {"SCP-01": confirmation(4, age=1)}
        ),
        "bob": sheet("other", {}, {"SCP-01": confirmation(1, age=9)}),
    }

    assert carry(claim_of(ASKED, assessment(sheets)), ()).bounds.lower == 1


@pytest.mark.parametrize(
    ("present", "flag"),
    [
        (
            ("other",),
            (
                "The room settled this without the authority, or the authority has no sheet; "
                "it counts once the authority answers."
            ),
        ),
        (
            ("owner",),
            "The authority settled this alone; it counts once somebody else agrees.",
        ),
    ],
)
def test_room_without_the_authority_or_without_others_settles_nothing(present, flag):
    """What it said is told, and does not count."""
    room = Settled(answer=4, because="Why.", present=present, date=days_ago(1))
    said = claim(answer(1), settled=room)

    assert (said.range, said.flags) == (Bounds(lower=1, upper=1), (flag,))


# --- bounds -----------------------------------------------------------------------

LIFE = dt.timedelta(days=180)  # of source-opened


def result_of(check, *findings, data_model=DATA_MODEL):
    """What one check says where this was found."""
    bound = question("AVL-01", checks=[(check, 3, 1)])
    case = assessment(findings=findings).model_copy(update={"data_model": data_model})
    found = {(one.check, one.subject): one for one in findings}
    (result,) = check_results(bound, case, found, SignOffs(case), AS_OF)
    return result


def two_tables(**changes):
    """The data model with a second table; the first one's declaration may change."""
    first = DATA_MODEL.tables[0].model_copy(update=changes)
    second = DATA_MODEL.tables[0].model_copy(update={"name": "u"})
    return DATA_MODEL.model_copy(update={"tables": (first, second)})


@pytest.mark.parametrize(
    ("ages", "outcomes", "outcome", "is_old"),
    [
        ((200, 10), ("contradicts", "contradicts"), "failed", False),
        ((200, 200), ("contradicts", "contradicts"), "failed", True),
        ((200, 10), ("contradicts", "supports"), "failed", True),
        ((10, 200), ("contradicts", "supports"), "failed", False),
        ((200, 10), ("supports", "supports"), "passed", True),
        ((180, 10), ("supports", "supports"), "passed", False),
        ((10, 10), ("supports", "not measured"), "not measured", False),
    ],
)
def test_failure_is_old_when_all_of_it_is_and_a_pass_when_part_of_it_is(
    ages, outcomes, outcome, is_old
):
    """What decides is looked at: of a failed check, the subjects that failed."""
    found = [
        finding("source-opened", said, age=age, subject=table)
        for said, age, table in zip(outcomes, ages, "tu", strict=True)
    ]
    result = result_of("source-opened", *found, data_model=two_tables())

    assert (result.outcome, result.out_of_date) == (outcome, is_old)


@pytest.mark.parametrize(
    ("check", "is_old"), [("source-opened", True), ("lineage-traced", False)]
)
def test_only_what_was_measured_of_the_data_ages_with_the_declaration(check, is_old):
    """What is judged anew each time is never out of date, whatever its subject."""
    changed = two_tables(declared="sha256:other")
    subjects = ("t", "u") if check == "source-opened" else ("t.a", "u.a")
    found = [finding(check, "supports", subject=name) for name in subjects]
    result = result_of(check, *found, data_model=changed)

    assert (result.outcome, result.out_of_date) == ("passed", is_old)


def test_pass_ages_when_its_table_is_declared_no_more():
    """To drop a table is to change what is declared of it; what was found is old."""
    found = finding("fields-present", "supports", subject="t.a")
    case = assessment(findings=[found])
    need = Need(id="a", what="A", use="feature", field="t.a", ask="owner")
    scope = case.scope.model_copy(update={"needs": (need,)})
    model = DATA_MODEL.model_copy(update={"tables": ()})
    bound = question("AVL-02", checks=[("fields-present", 3, 1)])
    seen = {("fields-present", "t.a"): found}
    old = []
    for told in (DATA_MODEL, model):
        one = case.model_copy(update={"scope": scope, "data_model": told})
        (result,) = check_results(bound, one, seen, SignOffs(one), AS_OF)
        old.append((result.outcome, result.out_of_date))

    assert old == [("passed", False), ("passed", True)]


@pytest.mark.parametrize("name", ["t", "public.t"])
def test_finding_ages_with_the_declaration_of_its_table_whatever_its_name(name):
    """A name may have a dot, as that of a table in a schema; the longest counts."""
    changed = DATA_MODEL.tables[0].model_copy(
        update={"name": name, "declared": "sha256:other"}
    )
    other = changed.model_copy(update={"name": "public"})
    model = DATA_MODEL.model_copy(update={"tables": (other, changed)})
    found = finding("keys-unique", "supports", subject=f"{name}.a")
    case = assessment(findings=[found])
    measured = case.data.tables[0].model_copy(update={"table": name})
    data = case.data.model_copy(update={"tables": (measured,)})
    case = case.model_copy(update={"data_model": model, "data": data})
    bound = question("AVL-01", checks=[("keys-unique", 3, 1)])
    seen = {("keys-unique", found.subject): found}
    (result,) = check_results(bound, case, seen, SignOffs(case), AS_OF)

    assert result.findings
    assert result.out_of_date


SAMPLE = Sample.model_validate(
    {"of": "topic", "from": "2026-06-01", "to": "2026-06-09"}
)


@pytest.mark.parametrize("check", ["source-opened", "keys-unique"])
@pytest.mark.parametrize("outcome", ["supports", "contradicts"])
def test_what_passes_on_a_sample_carries_to_partly_in_place(check, outcome):
    """Where nobody else agreed to it; what fails on it proves what it would anyway."""
    rows = Selection()
    subject = "t.a" if check == "keys-unique" else "t"
    found = finding(check, outcome, subject=subject)

    def result(**changes):
        first = DATA_MODEL.tables[0].model_copy(update={"train": rows, "live": rows})
        first = first.model_copy(update=changes)
        model = DATA_MODEL.model_copy(update={"tables": (first,)})
        return result_of(check, found, data_model=model)

    silent, told = result(), result(sample=SAMPLE)

    assert (silent.supports, silent.is_alone) == (3, False)
    assert told.is_alone == (outcome == "supports")
    assert told.supports == (2 if outcome == "supports" else 3)
    assert (told.outcome, told.proves) == (silent.outcome, silent.proves)


@pytest.mark.parametrize(
    ("check", "subject"), [("schema-same", "t"), ("joins-match", "t.a -> u.a")]
)
def test_sample_of_another_table_holds_back_what_rests_on_it(check, subject):
    """Live rows, and partners of a join, may be recorded where the table is not."""
    join = Relationship(table="t", columns=("a",), to_table="u", to_columns=("a",))
    model = two_tables(
        train=Selection(), live=Selection(table="u"), relationships=(join,)
    )
    first, second = model.tables
    columns = (Column(name="a"),)  # which nobody needs for itself
    second = second.model_copy(update={"sample": SAMPLE, "columns": columns})
    model = model.model_copy(update={"tables": (first, second)})
    result = result_of(
        check, finding(check, "supports", subject=subject), data_model=model
    )

    assert (result.outcome, result.is_alone) == ("passed", True)
    assert CHECKS["history-gaps"].rests_on(first, "t") == {"t"}


def test_check_of_nothing_passes_nothing():
    """Where a check has no subject, it neither passes nor fails."""
    bare = DATA_MODEL.model_copy(update={"tables": ()})

    assert result_of("source-opened", data_model=bare).outcome == "not measured"
    row = NotNeeded(checks=("source-opened",), because="Why.", approved_by="other",
                    on=AS_OF)  # fmt: skip
    spared = assessment(not_needed=(row,))
    bound = question("AVL-01", checks=[("source-opened", 3, 1)])
    for model, outcome in ((bare, "not needed"), (DATA_MODEL, "not measured")):
        case = spared.model_copy(update={"data_model": model})
        (result,) = check_results(bound, case, {}, SignOffs(case), AS_OF)
        assert result.outcome == outcome


@pytest.mark.parametrize(
    ("expires", "outcome"),
    [(None, "not needed"), (days_ago(-9), "not needed"), (days_ago(9), "failed")],
)
def test_last_day_held_against_none_is_spared_as_an_unsaid_one(expires, outcome):
    """Where the check is declared as not needed; a supply that ended has failed."""
    (held,) = DATA_MODEL.tables
    table = held.model_copy(update={"expires": expires})
    row = NotNeeded(checks=("supply-not-expired",), because="Why.",
                    approved_by="other", on=AS_OF)  # fmt: skip
    case = assessment(not_needed=(row,), target_date=None)
    model = DATA_MODEL.model_copy(update={"tables": (table,)})
    case = case.model_copy(update={"data_model": model})
    found = by_subject(check_contract(case))
    bound = question("AVL-01", checks=[("supply-not-expired", 3, 1)])

    (result,) = check_results(bound, case, found, SignOffs(case), AS_OF)
    assert result.outcome == outcome


def check(outcome, *, old=False, supports=4, proves=1, age=10):
    """A check that came out like this, with its one finding."""
    said = {"passed": "supports", "failed": "contradicts"}.get(outcome, "not measured")
    return CheckResult(
        check="source-opened",
        title="The data was opened",
        outcome=outcome,
        supports=supports,
        proves=proves,
        out_of_date=old,
        findings=(finding("source-opened", said, age=age),),
    )


def claimed(level, *documents):
    """A claim of one level with these documents, each (kind, supports, days left)."""
    return Claim(
        as_of=AS_OF,
        status="answered",
        range=Bounds(lower=level, upper=level),
        word=Bounds(lower=level, upper=level),
        documents=tuple(
            Document(
                kind, "it", "owner", days_ago(9), AS_OF + dt.timedelta(left), level
            )
            for kind, level, left in documents
        ),
    )


@pytest.mark.parametrize(
    ("documents", "checks", "proof", "lower"),
    [
        ([], [], "said", 1),
        ([("on file", 3, 0)], [], "on file", 3),
        ([("on file", 3, -1)], [], "out of date", 1),
        ([("double-checked", 4, 5)], [], "double-checked", 4),
        ([("double-checked", 2, 5)], [], "contradicted", 2),
        ([("double-checked", 2, -5)], [], "contradicted", 1),
        ([("on file", 3, 5)], [check("not measured", proves=2)], "on file", 2),
        ([("on file", 3, 5), ("double-checked", 4, 5)], [], "double-checked", 4),
        ([("on file", 3, 5)], [check("passed", supports=2)], "measured", 3),
        ([], [check("passed", old=True)], "out of date", 1),
        ([("on file", 3, 5)], [check("passed", proves=2, old=True)], "on file", 2),
        ([("on file", 3, 5)], [check("failed", proves=2)], "contradicted", 2),
        ([("on file", 3, 5)], [check("failed", proves=2, old=True)], "contradicted", 2),
        ([], [check("failed", proves=4)], "said", 1),
    ],
)
def test_strongest_proof_in_date_carries_the_claim(documents, checks, proof, lower):
    """On its last day a proof still counts; a failure counts whatever its age."""
    carried = carry(claimed(4, *documents), tuple(checks))

    assert (carried.proof, carried.bounds.lower) == (proof, lower)
    assert carried.contradicted == (proof == "contradicted")


@pytest.mark.parametrize(
    ("seen_by", "kind", "outcomes", "carries"),
    [
        ("other", "on file", ["not needed"], 2),
        ("owner", "double-checked", ["not needed"], 4),
        ("other", "double-checked", ["not needed"], 2),
        (None, "double-checked", ["not needed"], 4),
        (None, "on file", ["not needed"], 2),
        ("other", "double-checked", ["not needed", "passed"], 4),
        ("other", "double-checked", [], 4),
    ],
)
def test_where_no_check_can_look_the_role_of_the_bank_must_have_seen_it(
    seen_by, kind, outcomes, carries
):
    """Nor does a look of somebody else, who confirms it, contradict it."""
    claim = claimed(4, (kind, 4, 5))  # by the role "owner"
    asked = question(
        "AVL-01",
        authority="business-owner",
        stand_in=StandIn(seen_by=seen_by, proof="A manifest.") if seen_by else None,
    )
    checks = tuple(map(check, outcomes))
    documents = as_stand_ins(asked, claim.documents, checks)
    carried = carry(replace(claim, documents=documents), checks)
    (told,) = derive(
        asked, replace(claim, documents=documents), (), carried, bank=bank()
    )[1:2]

    assert [one.carries for one in documents] == [carries]
    assert not carried.contradicted
    assert ("has seen it" in told.says) == (carries < 4)


def test_first_proof_that_counts_says_when_it_lapses():
    """Documents out of date and checks that failed are not among them."""
    documents = [("on file", 3, -5), ("double-checked", 3, 50)]
    filed = carry(claimed(4, *documents), (check("failed", age=170),))
    measured = carry(claimed(4, *documents), (check("passed", age=170),))

    assert filed.lapses == AS_OF + dt.timedelta(days=50)
    assert measured.lapses == days_ago(170) + LIFE
    assert carry(claimed(4), ()).lapses is None
