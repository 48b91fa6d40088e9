"""Owners, roles, approvers and sign-offs: each finding with its sentence."""

from __future__ import annotations

import itertools
import operator

import pytest

from flight_case import flight_bank
from readybook.checks.catalogue import CHECKS
from readybook.checks.findings import collect_findings
from readybook.checks.owners import register_notes
from readybook.checks.sign_offs import SignOffs
from readybook.model.case import SignOff
from register_case import (
    CHANGED,
    FAILED,
    MODEL,
    PASSED,
    SILENT,
    asset,
    bears,
    buy_in,
    case,
    column,
    days_ago,
    found,
    holder,
    model,
    signed,
    table,
)
from resource_case import resource
from samples import without

ROLES = ("data-owner", "data-engineer", "sponsor", "legal", "finance", "security")
SHOPS = asset("shops-table", covers=("shops",))
HELD = holder("data-owner", "a", deputies=("b",), buy_in=buy_in("committed"))


def both(**keys):
    """Two assets that stand for all that is needed; the first one is as told."""
    keys = {"confirmed_on": days_ago(10)} | keys
    other = asset("shops-table", covers=("shops",), confirmed_on=days_ago(10))
    return asset(**keys), other


def test_one_accountable_role_supports():
    """Every needed table has an asset, and each asset one owner."""
    assessment = case(*both())

    assert found("owners-single", assessment)["orders-table"].message == (
        "Data owner alone is accountable for orders-table."
    )
    assert bears("owners-single", assessment) == PASSED


def test_asset_that_nobody_is_accountable_for_contradicts():
    """It is told with what it is."""
    assessment = case(*both(accountable=()))

    assert found("owners-single", assessment)["orders-table"].message == (
        "Nobody is accountable for orders-table: What orders-table is."
    )
    assert bears("owners-single", assessment) == FAILED


def test_two_accountable_roles_contradict():
    """With two of them, nobody has the last word."""
    assessment = case(*both(accountable=("data-owner", "sponsor")))

    assert found("owners-single", assessment)["orders-table"].message == (
        "Data owner and sponsor are both accountable for orders-table: nobody has the "
        "last word."
    )
    assert bears("owners-single", assessment) == FAILED


def test_needed_table_without_an_asset_keeps_every_check_from_passing():
    """A register that leaves something out proves nothing of all that is needed."""
    assessment = case(asset(confirmed_on=days_ago(10)), roles=(HELD,))

    for check in ("owners-single", "owners-willing", "owners-confirmed", "roles-known"):
        assert bears(check, assessment) == SILENT


def test_need_without_a_field_keeps_a_check_from_passing():
    """Nobody can own what nobody has found."""
    assessment = case(*both(), needs=(None,))

    assert bears("owners-single", assessment) == SILENT


@pytest.mark.parametrize("state", ["unaware", "opposed"])
def test_owner_who_is_unaware_or_opposed_contradicts(state):
    """It is told since when, and how that is known."""
    against = holder("data-owner", "a", buy_in=buy_in(state))
    assessment = case(*both(), roles=(against,))

    assert found("owners-willing", assessment)["orders-table"].message == (
        f"Data owner is accountable for orders-table and {state}, as of "
        "20 November 2026 (said so)."
    )
    assert bears("owners-willing", assessment) == FAILED


@pytest.mark.parametrize("state", ["aware", "supportive", "committed"])
def test_owner_who_knows_of_it_supports(state):
    """Being aware is enough not to contradict."""
    assessment = case(*both(), roles=(holder("data-owner", "a", buy_in=buy_in(state)),))

    assert bears("owners-willing", assessment) == PASSED


def test_buy_in_of_after_the_as_of_date_is_not_known_yet():
    """Nobody knew on that day how the owner stands."""
    later = holder("data-owner", "a", buy_in=buy_in("opposed", age=-1))
    assessment = case(*both(), roles=(later,))

    assert found("owners-willing", assessment)["orders-table"].message == (
        "Data owner is accountable for orders-table; how that role stands to the case "
        "is not recorded."
    )
    assert bears("owners-willing", assessment) == SILENT


def test_confirmation_counts_for_ninety_days():
    """On the ninetieth day it still does."""
    assessment = case(*both(confirmed_on=days_ago(90)))

    assert found("owners-confirmed", assessment)["orders-table"].message == (
        "Data owner last confirmed orders-table on 1 September 2026, 90 days ago."
    )
    assert bears("owners-confirmed", assessment) == PASSED


