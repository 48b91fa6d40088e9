"""Tricks that no tool can see through: the front page tells what was done.

Each begins beside a milestone of the honest case. Whoever reads the page finds out what
is asked no more, what is gone, and on whose word it rests.
"""

import datetime as dt
import re
import shutil

import pytest

import ready_case as case
from doctoring import (
    WEAK,
    again,
    answer,
    drifted,
    empty_category,
    ends_early,
    high_stakes,
    keep_milestone,
    looked,
    missing_values,
    no_permission,
    no_sponsor,
    outdated,
    refused,
    settle,
    settled_low,
    sheet_of,
    small_machine,
    tell,
)

pytestmark = pytest.mark.slow
TOLD = []


def told(weak, *says):
    """Add a trick with the honest case that it begins with and what is told of it."""

    def add(do):
        assert do.__doc__, f"what does the lead do in {do.__name__}?"
        TOLD.append(pytest.param(do, weak, says, id=do.__name__.replace("_", "-")))
        return do

    return add


@told(missing_values, "measured by the team itself")
def typed_and_sealed(folder):
    """Type that no value is missing, forget the failure, and seal both files anew."""
    with case.typed(folder, sealed=True) as content:
        for finding in content["findings"]:
            if finding["outcome"] == "contradicts":
                finding.update(value=0, outcome="supports")
    with case.typed(folder, "failures", sealed=True) as content:
        content["findings"] = []


@told(missing_values, "Gone or loosened since", "432 of 2,160 rows of orders")
def bad_rows_deleted(folder):
    """Delete the rows without a price before measuring."""
    rows = [row for row in case.read_rows(folder, "orders") if row["price"]]
    case.write_rows(folder, "orders", rows)
    case.measured(folder)


@told(missing_values, "60 of 180 days of orders")
def bad_months_deleted(folder):
    """Keep only the last months, of which all prices were filled in."""
    rows = [
        r for r in case.read_rows(folder, "orders") if r["ordered_at"] >= "2026-07-31"
    ]
    case.write_rows(folder, "orders", rows)
    case.measured(folder)


@told(missing_values, "3 sources of data moved")
def other_rows_measured(folder):
    """Lay made-up rows without a gap elsewhere, and let the contract read those."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        contract["servers"][0]["path"] = "made-up/{model}.csv"
    rows = case.read_rows(folder, "orders")
    shutil.copytree(folder / "data", folder / "made-up")
    case.write_rows(
        folder,
        "../made-up/orders",
        [row | {"price": row["price"] or 7} for row in rows],
    )
    case.measured(folder)


@told(missing_values, "2 tables with other content in as many rows (arrived, orders)")
def missing_prices_made_up(folder):
    """Write a price where there is none, in place."""
    rows = [r | {"price": r["price"] or 7} for r in case.read_rows(folder, "orders")]
    case.write_rows(folder, "orders", rows)
    case.measured(folder)


@told(missing_values, "Missing values are tolerated: orders.price, up to 100.0 %")
def nearly_every_price_may_be_missing(folder):
    """Tolerate that nearly every price is missing, and let all agree to that."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        price = case.column_of(contract, "orders", "price")
        del price["required"]
        limit = {"mustBeLessOrEqualTo": 99.99, "unit": "percent"}
        price["quality"] = [{"metric": "nullValues", **limit}]
    again(folder)


def late_labels(folder):
    """Every outcome is known after 20 days, and 5 are tolerated."""
    rows = case.read_rows(folder, "orders")
    for row in rows:
        day = dt.date.fromisoformat(row["ordered_at"][:10]) + dt.timedelta(days=20)
        row["settled_at"] = day
    case.write_rows(folder, "orders", rows)
    case.measured(folder)


@told(late_labels, "The outcome is known in time: orders.late, up to 36,524 days")
def a_century_tolerated(folder):
    """Tolerate that outcomes are known after a century, and let all agree to that."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        case.say(case.column_of(contract, "orders", "late"), labelDelay="P100Y")
    again(folder)


def summer_lost(folder):
    """The orders of six weeks are gone."""
    rows = [r for r in case.read_rows(folder, "orders")
            if not "2026-07-15" <= r["ordered_at"] < "2026-09-01"]  # fmt: skip
    case.write_rows(folder, "orders", rows)
    case.measured(folder)


@told(summer_lost, "readiness.calendar: orders, closed for 48 days on end")
def shops_said_to_have_been_closed(folder):
    """Declare a calendar over the gap, and let all agree to that."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        closed = [{"from": "2026-07-15", "to": "2026-08-10"},
                  {"from": "2026-08-11", "to": "2026-08-31"}]  # fmt: skip
        case.say(case.table_of(contract, "orders"), calendar={"closed": closed})
    again(folder)


