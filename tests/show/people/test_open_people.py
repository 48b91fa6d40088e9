"""Whom the case needs: each gap with whose move it is, the gravest kind first."""

from __future__ import annotations

from flight_case import flight_bank
from readybook.model.register import Stakeholders
from readybook.show.people.open_people import who_we_need
from register_case import CHANGED, asset, buy_in, case, days_ago, holder, signed
from resource_case import resource
from samples import answer, sheet, without
from shown import case_of, rows_of

BANK = flight_bank()


def needs_of(assessment):
    """The piece, and the words of its rows."""
    shown = who_we_need(case_of(assessment, BANK))
    return shown, rows_of(shown)


def test_role_that_nobody_holds_is_for_the_sponsor_to_name():
    """With what it must permit."""
    feed = resource("feed", grants="security")
    _, rows = needs_of(case(roles=(holder("security"),), resources=(feed,)))

    assert rows[0] == (
        "Nobody holds the role Security lead, which must permit feed "
        "Sponsor: Name who holds it."
    )


def test_each_kind_of_gap_has_somebody_whose_move_it_is():
    """Owners, permissions, agreements, load, deputies, confirmations."""
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
    kinds = "\n".join(rows)

    assert "Nobody accountable What free is" in kinds
    assert "2 accountable What pair is Data owner, Sponsor" in kinds
    assert (
        "Owner opposed What pair is Data owner, Sponsor: opposed and 1 more as of "
        "20 November 2026 Sponsor: Win this role over, or find another owner."
    ) in kinds
    assert (
        "Permission waits Machine it was to take 30 days asked 40 days ago Finance: "
        "Say yes or no."
    ) in kinds
    assert (
        "Agreement out of date The categories of orders.status orders.status: category "
        "void was added agreed on 10 November 2026 Data owner: Agree again."
    ) in kinds
    assert (
        "Agreement missing The categories of orders.status, the categories of "
        "orders.channel and 1 more Sponsor: Agree, or say what is wrong."
    ) in kinds
    assert (
        "No deputy 1 asset falls with one person or none Sponsor: Name a deputy."
        in kinds
    )
    assert "Approver without deputy Finance must permit node" in kinds
    assert "Not confirmed What pair is never Data owner, Sponsor: Confirm it." in kinds
    assert shown.text.startswith("11 gaps wait for somebody")
    assert len(rows) == 9


def test_permission_that_waits_for_a_role_without_holder_says_so():
    """Nobody there can say yes or no."""
    feed = resource("feed", grants="security", asked_on=days_ago(9))
    _, rows = needs_of(case(roles=(holder("security"),), resources=(feed,)))

    assert rows[1].endswith("Security lead (nobody yet): Say yes or no.")


def test_permission_that_was_answered_waits_for_nobody():
    """A yes and a no are both answers; one of after the as-of date is none yet."""
    asked = {"grants": "finance", "asked_on": days_ago(9)}
    rows = (
        resource("yes", granted_on=days_ago(1), **asked),
        resource("no", refused_on=days_ago(1), **asked),
        resource("later", granted_on=days_ago(-1), **asked),
    )
    shown, _ = needs_of(case(roles=(holder("finance", "a", "b"),), resources=rows))

    assert shown.text.startswith("1 gap waits for somebody. Permission waits: Finance")


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

    assert "from improvised to in place and watched" in rows[-1]
    assert rows[-1].endswith("Settle it.")
    assert "person-a" not in shown.html


def test_nobody_named_yet_is_said():
    """Without a register there is nothing to judge."""
    bare = without(case(), "stakeholders")
    empty = case().model_copy(update={"stakeholders": Stakeholders(format=1)})

    assert needs_of(bare)[0].text == "Nobody is named yet: stakeholders.yaml."
    assert needs_of(empty)[0].text == "Nothing that is declared waits for anybody."