def test_confirmation_of_over_ninety_days_ago_counts_as_said():
    """It is told with its age, withdraws its support, and contradicts nothing."""
    assessment = case(*both(confirmed_on=days_ago(91)))
    finding = found("owners-confirmed", assessment)["orders-table"]

    assert finding.outcome == "informs"
    assert finding.message == (
        "Data owner last confirmed orders-table on 31 August 2026, 91 days ago, which "
        "is more than 90."
    )
    assert bears("owners-confirmed", assessment) == SILENT


@pytest.mark.parametrize("on", [None, days_ago(-1)])
def test_owner_who_never_confirmed_contradicts(on):
    """A confirmation of after the as-of date is none."""
    assessment = case(*both(confirmed_on=on))

    assert found("owners-confirmed", assessment)["orders-table"].message == (
        "Data owner never confirmed being accountable for orders-table."
    )
    assert bears("owners-confirmed", assessment) == FAILED


def test_role_of_one_person_without_a_deputy_is_a_single_point():
    """Its assets fall with that person."""
    assessment = case(*both(), roles=(holder("data-owner", "a"),))

    assert found("owners-backed", assessment)["orders-table"].message == (
        "Data owner has no deputy: orders-table falls with one person."
    )
    assert bears("owners-backed", assessment) == FAILED


@pytest.mark.parametrize(
    "held",
    [holder("data-owner", "a", deputies=("b",)), holder("data-owner", "a", "b")],
    ids=["deputy", "two holders"],
)
def test_two_people_behind_a_role_back_its_assets(held):
    """A deputy counts, and so does a second holder."""
    assessment = case(*both(), roles=(held,))

    assert found("owners-backed", assessment)["orders-table"].message == (
        "2 people can answer for orders-table: data owner."
    )
    assert bears("owners-backed", assessment) == PASSED


def test_deputy_who_holds_the_role_is_no_second_person():
    """Nobody stands in for oneself."""
    assessment = case(*both(), roles=(holder("data-owner", "a", deputies=("a",)),))

    assert bears("owners-backed", assessment) == FAILED


def test_deputies_who_stand_in_for_each_other_are_told():
    """With either of them gone, one person is left for both roles."""
    roles = (
        holder("data-owner", "a", deputies=("b",)),
        holder("sponsor", "b", deputies=("a",)),
        holder("security", "c", deputies=("a",)),
    )
    told = [note.key for note in register_notes(case(*both(), roles=roles))]

    assert "roles data-owner deputies" in told
    assert "roles security deputies" not in told


def test_asset_of_a_role_that_nobody_holds_falls_with_it():
    """A deputy of nobody is nobody."""
    assessment = case(*both(), roles=(holder("data-owner", deputies=("b",)),))

    assert found("owners-backed", assessment)["orders-table"].message == (
        "Nobody holds data owner: orders-table falls with that role."
    )


def test_role_that_the_register_lacks_says_nothing_of_deputies():
    """What is not declared is not measured."""
    assert bears("owners-backed", case(*both())) == SILENT


@pytest.mark.parametrize(
    ("keys", "message", "expected"),
    [
        ({}, ("Data owner is accountable for m and committed, as of 20 November 2026 "
             "(said so)."), PASSED),
        ({"accountable": ()}, "Nobody is accountable for m: What m is.", FAILED),
        ({"accountable": ("sponsor", "data-owner")},
         ("Sponsor and data owner are both accountable for m: nobody has the last word."), FAILED),
        ({"accountable": ("sponsor",)}, "Nobody holds sponsor, accountable for m.",
         FAILED),
    ],
    ids=["one", "nobody", "two", "held by nobody"],
)  # fmt: skip
def test_model_in_production_wants_one_owner_who_is_there(keys, message, expected):
    """One finding of its own, since another question asks for it."""
    owned = asset("m", kind="model", covers=(), **keys)
    assessment = case(owned, roles=(HELD, holder("sponsor")))

    assert found("model-owned", assessment)["m"].message == message
    assert bears("model-owned", assessment) == expected
    assert "m" not in found("owners-single", assessment)
    key = "sponsor held_by" if "sponsor, acc" in message else "m accountable"
    source = found("model-owned", assessment)["m"].threshold_source
    assert source == f"stakeholders.yaml: {key if keys else 'data-owner buy_in'}"


def spread(heavy, light):
    """A register in which one role has so many assets, and another one so many."""
    owned = [asset(f"h{n}", covers=("orders", "shops")) for n in range(heavy)]
    others = [asset(f"l{n}", accountable=("sponsor",)) for n in range(light)]
    return case(*owned, *others)