@told(
    drifted, "changes.yaml: 27 changes, so that a step of orders is near one on 100 %"
)
def change_declared_every_week(folder):
    """Enter a change for each week, so that any step was declared."""
    first = case.FIRST - dt.timedelta(days=3)
    changes = [
        {"id": f"week-{n}", "date": first + dt.timedelta(weeks=n), "what": "Something",
         "kind": "procedure", "tables": ["orders"]}
        for n in range(27)
    ]  # fmt: skip
    case.write(folder, "changes.yaml", {"format": 1, "changes": changes})
    case.measured(folder)


@told(empty_category, "1 of 3 categories of orders.shop (west)")
def category_dropped_by_all(folder):
    """Promise only the shops that there are, and let all agree to that."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        case.column_of(contract, "orders", "shop")["enum"].pop()
    again(folder)


@told(empty_category, "1 of 3 categories of orders.shop (west)")
def milestone_frozen_after_the_category_was_dropped(folder):
    """Drop the promise, and freeze a milestone to compare with later."""
    category_dropped_by_all(folder)
    keep_milestone(folder, "2026-11-29")


@told(empty_category, "1 of 3 categories of orders.shop (west)")
def rolled_back(folder):
    """Put back contract, sign-offs, evidence and list as they were before the promise."""
    shutil.rmtree(folder / "evidence")
    with case.edited(folder, "data.odcs.yaml") as contract:
        case.column_of(contract, "orders", "shop")["enum"].pop()
    case.probed(folder, case.probe())
    again(folder)


def empty_by_default(folder):
    """The contract names a third shop, of which there is no row, and says no number."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        case.column_of(contract, "orders", "shop")["enum"].append({"value": "west"})
    again(folder)


@told(empty_by_default, "promise of the data model", "categories west any row")
def category_let_be_empty(folder):
    """Say that the shop needs no rows, and let all agree to that."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        west = case.column_of(contract, "orders", "shop")["enum"][-1]
        west["customProperties"] = case.said(minRows=0)
    again(folder)


@told(empty_category, "1 failure withdrawn", "3 of 3 categories of orders.shop")
def failure_withdrawn_by_its_authority(folder):
    """Let the data owner withdraw the categories, and promise none."""
    row = {"check": "categories-populated", "subject": "orders.shop", "by": "data-owner",
           "because": "Not for us.", "on": case.AS_OF}  # fmt: skip
    with case.edited(folder, "assessment.yaml") as scope:
        scope["withdrawn"] = [row]
    with case.edited(folder, "data.odcs.yaml") as contract:
        del case.column_of(contract, "orders", "shop")["enum"]
    again(folder)


@told(small_machine, "measured by the team itself")
def machine_of_somebody_else_probed(folder):
    """Probe the laptop of a colleague in the name of the machine."""
    case.probed(folder, case.probe())


@told(no_sponsor, "1 holder replaced (sponsor)")
def sponsor_replaced(folder):
    """Enter another sponsor, who has the budget."""
    with case.edited(folder, "stakeholders.yaml") as register:
        row = next(one for one in register["roles"] if one["role"] == "sponsor")
        row["held_by"] = ["another-sponsor"]
    with answer(folder, "sponsor", "OWN-01") as own:
        own["answer"] = 4
    (folder / "answers/sponsor.yaml").rename(folder / "answers/another-sponsor.yaml")


@told(
    no_sponsor,
    "12 roles held by 1 person, a small team",
    "11 sheets of people who do not hold",
)
def lead_holds_every_role(folder):
    """Enter the lead as the one who holds every role."""
    with case.edited(folder, "stakeholders.yaml") as register:
        for row in register["roles"]:
            row.update(held_by=["data-scientist"], deputies=[])


def deputy_of_finance_answers_as_sponsor(folder):
    """Lose the sponsor's sheet, and let somebody whom the register knows answer."""
    sheet_of(folder, "finance-deputy", "sponsor", OWN_01=4)
    (folder / "answers" / "sponsor.yaml").unlink()


STRANGE = "not in the register: who answered as sponsor"


@told(no_sponsor, STRANGE)
def vacant_role_is_answered_by_who_holds_another(folder):
    """Say that nobody is sponsor yet, and let the deputy of finance answer as one."""
    with case.edited(folder, "stakeholders.yaml") as register:
        row = next(one for one in register["roles"] if one["role"] == "sponsor")
        row.update(held_by="nobody-yet", deputies=[])
    deputy_of_finance_answers_as_sponsor(folder)


@told(no_sponsor, STRANGE)
def role_that_is_not_registered_is_answered_by_who_holds_another(folder):
    """Drop the sponsor from the register, and let the deputy of finance answer."""
    with case.edited(folder, "stakeholders.yaml") as register:
        row = next(one for one in register["roles"] if one["role"] == "sponsor")
        register["roles"].remove(row)
    deputy_of_finance_answers_as_sponsor(folder)


