"""Who owns what, who agreed, and whom the case needs, the gravest kind first."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from flight_case import flight_assessment, flight_bank
from readybook.model.case import BuyIn, RoleHolder, Stakeholders
from readybook.show.evidence import register_findings
from readybook.show.ownership import (
    agreement_matrix,
    agreements,
    changes_since,
    open_people,
    ownership_matrix,
    roles_table,
)
from register_case import (
    CHANGED,
    MODEL,
    asset,
    buy_in,
    case,
    column,
    days_ago,
    holder,
    model,
    signed,
    table,
)
from resource_case import resource
from samples import answer, sheet, without
from shown import case_of, notes_of, rows_of, words_of

BANK = flight_bank()
FLIGHTS = case_of(flight_assessment(), BANK)
SHOPS = asset("shops-table", covers=("shops",))


def cells_of(fragment):
    """The words of each cell, row by row."""
    body = fragment.html.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [words_of(cell) for cell in re.split(r"</t[hd]>", row)[:-1]]
        for row in body.split("</tr>")[:-1]
    ]


def owners(*assets, roles=()):
    """The ownership matrix of these assets, row by row."""
    return ownership_matrix(case_of(case(*assets, roles=roles), BANK))


def test_role_that_nobody_holds_is_not_one_that_nobody_declared():
    """Nobody yet, and not declared, are two things."""
    assert rows_of(roles_table(FLIGHTS)) == [
        "Sponsor Decides. 1 person",
        "Data owner Decides. 1 person Data office",
        "Data scientist Decides. not declared",
        "Platform lead Decides. not declared",
        "Security lead Decides. nobody yet",
        "Legal counsel Decides. not declared",
        "Finance Decides. not declared",
    ]


def test_respondents_are_named_to_the_team_only():
    """Leadership reads how many, the team reads who."""
    shared = holder("sponsor", "a", "b", deputies=("c", "d"))
    told = case_of(case(roles=(shared,)), BANK)

    assert rows_of(roles_table(told))[0] == "Sponsor Decides. 2 people 2"
    assert rows_of(roles_table(replace(told, edition="team")))[0] == (
        "Sponsor Decides. a, b c, d"
    )


def test_deputies_and_stance_of_a_role_are_shown():
    """Leadership counts deputies; what was known after the as-of date is left out."""
    told = {"on": FLIGHTS.assessment.as_of, "known_from": "said so"}
    roles = (
        RoleHolder(
            role="sponsor",
            held_by=("person-a",),
            deputies=("person-d",),
            buy_in=BuyIn(state="opposed", **told),
        ),
    )
    now = flight_assessment(stakeholders=Stakeholders(format=1, roles=roles))
    before = now.model_copy(update={"as_of": now.as_of - dt.timedelta(days=1)})
    case, earlier = case_of(now, BANK), case_of(before, BANK)

    shown = roles_table(case)

    assert rows_of(shown)[0] == "Sponsor Decides. 1 person 1 opposed 30 November 2026"
    assert rows_of(roles_table(earlier))[0] == "Sponsor Decides. 1 person 1"
    assert 'class="m cross">opposed' in shown.html


def test_matrix_has_a_letter_for_each_part_that_a_role_plays():
    """One role may play several parts in one asset."""
    shown = owners(
        asset(
            responsible="data-owner",
            consulted=("platform-lead",),
            informed=("sponsor",),
        )
    )

    assert "<b>A</b> R" in shown.html
    assert cells_of(shown)[0][1:4] == ["I", "A R", "C"]


def test_asset_with_one_willing_owner_and_a_deputy_is_fine():
    """Its state is a word, not an empty cell."""
    held = holder("data-owner", "a", "b", buy_in=buy_in("aware"))
    shown = owners(asset(confirmed_on=days_ago(5)), roles=(held,))

    assert cells_of(shown)[0][-1] == "one owner"
    assert shown.text == ("1 of 1 asset has exactly one accountable role")
    assert notes_of(shown) == [
        "A: accountable. R: responsible. C: consulted. I: informed."
    ]
    assert owners(asset(accountable=())).text == (
        "None of 1 asset have exactly one accountable role"
    )


def test_everything_that_is_wrong_with_an_asset_is_told_gravest_first():
    """Nobody or several, against it, unconfirmed, without a deputy."""
    held = holder("data-owner", "a", buy_in=buy_in("opposed"))
    shown = owners(
        asset("one", confirmed_on=days_ago(120)),
        asset("two", accountable=("data-owner", "sponsor")),
        asset("three", accountable=()),
        asset("four", kind="model"),
        roles=(held,),
    )
    states = [row[-1] for row in cells_of(shown)]

    assert states == [
        "owner opposed confirmed 120 days ago no deputy",
        "2 accountable owner opposed never confirmed",
        "nobody accountable",
        "owner opposed never confirmed no deputy",
    ]


def test_no_asset_is_said():
    """An empty register says what to fill in."""
    assert owners().text == "Nobody has listed yet what must have an owner."


def test_agreement_is_current_out_of_date_or_missing():
    """Categories by stakeholders, with the day of the agreement."""
    assessment = case(
        asset(responsible="platform-lead"),
        SHOPS,
        sign_offs=[
            signed("data-owner", "orders"),
            signed("data-owner", "model"),
            signed("platform-lead", "orders.channel"),
        ],
        data_model=CHANGED,
    )
    shown = agreement_matrix(case_of(assessment, BANK))

    assert shown.text == (
        "3 of 7 agreements that are asked for or were given are current, 3 out of date, 1 "
        "missing"
    )
    assert notes_of(shown) == []
    assert cells_of(shown) == [
        ["The data model", "out of date 10 November 2026", ""],
        ["Table orders", "out of date 10 November 2026", ""],
        ["Categories of orders.status", "out of date 10 November 2026", "missing"],
        [
            "Categories of orders.channel",
            "agreed 10 November 2026",
            "agreed 10 November 2026",
        ],
        ["Categories of shops.region", "agreed 10 November 2026", ""],
    ]


def test_table_with_a_dot_in_its_name_is_shown_as_a_table():
    """Its categories are a row of their own."""
    dotted = model(table("main.orders", column("status", "new")))
    given = [signed("data-owner", "main.orders", by=dotted)]
    rows = cells_of(
        agreement_matrix(case_of(case(sign_offs=given, data_model=dotted), BANK))
    )

    assert [row[0] for row in rows] == [
        "Table main.orders",
        "Categories of main.orders.status",
    ]


@pytest.mark.parametrize(
    ("given", "rest"),
    [
        (["orders"], ["None is asked for, or was given, of shops."]),
        (["shops.region"], ["None is asked for, or was given, of orders."]),
        (["orders.status", "shops"], []),
        (["model"], []),
    ],
)
def test_tables_on_which_no_agreement_is_asked_for_are_named(given, rest):
    """A count of what is asked for must not read like a count of all."""
    sign_offs = [signed("data-owner", part) for part in given]
    assessment = case(sign_offs=sign_offs, data_model=MODEL)

    assert notes_of(agreement_matrix(case_of(assessment, BANK))) == rest


def test_change_since_an_agreement_stands_below_the_matrix():
    """Field by field, with who has to agree again."""
    given = [signed("data-owner", "orders.status")]
    stale = case(asset(), SHOPS, sign_offs=given, data_model=CHANGED)
    fresh = case(asset(), SHOPS, sign_offs=given, data_model=MODEL)

    assert cells_of(changes_since(case_of(stale, BANK))) == [
        [
            "Data owner has to agree again",
            "the categories of orders.status",
            "10 November 2026",
            "orders.status: category void was added",
        ]
    ]
    assert agreements(case_of(stale, BANK)).text.splitlines()[1:] == [
        "What changed since it was agreed"
    ]
    assert len(agreements(case_of(fresh, BANK)).text.splitlines()) == 1
    assert changes_since(case_of(fresh, BANK)).text == (
        "Nothing has changed since the sign-offs."
    )


def test_change_that_is_not_known_or_is_the_whole_part_is_said():
    """What was agreed to was not stored; or the data model has no such part now."""
    entry, _ = signed("data-owner", "orders.status")
    unstored = case(asset(), sign_offs=[(entry, {})], data_model=CHANGED)
    gone = case(
        asset(),
        sign_offs=[signed("data-owner", "shops")],
        data_model=model(MODEL.tables[0]),
    )

    assert cells_of(changes_since(case_of(unstored, BANK)))[0][-1] == (
        "something; what was agreed to is not stored"
    )
    assert cells_of(changes_since(case_of(gone, BANK)))[0][-1] == (
        "the data model: table shops was removed"
    )


def test_nobody_named_who_would_have_to_agree_is_said():
    """Without assets and sign-offs there is no matrix."""
    assert agreement_matrix(case_of(case(), BANK)).text == (
        "Nobody is named yet who would have to agree."
    )


def test_findings_are_told_check_by_check():
    """What fails is told; of many alike, the first stands for all."""
    many = [asset(f"a{n}", accountable=()) for n in range(5)]
    rows = cells_of(register_findings(case_of(case(*many, asset("b")), BANK)))
    row = next(one for one in rows if one[0].startswith("One accountable role each"))

    assert row[1:3] == ["Contradicted", "1 of 6"]
    assert (
        row[3] == "Nobody is accountable for a0: What a0 is. likewise: a1, a2, a3, a4"
    )


def test_text_of_people_is_escaped():
    """A tag in a name is shown, never run."""
    html = owners(asset().model_copy(update={"what": "<b>bold</b>"})).html

    assert "&lt;b&gt;bold" in html
    assert not re.search(r"<b>bold", html)


# --- whom the case needs -------------------------------------------------------------


def needs_of(assessment):
    """The piece, and the words of its rows."""
    shown = open_people(case_of(assessment, BANK))
    return shown, rows_of(shown)


def test_role_that_nobody_holds_is_for_the_sponsor_to_name():
    """With what it must permit."""
    feed = resource("feed", grants="security")
    _, rows = needs_of(case(roles=(holder("security"),), resources=(feed,)))

    assert rows[0] == (
        "Nobody holds the role Security lead, which must permit: Machine "
        "Sponsor: Name who holds it."
    )


def test_role_that_the_register_lacks_is_for_whoever_names_people():
    """The sponsor; leadership where the bank has no such role."""
    roles = tuple(one for one in BANK.roles if one.id != "sponsor")
    few = BANK.model_copy(update={"roles": roles})

    for bank, who in ((BANK, "Sponsor"), (few, "Leadership")):
        shown = open_people(case_of(flight_assessment(), bank))
        assert rows_of(shown)[0] == (
            f"Role not in the register Platform lead, which must permit: Machine for training "
            f"and 1 more {who}: Name who holds it."
        )


def test_each_kind_of_gap_has_somebody_whose_move_it_is():
    """Owners, agreements, load, deputies, confirmations."""
    one, two = (
        holder("data-owner", "a"),
        holder("sponsor", "b", buy_in=buy_in("opposed")),
    )
    assessment = case(
        asset("free", accountable=(), covers=("shops",)),
        asset("pair", accountable=("data-owner", "sponsor"), covers=("orders",)),
        asset("gone", accountable=("sponsor",), confirmed_on=days_ago(10)),
        roles=(one, two, holder("finance", "c")),
        sign_offs=[signed("data-owner", "orders.status")],
        resources=(
            resource(
                "node", grants="finance", asked_on=days_ago(40), lead_time_days=30
            ),
        ),
        data_model=CHANGED,
    )
    shown, rows = needs_of(assessment)

    assert rows == [
        "Nobody accountable What free is Sponsor: Find it an owner.",
        (
            "2 accountable What pair is Data owner, Sponsor Sponsor: Settle who has the last "
            "word."
        ),
        (
            "Owner opposed What pair is Data owner, Sponsor: opposed and 1 more as of "
            "20 November 2026 Sponsor: Win this role over, or find another owner."
        ),
        (
            "Agreement out of date The categories of orders.status orders.status: category "
            "void was added agreed on 10 November 2026 Data owner: Agree again."
        ),
        (
            "Agreement missing The categories of orders.status, the categories of "
            "orders.channel and 1 more Sponsor: Agree, or say what is wrong."
        ),
        "No deputy 1 asset falls with one person or none Sponsor: Name a deputy.",
        (
            "Approver without deputy Finance must permit node: one person, without a deputy. "
            "Finance: Name a deputy."
        ),
        "Not confirmed What pair is never Data owner, Sponsor: Confirm it.",
    ]
    assert shown.text == (
        "10 gaps wait for somebody\nNobody accountable: Sponsor; 2 accountable: Sponsor; "
        "Owner opposed: Sponsor; Owner opposed: Sponsor; "
        "Agreement out of date: Data owner; Agreement missing: Sponsor; Agreement "
        "missing: Data owner; No deputy: Sponsor; Approver without deputy: Finance; Not "
        "confirmed: Data owner, Sponsor"
    )
    assert notes_of(shown) == ["Of each kind the first; the chapters have all."]


def test_owner_that_is_absent_or_unaware_is_told_once():
    """A model with one owner is not told as one without."""
    unaware = holder("data-owner", "a", "b", buy_in=buy_in("unaware"))
    _, rows = needs_of(
        case(asset("m", kind="model", confirmed_on=days_ago(1)), roles=(unaware,))
    )

    assert rows == [
        (
            "Owner unaware What m is Data owner: unaware as of 20 November 2026 "
            "Sponsor: Win this role over, or find another owner."
        )
    ]


def test_role_that_carries_too_much_is_relieved():
    """More than half of four assets and more."""
    held = [holder(role, "a", "b") for role in ("data-owner", "sponsor")]
    many = [asset(f"a{n}", confirmed_on=days_ago(1)) for n in range(5)]
    rows = needs_of(case(*many, roles=tuple(held)))[1]
    (told,) = (row for row in rows if row.startswith("Carries too much"))

    assert told.endswith(" Sponsor: Hand some of it to another role.")


def test_first_three_changes_stand_with_an_agreement_that_is_out_of_date():
    """The chapter of the agreement has all."""
    codes = ("new", "paid", "a", "b", "c", "d")
    changed = model(table("orders", column("status", *codes)), MODEL.tables[1])
    given = [signed("data-owner", "orders.status")]
    shown, _ = needs_of(case(asset(), sign_offs=given, data_model=changed))

    assert shown.html.count("was added") == 3


def test_more_of_a_kind_are_counted():
    """Leadership sees one of each; the chapters have the rest."""
    owned = [asset(f"a{n}", accountable=()) for n in range(5)]
    shown, rows = needs_of(case(*owned))

    assert len(rows) == 1
    assert "What a0 is and 4 more" in rows[0]
    assert "5 gaps wait for somebody" in shown.html


def test_split_is_a_range_with_the_role_that_settles_it():
    """Who said what stays in the team's edition."""
    asked = next(q for _, q in BANK.questions)
    sheets = {
        "person-a": sheet(role=asked.authority, answers={asked.id: answer(1)}),
        "person-b": sheet(role="finance", answers={asked.id: answer(4)}),
    }
    assessment = case().model_copy(update={"sheets": sheets})
    shown, rows = needs_of(assessment)

    assert rows[-1] == (
        f"People differ {asked.title}, {asked.id} from improvised to in place and "
        "watched Sponsor: Settle it."
    )
    assert "person-a" not in shown.html


def test_nobody_named_yet_is_said():
    """Without a register, or with an empty one, there is nothing to judge."""
    bare = without(case(), "stakeholders")
    empty = case().model_copy(update={"stakeholders": Stakeholders(format=1)})

    assert needs_of(bare)[0].text == "Nobody is named yet for any role."
    assert needs_of(empty)[0].text == "Nobody is named yet for any role."


def test_agreement_is_missed_only_once_anybody_has_signed():
    """Before, everything would be missing, and the row would say nothing."""
    owners = (asset(), SHOPS)
    unsigned, _ = needs_of(case(*owners))
    begun, _ = needs_of(
        case(*owners, sign_offs=[signed("data-owner", "orders.status")])
    )

    assert "Agreement missing" not in unsigned.text
    assert "Agreement missing: Data owner" in begun.text


def test_kinds_come_in_their_order():
    """Roles before owners before load and deputies."""
    feed = resource("feed", grants="security")
    _, rows = needs_of(
        case(asset(accountable=()), roles=(holder("security"),), resources=(feed,))
    )

    assert rows[0].startswith("Nobody holds the role")
    assert rows[1].startswith("Nobody accountable")