def test_role_with_more_than_half_of_the_assets_carries_too_much():
    """It is told with both shares, and decides nothing."""
    finding = found("load-spread", spread(3, 2), flight_bank())["data-owner"]

    assert finding.outcome == "informs"
    assert finding.value == 0.6
    assert finding.message.startswith(
        "Data owner is accountable for 3 of 5 assets, more than half, and answers "
    )
    assert bears("load-spread", spread(3, 2)) == SILENT


def test_half_of_the_assets_is_not_too_much():
    """The line is crossed above half only."""
    assert bears("load-spread", spread(2, 2)) == PASSED


def test_share_of_three_assets_says_nothing():
    """In a small register one role has most."""
    assert found("load-spread", spread(3, 0))["data-owner"].outcome == "supports"


def test_register_that_is_not_there_is_no_finding():
    """A blank form is neither a pass nor a fail."""
    assessment = without(case(), "stakeholders")
    checks = {one.check for one in collect_findings(assessment)}

    assert not checks & {"owners-single", "roles-known", "agreements-current"}
    assert CHECKS["owners-single"].subjects(assessment) == (
        "table orders",
        "table shops",
    )
    assert bears("owners-single", assessment) == SILENT


def test_asset_that_is_called_like_a_table_is_judged_anew():
    """That the contract changed since the data was measured does not age the register."""
    assessment = case(asset("orders", covers=("orders", "shops")))

    assert bears("owners-single", assessment) == PASSED


# --- needs and roles ---------------------------------------------------------------


def test_needed_table_with_an_owner_supports():
    """An asset stands for the table, and somebody is accountable for it."""
    assessment = case(asset(), SHOPS)

    assert found("needs-owned", assessment)["table orders"].message == (
        "Data owner answers for orders, of which 2 fields are needed."
    )
    assert bears("needs-owned", assessment) == PASSED


def test_needed_table_that_no_asset_stands_for_contradicts():
    """The register is in use, and leaves it out."""
    assessment = case(asset())

    assert found("needs-owned", assessment)["table shops"].message == (
        "Nobody is accountable for shops, of which 1 field is needed."
    )
    assert bears("needs-owned", assessment) == FAILED


def test_needed_field_without_an_owner_is_named():
    """Where assets stand for fields, the ones left out are told."""
    status = asset("status", kind="category", covers=("orders.status",))

    assert found("needs-owned", case(status, SHOPS))["table orders"].message == (
        "Nobody is accountable for orders.channel."
    )


def test_register_that_covers_no_data_says_nothing_of_needs():
    """Before the first asset says what it stands for, nothing is known."""
    assessment = case(asset(covers=(), kind=None))

    assert found("needs-owned", assessment)["table orders"].message == (
        "No asset says that it stands for orders: key covers."
    )
    assert bears("needs-owned", assessment) == SILENT


def test_need_without_a_field_can_have_no_owner():
    """Who can say where it is, is told."""
    assert found("needs-owned", case(needs=(None,)))["need need-0"].message == (
        "No field is known for need-0, so nobody can own it; data owner can say where "
        "it is."
    )


@pytest.mark.parametrize(
    ("held", "message", "expected"),
    [
        ("a", "Data owner is named 2 times; 1 person can answer for it.", PASSED),
        (None, "Data owner is named 2 times, and nobody holds that role.", FAILED),
    ],
)
def test_role_that_is_named_must_be_held(held, message, expected):
    """A role that nobody holds owns nothing."""
    role = holder("data-owner", *filter(None, [held]))
    assessment = case(asset(), SHOPS, roles=(role,))

    assert found("roles-known", assessment)["data-owner"].message == message
    assert bears("roles-known", assessment) == expected


def test_role_that_the_register_lacks_is_told():
    """It is named by an asset and listed nowhere."""
    assessment = case(asset(), SHOPS, roles=(holder("sponsor", "a"),))

    assert found("roles-known", assessment)["data-owner"].message == (
        "Data owner is named 2 times, and the register lacks that role."
    )
    assert bears("roles-known", assessment) == SILENT


@pytest.mark.parametrize(
    ("people", "message", "expected"),
    [
        ((), "Security must permit feed, and nobody holds that role.", FAILED),
        (("a",), "Security must permit feed: one person, without a deputy.", PASSED),
        (("a", "b"), "Security must permit feed; 2 people can.", PASSED),
    ],
)
def test_approver_is_somebody_and_a_missing_deputy_is_told(people, message, expected):
    """Nobody fails, one is told, two suffice."""
    feed = resource("feed", grants="security")
    assessment = case(roles=(holder("security", *people),), resources=(feed,))

    assert found("granters-backed", assessment)["security"].message == message
    assert bears("granters-backed", assessment) == expected