@told(no_sponsor, "1 answer said to be settled in the room")
def settled_as_two_people_are_said_to_have(folder):
    """Enter that the sponsor and the business owner have agreed to the opposite."""
    settle(folder, "sponsor", "business-owner")


@told(outdated, "Not ready for production: 1 gate fails (1 question waved off")
def agreement_waved_off(folder):
    """Wave off that all have agreed, beside a sign-off that is out of date."""
    with answer(folder, "data-owner", "OWN-11") as own:
        own |= {"answer": "does-not-apply", "reason": "out-of-scope",
                "because": "It is small.", "approved_by": "sponsor"}  # fmt: skip
        del own["proof"]


@told(
    high_stakes, "Lost time or money that can be made good.", "1 premise (stakes high)"
)
def stakes_called_low(folder):
    """Declare that little is at stake."""
    with case.edited(folder, "assessment.yaml") as scope:
        scope["facts"]["stakes"] = "low"


def full_track(folder):
    """All questions are asked; those beyond the starter track are not answered yet."""
    with case.edited(folder, "assessment.yaml") as scope:
        scope["track"] = "full"


@told(full_track, "asked, the first few", "1 premise (track full)")
def asked_less(folder):
    """Ask no more than the starter track does."""
    with case.edited(folder, "assessment.yaml") as scope:
        scope["track"] = "starter"


@told(no_sponsor, "Scope For pilot.", "1 premise (phase production)")
def aimed_lower(folder):
    """Aim at a pilot, which needs less."""
    with case.edited(folder, "assessment.yaml") as scope:
        scope["phase"] = "pilot"


@told(no_permission, "lead time 10 days of node")
def permission_said_to_take_a_year(folder):
    """Say that permissions take a year, so that none is late."""
    with case.edited(folder, "resources.yaml") as resources:
        resources["resources"][0]["lead_time_days"] = 365


@told(ends_early, "1 premise (target date 2027-03-31)")
def target_date_brought_forward(folder):
    """Aim at a day on which the permission still lasts."""
    with case.edited(folder, "assessment.yaml") as scope:
        scope["target_date"] = dt.date(2027, 1, 15)


@told(ends_early, "expires 2027-01-31 of node")
def last_day_of_permission_taken_out(folder):
    """Say nothing of when the permission ends."""
    with case.edited(folder, "resources.yaml") as resources:
        del resources["resources"][0]["expires"]


@told(refused, "refused on 2026-11-20 of node")
def refusal_taken_out(folder):
    """Enter a yes in place of the no."""
    with case.edited(folder, "resources.yaml") as resources:
        (node,) = resources["resources"]
        del node["refused_on"]
        node["granted_on"] = case.SAID


@told(small_machine, "probe node of node")
def another_machine_named(folder):
    """Name the probe of a larger machine."""
    with case.edited(folder, "resources.yaml") as resources:
        resources["resources"][0]["probe"] = "server"
    case.probed(folder, case.probe(memory=32), "server")


@told(no_sponsor, "1 answer (OWN-01 by sponsor)")
def deputy_answers_in_place_of_the_sponsor(folder):
    """Lose the sponsor's sheet, and let the deputy answer."""
    sheet_of(folder, "sponsor-deputy", "sponsor", OWN_01=4)
    (folder / "answers" / "sponsor.yaml").unlink()


@told(looked, "1 answer (OWN-01 seen by security)")
def look_taken_out(folder):
    """Take out what security has seen."""
    with case.edited(folder, "answers/security.yaml") as sheet:
        del sheet["confirms"]


@told(settled_low, "1 answer (OWN-01 by the room)")
def what_was_settled_is_taken_out(folder):
    """Keep something else that the room has settled."""
    settle(folder, "sponsor", "business-owner", question="SCP-01", answer=3)


@pytest.mark.parametrize("weak", WEAK, ids=lambda one: one.__name__)
def test_honest_case_is_told_as_it_is(honest, weak):
    """What a trick is to hide is there without it."""
    assert re.match(WEAK[weak], honest(weak)[1])


@pytest.mark.parametrize(("do", "weak", "says"), TOLD)
def test_front_page_tells_what_no_tool_can_see_through(
    honest, tmp_path, do, weak, says
):
    """It may be honest; whoever decides is told, and can ask."""
    own, *_ = honest(weak)
    folder = tmp_path / own.name
    shutil.copytree(own, folder)
    keep_milestone(folder, f"{case.MEASURED}")
    *_, before = tell(folder)
    do(folder)
    *_, page = tell(folder)

    assert "Gone or loosened" not in before
    for one in says:
        assert one in page