def test_resource_that_waits_for_nobody_named_keeps_approvers_from_passing():
    """Somebody asked for it, and nobody is named who could say yes."""
    feed = resource("feed", grants="security")
    lost = resource("lost", asked_on=days_ago(5))
    roles = (holder("security", "a", "b"),)

    assert bears("granters-backed", case(roles=roles, resources=(feed, lost))) == SILENT


# --- sign-offs ---------------------------------------------------------------------


def test_one_changed_category_makes_exactly_its_sign_offs_stale():
    """The model, the table and the list that hold it; no other one."""
    covers = ("model", "orders", "shops", "orders.status", "orders.channel")
    given = [signed("data-owner", part) for part in covers]
    assessment = case(sign_offs=given, data_model=CHANGED)

    outcomes = {
        subject.partition("/")[2]: finding.outcome
        for subject, finding in found("agreements-current", assessment).items()
    }
    assert outcomes == {
        "model": "informs",
        "orders": "informs",
        "shops": "supports",
        "orders.status": "informs",
        "orders.channel": "supports",
    }


def test_stale_sign_off_says_what_changed_and_who_agrees_again():
    """Field by field, with the day of the agreement."""
    assessment = case(sign_offs=[signed("data-owner", "orders")], data_model=CHANGED)

    assert found("agreements-current", assessment)["data-owner/orders"].message == (
        "Data owner agreed to table orders on 10 November 2026; since then "
        "orders.status: category void was added. That role has to agree again."
    )
    assert bears("agreements-current", assessment) == SILENT


def test_sign_off_of_what_is_still_so_supports():
    """Nothing changed."""
    assessment = case(sign_offs=[signed("data-owner", "model")])

    assert found("agreements-current", assessment)["data-owner/model"].message == (
        "Data owner agreed to the data model on 10 November 2026; nothing in it has "
        "changed since."
    )
    assert bears("agreements-current", assessment) == PASSED


def test_sign_off_whose_content_is_not_stored_is_told_and_not_fatal():
    """That it is stale is known; what changed is not."""
    entry, _ = signed("data-owner", "orders")
    assessment = case(sign_offs=[(entry, {})], data_model=CHANGED)

    assert found("agreements-current", assessment)["data-owner/orders"].message == (
        "Data owner agreed to table orders on 10 November 2026; it has changed since, "
        "and what it covered is not stored. That role has to agree again."
    )
    assert [str(note) for note in register_notes(assessment)] == [
        (
            "stakeholders.yaml: sign_offs data-owner orders: found a fingerprint whose "
            "file is not in agreements/, expected what `readybook sign-off` writes, do: "
            "put the file back, or sign off again"
        )
    ]


def test_sign_off_without_a_fingerprint_decides_nothing():
    """It was written by hand: to which version is not known."""
    entry = SignOff(role="data-owner", covers="orders", on=days_ago(3))
    assessment = case(sign_offs=[(entry, {})])

    assert found("agreements-current", assessment)["data-owner/orders"].message == (
        "Data owner agreed to table orders on 27 November 2026; to which version is "
        "not recorded: run readybook sign-off."
    )
    assert bears("agreements-current", assessment) == SILENT


def test_sign_off_of_a_part_that_is_gone_is_told():
    """The table was removed from the data model."""
    assessment = case(
        sign_offs=[signed("data-owner", "shops")], data_model=model(MODEL.tables[0])
    )

    assert found("agreements-current", assessment)["data-owner/shops"].message == (
        "Data owner agreed to table shops on 10 November 2026; the data model has no "
        "such part now."
    )


def test_sign_off_of_after_the_as_of_date_is_none():
    """It has not happened yet, and nothing is missing before the first one."""
    assessment = case(asset(), SHOPS, sign_offs=[signed("data-owner", "model", age=-1)])

    assert found("agreements-current", assessment) == {}
    assert bears("agreements-complete", assessment) == SILENT


def test_newest_sign_off_of_a_part_counts():
    """Who agreed again has agreed."""
    given = [
        signed("data-owner", "orders", age=40),
        signed("data-owner", "orders", by=CHANGED, age=5),
    ]
    assessment = case(sign_offs=given, data_model=CHANGED)

    assert bears("agreements-current", assessment) == PASSED


def test_every_owner_and_worker_of_a_category_list_has_to_agree():
    """Accountable and responsible roles; whoever agreed to more agreed to it."""
    owned = (asset(responsible="data-engineer"), SHOPS)
    given = [signed("data-owner", "model"), signed("data-engineer", "orders")]
    assessment = case(*owned, sign_offs=given)

    assert SignOffs(assessment).wanted == (
        ("data-owner", "orders.status"),
        ("data-engineer", "orders.status"),
        ("data-owner", "orders.channel"),
        ("data-engineer", "orders.channel"),
        ("data-owner", "shops.region"),
    )
    assert bears("agreements-complete", assessment) == PASSED


def test_agreement_that_is_missing_leaves_open_whether_that_role_has_agreed():
    """It may have elsewhere; were it a failure, the first sign-off would worsen a case."""
    owned = (asset(responsible="data-engineer"), SHOPS)
    assessment = case(*owned, sign_offs=[signed("data-owner", "model")])
    finding = found("agreements-complete", assessment)["data-engineer/orders.status"]

    assert finding.message == (
        "Data engineer has not agreed to the categories of orders.status."
    )
    assert bears("agreements-complete", assessment) == SILENT


#: One sign-off in each state: current, out of date, of what is gone, of no version, of
#: a version that is not stored, of a later day.
IN_EACH_STATE = {
    "current": signed("data-owner", "model", by=model(CHANGED.tables[0])),
    "out of date": signed("data-engineer", "orders"),
    "gone": signed("data-owner", "shops"),
    "not bound": (SignOff(role="sponsor", covers="orders", on=days_ago(3)), {}),
    "not stored": (signed("legal", "orders.status")[0], {}),
    "later": signed("data-engineer", "model", age=-1),
}


@pytest.mark.parametrize("check", ["agreements-current", "agreements-complete"])
def test_no_sign_off_is_worse_than_none_whatever_its_state(check):
    """Who agreed once, to what was changed since, is no worse than who never did."""
    owned, now = asset(responsible="data-engineer"), model(CHANGED.tables[0])
    seen = {
        names: bears(
            check,
            case(owned, sign_offs=[IN_EACH_STATE[n] for n in names], data_model=now),
        )
        for size in range(len(IN_EACH_STATE) + 1)
        for names in itertools.combinations(IN_EACH_STATE, size)
    }

    for names, (_, *bounds) in seen.items():
        for one in names:
            fewer = seen[tuple(name for name in names if name != one)][1:]
            assert all(map(operator.ge, bounds, fewer)), (names, one)


def test_agreement_of_before_a_change_is_told_and_decides_nothing():
    """It is not known what that role says of it now."""
    codes = [f"c{n}" for n in range(5)]
    changed = model(table("orders", column("status", "new", "paid", *codes)))
    given = [signed("data-owner", "orders.status")]
    assessment = case(asset(), sign_offs=given, data_model=changed)

    def of(check):
        return found(check, assessment)["data-owner/orders.status"]

    assert of("agreements-complete").message == (
        "Data owner agreed to the categories of orders.status as it was, and has to "
        "agree again."
    )
    added = "orders.status: category {} was added"
    assert of("agreements-current").message == (
        "Data owner agreed to the categories of orders.status on 10 November 2026; since "
        f"then {'; '.join(map(added.format, codes[:3]))}; and 2 more. That role has to "
        "agree again."
    )
    assert (of("agreements-current").value, of("agreements-current").threshold) == (
        5,
        0,
    )
    three = model(table("orders", column("status", "new", "paid", *codes[:3])))
    whole = case(asset(), sign_offs=given, data_model=three)
    told = found("agreements-current", whole)["data-owner/orders.status"].message
    assert told.endswith(f"{added.format('c2')}. That role has to agree again.")


def test_asset_of_nobody_leaves_open_what_its_owner_would_say():
    """Who agreed, confirmed and stands in is asked of nobody."""
    assessment = case(asset("a", accountable=()))

    assert {
        check: found(check, assessment)["a"].message
        for check in ("owners-willing", "owners-confirmed", "owners-backed")
    } == {
        "owners-willing": "Nobody is accountable for a, so nobody could agree to it.",
        "owners-confirmed": "Nobody is accountable for a, so nobody could confirm it.",
        "owners-backed": "Nobody is accountable for a, so nobody stands in.",
    }


def test_of_several_owners_the_unwilling_one_is_told_then_the_unknown_one():
    """Whoever stands worst to the case decides."""
    fine = holder("data-owner", "a", buy_in=buy_in("committed"))
    against = holder("sponsor", "b", buy_in=buy_in("opposed"))
    pair = asset("a", accountable=("data-owner", "sponsor"))

    def told(*roles):
        return found("owners-willing", case(pair, roles=roles))["a"].message

    assert told(fine, against).startswith("Sponsor is accountable for a and opposed, ")
    assert told(fine, holder("sponsor", "b")) == (
        "Sponsor is accountable for a; how that role stands to the case is not recorded."
    )


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_no_sign_off_lowers_a_bound(order):
    """Whoever signs first leaves no more open than nobody did, in any order."""
    owned = (asset(responsible="data-engineer"), SHOPS)
    given = [
        signed("data-owner", "orders"),
        signed("data-engineer", "orders"),
        signed("data-owner", "shops"),
    ]
    cases = [
        case(*owned, sign_offs=[given[at] for at in order[:number]])
        for number in range(4)
    ]
    seen = [
        {
            name: bears(name, one)
            for name in ("agreements-current", "agreements-complete")
        }
        for one in cases
    ]

    assert all(FAILED not in one.values() for one in seen)
    assert [one["agreements-complete"] for one in seen] == [SILENT] * 3 + [PASSED]


def test_category_list_that_no_asset_stands_for_keeps_agreements_from_passing():
    """Nobody knows who would have to agree."""
    assessment = case(asset(), sign_offs=[signed("data-owner", "model")])

    assert bears("agreements-complete", assessment) == SILENT


# --- what is told without refusing -------------------------------------------------


@pytest.mark.parametrize(
    ("deputies", "told"),
    [
        ("bca bca", 0),  # in a ring each has somebody who is there when one is away
        ("bac bac", 1),
        ("bab ccb", 2),
        ("bcb caa", 3),
        ("dde fde", 0),
    ],
)
def test_two_who_stand_in_for_each_other_are_told_once(deputies, told):
    """Three people hold six roles; with either of two away, both roles are empty."""
    people = deputies.replace(" ", "")
    roles = tuple(
        holder(role, held, deputies=(deputy,))
        for role, held, deputy in zip(ROLES, "abcabc", people, strict=True)
        if held != deputy
    )
    notes = [one for one in register_notes(case(roles=roles)) if "reverse" in one.found]

    assert len(notes) == told
    assert all("do not stand in for each other" in one.expected for one in notes)


def test_slips_of_a_register_are_told_with_the_nearest_name():
    """What an asset or a sign-off covers and nothing declares; a deputy of oneself."""
    owned = asset(covers=("order", "orders.status", "node"))
    entry = SignOff(role="data-owner", covers="orders.statis", on=days_ago(3))
    roles = (holder("data-owner", "a", deputies=("a",)),)
    assessment = case(
        owned, roles=roles, sign_offs=[(entry, {})], resources=(resource("node"),)
    )

    turned = case(
        roles=(
            holder("data-owner", "a", deputies=("b",)),
            holder("sponsor", "b", deputies=("a",)),
        )
    )
    assert [str(note) for note in register_notes(turned)] == [
        (
            "stakeholders.yaml: roles data-owner deputies: found who holds sponsor, and the "
            "reverse, expected deputies who do not stand in for each other, do: name a third "
            "person"
        )
    ]
    assert [str(note) for note in register_notes(assessment)] == [
        (
            "stakeholders.yaml: roles data-owner deputies: found 'a', who holds the role, "
            "expected somebody else, do: name who stands in, or remove the entry"
        ),
        (
            "stakeholders.yaml: assets orders-table covers: found 'order', expected a "
            "table, a table.field or a resource that is declared, do: did you mean "
            "'orders'?"
        ),
        (
            "stakeholders.yaml: sign_offs data-owner orders.statis: found "
            "'orders.statis', which the data model lacks, expected the model, a table or "
            "a declared category list, do: did you mean 'orders.status'?"
        ),
    ]


def test_limit_is_seconded_by_another_person_not_by_another_role():
    """Who holds both roles agrees with nobody."""
    own, other = holder("data-owner", "ann"), holder("security", "bob")
    alone = holder("security", "ann")
    signs = [signed("security", "model")]

    def seconded(*roles):
        told = SignOffs(case(roles=roles, sign_offs=signs))
        return told.seconded("orders.status", but="data-owner")

    assert seconded(own, other)
    assert not seconded(own, alone)
    assert not SignOffs(case()).seconded("orders.status", but="data-owner")
